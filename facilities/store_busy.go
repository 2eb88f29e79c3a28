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

// Except is what is not in the way: the booking that is being moved, the hold
// that keeps the time for whoever asks, the outage that is being changed. Zero is
// nothing.
type Except struct {
	Booking id.Booking
	Hold    id.Hold
	Outage  id.Outage
}

// loose holds for an allocation a whose unit is provisional: of a pool, not
// pinned, and not begun. The look-ups are scalar, so that no plan reads all
// bookings for them.
const loose = `a.starts_at > $6 and not a.pinned
	and (select r.take from resources r where r.id = a.resource_id) is not null
	and (a.hold_id is not null or (select b.state from bookings b where b.id = a.booking_id) in ('requested', 'confirmed'))`

// loadTaken reads unit by unit: an index over (unit, time) cannot look up a list
// of units at once and would read everybody's bookings of the window.
const loadTaken = `
	select a.unit_id, a.starts_at, a.ends_at, coalesce(o.name_sv, '') as name_sv, coalesce(o.name_en, '') as name_en
	from unnest($1::bigint[]) as u (id)
	cross join lateral (
		select unit_id, starts_at, ends_at, outage_id from allocations
		where active and unit_id = u.id and during && tstzrange($2, $3, '[)')
			and booking_id is distinct from $4 and hold_id is distinct from $5 and outage_id is distinct from $6
		offset 0) a
	left join outages o on o.id = a.outage_id
	order by a.unit_id, a.starts_at`

// loadBusy is loadTaken, and tells what is provisional. That can be exchanged only
// where all of its time is known, and that of what it would change places with, so
// for pools the window is widened to it, and to what that then meets. An edge of
// the window lies in one allocation of a unit at most, so each step is two
// look-ups for each unit of a pool.
const loadBusy = `
	with recursive pool (unit) as materialized (
		select distinct ru.unit_id from resource_units ru join resources r on r.id = ru.resource_id
		where ru.unit_id = any($1::bigint[]) and r.take is not null
	), reach (step, starts_at, ends_at) as (
		select 0, $2::timestamptz, $3::timestamptz
		union all
		select reach.step + 1, least(reach.starts_at, edge.starts_at), greatest(reach.ends_at, edge.ends_at)
		from reach cross join lateral (
			select min(a.starts_at) as starts_at, max(a.ends_at) as ends_at
			from pool cross join (values (reach.starts_at), (reach.ends_at)) as e (at)
			cross join lateral (
				select a.starts_at, a.ends_at from allocations a
				where a.active and a.unit_id = pool.unit and a.during && tstzrange(e.at, e.at, '[]')
					and a.starts_at < e.at and a.ends_at > e.at
					and a.booking_id is distinct from $4 and a.hold_id is distinct from $5 and ` + loose + `
				offset 0) a) edge
		where reach.step < $7 and (edge.starts_at < reach.starts_at or edge.ends_at > reach.ends_at)
	), w as materialized (
		select min(starts_at) as starts_at, max(ends_at) as ends_at from reach
	)
	select a.unit_id, a.starts_at, a.ends_at, coalesce(o.name_sv, '') as name_sv, coalesce(o.name_en, '') as name_en,
		case when a.loose then a.resource_id else '' end as resource_id,
		case when a.loose then coalesce(a.booking_id, 0) else 0 end as booking_id,
		case when a.loose then coalesce(a.hold_id, 0) else 0 end as hold_id
	from (select id, id in (select unit from pool) as pooled from unnest($1::bigint[]) as u (id) offset 0) u
	cross join w
	cross join lateral (
		select a.unit_id, a.starts_at, a.ends_at, a.outage_id, a.resource_id, a.booking_id, a.hold_id,
			u.pooled and a.starts_at >= w.starts_at and a.ends_at <= w.ends_at and ` + loose + ` as loose
		from allocations a
		where a.active and a.unit_id = u.id
			and a.during && case when u.pooled then tstzrange(w.starts_at, w.ends_at, '[)') else tstzrange($2, $3, '[)') end
			and a.booking_id is distinct from $4 and a.hold_id is distinct from $5 and a.outage_id is distinct from $8
		offset 0) a
	left join outages o on o.id = a.outage_id
	order by a.unit_id, a.starts_at`

type busyRow struct {
	UnitID           id.Unit
	StartsAt, EndsAt time.Time
	NameSV, NameEN   string
	ResourceID       id.Resource
	BookingID        id.Booking
	HoldID           id.Hold
}

// LoadTaken reads what takes the units in the window, in order of start; nothing
// of it can be exchanged. It is quicker than LoadBusy, and enough where there is
// room as things are.
func LoadTaken(tx *database.Tx, units []id.Unit, window period.Period, except Except) (Busy, error) {
	rows, err := database.Select[busyRow](tx, loadTaken, numbers(units), window.Start, window.End,
		int64(except.Booking), int64(except.Hold), int64(except.Outage))
	if err != nil {
		return nil, fmt.Errorf("load what is taken: %w", err)
	}
	return busyOf(rows), nil
}

// LoadBusy reads what takes the units in the window, and around it as far as
// making room in it reaches, in order of start; units are those of Units.
func LoadBusy(tx *database.Tx, units []id.Unit, window period.Period, except Except) (Busy, error) {
	rows, err := database.Select[busyRow](tx, loadBusy, numbers(units), window.Start, window.End,
		int64(except.Booking), int64(except.Hold), tx.Now, repackRounds, int64(except.Outage))
	if err != nil {
		return nil, fmt.Errorf("load what is taken: %w", err)
	}
	return busyOf(rows), nil
}

func busyOf(rows []busyRow) Busy {
	busy := Busy{}
	for _, r := range rows {
		busy[r.UnitID] = append(busy[r.UnitID], Taken{
			Period: period.New(r.StartsAt, r.EndsAt),
			Down:   text.Text{SV: r.NameSV, EN: r.NameEN},
			Claim:  Claim{Resource: r.ResourceID, Booking: r.BookingID, Hold: r.HoldID},
		})
	}
	return busy
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
