package facilities

import (
	"slices"
	"time"

	"rigg/internal/period"
)

// Bookable gives the maximal stretches of the window in which a booking made
// now could lie as regards hours, notice, horizon, grid and units: each begins
// where a booking may start, ends where one may end, and is long enough for the
// shortest. With closed: span they go through closed time. With a pool they may
// overlap, as Free's do. busy is loaded for Reach of the window, of which 400
// days are looked at.
func (r *Resource) Bookable(window period.Period, busy Busy, now time.Time) []period.Period {
	return BookableAll([]*Resource{r}, window, busy, now)
}

// BookableAll is Bookable for resources that are booked together.
func BookableAll(resources []*Resource, window period.Period, busy Busy, now time.Time) []period.Period {
	for _, r := range resources {
		window = r.reachable(window, now)
	}
	if window.Empty() || len(resources) == 0 {
		return nil
	}
	pieces := newBoard(resources, busy).free(resources, window)
	for _, r := range resources {
		pieces = r.openPieces(pieces, r.Open(window))
	}
	var out []period.Period
	for _, p := range pieces {
		if p = tighten(resources, p); !p.Empty() && longEnough(resources, p) {
			out = append(out, p)
		}
	}
	return maximal(out)
}

// openPieces cuts stretches to open time; with closed: span only their ends.
func (r *Resource) openPieces(stretches, open []period.Period) (out []period.Period) {
	for _, s := range stretches {
		pieces := intersect([]period.Period{s}, open)
		if n := len(pieces); r.Rules.Closed == Span && n > 1 {
			pieces = []period.Period{{Start: pieces[0].Start, End: pieces[n-1].End}}
		}
		out = append(out, pieces...)
	}
	return out
}

// tighten moves the ends of a stretch inwards to where a booking of all the
// resources may start and end. What suits one may not suit another, so it goes on
// until nothing moves any more.
func tighten(resources []*Resource, p period.Period) period.Period {
	for before := (period.Period{}); p != before && !p.Empty(); {
		before = p
		for _, r := range resources {
			p = period.Period{Start: r.gridAt(p.Start).ceil(p.Start), End: r.gridAt(p.End).floor(p.End)}
			if r.Rules.Closed != Span {
				continue // it lies in open time, whatever is cut off
			}
			open := r.openPieces([]period.Period{p}, r.Open(p))
			if len(open) == 0 {
				return period.Period{}
			}
			p = open[0]
		}
	}
	return p
}

func longEnough(resources []*Resource, p period.Period) bool {
	return !slices.ContainsFunc(resources, func(r *Resource) bool {
		shortest, _ := r.ends(p.Start)
		return p.End.Before(shortest)
	})
}

// reachable is the part of the window that notice, horizon and our own limit
// leave to a booking made now.
func (r *Resource) reachable(window period.Period, now time.Time) period.Period {
	bounds := period.Period{Start: now, End: window.Start.AddDate(0, 0, searchDays)}
	if earliest := r.earliest(now); earliest.After(now) {
		bounds.Start = earliest
	}
	if latest := r.latest(now); !latest.IsZero() {
		if _, furthest := r.ends(latest); furthest.Before(bounds.End) {
			bounds.End = furthest
		}
	}
	return r.inService(window.Clip(bounds))
}

// maximal sorts the periods and drops those that lie inside another.
func maximal(ps []period.Period) []period.Period {
	slices.SortFunc(ps, func(a, b period.Period) int {
		if c := a.Start.Compare(b.Start); c != 0 {
			return c
		}
		return b.End.Compare(a.End)
	})
	var out []period.Period
	for _, p := range ps {
		if n := len(out); n == 0 || p.End.After(out[n-1].End) {
			out = append(out, p)
		}
	}
	return out
}
