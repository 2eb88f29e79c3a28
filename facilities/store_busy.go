package facilities

import (
	"encoding/binary"
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

// loadBusy reads unit by unit: an index over (unit, time) cannot look up a list of
// units at once and would read everybody's bookings of the window.
const loadBusy = `
	select a.unit_id, a.starts_at, a.ends_at, coalesce(o.name_sv, '') as name_sv, coalesce(o.name_en, '') as name_en
	from unnest($1::bigint[]) as u (id)
	cross join lateral (
		select unit_id, starts_at, ends_at, outage_id from allocations
		where active and unit_id = u.id and during && tstzrange($2, $3, '[)')
			and booking_id is distinct from $4 and hold_id is distinct from $5
		offset 0) a
	left join outages o on o.id = a.outage_id`

// packed gives what loadBusy reads with one row for all of a unit's time of which
// there is nothing to tell: a search reads hundreds of thousands, and to make a row
// of each would take longer than to find them. The others come as they are.
const packed = `
	with taken as materialized (` + loadBusy + `)
	select unit_id, string_agg(timestamptz_send(starts_at) || timestamptz_send(ends_at), '') as packed,
		null::timestamptz as starts_at, null::timestamptz as ends_at, '' as name_sv, '' as name_en
	from taken where name_sv = '' group by unit_id
	union all
	select unit_id, null, starts_at, ends_at, name_sv, name_en from taken where name_sv <> ''`

// LoadBusy reads what takes the units in the window, in order of start.
func LoadBusy(tx *database.Tx, units []id.Unit, window period.Period, except Except) (Busy, error) {
	type row struct {
		UnitID           id.Unit
		Packed           []byte
		StartsAt, EndsAt time.Time
		NameSV, NameEN   string
	}
	rows, err := database.Select[row](tx, packed, numbers(units), window.Start, window.End, int64(except.Booking), int64(except.Hold))
	if err != nil {
		return nil, fmt.Errorf("load what is taken: %w", err)
	}
	busy := make(Busy, len(units))
	for _, r := range rows {
		if r.Packed != nil {
			busy[r.UnitID] = unpack(busy[r.UnitID], r.Packed)
			continue
		}
		busy[r.UnitID] = append(busy[r.UnitID], Taken{
			Period: period.New(r.StartsAt, r.EndsAt),
			Down:   text.Text{SV: r.NameSV, EN: r.NameEN},
		})
	}
	for _, taken := range busy {
		slices.SortFunc(taken, func(a, b Taken) int { return a.Start.Compare(b.Start) })
	}
	return busy, nil
}

// postgresEpoch is where PostgreSQL counts its microseconds from.
var postgresEpoch = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC).UnixMicro()

// unpack reads pairs of instants in the form in which PostgreSQL sends them: eight
// bytes of microseconds, the first one first.
func unpack(into []Taken, packed []byte) []Taken {
	const size = 8
	at := func(b []byte) time.Time {
		return time.UnixMicro(int64(binary.BigEndian.Uint64(b)) + postgresEpoch).UTC()
	}
	into = slices.Grow(into, len(packed)/(2*size))
	for ; len(packed) >= 2*size; packed = packed[2*size:] {
		into = append(into, Taken{Period: period.Period{Start: at(packed), End: at(packed[size:])}})
	}
	return into
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
