package main_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// A start with a clock that shows 52 seconds is soon followed by a sweep: they
// run on the minute.

func TestNightsOfTheClockChanges(t *testing.T) {
	t.Parallel()
	w := mustRun(t, "2026-03-28T10:00:00Z")
	anna := w.as(annaEk)
	for _, at := range []struct{ field, start, end string }{
		{"start", "2026-03-29T02:30", "2026-03-29T08:00"},
		{"end", "2026-03-28T12:00", "2026-03-29T02:00"},
	} {
		p := anna.post("/bookings", wish("mill", "P-1001", at.start, at.end)).refuses(422, "no-such-local-time")
		if len(p.Errors) != 1 || p.Errors[0].Path != at.field || !strings.Contains(p.Message.SV, "Europe/Stockholm") {
			t.Errorf("the time that does not exist: %+v", p)
		}
	}
	spring := anna.books(wish("mill", "P-1001", "2026-03-28T12:00", "2026-03-29T12:00"))
	long(t, spring, 23, "2026-03-28T12:00:00+01:00", "2026-03-29T12:00:00+02:00")

	w.restart("2026-03-29T10:00:52Z") // its end
	w.until(1, `select count(*) from bookings where state = 'completed'`)
	if s := w.as(annaEk).statement("P-1001", "2026-03"); s.Total != 2_300_000 || s.of("vinnova") != 1_150_000 || s.of("gronstal") != 1_150_000 {
		t.Errorf("a night of 23 hours: %+v", s)
	}

	w.restart("2026-10-24T08:00:00Z")
	anna = w.as(annaEk)
	for choice, minutes := range twice(t, anna) {
		q := anna.quote(wish("mill", "P-1001", choice, "2026-10-25T04:00"))
		if len(q.Refusals) > 0 || q.Cost.Lines[0].Minutes != minutes {
			t.Errorf("from %s: %+v, %+v", choice, q.Refusals, q.Cost)
		}
	}
	autumn := anna.books(wish("mill", "P-1001", "2026-10-24T12:00", "2026-10-25T12:00"))
	long(t, autumn, 25, "2026-10-24T12:00:00+02:00", "2026-10-25T12:00:00+01:00")
	w.restart("2026-10-25T11:00:52Z")
	w.until(2, `select count(*) from bookings where state = 'completed'`)
	if s := w.as(annaEk).statement("P-1001", "2026-10"); s.Total != 2_500_000 || s.of("vinnova") != 1_250_000 {
		t.Errorf("a night of 25 hours: %+v", s)
	}
}

// long holds a day-long booking at 1 000.00/h to its real hours.
func long(t *testing.T, b booked, hours int64, start, end string) {
	t.Helper()
	if b.Start != start || b.End != end || b.Cost.Lines[0].Minutes != hours*60 || b.Cost.Total != hours*100_000 {
		t.Errorf("booked %s to %s for %+v", b.Start, b.End, b.Cost)
	}
}

// twice asks for a time that comes twice, and gives the choices with the minutes
// from each to four o'clock.
func twice(t *testing.T, anna *caller) map[string]int64 {
	t.Helper()
	p := anna.post("/bookings", wish("mill", "P-1001", "2026-10-25T02:30", "2026-10-25T04:00")).refuses(422, "ambiguous-local-time")
	want := map[string]int64{"2026-10-25T02:30:00+02:00": 150, "2026-10-25T02:30:00+01:00": 90}
	choices, _ := p.Details["choices"].([]any)
	for _, c := range choices {
		if s, _ := c.(string); want[s] == 0 || !strings.Contains(p.Message.EN, s) || !strings.Contains(p.Message.SV, s) {
			t.Errorf("choice %v of %+v", c, p)
		}
	}
	if len(choices) != len(want) {
		t.Fatalf("choices %v", choices)
	}
	return want
}

// short is a project with these awards, in SEK, for FUNDING.md's case 4.
func short(id, award2026, award2027 string) string {
	return fmt.Sprintf(`  - id: %s
    name: Nyår
    lead: gronstal
    stream: collaboration
    programme: green
    aid_basis: decided
    period: {from: 2026-01-01, to: 2028-06-30}
    members: [anna@gronstal.example]
    agreements:
      - from: 2026-01-01
        parties: [{party: vinnova, role: funder, kind: grant, parts: 50}, {party: gronstal, role: participant, kind: cash, parts: 50}]
    awards: [{year: 2026, funder: vinnova, amount: %s}, {year: 2027, funder: vinnova, amount: %s}]
    budgets: [{party: gronstal, year: 2026, amount: 2500.01}, {party: gronstal, year: 2027, amount: 6100.03}]
`, id, award2026, award2027)
}

// FUNDING.md, case 4.
func TestNewYear(t *testing.T) {
	t.Parallel()
	w := mustRun(t, "2026-12-30T10:00:00Z", "projects:\n", short("P-4001", "2500.00", "6100.02"),
		short("P-4002", "2500.01", "6100.01"), short("P-4003", "2500.01", "6100.02"))
	anna := w.as(annaEk)
	wish := func(project string) map[string]any {
		return wish("furnace", project, "2026-12-31T21:55", "2027-01-01T05:05")
	}
	for project, year := range map[string]float64{"P-4001": 2026, "P-4002": 2027} {
		p := anna.post("/bookings", wish(project)).refuses(422, "refused")
		q := anna.quote(wish(project))
		if !slices.Equal(p.codes(), []string{"grant-exceeded"}) || len(q.Refusals) != 1 || q.Refusals[0].Details["year"] != year {
			t.Errorf("%s, short in %v: %+v, %+v", project, year, p, q.Refusals)
		}
		for _, period := range []string{"2026", "2027"} {
			if reserved, spent := anna.statement(project, period).money(); reserved+spent != 0 {
				t.Errorf("%s refused as a whole keeps %d and %d in %s", project, reserved, spent, period)
			}
		}
	}
	b := anna.books(wish("P-4003")) // to the öre
	if b.Cost.Total != 1_720_007 || !slices.Equal(b.Cost.Shares, []shareTold{
		{"vinnova", "grant", 2026, 250_001}, {"gronstal", "cash", 2026, 250_001},
		{"vinnova", "grant", 2027, 610_002}, {"gronstal", "cash", 2027, 610_003},
	}) || !slices.Equal(b.Cost.Lines, []lineTold{{125, 500_002, 2026}, {305, 1_220_005, 2027}}) {
		t.Errorf("over New Year: %+v", b.Cost)
	}
	w.restart("2027-01-01T04:05:52Z")
	w.until(1, `select count(*) from bookings where state = 'completed'`)
	w.stop()
	w.start() // it remembers its clock
	anna = w.as(annaEk)
	for period, parts := range map[string][2]int64{"2026": {250_001, 250_001}, "2027": {610_002, 610_003}, "2026-12": {250_001, 250_001}, "2027-01": {610_002, 610_003}} {
		s := anna.statement("P-4003", period)
		if s.of("vinnova") != parts[0] || s.of("gronstal") != parts[1] || s.Total != parts[0]+parts[1] {
			t.Errorf("the statement of %s: %+v", period, s)
		}
		if reserved, spent := s.money(); reserved != 0 || spent != s.Total {
			t.Errorf("%d reserved and %d spent in %s", reserved, spent, period)
		}
	}
	anna.post("/bookings", wish("P-4003")).refuses(422, "refused") // for that was yesterday
}

func TestWhatTimeDoes(t *testing.T) {
	t.Parallel()
	w := mustRun(t, "2026-09-01T06:00:00Z")
	anna, mia := w.as(annaEk), w.as(miaLund)
	const start, end = "2026-09-03T08:00", "2026-09-03T10:00"
	undecided := anna.books(wish("printer", "P-1001", start, end))
	missed := anna.books(wish("lathe", "P-1001", start, end))
	plain := anna.books(wish("mill", "P-1001", start, end))
	used := anna.books(wish("extruder", "P-1001", start, end))
	mia.does(used.Ref, "approve", 1)
	later := anna.books(wish("printer", "P-1001", "2026-09-04T08:00", "2026-09-04T10:00"))

	w.restart("2026-09-03T06:00:00Z")
	w.as(annaEk).does(used.Ref, "check-in", 2)
	w.restart("2026-09-03T09:00:52Z")
	w.swept()
	anna = w.as(annaEk)
	for _, want := range []struct {
		booked
		state, kind string
	}{
		{undecided, "expired", "expired"}, {missed, "no_show", "no_show"}, {plain, "completed", "completed"},
		{used, "completed", "completed"}, {later, "requested", "received"},
	} {
		if got := anna.find(want.Ref); got.State != want.state || w.messages(want.kind, want.Ref) != 1 {
			t.Errorf("%v is %s with %d messages of it, not %s", want.Resources, got.State, w.messages(want.kind, want.Ref), want.state)
		}
	}
	s := anna.statement("P-1001", "2026-09")
	// The mill 2 h at 1 000.00, the extruder 2 h at 1 250.00: it was never checked
	// out, and used until its end. The coming printer 2 h at 900.00 is reserved.
	if reserved, spent := s.money(); len(s.Rows) != 2 || s.Total != 450_000 || spent != 450_000 || reserved != 180_000 {
		t.Errorf("%d reserved, %d spent: %+v", reserved, spent, s)
	}
	if n := w.count(`select count(*) from allocations a join bookings b on b.id = a.booking_id
		where a.active and b.state in ('expired', 'no_show')`); n != 0 {
		t.Errorf("what expired or was not used still takes %d units", n)
	}
}

func TestReminders(t *testing.T) {
	t.Parallel()
	w := mustRun(t, "2026-09-01T06:00:00Z")
	anna := w.as(annaEk)
	book := func(resource string) booked {
		return anna.books(wish(resource, "P-1001", "2026-09-03T12:00", "2026-09-03T14:00"))
	}
	kept, cancelled, moved, lost := book("mill"), book("furnace"), book("cutter"), book("welder")
	anna.does(cancelled.Ref, "cancel", 1)
	anna.patch("/bookings/"+moved.Ref, map[string]any{"version": 1, "start": "2026-09-05T12:00", "end": "2026-09-05T14:00"}).is(200)
	if n := w.count(`with gone as (delete from river_job where kind = 'booking_reminder'
		and args->>'booking' = (select id::text from bookings where ref = $1) returning 1) select count(*) from gone`, lost.Ref); n != 1 {
		t.Fatalf("lost %d jobs", n)
	}
	reminded := func(when string, want map[string]int) {
		t.Helper()
		for _, b := range []booked{kept, cancelled, moved, lost} {
			if got := w.messages("reminder", b.Ref); got != want[b.Ref] {
				t.Errorf("%s: %d reminders of %v", when, got, b.Resources)
			}
		}
	}
	w.quiet()
	reminded("too early", nil)

	// The program did not run when they were due, ten hours before.
	w.restart("2026-09-02T20:00:52Z")
	w.swept()
	reminded("caught up", map[string]int{kept.Ref: 1, lost.Ref: 1})
	w.restart("2026-09-02T21:00:52Z")
	w.swept()
	reminded("once more", map[string]int{kept.Ref: 1, lost.Ref: 1})
	w.restart("2026-09-04T10:00:00Z")
	w.until(1, `select count(*) from messages m join bookings b on b.id = m.booking_id where kind = 'reminder' and b.ref = $1`, moved.Ref)
	w.quiet()
	reminded("the moved one", map[string]int{kept.Ref: 1, lost.Ref: 1, moved.Ref: 1})
}
