package booking_test

import (
	"testing"
	"time"

	"rigg/access"
	"rigg/booking"
	"rigg/internal/problem"
)

func TestWhoWaitsIsConfidential(t *testing.T) {
	t.Parallel()
	w := setup(t)
	b := w.book("press", "2026-03-10T08:00", "2026-03-10T10:00")
	rolf := w.join("rolf", wish("press", "2026-03-10T08:00", "2026-03-10T10:00"))
	for _, name := range []string{"anna", "liv", "moa", "olle"} {
		_, err := w.service.FindWait(w.Context(), w.who(name), rolf.Ref)
		w.wantCode(err, problem.CodeNotFound)
		_, err = w.service.ListWaits(w.Context(), w.who(name), "machines")
		w.wantCode(err, access.CodeForbidden)
		if own, err := w.service.ListWaits(w.Context(), w.who(name), ""); err != nil || len(own) != 0 {
			t.Errorf("%s sees %v, %v", name, own, err)
		}
	}
	for _, name := range []string{"mia", "rut"} {
		if list, err := w.service.ListWaits(w.Context(), w.who(name), "machines"); err != nil || len(list) != 1 {
			t.Errorf("%s sees %v, %v", name, list, err)
		}
		_, err := w.service.LeaveWaits(w.Context(), w.who(name), rolf.Ref)
		w.wantCode(err, problem.CodeNotFound) // only one's own
	}
	w.must(w.service.Cancel, "anna", b)
	w.work()
	for name, known := range map[string]bool{"anna": false, "rolf": true, "mia": true} {
		taken, err := w.service.Timeline(w.Context(), w.who(name), "machines", between("2026-03-10T00:00", "2026-03-11T00:00"))
		if err != nil || len(taken) != 1 || !taken[0].Held || (taken[0].Hold != nil) != known {
			t.Errorf("%s sees %+v, %v", name, taken, err)
		}
	}
}

// Two instances work the same job at once: there is one offer.
func TestTwoInstancesOfferOnce(t *testing.T) {
	t.Parallel()
	w := setup(t)
	b := w.book("press", "2026-03-10T08:00", "2026-03-10T10:00")
	w.join("rolf", wish("press", "2026-03-10T08:00", "2026-03-10T10:00"))
	w.join("liv", wish("press", "2026-03-10T08:00", "2026-03-10T10:00"))
	w.must(w.service.Cancel, "anna", b)
	job := booking.JobTimeFreed{Facility: "machines", Start: b.Period.Start, End: b.Period.End}
	failed := make(chan error)
	for range 4 {
		go func() { failed <- w.service.TimeFreed(w.Context(), job) }()
	}
	for range 4 {
		if err := <-failed; err != nil {
			t.Error(err)
		}
	}
	if n := w.count(`select count(*) from holds where ended_at is null`); n != 1 {
		t.Errorf("%d offers", n)
	}
	if n := w.count(`select count(*) from waits where state = 'offered' and person_id = (select id from people where name = 'rolf')`); n != 1 {
		t.Error("not to the first in line")
	}
}

func TestTheEdgesOfAWindow(t *testing.T) {
	t.Parallel()
	w := setup(t)
	in := wish("press", "2026-03-10T00:00", "2026-03-10T02:00")
	in.Project = "alloy"
	for _, c := range []struct {
		name    string
		length  time.Duration // of the window
		minutes int
		ok      bool
	}{
		{"three months", 92 * 24 * time.Hour, 60, true},
		{"a minute more", 92*24*time.Hour + time.Minute, 60, false},
		{"as long as it is", 2 * time.Hour, 120, true},
		{"longer than it is", 2 * time.Hour, 121, false},
		{"no time at all", 2 * time.Hour, -1, false},
	} {
		in.Period.End, in.Minutes = in.Period.Start.Add(c.length), c.minutes
		_, err := w.service.JoinWaits(w.Context(), w.who("anna"), in)
		e := problem.From(err)
		if c.ok && err != nil || !c.ok && (!problem.Has(err, problem.CodeInvalid) || e.Text().SV == "" || e.Text().EN == "") {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}
