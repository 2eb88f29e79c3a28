package jobs_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/riverqueue/river/rivertype"

	"rigg/internal/database"
	"rigg/internal/jobs"
)

func TestParseScheduleReadsLocalTime(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		cron, zone, from string
		want             []string
	}{
		"every minute": {"* * * * *", "Europe/Stockholm", "2026-07-01T10:00:30Z",
			[]string{"2026-07-01T10:01:00Z", "2026-07-01T10:02:00Z"}},
		"seven in the morning, over the change in spring": {"0 7 * * *", "Europe/Stockholm", "2026-03-28T00:00:00Z",
			[]string{"2026-03-28T06:00:00Z", "2026-03-29T05:00:00Z"}},
		"an hour that spring skips": {"30 2 * * *", "Europe/Stockholm", "2026-03-28T12:00:00Z",
			[]string{"2026-03-30T00:30:00Z"}},
		"an hour that autumn repeats": {"30 2 * * *", "Europe/Stockholm", "2026-10-24T12:00:00Z",
			[]string{"2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z", "2026-10-26T01:30:00Z"}},
		"weekdays": {"0 6 * * 1-5", "UTC", "2026-05-01T12:00:00Z",
			[]string{"2026-05-04T06:00:00Z", "2026-05-05T06:00:00Z"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			timing, err := jobs.ParseSchedule(c.cron, c.zone)
			if err != nil {
				t.Fatal(err)
			}
			at, err := time.Parse(time.RFC3339, c.from)
			if err != nil {
				t.Fatal(err)
			}
			for _, want := range c.want {
				at = timing.Next(at)
				if got := at.UTC().Format(time.RFC3339); got != want {
					t.Errorf("next is %s, want %s", got, want)
				}
			}
		})
	}
}

func TestParseScheduleRefuses(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ cron, zone, want string }{
		{"* * * *", "UTC", "* * * *"},
		{"61 * * * *", "UTC", "61"},
		{"0 0 30 2 *", "UTC", "no such day"},
		{"* * * * *", "", "IANA"},
		{"* * * * *", "Local", "IANA"},
		{"* * * * *", "Europe/Mölndal", "Mölndal"},
		{"CRON_TZ=UTC * * * * *", "UTC", "field of its own"},
		{"", "UTC", "cron"},
	} {
		if _, err := jobs.ParseSchedule(c.cron, c.zone); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q in %q: %v, want an error with %q", c.cron, c.zone, err, c.want)
		}
	}
}

func TestAScheduleNeedsWork(t *testing.T) {
	t.Parallel()
	db := setup(t)
	for _, s := range []jobs.Schedule{
		{Name: "nightly", Cron: "* * * * *", Zone: "UTC", Job: sweep{}},
		{Name: "nightly", Cron: "never", Zone: "UTC", Job: greet{}},
	} {
		r := jobs.NewRegistry()
		jobs.Handle(r, func(context.Context, greet) error { return nil })
		_, err := jobs.New(jobs.Config{Pool: db.Pool(), SQL: db.SQL(), Registry: r, Workers: 1, Schedules: []jobs.Schedule{s}})
		if err == nil || !strings.Contains(err.Error(), "nightly") {
			t.Errorf("%+v: %v, want an error that names it", s, err)
		}
	}
}

// The program's clock stands six seconds before a full minute; two instances run
// the same schedule and one job comes of it.
func TestAScheduleRunsOnceForAllInstances(t *testing.T) {
	t.Parallel()
	db := setup(t)
	worked := make(chan sweep, 10)
	r := jobs.NewRegistry()
	jobs.Handle(r, func(_ context.Context, s sweep) error {
		worked <- s
		return nil
	})
	now := time.Now()
	offset := now.Truncate(time.Minute).Add(54*time.Second).Sub(now) + 24*time.Hour
	config := jobs.Config{Registry: r, Workers: 1, Offset: offset,
		Schedules: []jobs.Schedule{{Name: "sweep", Cron: "* * * * *", Zone: "Europe/Stockholm", Job: sweep{}}}}
	start(t, client(t, db, config))
	start(t, client(t, db, config))
	wait(t, worked, "the scheduled run")
	if n := count(t, db, `SELECT count(*) FROM river_job`); n != 1 {
		t.Errorf("%d jobs for one run", n)
	}
	var due time.Time
	if err := db.Pool().QueryRow(t.Context(), `SELECT scheduled_at FROM river_job`).Scan(&due); err != nil {
		t.Fatal(err)
	}
	if program := due.Add(offset).Round(time.Millisecond); program.Second() != 0 {
		t.Errorf("was due at %v on the program's clock, want a full minute", program)
	}
	// A leader whose clock is a little behind would enqueue the same run again.
	_, err := db.Pool().Exec(t.Context(), `INSERT INTO river_job (kind, args, max_attempts, unique_key, unique_states)
		SELECT kind, args, max_attempts, unique_key, unique_states FROM river_job`)
	if got := database.Constraint(err); got != "river_job_unique_idx" {
		t.Errorf("the same run again: %v, want it refused", err)
	}
}

func TestARunIsKnownByWhenItWasDue(t *testing.T) {
	t.Parallel()
	due := time.Date(2026, 10, 25, 0, 30, 0, 0, time.UTC)
	key := func(kind, args string, due time.Time, rivers byte) string {
		p := &rivertype.JobInsertParams{Kind: kind, EncodedArgs: []byte(args), ScheduledAt: &due, UniqueKey: []byte{rivers}}
		if err := jobs.OncePerRun.InsertBegin(t.Context(), p); err != nil {
			t.Fatal(err)
		}
		return string(p.UniqueKey)
	}
	run := key("sweep", "{}", due, 1)
	if other := key("sweep", "{}", due, 2); other != run {
		t.Error("two leaders that insert in different minutes make two jobs of one run")
	}
	for name, other := range map[string]string{
		"the next run":    key("sweep", "{}", due.Add(time.Minute), 1),
		"another kind":    key("greet", "{}", due, 1),
		"other arguments": key("sweep", `{"site":"rise-molndal"}`, due, 1),
	} {
		if other == run {
			t.Errorf("%s is taken for the same", name)
		}
	}
	if err := jobs.OncePerRun.InsertBegin(t.Context(), &rivertype.JobInsertParams{Kind: "sweep"}); err == nil {
		t.Error("a run without a time was accepted")
	}
}
