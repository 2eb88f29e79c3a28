// Package demo makes the full example: it loads the example data and drives the
// services with a stepped clock, so that its bookings are made, decided, used
// and charged in the same way as anybody's. It must write nothing by itself.
package demo

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"rigg/booking"
	"rigg/cmd/internal/app"
	"rigg/cmd/internal/load"
	"rigg/demo"
	"rigg/internal/config"
	"rigg/internal/database"
	"rigg/internal/localpg"
)

// The marker says what a data directory holds, so that no other is ever touched.
const (
	markerFile = "demo"
	making     = "making\n"
	ready      = "ready\n"
)

// Prepare makes the example in the configured data directory if it is not there
// yet; one that was interrupted in the making, or that is to be reset, is made
// anew. A directory that holds anything else is refused.
func Prepare(ctx context.Context, c *config.Config, reset bool, out io.Writer) error {
	return prepare(ctx, c, usual, reset, out)
}

func prepare(ctx context.Context, c *config.Config, e extent, reset bool, out io.Writer) error {
	if c.Database.URL != "" {
		return errors.New("the demo runs on a database of its own: leave out --database-url")
	}
	marker := filepath.Join(c.DataDir, markerFile)
	state, err := os.ReadFile(marker)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("read the demo's marker: %w", err)
	}
	if errors.Is(err, fs.ErrNotExist) {
		if _, err := os.Stat(filepath.Join(c.DataDir, "pg")); err == nil {
			return fmt.Errorf("%s holds a database that is not a demo's; choose another --data-dir", c.DataDir)
		}
	}
	if string(state) == ready && !reset {
		return nil
	}
	if len(state) > 0 {
		if err := localpg.Remove(ctx, c.DataDir); err != nil {
			return fmt.Errorf("remove the old demo: %w", err)
		}
	}
	return create(ctx, c, e, marker, out)
}

func create(ctx context.Context, c *config.Config, e extent, marker string, out io.Writer) error {
	if err := os.MkdirAll(c.DataDir, 0o755); err != nil {
		return fmt.Errorf("make the data directory: %w", err)
	}
	if err := os.WriteFile(marker, []byte(making), 0o600); err != nil {
		return fmt.Errorf("mark the data directory: %w", err)
	}
	_, _ = fmt.Fprintln(out, "Making the example: real test beds, invented companies. This takes a minute, once.")
	if err := fill(ctx, c, e, out); err != nil {
		return err
	}
	if err := os.WriteFile(marker, []byte(ready), 0o600); err != nil {
		return fmt.Errorf("mark the data directory: %w", err)
	}
	return nil
}

// fill loads the data and plays the days.
func fill(ctx context.Context, c *config.Config, e extent, out io.Writer) (err error) {
	now := time.Now().Truncate(time.Minute)
	clock := &stepped{now: now.AddDate(0, 0, -e.back-e.lead)}
	a, err := app.Open(ctx, app.Options{Config: c, Now: clock.Now})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	a.DB.OnEnqueue(keepReminders(a, now))
	if err := loadData(ctx, a); err != nil {
		return err
	}
	g, err := newGenerator(ctx, a, e, clock, now)
	if err != nil {
		return err
	}
	if err := g.play(ctx); err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "Made %d bookings; %d wishes were refused, as in life.\n", g.made, g.refused)
	return err
}

func loadData(ctx context.Context, a *app.App) error {
	names, err := fs.Glob(demo.Files, "*.yaml")
	if err != nil {
		return fmt.Errorf("list the example data: %w", err)
	}
	var files []load.File
	for _, name := range names {
		data, err := fs.ReadFile(demo.Files, name)
		if err != nil {
			return fmt.Errorf("read the example data: %w", err)
		}
		files = append(files, load.File{Name: name, Data: data})
	}
	if _, err := load.Files(ctx, a.DB, files); err != nil {
		return fmt.Errorf("load the example data: %w", err)
	}
	return nil
}

// keepReminders lets only what lies ahead into the queue: nobody wants the mail
// of last autumn.
func keepReminders(a *app.App, now time.Time) database.EnqueueFunc {
	return func(ctx context.Context, tx *sql.Tx, list []database.Enqueued) error {
		var ahead []database.Enqueued
		for _, e := range list {
			if _, is := e.Job.(booking.JobReminder); is && e.At.After(now) {
				ahead = append(ahead, e)
			}
		}
		return a.Insert(ctx, tx, ahead)
	}
}

// Addresses are what the demo prints: where to click, and tokens for the API.
func Addresses(ctx context.Context, a *app.App, base string, out io.Writer) error {
	_, _ = fmt.Fprintf(out, "\nOpen %s and choose whom to be at %s/demo/people.\n", base, base)
	_, _ = fmt.Fprintf(out, "The API is described at %s/api/docs. Tokens, good for a week:\n", base)
	for _, who := range []struct{ email, is string }{
		{"anna@gronstal.example", "books for a small company"},
		{"mia@rise.example", "manages a site of RISE"},
		{"samuel.oduya@vinnova.example", "is the programme officer"},
		{"birgitta.falk@rise.example", "administers everything"},
	} {
		token, err := a.Access.CreateToken(ctx, who.email, []string{"all"}, 7*24*time.Hour)
		if err != nil {
			return fmt.Errorf("make a token for %s: %w", who.email, err)
		}
		_, _ = fmt.Fprintf(out, "  %-30s %-26s %s\n", who.email, who.is, token)
	}
	_, err := fmt.Fprintln(out, strings.Repeat("-", 60))
	return err
}

// stepped is a clock that the generator sets.
type stepped struct{ now time.Time }

// Now is the moment that is being played.
func (s *stepped) Now() time.Time { return s.now }
