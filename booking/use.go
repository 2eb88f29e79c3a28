package booking

import (
	"context"
	"slices"
	"time"

	"rigg/access"
	"rigg/facilities"
	"rigg/funding"
	"rigg/internal/id"
	"rigg/internal/money"
	"rigg/internal/period"
)

// CheckInOpens is the first moment at which a booking may be checked in: with its
// set-up, and at least as early as the rules of all its resources let it.
func (f *Facts) CheckInOpens(b *Booking) time.Time {
	opens := time.Time{}
	for _, name := range b.Resources {
		if r, ok := f.Catalogue.Resource(name); ok {
			if at := r.Rules.Early.Before(b.Period.Start, f.ZoneOf(b)); at.After(opens) {
				opens = at
			}
		}
	}
	if setUp := b.Period.Start.Add(-b.SetUp()); opens.IsZero() || setUp.Before(opens) {
		return setUp
	}
	return opens
}

// CheckIn starts the use. Codes: stale, wrong-state, forbidden, not-found.
func (s *Service) CheckIn(ctx context.Context, by *access.Principal, c Change) (*Booking, error) {
	return s.change(ctx, by, c, access.UseBooking, func(st *step) error {
		opens := st.facts.CheckInOpens(st.Booking)
		if st.State == Confirmed && st.tx.Now.Before(opens) {
			return CodeWrongState.Say("Incheckningen öppnar %s.", "Check-in opens at %s.",
				opens.In(st.zone()).Format("2006-01-02 15:04")).With("opens", opens)
		}
		if st.State == Confirmed && !st.tx.Now.Before(st.Period.End) {
			return CodeWrongState.Say("Bokningens tid är slut.", "The booking's time is over.").With("state", st.State)
		}
		if err := st.to(InUse); err != nil {
			return err
		}
		if err := pinUnits(st.tx, st.ID); err != nil {
			return err
		}
		st.CheckedIn, st.Provisional = st.tx.Now, nil
		return st.save(ActCheckIn, nil)
	})
}

// CheckOut ends the use: the rest of the time is free at once and the charge is
// posted. A use lasts until the end of its clean-up at most, however late somebody
// says that it has ended: then the unit was another's. Who forgot it can make up
// for it when the time is long over, and pays nothing more. Codes as CheckIn.
func (s *Service) CheckOut(ctx context.Context, by *access.Principal, c Change) (*Booking, error) {
	return s.change(ctx, by, c, access.UseBooking, func(st *step) error {
		if st.State == Completed && st.facts.OwesCheckOut(st.Booking) {
			st.CheckedOut = st.tx.Now
			return st.save(ActCheckOut, map[string]any{"late": true})
		}
		if st.State != InUse {
			return st.wrongState()
		}
		st.CheckedOut = st.tx.Now
		end := st.tx.Now
		if latest := st.Period.End.Add(st.CleanUp()); end.After(latest) {
			end = latest
		}
		return s.complete(st, ActCheckOut, end)
	})
}

// OwesCheckOut tells whether a booking is over without having been checked out,
// where a rule demands it.
func (f *Facts) OwesCheckOut(b *Booking) bool {
	return !b.CheckedIn.IsZero() && b.CheckedOut.IsZero() && slices.ContainsFunc(b.Resources, func(name id.Resource) bool {
		r, ok := f.Catalogue.Resource(name)
		return ok && r.Rules.UseLogged
	})
}

// MarkNoShow records that nobody came; its units are free and nothing is charged.
// Codes as CheckIn.
func (s *Service) MarkNoShow(ctx context.Context, by *access.Principal, c Change) (*Booking, error) {
	return s.change(ctx, by, c, access.OperateBooking, func(st *step) error {
		if st.State == Confirmed && st.tx.Now.Before(st.Period.Start) {
			return CodeWrongState.Say("Bokningen har inte börjat.", "The booking has not begun.")
		}
		return s.giveBack(st, NoShow, ActNoShow)
	})
}

// complete posts the charge for the use that ended at the instant and frees what
// is left of the time. It never fails for money (FUNDING.md, arithmetic 7).
func (s *Service) complete(st *step, action Action, end time.Time) error {
	if err := st.to(Completed); err != nil {
		return err
	}
	if end.Before(st.Period.End) {
		if err := releaseUnits(st.tx, st.ID, st.Period.End.Sub(end.Truncate(time.Minute))); err != nil {
			return err
		}
		if err := facilities.RefillOutages(st.tx, st.Units); err != nil {
			return err
		}
		s.bookingFreed(st, st.Booking)
	}
	actual := st.actualCost(st.UsedPeriod(end))
	paid, err := funding.Post(st.tx, st.ID, st.Version+1, actual, st.Project, period.DateOf(st.Period.Start, st.zone()))
	if err != nil {
		return err
	}
	st.Cost = paid
	if err := st.save(action, overrunDetails(paid.Overrun())); err != nil {
		return err
	}
	s.announce(st.tx, st.Booking, st.actor(), st.reason)
	return nil
}

// overrunDetails flags an overrun; the amount is among the cost's shares, for
// those who may see it.
func overrunDetails(overrun money.Ore) map[string]any {
	if overrun == 0 {
		return nil
	}
	return map[string]any{"overrun": true}
}

// actualCost prices each resource by its charge basis (FUNDING.md, arithmetic 6)
// on the terms of the booking's start (arithmetic 5).
func (s *step) actualCost(used period.Period) *funding.Cost {
	project, ok := s.facts.Terms.Project(s.Project)
	if !ok {
		return s.Cost
	}
	var items []funding.Item
	for _, name := range s.Resources {
		r, ok := s.facts.Catalogue.Resource(name)
		if !ok {
			return s.Cost
		}
		items = append(items, funding.Item{
			Resource: r.ID, Name: r.Name, Zone: s.zone(),
			Period: charged(r.Rules.Charge, s.Period, used),
		})
	}
	return s.facts.Terms.PriceUse(project, s.Agreement, s.Cost, items)
}

// charged is the period that a basis charges. The greater of two is the longer.
func charged(basis facilities.Basis, booked, used period.Period) period.Period {
	switch {
	case basis == facilities.Booked:
		return booked
	case basis == facilities.Used:
		return used
	case used.Minutes() > booked.Minutes():
		return used
	}
	return booked
}
