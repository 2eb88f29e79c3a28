package calendar_test

import (
	"bytes"
	"fmt"
	"net/url"
	"testing"
	"time"

	"github.com/emersion/go-ical"

	"rigg/calendar"
)

// many makes a feed of n everyday bookings.
func many(n int) calendar.Feed {
	f := calendar.Feed{
		Name: "Robotextruder", Description: "Bokningar av robotextrudern, RISE Mölndal",
		Zone: "Europe/Stockholm", Color: "teal", Language: "sv",
	}
	for i := range n {
		e := event(fmt.Sprintf("Robotextruder: prov %d med återvunnet pulver", i))
		e.UID = fmt.Sprintf("b%07d@rigg.example", i)
		e.Start, e.End = e.Start.Add(time.Duration(i)*time.Hour), e.End.Add(time.Duration(i)*time.Hour)
		e.Location = "Additiv tillverkning, RISE Mölndal, Argongatan 30, Mölndal"
		e.Description = "Projekt P-1001: Återvunnet pulver till AM\nStälltid 30 min före, 30 min efter"
		e.URL = fmt.Sprintf("https://rigg.example/bookings/b%07d", i)
		e.Categories = []string{"Additiv tillverkning"}
		f.Events = append(f.Events, e)
	}
	return f
}

// BenchmarkAppend and BenchmarkGoICal write the same thousand events, the
// second one as a program would that has only go-ical: it builds the object
// model and encodes it, unfolded.
func BenchmarkAppend(b *testing.B) {
	f := many(1000)
	var buf []byte
	b.ReportAllocs()
	for b.Loop() {
		buf = calendar.Append(buf[:0], &f)
	}
	report(b, len(f.Events), len(buf))
}

func BenchmarkGoICal(b *testing.B) {
	f := many(1000)
	var buf bytes.Buffer
	b.ReportAllocs()
	for b.Loop() {
		buf.Reset()
		if err := ical.NewEncoder(&buf).Encode(object(b, &f)); err != nil {
			b.Fatal(err)
		}
	}
	report(b, len(f.Events), buf.Len())
}

func report(b *testing.B, events, size int) {
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*events), "ns/event")
	b.SetBytes(int64(size))
}

// object builds go-ical's model of a feed.
func object(b *testing.B, f *calendar.Feed) *ical.Calendar {
	cal := ical.NewCalendar()
	for name, value := range map[string]string{
		"VERSION": "2.0", "PRODID": "-//Rigg//Rigg//EN", "CALSCALE": "GREGORIAN",
		"NAME": f.Name, "X-WR-CALNAME": f.Name, "DESCRIPTION": f.Description, "X-WR-CALDESC": f.Description,
		"X-WR-TIMEZONE": f.Zone, "COLOR": f.Color, "X-APPLE-CALENDAR-COLOR": calendar.ColorHex(f.Color),
		"X-PUBLISHED-TTL": "PT1H",
	} {
		cal.Props.SetText(name, value)
	}
	ttl := ical.NewProp("REFRESH-INTERVAL")
	ttl.SetDuration(time.Hour)
	cal.Props.Set(ttl)
	for i := range f.Events {
		cal.Children = append(cal.Children, component(b, &f.Events[i]))
	}
	return cal
}

func component(b *testing.B, e *calendar.Event) *ical.Component {
	out := ical.NewEvent()
	for _, p := range [...]struct{ name, value string }{
		{"UID", e.UID}, {"STATUS", string(e.Status)}, {"SUMMARY", e.Summary}, {"LOCATION", e.Location},
		{"DESCRIPTION", e.Description}, {"TRANSP", "OPAQUE"}, {"X-MICROSOFT-CDO-BUSYSTATUS", "BUSY"},
	} {
		out.Props.SetText(p.name, p.value)
	}
	for _, p := range [...]struct {
		name string
		at   time.Time
	}{
		{"DTSTAMP", e.Modified}, {"DTSTART", e.Start}, {"DTEND", e.End}, {"CREATED", e.Created}, {"LAST-MODIFIED", e.Modified},
	} {
		out.Props.SetDateTime(p.name, p.at)
	}
	sequence := ical.NewProp("SEQUENCE")
	sequence.Value = fmt.Sprint(e.Sequence)
	out.Props.Set(sequence)
	categories := ical.NewProp("CATEGORIES")
	categories.SetTextList(e.Categories)
	out.Props.Set(categories)
	link, err := url.Parse(e.URL)
	if err != nil {
		b.Fatal(err)
	}
	out.Props.SetURI("URL", link)
	return out.Component
}
