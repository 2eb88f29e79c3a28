package booking_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"rigg/access"
	"rigg/booking"
	"rigg/internal/database"
	"rigg/internal/id"
	"rigg/internal/problem"
)

func TestAManagerApproves(t *testing.T) {
	t.Parallel()
	w := setup(t)
	b := w.book("station-1", "2026-03-10T08:00", "2026-03-10T16:00")
	w.news()
	b = w.must(w.service.Approve, "moa", b)
	if b.State != booking.Confirmed || b.Version != 2 || w.taken(b) != 1 {
		t.Errorf("approved %+v", b)
	}
	if got := w.news(); !slices.Equal(got, []string{"booking_confirmed", "booking_reminder", "booking_reminder"}) {
		t.Errorf("told %v", got)
	}
	w.wantPurses(2026, 5_000_00, 0)
	last := w.read(b).History[1]
	if last.Action != booking.ActApprove || last.From != booking.Requested || last.To != booking.Confirmed || last.By != w.who("moa").ID {
		t.Errorf("history %+v", last)
	}
}

func TestWhoMayDoWhat(t *testing.T) {
	t.Parallel()
	w := setup(t)
	s := w.service
	decide := map[string]do{"approve": s.Approve, "decline": s.Decline, "ask": s.Ask, "no-show": s.MarkNoShow}
	change := map[string]do{"cancel": s.Cancel, "answer": s.Answer, "check-in": s.CheckIn, "check-out": s.CheckOut}
	b := w.book("station-1", "2026-03-10T08:00", "2026-03-10T16:00")
	for name, f := range decide {
		for _, stranger := range []string{"rolf", "olle"} {
			w.refuse(problem.CodeNotFound, f, stranger, b) // not even that it exists
		}
		for _, own := range []string{"anna", "liv", "rut"} {
			if err := w.refuse(access.CodeForbidden, f, own, b); t.Failed() {
				t.Fatalf("%s by %s: %v", name, own, err)
			}
		}
	}
	for name, f := range change {
		for _, stranger := range []string{"rolf", "olle"} {
			w.refuse(problem.CodeNotFound, f, stranger, b)
		}
		if err := w.refuse(access.CodeForbidden, f, "rut", b); t.Failed() {
			t.Fatalf("%s by the auditor: %v", name, err)
		}
	}
	if after := w.read(b); after.Version != 1 || after.State != booking.Requested {
		t.Errorf("it is now %+v", after)
	}
	for _, ref := range []id.Ref{"", "x", "abcdefghjkmnp", id.Ref(strings.Repeat("a", 300))} {
		w.refuse(problem.CodeNotFound, s.Approve, "mia", &booking.Booking{Ref: ref, Version: 1})
	}
}

func TestAStaleVersionIsToldWhatHappenedByWhomAndWhen(t *testing.T) {
	t.Parallel()
	w := setup(t)
	b := w.book("station-1", "2026-03-10T08:00", "2026-03-10T16:00")
	w.must(w.service.Approve, "moa", b)
	err := w.refuse(booking.CodeStale, w.service.Approve, "mia", b)
	e := problem.From(err)
	if told := e.Text(); !strings.Contains(told.EN, "approved by moa at 2026-03-02 09:00") || !strings.Contains(told.SV, "godkänd av moa 2026-03-02 09:00") {
		t.Errorf("told %+v", told)
	}
	if e.Details["state"] != booking.Confirmed || e.Details["version"] != 2 {
		t.Errorf("details %v", e.Details)
	}
	w.refuse(booking.CodeWrongState, w.service.Approve, "mia", w.read(b))
	_, err = w.service.Edit(t.Context(), w.who("anna"), booking.Change{Ref: b.Ref, Version: 2}, booking.Edit{Purpose: new("Annat")})
	if err != nil {
		t.Fatal(err)
	}
	err = w.refuse(booking.CodeStale, w.service.Cancel, "liv", &booking.Booking{Ref: b.Ref, Version: 2})
	if told := problem.From(err).Text().SV; !strings.Contains(told, ": ändrad av anna") {
		t.Errorf("told %q", told)
	}
}

func TestApprovalChecksAgain(t *testing.T) {
	t.Parallel()
	w := setup(t)
	b := w.book("station-1", "2026-03-10T08:00", "2026-03-10T16:00")
	w.exec(`delete from roles where scope = 'alloy' and person_id = $1`, int64(b.Person))
	_, err := w.service.Approve(t.Context(), w.who("mia"), booking.Change{Ref: b.Ref, Version: 1})
	var r *booking.Refused
	if !errors.As(err, &r) || len(r.Refusals) != 1 || r.Refusals[0].Code != booking.CodeNotAMember {
		t.Fatalf("%v", err)
	}
	if after := w.read(b); after.State != booking.Requested || after.Version != 1 {
		t.Errorf("it is now %+v", after)
	}
	w.at("2026-03-10T08:00") // and nobody approves what has begun
	w.update(func(tx *database.Tx) error {
		_, err := access.PutGrant(tx, b.Person, access.Grant{Role: access.ProjectMember, Scope: "alloy"})
		return err
	})
	w.refuse(booking.CodeWrongState, w.service.Approve, "mia", b)
}

func TestWhatIsNotUsedGivesEverythingBack(t *testing.T) {
	t.Parallel()
	w := setup(t)
	sweep := func(*world, *booking.Booking) {
		if err := w.service.Sweep(t.Context()); err != nil {
			t.Error(err)
		}
	}
	for _, c := range []struct {
		name     string
		resource id.Resource
		now      string
		end      func(*world, *booking.Booking)
		want     booking.State
		told     string
	}{
		{"withdraw", "station-1", "2026-03-02T09:00", func(w *world, b *booking.Booking) { w.must(w.service.Cancel, "anna", b) }, booking.Cancelled, "booking_cancelled"},
		{"withdrawn by the lead", "station-1", "2026-03-02T09:00", func(w *world, b *booking.Booking) { w.must(w.service.Cancel, "liv", b) }, booking.Cancelled, "booking_cancelled"},
		{"cancelled by the manager", "press", "2026-03-02T09:00", func(w *world, b *booking.Booking) { w.must(w.service.Cancel, "mia", b) }, booking.Cancelled, "booking_cancelled"},
		{"decline", "station-1", "2026-03-02T09:00", func(w *world, b *booking.Booking) { w.must(w.service.Decline, "moa", b) }, booking.Declined, "booking_declined"},
		{"expire", "station-1", "2026-03-10T08:00", sweep, booking.Expired, "booking_expired"},
		{"no-show by rule", "robot", "2026-03-10T08:30", sweep, booking.NoShow, "booking_no_show"},
		{"no-show at the end", "kiln", "2026-03-10T16:00", sweep, booking.NoShow, "booking_no_show"},
		{"no-show by the manager", "press", "2026-03-10T08:05", func(w *world, b *booking.Booking) { w.must(w.service.MarkNoShow, "mia", b) }, booking.NoShow, "booking_no_show"},
	} {
		w.at("2026-03-02T09:00")
		b := w.book(c.resource, "2026-03-10T08:00", "2026-03-10T16:00")
		w.wantPurses(2026, 5_000_00, 0)
		w.at(c.now)
		w.news()
		c.end(w, b)
		after := w.read(b)
		if after.State != c.want || after.Version != 2 || w.taken(b) != 0 || len(after.Resources) != 1 {
			t.Errorf("%s: it is now %s, version %d, with %d units", c.name, after.State, after.Version, w.taken(b))
		}
		if got := w.news(); !slices.Equal(got, []string{c.told}) {
			t.Errorf("%s: told %v", c.name, got)
		}
		w.wantPurses(2026, 0, 0)
		w.mustHold()
		w.refuse(booking.CodeWrongState, w.service.Cancel, "liv", after)
	}
}

func TestAReasonIsNeeded(t *testing.T) {
	t.Parallel()
	w := setup(t)
	b := w.book("station-1", "2026-03-10T08:00", "2026-03-10T16:00")
	for name, f := range map[string]do{"decline": w.service.Decline, "ask": w.service.Ask} {
		for _, reason := range []string{"", " \n\t"} {
			if _, err := f(t.Context(), w.who("moa"), booking.Change{Ref: b.Ref, Version: 1, Reason: reason}); !problem.Has(err, booking.CodeReasonMissing) {
				t.Errorf("%s without a reason: %v", name, err)
			}
		}
		for _, reason := range []string{strings.Repeat("å", 2001), "a\x00", "\xff"} {
			if _, err := f(t.Context(), w.who("moa"), booking.Change{Ref: b.Ref, Version: 1, Reason: reason}); !problem.Has(err, problem.CodeInvalid) {
				t.Errorf("%s with an impossible reason: %v", name, err)
			}
		}
	}
}

func TestAQuestionGoesBackAndForth(t *testing.T) {
	t.Parallel()
	w := setup(t)
	b := w.book("station-1", "2026-03-10T08:00", "2026-03-10T16:00")
	w.refuse(booking.CodeWrongState, w.service.Answer, "anna", b)
	b = w.must(w.service.Ask, "moa", b)
	if b.State != booking.Requested || b.Question == "" || w.taken(b) != 1 {
		t.Errorf("asked %+v", b)
	}
	w.news()
	b = w.must(w.service.Answer, "anna", b)
	if got := w.news(); b.Question != "" || !slices.Equal(got, []string{"booking_answered"}) {
		t.Errorf("answered %+v, told %v", b, got)
	}
	b = w.must(w.service.Ask, "mia", b)
	if b = w.must(w.service.Approve, "mia", b); b.Question != "" || w.read(b).Question != "" {
		t.Error("an approved booking still has a question")
	}
	w.refuse(booking.CodeWrongState, w.service.Ask, "mia", b)
	var actions []booking.Action
	for _, e := range w.read(b).History {
		actions = append(actions, e.Action)
	}
	if !slices.Equal(actions, []booking.Action{booking.ActRequest, booking.ActAsk, booking.ActAnswer, booking.ActAsk, booking.ActApprove}) {
		t.Errorf("history %v", actions)
	}
}
