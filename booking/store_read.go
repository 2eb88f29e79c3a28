package booking

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"rigg/funding"
	"rigg/internal/database"
	"rigg/internal/id"
	"rigg/internal/period"
	"rigg/internal/problem"
)

// bookingRow is a booking as the query below reads it; lists come as JSON.
type bookingRow struct {
	ID           id.Booking
	Ref          id.Ref
	Version      int
	State        State
	ProjectID    id.Project
	PersonID     id.Person
	CreatedBy    id.Person
	AgreementID  id.Agreement
	StartsAt     time.Time
	EndsAt       time.Time
	Purpose      string
	Question     string
	CheckedInAt  *time.Time
	CheckedOutAt *time.Time
	CreatedAt    time.Time
	ChangedAt    time.Time
	Resources    string
	Along        string
	Units        string
	Provisional  string
	Attendees    string
	Buffers      string
	Approvals    string
	Proposal     string

	BookedUntil, ReconfirmAskAt, ReconfirmBy *time.Time
	EnquiryRef                               *id.Ref
	Series                                   id.Ref
}

const selectBooking = `
	select b.*,
		coalesce((select jsonb_agg(r.resource_id order by r.position) from booking_resources r where r.booking_id = b.id), '[]') as resources,
		coalesce((select jsonb_agg(r.resource_id order by r.position) from booking_resources r where r.booking_id = b.id and r.along), '[]') as along,
		coalesce((select jsonb_agg(jsonb_build_object('SetUp', r.set_up_min * 60000000000, 'CleanUp', r.clean_up_min * 60000000000)
			order by r.position) from booking_resources r where r.booking_id = b.id), '[]') as buffers, -- nanoseconds
		coalesce((select jsonb_agg(a.unit_id order by a.unit_id) from allocations a where a.booking_id = b.id), '[]') as units,
		case when b.state not in ('requested', 'confirmed') then '[]' else coalesce((select jsonb_agg(a.unit_id order by a.unit_id)
			from allocations a join resources r on r.id = a.resource_id
			where a.booking_id = b.id and a.active and not a.pinned
				and r.take < (select count(*) from resource_units u where u.resource_id = r.id)), '[]') end as provisional,
		coalesce((select jsonb_agg(jsonb_build_object('Name', p.name, 'Email', coalesce(p.email, '')) order by p.position)
			from attendees p where p.booking_id = b.id), '[]') as attendees,
		(select e.ref from enquiries e where e.id = b.enquiry_id) as enquiry_ref,
		coalesce((select s.ref from series_occurrences o join series s on s.id = o.series_id where o.booking_id = b.id), '') as series,` + approvalColumns + `
	from bookings b `

func (r bookingRow) booking() (*Booking, error) {
	b := &Booking{
		ID: r.ID, Ref: r.Ref, Version: r.Version, State: r.State,
		Project: r.ProjectID, Agreement: r.AgreementID, Person: r.PersonID, CreatedBy: r.CreatedBy,
		Period: period.New(r.StartsAt, r.EndsAt),
		Series: r.Series, Purpose: r.Purpose, Question: r.Question, Created: r.CreatedAt.UTC(), Changed: r.ChangedAt.UTC(),
	}
	if r.CheckedInAt != nil {
		b.CheckedIn = r.CheckedInAt.UTC()
	}
	if r.CheckedOutAt != nil {
		b.CheckedOut = r.CheckedOutAt.UTC()
	}
	if r.EnquiryRef != nil {
		b.Enquiry = *r.EnquiryRef
	}
	for _, at := range []struct {
		stored *time.Time
		to     *time.Time
	}{{r.BookedUntil, &b.BookedUntil}, {r.ReconfirmAskAt, &b.ReconfirmAsk}, {r.ReconfirmBy, &b.ReconfirmBy}} {
		if at.stored != nil {
			*at.to = at.stored.UTC()
		}
	}
	if err := b.answers(r.Approvals, r.Proposal); err != nil {
		return nil, err
	}
	for _, part := range []struct {
		json string
		to   any
	}{
		{r.Resources, &b.Resources}, {r.Along, &b.Along}, {r.Buffers, &b.Buffers}, {r.Units, &b.Units},
		{r.Provisional, &b.Provisional}, {r.Attendees, &b.Attendees},
	} {
		if err := json.Unmarshal([]byte(part.json), part.to); err != nil {
			return nil, fmt.Errorf("read booking: %w", err)
		}
	}
	return b, nil
}

// listBookings reads bookings without their history; costs come in one query.
func listBookings(tx *database.Tx, where string, args ...any) ([]*Booking, error) {
	rows, err := database.Select[bookingRow](tx, selectBooking+where, args...)
	if err != nil {
		return nil, fmt.Errorf("list bookings: %w", err)
	}
	out, ids := make([]*Booking, len(rows)), make([]id.Booking, len(rows))
	for i, r := range rows {
		if out[i], err = r.booking(); err != nil {
			return nil, err
		}
		if !tx.Now.Before(out[i].Blocked().Start) {
			out[i].Provisional = nil // it has begun, and stays where it is
		}
		ids[i] = r.ID
	}
	costs, err := funding.CostsOf(tx, ids)
	if err != nil {
		return nil, err
	}
	for _, b := range out {
		b.Cost = costs[b.ID]
	}
	return out, nil
}

// findBooking reads one booking with its history; not-found where there is none.
func findBooking(tx *database.Tx, booking id.Booking) (*Booking, error) {
	found, err := listBookings(tx, `where b.id = $1`, booking)
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, problem.Absent()
	}
	found[0].History, err = listHistory(tx, booking)
	return found[0], err
}

func findByRef(tx *database.Tx, ref id.Ref) (*Booking, error) {
	found, err := database.Select[id.Booking](tx, `select id from bookings where ref = $1`, ref)
	if err != nil {
		return nil, fmt.Errorf("find booking: %w", err)
	}
	if len(found) == 0 {
		return nil, problem.Absent()
	}
	return findBooking(tx, found[0])
}

type eventRow struct {
	BookingID id.Booking // where those of many are read
	Version   int
	At        time.Time
	PersonID  *id.Person
	Action    Action
	FromState *State
	ToState   State
	Reason    string
	Details   string
}

func listHistory(tx *database.Tx, booking id.Booking) ([]Event, error) {
	rows, err := database.Select[eventRow](tx, `
		select version, at, person_id, action, from_state, to_state, reason, details::text as details
		from booking_history where booking_id = $1 order by id`, booking)
	if err != nil {
		return nil, fmt.Errorf("list history: %w", err)
	}
	out := make([]Event, len(rows))
	for i, r := range rows {
		if out[i], err = r.event(); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (r eventRow) event() (Event, error) {
	e := Event{Version: r.Version, At: r.At.UTC(), Action: r.Action, To: r.ToState, Reason: r.Reason}
	if r.PersonID != nil {
		e.By = *r.PersonID
	}
	if r.FromState != nil {
		e.From = *r.FromState
	}
	if err := json.Unmarshal([]byte(r.Details), &e.Details); err != nil {
		return e, fmt.Errorf("read history: %w", err)
	}
	return e, nil
}

func resourcesOf(tx *database.Tx, ref id.Ref) ([]id.Resource, error) {
	out, err := database.Select[id.Resource](tx, `
		select r.resource_id from booking_resources r join bookings b on b.id = r.booking_id
		where b.ref = $1 order by r.position`, ref)
	if err != nil {
		return nil, fmt.Errorf("list resources of booking: %w", err)
	}
	return out, nil
}

// dueRow is just enough of a booking to tell whether its time has come.
type dueRow struct {
	ID         id.Booking
	Ref        id.Ref
	State      State
	StartsAt   time.Time
	EndsAt     time.Time
	ChangedAt  time.Time
	CleanUpMin int
	Resources  string
}

// listBegun reads the bookings after one that have begun and are not over, by id.
// The partial indexes on bookings keep it small: it never looks at what is
// completed or yet to come.
func listBegun(tx *database.Tx, after id.Booking, limit int) ([]*Booking, error) {
	rows, err := database.Select[dueRow](tx, `
		select b.id, b.ref, b.state, b.starts_at, b.ends_at, b.changed_at,
			(select max(r.clean_up_min) from booking_resources r where r.booking_id = b.id) as clean_up_min,
			(select jsonb_agg(r.resource_id) from booking_resources r where r.booking_id = b.id) as resources
		from bookings b
		where ((b.state in ('requested', 'confirmed') and b.starts_at <= $1)
			or (b.state in ('confirmed', 'in_use') and b.ends_at <= $1)
			or (b.state = 'displaced' and b.starts_at <= $1)) and b.id > $2
		order by b.id limit $3`, tx.Now, after, limit)
	if err != nil {
		return nil, fmt.Errorf("list begun bookings: %w", err)
	}
	out := make([]*Booking, len(rows))
	for i, r := range rows {
		out[i] = &Booking{
			ID: r.ID, Ref: r.Ref, State: r.State, Period: period.New(r.StartsAt, r.EndsAt), Changed: r.ChangedAt.UTC(),
			Buffers: []Buffer{{CleanUp: time.Duration(r.CleanUpMin) * time.Minute}},
		}
		if err := json.Unmarshal([]byte(r.Resources), &out[i].Resources); err != nil {
			return nil, fmt.Errorf("read begun booking: %w", err)
		}
	}
	return out, nil
}

// page cuts off the one booking too many that tells of a next page.
func page(b []*Booking, limit int) ([]*Booking, string) {
	if len(b) <= limit {
		return b, ""
	}
	b = slices.Clip(b[:limit])
	return b, cursorOf(b[limit-1])
}

// listAllocations reads what is taken of some units, with outages' names.
func listAllocations(tx *database.Tx, units []id.Unit, window period.Period) ([]allocationRow, error) {
	out, err := database.Select[allocationRow](tx, `
		select a.unit_id, a.booking_id, a.outage_id, a.hold_id, a.starts_at, a.ends_at,
			coalesce(o.name_sv, '') as name_sv, coalesce(o.name_en, '') as name_en
		from allocations a left join outages o on o.id = a.outage_id
		where a.active and a.unit_id = any($1) and a.during && tstzrange($2, $3)
		order by a.starts_at, a.id`, units, window.Start, window.End)
	if err != nil {
		return nil, fmt.Errorf("list allocations: %w", err)
	}
	return out, nil
}

func refsOf(tx *database.Tx, bookings []id.Booking) (map[id.Booking]id.Ref, error) {
	type row struct {
		ID  id.Booking
		Ref id.Ref
	}
	rows, err := database.Select[row](tx, `select id, ref from bookings where id = any($1)`, bookings)
	if err != nil {
		return nil, fmt.Errorf("references of bookings: %w", err)
	}
	out := map[id.Booking]id.Ref{}
	for _, r := range rows {
		out[r.ID] = r.Ref
	}
	return out, nil
}
