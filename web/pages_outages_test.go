package web_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"rigg/access"
	"rigg/booking"
	"rigg/internal/database"
	"rigg/internal/id"
)

// api sends JSON as the signed-in visitor.
func (v *visitor) api(method, path, body string) answer {
	v.Helper()
	return v.do(method, "/api/v1"+path, strings.NewReader(body), "Content-Type", "application/json", "Accept", "application/json",
		"Sec-Fetch-Site", "same-origin")
}

// find gives the part of a JSON answer at the keys.
func (a answer) find(keys ...string) (out any) {
	a.Helper()
	if err := json.Unmarshal([]byte(a.body), &out); err != nil {
		a.Fatalf("%v in %s", err, a.body)
	}
	for _, key := range keys {
		switch in := out.(type) {
		case map[string]any:
			out = in[key]
		case []any:
			if len(in) == 0 {
				a.Fatalf("nothing at %q in %s", key, a.body)
			}
			out = in[0]
		}
	}
	return out
}

// principal is somebody as they act now.
func (p *place) principal(email string) (who *access.Principal) {
	p.Helper()
	p.must(p.db.Update(p.Context(), func(tx *database.Tx) error {
		found, err := access.FindPerson(tx, email)
		if err == nil {
			who, err = access.PrincipalOf(tx, found.ID)
		}
		return err
	}))
	return who
}

// findsAlternative does what the queue would.
func (p *place) findsAlternative(path string) {
	p.Helper()
	b, err := p.booking.Find(p.Context(), p.principal("ada@rise.example"), id.Ref(strings.TrimPrefix(path, "/bookings/")))
	p.must(err)
	p.must(p.booking.FindAlternative(p.Context(), booking.JobFindAlternative{Happened: booking.Happened{Booking: b.ID, Version: b.Version}}))
}

// freed does what the queue would after a facility's time has come free.
func (p *place) freed(facility id.Facility) {
	p.Helper()
	p.must(p.booking.TimeFreed(p.Context(), booking.JobTimeFreed{Facility: facility, Start: monday, End: monday.Add(30 * 24 * time.Hour)}))
}

func outageForm(fields ...string) url.Values {
	out := url.Values{
		"kind": {"maintenance"}, "unit": {"x1"}, "start": {"2026-11-26T08:00"}, "end": {"2026-11-26T14:00"},
		"name_sv": {"Årlig service"}, "name_en": {"Annual service"}, "note": {"Byt lager"}, "reason": {"Ring oss."},
	}
	for i := 0; i < len(fields); i += 2 {
		out.Set(fields[i], fields[i+1])
	}
	return out
}

func TestAnOutageFromPreviewToLifting(t *testing.T) {
	t.Parallel()
	p := openPlace(t)
	anna, mia, bo := p.as("anna@sme.example"), p.as("mia@rise.example"), p.as("bo@rival.example")
	path := anna.books(wish("extruder", "2026-11-26T09:00", "2026-11-26T13:00"))
	mia.post(path+"/approve", url.Values{"version": {"1"}}).redirects(path)
	for _, somebody := range []*visitor{anna, bo} {
		somebody.get("/facilities/hall/outages/new").is(404).never("P-1001")
		somebody.post("/facilities/hall/outages", outageForm("displace", "true")).is(404)
	}
	mia.get("/facilities/hall/outages/new").is(200).says("Se vilka som berörs", `value="2026-11-23T09:00"`)
	mia.get("/facilities/hall/outages/new?"+outageForm("preview", "true").Encode()).is(200).says("Anna Ek", "P-1001", "Trängs undan", "Spara och flytta undan (1)")
	mia.post("/facilities/hall/outages", outageForm()).is(409).says("Det finns bokningar i vägen", "Anna Ek", "Byt lager")
	mia.post("/facilities/hall/outages", outageForm("end", "2026-11-26T07:00")).is(422).says("Sluttiden måste ligga efter starttiden")
	mia.post("/facilities/hall/outages", outageForm("displace", "true")).redirects("/facilities/hall/outages")
	mia.get("/facilities/hall/outages").is(200).says("Driftstoppet är sparat", "Årlig service", "Byt lager", `href="/outages/1"`)
	bo.get("/facilities/hall/outages").is(200).says("Årlig service").never("Byt lager", "/outages/1", "Anna")
	p.findsAlternative(path)
	anna.get(path).is(200).says("Måste flyttas", "Ur drift: Årlig service", "Välj en ny tid", "Ta den tiden", "Undanträngd av ett driftstopp", "Ring oss.", path+"/move")
	const day = "/facilities/hall?view=week&date=2026-11-23"
	anna.get(day).is(200).says("Hålls åt någon", "Årlig service").never("Byt lager")
	bo.get(day).is(200).says("Årlig service", "Bokad").never("Anna")
	events := bo.get("/facilities/hall/timeline.json?view=week&date=2026-11-23").is(200)
	events.never(`"kind":"held"`, "Anna", "href")
	anna.post(path+"/move", url.Values{"version": {"3"}, "start": {"2026-11-26T09:00"}, "end": {"2026-11-26T13:00"}}).is(409).
		says("resource-down", path+"?end=")
	anna.post(path+"/move", url.Values{"version": {"3"}, "start": {""}, "end": {"2026-11-26T13:00"}}).is(422).says("Fyll i uppgiften")
	mia.post("/outages/1/lift", nil).redirects("/facilities/hall/outages")
	anna.get(path).says("Bekräftad", "Tillbaka på sin tid")
	mia.get("/outages/1").is(200).says("Driftstoppet är över")
	mia.post("/outages/1/lift", nil).is(409)
}

func TestADisplacedBookingIsMovedOnItsPage(t *testing.T) {
	t.Parallel()
	p := openPlace(t)
	anna, mia := p.as("anna@sme.example"), p.as("mia@rise.example")
	var paths []string
	for _, day := range []string{"26", "27"} {
		path := anna.books(wish("extruder", "2026-11-"+day+"T09:00", "2026-11-"+day+"T13:00"))
		mia.post(path+"/approve", url.Values{"version": {"1"}})
		paths = append(paths, path)
	}
	mia.post("/facilities/hall/outages", outageForm("displace", "true", "end", "2026-11-28T14:00")).redirects("/facilities/hall/outages")
	p.findsAlternative(paths[0])
	anna.post(paths[0]+"/accept-alternative", url.Values{"version": {"3"}}).redirects(paths[0])
	anna.get(paths[0]).says("Bekräftad", "Bokningen är flyttad till den nya tiden")
	anna.post(paths[1]+"/move", url.Values{"version": {"3"}, "start": {"2026-12-03T09:00"}, "end": {"2026-12-03T13:00"}}).redirects(paths[1])
	anna.get(paths[1]).says("Bekräftad", "3\u00a0dec")
}

func TestOutagesByTheAPI(t *testing.T) {
	t.Parallel()
	p := openPlace(t)
	anna, mia := p.as("anna@sme.example"), p.as("mia@rise.example")
	path := anna.books(wish("extruder", "2026-11-23T10:00", "2026-11-23T13:00"))
	mia.post(path+"/approve", url.Values{"version": {"1"}})
	const wanted = `{"facility": "hall", "kind": "breakdown", "units": ["x1"], "start": "2026-11-23T09:00", "end": "2026-11-23T12:00",
		"until_lifted": "4h", "note": "Lagret glappar", "name": {"sv": "Trasig", "en": "Broken"}`
	for _, call := range []string{"/outages/preview", "/outages"} {
		anna.api(http.MethodPost, call, wanted+`}`).is(403).never("Lagret")
	}
	preview := mia.api(http.MethodPost, "/outages/preview", wanted+`}`).is(200)
	if got := preview.find("hits", "0", "outcome"); got != "displaced" {
		t.Errorf("outcome %v", got)
	}
	refused := mia.api(http.MethodPost, "/outages", wanted+`}`).is(409)
	if refused.find("code") != "bookings-in-the-way" || refused.find("details", "displaced") != 1.0 {
		t.Error(refused.body)
	}
	mia.api(http.MethodPost, "/outages", wanted+`, "displace": true}`).is(201)
	for _, who := range []*visitor{anna, mia} {
		list := who.api(http.MethodGet, "/outages?facility=hall", "").is(200)
		if list.find("items", "0", "until_lifted") != "4h" || strings.Contains(list.body, "Lagret") != (who == mia) {
			t.Error(list.body)
		}
	}
	status := anna.api(http.MethodGet, "/resources/extruder", "").is(200)
	if status.find("status", "state") != "down" || status.find("status", "back") != "2026-11-23T12:00:00+01:00" {
		t.Error(status.body)
	}
	anna.get("/facilities/hall").says("Ur drift, beräknas åter 23\u00a0nov 12:00")
	anna.get("/?q=extruder").says("Ur drift, beräknas åter")
	p.findsAlternative(path)
	ref := strings.TrimPrefix(path, "/bookings/")
	held := anna.api(http.MethodGet, "/bookings/"+ref, "").is(200)
	if held.find("state") != "displaced" || held.find("held", "resources", "0") != "extruder" {
		t.Error(held.body)
	}
	anna.api(http.MethodPatch, "/outages/1", `{"end": "2026-11-23T10:00"}`).is(403)
	mia.api(http.MethodPatch, "/outages/1", `{"end": "2026-11-23T10:00", "until_lifted": "", "name": {"sv": "Snart klar", "en": "Soon done"}}`).is(200)
	back := anna.api(http.MethodGet, "/bookings/"+ref, "").is(200)
	if back.find("state") != "displaced" { // its set-up begins at half past nine
		t.Error(back.body)
	}
	anna.api(http.MethodPost, "/outages/1/lift", `{}`).is(403)
	if lifted := mia.api(http.MethodPost, "/outages/1/lift", `{}`).is(200); lifted.find("lifted") == nil {
		t.Error(lifted.body)
	}
	if back := anna.api(http.MethodGet, "/bookings/"+ref, "").is(200); back.find("state") != "confirmed" {
		t.Error(back.body)
	}
	mia.api(http.MethodGet, "/outages/77", "").is(404)
	mia.api(http.MethodPost, "/outages", strings.Replace(wanted, `"x1"`, `"zz"`, 1)+`}`).is(422).says("zz")
}

func TestTheWaitingListOnItsPages(t *testing.T) {
	t.Parallel()
	p := openPlace(t)
	anna, bo, mia := p.as("anna@sme.example"), p.as("bo@rival.example"), p.as("mia@rise.example")
	path := anna.books(wish("extruder", "2026-11-26T09:00", "2026-11-26T13:00"))
	taken := wish("extruder", "2026-11-26T09:00", "2026-11-26T13:00")
	taken.Set("project", "P-2002")
	bo.get("/book?"+taken.Encode()).is(200).says("Ställ dig i kö", `formaction="/waits"`)
	bo.post("/book", taken).is(409).says(`formaction="/waits"`)
	joined := bo.post("/waits", taken).is(303)
	wait := joined.location
	bo.get(wait).is(200).says("Du står i kö", "Robotextruder", "P-2002", wait+"/leave").never("Anna", "P-1001")
	bo.post("/waits", taken).is(409).says("already-waiting")
	bo.get("/bookings").says(wait, "Plats 1 i kön")
	for _, other := range []*visitor{anna, p.as("sam@vinnova.example")} {
		other.get(wait).is(404).never("Bo Alm")
		other.get("/facilities/hall/waits").is(404)
		other.post(wait+"/leave", nil).is(404)
		other.api(http.MethodGet, "/waits?facility=hall", "").is(403)
	}
	mia.get("/facilities/hall/waits").is(200).says("Bo Alm", "P-2002")
	anna.post(path+"/cancel", url.Values{"version": {"1"}}).redirects(path)
	p.freed("hall")
	bo.get(wait).is(200).says("Nu finns det tid", "Ta tiden", wait+"/accept")
	bo.get("/bookings").says("Svara senast")
	anna.get("/facilities/hall?view=week&date=2026-11-23").says("Bokad").never("Bo Alm", "P-2002", wait)
	mia.get("/facilities/hall?view=week&date=2026-11-23").says(wait)
	mia.post(wait+"/accept", nil).is(404) // it is Bo's
	booked := bo.post(wait+"/accept", nil).is(303)
	bo.get(booked.location).is(200).says("Förfrågan är skickad")
	bo.get(wait).says("Bokad", booked.location)
	bo.post(wait+"/accept", nil).is(409).says("wait-over")
}

func TestWaitingForAnyHours(t *testing.T) {
	t.Parallel()
	p := openPlace(t)
	anna, bo := p.as("anna@sme.example"), p.as("bo@rival.example")
	path := anna.books(wish("extruder", "2026-11-26T07:30", "2026-11-26T19:00"))
	bo.get("/?q=extruder&from=2026-11-26&to=2026-11-26&minutes=240").is(200).says("/waits/new?")
	bo.get("/waits/new?resource=extruder&start=2026-11-26T00:00&end=2026-11-27T00:00&minutes=240&project=P-2002").is(200).
		says(`<option value="240" selected>`, `value="2026-11-26T00:00"`)
	joined := bo.api(http.MethodPost, "/waits", `{"resources": ["extruder"], "project": "P-2002", "start": "2026-11-26T00:00", "end": "2026-11-27T00:00", "minutes": 240}`).is(201)
	ref, _ := joined.find("ref").(string)
	if joined.find("position") != 1.0 || joined.find("state") != "waiting" {
		t.Error(joined.body)
	}
	anna.post(path+"/cancel", url.Values{"version": {"1"}})
	p.freed("hall")
	offered := bo.api(http.MethodGet, "/waits/"+ref, "").is(200)
	if offered.find("offer", "start") != "2026-11-26T07:00:00+01:00" {
		t.Error(offered.body)
	}
	bo.api(http.MethodPost, "/waits/"+ref+"/decline", "").is(200)
	if list := bo.api(http.MethodGet, "/waits", "").is(200); list.find("items", "0", "state") != "waiting" {
		t.Error(list.body)
	}
	p.freed("hall")
	bo.api(http.MethodPost, "/waits/"+ref+"/accept", "").is(200)
	bo.api(http.MethodDelete, "/waits/"+ref, "").is(409)
	bo.post("/waits", url.Values{"resource": {"extruder"}, "start": {"2026-11-26T09:00"}, "end": {"2026-11-26T09:30"}, "project": {"P-2002"}}).
		is(422).says("too-short")
	bo.post("/waits", url.Values{"resource": {"extruder"}, "start": {""}, "end": {""}, "project": {"P-2002"}}).is(422).says("Fyll i uppgiften")
}
