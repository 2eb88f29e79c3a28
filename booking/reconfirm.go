package booking

import (
	"context"
	"time"

	"rigg/access"
	"rigg/facilities"
	"rigg/internal/database"
	"rigg/internal/period"
)

// reconfirmation is when the booker of a booking is asked whether the time is
// needed, and when the answer must be there: by the earliest question of its
// resources. Zero times where none of them asks.
func (f *Facts) reconfirmation(b *Booking) (ask, by time.Time) {
	for _, name := range b.Resources {
		r, ok := f.Catalogue.Resource(name)
		if !ok || r.Rules.Reconfirm.Zero() {
			continue
		}
		if at, limit := reconfirmation(r.Rules, b.Period.Start, f.ZoneOf(b)); ask.IsZero() || at.Before(ask) {
			ask, by = at, limit
		}
	}
	return ask, by
}

// reconfirmation counts back from the start by the site's clock. Where a rule does
// not say until when the answer may come, it is half of the time that is left.
func reconfirmation(r facilities.Rules, start time.Time, zone *time.Location) (ask, by time.Time) {
	ask = r.Reconfirm.Before(start, zone)
	if by = ask.Add(start.Sub(ask) / 2).Truncate(time.Minute); r.ReconfirmBy != (period.Span{}) {
		by = r.ReconfirmBy.Before(start, zone)
	}
	return ask, by
}

// askReconfirm sets when a booking that has just been confirmed or moved is asked
// about. Who books after that moment has said it by booking.
func (s *Service) askReconfirm(tx *database.Tx, f *Facts, b *Booking) error {
	if b.State != Confirmed {
		return nil
	}
	ask, by := f.reconfirmation(b)
	if !ask.After(tx.Now) || !by.After(ask) || !by.Before(b.Period.Start) {
		ask, by = time.Time{}, time.Time{}
	}
	if ask.Equal(b.ReconfirmAsk) && by.Equal(b.ReconfirmBy) {
		return nil
	}
	b.ReconfirmAsk, b.ReconfirmBy = ask, by
	if !ask.IsZero() {
		tx.EnqueueAt(ask, JobReconfirm{Booking: b.ID, By: by})
	}
	return setReconfirm(tx, b.ID, ask, by)
}

// AsksReconfirm tells whether the booker is asked now whether the time is needed.
func (b *Booking) AsksReconfirm(now time.Time) bool {
	return b.State == Confirmed && !b.ReconfirmAsk.IsZero() && !now.Before(b.ReconfirmAsk) && now.Before(b.ReconfirmBy)
}

// Reconfirm is the answer that the time is still needed. Codes: stale,
// not-awaited, forbidden, not-found.
func (s *Service) Reconfirm(ctx context.Context, by *access.Principal, c Change) (*Booking, error) {
	return s.change(ctx, by, c, access.UseBooking, func(st *step) error {
		if !st.AsksReconfirm(st.tx.Now) {
			return CodeNotAwaited.Say("Ingen bekräftelse inväntas för bokningen nu.", "No confirmation is awaited for the booking now.")
		}
		st.ReconfirmAsk, st.ReconfirmBy = time.Time{}, time.Time{}
		if err := setReconfirm(st.tx, st.ID, st.ReconfirmAsk, st.ReconfirmBy); err != nil {
			return err
		}
		return st.save(ActReconfirm, nil)
	})
}

// ListReconfirm gives the questions whose moment has come and that no answer has
// ended: the sweep of those whose own job was lost.
func (s *Service) ListReconfirm(ctx context.Context) (out []JobReconfirm, err error) {
	err = s.db.View(ctx, func(tx *database.Tx) error {
		out, err = listReconfirm(tx, sweepBatch)
		return err
	})
	return out, err
}

// release cancels a booking whose need nobody has confirmed in time. It costs
// nothing.
func (s *Service) release(st *step) error {
	if st.State != Confirmed || st.ReconfirmBy.IsZero() || st.tx.Now.Before(st.ReconfirmBy) {
		return nil
	}
	return s.giveBack(st, Cancelled, ActRelease)
}
