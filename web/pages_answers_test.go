package web_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"rigg/access"
	"rigg/internal/database"
)

// askLead has the project P-1001 ask its lead above a limit; Olle leads it.
func (p *place) askLead(limitOre int64) {
	p.Helper()
	p.must(p.db.Update(p.Context(), func(tx *database.Tx) error {
		olle, err := access.FindPerson(tx, "olle@sme.example")
		if err != nil {
			return err
		}
		if _, err := access.PutGrant(tx, olle.ID, access.Grant{Role: access.ProjectLead, Scope: "P-1001"}); err != nil {
			return err
		}
		_, err = database.Exec(tx, `update projects set lead_above = $1 where id = 'P-1001'`, limitOre)
		return err
	}))
}

// call is one call of the API in the visitor's session.
func (v *visitor) call(method, path string, body any) (int, map[string]any) {
	v.Helper()
	raw, err := json.Marshal(body)
	v.must(err)
	a := v.do(method, "/api/v1"+path, strings.NewReader(string(raw)), "Content-Type", "application/json", "Accept", "application/json", "Sec-Fetch-Site", "same-origin")
	out := map[string]any{}
	if a.body != "" {
		v.must(json.Unmarshal([]byte(a.body), &out))
	}
	return a.status, out
}

func TestTheLeadApprovesOnThePages(t *testing.T) {
	t.Parallel()
	p := openPlace(t)
	p.askLead(1_000_00)
	anna, mia, olle := p.as("anna@sme.example"), p.as("mia@rise.example"), p.as("olle@sme.example")
	form := wish("extruder", "2026-11-26T09:00", "2026-11-26T13:00")
	anna.get("/book?" + form.Encode()).says("medan anläggningen och projektledaren tar ställning")
	path := anna.books(form)
	anna.get(path).is(200).says("Väntar på svar från anläggningen och projektledaren", "Projektledarens godkännande", "inväntas")
	olle.get("/inbox").is(200).says("Robotextruder", path+"/approve").never(path+"/ask", path+"/propose")
	olle.post(path+"/approve", url.Values{"version": {"1"}, "back": {"/inbox"}}).redirects("/inbox")
	olle.get("/inbox").is(200).says("Inget att godkänna")
	anna.get(path).says("Godkänd av den ena av två", "Väntar på svar från anläggningen", "Olle Krona").never("Väntar på svar från anläggningen och")
	mia.post(path+"/approve", url.Values{"version": {"2"}}).redirects(path)
	anna.get(path).says("Bekräftad", "Mia Lund").never("Väntar på svar från")
	bo := p.as("bo@rival.example")
	bo.get("/inbox").is(403)
	anna.get("/inbox").is(403)
}

func TestManyAreApprovedInTheInbox(t *testing.T) {
	t.Parallel()
	p := openPlace(t)
	anna, mia := p.as("anna@sme.example"), p.as("mia@rise.example")
	one := anna.books(wish("extruder", "2026-11-26T09:00", "2026-11-26T13:00"))
	two := anna.books(wish("extruder", "2026-11-27T09:00", "2026-11-27T13:00"))
	three := anna.books(wish("extruder", "2026-11-30T09:00", "2026-11-30T13:00"))
	ref := func(path string) string { return strings.TrimPrefix(path, "/bookings/") }
	mia.get("/inbox").is(200).says(`value="`+ref(one)+` 1"`, `id="approve-all"`, "Godkänn valda")
	anna.post(two+"/cancel", url.Values{"version": {"1"}}).redirects(two)
	done := mia.post("/inbox/approve", url.Values{"item": {ref(one) + " 1", ref(two) + " 1", "abcdefghjkmnp 1"}}).is(200)
	done.says("Resultat", "Godkänd. Bokaren får besked.", "Inte godkänd", "redan ändrad: avbokad av Anna Ek", three)
	mia.post("/inbox/approve", url.Values{}).redirects("/inbox")
	for _, item := range []string{"x 1", ref(three), ref(three) + " 0", ref(three) + " x"} {
		mia.post("/inbox/approve", url.Values{"item": {item}}).is(422)
	}
	p.as("bo@rival.example").post("/inbox/approve", url.Values{"item": {ref(three) + " 1"}}).is(403)
	anna.get(three).says("Förfrågan")
	status, body := mia.call(http.MethodPost, "/bookings/approve", map[string]any{"items": []map[string]any{
		{"ref": ref(three), "version": 1}, {"ref": ref(two), "version": 1}, {"ref": "abcdefghjkmnp", "version": 1},
	}})
	results, _ := body["results"].([]any)
	if status != 200 || len(results) != 3 {
		t.Fatalf("%d %v", status, body)
	}
	for i, want := range []string{"true <nil>", "false stale", "false not-found"} {
		result, _ := results[i].(map[string]any)
		problem, _ := result["problem"].(map[string]any)
		if got := fmt.Sprint(result["ok"], " ", problem["code"]); got != want {
			t.Errorf("result %d is %s", i, got)
		}
	}
}

func TestAChangeIsProposedAndAccepted(t *testing.T) {
	t.Parallel()
	p := openPlace(t)
	anna, mia := p.as("anna@sme.example"), p.as("mia@rise.example")
	path := anna.books(wish("extruder", "2026-11-26T09:00", "2026-11-26T13:00"))
	mia.get(path).says(path + "/propose")
	anna.get(path).says(path + "/move").never(path + "/propose")
	anna.get(path + "/propose").is(403)
	mia.get(path+"/propose").is(200).says(`value="2026-11-26T09:00"`, "Föreslå en ändring av Robotextruder")
	change := url.Values{"version": {"1"}, "start": {"2026-11-27T09:00"}, "end": {"2026-11-27T13:00"}, "resource": {"extruder"}}
	mia.post(path+"/propose", change).is(422).says("/problems/reason-missing", `value="2026-11-27T09:00"`)
	change.Set("reason", "Service på torsdag.")
	change.Set("end", "")
	mia.post(path+"/propose", change).is(422).says("Service på torsdag.", "Fyll i uppgiften.")
	change.Set("end", "2026-11-27T13:00")
	mia.post(path+"/propose", change).redirects(path)
	p.as("bo@rival.example").get("/facilities/hall?view=week&date=2026-11-23").says("Bokad").never("Service", "Anna")
	anna.get(path).says("Förslag till ändring", "Service på torsdag.", "Mia Lund", path+"/accept", path+"/reject", "fre 27")
	mia.get("/inbox").says("Förslag till ändring", "Väntar på svar från</dt><dd>bokaren</dd>")
	p.as("bo@rival.example").post(path+"/accept", url.Values{"version": {"2"}}).is(404)
	mia.post(path+"/accept", url.Values{"version": {"2"}}).is(403)
	anna.post(path+"/accept", url.Values{"version": {"1"}}).is(409).says("/problems/stale")
	anna.post(path+"/accept", url.Values{"version": {"2"}}).redirects(path)
	anna.get(path).says("Ändringen är gjord.", "Bekräftad", "fre 27").never(path + "/accept")
	anna.post(path+"/accept", url.Values{"version": {"3"}}).is(409).says("/problems/no-proposal")
}

func TestAMoveOnThePagesIsQuotedAndMadeOrAskedFor(t *testing.T) {
	t.Parallel()
	p := openPlace(t)
	anna, mia := p.as("anna@sme.example"), p.as("mia@rise.example")
	path := anna.books(wish("extruder", "2026-11-26T09:00", "2026-11-26T13:00"))
	mia.post(path+"/approve", url.Values{"version": {"1"}}).redirects(path)
	quote := func(values string) answer { return anna.get(path + "/change/quote?plain=1&" + values).is(200) }
	quote("start=2026-11-26T10:00&end=2026-11-26T14:00").says("Ändringen går att göra.", "Den gäller direkt när du sparar.", "5\u00a0000,00\u00a0kr").never("<html", "hx-swap-oob")
	quote("start=2026-11-27T10:00&end=2026-11-27T15:00").says("utöver det som är godkänt", "6\u00a0250,00\u00a0kr")
	quote("start=2026-11-28T10:00&end=2026-11-28T15:00").says("Så här går det inte att ändra.", "/problems/closed", path+"/move?")
	quote("start=2026-11-26T09:00&end=2026-11-26T13:00").never("Ändringen går att göra.") // as it is
	anna.get(path + "/change/quote?start=x&end=2026-11-26T14:00").is(200).says("Skriv tiden som")
	p.as("bo@rival.example").get(path + "/change/quote").is(404)
	p.as("sam@vinnova.example").get(path + "/move").is(404)
	change := url.Values{"version": {"2"}, "start": {"2026-11-28T10:00"}, "end": {"2026-11-28T15:00"}, "resource": {"extruder"}}
	anna.post(path+"/move", change).is(422).says("/problems/closed", `value="2026-11-28T10:00"`)
	change.Set("start", "2026-11-26T10:00")
	change.Set("end", "2026-11-26T14:00")
	change.Set("back", "/facilities/hall")
	anna.post(path+"/move", change).redirects("/facilities/hall")
	anna.post(path+"/move", change).is(409).says("/problems/stale")
	change = url.Values{"version": {"3"}, "start": {"2026-11-27T10:00"}, "end": {"2026-11-27T15:00"}, "resource": {"extruder"}}
	anna.post(path+"/move", change).redirects(path)
	anna.get(path).says("Flytten väntar på godkännande", "Förslag till ändring", "tors 26", "Väntar på svar från anläggningen")
	mia.get("/inbox").says("Flytt av en bekräftad bokning", "fre 27", path+"/approve", path+"/decline").never(path + "/ask")
	mia.post(path+"/approve", url.Values{"version": {"4"}}).redirects(path)
	anna.get(path).says("Flytt godkänd", "fre 27").never("Förslag till ändring")
}

func TestAMoveByTheAPI(t *testing.T) {
	t.Parallel()
	p := openPlace(t)
	anna, mia := p.as("anna@sme.example"), p.as("mia@rise.example")
	path := anna.books(wish("extruder", "2026-11-26T09:00", "2026-11-26T13:00"))
	mia.post(path+"/approve", url.Values{"version": {"1"}}).redirects(path)
	change := map[string]any{"start": "2026-11-27T09:00:00+01:00", "end": "2026-11-27T13:00:00+01:00"}
	if status, body := anna.call(http.MethodPost, path+"/quote", change); status != 200 || fmt.Sprint(body["awaits"]) != "[manager]" ||
		fmt.Sprint(body["refusals"]) != "[]" {
		t.Errorf("quoted %d %v", status, body)
	}
	change["version"] = 2
	status, body := anna.call(http.MethodPatch, path, change)
	proposal, _ := body["proposal"].(map[string]any)
	if status != 200 || body["state"] != "confirmed" || body["start"] != "2026-11-26T09:00:00+01:00" || proposal["needs"] != "manager" ||
		proposal["by"] != "Anna Ek" || proposal["start"] != change["start"] || proposal["expires"] != "2026-11-25T09:00:00+01:00" ||
		fmt.Sprint(body["awaits"], proposal["resources"]) != "[manager] [extruder]" {
		t.Errorf("moved %d %v", status, body)
	}
	if status, body = mia.call(http.MethodPost, path+"/approve", map[string]any{"version": 3}); status != 200 || body["start"] != change["start"] || body["proposal"] != nil {
		t.Errorf("approved %d %v", status, body)
	}
	propose := map[string]any{"version": 4, "end": "2026-11-27T12:00:00+01:00", "reason": "Kortare"}
	if status, body = mia.call(http.MethodPost, path+"/propose", propose); status != 200 || fmt.Sprint(body["awaits"]) != "[booker]" {
		t.Errorf("proposed %d %v", status, body)
	}
	if status, body = anna.call(http.MethodPost, path+"/reject", map[string]any{"version": 5}); status != 200 || body["proposal"] != nil {
		t.Errorf("rejected %d %v", status, body)
	}
	approvals, _ := body["approvals"].([]any)
	if first, _ := approvals[0].(map[string]any); len(approvals) != 1 || first["by"] != "Mia Lund" || first["side"] != "manager" {
		t.Errorf("approvals %v", approvals)
	}
}

func TestGivingBackOnThePages(t *testing.T) {
	t.Parallel()
	p := openPlace(t)
	p.must(p.db.Update(t.Context(), func(tx *database.Tx) error {
		_, err := database.Exec(tx, `update facilities set rules = '{"reconfirm": "48h"}' where id = 'lab'`)
		if err == nil {
			_, err = database.Exec(tx, `insert into roles (person_id, role, scope, granted_at)
				select id, 'project_member', 'P-1001', now() from people where email = 'olle@sme.example'`)
		}
		return err
	}))
	anna := p.as("anna@sme.example")
	path := anna.books(wish("furnace", "2026-11-26T09:00", "2026-11-26T13:00"))
	anna.get(path).never(path + "/reconfirm")
	at := func(s string) {
		when, err := time.Parse(time.RFC3339, s)
		p.must(err)
		p.clock.Store(&when)
	}
	at("2026-11-24T09:00:00+01:00")
	anna = p.as("anna@sme.example")
	anna.get(path).says("Behöver ni fortfarande tiden?", "25\u00a0nov 2026 09:00", path+"/reconfirm")
	anna.post(path+"/reconfirm", url.Values{"version": {"1"}}).redirects(path)
	anna.get(path).says("Tack! Tiden är er.").never(path + "/reconfirm")
	anna.post(path+"/hand-over", url.Values{"version": {"2"}, "to": {"bo@rival.example"}}).is(422).says("/problems/not-in-project").never("Bo Alm")
	anna.post(path+"/hand-over", url.Values{"version": {"2"}, "to": {"olle@sme.example"}}).redirects(path)
	anna.get(path).says("Överlåten till en kollega", "Olle Krona").never(path+"/hand-over", path+"/move")
	if status, body := anna.call(http.MethodGet, path, nil); status != 200 || !strings.Contains(fmt.Sprint(body["history"]), "was:Anna Ek") {
		t.Errorf("%d %v", status, body["history"])
	}
	at("2026-11-26T10:00:00+01:00")
	olle := p.as("olle@sme.example")
	olle.get(path).says("Avsluta tidigare", path+"/move")
	olle.get(path + "/move").is(200).says("Bokningen har börjat").never(`name="reason"`)
	early := url.Values{"version": {"3"}, "start": {"2026-11-26T09:00"}, "end": {"2026-11-26T11:00"}, "resource": {"furnace"}}
	olle.post(path+"/move", early).redirects(path)
	olle.get(path).says("11:00")
	early.Set("end", "2026-11-26T12:00")
	early.Set("version", "4")
	olle.post(path+"/move", early).is(409).says("/problems/wrong-state")
}

func TestAbsence(t *testing.T) {
	t.Parallel()
	p := openPlace(t)
	mia, ada, anna := p.as("mia@rise.example"), p.as("ada@rise.example"), p.as("anna@sme.example")
	mia.get("/absence").is(200).says("Ingen ersätter dig.", `value="2026-11-23"`)
	anna.get("/absence").is(200).says("Du ansvarar inte för någon anläggning")
	form := url.Values{"to": {"bo@rival.example"}, "from": {"2026-11-23"}, "until": {"2026-11-24"}, "reason": {"Semester"}}
	mia.post("/absence", form).is(422).says("Bara en kollega kan ersätta dig", "Semester", "bo@rival.example").never("Bo Alm")
	form.Set("to", "sam@vinnova.example")
	mia.post("/absence", form).is(422).never("Sam Ort")
	form.Set("until", "igår")
	mia.post("/absence", form).is(422).says("Skriv dagen som")
	form.Set("to", "ada@rise.example")
	form.Set("until", "2026-11-24")
	mia.post("/absence", form).redirects("/absence")
	body := mia.get("/absence").says("Ersättaren är utsedd", "Ada Root", "gäller nu", "Semester").body
	ada.get("/absence").says("Du ersätter", "Mia Lund").never("/end")
	at := strings.Index(body, `action="/absence/`)
	end := strings.SplitN(body[at+len(`action="`):], `"`, 2)[0]
	p.as("mats@rise.example").post(end, nil).is(404)
	mia.post(end, nil).redirects("/absence")
	mia.post(end, nil).is(404)
	p.browser().get("/absence").redirects("/sign-in?back=" + url.QueryEscape("/absence"))

	status, made := mia.call(http.MethodPost, "/delegations", map[string]any{"to": "ada@rise.example", "from": "2026-12-01", "until": "2026-12-02"})
	if status != 201 || made["to_person"] != "Ada Root" || made["in_force"] != false || made["mine"] != true {
		t.Fatalf("%d %v", status, made)
	}
	if status, list := ada.call(http.MethodGet, "/delegations", nil); status != 200 || !strings.Contains(fmt.Sprint(list), "mine:false") {
		t.Errorf("%d %v", status, list)
	}
	if status, _ := anna.call(http.MethodDelete, fmt.Sprint("/delegations/", made["id"]), nil); status != 404 {
		t.Errorf("another ends it: %d", status)
	}
	if status, _ := mia.call(http.MethodDelete, fmt.Sprint("/delegations/", made["id"]), nil); status != 204 {
		t.Errorf("its owner does not: %d", status)
	}
	if status, wrong := mia.call(http.MethodPost, "/delegations", map[string]any{"to": "bo@rival.example", "from": "2026-12-01", "until": "2026-12-02"}); status != 422 || wrong["code"] != "not-a-colleague" {
		t.Errorf("%d %v", status, wrong)
	}
}

func TestTheTimelineTellsWhatMayBeDragged(t *testing.T) {
	t.Parallel()
	p := openPlace(t)
	anna := p.as("anna@sme.example")
	anna.books(wish("extruder", "2026-11-26T09:00", "2026-11-26T13:00"))
	const week = "/facilities/hall/timeline.json?view=week&date=2026-11-23"
	for _, may := range []string{"anna@sme.example", "mia@rise.example"} {
		p.as(may).get(week).says(`"version":1,"of":["extruder"]`)
	}
	for _, mayNot := range []string{"bo@rival.example", "olle@sme.example"} {
		p.as(mayNot).get(week).never(`"version"`, `"of"`)
	}
	anna.get("/facilities/hall?view=week&date=2026-11-23").says(`id="drag"`, "Spara den nya tiden")
}
