package booking_test

import (
	"slices"
	"strings"
	"testing"

	"rigg/access"
	"rigg/booking"
	"rigg/facilities"
	"rigg/internal/database"
	"rigg/internal/id"
	"rigg/internal/period"
)

func TestNobodyWorksAlone(t *testing.T) {
	t.Parallel()
	w := setup(t)
	day := weekdays("07:00-18:00")
	w.rules(facilities.Stated{Buddy: &day}, "press")
	w.try("anna", want("press", "2026-03-10T07:00", "2026-03-10T18:00"), "")
	night := want("press", "2026-03-11T17:00", "2026-03-11T18:01")
	for _, c := range []struct {
		name   string
		buddy  booking.Attendee
		reason string
	}{
		{"without an address", booking.Attendee{Name: "Bo"}, "buddy-missing"},
		{"themselves", booking.Attendee{Name: "Anna", Email: "Anna@bolag.example"}, "buddy-missing"},
		{"with name and address", booking.Attendee{Name: "Bo", Email: "bo@bolag.example"}, ""},
	} {
		night.Attendees = []booking.Attendee{c.buddy}
		w.try("anna", night, c.reason)
	}
	b := w.try("anna", want("press", "2026-03-12T07:00", "2026-03-12T18:00"), "")
	late := booking.Edit{Period: between("2026-03-12T08:00", "2026-03-12T19:00")}
	if _, got := w.change("anna", b, late); got != "buddy-missing" {
		t.Error("moved alone into the evening:", got)
	}
	late.Attendees = &[]booking.Attendee{{Name: "Bo", Email: "bo@bolag.example"}}
	moved, got := w.change("anna", b, late)
	if got != "" || len(w.read(b).Attendees) != 1 || len(moved.Attendees) != 1 {
		t.Errorf("moved with Bo: %s, %+v", got, w.read(b).Attendees)
	}
	if _, got := w.change("anna", b, booking.Edit{Attendees: &[]booking.Attendee{}}); got != "buddy-missing" {
		t.Error("Bo left:", got)
	}
	with := []booking.Attendee{{Name: "Bo", Email: "bo@bolag.example"}, {Name: "Eva"}}
	if _, got := w.change("anna", b, booking.Edit{Attendees: &with}); got != "" || !slices.Equal(w.read(b).Attendees, with) {
		t.Errorf("Eva came along: %s, %+v", got, w.read(b).Attendees)
	}
	if after := w.read(b); after.Version != 3 || after.History[2].Action != booking.ActEdit {
		t.Errorf("version %d, %+v", after.Version, after.History)
	}
}

func TestOldBookingsMustBeCheckedOut(t *testing.T) {
	t.Parallel()
	w := setup(t)
	yes := true
	w.rules(facilities.Stated{CheckIn: &yes, UseLogged: &yes}, "press", "bed")
	b := w.book("press", "2026-03-10T08:00", "2026-03-10T10:00")
	w.at("2026-03-10T08:00")
	b = w.must(w.service.CheckIn, "anna", b)
	next := want("press", "2026-03-12T08:00", "2026-03-12T10:00")
	w.at("2026-03-10T09:59")
	w.must(w.service.Cancel, "anna", w.try("anna", next, "")) // it is not over yet
	w.at("2026-03-10T10:00")
	w.try("anna", next, "use-not-logged")
	w.sweep()
	w.at("2026-03-11T10:00")
	w.try("anna", next, "use-not-logged")
	w.try("anna", want("bed", "2026-03-12T08:00", "2026-03-12T10:00"), "") // another machine
	done := w.must(w.service.CheckOut, "anna", w.read(b))
	if done.State != booking.Completed || done.CheckedOut != local("2026-03-11T10:00") || done.Cost.Total != 2_500_00 {
		t.Errorf("checked out late: %+v at %d", done, done.Cost.Total)
	}
	w.wantPurses(2026, 4_000_00, 1_250_00) // the bed's are reserved
	w.refuse(booking.CodeWrongState, w.service.CheckOut, "anna", done)
	w.try("anna", next, "")
	w.try("liv", want("press", "2026-03-13T08:00", "2026-03-13T10:00"), "")
}

func TestHowLateOneMayChange(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.rules(facilities.Stated{LatestChange: minutes(24 * 60)}, "press", "station-1")
	book := func() *booking.Booking {
		w.at("2026-03-02T09:00")
		return w.book("press", "2026-03-10T08:00", "2026-03-10T10:00")
	}
	later := booking.Edit{Period: between("2026-03-11T08:00", "2026-03-11T10:00")}
	b := book()
	w.at("2026-03-09T08:00")
	if _, got := w.change("anna", b, later); got != "" {
		t.Error("just in time:", got)
	}
	w.at("2026-03-10T08:01") // too late for the time that it now has
	if _, got := w.change("anna", b, booking.Edit{Period: between("2026-03-20T08:00", "2026-03-20T10:00")}); got != "too-late-to-change" {
		t.Error("a minute late:", got)
	}
	for _, by := range []string{"anna", "liv"} {
		err := w.refuse(facilities.CodeTooLateToChange, w.service.Cancel, by, w.read(b))
		if err == nil {
			t.Fatal("cancelled")
		}
	}
	if _, got := w.change("anna", b, booking.Edit{Purpose: new("Annat")}); got != "" {
		t.Error("the purpose is no matter of time:", got)
	}
	if _, got := w.change("mia", b, booking.Edit{Period: between("2026-03-20T08:00", "2026-03-20T10:00")}); got != "" {
		t.Error("a manager may:", got)
	}
	w.at("2026-03-20T07:00")
	w.must(w.service.Cancel, "mia", w.read(b))
	w.must(w.service.Cancel, "anna", book())
	b = w.book("station-1", "2026-03-10T08:00", "2026-03-10T10:00")
	w.at("2026-03-10T07:00")
	w.must(w.service.Cancel, "anna", b) // a request, which nobody has counted on
}

func TestAManagersExceptions(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.rules(facilities.Stated{Min: minutes(60), Max: minutes(480), Step: minutes(30), Notice: minutes(60), Quotas: &[]facilities.Quota{
		{Per: facilities.PerPerson, Count: 1, In: facilities.InDay},
	}}, "lathe", "aging")
	w.grant("mia", access.ProjectMember, "alloy")
	w.book("lathe", "2026-03-10T08:00", "2026-03-10T10:00")
	in := want("lathe", "2026-03-10T18:45", "2026-03-10T20:00")
	in.OnBehalfOf = "anna@bolag.example"
	w.try("mia", in, "not-on-grid closed quota-count")
	in.Override = "Provet får inte avbrytas."
	own := in
	own.OnBehalfOf = ""
	for _, by := range []string{"anna", "liv"} {
		_, err := w.service.Request(t.Context(), w.who(by), own)
		w.wantCode(err, access.CodeForbidden)
		_, err = w.service.Quote(t.Context(), w.who(by), own)
		w.wantCode(err, access.CodeForbidden)
	}
	b := w.try("mia", in, "")
	for _, seen := range []*booking.Booking{b, w.read(b)} {
		got := seen.Exceptions()
		if len(got) != 1 || got[0].Reason != in.Override || got[0].By != w.who("mia").ID || got[0].At != w.clock() ||
			!slices.Equal(got[0].Rules, []string{"step", "closed", "quotas"}) {
			t.Errorf("the exceptions are %+v", got)
		}
	}
	// A move is a new exception, or none.
	later := booking.Edit{Period: between("2026-03-10T18:45", "2026-03-10T21:00")}
	if _, got := w.change("anna", b, later); got != "not-on-grid closed quota-count" {
		t.Error("moved on the old exception:", got)
	}
	later.Override = "Det behövdes en timme till."
	if _, got := w.change("anna", b, later); got == "" {
		t.Error("the booker made an exception")
	}
	if _, got := w.change("mia", b, later); got != "" {
		t.Error(got)
	}
	if got := w.read(b).Exceptions(); len(got) != 2 || got[1].Reason != later.Override || w.read(b).History[1].Details["start"] == nil {
		t.Errorf("the exceptions are %+v", got)
	}
	// Nothing to set aside: nothing is kept.
	plain := want("aging", "2026-03-12T08:00", "2026-03-12T10:00")
	plain.Override = in.Override
	if got := w.try("mia", plain, "").Exceptions(); got != nil {
		t.Errorf("the exceptions are %+v", got)
	}
}

func TestWhatNoManagerSetsAside(t *testing.T) {
	t.Parallel()
	w := setup(t)
	day := weekdays("07:00-18:00")
	w.rules(facilities.Stated{Buddy: &day, Max: minutes(60)}, "laser", "tower")
	w.grant("mia", access.ProjectMember, "alloy")
	w.grant("mia", access.ProjectMember, "tight")
	taken := want("laser", "2026-03-10T19:00", "2026-03-10T21:00")
	taken.Override = "Brådskande."
	w.try("mia", taken, "not-qualified buddy-missing")
	w.book("press", "2026-03-10T08:00", "2026-03-10T10:00")
	taken = want("press", "2026-03-10T09:00", "2026-03-10T10:00")
	taken.Override = "Brådskande."
	w.try("mia", taken, "slot-taken")
	dear := want("tower", "2026-03-10T08:00", "2026-03-10T13:00")
	dear.Project, dear.Override = "tight", "Brådskande."
	w.try("mia", dear, "grant-exceeded budget-exceeded")
	past := want("press", "2026-03-01T08:00", "2026-03-01T10:00")
	past.Override = "Brådskande."
	w.try("mia", past, "in-the-past")
	strangers := want("press", "2026-03-11T08:00", "2026-03-11T10:00")
	strangers.Project, strangers.Override = "rust", "Brådskande."
	w.try("mia", strangers, "not-a-member")
}

func TestWhoMayBook(t *testing.T) {
	t.Parallel()
	w := setup(t)
	all := weekdays("00:00-24:00")
	rules := facilities.Stated{Horizon: &period.Span{Days: 7}, Audiences: &[]facilities.Audience{
		{Who: []facilities.Who{facilities.Members, facilities.Host}, Horizon: period.Span{Days: 30}, Hours: all},
		{Who: []facilities.Who{facilities.Companies}},
	}}
	w.rules(rules, "lathe")
	w.grant("anna", access.FacilityMember, "machines") // of another facility
	next, night := want("lathe", "2026-03-09T07:00", "2026-03-09T08:00"), want("lathe", "2026-04-01T08:00", "2026-04-01T23:00")
	w.try("anna", next, "not-admitted") // in no organisation, whatever company leads the project
	w.try("anna", night, "too-far-ahead closed not-admitted")
	w.belongs("anna", "anvil")
	w.belongs("liv", "rise")
	w.try("anna", next, "")
	w.try("anna", night, "too-far-ahead closed")
	w.try("liv", night, "") // of the host
	night.Period = between("2026-03-31T20:00", "2026-03-31T23:00")
	w.grant("anna", access.FacilityMember, "shop")
	w.try("anna", night, "")
	guest := want("lathe", "2026-03-05T07:00", "2026-03-05T08:00")
	guest.OnBehalfOf, guest.Override = "olle@bolag.example", "Studiebesök."
	w.grant("olle", access.ProjectMember, "alloy")
	w.try("mia", guest, "")
}

func TestNothingShownIsRefusedForTime(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.rules(facilities.Stated{Step: minutes(60), Horizon: &period.Span{Days: 7}, Audiences: &[]facilities.Audience{
		{Who: []facilities.Who{facilities.Host}, Horizon: period.Span{Days: 2}, Hours: weekdays("18:00-22:00")},
		{Who: []facilities.Who{facilities.Companies}},
	}}, "lathe")
	w.belongs("anna", "anvil")
	w.belongs("liv", "rise")
	window := between("2026-03-02T00:00", "2026-04-02T00:00")
	for name, want := range map[string]period.Period{
		"anna": between("2026-03-02T09:00", "2026-03-02T11:00"), "liv": between("2026-03-02T18:00", "2026-03-02T20:00"),
	} {
		free, fits, err := w.service.Availability(t.Context(), w.who(name), []id.Resource{"lathe"}, window, 120)
		if err != nil || len(fits) == 0 || fits[0] != want || free[0].Start != want.Start {
			t.Fatalf("%s is shown %v and %v, %v", name, free, fits, err)
		}
		hits, err := w.service.Search(t.Context(), w.who(name), booking.Search{Words: "lathe", Window: window, Minutes: 120})
		if err != nil || len(hits) != 1 || hits[0].Fits[0] != want {
			t.Errorf("%s finds %+v, %v", name, hits, err)
		}
		for _, p := range fits {
			quote, err := w.service.Quote(t.Context(), w.who(name), booking.Request{Resources: []id.Resource{"lathe"}, Project: "alloy", Period: p})
			if err != nil || len(quote.Refusals) > 0 {
				t.Errorf("%s is refused %v: %v %v", name, p, quote.Refusals, err)
			}
		}
	}
	quote, err := w.service.Quote(t.Context(), w.who("liv"), want("lathe", "2026-03-02T12:00", "2026-03-02T14:00"))
	if err != nil || len(quote.Refusals) != 1 || quote.Alternatives[0].Period != between("2026-03-02T18:00", "2026-03-02T20:00") {
		t.Errorf("%+v, %v", quote, err)
	}
}

func TestHowEarlyOneMayCheckIn(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.rules(facilities.Stated{Early: minutes(60)}, "press")
	w.rules(facilities.Stated{Early: minutes(0), SetUp: minutes(5)}, "bed")
	for _, c := range []struct {
		resource     id.Resource
		early, opens string
	}{
		{"press", "2026-03-10T06:59", "2026-03-10T07:00"}, {"bed", "2026-03-10T07:54", "2026-03-10T07:55"},
		{"robot", "2026-03-10T07:44", "2026-03-10T07:45"}, {"kiln", "2026-03-10T07:29", "2026-03-10T07:30"},
	} {
		w.at("2026-03-02T09:00")
		b := w.book(c.resource, "2026-03-10T08:00", "2026-03-10T10:00")
		w.at(c.early)
		w.refuse(booking.CodeWrongState, w.service.CheckIn, "anna", b)
		w.at(c.opens)
		w.must(w.service.CheckIn, "anna", b)
	}
	w.at("2026-03-02T09:00")
	both := want("press", "2026-03-11T08:00", "2026-03-11T10:00") // as late as the later of the two
	both.Resources = append(both.Resources, "bed")
	b := w.try("anna", both, "")
	w.at("2026-03-11T07:54")
	w.refuse(booking.CodeWrongState, w.service.CheckIn, "anna", b)
	w.at("2026-03-11T07:55")
	w.must(w.service.CheckIn, "anna", b)
}

// What only a hand in the database could write is found.
func TestAnExceptionWithoutReasonIsFound(t *testing.T) {
	t.Parallel()
	w := setup(t)
	b := w.book("press", "2026-03-10T08:00", "2026-03-10T10:00")
	at := slices.IndexFunc(booking.Invariants(), func(i database.Invariant) bool { return strings.Contains(i.Name, "exception") })
	broken := `select count(*) from (` + booking.Invariants()[at].Query + `) o`
	plant := func(details string) int {
		w.exec(`alter table booking_history disable trigger booking_history_append_only`)
		w.exec(`update booking_history set details = $1::jsonb where booking_id = $2`, details, int64(b.ID))
		w.exec(`alter table booking_history enable trigger booking_history_append_only`)
		return w.count(broken)
	}
	for _, details := range []string{`{"override": {"reason": "", "rules": ["max"]}}`, `{"override": {"reason": "x", "rules": null}}`, `{"override": {"reason": "x", "rules": []}}`} {
		if n := plant(details); n != 1 {
			t.Errorf("%s: %d found", details, n)
		}
	}
	if n := plant(`{"override": {"reason": "x", "rules": ["max"]}}`); n != 0 {
		t.Errorf("%d found where there is none", n)
	}
}
