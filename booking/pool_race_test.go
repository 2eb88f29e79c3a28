package booking_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"rigg/booking"
	"rigg/facilities"
	"rigg/internal/id"
	"rigg/internal/period"
	"rigg/internal/problem"
)

// TestManyAtOnceOnPools has people book, move, cancel, pin and check in on pools
// that share units, all within two days: everybody gets an answer that a person
// can use, and what is true afterwards is looked at by every invariant.
func TestManyAtOnceOnPools(t *testing.T) {
	t.Parallel()
	w := setupPools(t)
	w.at("2026-03-10T05:00")
	anna, mia := w.who("anna"), w.who("mia")
	resources := []id.Resource{"robots", "robots", "pairs", "first-robot", "both", "furnace"}
	var mu sync.Mutex
	var made []id.Ref
	var racers sync.WaitGroup
	for n := range 12 {
		random := rand.New(rand.NewPCG(uint64(n), 7))
		drawn := func() period.Period {
			start := local("2026-03-10T06:00").Add(time.Duration(random.IntN(100)) * 15 * time.Minute)
			return period.New(start, start.Add(time.Duration(1+random.IntN(16))*15*time.Minute))
		}
		racers.Go(func() {
			for range 25 {
				mu.Lock()
				about := booking.Change{}
				if len(made) > 0 {
					about.Ref = made[random.IntN(len(made))]
				}
				mu.Unlock()
				var err error
				switch what := random.IntN(8); {
				case about.Ref == "" || what < 4:
					var b *booking.Booking
					b, err = w.service.Request(t.Context(), anna, booking.Request{
						Resources: []id.Resource{resources[random.IntN(len(resources))]}, Project: "alloy", Period: drawn(),
					})
					if err == nil {
						mu.Lock()
						made = append(made, b.Ref)
						mu.Unlock()
					}
				case what == 4:
					_, err = w.service.Edit(t.Context(), anna, about, booking.Edit{Period: drawn()})
				case what == 5:
					_, err = w.service.Cancel(t.Context(), anna, about)
				case what == 6:
					_, err = w.service.Pin(t.Context(), mia, about, nil)
				default:
					_, err = w.service.CheckIn(t.Context(), anna, about)
				}
				if err = expected(err); err != nil {
					t.Error(err)
				}
			}
		})
	}
	racers.Wait()
	if len(made) < 20 {
		t.Errorf("only %d were made", len(made))
	}
}

// expected gives nil for a refusal that people can get in such a crowd.
func expected(err error) error {
	var refused *booking.Refused
	if err == nil || errors.As(err, &refused) {
		return nil
	}
	for _, code := range []problem.Code{booking.CodeWrongState, facilities.CodeSlotTaken, problem.CodeNotFound} {
		if problem.Has(err, code) {
			return nil
		}
	}
	return fmt.Errorf("nobody can use this: %w", err)
}
