// Package jobs is the durable queue: River on the program's own database. A job
// is inserted in the transaction of what it announces, worked after commit at
// least once, retried when it fails, and its schedules run once for all
// instances. It must never know what a job is about.
package jobs

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"
)

// migrateLock keeps two processes from making the queue's tables at once; any
// number that nobody else uses.
const migrateLock = 0x72696767 // "rigg"

// Migrate makes the queue's tables, or brings them up to date. Processes that do
// so at once wait for each other. It takes two connections: one holds the lock,
// since the steps need a transaction each (PostgreSQL can't use a new enum value
// in the transaction that added it).
func Migrate(ctx context.Context, pool *pgxpool.Pool) error {
	migrator, err := rivermigrate.New(riverpgxv5.New(pool), nil)
	if err != nil {
		return fmt.Errorf("prepare the queue's migrations: %w", err)
	}
	err = pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "SELECT pg_advisory_xact_lock($1)", migrateLock); err != nil {
			return fmt.Errorf("lock: %w", err)
		}
		_, err := migrator.Migrate(ctx, rivermigrate.DirectionUp, nil)
		return err
	})
	if err != nil {
		return fmt.Errorf("migrate the queue: %w", err)
	}
	return nil
}

// Reschedule moves all waiting jobs after the program's clock has been set:
// delta is the new offset minus the old one. Retries stay: they wait in real time.
func Reschedule(ctx context.Context, pool *pgxpool.Pool, delta time.Duration) error {
	_, err := pool.Exec(ctx, `UPDATE river_job SET scheduled_at = scheduled_at - $1::interval WHERE state = 'scheduled'`, delta)
	if err != nil {
		return fmt.Errorf("move the waiting jobs: %w", err)
	}
	return nil
}
