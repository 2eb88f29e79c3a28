package facilities

import (
	"encoding/json"
	"fmt"
	"time"

	"rigg/internal/database"
	"rigg/internal/id"
	"rigg/internal/period"
	"rigg/internal/problem"
	"rigg/internal/text"
)

// LockFacility locks all units of a facility in ascending order and lists them:
// nobody then knows of an outage's old units what another is just changing.
func LockFacility(tx *database.Tx, f id.Facility) ([]id.Unit, error) {
	units, err := ListUnits(tx, f)
	if err != nil {
		return nil, err
	}
	return units, LockUnits(tx, units)
}

// ListUnits lists the units of a facility, ascending.
func ListUnits(tx *database.Tx, f id.Facility) ([]id.Unit, error) {
	return database.Select[id.Unit](tx, `select id from units where facility_id = $1 order by id`, string(f))
}

type outageRow struct {
	ID               id.Outage
	FacilityID       id.Facility
	Slug             string
	Kind             OutageKind
	NameSV, NameEN   string
	Note             string
	StartsAt, EndsAt time.Time
	UntilLiftedMin   int
	Series           id.Ref
	LiftedAt         *time.Time
	CreatedBy        id.Person
	Units            string // JSON
}

func (r outageRow) outage() (Outage, error) {
	o := Outage{
		ID: r.ID, Facility: r.FacilityID, Slug: r.Slug, Kind: r.Kind, Name: text.Text{SV: r.NameSV, EN: r.NameEN}, Note: r.Note,
		Period: period.New(r.StartsAt, r.EndsAt), UntilLifted: time.Duration(r.UntilLiftedMin) * time.Minute,
		Series: r.Series, By: r.CreatedBy,
	}
	if r.LiftedAt != nil {
		o.Lifted = r.LiftedAt.UTC()
	}
	if err := json.Unmarshal([]byte(r.Units), &o.Units); err != nil {
		return Outage{}, fmt.Errorf("units of outage %d: %w", r.ID, err)
	}
	return o, nil
}

// selectOutages reads the outages that meet the condition.
func selectOutages(tx *database.Tx, where string, args ...any) ([]Outage, error) {
	rows, err := database.Select[outageRow](tx, `
		select id, facility_id, coalesce(slug, '') as slug, kind, name_sv, name_en, note, starts_at, ends_at,
			coalesce(until_lifted_min, 0) as until_lifted_min, coalesce(series, '') as series, lifted_at,
			coalesce(created_by, 0) as created_by,
			(select coalesce(json_agg(unit_id order by unit_id), '[]') from outage_units where outage_id = o.id) as units
		from outages o where `+where, args...)
	if err != nil {
		return nil, fmt.Errorf("read outages: %w", err)
	}
	out := make([]Outage, len(rows))
	for i, r := range rows {
		if out[i], err = r.outage(); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// findOutage finds the outage on file that is the given one, if there is one.
func findOutage(tx *database.Tx, o Outage) (old Outage, found bool, err error) {
	list, err := selectOutages(tx, `id = $1 or slug = nullif($2, '')`, int64(o.ID), o.Slug)
	if err != nil || len(list) == 0 {
		return Outage{}, false, err
	}
	return list[0], true, nil
}

// FindOutage gives one outage. Code: not-found.
func FindOutage(tx *database.Tx, o id.Outage) (Outage, error) {
	found, err := selectOutages(tx, `id = $1`, int64(o))
	if err != nil {
		return Outage{}, err
	}
	if len(found) == 0 {
		return Outage{}, problem.Absent()
	}
	return found[0], nil
}

// ListSeries gives the outages of a recurrence, by start.
func ListSeries(tx *database.Tx, series id.Ref) ([]Outage, error) {
	return selectOutages(tx, `series = $1 order by starts_at, id`, series)
}

// ListOutages gives the facility's outages that touch the window, by start, after
// one of them; those that were lifted before they began are not among them.
func ListOutages(tx *database.Tx, f id.Facility, window period.Period, after id.Outage, limit int) ([]Outage, error) {
	return selectOutages(tx, `facility_id = $1 and starts_at < $3 and ends_at > $2
		and (lifted_at is null or lifted_at >= ends_at)
		and ($4 = 0 or (starts_at, id) > (select starts_at, id from outages where id = $4))
		order by starts_at, id limit $5`, string(f), window.Start, window.End, int64(after), limit)
}

// ListOutagesToMoveOn gives the outages that last until they are lifted and whose
// expected end is no later than the instant.
func ListOutagesToMoveOn(tx *database.Tx, by time.Time, limit int) ([]Outage, error) {
	return selectOutages(tx, `until_lifted_min is not null and lifted_at is null and ends_at <= $1
		order by id limit $2`, by, limit)
}

// findClear refuses when anything else takes the outage's units, which are
// locked.
func findClear(tx *database.Tx, o Outage) error {
	rows, err := database.Select[int](tx, `
		select count(distinct booking_id) + count(distinct hold_id) from allocations
		where active and unit_id = any($1::bigint[]) and during && tstzrange($2, $3, '[)')`,
		numbers(o.Units), o.Period.Start, o.Period.End)
	if err != nil {
		return fmt.Errorf("look for bookings in the way: %w", err)
	}
	if n := rows[0]; n > 0 {
		return CodeBookingsInTheWay.Say(
			"Bokningar i vägen: %d. Flytta eller avboka dem först, eller välj en annan tid.",
			"Bookings in the way: %d. Move or cancel them first, or choose another time.", n).
			With("bookings", n)
	}
	return OutagesInTheWay(tx, o)
}

// dropOutage lets go of the units of an outage that is about to change.
func dropOutage(tx *database.Tx, o id.Outage) error {
	if _, err := database.Exec(tx, `delete from allocations where outage_id = $1`, o); err != nil {
		return fmt.Errorf("let go of the outage's units: %w", err)
	}
	return nil
}

// OutagesInTheWay refuses an outage of a unit that another one takes already.
// Code: outage-overlaps.
func OutagesInTheWay(tx *database.Tx, o Outage) error {
	rows, err := database.Select[time.Time](tx, `
		select p.starts_at from outages p where p.id <> $4 and p.lifted_at is null and p.starts_at < $3 and p.ends_at > $2
			and exists (select from outage_units u where u.outage_id = p.id and u.unit_id = any($1::bigint[]))
		order by p.starts_at limit 1`, numbers(o.Units), o.Period.Start, o.Period.End, int64(o.ID))
	if err != nil {
		return fmt.Errorf("look for outages in the way: %w", err)
	}
	if len(rows) == 0 {
		return nil
	}
	return CodeOutageOverlaps.Say(
		"En av enheterna är redan tagen ur drift under den tiden. Ändra det driftstoppet i stället.",
		"One of the units is already out of service then. Change that outage instead.").
		With("start", o.Period.Start.Format(time.RFC3339)).With("other_start", rows[0].UTC().Format(time.RFC3339))
}

// WriteOutage writes the outage, in the old one's place where it has an id, and
// takes its units for as much of its time as is free. Its caller has locked the
// units and seen to it that only bookings which have begun are in the way.
func WriteOutage(tx *database.Tx, o Outage) (id.Outage, error) {
	var rows []int64
	var err error
	until := int(o.UntilLifted / time.Minute)
	if o.ID == 0 {
		rows, err = database.Select[int64](tx, `
			insert into outages (facility_id, slug, kind, name_sv, name_en, note, starts_at, ends_at, until_lifted_min, series,
				created_by, created_at)
			values ($1, nullif($2, ''), $3, $4, $5, $6, $7, $8, nullif($9::int, 0), nullif($10, ''), nullif($11::bigint, 0), $12)
			returning id`,
			string(o.Facility), o.Slug, o.Kind, o.Name.SV, o.Name.EN, o.Note, o.Period.Start, o.Period.End, until, o.Series, int64(o.By), tx.Now)
	} else {
		rows, err = database.Select[int64](tx, `
			with gone as (delete from allocations where outage_id = $1), units as (delete from outage_units where outage_id = $1)
			update outages set facility_id = $2, kind = $3, name_sv = $4, name_en = $5, note = $6, starts_at = $7, ends_at = $8,
				until_lifted_min = nullif($9::int, 0) where id = $1 returning id`,
			int64(o.ID), string(o.Facility), o.Kind, o.Name.SV, o.Name.EN, o.Note, o.Period.Start, o.Period.End, until)
	}
	if err != nil {
		return 0, fmt.Errorf("write the outage: %w", err)
	}
	// Statements of their own, which see that the old ones are gone.
	units := numbers(sorted(o.Units))
	if _, err := database.Exec(tx, `insert into outage_units (outage_id, unit_id) select $2, unnest($1::bigint[])`, units, rows[0]); err != nil {
		return 0, fmt.Errorf("name the outage's units: %w", err)
	}
	return id.Outage(rows[0]), RefillOutages(tx, o.Units)
}

// RefillOutages takes the units for the outages that they have, wherever nothing
// else does: at first, and when a booking that had begun before gives them back.
func RefillOutages(tx *database.Tx, units []id.Unit) error {
	_, err := database.Exec(tx, `
		insert into allocations (unit_id, outage_id, starts_at, ends_at)
		select u.unit_id, o.id, lower(gap), upper(gap)
		from outages o join outage_units u on u.outage_id = o.id
		cross join lateral unnest(tstzmultirange(tstzrange(o.starts_at, o.ends_at, '[)')) - coalesce((
			select range_agg(a.during) from allocations a
			where a.active and a.unit_id = u.unit_id and a.during && tstzrange(o.starts_at, o.ends_at, '[)')
		), '{}'::tstzmultirange)) gap
		where u.unit_id = any($1::bigint[]) and o.lifted_at is null`, numbers(sorted(units)))
	if err != nil {
		return fmt.Errorf("take the outage's units: %w", err)
	}
	return nil
}

// LiftOutage ends the outage now, in whole minutes: one that has not begun takes
// nothing at all. Its units are locked.
func LiftOutage(tx *database.Tx, o Outage) error {
	end := tx.Now.Truncate(time.Minute)
	_, err := database.Exec(tx, `
		with kept as (
			update allocations set ends_at = $2 where outage_id = $1 and active and starts_at < $2 and ends_at > $2
		), gone as (
			delete from allocations where outage_id = $1 and starts_at >= $2
		)
		update outages set lifted_at = $3, ends_at = case when starts_at < $2 then least(ends_at, $2) else ends_at end where id = $1`,
		int64(o.ID), end, tx.Now)
	if err != nil {
		return fmt.Errorf("lift the outage: %w", err)
	}
	return nil
}

// NextOutage gives the start of the next outage of any of the units after this one;
// zero where there is none.
func NextOutage(tx *database.Tx, o Outage) (time.Time, error) {
	rows, err := database.Select[time.Time](tx, `
		select p.starts_at from outages p join outage_units u on u.outage_id = p.id
		where p.id <> $1 and p.lifted_at is null and p.starts_at >= $3 and u.unit_id = any($2::bigint[])
		order by p.starts_at limit 1`, int64(o.ID), numbers(o.Units), o.Period.End)
	if err != nil || len(rows) == 0 {
		return time.Time{}, err
	}
	return rows[0].UTC(), nil
}

// ListDown gives the outage of each unit that is out of service at the instant.
func ListDown(tx *database.Tx, at time.Time) (Down, error) {
	list, err := selectOutages(tx, `lifted_at is null and starts_at <= $1 and ends_at > $1`, at)
	if err != nil {
		return nil, err
	}
	out := Down{}
	for _, o := range list {
		for _, u := range o.Units {
			out[u] = o
		}
	}
	return out, nil
}
