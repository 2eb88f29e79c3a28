package booking

import (
	"fmt"
	"time"

	"rigg/internal/database"
	"rigg/internal/id"
)

// maxListed is how many rows a list at the desk has.
const maxListed = 200

func insertReport(tx *database.Tx, r *Report, b id.Booking) (id.Report, error) {
	made, err := database.Select[id.Report](tx, `
		insert into reports (facility_id, resource_id, booking_id, person_id, text, severity, expected_end, outage_id, at)
		values ($1, $2, nullif($3::bigint, 0), $4, $5, $6, $7, nullif($8::bigint, 0), $9) returning id`,
		string(r.Facility), string(r.Resource), int64(b), int64(r.By), r.Text, string(r.Severity), orNull(r.Until), int64(r.Outage), tx.Now)
	if err != nil {
		return 0, fmt.Errorf("insert report: %w", err)
	}
	return made[0], nil
}

func listReports(tx *database.Tx, where string, args ...any) ([]Report, error) {
	type row struct {
		ID           id.Report
		FacilityID   id.Facility
		ResourceID   id.Resource
		Ref          id.Ref
		PersonID     id.Person
		Text         string
		Severity     Severity
		ExpectedEnd  *time.Time
		At           time.Time
		OutageID     id.Outage
		ClosedAt     *time.Time
		ClosedBy     id.Person
		ClosedReason string
	}
	rows, err := database.Select[row](tx, fmt.Sprintf(`
		select r.id, r.facility_id, r.resource_id, coalesce(b.ref, '') as ref, r.person_id, r.text, r.severity, r.expected_end, r.at,
			coalesce(r.outage_id, 0) as outage_id, r.closed_at, coalesce(r.closed_by, 0) as closed_by, r.closed_reason
		from reports r left join bookings b on b.id = r.booking_id
		where %s order by r.id desc limit %d`, where, maxListed), args...)
	if err != nil {
		return nil, fmt.Errorf("list reports: %w", err)
	}
	out := make([]Report, len(rows))
	for i, r := range rows {
		out[i] = Report{
			ID: r.ID, Facility: r.FacilityID, Resource: r.ResourceID, Booking: r.Ref, By: r.PersonID, Text: r.Text, Severity: r.Severity,
			Until: orZero(r.ExpectedEnd), At: r.At.UTC(), Outage: r.OutageID,
			Closed: orZero(r.ClosedAt), ClosedBy: r.ClosedBy, ClosedReason: r.ClosedReason,
		}
	}
	return out, nil
}

func orZero(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return t.UTC()
}

func closeReport(tx *database.Tx, r id.Report, by id.Person, reason string) error {
	_, err := database.Exec(tx, `
		update reports set closed_at = $2, closed_by = $3, closed_reason = $4 where id = $1 and closed_at is null`,
		int64(r), tx.Now, int64(by), reason)
	if err != nil {
		return fmt.Errorf("close report: %w", err)
	}
	return nil
}

// usedLately tells whether the person has, or had since the time, a booking of
// the resource that was not called off.
func usedLately(tx *database.Tx, person id.Person, r id.Resource, since time.Time) (bool, error) {
	found, err := database.Select[bool](tx, `
		select exists (select from bookings b join booking_resources x on x.booking_id = b.id
			where b.person_id = $1 and x.resource_id = $2 and b.ends_at > $3 and b.starts_at <= $4
				and b.state in ('confirmed', 'in_use', 'completed'))`, int64(person), string(r), since, tx.Now.Add(time.Hour))
	if err != nil {
		return false, fmt.Errorf("look for a use: %w", err)
	}
	return found[0], nil
}

func outageOf(tx *database.Tx, slug string) (id.Outage, error) {
	found, err := database.Select[id.Outage](tx, `select id from outages where slug = $1`, slug)
	if err != nil || len(found) != 1 {
		return 0, fmt.Errorf("find the outage just made (%d): %w", len(found), err)
	}
	return found[0], nil
}
