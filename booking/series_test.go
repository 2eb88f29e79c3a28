package booking_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"rigg/access"
	"rigg/booking"
	"rigg/facilities"
	"rigg/funding"
	"rigg/internal/id"
	"rigg/internal/period"
	"rigg/internal/problem"
)

// repeat is a request for a series as want is for one booking.
func repeat(resource id.Resource, from, to, rule string) booking.SeriesRequest {
	return booking.SeriesRequest{Request: want(resource, from, to), Rule: rule}
}

// series requests as Anna and fails where that is refused.
func (w *world) series(in booking.SeriesRequest) *booking.Series {
	w.Helper()
	s, err := w.service.RequestSeries(w.Context(), w.who("anna"), in)
	if err != nil {
		w.Fatal(err)
	}
	return s
}

func (w *world) cancelEach(s *booking.Series) {
	w.Helper()
	for _, b := range s.Bookings() {
		w.must(w.service.Cancel, "anna", b)
	}
}

// days are those of a series' bookings, or of what was skipped.
func days(s *booking.Series, skipped bool) (out []string) {
	for _, o := range s.Occurrences {
		if (o.Booking == nil) == skipped {
			out = append(out, o.Day.String())
		}
	}
	return out
}

func TestASeriesIsOrdinaryBookings(t *testing.T) {
	t.Parallel()
	w := setup(t)
	s := w.series(repeat("press", "2026-03-10T08:00", "2026-03-10T12:00", "FREQ=WEEKLY;BYDAY=TU,TH;COUNT=5"))
	if got := days(s, false); !slices.Equal(got, []string{"2026-03-10", "2026-03-12", "2026-03-17", "2026-03-19", "2026-03-24"}) {
		t.Errorf("booked %v", got)
	}
	w.wantPurses(2026, 5*4*625_00, 0)
	wantNews(t, w.news(), map[string]int{"booking_series_news": 1, "booking_reminder": 10})
	found, err := w.service.FindSeries(t.Context(), w.who("anna"), s.Ref)
	if err != nil {
		t.Fatal(err)
	}
	for i, b := range found.Bookings() {
		made := s.Bookings()[i]
		stored := w.read(b)
		if b.Ref != made.Ref || b.Series != s.Ref || stored.State != booking.Confirmed || stored.Period != made.Period ||
			len(stored.History) != 1 || w.taken(b) != 1 || stored.Cost.Total != 4*1250_00 || found.Moved(found.Occurrences[i]) {
			t.Errorf("made %+v, stored %+v", made, stored)
		}
	}
	w.must(w.service.Cancel, "anna", s.Bookings()[0])
	w.wantPurses(2026, 4*4*625_00, 0)
	if _, err := w.service.FindSeries(t.Context(), w.who("rolf"), s.Ref); !problem.Has(err, problem.CodeNotFound) {
		t.Errorf("a competitor finds it: %v", err)
	}
}

func wantNews(t *testing.T, got []string, want map[string]int) {
	t.Helper()
	counted := map[string]int{}
	for _, kind := range got {
		counted[kind]++
	}
	if fmt.Sprint(counted) != fmt.Sprint(want) {
		t.Errorf("told %v; want %v", counted, want)
	}
}

func TestAllOrThoseThatFit(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.rival("press", "2026-03-17T10:00", "2026-03-17T11:00")
	in := repeat("press", "2026-03-10T08:00", "2026-03-10T12:00", "FREQ=WEEKLY;COUNT=3")
	w.news()

	q, err := w.service.QuoteSeries(t.Context(), w.who("anna"), in)
	if err != nil || q.Fit != 2 || q.Cost.Total != 2*4*1250_00 || q.Cost.Of("anvil") != 4*1250_00 || len(q.Refusals) != 1 || len(q.Occurrences[1].Refusals) != 1 ||
		q.Occurrences[1].Refusals[0].Code != facilities.CodeSlotTaken || q.Occurrences[1].Cost.Total != 4*1250_00 {
		t.Errorf("quoted %+v, %v", q, err)
	}
	_, err = w.service.RequestSeries(t.Context(), w.who("anna"), in)
	w.wantCode(err, facilities.CodeSlotTaken)
	var r *booking.Refused
	if !errors.As(err, &r) || len(r.Refusals) != 1 || r.Refusals[0].Details["occurrence"] != "2026-03-17T08:00:00+01:00" ||
		r.Problem.Details["fit"] != 2 || r.Problem.Details["occurrences"] != 3 {
		t.Errorf("refused %+v", r)
	}
	if n := w.count(`select count(*) from series`) + w.count(`select count(*) from bookings`); n != 1 || len(w.news()) > 0 {
		t.Errorf("a refused series leaves %d rows", n)
	}
	in.Accept = booking.AcceptFree
	s := w.series(in)
	skipped := s.Skipped()
	if len(s.Bookings()) != 2 || len(skipped) != 1 || skipped[0].Day.String() != "2026-03-17" || skipped[0].Reasons[0].Code != "slot-taken" ||
		skipped[0].Reasons[0].Message.SV == "" || skipped[0].Reasons[0].Message.EN == "" {
		t.Errorf("booked %v, skipped %+v", days(s, false), skipped)
	}
	w.wantPurses(2026, 2*4*625_00, 0)

	in = repeat("press", "2026-03-17T10:00", "2026-03-17T11:00", "FREQ=WEEKLY;COUNT=1")
	in.Accept = booking.AcceptFree
	_, err = w.service.RequestSeries(t.Context(), w.who("anna"), in)
	w.wantCode(err, facilities.CodeSlotTaken) // nothing fits
}

func TestMoneyOfTheNextCountsWhatTheFormerReserved(t *testing.T) {
	t.Parallel()
	w := setup(t)
	in := repeat("press", "2026-03-10T08:00", "2026-03-10T10:00", "FREQ=DAILY;COUNT=5")
	in.Project = "tight" // covers seven hours
	_, err := w.service.RequestSeries(t.Context(), w.who("anna"), in)
	w.wantCode(err, booking.CodeRefused)
	in.Accept = booking.AcceptFree
	s := w.series(in)
	if got := days(s, false); !slices.Equal(got, []string{"2026-03-10", "2026-03-11", "2026-03-12"}) {
		t.Errorf("booked %v", got)
	}
	for _, o := range s.Skipped() {
		for _, reason := range o.Reasons {
			if reason.Code != funding.CodeGrantExceeded.Slug && reason.Code != funding.CodeBudgetExceeded.Slug || reason.Details != nil {
				t.Errorf("skipped for %+v", reason)
			}
		}
	}
}

func TestAPoolServesEachOccurrence(t *testing.T) {
	t.Parallel()
	w := setup(t)
	for range 3 {
		w.series(repeat("printer", "2026-03-10T08:00", "2026-03-10T10:00", "FREQ=DAILY;COUNT=4"))
	}
	_, err := w.service.RequestSeries(t.Context(), w.who("anna"), repeat("printer", "2026-03-13T08:00", "2026-03-13T10:00", "FREQ=DAILY;COUNT=2"))
	w.wantCode(err, facilities.CodeSlotTaken)
}

func TestQualificationsHoldOnEveryDay(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.exec(`insert into held_qualifications (person_id, qualification_id, from_date, until_date)
		select id, 'safety', '2026-03-01', '2026-03-12' from people where email = 'anna@bolag.example'`)
	in := repeat("laser", "2026-03-11T08:00", "2026-03-11T10:00", "FREQ=DAILY;COUNT=3")
	in.Accept = booking.AcceptFree
	s := w.series(in)
	if got := days(s, true); !slices.Equal(got, []string{"2026-03-13"}) || s.Skipped()[0].Reasons[0].Code != "not-qualified" {
		t.Errorf("skipped %v", got)
	}
}

func TestASeriesOverlapsItself(t *testing.T) {
	t.Parallel()
	w := setup(t)
	for _, c := range []struct {
		name        string
		resource    id.Resource
		from, to    string
		rule        string
		overlapping bool
	}{
		{name: "touches itself", resource: "press", from: "2026-03-10T08:00", to: "2026-03-11T08:00", rule: "FREQ=DAILY;COUNT=3"},
		{name: "a minute more", resource: "press", from: "2026-03-10T08:00", to: "2026-03-11T08:01", rule: "FREQ=DAILY;COUNT=3", overlapping: true},
		{name: "buffers touch", resource: "kiln", from: "2026-03-10T08:00", to: "2026-03-11T06:30", rule: "FREQ=DAILY;COUNT=3"},
		{name: "buffers meet", resource: "kiln", from: "2026-03-10T08:00", to: "2026-03-11T06:31", rule: "FREQ=DAILY;COUNT=3", overlapping: true},
		{name: "once", resource: "press", from: "2026-03-10T08:00", to: "2026-03-12T08:00", rule: "FREQ=DAILY;COUNT=1"},
	} {
		in := repeat(c.resource, c.from, c.to, c.rule)
		q, err := w.service.QuoteSeries(t.Context(), w.who("anna"), in)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if got := len(q.Refusals) > 0; got != c.overlapping {
			t.Errorf("%s: %v", c.name, q.Refusals)
		}
		s, err := w.service.RequestSeries(t.Context(), w.who("anna"), in)
		switch {
		case c.overlapping:
			w.refusedFor(err, booking.CodeSeriesOverlapsItself)
		case err != nil:
			t.Errorf("%s: %v", c.name, err)
		default:
			w.cancelEach(s)
		}
	}
}

// refusedFor fails unless the error is a refusal for the one code, in both languages.
func (w *world) refusedFor(err error, code problem.Code) {
	w.Helper()
	var r *booking.Refused
	if !errors.As(err, &r) || len(r.Refusals) != 1 || r.Refusals[0].Code != code ||
		r.Refusals[0].Message.SV == "" || r.Refusals[0].Message.EN == "" {
		w.Errorf("%v; want %s", err, code.Slug)
	}
}

func TestAtMostAYearOfDays(t *testing.T) {
	t.Parallel()
	w := setup(t)
	in := repeat("press", "2026-03-10T08:00", "2026-03-10T08:10", "FREQ=DAILY;COUNT=366")
	if s := w.series(in); len(s.Bookings()) != 366 {
		t.Errorf("booked %d", len(s.Bookings()))
	}
	for _, rule := range []string{"FREQ=DAILY;COUNT=367", "FREQ=DAILY", "FREQ=DAILY;UNTIL=20270311"} {
		in := repeat("press", "2026-03-10T09:00", "2026-03-10T09:10", rule)
		_, err := w.service.RequestSeries(t.Context(), w.who("anna"), in)
		w.refusedFor(err, booking.CodeTooManyOccurrences)
	}
	in = repeat("press", "2026-03-10T09:00", "2026-03-10T09:10", "FREQ=DAILY;UNTIL=20270310")
	if s := w.series(in); len(s.Bookings()) != 366 {
		t.Errorf("until: booked %d", len(s.Bookings()))
	}
}

func TestAnIdempotencyKeyMakesOneSeries(t *testing.T) {
	t.Parallel()
	w := setup(t)
	ctx := access.WithKey(t.Context(), "key", "POST", "/bookings", "body")
	in := repeat("press", "2026-03-10T08:00", "2026-03-10T10:00", "FREQ=DAILY;COUNT=3")
	var refs []id.Ref
	for range 2 {
		s, err := w.service.RequestSeries(ctx, w.who("anna"), in)
		if err != nil {
			t.Fatal(err)
		}
		refs = append(refs, s.Ref, s.Bookings()[2].Ref)
	}
	if refs[0] != refs[2] || refs[1] != refs[3] || w.count(`select count(*) from bookings`) != 3 {
		t.Errorf("made %v", refs)
	}
}

// TestClockChangesInASeries looks at the nights when the clocks change, at
// Stockholm (populate's site) and at one that has other days for it.
func TestClockChangesInASeries(t *testing.T) {
	t.Parallel()
	w := setup(t)
	for _, c := range []struct {
		name, from, to, rule string
		skipped              []string
		minutes              []int64
		twice                int // index; -1: none
	}{
		{"spring, skipped", "2026-03-28T02:30", "2026-03-28T03:30", "FREQ=DAILY;COUNT=3", []string{"2026-03-29"}, []int64{60, 60, 60}, -1},
		{"spring, over", "2026-03-28T01:00", "2026-03-28T04:00", "FREQ=DAILY;COUNT=3", nil, []int64{180, 120, 180}, -1},
		{"autumn, over", "2026-10-24T01:00", "2026-10-24T04:00", "FREQ=DAILY;COUNT=3", nil, []int64{180, 240, 180}, -1},
		{"autumn, twice", "2026-10-24T02:15", "2026-10-24T02:45", "FREQ=DAILY;COUNT=3", nil, []int64{30, 30, 30}, 1},
		{"next spring", "2027-03-27T02:00", "2027-03-27T03:00", "FREQ=DAILY;COUNT=2", []string{"2027-03-28"}, []int64{60, 60}, -1},
		{"next spring, its end", "2027-03-27T01:30", "2027-03-27T02:30", "FREQ=DAILY;COUNT=2", []string{"2027-03-28"}, []int64{60, 60}, -1},
	} {
		s := w.series(repeat("press", c.from, c.to, c.rule))
		var minutes []int64
		for _, b := range s.Bookings() {
			minutes = append(minutes, b.Period.Minutes())
		}
		if !slices.Equal(minutes, c.minutes) || !slices.Equal(days(s, true), c.skipped) {
			t.Errorf("%s: %v minutes, skipped %v", c.name, minutes, days(s, true))
		}
		for i, o := range s.Occurrences {
			if o.Twice != (i == c.twice) {
				t.Errorf("%s: occurrence %d is twice: %v", c.name, i, o.Twice)
			}
			if i == c.twice && o.Booking.Period.Start.Format("15:04") != "00:15" { // the first of two, in UTC
				t.Errorf("%s: the first of two is %s", c.name, o.Booking.Period.Start)
			}
			if o.Booking == nil && o.Reasons[0].Code != period.CodeNoSuchLocalTime.Slug {
				t.Errorf("%s: skipped for %+v", c.name, o.Reasons)
			}
		}
		w.cancelEach(s)
	}
}
