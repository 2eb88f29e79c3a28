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
	held, err := listHeldOf(tx, []id.Booking{b})
	return held[b], err
}

// listHeldOf is listHeld for many bookings.
func listHeldOf(tx *database.Tx, list []id.Booking) (map[id.Booking][]allocation, error) {
	type row struct {
		BookingID        id.Booking
		UnitID           id.Unit
		ResourceID       id.Resource
		StartsAt, EndsAt time.Time
		Pinned           bool
	}
	rows, err := database.Select[row](tx, `
		select booking_id, unit_id, resource_id, starts_at, ends_at, pinned from allocations
		where booking_id = any($1::bigint[]) and active order by booking_id, unit_id`, bookingNumbers(list))
	if err != nil {
		return nil, fmt.Errorf("list what bookings hold: %w", err)
	}
	out := map[id.Booking][]allocation{}
	for _, r := range rows {
		out[r.BookingID] = append(out[r.BookingID], allocation{r.UnitID, r.ResourceID, period.New(r.StartsAt, r.EndsAt), r.Pinned})
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
