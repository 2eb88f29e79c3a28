package facilities_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"rigg/facilities"
	"rigg/internal/id"
	"rigg/internal/period"
)

// No booking ends after the midnight of the day, nothing free is shown there, and
// what can do the same is named.
func TestRetired(t *testing.T) {
	t.Parallel()
	r := always(facilities.Rules{})
	r.Retired, r.Capabilities = period.Date{Year: 2027, Month: 1, Day: 1}, []string{"milling"}
	other := *r
	other.ID, other.Retired = "newer", period.Date{}
	less := other
	less.ID, less.Capabilities = "less", []string{"turning"}
	r.Facility.Resources = []*facilities.Resource{r, &less, &other}
	now := local(t, "2026-12-30T08:00")
	if got := codes(r.Judge(between(t, "2026-12-31T20:00", "2027-01-01T00:00"), now)); len(got) != 0 {
		t.Errorf("until midnight: %v", got)
	}
	refusals := r.Judge(between(t, "2026-12-31T20:00", "2027-01-01T00:01"), now)
	if got := codes(refusals); !slices.Equal(got, []string{"retired"}) {
		t.Fatalf("a minute after: %v", got)
	}
	said := refusals[0]
	if ids, _ := said.Details["instead"].([]id.Resource); !slices.Equal(ids, []id.Resource{"newer"}) {
		t.Errorf("instead %v", said.Details)
	}
	if !strings.Contains(said.Message.SV, "fredag 1 januari 2027") || !strings.Contains(said.Message.EN, "Friday 1 January 2027") {
		t.Errorf("says %v", said.Message)
	}
	window := between(t, "2026-12-31T00:00", "2027-01-02T00:00")
	for _, p := range slices.Concat(r.Bookable(window, nil, now), r.FirstFits(window, 60, nil, now, 200)) {
		if p.End.After(r.RetiresAt()) {
			t.Errorf("%v is shown as free", p)
		}
	}
	for _, a := range facilities.Alternatives([]*facilities.Resource{r}, between(t, "2026-12-31T22:00", "2027-01-01T02:00"), nil, now) {
		if a.Period.End.After(r.RetiresAt()) {
			t.Errorf("%v is proposed", a)
		}
	}
	if r.RetiredBy(r.RetiresAt().Add(-time.Minute)) || !r.RetiredBy(r.RetiresAt()) {
		t.Error("it is gone at another moment")
	}
}
