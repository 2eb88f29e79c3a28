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
	"rigg/internal/period"
	"rigg/internal/problem"
	"rigg/internal/text"
)

func (w *world) sweepTwice() {
	w.Helper()
	for range 2 {
		if err := w.service.Sweep(w.Context()); err != nil {
			w.Fatal(err)
		}
	}
}

// Whatever gives time back, somebody else can have it in the next moment.
func TestTimeThatIsGivenBackIsFreeAtOnce(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.exec(`update resources set rules = rules || '{"reconfirm": "48h"}' where id = 'tower'`)
	for i, c := range []struct {
		name     string
		resource id.Resource
		now      string // of the day before (-) or the day itself
		give     func(b *booking.Booking, day string)
		free     string // from when until 16:00
	}{
		{"cancelled", "press", "-09:00", func(b *booking.Booking, _ string) { w.must(w.service.Cancel, "anna", b) }, "08:00"},
		{"shortened", "press", "-09:00", func(b *booking.Booking, day string) { w.mustEdit("anna", b, to(day+"T08:00", day+"T10:00")) }, "10:00"},
		{"ended early", "press", "09:00", func(b *booking.Booking, day string) { w.mustEdit("anna", b, to(day+"T08:00", day+"T10:00")) }, "10:00"},
		{"checked out", "robot", "08:10", func(b *booking.Booking, day string) {
			b = w.must(w.service.CheckIn, "anna", b)
			w.at(day + "T10:00")
			w.must(w.service.CheckOut, "anna", b)
		}, "10:00"},
		{"no-show", "robot", "08:30", func(*booking.Booking, string) { w.sweepTwice() }, "08:31"},
		{"not reconfirmed", "tower", "-08:00", func(*booking.Booking, string) { w.sweepTwice() }, "08:00"},
	} {
		day, before := fmt.Sprintf("2026-03-%d", 10+2*i), fmt.Sprintf("2026-03-%02d", 9+2*i)
		w.at(before + "T07:00")
		if c.name == "not reconfirmed" {
			w.at("2026-03-02T09:00") // before it would be asked about
		}
		b := w.book(c.resource, day+"T08:00", day+"T16:00")
		if clock, earlier := strings.CutPrefix(c.now, "-"); earlier {
			w.at(before + "T" + clock)
		} else {
			w.at(day + "T" + clock)
		}
		in := booking.Request{Resources: []id.Resource{c.resource}, Project: "rust", Period: between(day+"T"+c.free, day+"T16:00")}
		_, err := w.service.Request(t.Context(), w.who("rolf"), in)
		w.wantCode(err, facilities.CodeSlotTaken)
		c.give(b, day)
		if _, err := w.service.Request(t.Context(), w.who("rolf"), in); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		w.mustHold()
	}
}

func TestEndingEarlyKeepsWhatIsCharged(t *testing.T) {
	t.Parallel()
	w := setup(t)
	booked := facilities.Booked
	w.update(func(tx *database.Tx) error {
		_, err := facilities.PutResource(tx, facilities.ResourceStated{ID: "bed", Facility: "machines", Name: text.Text{SV: "b", EN: "b"},
			Units: []string{"bed"}, Rules: facilities.Stated{Charge: &booked, CheckIn: new(true)}})
		return err
	})
	w.exec(`update rates set per = 'hour', amount_ore = 125000 where resource_id = 'bed'`)
	for i, c := range []struct {
		name, resource, out string
		hours               money.Ore // charged
	}{
		{"by the booked time", "bed", "12:00", 8},
		{"by the used time", "robot", "12:00", 4},
		{"by the greater", "kiln", "12:00", 8},
		{"by the used time, out before the new end", "robot", "10:00", 2},
	} {
		day := fmt.Sprintf("2026-03-%dT", 10+i)
		w.at("2026-03-02T09:00")
		_, before := w.purse("alloy", "anvil", 2026)
		b := w.book(id.Resource(c.resource), day+"08:00", day+"16:00")
		w.at(day + "08:00")
		b = w.must(w.service.CheckIn, "anna", b)
		b = w.mustEdit("anna", b, to(day+"08:00", day+"13:00"))
		b = w.mustEdit("anna", b, to(day+"08:00", day+"12:00")) // earlier still
		if stored := w.read(b); stored.State != booking.InUse || stored.Version != 4 || !stored.BookedUntil.Equal(local(day+"16:00")) {
			t.Errorf("%s: it is %+v", c.name, stored)
		}
		w.mustHold()
		w.at(day + c.out)
		w.must(w.service.CheckOut, "anna", b)
		if _, after := w.purse("alloy", "anvil", 2026); after-before != c.hours*625_00 {
			t.Errorf("%s: %d charged", c.name, after-before)
		}
		w.mustHold()
	}
}

func TestWhatEndingEarlyCannotDo(t *testing.T) {
	t.Parallel()
	w := setup(t)
	b := w.book("press", "2026-03-10T08:00", "2026-03-10T16:00")
	w.at("2026-03-10T09:00")
	for name, e := range map[string]booking.Edit{
		"longer": to("2026-03-10T08:00", "2026-03-10T17:00"), "the past": to("2026-03-10T08:00", "2026-03-10T08:59"),
		"another start": to("2026-03-10T09:00", "2026-03-10T15:00"), "before it began": to("2026-03-10T08:00", "2026-03-10T08:00"),
		"another machine": {Resources: []id.Resource{"tower"}, Period: between("2026-03-10T08:00", "2026-03-10T15:00")},
	} {
		if _, err := w.edit(b, e); !problem.Has(err, booking.CodeWrongState) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if b = w.mustEdit("mia", b, to("2026-03-10T08:00", "2026-03-10T09:00")); b.Version != 2 { // now: the very edge
		t.Errorf("it is %+v", b)
	}
	w.sweepTwice()
	if got := w.read(b).State; got != booking.Completed {
		t.Errorf("it is %s", got)
	}
	w.wantPurses(2026, 0, 5_000_00)
}

// The question and its answer are by the site's clock where the rule counts days,
// and elapsed time where it counts hours, over a clock change too.
func TestWhenReconfirmationIsAsked(t *testing.T) {
	t.Parallel()
	w := setup(t)
	for _, c := range []struct{ rules, start, ask, by string }{
		{`{"reconfirm": "48h"}`, "2026-03-20T09:00", "2026-03-18T09:00", "2026-03-19T09:00"},
		{`{"reconfirm": "48h", "reconfirm_by": "2h"}`, "2026-03-20T09:00", "2026-03-18T09:00", "2026-03-20T07:00"},
		{`{"reconfirm": "48h"}`, "2026-03-30T01:00", "2026-03-28T00:00", "2026-03-29T00:00"},
		{`{"reconfirm": "2d", "reconfirm_by": "1d"}`, "2026-03-30T01:00", "2026-03-28T01:00", "2026-03-29T01:00"},
		{`{"reconfirm": "2d"}`, "2026-03-30T01:00", "2026-03-28T01:00", "2026-03-29T00:30"}, // half of 47 hours
		{`{"reconfirm": "1d"}`, "2026-10-26T01:00", "2026-10-25T01:00", "2026-10-25T12:30"}, // half of 25
	} {
		w.exec(`update resources set rules = $1::jsonb where id = 'press'`, c.rules)
		w.news()
		b := w.book("press", c.start, c.start[:10]+"T10:00")
		if !b.ReconfirmAsk.Equal(local(c.ask)) || !b.ReconfirmBy.Equal(local(c.by)) {
			t.Errorf("%s at %s: asks %v, by %v", c.rules, c.start, b.ReconfirmAsk, b.ReconfirmBy)
		}
		stored := w.read(b)
		if !stored.ReconfirmBy.Equal(b.ReconfirmBy) || !slices.Contains(w.news(), "booking_reconfirm") {
			t.Errorf("%s at %s: stored %v", c.rules, c.start, stored.ReconfirmBy)
		}
		w.must(w.service.Cancel, "anna", b)
	}
}

func TestReconfirmation(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.exec(`update facilities set rules = '{"reconfirm": "48h"}' where id in ('machines', 'line')`)
	kept, lost := w.book("press", "2026-03-10T08:00", "2026-03-10T16:00"), w.book("tower", "2026-03-10T08:00", "2026-03-10T16:00")
	moved := w.book("printer", "2026-03-10T08:00", "2026-03-10T16:00")
	approved := w.must(w.service.Approve, "moa", w.book("station-1", "2026-03-10T08:00", "2026-03-10T16:00"))
	if late := w.book("press", "2026-03-04T08:00", "2026-03-04T16:00"); !late.ReconfirmBy.IsZero() {
		t.Errorf("who books within the time is asked by %v", late.ReconfirmBy)
	}
	if approved.ReconfirmBy.IsZero() {
		t.Error("an approved booking is not asked about")
	}
	w.at("2026-03-08T07:59")
	w.refuse(booking.CodeNotAwaited, w.service.Reconfirm, "anna", kept) // nobody has asked yet
	w.at("2026-03-08T08:00")
	asked, err := w.service.ListReconfirm(t.Context())
	if err != nil || len(asked) != 4 {
		t.Errorf("%v, %v", asked, err)
	}
	for who, code := range map[string]problem.Code{"rolf": problem.CodeNotFound, "rut": access.CodeForbidden} {
		w.refuse(code, w.service.Reconfirm, who, kept)
	}
	kept = w.must(w.service.Reconfirm, "anna", kept)
	w.refuse(booking.CodeNotAwaited, w.service.Reconfirm, "anna", kept)
	moved = w.mustEdit("anna", moved, to("2026-03-12T08:00", "2026-03-12T16:00")) // and is asked anew
	w.must(w.service.Reconfirm, "moa", approved)
	w.at("2026-03-09T07:59")
	w.sweepTwice()
	if got := w.read(lost).State; got != booking.Confirmed {
		t.Errorf("a minute early it is %s", got)
	}
	w.at("2026-03-09T08:00")
	w.refuse(booking.CodeNotAwaited, w.service.Reconfirm, "anna", lost)
	w.news()
	w.sweepTwice()
	if got := w.read(lost); got.State != booking.Cancelled || got.Version != 2 || got.History[1].Action != booking.ActRelease || w.taken(lost) != 0 {
		t.Errorf("it is now %+v", got)
	}
	if got := w.news(); !slices.Equal(got, []string{"booking_cancelled"}) {
		t.Errorf("told %v", got)
	}
	for _, b := range []*booking.Booking{kept, moved, approved} {
		if got := w.read(b); got.State != booking.Confirmed {
			t.Errorf("it is now %+v", got)
		}
	}
	if got := w.read(moved); !got.ReconfirmBy.Equal(local("2026-03-11T08:00")) {
		t.Errorf("asked anew by %v", got.ReconfirmBy)
	}
	w.wantPurses(2026, 3*5_000_00, 5_000_00) // of three to come and one used: the released one cost nothing
}

// The answer at the last moment races with the release: one of them counts.
func TestReconfirmAndReleaseAtOnce(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.exec(`update resources set rules = '{"reconfirm": "48h"}' where id = 'press'`)
	b := w.book("press", "2026-03-10T08:00", "2026-03-10T16:00")
	anna := w.who("anna")
	w.at("2026-03-09T07:59")
	winners := w.won(race(8, func(i int) (*booking.Booking, error) {
		if i == 3 {
			w.at("2026-03-09T08:00")
		}
		if i%2 == 0 {
			return b, w.service.Sweep(t.Context())
		}
		return w.service.Reconfirm(t.Context(), anna, booking.Change{Ref: b.Ref, Version: 1})
	}), booking.CodeStale, booking.CodeNotAwaited)
	w.at("2026-03-09T08:00")
	w.sweepTwice()
	stored := w.read(b)
	answered := slices.ContainsFunc(winners, func(x *booking.Booking) bool { return x.Version == 2 })
	if stored.Version != 2 || answered != (stored.State == booking.Confirmed) {
		t.Errorf("answered %t, and it is %s in version %d", answered, stored.State, stored.Version)
	}
}

func TestABookingIsHandedOver(t *testing.T) {
	t.Parallel()
	w := setup(t)
	hand := func(by string, b *booking.Booking, to string) (*booking.Booking, error) {
		return w.service.HandOver(t.Context(), w.who(by), booking.Change{Ref: b.Ref, Version: b.Version}, to)
	}
	b := w.book("press", "2026-03-10T08:00", "2026-03-10T16:00")
	w.news()
	for _, c := range []struct {
		by, to string
		code   problem.Code
	}{
		{"rolf", "liv@bolag.example", problem.CodeNotFound}, {"rut", "liv@bolag.example", access.CodeForbidden},
		{"anna", "rolf@bolag.example", booking.CodeNotInProject}, {"anna", "nobody@bolag.example", booking.CodeNotInProject},
		{"anna", "anna@bolag.example", problem.CodeInvalid}, {"anna", "liv", problem.CodeInvalid},
	} {
		_, err := hand(c.by, b, c.to)
		if w.wantCode(err, c.code); problem.From(err).Text().SV == problem.From(err).Text().EN {
			t.Errorf("%s to %s: said in one language: %v", c.by, c.to, err)
		}
	}
	given, err := hand("anna", b, "Liv@bolag.example")
	if err != nil || given.Person != w.who("liv").ID || given.Version != 2 || given.UID() != b.UID() {
		t.Fatalf("%+v, %v", given, err)
	}
	stored := w.read(b)
	if stored.Person != given.Person || stored.CreatedBy != b.Person || stored.History[1].HandedOver() != b.Person || given.History[1].HandedOver() != b.Person {
		t.Errorf("stored %+v", stored)
	}
	if got := w.news(); !slices.Equal(got, []string{"booking_handed_over"}) {
		t.Errorf("told %v", got)
	}
	w.refuse(access.CodeForbidden, w.service.Cancel, "anna", stored) // it is hers no more
	_, err = hand("anna", b, "liv@bolag.example")
	w.wantCode(err, access.CodeForbidden)

	w.update(func(tx *database.Tx) error {
		_, err := access.PutHeld(tx, b.Person, "safety", period.Date{Year: 2026, Month: 1, Day: 1}, period.Date{})
		return err
	})
	laser := w.book("laser", "2026-03-10T08:00", "2026-03-10T16:00")
	_, err = hand("anna", laser, "liv@bolag.example")
	w.wantCode(err, booking.CodeRefused)
	if w.read(laser).Version != 1 {
		t.Error("the refused one is changed")
	}
	w.at("2026-03-10T16:00")
	_, err = hand("liv", stored, "anna@bolag.example")
	w.wantCode(err, booking.CodeWrongState)
}
