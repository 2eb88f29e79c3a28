package booking_test

import (
	"slices"
	"strings"
	"testing"

	"rigg/booking"
	"rigg/facilities"
	"rigg/internal/id"
	"rigg/internal/problem"
)

// trySeries requests as somebody, and wants these many to fit in the preview too.
func (w *world) trySeries(by string, in booking.SeriesRequest, fit int) *booking.Series {
	w.Helper()
	in.Accept = booking.AcceptFree
	q, err := w.service.QuoteSeries(w.Context(), w.who(by), in)
	if err != nil || q.Fit != fit {
		w.Errorf("quoted %+v, %v; want %d to fit", q, err, fit)
	}
	s, err := w.service.RequestSeries(w.Context(), w.who(by), in)
	if err != nil {
		w.Fatal(err)
	}
	if len(s.Bookings()) != fit {
		w.Errorf("booked %v; want %d", days(s, false), fit)
	}
	return s
}

func TestASeriesUsesUpItsQuota(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.rules(quota(facilities.Quota{Per: facilities.PerPerson, Count: 2, In: facilities.InWeek}), "press")
	w.book("press", "2026-03-09T08:00", "2026-03-09T10:00") // one of its first week
	s := w.trySeries("anna", repeat("press", "2026-03-10T08:00", "2026-03-10T10:00", "FREQ=DAILY;COUNT=9"), 3)
	if got := days(s, false); !slices.Equal(got, []string{"2026-03-10", "2026-03-16", "2026-03-17"}) {
		t.Errorf("booked %v", got)
	}
	for _, o := range s.Skipped() {
		if len(o.Reasons) != 1 || o.Reasons[0].Code != "quota-count" || o.Reasons[0].Details["used"] != nil ||
			strings.Contains(o.Reasons[0].Message.EN, "Already") {
			t.Errorf("kept %+v", o.Reasons)
		}
	}
	// Its own old times do not count against a move of all of it.
	w.alters(s.Bookings()[0], booking.ScopeAll, booking.Edit{Period: between("2026-03-10T12:00", "2026-03-10T13:00")})
	w.wantTimes(s, "10T12:00-13:00 confirmed", "16T12:00-13:00 confirmed", "17T12:00-13:00 confirmed")
	w.try("anna", want("press", "2026-03-18T08:00", "2026-03-18T10:00"), "quota-count")
}

func TestTheGapWithinASeries(t *testing.T) {
	t.Parallel()
	w := setup(t)
	gap := facilities.Stated{Gap: minutes(36 * 60)}
	w.rules(gap, "press")
	s := w.trySeries("anna", repeat("press", "2026-03-10T08:00", "2026-03-10T10:00", "FREQ=DAILY;COUNT=5"), 3)
	if o := s.Skipped()[0]; o.Reasons[0].Code != "gap-too-short" || o.Reasons[0].Details["other_start"] != nil {
		t.Errorf("kept %+v", o.Reasons)
	}
}

func TestAManagersExceptionForASeries(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.grant("mia", "project_member", "alloy")
	w.rules(facilities.Stated{Max: minutes(60)}, "press")
	in := repeat("press", "2026-03-10T08:00", "2026-03-10T10:00", "FREQ=DAILY;COUNT=3")
	in.Override = "Lång provning."
	_, err := w.service.RequestSeries(t.Context(), w.who("anna"), in)
	w.wantCode(err, problem.Code{Slug: "forbidden"})
	s := w.trySeries("mia", in, 3)
	for _, b := range s.Bookings() {
		if e := w.read(b).Exceptions(); len(e) != 1 || e[0].Reason != in.Override || !slices.Equal(e[0].Rules, []string{"max"}) {
			t.Errorf("excepted %+v", e)
		}
	}
	change := booking.Change{Ref: s.Bookings()[0].Ref}
	e := booking.Edit{Period: between("2026-03-10T09:00", "2026-03-10T12:00")}
	_, err = w.service.EditSeries(t.Context(), w.who("mia"), change, booking.ScopeAll, e)
	w.wantCode(err, booking.CodeRefused)
	e.Override = "Ännu längre."
	if _, err = w.service.EditSeries(t.Context(), w.who("mia"), change, booking.ScopeAll, e); err != nil {
		t.Fatal(err)
	}
	if got := w.read(s.Bookings()[2]).Exceptions(); len(got) != 2 || got[1].Reason != e.Override {
		t.Errorf("excepted %+v", got)
	}
}

func TestHowLateASeriesMayChange(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.rules(facilities.Stated{LatestChange: minutes(24 * 60)}, "press")
	s := w.series(repeat("press", "2026-03-10T08:00", "2026-03-10T10:00", "FREQ=DAILY;COUNT=3"))
	w.at("2026-03-10T07:00")
	later := booking.Edit{Period: between("2026-03-10T09:00", "2026-03-10T11:00")}
	_, err := w.alter(s.Bookings()[0], booking.ScopeAll, later)
	if got := w.reasons(err); got != "too-late-to-change" {
		t.Error("moved the first:", got)
	}
	later.Period = between("2026-03-11T09:00", "2026-03-11T11:00")
	changed := w.alters(s.Bookings()[1], booking.ScopeAll, later)
	if got := codesOf(changed.Kept); !slices.Equal(got, []string{"10 too-late-to-change"}) {
		t.Errorf("kept %v", got)
	}
	w.wantTimes(s, "10T08:00-10:00 confirmed", "11T09:00-11:00 confirmed", "12T09:00-11:00 confirmed")
	w.at("2026-03-12T08:30")
	_, err = w.service.CancelSeries(t.Context(), w.who("anna"), booking.Change{Ref: s.Bookings()[2].Ref}, booking.ScopeLater)
	w.wantCode(err, facilities.CodeTooLateToChange)
}

func TestASeriesWithABuddy(t *testing.T) {
	t.Parallel()
	w := setup(t)
	day := weekdays("07:00-18:00")
	w.rules(facilities.Stated{Buddy: &day}, "press")
	in := repeat("press", "2026-03-10T17:00", "2026-03-10T19:00", "FREQ=DAILY;COUNT=3")
	_, err := w.service.RequestSeries(t.Context(), w.who("anna"), in)
	w.wantCode(err, booking.CodeRefused)
	in.Attendees = []booking.Attendee{{Name: "Bo", Email: "bo@bolag.example"}}
	s := w.series(in)
	if _, err = w.alter(s.Bookings()[0], booking.ScopeAll, booking.Edit{Attendees: &[]booking.Attendee{}}); err == nil {
		t.Error("Bo left")
	}
	with := []booking.Attendee{{Name: "Eva", Email: "eva@bolag.example"}}
	w.alters(s.Bookings()[0], booking.ScopeAll, booking.Edit{Attendees: &with})
	both := append(slices.Clone(with), booking.Attendee{Name: "Bo"})
	w.alters(s.Bookings()[1], booking.ScopeLater, booking.Edit{Attendees: &both, Period: between("2026-03-11T17:00", "2026-03-11T20:00")})
	for i, want := range [][]booking.Attendee{with, both, both} {
		if got := w.read(s.Bookings()[i]).Attendees; !slices.Equal(got, want) {
			t.Errorf("%d has %v", i, got)
		}
	}
	if got := w.found(s).Attendees; !slices.Equal(got, with) {
		t.Errorf("the series has %v", got)
	}
}

func TestASeriesHasOthersMakeRoom(t *testing.T) {
	t.Parallel()
	w := setupPools(t)
	all := w.staggered()
	w.loosen(all...)
	s := w.trySeries("anna", repeat("robots", "2026-03-09T09:00", "2026-03-09T13:00", "FREQ=DAILY;COUNT=3"), 3)
	moved := 0
	for _, old := range all {
		if !slices.Equal(w.read(old).Units, old.Units) {
			moved++
		}
	}
	if moved != 1 {
		t.Errorf("%d bookings have other units; one is enough", moved)
	}
	for _, b := range s.Bookings() {
		if got := w.read(b); len(got.Provisional) != 1 || w.taken(b) != 1 {
			t.Errorf("booked %+v", got)
		}
	}
	w.mustHold()
	if _, err := w.pin(s.Bookings()[0], "r3"); err != nil {
		t.Fatal(err)
	}
	w.alters(s.Bookings()[1], booking.ScopeAll, booking.Edit{Period: between("2026-03-10T09:00", "2026-03-10T14:00")})
	if got := w.read(s.Bookings()[0]); w.names(got)[0] != "r3" || len(got.Provisional) != 0 {
		t.Errorf("what was settled became %v", w.names(got))
	}
}

func TestACompanionComesAlongWithASeries(t *testing.T) {
	t.Parallel()
	w := setupPools(t)
	s := w.series(repeat("furnace", "2026-03-10T08:00", "2026-03-10T10:00", "FREQ=DAILY;COUNT=3"))
	w.alters(s.Bookings()[1], booking.ScopeLater, booking.Edit{
		Resources: []id.Resource{"furnace"}, Period: between("2026-03-11T09:00", "2026-03-11T11:00"),
	})
	for i, o := range w.found(s).Occurrences {
		b := w.read(o.Booking)
		if !slices.Equal(b.Chosen(), []id.Resource{"furnace"}) || !slices.Equal(b.Along, []id.Resource{"crew"}) || w.taken(b) != 2 ||
			w.found(s).Moved(o) || len(b.History) != 1+min(i, 1) {
			t.Errorf("%d is %+v", i, b)
		}
	}
}

func TestDisplacedOccurrences(t *testing.T) {
	t.Parallel()
	w := setup(t)
	s := w.series(repeat("press", "2026-03-10T08:00", "2026-03-10T10:00", "FREQ=DAILY;COUNT=4"))
	w.save(w.outage("machines", "press", "2026-03-11T07:00", "2026-03-11T12:00"))
	w.work()
	lost := s.Bookings()[1]
	if _, ok := w.held(lost); !ok {
		t.Fatal("nothing is held")
	}
	changed := w.alters(s.Bookings()[0], booking.ScopeAll, booking.Edit{Period: between("2026-03-10T13:00", "2026-03-10T15:00")})
	if len(changed.Changed) != 4 || len(changed.Kept) != 0 {
		t.Errorf("changed %+v", changed)
	}
	if _, ok := w.held(lost); ok || w.taken(lost) != 1 {
		t.Error("the alternative is still held")
	}
	w.wantTimes(s, "10T13:00-15:00 confirmed", "11T13:00-15:00 confirmed", "12T13:00-15:00 confirmed", "13T13:00-15:00 confirmed")
	w.wantPurses(2026, 4*2*625_00, 0)
	w.mustHold()

	w.save(w.outage("machines", "press", "2026-03-12T07:00", "2026-03-12T16:00"))
	w.work()
	w.drop(w.read(s.Bookings()[1]), booking.ScopeLater)
	if _, ok := w.held(s.Bookings()[2]); ok {
		t.Error("something is held for what was cancelled")
	}
	w.wantTimes(s, "10T13:00-15:00 confirmed", "11T13:00-15:00 cancelled", "12T13:00-15:00 cancelled", "13T13:00-15:00 cancelled")
	w.wantPurses(2026, 2*625_00, 0)
}

func TestAnEndedSeriesIsOfferedToThoseWhoWait(t *testing.T) {
	t.Parallel()
	w := setup(t)
	s := w.series(repeat("press", "2026-03-10T08:00", "2026-03-10T10:00", "FREQ=DAILY;COUNT=4"))
	in := wish("press", "2026-03-12T08:00", "2026-03-12T10:00")
	first := w.join("rolf", in)
	in = wish("press", "2026-03-10T08:00", "2026-03-10T10:00")
	second := w.join("rolf", in)
	w.alters(s.Bookings()[2], booking.ScopeLater, booking.Edit{Period: between("2026-03-12T12:00", "2026-03-12T14:00")})
	w.work()
	w.wantWait("rolf", first, booking.WaitOffered)
	w.drop(w.read(s.Bookings()[0]), booking.ScopeAll)
	w.work()
	w.wantWait("rolf", second, booking.WaitOffered)
}
