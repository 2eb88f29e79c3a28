package database

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"gorm.io/gorm"
)

const (
	maxRetries = 3
	retryPause = 10 * time.Millisecond // before the first retry; doubled, with jitter
)

// Job is what a job says of itself; its JSON is stored. Kind is its stable name.
type Job interface{ Kind() string }

// Enqueued is a job to insert when its transaction ends. At is in the program's
// time; zero is at once.
type Enqueued struct {
	Job Job
	At  time.Time
}

// Tx is one transaction. Now is read once, so that everything in it agrees.
type Tx struct {
	Now      time.Time
	ReadOnly bool // of a View: nothing can be locked or written

	ctx  context.Context
	sql  *sql.Tx
	gorm *gorm.DB
	jobs []Enqueued
}

// Context is the caller's.
func (t *Tx) Context() context.Context { return t.ctx }

// Gorm is a session with no conditions; only files named store*.go use it.
func (t *Tx) Gorm() *gorm.DB { return t.gorm }

// SQL is the transaction itself, for hot paths.
func (t *Tx) SQL() *sql.Tx { return t.sql }

// Enqueue has the jobs inserted when the transaction ends, worked after commit.
func (t *Tx) Enqueue(jobs ...Job) { t.EnqueueAt(time.Time{}, jobs...) }

// EnqueueAt is Enqueue for jobs to be worked no earlier than at, program's time.
func (t *Tx) EnqueueAt(at time.Time, jobs ...Job) {
	for _, j := range jobs {
		t.jobs = append(t.jobs, Enqueued{Job: j, At: at})
	}
}

// Update runs f in a READ COMMITTED transaction, inserts what it enqueued and
// commits. Deadlocks and serialisation failures (40P01, 40001) are retried three
// times, so f must have no effect outside tx. An error or a panic of f rolls
// back. A database that cannot answer now is the problem "unavailable".
func (d *DB) Update(ctx context.Context, f func(*Tx) error) error {
	pause := retryPause
	for retry := 0; ; retry++ {
		err := d.run(ctx, &sql.TxOptions{Isolation: sql.LevelReadCommitted}, f)
		if err == nil {
			return nil
		}
		if retry == maxRetries || !retryable(err) {
			return explain(err)
		}
		select {
		case <-ctx.Done():
			return explain(errors.Join(ctx.Err(), err))
		case <-time.After(pause + rand.N(pause)):
		}
		pause *= 2
	}
}

// View runs f in a read-only transaction that sees one snapshot. It never
// retries and f must not enqueue.
func (d *DB) View(ctx context.Context, f func(*Tx) error) error {
	return explain(d.run(ctx, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true}, func(tx *Tx) error {
		if err := f(tx); err != nil {
			return err
		}
		if len(tx.jobs) > 0 {
			return fmt.Errorf("a read-only transaction enqueued %q", tx.jobs[0].Job.Kind())
		}
		return nil
	}))
}

func (d *DB) run(ctx context.Context, opts *sql.TxOptions, f func(*Tx) error) error {
	sqlTx, err := d.limited.BeginTx(ctx, opts)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	committed := false
	defer func() { // also when f panics
		if committed {
			return
		}
		if err := sqlTx.Rollback(); err != nil && !errors.Is(err, sql.ErrTxDone) {
			d.log.WarnContext(ctx, "rollback failed, the server will do it", "cause", brief(err))
		}
	}()
	tx := d.begun(ctx, sqlTx)
	tx.ReadOnly = opts.ReadOnly
	if err := f(tx); err != nil {
		return err
	}
	if err := d.flush(tx); err != nil {
		return err
	}
	if err := sqlTx.Commit(); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	committed = true
	return nil
}

func (d *DB) begun(ctx context.Context, sqlTx *sql.Tx) *Tx {
	now := d.Now()
	session := d.gorm.Session(&gorm.Session{
		NewDB: true, Context: ctx, SkipDefaultTransaction: true,
		NowFunc: func() time.Time { return now },
	})
	session.Statement.ConnPool = sqlTx
	return &Tx{Now: now, ctx: ctx, sql: sqlTx, gorm: session}
}

// flush inserts all jobs in one call: a round trip for each would be felt.
func (d *DB) flush(tx *Tx) error {
	if len(tx.jobs) == 0 {
		return nil
	}
	if d.enqueue == nil {
		return fmt.Errorf("no queue is connected; job %q would be lost", tx.jobs[0].Job.Kind())
	}
	if err := d.enqueue(tx.ctx, tx.sql, tx.jobs); err != nil {
		return fmt.Errorf("enqueue %d jobs: %w", len(tx.jobs), err)
	}
	return nil
}
