package booking_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"rigg/access"
	"rigg/booking"
	"rigg/facilities"
	"rigg/internal/id"
	"rigg/internal/problem"
)

// propose offers a change as a manager.
func (w *world) propose(by string, b *booking.Booking, e booking.Edit) (*booking.Booking, error) {
	w.Helper()
	return w.service.Propose(w.Context(), w.who(by), booking.Change{Ref: b.Ref, Version: b.Version, Reason: "Ugnen är full."}, e)
}

func (w *world) mustPropose(b *booking.Booking, e booking.Edit) *booking.Booking {
	w.Helper()
	out, err := w.propose("moa", b, e)
	if err != nil {
		w.Fatal(err)
	}
	return out
}

func to(from, until string) booking.Edit { return booking.Edit{Period: between(from, until)} }

func TestAManagerProposesAndTheBookerAccepts(t *testing.T) {
	t.Parallel()
	w := setup(t)
	for i, c := range []struct {
		name string
		edit booking.Edit
		held int // units that the hold takes beside the booking's own
	}{
		{"another day", to("2026-03-12T08:00", "2026-03-12T18:00"), 1},
		{"over its own time", to("2026-03-10T10:00", "2026-03-10T18:00"), 1},
		{"within its own time", to("2026-03-10T09:00", "2026-03-10T12:00"), 0},
		{"another station", booking.Edit{Resources: []id.Resource{"station-2"}}, 1},
		{"the whole line", booking.Edit{Resources: []id.Resource{"whole-line"}}, 1},
	} {
		b := w.book("station-1", "2026-03-10T08:00", "2026-03-10T16:00")
		w.news()
		b = w.mustPropose(b, c.edit)
		if b.State != booking.Requested || b.Period != between("2026-03-10T08:00", "2026-03-10T16:00") || b.Proposal == nil {
			t.Fatalf("%s: proposed %+v", c.name, b)
		}
		stored := w.read(b)
		if got := stored.Awaited(); !slices.Equal(got, []booking.Side{booking.ByBooker, booking.ByManager}) {
			t.Errorf("%s: awaits %v", c.name, got)
		}
		if !stored.Proposal.Expires.Equal(w.clock().Add(48*time.Hour)) || stored.Proposal.By != w.who("moa").ID {
			t.Errorf("%s: proposal %+v", c.name, stored.Proposal)
		}
		if n := w.count(`select count(*) from allocations where active and hold_id is not null`); n != c.held {
			t.Errorf("%s: %d units held", c.name, n)
		}
		w.wantPurses(2026, 5_000_00, 0) // for the booking as it is, and no more
		w.mustHold()
		w.refuse(access.CodeForbidden, w.service.Accept, "moa", b) // nobody accepts for the booker
		b = w.must(w.service.Accept, "anna", b)
		if stored = w.read(b); stored.State != booking.Confirmed || stored.Version != 3 || stored.Proposal != nil ||
			w.count(`select count(*) from allocations where active and hold_id is not null`) != 0 {
			t.Errorf("%s: accepted %+v", c.name, stored)
		}
		if got, _ := stored.Approvals[0], 0; got.By != w.who("moa").ID || got.Approved.Period != stored.Period {
			t.Errorf("%s: approved %+v", c.name, got)
		}
		if got := w.news(); !slices.Equal(got, []string{"booking_proposed", "booking_accepted", "booking_reminder", "booking_reminder"}) {
			t.Errorf("%s: told %v", c.name, got)
		}
		w.mustHold()
		w.must(w.service.Cancel, "anna", b)
		w.wantPurses(2026, 0, 0)
		w.at(fmt.Sprintf("2026-03-02T09:%02d", i+1))
	}
}

func TestAProposalKeepsEverythingElseOut(t *testing.T) {
	t.Parallel()
	w := setup(t)
	b := w.mustPropose(w.book("station-1", "2026-03-10T08:00", "2026-03-10T16:00"), to("2026-03-10T12:00", "2026-03-10T20:00"))
	_, err := w.service.Request(t.Context(), w.who("rolf"), booking.Request{
		Resources: []id.Resource{"station-1"}, Project: "rust", Period: between("2026-03-10T19:00", "2026-03-10T21:00"),
	})
	w.wantCode(err, facilities.CodeSlotTaken)
	b = w.must(w.service.Reject, "anna", b) // as before
	stored := w.read(b)
	if stored.State != booking.Requested || stored.Version != 3 || stored.Proposal != nil || w.taken(b) != 1 ||
		stored.Period != between("2026-03-10T08:00", "2026-03-10T16:00") {
		t.Errorf("turned down, it is %+v", stored)
	}
	w.refuse(booking.CodeNoProposal, w.service.Accept, "anna", stored)
	w.refuse(booking.CodeNoProposal, w.service.Reject, "anna", stored)
	w.book("station-1", "2026-03-10T19:00", "2026-03-10T21:00")
	_, err = w.propose("moa", stored, to("2026-03-10T18:00", "2026-03-10T20:00"))
	w.wantCode(err, facilities.CodeSlotTaken)
	if r := (*booking.Refused)(nil); !errors.As(err, &r) || len(r.Alternatives) == 0 {
		t.Errorf("no alternatives with %v", err)
	}
	b = w.mustPropose(stored, to("2026-03-11T08:00", "2026-03-11T16:00"))
	b = w.mustPropose(b, to("2026-03-11T10:00", "2026-03-11T18:00")) // in place of the first, which it overlaps
	b = w.must(w.service.Approve, "moa", b)                          // as it was asked for after all
	if stored = w.read(b); stored.State != booking.Confirmed || stored.Proposal != nil || w.count(`select count(*) from holds where ended_at is null`) != 0 {
		t.Errorf("approved %+v", stored)
	}
}

func TestWhatCannotBeProposed(t *testing.T) {
	t.Parallel()
	w := setup(t)
	b := w.book("station-1", "2026-03-10T08:00", "2026-03-10T16:00")
	other := to("2026-03-11T08:00", "2026-03-11T16:00")
	for who, code := range map[string]problem.Code{
		"anna": access.CodeForbidden, "liv": access.CodeForbidden, "rut": access.CodeForbidden, "rolf": problem.CodeNotFound,
	} {
		_, err := w.propose(who, b, other)
		w.wantCode(err, code)
	}
	for _, c := range []struct {
		edit booking.Edit
		code problem.Code
	}{
		{booking.Edit{}, problem.CodeInvalid},
		{booking.Edit{Resources: []id.Resource{"press"}}, problem.CodeInvalid},
		{to("2026-03-11T08:00", "2026-03-11T07:00"), problem.CodeInvalid},
		{to("2026-03-01T08:00", "2026-03-01T16:00"), booking.CodeRefused},
	} {
		_, err := w.propose("moa", b, c.edit)
		w.wantCode(err, c.code)
	}
	_, err := w.service.Propose(t.Context(), w.who("moa"), booking.Change{Ref: b.Ref, Version: 1}, other)
	w.wantCode(err, booking.CodeReasonMissing)
	_, err = w.service.Propose(t.Context(), w.who("moa"), booking.Change{Ref: b.Ref, Version: 9, Reason: "x"}, other)
	w.wantCode(err, booking.CodeStale)
	if after := w.read(b); after.Version != 1 || w.count(`select count(*) from holds`) != 0 {
		t.Errorf("it is now %+v", after)
	}
	w.must(w.service.Cancel, "anna", b)
	_, err = w.propose("moa", w.read(b), other)
	w.wantCode(err, booking.CodeWrongState)
}

func TestAProposalLapses(t *testing.T) {
	t.Parallel()
	w := setup(t)
	far := w.mustPropose(w.book("station-1", "2026-03-10T08:00", "2026-03-10T16:00"), to("2026-03-12T08:00", "2026-03-12T16:00"))
	near := w.mustPropose(w.book("station-2", "2026-03-10T08:00", "2026-03-10T16:00"), to("2026-03-03T10:00", "2026-03-03T11:00"))
	sweep := func() {
		for range 2 {
			if err := w.service.Sweep(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
	}
	w.at("2026-03-03T10:00") // where the nearer would start
	w.refuse(booking.CodeNoProposal, w.service.Accept, "anna", near)
	w.news()
	sweep()
	if got := w.news(); !slices.Equal(got, []string{"booking_lapsed"}) {
		t.Errorf("told %v", got)
	}
	if stored := w.read(near); stored.State != booking.Requested || stored.Version != 3 || stored.Proposal != nil {
		t.Errorf("it is now %+v", stored)
	}
	w.at("2026-03-04T08:59")
	sweep()
	if w.read(far).Proposal == nil {
		t.Error("lapsed a minute early")
	}
	w.at("2026-03-04T09:00")
	sweep()
	if stored := w.read(far); stored.Proposal != nil || stored.History[2].Action != booking.ActLapse || stored.History[2].By != 0 {
		t.Errorf("it is now %+v", stored)
	}
}

// Accepting races with turning down, with the manager's own approval and with
// everybody who wants the time that is held: one answer counts.
func TestAnswersToAProposalAtOnce(t *testing.T) {
	t.Parallel()
	w := setup(t)
	anna, liv, moa, rolf := w.who("anna"), w.who("liv"), w.who("moa"), w.who("rolf")
	for round := range 4 {
		day := fmt.Sprintf("2026-03-%d", 10+round)
		b := w.mustPropose(w.book("station-1", day+"T08:00", day+"T16:00"), to(day+"T12:00", day+"T20:00"))
		c := booking.Change{Ref: b.Ref, Version: 2, Reason: "Nej"}
		winners := w.won(race(16, func(i int) (*booking.Booking, error) {
			switch i % 4 {
			case 0:
				return w.service.Accept(t.Context(), []*access.Principal{anna, liv}[i/4%2], c)
			case 1:
				return w.service.Reject(t.Context(), anna, c)
			case 2:
				return w.service.Approve(t.Context(), moa, c)
			}
			return w.service.Request(t.Context(), rolf, booking.Request{
				Resources: []id.Resource{"station-1"}, Project: "rust", Period: between(day+"T18:00", day+"T20:00"),
			})
		}), booking.CodeStale, booking.CodeNoProposal, facilities.CodeSlotTaken)
		answers := slices.DeleteFunc(winners, func(x *booking.Booking) bool { return x.Ref != b.Ref })
		if stored := w.read(b); len(answers) != 1 || stored.Version != 3 || stored.Proposal != nil {
			t.Fatalf("%d answers, and it is %+v", len(answers), stored)
		}
		w.mustHold()
	}
}

func TestALeadWhoIsAskedMustApproveTheChangeToo(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.leadAbove(5_000_00)
	b := w.mustPropose(w.book("station-1", "2026-03-10T08:00", "2026-03-10T10:00"), to("2026-03-11T08:00", "2026-03-11T16:00"))
	b = w.must(w.service.Accept, "anna", b) // 10 000 SEK: the managers have said yes, the lead has not
	if b.State != booking.Requested || !slices.Equal(w.read(b).Awaited(), []booking.Side{booking.ByLead}) {
		t.Errorf("accepted, it is %s and awaits %v", b.State, w.read(b).Awaited())
	}
	b = w.must(w.service.Approve, "liv", b)
	// Confirmed. What the manager proposes now beyond that needs the booker and the lead.
	b = w.mustPropose(b, to("2026-03-12T08:00", "2026-03-12T20:00"))
	b = w.must(w.service.Accept, "anna", b)
	if stored := w.read(b); stored.State != booking.Confirmed || !slices.Equal(stored.Awaited(), []booking.Side{booking.ByLead}) ||
		stored.Period != between("2026-03-11T08:00", "2026-03-11T16:00") {
		t.Errorf("accepted by one, it is %+v", stored)
	}
	b = w.must(w.service.Approve, "liv", b)
	if stored := w.read(b); stored.Period != between("2026-03-12T08:00", "2026-03-12T20:00") || stored.Proposal != nil {
		t.Errorf("approved by both, it is %+v", stored)
	}
	b = w.mustPropose(b, to("2026-03-13T08:00", "2026-03-13T20:00"))
	if b = w.must(w.service.Accept, "liv", b); b.Proposal != nil || b.Period != between("2026-03-13T08:00", "2026-03-13T20:00") {
		t.Errorf("accepted by the lead, it is %+v", b) // both answers in one
	}
}
