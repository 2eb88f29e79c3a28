package facilities

import (
	"fmt"
	"slices"
	"time"

	"rigg/internal/database"
	"rigg/internal/id"
	"rigg/internal/period"
	"rigg/internal/text"
)

// Except is what is not in the way: the booking that is being moved, and the hold
// that keeps the time for whoever asks. Zero is nothing.
type Except struct {
	Booking id.Booking
	Hold    id.Hold
}

// LoadBusy reads what takes the units in the window, in order of start.
func LoadBusy(tx *database.Tx, units []id.Unit, window period.Period, except Except) (Busy, error) {
	type row struct {
		UnitID           id.Unit
		StartsAt, EndsAt time.Time
		NameSV, NameEN   string
	}
	// Unit by unit: an index over (unit, time) cannot look up a list of units
	// at once and would read everybody's bookings of the window.
	rows, err := database.Select[row](tx, `
		select a.unit_id, a.starts_at, a.ends_at, coalesce(o.name_sv, '') as name_sv, coalesce(o.name_en, '') as name_en
		from unnest($1::bigint[]) as u (id)
		cross join lateral (
			select unit_id, starts_at, ends_at, outage_id from allocations
			where active and unit_id = u.id and during && tstzrange($2, $3, '[)')
				and booking_id is distinct from $4 and hold_id is distinct from $5
			offset 0) a
		left join outages o on o.id = a.outage_id
		order by a.unit_id, a.starts_at`, numbers(units), window.Start, window.End, int64(except.Booking), int64(except.Hold))
	if err != nil {
		return nil, fmt.Errorf("load what is taken: %w", err)
	}
	busy := make(Busy, len(units))
	for _, r := range rows {
		busy[r.UnitID] = append(busy[r.UnitID], Taken{
			Period: period.New(r.StartsAt, r.EndsAt),
			Down:   text.Text{SV: r.NameSV, EN: r.NameEN},
		})
	}
	return busy, nil
}

// LockUnits locks the units in ascending order until the transaction ends: all
// who allocate, move or free time on a unit hold its lock, so that they wait
// for each other and never deadlock. It is a statement of its own because only
// a later one sees what those waited for have committed.
func LockUnits(tx *database.Tx, units []id.Unit) error {
	found, err := database.Select[int64](tx, `
		select id from units where id = any($1::bigint[]) order by id for no key update`, numbers(units))
	if err != nil {
		return fmt.Errorf("lock units: %w", err)
	}
	if n := len(slices.Compact(slices.Sorted(slices.Values(units)))); n != len(found) {
		return fmt.Errorf("lock %d units: %d exist", n, len(found))
	}
	return nil
}

// numbers is the form in which the driver takes an array.
func numbers(units []id.Unit) []int64 {
	out := make([]int64, len(units))
	for i, u := range units {
		out[i] = int64(u)
	}
	return out
}
