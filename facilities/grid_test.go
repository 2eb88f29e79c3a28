package facilities_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"rigg/facilities"
	"rigg/internal/period"
	"rigg/internal/problem"
)

// always is a resource in Stockholm with no rules and no closed time.
func always(rules facilities.Rules) *facilities.Resource {
	site := &facilities.Site{ID: "site", Zone: stockholm()}
	f := &facilities.Facility{ID: "facility", Places: []facilities.DatedSite{{Site: site}}}
	if rules.Closed == "" {
		rules.Closed = facilities.Refuse
	}
	return &facilities.Resource{ID: "ugn", Facility: f, Rules: rules}
}

// TestNearestGridPoints walks minute by minute from what Judge refuses to what
// it says is nearest, with any step, around both clock changes, also in a zone
// whose clocks change at midnight by their own rules.
func TestNearestGridPoints(t *testing.T) {
	t.Parallel()
	var zones []*time.Location
	for _, name := range []string{"Europe/Stockholm", "America/Santiago", "Australia/Lord_Howe"} {
		zone, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		zones = append(zones, zone)
	}
	changes := []time.Time{
		time.Date(2026, 3, 28, 12, 0, 0, 0, time.UTC), time.Date(2026, 10, 24, 12, 0, 0, 0, time.UTC), // Stockholm
		time.Date(2026, 4, 4, 12, 0, 0, 0, time.UTC), time.Date(2026, 9, 5, 12, 0, 0, 0, time.UTC), // Santiago
		time.Date(2026, 10, 3, 12, 0, 0, 0, time.UTC), // Lord Howe, by half an hour
	}
	rapid.Check(t, func(t *rapid.T) {
		step := rapid.IntRange(2, 24*60).Draw(t, "step")
		r := always(facilities.Rules{Step: period.Span{Minutes: step}})
		zone := rapid.SampledFrom(zones).Draw(t, "zone")
		r.Facility.Places[0].Site.Zone = zone
		at := rapid.SampledFrom(changes).Draw(t, "change").Add(time.Duration(rapid.IntRange(0, 36*60).Draw(t, "minutes")) * time.Minute)
		onGrid := func(t time.Time) bool { return (t.In(zone).Hour()*60+t.In(zone).Minute())%step == 0 }
		var refusal *problem.Error
		for _, e := range r.Judge(period.New(at, at.Add(time.Hour)), at) {
			if e.Code == facilities.CodeNotOnGrid {
				refusal = e
			}
		}
		if refusal == nil {
			if !onGrid(at) || !onGrid(at.Add(time.Hour)) {
				t.Fatalf("%v is accepted with a step of %d", at.In(zone), step)
			}
			return
		}
		if onGrid(at) {
			at = at.Add(time.Hour) // the end is what was refused
		}
		before, after := at, at
		for !onGrid(before) {
			before = before.Add(-time.Minute)
		}
		for !onGrid(after) {
			after = after.Add(time.Minute)
		}
		for key, want := range map[string]time.Time{"before": before, "after": after} {
			if got := refusal.Details[key]; got != want.In(zone).Format(time.RFC3339) {
				t.Fatalf("%s %v is %v, walking says %v", key, at.In(zone), got, want.In(zone))
			}
		}
	})
}
