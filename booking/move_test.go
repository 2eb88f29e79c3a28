package booking_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"rigg/access"
	"rigg/booking"
	"rigg/facilities"
	"rigg/internal/id"
	"rigg/internal/money"
	"rigg/internal/problem"
)

// edit changes the booking as Anna.
func (w *world) edit(b *booking.Booking, e booking.Edit) (*booking.Booking, error) {
	w.Helper()
	return w.service.Edit(w.Context(), w.who("anna"), booking.Change{Ref: b.Ref, Version: b.Version}, e)
}

func TestAMoveKeepsTheBookingAndAdjustsItsMoney(t *testing.T) {
	t.Parallel()
	w := setup(t)
	b := w.book("press", "2026-03-10T08:00", "2026-03-10T16:00")
	w.news()
	for i, c := range []struct {
		name     string
		edit     booking.Edit
		reserved money.Ore // in each purse
	}{
		{"over its own old time", booking.Edit{Period: between("2026-03-10T10:00", "2026-03-10T18:00")}, 5_000_00},
		{"longer", booking.Edit{Period: between("2026-03-10T08:00", "2026-03-10T20:00")}, 7_500_00},
		{"shorter", booking.Edit{Period: between("2026-03-10T08:00", "2026-03-10T10:00")}, 1_250_00},
		{"another day", booking.Edit{Period: between("2026-03-12T08:00", "2026-03-12T10:00")}, 1_250_00},
		{"to another machine", booking.Edit{Resources: []id.Resource{"bed"}}, 4_000_00},
		{"to two machines", booking.Edit{Resources: []id.Resource{"bed", "press"}}, 5_250_00},
	} {
		moved, err := w.edit(b, c.edit)
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		stored := w.read(b)
		if moved.Version != i+2 || moved.State != booking.Confirmed || moved.UID() != b.UID() || stored.Period != moved.Period ||
			!slices.Equal(stored.Resources, moved.Resources) || !slices.Equal(stored.Units, moved.Units) {
			t.Errorf("%s: moved to %+v, stored %+v", c.name, moved, stored)
		}
		if w.taken(b) != len(moved.Resources) {
			t.Errorf("%s: %d units taken", c.name, w.taken(b))
		}
		w.wantPurses(2026, c.reserved, 0)
		w.mustHold()
		if got := w.news(); !slices.Equal(got, []string{"booking_moved", "booking_reminder", "booking_reminder"}) {
			t.Errorf("%s: told %v", c.name, got)
		}
		b = moved
	}
	was := w.read(b).History[1].Details
	if was["start"] != "2026-03-10T07:00:00Z" || was["end"] != "2026-03-10T15:00:00Z" {
		t.Errorf("the history says it was %v", was)
	}
	w.book("press", "2026-03-10T08:00", "2026-03-10T20:00") // where it lay
}

func TestAMoveOverNewYearAndBack(t *testing.T) {
	t.Parallel()
	w := setup(t)
	b := w.book("press", "2026-12-31T08:00", "2026-12-31T10:00")
	b, err := w.edit(b, booking.Edit{Period: between("2026-12-31T23:00", "2027-01-01T01:00")})
	if err != nil {
		t.Fatal(err)
	}
	w.wantPurses(2026, 625_00, 0)
	w.wantPurses(2027, 625_00, 0)
	b, err = w.edit(b, booking.Edit{Period: between("2027-01-01T08:00", "2027-01-01T10:00")})
	if err != nil {
		t.Fatal(err)
	}
	w.wantPurses(2026, 0, 0)
	w.wantPurses(2027, 1_250_00, 0)
	if b, err = w.edit(b, booking.Edit{Period: between("2026-12-31T08:00", "2026-12-31T10:00")}); err != nil {
		t.Fatal(err)
	}
	w.must(w.service.Cancel, "anna", b)
	w.wantPurses(2026, 0, 0)
	w.wantPurses(2027, 0, 0)
}

func TestARefusedMoveChangesNothing(t *testing.T) {
	t.Parallel()
	w := setup(t)
	other := w.book("press", "2026-03-11T08:00", "2026-03-11T16:00")
	b := w.book("press", "2026-03-10T08:00", "2026-03-10T16:00")
	for _, c := range []struct {
		name string
		edit booking.Edit
		code problem.Code
	}{
		{"taken", booking.Edit{Period: between("2026-03-11T15:00", "2026-03-11T17:00")}, facilities.CodeSlotTaken},
		{"past", booking.Edit{Period: between("2026-03-01T15:00", "2026-03-01T17:00")}, booking.CodeRefused},
		{"unpriced", booking.Edit{Resources: []id.Resource{"unpriced"}}, booking.CodeRefused},
		{"dearer than the money", booking.Edit{Period: between("2026-03-12T08:00", "2026-06-12T08:00")}, booking.CodeRefused},
		{"backwards", booking.Edit{Period: between("2026-03-12T08:00", "2026-03-12T07:00")}, problem.CodeInvalid},
		{"no such machine", booking.Edit{Resources: []id.Resource{"no-such"}}, problem.CodeInvalid},
		{"another facility", booking.Edit{Resources: []id.Resource{"station-1"}}, problem.CodeInvalid},
	} {
		_, err := w.edit(b, c.edit)
		w.wantCode(err, c.code)
		if r := (*booking.Refused)(nil); errors.As(err, &r) && c.name == "taken" && len(r.Alternatives) == 0 {
			t.Errorf("%s: no alternatives", c.name)
		}
		after := w.read(b)
		if after.Version != 1 || after.Period != b.Period || w.taken(b) != 1 || after.Cost.Total != b.Cost.Total {
			t.Errorf("%s: it is now %+v", c.name, after)
		}
		w.wantPurses(2026, 10_000_00, 0)
		w.mustHold()
	}
	if after := w.read(other); after.Version != 1 {
		t.Errorf("the other is now %+v", after)
	}
}

func TestAPurposeChangesWithoutAMove(t *testing.T) {
	t.Parallel()
	w := setup(t)
	b := w.book("press", "2026-03-10T08:00", "2026-03-10T16:00")
	w.news()
	same, err := w.edit(b, booking.Edit{Purpose: new(b.Purpose), Period: b.Period, Resources: b.Resources})
	if err != nil || same.Version != 1 {
		t.Errorf("nothing changed, but it is %+v, %v", same, err)
	}
	b, err = w.edit(b, booking.Edit{Purpose: new("Ny legering")})
	if err != nil || b.Version != 2 || w.read(b).Purpose != "Ny legering" {
		t.Errorf("it is %+v, %v", b, err)
	}
	if got := w.news(); len(got) > 0 {
		t.Errorf("told %v", got)
	}
	if b, err = w.edit(b, booking.Edit{Purpose: new(""), Period: between("2026-03-10T09:00", "2026-03-10T17:00")}); err != nil {
		t.Fatal(err)
	}
	if stored := w.read(b); stored.Purpose != "" || stored.Version != 3 || stored.Period != b.Period {
		t.Errorf("stored %+v", stored)
	}
}

func TestWhoMayMoveAndWhen(t *testing.T) {
	t.Parallel()
	w := setup(t)
	b := w.book("press", "2026-03-10T08:00", "2026-03-10T16:00")
	later := booking.Edit{Period: between("2026-03-12T08:00", "2026-03-12T16:00")}
	for who, code := range map[string]problem.Code{
		"rolf": problem.CodeNotFound, "olle": problem.CodeNotFound, "rut": access.CodeForbidden,
	} {
		_, err := w.service.Edit(t.Context(), w.who(who), booking.Change{Ref: b.Ref, Version: 1}, later)
		w.wantCode(err, code)
	}
	_, err := w.service.Edit(t.Context(), w.who("anna"), booking.Change{Ref: "abcdefghjkmnp", Version: 1}, later)
	w.wantCode(err, problem.CodeNotFound)
	_, err = w.service.Edit(t.Context(), w.who("anna"), booking.Change{Ref: b.Ref, Version: 7}, later)
	w.wantCode(err, booking.CodeStale)
	// The manager moves it for the booker, who stays the booker.
	b, err = w.service.Edit(t.Context(), w.who("mia"), booking.Change{Ref: b.Ref, Version: 1}, later)
	if err != nil || b.Person != w.who("anna").ID {
		t.Fatalf("%+v, %v", b, err)
	}
	w.at("2026-03-12T08:00")
	_, err = w.edit(b, booking.Edit{Period: between("2026-03-13T08:00", "2026-03-13T16:00")})
	w.wantCode(err, booking.CodeWrongState)
	if told := problem.From(err).Text(); !strings.Contains(told.SV, "redan börjat") || !strings.Contains(told.EN, "already begun") {
		t.Errorf("told %+v, which does not say why", told)
	}
}

func TestAPoolMovesWithinItself(t *testing.T) {
	t.Parallel()
	w := setup(t)
	var all []*booking.Booking
	for range 3 {
		all = append(all, w.book("printer", "2026-03-10T08:00", "2026-03-10T16:00"))
	}
	_, err := w.service.Request(t.Context(), w.who("anna"), want("printer", "2026-03-10T15:00", "2026-03-10T17:00"))
	w.wantCode(err, facilities.CodeSlotTaken)
	// Full, but its own unit is not in its way.
	if _, err := w.edit(all[1], booking.Edit{Period: between("2026-03-10T09:00", "2026-03-10T17:00")}); err != nil {
		t.Error(err)
	}
	b := w.book("printer", "2026-03-10T08:00", "2026-03-10T09:00") // the hour that it left
	if !slices.Equal(b.Units, all[1].Units) {
		t.Errorf("took %v, free was %v", b.Units, all[1].Units)
	}
}
