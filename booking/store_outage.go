package booking

import (
	"fmt"
	"slices"
	"time"

	"rigg/facilities"
	"rigg/internal/database"
	"rigg/internal/id"
)

// outageRows is the form in which the driver takes what outages take: which of
// the list, counted from 1, and its unit and time.
func outageRows(outages []facilities.Outage) (which []int32, units []int64, starts, ends []time.Time) {
	for i, o := range outages {
		for _, u := range o.Units {
			which, units = append(which, int32(i+1)), append(units, int64(u))
			starts, ends = append(starts, o.Period.Start), append(ends, o.Period.End)
		}
	}
	return which, units, starts, ends
}

// inOutage is the allocations in the outages' way, unit by unit as an index over
// (unit, time) can be asked.
const inOutage = `
	from unnest($1::int[], $2::bigint[], $3::timestamptz[], $4::timestamptz[]) o (which, unit, starts, ends)
	cross join lateral (
		select booking_id, hold_id from allocations
		where active and unit_id = o.unit and during && tstzrange(o.starts, o.ends, '[)') offset 0) a `

// hitRow is a booking in an outage's way, and the first of the outages.
type hitRow struct {
	*Booking
	outage int
}

// listHit reads the bookings in the outages' way, by id.
func listHit(tx *database.Tx, outages []facilities.Outage, limit int) ([]hitRow, error) {
	type row struct {
		BookingID id.Booking
		Outage    int
	}
	which, units, starts, ends := outageRows(outages)
	rows, err := database.Select[row](tx, `
		select a.booking_id, min(o.which) as outage`+inOutage+`
		where a.booking_id is not null group by a.booking_id order by a.booking_id limit $5`, which, units, starts, ends, limit)
	if err != nil {
		return nil, fmt.Errorf("list bookings in an outage's way: %w", err)
	}
	ids := make([]id.Booking, len(rows))
	for i, r := range rows {
		ids[i] = r.BookingID
	}
	found, err := listBookings(tx, `where b.id = any($1) order by b.id`, ids)
	if err != nil {
		return nil, err
	}
	var out []hitRow
	for i, b := range found {
		if b.State == Completed { // the record of its use
			continue
		}
		if b.History, err = listHistory(tx, b.ID); err != nil {
			return nil, err
		}
		out = append(out, hitRow{b, rows[i].Outage})
	}
	return out, nil
}

// heldBy reads the holds in the outages' way, by id.
func heldBy(tx *database.Tx, outages []facilities.Outage) ([]Hold, error) {
	which, units, starts, ends := outageRows(outages)
	ids, err := database.Select[id.Hold](tx, `select distinct a.hold_id`+inOutage+`where a.hold_id is not null`, which, units, starts, ends)
	if err != nil {
		return nil, fmt.Errorf("list holds in an outage's way: %w", err)
	}
	return listHolds(tx, `id = any($1)`, ids)
}

// lockTouched locks the bookings that a plan hits and those that may come back when
// the old outages give way, ascending; it gives the latter.
func lockTouched(tx *database.Tx, plan *OutagePlan, old ...facilities.Outage) ([]id.Booking, error) {
	which, units, starts, ends := outageRows(old)
	back, err := database.Select[id.Booking](tx, `
		select distinct b.id from unnest($1::int[], $2::bigint[], $3::timestamptz[], $4::timestamptz[]) o (which, unit, starts, ends)
		join resource_units u on u.unit_id = o.unit
		join booking_resources r on r.resource_id = u.resource_id
		join bookings b on b.id = r.booking_id
		where b.state = 'displaced' and b.starts_at > $5
			and b.starts_at - make_interval(mins => r.set_up_min) < o.ends
			and b.ends_at + make_interval(mins => r.clean_up_min) > o.starts
		order by b.id limit $6`, which, units, starts, ends, tx.Now, maxHit)
	if err != nil {
		return nil, fmt.Errorf("list displaced bookings: %w", err)
	}
	all := slices.Clone(back)
	for _, h := range plan.Hits {
		all = append(all, h.ID)
	}
	if len(all) == 0 {
		return nil, nil
	}
	_, err = database.Select[id.Booking](tx, `select id from bookings where id = any($1) order by id for no key update`, all)
	if err != nil {
		return nil, fmt.Errorf("lock bookings: %w", err)
	}
	return back, nil
}
