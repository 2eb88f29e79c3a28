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
}

func (e Edit) moves(b *Booking) bool {
	return !e.period(b).Start.Equal(b.Period.Start) || !e.period(b).End.Equal(b.Period.End) ||
		(e.Resources != nil && !slices.Equal(e.Resources, b.Resources))
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

// Edit moves or resizes a booking that has not begun, changes its purpose, or ends
// one that is in use earlier than booked. It keeps its reference, its version
// rises, and every rule is applied anew: its own old time and money do not count
// against it. A confirmed booking that would leave what was approved stays where
// it is, with the move as its Proposal, until that is approved. Codes: stale,
// wrong-state, forbidden, not-found, invalid; *Refused.
func (s *Service) Edit(ctx context.Context, by *access.Principal, c Change, e Edit) (*Booking, error) {
	b, err := s.changeUnits(ctx, by, c, access.ChangeBooking, e, func(st *step) error {
		if e.endsEarly(st) {
			return s.endEarly(st, e)
		}
		if st.State != Requested && st.State != Confirmed || !st.tx.Now.Before(st.Period.Start) {
			return st.wrongState()
		}
		if e.moves(st.Booking) {
			return s.moveOrAsk(st, e)
		}
		if e.Purpose == nil || *e.Purpose == st.Purpose {
			return nil // nothing to do, and no new version
		}
		if _, err := st.planFor(e); err != nil {
			return err
		}
		st.Purpose = *e.Purpose
		return st.save(ActEdit, nil)
	})
	return b, s.withAlternatives(ctx, err)
}

func (s *step) planFor(e Edit) (*plan, error) {
	in := Request{
		Resources: s.Resources, Project: s.Project, Period: e.period(s.Booking),
		Purpose: s.Purpose, Attendees: s.Attendees,
	}
	if e.Resources != nil {
		in.Resources = e.Resources
	}
	if e.Purpose != nil {
		in.Purpose = *e.Purpose
	}
	return s.facts.resolve(in)
}

// move gives the booking its new units, period and price in the step's
// transaction.
func (s *Service) move(st *step, e Edit) error { return s.moveAs(st, e, ActMove) }

// moveAs is move by an action of another name. What accepts a proposed change
// carries the answers to it, and is judged by the notice that its proposal gave.
func (s *Service) moveAs(st *step, e Edit, action Action) error {
	p, err := st.planFor(e)
	if err != nil {
		return err
	}
	var answers []Approval
	if action != ActMove {
		answers, p.asked = st.Proposal.Approvals, st.Proposal.Created
	}
	if at, ok := st.facts.Catalogue.Resource(st.Resources[0]); ok && p.facility != at.Facility {
		return elsewhere()
	}
	booker, err := access.PrincipalOf(st.tx, st.Person)
	if err != nil {
		return err
	}
	own := st.own()
	v, err := s.judge(st.tx, st.by, booker, p, own, st.swapMoney)
	if err != nil {
		return err
	}
	if len(v.refusals) > 0 {
		r := refused(p, v)
		r.own = own
		return r
	}
	next := p.booking(st.tx.Now, booker, booker, v.allocations)
	st.Resources, st.Units, st.Period, st.Purpose = next.Resources, next.Units, next.Period, next.Purpose
	st.Buffers, st.Cost, st.Agreement = next.Buffers, next.Cost, next.Agreement
	if st.Approvals = st.settle(p, answers); st.old.State == Confirmed && len(awaited(st.Approvals)) > 0 {
		return needsMore(awaited(st.Approvals)[0])
	}
	if err := st.endProposal(); err != nil {
		return err
	}
	if err := replaceUnits(st.tx, st.Booking, v.allocations); err != nil {
		return takenMeanwhile(p, err)
	}
	if err := funding.Reserve(st.tx, st.ID, st.Version+1, st.Cost, v.purses, p.firstDay()); err != nil {
		return err
	}
	return s.moved(st, action)
}

// moved writes a booking that has been given its new time, and tells of it. A
// request that nobody has to approve any more is confirmed by that.
func (s *Service) moved(st *step, action Action) error {
	if err := putApprovals(st.tx, st.ID, 0, st.Approvals); err != nil {
		return err
	}
	if st.State == Requested && len(awaited(st.Approvals)) == 0 {
		if err := st.to(Confirmed); err != nil {
			return err
		}
		st.Question = ""
	}
	was := map[string]any{"start": st.old.Period.Start, "end": st.old.Period.End, "resources": st.old.Resources}
	if err := st.save(action, was); err != nil {
		return err
	}
	switch action {
	case ActAccept:
		st.tx.Enqueue(JobAccepted{st.happened()})
	case ActApproveMove:
		st.tx.Enqueue(JobMoveApproved{st.happened()})
	default:
		st.tx.Enqueue(JobMoved{st.happened()})
		if st.old.State == Requested && st.State == Confirmed {
			st.tx.Enqueue(JobConfirmed{st.happened()})
		}
	}
	if st.State == Confirmed {
		s.scheduleReminders(st.tx, st.Booking)
	}
	return s.askReconfirm(st.tx, st.facts, st.Booking)
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
	var units []id.Unit
	for _, name := range slices.Concat(resources, e.Resources) {
		if r, ok := f.Catalogue.Resource(name); ok {
			units = append(units, r.Units...)
		}
	}
	slices.Sort(units)
	return resources, facilities.LockUnits(tx, slices.Compact(units))
}
