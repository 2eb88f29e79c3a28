package web_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"rigg/access"
	"rigg/facilities"
	"rigg/funding"
	"rigg/internal/database"
	"rigg/internal/id"
)

// TestFindNarrowsDown tries each filter of the page: what it leaves, that the form
// keeps it, and what an empty answer proposes.
func TestFindNarrowsDown(t *testing.T) {
	t.Parallel()
	p := openPlace(t)
	anna := p.as("anna@sme.example")
	for _, c := range []struct {
		query      string
		says, nots []string
	}{
		{"q=robtextruder", []string{"Robotextruder"}, []string{"Tower", "Ugn</a>"}},
		{"capability=large-format-extrusion&capability=welding", []string{"Robotextruder", `value="large-format-extrusion" checked`, "<details class=\"r-more\" open>"}, []string{"Tower"}},
		{"site=molndal&kind=lab", []string{">Ugn</a>", `<option value="lab" selected>`}, []string{"Robotextruder"}},
		{"facility=hall", []string{"Robotextruder", "Tower"}, []string{">Ugn</a>"}},
		{"facility=lab&weekday=sat&clock_from=20:00&clock_to=23:00&minutes=120", []string{"lör 28\u00a0nov", "20:00–22:00", `value="sat" checked`, `value="20:00"`}, []string{"mån 23"}},
		{"q=violin", []string{"Inget passar sökningen", "Utan sökord · träffar: 3", `href="/?"`}, []string{"Robotextruder"}},
		{"q=ugn&kind=test_bed&site=molndal", []string{"Alla typer av anläggning · träffar: 1"}, []string{"Utan sökord", "På alla platser"}},
		{"facility=hall&weekday=sun", []string{"Robotextruder", "Vilken veckodag som helst", "Inget av det som passar har en ledig tid"}, []string{"På alla anläggningar"}},
		{"", []string{"<details class=\"r-more\"><summary>Fler filter<"}, []string{"(0"}},
	} {
		got := anna.get("/?" + c.query).is(http.StatusOK).says(c.says...)
		_, main, _ := strings.Cut(got.body, "</search>")
		for _, not := range c.nots {
			if strings.Contains(main, not) {
				t.Errorf("%s says %q", c.query, not)
			}
		}
	}
	anna.get("/?weekday=someday").is(http.StatusUnprocessableEntity).says("Skriv veckodagen")
	anna.get("/?clock_from=25:00").is(http.StatusUnprocessableEntity).says("Skriv klockslaget")
	anna.get("/?clock_from=08:00&clock_to=08:00").is(http.StatusUnprocessableEntity).says("två olika tider")
	p.as("mia@rise.example").get("/").is(http.StatusOK).says("Priset visas när du är med i ett projekt")
	p.browser().get("/").is(http.StatusOK).says("Logga in för att se ditt pris")
}

// TestSearchAPI walks the search by its cursor and tries its filters.
func TestSearchAPI(t *testing.T) {
	t.Parallel()
	p := openPlace(t)
	ask := p.bearing("anna@sme.example", access.ScopeRead)
	type found struct {
		Items []struct{ Resource struct{ ID string } }
		Total int
		Next  string
	}
	search := func(query string) (out found) {
		got := ask(http.MethodGet, "/api/v1/search?"+query, "").is(http.StatusOK)
		p.must(json.Unmarshal([]byte(got.body), &out))
		return out
	}
	var seen []string
	for cursor := ""; ; {
		page := search("limit=1&cursor=" + cursor)
		if len(page.Items) != 1 || page.Total != 3 {
			t.Fatalf("a page %+v", page)
		}
		seen = append(seen, page.Items[0].Resource.ID)
		if cursor = page.Next; cursor == "" {
			break
		}
	}
	if len(seen) != 3 || seen[0] == seen[1] || seen[1] == seen[2] {
		t.Errorf("pages %v", seen)
	}
	for query, want := range map[string]int{
		"capability=welding&capability=large-format-extrusion": 1, "site=molndal&facility=hall": 2, "kind=lab": 1, "county=01": 0,
		"weekday=sat&weekday=sun": 3, "clock_from=20:00&clock_to=23:00": 3,
	} {
		if got := search(query); got.Total != want {
			t.Errorf("%s: %d, want %d", query, got.Total, want)
		}
	}
	for _, wrong := range []string{"weekday=someday", "clock_from=8", "kind=hut", "cursor=x", "limit=0", "minutes=0"} {
		ask(http.MethodGet, "/api/v1/search?"+wrong, "").is(http.StatusUnprocessableEntity)
	}
	const day = "&from=2026-11-26T00:00&to=2026-11-27T00:00&minutes=60"
	ask(http.MethodGet, "/api/v1/availability?resource=extruder&resource=tower"+day, "").is(http.StatusOK).
		says(`{"resources":["extruder","tower"],"start":"2026-11-26T07:00:00+01:00","end":"2026-11-26T08:00:00+01:00"}`)
	ask(http.MethodGet, "/api/v1/availability?capability=large-format-extrusion"+day, "").is(http.StatusOK).says(`"resources":["extruder"]`)
	ask(http.MethodGet, "/api/v1/availability?resource=extruder&resource=furnace"+day, "").is(http.StatusUnprocessableEntity)
	ask(http.MethodGet, "/api/v1/availability?capability=welding&resource=tower"+day, "").is(http.StatusUnprocessableEntity)
	ask(http.MethodGet, "/api/v1/availability?x=y"+day, "").is(http.StatusUnprocessableEntity)
}

// TestAnEquivalentIsProposed takes the extruder while another can do the same.
func TestAnEquivalentIsProposed(t *testing.T) {
	t.Parallel()
	p := openPlace(t)
	p.must(p.db.Update(t.Context(), func(tx *database.Tx) error {
		_, err := facilities.PutResource(tx, facilities.ResourceStated{
			ID: "second", Facility: "hall", Name: same("Second extruder"), Units: []string{"x2"}, Position: 2,
			Capabilities: []string{"large-format-extrusion", "polymer"},
		})
		if err == nil {
			_, err = funding.PutRate(tx, funding.Rate{Resource: id.Resource("second"), Audience: "company", From: date("2026-01-01"), Per: funding.PerHour, Amount: 500_00})
		}
		return err
	}))
	theirs := wish("extruder", "2026-11-26T09:00", "2026-11-26T11:00")
	theirs.Set("project", "P-2002")
	p.as("bo@rival.example").books(theirs)
	ask := p.bearing("anna@sme.example", access.ScopeBook)
	ask(http.MethodPost, "/api/v1/quotes", `{"resources":["extruder"],"project":"P-1001","start":"2026-11-26T09:00:00+01:00","end":"2026-11-26T11:00:00+01:00"}`).
		is(http.StatusOK).says(`{"resources":["second"],"start":"2026-11-26T09:00:00+01:00","end":"2026-11-26T11:00:00+01:00","reason":"equivalent"}`)
	p.as("anna@sme.example").get("/book?resource=extruder&project=P-1001&start=2026-11-26T09:00&end=2026-11-26T11:00").is(http.StatusOK).
		says("Likvärdig, på din tid · Second extruder · Hallen, Mölndal", "500,00", "resource=second")
}
