package period

import "time"

// Wall is what the zone's clocks show at the instant, written as if it were UTC.
func Wall(t time.Time, zone *time.Location) time.Time {
	local := t.In(zone)
	y, m, d := local.Date()
	return time.Date(y, m, d, local.Hour(), local.Minute(), 0, 0, time.UTC)
}

// First gives the instant at which the zone's clocks show a reading of Wall: of
// one that they show twice the first, and twice says so. ok is false for one that
// they skip.
func First(wall time.Time, zone *time.Location) (at time.Time, twice, ok bool) {
	found, n := instants(wall, zone)
	if n == 0 {
		return time.Time{}, false, false
	}
	return found[0].UTC(), n > 1, true
}
