package facilities_test

import (
	"strings"
	"testing"
	"time"

	"rigg/facilities"
	"rigg/internal/period"
	"rigg/internal/problem"
	"rigg/internal/text"
)

// local reads a time on the clocks of Stockholm, with its offset where it
// occurs twice.
func local(t *testing.T, s string) time.Time {
	t.Helper()
	at, err := period.Parse(s, stockholm())
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func between(t *testing.T, from, to string) period.Period {
	t.Helper()
	return period.New(local(t, from), local(t, to))
}

func spans(t *testing.T, words map[string]string) facilities.Rules {
	t.Helper()
	rules := facilities.Rules{Closed: facilities.Refuse}
	for name, into := range map[string]*period.Span{
		"min": &rules.Min, "max": &rules.Max, "step": &rules.Step, "notice": &rules.Notice, "horizon": &rules.Horizon,
	} {
		if words[name] == "" {
			continue
		}
		s, err := period.ParseSpan(words[name])
		if err != nil {
			t.Fatal(err)
		}
		*into = s
	}
	if words["closed"] != "" {
		rules.Closed = facilities.Closed(words["closed"])
	}
	return rules
}

// office is open 07–19 on weekdays but closed on the first of May 2026, a Friday.
func office(t *testing.T, rules facilities.Rules) *facilities.Resource {
	t.Helper()
	r := always(rules)
	hours, err := facilities.ParseHours(map[string]string{"mon-thu": "07:00-19:00", "fri": "07:00-11:30,12:30-16:00"})
	if err != nil {
		t.Fatal(err)
	}
	r.Facility.Hours = hours
	r.Facility.Places[0].Site.Closures = map[period.Date]text.Text{
		{Year: 2026, Month: 5, Day: 1}: {SV: "Första maj", EN: "May Day"},
	}
	return r
}

// refusalsOfTime are judged on 20 April 2026, a Monday, at 09:10.
var refusalsOfTime = []struct {
	name     string
	rules    map[string]string
	from, to string
	want     []string // code: Swedish / English
}{
	{"lawful", map[string]string{"min": "1h", "max": "8h", "step": "30m", "notice": "24h", "horizon": "90d"},
		"2026-04-28T08:00", "2026-04-28T16:00", nil},
	{"too short", map[string]string{"min": "1h"}, "2026-04-28T08:00", "2026-04-28T08:30", []string{
		"too-short: Kortaste bokning är 1 h; du valde 30 min. / The shortest booking is 1 h; you chose 30 min."}},
	{"too short in days", map[string]string{"min": "5d", "closed": "span"}, "2026-04-20T10:00", "2026-04-24T13:30", []string{
		"too-short: Kortaste bokning är 5 dagar; du valde 4 dagar 3 h 30 min. / The shortest booking is 5 days; you chose 4 days 3 h 30 min."}},
	{"too long", map[string]string{"max": "8h"}, "2026-04-28T08:00", "2026-04-28T16:30", []string{
		"too-long: Längsta bokning är 8 h; du valde 8 h 30 min. / The longest booking is 8 h; you chose 8 h 30 min."}},
	{"a century", nil, "2026-04-28T08:00", "2096-04-28T16:30", []string{
		"too-long: Längsta bokning är 24 månader; du valde 25568 dagar 8 h 30 min. / The longest booking is 24 months; you chose 25568 days 8 h 30 min."}},
	{"backwards", nil, "2026-04-28T08:00", "2026-04-28T07:00", []string{
		"too-short: Sluttiden måste ligga efter starttiden. / The end must be after the start."}},
	{"off the grid", map[string]string{"step": "30m"}, "2026-04-28T08:10", "2026-04-28T09:00", []string{
		"not-on-grid: Tider bokas i steg om 30 min räknat från midnatt, så 08:10 går inte. Närmast är 08:00 och 08:30." +
			" / Times are booked in steps of 30 min from midnight, so 08:10 is not possible. The nearest are 08:00 and 08:30."}},
	{"end off the grid", map[string]string{"step": "4h"}, "2026-04-28T08:00", "2026-04-28T15:59", []string{
		"not-on-grid: Tider bokas i steg om 4 h räknat från midnatt, så 15:59 går inte. Närmast är 12:00 och 16:00." +
			" / Times are booked in steps of 4 h from midnight, so 15:59 is not possible. The nearest are 12:00 and 16:00."}},
	{"past", nil, "2026-04-20T09:00", "2026-04-20T10:00", []string{
		"in-the-past: Starttiden, måndag 20 april 2026 kl. 09:00, har redan passerat. / The start, Monday 20 April 2026 at 09:00, has already passed."}},
	{"short notice", map[string]string{"notice": "24h", "step": "30m"}, "2026-04-21T09:00", "2026-04-21T10:00", []string{
		"too-soon: Boka minst 24 h i förväg: tidigast möjliga start är nu tisdag 21 april 2026 kl. 09:30." +
			" / Book at least 24 h ahead: the earliest possible start is now Tuesday 21 April 2026 at 09:30."}},
	{"far ahead", map[string]string{"horizon": "7d", "step": "30m"}, "2026-04-27T09:30", "2026-04-27T10:00", []string{
		"too-far-ahead: Det går att boka högst 7 dagar framåt: senast möjliga start är nu måndag 27 april 2026 kl. 09:00." +
			" / Bookings can be made at most 7 days ahead: the latest possible start is now Monday 27 April 2026 at 09:00."}},
	{"evening", nil, "2026-04-28T18:00", "2026-04-28T20:00", []string{
		"closed: Utanför öppettiderna. Öppet tisdag 28 april 2026: 07:00–19:00. / Outside opening hours. Open on Tuesday 28 April 2026: 07:00–19:00."}},
	{"over lunch", nil, "2026-04-24T09:00", "2026-04-24T14:00", []string{
		"closed: Utanför öppettiderna. Öppet fredag 24 april 2026: 07:00–11:30 och 12:30–16:00." +
			" / Outside opening hours. Open on Friday 24 April 2026: 07:00–11:30 and 12:30–16:00."}},
	{"Saturday", nil, "2026-04-25T09:00", "2026-04-25T14:00", []string{
		"closed: Stängt lördag 25 april 2026. / Closed on Saturday 25 April 2026."}},
	{"closure", nil, "2026-05-01T09:00", "2026-05-01T10:00", []string{
		"closed: Stängt fredag 1 maj 2026: Första maj. / Closed on Friday 1 May 2026: May Day."}},
	{"night into a closure", nil, "2026-04-30T18:00", "2026-05-02T10:00", []string{
		"closed: Utanför öppettiderna. Öppet torsdag 30 april 2026: 07:00–19:00. / Outside opening hours. Open on Thursday 30 April 2026: 07:00–19:00.",
		"closed: Stängt fredag 1 maj 2026: Första maj. / Closed on Friday 1 May 2026: May Day."}},
	{"through a closure", map[string]string{"closed": "span"}, "2026-04-30T18:00", "2026-05-04T10:00", nil},
	{"from closed to closed", map[string]string{"closed": "span"}, "2026-04-30T19:00", "2026-05-01T10:00", []string{
		"closed: Bokningen måste börja när det är öppet. Öppet torsdag 30 april 2026: 07:00–19:00." +
			" / The booking must start in opening hours. Open on Thursday 30 April 2026: 07:00–19:00.",
		"closed: Bokningen måste sluta när det är öppet. Stängt fredag 1 maj 2026: Första maj." +
			" / The booking must end in opening hours. Closed on Friday 1 May 2026: May Day."}},
	{"all at once", map[string]string{"min": "2h", "step": "30m", "notice": "24h"}, "2026-04-20T06:10", "2026-04-20T06:30", []string{
		"too-short: Kortaste", "not-on-grid: Tider bokas", "in-the-past: Starttiden", "too-soon: Boka minst", "closed: Utanför"}},
}

func TestRefusalsOfTime(t *testing.T) {
	t.Parallel()
	for _, c := range refusalsOfTime {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := office(t, spans(t, c.rules))
			got := r.Judge(between(t, c.from, c.to), local(t, "2026-04-20T09:10"))
			if len(got) != len(c.want) {
				t.Fatalf("%d refusals %v, want %d", len(got), got, len(c.want))
			}
			for i, e := range got {
				say := strings.ReplaceAll(e.Code.Slug+": "+e.Message.SV+" / "+e.Message.EN, "\u00a0", " ")
				if !strings.HasPrefix(say, c.want[i]) {
					t.Errorf("got  %s\nwant %s", say, c.want[i])
				}
			}
		})
	}
}

func TestRefusalsCarryTheirNumbers(t *testing.T) {
	t.Parallel()
	r := office(t, spans(t, map[string]string{"min": "1h", "step": "15m", "notice": "24h"}))
	got := r.Judge(between(t, "2026-04-28T18:50", "2026-04-28T19:15"), local(t, "2026-04-28T09:05"))
	want := []map[string]any{
		{"min_minutes": int64(60), "minutes": int64(25)},
		{"step_minutes": 15, "time": "2026-04-28T18:50:00+02:00",
			"before": "2026-04-28T18:45:00+02:00", "after": "2026-04-28T19:00:00+02:00"},
		{"notice_minutes": int64(24 * 60), "earliest_start": "2026-04-29T09:15:00+02:00"},
		{"what": "hours", "day": "2026-04-28"},
	}
	if len(got) != len(want) {
		t.Fatalf("refusals %v", got)
	}
	for i, details := range want {
		for key, value := range details {
			if got[i].Details[key] != value {
				t.Errorf("%s: %s is %v, want %v", got[i].Code.Slug, key, got[i].Details[key], value)
			}
		}
	}
}

// TestLocalDaysInRules has rules in days meet nights with a clock change: five
// days are five days by the calendar, 24 h are 24 h.
func TestLocalDaysInRules(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name     string
		rules    map[string]string
		from, to string
		want     []string
	}{
		{"two spring days of 47 h", map[string]string{"min": "2d", "max": "2d"}, "2026-03-28T08:00", "2026-03-30T08:00", nil},
		{"47 h are not 48 h", map[string]string{"min": "48h"}, "2026-03-28T08:00", "2026-03-30T08:00", []string{"too-short"}},
		{"two autumn days of 49 h", map[string]string{"min": "2d", "max": "2d"}, "2026-10-24T08:00", "2026-10-26T08:00", nil},
		{"49 h are more than 48 h", map[string]string{"max": "48h"}, "2026-10-24T08:00", "2026-10-26T08:00", []string{"too-long"}},
		{"the same clock time a day before", map[string]string{"notice": "1d"}, "2026-03-29T08:00", "2026-03-29T09:00", nil},
		{"steps of 4 h by the clock, spring", map[string]string{"step": "4h"}, "2026-03-29T04:00", "2026-03-29T08:00", nil},
		{"steps of 4 h by the clock, autumn", map[string]string{"step": "4h"}, "2026-10-25T00:00", "2026-10-25T04:00", nil},
		{"both half past twos", map[string]string{"step": "30m"}, "2026-10-25T02:30:00+02:00", "2026-10-25T02:30:00+01:00", nil},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p := between(t, c.from, c.to)
			got := always(spans(t, c.rules)).Judge(p, period.Span{Days: 1}.Before(p.Start, stockholm()))
			if slugs := codes(got); strings.Join(slugs, " ") != strings.Join(c.want, " ") {
				t.Errorf("refusals %v, want %v", slugs, c.want)
			}
		})
	}
}

func codes(refusals []*problem.Error) (out []string) {
	for _, e := range refusals {
		out = append(out, e.Code.Slug)
	}
	return out
}
