package booking_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"rigg/access"
	"rigg/booking"
	"rigg/facilities"
	"rigg/funding"
	"rigg/internal/database"
	"rigg/internal/id"
	"rigg/internal/period"
	"rigg/internal/problem"
	"rigg/internal/text"
)

// outcome is what one racer got.
type outcome struct {
	b   *booking.Booking
	err error
}

// race runs f n times at once and gives what came of it, in order of i.
func race(n int, f func(i int) (*booking.Booking, error)) []outcome {
	out := make([]outcome, n)
	var racers sync.WaitGroup
	start := make(chan struct{})
	for i := range n {
		racers.Go(func() {
			<-start
			out[i].b, out[i].err = f(i)
		})
	}
	close(start)
	racers.Wait()
	return out
}

// won gives the winners, and fails for each loser whose error has none of the codes.
func (w *world) won(all []outcome, codes ...problem.Code) (winners []*booking.Booking) {
	w.Helper()
	for i, o := range all {
		if o.err == nil {
			winners = append(winners, o.b)
			continue
		}
		known := false
		for _, code := range codes {
			known = known || problem.Has(o.err, code)
		}
		if !known {
			w.Errorf("racer %d: %v", i, o.err)
		}
	}
	return winners
}

func TestFiftyWhoWantOneUnitAtOnce(t *testing.T) {
	t.Parallel()
	w := setup(t)
	anna, rolf := w.who("anna"), w.who("rolf")
	all := race(50, func(i int) (*booking.Booking, error) {
		in := want("station-1", "2026-03-10T08:00", "2026-03-10T16:00")
		in.Period.Start = in.Period.Start.Add(time.Duration(i) * time.Minute) // all overlap
		by := anna
		if i%2 == 1 {
			by, in.Project = rolf, "rust"
		}
		return w.service.Request(t.Context(), by, in)
	})
	winners := w.won(all, facilities.CodeSlotTaken)
	if len(winners) != 1 {
		t.Fatalf("%d won", len(winners))
	}
	for i, o := range all {
		var r *booking.Refused
		if o.err == nil {
			continue
		}
		if !errors.As(o.err, &r) || len(r.Alternatives) == 0 {
			t.Errorf("racer %d: no alternatives with %v", i, o.err)
		}
		if told := fmt.Sprint(o.err, problem.From(o.err).Details); strings.Contains(told, string(winners[0].Ref)) ||
			strings.Contains(told, "anna") || strings.Contains(told, "rolf") || strings.Contains(told, "Rival") {
			t.Errorf("racer %d is told whose it is: %s", i, told)
		}
	}
	for what, query := range map[string]string{
		"booking": `select count(*) from bookings`, "allocation": `select count(*) from allocations`,
		"reservation": `select count(*) from charges`, "history row": `select count(*) from booking_history`,
	} {
		if n := w.count(query); n != 1 {
			t.Errorf("%d of one %s", n, what)
		}
	}
	if got := w.news(); len(got) != 1 || got[0] != "booking_requested" {
		t.Errorf("told %v", got)
	}
}

func TestALineAgainstItsStations(t *testing.T) {
	t.Parallel()
	w := setup(t)
	anna := w.who("anna")
	for round := range 4 {
		names := []id.Resource{"station-1", "whole-line", "station-2"}
		day := fmt.Sprintf("2026-03-%d", 10+round)
		winners := w.won(race(18, func(i int) (*booking.Booking, error) {
			return w.service.Request(t.Context(), anna, want(names[(i+round)%3], day+"T08:00", day+"T16:00"))
		}), facilities.CodeSlotTaken)
		units := map[id.Unit]int{}
		for _, b := range winners {
			for _, u := range b.Units {
				units[u]++
			}
		}
		if len(winners) == 0 || len(winners) > 2 || len(units) != 2 {
			t.Errorf("%d won, with %v", len(winners), units)
		}
	}
}

func TestAPoolOfThree(t *testing.T) {
	t.Parallel()
	w := setup(t)
	anna := w.who("anna")
	winners := w.won(race(20, func(int) (*booking.Booking, error) {
		return w.service.Request(t.Context(), anna, want("printer", "2026-03-10T08:00", "2026-03-10T16:00"))
	}), facilities.CodeSlotTaken)
	units := map[id.Unit]bool{}
	for _, b := range winners {
		units[b.Units[0]] = true
	}
	if len(winners) != 3 || len(units) != 3 {
		t.Errorf("%d won, on %v", len(winners), units)
	}
}

func TestSixteenOnAPurseThatCoversSeven(t *testing.T) {
	t.Parallel()
	w := setup(t)
	anna := w.who("anna")
	machines := []id.Resource{"press", "printer", "robot", "kiln"}
	all := race(16, func(i int) (*booking.Booking, error) {
		day := fmt.Sprintf("2026-03-%d", 10+i/4)
		in := want(machines[i%4], day+"T08:00", day+"T09:00")
		in.Project = "tight"
		return w.service.Request(t.Context(), anna, in)
	})
	if n := len(w.won(all, booking.CodeRefused)); n != 7 {
		t.Errorf("%d won", n)
	}
	for _, o := range all {
		var r *booking.Refused
		if errors.As(o.err, &r) && (len(r.Refusals) != 2 || r.Refusals[0].Code != funding.CodeGrantExceeded || r.Refusals[1].Code != funding.CodeBudgetExceeded) {
			t.Errorf("refused for %v", r.Refusals)
		}
	}
	if reserved, _ := w.purse("tight", "vinnova", 2026); reserved != 7*625_00 {
		t.Errorf("%d reserved", reserved)
	}
}

func TestTwoManagersApproveAtOnce(t *testing.T) {
	t.Parallel()
	w := setup(t)
	managers := []*access.Principal{w.who("mia"), w.who("moa")}
	for day := 10; day < 16; day++ {
		b := w.book("station-1", fmt.Sprintf("2026-03-%dT08:00", day), fmt.Sprintf("2026-03-%dT16:00", day))
		w.news()
		all := race(2, func(i int) (*booking.Booking, error) {
			return w.service.Approve(t.Context(), managers[i], booking.Change{Ref: b.Ref, Version: b.Version})
		})
		if n := len(w.won(all, booking.CodeStale)); n != 1 {
			t.Fatalf("%d approved", n)
		}
		for i, o := range all {
			if told := problem.From(o.err).Text().EN; o.err != nil && !strings.Contains(told, "already changed: approved by "+managers[1-i].Name+" at 2026-03-02 09:00") {
				t.Errorf("%s is told %q", managers[i].Name, told)
			}
		}
		if got := w.news(); len(got) != 3 || got[0] != "booking_confirmed" {
			t.Errorf("told %v", got)
		}
	}
}

func TestEverythingHappensToOneBookingAtOnce(t *testing.T) {
	t.Parallel()
	w := setup(t)
	anna, liv, mia, moa := w.who("anna"), w.who("liv"), w.who("mia"), w.who("moa")
	for day := 10; day < 16; day++ {
		b := w.book("station-1", fmt.Sprintf("2026-03-%dT08:00", day), fmt.Sprintf("2026-03-%dT16:00", day))
		c := booking.Change{Ref: b.Ref, Version: 1, Reason: "Nej."}
		move := booking.Edit{Period: period.New(b.Period.Start.Add(time.Hour), b.Period.End), Resources: []id.Resource{"station-2"}}
		winners := w.won(race(6, func(i int) (*booking.Booking, error) {
			switch i {
			case 0:
				return w.service.Approve(t.Context(), mia, c)
			case 1:
				return w.service.Decline(t.Context(), moa, c)
			case 2:
				return w.service.Cancel(t.Context(), anna, c)
			case 3:
				return w.service.Ask(t.Context(), moa, c)
			case 4:
				return w.service.Edit(t.Context(), liv, c, move)
			}
			return w.service.Edit(t.Context(), anna, c, booking.Edit{Purpose: new("Annat")})
		}), booking.CodeStale)
		if len(winners) != 1 || w.read(b).Version != 2 {
			t.Errorf("%d won, version %d", len(winners), w.read(b).Version)
		}
		w.mustHold()
	}
}

func TestMovesThatCrossDoNotDeadlock(t *testing.T) {
	t.Parallel()
	w := setup(t)
	anna := w.who("anna")
	machines := []id.Resource{"press", "bed", "tower"}
	var all []*booking.Booking
	for _, m := range machines {
		all = append(all, w.book(m, "2026-03-10T08:00", "2026-03-10T16:00"))
	}
	for round := range 4 { // each wants where the next one is, or will be
		moved := race(6, func(i int) (*booking.Booking, error) {
			from, to := between("2026-03-10T08:00", "2026-03-10T16:00"), machines[(i+round+1)%3]
			if i >= 3 {
				from = between("2026-03-10T12:00", "2026-03-10T20:00")
			}
			return w.service.Edit(t.Context(), anna, booking.Change{Ref: all[i%3].Ref}, booking.Edit{Resources: []id.Resource{to}, Period: from})
		})
		w.won(moved, facilities.CodeSlotTaken)
		w.mustHold()
	}
}

func TestCheckOutAgainstTheSweep(t *testing.T) {
	t.Parallel()
	w := setup(t)
	anna := w.who("anna")
	b := w.book("robot", "2026-03-10T08:00", "2026-03-10T16:00")
	w.at("2026-03-10T08:00")
	b = w.must(w.service.CheckIn, "anna", b)
	w.at("2026-03-10T16:00")
	w.won(race(6, func(i int) (*booking.Booking, error) {
		if i%2 == 0 {
			return b, w.service.Sweep(t.Context())
		}
		return w.service.CheckOut(t.Context(), anna, booking.Change{Ref: b.Ref})
	}), booking.CodeWrongState)
	if after := w.read(b); after.State != booking.Completed || after.Version != 3 {
		t.Errorf("%s, version %d", after.State, after.Version)
	}
	w.wantPurses(2026, 0, 5_000_00)
}

func TestTenWithOneKey(t *testing.T) {
	t.Parallel()
	w := setup(t)
	anna := w.who("anna")
	ctx := access.WithKey(t.Context(), "one", "POST", "/bookings")
	all := race(10, func(int) (*booking.Booking, error) {
		return w.service.Request(ctx, anna, want("press", "2026-03-10T08:00", "2026-03-10T16:00"))
	})
	for _, b := range w.won(all) {
		if b.Ref != all[0].b.Ref {
			t.Errorf("%s beside %s", b.Ref, all[0].b.Ref)
		}
	}
	if n := w.count(`select count(*) from bookings`); n != 1 {
		t.Errorf("%d bookings", n)
	}
}

// Whoever books while the catalogue changes under them never sees that it did.
func TestBookingWhileTheCatalogueChanges(t *testing.T) {
	t.Parallel()
	w := setup(t)
	anna := w.who("anna")
	all := race(20, func(i int) (*booking.Booking, error) {
		if i%7 == 0 {
			day := period.Date{Year: 2027, Month: 5, Day: 1 + i}
			return nil, w.db.Update(t.Context(), func(tx *database.Tx) error {
				_, err := facilities.PutClosure(tx, facilities.Closure{Site: "molndal", Day: day, Name: text.Text{SV: "Stängt", EN: "Closed"}})
				return err
			})
		}
		day := fmt.Sprintf("2026-04-%02d", 1+i)
		return w.service.Request(t.Context(), anna, want("press", day+"T08:00", day+"T09:00"))
	})
	w.won(all)
	if n := w.count(`select count(*) from bookings`); n != 17 {
		t.Errorf("%d bookings", n)
	}
}
