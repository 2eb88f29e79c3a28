package facilities_test

import (
	"slices"
	"testing"
	"time"

	"rigg/facilities"
	"rigg/internal/database"
	"rigg/internal/id"
	"rigg/internal/period"
	"rigg/internal/problem"
	"rigg/internal/text"
)

// service is an outage of the first unit of the extruder, 08–12.
func (h *house) service(t *testing.T) facilities.Outage {
	t.Helper()
	return facilities.Outage{
		Facility: "am-molndal", Slug: "service-1", Name: text.Text{SV: "Årlig service", EN: "Annual service"},
		Units: h.extruder(t).Units[:1], Period: between(t, "2026-05-04T08:00", "2026-05-04T12:00"),
	}
}

func (h *house) putOutage(t *testing.T, o facilities.Outage) (changed bool, err error) {
	t.Helper()
	err = h.try(t, func(tx *database.Tx) (err error) {
		changed, err = facilities.PutOutage(tx, o)
		return err
	})
	return changed, err
}

func TestOutageTakesItsUnits(t *testing.T) {
	t.Parallel()
	h := setup(t)
	o := h.service(t)
	r := h.extruder(t)
	for _, want := range []bool{true, false} {
		if changed, err := h.putOutage(t, o); err != nil || changed != want {
			t.Fatalf("changed is %v, %v", changed, err)
		}
	}
	o.Units, o.Period = r.Units, between(t, "2026-05-04T09:00", "2026-05-04T13:00")
	for _, want := range []bool{true, false} {
		if changed, err := h.putOutage(t, o); err != nil || changed != want {
			t.Fatalf("moved: changed is %v, %v", changed, err)
		}
	}
	busy := h.busy(t, r.Units, between(t, "2026-05-04T00:00", "2026-05-05T00:00"), 0)
	for _, u := range r.Units {
		if len(busy[u]) != 1 || busy[u][0] != (facilities.Taken{Period: o.Period, Down: o.Name}) {
			t.Errorf("unit %d: %v", u, busy[u])
		}
	}
	p := between(t, "2026-05-04T08:00", "2026-05-04T09:01")
	why := r.Unfree(p, busy)
	if len(why) != 1 || why[0].Code != facilities.CodeResourceDown || why[0].Details["until"] != "2026-05-04T13:00:00+02:00" {
		t.Fatalf("refusals %v", why)
	}
	if got, want := why[0].Message.SV, "Robotextruder är ur drift: Årlig service. Beräknas vara i gång igen måndag 4 maj 2026 kl. 13:00."; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func (h *house) busy(t *testing.T, units []id.Unit, window period.Period, except id.Booking) (busy facilities.Busy) {
	t.Helper()
	h.update(t, func(tx *database.Tx) (err error) {
		busy, err = facilities.LoadBusy(tx, units, window, facilities.Except{Booking: except})
		return err
	})
	return busy
}

func TestOutageMeetsBookings(t *testing.T) {
	t.Parallel()
	h := setup(t)
	o := h.service(t)
	booking := h.book(t, o.Units[0], between(t, "2026-05-04T11:59", "2026-05-04T14:00"))
	_, err := h.putOutage(t, o)
	if e := problem.From(err); !problem.Has(err, facilities.CodeBookingsInTheWay) || e.Details["bookings"] != 1 {
		t.Fatalf("got %v", err)
	}
	busy := h.busy(t, o.Units, o.Period, 0)
	if len(busy[o.Units[0]]) != 1 || !busy[o.Units[0]][0].Down.Empty() {
		t.Errorf("busy %v", busy)
	}
	if own := h.busy(t, o.Units, o.Period, booking); len(own) != 0 {
		t.Errorf("a booking is in its own way: %v", own)
	}
	h.sql(t, `update allocations set active = false where booking_id = $1`, int64(booking))
	if released := h.busy(t, o.Units, o.Period, 0); len(released) != 0 {
		t.Errorf("what was given back is busy: %v", released)
	}
	h.sql(t, `update allocations set active = true where booking_id = $1`, int64(booking))
	o.Period.End = local(t, "2026-05-04T11:59") // touching
	if _, err := h.putOutage(t, o); err != nil {
		t.Error(err)
	}
	second := o
	second.Slug, second.Period.End = "", o.Period.Start.Add(30*60e9)
	if _, err := h.putOutage(t, second); !problem.Has(err, facilities.CodeOutageOverlaps) {
		t.Errorf("got %v", err)
	}
}

func TestOutageRefused(t *testing.T) {
	t.Parallel()
	h := setup(t)
	for field, change := range map[string]func(*facilities.Outage){
		"id":    func(o *facilities.Outage) { o.Slug = "a b" },
		"name":  func(o *facilities.Outage) { o.Name.SV = "" },
		"end":   func(o *facilities.Outage) { o.Period.End = o.Period.Start },
		"start": func(o *facilities.Outage) { o.Period.Start = o.Period.Start.Add(1) },
		"units": func(o *facilities.Outage) { o.Units = []id.Unit{987654321} },
	} {
		o := h.service(t)
		change(&o)
		_, err := h.putOutage(t, o)
		if e := problem.From(err); !problem.Has(err, problem.CodeInvalid) || len(e.Fields) != 1 || e.Fields[0].Path != field {
			t.Errorf("%s: got %v", field, err)
		}
	}
}

func TestLockedUnitsAreKnown(t *testing.T) {
	t.Parallel()
	h := setup(t)
	units := h.extruder(t).Units
	for name, c := range map[string]struct {
		units []id.Unit
		ok    bool
	}{
		"in any order, twice": {[]id.Unit{units[1], units[0], units[1]}, true},
		"none":                {nil, true},
		"one that is not":     {[]id.Unit{units[0], 987654321}, false},
	} {
		before := slices.Clone(c.units)
		err := h.try(t, func(tx *database.Tx) error { return facilities.LockUnits(tx, c.units) })
		if (err == nil) != c.ok {
			t.Errorf("%s: %v", name, err)
		}
		if !slices.Equal(before, c.units) {
			t.Errorf("%s: the caller's list is changed", name)
		}
	}
}

// TestOutageWaitsForABooking starts an outage while a booking holds the unit's
// lock: the outage waits and then sees the booking.
func TestOutageWaitsForABooking(t *testing.T) {
	t.Parallel()
	h := setup(t)
	o := h.service(t)
	result := make(chan error, 1)
	h.update(t, func(tx *database.Tx) error {
		if err := facilities.LockUnits(tx, o.Units); err != nil {
			return err
		}
		go func() {
			result <- h.db.Update(t.Context(), func(tx *database.Tx) error {
				_, err := facilities.PutOutage(tx, o)
				return err
			})
		}()
		h.untilSomebodyWaits(t)
		h.book(t, o.Units[0], o.Period)
		return nil
	})
	if err := <-result; !problem.Has(err, facilities.CodeBookingsInTheWay) {
		t.Errorf("got %v", err)
	}
}

func (h *house) untilSomebodyWaits(t *testing.T) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		var waiting bool
		err := h.db.Pool().QueryRow(t.Context(), `select exists (select from pg_stat_activity
			where datname = current_database() and wait_event_type = 'Lock')`).Scan(&waiting)
		if err != nil {
			t.Error(err)
			return
		}
		if waiting {
			return
		}
	}
	t.Error("nobody waits for the lock")
}
