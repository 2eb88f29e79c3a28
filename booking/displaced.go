package booking

import (
	"context"
	"slices"
	"time"

	"rigg/access"
	"rigg/facilities"
	"rigg/internal/database"
	"rigg/internal/id"
	"rigg/internal/period"
	"rigg/internal/problem"
	"rigg/internal/text"
)

// CodeNothingHeld refuses to accept an alternative that is not held any more.
var CodeNothingHeld = problem.Declare(problem.Conflict, "nothing-held",
	"Tiden hålls inte längre", "The time is no longer held")

// displacedGrace is how long a displaced booking has to find another time, also
// where its own comes sooner; and how long an alternative is held for it.
const displacedGrace = 24 * time.Hour

// displace takes a confirmed booking's units for an outage. Its money stays
// reserved until it is moved or cancelled.
func (s *Service) displace(st *step, by facilities.Outage) error {
	if err := st.to(Displaced); err != nil {
		return err
	}
	if err := endHoldOf(st); err != nil { // a proposed change of what it no longer has
		return err
	}
	if err := dropUnits(st.tx, st.ID); err != nil {
		return err
	}
	details := map[string]any{"outage": by.Name, "back": by.Period.End}
	if err := st.save(ActDisplace, details); err != nil {
		return err
	}
	bookingFreed(st, st.Booking)
	st.tx.Enqueue(JobFindAlternative{st.happened()})
	return nil
}

// lostAt is when a displaced booking that was not moved is cancelled: at its start,
// and not before it has had a day.
func (b *Booking) lostAt() time.Time {
	if at := b.Changed.Add(displacedGrace); at.After(b.Period.Start) {
		return at
	}
	return b.Period.Start
}

// giveUp cancels a displaced booking that nobody moved, without a fee.
func (s *Service) giveUp(st *step) error {
	names, err := access.Names(st.tx, []id.Person{st.Person})
	if err != nil {
		return err
	}
	st.reason = text.New("Utrustningen var ur drift och bokningen flyttades inte. Avbokningen kostar ingenting.",
		"The equipment was out of service and the booking was not moved. The cancellation is free of charge.").In(names[st.Person].Language)
	return s.giveBack(st, Cancelled, ActCancel)
}

// restore puts displaced bookings back to their old time where that is free again:
// the oldest first.
func (s *Service) restore(o *outageStep, bookings []id.Booking) error {
	for _, booking := range bookings {
		b, err := findBooking(o.tx, booking)
		if err != nil {
			return err
		}
		if b.State != Displaced {
			continue
		}
		st := &step{Booking: b, tx: o.tx, facts: o.facts, by: o.by, old: *b}
		if err := s.restoreOne(st); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) restoreOne(st *step) error {
	p, err := st.planFor(Edit{})
	if err != nil {
		return nil //nolint:nilerr // its resource is gone: it stays displaced, and its booker knows
	}
	h, held, err := holdOf(st.tx, st.ID)
	if err != nil {
		return err
	}
	r, err := p.findRoom(st.tx, facilities.Except{Booking: st.ID, Hold: h.ID})
	if err != nil || r.taken == nil {
		return err
	}
	if held {
		if err := endHoldOf(st); err != nil {
			return err
		}
	}
	if err := st.to(Confirmed); err != nil {
		return err
	}
	if err := replaceUnits(st.tx, st.Booking, r.moves, r.taken); err != nil {
		return err
	}
	if err := st.save(ActRestore, nil); err != nil {
		return err
	}
	st.tx.Enqueue(JobRestored{st.happened()})
	s.scheduleReminders(st.tx, st.Booking)
	return nil
}

// FindAlternative holds another time for a displaced booking for a day, and has its
// booker told of both: the same time on an equal resource of the facility, or else
// the nearest time on its own.
func (s *Service) FindAlternative(ctx context.Context, j JobFindAlternative) error {
	b, err := s.FindByID(ctx, j.Booking)
	if err != nil {
		return err
	}
	_, err = withFacts(ctx, s, func(facts *Facts) (struct{}, error) {
		return struct{}{}, s.db.Update(ctx, func(tx *database.Tx) error {
			at, ok := facts.Catalogue.Resource(b.Resources[0])
			if !ok {
				return nil
			}
			if _, err := facilities.LockFacility(tx, at.Facility.ID); err != nil {
				return err
			}
			st, err := s.lockStep(tx, facts, b.Ref)
			if err != nil || st.State != Displaced {
				return err // it has been moved, put back or cancelled meanwhile
			}
			_, held, err := holdOf(tx, b.ID)
			if err == nil && !held {
				err = s.holdAlternative(st)
			}
			tx.Enqueue(JobDisplaced(j))
			return err
		})
	})
	return err
}

// lockStep locks a booking that the program itself is to change.
func (s *Service) lockStep(tx *database.Tx, facts *Facts, ref id.Ref) (*step, error) {
	booking, err := lockBooking(tx, ref)
	if err != nil {
		return nil, err
	}
	if err := facts.current(tx); err != nil {
		return nil, err
	}
	b, err := findBooking(tx, booking)
	if err != nil {
		return nil, err
	}
	return &step{Booking: b, tx: tx, facts: facts, old: *b}, nil
}

func (s *Service) holdAlternative(st *step) error {
	booker, err := access.PrincipalOf(st.tx, st.Person)
	if err != nil {
		return err
	}
	for _, e := range st.candidates() {
		p, err := st.planFor(e)
		if err != nil {
			continue // what cannot be booked at all is no alternative
		}
		if e.Period.Empty() {
			if e.Period, err = st.nearest(p); err != nil {
				return err
			}
			if e.Period.Empty() {
				continue
			}
			if p, err = st.planFor(e); err != nil {
				continue
			}
		}
		expires := p.offerUntil(st.tx.Now, displacedGrace)
		ok, err := st.suits(p, booker)
		if err != nil {
			return err
		}
		if !ok || !expires.After(st.tx.Now) {
			continue
		}
		_, ok, err = hold(st.tx, p, Hold{Kind: HoldAlternative, Booking: st.ID, Expires: expires}, facilities.Except{})
		if err != nil || ok {
			return err
		}
	}
	return nil
}

// candidates are what could be had instead: the same time on each equal resource,
// then another time (an empty period) on its own, then on theirs.
func (s *step) candidates() (out []Edit) {
	var later []Edit
	if len(s.Resources) == 1 {
		for _, r := range s.facts.equals(s.Resources[0]) {
			resources := []id.Resource{r.ID}
			out = append(out, Edit{Resources: resources, Period: s.Period})
			later = append(later, Edit{Resources: resources})
		}
	}
	return slices.Concat(out, []Edit{{}}, later)
}

// equals are the facility's other resources that can do all that one can.
func (f *Facts) equals(name id.Resource) (out []*facilities.Resource) {
	r, ok := f.Catalogue.Resource(name)
	if !ok || len(r.Capabilities) == 0 {
		return nil
	}
	for _, other := range r.Facility.Resources {
		lacks := func(c string) bool { return !slices.Contains(other.Capabilities, c) }
		if other != r && !slices.ContainsFunc(r.Capabilities, lacks) {
			out = append(out, other)
		}
	}
	return out
}

// nearest is the time of the booking's length that lies nearest to its own; empty
// where there is none within reach.
func (s *step) nearest(p *plan) (best period.Period, err error) {
	busy, err := facilities.LoadBusy(s.tx, p.units(), facilities.AlternativesWindow(p.resources, p.Period), facilities.Except{Booking: s.ID})
	if err != nil {
		return best, err
	}
	distance := time.Duration(-1)
	for _, a := range facilities.Alternatives(p.resources, p.Period, busy, s.tx.Now) {
		d := a.Period.Start.Sub(p.Period.Start).Abs()
		if a.Reason != "shorter" && (distance < 0 || d < distance) {
			best, distance = a.Period, d
		}
	}
	return best, nil
}

// suits tells whether the booker may have the plan as regards time, right and
// price; whether the purses have room is seen when it is accepted.
func (s *step) suits(p *plan, booker *access.Principal) (bool, error) {
	v := &verdict{}
	for _, r := range p.resources {
		v.refusals = append(v.refusals, r.Judge(p.Period, s.tx.Now)...)
	}
	if p.cost == nil || len(p.money) > 0 || len(v.refusals) > 0 {
		return false, nil
	}
	err := v.judgePerson(s.tx, booker, p, access.MissingThroughout)
	return len(v.refusals) == 0, err
}

// AlternativeOf gives the time that is held for a displaced booking; false where
// there is none. It is for who may see the booking.
func (s *Service) AlternativeOf(ctx context.Context, b id.Booking) (h Hold, ok bool, err error) {
	err = s.db.View(ctx, func(tx *database.Tx) error {
		h, ok, err = holdOf(tx, b)
		return err
	})
	return h, ok && h.Kind == HoldAlternative, err
}

// AcceptAlternative moves a displaced booking to the time that is held for it.
// Codes: as Edit, and nothing-held.
func (s *Service) AcceptAlternative(ctx context.Context, by *access.Principal, c Change) (*Booking, error) {
	b, err := s.Find(ctx, by, c.Ref)
	if err != nil {
		return nil, err
	}
	h, ok, err := s.AlternativeOf(ctx, b.ID)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, CodeNothingHeld.Say("Tiden som hölls åt bokningen är släppt. Välj en annan tid.",
			"The time that was held for the booking has been let go. Choose another time.")
	}
	return s.Edit(ctx, by, c, Edit{Resources: h.Resources, Period: h.Period})
}
