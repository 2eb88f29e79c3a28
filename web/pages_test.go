package web_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"rigg/access"
	"rigg/internal/database"
)

func TestVisitorsMayLookAround(t *testing.T) {
	t.Parallel()
	p := openPlace(t)
	p.as("anna@sme.example").books(wish("extruder", "2026-11-26T09:00", "2026-11-26T13:00"))
	nobody := p.browser()
	nobody.get("/?q=extruder").is(200).says("Robotextruder", "Mölndal", "storformatsextrudering")
	const week = "?view=week&date=2026-11-23"
	nobody.get("/facilities/hall"+week).is(200).says("Hallen", "Bokad", "Robotextruder").never("Anna Ek", "P-1001", "Mia Lund")
	events := nobody.get("/facilities/hall/timeline.json" + week).is(200)
	events.says(`"kind":"booked","title":"Bokad"`, `"start":"2026-11-26T08:30","end":"2026-11-26T13:00"`).never("Anna", "P-1001", "href")
	for _, path := range []string{"/bookings", "/book?resource=extruder", "/inbox", "/projects/P-1001", "/outbox", "/feeds"} {
		nobody.get(path).redirects("/sign-in?back=" + url.QueryEscape(path))
	}
	for _, path := range []string{"/nothing", "/facilities/nothing", "/problems/nothing", "/static/x/nothing.css"} {
		nobody.get(path).is(404)
	}
	for _, path := range []string{"/", "/facilities/hall", "/problems", "/sign-in", "/api/docs"} {
		if head := nobody.do(http.MethodHead, path, nil).is(200); head.body != "" {
			t.Errorf("HEAD %s has a body", path)
		}
	}
}

func TestWhatCannotBeDoneIsSaid(t *testing.T) {
	t.Parallel()
	p := openPlace(t)
	p.as("mia@rise.example").get("/book?resource=extruder").is(200).
		says("Du är inte med i något projekt").never("Skicka bokningsförfrågan")
	p.browser().get("/nothing").is(404).says("Kontrollera adressen")
}

// In the demo one person asks and another answers: neither may have to be looked
// for again among all people.
func TestTheDemoRemembersWhoOneWas(t *testing.T) {
	t.Parallel()
	p := openPlace(t)
	v := p.browser()
	v.get("/").says("Anna, bokare", "Mia, anläggning")
	v.post("/demo/people/bo@rival.example", nil).redirects("/")
	v.post("/demo/people/mats@rise.example", nil).redirects("/")
	v.get("/").says("Bo, bokare", "Mats, anläggning").never("Anna, bokare", "Mia, anläggning")
	v.do(http.MethodGet, "/", nil, "Cookie", "rigg_demo=|%00|x@y").is(200).says("Anna, bokare")
}

func TestRequestAndApproval(t *testing.T) {
	t.Parallel()
	p := openPlace(t)
	anna, mia, mats := p.as("anna@sme.example"), p.as("mia@rise.example"), p.as("mats@rise.example")
	path := anna.books(wish("extruder", "2026-11-26T09:00", "2026-11-26T13:00"))
	anna.get(path).is(200).says("Förfrågan är skickad", "Robotextruder", "Provkörning av pulver", "5\u00a0000,00\u00a0kr",
		"2\u00a0500,00\u00a0kr", "Vinnova", path+"/cancel").never(path + "/approve")
	mia.get("/").is(200).says(`<span class="r-count">1</span>`)
	mia.get("/inbox").is(200).says("Anna Ek", "Småverken AB", "Provkörning av pulver", path+"/approve").
		never("5\u00a0000,00") // the managers don't see the project's money
	mia.post(path+"/approve", url.Values{"version": {"1"}, "back": {"/inbox"}}).redirects("/inbox")
	mia.get("/inbox").says("Godkänd. Bokaren får besked.", "Inget att godkänna")
	mats.post(path+"/approve", url.Values{"version": {"1"}, "back": {"/inbox"}}).is(409).says("godkänd av Mia Lund", "/problems/stale")
	anna.get(path).says("Bekräftad", "Bokningen bekräftad", "Mia Lund", "Gatan 1")
	anna.get("/bookings").says(path, "2\u00a0500,00\u00a0kr")
	p.as("bo@rival.example").get(path).is(404).never("Anna", "P-1001")
	p.as("bo@rival.example").post(path+"/cancel", url.Values{"version": {"2"}}).is(404)
	anna.post(path+"/approve", url.Values{"version": {"2"}}).is(403)
	anna.post(path+"/cancel", url.Values{"version": {"2"}}).redirects(path)
	anna.get("/bookings?show=past").says(path, "Avbokad")
}

func TestAReasonIsKeptWhenItIsRefused(t *testing.T) {
	t.Parallel()
	p := openPlace(t)
	path := p.as("anna@sme.example").books(wish("extruder", "2026-11-26T09:00", "2026-11-26T13:00"))
	mia := p.as("mia@rise.example")
	mia.post(path+"/decline", url.Values{"version": {"1"}, "reason": {" "}}).is(422).says("/problems/reason-missing")
	mia.post(path+"/ask", url.Values{"version": {"7"}, "reason": {"Vilket pulver?"}}).is(409).says("Vilket pulver?")
	mia.post(path+"/ask", url.Values{"version": {"1"}, "reason": {"Vilket pulver?"}}).redirects(path)
	anna := p.as("anna@sme.example")
	anna.get(path).says("Inväntar svar", "Vilket pulver?", path+"/answer")
	anna.post(path+"/answer", url.Values{"version": {"2"}, "reason": {"316L"}}).redirects(path)
	mia.get(path).says("316L", path+"/approve").never("Inväntar svar")
}

func TestTheFormKeepsWhatWasTyped(t *testing.T) {
	t.Parallel()
	p := openPlace(t)
	bo := p.as("bo@rival.example")
	taken := wish("extruder", "2026-11-26T09:00", "2026-11-26T13:00")
	taken.Set("project", "P-2002")
	bo.books(taken)
	anna := p.as("anna@sme.example")
	form := wish("extruder", "2026-11-26T10:00", "2026-11-26T12:00")
	anna.post("/book", form).is(409).says("Provkörning av pulver", `value="2026-11-26T10:00"`, "/problems/slot-taken", "De här tiderna går att boka").
		never("Bo Alm", "P-2002", "Rivalen")
	form.Set("start", "igår")
	anna.post("/book", form).is(422).says("Provkörning av pulver", "Skriv tiden som", "r-invalid")
	form.Set("start", "")
	anna.post("/book", form).is(422).says("Fyll i uppgiften.")
	form = wish("tower", "2026-11-26T10:00", "2026-11-26T12:00")
	anna.post("/book", form).is(422).says("Säkerhetskurs", "/problems/not-qualified", "Provkörning av pulver")
	form = url.Values{"facility": {"hall"}, "purpose": {"Bara prat"}}
	anna.post("/book", form).is(422).says("Välj minst en resurs.", "Bara prat")
	p.browser().post("/book", wish("extruder", "2026-11-26T10:00", "2026-11-26T12:00")).is(http.StatusSeeOther).
		comesBack("/book?", "purpose=Provk")
}

func (a answer) comesBack(parts ...string) {
	a.Helper()
	back, err := url.Parse(a.location)
	if err != nil || back.Path != "/sign-in" {
		a.Fatalf("went to %q", a.location)
	}
	for _, part := range parts {
		if !strings.Contains(back.Query().Get("back"), part) {
			a.Errorf("comes back to %q, which lacks %q", back.Query().Get("back"), part)
		}
	}
}

var seen = regexp.MustCompile(`name="seen" value="([0-9a-f]+)"`)

func TestTheQuoteIsLive(t *testing.T) {
	t.Parallel()
	p := openPlace(t)
	anna := p.as("anna@sme.example")
	form := wish("extruder", "2026-11-26T10:00", "2026-11-26T12:00")
	quote := anna.get("/book/quote?"+form.Encode()).is(200).says("2\u00a0500,00\u00a0kr", "Vinnova", "Tiden går att boka.").never("<html")
	form.Set("seen", seen.FindStringSubmatch(quote.body)[1])
	anna.get("/book/quote?" + form.Encode()).is(204)
	other := wish("extruder", "2026-11-26T08:00", "2026-11-26T11:00")
	other.Set("project", "P-2002")
	p.as("bo@rival.example").books(other)
	anna.get("/book/quote?"+form.Encode()).is(200).says("/problems/slot-taken", "Det går inte att boka så här.").never("Bo Alm")
	signedOut := p.browser().get("/book/quote?" + form.Encode()).is(204)
	if !strings.HasPrefix(signedOut.header.Get("HX-Redirect"), "/sign-in?back=") {
		t.Error("who has signed out is not sent to sign in")
	}
	anna.get("/book?resource=extruder").is(200).says(`value="2026-11-23T09:00"`, `value="2026-11-23T13:00"`)
}

func TestOneFormBooksOnce(t *testing.T) {
	t.Parallel()
	p := openPlace(t)
	anna := p.as("anna@sme.example")
	form := wish("furnace", "2026-11-26T09:00", "2026-11-26T13:00")
	form.Set("idempotency_key", "key-of-this-form")
	first, second := anna.books(form), anna.books(form)
	if first != second {
		t.Errorf("the same form made %s and %s", first, second)
	}
	anna.get(first).says("Bekräftad")
	form.Set("end", "2026-11-26T14:00")
	anna.post("/book", form).is(422).says("Skapa en ny nyckel")
}

func TestClockChanges(t *testing.T) {
	t.Parallel()
	p := openPlace(t)
	anna := p.as("anna@sme.example")
	form := wish("furnace", "2027-10-31T02:30", "2027-10-31T06:00")
	anna.get("/book?"+form.Encode()).is(200).says("Klockslaget inträffar två gånger", "02:30 UTC+2", "02:30 UTC+1")
	anna.post("/book", form).is(422).says("Välj vilken av de två tiderna du menar.")
	form.Set("start_offset", "2027-10-31T02:30:00+01:00")
	anna.get("/book/quote?"+form.Encode()).is(200).says("3\u00a0h 30\u00a0min", `<option value="2027-10-31T02:30:00+01:00" selected>`)
	form.Set("start_offset", "2027-10-31T02:30:00+02:00")
	path := anna.books(form)
	anna.get(path).says("4\u00a0h 30\u00a0min", "UTC+2")
	anna.post("/book", wish("furnace", "2027-03-28T02:30", "2027-03-28T06:00")).is(422).says("Klockan ställs fram")
}

func TestMoneyIsForThoseWhoPay(t *testing.T) {
	t.Parallel()
	p := openPlace(t)
	p.as("anna@sme.example").books(wish("furnace", "2026-11-26T09:00", "2026-11-26T13:00"))
	p.as("anna@sme.example").get("/projects/P-1001").is(200).says("Vinnova", "Småverken AB", "100\u00a0000,00\u00a0kr", "2\u00a0500,00\u00a0kr", "97\u00a0500,00\u00a0kr")
	p.as("olle@sme.example").get("/projects/P-1001").is(200).says("Småverken AB", "97\u00a0500,00\u00a0kr", "200\u00a0000,00\u00a0kr").never(">Vinnova")
	p.as("sam@vinnova.example").get("/projects/P-1001").is(200).says("Vinnova", "Småverken AB")
	for _, other := range []string{"bo@rival.example", "mia@rise.example"} {
		p.as(other).get("/projects/P-1001").is(404).never("Småverken")
	}
}

func TestSignIn(t *testing.T) {
	t.Parallel()
	p := openPlace(t)
	mine, other := p.browser(), p.browser()
	form := url.Values{"email": {"anna@sme.example"}, "to": {"/bookings"}}
	mine.post("/sign-in", form).redirects("/sign-in/sent")
	mine.get("/sign-in/sent").is(200).says("anna@sme.example")
	mine.post("/sign-in", url.Values{"email": {"inte en adress"}}).is(422).says("inte en adress", "r-fielderror")
	other.post("/sign-in", url.Values{"email": {"ingen@sme.example"}}).redirects("/sign-in/sent")
	var secret string
	p.must(p.db.Update(t.Context(), func(tx *database.Tx) (err error) {
		_, secret, err = access.IssueLink(tx, 1)
		return err
	}))
	mine.get("/sign-in/" + secret).is(200).says("<button")
	mine.do(http.MethodHead, "/sign-in/"+secret, nil).is(200)
	other.post("/sign-in/"+secret, nil).is(422).says("annan webbläsare")
	mine.post("/sign-in/"+secret, nil).redirects("/bookings")
	mine.get("/bookings").is(200).says("Anna Ek", "Du är inloggad.")
	mine.post("/sign-in/"+secret, nil).is(422)
	mine.post("/sign-out", nil).redirects("/")
	mine.get("/bookings").redirects("/sign-in?back=%2Fbookings")
}

func TestNobodyIsSentElsewhere(t *testing.T) {
	t.Parallel()
	p := openPlace(t)
	for _, back := range []string{"https://evil.example/", "//evil.example", `/\evil.example`, "javascript:alert(1)", "/\tx", "evil"} {
		v := p.browser()
		v.post("/language", url.Values{"lang": {"en"}, "back": {back}}).redirects("/")
		v.post("/theme", url.Values{"theme": {"dark"}, "back": {back}}).redirects("/")
		v.get("/sign-in?back=" + url.QueryEscape(back)).is(200).says(`name="to" value="/"`)
	}
	v := p.browser()
	v.post("/language", url.Values{"lang": {"en"}, "back": {"/problems?x=1"}}).redirects("/problems?x=1")
	v.get("/").says(`<html lang="en"`, "Find a time")
	v.post("/theme", url.Values{"theme": {"dark"}, "back": {"/"}}).redirects("/")
	v.get("/").says(`data-bs-theme="dark"`)
	evil := p.as("anna@sme.example")
	evil.do(http.MethodPost, "/sign-out", nil, "Sec-Fetch-Site", "cross-site").is(403)
	evil.get("/bookings").is(200)
}

func TestCalendarAddresses(t *testing.T) {
	t.Parallel()
	p := openPlace(t)
	anna := p.as("anna@sme.example")
	made := anna.post("/feeds", url.Values{"kind": {"resource:extruder"}}).is(200).says("webcal://", "Robotextruder")
	address := regexp.MustCompile(p.url + `(/calendar/[^"]+\.ics)`).FindStringSubmatch(made.body)
	if address == nil {
		t.Fatalf("no address in %s", visible(made.body))
	}
	p.browser().get(address[1]).is(200).says("BEGIN:VCALENDAR")
	anna.get("/feeds").is(200).says("Robotextruder").never(address[1])
	anna.post("/feeds", url.Values{"kind": {"everything"}}).is(422).says("r-fielderror")
	p.as("bo@rival.example").post("/feeds/1/revoke", nil).is(404)
	anna.post("/feeds/1/revoke", nil).redirects("/feeds")
	p.browser().get(address[1]).is(410)
}

func TestUseOnThePages(t *testing.T) {
	t.Parallel()
	p := openPlace(t)
	anna := p.as("anna@sme.example")
	path := anna.books(wish("furnace", "2026-11-23T10:00", "2026-11-23T14:00"))
	anna.get(path).never(path + "/check-in")
	at := monday.Add(time.Hour)
	p.clock.Store(&at)
	anna.get(path).says(path + "/check-in").never(path + "/check-out")
	anna.post(path+"/check-in", url.Values{"version": {"1"}}).redirects(path)
	anna.get(path).says("Pågår", path+"/check-out")
	at = monday.Add(5 * time.Hour)
	anna.post(path+"/check-out", url.Values{"version": {"2"}}).redirects(path)
	anna.get(path).says("Genomförd", "Debiterat totalt", "5\u00a0000,00\u00a0kr")
}
