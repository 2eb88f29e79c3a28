package booking_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"rigg/access"
	"rigg/booking"
	"rigg/facilities"
	"rigg/funding"
	"rigg/internal/id"
	"rigg/internal/money"
	"rigg/internal/problem"
)

func TestNightsWithAClockChangeHaveTheirRealLength(t *testing.T) {
	t.Parallel()
	w := setup(t)
	for _, c := range []struct {
		resource     id.Resource
		from, to     string
		minutes      int64
		total, share money.Ore
	}{
		{"press", "2026-03-28T22:00", "2026-03-29T06:00", 7 * 60, 8_750_00, 4_375_00},
		{"press", "2026-10-24T22:00", "2026-10-25T06:00", 9 * 60, 11_250_00, 5_625_00},
		{"bed", "2026-03-28T22:00", "2026-03-29T06:00", 7 * 60, 16_000_00, 8_000_00}, // two calendar days all the same
		{"bed", "2026-10-24T22:00", "2026-10-25T06:00", 9 * 60, 16_000_00, 8_000_00},
	} {
		b := w.book(c.resource, c.from, c.to)
		if b.Period.Minutes() != c.minutes || b.Cost.Total != c.total || b.Cost.Of("vinnova") != c.share {
			t.Errorf("%s from %s: %d min, %d, of which Vinnova %d", c.resource, c.from, b.Period.Minutes(), b.Cost.Total, b.Cost.Of("vinnova"))
		}
	}
	// The hour that is there twice can be booked twice, once each.
	w.book("tower", "2026-10-25T02:00:00+02:00", "2026-10-25T02:00:00+01:00")
	w.book("tower", "2026-10-25T02:00:00+01:00", "2026-10-25T03:00")
}

// FUNDING.md, case 4.
func TestABookingOverNewYearIsPaidByBothYears(t *testing.T) {
	t.Parallel()
	w := setup(t)
	b := w.book("tower", "2026-12-31T21:55", "2027-01-01T05:05")
	want := map[int][2]money.Ore{2026: {250_001, 250_001}, 2027: {610_002, 610_003}}
	if b.Cost.Total != 1_720_007 || len(b.Cost.Shares) != 4 {
		t.Errorf("%d in %+v", b.Cost.Total, b.Cost.Shares)
	}
	for year, amounts := range want {
		for i, party := range []id.Organisation{"vinnova", "anvil"} {
			if reserved, _ := w.purse("alloy", party, year); reserved != amounts[i] {
				t.Errorf("%s has %d reserved in %d; want %d", party, reserved, year, amounts[i])
			}
		}
	}
	w.at("2027-01-01T05:06")
	if err := w.service.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	for year, amounts := range want {
		for i, party := range []id.Organisation{"vinnova", "anvil"} {
			if reserved, spent := w.purse("alloy", party, year); reserved != 0 || spent != amounts[i] {
				t.Errorf("%s has %d reserved and %d spent in %d; want %d", party, reserved, spent, year, amounts[i])
			}
		}
	}
}

func TestAShortYearRefusesTheWholeBooking(t *testing.T) {
	t.Parallel()
	w := setup(t)
	in := want("tower", "2026-12-31T21:55", "2027-01-01T05:05")
	in.Project = "tight" // 437 500 each, both years; case 4 needs 610 002 in the second
	_, err := w.service.Request(t.Context(), w.who("anna"), in)
	var r *booking.Refused
	if !errors.As(err, &r) || len(r.Refusals) != 2 {
		t.Fatalf("%v", err)
	}
	e := r.Refusals[0]
	if e.Code != funding.CodeGrantExceeded || e.Details["year"] != 2027 || e.Details["short_ore"] != money.Ore(610_002-437_500) {
		t.Errorf("%v", e.Details)
	}
	if reserved, _ := w.purse("tight", "vinnova", 2026); reserved != 0 {
		t.Errorf("%d reserved in 2026", reserved)
	}
}

func TestWhoMayBookForWhom(t *testing.T) {
	t.Parallel()
	w := setup(t)
	for _, c := range []struct {
		by, booker string
		ok         bool
		code       problem.Code
	}{
		{"liv", "anna", true, problem.Code{}},
		{"mia", "anna", true, problem.Code{}}, // the host's manager
		{"anna", "ANNA", true, problem.Code{}},
		{"anna", "liv", false, access.CodeForbidden},
		{"rolf", "anna", false, access.CodeForbidden},
		{"moa", "anna", false, access.CodeForbidden}, // manages another facility
		{"mia", "rolf", false, booking.CodeRefused},  // who is not on the project
	} {
		in := want("press", "2026-03-10T08:00", "2026-03-10T09:00")
		in.OnBehalfOf = c.booker + "@bolag.example"
		b, err := w.service.Request(t.Context(), w.who(c.by), in)
		switch {
		case !c.ok:
			w.wantCode(err, c.code)
		case err != nil:
			t.Errorf("%s for %s: %v", c.by, c.booker, err)
		default:
			if b.Person != w.who(strings.ToLower(c.booker)).ID || b.CreatedBy != w.who(c.by).ID {
				t.Errorf("%s for %s made %d by %d", c.by, c.booker, b.Person, b.CreatedBy)
			}
			w.must(w.service.Cancel, c.by, b)
		}
	}
}

// A manager who books for a company learns that its money is short, not by how much.
func TestRefusalsDoNotTellAProjectsMoneyToOthers(t *testing.T) {
	t.Parallel()
	w := setup(t)
	in := want("tower", "2026-03-10T08:00", "2026-03-10T12:00")
	in.Project, in.OnBehalfOf = "tight", "anna@bolag.example"
	_, err := w.service.Request(t.Context(), w.who("mia"), in)
	q, errQuote := w.service.Quote(t.Context(), w.who("mia"), in)
	var r *booking.Refused
	if !errors.As(err, &r) || errQuote != nil {
		t.Fatalf("%v, %v", err, errQuote)
	}
	for _, e := range slices.Concat(r.Refusals, q.Refusals) {
		if told := e.Error(); len(e.Details) > 0 || strings.ContainsAny(told, "0123456789") || strings.Contains(told, "anvil") || strings.Contains(told, "Vinnova") {
			t.Errorf("the manager is told %q %v", told, e.Details)
		}
	}
	in.OnBehalfOf = ""
	if _, err = w.service.Request(t.Context(), w.who("anna"), in); !errors.As(err, &r) || r.Refusals[0].Details["short_ore"] == nil {
		t.Errorf("the member is not told the numbers: %v", err)
	}
}

func TestAnIdempotencyKeyMakesOneBooking(t *testing.T) {
	t.Parallel()
	w := setup(t)
	ctx := access.WithKey(t.Context(), "key-1", "POST", "/bookings", "a")
	in := want("press", "2026-03-10T08:00", "2026-03-10T16:00")
	first, err := w.service.Request(ctx, w.who("anna"), in)
	if err != nil {
		t.Fatal(err)
	}
	again, err := w.service.Request(ctx, w.who("anna"), in)
	if err != nil || again.Ref != first.Ref || again.Cost.Total != first.Cost.Total || !again.Period.Start.Equal(first.Period.Start) {
		t.Errorf("replayed %+v, %v", again, err)
	}
	_, err = w.service.Request(access.WithKey(t.Context(), "key-1", "POST", "/bookings", "b"), w.who("anna"), in)
	w.wantCode(err, access.CodeKeyReused)
	if n := w.count(`select count(*) from bookings`); n != 1 {
		t.Errorf("%d bookings", n)
	}
	if got := w.news(); !slices.Equal(got, []string{"booking_confirmed", "booking_reminder", "booking_reminder"}) {
		t.Errorf("told %v", got)
	}
	// A refusal leaves the key free.
	ctx = access.WithKey(t.Context(), "key-2", "POST", "/bookings", "a")
	_, err = w.service.Request(ctx, w.who("anna"), in)
	w.wantCode(err, facilities.CodeSlotTaken)
	w.must(w.service.Cancel, "anna", first)
	if _, err = w.service.Request(ctx, w.who("anna"), in); err != nil {
		t.Errorf("after the slot is free: %v", err)
	}
}

func TestALineAndItsStationsExcludeEachOther(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.book("station-1", "2026-03-10T08:00", "2026-03-10T10:00")
	w.book("station-2", "2026-03-10T08:00", "2026-03-10T10:00")
	for _, r := range []id.Resource{"whole-line", "station-1", "station-2"} {
		_, err := w.service.Request(t.Context(), w.who("anna"), want(r, "2026-03-10T09:00", "2026-03-10T11:00"))
		w.wantCode(err, facilities.CodeSlotTaken)
	}
	w.book("whole-line", "2026-03-10T10:00", "2026-03-10T12:00") // touching is free
	_, err := w.service.Request(t.Context(), w.who("anna"), want("station-2", "2026-03-10T11:00", "2026-03-10T13:00"))
	w.wantCode(err, facilities.CodeSlotTaken)
	both := want("station-1", "2026-03-11T08:00", "2026-03-11T10:00")
	both.Resources = append(both.Resources, "station-2")
	b, err := w.service.Request(t.Context(), w.who("anna"), both)
	if err != nil || len(b.Units) != 2 || b.Cost.Total != 5_000_00 {
		t.Errorf("both stations: %+v, %v", b, err)
	}
}

func TestNeighboursBuffersDoNotMerge(t *testing.T) {
	t.Parallel()
	w := setup(t)
	b := w.book("kiln", "2026-03-10T08:00", "2026-03-10T10:00") // 07:30 to 11:00 with its buffers
	if b.Cost.Total != 2_500_00 {
		t.Errorf("buffers are charged: %d", b.Cost.Total)
	}
	_, err := w.service.Request(t.Context(), w.who("anna"), want("kiln", "2026-03-10T11:29", "2026-03-10T12:00"))
	w.wantCode(err, facilities.CodeSlotTaken)
	w.book("kiln", "2026-03-10T11:30", "2026-03-10T12:00")
	_, err = w.service.Request(t.Context(), w.who("anna"), want("kiln", "2026-03-10T05:00", "2026-03-10T06:31"))
	w.wantCode(err, facilities.CodeSlotTaken)
	w.book("kiln", "2026-03-10T05:00", "2026-03-10T06:30")
}
