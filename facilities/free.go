package facilities

import (
	"slices"
	"time"

	"rigg/internal/period"
)

// freeAsIs is board.free of one resource where nothing that is taken can be
// exchanged: the stretches follow from the gaps of its units, and none has to be
// tried.
func (b *board) freeAsIs(r *Resource, window period.Period) (out []period.Period) {
	gaps := make([][]period.Period, 0, len(r.Units)) // by unit
	var starts []time.Time
	for _, u := range r.Units {
		taken := b.lanes[u].taken
		blocked := make([]period.Period, len(taken))
		for i, t := range taken {
			// The booking's buffers meet what is taken exactly when the booking
			// meets what is taken widened by them the other way round.
			blocked[i] = t.Widen(r.Rules.CleanUp.Duration(), r.Rules.SetUp.Duration())
		}
		free := period.Subtract([]period.Period{window}, blocked)
		for _, f := range free {
			starts = append(starts, f.Start)
		}
		gaps = append(gaps, free)
	}
	slices.SortFunc(starts, time.Time.Compare)
	starts = slices.CompactFunc(starts, time.Time.Equal)
	for _, start := range starts {
		end, ok := nthEnd(gaps, start, r.Needs())
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
