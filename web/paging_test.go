package web_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"rigg/access"
)

// TestListsComeInPages walks every list of the API by its cursor: each item comes
// once, and no page is longer than asked for.
func TestListsComeInPages(t *testing.T) {
	t.Parallel()
	p := openPlace(t)
	anna := p.as("anna@sme.example")
	for _, start := range []string{"2026-11-26T09:00", "2026-11-27T09:00", "2026-11-30T09:00"} {
		anna.books(wish("extruder", start, strings.Replace(start, "T09", "T11", 1)))
	}
	ask := p.bearing("ada@rise.example", access.ScopeRead)
	for path, want := range map[string]int{"bookings": 3, "facilities": 2, "resources": 3, "projects": 2} {
		var seen []string
		for cursor, pages := "", 0; pages <= want; pages++ {
			var page struct {
				Items []struct{ ID, Ref string }
				Next  string
			}
			got := ask(http.MethodGet, "/api/v1/"+path+"?limit=1&cursor="+cursor, "").is(http.StatusOK)
			p.must(json.Unmarshal([]byte(got.body), &page))
			if len(page.Items) != 1 {
				t.Fatalf("%s: a page of %d", path, len(page.Items))
			}
			seen = append(seen, page.Items[0].ID+page.Items[0].Ref)
			if cursor = page.Next; cursor == "" {
				break
			}
		}
		slices.Sort(seen)
		if len(slices.Compact(seen)) != want || len(seen) != want {
			t.Errorf("%s: %v, want %d", path, seen, want)
		}
		ask(http.MethodGet, "/api/v1/"+path+"?cursor=nothing", "").is(http.StatusUnprocessableEntity)
		ask(http.MethodGet, "/api/v1/"+path+"?limit=0", "").is(http.StatusUnprocessableEntity)
	}
}

// TestATimeWithoutOffsetIsLocal is DESIGN.md 4: times are entered as the clocks of
// the sites show them, in a search as in a booking.
func TestATimeWithoutOffsetIsLocal(t *testing.T) {
	t.Parallel()
	p := openPlace(t)
	ask := p.bearing("anna@sme.example", access.ScopeRead)
	ask(http.MethodGet, "/api/v1/search?q=Ugn&minutes=60&from=2026-11-26T09:00&to=2026-11-26T10:00", "").
		is(http.StatusOK).says(`"start":"2026-11-26T09:00:00+01:00"`)
	p.as("anna@sme.example").books(wish("extruder", "2026-11-26T09:00", "2026-11-26T13:00"))
	ask(http.MethodGet, "/api/v1/bookings?from=2026-11-26T13:00", "").is(http.StatusOK).says(`"items":[]`)
	ask(http.MethodGet, "/api/v1/search?from=2026-10-25T02:30", "").is(http.StatusUnprocessableEntity).says("ambiguous-local-time")
}
