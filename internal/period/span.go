package period

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"rigg/internal/problem"
	"rigg/internal/text"
)

// CodeNotASpan is a length that can't be read.
var CodeNotASpan = problem.Declare(problem.Invalid, "not-a-span",
	"Längden går inte att läsa", "The length cannot be read")

// Span is a length of time as rules state it: elapsed minutes ("30m", "8h"),
// or local calendar days ("5d") or months ("24mo"), which have no fixed length.
type Span struct {
	Minutes, Days, Months int
}

// units of a span, with the most of each that makes sense: ten years.
var units = []struct {
	suffix  string
	minutes int
	limit   int
	put     func(*Span, int)
}{
	{"mo", 0, 120, func(s *Span, n int) { s.Months = n }},
	{"m", 1, 5_256_000, func(s *Span, n int) { s.Minutes = n }},
	{"h", 60, 87_600, func(s *Span, n int) { s.Minutes = n * 60 }},
	{"d", 0, 3_650, func(s *Span, n int) { s.Days = n }},
}

// ParseSpan reads "30m", "8h", "5d" or "24mo", of at most ten years. Code:
// not-a-span.
func ParseSpan(s string) (Span, error) {
	for _, u := range units {
		digits, ok := strings.CutSuffix(s, u.suffix)
		if !ok {
			continue
		}
		n, err := strconv.Atoi(digits)
		if err != nil || n < 0 || n > u.limit || digits[0] == '+' || digits[0] == '-' {
			break
		}
		var out Span
		u.put(&out, n)
		return out, nil
	}
	return Span{}, CodeNotASpan.Say(
		"Skriv längden som 30m, 8h, 5d eller 24mo (högst tio år).",
		"Write the length as 30m, 8h, 5d or 24mo (at most ten years).")
}

// Zero holds for no time at all.
func (s Span) Zero() bool { return s == Span{} }

// After gives the instant one span after t: days and months by the zone's
// calendar, at the same clock time, as Date.At gives it.
func (s Span) After(t time.Time, zone *time.Location) time.Time { return s.add(t, zone, 1) }

// Before gives the instant one span before t.
func (s Span) Before(t time.Time, zone *time.Location) time.Time { return s.add(t, zone, -1) }

func (s Span) add(t time.Time, zone *time.Location, sign int) time.Time {
	if s.Days == 0 && s.Months == 0 {
		return t.Add(time.Duration(sign*s.Minutes) * time.Minute)
	}
	local := t.In(zone)
	y, m, d := local.Date()
	first := time.Date(y, m+time.Month(sign*s.Months), 1, 0, 0, 0, 0, time.UTC)
	if last := first.AddDate(0, 1, -1).Day(); d > last {
		d = last // 31 January and a month is the last of February
	}
	day := DateOf(first, time.UTC)
	day.Day = d
	seconds := t.Sub(t.Truncate(time.Minute))
	return day.Next(sign*s.Days).At(local.Hour()*60+local.Minute(), zone).Add(seconds)
}

// Duration gives the elapsed time of a span in minutes; calendar days count as
// 24 hours and months as 30 days, good for setting limits, not for dates.
func (s Span) Duration() time.Duration {
	return time.Duration(s.Minutes)*time.Minute + time.Duration(s.Days+30*s.Months)*24*time.Hour
}

// String writes the span as ParseSpan reads it.
func (s Span) String() string {
	switch {
	case s.Months > 0:
		return fmt.Sprintf("%dmo", s.Months)
	case s.Days > 0:
		return fmt.Sprintf("%dd", s.Days)
	case s.Minutes%60 == 0:
		return fmt.Sprintf("%dh", s.Minutes/60)
	}
	return fmt.Sprintf("%dm", s.Minutes)
}

// MarshalText writes the span as ParseSpan reads it.
func (s Span) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads what ParseSpan reads.
func (s *Span) UnmarshalText(b []byte) (err error) {
	*s, err = ParseSpan(string(b))
	return err
}

// In writes the span for a reader: "2 h 30 min", "5 dagar", "24 months".
func (s Span) In(lang text.Lang) string {
	one := func(n int, sv, svs, en, ens string) string {
		word := map[bool]text.Text{true: {SV: sv, EN: en}, false: {SV: svs, EN: ens}}[n == 1]
		return fmt.Sprintf("%d\u00a0%s", n, word.In(lang))
	}
	switch h, m := s.Minutes/60, s.Minutes%60; {
	case s.Months > 0:
		return one(s.Months, "månad", "månader", "month", "months")
	case s.Days > 0:
		return one(s.Days, "dag", "dagar", "day", "days")
	case h > 0 && m > 0:
		return fmt.Sprintf("%d\u00a0h %d\u00a0min", h, m)
	case h > 0:
		return fmt.Sprintf("%d\u00a0h", h)
	default:
		return fmt.Sprintf("%d\u00a0min", m)
	}
}
