package booking

import (
	"context"
	"slices"
	"time"

	"rigg/facilities"
	"rigg/internal/database"
	"rigg/internal/id"
	"rigg/internal/period"
	"rigg/internal/text"
)

// maxNear bounds what is read for one calendar: more than the largest file that
// calendar programs take can hold.
const maxNear = 4000

// Around is a window of time and the moment in it that matters most: where there
// is more than a calendar can hold, what lies nearest to the moment is kept.
type Around struct {
	Window period.Period
	Moment time.Time
}

// Outage is a published time during which a resource can't be used.
type Outage struct {
	ID      id.Outage
	Name    text.Text
	Period  period.Period
	Created time.Time
}

// ListOf gives a person's bookings in every state, without history. It is for
// the program, which decides who may read them.
func (s *Service) ListOf(ctx context.Context, person id.Person, a Around) (found []*Booking, err error) {
	err = s.db.View(ctx, func(tx *database.Tx) error {
		found, err = listNear(tx, "b.person_id = $5", a, person)
		return err
	})
	return found, err
}

// ListOn gives the bookings in every state that take a unit of the resource, or
// did while they held any, without history, and its outages. A booking of the
// whole line is among a station's. It is for the program, which decides who may
// read what of them.
func (s *Service) ListOn(ctx context.Context, r *facilities.Resource, a Around) (found []*Booking, out []Outage, err error) {
	var sharing []id.Resource
	for _, other := range r.Facility.Resources {
		if slices.ContainsFunc(other.Units, func(u id.Unit) bool { return slices.Contains(r.Units, u) }) {
			sharing = append(sharing, other.ID)
		}
	}
	err = s.db.View(ctx, func(tx *database.Tx) error {
		found, err = listNear(tx, `b.id in (select booking_id from booking_resources where resource_id = any($5))
			and exists (select from allocations a where a.booking_id = b.id and a.unit_id = any($6))`, a, sharing, r.Units)
		if err != nil {
			return err
		}
		out, err = listOutages(tx, r.Units, a.Window)
		return err
	})
	return found, out, err
}
