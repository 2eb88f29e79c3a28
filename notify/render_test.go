package notify_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"rigg/internal/period"
	"rigg/internal/text"
	"rigg/notify"
)

var update = flag.Bool("update", false, "write the golden files anew")

// sample is a letter with everything that its kind may say.
func sample(kind notify.Kind, lang text.Lang) notify.Letter {
	in := func(sv, en string) string { return text.New(sv, en).In(lang) }
	l := notify.Letter{
		Kind: kind, Lang: lang, Link: "https://rigg.example/bookings/k3v9w2m8x4q1z",
		Words: notify.Words{
			Name: "Anna Ek", What: in("Robotextruder, Additiv tillverkning", "Robot extruder, Additive manufacturing"),
			Short: in("3 mars kl. 09:00", "3 March 09:00"), Starts: in("tisdag 3 mars 2026 kl. 09:00", "Tuesday 3 March 2026 at 09:00"),
			Booker: "Anna Ek (Grönstål Komponent AB)", By: "Mia Lund", Minutes: 15,
			Outage: in("Årlig service", "Annual service"), Held: in("Robotextruder 2, onsdag 4 mars 2026 kl. 09:00–13:00 (UTC+1)", "Robot extruder 2, Wednesday 4 March 2026 at 09:00–13:00 (UTC+1)"),
			Until: in("tisdag 3 mars 2026 kl. 09:00", "Tuesday 3 March 2026 at 09:00"),
			Was:   in("måndag 2 mars 2026 kl. 09:00–13:00 (UTC+1)", "Monday 2 March 2026 at 09:00–13:00 (UTC+1)"),
		},
	}
	switch kind {
	case notify.SignIn:
		l.Link = "https://rigg.example/sign-in/SECRET"
		return l
	case notify.Declined, notify.Asked, notify.Answered:
		l.Quote = "Pulvret är inte torrt.\nSe säkerhetsdatabladet <avsnitt 7> & hör av er."
	case notify.Completed:
		l.Shares = []notify.Fact{
			{Label: in("Vinnova, bidrag", "Vinnova, grant"), Value: in("2 500,00 kr", "SEK 2,500.00")},
			{Label: in("Grönstål Komponent AB, kontant", "Grönstål Komponent AB, cash"), Value: in("2 500,01 kr", "SEK 2,500.01")},
		}
	default:
	}
	l.Facts = []notify.Fact{
		{Label: in("Resurs", "Resource"), Value: in("Robotextruder", "Robot extruder")},
		{Label: in("Syfte", "Purpose"), Value: `Prov med "återvunnet" <pulver> & mer`},
	}
	return l
}

// Every kind is written in both languages, as text and as HTML.
func TestMessagesAreWrittenAsBefore(t *testing.T) {
	t.Parallel()
	for _, kind := range notify.Kinds() {
		for _, lang := range []text.Lang{text.SV, text.EN} {
			t.Run(string(kind)+"."+string(lang), func(t *testing.T) {
				t.Parallel()
				subject, plain, html, err := notify.Render(sample(kind, lang))
				if err != nil {
					t.Fatal(err)
				}
				golden(t, string(kind)+"."+string(lang)+".txt", "Subject: "+subject+"\n\n"+plain)
				golden(t, string(kind)+"."+string(lang)+".html", html)
			})
		}
		if kind.Name().SV == "" || kind.Name().EN == "" {
			t.Errorf("%s has no name", kind)
		}
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s is written otherwise than before; look at it, then -update:\n%s", path, got)
	}
}

// What people write cannot become markup, a header or a paragraph of ours.
func TestNobodyWritesIntoAMessage(t *testing.T) {
	t.Parallel()
	l := sample(notify.Declined, text.EN)
	l.Words.What = "Oven\r\nBcc: all@rival.example\n\nPay here"
	l.Words.Name = "<b>Anna</b>"
	l.Quote = "No.\n\n<script>alert(1)</script>"
	subject, plain, html, err := notify.Render(l)
	if err != nil {
		t.Fatal(err)
	}
	if strings.ContainsAny(subject, "\r\n") {
		t.Errorf("subject %q", subject)
	}
	if strings.Contains(html, "<script>") || strings.Contains(html, "<b>") {
		t.Errorf("markup got through:\n%s", html)
	}
	if !strings.Contains(plain, "> <script>alert(1)</script>\n") {
		t.Errorf("the quote is not marked:\n%s", plain)
	}
	l.Words.What = strings.Repeat("å", 400)
	if subject, _, _, err = notify.Render(l); err != nil || len([]rune(subject)) != 300 {
		t.Errorf("%d characters of subject, %v", len([]rune(subject)), err)
	}
}

func TestTimesAreSaidWithTheirOffset(t *testing.T) {
	t.Parallel()
	stockholm, err := time.LoadLocation("Europe/Stockholm")
	if err != nil {
		t.Fatal(err)
	}
	at := func(s string) time.Time {
		when, err := time.Parse(time.RFC3339, s)
		if err != nil {
			t.Fatal(err)
		}
		return when
	}
	for _, c := range []struct{ name, from, to, sv, en string }{
		{"within a day", "2026-03-02T08:00:00Z", "2026-03-02T12:30:00Z",
			"måndag 2 mars 2026 kl. 09:00–13:30 (UTC+1)", "Monday 2 March 2026 at 09:00–13:30 (UTC+1)"},
		{"over midnight", "2026-07-04T20:00:00Z", "2026-07-05T04:00:00Z",
			"lördag 4 juli 2026 kl. 22:00 – söndag 5 juli 2026 kl. 06:00 (UTC+2)", "Saturday 4 July 2026 at 22:00 – Sunday 5 July 2026 at 06:00 (UTC+2)"},
		{"over a clock change", "2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z",
			"söndag 25 oktober 2026 kl. 02:30 (UTC+2) – söndag 25 oktober 2026 kl. 02:30 (UTC+1)",
			"Sunday 25 October 2026 at 02:30 (UTC+2) – Sunday 25 October 2026 at 02:30 (UTC+1)"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p := period.New(at(c.from), at(c.to))
			if got := notify.Said(p, stockholm, text.SV); got != c.sv {
				t.Errorf("%q, want %q", got, c.sv)
			}
			if got := notify.Said(p, stockholm, text.EN); got != c.en {
				t.Errorf("%q, want %q", got, c.en)
			}
		})
	}
	for zone, want := range map[string]string{"UTC": "UTC", "Asia/Kolkata": "UTC+5:30", "America/St_Johns": "UTC\u22123:30"} {
		where, err := time.LoadLocation(zone)
		if err != nil {
			t.Fatal(err)
		}
		p := period.New(at("2026-01-05T08:00:00Z"), at("2026-01-05T09:00:00Z"))
		if got := notify.Said(p, where, text.EN); !strings.HasSuffix(got, "("+want+")") {
			t.Errorf("%s: %q", zone, got)
		}
	}
}
