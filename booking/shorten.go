package booking

import (
	"slices"
	"time"

	"rigg/internal/period"
)

// endsEarly tells whether the edit ends a booking that has begun earlier than it
// was booked, and nothing else.
func (e Edit) endsEarly(st *step) bool {
	began := st.State == InUse || st.State == Confirmed && !st.tx.Now.Before(st.Period.Start)
	to := e.period(st.Booking)
	same := e.Resources == nil || slices.Equal(e.Resources, st.Resources)
	return began && same && to.Start.Equal(st.Period.Start) && to.End.Before(st.Period.End)
}

// endEarly gives back the end of a booking that has begun: its units are free from
// then on at once. The reservation stands until the use is over, and what is
// charged by the booked time is charged by the time that was booked when it began.
func (s *Service) endEarly(st *step, e Edit) error {
	end := e.period(st.Booking).End
	if !end.Equal(end.Truncate(time.Minute)) || end.Before(st.tx.Now) || !end.After(st.Period.Start) {
		return CodeWrongState.Say("Välj en sluttid i hela minuter som inte har passerat. Checka ut för att sluta nu.",
			"Choose an end in whole minutes that has not passed. Check out to end now.").With("state", st.State)
	}
	if err := releaseUnits(st.tx, st.ID, st.Period.End.Sub(end)); err != nil {
		return err
	}
	st.Period = period.New(st.Period.Start, end)
	if st.BookedUntil.IsZero() {
		st.BookedUntil = st.old.Period.End
	}
	was := map[string]any{"start": st.old.Period.Start, "end": st.old.Period.End, "resources": st.old.Resources}
	if err := st.save(ActMove, was); err != nil {
		return err
	}
	st.tx.Enqueue(JobMoved{st.happened()})
	return setBookedUntil(st.tx, st.ID, st.BookedUntil)
}

// Booked is the time that the booking was made for, even where its end was given
// back while it was in use.
func (b *Booking) Booked() period.Period {
	if b.BookedUntil.After(b.Period.End) {
		return period.New(b.Period.Start, b.BookedUntil)
	}
	return b.Period
}
