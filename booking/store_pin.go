package booking

import (
	"fmt"
	"time"

	"rigg/internal/database"
	"rigg/internal/id"
	"rigg/internal/period"
)

// listHeld reads what a booking holds, by unit.
func listHeld(tx *database.Tx, b id.Booking) ([]allocation, error) {
	type row struct {
		UnitID           id.Unit
		ResourceID       id.Resource
		StartsAt, EndsAt time.Time
		Pinned           bool
	}
	rows, err := database.Select[row](tx, `
		select unit_id, resource_id, starts_at, ends_at, pinned from allocations
		where booking_id = $1 and active order by unit_id`, b)
	if err != nil {
		return nil, fmt.Errorf("list what a booking holds: %w", err)
	}
	out := make([]allocation, len(rows))
	for i, r := range rows {
		out[i] = allocation{r.UnitID, r.ResourceID, period.New(r.StartsAt, r.EndsAt), r.Pinned}
	}
	return out, nil
}

// pinUnits settles that the booking's units are these.
func pinUnits(tx *database.Tx, b id.Booking) error {
	return setPinned(tx, b, true)
}

// unpinUnits lets them be exchanged.
func unpinUnits(tx *database.Tx, b id.Booking) error {
	return setPinned(tx, b, false)
}

func setPinned(tx *database.Tx, b id.Booking, pinned bool) error {
	_, err := database.Exec(tx, `update allocations set pinned = $2 where booking_id = $1 and active and pinned <> $2`, b, pinned)
	if err != nil {
		return fmt.Errorf("pin units: %w", err)
	}
	return nil
}
