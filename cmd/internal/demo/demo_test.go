package demo_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"rigg"
	"rigg/cmd/internal/app"
	"rigg/cmd/internal/demo"
	"rigg/internal/config"
	"rigg/internal/dbtest"
)

func configured(t *testing.T) *config.Config {
	t.Helper()
	c, err := config.Load(config.Sources{Defaults: rigg.DefaultConfig, Flags: map[string]string{"data_dir": dbtest.DataDir(t)}})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// told is what the example holds: its bookings in an order that their random
// references do not change, and counts.
type told struct {
	bookings                 string
	past, ahead, messages    int
	overdue, states, offence int
}

func look(t *testing.T, c *config.Config) (out told) {
	t.Helper()
	ctx := t.Context()
	a, err := app.Open(ctx, app.Options{Config: c})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	}()
	err = a.DB.SQL().QueryRowContext(ctx, `select
		coalesce((select string_agg(x, ';' order by x) from (select b.project_id || ' ' || r.resource_id || ' ' || b.starts_at || ' ' || b.state as x
			from bookings b join booking_resources r on r.booking_id = b.id) s), ''),
		(select count(*) from bookings where ends_at <= $1), (select count(*) from bookings where starts_at > $1),
		(select count(*) from messages),
		(select count(*) from river_job where scheduled_at <= $1),
		(select count(distinct state) from bookings)`, time.Now()).
		Scan(&out.bookings, &out.past, &out.ahead, &out.messages, &out.overdue, &out.states)
	if err != nil {
		t.Fatal(err)
	}
	found, err := a.Check(ctx, app.Invariants())
	if err != nil {
		t.Fatal(err)
	}
	out.offence = len(found)
	return out
}

func TestTheExample(t *testing.T) {
	t.Parallel()
	c := configured(t)
	if err := demo.PrepareDays(t.Context(), c, 12, 10, false); err != nil {
		t.Fatal(err)
	}
	first := look(t, c)
	if first.past < 20 || first.ahead < 20 || first.states < 4 {
		t.Errorf("not much of an example: %+v", first)
	}
	if first.messages != 0 || first.overdue != 0 || first.offence != 0 {
		t.Errorf("%d messages, %d past-due jobs, %d broken invariants", first.messages, first.overdue, first.offence)
	}
	if err := demo.PrepareDays(t.Context(), c, 12, 10, false); err != nil {
		t.Fatal(err)
	}
	if again := look(t, c); again != first {
		t.Error("a second start changed the example")
	}
}

// An example that was interrupted in the making, or is reset, is made anew.
func TestTheExampleIsMadeAnew(t *testing.T) {
	t.Parallel()
	c := configured(t)
	marker := filepath.Join(c.DataDir, "demo")
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := demo.PrepareDays(ended, c, 4, 4, false); err == nil {
		t.Fatal("made without a context")
	}
	if state, err := os.ReadFile(marker); err != nil || strings.TrimSpace(string(state)) != "making" {
		t.Fatalf("after an interruption the marker says %q (%v)", state, err)
	}
	if err := demo.PrepareDays(t.Context(), c, 4, 4, false); err != nil {
		t.Fatalf("after an interruption: %v", err)
	}
	first := look(t, c)
	if err := demo.PrepareDays(t.Context(), c, 4, 4, true); err != nil {
		t.Fatalf("reset: %v", err)
	}
	if again := look(t, c); first.bookings == "" || again.past == 0 {
		t.Errorf("nothing was made: %+v, %+v", first, again)
	}
}

func TestAnotherDatabaseIsRefused(t *testing.T) {
	t.Parallel()
	c := configured(t)
	a, err := app.Open(t.Context(), app.Options{Config: c})
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	if err := demo.Prepare(t.Context(), c, true, os.Stderr); err == nil || !strings.Contains(err.Error(), "not a demo's") {
		t.Fatalf("a database that is not a demo's: %v", err)
	}
}
