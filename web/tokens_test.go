package web_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"rigg/access"
)

// bearing is a program that shows a token of a person, with no browser's cookies.
func (p *place) bearing(email string, scopes ...string) func(method, path, body string) answer {
	p.Helper()
	secret, err := access.New(p.db).CreateToken(p.Context(), email, scopes, time.Hour)
	p.must(err)
	return func(method, path, body string) answer {
		p.Helper()
		kind := "application/x-www-form-urlencoded"
		if strings.HasPrefix(path, "/api/") {
			kind = "application/json"
		}
		return p.browser().do(method, path, strings.NewReader(body), "Authorization", "Bearer "+secret, "Content-Type", kind)
	}
}

// TestTokensReachNoFurtherOnPages tries what a token's scope does not hold by way
// of the pages, which ask for no scope of their own.
func TestTokensReachNoFurtherOnPages(t *testing.T) {
	t.Parallel()
	p := openPlace(t)
	path := p.as("anna@sme.example").books(wish("extruder", "2026-11-26T09:00", "2026-11-26T13:00"))
	for _, scope := range []string{access.ScopeRead, access.ScopeBook, access.ScopeCalendar} {
		a := p.bearing("mia@rise.example", scope)(http.MethodPost, path+"/approve", "version=1")
		a.is(http.StatusForbidden)
	}
	for _, forbidden := range []struct{ scope, method, path, body string }{
		{access.ScopeRead, http.MethodPost, path + "/cancel", "version=1"},
		{access.ScopeRead, http.MethodPost, "/book", wish("extruder", "2026-11-27T09:00", "2026-11-27T13:00").Encode()},
		{access.ScopeRead, http.MethodPost, "/feeds", "kind=mine"},
		{access.ScopeCalendar, http.MethodGet, path, ""},
		{access.ScopeCalendar, http.MethodGet, "/outbox", ""},
		{access.ScopeCalendar, http.MethodGet, "/facilities/hall/timeline.json?date=2026-11-26", ""},
	} {
		p.bearing("anna@sme.example", forbidden.scope)(forbidden.method, forbidden.path, forbidden.body).is(http.StatusForbidden)
	}
	p.bearing("anna@sme.example", access.ScopeAll)(http.MethodGet, path, "").is(http.StatusOK)
	p.as("anna@sme.example").get(path).is(http.StatusOK).says("Anna Ek")
}

// TestTheProgramIsAliveToAnybody asks as monitors do, some of which send a
// password or a cookie of something else.
func TestTheProgramIsAliveToAnybody(t *testing.T) {
	t.Parallel()
	p := openPlace(t)
	for _, path := range []string{"/healthz", "/readyz", "/metrics"} {
		p.browser().do(http.MethodGet, path, nil, "Authorization", "Basic bW9uaXRvcjpwYXNz").is(http.StatusOK)
		p.browser().do(http.MethodGet, path, nil, "Authorization", "Bearer of-something-else").is(http.StatusOK)
	}
}

// TestTheSchemeIsInAnyCase is RFC 9110 11.1: "bearer" is "Bearer".
func TestTheSchemeIsInAnyCase(t *testing.T) {
	t.Parallel()
	p := openPlace(t)
	secret, err := access.New(p.db).CreateToken(p.Context(), "anna@sme.example", []string{access.ScopeRead}, time.Hour)
	p.must(err)
	for _, scheme := range []string{"Bearer", "bearer", "BEARER"} {
		p.browser().do(http.MethodGet, "/api/v1/bookings", nil, "Authorization", scheme+" "+secret).is(http.StatusOK)
	}
}
