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

// putForm adds a version where the questions are new.
func putForm(tx *database.Tx, r id.Resource, questions []Question) (bool, error) {
	if questions == nil {
		questions = []Question{}
	}
	written, err := json.Marshal(questions)
	if err != nil {
		return false, fmt.Errorf("write the form: %w", err)
	}
	return put(tx, `
		insert into resource_forms (resource_id, version, questions)
		select $1, coalesce(max(version), 0) + 1, $2::text::jsonb from resource_forms where resource_id = $1
		having coalesce((select questions from resource_forms where resource_id = $1 order by version desc limit 1), '[]')
			is distinct from $2::text::jsonb`, string(r), string(written))
}

func putArrival(tx *database.Tx, f id.Facility, a Arrival) (bool, error) {
	if a == (Arrival{}) {
		return put(tx, `delete from facility_arrivals where facility_id = $1`, string(f))
	}
	return put(tx, `
		insert into facility_arrivals as a (facility_id, contact, phone, safety_sv, safety_en, parking_sv, parking_en)
		values ($1, $2, $3, $4, $5, $6, $7)
		on conflict (facility_id) do update set contact = excluded.contact, phone = excluded.phone,
			safety_sv = excluded.safety_sv, safety_en = excluded.safety_en,
			parking_sv = excluded.parking_sv, parking_en = excluded.parking_en
		where a is distinct from excluded`,
		string(f), a.Contact, a.Phone, a.Safety.SV, a.Safety.EN, a.Parking.SV, a.Parking.EN)
}

func putRetired(tx *database.Tx, r id.Resource, from period.Date) (bool, error) {
	return put(tx, `
		insert into resource_retirements as w (resource_id, from_date) values ($1, $2::text::date)
		on conflict (resource_id) do update set from_date = excluded.from_date where w.from_date <> excluded.from_date`,
		string(r), from.String())
}

func deleteRetired(tx *database.Tx, r id.Resource) (bool, error) {
	return put(tx, `delete from resource_retirements where resource_id = $1`, string(r))
}

// countAfter counts the bookings to come or in use that end after the instant.
func countAfter(tx *database.Tx, r id.Resource, t time.Time) (int, error) {
	n, err := database.Select[int](tx, `
		select count(*) from bookings b join booking_resources x on x.booking_id = b.id
		where x.resource_id = $1 and b.ends_at > $2 and b.state in ('requested', 'confirmed', 'in_use', 'displaced')`,
		string(r), t)
	if err != nil {
		return 0, fmt.Errorf("count bookings after the retirement: %w", err)
	}
	return n[0], nil
}

// loadForms reads what each resource asks now.
func loadForms(tx *database.Tx, c *Catalogue) error {
	type row struct {
		ResourceID id.Resource
		Version    int
		Questions  string
	}
	rows, err := database.Select[row](tx, `
		select distinct on (resource_id) resource_id, version, questions from resource_forms order by resource_id, version desc`)
	if err != nil {
		return err
	}
	for _, r := range rows {
		form := &c.resources[r.ResourceID].Form
		form.Version = r.Version
		if err := json.Unmarshal([]byte(r.Questions), &form.Questions); err != nil {
			return fmt.Errorf("form of %s: %w", r.ResourceID, err)
		}
	}
	return nil
}

func loadArrivals(tx *database.Tx, c *Catalogue) error {
	type row struct {
		FacilityID                                               id.Facility
		Contact, Phone, SafetySV, SafetyEN, ParkingSV, ParkingEN string
	}
	rows, err := database.Select[row](tx, `select * from facility_arrivals`)
	for _, r := range rows {
		c.facilities[r.FacilityID].Arrival = Arrival{
			Contact: r.Contact, Phone: r.Phone,
			Safety:  text.Text{SV: r.SafetySV, EN: r.SafetyEN},
			Parking: text.Text{SV: r.ParkingSV, EN: r.ParkingEN},
		}
	}
	return err
}

func loadRetirements(tx *database.Tx, c *Catalogue) error {
	type row struct {
		ResourceID id.Resource
		FromDate   time.Time
	}
	rows, err := database.Select[row](tx, `select resource_id, from_date from resource_retirements`)
	for _, r := range rows {
		c.resources[r.ResourceID].Retired = period.DateOf(r.FromDate, time.UTC)
	}
	return err
}
