package web

import (
	"fmt"
	"html/template"
	"strings"
	"time"

	"rigg/internal/period"
	"rigg/internal/text"
)

// words writes for readers of one language. Every time is shown in the zone that
// it carries, which is its site's.
type words struct {
	lang  text.Lang
	texts texts
}

// find gives the text of a key with its arguments, or an error: in a template
// the key may be put together from a state or a kind.
func (w words) find(key string, args ...any) (string, error) {
	t, ok := w.texts[key]
	if !ok {
		return "", fmt.Errorf("there is no text %q", key)
	}
	if len(args) == 0 {
		return t.In(w.lang), nil
	}
	return text.New(t.SV, t.EN, args...).In(w.lang), nil
}

// say is find for keys that stand in the code; a test looks them all up.
func (w words) say(key string, args ...any) string {
	out, err := w.find(key, args...)
	if err != nil {
		return key
	}
	return out
}

// date writes "26 nov 2026".
func (w words) date(t time.Time) string { return fmt.Sprintf("%s %d", w.dayMonth(t), t.Year()) }

func (w words) dayMonth(t time.Time) string {
	return fmt.Sprintf("%d\u00a0%s", t.Day(), w.nth("calendar.months", int(t.Month())-1))
}

// day writes "tors 26 nov".
func (w words) day(t time.Time) string { return w.weekday(t.Weekday()) + " " + w.dayMonth(t) }

func (w words) weekday(d time.Weekday) string { return w.nth("calendar.weekdays", int(d)) }

// nth is a word of a text that is a list of them.
func (w words) nth(key string, n int) string { return strings.Fields(w.say(key))[n] }

// clock writes "08:00".
func (w words) clock(t time.Time) string { return t.Format("15:04") }

// when writes a period with its offset: "tors 26 nov 2026 08:00–16:00 UTC+1".
func (w words) when(start, end time.Time) template.HTML {
	first := w.day(start) + fmt.Sprintf(" %d ", start.Year()) + w.clock(start)
	last, dash := w.clock(end), "–"
	if !sameDay(start, end) {
		last, dash = w.day(end)+" "+last, " – "
		if start.Year() != end.Year() {
			last = w.day(end) + fmt.Sprintf(" %d ", end.Year()) + w.clock(end)
		}
	}
	if offset(start) != offset(end) { // over a clock change both count
		first += " " + offset(start)
	}
	last += " " + offset(end)
	return timeElement(start, first) + template.HTML(dash) + timeElement(end, last) //nolint:gosec // a dash of ours
}

func timeElement(t time.Time, shown string) template.HTML {
	return template.HTML(`<time datetime="` + t.Format(time.RFC3339) + `">` + template.HTMLEscapeString(shown) + `</time>`) //nolint:gosec // escaped
}

func sameDay(a, b time.Time) bool {
	return period.DateOf(a, a.Location()) == period.DateOf(b, b.Location())
}

// offset writes "UTC+1", "UTC+5:30" or "UTC".
func offset(t time.Time) string {
	_, seconds := t.Zone()
	if seconds == 0 {
		return "UTC"
	}
	sign := "+"
	if seconds < 0 {
		sign, seconds = "−", -seconds
	}
	out := fmt.Sprintf("UTC%s%d", sign, seconds/3600)
	if minutes := seconds / 60 % 60; minutes > 0 {
		out += fmt.Sprintf(":%02d", minutes)
	}
	return out
}

// length writes minutes: "8 h", "1 h 30 min", "5 dygn".
func (w words) length(minutes int) string {
	days, rest := minutes/(24*60), minutes%(24*60)
	var parts []string
	switch {
	case days == 1:
		parts = append(parts, w.say("length.day"))
	case days > 1:
		parts = append(parts, w.say("length.days", days))
	}
	if rest > 0 || days == 0 {
		parts = append(parts, period.Span{Minutes: rest}.In(w.lang))
	}
	return strings.Join(parts, " ")
}
