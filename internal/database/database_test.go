package database_test

import (
	"bytes"
	"context"
	"log/slog"
	"reflect"
	"strings"
	"testing"
	"time"

	"rigg/internal/database"
	"rigg/internal/id"
	"rigg/internal/problem"
)

func TestLimitsHoldInATransactionAndOnlyThere(t *testing.T) {
	t.Parallel()
	db := again(t, setup(t), database.Config{StatementTimeout: 12 * time.Second, MaxConns: 1})
	limit := func(name string) (out string) {
		err := db.Update(t.Context(), func(tx *database.Tx) error {
			return tx.SQL().QueryRowContext(t.Context(), "SHOW "+name).Scan(&out)
		})
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	for name, want := range map[string]string{
		"statement_timeout": "12s", "lock_timeout": "10s", "idle_in_transaction_session_timeout": "30s",
		"transaction_isolation": "read committed", "timezone": "UTC",
	} {
		if got := limit(name); got != want {
			t.Errorf("%s is %s, want %s", name, got, want)
		}
	}
	var outside string // the same connection: the pool has one
	if err := db.SQL().QueryRowContext(t.Context(), "SHOW statement_timeout").Scan(&outside); err != nil || outside != "0" {
		t.Errorf("outside a transaction: %s, %v; want no limit", outside, err)
	}
}

func TestADatabaseThatCannotAnswerIsUnavailable(t *testing.T) {
	t.Parallel()
	db := again(t, setup(t), database.Config{StatementTimeout: time.Second, MaxConns: 1})
	run := func(sql string, args ...any) error {
		return db.Update(t.Context(), func(tx *database.Tx) error {
			_, err := database.Exec(tx, sql, args...)
			return err
		})
	}
	cases := map[string]func() error{
		"statement too slow": func() error { return run(`SELECT pg_sleep(60)`) },
		"connection killed":  func() error { return run(`SELECT pg_terminate_backend(pg_backend_pid())`) },
		"server is full":     func() error { return run(`DO $$ BEGIN RAISE 'full' USING ERRCODE = '53300'; END $$`) },
		"pool is empty": func() error {
			return db.Update(t.Context(), func(*database.Tx) error { // has the only connection
				ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
				defer cancel()
				return db.View(ctx, func(*database.Tx) error { return nil })
			})
		},
		"caller has gone": func() error {
			ctx, cancel := context.WithCancel(t.Context())
			return db.Update(ctx, func(tx *database.Tx) error {
				cancel()
				_, err := database.Exec(tx, `SELECT 1`)
				return err
			})
		},
		"nobody there": func() error {
			_, err := database.Open(t.Context(), database.Config{URL: "host=/nowhere dbname=rigg"})
			return err
		},
	}
	for name, f := range cases { // in turn: they share one connection
		if err := f(); !problem.Has(err, problem.CodeUnavailable) {
			t.Errorf("%s: %v, want unavailable", name, err)
		}
		if err := run(`SELECT 1`); err != nil {
			t.Errorf("after %s: %v, want a working pool", name, err)
		}
	}
	if err := run(`SELECT 1/0`); err == nil || problem.Has(err, problem.CodeUnavailable) {
		t.Errorf("division by zero: %v, want our own fault", err)
	}
	own := problem.CodeInvalid.Wrap(context.DeadlineExceeded)
	if err := db.Update(t.Context(), func(*database.Tx) error { return own }); !problem.Has(err, problem.CodeInvalid) {
		t.Errorf("a problem became %v", err)
	}
}

func TestConstraintNamesTheOneViolated(t *testing.T) {
	t.Parallel()
	db := setup(t)
	mustExec(t, db, `CREATE TABLE taken (during tstzrange, CONSTRAINT taken_once EXCLUDE USING gist (during WITH &&))`)
	for name, sql := range map[string]string{
		"thing_word_key": `INSERT INTO thing (id, word) VALUES (1, 'a'), (2, 'a')`,
		"taken_once":     `INSERT INTO taken VALUES ('[2026-01-01,2026-01-03)'), ('[2026-01-02,2026-01-04)')`,
		"":               `SELECT 1/0`,
	} {
		err := db.Update(t.Context(), func(tx *database.Tx) error {
			_, err := database.Exec(tx, sql)
			return err
		})
		if got := database.Constraint(err); err == nil || got != name {
			t.Errorf("%s: constraint %q of %v, want %q", sql, got, err, name)
		}
	}
	if got := database.Constraint(nil); got != "" {
		t.Errorf("no error names %q", got)
	}
}

type row struct {
	ID    id.Booking
	Word  string
	Known bool `gorm:"column:is_known"`
	At    *time.Time
}

func TestSelectReadsRows(t *testing.T) {
	t.Parallel()
	db := setup(t)
	at := time.Date(2026, 3, 1, 7, 30, 0, 0, time.UTC)
	err := db.Update(t.Context(), func(tx *database.Tx) error {
		n, err := database.Exec(tx, `INSERT INTO thing (id, word, at, tags)
			SELECT i, 'w' || i, CASE WHEN i = 2 THEN $1::timestamptz END, $2 FROM unnest($3::bigint[]) i`,
			at, []string{"x", "y"}, []id.Booking{1, 2, 3})
		if err != nil || n != 3 {
			t.Errorf("inserted %d, %v; want 3", n, err)
		}
		rows, err := database.Select[row](tx,
			`SELECT id, word, true AS is_known, at FROM thing WHERE id = ANY($1) AND tags @> $2 ORDER BY id`,
			[]id.Booking{1, 2}, []string{"y"})
		if want := []row{{1, "w1", true, nil}, {2, "w2", true, &at}}; err != nil || !reflect.DeepEqual(rows, want) {
			t.Errorf("rows %v, %v; want %v", rows, err, want)
		}
		ids, err := database.Select[id.Booking](tx, `SELECT id FROM thing WHERE word <> $1 ORDER BY id`, "w2")
		if want := []id.Booking{1, 3}; err != nil || !reflect.DeepEqual(ids, want) {
			t.Errorf("scalars %v, %v; want %v", ids, err, want)
		}
		none, err := database.Select[row](tx, `SELECT * FROM thing WHERE id = $1`, 9)
		if err != nil || none == nil || len(none) != 0 {
			t.Errorf("no rows: %v, %v; want an empty slice", none, err)
		}
		first, second := tx.Gorm().Table("thing").Where("id = ?", 1), tx.Gorm().Table("thing")
		var a, b int64
		if err := first.Count(&a).Error; err != nil || a != 1 {
			t.Errorf("one thing counted as %d, %v", a, err)
		}
		if err := second.Count(&b).Error; err != nil || b != 3 {
			t.Errorf("GORM kept a condition: %d of 3, %v", b, err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestLogHoldsNoValues(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	log := slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug}))
	db := again(t, setup(t), database.Config{Log: log})
	mustExec(t, db, `INSERT INTO thing (id, word) VALUES (1, 'anna@gronstal.example')`)
	for _, sql := range []string{
		`INSERT INTO thing (id, word) VALUES (2, $1)`,         // the detail has it
		`SELECT CAST(CAST($1 AS text) AS bigint)`,             // the message has it
		`SELECT pg_sleep(0.6) WHERE CAST($1 AS text) <> 'no'`, // slow
	} {
		err := db.Update(t.Context(), func(tx *database.Tx) error {
			_, err := database.Exec(tx, sql, "anna@gronstal.example")
			return err
		})
		if strings.Contains(sql, "sleep") != (err == nil) {
			t.Errorf("%s: %v", sql, err)
		}
	}
	for _, want := range []string{"INSERT INTO thing", "thing_word_key", "SQLSTATE 22P02", "slow statement"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the log does not say %q", want)
		}
	}
	if strings.Contains(out.String(), "gronstal") {
		t.Errorf("the log names a person:\n%s", &out)
	}
}
