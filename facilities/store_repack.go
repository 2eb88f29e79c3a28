package facilities

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"rigg/internal/database"
	"rigg/internal/id"
)

// listPools reads the pools of a facility.
func listPools(tx *database.Tx, f id.Facility) ([]*Resource, error) {
	type row struct {
		ID    id.Resource
		Take  int
		Units string // JSON
	}
	rows, err := database.Select[row](tx, `
		select r.id, r.take, (select coalesce(json_agg(unit_id order by unit_id), '[]')
			from resource_units where resource_id = r.id) as units
		from resources r where r.facility_id = $1 and r.take is not null order by r.position, r.id`, string(f))
	if err != nil {
		return nil, fmt.Errorf("list pools: %w", err)
	}
	facility := &Facility{ID: f}
	for _, row := range rows {
		r := &Resource{ID: row.ID, Take: row.Take, Facility: facility}
		if err := json.Unmarshal([]byte(row.Units), &r.Units); err != nil {
			return nil, fmt.Errorf("units of %s: %w", row.ID, err)
		}
		facility.Resources = append(facility.Resources, r)
	}
	return facility.Resources, nil
}

// LockClaims locks the bookings and holds that the moves touch, each ascending,
// so that none of them is cancelled, checked in or pinned meanwhile. It comes
// after LockUnits and before any purse, and what is taken is read again after it.
func LockClaims(tx *database.Tx, moves []Move) error {
	var bookings, holds []int64
	for _, m := range moves {
		if m.Booking != 0 {
			bookings = append(bookings, int64(m.Booking))
		} else {
			holds = append(holds, int64(m.Hold))
		}
	}
	if _, err := database.Exec(tx, `select from bookings where id = any($1) order by id for no key update`, bookings); err != nil {
		return fmt.Errorf("lock bookings whose units are exchanged: %w", err)
	}
	if len(holds) == 0 {
		return nil
	}
	if _, err := database.Exec(tx, `select from holds where id = any($1) order by id for no key update`, holds); err != nil {
		return fmt.Errorf("lock holds whose units are exchanged: %w", err)
	}
	return nil
}

// Touches tells whether the moves touch only what others of them touch too: what
// is locked for these is locked for those.
func Touches(moves, others []Move) bool {
	return !slices.ContainsFunc(moves, func(m Move) bool {
		return !slices.ContainsFunc(others, func(o Move) bool { return o.Booking == m.Booking && o.Hold == m.Hold })
	})
}

// Repack exchanges provisional units, of bookings and holds that are locked. All
// are taken away before any is given again, so that two can change places.
// Neither a version nor a history changes: nobody was promised these units.
func Repack(tx *database.Tx, moves []Move) error {
	var from, to, bookings, holds []int64
	var resources []string
	var starts, ends []time.Time
	for _, m := range moves {
		for i := range m.From {
			from, to = append(from, int64(m.From[i])), append(to, int64(m.To[i]))
			bookings, holds = append(bookings, int64(m.Booking)), append(holds, int64(m.Hold))
			resources = append(resources, string(m.Resource))
			starts, ends = append(starts, m.Period.Start), append(ends, m.Period.End)
		}
	}
	if len(from) == 0 {
		return nil
	}
	n, err := database.Exec(tx, `
		delete from allocations a
		using unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::text[], $5::timestamptz[]) m (unit, booking, hold, resource, starts)
		where a.active and not a.pinned and a.unit_id = m.unit and a.resource_id = m.resource and a.starts_at = m.starts
			and coalesce(a.booking_id, 0) = m.booking and coalesce(a.hold_id, 0) = m.hold`, from, bookings, holds, resources, starts)
	if err != nil {
		return fmt.Errorf("take away provisional units: %w", err)
	}
	if n != int64(len(from)) {
		return fmt.Errorf("take away %d provisional units: %d are there", len(from), n)
	}
	_, err = database.Exec(tx, `
		insert into allocations (unit_id, booking_id, hold_id, resource_id, starts_at, ends_at)
		select unit, nullif(booking, 0), nullif(hold, 0), resource, starts, ends
		from unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::text[], $5::timestamptz[], $6::timestamptz[])
			m (unit, booking, hold, resource, starts, ends)`, to, bookings, holds, resources, starts, ends)
	if err != nil {
		return fmt.Errorf("give other units for them: %w", err)
	}
	return nil
}
