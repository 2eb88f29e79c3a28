package facilities

import (
	"encoding/json"
	"fmt"
	"time"

	"rigg/internal/database"
	"rigg/internal/id"
	"rigg/internal/period"
	"rigg/internal/text"
)

func listUnits(tx *database.Tx, f id.Facility) ([]id.Unit, error) {
	return database.Select[id.Unit](tx, `select id from units where facility_id = $1 order by id`, string(f))
}

// findOutage finds the outage on file that is the given one, if there is one.
func findOutage(tx *database.Tx, o Outage) (old Outage, found bool, err error) {
	type row struct {
		ID               id.Outage
		FacilityID       id.Facility
		NameSV, NameEN   string
		StartsAt, EndsAt time.Time
		Units            string // JSON
	}
	rows, err := database.Select[row](tx, `
		select id, facility_id, name_sv, name_en, starts_at, ends_at,
			(select coalesce(json_agg(unit_id order by unit_id), '[]')
				from allocations where outage_id = outages.id and active) as units
		from outages where id = $1 or slug = nullif($2, '')`, int64(o.ID), o.Slug)
	if err != nil || len(rows) == 0 {
		return Outage{}, false, err
	}
	r := rows[0]
	old = Outage{
		ID: r.ID, Facility: r.FacilityID, Name: text.Text{SV: r.NameSV, EN: r.NameEN},
		Period: period.New(r.StartsAt, r.EndsAt),
	}
	if err := json.Unmarshal([]byte(r.Units), &old.Units); err != nil {
		return Outage{}, false, fmt.Errorf("units of outage %d: %w", r.ID, err)
	}
	return old, true, nil
}

// findClear refuses when anything else takes the outage's units, which are
// locked.
func findClear(tx *database.Tx, o Outage) error {
	type row struct{ Bookings, Outages int }
	rows, err := database.Select[row](tx, `
		select count(distinct booking_id) as bookings, count(distinct outage_id) as outages from allocations
		where active and unit_id = any($1::bigint[]) and during && tstzrange($2, $3, '[)')
			and outage_id is distinct from $4`, numbers(o.Units), o.Period.Start, o.Period.End, int64(o.ID))
	if err != nil {
		return fmt.Errorf("look for bookings in the way: %w", err)
	}
	if n := rows[0].Bookings; n > 0 {
		return CodeBookingsInTheWay.Say(
			"Bokningar i vägen: %d. Flytta eller avboka dem först, eller välj en annan tid.",
			"Bookings in the way: %d. Move or cancel them first, or choose another time.", n).
			With("bookings", n)
	}
	if rows[0].Outages > 0 {
		return CodeOutageOverlaps.Say(
			"En av enheterna är redan tagen ur drift under den tiden. Ändra det driftstoppet i stället.",
			"One of the units is already out of service then. Change that outage instead.")
	}
	return nil
}

// dropOutage lets go of the units of an outage that is about to change.
func dropOutage(tx *database.Tx, o id.Outage) error {
	if _, err := database.Exec(tx, `delete from allocations where outage_id = $1`, o); err != nil {
		return fmt.Errorf("let go of the outage's units: %w", err)
	}
	return nil
}

// putOutage writes the outage, the old one's place where it has an id, whose
// units are let go of.
func putOutage(tx *database.Tx, o Outage) error {
	var rows []int64
	var err error
	if o.ID == 0 {
		rows, err = database.Select[int64](tx, `
			insert into outages (facility_id, slug, name_sv, name_en, starts_at, ends_at, created_by, created_at)
			values ($1, nullif($2, ''), $3, $4, $5, $6, nullif($7::bigint, 0), $8) returning id`,
			string(o.Facility), o.Slug, o.Name.SV, o.Name.EN, o.Period.Start, o.Period.End, int64(o.By), tx.Now)
	} else {
		rows, err = database.Select[int64](tx, `
			update outages set facility_id = $2, name_sv = $3, name_en = $4, starts_at = $5, ends_at = $6
			where id = $1 returning id`,
			int64(o.ID), string(o.Facility), o.Name.SV, o.Name.EN, o.Period.Start, o.Period.End)
	}
	if err != nil {
		return fmt.Errorf("write the outage: %w", err)
	}
	_, err = database.Exec(tx, `
		insert into allocations (unit_id, outage_id, starts_at, ends_at)
		select unnest($1::bigint[]), $2, $3, $4`, numbers(sorted(o.Units)), rows[0], o.Period.Start, o.Period.End)
	if err != nil {
		return fmt.Errorf("take the outage's units: %w", err)
	}
	return nil
}
