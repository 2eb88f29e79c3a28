package facilities

import (
	"fmt"
	"slices"
	"strings"

	"rigg/internal/period"
	"rigg/internal/text"
)

// says is the quota for a reader, to go on with after a name: "högst 3 bokningar
// i veckan per person".
func (q Quota) says() text.Text {
	per := map[Subject]text.Text{
		PerPerson: {SV: "person", EN: "person"}, PerProject: {SV: "projekt", EN: "project"},
		PerOrganisation: {SV: "organisation", EN: "organisation"},
	}[q.Per]
	in := map[Stretch]text.Text{
		InDay: {SV: "per dag", EN: "a day"}, InWeek: {SV: "i veckan", EN: "a week"},
		InMonth: {SV: "i månaden", EN: "a month"}, InFuture: {SV: "framåt", EN: "ahead"},
	}[q.In]
	var out text.Text
	switch {
	case q.Count == 1 && q.In == InFuture:
		out = text.New("högst en kommande bokning per %s", "at most one coming booking per %s", localised(per))
	case q.Count > 1 && q.In == InFuture:
		out = text.New("högst %d kommande bokningar per %s", "at most %d coming bookings per %s", q.Count, localised(per))
	case q.Count == 1:
		out = text.New("högst en bokning %s per %s", "at most one booking %s per %s", localised(in), localised(per))
	case q.Count > 1:
		out = text.New("högst %d bokningar %s per %s", "at most %d bookings %s per %s", q.Count, localised(in), localised(per))
	default:
		out = text.New("högst %s %s per %s", "at most %s %s per %s", q.Hours, localised(in), localised(per))
	}
	if q.Of == OfFacility {
		out = text.New("%s på hela anläggningen", "%s in the whole facility", localised(out))
	}
	if !q.Peak.always() {
		out = text.New("%s (räknat %s)", "%s (counted %s)", localised(out), localised(q.Peak.words()))
	}
	return out
}

func quotasSay(r Rules) (out []text.Text) {
	for _, q := range r.Quotas {
		out = append(out, capital(q.says()))
	}
	return out
}

// named is the stretch for a reader.
func (u quotaUse) named() localised {
	first := period.DateOf(u.stretch.Start, u.zone)
	switch u.quota.In {
	case InWeek:
		year, week := first.UTC().ISOWeek()
		return localised(text.New("vecka %d %d", "in week %d of %d", week, year))
	case InMonth:
		return localised{
			SV: fmt.Sprintf("%s %d", monthsSV[first.Month-1], first.Year), EN: fmt.Sprintf("in %s %d", first.Month, first.Year),
		}
	case InFuture:
		return localised{SV: "framåt", EN: "ahead"}
	case InDay:
	}
	return localised(text.New("%s", "on %s", day(first)))
}

var shortDays = []text.Text{ // from Monday
	{SV: "mån", EN: "Mon"}, {SV: "tis", EN: "Tue"}, {SV: "ons", EN: "Wed"}, {SV: "tors", EN: "Thu"},
	{SV: "fre", EN: "Fri"}, {SV: "lör", EN: "Sat"}, {SV: "sön", EN: "Sun"},
}

// words are the hours for a reader, days with the same hours together: "mån–fre
// 07:00–18:00, lör 09:00–12:00".
func (h *Hours) words() text.Text {
	var sv, en []string
	for from := 0; from < len(weekdays); {
		to, ranges := from, h.On(weekday(from))
		for to+1 < len(weekdays) && slices.Equal(h.On(weekday(to+1)), ranges) {
			to++
		}
		if len(ranges) > 0 {
			days, hours := shortDays[from], shown(ranges)
			if to > from {
				days = text.Text{SV: days.SV + "–" + shortDays[to].SV, EN: days.EN + "–" + shortDays[to].EN}
			}
			sv, en = append(sv, days.SV+" "+hours.SV), append(en, days.EN+" "+hours.EN)
		}
		from = to + 1
	}
	return text.Text{SV: strings.Join(sv, ", "), EN: strings.Join(en, ", ")}
}

// always holds for hours that leave no time out.
func (h *Hours) always() bool {
	for position := range weekdays {
		if !slices.Equal(h.On(weekday(position)), []Range{{0, dayMinutes}}) {
			return false
		}
	}
	return true
}

// joined lists names for a reader: "a, b och c".
func joined(names []text.Text) text.Text {
	out := names[0]
	for i, n := range names[1:] {
		sv, en := ", ", ", "
		if i == len(names)-2 {
			sv, en = " och ", " and "
		}
		out = text.Text{SV: out.SV + sv + n.SV, EN: out.EN + en + n.EN}
	}
	return out
}

// capital begins a sentence.
func capital(t text.Text) text.Text {
	first := func(s string) string {
		for i := range s {
			if i > 0 {
				return strings.ToUpper(s[:i]) + s[i:]
			}
		}
		return strings.ToUpper(s)
	}
	return text.Text{SV: first(t.SV), EN: first(t.EN)}
}
