package booking_test

import (
	"slices"
	"testing"

	"rigg/booking"
	"rigg/facilities"
	"rigg/internal/database"
	"rigg/internal/id"
	"rigg/internal/problem"
	"rigg/internal/text"
)

// displaced is a booking of the press on 10 March 08–10 that a service until noon
// has displaced.
func (w *world) displaced() (*booking.Booking, facilities.Outage) {
	w.Helper()
	b := w.book("press", "2026-03-10T08:00", "2026-03-10T10:00")
	made := w.save(w.outage("machines", "press", "2026-03-10T07:00", "2026-03-10T12:00")).Outages[0]
	w.work()
	return w.read(b), made
}

// held is what is held for the booking.
func (w *world) held(b *booking.Booking) (booking.Hold, bool) {
	w.Helper()
	h, ok, err := w.service.AlternativeOf(w.Context(), b.ID)
	if err != nil {
		w.Fatal(err)
	}
	return h, ok
}

func TestADisplacedBookingTakesTheAlternative(t *testing.T) {
	t.Parallel()
	w := setup(t)
	b, made := w.displaced()
	if got := w.news(); !slices.Contains(got, "booking_displaced") {
		t.Errorf("told %v", got)
	}
	h, ok := w.held(b)
	if !ok || h.Period != between("2026-03-10T05:00", "2026-03-10T07:00") || h.Expires != local("2026-03-03T09:00") {
		t.Fatalf("held %+v", h)
	}
	if _, err := w.service.Request(w.Context(), w.who("rolf"), booking.Request{
		Resources: []id.Resource{"press"}, Project: "rust", Period: h.Period,
	}); !problem.Has(err, facilities.CodeSlotTaken) {
		t.Errorf("a rival had it: %v", err)
	}
	if w.taken(b) != 0 {
		t.Error("it still holds its unit")
	}
	w.wantPurses(2026, 1_250_00, 0)
	w.refuse(problem.CodeNotFound, w.service.AcceptAlternative, "rolf", b)
	moved := w.must(w.service.AcceptAlternative, "anna", b)
	if moved.State != booking.Confirmed || moved.Period != h.Period || w.taken(moved) != 1 {
		t.Errorf("moved to %+v", moved)
	}
	w.refuse(booking.CodeNothingHeld, w.service.AcceptAlternative, "anna", moved)
	w.lift(made)
	if got := w.read(b); got.Version != moved.Version {
		t.Error("who has taken another time was put back")
	}
}

func TestADisplacedBookingMovesAnywhereOrEnds(t *testing.T) {
	t.Parallel()
	w := setup(t)
	b, _ := w.displaced()
	if _, err := w.edit(b, booking.Edit{}); !problem.Has(err, facilities.CodeSlotTaken) {
		t.Errorf("moved to where it is down: %v", err)
	}
	moved, err := w.edit(b, booking.Edit{Period: between("2026-03-12T08:00", "2026-03-12T12:00"), Resources: []id.Resource{"tower"}})
	if err != nil || moved.State != booking.Confirmed {
		t.Fatalf("%+v, %v", moved, err)
	}
	if _, ok := w.held(b); ok {
		t.Error("the alternative is still held")
	}
	w.mustHold()
	other := w.book("bed", "2026-03-10T08:00", "2026-03-10T10:00")
	w.save(w.outage("machines", "bed", "2026-03-10T07:00", "2026-03-10T12:00"))
	w.work()
	ended := w.must(w.service.Cancel, "anna", w.read(other))
	if _, ok := w.held(other); ok || ended.State != booking.Cancelled {
		t.Errorf("cancelled: %s", ended.State)
	}
}

func TestLiftingPutsBackTheOldestFirst(t *testing.T) {
	t.Parallel()
	w := setup(t)
	b, made := w.displaced()
	w.news()
	w.lift(made)
	got := w.read(b)
	if got.State != booking.Confirmed || got.Period != b.Period || w.taken(b) != 1 {
		t.Errorf("put back as %+v", got)
	}
	if _, ok := w.held(b); ok {
		t.Error("its alternative is still held")
	}
	if news := w.news(); !slices.Equal(news, []string{"booking_restored", "booking_reminder", "booking_reminder"}) {
		t.Errorf("told %v", news)
	}
	// Where another has the time by then, it stays displaced.
	second := w.save(w.outage("machines", "press", "2026-03-10T07:00", "2026-03-10T12:00")).Outages[0]
	w.work()
	shorter := booking.OutageWish{Outage: second, Displace: true}
	shorter.Outage.Period = between("2026-03-10T09:00", "2026-03-10T12:00")
	w.save(shorter)
	if w.read(b).State != booking.Displaced {
		t.Error("put back while half its time is down")
	}
	w.book("press", "2026-03-10T08:00", "2026-03-10T09:00")
	w.lift(second)
	if w.read(b).State != booking.Displaced {
		t.Error("put back into another's time")
	}
}

func TestShorteningPutsBack(t *testing.T) {
	t.Parallel()
	w := setup(t)
	b, made := w.displaced()
	shorter := booking.OutageWish{Outage: made}
	shorter.Outage.Period = between("2026-03-10T10:00", "2026-03-10T12:00")
	w.save(shorter)
	if got := w.read(b); got.State != booking.Confirmed {
		t.Errorf("it is %s", got.State)
	}
}

// The same time on an equal machine is better than another time.
func TestTheAlternativeIsAnEqualMachine(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.update(func(tx *database.Tx) error {
		for _, name := range []id.Resource{"press", "tower"} {
			if _, err := facilities.PutResource(tx, facilities.ResourceStated{
				ID: name, Facility: "machines", Units: []string{string(name)}, Capabilities: []string{"forming"},
				Name: text.Text{SV: string(name), EN: string(name)},
			}); err != nil {
				return err
			}
		}
		return nil
	})
	b, _ := w.displaced()
	h, ok := w.held(b)
	if !ok || !slices.Equal(h.Resources, []id.Resource{"tower"}) || h.Period != b.Period {
		t.Errorf("held %+v", h)
	}
	if moved := w.must(w.service.AcceptAlternative, "anna", b); !slices.Equal(moved.Resources, []id.Resource{"tower"}) {
		t.Errorf("moved to %+v", moved)
	}
	w.wantPurses(2026, 2400_01, 0) // the tower costs more
}

func TestAnAlternativeExpiresAndTheBookingIsNotLostUntold(t *testing.T) {
	t.Parallel()
	w := setup(t)
	b, _ := w.displaced()
	w.news()
	w.at("2026-03-03T09:00")
	w.sweep()
	if _, ok := w.held(b); ok {
		t.Error("still held after a day")
	}
	if got := w.news(); !slices.Equal(got, []string{"booking_alternative_expired"}) {
		t.Errorf("told %v", got)
	}
	if w.read(b).State != booking.Displaced {
		t.Error("not displaced any more")
	}
	w.at("2026-03-10T07:59")
	w.sweep()
	if w.read(b).State != booking.Displaced {
		t.Error("given up before its start")
	}
	w.at("2026-03-10T08:00")
	w.sweep()
	if got := w.read(b); got.State != booking.Cancelled || got.History[len(got.History)-1].Reason == "" {
		t.Errorf("at its start it is %s", got.State)
	}
	w.wantPurses(2026, 0, 0)
	if got := w.news(); !slices.Equal(got, []string{"booking_cancelled"}) {
		t.Errorf("told %v", got)
	}
}

// Who is displaced within the last day has a day nevertheless.
func TestWhoIsDisplacedLateHasADay(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.at("2026-03-10T07:50")
	b, _ := w.displaced()
	w.at("2026-03-11T07:49")
	w.sweep()
	if w.read(b).State != booking.Displaced {
		t.Error("lost within a day")
	}
	moved, err := w.edit(w.read(b), booking.Edit{Period: between("2026-03-12T08:00", "2026-03-12T10:00")})
	if err != nil || moved.State != booking.Confirmed {
		t.Errorf("%+v, %v", moved, err)
	}
}

// An outage over a held alternative has another one looked for.
func TestAnOutageOverAnAlternative(t *testing.T) {
	t.Parallel()
	w := setup(t)
	b, _ := w.displaced()
	h, _ := w.held(b)
	o := w.outage("machines", "press", "2026-03-10T04:00", "2026-03-10T07:00")
	plan, err := w.service.PreviewOutage(w.Context(), w.who("mia"), o)
	if err != nil || plan.Held != 1 {
		t.Errorf("previewed %+v, %v", plan, err)
	}
	w.save(o)
	w.work()
	if next, ok := w.held(b); !ok || next.ID == h.ID || next.Period != between("2026-03-10T12:00", "2026-03-10T14:00") {
		t.Errorf("now held is %+v", next)
	}
}
