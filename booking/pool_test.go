package booking_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"rigg/access"
	"rigg/booking"
	"rigg/facilities"
	"rigg/internal/database"
	"rigg/internal/id"
	"rigg/internal/problem"
	"rigg/internal/text"
)

// staggered books three robots one after the other, so that each is free for a
// part of the morning and none for all of it.
func (w *world) staggered() (out []*booking.Booking) {
	w.Helper()
	for i, at := range [][2]string{{"08", "10"}, {"10", "12"}, {"12", "14"}} {
		b := w.book("robots", "2026-03-10T"+at[0]+":00", "2026-03-10T"+at[1]+":00")
		pinned, err := w.pin(b, []string{"r1", "r2", "r3"}[i])
		if err != nil {
			w.Fatal(err)
		}
		out = append(out, pinned)
	}
	return out
}

// loosen makes units provisional again, as before a manager has looked at them.
func (w *world) loosen(bookings ...*booking.Booking) {
	w.Helper()
	for _, b := range bookings {
		w.exec(`update allocations set pinned = false where booking_id = $1`, int64(b.ID))
	}
}

func TestProvisionalUnitsMakeRoom(t *testing.T) {
	t.Parallel()
	w := setupPools(t)
	all := w.staggered()
	w.loosen(all...)
	before := w.read(all[1])
	if !slices.Equal(before.Provisional, before.Units) {
		t.Errorf("provisional %v of %v", before.Provisional, before.Units)
	}
	in := want("robots", "2026-03-10T09:00", "2026-03-10T13:00")
	free, fits, err := w.service.Availability(t.Context(), w.who("anna"), []id.Resource{"robots"}, between("2026-03-10T08:00", "2026-03-10T14:00"), 360)
	if err != nil || len(free) != 1 || free[0].Minutes() != 360 || len(fits) != 1 {
		t.Errorf("free %v, fits %v, %v: the most in use at one time is one", free, fits, err)
	}
	q, err := w.service.Quote(t.Context(), w.who("anna"), in)
	if err != nil || len(q.Refusals) > 0 {
		t.Errorf("quoted %v, %v", q.Refusals, err)
	}
	w.news()
	b, err := w.service.Request(t.Context(), w.who("rolf"), booking.Request{Resources: in.Resources, Project: "rust", Period: in.Period})
	if err != nil {
		t.Fatal(err)
	}
	if len(b.Units) != 1 || !slices.Equal(b.Provisional, b.Units) {
		t.Errorf("booked %v, provisional %v", b.Units, b.Provisional)
	}
	if got := w.news(); slices.ContainsFunc(got, func(kind string) bool { return kind == "booking_moved" }) {
		t.Errorf("told %v", got)
	}
	moved := 0
	for _, old := range all {
		now := w.read(old)
		if now.Version != old.Version || len(now.History) != len(w.read(old).History) || now.Period != old.Period {
			t.Errorf("%s has changed: %+v", old.Ref, now)
		}
		if !slices.Equal(now.Units, old.Units) {
			moved++
		}
	}
	if moved != 1 {
		t.Errorf("%d bookings have other units; one is enough", moved)
	}
}

func TestWhatIsPinnedStays(t *testing.T) {
	t.Parallel()
	w := setupPools(t)
	w.staggered()
	_, err := w.service.Request(t.Context(), w.who("rolf"),
		booking.Request{Resources: []id.Resource{"robots"}, Project: "rust", Period: between("2026-03-10T09:00", "2026-03-10T13:00")})
	w.wantCode(err, facilities.CodeSlotTaken)
	_, fits, err := w.service.Availability(t.Context(), w.who("anna"), []id.Resource{"robots"}, between("2026-03-10T08:00", "2026-03-10T14:00"), 240)
	if err != nil || len(fits) == 0 || !fits[0].Start.Equal(local("2026-03-10T08:00")) {
		t.Errorf("fits %v, %v: the third robot is free until noon", fits, err)
	}
}

func TestPin(t *testing.T) {
	t.Parallel()
	w := setupPools(t)
	b := w.book("robots", "2026-03-10T08:00", "2026-03-10T10:00")
	other := w.book("robots", "2026-03-10T09:00", "2026-03-10T11:00")
	if got := w.names(other); !slices.Equal(got, []string{"r2"}) {
		t.Fatalf("the second has %v", got)
	}
	pinned, err := w.pin(b, "r2")
	if err != nil {
		t.Fatal(err)
	}
	if pinned.Version != 2 || len(pinned.Provisional) > 0 || pinned.History[1].Action != booking.ActPin || w.names(b)[0] != "r2" {
		t.Errorf("pinned %+v", pinned)
	}
	if now := w.read(other); now.Version != 1 || w.names(other)[0] == "r2" {
		t.Errorf("the other: version %d, %v", now.Version, w.names(other))
	}
	if _, err := w.pin(other, "r2"); !problem.Has(err, facilities.CodeSlotTaken) {
		t.Errorf("a pinned unit is taken over: %v", err)
	}
	if _, err := w.pin(other); err != nil || w.names(other)[0] == "r2" {
		t.Errorf("as they are: %v", err)
	}
	if _, err := w.pin(other, "r3"); err != nil || w.names(other)[0] != "r3" {
		t.Errorf("pinned anew: %v, %v", err, w.names(other))
	}
	for name, units := range map[string][]string{"unknown": {"furnace"}, "too many": {"r1", "r2"}} {
		_, err := w.pin(b, units...)
		if e := problem.From(err); !problem.Has(err, problem.CodeInvalid) || e.Fields[0].Path != "units" || e.Message.EN == e.Message.SV {
			t.Errorf("%s: %v", name, err)
		}
	}
	at := booking.Change{Ref: b.Ref, Version: w.read(b).Version}
	for who, code := range map[string]problem.Code{"anna": access.CodeForbidden, "rolf": problem.CodeNotFound, "rut": access.CodeForbidden} {
		_, err := w.service.Pin(t.Context(), w.who(who), at, nil)
		w.wantCode(err, code)
	}
	at.Version--
	_, err = w.service.Pin(t.Context(), w.who("mia"), at, nil)
	w.wantCode(err, booking.CodeStale)
	w.must(w.service.Cancel, "anna", w.read(b))
	_, err = w.pin(b)
	w.wantCode(err, booking.CodeWrongState)
}

func TestAPairIsPinned(t *testing.T) {
	t.Parallel()
	w := setupPools(t)
	b := w.book("pairs", "2026-03-10T08:00", "2026-03-10T10:00")
	if _, err := w.pin(b, "r4", "r2"); err != nil || !slices.Equal(w.names(b), []string{"r2", "r4"}) {
		t.Errorf("has %v, %v", w.names(b), err)
	}
	_, err := w.pin(b, "r4")
	w.wantCode(err, problem.CodeInvalid)
}

func TestAPinSurvivesAMove(t *testing.T) {
	t.Parallel()
	w := setupPools(t)
	b := w.book("robots", "2026-03-10T08:00", "2026-03-10T10:00")
	pinned, err := w.pin(b, "r3")
	if err != nil {
		t.Fatal(err)
	}
	edit := func(b *booking.Booking, from, to string) *booking.Booking {
		t.Helper()
		out, err := w.service.Edit(t.Context(), w.who("anna"), booking.Change{Ref: b.Ref, Version: b.Version}, booking.Edit{Period: between(from, to)})
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	moved := edit(pinned, "2026-03-10T08:30", "2026-03-10T10:30")
	if now := w.read(b); len(now.Provisional) > 0 || w.names(b)[0] != "r3" || len(moved.Provisional) > 0 {
		t.Errorf("moved a little: %v, provisional %v", w.names(b), now.Provisional)
	}
	other := w.book("robots", "2026-03-11T08:00", "2026-03-11T10:00")
	if _, err := w.pin(other, "r3"); err != nil {
		t.Fatal(err)
	}
	moved = edit(moved, "2026-03-11T08:00", "2026-03-11T10:00")
	if now := w.read(b); w.names(b)[0] == "r3" || len(now.Provisional) != 1 || !slices.Equal(moved.Provisional, now.Provisional) {
		t.Errorf("moved to where it is taken: %v, provisional %v", w.names(b), now.Provisional)
	}
}

func TestCheckInAndTimePin(t *testing.T) {
	t.Parallel()
	w := setupPools(t)
	in := w.book("checked", "2026-03-10T08:00", "2026-03-10T10:00")
	w.at("2026-03-10T07:50")
	w.must(w.service.CheckIn, "anna", in)
	// The other's time has begun; nobody is asked to check in.
	begun := w.book("robots", "2026-03-10T08:00", "2026-03-10T10:00")
	if len(w.read(begun).Provisional) != 1 {
		t.Error("what has not begun is not provisional")
	}
	later := w.book("robots", "2026-03-10T10:00", "2026-03-10T12:00")
	if _, err := w.pin(later, "r3"); err != nil {
		t.Fatal(err)
	}
	w.book("robots", "2026-03-10T08:00", "2026-03-10T12:00") // r2, on which it stays
	w.at("2026-03-10T08:10")
	_, err := w.service.Request(t.Context(), w.who("anna"), want("first-robot", "2026-03-10T08:30", "2026-03-10T09:00"))
	w.wantCode(err, facilities.CodeSlotTaken)
	if w.names(begun)[0] != "r1" || len(w.read(begun).Provisional) > 0 || w.count(`select count(*) from allocations where booking_id = $1 and pinned`, int64(in.ID)) != 1 {
		t.Errorf("has %v", w.names(begun))
	}
}

func TestAHeldUnitMakesRoomToo(t *testing.T) {
	t.Parallel()
	w := setupPools(t)
	w.exec(`with h as (insert into holds (kind, resources, starts_at, ends_at, created_at, expires_at)
			values ('offer', '{robots}', '2026-03-10 08:00+01', '2026-03-10 10:00+01', '2026-03-02 08:00+01', '2026-03-09 08:00+01') returning id)
		insert into allocations (unit_id, hold_id, resource_id, starts_at, ends_at)
			select u.id, h.id, 'robots', '2026-03-10 08:00+01', '2026-03-10 10:00+01' from h, units u where u.slug = 'r1'`)
	w.book("first-robot", "2026-03-10T08:00", "2026-03-10T10:00")
	if n := w.count(`select count(*) from allocations a join units u on u.id = a.unit_id where a.hold_id is not null and u.slug <> 'r1'`); n != 1 {
		t.Errorf("%d units are held", n)
	}
}

func TestAnOutageIsGotAround(t *testing.T) {
	t.Parallel()
	w := setupPools(t)
	first := w.book("robots", "2026-03-10T08:00", "2026-03-10T10:00")
	pair := w.book("pairs", "2026-03-10T09:00", "2026-03-10T11:00")
	outage := func(slug, unit string) error {
		return w.db.Update(t.Context(), func(tx *database.Tx) error {
			units, err := database.Select[id.Unit](tx, `select id from units where slug = $1`, unit)
			if err == nil {
				_, err = facilities.PutOutage(tx, facilities.Outage{
					Facility: "cell", Slug: slug, Name: text.Text{SV: "Service", EN: "Service"}, Units: units,
					Period: between("2026-03-10T06:00", "2026-03-10T18:00"),
				})
			}
			return err
		})
	}
	if err := outage("one", "r2"); err != nil {
		t.Fatal(err)
	}
	if got := w.names(pair); !slices.Equal(got, []string{"r3", "r4"}) || w.read(pair).Version != 1 {
		t.Errorf("the pair has %v", got)
	}
	err := outage("two", "r3") // there are not two left for the pair
	if e := problem.From(err); !problem.Has(err, facilities.CodeBookingsInTheWay) || e.Details["bookings"] != 1 {
		t.Errorf("got %v", err)
	}
	if err := outage("one", "r1"); err != nil { // instead of r2, which is free for the first again
		t.Error(err)
	}
	if got := w.names(first); slices.Contains(got, "r1") {
		t.Errorf("the first has %v", got)
	}
}

func TestTheCrewComesAlong(t *testing.T) {
	t.Parallel()
	w := setupPools(t)
	b := w.book("furnace", "2026-03-10T08:00", "2026-03-10T10:00")
	if !slices.Equal(b.Resources, []id.Resource{"furnace", "crew"}) || !slices.Equal(b.Along, []id.Resource{"crew"}) ||
		len(b.Units) != 2 || len(b.Provisional) != 1 || b.Cost.Total != 2*2*10_00 {
		t.Fatalf("booked %+v, cost %d", b, b.Cost.Total)
	}
	if now := w.read(b); !slices.Equal(now.Along, b.Along) || !slices.Equal(now.Chosen(), []id.Resource{"furnace"}) {
		t.Errorf("read %+v", now)
	}
	if n := w.count(`select count(*) from allocations a join bookings b on b.id = a.booking_id
		where (a.resource_id = 'furnace' and a.starts_at = b.starts_at - interval '1 hour' and a.ends_at = b.ends_at)
			or (a.resource_id = 'crew' and a.starts_at = b.starts_at and a.ends_at = b.ends_at + interval '30 minutes')`); n != 2 {
		t.Errorf("%d of two have their own buffers", n)
	}
	// Both are busy now, and the furnace is no use without one of them.
	w.book("crew", "2026-03-10T11:00", "2026-03-10T12:00")
	w.book("crew", "2026-03-10T11:00", "2026-03-10T12:00")
	in := want("furnace", "2026-03-10T12:00", "2026-03-10T13:00")
	_, err := w.service.Request(t.Context(), w.who("anna"), in)
	w.wantCode(err, facilities.CodeSlotTaken)
	_, fits, err := w.service.Availability(t.Context(), w.who("anna"), []id.Resource{"furnace"}, between("2026-03-10T10:30", "2026-03-11T00:00"), 60)
	if err != nil || len(fits) == 0 || !fits[0].Start.Equal(local("2026-03-10T12:30")) {
		t.Errorf("fits %v, %v: when the crew has cleaned up", fits, err)
	}
	moved, err := w.service.Edit(t.Context(), w.who("anna"), booking.Change{Ref: b.Ref, Version: b.Version},
		booking.Edit{Period: between("2026-03-10T13:00", "2026-03-10T16:00")})
	if err != nil || !slices.Equal(moved.Along, b.Along) || moved.Cost.Total != 2*3*10_00 {
		t.Errorf("moved %+v, %v", moved, err)
	}
	chosen, err := w.service.Request(t.Context(), w.who("anna"), booking.Request{
		Resources: []id.Resource{"furnace", "crew"}, Project: "alloy", Period: between("2026-03-12T13:00", "2026-03-12T16:00"),
	})
	if err != nil || len(chosen.Along) > 0 || len(chosen.Resources) != 2 {
		t.Errorf("asked for by name: %+v, %v", chosen, err)
	}
}

func TestTheCrewKeepsItsHours(t *testing.T) {
	t.Parallel()
	w := setupPools(t)
	for _, c := range []struct {
		from, to string
		refused  bool
	}{
		{"2026-03-10T06:00", "2026-03-10T22:00", false},
		{"2026-03-11T05:59", "2026-03-11T07:00", true},
		{"2026-03-11T21:00", "2026-03-11T22:01", true},
		{"2026-03-14T08:00", "2026-03-14T09:00", true}, // a Saturday
	} {
		_, err := w.service.Request(t.Context(), w.who("anna"), want("furnace", c.from, c.to))
		var refused *booking.Refused
		if c.refused != errors.As(err, &refused) {
			t.Fatalf("%s: %v", c.from, err)
		}
		if c.refused {
			r := refused.Refusals[0]
			if r.Code != facilities.CodeClosed || r.Details["resource"] != id.Resource("crew") ||
				!strings.Contains(r.Message.SV, "crew finns") || !strings.Contains(r.Message.EN, "crew is ") {
				t.Errorf("%s: %+v", c.from, r)
			}
		}
	}
	// A shift on that Saturday, and none on the Thursday.
	crew := cellResources()[6]
	crew.Facility, crew.Name, crew.Along = "cell", text.Text{SV: "crew", EN: "crew"}, nil
	crew.Shifts = []facilities.Shift{
		{Day: dayOf("2026-03-14"), Ranges: []facilities.Range{{From: 8 * 60, To: 9 * 60}}}, {Day: dayOf("2026-03-12")},
	}
	w.update(func(tx *database.Tx) error { _, err := facilities.PutResource(tx, crew); return err })
	w.book("furnace", "2026-03-14T08:00", "2026-03-14T09:00")
	_, err := w.service.Request(t.Context(), w.who("anna"), want("furnace", "2026-03-12T08:00", "2026-03-12T09:00"))
	w.wantCode(err, booking.CodeRefused)
	free, _, err := w.service.Availability(t.Context(), w.who("anna"), []id.Resource{"furnace", "robots"}, between("2026-03-12T00:00", "2026-03-14T00:00"), 60)
	if err != nil || len(free) != 1 || free[0] != between("2026-03-13T06:00", "2026-03-13T22:00") {
		t.Errorf("free %v, %v", free, err)
	}
	_, _, err = w.service.Availability(t.Context(), w.who("anna"), []id.Resource{"furnace", "press"}, between("2026-03-12T00:00", "2026-03-14T00:00"), 60)
	w.wantCode(err, problem.CodeInvalid)
	_, _, err = w.service.Availability(t.Context(), w.who("anna"), []id.Resource{"furnace", "violin"}, between("2026-03-12T00:00", "2026-03-14T00:00"), 60)
	w.wantCode(err, problem.CodeNotFound)
}
