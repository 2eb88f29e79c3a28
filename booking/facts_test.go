package booking_test

import (
	"testing"
	"time"

	"rigg/booking"
	"rigg/facilities"
	"rigg/funding"
	"rigg/internal/database"
	"rigg/internal/id"
	"rigg/internal/period"
	"rigg/internal/problem"
	"rigg/internal/text"
)

// What was loaded a moment ago, perhaps by another process, can be booked by the
// first who asks: a service with older facts does not say that it is not there.
func TestANewResourceCanBeBookedAtOnce(t *testing.T) {
	t.Parallel()
	w := setup(t)
	b := w.book("press", "2026-03-10T08:00", "2026-03-10T16:00") // and the facts are cached
	add := func(name id.Resource) {
		w.update(func(tx *database.Tx) error {
			if _, err := facilities.PutResource(tx, facilities.ResourceStated{
				ID: name, Facility: "machines", Name: text.Text{SV: "Ny", EN: "New"}, Units: []string{string(name)},
			}); err != nil {
				return err
			}
			_, err := funding.PutRate(tx, funding.Rate{
				Resource: name, Audience: "company", From: period.Date{Year: 2026, Month: 1, Day: 1}, Per: funding.PerHour, Amount: 100_00,
			})
			return err
		})
	}
	add("new-1")
	if q, err := w.service.Quote(t.Context(), w.who("anna"), want("new-1", "2026-03-11T08:00", "2026-03-11T16:00")); err != nil || len(q.Refusals) > 0 {
		t.Errorf("quote: %+v, %v", q, err)
	}
	add("new-2")
	w.book("new-2", "2026-03-11T08:00", "2026-03-11T16:00")
	add("new-3")
	if _, err := w.edit(b, booking.Edit{Resources: []id.Resource{"new-3"}}); err != nil {
		t.Errorf("move: %v", err)
	}
	_, err := w.service.Request(t.Context(), w.who("anna"), want("no-such", "2026-03-11T08:00", "2026-03-11T16:00"))
	w.wantCode(err, problem.CodeInvalid)
}

// A booking meets a load that is just replacing its project's agreement: it waits
// for the load to end and is made on the new terms.
func TestBookingWhileTheAgreementIsReplaced(t *testing.T) {
	t.Parallel()
	w := setup(t)
	anna := w.who("anna")
	b := w.book("tower", "2026-03-10T08:00", "2026-03-10T09:00")
	w.update(func(tx *database.Tx) error { return putShares(tx, "alloy", 2027, 50) })
	first := want("press", "2026-03-10T08:00", "2026-03-10T09:00")
	first.Project = "tight"
	for _, c := range []struct {
		name    string
		project id.Project
		year    int
		f       func() (*booking.Booking, error)
	}{
		{"request", "tight", 2026, func() (*booking.Booking, error) { return w.service.Request(t.Context(), anna, first) }},
		{"move", "alloy", 2027, func() (*booking.Booking, error) {
			return w.service.Edit(t.Context(), anna, booking.Change{Ref: b.Ref},
				booking.Edit{Resources: []id.Resource{"press"}, Period: between("2027-03-10T09:00", "2027-03-10T10:00")})
		}},
	} {
		replaced, finish, loaded, booked := make(chan struct{}), make(chan struct{}), make(chan error, 1), make(chan outcome, 1)
		go func() {
			loaded <- w.db.Update(t.Context(), func(tx *database.Tx) error {
				err := putShares(tx, c.project, c.year, 25)
				close(replaced)
				<-finish
				return err
			})
		}()
		<-replaced
		go func() {
			made, err := c.f()
			booked <- outcome{made, err}
		}()
		w.waits()
		close(finish)
		if err := <-loaded; err != nil {
			t.Fatal(err)
		}
		if o := <-booked; o.err != nil || o.b.Cost.Of("vinnova") != 312_50 {
			t.Errorf("%s: %+v, %v", c.name, o.b, o.err)
		}
	}
}

// putShares makes Vinnova pay so many percent from New Year on.
func putShares(tx *database.Tx, project id.Project, year int, percent int64) error {
	_, err := funding.PutAgreement(tx, funding.Agreement{Project: project, From: period.Date{Year: year, Month: 1, Day: 1}, Parties: []funding.Party{
		{Organisation: "vinnova", Funder: true, Kind: "grant", Parts: percent}, {Organisation: "anvil", Kind: "cash", Parts: 100 - percent},
	}})
	return err
}

// waits returns when some transaction of this database waits for another.
func (w *world) waits() {
	w.Helper()
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); {
		if w.count(`select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`) > 0 {
			return
		}
	}
	w.Error("nobody waits")
}

// A move goes onto the agreement and the year of its new start, and its charge
// follows that version even when the old one is closed.
func TestAMoveTakesTheAgreementOfItsNewStart(t *testing.T) {
	t.Parallel()
	w := setup(t)
	b := w.book("press", "2026-12-30T08:00", "2026-12-30T16:00")
	w.update(func(tx *database.Tx) error { return putShares(tx, "alloy", 2027, 25) })
	if got := w.read(b); got.Cost.Of("vinnova") != 5_000_00 {
		t.Errorf("a new version changed what was reserved: %+v", got.Cost)
	}
	moved, err := w.edit(b, booking.Edit{Period: between("2026-12-31T20:00", "2027-01-01T04:00")})
	if err != nil || moved.Agreement != b.Agreement || moved.Cost.Of("vinnova") != 5_000_00 {
		t.Fatalf("over New Year: %+v, %v", moved, err)
	}
	moved, err = w.edit(moved, booking.Edit{Period: between("2027-01-04T08:00", "2027-01-04T16:00")})
	if err != nil || moved.Agreement == b.Agreement || moved.Cost.Of("vinnova") != 2_500_00 {
		t.Fatalf("into the new year: %+v, %v", moved, err)
	}
	w.at("2027-01-04T16:00")
	w.sweep()
	if _, spent := w.purse("alloy", "vinnova", 2027); spent != 2_500_00 {
		t.Errorf("Vinnova paid %d", spent)
	}
	w.wantPurses(2026, 0, 0)
}
