package facilities_test

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"

	"rigg/facilities"
	"rigg/internal/id"
	"rigg/internal/period"
	"rigg/internal/problem"
	"rigg/internal/text"
)

func TestGapBetweenOnesOwn(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, zone, gap, p, other, want string }{
		{"just after", sweden, "2h", "2026-03-10T12:00/2026-03-10T14:00", "2026-03-10T08:00/2026-03-10T10:00", ""},
		{"a minute too soon", sweden, "2h", "2026-03-10T11:59/2026-03-10T14:00", "2026-03-10T08:00/2026-03-10T10:00", "gap-too-short"},
		{"just before", sweden, "2h", "2026-03-10T04:00/2026-03-10T06:00", "2026-03-10T08:00/2026-03-10T10:00", ""},
		{"a minute too late", sweden, "2h", "2026-03-10T04:00/2026-03-10T06:01", "2026-03-10T08:00/2026-03-10T10:00", "gap-too-short"},
		{"over it", sweden, "2h", "2026-03-10T04:00/2026-03-11T06:01", "2026-03-10T08:00/2026-03-10T10:00", "gap-too-short"},
		{"off", sweden, "0h", "2026-03-10T10:00/2026-03-10T14:00", "2026-03-10T08:00/2026-03-10T10:00", ""},
		{"a spring day of 23 h", sweden, "1d", "2026-03-29T10:00/2026-03-29T12:00", "2026-03-28T08:00/2026-03-28T10:00", ""},
		{"24 h on a spring day", sweden, "24h", "2027-03-28T10:59/2027-03-28T12:00", "2027-03-27T08:00/2027-03-27T10:00", "gap-too-short"},
		{"24 h on a spring day are an hour later", sweden, "24h", "2027-03-28T11:00/2027-03-28T12:00", "2027-03-27T08:00/2027-03-27T10:00", ""},
		{"an autumn day of 25 h", sweden, "1d", "2026-10-25T09:59/2026-10-25T12:00", "2026-10-24T08:00/2026-10-24T10:00", "gap-too-short"},
		{"24 h on an autumn day", sweden, "24h", "2026-10-25T09:00/2026-10-25T12:00", "2026-10-24T08:00/2026-10-24T10:00", ""},
		{"no clock change there", brazil, "1d", "2026-10-25T10:00/2026-10-25T12:00", "2026-10-24T08:00/2026-10-24T10:00", ""},
		{"nor an hour to win", brazil, "24h", "2026-10-25T09:59/2026-10-25T12:00", "2026-10-24T08:00/2026-10-24T10:00", "gap-too-short"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			gap, err := period.ParseSpan(c.gap)
			if err != nil {
				t.Fatal(err)
			}
			r := zoned(t, c.zone, facilities.Rules{Gap: gap})
			p, other := clocks(t, r, c.p), clocks(t, r, c.other)
			for _, tell := range []bool{true, false} {
				wantRefusal(t, r.JudgeGap(p, []period.Period{other}, tell), c.want)
			}
			if c.want != "" && !r.GapReach(p).Overlaps(other) {
				t.Errorf("the other is not within %v", r.GapReach(p))
			}
			if told := r.JudgeGap(p, []period.Period{other}, false); told != nil && (strings.Contains(told.Message.EN, "2026") || len(told.Details) != 1) {
				t.Errorf("told when the other is: %s %v", told.Message.EN, told.Details)
			}
		})
	}
}

func TestBuddies(t *testing.T) {
	t.Parallel()
	day := hours(t, map[string]string{"mon-fri": "07:00-18:00"})
	night := hours(t, map[string]string{"mon-sat": "02:30-24:00", "sun": "02:30-24:00"})
	for _, c := range []struct {
		name, zone string
		buddy      facilities.Hours
		p, want    string
	}{
		{"all of the day", sweden, day, "2026-03-10T07:00/2026-03-10T18:00", ""},
		{"a minute early", sweden, day, "2026-03-10T06:59/2026-03-10T18:00", "buddy-missing"},
		{"a minute late", sweden, day, "2026-03-10T07:00/2026-03-10T18:01", "buddy-missing"},
		{"through the night", sweden, day, "2026-03-10T17:00/2026-03-11T08:00", "buddy-missing"},
		{"Saturday", sweden, day, "2026-03-14T10:00/2026-03-14T11:00", "buddy-missing"},
		{"nobody is there on a holiday", sweden, day, "2026-05-01T10:00/2026-05-01T11:00", "buddy-missing"},
		{"off", sweden, facilities.Hours{}, "2026-03-14T10:00/2026-03-14T11:00", ""},
		{"the clocks skip half past two", sweden, night, "2026-03-29T03:00/2026-03-29T04:00", ""},
		{"and before it is night", sweden, night, "2027-03-28T01:59/2027-03-28T04:00", "buddy-missing"},
		{"from the first half past two", sweden, night, "2026-10-25T02:30:00+02:00/2026-10-25T04:00", ""},
		{"a minute before it", sweden, night, "2026-10-25T02:29:00+02:00/2026-10-25T04:00", "buddy-missing"},
		{"by the clocks of the site", brazil, day, "2026-03-10T07:00/2026-03-10T18:00", ""},
		{"a minute late there", brazil, day, "2026-03-10T07:00/2026-03-10T18:01", "buddy-missing"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := zoned(t, c.zone, facilities.Rules{Buddy: c.buddy})
			r.Facility.Closures = map[period.Date]text.Text{{Year: 2026, Month: 5, Day: 1}: {SV: "Första maj", EN: "May Day"}}
			wantRefusal(t, r.JudgeBuddy(clocks(t, r, c.p)), c.want)
		})
	}
}

func TestLatestChange(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, zone, rule, start, now, want string }{
		{"just in time", sweden, "24h", "2026-03-10T08:00", "2026-03-09T08:00", ""},
		{"a minute late", sweden, "24h", "2026-03-10T08:00", "2026-03-09T08:01", "too-late-to-change"},
		{"off", sweden, "0h", "2026-03-10T08:00", "2026-03-10T07:59", ""},
		{"the same clock time a spring day before", sweden, "1d", "2026-03-29T08:00", "2026-03-28T08:00", ""},
		{"24 h before a spring day", sweden, "24h", "2027-03-28T08:00", "2027-03-27T07:00", ""},
		{"24 h before a spring day, late", sweden, "24h", "2027-03-28T08:00", "2027-03-27T07:01", "too-late-to-change"},
		{"24 h before an autumn day", sweden, "24h", "2026-10-25T08:00", "2026-10-24T09:00", ""},
		{"the same clock time an autumn day before, late", sweden, "1d", "2026-10-25T08:00", "2026-10-24T08:01", "too-late-to-change"},
		{"no clock change there", brazil, "24h", "2026-10-25T08:00", "2026-10-24T08:00", ""},
		{"nor an hour to win", brazil, "24h", "2026-10-25T08:00", "2026-10-24T08:01", "too-late-to-change"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			span, err := period.ParseSpan(c.rule)
			if err != nil {
				t.Fatal(err)
			}
			r := zoned(t, c.zone, facilities.Rules{LatestChange: span})
			at := clocks(t, r, c.now+"/"+c.start)
			wantRefusal(t, r.JudgeChange(at.End, at.Start), c.want)
		})
	}
}

// An audience's own hours and horizon are judged, searched and shown.
func TestAudiences(t *testing.T) {
	t.Parallel()
	r := office(t, facilities.Rules{Horizon: period.Span{Days: 7}, Audiences: []facilities.Audience{
		{Who: []facilities.Who{facilities.Members, facilities.Host}, Horizon: period.Span{Days: 30}, Hours: hours(t, map[string]string{"mon-sun": "00:00-24:00"})},
		{Who: []facilities.Who{facilities.Companies}},
		{Who: []facilities.Who{facilities.Universities}, Horizon: period.Span{Days: 1}, Hours: hours(t, map[string]string{"sat": "10:00-14:00"})},
	}})
	r.Units, r.Name = []id.Unit{1}, text.Text{SV: "Ugnen", EN: "The oven"}
	now := local(t, "2026-04-17T12:00") // a Friday
	for _, c := range []struct {
		name     string
		who      []facilities.Who
		from, to string
		want     string // codes
		rules    string
	}{
		{"company in the usual hours", []facilities.Who{"company"}, "2026-04-24T10:00", "2026-04-24T11:00", "", ""},
		{"company on the last minute of its horizon", []facilities.Who{"company"}, "2026-04-24T13:00", "2026-04-24T14:00", "too-far-ahead", "horizon"},
		{"company by night", []facilities.Who{"company"}, "2026-04-20T20:00", "2026-04-20T21:00", "closed", "closed"},
		{"member by night", []facilities.Who{"company", "member"}, "2026-04-20T20:00", "2026-04-20T21:00", "", ""},
		{"host up to the horizon", []facilities.Who{"institute", "host"}, "2026-05-17T12:00", "2026-05-17T13:00", "", ""},
		{"host a minute beyond", []facilities.Who{"institute", "host"}, "2026-05-17T12:01", "2026-05-17T13:00", "too-far-ahead", "audiences"},
		{"member on a closed day", []facilities.Who{"member"}, "2026-05-01T12:00", "2026-05-01T13:00", "closed", "closed"},
		{"university within its hours", []facilities.Who{"university"}, "2026-04-18T10:00", "2026-04-18T11:00", "", ""},
		{"university outside, and too far ahead", []facilities.Who{"university"}, "2026-04-20T10:00", "2026-04-20T11:00", "too-far-ahead closed", "audiences audiences"},
		{"institute: refused as a person", []facilities.Who{"institute"}, "2026-04-20T10:00", "2026-04-20T11:00", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p, seen := between(t, c.from, c.to), r.For(c.who)
			got := seen.Judge(p, now)
			var rules []string
			for _, e := range got {
				rules = append(rules, e.Details["rule"].(string))
			}
			if strings.Join(codes(got), " ") != c.want || strings.Join(rules, " ") != c.rules {
				t.Errorf("%v by %v, want %q by %q", got, rules, c.want, c.rules)
			}
			wantRefusal(t, r.Admit(c.who), map[bool]string{true: "not-admitted"}[c.name == "institute: refused as a person"])
			fits := seen.FirstFits(p, p.Minutes(), facilities.Busy{}, now, 1)
			if (len(fits) > 0) != (c.want == "") {
				t.Errorf("shown as %v, refused for %q", fits, c.want)
			}
		})
	}
	if r.Rules.Horizon.Days != 7 || r.Facility.Hours[0] != nil {
		t.Error("the resource itself has changed")
	}
	says := r.Rules.Says()
	if got := strings.ReplaceAll(says[len(says)-1].SV, "\u00a0", " "); got != "Får bokas av lärosäten, högst 1 dag i förväg, lör 10:00–14:00" {
		t.Errorf("it says %q", got)
	}
	if got := r.Admit(nil).Message.EN; !strings.HasPrefix(got, "The oven may only be booked by companies, universities, the facility's members and the host organisation.") {
		t.Errorf("it says %q", got)
	}
}

// What a resource states leaves nothing of its facility's, also in lists.
func TestListsReplaceLists(t *testing.T) {
	t.Parallel()
	day := facilities.Quota{Per: facilities.PerPerson, Count: 3, In: facilities.InDay, Of: facilities.OfFacility, Peak: hours(t, map[string]string{"mon": "08:00-17:00"})}
	week := facilities.Quota{Per: facilities.PerProject, Hours: period.Span{Minutes: 60}, In: facilities.InWeek}
	defaults := facilities.Stated{
		Quotas:    &[]facilities.Quota{day, day},
		Audiences: &[]facilities.Audience{{Who: []facilities.Who{"host", "member"}, Horizon: period.Span{Days: 3}}},
		Buddy:     &facilities.Hours{1: {{From: 0, To: 60}}},
	}
	for _, c := range []struct {
		name   string
		stated facilities.Stated
		want   facilities.Rules
	}{
		{"replaced", facilities.Stated{Quotas: &[]facilities.Quota{week}, Audiences: &[]facilities.Audience{{Who: []facilities.Who{"company"}}}},
			facilities.Rules{Quotas: []facilities.Quota{week}, Audiences: []facilities.Audience{{Who: []facilities.Who{"company"}}}, Buddy: facilities.Hours{1: {{From: 0, To: 60}}}}},
		{"off", facilities.Stated{Quotas: &[]facilities.Quota{}, Audiences: &[]facilities.Audience{}, Buddy: &facilities.Hours{}},
			facilities.Rules{Quotas: []facilities.Quota{}, Audiences: []facilities.Audience{}}},
		{"not said", facilities.Stated{}, facilities.Rules{Quotas: *defaults.Quotas, Audiences: *defaults.Audiences, Buddy: *defaults.Buddy}},
	} {
		got, err := facilities.Effective(defaults, c.stated)
		if err != nil {
			t.Fatal(err)
		}
		got.Closed, got.Charge, got.Early = "", "", period.Span{}
		if !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %+v, want %+v", c.name, got, c.want)
		}
		raw, err := json.Marshal(got)
		var again facilities.Rules
		if err != nil || json.Unmarshal(raw, &again) != nil || len(again.Quotas) != len(got.Quotas) {
			t.Errorf("%s: stored as %s", c.name, raw)
		}
	}
}

func TestRulesThatSayNothing(t *testing.T) {
	t.Parallel()
	good := facilities.Quota{Per: facilities.PerPerson, Count: 1, In: facilities.InDay}
	with := func(change func(*facilities.Quota)) facilities.Rules {
		q := good
		change(&q)
		return facilities.Rules{Quotas: []facilities.Quota{good, q}}
	}
	for path, rules := range map[string]facilities.Rules{
		"quotas[1].per":        with(func(q *facilities.Quota) { q.Per = "dog" }),
		"quotas[1].in":         with(func(q *facilities.Quota) { q.In = "year" }),
		"quotas[1].of":         with(func(q *facilities.Quota) { q.Of = "site" }),
		"quotas[1].count":      with(func(q *facilities.Quota) { q.Hours.Minutes = 60 }),
		"quotas[1].hours":      with(func(q *facilities.Quota) { q.Count, q.Hours.Days = 0, 2 }),
		"quotas":               {Quotas: slices.Repeat([]facilities.Quota{good}, 21)},
		"audiences[0].who":     {Audiences: []facilities.Audience{{}}},
		"audiences[0].horizon": {Notice: period.Span{Days: 2}, Audiences: []facilities.Audience{{Who: []facilities.Who{"host"}, Horizon: period.Span{Days: 1}}}},
		"audiences":            {Audiences: slices.Repeat([]facilities.Audience{{Who: []facilities.Who{"host"}}}, 21)},
		"early":                {Early: period.Span{Days: 2}},
		"gap":                  {Gap: period.Span{Months: 13}},
		"use_logged":           {UseLogged: true},
	} {
		rules.Closed, rules.Charge = facilities.Refuse, facilities.Used
		fields := problem.From(rules.Validate()).Fields
		if len(fields) != 1 || fields[0].Path != "rules."+path || fields[0].Message.SV == "" || fields[0].Message.EN == "" {
			t.Errorf("%s: %+v", path, fields)
		}
	}
	fine := facilities.Rules{Closed: facilities.Refuse, Charge: facilities.Used, Quotas: []facilities.Quota{good},
		CheckIn: true, UseLogged: true, Early: period.Span{Days: 1}, Gap: period.Span{Months: 12},
		Audiences: []facilities.Audience{{Who: facilities.Whos}}}
	if err := fine.Validate(); err != nil {
		t.Error(err)
	}
}
