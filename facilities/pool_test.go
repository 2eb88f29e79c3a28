package facilities_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"rigg/facilities"
	"rigg/internal/id"
	"rigg/internal/period"
)

func (h *hall) drawTogether(t *rapid.T) []*facilities.Resource {
	return rapid.SliceOfNDistinct(rapid.SampledFrom(h.resources), 1, 2,
		func(r *facilities.Resource) id.Resource { return r.ID }).Draw(t, "together")
}

// TestRoomIsFoundWhereThereIsAny: nothing that any assignment would make room
// for is refused, nothing else is given, and no unit is given twice.
func TestRoomIsFoundWhereThereIsAny(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		h := drawHall(t)
		for range 10 {
			together, p := h.drawTogether(t), h.drawPeriod(t)
			if slices.ContainsFunc(together, func(r *facilities.Resource) bool { return h.outside(r.Held(p)) }) {
				continue
			}
			busy := h.busy()
			units, moves, ok := facilities.Place(together, p, busy)
			if want := h.room(together, p); ok != want {
				t.Fatalf("%v of %v: placed is %v, the minutes say %v\n%s", p, ids(together), ok, want, h)
			}
			if why := facilities.UnfreeAll(together, p, busy); ok != (len(why) == 0) {
				t.Fatalf("placed is %v, but unfree says %v", ok, why)
			}
			if !ok {
				continue
			}
			h.apply(t, moves)
			for i, r := range together {
				for _, u := range units[i] {
					if held := h.minutes(r.Held(p)); h.occupied(u)&held != 0 || !slices.Contains(r.Units, u) {
						t.Fatalf("%v is given unit %d, which is taken\n%s", r.ID, u, h)
					}
				}
			}
			if rapid.Bool().Draw(t, "book it") {
				h.book(together, p, units)
			}
		}
	})
}

func ids(resources []*facilities.Resource) (out []id.Resource) {
	for _, r := range resources {
		out = append(out, r.ID)
	}
	return out
}

// book takes the units, for good: claims are dear to try out.
func (h *hall) book(together []*facilities.Resource, p period.Period, units [][]id.Unit) {
	for i, r := range together {
		for _, u := range units[i] {
			h.fixed[u] |= h.minutes(r.Held(p))
		}
	}
}

// TestFreeStretchesWithPools: the stretches shown are just those in which a
// booking would find room.
func TestFreeStretchesWithPools(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		h := drawHall(t)
		together := h.drawTogether(t)
		var want []period.Period
		end := 10
		for from := 10; from < 50; from++ { // buffers stay within the hour
			end = max(end, from)
			for end < 50 && h.room(together, h.between(from, end+1)) {
				end++
			}
			if n := len(want); end > from && (n == 0 || h.between(from, end).End.After(want[n-1].End)) {
				want = append(want, h.between(from, end))
			}
		}
		if got := facilities.FreeAll(together, h.between(10, 50), h.busy()); !slices.Equal(got, want) {
			t.Fatalf("free %v\nminutes %v\n%v of\n%s", got, want, ids(together), h)
		}
	})
}

// TestFitsWithPools: what is proposed for resources booked together is the first
// that finds room.
func TestFitsWithPools(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		h := drawHall(t)
		together := h.drawTogether(t)
		for _, r := range together {
			r.Rules.Step = period.Span{Minutes: rapid.SampledFrom([]int{1, 5}).Draw(t, "step")}
		}
		length := rapid.IntRange(1, 20).Draw(t, "length")
		window := h.between(10, 50)
		var want []period.Period
		for from := 10; from+length <= 50; from++ {
			p := h.between(from, from+length)
			judged := func(r *facilities.Resource) bool { return len(r.Judge(p, h.base)) > 0 }
			if !slices.ContainsFunc(together, judged) && h.room(together, p) {
				want = append(want, p)
			}
		}
		busy := h.busy()
		if got := facilities.FitAll(together, window, int64(length), busy, h.base, 100); !slices.Equal(got, want) {
			t.Fatalf("fits %v\nminutes %v\n%v of\n%s", got, want, ids(together), h)
		}
		stretches := facilities.BookableAll(together, window, busy, h.base)
		for _, p := range want {
			if !slices.ContainsFunc(stretches, func(s period.Period) bool { return s.Contains(p) }) {
				t.Fatalf("%v can be booked, but is not in %v\n%s", p, stretches, h)
			}
		}
		for _, s := range stretches {
			if !h.room(together, s) {
				t.Fatalf("%v cannot be booked\n%s", s, h)
			}
		}
	})
}

// booked makes what a pool's provisional bookings have taken.
func booked(t *testing.T, pool *facilities.Resource, times map[id.Unit][][2]string) facilities.Busy {
	t.Helper()
	busy, n := facilities.Busy{}, id.Booking(0)
	for _, u := range pool.Units {
		for _, at := range times[u] {
			n++
			busy[u] = append(busy[u], facilities.Taken{
				Period: between(t, "2026-04-28T"+at[0], "2026-04-28T"+at[1]), Claim: facilities.Claim{Resource: pool.ID, Booking: n},
			})
		}
	}
	return busy
}

func pool(take int, units ...id.Unit) *facilities.Resource {
	r := always(facilities.Rules{})
	r.ID, r.Units, r.Take = "pool", units, take
	r.Facility.Resources = append(r.Facility.Resources, r)
	return r
}

// TestTheMostInUseAtOneTimeDecides: three bookings that each meet the wanted
// time leave room in a pool of three, since no two of them meet each other.
func TestTheMostInUseAtOneTimeDecides(t *testing.T) {
	t.Parallel()
	r := pool(1, 1, 2, 3)
	busy := booked(t, r, map[id.Unit][][2]string{
		1: {{"08:00", "10:00"}}, 2: {{"10:00", "12:00"}}, 3: {{"12:00", "14:00"}},
	})
	p := between(t, "2026-04-28T09:00", "2026-04-28T13:00")
	units, moves, ok := facilities.Place([]*facilities.Resource{r}, p, busy)
	if !ok || len(units[0]) != 1 || len(moves) != 1 {
		t.Fatalf("units %v, moves %v: one of them moves", units, moves)
	}
	if free := r.Free(between(t, "2026-04-28T08:00", "2026-04-28T14:00"), busy); len(free) != 1 || free[0].Minutes() != 360 {
		t.Errorf("free %v, want all of it", free)
	}
	// The third at one time is the last.
	busy[1] = append(busy[1], booked(t, r, map[id.Unit][][2]string{1: {{"10:30", "11:00"}}})[1]...)
	busy[3] = append(busy[3], booked(t, r, map[id.Unit][][2]string{3: {{"10:59", "11:30"}}})[3]...)
	if _, ok := r.Pick(p, busy); ok {
		t.Error("a fourth unit is found")
	}
	// One that is pinned where the others would have to go is in the way.
	for u, taken := range booked(t, r, map[id.Unit][][2]string{1: {{"08:00", "10:00"}}, 2: {{"10:00", "12:00"}}, 3: {{"12:00", "14:00"}}}) {
		taken[0].Claim = facilities.Claim{}
		busy[u] = taken
	}
	if _, ok := r.Pick(p, busy); ok {
		t.Error("what is pinned is moved")
	}
}

func TestAStationMovesThePoolsBooking(t *testing.T) {
	t.Parallel()
	r := pool(1, 1, 2)
	station := *r
	station.ID, station.Units, station.Take = "station", []id.Unit{1}, 0
	r.Facility.Resources = append(r.Facility.Resources, &station)
	busy := booked(t, r, map[id.Unit][][2]string{1: {{"08:00", "10:00"}}})
	p := between(t, "2026-04-28T09:00", "2026-04-28T13:00")
	if got := facilities.Units([]*facilities.Resource{&station}); !slices.Equal(got, []id.Unit{1, 2}) {
		t.Errorf("units %v: the pool's other unit belongs to it", got)
	}
	_, moves, ok := facilities.Place([]*facilities.Resource{&station}, p, busy)
	want := facilities.Move{Claim: facilities.Claim{Resource: "pool", Booking: 1}, Period: busy[1][0].Period, From: []id.Unit{1}, To: []id.Unit{2}}
	if !ok || len(moves) != 1 || fmt.Sprint(moves[0]) != fmt.Sprint(want) {
		t.Errorf("moves %v, want %v", moves, want)
	}
}

// TestALongChainOfBookings has room only if every booking of a week changes
// places: two units that are never free at the same time.
func TestALongChainOfBookings(t *testing.T) {
	t.Parallel()
	r, start := pool(1, 1, 2), local(t, "2026-04-28T08:00")
	const n = 40
	at := func(hours int) time.Time { return start.Add(time.Duration(hours) * time.Hour) }
	busy := facilities.Busy{1: {{Period: period.New(at(-8), at(-2))}}} // pinned
	for i := range n {
		u := id.Unit(2 - i%2)
		busy[u] = append(busy[u], facilities.Taken{
			Period: period.New(at(5*i), at(5*i+8)), Claim: facilities.Claim{Resource: r.ID, Booking: id.Booking(i + 1)},
		})
	}
	_, moves, ok := facilities.Place([]*facilities.Resource{r}, period.New(at(-4), at(4)), busy)
	if !ok || len(moves) != n {
		t.Errorf("found is %v with %d moves, want %d", ok, len(moves), n)
	}
	if _, ok := r.Pick(period.New(at(-4), at(5).Add(time.Minute)), busy); ok {
		t.Error("two others are there at once, and still a third unit is found")
	}
}

// BenchmarkBusyPool looks three months ahead in a pool that is used round the
// clock: a search must stay near to linear in what is taken.
func BenchmarkBusyPool(b *testing.B) {
	for _, days := range []int{45, 90, 180} {
		b.Run(fmt.Sprint(days), func(b *testing.B) {
			now := time.Date(2026, 4, 20, 9, 0, 0, 0, time.UTC)
			r := always(facilities.Rules{Step: period.Span{Minutes: 30}})
			r.ID, r.Units, r.Take = "pool", []id.Unit{1, 2, 3, 4, 5}, 1
			busy, n := facilities.Busy{}, id.Booking(0)
			for i, u := range r.Units {
				for at := now.Add(time.Duration(i) * 37 * time.Minute); at.Before(now.AddDate(0, 0, days)); at = at.Add(5 * time.Hour) {
					n++
					busy[u] = append(busy[u], facilities.Taken{
						Period: period.New(at, at.Add(290*time.Minute)), Claim: facilities.Claim{Resource: r.ID, Booking: n},
					})
				}
			}
			for b.Loop() {
				if got := r.FirstFits(period.New(now, now.AddDate(0, 0, days)), 240, busy, now, 3); got != nil {
					b.Fatal(got)
				}
				r.Bookable(period.New(now, now.AddDate(0, 0, days)), busy, now)
			}
		})
	}
}
