package dbtest_test

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"rigg/internal/dbtest"
	"rigg/internal/localpg"
)

func TestEachTestHasItsOwn(t *testing.T) {
	t.Parallel()
	for n := range 4 {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			t.Parallel()
			db := dbtest.New(t)
			if got := count(t, db.Pool(), "SELECT count(*) FROM river_job"); got != 0 {
				t.Errorf("%d jobs in a fresh database", got)
			}
			if got := count(t, db.Pool(), "SELECT max(version_id) FROM goose_db_version"); got == 0 {
				t.Error("no migrations")
			}
			// Would fail the second time in one database.
			if _, err := db.Pool().Exec(t.Context(), "CREATE TABLE mine (n int)"); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestDroppedWithTheTest(t *testing.T) {
	t.Parallel()
	var address string
	t.Run("inner", func(t *testing.T) {
		address = dbtest.URL(t)
		conn := connect(t, address)
		// Left open on purpose: the drop must not wait for it.
		if got := count(t, conn, "SELECT 1"); got != 1 {
			t.Error(got)
		}
	})
	if _, err := pgx.Connect(t.Context(), address); err == nil || !strings.Contains(err.Error(), "does not exist") {
		t.Errorf("the database is still there: %v", err)
	}
}

func TestEmpty(t *testing.T) {
	t.Parallel()
	conn := connect(t, dbtest.Empty(t))
	if got := count(t, conn, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"); got != 0 {
		t.Errorf("%d tables in an empty database", got)
	}
}

func TestDataDir(t *testing.T) {
	t.Parallel()
	var dir string
	t.Run("inner", func(t *testing.T) {
		dir = dbtest.DataDir(t)
		s, err := localpg.Start(t.Context(), localpg.Options{Dir: dir, Throwaway: true})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Stop(); err != nil {
			t.Fatal(err)
		}
	})
	if _, err := os.Stat(dir); !os.IsNotExist(err) {
		t.Errorf("%s is left: %v", dir, err)
	}
}

func BenchmarkClone(b *testing.B) {
	for b.Loop() {
		dbtest.URL(b)
	}
}

type querier interface {
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}

func count(t *testing.T, q querier, query string) (n int) {
	t.Helper()
	if err := q.QueryRow(t.Context(), query).Scan(&n); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return n
}

func connect(t *testing.T, address string) *pgx.Conn {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	conn, err := pgx.Connect(ctx, address)
	if err != nil {
		t.Fatal(err)
	}
	return conn
}
