package calendar_test

import (
	"flag"
	"os"
	"path/filepath"
	"testing"
	"time"

	"rigg/calendar"
)

var update = flag.Bool("update", false, "write the golden files anew")

func empty() calendar.Feed {
	return calendar.Feed{
		Name: "Mina bokningar", Description: "Bokningar för Anna Ek", Zone: "Europe/Stockholm",
		Color: "teal", Language: "sv",
	}
}

// statuses holds a booking in each state and one that takes nobody's time.
func statuses() calendar.Feed {
	f := empty()
	for i, s := range []calendar.Status{calendar.Tentative, calendar.Confirmed, calendar.Cancelled, calendar.Confirmed} {
		e := event("Robotextruder, RISE Mölndal")
		e.UID = []string{"b-req@rigg.example", "b-conf@rigg.example", "b-canc@rigg.example", "b-free@rigg.example"}[i]
		e.Status, e.Sequence, e.Free = s, i, i == 3
		e.Start, e.End = e.Start.AddDate(0, 0, i), e.End.AddDate(0, 0, i)
		e.Location = "Argongatan 30, Mölndal"
		e.Description = "Projekt P-1001\nStälltid: 30 min före; 30 min efter"
		e.URL = "https://rigg.example/bookings/7fk2"
		e.Categories = []string{"Additiv tillverkning", "Stål, pulver"}
		f.Events = append(f.Events, e)
	}
	return f
}

// unruly holds texts that calendars stumble over.
func unruly() calendar.Feed {
	f := empty()
	for i, s := range []string{
		`Prov; med, allt \ "möjligt": kl. 8:00`,
		"Mätning på Ångströms provbänk för återvunnet pulver, därefter värmebehandling i ugn två",
		"Skift: 👩‍👩‍👧‍👦👩🏽‍🔧 tar över efter lunch, 🇸🇪 besök, 测试 テスト проверка बोर्ड ทดสอบ",
		"En rad\r\nen till\nen tredje\rslut\u2028och\u0085ännu en\x00\x07",
		"trasiga \xff\xc3 byte och \xed\xa0\x80",
		"BEGIN:VEVENT\r\nUID:not-an-event\r\nEND:VEVENT",
		" mellanslag och tabb\t ",
	} {
		e := event(s)
		e.UID = string(rune('a'+i)) + "-unruly@rigg.example"
		e.Start, e.End = e.Start.Add(time.Duration(i)*24*time.Hour), e.End.Add(time.Duration(i)*24*time.Hour)
		e.Description, e.Location, e.Categories = s, s, []string{s, "en, annan"}
		e.URL = "https://rigg.example/sök?q=a;b,c"
		f.Events = append(f.Events, e)
	}
	return f
}

func TestGolden(t *testing.T) {
	t.Parallel()
	for name, f := range map[string]calendar.Feed{"empty": empty(), "statuses": statuses(), "unruly": unruly()} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join("testdata", name+".ics")
			got := encode(f)
			checkForm(t, got)
			checkRead(t, got, &f)
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
		})
	}
}
