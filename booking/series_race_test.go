package booking_test

import (
	"fmt"
	"sync"
	"testing"

	"rigg/booking"
	"rigg/facilities"
	"rigg/internal/id"
	"rigg/internal/problem"
)

// raceSeries runs f n times at once, counts the whole series that came of it and
// fails for an error without one of the codes.
func (w *world) raceSeries(n int, f func(i int) error, codes ...problem.Code) (won int) {
	w.Helper()
	errs := make([]error, n)
	var racers sync.WaitGroup
	start := make(chan struct{})
	for i := range n {
		racers.Go(func() {
			<-start
			errs[i] = f(i)
		})
	}
	close(start)
	racers.Wait()
	for i, err := range errs {
		known := err == nil
		for _, code := range codes {
			known = known || problem.Has(err, code)
		}
		if !known {
			w.Errorf("racer %d: %v", i, err)
		}
		if err == nil {
			won++
		}
	}
	return won
}

func TestSeriesThatRaceGiveOneWholeWinner(t *testing.T) {
	t.Parallel()
	w := setup(t)
	people := []string{"anna", "rolf"}
	projects := []id.Project{"alloy", "rust"}
	for resource, places := range map[id.Resource]int{"press": 1, "printer": 3} {
		won := w.raceSeries(10, func(i int) error {
			// Each begins on another day, so that they meet in the middle.
			in := repeat(resource, fmt.Sprintf("2026-03-%02dT08:00", 10+i), fmt.Sprintf("2026-03-%02dT10:00", 10+i), "FREQ=DAILY;COUNT=20")
			in.Project = projects[i%2]
			_, err := w.service.RequestSeries(t.Context(), w.who(people[i%2]), in)
			return err
		}, facilities.CodeSlotTaken)
		if n := w.count(`select count(*) from booking_resources where resource_id = $1`, string(resource)); won != places || n != 20*places {
			t.Errorf("%s: %d series won, with %d bookings", resource, won, n)
		}
	}
}

// TestSeriesAgainstTheirOwnBookings has a series changed, added to and cancelled
// while its bookings are moved and cancelled one by one.
func TestSeriesAgainstTheirOwnBookings(t *testing.T) {
	t.Parallel()
	w := setup(t)
	blocker := w.rival("press", "2026-03-12T08:00", "2026-03-12T09:00")
	in := repeat("press", "2026-03-10T08:00", "2026-03-10T10:00", "FREQ=DAILY;COUNT=8")
	in.Accept = booking.AcceptFree
	s := w.series(in)
	w.must(w.service.Cancel, "rolf", blocker)
	list := s.Bookings()
	anna := w.who("anna")
	w.raceSeries(24, func(i int) (err error) {
		b := list[i%len(list)]
		c := booking.Change{Ref: b.Ref}
		switch i % 6 {
		case 0:
			_, err = w.service.EditSeries(t.Context(), anna, c, booking.ScopeAll, booking.Edit{Resources: []id.Resource{"tower"}})
		case 1:
			_, err = w.service.EditSeries(t.Context(), anna, c, booking.ScopeLater, booking.Edit{Resources: []id.Resource{"press"}})
		case 2:
			_, err = w.service.AddSkipped(t.Context(), anna, s.Ref, nil)
		case 3:
			_, err = w.service.Edit(t.Context(), anna, c, booking.Edit{Resources: []id.Resource{"tower"}})
		case 4:
			_, err = w.service.Cancel(t.Context(), anna, c)
		case 5:
			_, err = w.service.CancelSeries(t.Context(), anna, c, booking.ScopeLater)
		}
		return err
	}, facilities.CodeSlotTaken, booking.CodeWrongState, booking.CodeStale, problem.CodeNotFound)
}
