package web_test

import (
	"net/url"
	"regexp"
	"strings"
	"testing"
)

// repeated is a wish that repeats by days.
func repeated(resource, start, end, count string) url.Values {
	v := wish(resource, start, end)
	v.Set("repeat", "WEEKLY")
	v.Set("every", "1")
	v.Set("ends", "count")
	v.Set("count", count)
	return v
}

var scopes = regexp.MustCompile(`<option value="((?:all|later):[^"]+)"`)

func TestASeriesOnThePages(t *testing.T) {
	t.Parallel()
	p := openPlace(t)
	anna, mia := p.as("anna@sme.example"), p.as("mia@rise.example")
	other := anna.books(wish("extruder", "2026-12-10T09:00", "2026-12-10T13:00"))
	form := repeated("extruder", "2026-12-03T09:00", "2026-12-03T13:00", "3")
	anna.get("/book?"+form.Encode()).is(200).says("2 av 3 tillfällen går att boka", "Upprepa", "tiden är redan upptagen", "10\u00a0000,00\u00a0kr")
	anna.get("/book/quote?"+form.Encode()).is(200).says("2 av 3", "Går att boka")
	anna.post("/book", form).is(409).says("1 av 3 tillfällen går inte att boka", `value="WEEKLY" selected`)
	form.Set("accept", "free")
	path := anna.post("/book", form).is(303).location
	if !strings.HasPrefix(path, "/series/") {
		t.Fatalf("went to %s", path)
	}
	anna.get(path).is(200).says("Förfrågan är skickad", "varje vecka, 3 gånger", "Bokningar (2)", "Inte bokade (1)", "Lägg till", "Robotextruder", "10\u00a0000,00\u00a0kr")
	anna.get("/bookings").says(path, "Serie")
	mia.get("/inbox").says("2 förfrågningar ur samma serie väntar", path)
	mia.get(path).is(200).says("Anna Ek").never("5\u00a0000,00", "Vinnova")
	p.as("bo@rival.example").get(path).is(404).never("Anna", "P-1001")
	p.as("bo@rival.example").post(path+"/add", nil).is(404)

	anna.post(path+"/add", url.Values{"day": {"2026-12-10"}}).is(409).says("upptagen")
	anna.post(other+"/cancel", url.Values{"version": {"1"}}).redirects(other)
	anna.post(path+"/add", url.Values{"day": {"2026-12-10"}}).redirects(path)
	page := anna.get(path).says("Bokningar (3)").never("Inte bokade")

	all := scopes.FindAllStringSubmatch(page.body, -1)
	if len(all) != 8 { // the whole and each of three on, in two forms
		t.Fatalf("scopes %v", all)
	}
	edit := url.Values{"scope": {all[2][1]}, "start": {"10:00"}, "end": {"13:00"}, "resource": {"extruder"}, "purpose": {"Nytt pulver"}}
	anna.post(path+"/edit", edit).redirects(path)
	anna.get(path).says("Serien är ändrad", "3\u00a0dec 2026 09:00", "10\u00a0dec 2026 10:00", "17\u00a0dec 2026 10:00")
	anna.post(path+"/edit", edit).is(409).says("redan ändrad") // an old version
	edit.Set("scope", scopes.FindStringSubmatch(anna.get(path).body)[1])
	edit.Set("end", "21:00")
	anna.post(path+"/edit", edit).is(422).says("Utanför öppettiderna")
	anna.get(path).never("override_reason")
	edit.Set("override_reason", "Nattkörning")
	anna.post(path+"/edit", edit).is(403)
	mia.get(path).says("override_reason")
	mia.post(path+"/edit", edit).redirects(path)
	edit.Set("start", "10")
	anna.post(path+"/edit", edit).is(422)
	anna.post(path+"/edit", url.Values{"scope": {"all:x"}}).is(422)

	cancel := url.Values{"scope": {scopes.FindStringSubmatch(anna.get(path).body)[1]}, "reason": {"Klart"}}
	p.as("mats@rise.example").post(path+"/cancel", cancel).redirects(path)
	anna.get(path).says("Avbokad").never("Förfrågan</span>", "Ändra serien")
	for _, lang := range []string{"sv", "en"} {
		anna.post("/language", url.Values{"lang": {lang}, "back": {"/"}})
		for _, path := range []string{path, "/book?" + form.Encode()} {
			a := anna.get(path).is(200).never("%!", "<no value>", "ZgotmplZ")
			if found := inline.FindString(a.body); found != "" {
				t.Errorf("%s has %q", path, found)
			}
		}
	}
}

func TestRepeatForms(t *testing.T) {
	t.Parallel()
	p := openPlace(t)
	anna := p.as("anna@sme.example")
	for _, c := range []struct {
		name string
		set  map[string]string
		days []string
		want string
	}{
		{"every other day", map[string]string{"repeat": "DAILY", "every": "2", "count": "2"}, nil, "varannan dag, 2 gånger"},
		{"two weekdays", map[string]string{"repeat": "WEEKLY", "count": "2"}, []string{"TU", "TH"}, "varje vecka på tisdag och torsdag, 2 gånger"},
		{"until a day", map[string]string{"repeat": "WEEKLY", "every": "3", "ends": "until", "until": "2026-12-31"}, nil, "var 3:e vecka till och med 2026-12-31"},
		{"a date", map[string]string{"repeat": "MONTHLY", "monthly": "date", "count": "2"}, nil, "varje månad den 1, 2 gånger"},
		{"the first Tuesday", map[string]string{"repeat": "MONTHLY", "monthly": "nth", "count": "2"}, nil, "varje månad den första tisdagen, 2 gånger"},
		{"not the last day", map[string]string{"repeat": "MONTHLY", "monthly": "end", "count": "2"}, nil, ""},
		{"not the last Tuesday", map[string]string{"repeat": "MONTHLY", "monthly": "last", "count": "2"}, nil, ""},
		{"never ending", map[string]string{"repeat": "DAILY", "ends": "until"}, nil, ""},
		{"too many", map[string]string{"repeat": "DAILY", "count": "367"}, nil, ""},
		{"no number", map[string]string{"repeat": "DAILY", "count": "ten"}, nil, ""},
	} {
		form := wish("furnace", "2026-12-01T09:00", "2026-12-01T10:00")
		for name, value := range c.set {
			form.Set(name, value)
		}
		form["weekday"] = c.days
		posted := anna.post("/book", form)
		if c.want == "" {
			if posted.is(422); !strings.Contains(anna.get("/book?"+form.Encode()).is(200).body, "r-verdict-no") {
				t.Errorf("%s: no complaint", c.name)
			}
			continue
		}
		page := anna.get(posted.is(303).location).says(c.want, "Serien är bokad")
		anna.post(posted.location+"/cancel", url.Values{"scope": {scopes.FindStringSubmatch(page.body)[1]}}).is(303)
	}
}
