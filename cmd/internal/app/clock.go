package app

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"rigg/internal/config"
	"rigg/internal/jobs"
)

// Clock is the program's clock: the real one, or one that runs at an offset from
// it, for demonstrations, training and tests. The offset lies in the data
// directory, so that every command and a restart agree.
type Clock struct {
	offset time.Duration
	moved  time.Duration    // by this start
	fixed  func() time.Time // for the demo's generator
}

// clockFile holds the offset as a Go duration.
const clockFile = "clock"

// RealTime as the value of --clock takes the offset away.
const RealTime = "real"

// Now is the program's time.
func (c *Clock) Now() time.Time {
	if c.fixed != nil {
		return c.fixed()
	}
	return time.Now().Add(c.offset)
}

// Offset is the program's clock minus the real one.
func (c *Clock) Offset() time.Duration { return c.offset }

// openClock reads the offset, or sets it where --clock says so.
func openClock(c *config.Config, flag string, fixed func() time.Time) (*Clock, error) {
	if fixed != nil {
		return &Clock{fixed: fixed}, nil
	}
	if c.Database.URL != "" {
		if flag != "" {
			return nil, errors.New("--clock works with the private database alone: others may share this one and its time")
		}
		return &Clock{}, nil
	}
	path := filepath.Join(c.DataDir, clockFile)
	was, err := readOffset(path)
	if err != nil || flag == "" {
		return &Clock{offset: was}, err
	}
	next, err := parseClock(flag)
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(path, []byte(next.String()+"\n"), 0o600); err != nil {
		return nil, fmt.Errorf("keep the clock's offset: %w", err)
	}
	return &Clock{offset: next, moved: next - was}, nil
}

func readOffset(path string) (time.Duration, error) {
	raw, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("read the clock's offset: %w", err)
	}
	offset, err := time.ParseDuration(strings.TrimSpace(string(raw)))
	if err != nil {
		return 0, fmt.Errorf("%s does not hold an offset such as 36h0m0s; delete it to run in real time: %w", path, err)
	}
	return offset, nil
}

// CheckClock tells whether --clock can be read, before anything is started for it.
func CheckClock(flag string) error {
	if flag == "" {
		return nil
	}
	_, err := parseClock(flag)
	return err
}

func parseClock(flag string) (time.Duration, error) {
	if flag == RealTime {
		return 0, nil
	}
	at, err := time.Parse(time.RFC3339, flag)
	if err != nil || at.Year() < 2000 || at.Year() > 2099 {
		return 0, fmt.Errorf("--clock %q: write an instant of 2000 to 2099 such as 2026-12-31T20:55:00Z, or %q", flag, RealTime)
	}
	return time.Until(at), nil
}

// reschedule moves the waiting jobs when this start has set the clock.
func (c *Clock) reschedule(ctx context.Context, pool *pgxpool.Pool) error {
	if c.moved == 0 {
		return nil
	}
	return jobs.Reschedule(ctx, pool, c.moved)
}
