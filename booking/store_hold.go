package booking

import (
	"encoding/json"
	"fmt"
	"time"

	"rigg/internal/database"
	"rigg/internal/id"
	"rigg/internal/period"
)

// insertHold writes a hold and takes its units, which are locked and free.
func insertHold(tx *database.Tx, h Hold, taken []allocation) (id.Hold, error) {
	units, resources, starts, ends, _ := allocationRows(taken)
	rows, err := database.Select[id.Hold](tx, `
		with h as (
			insert into holds (kind, booking_id, resources, starts_at, ends_at, by_person, reason, created_at, expires_at)
			values ($1, nullif($2::bigint, 0), $3, $4, $5, nullif($6::bigint, 0), $7, $8, $9) returning id
		), a as (
			insert into allocations (unit_id, hold_id, resource_id, starts_at, ends_at)
			select x.unit, h.id, x.resource, x.starts, x.ends
			from h, unnest($10::bigint[], $11::text[], $12::timestamptz[], $13::timestamptz[]) x (unit, resource, starts, ends)
		)
		select id from h`,
		h.Kind, int64(h.Booking), words(h.Resources), h.Period.Start, h.Period.End, int64(h.By), h.Reason, tx.Now, h.Expires,
		units, resources, starts, ends)
	if err != nil {
		return 0, fmt.Errorf("insert hold: %w", err)
	}
	return rows[0], nil
}

// endHold lets go of a hold's units; one that has ended already stays so. It
// tells whether it was in force.
func endHold(tx *database.Tx, h id.Hold) (bool, error) {
	n, err := database.Exec(tx, `update holds set ended_at = $2 where id = $1 and ended_at is null`, h, tx.Now)
	if err != nil || n == 0 {
		return false, err
	}
	if _, err := database.Exec(tx, `update allocations set active = false where hold_id = $1 and active`, h); err != nil {
		return false, fmt.Errorf("let go of a hold's units: %w", err)
	}
	return true, nil
}

type holdRow struct {
	ID                   id.Hold
	Kind                 HoldKind
	BookingID            id.Booking
	Resources            string // JSON
	StartsAt, EndsAt     time.Time
	ByPerson             id.Person
	Reason               string
	CreatedAt, ExpiresAt time.Time
}

// listHolds reads the holds that are in force and meet the condition, by id.
func listHolds(tx *database.Tx, where string, args ...any) ([]Hold, error) {
	rows, err := database.Select[holdRow](tx, `
		select id, kind, coalesce(booking_id, 0) as booking_id, to_json(resources) as resources, starts_at, ends_at,
			coalesce(by_person, 0) as by_person, reason, created_at, expires_at
		from holds h where ended_at is null and `+where+` order by id`, args...)
	if err != nil {
		return nil, fmt.Errorf("list holds: %w", err)
	}
	out := make([]Hold, len(rows))
	for i, r := range rows {
		out[i] = Hold{
			ID: r.ID, Kind: r.Kind, Booking: r.BookingID, Period: period.New(r.StartsAt, r.EndsAt), By: r.ByPerson,
			Reason: r.Reason, Created: r.CreatedAt.UTC(), Expires: r.ExpiresAt.UTC(),
		}
		if err := json.Unmarshal([]byte(r.Resources), &out[i].Resources); err != nil {
			return nil, fmt.Errorf("read hold: %w", err)
		}
	}
	return out, nil
}

// holdOf gives the hold that would change a booking; false where there is none.
func holdOf(tx *database.Tx, b id.Booking) (Hold, bool, error) {
	found, err := listHolds(tx, `booking_id = $1`, b)
	if err != nil || len(found) == 0 {
		return Hold{}, false, err
	}
	return found[0], true, nil
}
