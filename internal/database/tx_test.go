package database_test

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"rigg/internal/database"
	"rigg/internal/problem"
)

func TestUpdateRetriesADeadlock(t *testing.T) {
	t.Parallel()
	db := setup(t)
	mustExec(t, db, `INSERT INTO thing (id, word) VALUES (1, 'a'), (2, 'b')`)
	var tries [2]int
	var errs [2]error
	var both, done sync.WaitGroup
	both.Add(2)
	done.Add(2)
	for i, order := range [][2]int{{1, 2}, {2, 1}} {
		go func() {
			defer done.Done()
			errs[i] = db.Update(t.Context(), func(tx *database.Tx) error {
				tries[i]++
				if _, err := database.Exec(tx, `UPDATE thing SET word = word || 'x' WHERE id = $1`, order[0]); err != nil {
					return err
				}
				if tries[i] == 1 { // each holds one row before either asks for its second
					both.Done()
					both.Wait()
				}
				_, err := database.Exec(tx, `UPDATE thing SET word = word || 'x' WHERE id = $1`, order[1])
				return err
			})
		}()
	}
	done.Wait()
	if err := errors.Join(errs[:]...); err != nil {
		t.Fatal(err)
	}
	if tries[0]+tries[1] < 3 {
		t.Errorf("%d and %d tries: there was no deadlock to retry", tries[0], tries[1])
	}
	if n := count(t, db, `SELECT count(*) FROM thing WHERE length(word) = 3`); n != 2 {
		t.Errorf("%d rows were updated exactly twice, want 2", n)
	}
}

func TestUpdateGivesUpAfterThreeRetries(t *testing.T) {
	t.Parallel()
	db := setup(t)
	for _, state := range []string{"40001", "40P01"} {
		tries := 0
		err := db.Update(t.Context(), func(tx *database.Tx) error {
			tries++
			_, err := database.Exec(tx, `DO $do$ BEGIN RAISE 'again' USING ERRCODE = '`+state+`'; END $do$`)
			return err
		})
		if tries != 4 || !problem.Has(err, problem.CodeUnavailable) {
			t.Errorf("%s: %d tries and %v, want 4 and unavailable", state, tries, err)
		}
	}
}

func TestUpdateRollsBack(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	insert := func(tx *database.Tx) error {
		_, err := database.Exec(tx, `INSERT INTO thing (id, word) VALUES (1, 'a')`)
		return err
	}
	cases := map[string]func(*database.Tx) error{
		"error": func(tx *database.Tx) error { return errors.Join(insert(tx), broken) },
		"panic": func(tx *database.Tx) error { panic(errors.Join(insert(tx), broken)) },
	}
	for name, f := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db := setup(t)
			err := func() (err error) {
				defer func() {
					if cause, ok := recover().(error); ok {
						err = cause
					}
				}()
				return db.Update(t.Context(), f)
			}()
			if !errors.Is(err, broken) {
				t.Errorf("error %v, want the function's own", err)
			}
			if n := count(t, db, `SELECT count(*) FROM thing`); n != 0 {
				t.Errorf("%d rows stayed", n)
			}
			if n := db.Pool().Stat().AcquiredConns(); n != 0 {
				t.Errorf("%d connections were not given back", n)
			}
		})
	}
}

type announced struct{ ID int }

func (announced) Kind() string { return "announced" }

func TestUpdateEnqueuesWithItsTransaction(t *testing.T) {
	t.Parallel()
	db := setup(t)
	later := time.Date(2027, 3, 1, 8, 0, 0, 0, time.UTC)
	var got []database.Enqueued
	calls, refuse := 0, error(nil)
	db.OnEnqueue(func(ctx context.Context, tx *sql.Tx, jobs []database.Enqueued) error {
		calls++
		got = jobs
		if _, err := tx.ExecContext(ctx, `INSERT INTO thing (id, word) VALUES (2, 'queued')`); err != nil {
			return err
		}
		return refuse
	})
	work := func(tx *database.Tx) error {
		tx.Enqueue(announced{1}, announced{2})
		tx.EnqueueAt(later, announced{3})
		_, err := database.Exec(tx, `INSERT INTO thing (id, word) VALUES (1, 'booked')`)
		return err
	}

	refuse = errors.New("queue refuses")
	if err := db.Update(t.Context(), work); !errors.Is(err, refuse) {
		t.Fatalf("error %v, want the queue's", err)
	}
	if n := count(t, db, `SELECT count(*) FROM thing`); n != 0 {
		t.Fatalf("%d rows without their jobs", n)
	}

	calls, refuse = 0, nil
	if err := db.Update(t.Context(), work); err != nil {
		t.Fatal(err)
	}
	want := []database.Enqueued{{Job: announced{1}}, {Job: announced{2}}, {Job: announced{3}, At: later}}
	if calls != 1 || len(got) != 3 || got[0] != want[0] || got[1] != want[1] || got[2] != want[2] {
		t.Errorf("%d calls, last with %v; want one with %v", calls, got, want)
	}
	if n := count(t, db, `SELECT count(*) FROM thing`); n != 2 {
		t.Errorf("%d rows, want the function's and the queue's", n)
	}
}

func TestJobsAreNeverLostSilently(t *testing.T) {
	t.Parallel()
	db := setup(t)
	enqueue := func(tx *database.Tx) error {
		tx.Enqueue(announced{1})
		return nil
	}
	if err := db.Update(t.Context(), enqueue); err == nil || !strings.Contains(err.Error(), "announced") {
		t.Errorf("without a queue: %v, want an error that names the job", err)
	}
	db.OnEnqueue(func(context.Context, *sql.Tx, []database.Enqueued) error { return nil })
	if err := db.View(t.Context(), enqueue); err == nil || !strings.Contains(err.Error(), "announced") {
		t.Errorf("in a view: %v, want an error that names the job", err)
	}
}

func TestViewReadsOneSnapshotAndWritesNothing(t *testing.T) {
	t.Parallel()
	db := setup(t)
	err := db.View(t.Context(), func(tx *database.Tx) error {
		for range 2 {
			rows, err := database.Select[int64](tx, `SELECT id FROM thing`)
			if err != nil || len(rows) != 0 {
				t.Errorf("sees %v, %v; want the empty table it began with", rows, err)
			}
			mustExec(t, db, `INSERT INTO thing (id, word) VALUES (1, 'a') ON CONFLICT DO NOTHING`)
		}
		_, err := database.Exec(tx, `DELETE FROM thing`)
		return err
	})
	if err == nil || !strings.Contains(err.Error(), "25006") {
		t.Errorf("error %v, want read_only_sql_transaction (25006)", err)
	}
	if n := count(t, db, `SELECT count(*) FROM thing`); n != 1 {
		t.Errorf("%d rows, want the one written beside the view", n)
	}
}

func TestACommitThatFailsIsAnError(t *testing.T) {
	t.Parallel()
	db := setup(t)
	mustExec(t, db, `CREATE TABLE part (thing bigint CONSTRAINT part_thing REFERENCES thing DEFERRABLE INITIALLY DEFERRED)`)
	err := db.Update(t.Context(), func(tx *database.Tx) error {
		_, err := database.Exec(tx, `INSERT INTO part VALUES (7)`)
		return err
	})
	if got := database.Constraint(err); got != "part_thing" {
		t.Errorf("constraint %q of %v, want part_thing", got, err)
	}
}

func TestNowIsOneReadingOfTheProgramsClock(t *testing.T) {
	t.Parallel()
	stockholm, err := time.LoadLocation("Europe/Stockholm")
	if err != nil {
		t.Fatal(err)
	}
	clock := time.Date(2026, 12, 31, 23, 59, 59, 123456789, stockholm)
	db := again(t, setup(t), database.Config{Now: func() time.Time {
		clock = clock.Add(time.Second)
		return clock
	}})
	err = db.Update(t.Context(), func(tx *database.Tx) error {
		want := time.Date(2026, 12, 31, 23, 0, 0, 123456000, time.UTC)
		if tx.Now != want {
			t.Errorf("now %v, want %v", tx.Now, want)
		}
		if _, err := database.Exec(tx, `INSERT INTO thing (id, word, at) VALUES (1, 'a', $1)`, tx.Now); err != nil {
			return err
		}
		back, err := database.Select[time.Time](tx, `SELECT at FROM thing`)
		if err == nil && (len(back) != 1 || back[0] != tx.Now) {
			t.Errorf("came back as %v, want %v, in UTC", back, tx.Now)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
