package facilities

import (
	"time"

	"rigg/internal/period"
)

// grid is where bookings of a resource may start and end: every step minutes of
// the local clock, counted from local midnight and begun anew each day. It goes
// by what the clock shows, so on the days of clock changes bookings still begin
// at the hours that people know: a reading that is skipped is not there, one
// that occurs twice is on the grid both times, and the elapsed time between two
// grid points next to the change is an hour more or less.
type grid struct {
	step int // minutes; at least 1
	zone *time.Location
}

func (r *Resource) gridAt(t time.Time) grid {
	return grid{max(1, int(r.Rules.Step.Duration()/time.Minute)), r.Zone(t)}
}

// past gives the minutes that the clock shows since the latest grid point.
func (g grid) past(t time.Time) int {
	local := t.In(g.zone)
	return (local.Hour()*60 + local.Minute()) % g.step
}

func (g grid) has(t time.Time) bool { return t.Equal(t.Truncate(time.Minute)) && g.past(t) == 0 }

// floor gives the latest grid point not after t. Between two clock changes the
// clock runs evenly, so it is found by counting; a count that crosses a change
// starts again there.
func (g grid) floor(t time.Time) time.Time {
	for t = t.Truncate(time.Minute); ; {
		even, _ := t.In(g.zone).ZoneBounds()
		at := t.Add(-elapsed(int64(g.past(t))))
		if even.IsZero() || !at.Before(even) {
			return at
		}
		t = even.Add(-time.Minute).UTC()
	}
}

// ceil gives the earliest grid point not before t.
func (g grid) ceil(t time.Time) time.Time {
	for t = ceilMinute(t); ; {
		_, change := t.In(g.zone).ZoneBounds()
		at := t
		if past := g.past(t); past > 0 {
			at = t.Add(elapsed(int64(g.step - past)))
			if midnight := period.DateOf(t, g.zone).At(dayMinutes, g.zone); midnight.Before(at) {
				at = midnight
			}
		}
		if change.IsZero() || at.Before(change) {
			return at
		}
		t = change.UTC()
	}
}

func ceilMinute(t time.Time) time.Time {
	if whole := t.Truncate(time.Minute); whole.Before(t) {
		return whole.Add(time.Minute)
	}
	return t
}

// elapsed is n minutes of time.
func elapsed(n int64) time.Duration { return time.Duration(n) * time.Minute }
