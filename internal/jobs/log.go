package jobs

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"
)

// failures logs every failed attempt by kind and id; arguments stay in the
// database, since they may name people.
type failures struct{ log *slog.Logger }

// HandleError is River's call when a job returned an error.
func (f failures) HandleError(ctx context.Context, job *rivertype.JobRow, err error) *river.ErrorHandlerResult {
	f.failed(ctx, job, "cause", err.Error())
	return nil
}

// HandlePanic is River's call when a job panicked.
func (f failures) HandlePanic(ctx context.Context, job *rivertype.JobRow, cause any, trace string) *river.ErrorHandlerResult {
	f.failed(ctx, job, "cause", fmt.Sprint("panic: ", cause), "trace", trace)
	return nil
}

func (f failures) failed(ctx context.Context, job *rivertype.JobRow, args ...any) {
	level, message := slog.LevelWarn, "job failed, will be tried again"
	if job.Attempt >= job.MaxAttempts {
		level, message = slog.LevelError, "job failed for the last time"
	}
	f.log.Log(ctx, level, message, append([]any{"kind", job.Kind, "job", job.ID, "attempt", job.Attempt}, args...)...)
}

// warnings lets through what River warns of; it reports its well-being every
// five seconds.
type warnings struct{ slog.Handler }

// Enabled is for warnings and worse.
func (w warnings) Enabled(ctx context.Context, level slog.Level) bool {
	return level >= slog.LevelWarn && w.Handler.Enabled(ctx, level)
}

// Handle makes River's own errors warnings: it tries again whatever it could not
// do, and complains of a connection that a stop has closed. A job that failed
// for good is logged by failures.
func (w warnings) Handle(ctx context.Context, r slog.Record) error {
	r.Level = min(r.Level, slog.LevelWarn)
	return w.Handler.Handle(ctx, r)
}

// WithAttrs keeps the filter.
func (w warnings) WithAttrs(attrs []slog.Attr) slog.Handler {
	return warnings{w.Handler.WithAttrs(attrs)}
}

// WithGroup keeps the filter.
func (w warnings) WithGroup(name string) slog.Handler { return warnings{w.Handler.WithGroup(name)} }
