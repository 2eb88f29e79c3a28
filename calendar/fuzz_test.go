package calendar_test

import (
	"strings"
	"testing"
	"time"

	"rigg/calendar"
)

// FuzzAppend holds the same as TestWhatIsReadIsWhatWasWritten over texts that
// a fuzzer finds. Its seeds are in testdata/fuzz.
func FuzzAppend(f *testing.F) {
	f.Fuzz(func(t *testing.T, name, summary, location, description, url, category string, at uint32, state uint8) {
		start := time.Unix(int64(at), 0).UTC()
		feed := calendar.Feed{
			Name: name, Description: description, Zone: "Europe/Stockholm",
			Events: []calendar.Event{{
				UID: "b-fuzz@rigg.example", Sequence: int(state), Free: state > 200,
				Status: []calendar.Status{calendar.Tentative, calendar.Confirmed, calendar.Cancelled}[state%3],
				Start:  start, End: start.Add(time.Hour), Created: start, Modified: start,
				Summary: summary, Location: location, Description: description, URL: url,
				Categories: strings.Split(category, "|"),
			}},
		}
		body := encode(feed)
		checkForm(t, body)
		checkRead(t, body, &feed)
		if again := encode(feed); again != body {
			t.Fatalf("two writings differ:\n%q\n%q", body, again)
		}
	})
}
