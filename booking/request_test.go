package booking_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"rigg/access"
	"rigg/booking"
	"rigg/facilities"
	"rigg/funding"
	"rigg/internal/database"
	"rigg/internal/id"
	"rigg/internal/period"
	"rigg/internal/problem"
)

func TestARequestHoldsItsSlotAndMoney(t *testing.T) {
	t.Parallel()
	w := setup(t)
	b := w.book("whole-line", "2026-03-10T08:00", "2026-03-10T16:00")
	if b.State != booking.Requested || b.Version != 1 || len(b.Units) != 2 || b.Cost.Total != 10_000_00 {
		t.Errorf("made %+v", b)
	}
	if w.taken(b) != 2 {
		t.Errorf("%d units taken", w.taken(b))
	}
	w.wantPurses(2026, 5_000_00, 0) // FUNDING.md, case 1
	if got := w.news(); !slices.Equal(got, []string{"booking_requested"}) {
		t.Errorf("told %v", got)
	}
	stored := w.read(b)
	stored.History[0].Details = nil
	if len(stored.History) != 1 || stored.History[0].Action != booking.ActRequest || stored.History[0].To != booking.Requested ||
		stored.History[0].By != b.Person || !stored.Period.Start.Equal(b.Period.Start) || stored.Cost.Total != b.Cost.Total {
		t.Errorf("stored %+v", stored)
	}
}

func TestThePolicyConfirmsAtOnce(t *testing.T) {
	t.Parallel()
	w := setup(t)
	for _, c := range []struct {
		resource id.Resource
		to       string
		want     booking.State
	}{
		{"station-1", "2026-03-10T09:00", booking.Requested},
		{"press", "2026-03-10T09:00", booking.Confirmed},
		{"oven", "2026-03-10T11:59", booking.Confirmed}, // 4 979.17
		{"oven", "2026-03-11T12:00", booking.Requested}, // 5 000.00 is not below
	} {
		from := "2026-03-10T08:00"
		if c.to > "2026-03-11" {
			from = "2026-03-11T08:00"
		}
		if b := w.book(c.resource, from, c.to); b.State != c.want {
			t.Errorf("%s until %s is %s; want %s", c.resource, c.to, b.State, c.want)
		}
	}
}

func TestRemindersAreOneJobEachAndNeverInThePast(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.book("press", "2026-03-02T12:00", "2026-03-02T13:00") // in three hours: only the later one
	w.book("press", "2026-03-10T12:00", "2026-03-10T13:00")
	var due []string
	for _, j := range w.jobs {
		if r, ok := j.Job.(booking.JobReminder); ok {
			if !j.At.Equal(r.Start.Add(-time.Duration(r.BeforeMin) * time.Minute)) {
				t.Errorf("due %v for %+v", j.At, r)
			}
			due = append(due, j.At.Format("01-02T15:04"))
		}
	}
	if want := []string{"03-02T10:00", "03-09T11:00", "03-10T10:00"}; !slices.Equal(due, want) {
		t.Errorf("reminders due %v; want %v (UTC)", due, want)
	}
}

func TestARefusalTellsEveryReasonAtOnce(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.book("press", "2026-03-10T08:00", "2026-03-10T16:00")
	w.book("lathe", "2026-03-10T08:00", "2026-03-10T10:00")
	on := func(p id.Project, r booking.Request) booking.Request { r.Project = p; return r }
	for _, c := range []struct {
		name    string
		request booking.Request
		code    string
		reasons string
	}{
		{"time alone is a conflict", want("press", "2026-03-10T15:00", "2026-03-10T17:00"), "slot-taken", "slot-taken"},
		{"length, hours, grid and taken", want("lathe", "2026-03-10T06:45", "2026-03-10T19:15"), "refused", "too-long not-on-grid closed slot-taken"},
		{"too short and taken", want("lathe", "2026-03-10T09:00", "2026-03-10T09:30"), "refused", "too-short slot-taken"},
		{"past and closed", want("lathe", "2026-03-01T08:00", "2026-03-01T10:00"), "refused", "in-the-past closed"},
		{"may not go through the night", want("lathe", "2026-03-11T18:00", "2026-03-11T20:00"), "refused", "closed"},
		{"must end in opening hours", want("aging", "2026-03-10T08:00", "2026-03-11T20:00"), "refused", "closed"},
		{"not a member", on("rust", want("press", "2026-03-11T08:00", "2026-03-11T09:00")), "refused", "not-a-member"},
		{"no such project", on("no-such", want("press", "2026-03-11T08:00", "2026-03-11T09:00")), "refused", "not-a-member"},
		{"not qualified", want("laser", "2026-03-11T08:00", "2026-03-11T09:00"), "refused", "not-qualified"},
		{"no rate", want("unpriced", "2026-03-11T08:00", "2026-03-11T09:00"), "refused", "no-rate"},
		{"after the project", want("bed", "2027-12-31T08:00", "2028-01-01T09:00"), "refused", "project-period grant-exceeded budget-exceeded"},
		{"both purses short", on("tight", want("tower", "2026-03-11T08:00", "2026-03-11T12:00")), "refused", "grant-exceeded budget-exceeded"},
	} {
		_, err := w.service.Request(t.Context(), w.who("anna"), c.request)
		var r *booking.Refused
		if !errors.As(err, &r) {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		var reasons []string
		for _, e := range r.Refusals {
			reasons = append(reasons, e.Code.Slug)
			if e.Text().SV == "" || e.Text().EN == "" {
				t.Errorf("%s: %s in %+v", c.name, e.Code.Slug, e.Text())
			}
		}
		if got := strings.Join(reasons, " "); r.Problem.Code.Slug != c.code || got != c.reasons {
			t.Errorf("%s: %s for %q; want %s for %q", c.name, r.Problem.Code.Slug, got, c.code, c.reasons)
		}
		quote, err := w.service.Quote(t.Context(), w.who("anna"), c.request)
		if err != nil || len(quote.Refusals) != len(r.Refusals) || len(quote.Alternatives) != len(r.Alternatives) {
			t.Errorf("%s: the quote has %d refusals and %v", c.name, len(quote.Refusals), err)
		}
	}
	if n := w.count(`select count(*) from bookings`); n != 2 {
		t.Errorf("%d bookings; refused ones leave nothing", n)
	}
}

func TestAlternativesCanBeBooked(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.book("lathe", "2026-03-10T10:00", "2026-03-10T12:00")
	_, err := w.service.Request(t.Context(), w.who("anna"), want("lathe", "2026-03-10T09:00", "2026-03-10T11:00"))
	var r *booking.Refused
	if !errors.As(err, &r) || len(r.Alternatives) != 3 {
		t.Fatalf("%v with %+v", err, r)
	}
	for i, want := range []period.Period{
		between("2026-03-10T08:00", "2026-03-10T10:00"), between("2026-03-10T12:00", "2026-03-10T14:00"),
		between("2026-03-10T09:00", "2026-03-10T10:00"),
	} {
		if r.Alternatives[i].Period != want {
			t.Errorf("%s is %v; want %v", r.Alternatives[i].Reason, r.Alternatives[i].Period, want)
		}
		quote, err := w.service.Quote(t.Context(), w.who("anna"), booking.Request{
			Resources: []id.Resource{"lathe"}, Project: "alloy", Period: r.Alternatives[i].Period,
		})
		if err != nil || len(quote.Refusals) > 0 {
			t.Errorf("%s is refused: %v %v", r.Alternatives[i].Reason, quote.Refusals, err)
		}
	}
}

func TestAQuoteHoldsNothing(t *testing.T) {
	t.Parallel()
	w := setup(t)
	in := want("press", "2026-03-10T08:00", "2026-03-10T16:00")
	q, err := w.service.Quote(t.Context(), w.who("anna"), in)
	if err != nil || len(q.Refusals) > 0 || !q.Confirms || q.Cost.Total != 10_000_00 {
		t.Fatalf("%+v, %v", q, err)
	}
	w.wantPurses(2026, 0, 0)
	if b := w.book("press", "2026-03-10T08:00", "2026-03-10T16:00"); b.Cost.Total != q.Cost.Total {
		t.Errorf("quoted %d, booked at %d", q.Cost.Total, b.Cost.Total)
	}
	q, err = w.service.Quote(t.Context(), w.who("rolf"), in)
	if err != nil || q.Cost != nil {
		t.Errorf("a stranger to the project is told %+v, %v", q.Cost, err)
	}
}

func TestMalformedRequests(t *testing.T) {
	t.Parallel()
	w := setup(t)
	for path, change := range map[string]func(*booking.Request){
		"resources":          func(r *booking.Request) { r.Resources = nil },
		"resources[0]":       func(r *booking.Request) { r.Resources = []id.Resource{"no-such"} },
		"resources[1]":       func(r *booking.Request) { r.Resources = []id.Resource{"press", "press"} },
		"resources[2]":       func(r *booking.Request) { r.Resources = []id.Resource{"press", "bed", "lathe"} },
		"project":            func(r *booking.Request) { r.Project = "" },
		"start":              func(r *booking.Request) { r.Period = period.Period{} },
		"end":                func(r *booking.Request) { r.Period.End = r.Period.Start },
		"purpose":            func(r *booking.Request) { r.Purpose = strings.Repeat("å", 2001) },
		"attendees":          func(r *booking.Request) { r.Attendees = make([]booking.Attendee, 101) },
		"attendees[0].name":  func(r *booking.Request) { r.Attendees = []booking.Attendee{{Name: "A\r\nBcc: b@c.example"}} },
		"attendees[0].email": func(r *booking.Request) { r.Attendees = []booking.Attendee{{Name: "A", Email: "a@"}} },
		"on_behalf_of":       func(r *booking.Request) { r.OnBehalfOf = "nobody@bolag.example" },
	} {
		in := want("press", "2026-03-10T08:00", "2026-03-10T16:00")
		change(&in)
		_, err := w.service.Request(t.Context(), w.who("liv"), in)
		w.wantCode(err, problem.CodeInvalid)
		if fields := problem.From(err).Fields; len(fields) == 0 || !slices.ContainsFunc(fields, func(f problem.Field) bool { return f.Path == path }) {
			t.Errorf("%s: the fields are %+v", path, fields)
		}
	}
}

func TestAQualificationHoldsFromTheFirstDayToTheLast(t *testing.T) {
	t.Parallel()
	w := setup(t)
	day := func(d int) period.Date { return period.Date{Year: 2026, Month: 3, Day: d} }
	w.update(func(tx *database.Tx) error {
		for _, held := range [][2]period.Date{{day(10), day(12)}, {day(20), day(22)}, {day(23), day(24)}, {day(26), day(27)}} {
			if _, err := access.PutHeld(tx, w.mustFind(tx, "anna"), "safety", held[0], held[1]); err != nil {
				return err
			}
		}
		return nil
	})
	for _, c := range []struct {
		from, to string
		ok       bool
	}{
		{"2026-03-09T20:00", "2026-03-10T04:00", false},
		{"2026-03-10T00:00", "2026-03-10T04:00", true},
		{"2026-03-12T20:00", "2026-03-13T00:00", true}, // until midnight that ends the last day
		{"2026-03-12T12:00", "2026-03-13T01:00", false},
		{"2026-03-20T08:00", "2026-03-24T16:00", true},  // renewed the day after the last
		{"2026-03-24T18:00", "2026-03-26T04:00", false}, // held on the first day and the last, not between
	} {
		_, err := w.service.Request(t.Context(), w.who("anna"), want("laser", c.from, c.to))
		if (err == nil) != c.ok {
			t.Errorf("from %s to %s: %v", c.from, c.to, err)
		}
	}
}

func (w *world) mustFind(tx *database.Tx, name string) id.Person {
	p, err := access.FindPerson(tx, name+"@bolag.example")
	if err != nil {
		w.Fatal(err)
	}
	return p.ID
}

func TestNewRulesHoldAtOnce(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.book("press", "2026-03-10T08:00", "2026-03-10T16:00") // and the facts are cached
	w.update(func(tx *database.Tx) error {
		_, err := facilities.PutClosure(tx, facilities.Closure{
			Site: "molndal", Day: period.Date{Year: 2026, Month: 3, Day: 11}, Name: funding.CodeNoRate.Title,
		})
		return err
	})
	_, err := w.service.Request(t.Context(), w.who("anna"), want("press", "2026-03-11T08:00", "2026-03-11T16:00"))
	w.wantCode(err, booking.CodeRefused)
	w.book("press", "2026-03-12T08:00", "2026-03-12T16:00")
}
