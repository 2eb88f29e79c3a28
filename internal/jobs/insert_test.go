package jobs_test

import (
	"context"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"

	"rigg/internal/jobs"
)

// statements remembers what is sent to the server.
type statements struct {
	sync.Mutex
	list []string
}

func (s *statements) TraceQueryStart(ctx context.Context, _ *pgx.Conn, q pgx.TraceQueryStartData) context.Context {
	s.Lock()
	defer s.Unlock()
	s.list = append(s.list, q.SQL)
	return ctx
}

func (s *statements) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

func TestInsertIsOneStatement(t *testing.T) {
	t.Parallel()
	sent := &statements{}
	conf := setup(t).Pool().Config()
	conf.ConnConfig.Tracer = sent
	pool, err := pgxpool.NewWithConfig(t.Context(), conf)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	db := stdlib.OpenDBFromPool(pool)
	r := jobs.NewRegistry()
	jobs.Handle(r, func(context.Context, greet) error { return nil })
	c, err := jobs.New(jobs.Config{Pool: pool, SQL: db, Registry: r})
	if err != nil {
		t.Fatal(err)
	}
	insert := func() (n, notified int) {
		tx, err := db.BeginTx(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = tx.Rollback() }()
		sent.list = nil
		if err := c.Insert(t.Context(), tx, []jobs.Insertion{{Job: greet{"a"}}, {Job: greet{"b"}}, {Job: greet{"c"}}}); err != nil {
			t.Fatal(err)
		}
		return len(sent.list), strings.Count(strings.Join(sent.list, ";"), "pg_notify")
	}
	if n, notified := insert(); notified != 1 {
		t.Errorf("the first of %d statements notified %d times, want once", n, notified)
	}
	const more = 20
	total, notifications := 0, 0
	for range more {
		n, notified := insert()
		total, notifications = total+n, notifications+notified
	}
	if total-notifications != more {
		t.Errorf("%d inserts took %d statements and %d notifications, want one statement each", more, total-notifications, notifications)
	}
}
