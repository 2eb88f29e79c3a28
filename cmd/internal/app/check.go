package app

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"rigg/access"
	"rigg/booking"
	"rigg/facilities"
	"rigg/funding"
	"rigg/internal/database"
)

// maxOffences is how many rows of one invariant are told.
const maxOffences = 100

// Invariants are all that hold over the whole database.
func Invariants() []database.Invariant {
	return slices.Concat(access.Invariants(), facilities.Invariants(), funding.Invariants(), booking.Invariants())
}

// Breach is an invariant that does not hold.
type Breach struct {
	Invariant string           `json:"invariant"`
	Rows      []map[string]any `json:"rows"` // the first 100
	More      bool             `json:"more"` // there are more rows than these
}

// Check looks for rows that break an invariant, in one snapshot of the database.
// It has no time limit but ctx: it may have years of bookings to read.
func (a *App) Check(ctx context.Context, list []database.Invariant) (found []Breach, err error) {
	tx, err := a.DB.SQL().BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true})
	if err != nil {
		return nil, fmt.Errorf("begin: %w", err)
	}
	defer func() { _ = tx.Rollback() }() // it has changed nothing
	for _, invariant := range list {
		b, err := offences(ctx, tx, invariant)
		if err != nil {
			return nil, fmt.Errorf("check that %s: %w", invariant.Name, err)
		}
		if len(b.Rows) > 0 {
			found = append(found, b)
		}
	}
	return found, nil
}

func offences(ctx context.Context, tx *sql.Tx, invariant database.Invariant) (b Breach, err error) {
	b.Invariant = invariant.Name
	rows, err := tx.QueryContext(ctx, invariant.Query)
	if err != nil {
		return b, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	columns, err := rows.Columns()
	if err != nil {
		return b, err
	}
	for rows.Next() {
		if b.More = len(b.Rows) == maxOffences; b.More {
			return b, nil
		}
		row, err := read(rows, columns)
		if err != nil {
			return b, err
		}
		b.Rows = append(b.Rows, row)
	}
	return b, rows.Err()
}

func read(rows *sql.Rows, columns []string) (map[string]any, error) {
	values, into := make([]any, len(columns)), make([]any, len(columns))
	for i := range values {
		into[i] = &values[i]
	}
	if err := rows.Scan(into...); err != nil {
		return nil, err
	}
	row := map[string]any{}
	for i, c := range columns {
		switch v := values[i].(type) {
		case []byte:
			row[c] = string(v)
		case time.Time:
			row[c] = v.UTC().Format(time.RFC3339)
		default:
			row[c] = v
		}
	}
	return row, nil
}
