package web_test

import (
	"net/http"
	"strings"
	"testing"
)

// TestAnErrorOfTheWireIsAPageLikeAnother sends more than is read: the refusal
// comes before any handler, and keeps the rules of every page and answer.
func TestAnErrorOfTheWireIsAPageLikeAnother(t *testing.T) {
	t.Parallel()
	p := openPlace(t)
	for _, accept := range []string{"text/html", "application/json"} {
		a := p.browser().do(http.MethodPost, "/sign-in", strings.NewReader(strings.Repeat("a", 2<<20)), "Accept", accept,
			"Content-Type", "application/x-www-form-urlencoded")
		a.is(http.StatusRequestEntityTooLarge)
		for _, header := range []string{"Content-Security-Policy", "X-Content-Type-Options", "Referrer-Policy"} {
			if a.header.Get(header) == "" {
				t.Errorf("%s: there is no %s", accept, header)
			}
		}
	}
}

// TestAnAddressToldOnceIsNotKept looks at the one page that shows a secret, and
// at the API's answers: what is private is nobody's to store.
func TestAnAddressToldOnceIsNotKept(t *testing.T) {
	t.Parallel()
	p := openPlace(t)
	anna := p.as("anna@sme.example")
	page := anna.post("/feeds", map[string][]string{"kind": {"mine"}}).is(http.StatusOK).says(".ics")
	if got := page.header.Get("Cache-Control"); got != "no-store" {
		t.Errorf("the page with the address is kept %q", got)
	}
	made := anna.do(http.MethodPost, "/api/v1/feeds", strings.NewReader(`{"kind":"mine"}`), "Content-Type", "application/json",
		"Sec-Fetch-Site", "same-origin").is(http.StatusCreated).says(".ics")
	listed := anna.get("/api/v1/bookings").is(http.StatusOK)
	for _, a := range []answer{made, listed} {
		if got := a.header.Get("Cache-Control"); got != "no-store" {
			t.Errorf("an answer of the API is kept %q", got)
		}
	}
}
