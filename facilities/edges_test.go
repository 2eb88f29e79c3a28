package facilities_test

import (
	"strings"
	"testing"
	"time"

	"rigg/facilities"
	"rigg/internal/period"
	"rigg/internal/text"
)

// edges are bookings that just pass and that are refused one minute (or one step)
// beyond, on the days of clock changes and at a site that has none: São Paulo is
// three hours behind UTC all year. now is a local time too.
var edges = []struct {
	name, zone, code     string
	rules                map[string]string
	now, passes, refused string
}{
	{"hours over a spring night", sweden, "too-short", map[string]string{"min": "3h"}, "2026-03-27T12:00",
		"2026-03-29T01:00/2026-03-29T05:00", "2026-03-29T01:00/2026-03-29T04:59"},
	{"hours over a spring night of 2027", sweden, "too-short", map[string]string{"min": "3h"}, "2027-03-27T12:00",
		"2027-03-28T01:00/2027-03-28T05:00", "2027-03-28T01:00/2027-03-28T04:59"},
	{"the same hours there", brazil, "too-short", map[string]string{"min": "3h"}, "2026-03-27T12:00",
		"2026-03-29T01:00/2026-03-29T04:00", "2026-03-29T01:00/2026-03-29T03:59"},
	{"a spring day", sweden, "too-short", map[string]string{"min": "1d"}, "2026-03-27T12:00",
		"2026-03-28T12:00/2026-03-29T12:00", "2026-03-28T12:00/2026-03-29T11:59"},
	{"hours over an autumn night", sweden, "too-long", map[string]string{"max": "4h"}, "2026-10-24T12:00",
		"2026-10-25T01:00/2026-10-25T04:00", "2026-10-25T01:00/2026-10-25T04:01"},
	{"an autumn day", sweden, "too-long", map[string]string{"max": "1d"}, "2026-10-23T12:00",
		"2026-10-24T12:00/2026-10-25T12:00", "2026-10-24T12:00/2026-10-25T12:01"},
	{"a day there", brazil, "too-long", map[string]string{"max": "1d"}, "2026-10-23T12:00",
		"2026-10-24T12:00/2026-10-25T12:00", "2026-10-24T12:00/2026-10-25T12:01"},
	{"steps after the spring change", sweden, "not-on-grid", map[string]string{"step": "2h"}, "2027-03-27T12:00",
		"2027-03-28T04:00/2027-03-28T06:00", "2027-03-28T03:00/2027-03-28T06:00"},
	{"steps between the two twos", sweden, "not-on-grid", map[string]string{"step": "2h"}, "2026-10-24T12:00",
		"2026-10-25T02:00:00+02:00/2026-10-25T02:00:00+01:00", "2026-10-25T02:00:00+02:00/2026-10-25T02:30:00+01:00"},
	{"steps there", brazil, "not-on-grid", map[string]string{"step": "2h"}, "2026-10-24T12:00",
		"2026-10-25T02:00/2026-10-25T04:00", "2026-10-25T03:00/2026-10-25T04:00"},
	{"a day's notice of a spring day", sweden, "too-soon", map[string]string{"notice": "1d"}, "2026-03-28T08:00",
		"2026-03-29T08:00/2026-03-29T09:00", "2026-03-29T07:59/2026-03-29T09:00"},
	{"24 h notice of a spring day", sweden, "too-soon", map[string]string{"notice": "24h"}, "2027-03-27T08:00",
		"2027-03-28T09:00/2027-03-28T10:00", "2027-03-28T08:59/2027-03-28T10:00"},
	{"24 h notice there", brazil, "too-soon", map[string]string{"notice": "24h"}, "2026-03-28T08:00",
		"2026-03-29T08:00/2026-03-29T10:00", "2026-03-29T07:59/2026-03-29T10:00"},
	{"a day ahead of an autumn day", sweden, "too-far-ahead", map[string]string{"horizon": "1d"}, "2026-10-24T08:00",
		"2026-10-25T08:00/2026-10-25T09:00", "2026-10-25T08:01/2026-10-25T09:00"},
	{"24 h ahead of an autumn day", sweden, "too-far-ahead", map[string]string{"horizon": "24h"}, "2026-10-24T08:00",
		"2026-10-25T07:00/2026-10-25T09:00", "2026-10-25T07:01/2026-10-25T09:00"},
	{"24 h ahead there", brazil, "too-far-ahead", map[string]string{"horizon": "24h"}, "2026-10-24T08:00",
		"2026-10-25T08:00/2026-10-25T09:00", "2026-10-25T08:01/2026-10-25T09:00"},
	{"the second half past two is not past", sweden, "in-the-past", nil, "2026-10-25T02:30:00+01:00",
		"2026-10-25T02:30:00+01:00/2026-10-25T04:00", "2026-10-25T02:30:00+02:00/2026-10-25T04:00"},
	{"just now there", brazil, "in-the-past", nil, "2026-10-25T02:30", "2026-10-25T02:30/2026-10-25T04:00", "2026-10-25T02:29/2026-10-25T04:00"},
	{"open from half past two, which is skipped", sweden, "closed", map[string]string{"hours": "02:30-06:00"}, "2026-03-28T08:00",
		"2026-03-29T03:00/2026-03-29T06:00", "2026-03-29T01:59/2026-03-29T06:00"},
	{"open from the first half past two", sweden, "closed", map[string]string{"hours": "02:30-06:00"}, "2026-10-24T08:00",
		"2026-10-25T02:30:00+02:00/2026-10-25T06:00", "2026-10-25T02:29:00+02:00/2026-10-25T06:00"},
	{"until six by the new time", sweden, "closed", map[string]string{"hours": "02:30-06:00"}, "2027-03-27T08:00",
		"2027-03-28T03:00/2027-03-28T06:00", "2027-03-28T03:00/2027-03-28T06:01"},
	{"open hours there", brazil, "closed", map[string]string{"hours": "02:30-06:00"}, "2026-03-28T08:00",
		"2026-03-29T02:30/2026-03-29T06:00", "2026-03-29T02:29/2026-03-29T06:00"},
	{"through the night from open to open", sweden, "closed", map[string]string{"hours": "06:00-20:00", "closed": "span"}, "2026-03-27T08:00",
		"2026-03-28T19:59/2026-03-29T06:01", "2026-03-28T20:00/2026-03-29T06:01"},
}

func TestRulesAtTheirEdges(t *testing.T) {
	t.Parallel()
	for _, c := range edges {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := zoned(t, c.zone, spans(t, c.rules))
			if c.rules["hours"] != "" {
				r.Facility.Hours = hours(t, map[string]string{"mon-sun": c.rules["hours"]})
			}
			now := clocks(t, r, c.now+"/2099-01-01T00:00").Start
			if got := r.Judge(clocks(t, r, c.passes), now); len(got) != 0 {
				t.Errorf("%s is refused for %v", c.passes, codes(got))
			}
			got := r.Judge(clocks(t, r, c.refused), now)
			if strings.Join(codes(got), " ") != c.code {
				t.Fatalf("%s is refused for %v, want %s", c.refused, codes(got), c.code)
			}
			wantRefusal(t, got[0], c.code)
			if rule, ok := facilities.RuleOf(got[0]); (!ok || got[0].Details["rule"] != rule.Key) && c.code != "in-the-past" {
				t.Errorf("%s names the rule %v", c.code, got[0].Details["rule"])
			}
		})
	}
}

// Every code of the table is refused with, at an edge, in one of the tests here.
func TestEveryCodeOfTheTableHasItsEdges(t *testing.T) {
	t.Parallel()
	tried := map[string]bool{ // TestGapBetweenOnesOwn, TestBuddies, TestLatestChange, TestAudiences; booking's TestOldBookingsMustBeCheckedOut
		"gap-too-short": true, "buddy-missing": true, "too-late-to-change": true, "not-admitted": true, "use-not-logged": true,
	}
	for _, c := range edges {
		tried[c.code] = true
	}
	for _, c := range quotaCases {
		tried[c.want] = true
	}
	for _, rule := range facilities.RuleTable {
		for _, code := range rule.Codes {
			if !tried[code.Slug] {
				t.Errorf("%s of %s has no edge", code.Slug, rule.Key)
			}
		}
	}
}

// An outage and a booking are in the way until the minute in which they end.
func TestTakenTimeAtItsEdges(t *testing.T) {
	t.Parallel()
	r := zoned(t, sweden, facilities.Rules{SetUp: period.Span{Minutes: 30}})
	r.Units = append(r.Units, 1)
	until := clocks(t, r, "2026-10-25T00:00/2026-10-25T02:30:00+01:00")
	for code, down := range map[string]text.Text{"slot-taken": {}, "resource-down": {SV: "Service", EN: "Service"}} {
		busy := facilities.Busy{1: {{Period: until, Down: down}}}
		after := period.New(until.End.Add(30*time.Minute), until.End.Add(2*time.Hour))
		if got := r.Unfree(after, busy); len(got) > 0 {
			t.Errorf("%s just after: %v", code, got)
		}
		after.Start = after.Start.Add(-time.Minute)
		got := r.Unfree(after, busy)
		if len(got) != 1 {
			t.Fatalf("%s a minute before: %v", code, got)
		}
		wantRefusal(t, got[0], code)
	}
}
