package jobs

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverdatabasesql"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivertype"
)

const (
	// How often a queue is looked into without being told. It bounds the wait of
	// a job whose notification was spared or lost.
	pollInterval = time.Second
	// How often one inserting process notifies at most. A NOTIFY is a round trip
	// in the inserting transaction, and commits that notify take turns.
	notifyInterval = time.Second
	// A job whose process was killed is tried again when this has passed since
	// the longest timeout.
	rescueMargin = time.Minute
	// How long Stop waits for jobs after it has cancelled them.
	hardStopTimeout = 5 * time.Second
	keepDone        = 24 * time.Hour
	keepDiscarded   = 7 * 24 * time.Hour
)

// Config is what a client needs. Offset is the program's clock minus the real
// clock: River lives in real time, so every time is converted on its way in.
type Config struct {
	Pool      *pgxpool.Pool // where jobs are worked
	SQL       *sql.DB       // of the same database, where jobs are inserted
	Registry  *Registry     // every kind that may be inserted
	Schedules []Schedule
	Workers   int  // jobs at one time; 0 is a client that only inserts
	PollOnly  bool // no LISTEN: for a transaction-pooling PgBouncer
	Offset    time.Duration
	Log       *slog.Logger // nil is slog.Default
}

// Client inserts jobs in transactions, and works them if it has workers.
type Client struct {
	insert  *river.Client[*sql.Tx]
	work    *river.Client[pgx.Tx] // nil in a client that only inserts
	pool    *pgxpool.Pool
	limits  map[string]int // attempts by kind
	offset  time.Duration
	started atomic.Bool
}

// New makes a client that does nothing before Start but insert.
func New(c Config) (*Client, error) {
	if c.Log == nil {
		c.Log = slog.Default()
	}
	riverLog := slog.New(warnings{c.Log.Handler()})
	out := &Client{pool: c.Pool, limits: c.Registry.maxAttempts, offset: c.Offset}
	var err error
	out.insert, err = river.NewClient(riverdatabasesql.New(c.SQL), &river.Config{
		Logger: riverLog, Workers: c.Registry.workers,
		FetchCooldown: notifyInterval, FetchPollInterval: notifyInterval,
	})
	if err != nil {
		return nil, fmt.Errorf("make the inserting client: %w", err)
	}
	if c.Workers == 0 {
		return out, nil
	}
	periodic, err := c.Registry.periodic(c.Schedules, c.Offset)
	if err != nil {
		return nil, err
	}
	out.work, err = river.NewClient(riverpgxv5.New(c.Pool), &river.Config{
		Logger:                      riverLog,
		ErrorHandler:                failures{c.Log},
		Workers:                     c.Registry.workers,
		Queues:                      map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: c.Workers}},
		PeriodicJobs:                periodic,
		Hooks:                       []rivertype.Hook{&oncePerRun{}}, // only schedules insert through this client
		PollOnly:                    c.PollOnly,
		FetchPollInterval:           pollInterval,
		JobTimeout:                  defaultTimeout,
		MaxAttempts:                 defaultMaxAttempts,
		RescueStuckJobsAfter:        max(c.Registry.longest, defaultTimeout) + rescueMargin,
		CompletedJobRetentionPeriod: keepDone,
		CancelledJobRetentionPeriod: keepDone,
		DiscardedJobRetentionPeriod: keepDiscarded,
	})
	if err != nil {
		return nil, fmt.Errorf("make the working client: %w", err)
	}
	return out, nil
}

// Start works jobs until Stop; the end of ctx does not stop it, so that a
// program can finish its requests first. A client that only inserts does nothing.
func (c *Client) Start(ctx context.Context) error {
	if c.work == nil {
		return nil
	}
	if err := c.work.Start(context.WithoutCancel(ctx)); err != nil {
		return fmt.Errorf("start the queue: %w", err)
	}
	c.started.Store(true)
	return nil
}

// Stop takes no more jobs and waits for those at work until ctx ends; then it
// cancels them and waits five seconds more.
func (c *Client) Stop(ctx context.Context) error {
	if !c.started.Load() {
		return nil
	}
	if err := c.work.Stop(ctx); err == nil {
		return nil
	}
	hard, cancel := context.WithTimeout(context.WithoutCancel(ctx), hardStopTimeout)
	defer cancel()
	if err := c.work.StopAndCancel(hard); err != nil {
		return fmt.Errorf("stop the queue: %w", err)
	}
	return nil
}

// Insertion is a job to insert. At is in program time; zero is at once.
type Insertion struct {
	Job Job
	At  time.Time
}

// Insert adds the jobs to tx in one statement; they are worked when it has
// committed. A kind without registered work is an error. Once a second at most,
// a second statement wakes the workers of all processes.
func (c *Client) Insert(ctx context.Context, tx *sql.Tx, list []Insertion) error {
	if len(list) == 0 {
		return nil
	}
	now := time.Now()
	params := make([]river.InsertManyParams, 0, len(list))
	for _, job := range list {
		opts := &river.InsertOpts{MaxAttempts: c.limits[job.Job.Kind()]}
		// Only what lies ahead is scheduled: what is scheduled waits for River's
		// next round, five seconds apart.
		if at := job.At.Add(-c.offset); !job.At.IsZero() && at.After(now) {
			opts.ScheduledAt = at
		}
		params = append(params, river.InsertManyParams{Args: job.Job, InsertOpts: opts})
	}
	if _, err := c.insert.InsertManyFastTx(ctx, tx, params); err != nil {
		return fmt.Errorf("insert %d jobs: %w", len(list), err)
	}
	return nil
}

// Healthy says whether the queue can be reached and, if this client works jobs,
// is at work.
func (c *Client) Healthy(ctx context.Context) error {
	if c.work != nil {
		if !c.started.Load() {
			return errors.New("the queue is not started")
		}
		select {
		case <-c.work.Stopped():
			return errors.New("the queue has stopped")
		default:
		}
	}
	if _, err := c.pool.Exec(ctx, "SELECT FROM river_job LIMIT 1"); err != nil {
		return fmt.Errorf("reach the queue: %w", err)
	}
	return nil
}
