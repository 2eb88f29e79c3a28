package notify

import (
	"fmt"
	"time"

	"rigg/internal/period"
	"rigg/internal/text"
)

var (
	weekdaysSV = []string{"söndag", "måndag", "tisdag", "onsdag", "torsdag", "fredag", "lördag"}
	monthsSV   = []string{"januari", "februari", "mars", "april", "maj", "juni", "juli", "augusti",
		"september", "oktober", "november", "december"}
)

// moment is a local time for a reader: "måndag 2 mars 2026 kl. 08:00".
type moment time.Time

// In writes the moment in the language.
func (m moment) In(lang text.Lang) string {
	t := time.Time(m)
	if lang == text.EN {
		return t.Format("Monday 2 January 2006 at 15:04")
	}
	return fmt.Sprintf("%s %d %s %d kl. %s", weekdaysSV[t.Weekday()], t.Day(), monthsSV[t.Month()-1], t.Year(), t.Format("15:04"))
}

// brief is a local time for a subject line: "2 mars kl. 08:00".
type brief time.Time

// In writes the moment in the language.
func (b brief) In(lang text.Lang) string {
	t := time.Time(b)
	if lang == text.EN {
		return t.Format("2 January 15:04")
	}
	return fmt.Sprintf("%d %s kl. %s", t.Day(), monthsSV[t.Month()-1], t.Format("15:04"))
}

// stretch is a booking's time by the site's clock, with the offset; with both
// where the clocks change in between.
type stretch struct {
	period.Period
	zone *time.Location
}

// In writes the stretch in the language.
func (s stretch) In(lang text.Lang) string {
	from, to := s.Start.In(s.zone), s.End.In(s.zone)
	first, last := moment(from).In(lang), moment(to).In(lang)
	switch {
	case offset(from) != offset(to):
		return first + " (" + offset(from) + ") – " + last + " (" + offset(to) + ")"
	case period.DateOf(from, s.zone) == period.DateOf(to, s.zone):
		return first + "–" + to.Format("15:04") + " (" + offset(to) + ")"
	}
	return first + " – " + last + " (" + offset(to) + ")"
}

// offset is "UTC+1", "UTC−3:30" or "UTC".
func offset(t time.Time) string {
	_, seconds := t.Zone()
	sign := "+"
	if seconds < 0 {
		sign, seconds = "\u2212", -seconds
	}
	switch hours, minutes := seconds/3600, seconds/60%60; {
	case seconds == 0:
		return "UTC"
	case minutes == 0:
		return fmt.Sprintf("UTC%s%d", sign, hours)
	default:
		return fmt.Sprintf("UTC%s%d:%02d", sign, hours, minutes)
	}
}
