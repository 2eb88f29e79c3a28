package facilities

import (
	"iter"
	"slices"
	"time"

	"rigg/internal/period"
)

const (
	searchDays   = 400 // how far one search looks, whatever window it is given
	loosestGrid  = 15  // minutes between proposals where no step is stated
	monthAtLeast = 28 * dayMinutes
	monthAtMost  = 31 * dayMinutes
	clockChanges = 4 * 60 // more minutes than clock changes can take from or add to a span
)

// FirstFits gives the first n bookings of the length that lie in the window,
// that Judge accepts now and for which Pick finds units. Without a step, starts
// are proposed as soon as it is free and then every quarter of an hour. busy is
// loaded for Reach of the window. A search looks 400 days ahead at most.
func (r *Resource) FirstFits(window period.Period, minutes int64, busy Busy, now time.Time, n int) []period.Period {
	return FitAll([]*Resource{r}, window, minutes, busy, now, n)
}

// FitAll is FirstFits for resources that are booked together.
func FitAll(resources []*Resource, window period.Period, minutes int64, busy Busy, now time.Time, n int) []period.Period {
	var out []period.Period
	s := newSearch(resources, newBoard(resources, busy), window, minutes, now)
	for p := range s.fits(false) {
		if len(out) >= n {
			break
		}
		out = append(out, p)
	}
	return out
}

// FitsApart is FitAll without those that overlap an earlier one: three
// proposals half an hour apart would be one choice, not three.
func FitsApart(resources []*Resource, window period.Period, minutes int64, busy Busy, now time.Time, n int) []period.Period {
	var out []period.Period
	s := newSearch(resources, newBoard(resources, busy), window, minutes, now)
	for len(out) < n {
		before := len(out)
		for p := range s.fits(false) {
			out = append(out, p)
			break
		}
		if len(out) == before {
			break
		}
		s.starts = intersect(s.starts, []period.Period{{Start: out[before].End, End: period.Latest}})
	}
	return out
}

// search is one look for times. starts holds the instants at which a booking
// may start as regards all that comes in stretches (hours, notice, horizon,
// other bookings), as half-open periods of whole minutes; what is left to try
// is the grid and lengths in calendar days.
type search struct {
	resources []*Resource
	minutes   int64
	board     *board
	starts    []period.Period
}

func newSearch(resources []*Resource, b *board, window period.Period, minutes int64, now time.Time) *search {
	s := &search{resources: resources, minutes: minutes, board: b}
	if furthest := window.Start.AddDate(0, 0, searchDays); window.End.After(furthest) {
		window.End = furthest
	}
	for i, r := range resources {
		starts := r.starts(window, minutes, b, now)
		if i == 0 {
			s.starts = starts
		} else {
			s.starts = intersect(s.starts, starts)
		}
	}
	return s
}

// starts gives the instants at which a booking of the length may start, grid
// and lengths in calendar days aside.
func (r *Resource) starts(window period.Period, minutes int64, b *board, now time.Time) []period.Period {
	if !r.lengthPossible(minutes) {
		return nil
	}
	length := elapsed(minutes)
	first, last := window.Start, window.End.Add(-length)
	for _, t := range []time.Time{now, r.earliest(now)} {
		if t.After(first) {
			first = t
		}
	}
	if t := r.latest(now); !t.IsZero() && t.Before(last) {
		last = t
	}
	bounds := upTo(ceilMinute(first), last)
	if bounds.Empty() {
		return nil
	}
	reach := period.Period{Start: bounds.Start, End: bounds.End.Add(length)}
	open := r.Open(reach)
	starts := intersect([]period.Period{bounds}, within(b.free([]*Resource{r}, reach), length))
	if r.Rules.Closed != Span {
		return intersect(starts, within(open, length))
	}
	var ends []period.Period // starts from which the end lies in open time
	for _, o := range open {
		ends = append(ends, upTo(o.Start.Add(time.Minute-length), o.End.Add(-length)))
	}
	return intersect(intersect(starts, open), period.Merge(ends))
}

// upTo is the whole minutes from first to last, both included.
func upTo(first, last time.Time) period.Period {
	return period.Period{Start: first, End: last.Truncate(time.Minute).Add(time.Minute)}
}

// within gives the starts from which the length fits into one of the stretches.
func within(stretches []period.Period, length time.Duration) []period.Period {
	var out []period.Period
	for _, s := range stretches {
		out = append(out, upTo(ceilMinute(s.Start), s.End.Add(-length)))
	}
	return period.Merge(out)
}

// intersect gives the time that is in both; each must be merged.
func intersect(a, b []period.Period) []period.Period {
	var out []period.Period
	for len(a) > 0 && len(b) > 0 {
		if both := a[0].Clip(b[0]); !both.Empty() {
			out = append(out, both)
		}
		if a[0].End.Before(b[0].End) {
			a = a[1:]
		} else {
			b = b[1:]
		}
	}
	return out
}

// lengthPossible is false when no start could make the length lawful, so that a
// search for it need not try every one.
func (r *Resource) lengthPossible(minutes int64) bool {
	least, most := r.Rules.Min, r.Rules.Max
	if most.Zero() {
		most = longest
	}
	bounds := func(s period.Span) (low, high int) {
		low = s.Minutes + s.Days*dayMinutes + s.Months*monthAtLeast
		high = s.Minutes + s.Days*dayMinutes + s.Months*monthAtMost
		if s.Days+s.Months > 0 {
			low, high = low-clockChanges, high+clockChanges
		}
		return low, high
	}
	low, _ := bounds(least)
	_, high := bounds(most)
	return minutes > 0 && minutes >= int64(low) && minutes <= int64(high)
}

// fits yields the times that suit, from the first on or from the last back.
func (s *search) fits(backwards bool) iter.Seq[period.Period] {
	return func(yield func(period.Period) bool) {
		for start := range s.candidates(backwards) {
			p := period.New(start, start.Add(elapsed(s.minutes)))
			if s.suits(p) && !yield(p) {
				return
			}
		}
	}
}

// suits tries what starts do not say.
func (s *search) suits(p period.Period) bool {
	for _, r := range s.resources {
		shortest, furthest := r.ends(p.Start)
		if !r.gridAt(p.Start).has(p.Start) || !r.gridAt(p.End).has(p.End) ||
			p.End.Before(shortest) || p.End.After(furthest) {
			return false
		}
	}
	return s.board.fits(s.resources, p)
}

// candidates yields the starts on the coarsest of the resources' grids.
func (s *search) candidates(backwards bool) iter.Seq[time.Time] {
	return func(yield func(time.Time) bool) {
		if len(s.resources) == 0 {
			return
		}
		coarsest := slices.MaxFunc(s.resources, func(a, b *Resource) int {
			return a.gridAt(time.Time{}).step - b.gridAt(time.Time{}).step
		})
		stretches := slices.Clone(s.starts)
		if backwards {
			slices.Reverse(stretches)
		}
		for _, stretch := range stretches {
			for t := range coarsest.gridPoints(stretch, backwards) {
				if !yield(t) {
					return
				}
			}
		}
	}
}

// gridPoints yields the grid points in the stretch; without a step its first
// minute (or last, backwards) and the quarters.
func (r *Resource) gridPoints(stretch period.Period, backwards bool) iter.Seq[time.Time] {
	return func(yield func(time.Time) bool) {
		edge, on := stretch.Start, func(t time.Time) time.Time { return r.proposals(t).ceil(t) }
		next := time.Minute
		if backwards {
			edge, next = stretch.End.Add(-time.Minute), -time.Minute
			on = func(t time.Time) time.Time { return r.proposals(t).floor(t) }
		}
		first := on(edge)
		if r.Rules.Step.Zero() && !first.Equal(edge) && !yield(edge) {
			return
		}
		for t := first; stretch.Has(t); t = on(t.Add(next)) {
			if !yield(t) {
				return
			}
		}
	}
}

// proposals is the grid of what is proposed.
func (r *Resource) proposals(t time.Time) grid {
	g := r.gridAt(t)
	if r.Rules.Step.Zero() {
		g.step = loosestGrid
	}
	return g
}
