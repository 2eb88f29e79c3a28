package booking

import (
	"context"
	"slices"

	"rigg/access"
	"rigg/facilities"
	"rigg/funding"
	"rigg/internal/database"
	"rigg/internal/id"
	"rigg/internal/period"
	"rigg/internal/problem"
)

// Edit is a change of what was booked; nil or zero fields stay as they are.
type Edit struct {
	Resources []id.Resource
	Period    period.Period // a zero Start or End stays
	Purpose   *string
	Attendees *[]Attendee
	Override  string // as Request's
}

func (e Edit) moves(b *Booking) bool {
	return !e.period(b).Start.Equal(b.Period.Start) || !e.period(b).End.Equal(b.Period.End) ||
		(e.Resources != nil && !slices.Equal(e.Resources, b.Chosen()))
}

func (e Edit) period(b *Booking) period.Period {
	p := b.Period
	if !e.Period.Start.IsZero() {
		p.Start = e.Period.Start
	}
	if !e.Period.End.IsZero() {
		p.End = e.Period.End
	}
	return p
}

// Edit moves or resizes a booking that has not begun, or changes its purpose. It
// keeps its reference and state, its version rises, and every rule is applied
// anew: its own old time and money do not count against it. Codes: stale,
// wrong-state, forbidden, not-found, invalid; *Refused.
func (s *Service) Edit(ctx context.Context, by *access.Principal, c Change, e Edit) (*Booking, error) {
	var locked []id.Resource // whose units are
	lock := func(tx *database.Tx, f *Facts) (err error) {
		locked, err = lockUnitsOf(tx, f, c.Ref, e)
		return err
	}
	b, err := s.changeAfter(ctx, by, c, access.ChangeBooking, lock, func(st *step) error {
		if !slices.Equal(locked, st.Resources) {
			return errStale // somebody moved it to other resources meanwhile: lock those
		}
		// A displaced booking has no time that could have begun.
		if st.State != Requested && st.State != Confirmed && st.State != Displaced {
			return st.wrongState()
		}
		if st.State != Displaced && !st.tx.Now.Before(st.Period.Start) {
			return CodeWrongState.Say("Bokningen har redan börjat och kan inte längre ändras.",
				"The booking has already begun and can no longer be changed.").With("state", st.State)
		}
		if e.moves(st.Booking) || st.State == Displaced && e.Purpose == nil && e.Attendees == nil {
			return s.move(st, e)
		}
		return st.describe(e)
	})
	return b, s.withAlternatives(ctx, err)
}

// describe changes what does not take time: the purpose, and who comes along.
func (s *step) describe(e Edit) error {
	p, err := s.planFor(e)
	if err != nil {
		return err
	}
	same := slices.Equal(p.Attendees, s.Attendees)
	if p.Purpose == s.Purpose && same {
		return nil // nothing to do, and no new version
	}
	if !same {
		if p.booker, err = access.PrincipalOf(s.tx, s.Person); err != nil {
			return err
		}
		if alone := p.judgeBuddies(); len(alone) > 0 {
			return refused(p, &verdict{refusals: alone})
		}
		if err := s.bring(p.Attendees); err != nil {
			return err
		}
	}
	s.Purpose = p.Purpose
	return s.save(ActEdit, nil)
}

// bring changes who comes along.
func (s *step) bring(attendees []Attendee) error {
	s.Attendees = attendees
	return replaceAttendees(s.tx, s.Booking)
}

func (s *step) planFor(e Edit) (*plan, error) {
	in := Request{
		Resources: s.Chosen(), Project: s.Project, Period: e.period(s.Booking),
		Purpose: s.Purpose, Attendees: s.Attendees, Override: e.Override,
	}
	if e.Resources != nil {
		in.Resources = e.Resources
	}
	if e.Purpose != nil {
		in.Purpose = *e.Purpose
	}
	if e.Attendees != nil {
		in.Attendees = *e.Attendees
	}
	return s.facts.resolve(in)
}

// move gives the booking its new units, period and price in the step's
// transaction.
func (s *Service) move(st *step, e Edit) error {
	p, err := st.planFor(e)
	if err != nil {
		return err
	}
	if at, ok := st.facts.Catalogue.Resource(st.Resources[0]); ok && p.facility != at.Facility {
		return elsewhere()
	}
	held, err := listHeld(st.tx, st.ID)
	if err != nil {
		return err
	}
	p.pinned = pinnedOf(held, p.resources)
	booker, err := access.PrincipalOf(st.tx, st.Person)
	if err != nil {
		return err
	}
	kept, _, err := holdOf(st.tx, st.ID)
	if err != nil {
		return err
	}
	own := facilities.Except{Booking: st.ID, Hold: kept.ID}
	v, err := s.judge(st.tx, st.by, booker, p, own, st.swapMoney)
	if err != nil {
		return err
	}
	v.refusals = append(st.tooLate(), v.refusals...)
	if len(v.refusals) > 0 {
		r := refused(p, v)
		r.own = own
		return r
	}
	if err := s.endHoldOf(st); err != nil {
		return err
	}
	if st.State == Displaced {
		st.State = Confirmed
	} else {
		s.bookingFreed(st, st.Booking)
	}
	next := p.booking(st.tx.Now, booker, booker, v.allocations)
	st.Resources, st.Units, st.Period, st.Purpose = next.Resources, next.Units, next.Period, next.Purpose
	st.Along, st.Provisional = next.Along, next.Provisional
	st.Buffers, st.Cost, st.Agreement = next.Buffers, next.Cost, next.Agreement
	if err := replaceUnits(st.tx, st.Booking, v.moves, v.allocations); err != nil {
		return changedMeanwhile(p, err)
	}
	if !slices.Equal(p.Attendees, st.Attendees) {
		if err := st.bring(p.Attendees); err != nil {
			return err
		}
	}
	if err := funding.Reserve(st.tx, st.ID, st.Version+1, st.Cost, v.purses, p.firstDay()); err != nil {
		return changedMeanwhile(p, err)
	}
	was := map[string]any{"start": st.old.Period.Start, "end": st.old.Period.End, "resources": st.old.Resources}
	if err := st.save(ActMove, v.details(p, was)); err != nil {
		return err
	}
	st.tx.Enqueue(JobMoved{st.happened()})
	if st.State == Confirmed {
		s.scheduleReminders(st.tx, st.Booking)
	}
	return nil
}

// elsewhere refuses a move to another facility, whose managers have a say of
// their own.
func elsewhere() error {
	e := problem.CodeInvalid.Say("En bokning kan bara flyttas inom sin anläggning. Avboka den och gör en ny.",
		"A booking can only be moved within its facility. Cancel it and make a new one.")
	e.Fields = []problem.Field{{Path: "resources", Message: e.Message}}
	return e
}

// swapMoney locks the purses of the old and the new years, releases the old
// reservation and gives the purses as they then are.
func (s *step) swapMoney(tx *database.Tx, project id.Project, years []int) ([]funding.Purse, error) {
	all := slices.Concat(years, s.Cost.Years())
	slices.Sort(all)
	if _, err := funding.LockPurses(tx, project, slices.Compact(all)); err != nil {
		return nil, err
	}
	if err := funding.Void(tx, s.ID, s.Version+1); err != nil {
		return nil, err
	}
	return funding.FindPurses(tx, project, years)
}

// lockUnitsOf locks what the booking's old and new resources could take, before
// the booking's own row: units come first in the lock order. It gives the old
// resources, which may change until the row itself is locked.
func lockUnitsOf(tx *database.Tx, f *Facts, ref id.Ref, e Edit) ([]id.Resource, error) {
	resources, err := resourcesOf(tx, ref)
	if err != nil {
		return nil, err
	}
	all := facilities.Together(f.resourcesOf(slices.Concat(resources, e.Resources)))
	return resources, facilities.LockUnits(tx, facilities.Units(all))
}
