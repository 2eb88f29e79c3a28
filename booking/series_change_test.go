package booking_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"rigg/access"
	"rigg/booking"
	"rigg/facilities"
	"rigg/internal/database"
	"rigg/internal/id"
	"rigg/internal/period"
	"rigg/internal/problem"
)

// alter changes a series as Anna, from one of its bookings on.
func (w *world) alter(b *booking.Booking, scope booking.Scope, e booking.Edit) (*booking.SeriesChange, error) {
	w.Helper()
	return w.service.EditSeries(w.Context(), w.who("anna"), booking.Change{Ref: b.Ref, Reason: "Nya tider."}, scope, e)
}

func (w *world) alters(b *booking.Booking, scope booking.Scope, e booking.Edit) *booking.SeriesChange {
	w.Helper()
	changed, err := w.alter(b, scope, e)
	if err != nil {
		w.Fatal(err)
	}
	return changed
}

func (w *world) drop(b *booking.Booking, scope booking.Scope) *booking.SeriesChange {
	w.Helper()
	changed, err := w.service.CancelSeries(w.Context(), w.who("anna"), booking.Change{Ref: b.Ref, Version: b.Version}, scope)
	if err != nil {
		w.Fatal(err)
	}
	return changed
}

// found is the series as it is stored.
func (w *world) found(s *booking.Series) *booking.Series {
	w.Helper()
	out, err := w.service.FindSeries(w.Context(), w.who("anna"), s.Ref)
	if err != nil {
		w.Fatal(err)
	}
	return out
}

// wantTimes compares the local times and states of the series' bookings.
func (w *world) wantTimes(s *booking.Series, want ...string) {
	w.Helper()
	var got []string
	for _, b := range w.found(s).Bookings() {
		got = append(got, period.Wall(b.Period.Start, stockholm()).Format("02T15:04")+"-"+
			period.Wall(b.Period.End, stockholm()).Format("15:04")+" "+string(b.State))
	}
	if !slices.Equal(got, want) {
		w.Errorf("it is now\n%v; want\n%v", got, want)
	}
}

func codesOf(kept []booking.Kept) (out []string) {
	for _, k := range kept {
		out = append(out, k.Day.String()[8:]+" "+k.Reason.Code)
	}
	return out
}

const fourDays = "FREQ=DAILY;COUNT=4"

func TestCancelThisAndLaterOrAll(t *testing.T) {
	t.Parallel()
	w := setup(t)
	s := w.series(repeat("press", "2026-03-10T08:00", "2026-03-10T10:00", fourDays))
	w.news()
	changed := w.drop(s.Bookings()[2], booking.ScopeLater)
	if len(changed.Changed) != 2 || len(changed.Kept) != 0 {
		t.Errorf("changed %+v", changed)
	}
	w.wantTimes(s, "10T08:00-10:00 confirmed", "11T08:00-10:00 confirmed", "12T08:00-10:00 cancelled", "13T08:00-10:00 cancelled")
	w.wantPurses(2026, 2*2*625_00, 0)
	wantNews(t, w.news(), map[string]int{"booking_series_news": 1})
	if b := w.read(s.Bookings()[3]); b.Version != 2 || b.History[1].Action != booking.ActCancel || w.taken(b) != 0 {
		t.Errorf("the last is now %+v", b)
	}
	w.mustHold()

	w.at("2026-03-10T09:00") // the first has begun
	changed = w.drop(s.Bookings()[1], booking.ScopeAll)
	if got := codesOf(changed.Kept); !slices.Equal(got, []string{"10 occurrence-over", "12 occurrence-over", "13 occurrence-over"}) {
		t.Errorf("kept %v", got)
	}
	w.wantTimes(s, "10T08:00-10:00 confirmed", "11T08:00-10:00 cancelled", "12T08:00-10:00 cancelled", "13T08:00-10:00 cancelled")
	_, err := w.service.CancelSeries(t.Context(), w.who("anna"), booking.Change{Ref: s.Bookings()[0].Ref}, booking.ScopeAll)
	w.wantCode(err, booking.CodeWrongState)
}

func TestAShiftOfThisAndLater(t *testing.T) {
	t.Parallel()
	w := setup(t)
	s := w.series(repeat("press", "2026-03-10T08:00", "2026-03-10T10:00", fourDays))
	w.news()
	b := s.Bookings()[1]
	changed := w.alters(b, booking.ScopeLater, booking.Edit{Period: between("2026-03-11T09:00", "2026-03-11T12:00")})
	w.wantTimes(s, "10T08:00-10:00 confirmed", "11T09:00-12:00 confirmed", "12T09:00-12:00 confirmed", "13T09:00-12:00 confirmed")
	if len(changed.Changed) != 3 {
		t.Errorf("changed %v", changed.Changed)
	}
	w.wantPurses(2026, (2+3*3)*625_00, 0)
	wantNews(t, w.news(), map[string]int{"booking_series_news": 1, "booking_reminder": 6})
	stored := w.read(b)
	if e := stored.History[1]; stored.Version != 2 || e.Action != booking.ActMove || e.Details["start"] != "2026-03-11T07:00:00Z" || e.Reason != "Nya tider." {
		t.Errorf("stored %+v", stored)
	}
	for _, o := range w.found(s).Occurrences {
		if w.found(s).Moved(o) {
			t.Errorf("%s passes for moved by itself", o.Day)
		}
	}
	// All, from the first: each by the same shift. To two machines.
	w.alters(s.Bookings()[0], booking.ScopeAll, booking.Edit{Period: between("2026-03-10T07:30", "2026-03-10T09:30"), Resources: []id.Resource{"press", "tower"}})
	w.wantTimes(s, "10T07:30-09:30 confirmed", "11T08:30-11:30 confirmed", "12T08:30-11:30 confirmed", "13T08:30-11:30 confirmed")
	if b := w.read(s.Bookings()[3]); w.taken(b) != 2 || !slices.Equal(b.Resources, []id.Resource{"press", "tower"}) {
		t.Errorf("the last is %+v", b)
	}
}

func TestWhatWasMovedByItselfStays(t *testing.T) {
	t.Parallel()
	w := setup(t)
	s := w.series(repeat("press", "2026-03-10T08:00", "2026-03-10T10:00", fourDays))
	if _, err := w.edit(s.Bookings()[2], booking.Edit{Period: between("2026-03-12T13:00", "2026-03-12T15:00")}); err != nil {
		t.Fatal(err)
	}
	purpose := "Ny provkropp"
	changed := w.alters(s.Bookings()[0], booking.ScopeAll, booking.Edit{Period: between("2026-03-10T09:00", "2026-03-10T11:00"), Purpose: &purpose})
	w.wantTimes(s, "10T09:00-11:00 confirmed", "11T09:00-11:00 confirmed", "12T13:00-15:00 confirmed", "13T09:00-11:00 confirmed")
	if got := codesOf(changed.Kept); !slices.Equal(got, []string{"12 occurrence-moved"}) || w.read(s.Bookings()[2]).Purpose != purpose {
		t.Errorf("kept %v, changed %v", got, changed.Changed)
	}
	// It is in nobody's way where it lies.
	changed = w.alters(s.Bookings()[0], booking.ScopeAll, booking.Edit{Period: between("2026-03-10T12:30", "2026-03-10T14:30")})
	w.wantTimes(s, "10T12:30-14:30 confirmed", "11T12:30-14:30 confirmed", "12T13:00-15:00 confirmed", "13T12:30-14:30 confirmed")
	if len(changed.Kept) != 1 {
		t.Errorf("kept %v", codesOf(changed.Kept))
	}
	// One that lies where another will be goes back to the series.
	if _, err := w.edit(w.read(s.Bookings()[2]), booking.Edit{Period: between("2026-03-13T15:00", "2026-03-13T17:00")}); err != nil {
		t.Fatal(err)
	}
	changed = w.alters(s.Bookings()[0], booking.ScopeAll, booking.Edit{Period: between("2026-03-10T14:30", "2026-03-10T16:30")})
	w.wantTimes(s, "10T14:30-16:30 confirmed", "11T14:30-16:30 confirmed", "12T14:30-16:30 confirmed", "13T14:30-16:30 confirmed")
	if len(changed.Kept) != 0 || len(changed.Changed) != 4 {
		t.Errorf("kept %v", codesOf(changed.Kept))
	}
}

func TestARefusedChangeOfASeriesChangesNothing(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.rival("press", "2026-03-12T10:00", "2026-03-12T11:00")
	s := w.series(repeat("press", "2026-03-10T08:00", "2026-03-10T10:00", fourDays))
	first := s.Bookings()[0]
	long := string(make([]byte, 3000))
	for _, c := range []struct {
		name  string
		scope booking.Scope
		edit  booking.Edit
		code  problem.Code
	}{
		{"one is taken", booking.ScopeAll, booking.Edit{Period: between("2026-03-10T09:00", "2026-03-10T11:00")}, facilities.CodeSlotTaken},
		{"another day", booking.ScopeAll, booking.Edit{Period: between("2026-03-11T08:00", "2026-03-11T10:00")}, problem.CodeInvalid},
		{"over itself", booking.ScopeAll, booking.Edit{Period: between("2026-03-10T08:00", "2026-03-11T08:01")}, booking.CodeSeriesOverlapsItself},
		{"backwards", booking.ScopeAll, booking.Edit{Period: between("2026-03-10T08:00", "2026-03-10T07:00")}, problem.CodeInvalid},
		{"unpriced", booking.ScopeAll, booking.Edit{Resources: []id.Resource{"unpriced"}}, booking.CodeRefused},
		{"elsewhere", booking.ScopeAll, booking.Edit{Resources: []id.Resource{"station-1"}}, problem.CodeInvalid},
		{"no such", booking.ScopeLater, booking.Edit{Resources: []id.Resource{"no-such"}}, problem.CodeInvalid},
		{"no such scope", "some", booking.Edit{}, problem.CodeInvalid},
		{"a long purpose", booking.ScopeAll, booking.Edit{Purpose: &long}, problem.CodeInvalid},
	} {
		_, err := w.alter(first, c.scope, c.edit)
		if r := (*booking.Refused)(nil); errors.As(err, &r) && c.code == booking.CodeSeriesOverlapsItself {
			w.refusedFor(err, c.code)
		} else if !problem.Has(err, c.code) {
			t.Errorf("%s: %v", c.name, err)
		}
		w.wantTimes(s, "10T08:00-10:00 confirmed", "11T08:00-10:00 confirmed", "12T08:00-10:00 confirmed", "13T08:00-10:00 confirmed")
		w.wantPurses(2026, 4*2*625_00, 0)
		w.mustHold()
	}
	// To the very edge of what is taken, it goes.
	w.alters(first, booking.ScopeAll, booking.Edit{Period: between("2026-03-10T07:00", "2026-03-10T10:00")})
}

func TestWhoMayChangeASeries(t *testing.T) {
	t.Parallel()
	w := setup(t)
	s := w.series(repeat("press", "2026-03-10T08:00", "2026-03-10T10:00", fourDays))
	b := s.Bookings()[1]
	single := w.book("tower", "2026-03-10T08:00", "2026-03-10T10:00")
	for _, c := range []struct {
		who     string
		ref     id.Ref
		version int
		code    problem.Code
	}{
		{"rolf", b.Ref, 1, problem.CodeNotFound}, {"rut", b.Ref, 1, access.CodeForbidden},
		{"anna", b.Ref, 2, booking.CodeStale}, {"anna", single.Ref, 1, problem.CodeInvalid}, {"rolf", single.Ref, 1, problem.CodeNotFound},
		{"anna", "nosuchbooking", 1, problem.CodeNotFound},
	} {
		change := booking.Change{Ref: c.ref, Version: c.version}
		_, err := w.service.CancelSeries(t.Context(), w.who(c.who), change, booking.ScopeAll)
		w.wantCode(err, c.code)
		_, err = w.service.EditSeries(t.Context(), w.who(c.who), change, booking.ScopeLater, booking.Edit{Period: between("2026-03-11T09:00", "2026-03-11T10:00")})
		w.wantCode(err, c.code)
	}
	last := s.Bookings()[3]
	for who, b := range map[string]*booking.Booking{"liv": last, "mia": b} { // the project's lead, the hall's manager
		change := booking.Change{Ref: b.Ref}
		if _, err := w.service.EditSeries(t.Context(), w.who(who), change, booking.ScopeLater, booking.Edit{Period: period.New(b.Period.Start, b.Period.End.Add(time.Hour))}); err != nil {
			t.Errorf("%s: %v", who, err)
		}
	}
}

func TestSkippedOnesAreAddedWhenFree(t *testing.T) {
	t.Parallel()
	w := setup(t)
	one := w.rival("press", "2026-03-11T08:00", "2026-03-11T09:00")
	other := w.rival("press", "2026-03-12T08:00", "2026-03-12T09:00")
	in := repeat("press", "2026-03-10T08:00", "2026-03-10T10:00", fourDays)
	in.Accept = booking.AcceptFree
	s := w.series(in)
	add := func(who string, day *period.Date) (*booking.SeriesChange, error) {
		return w.service.AddSkipped(t.Context(), w.who(who), s.Ref, day)
	}
	eleventh := period.Date{Year: 2026, Month: 3, Day: 11}
	_, err := add("anna", &eleventh)
	w.wantCode(err, facilities.CodeSlotTaken)
	_, err = add("anna", nil)
	w.wantCode(err, facilities.CodeSlotTaken)
	_, err = add("rolf", nil)
	w.wantCode(err, problem.CodeNotFound)
	tenth := period.Date{Year: 2026, Month: 3, Day: 10}
	_, err = add("anna", &tenth) // booked
	w.wantCode(err, problem.CodeNotFound)
	w.must(w.service.Cancel, "rolf", one)
	changed, err := add("liv", nil)
	if err != nil || len(changed.Changed) != 1 || !slices.Equal(codesOf(changed.Kept), []string{"12 slot-taken"}) {
		t.Fatalf("%+v, %v", changed, err)
	}
	if b := changed.Series.Bookings()[1]; b.Series != s.Ref || b.Person != w.who("anna").ID || b.CreatedBy != w.who("liv").ID || b.Purpose != in.Purpose {
		t.Errorf("added %+v", b)
	}
	w.must(w.service.Cancel, "rolf", other)
	twelfth := period.Date{Year: 2026, Month: 3, Day: 12}
	if _, err := add("anna", &twelfth); err != nil {
		t.Fatal(err)
	}
	w.wantTimes(s, "10T08:00-10:00 confirmed", "11T08:00-10:00 confirmed", "12T08:00-10:00 confirmed", "13T08:00-10:00 confirmed")
	w.wantPurses(2026, 4*2*625_00, 0)
}

func TestAShiftOverTheNightOfTheClocks(t *testing.T) {
	t.Parallel()
	w := setup(t)
	s := w.series(repeat("press", "2026-03-28T02:30", "2026-03-28T03:30", "FREQ=DAILY;COUNT=2"))
	skipped := period.Date{Year: 2026, Month: 3, Day: 29}
	_, err := w.service.AddSkipped(t.Context(), w.who("anna"), s.Ref, &skipped)
	w.wantCode(err, booking.CodeRefused)
	// An hour later there is such a time on every day.
	w.alters(s.Bookings()[0], booking.ScopeAll, booking.Edit{Period: between("2026-03-28T03:30", "2026-03-28T04:30")})
	if got := w.found(s).Skipped(); len(got) != 1 || got[0].Reasons[0].Code != "occurrence-addable" {
		t.Errorf("skipped %+v", got)
	}
	if _, err := w.service.AddSkipped(t.Context(), w.who("anna"), s.Ref, &skipped); err != nil {
		t.Fatal(err)
	}
	w.wantTimes(s, "28T03:30-04:30 confirmed", "29T03:30-04:30 confirmed", "30T03:30-04:30 confirmed")
	// And back: that of the 29th has nowhere to go, and stays.
	changed := w.alters(s.Bookings()[0], booking.ScopeAll, booking.Edit{Period: between("2026-03-28T02:15", "2026-03-28T03:15")})
	w.wantTimes(s, "28T02:15-03:15 confirmed", "29T03:30-04:30 confirmed", "30T02:15-03:15 confirmed")
	if got := codesOf(changed.Kept); !slices.Equal(got, []string{"29 no-such-local-time"}) {
		t.Errorf("kept %v", got)
	}
}

func stockholm() *time.Location {
	zone, err := time.LoadLocation("Europe/Stockholm")
	if err != nil {
		panic(err)
	}
	return zone
}

func TestABookingOfAnotherPersonIsLeft(t *testing.T) {
	t.Parallel()
	w := setup(t)
	s := w.series(repeat("press", "2026-03-10T08:00", "2026-03-10T10:00", fourDays))
	w.exec(`update bookings set person_id = (select id from people where email = 'liv@bolag.example') where ref = $1`, string(s.Bookings()[2].Ref))
	changed := w.alters(s.Bookings()[0], booking.ScopeAll, booking.Edit{Period: between("2026-03-10T09:00", "2026-03-10T11:00")})
	w.wantTimes(s, "10T09:00-11:00 confirmed", "11T09:00-11:00 confirmed", "12T08:00-10:00 confirmed", "13T09:00-11:00 confirmed")
	if got := codesOf(changed.Kept); !slices.Equal(got, []string{"12 occurrence-of-another"}) {
		t.Errorf("kept %v", got)
	}
	if got := codesOf(w.drop(w.read(s.Bookings()[0]), booking.ScopeAll).Kept); !slices.Equal(got, []string{"12 occurrence-of-another"}) {
		t.Errorf("kept %v", got)
	}
	for _, k := range changed.Kept {
		if k.Reason.Message.SV == "" || k.Reason.Message.EN == "" {
			t.Errorf("it says %+v", k.Reason)
		}
	}
}

// TestTheTablesOfSeriesHold breaks each promise of the tables in plain SQL.
func TestTheTablesOfSeriesHold(t *testing.T) {
	t.Parallel()
	w := setup(t)
	in := repeat("press", "2026-03-10T08:00", "2026-03-10T10:00", fourDays)
	one, two := w.series(in), w.series(repeat("tower", "2026-03-10T08:00", "2026-03-10T10:00", fourDays))
	const insert = `insert into series_occurrences (series_id, day, starts, ends, resources, booking_id, reasons) values `
	for constraint, broken := range map[string]string{
		"series_occurrences_pkey":           insert + `($1, '2026-03-10', '2026-03-10 09:00', '2026-03-10 10:00', '{press}', null, '[1]')`,
		"series_occurrences_booking_id_key": `update series_occurrences set booking_id = (select min(booking_id) from series_occurrences where series_id <> $1) where series_id = $1 and day = '2026-03-11'`,
		"series_occurrences_skipped":        insert + `($1, '2026-03-20', '2026-03-20 09:00', '2026-03-20 10:00', '{press}', null, '[]')`,
		"series_occurrences_period":         insert + `($1, '2026-03-20', '2026-03-20 10:00', '2026-03-20 10:00', '{press}', null, '[1]')`,
	} {
		_, err := w.db.Pool().Exec(t.Context(), broken, int64(one.ID))
		if database.Constraint(err) != constraint {
			t.Errorf("%s: %v", constraint, err)
		}
	}
	if len(two.Bookings()) != 4 {
		t.Errorf("the other has %d", len(two.Bookings()))
	}
}
