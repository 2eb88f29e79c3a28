package calendar_test

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
	_ "time/tzdata"

	"rigg/calendar"
	"rigg/internal/text"
)

func stockholm(t *testing.T) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Stockholm")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

func TestWindowMovesAtLocalMidnight(t *testing.T) {
	t.Parallel()
	zone := stockholm(t)
	summer := time.Date(2026, 6, 30, 21, 59, 59, 0, time.UTC)
	w := calendar.NewWindow(summer, zone)
	for name, c := range map[string]struct {
		got  time.Time
		want string
	}{
		"from": {w.From, "2026-05-31T00:00:00+02:00"}, "today": {w.Today, "2026-06-30T00:00:00+02:00"},
		"to":       {w.To, "2027-06-30T00:00:00+02:00"},
		"tomorrow": {calendar.NewWindow(summer.Add(time.Second), zone).Today, "2026-07-01T00:00:00+02:00"},
		"winter":   {calendar.NewWindow(summer.AddDate(0, -3, 0), zone).From, "2026-02-28T00:00:00+01:00"},
	} {
		if got := c.got.Format(time.RFC3339); got != c.want {
			t.Errorf("%s is %s, want %s", name, got, c.want)
		}
	}
}

func TestTrimToWindow(t *testing.T) {
	t.Parallel()
	w := calendar.NewWindow(start, time.UTC)
	booking := func(uid string, from, to time.Time, s calendar.Status, modified time.Time) calendar.Event {
		return calendar.Event{UID: uid, Start: from, End: to, Status: s, Modified: modified}
	}
	long := w.From.AddDate(-1, 0, 0)
	f := calendar.Feed{Description: "x", Events: []calendar.Event{
		booking("last", w.To.Add(-time.Minute), w.To.Add(time.Hour), calendar.Confirmed, long),
		booking("too late", w.To, w.To.Add(time.Hour), calendar.Confirmed, long),
		booking("first", long, w.From.Add(time.Minute), calendar.Confirmed, long),
		booking("too early", long, w.From, calendar.Confirmed, long),
		booking("cancelled", w.Today, w.To, calendar.Cancelled, w.From),
		booking("long cancelled", w.Today, w.To, calendar.Cancelled, w.From.Add(-time.Second)),
		booking("same time, first name", w.Today, w.To, calendar.Tentative, long),
	}}
	f.Trim(w)
	if got, want := uids(f), []string{"first", "cancelled", "same time, first name", "last"}; !slices.Equal(got, want) {
		t.Errorf("left are %q, want %q", got, want)
	}
	if f.Description != "x" {
		t.Errorf("nothing that belongs here was cut, but it says %q", f.Description)
	}
}

func uids(f calendar.Feed) []string {
	var out []string
	for _, e := range f.Events {
		out = append(out, e.UID)
	}
	return out
}

func TestTrimToSize(t *testing.T) {
	t.Parallel()
	for lang, want := range map[text.Lang]string{
		text.SV: "Alla bokningar ryms inte i kalenderfilen. Här visas de %d som ligger närmast i tiden, från %s till %s.",
		text.EN: "The calendar file cannot hold every booking. These are the %d nearest in time, from %s to %s.",
	} {
		t.Run(string(lang), func(t *testing.T) {
			t.Parallel()
			f := many(4000) // one an hour, the first at start
			f.Language = lang
			w := calendar.NewWindow(start.AddDate(0, 0, 10), time.UTC)
			f.Trim(w)
			body := encode(f)
			checkForm(t, body)
			if len(body) >= calendar.MaxBytes || len(body) < calendar.MaxBytes-2000 {
				t.Errorf("the file has %d octets", len(body))
			}
			first, last := f.Events[0].Start, f.Events[len(f.Events)-1].Start
			if !first.Equal(start) {
				t.Errorf("the near past is gone: the first is at %v", first)
			}
			note := fmt.Sprintf(want, len(f.Events), first.Format(time.DateOnly), last.Format(time.DateOnly))
			if !strings.HasSuffix(f.Description, "\n"+note) {
				t.Errorf("the description is %q, want at the end %q", f.Description, note)
			}
			before := f.Description
			f.Trim(w)
			if f.Description != before {
				t.Errorf("a second Trim made it %q", f.Description)
			}
		})
	}
}

// Of events that cannot all stay, the far past goes as the far future does.
func TestTrimKeepsTheNearest(t *testing.T) {
	t.Parallel()
	day := func(uid string, days, size int) calendar.Event {
		e := event(strings.Repeat("x", size))
		e.UID, e.Start = uid, start.AddDate(0, 0, days)
		e.End = e.Start.Add(time.Hour)
		return e
	}
	f := calendar.Feed{Events: []calendar.Event{
		day("long ago", -20, 400_000), day("lately", -2, 400_000), day("soon", 3, 400_000), day("later", 30, 400_000),
	}}
	f.Trim(calendar.NewWindow(start, time.UTC))
	if got, want := uids(f), []string{"lately", "soon"}; !slices.Equal(got, want) {
		t.Errorf("left are %q, want %q", got, want)
	}
}

// The sentence about what was left out must not itself take the file past the
// limit.
func TestTrimHasRoomForItsNote(t *testing.T) {
	t.Parallel()
	for short := range 20 {
		near, far := event("x"), event("y")
		near.Categories = []string{strings.Repeat("x", (calendar.MaxBytes-2000+100*short)/76*73)}
		far.Start, far.End = far.Start.AddDate(0, 0, 5), far.End.AddDate(0, 0, 5)
		f := calendar.Feed{Language: text.SV, Events: []calendar.Event{near, far}}
		f.Trim(calendar.NewWindow(start, time.UTC))
		if n := len(encode(f)); n >= calendar.MaxBytes {
			t.Errorf("%d octets with %q", n, f.Description)
		}
	}
}

func TestTrimOneGiant(t *testing.T) {
	t.Parallel()
	f := calendar.Feed{Language: "sv", Events: []calendar.Event{event(strings.Repeat("x", calendar.MaxBytes))}}
	f.Trim(calendar.NewWindow(start, time.UTC))
	if len(f.Events) != 0 || f.Description != "Alla bokningar ryms inte i kalenderfilen." {
		t.Errorf("%d events, %q", len(f.Events), f.Description)
	}
}

// What Trim keeps does not hang on the order in which the events came.
func TestTrimIsAFunctionOfTheData(t *testing.T) {
	t.Parallel()
	w := calendar.NewWindow(start.AddDate(0, 0, 2), time.UTC)
	var first string
	for seed := range uint64(5) {
		random := rand.New(rand.NewPCG(seed, 0))
		f := many(200)
		for i := range f.Events {
			f.Events[i].Description = strings.Repeat("x", 100*i)
			f.Events[i].Start = start.Add(time.Duration(i/3) * time.Hour)
			f.Events[i].End = f.Events[i].Start.Add(time.Hour)
		}
		random.Shuffle(len(f.Events), func(i, j int) { f.Events[i], f.Events[j] = f.Events[j], f.Events[i] })
		f.Trim(w)
		if !slices.IsSortedFunc(f.Events, func(a, b calendar.Event) int {
			return cmp.Or(a.Start.Compare(b.Start), strings.Compare(a.UID, b.UID))
		}) {
			t.Fatalf("with seed %d the order is %q", seed, uids(f))
		}
		body := encode(f)
		if first == "" {
			first = body
		}
		if body != first || len(f.Events) == 200 {
			t.Fatalf("with seed %d it keeps %d events in %d octets, before it had %d octets", seed, len(f.Events), len(body), len(first))
		}
	}
}
