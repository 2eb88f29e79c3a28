package booking

import (
	"fmt"
	"time"

	"rigg/facilities"
	"rigg/internal/database"
	"rigg/internal/id"
	"rigg/internal/period"
)

// lockRows lock the rows of subjects in ascending order.
var lockRows = map[facilities.Subject]string{
	facilities.PerPerson:       `select from people where id = any($1::text[]::bigint[]) order by id for no key update`,
	facilities.PerProject:      `select from projects where id = any($1::text[]) order by id for no key update`,
	facilities.PerOrganisation: `select from organisations where id = any($1::text[]) order by id for no key update`,
}

func lockSubjects(tx *database.Tx, of facilities.Subject, ids []string) error {
	if len(ids) == 0 {
		return nil
	}
	if _, err := database.Exec(tx, lockRows[of], ids); err != nil {
		return fmt.Errorf("lock the subjects of quotas: %w", err)
	}
	return nil
}

// bookedBy are the bookings of one subject ($1).
var bookedBy = map[facilities.Subject]string{
	facilities.PerPerson:       `b.person_id = $1::text::bigint`,
	facilities.PerProject:      `b.project_id = $1::text`,
	facilities.PerOrganisation: `b.person_id in (select person_id from memberships where organisation_id = $1::text)`,
}

// bookedOn are the bookings of a resource, or of any in its facility ($2).
var bookedOn = map[facilities.Scope]string{
	facilities.OfResource: `exists (select from booking_resources r where r.booking_id = b.id and r.resource_id = $2)`,
	facilities.OfFacility: `exists (select from booking_resources r join resources x on x.id = r.resource_id
		where r.booking_id = b.id and x.facility_id = $2)`,
}

// on is where the bookings are that count.
func (u ownUse) on() (of facilities.Scope, name string) {
	if u.quota.Of == facilities.OfFacility {
		return facilities.OfFacility, string(u.resource.Facility.ID)
	}
	return facilities.OfResource, string(u.resource.ID)
}

// listOwn reads the times of a subject's bookings, up to their check-out, that
// share time with the reach, but for those that are being moved. The lower bound
// on the start, no booking being longer, lets the index on (person or project,
// start) find them.
func listOwn(tx *database.Tx, u ownUse, reach period.Period, moving []id.Booking) ([]period.Period, error) {
	of, on := u.on()
	type row struct{ StartsAt, EndsAt time.Time }
	rows, err := database.Select[row](tx, fmt.Sprintf(`
		select b.starts_at, greatest(b.starts_at + interval '1 minute',
			least(b.ends_at, coalesce(b.checked_out_at, b.ends_at))) as ends_at
		from bookings b
		where %s and %s and b.id <> all($3::bigint[]) and (b.state in ('requested', 'confirmed', 'in_use', 'completed') or b.state = 'no_show' and $4)
			and b.starts_at > $5 and b.starts_at < $6 and b.ends_at > $7`, bookedBy[u.quota.Per], bookedOn[of]),
		u.subject, on, bookingNumbers(moving), u.absent, reach.Start.Add(-maxLength), reach.End, reach.Start)
	if err != nil {
		return nil, fmt.Errorf("list own bookings: %w", err)
	}
	out := make([]period.Period, len(rows))
	for i, row := range rows {
		out[i] = period.New(row.StartsAt, row.EndsAt)
	}
	return out, nil
}

// findUnlogged gives an old booking of a person on a resource that was used and
// not checked out; empty where there is none.
func findUnlogged(tx *database.Tx, person id.Person, r id.Resource, moving []id.Booking) (id.Ref, error) {
	found, err := database.Select[id.Ref](tx, `
		select b.ref from bookings b join booking_resources x on x.booking_id = b.id and x.resource_id = $2
		where b.person_id = $1 and b.id <> all($3::bigint[]) and b.state in ('in_use', 'completed')
			and b.checked_in_at is not null and b.checked_out_at is null and b.ends_at <= $4
		order by b.starts_at limit 1`, int64(person), string(r), bookingNumbers(moving), tx.Now)
	if err != nil || len(found) == 0 {
		return "", err
	}
	return found[0], nil
}

// replaceAttendees writes who comes along to a booking anew.
func replaceAttendees(tx *database.Tx, b *Booking) error {
	if _, err := database.Exec(tx, `delete from attendees where booking_id = $1`, b.ID); err != nil {
		return fmt.Errorf("delete attendees: %w", err)
	}
	names, emails := b.attendeeRows()
	_, err := database.Exec(tx, `
		insert into attendees (booking_id, position, name, email)
		select $1, x.position - 1, x.name, nullif(x.email, '')
		from unnest($2::text[], $3::text[]) with ordinality x (name, email, position)`, b.ID, names, emails)
	if err != nil {
		return fmt.Errorf("insert attendees: %w", err)
	}
	return nil
}

// replaceAttendeesOf is replaceAttendees for many bookings.
func replaceAttendeesOf(tx *database.Tx, list []*Booking) error {
	if len(list) == 0 {
		return nil
	}
	var bookings []int64
	var positions []int32
	var names, emails []string
	for _, b := range list {
		for i, a := range b.Attendees {
			bookings, positions = append(bookings, int64(b.ID)), append(positions, int32(i))
			names, emails = append(names, a.Name), append(emails, a.Email)
		}
	}
	if _, err := database.Exec(tx, `delete from attendees where booking_id = any($1::bigint[])`, bookingNumbers(idsOf(list))); err != nil {
		return fmt.Errorf("delete attendees: %w", err)
	}
	_, err := database.Exec(tx, `
		insert into attendees (booking_id, position, name, email)
		select x.booking, x.position, x.name, nullif(x.email, '')
		from unnest($1::bigint[], $2::int[], $3::text[], $4::text[]) x (booking, position, name, email)`,
		bookings, positions, names, emails)
	if err != nil {
		return fmt.Errorf("insert attendees: %w", err)
	}
	return nil
}

func exceptionInvariants() []database.Invariant {
	return []database.Invariant{{
		Name: "an exception from the rules has its reason, its rules and who made it",
		Query: `select booking_id, version from booking_history where details->'override' is not null and (person_id is null
			or coalesce(details->'override'->>'reason', '') = ''
			or coalesce(jsonb_array_length(nullif(details->'override'->'rules', 'null')), 0) = 0)`,
	}}
}
