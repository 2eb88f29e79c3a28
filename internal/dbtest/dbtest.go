// Package dbtest gives every test a PostgreSQL database of its own: a clone of
// a template that has all migrations, on a throw-away cluster that all test
// programs share. Only tests may import it. It never skips: without a server
// the test fails with the sentence that says what to install.
//
// The cluster lies in memory or the temporary directory (see tempDir), by user
// and by a hash of the migrations, so that a changed migration never meets an
// old template. It outlives a run (the next one starts in a tenth of a second)
// but its server does not, and what was not used for a quarter of an hour is deleted.
package dbtest

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"rigg/internal/database"
	"rigg/internal/localpg"
)

const (
	// opening is the most that a test waits for its database. The first one
	// waits for initdb and the migrations, on a machine that may be busy.
	opening = 5 * time.Minute
	closing = time.Minute

	maxConns = 8 // of one test's pool; the server takes 500
)

// New is an open database with all migrations, the test's own. It is closed
// and dropped when the test ends.
func New(t testing.TB) *database.DB {
	t.Helper()
	address := URL(t)
	ctx, cancel := context.WithTimeout(t.Context(), opening)
	defer cancel()
	db, err := database.Open(ctx, database.Config{URL: address, MaxConns: maxConns, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatalf("open the test's database: %v", err)
	}
	t.Cleanup(db.Close)
	return db
}

// URL is the address of a database with all migrations, the test's own. It is
// dropped when the test ends, whoever is still connected.
func URL(t testing.TB) string {
	t.Helper()
	// Copying files needs two checkpoints, but those are cheap without fsync:
	// 15 ms, beside 41 ms with every page sent through the log (WAL_LOG).
	if _, err := migrated(); err != nil {
		t.Fatal(err)
	}
	return create(t, "TEMPLATE "+templateName+" STRATEGY FILE_COPY")
}

// Empty is the address of a database without any table, the test's own: for
// the tests of the migrations themselves.
func Empty(t testing.TB) string {
	t.Helper()
	return create(t, "TEMPLATE template0")
}

// DataDir is an empty directory for a whole program with a private cluster of
// its own; unlike t.TempDir's, the server's account can enter it. A server that
// the program left there is stopped when the test ends.
func DataDir(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp(tempDir(), "rigg-data-")
	if err != nil {
		t.Fatalf("make a data directory: %v", err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), closing)
		defer cancel()
		if err := localpg.Remove(ctx, dir); err != nil {
			t.Errorf("remove the test's cluster: %v", err)
		}
		if err := os.RemoveAll(dir); err != nil {
			t.Errorf("remove the data directory: %v", err)
		}
	})
	if err := os.Chmod(dir, 0o711); err != nil {
		t.Fatalf("open the data directory: %v", err)
	}
	return dir
}

func create(t testing.TB, how string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), opening)
	defer cancel()
	s, err := shared()
	if err != nil {
		t.Fatal(err)
	}
	// The process id tells the keeper whose database this is (see sweep).
	name := pgx.Identifier{fmt.Sprintf("test_%d_%s", os.Getpid(), strings.ToLower(rand.Text()[:12]))}
	if _, err := s.admin.Exec(ctx, "CREATE DATABASE "+name.Sanitize()+" "+how); err != nil {
		t.Fatalf("make the test's database: %v", err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), closing)
		defer cancel()
		if _, err := s.admin.Exec(ctx, "DROP DATABASE "+name.Sanitize()+" WITH (FORCE)"); err != nil {
			t.Errorf("drop the test's database: %v", err)
		}
	})
	return s.address(name[0])
}
