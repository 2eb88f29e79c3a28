package booking

import (
	"context"
	"errors"
	"slices"
	"time"

	"rigg/internal/database"
	"rigg/internal/id"
)

// sweepBatch is how many bookings that have begun are read at a time.
const sweepBatch = 2000

// Sweep ends what is over: it expires requests that nobody decided before their
// start, marks no-shows where a check-in was asked for, completes bookings whose
// time has passed, cancels displaced ones that nobody moved, lets go of holds,
// moves the ends of lasting outages on and looks at the waiting list. Each booking is its own transaction, so that one that
// fails does not hold up the others; it may run any number of times.
func (s *Service) Sweep(ctx context.Context) error {
	facts, err := s.Facts(ctx)
	if err != nil {
		return err
	}
	var due []*Booking
	err = s.db.View(ctx, func(tx *database.Tx) error {
		for after := id.Booking(0); ; {
			begun, err := listBegun(tx, after, sweepBatch)
			if err != nil {
				return err
			}
			for _, b := range begun {
				if facts.ending(b, tx.Now) != "" {
					due = append(due, b)
				}
				after = b.ID
			}
			if len(begun) < sweepBatch {
				return nil
			}
		}
	})
	if err != nil {
		return err
	}
	failed := []error{s.endHolds(ctx), s.moveOn(ctx)}
	for _, b := range due {
		if err := s.end(ctx, b.Ref); err != nil {
			failed = append(failed, err)
		}
	}
	failed = append(failed, s.sweepWaits(ctx))
	return errors.Join(failed...)
}

func (s *Service) end(ctx context.Context, ref id.Ref) error {
	_, err := withFacts(ctx, s, func(facts *Facts) (struct{}, error) {
		return struct{}{}, s.db.Update(ctx, func(tx *database.Tx) error {
			st, err := s.lockStep(tx, facts, ref)
			if err != nil {
				return err
			}
			return s.endOne(st)
		})
	})
	return err
}

// endOne does what the booking's time means for it, now that its row is locked.
func (s *Service) endOne(st *step) error {
	switch action := st.facts.ending(st.Booking, st.tx.Now); action {
	case ActExpire:
		return s.giveBack(st, Expired, action)
	case ActNoShow:
		return s.giveBack(st, NoShow, action)
	case ActComplete:
		return s.complete(st, action, st.Period.End)
	case ActCancel:
		return s.giveUp(st)
	default:
		return nil
	}
}

// ending tells what the moment means for a booking: nothing (empty), or that it
// expires, is a no-show, or is complete. A booking in use may still be checked
// out while it is being cleaned up after.
func (f *Facts) ending(b *Booking, now time.Time) Action {
	asked := f.asksCheckIn(b)
	switch {
	case b.State == Requested && !now.Before(b.Period.Start):
		return ActExpire
	case b.State == Confirmed && asked && !now.Before(f.givesUpAt(b)):
		return ActNoShow
	case b.State == Confirmed && !asked && !now.Before(b.Period.End),
		b.State == InUse && !now.Before(b.Period.End.Add(b.CleanUp())):
		return ActComplete
	case b.State == Displaced && !now.Before(b.lostAt()):
		return ActCancel
	}
	return ""
}

func (f *Facts) asksCheckIn(b *Booking) bool {
	return slices.ContainsFunc(b.Resources, func(name id.Resource) bool {
		r, ok := f.Catalogue.Resource(name)
		return ok && r.Rules.CheckIn
	})
}

// givesUpAt is when a booking that nobody checked in is a no-show: after the
// shortest no_show_after of its resources, or at its end.
func (f *Facts) givesUpAt(b *Booking) time.Time {
	limit := b.Period.End
	for _, name := range b.Resources {
		r, ok := f.Catalogue.Resource(name)
		if !ok || r.Rules.NoShowAfter.Zero() {
			continue
		}
		if at := r.Rules.NoShowAfter.After(b.Period.Start, f.ZoneOf(b)); at.Before(limit) {
			limit = at
		}
	}
	return limit
}
