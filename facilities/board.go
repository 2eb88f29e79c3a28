package facilities

import (
	"cmp"
	"slices"
	"time"

	"rigg/internal/id"
	"rigg/internal/period"
)

// repackRounds bounds how far making room for a booking reaches: to what
// overlaps it, to what overlaps that, and so on, so many times. LoadBusy reads
// as far. Where all of a pool's units are free at the same time once in a while,
// as at night, it ends there by itself.
const repackRounds = 50

// board is what is taken of some resources' units, and of all that share units
// with them, laid out to be asked many times.
type board struct {
	lanes map[id.Unit]*lane
	loose []use // may change units, by start
	full  map[*Resource][]period.Period
}

// lane is one unit's time, each list in order and merged.
type lane struct {
	taken []period.Period // by anything
	fixed []period.Period // by what stays where it is
	loose []int           // uses that have the unit, by start
}

func newBoard(resources []*Resource, busy Busy) *board {
	b := &board{lanes: map[id.Unit]*lane{}, full: map[*Resource][]period.Period{}}
	var pools map[id.Resource]*Resource // once one is needed
	type whole struct {
		Claim
		start, end int64
	}
	at := map[whole]int{}
	for _, unit := range Units(resources) {
		l := &lane{taken: make([]period.Period, 0, len(busy[unit]))}
		b.lanes[unit] = l
		for _, t := range busy[unit] {
			l.taken = append(l.taken, t.Period)
			if t.Claim.Resource != "" && pools == nil {
				pools = poolsAround(resources)
			}
			pool, ok := pools[t.Claim.Resource]
			if !ok || !slices.Contains(pool.Units, unit) {
				l.fixed = append(l.fixed, t.Period)
				continue
			}
			key := whole{t.Claim, t.Start.Unix(), t.End.Unix()}
			if _, ok := at[key]; !ok {
				at[key] = len(b.loose)
				b.loose = append(b.loose, use{Period: t.Period, units: pool.Units, claim: t.Claim})
			}
			u := &b.loose[at[key]]
			u.need, u.has = u.need+1, append(u.has, unit)
		}
		l.taken, l.fixed = period.Merge(l.taken), period.Merge(l.fixed)
	}
	slices.SortFunc(b.loose, func(x, y use) int {
		return cmp.Or(x.Start.Compare(y.Start), x.End.Compare(y.End), cmp.Compare(x.claim.Booking, y.claim.Booking),
			cmp.Compare(x.claim.Hold, y.claim.Hold), cmp.Compare(x.claim.Resource, y.claim.Resource))
	})
	for i, u := range b.loose {
		for _, unit := range u.has {
			b.lanes[unit].loose = append(b.lanes[unit].loose, i)
		}
	}
	return b
}

// poolsAround gives the pools of which units can be exchanged.
func poolsAround(resources []*Resource) map[id.Resource]*Resource {
	pools := map[id.Resource]*Resource{}
	for _, r := range resources {
		for _, other := range append(slices.Clone(r.Facility.Resources), r) {
			if other.choice() > 0 {
				pools[other.ID] = other
			}
		}
	}
	return pools
}

// meets tells whether any of the periods, in order and merged, overlaps p.
func meets(periods []period.Period, p period.Period) bool {
	i, _ := slices.BinarySearchFunc(periods, p.Start, func(q period.Period, start time.Time) int {
		if q.End.After(start) {
			return 1
		}
		return -1
	})
	return i < len(periods) && periods[i].Overlaps(p)
}

// asks are the uses that a booking of p makes of the resources.
func asks(resources []*Resource, p period.Period) []use {
	out := make([]use, len(resources))
	for i, r := range resources {
		out[i] = use{Period: r.Held(p), units: r.Units, need: r.Needs()}
	}
	return out
}

// fits tells whether there is room for a booking of p, others' provisional units
// exchanged where that is needed.
func (b *board) fits(resources []*Resource, p period.Period) bool {
	if len(resources) == 1 {
		r, free := resources[0], 0
		for _, unit := range r.Units {
			if !meets(b.lanes[unit].taken, r.Held(p)) {
				free++
			}
		}
		if free >= r.Needs() {
			return r.Needs() > 0
		}
	}
	_, _, ok := b.place(resources, p)
	return ok
}

// place finds units for a booking of p, for each resource in order. It moves
// others as little as it can: at first none, then those whose time overlaps, then
// those that overlap these.
func (b *board) place(resources []*Resource, p period.Period) (units [][]id.Unit, moves []Move, ok bool) {
	wanted := asks(resources, p)
	if len(wanted) == 0 {
		return nil, nil, false
	}
	if units, ok = pack(wanted, func(u id.Unit, p period.Period) bool { return meets(b.lanes[u].taken, p) }); ok {
		return units, nil, true
	}
	for i, r := range resources {
		if meets(b.fullTime(r), wanted[i].Period) {
			return nil, nil, false
		}
	}
	return b.makeRoom(wanted)
}

// makeRoom finds units for uses that need others moved.
func (b *board) makeRoom(wanted []use) (units [][]id.Unit, moves []Move, ok bool) {
	tried := 0
	for _, rounds := range []int{1, 3, repackRounds} {
		near := b.near(wanted, rounds)
		if len(near) == tried {
			break // the same again
		}
		tried = len(near)
		all, in := slices.Clone(wanted), map[int]bool{}
		for _, i := range near {
			all, in[i] = append(all, b.loose[i]), true
		}
		given, ok := pack(all, func(u id.Unit, p period.Period) bool { return b.blocked(u, p, in) })
		if !ok {
			continue
		}
		for k, i := range near {
			if m, moved := b.loose[i].moved(given[len(wanted)+k]); moved {
				moves = append(moves, m)
			}
		}
		return given[:len(wanted)], moves, true
	}
	return nil, nil, false
}

// near gives the uses that can be moved within so many rounds.
func (b *board) near(wanted []use, rounds int) (out []int) {
	hull := wanted[0].Period
	widen := func(p period.Period) (grown bool) {
		if p.Start.Before(hull.Start) {
			hull.Start, grown = p.Start, true
		}
		if p.End.After(hull.End) {
			hull.End, grown = p.End, true
		}
		return grown
	}
	for _, w := range wanted {
		widen(w.Period)
	}
	for range rounds {
		now, grown := hull, false
		out = out[:0]
		for i, u := range b.loose {
			if u.Overlaps(now) {
				out, grown = append(out, i), widen(u.Period) || grown
			}
		}
		if !grown {
			break
		}
	}
	return out
}

// blocked tells whether the unit is taken by what stays while some uses move.
func (b *board) blocked(unit id.Unit, p period.Period, moving map[int]bool) bool {
	l := b.lanes[unit]
	return meets(l.fixed, p) || slices.ContainsFunc(l.loose, func(i int) bool {
		return !moving[i] && b.loose[i].Overlaps(p)
	})
}

// fullTime is when a resource has too few units left whatever is moved: the most
// units in use at one time say so, those counted that are blocked and those that
// are used by pools with no unit outside it.
func (b *board) fullTime(r *Resource) []period.Period {
	if full, ok := b.full[r]; ok {
		return full
	}
	type change struct {
		at time.Time
		by int
	}
	var changes []change
	add := func(p period.Period, n int) { changes = append(changes, change{p.Start, n}, change{p.End, -n}) }
	for _, unit := range r.Units {
		for _, p := range b.lanes[unit].fixed {
			add(p, 1)
		}
	}
	for _, u := range b.loose {
		if !slices.ContainsFunc(u.units, func(unit id.Unit) bool { return !slices.Contains(r.Units, unit) }) {
			add(u.Period, u.need)
		}
	}
	slices.SortFunc(changes, func(x, y change) int { return x.at.Compare(y.at) })
	full, used := []period.Period{}, 0
	for i, c := range changes {
		if used > r.choice() {
			full = append(full, period.Period{Start: changes[i-1].at, End: c.at})
		}
		used += c.by
	}
	b.full[r] = period.Merge(full)
	return b.full[r]
}

// free gives the maximal stretches of the window in which a booking of all the
// resources could lie as regards units. Each begins at the window's start or just
// when something ends, and ends likewise; and what lies in a stretch that is free
// is free, so one walk over both finds them.
func (b *board) free(resources []*Resource, window period.Period) (out []period.Period) {
	if window.Empty() {
		return nil
	}
	if len(resources) == 1 && len(b.loose) == 0 {
		return b.freeAsIs(resources[0], window)
	}
	starts, ends := b.edges(resources, window)
	next := 0
	for _, start := range starts {
		for next < len(ends) && (!ends[next].After(start) || b.fits(resources, period.Period{Start: start, End: ends[next]})) {
			next++
		}
		// A stretch that ends no later than the one before lies inside it.
		if next > 0 && ends[next-1].After(start) && (len(out) == 0 || ends[next-1].After(out[len(out)-1].End)) {
			out = append(out, period.Period{Start: start, End: ends[next-1]})
		}
	}
	return out
}

// edges are the instants at which a booking may come to touch what is taken.
func (b *board) edges(resources []*Resource, window period.Period) (starts, ends []time.Time) {
	starts, ends = []time.Time{window.Start}, []time.Time{window.End}
	type buffers struct{ before, after time.Duration }
	seen := map[buffers]bool{}
	for _, r := range resources {
		around := buffers{r.Rules.SetUp.Duration(), r.Rules.CleanUp.Duration()}
		if seen[around] {
			continue
		}
		seen[around] = true
		for _, l := range b.lanes {
			for _, list := range [][]period.Period{l.taken, l.fixed} {
				for _, p := range list {
					starts, ends = append(starts, p.End.Add(around.before)), append(ends, p.Start.Add(-around.after))
				}
			}
		}
		for _, u := range b.loose { // merged above where they touch
			starts, ends = append(starts, u.End.Add(around.before)), append(ends, u.Start.Add(-around.after))
		}
	}
	inside := func(all []time.Time) []time.Time {
		all = slices.DeleteFunc(all, func(t time.Time) bool { return t.Before(window.Start) || t.After(window.End) })
		slices.SortFunc(all, time.Time.Compare)
		return slices.CompactFunc(all, time.Time.Equal)
	}
	return inside(starts), inside(ends)
}
