package booking_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"rigg/access"
	"rigg/booking"
	"rigg/facilities"
	"rigg/internal/database"
	"rigg/internal/id"
	"rigg/internal/money"
	"rigg/internal/problem"
	"rigg/internal/text"
)

// leadAbove has the project alloy's lead approve what costs more.
func (w *world) leadAbove(limit money.Ore) {
	w.Helper()
	w.exec(`update projects set lead_above = $1 where id = 'alloy'`, int64(limit))
}

func TestAResourceMayStateItsOwnApproval(t *testing.T) {
	t.Parallel()
	w := setup(t)
	put := func(approval facilities.Approval, below money.Ore) {
		w.update(func(tx *database.Tx) error {
			_, err := facilities.PutResource(tx, facilities.ResourceStated{
				ID: "station-1", Facility: "line", Name: text.Text{SV: "1", EN: "1"}, Units: []string{"s1"},
				Approval: approval, AutoBelow: below,
			})
			return err
		})
	}
	for i, c := range []struct {
		approval  facilities.Approval
		below     money.Ore
		resources []id.Resource
		hours     string
		want      booking.State
	}{
		{"", 0, []id.Resource{"station-1"}, "10", booking.Requested}, // the line's: manual
		{facilities.Auto, 0, []id.Resource{"station-1"}, "10", booking.Confirmed},
		{facilities.Auto, 0, []id.Resource{"station-1", "station-2"}, "10", booking.Requested}, // the stricter decides
		{facilities.AutoIf, 2_500_01, []id.Resource{"station-1"}, "10", booking.Confirmed},     // 2 500 SEK: just below
		{facilities.AutoIf, 2_500_00, []id.Resource{"station-1"}, "10", booking.Requested},
		{facilities.Manual, 0, []id.Resource{"station-1"}, "10", booking.Requested},
	} {
		put(c.approval, c.below)
		day := fmt.Sprintf("2026-03-%d", 10+i)
		in := want("station-1", day+"T08:00", day+"T"+c.hours+":00")
		in.Resources = c.resources
		b, err := w.service.Request(t.Context(), w.who("anna"), in)
		if err != nil || b.State != c.want {
			t.Errorf("%s below %d: %v, %v", c.approval, c.below, b, err)
		}
	}
}

func TestTheLeadApprovesAboveALimit(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.leadAbove(5_000_00)
	atLimit := w.book("press", "2026-03-10T08:00", "2026-03-10T12:00") // 5 000 SEK
	if atLimit.State != booking.Confirmed || len(atLimit.Approvals) != 0 {
		t.Errorf("at the limit it is %+v", atLimit)
	}
	above := w.book("press", "2026-03-11T08:00", "2026-03-11T12:01")
	if above.State != booking.Requested || !slices.Equal(above.Awaited(), []booking.Side{booking.ByLead}) {
		t.Errorf("above it is %s and awaits %v", above.State, above.Awaited())
	}
	w.refuse(booking.CodeNotAwaited, w.service.Approve, "mia", above) // the facility confirms at once: only the lead is asked
	w.refuse(access.CodeForbidden, w.service.Approve, "anna", above)
	w.news()
	above = w.must(w.service.Approve, "liv", above)
	if above.State != booking.Confirmed || above.Approvals[0].By != w.who("liv").ID || above.Approvals[0].At.IsZero() {
		t.Errorf("approved %+v", above)
	}
	if got := w.news(); got[0] != "booking_confirmed" {
		t.Errorf("told %v", got)
	}
	own, err := w.service.Request(t.Context(), w.who("liv"), want("press", "2026-03-12T08:00", "2026-03-12T16:00"))
	if err != nil || own.State != booking.Confirmed || own.Approvals[0].By != w.who("liv").ID {
		t.Errorf("the lead's own is %+v, %v", own, err)
	}
	q, err := w.service.Quote(t.Context(), w.who("anna"), want("press", "2026-03-13T08:00", "2026-03-13T16:00"))
	if err != nil || q.Confirms || !slices.Equal(q.Awaits, []booking.Side{booking.ByLead}) {
		t.Errorf("quoted %+v, %v", q, err)
	}
}

func TestManagerAndLeadApproveInEitherOrder(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.leadAbove(5_000_00)
	for day, order := range [][2]string{{"moa", "liv"}, {"liv", "moa"}} {
		when := fmt.Sprintf("2026-03-%d", 10+day)
		b := w.book("station-1", when+"T08:00", when+"T16:00")
		if !slices.Equal(b.Awaited(), []booking.Side{booking.ByManager, booking.ByLead}) {
			t.Fatalf("awaits %v", b.Awaited())
		}
		b = w.must(w.service.Approve, order[0], b)
		if b.State != booking.Requested || len(w.read(b).Awaited()) != 1 {
			t.Errorf("after %s it is %s and awaits %v", order[0], b.State, w.read(b).Awaited())
		}
		err := w.refuse(booking.CodeNotAwaited, w.service.Approve, order[0], b) // once is enough
		if told := problem.From(err).Text(); told.SV == "" || !strings.Contains(told.EN, "awaited from the ") {
			t.Errorf("told %+v", told)
		}
		b = w.must(w.service.Approve, order[1], b)
		if stored := w.read(b); stored.State != booking.Confirmed || len(stored.Approvals) != 2 || len(stored.Awaited()) != 0 {
			t.Errorf("after both it is %+v", stored)
		}
	}
	declined := w.must(w.service.Decline, "liv", w.book("station-1", "2026-03-13T08:00", "2026-03-13T16:00"))
	if declined.State != booking.Declined || w.taken(declined) != 0 {
		t.Errorf("declined %+v", declined)
	}
	half := w.must(w.service.Approve, "liv", w.book("station-1", "2026-03-14T08:00", "2026-03-14T16:00"))
	w.must(w.service.Decline, "moa", half)
	small := w.book("station-1", "2026-03-15T08:00", "2026-03-15T10:00")
	w.refuse(access.CodeForbidden, w.service.Approve, "liv", small) // the lead is not asked
	w.refuse(access.CodeForbidden, w.service.Decline, "liv", small)
}

// Two managers and the lead answer at once, again and again: each round one of
// each side counts, whoever was late is told, and no answer is lost.
func TestManagersAndLeadAtOnce(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.leadAbove(5_000_00)
	people := []*access.Principal{w.who("mia"), w.who("moa"), w.who("liv")}
	for round := range 5 {
		day := fmt.Sprintf("2026-03-%d", 10+round)
		b := w.book("station-1", day+"T08:00", day+"T16:00")
		first := w.won(race(9, func(i int) (*booking.Booking, error) {
			return w.service.Approve(t.Context(), people[i%3], booking.Change{Ref: b.Ref, Version: 1})
		}), booking.CodeStale)
		if len(first) != 1 || first[0].State != booking.Requested {
			t.Fatalf("%d won", len(first))
		}
		second := w.won(race(9, func(i int) (*booking.Booking, error) {
			return w.service.Approve(t.Context(), people[i%3], booking.Change{Ref: b.Ref, Version: 2})
		}), booking.CodeStale, booking.CodeNotAwaited)
		if stored := w.read(b); len(second) != 1 || stored.State != booking.Confirmed || stored.Version != 3 {
			t.Fatalf("%d won, and it is %s in version %d", len(second), stored.State, stored.Version)
		}
	}
}

func TestManyAreApprovedOneByOne(t *testing.T) {
	t.Parallel()
	w := setup(t)
	one, two, gone := w.book("station-1", "2026-03-10T08:00", "2026-03-10T16:00"),
		w.book("station-1", "2026-03-11T08:00", "2026-03-11T16:00"), w.book("station-1", "2026-03-12T08:00", "2026-03-12T16:00")
	w.must(w.service.Cancel, "anna", gone)
	all := []booking.Change{
		{Ref: one.Ref, Version: 1, Reason: "Välkomna"}, {Ref: gone.Ref, Version: 1}, {Ref: "abcdefghjkmnp", Version: 1}, {Ref: two.Ref, Version: 1},
	}
	ctx := access.WithKey(t.Context(), "key", "POST", "/bookings/approve")
	for range 2 { // with the key, what was done is not done again
		got, err := w.service.ApproveAll(ctx, w.who("moa"), all)
		if err != nil || len(got) != 4 || got[0].Booking.State != booking.Confirmed || got[3].Booking.Ref != two.Ref {
			t.Fatalf("%+v, %v", got, err)
		}
		w.wantCode(got[1].Err, booking.CodeStale)
		w.wantCode(got[2].Err, problem.CodeNotFound)
	}
	if v := w.read(one).Version; v != 2 {
		t.Errorf("version %d", v)
	}
	_, err := w.service.ApproveAll(ctx, w.who("moa"), make([]booking.Change, booking.MaxApproveAll+1))
	w.wantCode(err, problem.CodeInvalid)
	_, err = w.service.ApproveAll(ctx, w.who("moa"), nil)
	w.wantCode(err, problem.CodeInvalid)
	if got, err := w.service.ApproveAll(t.Context(), w.who("olle"), all[:1]); err != nil || !problem.Has(got[0].Err, problem.CodeNotFound) {
		t.Errorf("a stranger is told %v, %v", got, err)
	}
}

func TestARequestThatNobodyAnswersExpires(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.exec(`update facilities set rules = '{"escalate_after": "24h", "answer_within": "3d"}' where id = 'line'`)
	b := w.book("station-1", "2026-03-20T08:00", "2026-03-20T16:00") // at 09:00 on the 2nd
	asked := w.must(w.service.Ask, "moa", w.book("station-1", "2026-03-21T08:00", "2026-03-21T16:00"))
	soon := w.book("station-1", "2026-03-04T08:00", "2026-03-04T16:00")
	sweep := func(when string) {
		w.at(when)
		for range 2 {
			if err := w.service.Sweep(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
	}
	late := func() (out []id.Booking) {
		all, err := w.service.ListEscalations(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range all {
			out = append(out, e.Booking)
		}
		return out
	}
	if w.at("2026-03-03T08:59"); len(late()) != 0 {
		t.Error("passed on a minute early")
	}
	if w.at("2026-03-03T09:00"); !slices.Equal(late(), []id.Booking{b.ID, soon.ID}) {
		t.Errorf("passed on %v", late())
	}
	sweep("2026-03-05T08:59")
	if got := w.read(soon).State; got != booking.Expired { // never later than its start
		t.Errorf("the one that began is %s", got)
	}
	if got := w.read(b).State; got != booking.Requested {
		t.Errorf("a minute early it is %s", got)
	}
	w.news()
	sweep("2026-03-05T09:00")
	if got := w.read(b); got.State != booking.Expired || got.Version != 2 || w.taken(b) != 0 {
		t.Errorf("it is now %+v", got)
	}
	if got := w.news(); !slices.Equal(got, []string{"booking_expired"}) {
		t.Errorf("told %v", got)
	}
	if got := w.read(asked).State; got != booking.Requested { // the booker's turn
		t.Errorf("the asked one is %s", got)
	}
}
