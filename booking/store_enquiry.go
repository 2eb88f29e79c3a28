package booking

import (
	"encoding/json"
	"fmt"
	"time"

	"rigg/internal/database"
	"rigg/internal/id"
	"rigg/internal/problem"
)

func insertEnquiry(tx *database.Tx, e *Enquiry) (id.Enquiry, error) {
	made, err := database.Select[id.Enquiry](tx, `
		insert into enquiries (ref, facility_id, resource_id, person_id, project_id, subject, state, created_at, changed_at)
		values ($1, $2, nullif($3, ''), $4, nullif($5, ''), $6, $7, $8, $8) returning id`,
		string(e.Ref), string(e.Facility), string(e.Resource), int64(e.Person), string(e.Project), e.Subject, string(e.State), tx.Now)
	if err != nil {
		return 0, fmt.Errorf("insert enquiry: %w", err)
	}
	return made[0], nil
}

func insertLine(tx *database.Tx, e id.Enquiry, l Line) (id.Line, error) {
	made, err := database.Select[id.Line](tx, `
		insert into enquiry_messages (enquiry_id, person_id, staff, text, at) values ($1, $2, $3, $4, $5) returning id`,
		int64(e), int64(l.By), l.Staff, l.Text, l.At)
	if err != nil {
		return 0, fmt.Errorf("insert message of an enquiry: %w", err)
	}
	return made[0], nil
}

// lockEnquiry locks one enquiry's row; not-found where there is none.
func lockEnquiry(tx *database.Tx, ref id.Ref) error {
	found, err := database.Select[id.Enquiry](tx, `select id from enquiries where ref = $1 for no key update`, string(ref))
	if err != nil {
		return fmt.Errorf("lock enquiry: %w", err)
	}
	if len(found) == 0 {
		return problem.Absent()
	}
	return nil
}

func saveEnquiry(tx *database.Tx, e *Enquiry) error {
	_, err := database.Exec(tx, `update enquiries set state = $2, changed_at = $3 where id = $1`, int64(e.ID), string(e.State), e.Changed)
	if err != nil {
		return fmt.Errorf("save enquiry: %w", err)
	}
	return nil
}

func tieBooking(tx *database.Tx, b id.Booking, e id.Enquiry) error {
	if _, err := database.Exec(tx, `update bookings set enquiry_id = $2 where id = $1`, b, int64(e)); err != nil {
		return fmt.Errorf("tie the booking to its enquiry: %w", err)
	}
	return nil
}

type enquiryRow struct {
	ID                   id.Enquiry
	Ref                  id.Ref
	FacilityID           id.Facility
	ResourceID           id.Resource
	PersonID             id.Person
	ProjectID            id.Project
	Subject              string
	State                EnquiryState
	CreatedAt, ChangedAt time.Time
	Bookings             string // JSON
}

// listEnquiries reads enquiries without their messages, the last changed first.
func listEnquiries(tx *database.Tx, where string, args ...any) ([]*Enquiry, error) {
	rows, err := database.Select[enquiryRow](tx, fmt.Sprintf(`
		select e.id, e.ref, e.facility_id, coalesce(e.resource_id, '') as resource_id, e.person_id,
			coalesce(e.project_id, '') as project_id, e.subject, e.state, e.created_at, e.changed_at,
			coalesce((select json_agg(b.ref order by b.id) from bookings b where b.enquiry_id = e.id), '[]') as bookings
		from enquiries e where %s order by e.changed_at desc, e.id desc limit %d`, where, maxListed), args...)
	if err != nil {
		return nil, fmt.Errorf("list enquiries: %w", err)
	}
	out := make([]*Enquiry, len(rows))
	for i, r := range rows {
		out[i] = &Enquiry{
			ID: r.ID, Ref: r.Ref, Facility: r.FacilityID, Resource: r.ResourceID, Person: r.PersonID, Project: r.ProjectID,
			Subject: r.Subject, State: r.State, Created: r.CreatedAt.UTC(), Changed: r.ChangedAt.UTC(),
		}
		if err := json.Unmarshal([]byte(r.Bookings), &out[i].Bookings); err != nil {
			return nil, fmt.Errorf("read enquiry: %w", err)
		}
	}
	return out, nil
}

// findEnquiry reads one enquiry with its messages; not-found where there is none.
func findEnquiry(tx *database.Tx, where string, args ...any) (*Enquiry, error) {
	found, err := listEnquiries(tx, where, args...)
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, problem.Absent()
	}
	e := found[0]
	type row struct {
		ID       id.Line
		PersonID id.Person
		Staff    bool
		Text     string
		At       time.Time
	}
	rows, err := database.Select[row](tx, `select id, person_id, staff, text, at from enquiry_messages where enquiry_id = $1 order by id`, int64(e.ID))
	if err != nil {
		return nil, fmt.Errorf("read the messages of an enquiry: %w", err)
	}
	for _, r := range rows {
		e.Lines = append(e.Lines, Line{ID: r.ID, By: r.PersonID, Staff: r.Staff, Text: r.Text, At: r.At.UTC()})
	}
	return e, nil
}
