package facilities

import (
	"strings"
	"time"

	"github.com/teambition/rrule-go"

	"rigg/internal/period"
)

// The limits of a recurrence of outages.
const (
	MaxOccurrences  = 366
	recurrenceYears = 5
	maxRule         = 500
)

// Occurrences expands a recurrence (RFC 5545 3.3.10, with or without "RRULE:") of
// the first period by the zone's clocks, so that what begins at eight does so all
// the year. It must end, by COUNT or UNTIL, within five years and 366 times. An
// hour that a clock change skips is the moment of the change. Code: invalid.
func Occurrences(rule string, first period.Period, zone *time.Location) ([]period.Period, error) {
	if strings.TrimSpace(rule) == "" {
		return []period.Period{first}, nil
	}
	written := strings.ToUpper(strings.TrimPrefix(strings.TrimSpace(rule), "RRULE:"))
	option, err := rrule.StrToROption(written)
	if err != nil || len(rule) > maxRule || strings.ContainsAny(rule, "\r\n") || option.Freq > rrule.DAILY {
		return nil, invalid("recurrence", "Upprepningen går inte att läsa. Skriv till exempel FREQ=WEEKLY;BYDAY=MO;COUNT=10.",
			"The recurrence cannot be read. Write for example FREQ=WEEKLY;BYDAY=MO;COUNT=10.")
	}
	if option.Count == 0 && option.Until.IsZero() {
		return nil, invalid("recurrence", "Ange hur många gånger (COUNT) eller till när (UNTIL).",
			"Say how many times (COUNT) or until when (UNTIL).")
	}
	if !option.Until.IsZero() && strings.Contains(written, "Z") { // an instant; the rest is by the clock
		option.Until = wall(option.Until, zone)
	}
	start, end := wall(first.Start, zone), wall(first.End, zone)
	option.Dtstart = start
	// What never comes again would be looked for until the year 9999.
	limit := start.AddDate(recurrenceYears, 0, 0)
	if option.Until.IsZero() || option.Until.After(limit) {
		option.Until = limit
	}
	r, err := rrule.NewRRule(*option)
	if err != nil {
		return nil, invalid("recurrence", "Upprepningen går inte ihop.", "The recurrence does not fit together.")
	}
	var out []period.Period
	for next := r.Iterator(); ; {
		at, more := next()
		if !more {
			break
		}
		if len(out) == MaxOccurrences {
			return nil, invalid("recurrence", "Högst %d gånger.", "At most %d times.", MaxOccurrences)
		}
		p := period.New(clocked(at, zone), clocked(at.Add(end.Sub(start)), zone))
		if n := len(out); p.Empty() || n > 0 && out[n-1].Overlaps(p) {
			return nil, invalid("recurrence", "Upprepningen överlappar sig själv.", "The recurrence overlaps itself.")
		}
		out = append(out, p)
	}
	if len(out) == 0 {
		return nil, invalid("recurrence", "Upprepningen inträffar aldrig.", "The recurrence never comes.")
	}
	return out, nil
}

// wall is what the zone's clocks show, as if it were UTC.
func wall(t time.Time, zone *time.Location) time.Time {
	local := t.In(zone)
	return time.Date(local.Year(), local.Month(), local.Day(), local.Hour(), local.Minute(), 0, 0, time.UTC)
}

// clocked is the instant at which the zone's clocks show the reading.
func clocked(reading time.Time, zone *time.Location) time.Time {
	return period.DateOf(reading, time.UTC).At(reading.Hour()*60+reading.Minute(), zone)
}
