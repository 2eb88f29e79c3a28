package booking

import (
	"errors"
	"fmt"
	"time"

	"rigg/internal/database"
	"rigg/internal/id"
)

// insertBookings is insertBooking for many bookings, each with one event of
// history, in one statement. They have the project, people, purpose and attendees
// of the first, as a series has. errStale when the facts' number has moved on.
func insertBookings(tx *database.Tx, list []draft, facts int64) error {
	first := list[0]
	names, emails := first.attendeeRows()
	c, err := draftColumnsOf(list)
	if err != nil {
		return err
	}
	type row struct {
		ID  id.Booking
		Ref id.Ref
	}
	rows, err := database.Select[row](tx, `
		with b as (
			insert into bookings (ref, version, state, project_id, person_id, created_by, agreement_id,
				starts_at, ends_at, purpose, created_at, changed_at)
			select x.ref, 1, x.state, $1, $2, $3, x.agreement, x.starts, x.ends, $4, $5, $5
			from unnest($6::text[], $7::text[], $8::bigint[], $9::timestamptz[], $10::timestamptz[])
				with ordinality x (ref, state, agreement, starts, ends, position), catalogue_version v
			where v.version = $11 order by x.position
			returning id, ref, state
		), r as (
			insert into booking_resources (booking_id, position, resource_id, set_up_min, clean_up_min, along, units)
			select b.id, x.position, x.resource, x.set_up, x.clean_up, x.along, x.units
			from unnest($12::text[], $13::int[], $14::text[], $15::int[], $16::int[], $26::boolean[], $27::int[])
				x (ref, position, resource, set_up, clean_up, along, units)
			join b on b.ref = x.ref
		), p as (
			insert into attendees (booking_id, position, name, email)
			select b.id, x.position - 1, x.name, nullif(x.email, '')
			from b, unnest($17::text[], $18::text[]) with ordinality x (name, email, position)
		), a as (
			insert into allocations (unit_id, booking_id, resource_id, starts_at, ends_at)
			select x.unit, b.id, x.resource, x.starts, x.ends
			from unnest($19::text[], $20::bigint[], $21::text[], $22::timestamptz[], $23::timestamptz[]) x (ref, unit, resource, starts, ends)
			join b on b.ref = x.ref
		), h as (
			insert into booking_history (booking_id, version, at, person_id, action, to_state, details)
			select b.id, 1, $5, nullif($24::bigint, 0), $25, b.state, x.details::jsonb
			from b join unnest($6::text[], $28::text[]) x (ref, details) on x.ref = b.ref
		)
		select id, ref from b`,
		first.Project, int64(first.Person), int64(first.CreatedBy), first.Purpose, tx.Now,
		c.ref, c.state, c.agreement, c.starts, c.ends, facts,
		c.resource.ref, c.resource.position, c.resource.name, c.resource.setUp, c.resource.cleanUp, names, emails,
		c.taken.ref, c.taken.unit, c.taken.resource, c.taken.starts, c.taken.ends,
		int64(first.History[0].By), first.History[0].Action,
		c.resource.along, c.resource.units, c.details)
	if err != nil {
		return fmt.Errorf("insert %d bookings: %w", len(list), err)
	}
	if len(rows) == 0 {
		return errStale
	}
	made := map[id.Ref]id.Booking{}
	for _, r := range rows {
		made[r.Ref] = r.ID
	}
	for _, d := range list {
		d.ID = made[d.Ref]
	}
	return nil
}

// draftColumns are bookings as arrays, what hangs on them by their references.
type draftColumns struct {
	ref, state   []string
	details      []string // of the last event
	agreement    []int64
	starts, ends []time.Time
	resource     struct {
		ref, name                []string
		position, setUp, cleanUp []int32
		along                    []bool
		units                    []int32
	}
	taken struct {
		ref, resource []string
		unit          []int64
		starts, ends  []time.Time
		pinned        []bool
	}
}

func draftColumnsOf(list []draft) (*draftColumns, error) {
	c := &draftColumns{}
	for _, d := range list {
		ref := string(d.Ref)
		c.ref, c.state, c.agreement = append(c.ref, ref), append(c.state, string(d.State)), append(c.agreement, int64(d.Agreement))
		c.starts, c.ends = append(c.starts, d.Period.Start), append(c.ends, d.Period.End)
		details, err := d.History[len(d.History)-1].details()
		if err != nil {
			return nil, err
		}
		c.details = append(c.details, details)
		names, setUp, cleanUp, along, counts := d.resourceRows(d.verdict.allocations)
		for i := range names {
			c.resource.ref, c.resource.position = append(c.resource.ref, ref), append(c.resource.position, int32(i+1))
		}
		c.resource.name = append(c.resource.name, names...)
		c.resource.setUp, c.resource.cleanUp = append(c.resource.setUp, setUp...), append(c.resource.cleanUp, cleanUp...)
		c.resource.along, c.resource.units = append(c.resource.along, along...), append(c.resource.units, counts...)
		units, resources, starts, ends, pinned := allocationRows(d.verdict.allocations)
		for range units {
			c.taken.ref = append(c.taken.ref, ref)
		}
		c.taken.unit, c.taken.resource = append(c.taken.unit, units...), append(c.taken.resource, resources...)
		c.taken.starts, c.taken.ends = append(c.taken.starts, starts...), append(c.taken.ends, ends...)
		c.taken.pinned = append(c.taken.pinned, pinned...)
	}
	return c, nil
}

func bookingNumbers(list []id.Booking) []int64 {
	out := make([]int64, len(list))
	for i, b := range list {
		out[i] = int64(b)
	}
	return out
}

// dropUnitsOf is dropUnits for many bookings.
func dropUnitsOf(tx *database.Tx, list []id.Booking) error {
	_, err := database.Exec(tx, `update allocations set active = false where booking_id = any($1::bigint[]) and active`,
		bookingNumbers(list))
	if err != nil {
		return fmt.Errorf("drop units: %w", err)
	}
	return nil
}

// replaceUnitsOf is replaceUnits for many bookings, the old units of which
// deleteUnitsOf has taken away.
func replaceUnitsOf(tx *database.Tx, list []draft) error {
	c, err := draftColumnsOf(list)
	if err != nil {
		return err
	}
	_, err = database.Exec(tx, `
		with r as (
			insert into booking_resources (booking_id, position, resource_id, set_up_min, clean_up_min, along, units)
			select b.id, x.position, x.resource, x.set_up, x.clean_up, x.along, x.units
			from unnest($1::text[], $2::int[], $3::text[], $4::int[], $5::int[], $11::boolean[], $12::int[])
				x (ref, position, resource, set_up, clean_up, along, units)
			join bookings b on b.ref = x.ref
		)
		insert into allocations (unit_id, booking_id, resource_id, starts_at, ends_at, pinned)
		select x.unit, b.id, x.resource, x.starts, x.ends, x.pinned
		from unnest($6::text[], $7::bigint[], $8::text[], $9::timestamptz[], $10::timestamptz[], $13::boolean[])
			x (ref, unit, resource, starts, ends, pinned)
		join bookings b on b.ref = x.ref`,
		c.resource.ref, c.resource.position, c.resource.name, c.resource.setUp, c.resource.cleanUp,
		c.taken.ref, c.taken.unit, c.taken.resource, c.taken.starts, c.taken.ends,
		c.resource.along, c.resource.units, c.taken.pinned)
	if err != nil {
		return fmt.Errorf("insert allocations: %w", err)
	}
	return nil
}

// deleteUnitsOf takes away the units and resources of bookings that are about to
// get others, so that nothing of their own is in their way.
func deleteUnitsOf(tx *database.Tx, list []id.Booking) error {
	for _, table := range []string{"allocations", "booking_resources"} {
		_, err := database.Exec(tx, `delete from `+table+` where booking_id = any($1::bigint[])`, bookingNumbers(list))
		if err != nil {
			return fmt.Errorf("delete %s: %w", table, err)
		}
	}
	return nil
}

// saveChanges is saveChange for many bookings, each with the last event of its
// history, in one statement.
func saveChanges(tx *database.Tx, list []*Booking) error {
	if len(list) == 0 {
		return nil
	}
	var ids, agreements, by []int64
	var versions []int32
	var states, purposes, questions, actions, from, reasons, details []string
	var starts, ends []time.Time
	for _, b := range list {
		e := b.History[len(b.History)-1]
		written, err := e.details()
		if err != nil {
			return err
		}
		ids, versions, states = append(ids, int64(b.ID)), append(versions, int32(b.Version)), append(states, string(b.State))
		starts, ends, agreements = append(starts, b.Period.Start), append(ends, b.Period.End), append(agreements, int64(b.Agreement))
		purposes, questions, by = append(purposes, b.Purpose), append(questions, b.Question), append(by, int64(e.By))
		actions, from = append(actions, string(e.Action)), append(from, string(e.From))
		reasons, details = append(reasons, e.Reason), append(details, written)
	}
	n, err := database.Exec(tx, `
		with x as (
			select * from unnest($1::bigint[], $2::int[], $3::text[], $4::timestamptz[], $5::timestamptz[], $6::text[], $7::text[],
				$8::bigint[], $9::bigint[], $10::text[], $11::text[], $12::text[], $13::text[])
				x (id, version, state, starts, ends, purpose, question, agreement, by, action, was, reason, details)
		), b as (
			update bookings b set version = x.version, state = x.state, starts_at = x.starts, ends_at = x.ends,
				purpose = x.purpose, question = x.question, agreement_id = x.agreement, changed_at = $14
			from x where b.id = x.id and b.version = x.version - 1 returning b.id
		)
		insert into booking_history (booking_id, version, at, person_id, action, from_state, to_state, reason, details)
		select x.id, x.version, $14, nullif(x.by, 0), x.action, x.was, x.state, x.reason, x.details::jsonb
		from x join b on b.id = x.id`,
		ids, versions, states, starts, ends, purposes, questions, agreements, by, actions, from, reasons, details, tx.Now)
	if err != nil {
		return fmt.Errorf("save bookings: %w", err)
	}
	if n != int64(len(list)) {
		return errors.New("save bookings: a version moved under the lock")
	}
	return nil
}
