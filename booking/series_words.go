package booking

import (
	"slices"
	"strings"

	"github.com/teambition/rrule-go"

	"rigg/internal/text"
)

// weekdayNames are the days from Monday on, as they stand in a sentence.
var weekdayNames = []text.Text{
	{SV: "måndag", EN: "Monday"}, {SV: "tisdag", EN: "Tuesday"}, {SV: "onsdag", EN: "Wednesday"}, {SV: "torsdag", EN: "Thursday"},
	{SV: "fredag", EN: "Friday"}, {SV: "lördag", EN: "Saturday"}, {SV: "söndag", EN: "Sunday"},
}

// nths are which of a month's weekdays; 0 is the last.
var nths = []text.Text{
	{SV: "sista", EN: "last"}, {SV: "första", EN: "first"}, {SV: "andra", EN: "second"}, {SV: "tredje", EN: "third"},
	{SV: "fjärde", EN: "fourth"}, {SV: "femte", EN: "fifth"},
}

// Words says the rule as people do: "varannan vecka på tisdag och torsdag". Where
// it can't, the rule itself.
func (s *Series) Words() text.Text {
	r, err := parseRule(s.Rule, s.zone())
	if err != nil {
		return text.Text{SV: s.Rule, EN: s.Rule}
	}
	out := r.everyWords()
	if on := r.daysWords(); !on.Empty() {
		out = text.New("%s %s", "%s %s", out, on)
	}
	switch {
	case r.count > 0:
		out = text.New("%s, %d gånger", "%s, %d times", out, r.count)
	case r.until.IsZero():
		out = text.New("%s till och med %s", "%s until %s", out, r.lastDay)
	default:
		out = text.New("%s till %s", "%s until %s", out, r.until.In(s.zone()).Format("2006-01-02 15:04"))
	}
	return out
}

func (r *recurrence) everyWords() text.Text {
	one := map[rrule.Frequency][3]text.Text{
		rrule.DAILY:   {{SV: "varje dag", EN: "every day"}, {SV: "varannan dag", EN: "every other day"}, {SV: "var %d:e dag", EN: "every %d days"}},
		rrule.WEEKLY:  {{SV: "varje vecka", EN: "every week"}, {SV: "varannan vecka", EN: "every other week"}, {SV: "var %d:e vecka", EN: "every %d weeks"}},
		rrule.MONTHLY: {{SV: "varje månad", EN: "every month"}, {SV: "varannan månad", EN: "every other month"}, {SV: "var %d:e månad", EN: "every %d months"}},
	}[r.option.Freq]
	if n := r.option.Interval; n > 2 {
		return text.New(one[2].SV, one[2].EN, n)
	}
	return one[r.option.Interval-1]
}

func (r *recurrence) daysWords() text.Text {
	var said []text.Text
	for _, day := range r.weekdaysOf() {
		name := weekdayNames[day.Day()]
		switch n := day.N(); {
		case n > 0:
			name = text.New("den %s %sen", "on the %s %s", nths[n], name)
		case n == -1:
			name = text.New("den %s %sen", "on the %s %s", nths[0], name)
		case n < 0:
			name = text.New("den %s %sen från slutet", "on the %s %s from the end", nths[-n], name)
		}
		said = append(said, name)
	}
	for _, date := range r.option.Bymonthday {
		switch {
		case date > 0:
			said = append(said, text.New("den %d", "on day %d", date))
		case date == -1:
			said = append(said, text.Text{SV: "den sista dagen", EN: "on the last day"})
		default:
			said = append(said, text.New("den %d dagen från slutet", "on day %d from the end", -date))
		}
	}
	if len(said) == 0 {
		return text.Text{}
	}
	out := listed(said)
	if r.option.Freq == rrule.WEEKLY {
		out = text.New("på %s", "on %s", out)
	}
	return out
}

// listed joins as people do: "a, b och c".
func listed(parts []text.Text) text.Text {
	join := func(lang text.Lang, and string) string {
		var words []string
		for _, p := range parts {
			words = append(words, p.In(lang))
		}
		if len(words) == 1 {
			return words[0]
		}
		last := len(words) - 1
		return strings.Join(slices.Clip(words[:last]), ", ") + and + words[last]
	}
	return text.Text{SV: join(text.SV, " och "), EN: join(text.EN, " and ")}
}
