package funding

import (
	"fmt"

	"rigg/internal/database"
	"rigg/internal/id"
)

const selectPurses = `
	select p.id, p.year, p.organisation_id, o.name, p.kind, coalesce(p.limit_ore, 0), p.reserved_ore, p.spent_ore
	from purses p join organisations o on o.id = p.organisation_id
	where p.project_id = $1 and `

// Always by id, in every transaction: so two of them wait instead of deadlocking.
// No key changes, so new rows may refer to a locked purse.
const lockInOrder = ` order by p.id for no key update of p`

// LockPurses locks a project's purses of some years, in id order and in one
// statement, and gives them as they are after any wait.
func LockPurses(tx *database.Tx, project id.Project, years []int) ([]Purse, error) {
	return readPurses(tx, `p.year = any($2)`+lockInOrder, project, int32s(years))
}

// FindPurses is LockPurses without the lock, to see how things stand.
func FindPurses(tx *database.Tx, project id.Project, years []int) ([]Purse, error) {
	return readPurses(tx, `p.year = any($2) order by p.id`, project, int32s(years))
}

// lockPursesToSettle also locks those that the booking's reservation is held in.
func lockPursesToSettle(tx *database.Tx, b id.Booking, project id.Project, years []int) ([]Purse, error) {
	return readPurses(tx, `(p.year = any($2) or p.id in (
		select s.purse_id from charges c join charge_shares s on s.charge_id = c.id
		where c.booking_id = $3 and c.state = 'reserved'))`+lockInOrder, project, int32s(years), int64(b))
}

func readPurses(tx *database.Tx, where string, args ...any) (out []Purse, err error) {
	rows, err := tx.SQL().QueryContext(tx.Context(), selectPurses+where, args...)
	if err != nil {
		return nil, fmt.Errorf("read purses: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var p Purse
		if err := rows.Scan(&p.ID, &p.Year, &p.Party, &p.Name, &p.Kind, &p.Limit, &p.Reserved, &p.Spent); err != nil {
			return nil, fmt.Errorf("read purses: %w", err)
		}
		out = append(out, p)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read purses: %w", err)
	}
	return out, nil
}

func int32s(years []int) []int32 {
	out := make([]int32, len(years))
	for i, y := range years {
		out[i] = int32(y)
	}
	return out
}
