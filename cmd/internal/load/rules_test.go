package load_test

import (
	"slices"
	"strings"
	"testing"

	"rigg/cmd/internal/load"
	"rigg/internal/dbtest"
	"rigg/internal/problem"
)

// ruled is the example with every rule that is a list or has hours.
func ruled(resource string) string {
	out := strings.Replace(designed, "managers: [mia@rise.example], hours", "managers: [mia@rise.example], members: [anna@gronstal.example],\n"+
		`     rules: {early: 20m, quotas: [{per: person, count: 3, in: week}], audiences: [{who: [host]}], buddy: {mon-fri: "07:00-18:00"}}, hours`, 1)
	return strings.Replace(out, "rules: {min: 1h, max: 5d, closed: span, step: 30m, notice: 24h, horizon: 180d, set_up: 30m, clean_up: 30m, free_cancel: 48h, check_in: false}",
		resource, 1)
}

func TestRulesAreLoaded(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	stated := ruled(`rules:
      use_logged: true
      check_in: true
      gap: 2h
      latest_change: 1d
      quotas:
        - {per: project, hours: 20h, in: month, of: facility, peak: {mon-thu: "08:00-17:00"}}
        - {per: organisation, count: 1, in: future}
      audiences:
        - {who: [member, company], horizon: 30d, hours: {sat: "10:00-14:00"}}
      buddy: {}`)
	must(t, db, file(stated))
	if again := must(t, db, file(stated)); again.Changed != 0 {
		t.Errorf("loaded again, %d changed", again.Changed)
	}
	for query, want := range map[string]string{
		`select rules::text from facilities`: `{"buddy": {"fri": [[420, 1080]], "mon": [[420, 1080]], "thu": [[420, 1080]], "tue": [[420, 1080]], "wed": [[420, 1080]]}, ` +
			`"early": "20m", "quotas": [{"in": "week", "per": "person", "count": 3}], "audiences": [{"who": ["host"]}]}`,
		`select rules::text from resources`: `{"gap": "2h", "buddy": {}, "quotas": [{"in": "month", "of": "facility", "per": "project", "peak": ` +
			`{"mon": [[480, 1020]], "thu": [[480, 1020]], "tue": [[480, 1020]], "wed": [[480, 1020]]}, "hours": "20h"}, ` +
			`{"in": "future", "per": "organisation", "count": 1}], "check_in": true, "audiences": [{"who": ["member", "company"], ` +
			`"hours": {"sat": [[600, 840]]}, "horizon": "30d"}], "use_logged": true, "latest_change": "1d"}`,
		`select role || '@' || scope from roles where role = 'facility_member'`: "facility_member@am-molndal",
	} {
		if got := strings.Join(column(t, db, query), " "); got != want {
			t.Errorf("%s\n got %s\nwant %s", query, got, want)
		}
	}
}

func TestMistakesInRules(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	for _, c := range []struct {
		name, rules string
		want        []string
	}{
		{"no list", "rules:\n      quotas: 3", []string{"a.yaml:24: rules.quotas: A list is expected here."}},
		{"not a subject", "rules:\n      quotas:\n        - {per: dog, count: 1, in: day}",
			[]string{"a.yaml:25: rules.quotas[0].per: Write one of person, project, organisation."}},
		{"not a stretch, nor a number", "rules:\n      quotas:\n        - per: person\n          count: many\n          in: year", []string{
			"a.yaml:26: rules.quotas[0].count: Write a whole number from 1 to 1000.",
			"a.yaml:27: rules.quotas[0].in: Write one of day, week, month, future."}},
		{"unknown key", "rules:\n      quotas:\n        - {per: person, count: 1, in: day, at: noon}",
			[]string{"a.yaml:25: rules.quotas[0].at: There is no such key here. What can be written: count, hours, in, of, peak, per."}},
		{"both", "rules:\n      quotas:\n        - {per: person, count: 1, in: day}\n        - {per: person, count: 1, hours: 2h, in: day}",
			[]string{"a.yaml:26: rules.quotas[1].count: Give one of count (1 to 1000) and hours."}},
		{"neither", "rules:\n      quotas:\n        - {per: person, count: 1, in: day}\n        - {per: person, in: day}",
			[]string{"a.yaml:26: rules.quotas[1].count: Give one of count (1 to 1000) and hours."}},
		{"not peak hours", "rules:\n      quotas:\n        - {per: person, count: 1, in: day, peak: {noon: x}}",
			[]string{"a.yaml:25: rules.quotas[0].peak.noon: Write the days as mon-fri or sat"}},
		{"not an audience", "rules:\n      audiences:\n        - {who: [member, dogs]}",
			[]string{"a.yaml:25: rules.audiences[0].who: Write one of company, institute, university, public_body, member, host."}},
		{"nobody", "rules:\n      audiences:\n        - {who: []}",
			[]string{"a.yaml:25: rules.audiences[0].who: Give one or more of company"}},
		{"not a buddy's hours", "rules:\n      buddy: {mon: 25:00}", []string{`a.yaml:24: rules.buddy.mon: Write the hours as 07:00-19:00`}},
		{"logged without check-in", "rules:\n      use_logged: true", []string{"a.yaml:24: rules.use_logged: Check-out can only be demanded"}},
		{"too early", "rules:\n      early: 25h", []string{"a.yaml:24: rules.early: Check-in opens at most a day before the start."}},
	} {
		_, err := load.Files(t.Context(), db, []load.File{file(ruled(c.rules))})
		got := told(err)
		if !problem.Has(err, load.CodeFiles) || !slices.EqualFunc(got, c.want, strings.HasPrefix) {
			t.Errorf("%s: got\n\t%s\nwant\n\t%s", c.name, strings.Join(got, "\n\t"), strings.Join(c.want, "\n\t"))
		}
	}
}
