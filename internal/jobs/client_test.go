package jobs_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"rigg/internal/database"
	"rigg/internal/jobs"
)

func TestAJobIsWorkedOnceAfterItsTransaction(t *testing.T) {
	t.Parallel()
	db := setup(t)
	worked := make(chan greet, 10)
	r := jobs.NewRegistry()
	jobs.Handle(r, func(_ context.Context, g greet) error {
		worked <- g
		return nil
	})
	c := client(t, db, jobs.Config{Registry: r, Workers: 2})
	connect(db, c)
	start(t, c)
	start(t, client(t, db, jobs.Config{Registry: r, Workers: 2})) // a second instance

	undone := errors.New("undone")
	err := db.Update(t.Context(), func(tx *database.Tx) error {
		tx.Enqueue(greet{"never"})
		return undone
	})
	if !errors.Is(err, undone) {
		t.Fatal(err)
	}
	enqueue(t, db, time.Time{}, greet{"Anna"}, greet{"Mia"}, greet{"Per"})
	seen := map[string]int{}
	for range 3 {
		seen[wait(t, worked, "three jobs").Name]++
	}
	enqueue(t, db, time.Time{}, greet{"last"})
	if last := wait(t, worked, "the last job"); last.Name != "last" {
		t.Errorf("%q was worked again", last.Name)
	}
	if seen["Anna"] != 1 || seen["Mia"] != 1 || seen["Per"] != 1 {
		t.Errorf("worked %v, want each once", seen)
	}
}

func TestAFailingJobIsTriedAgainAndLoggedById(t *testing.T) {
	t.Parallel()
	db := setup(t)
	var tries atomic.Int32
	tried := make(chan int32, 3)
	r := jobs.NewRegistry()
	jobs.Handle(r, func(context.Context, greet) error {
		n := tries.Add(1)
		defer func() { tried <- n }()
		if n == 1 {
			panic("the first time panics")
		}
		return errors.New("the second fails")
	}, jobs.MaxAttempts(2))
	var out syncBuffer
	c := client(t, db, jobs.Config{Registry: r, Workers: 1, Log: slog.New(slog.NewTextHandler(&out, nil))})
	connect(db, c)
	start(t, c)
	enqueue(t, db, time.Time{}, greet{"Anna Ek"})
	for want := int32(1); want <= 2; want++ {
		if n := wait(t, tried, "every try"); n != want {
			t.Errorf("try %d, want %d", n, want)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := c.Stop(ctx); err != nil { // then all is written
		t.Fatal(err)
	}
	if n := count(t, db, `SELECT count(*) FROM river_job WHERE state = 'discarded'`); n != 1 {
		t.Errorf("%d jobs given up after the kind's two tries, want 1", n)
	}
	for _, want := range []string{"will be tried again", "the last time", "kind=greet job=", "panic: the first time panics"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the log does not say %q:\n%s", want, out.String())
		}
	}
	if strings.Contains(out.String(), "Anna") {
		t.Errorf("the log names a person:\n%s", out.String())
	}
}

func TestAnUnknownKindIsRefusedAtInsert(t *testing.T) {
	t.Parallel()
	db := setup(t)
	connect(db, client(t, db, jobs.Config{Registry: jobs.NewRegistry()}))
	err := db.Update(t.Context(), func(tx *database.Tx) error {
		tx.Enqueue(greet{})
		return nil
	})
	if err == nil || !strings.Contains(err.Error(), "greet") {
		t.Errorf("error %v, want one that names the kind", err)
	}
}

func TestAnInsertOnlyClientWorksNothing(t *testing.T) {
	t.Parallel()
	db := setup(t)
	worked := make(chan greet, 1)
	r := jobs.NewRegistry()
	jobs.Handle(r, func(_ context.Context, g greet) error {
		worked <- g
		return nil
	})
	load := client(t, db, jobs.Config{Registry: r})
	connect(db, load)
	start(t, load)
	if err := load.Healthy(t.Context()); err != nil {
		t.Errorf("healthy: %v", err)
	}
	enqueue(t, db, time.Time{}, greet{"Anna"})
	if n := count(t, db, `SELECT count(*) FROM river_job WHERE state = 'available'`); n != 1 {
		t.Errorf("%d jobs wait, want 1", n)
	}
	if n := count(t, db, `SELECT count(*) FROM river_queue`); n != 0 {
		t.Error("the inserting client looks for work")
	}
	start(t, client(t, db, jobs.Config{Registry: r, Workers: 1})) // serve, beside it
	wait(t, worked, "the job that load left behind")
}

func TestProgramTimeBecomesRealTime(t *testing.T) {
	t.Parallel()
	db := setup(t)
	r := jobs.NewRegistry()
	jobs.Handle(r, func(context.Context, greet) error { return nil })
	const ahead = 90 * 24 * time.Hour // the program's clock is ahead
	connect(db, client(t, db, jobs.Config{Registry: r, Offset: ahead}))
	real := time.Now()
	enqueue(t, db, real.Add(ahead+time.Hour), greet{"in an hour"})
	enqueue(t, db, real.Add(ahead-time.Minute), greet{"just missed"})
	waits := func(delay time.Duration) int {
		return count(t, db, `SELECT count(*) FROM river_job WHERE state = 'scheduled'
			AND abs(extract(epoch FROM scheduled_at - $1::timestamptz)) < 1`, real.Add(delay))
	}
	if n := waits(time.Hour); n != 1 {
		t.Errorf("%d jobs wait for an hour from now, want 1", n)
	}
	if n := count(t, db, `SELECT count(*) FROM river_job WHERE state = 'available'`); n != 1 {
		t.Errorf("%d jobs are due, want the missed one", n)
	}
	if err := jobs.Reschedule(t.Context(), db.Pool(), 50*time.Minute); err != nil { // the clock is set further ahead
		t.Fatal(err)
	}
	if n := waits(10 * time.Minute); n != 1 {
		t.Errorf("%d jobs wait for ten minutes from now, want 1", n)
	}
}

func TestStopWaitsForWorkThenCancelsIt(t *testing.T) {
	t.Parallel()
	for name, patience := range map[string]time.Duration{"graceful": time.Minute, "hard": time.Millisecond} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db := setup(t)
			begun, let, ended := make(chan struct{}), make(chan struct{}), make(chan error, 1)
			r := jobs.NewRegistry()
			jobs.Handle(r, func(ctx context.Context, _ sweep) error {
				close(begun)
				select {
				case <-let:
				case <-ctx.Done():
				}
				ended <- ctx.Err()
				return ctx.Err()
			})
			c := client(t, db, jobs.Config{Registry: r, Workers: 1})
			if err := c.Healthy(t.Context()); err == nil {
				t.Error("healthy before start")
			}
			connect(db, c)
			ctx, cancel := context.WithCancel(t.Context())
			if err := c.Start(ctx); err != nil {
				t.Fatal(err)
			}
			enqueue(t, db, time.Time{}, sweep{})
			wait(t, begun, "the job to begin")
			if err := c.Healthy(t.Context()); err != nil {
				t.Errorf("at work: %v", err)
			}
			cancel() // a signal: requests are still being finished
			if patience > time.Second {
				close(let)
			}
			stop, done := context.WithTimeout(t.Context(), patience)
			defer done()
			if err := c.Stop(stop); err != nil {
				t.Errorf("stop: %v", err)
			}
			if err := wait(t, ended, "the job's end"); (err != nil) != (name == "hard") {
				t.Errorf("the job's context ended with %v", err)
			}
			if err := c.Healthy(t.Context()); err == nil {
				t.Error("healthy after stop")
			}
		})
	}
}
