package database_test

import (
	"testing"

	"rigg/internal/database"
	"rigg/internal/dbtest"
)

// setup is a database of the test's own with one small table.
func setup(t *testing.T) *database.DB {
	t.Helper()
	db, err := database.Open(t.Context(), database.Config{URL: dbtest.Empty(t), Log: quiet})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	mustExec(t, db, `CREATE TABLE thing (
		id bigint PRIMARY KEY, word text NOT NULL CONSTRAINT thing_word_key UNIQUE, at timestamptz, tags text[])`)
	return db
}

func mustExec(t *testing.T, db *database.DB, sql string) {
	t.Helper()
	if _, err := db.Pool().Exec(t.Context(), sql); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

func count(t *testing.T, db *database.DB, query string) (n int) {
	t.Helper()
	if err := db.Pool().QueryRow(t.Context(), query).Scan(&n); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return n
}

// again opens the same database with other settings.
func again(t *testing.T, db *database.DB, c database.Config) *database.DB {
	t.Helper()
	c.URL = db.Pool().Config().ConnString()
	other, err := database.Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(other.Close)
	return other
}
