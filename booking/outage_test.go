package booking_test

import (
	"slices"
	"testing"
	"time"

	"rigg/access"
	"rigg/booking"
	"rigg/facilities"
	"rigg/internal/database"
	"rigg/internal/id"
	"rigg/internal/problem"
	"rigg/internal/text"
)

// work does the jobs that are booking's own, each twice, until there is none. The
// others stay for news.
func (w *world) work() {
	w.Helper()
	for {
		w.mu.Lock()
		list := w.jobs
		w.jobs = nil
		w.mu.Unlock()
		var others []database.Enqueued
		own := false
		for _, e := range list {
			for range 2 {
				var err error
				switch j := e.Job.(type) {
				case booking.JobFindAlternative:
					own, err = true, w.service.FindAlternative(w.Context(), j)
				case booking.JobTimeFreed:
					own, err = true, w.service.TimeFreed(w.Context(), j)
				default:
					others = append(others, e)
				}
				if err != nil {
					w.Fatalf("%s: %v", e.Job.Kind(), err)
				}
			}
		}
		w.mu.Lock()
		w.jobs = append(slices.CompactFunc(others, func(a, b database.Enqueued) bool { return a == b }), w.jobs...)
		w.mu.Unlock()
		if !own {
			return
		}
	}
}

// unitsOf are the units of a resource.
func (w *world) unitsOf(name id.Resource) []id.Unit {
	w.Helper()
	facts, err := w.service.Facts(w.Context())
	if err != nil {
		w.Fatal(err)
	}
	r, ok := facts.Catalogue.Resource(name)
	if !ok {
		w.Fatalf("no resource %s", name)
	}
	return r.Units
}

// outage is a service of a resource's units.
func (w *world) outage(facility id.Facility, resource id.Resource, from, to string) booking.OutageWish {
	w.Helper()
	return booking.OutageWish{Outage: facilities.Outage{
		Facility: facility, Kind: facilities.Maintenance, Name: text.Text{SV: "Årlig service", EN: "Annual service"},
		Units: w.unitsOf(resource), Period: between(from, to),
	}}
}

// save saves the outage as Mia, displacing who is in its way.
func (w *world) save(o booking.OutageWish) *booking.OutagePlan {
	w.Helper()
	o.Displace = true
	plan, err := w.service.SaveOutage(w.Context(), w.who("mia"), o)
	if err != nil {
		w.Fatal(err)
	}
	return plan
}

func (w *world) lift(o facilities.Outage) {
	w.Helper()
	if _, err := w.service.LiftOutage(w.Context(), w.who("mia"), o.ID, false); err != nil {
		w.Fatal(err)
	}
	w.work()
}

// outcomes are what a plan says of the bookings that it hits, by start.
func outcomes(p *booking.OutagePlan) (out []booking.Outcome) {
	for _, h := range p.Hits {
		out = append(out, h.Outcome)
	}
	return out
}

func TestAnOutageOverBookings(t *testing.T) {
	t.Parallel()
	w := setup(t)
	request := w.book("station-1", "2026-03-10T08:00", "2026-03-10T10:00")
	confirmed := w.must(w.service.Approve, "mia", w.book("station-1", "2026-03-10T10:00", "2026-03-10T12:00"))
	beside := w.book("station-2", "2026-03-10T08:00", "2026-03-10T12:00")
	touching := w.book("station-1", "2026-03-10T12:00", "2026-03-10T13:00")
	w.news()
	o := w.outage("line", "station-1", "2026-03-10T07:00", "2026-03-10T12:00")
	o.Reason = "Ni får gärna ringa."
	plan, err := w.service.PreviewOutage(w.Context(), w.who("moa"), o)
	if err != nil || !slices.Equal(outcomes(plan), []booking.Outcome{booking.IsDeclined, booking.IsDisplaced}) || !plan.Displaces() {
		t.Fatalf("previewed %v, %v", plan, err)
	}
	if w.read(confirmed).State != booking.Confirmed {
		t.Fatal("a preview has done something")
	}
	_, err = w.service.SaveOutage(w.Context(), w.who("mia"), o)
	if e := problem.From(err); !problem.Has(err, facilities.CodeBookingsInTheWay) || e.Details["bookings"] != 2 || e.Details["displaced"] != 1 {
		t.Fatalf("not asked to displace: %v", err)
	}
	w.save(o)
	if got := w.news(); !slices.Equal(got, []string{"booking_declined", "booking_find_alternative"}) {
		t.Errorf("told %v", got)
	}
	for b, want := range map[*booking.Booking]booking.State{
		request: booking.Declined, confirmed: booking.Displaced, beside: booking.Requested, touching: booking.Requested,
	} {
		if got := w.read(b); got.State != want {
			t.Errorf("%s is %s, want %s", b.Period, got.State, want)
		}
	}
	last := w.read(request).History[1]
	if last.Reason != "Anläggningen tar utrustningen ur drift: Årlig service. Ni får gärna ringa." {
		t.Errorf("declined with %q", last.Reason)
	}
	// The displaced one's money stays, the request's is free; two wait beside.
	w.wantPurses(2026, 1_250_00+2_500_00+625_00, 0)
	_, err = w.service.Request(w.Context(), w.who("anna"), want("station-1", "2026-03-10T09:00", "2026-03-10T10:00"))
	if !problem.Has(err, facilities.CodeSlotTaken) {
		t.Errorf("booked in an outage: %v", err)
	}
}

func TestAnOutageIsTheManagersAlone(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.book("press", "2026-03-10T08:00", "2026-03-10T10:00")
	o := w.outage("machines", "press", "2026-03-10T07:00", "2026-03-10T12:00")
	o.Displace, o.Outage.Note = true, "Lagret glappar."
	for _, name := range []string{"anna", "liv", "moa", "olle", "rut"} {
		if _, err := w.service.PreviewOutage(w.Context(), w.who(name), o); !problem.Has(err, access.CodeForbidden) {
			t.Errorf("%s saw who is hit: %v", name, err)
		}
		if _, err := w.service.SaveOutage(w.Context(), w.who(name), o); !problem.Has(err, access.CodeForbidden) {
			t.Errorf("%s saved it: %v", name, err)
		}
	}
	made := w.save(o).Outages[0]
	if _, err := w.service.LiftOutage(w.Context(), w.who("anna"), made.ID, false); !problem.Has(err, access.CodeForbidden) {
		t.Errorf("anna lifted it: %v", err)
	}
	for name, note := range map[string]string{"anna": "", "mia": "Lagret glappar.", "rut": "Lagret glappar."} {
		found, err := w.service.FindOutage(w.Context(), w.who(name), made.ID)
		list, _, err2 := w.service.ListOutages(w.Context(), w.who(name), "machines", between("2026-03-01T00:00", "2026-04-01T00:00"), 0)
		if err != nil || err2 != nil || found.Note != note || len(list) != 1 || list[0].Note != note {
			t.Errorf("%s sees %+v, %v, %v", name, found, err, err2)
		}
	}
}

func TestAPoolGivesAnotherUnitFirst(t *testing.T) {
	t.Parallel()
	w := setup(t)
	var made []*booking.Booking
	for range 3 {
		made = append(made, w.book("printer", "2026-03-10T08:00", "2026-03-10T10:00"))
	}
	free := w.must(w.service.Cancel, "anna", made[2])
	o := w.outage("machines", "printer", "2026-03-10T07:00", "2026-03-10T12:00")
	o.Outage.Units = []id.Unit{made[0].Units[0], made[1].Units[0]}
	plan := w.save(o)
	if got := outcomes(plan); !slices.Equal(got, []booking.Outcome{booking.OtherUnit, booking.IsDisplaced}) {
		t.Fatalf("outcomes %v", got)
	}
	if got := w.read(made[0]); got.State != booking.Confirmed || got.Version != made[0].Version || !slices.Equal(got.Units, free.Units) {
		t.Errorf("the oldest is %s on %v", got.State, got.Units)
	}
	pinned := w.book("printer", "2026-03-11T08:00", "2026-03-11T10:00")
	w.exec(`update allocations set pinned = true where booking_id = $1`, int64(pinned.ID))
	o.Outage.Units, o.Outage.Period = pinned.Units, pinned.Period
	if got := outcomes(w.save(o)); !slices.Equal(got, []booking.Outcome{booking.IsDisplaced}) {
		t.Errorf("a pinned one: %v", got)
	}
}

// What is in use when the machine breaks keeps its unit, and the outage has it as
// soon as it is given back.
func TestAnOutageWaitsForWhatHasBegun(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.at("2026-03-10T07:00")
	used := w.book("kiln", "2026-03-10T08:00", "2026-03-10T12:00")
	w.book("kiln", "2026-03-10T15:00", "2026-03-10T16:00")
	w.at("2026-03-10T08:00")
	used = w.must(w.service.CheckIn, "anna", used)
	w.at("2026-03-10T09:00")
	o := w.outage("machines", "kiln", "2026-03-10T09:00", "2026-03-10T14:31")
	o.Outage.Kind = facilities.Breakdown
	if got := outcomes(w.save(o)); !slices.Equal(got, []booking.Outcome{booking.HasBegun, booking.IsDisplaced}) {
		t.Fatalf("outcomes %v", got) // the second by a minute of its set-up
	}
	w.mustHold()
	w.at("2026-03-10T10:00")
	w.must(w.service.CheckOut, "anna", used)
	if n := w.count(`select count(*) from allocations where active and outage_id is not null`); n != 2 {
		t.Errorf("the outage takes %d stretches after the check-out, want 2", n)
	}
	_, err := w.service.Request(w.Context(), w.who("anna"), want("kiln", "2026-03-10T12:00", "2026-03-10T12:30"))
	if err == nil {
		t.Error("what was given back to an outage could be booked")
	}
}

func TestARecurringOutageKeepsItsHours(t *testing.T) {
	t.Parallel()
	w := setup(t)
	o := w.outage("machines", "press", "2026-03-23T08:00", "2026-03-23T10:00")
	o.Recurrence = "FREQ=WEEKLY;COUNT=3" // the clocks go forward on the 29th
	hit := w.book("press", "2026-03-30T09:00", "2026-03-30T11:00")
	plan := w.save(o)
	if len(plan.Outages) != 3 || plan.Outages[0].Series == "" || plan.Outages[2].Series != plan.Outages[0].Series {
		t.Fatalf("made %+v", plan.Outages)
	}
	if plan.Outages[1].Period != between("2026-03-30T08:00", "2026-03-30T10:00") {
		t.Errorf("the second is %v", plan.Outages[1].Period)
	}
	if w.read(hit).State != booking.Displaced {
		t.Error("the second did not hit")
	}
	if _, err := w.service.LiftOutage(w.Context(), w.who("mia"), plan.Outages[1].ID, true); err != nil {
		t.Fatal(err)
	}
	if got := w.read(hit); got.State != booking.Confirmed {
		t.Errorf("lifted, and it is %s", got.State)
	}
	list, _, err := w.service.ListOutages(w.Context(), w.who("mia"), "machines", between("2026-03-01T00:00", "2026-05-01T00:00"), 0)
	if err != nil || len(list) != 1 || list[0].ID != plan.Outages[0].ID {
		t.Errorf("left are %v, %v", list, err)
	}
	if _, err := w.service.LiftOutage(w.Context(), w.who("mia"), plan.Outages[1].ID, false); !problem.Has(err, booking.CodeOutageOver) {
		t.Errorf("lifted twice: %v", err)
	}
}

func TestALastingOutageMovesOnUntilItIsLifted(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.at("2026-03-10T08:00")
	near, far := w.book("press", "2026-03-10T13:00", "2026-03-10T14:00"), w.book("press", "2026-03-10T17:00", "2026-03-10T18:00")
	o := w.outage("machines", "press", "2026-03-10T08:00", "2026-03-10T12:00")
	o.Outage.Kind, o.Outage.UntilLifted = facilities.Breakdown, 4*time.Hour
	made := w.save(o).Outages[0]
	states := func() []booking.State { return []booking.State{w.read(near).State, w.read(far).State} }
	w.at("2026-03-10T10:59")
	w.sweep()
	if got := states(); !slices.Equal(got, []booking.State{booking.Confirmed, booking.Confirmed}) {
		t.Fatalf("too early: %v", got)
	}
	w.at("2026-03-10T11:00")
	w.sweep()
	w.sweep()
	if got := states(); !slices.Equal(got, []booking.State{booking.Displaced, booking.Confirmed}) {
		t.Fatalf("moved on to 16: %v", got)
	}
	w.at("2026-03-10T12:30")
	w.lift(made)
	if got := states(); !slices.Equal(got, []booking.State{booking.Confirmed, booking.Confirmed}) {
		t.Fatalf("lifted: %v", got)
	}
	found, err := w.service.FindOutage(w.Context(), w.who("mia"), made.ID)
	if err != nil || !found.Period.End.Equal(local("2026-03-10T12:30")) || found.Lifted.IsZero() {
		t.Errorf("it is %+v, %v", found, err)
	}
	w.at("2026-03-10T15:30")
	w.sweep() // what is lifted moves no more
	if w.read(far).State != booking.Confirmed {
		t.Error("a lifted outage went on")
	}
}

func TestTwoManagersSaveAtOnce(t *testing.T) {
	t.Parallel()
	w := setup(t)
	hit := w.book("press", "2026-03-10T08:00", "2026-03-10T10:00")
	o := w.outage("machines", "press", "2026-03-10T07:00", "2026-03-10T12:00")
	o.Displace = true
	results := make(chan error)
	mia := w.who("mia")
	for range 2 {
		go func() {
			_, err := w.service.SaveOutage(w.Context(), mia, o)
			results <- err
		}()
	}
	first, second := <-results, <-results
	if first == nil {
		first, second = second, first
	}
	if second != nil || !problem.Has(first, facilities.CodeOutageOverlaps) {
		t.Errorf("got %v and %v", first, second)
	}
	if got := w.read(hit); got.Version != 2 {
		t.Errorf("displaced to version %d", got.Version)
	}
}
