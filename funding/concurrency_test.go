package funding_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"rigg/funding"
	"rigg/internal/database"
	"rigg/internal/problem"
)

// TestSixteenAtOnce has sixteen bookings race for a purse that covers seven.
func TestSixteenAtOnce(t *testing.T) {
	t.Parallel()
	w := setup(t)
	p := w.project("P-1", 7*500_000+499_999, grant("vinnova", 1), cash("sme", 1))
	cost := w.price(p, "line", "2026-03-02T08:00", "2026-03-02T16:00")
	var taken, refused atomic.Int32
	var all sync.WaitGroup
	for range 16 {
		all.Go(func() {
			_, err := w.reserve(p, cost, "2026-03-02")
			switch {
			case err == nil:
				taken.Add(1)
			case problem.Has(err, funding.CodeGrantExceeded):
				refused.Add(1)
			default:
				t.Error(err)
			}
		})
	}
	all.Wait()
	if taken.Load() != 7 || refused.Load() != 9 {
		t.Errorf("%d taken, %d refused", taken.Load(), refused.Load())
	}
	w.wantPurse(p, "vinnova", "grant", 2026, 7*500_000, 0)
	w.sound()
}

// Bookings lock the purses of their own project alone, of one programme or not.
func TestProjectsDoNotWaitForEachOther(t *testing.T) {
	t.Parallel()
	w := setup(t)
	one := w.project("P-1", 500_000, grant("vinnova", 1), cash("sme", 1))
	other := w.project("P-2", 500_000, grant("vinnova", 1), cash("sme", 1))
	cost := w.price(one, "line", "2026-03-02T08:00", "2026-03-02T16:00")
	w.must(func(tx *database.Tx) error {
		purses, err := funding.LockPurses(tx, one.ID, []int{2026})
		if err != nil {
			return err
		}
		b, err := insertBooking(tx, one.ID, cost.Agreement)
		if err != nil {
			return err
		}
		if err := funding.Reserve(tx, b, 1, cost, purses, day("2026-03-02")); err != nil {
			return err
		}
		// With all its locks still held; a wait would end in lock_timeout.
		_, err = w.reserve(other, w.price(other, "line", "2026-03-02T08:00", "2026-03-02T16:00"), "2026-03-02")
		return err
	})
	w.wantPurse(one, "vinnova", "grant", 2026, 500_000, 0)
	w.wantPurse(other, "vinnova", "grant", 2026, 500_000, 0)
	w.sound()
}

// Bookings, cancellations and completions on the same purses, some over New Year,
// wait for each other and never deadlock past the retries.
func TestAllKindsAtOnce(t *testing.T) {
	t.Parallel()
	w := setup(t)
	p := w.project("P-1", 100_000_000, grant("vinnova", 1), cash("sme", 1))
	over := w.price(p, "tower", "2026-12-31T21:55", "2027-01-01T05:05")
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	var all sync.WaitGroup
	for n := range 12 {
		all.Go(func() {
			b, err := w.reserve(p, over, "2026-12-31")
			if err != nil {
				t.Error(err)
				return
			}
			err = w.db.Update(ctx, func(tx *database.Tx) (err error) {
				state := "completed"
				if n%2 == 0 {
					state = "cancelled"
					if _, err = funding.LockPurses(tx, p.ID, over.Years()); err == nil {
						err = funding.Void(tx, b, 2)
					}
				} else {
					_, err = funding.Post(tx, b, 2, over, p.ID, day("2026-12-31"))
				}
				if err == nil {
					_, err = database.Exec(tx, `update bookings set state = $2 where id = $1`, int64(b), state)
				}
				return err
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	w.wantPurse(p, "vinnova", "grant", 2026, 0, 6*250_001)
	w.wantPurse(p, "vinnova", "grant", 2027, 0, 6*610_002)
	w.sound()
}
