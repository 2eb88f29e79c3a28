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
	changes := []struct {
		zone string
		at   time.Time
	}{
		{"Europe/Stockholm", time.Date(2026, 3, 29, 1, 0, 0, 0, time.UTC)},
		{"Europe/Stockholm", time.Date(2026, 10, 25, 1, 0, 0, 0, time.UTC)},
		{"America/Santiago", time.Date(2026, 4, 5, 3, 0, 0, 0, time.UTC)},
		{"America/Santiago", time.Date(2026, 9, 6, 4, 0, 0, 0, time.UTC)},
		{"Australia/Lord_Howe", time.Date(2026, 10, 3, 15, 30, 0, 0, time.UTC)}, // by half an hour
	}
	rapid.Check(t, func(t *rapid.T) {
		step := rapid.SampledFrom([]int{1440, 600, 420, 240, 60, 50, 45, 7, 2}).Draw(t, "step")
		change := rapid.SampledFrom(changes).Draw(t, "change")
		zone, err := time.LoadLocation(change.zone)
		if err != nil {
			t.Fatal(err)
		}
		r := always(facilities.Rules{Step: period.Span{Minutes: step}})
		r.Facility.Places[0].Site.Zone = zone
		at := change.at.Add(time.Duration(rapid.IntRange(-900, 900).Draw(t, "minutes")) * time.Minute)
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
