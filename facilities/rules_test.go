package facilities_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"rigg/facilities"
	"rigg/internal/period"
)

func TestRulesAsWritten(t *testing.T) {
	t.Parallel()
	const written = `{min: 1h, max: 5d, closed: span, step: 30m, notice: 24h, horizon: 180d, set_up: 30m, clean_up: 30m,
		free_cancel: 48h, latest_change: 2h, gap: 1d, early: 20m, check_in: true, use_logged: true, no_show_after: 45m, charge: used}`
	var stated facilities.Stated
	if err := yaml.Unmarshal([]byte(written), &stated); err != nil {
		t.Fatal(err)
	}
	stored, err := json.Marshal(stated)
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"min":"1h","max":"5d","step":"30m","notice":"24h","horizon":"180d","set_up":"30m","clean_up":"30m",` +
		`"free_cancel":"48h","latest_change":"2h","gap":"1d","early":"20m","no_show_after":"45m","check_in":true,"use_logged":true,"closed":"span","charge":"used"}`
	if string(stored) != want {
		t.Errorf("stored as %s", stored)
	}
	rules, err := facilities.Effective(facilities.Stated{Min: minutes(5), CheckIn: new(false)}, stated)
	if err != nil {
		t.Fatal(err)
	}
	if err := rules.Validate(); err != nil {
		t.Error(err)
	}
	effective := facilities.Rules{
		Min: period.Span{Minutes: 60}, Max: period.Span{Days: 5}, Step: *minutes(30), Notice: *minutes(24 * 60),
		Horizon: period.Span{Days: 180}, SetUp: *minutes(30), CleanUp: *minutes(30), FreeCancel: *minutes(48 * 60),
		LatestChange: *minutes(120), Gap: period.Span{Days: 1}, NoShowAfter: *minutes(45),
		Early: *minutes(20), CheckIn: true, UseLogged: true, Closed: facilities.Span, Charge: facilities.Used,
	}
	if !reflect.DeepEqual(rules, effective) {
		t.Errorf("in force: %+v", rules)
	}
}

func TestRulesOverDefaults(t *testing.T) {
	t.Parallel()
	defaults := facilities.Stated{Min: minutes(60), Notice: minutes(600), CheckIn: new(true), Charge: new(facilities.Booked)}
	cases := []struct {
		name   string
		stated facilities.Stated
		want   facilities.Rules
	}{
		{"nothing said", facilities.Stated{}, facilities.Rules{
			Min: *minutes(60), Notice: *minutes(600), Early: *minutes(15), CheckIn: true, Closed: facilities.Refuse, Charge: facilities.Booked}},
		{"changed", facilities.Stated{Min: minutes(30), Charge: new(facilities.Used)}, facilities.Rules{
			Min: *minutes(30), Notice: *minutes(600), Early: *minutes(15), CheckIn: true, Closed: facilities.Refuse, Charge: facilities.Used}},
		{"to days", facilities.Stated{Min: &period.Span{Days: 2}}, facilities.Rules{
			Min: period.Span{Days: 2}, Notice: *minutes(600), Early: *minutes(15), CheckIn: true, Closed: facilities.Refuse, Charge: facilities.Booked}},
		{"off", facilities.Stated{Notice: minutes(0), CheckIn: new(false)}, facilities.Rules{
			Min: *minutes(60), Early: *minutes(15), Closed: facilities.Refuse, Charge: facilities.Booked}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got, err := facilities.Effective(defaults, c.stated); err != nil || !reflect.DeepEqual(got, c.want) {
				t.Errorf("got %+v, %v", got, err)
			}
		})
	}
}

// Every rule that is stored has a row in the table, which sets it and nothing else.
func TestTheTableHasEveryRule(t *testing.T) {
	t.Parallel()
	rows := map[string]facilities.Rule{}
	for _, rule := range facilities.RuleTable {
		if rule.Name.SV == "" || rule.Name.EN == "" {
			t.Errorf("%s has no name in both languages", rule.Key)
		}
		rows[rule.Key] = rule
	}
	kind := reflect.TypeFor[facilities.Rules]()
	for i := range kind.NumField() {
		key, _, _ := strings.Cut(kind.Field(i).Tag.Get("json"), ",")
		rule, ok := rows[key]
		if !ok {
			t.Errorf("%s is in no row", key)
			continue
		}
		delete(rows, key)
		var stated facilities.Stated
		switch {
		case rule.Span != nil:
			*rule.Span(&stated) = minutes(30)
		case rule.Yes != nil:
			*rule.Yes(&stated) = new(true)
		case rule.Word != nil:
			rule.Word(&stated, rule.Words[0])
		case rule.Hours != nil:
			*rule.Hours(&stated) = &facilities.Hours{}
		case rule.Quotas != nil:
			*rule.Quotas(&stated) = &[]facilities.Quota{}
		case rule.Audiences != nil:
			*rule.Audiences(&stated) = &[]facilities.Audience{}
		}
		stored, err := json.Marshal(stated)
		if err != nil || !strings.HasPrefix(string(stored), `{"`+key+`":`) || strings.Contains(string(stored), `,"`) {
			t.Errorf("%s states %s, %v", key, stored, err)
		}
	}
	for key := range rows {
		t.Errorf("the row %s is of no rule", key)
	}
}
