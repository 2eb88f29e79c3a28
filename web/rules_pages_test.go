package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"rigg/access"
	"rigg/facilities"
	"rigg/internal/database"
	"rigg/internal/id"
	"rigg/internal/period"
	"rigg/internal/text"
)

// ruled gives the extruder every kind of rule, and makes Mia a member of Anna's
// project.
func (p *place) ruled() {
	p.Helper()
	hours, err := facilities.ParseHours(map[string]string{"mon-fri": "08:00-16:00"})
	p.must(err)
	p.must(p.db.Update(p.Context(), func(tx *database.Tx) error {
		mia, err := access.FindPerson(tx, "mia@rise.example")
		if err == nil {
			_, err = access.PutGrant(tx, mia.ID, access.Grant{Role: access.ProjectMember, Scope: "P-1001"})
		}
		if err != nil {
			return err
		}
		_, err = facilities.PutResource(tx, facilities.ResourceStated{
			ID: "extruder", Facility: "hall", Name: text.Text{SV: "Robotextruder", EN: "Robot extruder"},
			Capabilities: []string{"large-format-extrusion"}, Units: []string{"x1"},
			Rules: facilities.Stated{
				Max: length("4h"), Buddy: &hours, LatestChange: length("24h"), Gap: length("1h"), CheckIn: new(true), UseLogged: new(true), Early: length("30m"),
				Quotas: &[]facilities.Quota{{Per: facilities.PerPerson, Count: 2, In: facilities.InWeek}, {Per: facilities.PerProject, Hours: period.Span{Minutes: 1200}, In: facilities.InMonth, Peak: hours}},
				Audiences: &[]facilities.Audience{{Who: []facilities.Who{facilities.Members, facilities.Host}, Horizon: *length("60d"), Hours: hours},
					{Who: []facilities.Who{facilities.Companies}}},
			},
		})
		return err
	}))
}

func TestTheFacilityTellsItsRules(t *testing.T) {
	t.Parallel()
	p := openPlace(t)
	p.ruled()
	said := p.browser().get("/facilities/hall").is(200)
	said.body = strings.ReplaceAll(said.body, "\u00a0", " ")
	said.says("Högst 2 bokningar i veckan per person", "Högst 20 h i månaden per projekt (räknat mån–fre 08:00–16:00)",
		"Får bokas av anläggningens medlemmar och värdorganisationen, högst 60 dagar i förväg, mån–fre 08:00–16:00", "Får bokas av företag",
		"Minst två på plats, utom mån–fre 08:00–16:00", "Minst 1 h mellan en persons bokningar", "Incheckningen öppnar 30 min före start",
		"Går att flytta och avboka fram till 24 h före start", "Checka ut efter användning").never("/members")
	api := p.as("anna@sme.example").do(http.MethodGet, "/api/v1/resources/extruder", nil).is(200)
	api.says(`"quotas":[{"per":"person","count":2,"in":"week"},{"per":"project","hours":"20h","in":"month","peak":{"fri":[[480,960]]`,
		`"audiences":[{"who":["member","host"],"horizon":"60d"`, `"use_logged":true`, `"early":"30m"`, `"latest_change":"24h"`, `"gap":"1h"`)
	p.browser().get("/api/v1/openapi.json").is(200).says(`"buddy":{"additionalProperties":{"items":{"items":{"format":"int64","type":"integer"}`)
}

func TestWhoComesAlong(t *testing.T) {
	t.Parallel()
	p := openPlace(t)
	p.ruled()
	anna := p.as("anna@sme.example")
	form := wish("extruder", "2026-11-26T15:00", "2026-11-26T17:00")
	anna.get("/book?"+form.Encode()).is(200).says("/problems/buddy-missing", `name="attendee_email"`).never("override_reason")
	form["attendee_name"], form["attendee_email"] = []string{"", "Bo Ek", ""}, []string{"", "bo", ""}
	anna.post("/book", form).is(422).says("E-postadressen går inte att läsa.", `value="Bo Ek"`, `value="bo"`)
	form["attendee_email"][1] = "bo@sme.example"
	anna.post("/book/quote", form).is(200).says("Tiden går att boka.")
	path := anna.books(form)
	anna.get(path).says("Bo Ek, bo@sme.example")
	p.as("bo@rival.example").get(path).is(404)
	near := wish("extruder", "2026-11-26T13:30", "2026-11-26T14:30")
	anna.post("/book", near).is(422).says("/problems/gap-too-short", "torsdag 26 november 2026 kl. 15:00")
	anna.do(http.MethodPatch, "/api/v1/"+path[1:], strings.NewReader(`{"version":1,"attendees":[]}`), "Content-Type", "application/json").
		is(422).says(`"code":"buddy-missing"`, `"rule":"buddy"`)
	anna.do(http.MethodPatch, "/api/v1/"+path[1:], strings.NewReader(`{"version":1,"attendees":[{"name":"Eva","email":"eva@sme.example"}]}`),
		"Content-Type", "application/json").is(200).says(`"name":"Eva"`).never("Bo Ek")
}

func TestAnExceptionIsSeen(t *testing.T) {
	t.Parallel()
	p := openPlace(t)
	p.ruled()
	mia, anna := p.as("mia@rise.example"), p.as("anna@sme.example")
	form := wish("extruder", "2026-11-26T08:00", "2026-11-26T16:00")
	mia.get("/book?"+form.Encode()).is(200).says("/problems/too-long", "override_reason")
	form.Set("override_reason", "Provet tar en hel dag.")
	anna.post("/book", form).is(403)
	path := mia.books(form)
	for _, by := range []*visitor{mia, anna} {
		by.get(path).says("Undantag", "Provet tar en hel dag.", "Längsta bokning · Mia Lund")
	}
	api := anna.do(http.MethodGet, "/api/v1/"+path[1:], nil).is(200)
	api.says(`"exceptions":[{"reason":"Provet tar en hel dag.","rules":["max"],"by":"Mia Lund"`)
	body := `{"resources":["extruder"],"project":"P-1001","start":"2026-11-27T08:00","end":"2026-11-27T16:00","override":{"reason":" "}}`
	send := func(v *visitor, body string) answer {
		return v.do(http.MethodPost, "/api/v1/bookings", strings.NewReader(body), "Content-Type", "application/json")
	}
	send(mia, body).is(422).says(`"code":"too-long"`, `"rule":"max"`)
	body = strings.Replace(body, `" "`, `"Som i går."`, 1)
	send(anna, body).is(403)
	send(mia, body).is(201).says(`"reason":"Som i går."`)
}

func TestAForgottenCheckOut(t *testing.T) {
	t.Parallel()
	p := openPlace(t)
	p.ruled()
	anna, mia := p.as("anna@sme.example"), p.as("mia@rise.example")
	path := anna.books(wish("extruder", "2026-11-23T10:00", "2026-11-23T12:00"))
	mia.post(path+"/approve", url.Values{"version": {"1"}}).redirects(path)
	at := monday.Add(30 * time.Minute)
	p.clock.Store(&at)
	anna.post(path+"/cancel", url.Values{"version": {"2"}}).is(422).says("/problems/too-late-to-change")
	anna.post(path+"/check-in", url.Values{"version": {"2"}}).redirects(path)
	at = monday.Add(5 * time.Hour)
	p.must(p.booking.Sweep(t.Context()))
	form := wish("extruder", "2026-11-25T10:00", "2026-11-25T12:00")
	anna.post("/book", form).is(422).says("/problems/use-not-logged", strings.TrimPrefix(path, "/bookings/"))
	anna.get(path).says("inte utcheckad", path+"/check-out")
	anna.post(path+"/check-out", url.Values{"version": {"4"}}).redirects(path)
	anna.get(path).says("Utcheckad").never("inte utcheckad")
	anna.books(form)
}

func TestMembersOfAFacility(t *testing.T) {
	t.Parallel()
	p := openPlace(t)
	mia, anna := p.as("mia@rise.example"), p.as("anna@sme.example")
	const path = "/facilities/hall/members"
	for _, other := range []string{"anna@sme.example", "sam@vinnova.example"} {
		p.as(other).get(path).is(404)
		p.as(other).post(path, url.Values{"email": {"anna@sme.example"}}).is(404)
		p.as(other).do(http.MethodGet, "/api/v1"+path, nil).is(404)
		p.as(other).do(http.MethodDelete, "/api/v1"+path+"/anna@sme.example", nil).is(404)
	}
	mia.get("/facilities/lab/members").is(404)
	mia.get("/facilities/nothing/members").is(404)
	mia.get("/facilities/hall").says(path)
	mia.get(path).is(200).says("Anläggningen har inga medlemmar.")
	mia.post(path, url.Values{"email": {"nobody@sme.example"}}).is(422).says("Det finns ingen person", `value="nobody@sme.example"`)
	mia.post(path, url.Values{"email": {"anna"}}).is(422).says("r-fielderror")
	mia.post(path, url.Values{"email": {"Anna@sme.example"}}).redirects(path)
	mia.get(path).says("Anna Ek", "Småverken AB", "Medlemmen är tillagd.")
	mia.do(http.MethodGet, "/api/v1"+path, nil).is(200).says(`{"name":"Anna Ek","email":"anna@sme.example"}`)
	mia.post(path+"/leave", url.Values{"email": {"anna@sme.example"}}).redirects(path)
	mia.get(path).never("Anna Ek")
	mia.do(http.MethodPost, "/api/v1"+path, strings.NewReader(`{"email":"anna@sme.example"}`), "Content-Type", "application/json").is(201).says("Anna Ek")
	mia.do(http.MethodDelete, "/api/v1"+path+"/anna@sme.example", nil).is(204)
	anna.get("/bookings").is(200)
	var audited int
	p.must(p.db.Pool().QueryRow(t.Context(), `select count(*) from audit where action in ('join_facility', 'leave_facility') and object = 'facility/hall'`).Scan(&audited))
	if audited != 4 {
		t.Errorf("%d audited", audited)
	}
}

// A member is shown the times of members.
func TestMembersSeeTheirOwnTimes(t *testing.T) {
	t.Parallel()
	p := openPlace(t)
	hours, err := facilities.ParseHours(map[string]string{"sat": "10:00-16:00"})
	p.must(err)
	p.must(p.db.Update(t.Context(), func(tx *database.Tx) error {
		_, err := facilities.PutResource(tx, facilities.ResourceStated{
			ID: "tower", Facility: "hall", Name: same("Tower"), Units: []string{"t1"}, Requires: []id.Qualification{}, Position: 1,
			Rules: facilities.Stated{Audiences: &[]facilities.Audience{
				{Who: []facilities.Who{facilities.Members}, Hours: hours}, {Who: []facilities.Who{facilities.Companies}},
			}},
		})
		return err
	}))
	anna := p.as("anna@sme.example")
	anna.get("/book?resource=tower").says(`value="2026-11-23T09:00"`)
	p.as("mia@rise.example").post("/facilities/hall/members", url.Values{"email": {"anna@sme.example"}}).redirects("/facilities/hall/members")
	anna.get("/book?resource=tower").says(`value="2026-11-28T10:00"`)
	const week = "resource=tower&from=2026-11-23T00:00:00Z&to=2026-11-30T00:00:00Z"
	anna.do(http.MethodGet, "/api/v1/availability?"+week, nil).is(200).says(`"start":"2026-11-28T10:00:00+01:00"`).never("2026-11-24")
}
