package period

import (
	"fmt"
	"time"

	"rigg/internal/problem"
)

// The refusals of local times that a clock change makes impossible or double.
var (
	CodeNoSuchLocalTime = problem.Declare(problem.Invalid, "no-such-local-time",
		"Klockslaget finns inte", "There is no such local time")
	CodeAmbiguousLocalTime = problem.Declare(problem.Invalid, "ambiguous-local-time",
		"Klockslaget finns två gånger", "This local time occurs twice")
	CodeNotATime = problem.Declare(problem.Invalid, "not-a-time",
		"Tiden går inte att läsa", "The time cannot be read")
)

const wallLayout = "2006-01-02T15:04"

// Earliest and latest instants that Rigg takes: far outside any booking, and
// inside what PostgreSQL and calendar clients can hold.
var (
	Earliest = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
	Latest   = time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC)
)

// Parse reads an RFC 3339 instant with its offset ("2026-12-31T21:55:00+01:00"),
// or a local time without one ("2026-12-31T21:55"), which is then the zone's
// and must exist once. Codes: not-a-time, no-such-local-time,
// ambiguous-local-time. Seconds must be zero (DESIGN.md 4: whole minutes).
func Parse(s string, zone *time.Location) (time.Time, error) {
	if len(s) > len(time.RFC3339Nano) {
		return time.Time{}, notATime()
	}
	if t, err := time.Parse(time.RFC3339, s); err == nil {
		return whole(t)
	}
	for _, layout := range []string{wallLayout, "2006-01-02T15:04:05", "2006-01-02 15:04"} {
		if wall, err := time.Parse(layout, s); err == nil {
			if _, err := whole(wall); err != nil {
				return time.Time{}, err
			}
			t, err := FromWall(wall, zone)
			if err != nil {
				return time.Time{}, err
			}
			return whole(t) // the instant may lie in another year than the wall's reading
		}
	}
	return time.Time{}, notATime()
}

func whole(t time.Time) (time.Time, error) {
	if t.Second() != 0 || t.Nanosecond() != 0 {
		return time.Time{}, CodeNotATime.Say("Tider anges i hela minuter.", "Times are given in whole minutes.")
	}
	if t.Before(Earliest) || t.After(Latest) {
		return time.Time{}, CodeNotATime.Say("Året måste ligga mellan 2000 och 2099.", "The year must lie between 2000 and 2099.")
	}
	return t.UTC(), nil
}

func notATime() error {
	return CodeNotATime.Say(
		"Skriv tiden som 2026-12-01T08:00 eller med förskjutning, 2026-12-01T08:00:00+01:00.",
		"Write the time as 2026-12-01T08:00, or with its offset, 2026-12-01T08:00:00+01:00.")
}

// FromWall gives the instant of a wall-clock reading in a zone. A reading that
// a clock change skips or repeats is refused; the error's details name the two
// instants to choose between.
func FromWall(wall time.Time, zone *time.Location) (time.Time, error) {
	found, n := instants(wall, zone)
	shown := wall.Format("2006-01-02 15:04")
	switch n {
	case 1:
		return found[0], nil
	case 0:
		return time.Time{}, CodeNoSuchLocalTime.Say(
			"Klockan ställs fram: %s finns inte i %s. Välj en annan tid.",
			"The clocks go forward: there is no %s in %s. Choose another time.", shown, zone)
	}
	first, second := found[0].In(zone).Format(time.RFC3339), found[1].In(zone).Format(time.RFC3339)
	return time.Time{}, CodeAmbiguousLocalTime.Say(
		"Klockan ställs tillbaka: %s finns två gånger i %s. Ange %s eller %s.",
		"The clocks go back: %s occurs twice in %s. Say %s or %s.", shown, zone, first, second).
		With("choices", []string{first, second})
}

// instants gives the n instants at which the zone's clocks show the wall time to
// the minute, by asking each offset in force around it: none, one or two, in order.
func instants(wall time.Time, zone *time.Location) (found [2]time.Time, n int) {
	asUTC := wall.UTC().Truncate(time.Minute)
	if wall.Location() != time.UTC {
		asUTC = time.Date(wall.Year(), wall.Month(), wall.Day(), wall.Hour(), wall.Minute(), 0, 0, time.UTC)
	}
	for _, around := range [...]time.Duration{-26 * time.Hour, 26 * time.Hour} {
		_, offset := asUTC.Add(around).In(zone).Zone()
		t := asUTC.Add(-time.Duration(offset) * time.Second)
		if _, there := t.In(zone).Zone(); there != offset || n > 0 && found[0].Equal(t) {
			continue
		}
		found[n] = t
		n++
	}
	if n == 2 && found[1].Before(found[0]) {
		found[0], found[1] = found[1], found[0]
	}
	return found, n
}

// Date is a local calendar day.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// DateOf gives the day that the zone's calendar shows at the instant.
func DateOf(t time.Time, zone *time.Location) Date {
	y, m, d := t.In(zone).Date()
	return Date{y, m, d}
}

// ParseDate reads "2026-12-31".
func ParseDate(s string) (Date, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil || t.Before(Earliest) || t.After(Latest) {
		return Date{}, CodeNotATime.Say("Skriv dagen som 2026-12-31.", "Write the day as 2026-12-31.")
	}
	return DateOf(t, time.UTC), nil
}

// String writes the day as "2026-12-31".
func (d Date) String() string { return fmt.Sprintf("%04d-%02d-%02d", d.Year, d.Month, d.Day) }

// UTC gives midnight UTC of the day, the form in which days are stored.
func (d Date) UTC() time.Time { return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC) }

// Weekday is the day of the week.
func (d Date) Weekday() time.Weekday { return d.UTC().Weekday() }

// Next gives the day n days later, or earlier where n is negative.
func (d Date) Next(n int) Date { return DateOf(d.UTC().AddDate(0, 0, n), time.UTC) }

// Before holds when d is an earlier day than e.
func (d Date) Before(e Date) bool { return d.UTC().Before(e.UTC()) }

// At gives the instant at which the zone's clocks show the minute of the day.
// 24 h is the next day's midnight. A minute that a clock change skips is the
// instant of the change; of one that occurs twice it is the first: so opening
// hours survive clock changes.
func (d Date) At(minute int, zone *time.Location) time.Time {
	wall := d.UTC().Add(time.Duration(minute) * time.Minute)
	if found, n := instants(wall, zone); n > 0 {
		return found[0]
	}
	// Skipped: go on to the first minute that exists.
	for wall = wall.Add(time.Minute); ; wall = wall.Add(time.Minute) {
		if found, n := instants(wall, zone); n > 0 {
			return found[0]
		}
	}
}

// Midnights lists the instants inside the period (its ends left out) at which
// a local day begins.
func (p Period) Midnights(zone *time.Location) []time.Time {
	var out []time.Time
	last := p.Start
	for d := DateOf(p.Start, zone).Next(1); ; d = d.Next(1) {
		at := d.At(0, zone)
		if !at.Before(p.End) {
			return out
		}
		if at.After(last) { // a day that the zone skipped begins with the next one
			out, last = append(out, at), at
		}
	}
}

// Dates lists the local calendar days that the period touches.
func (p Period) Dates(zone *time.Location) []Date {
	out := []Date{DateOf(p.Start, zone)}
	for _, m := range p.Midnights(zone) {
		out = append(out, DateOf(m, zone))
	}
	return out
}
