package web_test

import (
	"bytes"
	"encoding/json"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"rigg/access"
	"rigg/facilities"
	"rigg/internal/database"
	"rigg/internal/text"
)

// asks gives the furnace a form: a required choice and a number.
func (p *place) asks() {
	p.Helper()
	p.must(p.db.Update(p.Context(), func(tx *database.Tx) error {
		_, err := facilities.PutForm(tx, "furnace", []facilities.Question{
			{ID: "state", Label: text.Text{SV: "Ugnens skick", EN: "State of the furnace"}, Kind: facilities.AskChoice, Required: true, Choices: []facilities.Choice{
				{ID: "ok", Label: text.Text{SV: "Hel", EN: "Whole"}}, {ID: "worn", Label: text.Text{SV: "Sliten", EN: "Worn"}},
			}},
			{ID: "kg", Label: text.Text{SV: "Hur mycket", EN: "How much"}, Kind: facilities.AskNumber, Unit: "kg"},
		})
		return err
	}))
}

// manages makes Mia the lab's manager too.
func (p *place) manages() {
	p.Helper()
	p.must(p.db.Update(p.Context(), func(tx *database.Tx) error {
		mia, err := access.FindPerson(tx, "mia@rise.example")
		if err != nil {
			return err
		}
		_, err = access.PutGrant(tx, mia.ID, access.Grant{Role: access.FacilityManager, Scope: "lab"})
		return err
	}))
}

func (p *place) at(t time.Time) { p.clock.Store(&t) }

func TestUseAtTheResource(t *testing.T) {
	t.Parallel()
	p := openPlace(t)
	p.asks()
	p.manages()
	anna, bo, nobody := p.as("anna@sme.example"), p.as("bo@rival.example"), p.browser()
	path := anna.books(wish("furnace", "2026-11-23T10:00", "2026-11-23T12:00"))
	ref := strings.TrimPrefix(path, "/bookings/")
	nobody.get("/r/furnace").is(200).says("Ledig till mån", "10:00", "Logga in för att checka in", "Bokad").never("Anna Ek", "P-1001", ref)
	bo.get("/r/furnace").is(200).says("Bokad").never("Anna Ek", "P-1001", ref)
	anna.get("/r/furnace").says("/bookings/" + ref).never("/check-in")
	p.at(monday.Add(50 * time.Minute))
	anna.get("/r/furnace").says(path + "/check-in")
	anna.post(path+"/check-in", url.Values{"version": {"1"}, "back": {"/r/furnace"}}).redirects("/r/furnace")
	anna.get("/r/furnace").says("Incheckad", path+"#run")
	svg := nobody.get("/r/furnace/qr.svg").is(200)
	if svg.header.Get("Content-Type") != "image/svg+xml" || !strings.Contains(svg.body, "<path d=") {
		t.Errorf("the code is %s: %.80s", svg.header.Get("Content-Type"), svg.body)
	}
	nobody.get("/r/nothing").is(404)
	p.at(monday.Add(2 * time.Hour))
	anna.get(path).says("Ugnens skick", "Hur mycket (kg)", path+"/check-out")
	bo.post(path+"/check-out", url.Values{"version": {"2"}}).is(404)
	anna.post(path+"/check-out", url.Values{"version": {"2"}, "answer.kg": {"många"}, "notes": {"Gick bra"}}).is(422).
		says("Svara på ”Ugnens skick”.", "Skriv ett tal", "Gick bra", `value="många"`)
	anna.post(path+"/check-out", url.Values{"version": {"2"}, "answer.state": {"worn"}, "answer.kg": {"12,5"}, "notes": {"Gick bra"}}).redirects(path)
	anna.get(path).says("Sliten", "12,5\u00a0kg", "Gick bra", "1\u00a0250,00\u00a0kr").never(path + "/correct")
	mia := p.as("mia@rise.example")
	mia.get(path).says("Sliten", path+"/correct", `value="2026-11-23T09:50"`)
	correct := url.Values{"version": {"3"}, "checked_in": {"2026-11-23T09:50"}, "checked_out": {"2026-11-23T13:00"}}
	mia.post(path+"/correct", correct).is(422).says("Skriv några ord")
	correct.Set("reason", "Ni var kvar till ett")
	mia.post(path+"/correct", correct).is(422).says("Tiden har inte varit än.", "Ni var kvar till ett")
	p.at(monday.Add(5 * time.Hour))
	anna.post(path+"/correct", correct).is(403)
	mia.post(path+"/correct", correct).redirects(path)
	anna.get(path).says("Bokningen rättad", "Ni var kvar till ett", "3\u00a0750,00\u00a0kr")
	told := url.Values{"version": {"4"}, "told": {"yes"}, "notes": {"Gick bra"}, "answer.kg": {"13"}, "reason": {"Vägde om"}}
	mia.post(path+"/correct", told).is(422).says("Svara på ”Ugnens skick”.", `value="13"`)
	told.Set("answer.state", "ok")
	mia.post(path+"/correct", told).redirects(path)
	anna.get(path).says("Hel", "13\u00a0kg", "Vägde om")
	p.as("olle@sme.example").get("/projects/P-1001").says("rättelse")
	mia.get("/facilities/lab/codes").is(200).says("/r/furnace/qr.svg", p.url+"/r/furnace")
	anna.get("/facilities/lab/codes").is(404)
}

func TestReportsAndTheDesk(t *testing.T) {
	t.Parallel()
	p := openPlace(t)
	p.manages()
	anna, bo, mia := p.as("anna@sme.example"), p.as("bo@rival.example"), p.as("mia@rise.example")
	path := anna.books(wish("furnace", "2026-11-23T10:00", "2026-11-23T12:00"))
	anna.get(path + "/report").is(200).says("Anmäl ett problem").never("Ta resursen ur drift")
	anna.post(path+"/report", url.Values{"severity": {"limited"}}).is(422).says("Beskriv problemet")
	anna.post(path+"/report", url.Values{"severity": {"limited"}, "text": {"Luckan kärvar"}}).redirects(path)
	bo.post(path+"/report", url.Values{"severity": {"note"}, "text": {"Hm"}}).is(404)
	bo.post("/r/furnace/report", url.Values{"severity": {"note"}, "text": {"Hm"}}).is(403)
	down := url.Values{"severity": {"down"}, "text": {"Elementet är av"}, "outage": {"yes"}}
	mia.post("/r/furnace/report", down).is(422).says("Ange när resursen beräknas fungera igen.")
	down.Set("until", "2026-11-23T11:00")
	mia.post("/r/furnace/report", down).is(409).says("Problemet är anmält", "Bokningar i vägen: 1", "/facilities/lab").never("Anna Ek")
	down.Set("until", "2026-11-23T09:30")
	mia.post("/r/furnace/report", down).redirects("/r/furnace")
	p.browser().get("/r/furnace").says("Fel på Ugn", "Upptagen till").never("Elementet")
	mia.post("/facilities/lab/notes", url.Values{"text": {"Byt element i natt"}, "pinned": {"yes"}}).is(http.StatusSeeOther)
	mia.get("/facilities/lab/desk").is(200).says("Luckan kärvar", "Elementet är av", "tagen ur drift", "Byt element i natt", "Anna Ek")
	anna.get("/facilities/lab/desk").is(404)
	walk := url.Values{"resource": {"extruder"}, "email": {"anna@sme.example"}, "project": {"P-2002"}, "end": {"2026-11-23T11:00"}}
	anna.post("/walk-in", walk).is(403)
	mia.post("/walk-in", walk).is(422).says("anna@sme.example", "inte med i det", "2026-11-23T11:00")
	walk.Set("project", "P-1001")
	if to := mia.post("/walk-in", walk).is(http.StatusSeeOther).location; !strings.HasPrefix(to, "/bookings/") {
		t.Errorf("walked in to %s", to)
	}
	anna.post("/facilities/lab/notes", url.Values{"text": {"Hej"}}).is(404)
	anna.get("/facilities/lab").is(200).never("Byt element", "/facilities/lab/desk")
	close := url.Values{"facility": {"lab"}, "back": {"/facilities/lab/desk"}}
	mia.post("/reports/1/close", close).is(422).says("Skriv några ord")
	close.Set("reason", "Smord")
	anna.post("/reports/1/close", close).is(404)
	mia.post("/reports/1/close", close).redirects("/facilities/lab/desk")
	mia.get("/facilities/lab/desk").never("Luckan kärvar")
	mia.get("/facilities/lab/desk?reports=all").says("Luckan kärvar", "Smord")
}

func TestEnquiryBecomesABooking(t *testing.T) {
	t.Parallel()
	p := openPlace(t)
	olle, bo, mia := p.as("olle@sme.example"), p.as("bo@rival.example"), p.as("mia@rise.example")
	ask := url.Values{"facility": {"hall"}, "resource": {"extruder"}, "subject": {"Klarar ni återvunnen PP?"}}
	olle.get("/facilities/hall").says("/enquiries/new?facility=hall")
	olle.post("/enquiries", ask).is(422).says("Skriv ett meddelande", "Klarar ni återvunnen PP?")
	ask.Set("text", "Vi har 40 kg flingor.")
	path := olle.post("/enquiries", ask).is(http.StatusSeeOther).location
	bo.get(path).is(404)
	bo.post(path, url.Values{"text": {"Vi också"}}).is(404)
	mia.get("/enquiries").says("Klarar ni återvunnen PP?", "Olle Krona", "Väntar på anläggningen")
	bo.get("/enquiries").never("Klarar ni")
	mia.post(path, url.Values{"text": {"Ja, om den är torr."}}).redirects(path)
	olle.get(path).says("Besvarad", "Ja, om den är torr.", "Mia Lund")
	anna := p.as("anna@sme.example")
	anna.get(path).is(404) // it is not her enquiry, though she is in the project
	form := wish("extruder", "2026-11-26T09:00", "2026-11-26T13:00")
	form.Set("enquiry", strings.TrimPrefix(path, "/enquiries/"))
	anna.post("/book", form).is(404)
	if link := mia.get(path).is(200); !strings.Contains(link.body, "/book?enquiry=") {
		t.Error("no way to book")
	}
	anna.get("/book?" + form.Encode()).says(`name="enquiry" value="` + strings.TrimPrefix(path, "/enquiries/"))
	mia.post(path+"/close", url.Values{}).redirects(path)
	olle.get(path).says("Avslutad")
}

// sends uploads a file by a page's form.
func (v *visitor) sends(path, name string, content []byte, more ...string) answer {
	v.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile("file", name)
	v.must(err)
	_, err = part.Write(content)
	v.must(err)
	for i := 0; i < len(more); i += 2 {
		v.must(form.WriteField(more[i], more[i+1]))
	}
	v.must(form.Close())
	return v.do(http.MethodPost, path, &body, "Content-Type", form.FormDataContentType(), "Sec-Fetch-Site", "same-origin")
}

func TestFiles(t *testing.T) {
	t.Parallel()
	p := openPlace(t)
	anna, bo, mia, nobody := p.as("anna@sme.example"), p.as("bo@rival.example"), p.as("mia@rise.example"), p.browser()
	path := anna.books(wish("extruder", "2026-11-26T09:00", "2026-11-26T13:00"))
	drawing := append([]byte("%PDF-1.7\n"), bytes.Repeat([]byte{1}, 2<<20)...) // above web.body_limit
	anna.sends(path+"/files", `C:\ritningar\Fäste "A".pdf`, drawing).redirects(path + "#files")
	anna.sends(path+"/files", "x.svg", []byte("<svg/>")).is(422).says("/problems/file-type")
	anna.sends(path+"/files", "x.pdf", []byte("<html><script>alert(1)</script>")).is(422).says("/problems/file-type")
	anna.sends(path+"/files", "x.txt", []byte("<!DOCTYPE html><p>")).is(422).says("/problems/file-type")
	anna.sends(path+"/files", "x.pdf", append([]byte("%PDF-1.7\n"), bytes.Repeat([]byte{1}, 20<<20)...)).is(413)
	bo.sends(path+"/files", "x.pdf", drawing).is(404)
	page := mia.get(path).is(200).says("Fäste _A_.pdf", "2\u00a0MiB")
	file := between(page.body, `href="/files/`, `"`)
	got := mia.get("/files/" + file).is(200)
	for header, want := range map[string]string{
		"Content-Type": "application/pdf", "X-Content-Type-Options": "nosniff", "Content-Security-Policy": "default-src 'none'; sandbox",
		"Content-Disposition": `attachment; filename="F_ste _A_.pdf"; filename*=UTF-8''F%C3%A4ste%20_A_.pdf`,
	} {
		if got.header.Get(header) != want {
			t.Errorf("%s: %q", header, got.header.Get(header))
		}
	}
	bo.get("/files/" + file).is(404)
	nobody.get("/files/" + file).is(404)
	bo.post("/files/"+file+"/delete", url.Values{"back": {"/"}}).is(404)
	anna.post("/files/"+file+"/delete", url.Values{"back": {path}}).redirects(path)
	mia.get("/files/" + file).is(404)
	mia.sends("/resources/extruder/files", "säkerhet.txt", []byte("Glasögon"), "visible", "public", "back", "/facilities/hall/desk").is(http.StatusSeeOther)
	mia.sends("/resources/extruder/files", "kod.txt", []byte("Larmkod"), "visible", "managers", "back", "/facilities/hall/desk").is(http.StatusSeeOther)
	anna.sends("/resources/extruder/files", "x.txt", []byte("Hej"), "visible", "public", "back", "/").is(403)
	nobody.get("/r/extruder").says("säkerhet.txt").never("kod.txt", "Mia Lund")
	mia.get("/facilities/hall/desk").says("säkerhet.txt", "kod.txt")
	var audited int
	p.must(p.db.Pool().QueryRow(t.Context(), `select count(*) from audit where action = 'delete_file' and details ->> 'sha256' <> ''`).Scan(&audited))
	if audited != 1 {
		t.Errorf("%d deletions are in the audit", audited)
	}
}

func between(s, from, to string) string {
	_, rest, _ := strings.Cut(s, from)
	out, _, _ := strings.Cut(rest, to)
	return out
}

// token is an API key of somebody's.
func (p *place) token(email string) string {
	p.Helper()
	secret, err := access.New(p.db).CreateToken(p.Context(), email, []string{access.ScopeAll}, time.Hour)
	p.must(err)
	return secret
}

// call asks the API and reads the answer.
func (p *place) call(email, method, path string, body any, into any) int {
	p.Helper()
	raw, err := json.Marshal(body)
	p.must(err)
	a := p.browser().do(method, "/api/v1"+path, bytes.NewReader(raw), "Content-Type", "application/json", "Authorization", "Bearer "+p.token(email))
	if into != nil {
		p.must(json.Unmarshal([]byte(a.body), into))
	}
	return a.status
}

func TestAroundByAPI(t *testing.T) {
	t.Parallel()
	p := openPlace(t)
	p.manages()
	p.asks()
	type made struct {
		Ref, State string
		Version    int
		CheckedIn  string `json:"checked_in"`
		Booker     string
		LogOpen    bool             `json:"log_open"`
		Questions  []map[string]any `json:"questions"`
		Log        struct{ Answers map[string]any }
	}
	var b made
	walkIn := map[string]any{
		"resources": []string{"furnace"}, "project": "P-1001", "end": "2026-11-23T11:00", "walk_in": true, "on_behalf_of": "anna@sme.example",
	}
	if status := p.call("anna@sme.example", http.MethodPost, "/bookings", walkIn, nil); status != 403 {
		t.Errorf("anybody walks in: %d", status)
	}
	if status := p.call("mia@rise.example", http.MethodPost, "/bookings", walkIn, &b); status != 201 || b.State != "in_use" || b.CheckedIn == "" || b.Booker != "Anna Ek" {
		t.Fatalf("walk-in: %d %+v", status, b)
	}
	p.at(monday.Add(time.Hour))
	out := map[string]any{"version": b.Version, "answers": map[string]any{"kg": "x"}}
	var wrong struct{ Errors []struct{ Path string } }
	if status := p.call("anna@sme.example", http.MethodPost, "/bookings/"+b.Ref+"/check-out", out, &wrong); status != 422 || len(wrong.Errors) != 2 {
		t.Errorf("check-out: %d %+v", status, wrong)
	}
	out["answers"] = map[string]any{"kg": 3, "state": "ok"}
	if status := p.call("anna@sme.example", http.MethodPost, "/bookings/"+b.Ref+"/check-out", out, &b); status != 200 || b.State != "completed" || b.Log.Answers["kg"] != 3.0 {
		t.Errorf("check-out: %d %+v", status, b)
	}
	var enquiry struct{ Ref, State string }
	ask := map[string]any{"facility": "lab", "subject": "Titan?", "text": "Går det?"}
	if status := p.call("anna@sme.example", http.MethodPost, "/enquiries", ask, &enquiry); status != 201 {
		t.Errorf("enquiry: %d", status)
	}
	request := map[string]any{"resources": []string{"furnace"}, "project": "P-1001", "start": "2026-11-24T10:00", "end": "2026-11-24T11:00", "enquiry": enquiry.Ref}
	if status := p.call("anna@sme.example", http.MethodPost, "/bookings", request, &b); status != 201 {
		t.Errorf("booking: %d", status)
	}
	if p.call("mia@rise.example", http.MethodGet, "/enquiries/"+enquiry.Ref, nil, &enquiry); enquiry.State != "booked" {
		t.Errorf("the enquiry is %s", enquiry.State)
	}
	var retired struct {
		Retired  bool
		Bookings []struct{ Ref, Action string }
	}
	retire := map[string]any{"date": "2026-11-24", "reason": "Skrotas"}
	if status := p.call("mia@rise.example", http.MethodPost, "/resources/furnace/retire", retire, &retired); status != 200 || retired.Retired || len(retired.Bookings) != 1 {
		t.Errorf("retired with a booking left: %d %+v", status, retired)
	}
	retire["cancel"] = true
	if p.call("mia@rise.example", http.MethodPost, "/resources/furnace/retire", retire, &retired); !retired.Retired || retired.Bookings[0].Action != "cancel" {
		t.Errorf("not retired: %+v", retired)
	}
	delete(request, "enquiry")
	var refused struct{ Refusals []struct{ Code string } }
	if status := p.call("anna@sme.example", http.MethodPost, "/bookings", request, &refused); status != 422 || refused.Refusals[0].Code != "retired" {
		t.Errorf("booked what is retired: %d %+v", status, refused)
	}
	if status := p.call("anna@sme.example", http.MethodGet, "/facilities/lab/notes", nil, nil); status != 404 {
		t.Errorf("notes are shown: %d", status)
	}
}
