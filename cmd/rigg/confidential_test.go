package main_test

import (
	"encoding/json"
	"fmt"
	"html"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// secretive is a company whose words appear nowhere else: what it does must
// show to nobody who may not know (DESIGN.md, 6). Delvis pays a part.
const secretive = `
organisations:
  - {id: nattljus, name: Nattljus Konstruktion AB, org_no: 559000-0039, kind: company, size: small}
  - {id: delvis, name: Delvis Invest AB, org_no: 559000-0047, kind: company, size: small}
people:
  - {email: sven.dold@nattljus.example, name: Sven Dold, organisation: nattljus, language: sv}
  - {email: dana@delvis.example, name: Dana Falk, organisation: delvis, language: sv}
  - {email: nils@rise.example, name: Nils Brant, organisation: rise, language: sv}
roles:
  - {person: dana@delvis.example, role: organisation_controller, scope: delvis}
  - {person: kai@kontur.example, role: organisation_admin, scope: kontur}
facilities:
  - {id: elsewhere, site: rise-molndal, name: {sv: Annorstädes, en: Elsewhere}, kind: lab, approval: auto, managers: [nils@rise.example], hours: {mon-sun: "00:00-24:00"}}
held:
  - {person: sven.dold@nattljus.example, qualification: am-safety, from: 2026-01-01}
projects:
  - id: P-6661
    name: Kvicksilverdraken
    lead: nattljus
    stream: collaboration
    programme: green
    aid_basis: decided
    period: {from: 2026-01-01, to: 2028-06-30}
    members: [sven.dold@nattljus.example]
    agreements:
      - from: 2026-01-01
        parties: [{party: vinnova, role: funder, kind: grant, parts: 50}, {party: nattljus, role: participant, kind: cash, parts: 37}, {party: delvis, role: participant, kind: cash, parts: 13}]
    awards: [{year: 2026, funder: vinnova, amount: 73914.82}]
    budgets: [{party: nattljus, year: 2026, amount: 61935.47}, {party: delvis, year: 2026, amount: 52817.36}]
`

const (
	svenDold   = "sven.dold@nattljus.example"
	danaFalk   = "dana@delvis.example"
	nilsBrant  = "nils@rise.example"
	ofProject  = "P-6661"
	hisPurpose = "Provning av zirkonslöja"
)

// The words of the secret, and its money as the API and the pages write it: the
// mill for 3 h at 1 000.00 is 150 000, 111 000 and 39 000 öre.
var (
	secretWords = []string{"Sven Dold", "sven.dold", "Nattljus", "nattljus", ofProject, "Kvicksilverdraken",
		"zirkonslöja", "Zetterqvist", "zetter@", "lantanstoft"}
	secretMoney = []string{"111000", "1\u00a0110,00", "1,110.00", "6193547", "61\u00a0935,47", "61,935.47"}
	allMoney    = append([]string{"300000", "3\u00a0000,00", "150000", "1\u00a0500,00", "7391482", "73\u00a0914,82"}, secretMoney...)
)

// refs are his bookings: confirmed, requested, asked about and cancelled.
func secretBookings(w *whole) (refs []string) {
	w.Helper()
	sven, mia := w.as(svenDold), w.as(miaLund)
	book := func(resource, start, end string) booked {
		body := wish(resource, ofProject, start, end)
		body["purpose"] = hisPurpose
		body["attendees"] = []map[string]string{{"name": "Rut Zetterqvist", "email": "zetter@nattljus.example"}}
		b := sven.books(body)
		refs = append(refs, b.Ref)
		return b
	}
	book("mill", "2026-09-02T08:00", "2026-09-02T11:00")
	asked := book("extruder", "2026-09-02T10:00", "2026-09-02T13:00")
	book("printer", "2026-09-03T08:00", "2026-09-03T11:00")
	gone := book("furnace", "2026-09-02T08:00", "2026-09-02T11:00")
	mia.does(asked.Ref, "ask", 1, "Hur mycket lantanstoft?")
	sven.does(gone.Ref, "cancel", 1, "Mer lantanstoft behövs")
	return refs
}

func TestConfidential(t *testing.T) {
	t.Parallel()
	w := mustRun(t, "2026-09-01T06:00:00Z", secretive)
	w.stop()
	loud := filepath.Join(t.TempDir(), "loud.yaml")
	if err := os.WriteFile(loud, []byte("log: {level: debug}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	w.start("--config", loud)
	served := w.served
	refs := secretBookings(w)
	w.quiet()
	secrets := slices.Concat(secretWords, refs, allMoney)

	// Who may see it all finds it all, so that the walk is not blind.
	own := everywhere(t, w.as(svenDold), refs)
	for _, s := range slices.Concat(secretWords[:1], secretWords[2:], refs, secretMoney[:2], secretMoney[4:5]) {
		if !slices.ContainsFunc(own, func(r reply) bool { return strings.Contains(readable(r), s) }) {
			t.Errorf("not even who booked finds %q anywhere", s)
		}
	}
	for name, who := range map[string]*caller{
		"a competitor": w.as(kaiDahl), "nobody": w.as(kaiDahl).anybody(), "another facility's manager": w.as(nilsBrant),
	} {
		t.Run(name, func(t *testing.T) { hidden(t, everywhere(t, who, refs), secrets) })
	}
	t.Run("the facility's manager", func(t *testing.T) {
		seen := everywhere(t, w.as(miaLund), refs)
		hidden(t, seen, allMoney)
		if !slices.ContainsFunc(seen, func(r reply) bool { return strings.Contains(readable(r), hisPurpose) }) {
			t.Error("the manager does not see what she is to approve")
		}
	})
	t.Run("who pays a part", func(t *testing.T) {
		seen := everywhere(t, w.as(danaFalk), refs)
		hidden(t, seen, slices.Concat(secretMoney, []string{hisPurpose, "Zetterqvist", "lantanstoft", "Sven Dold", "sven.dold"}))
		if !slices.ContainsFunc(seen, func(r reply) bool { return strings.Contains(readable(r), "5281736") }) {
			t.Error("a party does not see its own purse")
		}
	})
	unlogged := append(taken(t, w), secretWords...)
	for _, token := range w.tokens {
		unlogged = append(unlogged, token)
	}
	w.stop()
	said := served.errors.String()
	if !strings.Contains(said, "level=DEBUG") {
		t.Error("the log is not loud")
	}
	for _, s := range append(unlogged, "Kai Dahl", "kai@", "Mia Lund", "P-2002") {
		if strings.Contains(said, s) {
			t.Errorf("the log tells %q", s)
		}
	}
}

// taken: to a competitor the time is booked, and nothing else, also where it
// gets in the way. It gives the secrets of the feeds that were read.
func taken(t *testing.T, w *whole) (feeds []string) {
	t.Helper()
	kai := w.as(kaiDahl)
	timeline := kai.get("/facilities/hall/timeline.json?view=week&date=2026-09-02").is(200)
	if !strings.Contains(string(timeline.body), `"kind":"booked","title":"Booked"`) {
		t.Errorf("the time is not shown as booked: %s", timeline.body)
	}
	for resource, events := range map[string]int{"mill": 1, "extruder": 1, "furnace": 1} {
		path, _ := kai.feed("resource", resource)
		feeds = append(feeds, strings.TrimSuffix(filepath.Base(path), ".ics"))
		feed := kai.anybody().get(path).is(200)
		if got := feed.property("SUMMARY"); len(got) != events || got[0] != "Booked" && got[0] != "Cancelled" {
			t.Errorf("the feed of %s says %q", resource, got)
		}
		hidden(t, []reply{feed}, slices.Concat(secretWords, allMoney))
	}
	for _, r := range []reply{
		kai.post("/bookings", wish("mill", "P-2002", "2026-09-02T09:00", "2026-09-02T10:00")),
		kai.post("/bookings", wish("mill", ofProject, "2026-09-02T09:00", "2026-09-02T10:00")),
		kai.post("/bookings", wish("mill", "P-0000", "2026-09-02T09:00", "2026-09-02T10:00")),
		kai.post("/quotes", wish("mill", "P-2002", "2026-09-02T09:00", "2026-09-02T10:00")),
		kai.post("/quotes", wish("mill", ofProject, "2026-09-05T09:00", "2026-09-05T10:00")),
	} {
		hidden(t, []reply{r}, slices.Concat(secretWords, allMoney))
	}
	// A project that is another's and one that does not exist are refused alike.
	one := kai.post("/bookings", wish("mill", ofProject, "2026-09-05T09:00", "2026-09-05T10:00")).refuses(422, "refused")
	two := kai.post("/bookings", wish("mill", "P-0000", "2026-09-05T09:00", "2026-09-05T10:00")).refuses(422, "refused")
	if fmt.Sprint(one.Refusals, one.Alternatives) != fmt.Sprint(two.Refusals, two.Alternatives) {
		t.Errorf("another's project: %+v, and none: %+v", one, two)
	}
	return feeds
}

// readable is all of an answer: headers, and a body without its markup's escapes.
func readable(r reply) string {
	body := string(r.body)
	if strings.Contains(r.header.Get("Content-Type"), "calendar") {
		body = strings.ReplaceAll(body, "\r\n ", "")
	}
	return fmt.Sprint(r.header) + html.UnescapeString(body)
}

// hidden fails where an answer tells a secret that was not in its question.
func hidden(t *testing.T, answers []reply, secrets []string) {
	t.Helper()
	for _, r := range answers {
		for _, s := range secrets {
			if at := foundAt(readable(r), s); at >= 0 && !strings.Contains(r.asked, s) {
				all := readable(r)
				t.Errorf("%s: %d tells %q: …%s…", r.asked, r.status, s, all[max(0, at-120):min(len(all), at+120)])
			}
		}
		if r.status >= 500 {
			t.Errorf("%s: %d", r.asked, r.status)
		}
	}
}

// foundAt gives where a secret stands in a text, or -1. An amount is a number of its
// own: its digits inside a longer one, such as a coordinate, tell nothing.
func foundAt(all, secret string) int {
	for from := 0; ; {
		at := strings.Index(all[from:], secret)
		if at < 0 {
			return -1
		}
		at += from
		end := at + len(secret)
		if !partOfNumber(all, at-1) && !partOfNumber(all, end) || secret[0] < '0' || secret[0] > '9' {
			return at
		}
		from = end
	}
}

func partOfNumber(s string, i int) bool {
	return i >= 0 && i < len(s) && (s[i] >= '0' && s[i] <= '9' || s[i] == '.')
}

var links = regexp.MustCompile(`(?:href|hx-get|data-source|src)="(/[^"/][^"]*|/)"`)

// everywhere asks for all there is to GET: every call of the API, every page,
// and where their links lead.
func everywhere(t *testing.T, who *caller, refs []string) (answers []reply) {
	t.Helper()
	c := &caller{T: t, address: who.address, token: who.token}
	asked := map[string]bool{}
	ask := func(path string) []string {
		if asked[path] || strings.HasPrefix(path, "/static/") {
			return nil
		}
		asked[path] = true
		got := c.get(path, "Accept", map[bool]string{true: "application/json", false: "text/html"}[strings.HasPrefix(path, "/api/")])
		answers = append(answers, got)
		var out []string
		if strings.Contains(got.header.Get("Content-Type"), "text/html") {
			for _, m := range links.FindAllStringSubmatch(string(got.body), -1) {
				out = append(out, html.UnescapeString(m[1]))
			}
		}
		return out
	}
	var next []string
	for _, path := range slices.Concat(calls(c, refs), pages(refs)) {
		next = append(next, ask(path)...)
	}
	for _, path := range next {
		ask(path)
	}
	if len(answers) < 60 {
		t.Errorf("only %d answers", len(answers))
	}
	return answers
}

// calls are all GETs of the API's description, with each id that there is.
func calls(c *caller, refs []string) (out []string) {
	c.Helper()
	var api struct {
		Paths map[string]map[string]json.RawMessage
	}
	c.get("/api/v1/openapi.json").is(200).into(&api)
	ids := map[string][]string{
		"bookings": refs, "projects": {ofProject, "P-2002"}, "facilities": {"hall", "am-molndal"}, "resources": {"mill", "printer"}, "programmes": {"green"},
	}
	queries := map[string][]string{
		"/availability":             {"?resource=mill&from=2026-09-01T00:00&to=2026-09-05T00:00&minutes=60"},
		"/search":                   {"", "?q=fr%C3%A4s&from=2026-09-02T08:00&to=2026-09-02T12:00&project=" + ofProject, "?project=P-2002"},
		"/bookings":                 {"", "?project=" + ofProject, "?facility=hall", "?resource=mill", "?state=cancelled", "?mine=true"},
		"/projects/{id}/statement":  {"", "?period=2026-09"},
		"/programmes/{id}/position": {"?year=2026"},
	}
	for path, methods := range api.Paths {
		if methods["get"] == nil {
			continue
		}
		kind := strings.Split(path, "/")[1]
		filled := []string{path}
		if at := strings.Index(path, "{"); at >= 0 {
			filled = nil
			for _, id := range ids[kind] {
				filled = append(filled, path[:at]+id+path[strings.Index(path, "}")+1:])
			}
		}
		more := queries[path]
		if more == nil {
			more = []string{""}
		}
		for _, f := range filled {
			for _, q := range more {
				out = append(out, "/api/v1"+f+q)
			}
		}
	}
	if len(out) < 25 {
		c.Errorf("only %d calls: %v", len(out), out)
	}
	return out
}

// pages are where the pages begin.
func pages(refs []string) []string {
	const week = "?view=week&date=2026-09-02"
	out := []string{"/", "/?q=fr%C3%A4s&from=2026-09-02T08:00&minutes=60", "/facilities/hall" + week, "/facilities/am-molndal" + week,
		"/facilities/hall/timeline.json" + week, "/facilities/am-molndal/timeline.json" + week, "/book?resource=mill", "/book?resource=mill&project=" + ofProject,
		"/book/quote?resource=mill&start=2026-09-02T09:00&end=2026-09-02T10:00&project=P-2002", "/bookings", "/bookings?show=past", "/inbox", "/projects",
		"/projects/" + ofProject, "/projects/P-2002", "/outbox", "/feeds", "/sign-in", "/problems", "/metrics", "/readyz", "/api/docs"}
	for _, ref := range refs {
		out = append(out, "/bookings/"+ref, "/bookings/"+ref+".ics")
	}
	return out
}
