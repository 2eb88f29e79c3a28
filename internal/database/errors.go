package database

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"net"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/puddle/v2"

	"rigg/internal/problem"
)

// Constraint names the constraint that err says is violated; "" where none is.
func Constraint(err error) string {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return pg.ConstraintName
	}
	return ""
}

// sqlState is PostgreSQL's five-letter code (its manual, appendix A), or "".
func sqlState(err error) string {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return pg.Code
	}
	return ""
}

// retryable holds for what PostgreSQL itself asks to try again: it has undone
// the transaction, whether in a statement or in COMMIT.
func retryable(err error) bool {
	state := sqlState(err)
	return state == "40001" || state == "40P01"
}

// busyStates are the failures that pass: the server is starting, stopping, full,
// failing over, or a limit of connector's was met.
var busyStates = []string{
	"25P03", // idle in transaction for too long
	"40001", // serialisation failure, after all retries
	"40P01", // deadlock, after all retries
	"55P03", // lock_timeout
	"57014", // statement_timeout, or the caller gave up
	"57P01", // the server is shutting down
	"57P02", // the server crashed
	"57P03", // the server is not up yet
}

// explain turns a database that cannot answer now into the problem
// "unavailable", so that the web says 503 and not 500. A problem that is
// already one stays as it is.
func explain(err error) error {
	var p *problem.Error
	if err == nil || errors.As(err, &p) || !unavailable(err) {
		return err
	}
	return problem.CodeUnavailable.Wrap(err)
}

func unavailable(err error) bool {
	if state := sqlState(err); state != "" {
		return slices.Contains(busyStates, state) ||
			strings.HasPrefix(state, "08") || // connection exceptions
			strings.HasPrefix(state, "53") // too many connections, out of memory, disk full
	}
	var connect *pgconn.ConnectError
	var network net.Error
	if errors.As(err, &connect) || errors.As(err, &network) {
		return true
	}
	return slices.ContainsFunc([]error{
		context.DeadlineExceeded, context.Canceled, // also a pool that has no connection to give
		driver.ErrBadConn, sql.ErrConnDone, puddle.ErrClosedPool,
		io.EOF, io.ErrUnexpectedEOF, net.ErrClosed,
	}, func(target error) bool { return errors.Is(err, target) })
}

// brief is err for the log without the values that PostgreSQL puts into some
// messages: they may be personal.
func brief(err error) string {
	var pg *pgconn.PgError
	if !errors.As(err, &pg) {
		return err.Error()
	}
	return strings.TrimRight("SQLSTATE "+pg.Code+" "+pg.TableName+" "+pg.ConstraintName, " ")
}
