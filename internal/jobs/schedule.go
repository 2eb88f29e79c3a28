package jobs

import (
	"context"
	"crypto/sha256"
	"fmt"
	"strings"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"
	"github.com/robfig/cron/v3"
)

// Schedule is a job to enqueue again and again: Cron has five fields, read as
// local time in Zone, an IANA name.
//
// A local time that a clock change skips does not run that day, and one that it
// repeats runs twice ("30 2 * * *" in Stockholm: not on the last Sunday of
// March, twice on that of October). The job is idempotent by its local date, or
// is scheduled outside 02:00 to 03:00.
type Schedule struct {
	Name string // for the log, unique
	Cron string
	Zone string
	Job  Job
}

// Timing tells when a schedule is next due.
type Timing interface{ Next(time.Time) time.Time }

// ParseSchedule reads five cron fields in a zone. The zone is never the
// machine's, and an expression that never comes true is an error.
func ParseSchedule(expression, zone string) (Timing, error) {
	if zone == "" || zone == "Local" {
		return nil, fmt.Errorf("zone %q: want an IANA name such as Europe/Stockholm", zone)
	}
	if _, err := time.LoadLocation(zone); err != nil {
		return nil, fmt.Errorf("zone %q: want an IANA name such as Europe/Stockholm: %w", zone, err)
	}
	if strings.Contains(expression, "TZ=") {
		return nil, fmt.Errorf("cron %q: the zone has a field of its own", expression)
	}
	timing, err := cron.ParseStandard("CRON_TZ=" + zone + " " + expression)
	if err != nil {
		return nil, fmt.Errorf("cron %q: %w", expression, err)
	}
	if timing.Next(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)).IsZero() {
		return nil, fmt.Errorf("cron %q: no such day ever comes", expression)
	}
	return timing, nil
}

// shifted is a Timing in program time for River, which lives in real time.
type shifted struct {
	timing Timing
	offset time.Duration // program's clock minus real clock
}

// Next is the real time of the next run after a real time.
func (s shifted) Next(real time.Time) time.Time {
	return s.timing.Next(real.Add(s.offset)).Add(-s.offset)
}

func (r *Registry) periodic(schedules []Schedule, offset time.Duration) ([]*river.PeriodicJob, error) {
	out := make([]*river.PeriodicJob, 0, len(schedules))
	for _, s := range schedules {
		timing, err := ParseSchedule(s.Cron, s.Zone)
		if err != nil {
			return nil, fmt.Errorf("schedule %s: %w", s.Name, err)
		}
		attempts, known := r.maxAttempts[s.Job.Kind()]
		if !known {
			return nil, fmt.Errorf("schedule %s: no work is registered for %q", s.Name, s.Job.Kind())
		}
		out = append(out, river.NewPeriodicJob(shifted{timing, offset}, func() (river.JobArgs, *river.InsertOpts) {
			return s.Job, &river.InsertOpts{
				MaxAttempts: attempts,
				UniqueOpts:  river.UniqueOpts{ByPeriod: time.Minute}, // oncePerRun makes the key
			}
		}, &river.PeriodicJobOpts{ID: s.Name}))
	}
	return out, nil
}

// oncePerRun keeps a leader that takes over from repeating a run of the one
// before: a run is known by its kind, its arguments and the instant that it was
// due. River's own key by period is made of the moment of insertion, which is
// now and then on the other side of the minute.
type oncePerRun struct{ river.HookDefaults }

// InsertBegin is River's call before it inserts a scheduled run.
func (oncePerRun) InsertBegin(_ context.Context, p *rivertype.JobInsertParams) error {
	if p.ScheduledAt == nil {
		return fmt.Errorf("scheduled job %s has no time", p.Kind)
	}
	key := sha256.Sum256(fmt.Appendf(nil, "%s\x00%s\x00%d", p.Kind, p.EncodedArgs, p.ScheduledAt.Unix()))
	p.UniqueKey = key[:]
	return nil
}
