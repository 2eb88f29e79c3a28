package facilities

import (
	"slices"
	"time"

	"rigg/internal/id"
	"rigg/internal/period"
	"rigg/internal/text"
)

// Taken is time during which a unit is in use, buffers included.
type Taken struct {
	period.Period
	Down text.Text // the outage's name; empty: a booking, of which nothing more is told
}

// Busy is what is taken, by unit.
type Busy map[id.Unit][]Taken

// Reach gives the period for which LoadBusy has to be asked before a booking of
// the resources in p can be judged: p and the longest buffers around it.
func Reach(resources []*Resource, p period.Period) period.Period {
	var before, after time.Duration
	for _, r := range resources {
		before, after = max(before, r.Rules.SetUp.Duration()), max(after, r.Rules.CleanUp.Duration())
	}
	return p.Widen(before, after)
}

// Units lists the units that the resources can take, ascending, each once: what
// to lock and what to ask LoadBusy for.
func Units(resources []*Resource) []id.Unit {
	var out []id.Unit
	for _, r := range resources {
		out = append(out, r.Units...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Held gives the time for which a booking of p takes its units: buffers
// included, also where they lie in closed time.
func (r *Resource) Held(p period.Period) period.Period {
	return p.Widen(r.Rules.SetUp.Duration(), r.Rules.CleanUp.Duration())
}

// needs is how many units a booking takes.
func (r *Resource) needs() int {
	if r.Take == 0 {
		return len(r.Units)
	}
	return r.Take
}

// Pick chooses the units that a booking of p takes: all of the resource's, or
// the first n in ascending order that are free for the whole time, buffers
// included. ok is false when there are not enough.
func (r *Resource) Pick(p period.Period, busy Busy) (units []id.Unit, ok bool) {
	need := r.needs()
	units = r.free(p, busy, need)
	return units, need > 0 && len(units) == need
}

// free lists the first units, at most so many, that are free for all of a booking
// of p, ascending.
func (r *Resource) free(p period.Period, busy Busy, most int) []id.Unit {
	held := r.Held(p)
	units := make([]id.Unit, 0, most)
	for _, u := range r.Units {
		if len(units) == most {
			break
		}
		if !slices.ContainsFunc(busy[u], func(t Taken) bool { return t.Overlaps(held) }) {
			units = append(units, u)
		}
	}
	return units
}

// PickAll is Pick for several resources booked together, which must not get the
// same unit twice; the answer is in the order of the resources. Those that have
// the least choice are served first, and give way to the later ones where there
// is another unit for them: ok is false only when no choice would do.
func PickAll(resources []*Resource, p period.Period, busy Busy) (units [][]id.Unit, ok bool) {
	if len(resources) == 1 {
		own, ok := resources[0].Pick(p, busy)
		return [][]id.Unit{own}, ok
	}
	s := sharing{free: make([][]id.Unit, len(resources)), owner: map[id.Unit]int{}}
	order := make([]int, len(resources))
	for i, r := range resources {
		order[i], s.free[i] = i, r.free(p, busy, len(r.Units))
	}
	slices.SortStableFunc(order, func(a, b int) int { return resources[a].choice() - resources[b].choice() })
	for _, i := range order {
		need := resources[i].needs()
		for range need {
			if !s.give(i, map[id.Unit]bool{}) {
				return nil, false
			}
		}
		if need == 0 {
			return nil, false
		}
	}
	units = make([][]id.Unit, len(resources))
	for i := range resources {
		for _, u := range s.free[i] {
			if owner, taken := s.owner[u]; taken && owner == i {
				units[i] = append(units[i], u)
			}
		}
	}
	return units, len(resources) > 0
}

// sharing is how units are dealt out to resources, which are known by number.
type sharing struct {
	free  [][]id.Unit // what each could take
	owner map[id.Unit]int
}

// give finds one more unit for the resource: one that nobody has, or one whose
// owner can be given another. asked are the units that were tried already.
func (s *sharing) give(to int, asked map[id.Unit]bool) bool {
	for _, u := range s.free[to] {
		if _, taken := s.owner[u]; !taken {
			s.owner[u] = to
			return true
		}
	}
	for _, u := range s.free[to] {
		owner := s.owner[u]
		if owner == to || asked[u] {
			continue
		}
		asked[u] = true
		if s.give(owner, asked) {
			s.owner[u] = to
			return true
		}
	}
	return false
}

// choice is how many units are over when a booking has taken its own.
func (r *Resource) choice() int { return len(r.Units) - r.needs() }

// Free gives the maximal stretches of the window in which a booking (without
// its buffers) could lie as regards units, in order of start. With a pool they
// may overlap: one unit is free early, another late, and a booking stays on its
// unit.
func (r *Resource) Free(window period.Period, busy Busy) []period.Period {
	var gaps [][]period.Period // by unit
	var starts []time.Time
	for _, u := range r.Units {
		blocked := make([]period.Period, 0, len(busy[u]))
		for _, t := range busy[u] {
			// The booking's buffers meet what is taken exactly when the booking
			// meets what is taken widened by them the other way round.
			blocked = append(blocked, t.Widen(r.Rules.CleanUp.Duration(), r.Rules.SetUp.Duration()))
		}
		free := period.Subtract([]period.Period{window}, blocked)
		for _, f := range free {
			starts = append(starts, f.Start)
		}
		gaps = append(gaps, free)
	}
	slices.SortFunc(starts, time.Time.Compare)
	starts = slices.CompactFunc(starts, time.Time.Equal)
	var out []period.Period
	for _, start := range starts {
		end, ok := nthEnd(gaps, start, r.needs())
		// A stretch that ends no later than the one before lies inside it.
		if n := len(out); ok && (n == 0 || end.After(out[n-1].End)) {
			out = append(out, period.Period{Start: start, End: end})
		}
	}
	return out
}

// nthEnd gives how long n of the units are free together from the instant on;
// it drops the gaps that ended before it, so instants must come in order.
func nthEnd(gaps [][]period.Period, at time.Time, n int) (end time.Time, ok bool) {
	var ends []time.Time
	for i := range gaps {
		for len(gaps[i]) > 0 && !gaps[i][0].End.After(at) {
			gaps[i] = gaps[i][1:]
		}
		if len(gaps[i]) > 0 && gaps[i][0].Has(at) {
			ends = append(ends, gaps[i][0].End)
		}
	}
	if n < 1 || len(ends) < n {
		return time.Time{}, false
	}
	slices.SortFunc(ends, func(a, b time.Time) int { return b.Compare(a) })
	return ends[n-1], true
}
