package booking_test

import (
	"context"
	"database/sql"
	"log/slog"
	"sync"
	"testing"
	"time"

	"rigg/access"
	"rigg/booking"
	"rigg/facilities"
	"rigg/funding"
	"rigg/internal/database"
	"rigg/internal/dbtest"
	"rigg/internal/id"
	"rigg/internal/money"
	"rigg/internal/period"
	"rigg/internal/problem"
)

// reminders of the world: a day and an hour before.
var reminders = []time.Duration{24 * time.Hour, time.Hour}

// world is a database with two companies that compete for the same halls (see
// world_test.go), a clock that the test sets, and the jobs that were enqueued.
type world struct {
	*testing.T
	db      *database.DB
	service *booking.Service

	mu   sync.Mutex
	now  time.Time
	jobs []database.Enqueued
}

func setup(t *testing.T) *world {
	t.Helper()
	w := &world{T: t, now: local("2026-03-02T09:00")}
	db, err := database.Open(t.Context(), database.Config{
		URL: dbtest.URL(t), MaxConns: 16, Now: w.clock, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	db.OnEnqueue(func(_ context.Context, _ *sql.Tx, jobs []database.Enqueued) error {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.jobs = append(w.jobs, jobs...)
		return nil
	})
	w.db, w.service = db, booking.New(db, reminders)
	w.populate()
	t.Cleanup(func() { w.mustHold() })
	return w
}

// mustHold fails for every row that breaks an invariant of any package.
func (w *world) mustHold() {
	w.Helper()
	ctx := context.WithoutCancel(w.Context()) // cancelled when cleanups run
	for _, all := range [][]database.Invariant{
		access.Invariants(), facilities.Invariants(), funding.Invariants(), booking.Invariants(),
	} {
		for _, i := range all {
			var rows []byte
			err := w.db.Pool().QueryRow(ctx, `select coalesce(jsonb_agg(o), '[]') from (`+i.Query+`) o`).Scan(&rows)
			if err != nil || string(rows) != "[]" {
				w.Errorf("%s: %s %v", i.Name, rows, err)
			}
		}
	}
}

func (w *world) clock() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

// at sets the clock, to a Stockholm time.
func (w *world) at(when string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = local(when)
}

// news gives the kinds of the jobs enqueued since the last call, but for the looks
// at the waiting list, which follow every end.
func (w *world) news() (kinds []string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, j := range w.jobs {
		if j.Job.Kind() != "time_freed" {
			kinds = append(kinds, j.Job.Kind())
		}
	}
	w.jobs = nil
	return kinds
}

// who gives a person as they act now, with their roles read anew.
func (w *world) who(name string) (p *access.Principal) {
	w.Helper()
	w.update(func(tx *database.Tx) error {
		found, err := access.FindPerson(tx, name+"@bolag.example")
		if err == nil {
			p, err = access.PrincipalOf(tx, found.ID)
		}
		return err
	})
	return p
}

func (w *world) update(f func(*database.Tx) error) {
	w.Helper()
	if err := w.db.Update(w.Context(), f); err != nil {
		w.Fatal(err)
	}
}

func (w *world) exec(sql string, args ...any) {
	w.Helper()
	if _, err := w.db.Pool().Exec(w.Context(), sql, args...); err != nil {
		w.Fatalf("%s: %v", sql, err)
	}
}

func (w *world) count(sql string, args ...any) (n int) {
	w.Helper()
	if err := w.db.Pool().QueryRow(w.Context(), sql, args...).Scan(&n); err != nil {
		w.Fatalf("%s: %v", sql, err)
	}
	return n
}

// want is a request for one resource between two Stockholm times, on the project
// that Anna works on.
func want(resource id.Resource, from, to string) booking.Request {
	return booking.Request{Resources: []id.Resource{resource}, Project: "alloy", Period: between(from, to), Purpose: "Provkörning"}
}

// book requests as Anna and fails where that is refused.
func (w *world) book(resource id.Resource, from, to string) *booking.Booking {
	w.Helper()
	b, err := w.service.Request(w.Context(), w.who("anna"), want(resource, from, to))
	if err != nil {
		w.Fatal(err)
	}
	return b
}

// do is one of the service's changes.
type do func(context.Context, *access.Principal, booking.Change) (*booking.Booking, error)

func (w *world) must(f do, by string, b *booking.Booking) *booking.Booking {
	w.Helper()
	out, err := f(w.Context(), w.who(by), booking.Change{Ref: b.Ref, Version: b.Version, Reason: "Hör av dig."})
	if err != nil {
		w.Fatal(err)
	}
	return out
}

func (w *world) refuse(code problem.Code, f do, by string, b *booking.Booking) error {
	w.Helper()
	_, err := f(w.Context(), w.who(by), booking.Change{Ref: b.Ref, Version: b.Version, Reason: "Hör av dig."})
	w.wantCode(err, code)
	return err
}

func (w *world) wantCode(err error, code problem.Code) {
	w.Helper()
	if !problem.Has(err, code) {
		w.Errorf("%v; want %s", err, code.Slug)
	}
}

// read gives the booking as it is stored, with its history.
func (w *world) read(b *booking.Booking) *booking.Booking {
	w.Helper()
	out, err := w.service.FindByID(w.Context(), b.ID)
	if err != nil {
		w.Fatal(err)
	}
	return out
}

// purse says how much is reserved and spent in a project's purses of a year.
func (w *world) purse(project id.Project, party id.Organisation, year int) (reserved, spent money.Ore) {
	w.Helper()
	w.update(func(tx *database.Tx) error {
		purses, err := funding.FindPurses(tx, project, []int{year})
		for _, p := range purses {
			if p.Party == party {
				reserved, spent = reserved+p.Reserved, spent+p.Spent
			}
		}
		return err
	})
	return reserved, spent
}

// wantPurses compares what two parties of Anna's project have reserved and spent.
func (w *world) wantPurses(year int, reserved, spent money.Ore) {
	w.Helper()
	for _, party := range []id.Organisation{"vinnova", "anvil"} {
		if r, s := w.purse("alloy", party, year); r != reserved || s != spent {
			w.Errorf("%s has %d reserved and %d spent in %d; want %d and %d", party, r, s, year, reserved, spent)
		}
	}
}

// taken counts the booking's active allocations.
func (w *world) taken(b *booking.Booking) int {
	w.Helper()
	return w.count(`select count(*) from allocations where active and booking_id = $1`, int64(b.ID))
}

func local(s string) time.Time {
	zone, err := time.LoadLocation("Europe/Stockholm")
	if err != nil {
		panic(err)
	}
	t, err := period.Parse(s, zone)
	if err != nil {
		panic(err)
	}
	return t
}

func between(from, to string) period.Period { return period.New(local(from), local(to)) }
