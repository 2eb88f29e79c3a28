package database

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/logger"
)

// statementLog is GORM's logger: slow statements as warnings, failures for those
// who look closely (whoever gets the error decides what it means). Statements
// are logged with their placeholders, never with values.
type statementLog struct{ log *slog.Logger }

// LogMode is not used: slog has the level.
func (l statementLog) LogMode(logger.LogLevel) logger.Interface { return l }

// Info passes GORM's remarks on.
func (l statementLog) Info(ctx context.Context, format string, args ...any) {
	l.log.DebugContext(ctx, fmt.Sprintf(format, args...))
}

// Warn passes GORM's warnings on.
func (l statementLog) Warn(ctx context.Context, format string, args ...any) {
	l.log.WarnContext(ctx, fmt.Sprintf(format, args...))
}

// Error passes GORM's errors on.
func (l statementLog) Error(ctx context.Context, format string, args ...any) {
	l.log.ErrorContext(ctx, fmt.Sprintf(format, args...))
}

// ParamsFilter takes the values away before a statement is written out.
func (l statementLog) ParamsFilter(_ context.Context, sql string, _ ...any) (string, []any) {
	return sql, nil
}

// Trace sees every statement.
func (l statementLog) Trace(ctx context.Context, begin time.Time, statement func() (string, int64), err error) {
	took := time.Since(begin)
	switch {
	case err != nil && !errors.Is(err, gorm.ErrRecordNotFound) && l.log.Enabled(ctx, slog.LevelDebug):
		sql, _ := statement()
		l.log.DebugContext(ctx, "statement failed", "sql", sql, "cause", brief(err), "took_ms", took.Milliseconds())
	case took >= slowStatement:
		sql, rows := statement()
		l.log.WarnContext(ctx, "slow statement", "sql", sql, "rows", rows, "took_ms", took.Milliseconds())
	}
}
