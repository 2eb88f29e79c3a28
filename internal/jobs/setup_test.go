package jobs_test

import (
	"bytes"
	"context"
	"database/sql"
	"log/slog"
	"sync"
	"testing"
	"time"

	"rigg/internal/database"
	"rigg/internal/dbtest"
	"rigg/internal/jobs"
)

// setup is a database of the test's own with the queue's tables alone.
func setup(t *testing.T) *database.DB {
	t.Helper()
	db := empty(t)
	if err := jobs.Migrate(t.Context(), db.Pool()); err != nil {
		t.Fatal(err)
	}
	return db
}

func empty(t *testing.T) *database.DB {
	t.Helper()
	db, err := database.Open(t.Context(), database.Config{URL: dbtest.Empty(t), Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	return db
}

func client(t *testing.T, db *database.DB, c jobs.Config) *jobs.Client {
	t.Helper()
	c.Pool, c.SQL = db.Pool(), db.SQL()
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	out, err := jobs.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// start works the client's jobs until the test ends.
func start(t *testing.T, c *jobs.Client) {
	t.Helper()
	if err := c.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := c.Stop(ctx); err != nil {
			t.Errorf("stop: %v", err)
		}
	})
}

// connect makes db enqueue through the client, as cmd does.
func connect(db *database.DB, c *jobs.Client) {
	db.OnEnqueue(func(ctx context.Context, tx *sql.Tx, list []database.Enqueued) error {
		out := make([]jobs.Insertion, len(list))
		for i, e := range list {
			out[i] = jobs.Insertion{Job: e.Job, At: e.At}
		}
		return c.Insert(ctx, tx, out)
	})
}

func enqueue(t *testing.T, db *database.DB, at time.Time, list ...database.Job) {
	t.Helper()
	err := db.Update(t.Context(), func(tx *database.Tx) error {
		tx.EnqueueAt(at, list...)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func wait[T any](t *testing.T, from <-chan T, what string) (out T) {
	t.Helper()
	select {
	case out = <-from:
	case <-time.After(2 * time.Minute):
		t.Fatalf("waited in vain for %s", what)
	}
	return out
}

func count(t *testing.T, db *database.DB, query string, args ...any) (n int) {
	t.Helper()
	if err := db.Pool().QueryRow(t.Context(), query, args...).Scan(&n); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return n
}

type greet struct {
	Name string `json:"name"`
}

func (greet) Kind() string { return "greet" }

type sweep struct{}

func (sweep) Kind() string { return "sweep" }

// syncBuffer is a log that several goroutines write.
type syncBuffer struct {
	mu  sync.Mutex
	out bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.out.Write(p)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.out.String()
}
