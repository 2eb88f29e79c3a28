package facilities

import (
	"time"

	"rigg/internal/period"
)

// BookableAll is Bookable for resources that are booked together. Where they share
// a pool, a stretch may still have too few units for all of them.
func BookableAll(resources []*Resource, window period.Period, busy Busy, now time.Time) []period.Period {
	var out []period.Period
	for i, r := range resources {
		if own := r.Bookable(window, busy, now); i == 0 {
			out = own
		} else {
			out = both(out, own)
		}
	}
	return out
}

// both gives the time that is in a stretch of each list; those of one list may
// overlap.
func both(a, b []period.Period) []period.Period {
	var out []period.Period
	for _, p := range a {
		for _, q := range b {
			if at := p.Clip(q); !at.Empty() {
				out = append(out, at)
			}
		}
	}
	return maximal(out)
}
