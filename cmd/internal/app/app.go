// Package app puts the program together: the database, the clock, the queue and
// the domains' services, for every command alike. It must hold no rule of its
// own; only here does everything know everything.
package app

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"rigg/access"
	"rigg/booking"
	"rigg/calendar"
	"rigg/internal/config"
	"rigg/internal/database"
	"rigg/internal/jobs"
	"rigg/internal/localpg"
	"rigg/migrations"
	"rigg/notify"
)

// App is the open program: its database is migrated and its services are ready.
type App struct {
	Config   *config.Config
	Log      *slog.Logger
	DB       *database.DB
	Clock    *Clock
	Queue    *jobs.Client
	Access   *access.Service
	Booking  *booking.Service
	Calendar *calendar.Service
	Notify   *notify.Service

	cluster *localpg.Server // nil with a database of the operator's
}

// Options say how a command uses the program.
type Options struct {
	Config  *config.Config
	LogTo   io.Writer
	Clock   string           // as --clock; empty leaves the clock as it is
	Now     func() time.Time // instead of the clock, for the demo's generator
	Workers bool             // work the queue here
}

// Open starts the private cluster where no database is configured, migrates, and
// wires the services. Close gives everything back.
func Open(ctx context.Context, o Options) (_ *App, err error) {
	a, err := Connect(ctx, o)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, a.Close())
		}
	}()
	if err = Migrate(ctx, a.DB, a.Log); err != nil {
		return nil, err
	}
	if err = a.Clock.reschedule(ctx, a.DB.Pool()); err != nil {
		return nil, err
	}
	return a, a.wire(o)
}

// Connect is Open without migrating: there is only the database, as it is, and
// the clock.
func Connect(ctx context.Context, o Options) (_ *App, err error) {
	a := &App{Config: o.Config, Log: newLog(o.LogTo, o.Config.Log)}
	defer func() {
		if err != nil {
			err = errors.Join(err, a.Close())
		}
	}()
	url := o.Config.Database.URL
	if url == "" {
		if url, err = a.startCluster(ctx); err != nil {
			return nil, err
		}
	}
	if a.Clock, err = openClock(o.Config, o.Clock, o.Now); err != nil {
		return nil, err
	}
	a.DB, err = database.Open(ctx, database.Config{
		URL: url, MaxConns: int32(o.Config.Database.MaxConns), Now: a.Clock.Now, Log: a.Log,
	})
	if err != nil {
		return nil, err
	}
	return a, nil
}

// Migrate brings the schema and the queue's tables up to date.
func Migrate(ctx context.Context, db *database.DB, log *slog.Logger) error {
	if err := database.Migrate(ctx, db.SQL(), migrations.Files, log); err != nil {
		return err
	}
	return jobs.Migrate(ctx, db.Pool())
}

func (a *App) startCluster(ctx context.Context) (url string, err error) {
	if a.Config.DataDir == "" {
		if a.Config.DataDir, err = localpg.DefaultDir(); err != nil {
			return "", err
		}
	}
	a.cluster, err = localpg.Start(ctx, localpg.Options{Dir: a.Config.DataDir, Log: a.Log})
	if err != nil {
		return "", err
	}
	return a.cluster.URL(), nil
}

func (a *App) wire(o Options) error {
	a.Access = access.New(a.DB)
	a.Booking = booking.New(a.DB, a.Config.Reminders.Before)
	a.Booking.OfferEach(a.Config.Waiting.Offer)
	a.Calendar = calendar.New(a.DB, a.Booking, a.Config.BaseURL)
	var err error
	if a.Notify, err = notify.New(a.DB, a.Booking, a.Config.Mail, a.Config.BaseURL, a.Log); err != nil {
		return err
	}
	workers := 0
	if o.Workers {
		workers = a.Config.Jobs.Workers
	}
	a.Queue, err = jobs.New(jobs.Config{
		Pool: a.DB.Pool(), SQL: a.DB.SQL(), Registry: a.registry(), Schedules: a.schedules(),
		Workers: workers, PollOnly: !a.Config.Jobs.Listen, Offset: a.Clock.Offset(), Log: a.Log,
	})
	if err != nil {
		return err
	}
	a.DB.OnEnqueue(a.Insert)
	return nil
}

// Insert puts a transaction's jobs into the queue.
func (a *App) Insert(ctx context.Context, tx *sql.Tx, list []database.Enqueued) error {
	insertions := make([]jobs.Insertion, len(list))
	for i, e := range list {
		insertions[i] = jobs.Insertion{Job: e.Job, At: e.At}
	}
	return a.Queue.Insert(ctx, tx, insertions)
}

// Close gives the database back, and stops the private cluster if nobody else
// uses it.
func (a *App) Close() error {
	if a.DB != nil {
		a.DB.Close()
	}
	if a.cluster == nil {
		return nil
	}
	if err := a.cluster.Stop(); err != nil {
		return fmt.Errorf("stop the private database: %w", err)
	}
	return nil
}

func newLog(to io.Writer, c config.Log) *slog.Logger {
	if to == nil {
		return slog.New(slog.DiscardHandler)
	}
	var level slog.Level
	if err := level.UnmarshalText([]byte(c.Level)); err != nil {
		level = slog.LevelInfo // config has checked it
	}
	options := &slog.HandlerOptions{Level: level}
	if c.Format == "json" {
		return slog.New(slog.NewJSONHandler(to, options))
	}
	return slog.New(slog.NewTextHandler(to, options))
}
