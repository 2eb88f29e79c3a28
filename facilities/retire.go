package facilities

import (
	"slices"
	"strings"
	"time"

	"rigg/internal/database"
	"rigg/internal/id"
	"rigg/internal/period"
	"rigg/internal/problem"
	"rigg/internal/text"
)

// What follows when a resource is to be taken away.
var (
	CodeRetired = problem.Declare(problem.Refused, "retired",
		"Resursen är avvecklad då", "The resource is retired by then")
	CodeBookingsAfter = problem.Declare(problem.Conflict, "bookings-after-retirement",
		"Det finns bokningar efter den dagen", "There are bookings after that day")
)

// RetiresAt is the midnight after which nothing of the resource can be booked;
// zero where it stays.
func (r *Resource) RetiresAt() time.Time {
	if r.Retired == (period.Date{}) {
		return time.Time{}
	}
	noon := r.Retired.UTC().Add(12 * time.Hour) // near enough to know the place
	return r.Retired.At(0, r.Zone(noon))
}

// RetiredBy tells whether the resource is gone at the instant.
func (r *Resource) RetiredBy(t time.Time) bool {
	at := r.RetiresAt()
	return !at.IsZero() && !t.Before(at)
}

// inService cuts off what lies after the retirement.
func (r *Resource) inService(p period.Period) period.Period {
	if at := r.RetiresAt(); !at.IsZero() && p.End.After(at) {
		p.End = at
	}
	return p
}

// judgeRetired refuses what ends after the retirement, and says what to book
// instead.
func (r *Resource) judgeRetired(p period.Period) []*problem.Error {
	at := r.RetiresAt()
	if at.IsZero() || !p.End.After(at) {
		return nil
	}
	instead := r.Equivalents(p.End)
	ids := make([]id.Resource, len(instead))
	sv, en := make([]string, len(instead)), make([]string, len(instead))
	for i, other := range instead {
		ids[i], sv[i], en[i] = other.ID, other.Name.SV, other.Name.EN
	}
	say := text.New("%s är avvecklad från och med %s och kan inte bokas längre än så.",
		"%s is retired from %s on and cannot be booked beyond that.", localised(r.Name), day(r.Retired))
	if len(instead) > 0 {
		more := text.New(" Boka i stället %s.", " Book instead: %s.", localised(text.Text{
			SV: strings.Join(sv, ", "), EN: strings.Join(en, ", "),
		}))
		say = text.Text{SV: say.SV + more.SV, EN: say.EN + more.EN}
	}
	return []*problem.Error{CodeRetired.New(say).
		With("resource", r.ID).With("retired", r.Retired.String()).With("instead", ids)}
}

// Equivalents are the facility's other resources, at most three, that can all
// that this one can and are still there at the instant.
func (r *Resource) Equivalents(t time.Time) (out []*Resource) {
	for _, other := range r.Facility.Resources {
		if other == r || len(r.Capabilities) == 0 || other.RetiredBy(t) || len(out) == 3 {
			continue
		}
		lacks := func(capability string) bool { return !slices.Contains(other.Capabilities, capability) }
		if !slices.ContainsFunc(r.Capabilities, lacks) {
			out = append(out, other)
		}
	}
	return out
}

// PutRetired retires the resource from a day on, or keeps it where the day is
// zero, and tells whether that is new. Codes: bookings-after-retirement, with
// their number; not-found.
func PutRetired(tx *database.Tx, r id.Resource, from period.Date) (changed bool, err error) {
	c, err := Load(tx)
	if err != nil {
		return false, err
	}
	found, ok := c.Resource(r)
	if !ok {
		return false, problem.Absent()
	}
	if from == (period.Date{}) {
		return deleteRetired(tx, r)
	}
	// Whoever is just booking holds these: their booking is then counted, or they
	// find the facts changed.
	if err := LockUnits(tx, found.Units); err != nil {
		return false, err
	}
	later := *found
	later.Retired = from
	n, err := countAfter(tx, r, later.RetiresAt())
	if err != nil {
		return false, err
	}
	if n > 0 {
		return false, CodeBookingsAfter.Say(
			"Bokningar som slutar efter %s: %d. Flytta eller avboka dem först.",
			"Bookings that end after %s: %d. Move or cancel them first.", day(from), n).With("bookings", n)
	}
	return putRetired(tx, r, from)
}
