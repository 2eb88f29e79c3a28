package facilities

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

// day is a date for a reader: "fredag 1 maj 2026", "Friday 1 May 2026".
type day period.Date

// In writes the day in the language.
func (d day) In(lang text.Lang) string {
	if lang == text.EN {
		return period.Date(d).UTC().Format("Monday 2 January 2006")
	}
	return fmt.Sprintf("%s %d %s %d", weekdaysSV[period.Date(d).Weekday()], d.Day, monthsSV[d.Month-1], d.Year)
}

// moment is a local time for a reader: "fredag 1 maj 2026 kl. 13:20".
type moment time.Time

// In writes the moment in the language.
func (m moment) In(lang text.Lang) string {
	local := time.Time(m)
	at := map[text.Lang]string{text.SV: " kl. ", text.EN: " at "}[lang]
	return day(period.DateOf(local, local.Location())).In(lang) + at + local.Format("15:04")
}

// chosen is the length of a booking for a reader who is told a rule: in days
// where the rule is in days or months, else in hours and minutes.
type chosen struct {
	minutes int
	rule    period.Span
}

// In writes the length in the language.
func (c chosen) In(lang text.Lang) string {
	days, rest := c.minutes/dayMinutes, c.minutes%dayMinutes
	if c.rule.Minutes > 0 || days == 0 {
		return period.Span{Minutes: c.minutes}.In(lang)
	}
	out := period.Span{Days: days}.In(lang)
	if rest > 0 {
		out += " " + period.Span{Minutes: rest}.In(lang)
	}
	return out
}

// localised is a text that was made elsewhere, as an argument of a sentence.
type localised text.Text

// In gives the text in the language.
func (l localised) In(lang text.Lang) string { return text.Text(l).In(lang) }
