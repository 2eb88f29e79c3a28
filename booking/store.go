package booking

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"rigg/facilities"
	"rigg/internal/database"
	"rigg/internal/id"
	"rigg/internal/problem"
)

// insertBooking writes a booking with all that hangs on it but its money, in one
// statement: this is the hot path, and each round trip is felt. errStale when
// the facts' number has moved on.
func insertBooking(tx *database.Tx, b *Booking, taken []allocation, e Event, facts int64) (id.Booking, error) {
	resources, setUp, cleanUp, along, counts := b.resourceRows(taken)
	names, emails := b.attendeeRows()
	units, forResources, starts, ends, _ := allocationRows(taken)
	details, err := e.details()
	if err != nil {
		return 0, err
	}
	var booking id.Booking
	err = tx.SQL().QueryRowContext(tx.Context(), `
		with b as (
			insert into bookings (ref, version, state, project_id, person_id, created_by, agreement_id,
				starts_at, ends_at, purpose, created_at, changed_at)
			select $1, 1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10 from catalogue_version where version = $21
			returning id
		), r as (
			insert into booking_resources (booking_id, position, resource_id, set_up_min, clean_up_min, along, units)
			select b.id, x.position, x.resource, x.set_up, x.clean_up, x.along, x.units
			from b, unnest($11::text[], $12::int[], $13::int[], $23::boolean[], $24::int[])
				with ordinality x (resource, set_up, clean_up, along, units, position)
		), p as (
			insert into attendees (booking_id, position, name, email)
			select b.id, x.position - 1, x.name, nullif(x.email, '')
			from b, unnest($14::text[], $15::text[]) with ordinality x (name, email, position)
		), a as (
			insert into allocations (unit_id, booking_id, resource_id, starts_at, ends_at)
			select x.unit, b.id, x.resource, x.starts, x.ends
			from b, unnest($16::bigint[], $22::text[], $17::timestamptz[], $18::timestamptz[]) x (unit, resource, starts, ends)
		), h as (
			insert into booking_history (booking_id, version, at, person_id, action, to_state, details)
			select b.id, 1, $10, $19, $20, $2, $25::jsonb from b
		)
		select id from b`,
		b.Ref, b.State, b.Project, b.Person, b.CreatedBy, b.Agreement,
		b.Period.Start, b.Period.End, b.Purpose, tx.Now,
		resources, setUp, cleanUp, names, emails, units, starts, ends,
		e.By, e.Action, facts, forResources, along, counts, details).Scan(&booking)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, errStale
	}
	if err != nil {
		return 0, fmt.Errorf("insert booking: %w", err)
	}
	return booking, nil
}

func (b *Booking) resourceRows(taken []allocation) (ids []string, setUp, cleanUp []int32, along []bool, units []int32) {
	ids = words(b.Resources)
	for i, r := range b.Resources {
		setUp = append(setUp, int32(b.Buffers[i].SetUp/time.Minute))
		cleanUp = append(cleanUp, int32(b.Buffers[i].CleanUp/time.Minute))
		along, units = append(along, i >= len(b.Chosen())), append(units, 0)
		for _, a := range taken {
			if a.resource == r {
				units[i]++
			}
		}
	}
	return ids, setUp, cleanUp, along, units
}

// words is the form in which the driver takes an array of names.
func words(resources []id.Resource) []string {
	out := make([]string, len(resources))
	for i, r := range resources {
		out[i] = string(r)
	}
	return out
}

func (b *Booking) attendeeRows() (names, emails []string) {
	names, emails = []string{}, []string{}
	for _, a := range b.Attendees {
		names, emails = append(names, a.Name), append(emails, a.Email)
	}
	return names, emails
}

func allocationRows(taken []allocation) (units []int64, resources []string, starts, ends []time.Time, pinned []bool) {
	for _, a := range taken {
		units, resources = append(units, int64(a.unit)), append(resources, string(a.resource))
		starts = append(starts, a.period.Start)
		ends, pinned = append(ends, a.period.End), append(pinned, a.pinned)
	}
	return units, resources, starts, ends, pinned
}

// lockBooking locks one booking's row and gives its id; not-found where there is
// none of that reference. The key stays, so messages may refer to it meanwhile.
func lockBooking(tx *database.Tx, ref id.Ref) (id.Booking, error) {
	rows, err := database.Select[id.Booking](tx, `select id from bookings where ref = $1 for no key update`, ref)
	if err != nil {
		return 0, fmt.Errorf("lock booking: %w", err)
	}
	if len(rows) == 0 {
		return 0, problem.Absent()
	}
	return rows[0], nil
}

// saveChange writes a changed booking and its history row. The row is locked and
// its version compared, so a missing row is a bug.
func saveChange(tx *database.Tx, b *Booking, e Event) error {
	details, err := e.details()
	if err != nil {
		return err
	}
	n, err := database.Exec(tx, `
		with b as (
			update bookings set version = $2, state = $3, starts_at = $4, ends_at = $5, purpose = $6, question = $7,
				checked_in_at = $8, checked_out_at = $9, agreement_id = $10, changed_at = $11
			where id = $1 and version = $2 - 1 returning id
		)
		insert into booking_history (booking_id, version, at, person_id, action, from_state, to_state, reason, details)
		select id, $2, $11, nullif($12::bigint, 0), $13, $14, $3, $15, $16::jsonb from b`,
		b.ID, b.Version, b.State, b.Period.Start, b.Period.End, b.Purpose, b.Question,
		orNull(b.CheckedIn), orNull(b.CheckedOut), b.Agreement, b.Changed,
		int64(e.By), e.Action, e.From, e.Reason, details)
	if err != nil {
		return fmt.Errorf("save booking: %w", err)
	}
	if n != 1 {
		return errors.New("save booking: its version moved under the lock")
	}
	return nil
}

// details are the event's as they are stored.
func (e Event) details() (string, error) {
	if e.Details == nil {
		return "{}", nil
	}
	out, err := json.Marshal(e.Details)
	if err != nil {
		return "", fmt.Errorf("history details: %w", err)
	}
	return string(out), nil
}

func orNull(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// releaseUnits ends the booking's allocations earlier by the time that was not
// used, so that each keeps its own clean-up. What lies before stays as the record
// of use.
func releaseUnits(tx *database.Tx, b id.Booking, unused time.Duration) error {
	_, err := database.Exec(tx, `
		update allocations set active = starts_at < ends_at - make_interval(mins => $2::int),
			ends_at = case when starts_at < ends_at - make_interval(mins => $2::int)
				then ends_at - make_interval(mins => $2::int) else ends_at end
		where booking_id = $1 and active`, b, int(unused/time.Minute))
	if err != nil {
		return fmt.Errorf("release units: %w", err)
	}
	return nil
}

// dropUnits lets go of all the booking's units, past time too: it never was used.
func dropUnits(tx *database.Tx, b id.Booking) error {
	_, err := database.Exec(tx, `update allocations set active = false where booking_id = $1 and active`, b)
	if err != nil {
		return fmt.Errorf("drop units: %w", err)
	}
	return nil
}

// replaceUnits gives a moved booking its new resources and units; what others
// exchange for that comes between letting go of the old and taking the new.
func replaceUnits(tx *database.Tx, b *Booking, moves []facilities.Move, taken []allocation) error {
	if _, err := database.Exec(tx, `delete from allocations where booking_id = $1`, b.ID); err != nil {
		return fmt.Errorf("delete allocations: %w", err)
	}
	if _, err := database.Exec(tx, `delete from booking_resources where booking_id = $1`, b.ID); err != nil {
		return fmt.Errorf("delete resources: %w", err)
	}
	if err := facilities.Repack(tx, moves); err != nil {
		return err
	}
	resources, setUp, cleanUp, along, counts := b.resourceRows(taken)
	units, forResources, starts, ends, pinned := allocationRows(taken)
	_, err := database.Exec(tx, `
		with r as (
			insert into booking_resources (booking_id, position, resource_id, set_up_min, clean_up_min, along, units)
			select $1, x.position, x.resource, x.set_up, x.clean_up, x.along, x.units
			from unnest($2::text[], $3::int[], $4::int[], $10::boolean[], $11::int[])
				with ordinality x (resource, set_up, clean_up, along, units, position)
		)
		insert into allocations (unit_id, booking_id, resource_id, starts_at, ends_at, pinned)
		select x.unit, $1, x.resource, x.starts, x.ends, x.pinned
		from unnest($5::bigint[], $6::text[], $7::timestamptz[], $8::timestamptz[], $9::boolean[])
			x (unit, resource, starts, ends, pinned)`,
		b.ID, resources, setUp, cleanUp, units, forResources, starts, ends, pinned, along, counts)
	if err != nil {
		return fmt.Errorf("insert allocations: %w", err)
	}
	return nil
}
