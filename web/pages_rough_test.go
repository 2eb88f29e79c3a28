package web_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

// TestRoughInput sends what no page of ours would send: it is refused, and never
// our fault.
func TestRoughInput(t *testing.T) {
	t.Parallel()
	p := openPlace(t)
	anna := p.as("anna@sme.example")
	path := anna.books(wish("extruder", "2026-11-26T09:00", "2026-11-26T13:00"))
	long := strings.Repeat("å", 3000)
	for _, bad := range []string{
		"/?from=x", "/?from=2026-13-45&to=0000-00-00", "/?from=2099-12-31", "/?to=2100-01-01", "/?from=2027-01-01&to=2026-01-01",
		"/?minutes=-1", "/?minutes=9999999999", "/?minutes=999999", "/?page=-3", "/?page=99999", "/?page=x", "/?q=%00", "/?q=%ff%fe",
		"/?q=" + url.QueryEscape(long), "/?county=%27%3B--", "/?project=P-2002", "/?project=%00",
		"/facilities/%00", "/facilities/..%2f..", "/facilities/" + strings.Repeat("a", 300), "/facilities/hall?date=x&view=year",
		"/facilities/hall?date=2000-01-01", "/facilities/hall?date=2099-12-31", "/facilities/hall/timeline.json?date=9999-99-99",
		"/book?resource=nothing", "/book?resource=", "/book?resource=extruder&resource=furnace", "/book?resource=extruder&start=x&end=y",
		"/book?resource=extruder&start=2026-11-26T09:00&end=2026-11-20T09:00", "/book?resource=extruder&start=1999-01-01T00:00",
		"/book?resource=extruder&start=2026-11-26T09:00&end=2099-01-01T00:00", "/book?resource=extruder&project=nothing",
		"/book?resource=extruder&start=2026-11-26T09:00:30", "/book?resource=extruder&start=2026-11-26T09:00%2B99:00", "/book?%zz",
		"/book/quote", "/book/quote?resource=extruder", "/book/quote?resource=extruder&start=2026-11-26T09:00&end=2026-11-26T09:00&project=P-1001",
		"/book/quote?resource=extruder&start=2026-11-26T09:00&end=2026-11-26T10:00&project=P-1001&purpose=" + url.QueryEscape(long),
		"/bookings?after=x", "/bookings?after=" + strings.Repeat("A", 500), "/bookings/1", "/bookings/abcdefghjkmnp", "/bookings/%00%00%00%00%00%00%00%00%00%00%00%00%00",
		"/inbox?facility=%00", "/projects/%00", "/projects/nothing", "/projects/P-1001?after=x", "/outbox?after=x", "/outbox?state=%00",
		"/feeds?kind=%00", "/problems/%00", "/sign-in/%00", "/sign-in?back=%00", "/static/%00/css/rigg.css", "/static/x/../../web.go", "/static/x/%2e%2e/texts.go",
		"/calendar/x.ics", "/calendar/%00.ics",
	} {
		if a := anna.get(bad); a.status >= 500 {
			t.Errorf("GET %s answers %d", bad, a.status)
		}
	}
	for _, c := range []struct {
		path string
		form url.Values
	}{
		{"/book", nil}, {"/book", url.Values{"resource": {"nothing"}}}, {"/book", url.Values{"facility": {"nothing"}}},
		{"/book", wish("extruder", "x", "y")}, {"/book", wish("extruder", "2026-11-26T09:00", "2026-11-26T08:00")},
		{"/book", url.Values{"resource": {"extruder"}, "start": {"2026-11-27T09:00"}, "end": {"2026-11-27T12:00"}, "project": {"P-2002"}}},
		{"/book", url.Values{"resource": {"extruder"}, "start": {"2026-11-27T09:00"}, "end": {"2026-11-27T12:00"}, "project": {"P-1001"}, "purpose": {"\x00"}}},
		{"/book", url.Values{"resource": {"extruder"}, "start": {"2026-11-27T09:00"}, "end": {"2026-11-27T12:00"}, "project": {"P-1001"}, "purpose": {long}}},
		{path + "/approve", nil}, {path + "/cancel", nil}, {path + "/cancel", url.Values{"version": {"x"}}},
		{path + "/cancel", url.Values{"version": {"99"}}}, {path + "/cancel", url.Values{"version": {"1"}, "reason": {"\x00"}}},
		{path + "/cancel", url.Values{"version": {"1"}, "reason": {long}}}, {path + "/explode", url.Values{"version": {"1"}}},
		{path + "/check-out", url.Values{"version": {"1"}}}, {"/bookings/x/approve", url.Values{"version": {"1"}}},
		{"/feeds", nil}, {"/feeds", url.Values{"kind": {"resource:\x00"}}}, {"/feeds/x/revoke", nil}, {"/feeds/99999999999999999999/revoke", nil},
		{"/sign-in", nil}, {"/sign-in", url.Values{"email": {long}}}, {"/sign-in", url.Values{"email": {"a\x00@b.example"}}},
		{"/sign-in/nothing", nil}, {"/language", nil}, {"/theme", nil}, {"/demo/people/nobody@sme.example", nil}, {"/demo/people/%00", nil}, {"/", nil},
	} {
		if a := anna.post(c.path, c.form); a.status >= 500 {
			t.Errorf("POST %s %q answers %d: %s", c.path, c.form, a.status, visible(a.body))
		}
	}
	for _, kind := range []string{"", "text/plain", "application/json", "multipart/form-data; boundary=x"} {
		a := anna.do(http.MethodPost, "/book", strings.NewReader("--x\r\n\xff%zz"), "Content-Type", kind, "Sec-Fetch-Site", "same-origin")
		if a.status >= 500 || a.status < 400 {
			t.Errorf("a body of type %q answers %d", kind, a.status)
		}
	}
	anna.do(http.MethodGet, "/", nil, "Cookie", "rigg_session=x; rigg_flash=%00; rigg_language=xx; rigg_theme=<b>; rigg_asked=x; rigg_project=x").is(200)
}

// inline is what the content policy forbids.
var inline = regexp.MustCompile(`(?i)<script(?:\s+type="[^"]*")?>|<style|\sstyle=|\son[a-z]+=|href="javascript:`)

// TestEveryPageInBothLanguages looks at each page for what should be on all.
func TestEveryPageInBothLanguages(t *testing.T) {
	t.Parallel()
	p := openPlace(t)
	booked := p.as("anna@sme.example").books(wish("extruder", "2026-11-26T09:00", "2026-11-26T13:00"))
	pages := map[string][]string{
		"anna@sme.example": {"/", "/?q=nothing+at+all", "/facilities/hall", "/facilities/hall?view=day", "/facilities/lab", "/book?resource=extruder", "/bookings",
			"/bookings?show=past", booked, "/projects/P-1001", "/outbox", "/feeds", "/problems", "/problems/stale", "/api/docs", "/sign-in", "/sign-in/x", "/demo/people", "/nothing", "/inbox"},
		"mia@rise.example":    {"/inbox", booked, "/facilities/hall"},
		"sam@vinnova.example": {"/projects/P-1001"},
		"ada@rise.example":    {"/inbox", "/outbox", booked, "/projects/P-2002"},
	}
	for email, paths := range pages {
		v := p.as(email)
		for _, lang := range []string{"sv", "en"} {
			v.post("/language", url.Values{"lang": {lang}, "back": {"/"}}).redirects("/")
			for _, path := range paths {
				a := v.get(path)
				if a.status >= 500 {
					t.Errorf("%s in %s answers %d", path, lang, a.status)
				}
				a.says(`<html lang="`+lang+`"`, `<main id="main"`, "<h1", "</html>").never("%!", "<no value>", "ZgotmplZ")
				if found := inline.FindString(a.body); found != "" {
					t.Errorf("%s has %q, which the content policy forbids", path, found)
				}
				if policy := a.header.Get("Content-Security-Policy"); strings.Contains(policy, "unsafe") || policy == "" {
					t.Errorf("%s has the content policy %q", path, policy)
				}
			}
		}
	}
}

func TestStaticFilesAreKept(t *testing.T) {
	t.Parallel()
	p := openPlace(t)
	nobody := p.browser()
	home := nobody.get("/")
	found := regexp.MustCompile(`/static/([0-9a-f]+)/[^"#]+`).FindAllStringSubmatch(home.body, -1)
	if len(found) < 5 {
		t.Fatalf("the page names %d static files", len(found))
	}
	for _, m := range found {
		a := nobody.get(m[0]).is(200)
		if got := a.header.Get("Cache-Control"); got != "public, max-age=31536000, immutable" {
			t.Errorf("%s is kept %q", m[0], got)
		}
		if a.header.Get("X-Content-Type-Options") != "nosniff" || strings.HasPrefix(a.header.Get("Content-Type"), "application/octet") {
			t.Errorf("%s has the type %q", m[0], a.header.Get("Content-Type"))
		}
	}
	old := strings.Replace(found[0][0], found[0][1], "0123456789", 1)
	if got := nobody.get(old).is(200).header.Get("Cache-Control"); got != "no-cache" {
		t.Errorf("a file of another version is kept %q", got)
	}
	for _, path := range []string{"/static/" + found[0][1] + "/package.json", "/static/" + found[0][1] + "/../texts.go"} {
		nobody.get(path).is(404)
	}
}
