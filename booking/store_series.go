package booking

import (
	"encoding/json"
	"fmt"
	"time"

	"rigg/internal/database"
	"rigg/internal/id"
	"rigg/internal/period"
	"rigg/internal/problem"
)

type seriesRow struct {
	ID        id.Series
	Ref       id.Ref
	Rule      string
	Zone      string
	ProjectID id.Project
	PersonID  id.Person
	CreatedBy id.Person
	Purpose   string
	Attendees string // JSON
	CreatedAt time.Time
}

type occurrenceRow struct {
	Day          time.Time
	Starts, Ends time.Time
	Resources    string // JSON
	BookingID    id.Booking
	Reasons      string // JSON
}

func insertSeries(tx *database.Tx, s *Series) (id.Series, error) {
	attendees, err := s.attendees()
	if err != nil {
		return 0, err
	}
	rows, err := database.Select[id.Series](tx, `
		insert into series (ref, rule, zone, project_id, person_id, created_by, purpose, attendees, created_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8::text::jsonb, $9) returning id`,
		s.Ref, s.Rule, s.Zone, s.Project, int64(s.Person), int64(s.CreatedBy), s.Purpose, attendees, s.Created)
	if err != nil {
		return 0, fmt.Errorf("insert series: %w", err)
	}
	return rows[0], nil
}

// attendees are the series' as they are stored.
func (s *Series) attendees() (string, error) {
	out, err := json.Marshal(append([]Attendee{}, s.Attendees...))
	if err != nil {
		return "", fmt.Errorf("attendees of a series: %w", err)
	}
	return string(out), nil
}

// findSeries reads a series without its bookings, of which each has its id alone;
// not-found where there is none.
func findSeries(tx *database.Tx, where string, args ...any) (*Series, error) {
	rows, err := database.Select[seriesRow](tx, `select s.id, s.ref, s.rule, s.zone, s.project_id, s.person_id, s.created_by,
		s.purpose, s.attendees::text as attendees, s.created_at from series s where `+where, args...)
	if err != nil {
		return nil, fmt.Errorf("find series: %w", err)
	}
	if len(rows) == 0 {
		return nil, problem.Absent()
	}
	r := rows[0]
	s := &Series{
		ID: r.ID, Ref: r.Ref, Rule: r.Rule, Zone: r.Zone, Project: r.ProjectID, Person: r.PersonID,
		CreatedBy: r.CreatedBy, Purpose: r.Purpose, Created: r.CreatedAt.UTC(),
	}
	if err := json.Unmarshal([]byte(r.Attendees), &s.Attendees); err != nil {
		return nil, fmt.Errorf("read attendees of a series: %w", err)
	}
	found, err := database.Select[occurrenceRow](tx, `
		select day, starts, ends, to_json(resources)::text as resources, coalesce(booking_id, 0) as booking_id, reasons::text as reasons
		from series_occurrences where series_id = $1 order by day`, int64(s.ID))
	if err != nil {
		return nil, fmt.Errorf("list occurrences: %w", err)
	}
	for _, row := range found {
		o, err := row.occurrence(s.zone())
		if err != nil {
			return nil, err
		}
		s.Occurrences = append(s.Occurrences, o)
	}
	return s, nil
}

func (r occurrenceRow) occurrence(zone *time.Location) (SeriesOccurrence, error) {
	o := SeriesOccurrence{Occurrence: Occurrence{
		Day: period.DateOf(r.Day, time.UTC), Starts: r.Starts.UTC(), Ends: r.Ends.UTC(),
	}.at(zone)}
	if r.BookingID != 0 {
		o.Booking = &Booking{ID: r.BookingID}
	}
	for _, part := range []struct {
		json string
		to   any
	}{{r.Resources, &o.Resources}, {r.Reasons, &o.Reasons}} {
		if err := json.Unmarshal([]byte(part.json), part.to); err != nil {
			return o, fmt.Errorf("read occurrence: %w", err)
		}
	}
	return o, nil
}

// readBookings reads the bookings of a series, with their costs, in two queries.
func (s *Series) readBookings(tx *database.Tx) error {
	var ids []int64
	for _, b := range s.Bookings() {
		ids = append(ids, int64(b.ID))
	}
	found, err := listBookings(tx, `where b.id = any($1::bigint[])`, ids)
	if err != nil {
		return err
	}
	byID := map[id.Booking]*Booking{}
	for _, b := range found {
		byID[b.ID] = b
	}
	for i, o := range s.Occurrences {
		if o.Booking != nil {
			s.Occurrences[i].Booking = byID[o.Booking.ID]
		}
	}
	return nil
}

// readHistories reads the histories of the series' bookings in one query.
func (s *Series) readHistories(tx *database.Tx) error {
	byID := map[id.Booking]*Booking{}
	var ids []int64
	for _, b := range s.Bookings() {
		byID[b.ID], ids = b, append(ids, int64(b.ID))
	}
	rows, err := database.Select[eventRow](tx, `
		select booking_id, version, at, person_id, action, from_state, to_state, reason, details::text as details
		from booking_history where booking_id = any($1::bigint[]) order by id`, ids)
	if err != nil {
		return fmt.Errorf("list histories: %w", err)
	}
	for _, r := range rows {
		e, err := r.event()
		if err != nil {
			return err
		}
		b := byID[r.BookingID]
		b.History = append(b.History, e)
	}
	return nil
}

// insertOccurrences writes what became of a series' occurrences.
func insertOccurrences(tx *database.Tx, series id.Series, list []SeriesOccurrence) error {
	c, err := occurrenceColumnsOf(list)
	if err != nil {
		return err
	}
	_, err = database.Exec(tx, `
		insert into series_occurrences (series_id, day, starts, ends, resources, booking_id, reasons)
		select $1, x.day, x.starts, x.ends, array(select jsonb_array_elements_text(x.resources::jsonb)),
			nullif(x.booking, 0), x.reasons::jsonb
		from unnest($2::date[], $3::timestamp[], $4::timestamp[], $5::text[], $6::bigint[], $7::text[])
			x (day, starts, ends, resources, booking, reasons)`,
		int64(series), c.days, c.starts, c.ends, c.resources, c.bookings, c.reasons)
	if err != nil {
		return fmt.Errorf("insert occurrences: %w", err)
	}
	return nil
}

// saveOccurrences writes changed times, resources, bookings and reasons.
func saveOccurrences(tx *database.Tx, series id.Series, list []SeriesOccurrence) error {
	if len(list) == 0 {
		return nil
	}
	c, err := occurrenceColumnsOf(list)
	if err != nil {
		return err
	}
	_, err = database.Exec(tx, `
		update series_occurrences o set starts = x.starts, ends = x.ends,
			resources = array(select jsonb_array_elements_text(x.resources::jsonb)),
			booking_id = nullif(x.booking, 0), reasons = x.reasons::jsonb
		from unnest($2::date[], $3::timestamp[], $4::timestamp[], $5::text[], $6::bigint[], $7::text[])
			x (day, starts, ends, resources, booking, reasons)
		where o.series_id = $1 and o.day = x.day`,
		int64(series), c.days, c.starts, c.ends, c.resources, c.bookings, c.reasons)
	if err != nil {
		return fmt.Errorf("save occurrences: %w", err)
	}
	return nil
}

type occurrenceColumns struct {
	days, starts, ends []time.Time
	resources, reasons []string
	bookings           []int64
}

func occurrenceColumnsOf(list []SeriesOccurrence) (*occurrenceColumns, error) {
	c := &occurrenceColumns{}
	for _, o := range list {
		resources, err := json.Marshal(o.Resources)
		if err != nil {
			return nil, fmt.Errorf("resources of an occurrence: %w", err)
		}
		reasons, err := json.Marshal(append([]Reason{}, o.Reasons...))
		if err != nil {
			return nil, fmt.Errorf("reasons of an occurrence: %w", err)
		}
		var b id.Booking
		if o.Booking != nil {
			b = o.Booking.ID
		}
		c.days, c.starts, c.ends = append(c.days, o.Day.UTC()), append(c.starts, o.Starts), append(c.ends, o.Ends)
		c.resources, c.reasons = append(c.resources, string(resources)), append(c.reasons, string(reasons))
		c.bookings = append(c.bookings, int64(b))
	}
	return c, nil
}

// findSeriesOf is findSeries for the series that a booking belongs to.
func findSeriesOf(tx *database.Tx, booking id.Ref) (*Series, error) {
	return findSeries(tx, `s.id = (select o.series_id from series_occurrences o join bookings b on b.id = o.booking_id
		where b.ref = $1)`, booking)
}

func lockSeriesRow(tx *database.Tx, series id.Series) error {
	_, err := database.Select[int64](tx, `select id from series where id = $1 for no key update`, int64(series))
	if err != nil {
		return fmt.Errorf("lock series: %w", err)
	}
	return nil
}

// lockBookingsOf locks a series' bookings in ascending order.
func lockBookingsOf(tx *database.Tx, series id.Series) error {
	_, err := database.Select[int64](tx, `
		select b.id from bookings b where b.id in (select booking_id from series_occurrences where series_id = $1)
		order by b.id for no key update`, int64(series))
	if err != nil {
		return fmt.Errorf("lock bookings of series: %w", err)
	}
	return nil
}

// dropSkipped forgets skipped occurrences that nobody wishes for any more.
func dropSkipped(tx *database.Tx, series id.Series, days []time.Time) error {
	_, err := database.Exec(tx, `delete from series_occurrences
		where series_id = $1 and booking_id is null and day = any($2::date[])`, int64(series), days)
	if err != nil {
		return fmt.Errorf("drop skipped occurrences: %w", err)
	}
	return nil
}

// describeSeries changes the purpose and the attendees that occurrences added later
// get.
func describeSeries(tx *database.Tx, s *Series) error {
	attendees, err := s.attendees()
	if err != nil {
		return err
	}
	_, err = database.Exec(tx, `update series set purpose = $2, attendees = $3::text::jsonb where id = $1`, int64(s.ID), s.Purpose, attendees)
	if err != nil {
		return fmt.Errorf("describe series: %w", err)
	}
	return nil
}
