package booking_test

import (
	"slices"
	"testing"

	"rigg/booking"
	"rigg/funding"
	"rigg/internal/database"
	"rigg/internal/id"
	"rigg/internal/money"
	"rigg/internal/period"
)

// use checks a booking in and out at the given times.
func (w *world) use(b *booking.Booking, in, out string) *booking.Booking {
	w.Helper()
	w.at(in)
	b = w.must(w.service.CheckIn, "anna", b)
	w.at(out)
	return w.must(w.service.CheckOut, "anna", b)
}

func (w *world) sweep() {
	w.Helper()
	if err := w.service.Sweep(w.Context()); err != nil {
		w.Error(err)
	}
}

// FUNDING.md, case 7.
func TestLessUsedThanBooked(t *testing.T) {
	t.Parallel()
	w := setup(t)
	b := w.book("robot", "2026-03-10T08:00", "2026-03-10T16:00")
	w.wantPurses(2026, 5_000_00, 0)
	w.news()
	done := w.use(b, "2026-03-10T08:00", "2026-03-10T14:30")
	if done.State != booking.Completed || done.Cost.Total != 8_125_00 || done.Version != 3 {
		t.Errorf("%s at %d, version %d", done.State, done.Cost.Total, done.Version)
	}
	w.wantPurses(2026, 0, 4_062_50)
	if got := w.news(); !slices.Equal(got, []string{"booking_completed"}) {
		t.Errorf("told %v", got)
	}
	// The same again changes nothing.
	w.refuse(booking.CodeWrongState, w.service.CheckOut, "anna", done)
	w.at("2026-03-10T16:30")
	w.sweep()
	w.wantPurses(2026, 0, 4_062_50)
	if after := w.read(b); after.Version != 3 || after.Cost.Total != 8_125_00 {
		t.Errorf("it is now %+v", after)
	}
}

func TestWhatIsCharged(t *testing.T) {
	t.Parallel()
	w := setup(t)
	for _, c := range []struct {
		name     string
		resource id.Resource
		in, out  string
		total    money.Ore
	}{
		{"greater: left early", "kiln", "08:00", "10:00", 10_000_00},
		{"greater: arrived during the set-up", "kiln", "07:30", "16:00", 10_000_00},
		{"greater: stayed into the clean-up", "kiln", "08:00", "16:30", 10_625_00},
		{"used: arrived early", "robot", "07:45", "16:00", 10_000_00},
		{"used: arrived late", "robot", "10:00", "16:00", 7_500_00},
		{"used: in and out within a minute", "robot", "09:00", "09:00", 0},
		{"used: gone before it began", "robot", "07:45", "07:50", 0},
	} {
		w.at("2026-03-02T09:00")
		b := w.use(w.book(c.resource, "2026-03-10T08:00", "2026-03-10T16:00"), "2026-03-10T"+c.in, "2026-03-10T"+c.out)
		stored := w.read(b)
		if b.Cost.Total != c.total || stored.Cost.Total != c.total || stored.State != booking.Completed {
			t.Errorf("%s: charged %d, stored %d", c.name, b.Cost.Total, stored.Cost.Total)
		}
		for _, l := range stored.Cost.Lines {
			if l.Minutes < 0 {
				t.Errorf("%s: %d minutes", c.name, l.Minutes)
			}
		}
		w.mustHold()
		w.exec(`update allocations set active = false where booking_id = $1`, int64(b.ID)) // for the next case
	}
}

// However late somebody says that a use has ended, it lasted until the end of its
// clean-up: from then on the unit may have been another's.
func TestSayingLateThatAUseHasEnded(t *testing.T) {
	t.Parallel()
	w := setup(t)
	b := w.use(w.book("kiln", "2026-03-10T08:00", "2026-03-10T16:00"), "2026-03-10T08:00", "2026-03-11T09:00")
	if b.Cost.Total != 11_250_00 { // nine hours, the clean-up included
		t.Errorf("charged %d", b.Cost.Total)
	}
	w.mustHold()
}

func TestLeavingEarlyFreesTheRest(t *testing.T) {
	t.Parallel()
	w := setup(t)
	b := w.book("kiln", "2026-03-10T08:00", "2026-03-10T16:00") // with clean-up until 17:00
	w.use(b, "2026-03-10T08:00", "2026-03-10T10:00")
	if n := w.count(`select count(*) from allocations where active and booking_id = $1
		and (starts_at, ends_at) = ('2026-03-10T06:30Z', '2026-03-10T10:00Z')`, int64(b.ID)); n != 1 {
		t.Error("it does not hold 07:30 to 11:00, the clean-up included")
	}
	w.book("kiln", "2026-03-10T11:30", "2026-03-10T12:00") // from 11:00 with its set-up
}

func TestTwoResourcesKeepTheirOwnCleanUp(t *testing.T) {
	t.Parallel()
	w := setup(t)
	in := want("press", "2026-03-10T08:00", "2026-03-10T16:00")
	in.Resources = append(in.Resources, "kiln")
	b, err := w.service.Request(t.Context(), w.who("anna"), in)
	if err != nil {
		t.Fatal(err)
	}
	w.use(b, "2026-03-10T08:00", "2026-03-10T10:00")
	w.at("2026-03-10T10:00")
	w.book("press", "2026-03-10T10:00", "2026-03-10T11:00") // has no clean-up
	w.book("kiln", "2026-03-10T11:30", "2026-03-10T12:00")
}

func TestCheckInHasItsTime(t *testing.T) {
	t.Parallel()
	w := setup(t)
	b := w.book("kiln", "2026-03-10T08:00", "2026-03-10T16:00")
	w.at("2026-03-10T07:29")
	w.refuse(booking.CodeWrongState, w.service.CheckIn, "anna", b)
	w.at("2026-03-10T16:00")
	w.refuse(booking.CodeWrongState, w.service.CheckIn, "anna", b)
	w.at("2026-03-10T07:30")
	w.refuse(booking.CodeWrongState, w.service.CheckOut, "anna", b)
	w.refuse(booking.CodeWrongState, w.service.MarkNoShow, "mia", b) // it has not begun
	b = w.must(w.service.CheckIn, "anna", b)
	if b.State != booking.InUse || !w.read(b).CheckedIn.Equal(local("2026-03-10T07:30")) {
		t.Errorf("%+v", b)
	}
	w.refuse(booking.CodeWrongState, w.service.CheckIn, "anna", b)
	w.refuse(booking.CodeWrongState, w.service.Cancel, "anna", b)
	w.refuse(booking.CodeWrongState, w.service.MarkNoShow, "mia", b)
	w.wantPurses(2026, 5_000_00, 0)
}

func TestTheSweepEndsWhatIsOverAndNothingElse(t *testing.T) {
	t.Parallel()
	w := setup(t)
	type row struct {
		resource id.Resource
		from, to string
		before   booking.State // just before the moment
		after    booking.State
	}
	var all []*booking.Booking
	rows := []row{
		{"press", "2026-03-10T08:00", "2026-03-10T12:00", booking.Confirmed, booking.Completed}, // no check-in asked
		{"tower", "2026-03-10T08:00", "2026-03-10T12:01", booking.Confirmed, booking.Confirmed}, // a minute left
		{"kiln", "2026-03-10T08:00", "2026-03-10T11:00", booking.InUse, booking.Completed},      // and cleaned up after
		{"robot", "2026-03-10T11:30", "2026-03-10T16:00", booking.Confirmed, booking.NoShow},
		{"station-1", "2026-03-10T12:00", "2026-03-10T16:00", booking.Requested, booking.Expired},
		{"station-2", "2026-03-10T12:01", "2026-03-10T16:00", booking.Requested, booking.Requested},
	}
	for _, r := range rows {
		all = append(all, w.book(r.resource, r.from, r.to))
	}
	w.at("2026-03-10T08:00")
	w.must(w.service.CheckIn, "anna", all[2])
	for _, moment := range []string{"2026-03-10T11:59", "2026-03-10T12:00", "2026-03-10T12:00"} {
		w.at(moment)
		w.sweep()
		for i, r := range rows {
			want := r.after
			if moment < "2026-03-10T12:00" {
				want = r.before
			}
			if got := w.read(all[i]); got.State != want {
				t.Errorf("%s at %s is %s; want %s", r.resource, moment, got.State, want)
			}
		}
		w.mustHold()
	}
	last := w.read(all[2]).History
	if e := last[len(last)-1]; e.By != 0 || e.Action != booking.ActComplete {
		t.Errorf("the program's history row is %+v", e)
	}
}

// A use that passes its end during the clean-up costs more than was reserved. The
// purses are empty by then, so the lead pays the rest, and no public money does.
func TestAnOverrunIsTheLeadsOwn(t *testing.T) {
	t.Parallel()
	w := setup(t)
	in := want("kiln", "2026-03-10T08:00", "2026-03-10T15:00") // seven hours: all that there is
	in.Project = "tight"
	b, err := w.service.Request(t.Context(), w.who("anna"), in)
	if err != nil {
		t.Fatal(err)
	}
	done := w.use(b, "2026-03-10T08:00", "2026-03-10T15:30")
	if done.Cost.Total != 9_375_00 || done.Cost.Overrun() != 625_00 || done.Cost.Of("vinnova") != 4_375_00 || done.Cost.Of("anvil") != 5_000_00 {
		t.Errorf("paid %+v", done.Cost)
	}
	history := w.read(b).History
	if got := history[len(history)-1].Details; len(got) != 1 || got["overrun"] != true {
		t.Errorf("the history says %v: flagged, and no amounts", got)
	}
	if _, spent := w.purse("tight", "vinnova", 2026); spent != 4_375_00 {
		t.Errorf("Vinnova paid %d", spent)
	}
}

// What is charged is priced as it was booked, whatever the price list says since.
func TestTheTermsOfTheStartGovern(t *testing.T) {
	t.Parallel()
	w := setup(t)
	b := w.book("press", "2026-03-10T08:00", "2026-03-10T16:00")
	w.update(func(tx *database.Tx) error {
		_, err := funding.PutRate(tx, funding.Rate{
			Resource: "press", Audience: "company", From: period.Date{Year: 2026, Month: 3, Day: 3}, Per: funding.PerHour, Amount: 9999_00,
		})
		return err
	})
	w.at("2026-03-10T16:00")
	w.sweep()
	if after := w.read(b); after.State != booking.Completed || after.Cost.Total != 10_000_00 {
		t.Errorf("%s at %d", after.State, after.Cost.Total)
	}
	w.wantPurses(2026, 0, 5_000_00)
}
