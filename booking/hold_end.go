package booking

import (
	"context"
	"errors"

	"rigg/internal/database"
	"rigg/internal/id"
	"rigg/internal/period"
)

// endHolds lets go of the holds that have expired, each in a transaction of its
// own, and of what follows from that.
func (s *Service) endHolds(ctx context.Context) error {
	var due []Hold
	err := s.db.View(ctx, func(tx *database.Tx) (err error) {
		due, err = listHolds(tx, `expires_at <= $1 and kind <> 'change'`, tx.Now) // whose booking lives on: endProposals
		return err
	})
	if err != nil {
		return err
	}
	facts, err := s.Facts(ctx)
	if err != nil {
		return err
	}
	var failed []error
	for _, h := range due {
		failed = append(failed, s.db.Update(ctx, func(tx *database.Tx) error { return s.letGo(tx, facts, h, true) }))
	}
	return errors.Join(failed...)
}

// letGo ends a hold that is in force, because it has expired or because its time
// was taken away, and lets those hear of it whom it was for.
func (s *Service) letGo(tx *database.Tx, f *Facts, h Hold, expired bool) error {
	wait, err := lockWaitOf(tx, h.ID) // before the hold, as everywhere
	if err != nil {
		return err
	}
	inForce, err := endHold(tx, h.ID)
	if err != nil || !inForce {
		return err
	}
	timeFreed(tx, f, h.Resources, h.Period)
	switch {
	case wait != nil:
		return s.offerOver(tx, wait, expired)
	case h.Kind == HoldAlternative && expired:
		tx.Enqueue(JobAlternativeExpired{Booking: h.Booking, Hold: h.ID})
	case h.Kind == HoldAlternative:
		tx.Enqueue(JobFindAlternative{Happened{Booking: h.Booking}})
	}
	return nil
}

// endHoldOf lets go of what is held for a booking that no longer needs it.
func endHoldOf(st *step) error {
	return endHoldsOf(st.tx, st.facts, []id.Booking{st.ID})
}

// endHoldsOf is endHoldOf for many bookings.
func endHoldsOf(tx *database.Tx, f *Facts, bookings []id.Booking) error {
	held, err := listHolds(tx, `booking_id = any($1::bigint[])`, bookingNumbers(bookings))
	if err != nil {
		return err
	}
	for _, h := range held {
		if _, err := endHold(tx, h.ID); err != nil {
			return err
		}
		timeFreed(tx, f, h.Resources, h.Period)
	}
	return nil
}

// bookingFreed says that a booking's time is free again.
func bookingFreed(st *step, b *Booking) {
	timeFreed(st.tx, st.facts, b.Resources, b.Period)
}

// timeFreed has the waiting list looked at, for time that is free again on some
// resources of a facility.
func timeFreed(tx *database.Tx, f *Facts, resources []id.Resource, p period.Period) {
	if r, ok := f.Catalogue.Resource(resources[0]); ok {
		facilityFreed(tx, r.Facility.ID, p)
	}
}

// facilityFreed is timeFreed for whatever units it is. Time that has passed is of
// no use to anybody; a buffer may reach beyond what is said here, so that the
// worker looks a little further.
func facilityFreed(tx *database.Tx, f id.Facility, p period.Period) {
	if p.End.After(tx.Now) {
		tx.Enqueue(JobTimeFreed{Facility: f, Start: p.Start, End: p.End})
	}
}
