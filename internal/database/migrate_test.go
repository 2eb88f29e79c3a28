package database_test

import (
	"database/sql"
	"errors"
	"io/fs"
	"log/slog"
	"testing"
	"testing/fstest"
	"time"

	"github.com/jackc/pgx/v5/stdlib"

	"rigg/internal/database"
	"rigg/internal/problem"
)

var quiet = slog.New(slog.DiscardHandler)

func step(name string) *fstest.MapFile {
	return &fstest.MapFile{Data: []byte("-- +goose Up\nSELECT pg_sleep(0.05);\nCREATE TABLE " + name + " ();\n-- +goose Down\nDROP TABLE " + name + ";\n")}
}

func steps(n int) fs.FS {
	all := []string{"00001_one.sql", "00002_two.sql", "00003_three.sql"}
	files := fstest.MapFS{}
	for _, name := range all[:n] {
		files[name] = step(name[6 : len(name)-4])
	}
	return files
}

// empty is a schema without migrations, as a process of its own would open it.
func empty(t *testing.T, db *database.DB) *sql.DB {
	t.Helper()
	mustExec(t, db, `CREATE SCHEMA IF NOT EXISTS fresh`)
	conf := db.Pool().Config().ConnConfig
	conf.RuntimeParams["search_path"] = "fresh"
	out := stdlib.OpenDB(*conf)
	t.Cleanup(func() { _ = out.Close() })
	return out
}

func TestMigrateUpStatusDown(t *testing.T) {
	t.Parallel()
	db := empty(t, setup(t))
	if err := database.Migrate(t.Context(), db, steps(2), quiet); err != nil {
		t.Fatal(err)
	}
	list, err := database.Status(t.Context(), db, steps(3))
	if err != nil || len(list) != 3 {
		t.Fatalf("status %v, %v; want three", list, err)
	}
	for i, m := range list {
		if applied := !m.AppliedAt.IsZero(); applied != (i < 2) || m.Version != int64(i+1) {
			t.Errorf("%d. is %+v", i+1, m)
		}
	}
	if since := time.Since(list[0].AppliedAt); since < 0 || since > time.Hour {
		t.Errorf("applied at %v", list[0].AppliedAt)
	}
	if err := database.Down(t.Context(), db, steps(3)); err != nil {
		t.Fatal(err)
	}
	list, err = database.Status(t.Context(), db, steps(3))
	if err != nil || list[0].AppliedAt.IsZero() || !list[1].AppliedAt.IsZero() {
		t.Errorf("after down: %v, %v; want the first alone", list, err)
	}
}

func TestProcessesThatMigrateAtOnceAllSucceed(t *testing.T) {
	t.Parallel()
	owner := setup(t)
	results := make(chan error)
	const processes = 4
	for range processes {
		db := empty(t, owner)
		go func() { results <- database.Migrate(t.Context(), db, steps(3), quiet) }()
	}
	for range processes {
		if err := <-results; err != nil {
			t.Error(err)
		}
	}
	if n := count(t, owner, `SELECT count(*) FROM fresh.goose_db_version WHERE version_id > 0`); n != 3 {
		t.Errorf("%d migrations recorded, want 3", n)
	}
}

func TestANewerSchemaIsRefused(t *testing.T) {
	t.Parallel()
	db := empty(t, setup(t))
	if err := database.Migrate(t.Context(), db, steps(3), quiet); err != nil {
		t.Fatal(err)
	}
	for name, f := range map[string]func() error{
		"migrate": func() error { return database.Migrate(t.Context(), db, steps(2), quiet) },
		"down":    func() error { return database.Down(t.Context(), db, steps(2)) },
	} {
		var p *problem.Error
		if err := f(); !errors.As(err, &p) || p.Code.Slug != "schema-newer" ||
			p.Details["database"] != int64(3) || p.Details["program"] != int64(2) {
			t.Errorf("%s: %v, want schema-newer with both versions", name, err)
		}
	}
	if err := database.Migrate(t.Context(), db, steps(3), quiet); err != nil {
		t.Errorf("the right program: %v", err)
	}
}
