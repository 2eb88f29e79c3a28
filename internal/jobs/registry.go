package jobs

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/riverqueue/river"
)

// The limits of a kind that sets none of its own.
const (
	defaultTimeout     = 30 * time.Second
	defaultMaxAttempts = 12 // with River's growing pauses, about a day
)

// Job is what a job says of itself; its JSON is stored. Kind is its stable name.
type Job interface{ Kind() string }

// Registry knows the work of every kind of job.
type Registry struct {
	workers     *river.Workers
	maxAttempts map[string]int
	longest     time.Duration // of all timeouts
}

// NewRegistry is empty.
func NewRegistry() *Registry {
	return &Registry{workers: river.NewWorkers(), maxAttempts: map[string]int{}}
}

// Kinds lists the kinds that have work, in order.
func (r *Registry) Kinds() []string { return slices.Sorted(maps.Keys(r.maxAttempts)) }

type settings struct {
	timeout     time.Duration
	maxAttempts int
}

// Option sets a limit of one kind.
type Option func(*settings)

// Timeout limits one attempt; the default is 30 s.
func Timeout(d time.Duration) Option { return func(s *settings) { s.timeout = d } }

// MaxAttempts limits how often a failing job is tried; the default is 12, which
// takes about a day.
func MaxAttempts(n int) Option { return func(s *settings) { s.maxAttempts = n } }

// Handle registers the work of A's kind. It may be called again for a job that
// it has already done, so it is idempotent. A kind registered twice panics.
func Handle[A Job](r *Registry, work func(context.Context, A) error, options ...Option) {
	var zero A
	kind := zero.Kind()
	if _, twice := r.maxAttempts[kind]; twice {
		panic("job kind registered twice: " + kind)
	}
	s := settings{timeout: defaultTimeout, maxAttempts: defaultMaxAttempts}
	for _, set := range options {
		set(&s)
	}
	river.AddWorker(r.workers, &worker[A]{work: work, timeout: s.timeout})
	r.maxAttempts[kind] = s.maxAttempts
	r.longest = max(r.longest, s.timeout)
}

type worker[A Job] struct {
	river.WorkerDefaults[A]
	work    func(context.Context, A) error
	timeout time.Duration
}

// Timeout is River's question for the limit of one attempt.
func (w *worker[A]) Timeout(*river.Job[A]) time.Duration { return w.timeout }

// Work is River's call.
func (w *worker[A]) Work(ctx context.Context, job *river.Job[A]) error {
	if err := w.work(ctx, job.Args); err != nil {
		return fmt.Errorf("job %s %d: %w", job.Kind, job.ID, err)
	}
	return nil
}
