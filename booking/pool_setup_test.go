package booking_test

import (
	"errors"
	"testing"

	"rigg/booking"
	"rigg/facilities"
	"rigg/funding"
	"rigg/internal/database"
	"rigg/internal/id"
	"rigg/internal/period"
	"rigg/internal/text"
)

// setupPools adds to the world a cell of four robots: a pool of three of them, one
// of pairs that overlaps it, one robot by itself and a line of two; a crew of two
// who work in shifts, and a furnace that is never run without one of them.
func setupPools(t *testing.T) *world {
	t.Helper()
	w := setup(t)
	w.update(func(tx *database.Tx) (err error) {
		keep := func(_ bool, e error) { err = errors.Join(err, e) }
		keep(facilities.PutFacility(tx, facilities.FacilityStated{
			ID: "cell", Name: text.Text{SV: "Robotcell", EN: "Robot cell"}, Kind: facilities.Lab, Approval: facilities.Auto,
			Places: []facilities.PlaceStated{{Site: "molndal"}},
		}))
		for _, r := range cellResources() {
			r.Facility, r.Name = "cell", text.Text{SV: string(r.ID), EN: string(r.ID)}
			keep(facilities.PutResource(tx, r))
			keep(funding.PutRate(tx, funding.Rate{
				Resource: r.ID, Audience: "company", From: period.Date{Year: 2026, Month: 1, Day: 1}, Per: funding.PerHour, Amount: 10_00,
			}))
		}
		keep(facilities.PutCompanions(tx, "furnace", []id.Resource{"crew"}))
		return err
	})
	return w
}

func cellResources() []facilities.ResourceStated {
	yes, crew := true, weekdays("06:00-22:00")
	return []facilities.ResourceStated{
		{ID: "robots", Units: []string{"r1", "r2", "r3"}, Take: 1},
		{ID: "pairs", Units: []string{"r2", "r3", "r4"}, Take: 2},
		{ID: "first-robot", Units: []string{"r1"}, Rules: facilities.Stated{CheckIn: &yes}},
		{ID: "both", Units: []string{"r1", "r2"}, Rules: facilities.Stated{SetUp: minutes(15)}},
		{ID: "checked", Units: []string{"k1", "k2"}, Take: 1, Rules: facilities.Stated{CheckIn: &yes}},
		{ID: "furnace", Units: []string{"furnace"}, Rules: facilities.Stated{SetUp: minutes(60)}},
		{ID: "crew", Units: []string{"kim", "lo"}, Take: 1, Hours: &crew, Rules: facilities.Stated{CleanUp: minutes(30)}},
	}
}

// names are what the facility calls the booking's units now.
func (w *world) names(b *booking.Booking) (out []string) {
	w.Helper()
	facts, err := w.service.Facts(w.Context())
	if err != nil {
		w.Fatal(err)
	}
	for _, u := range w.read(b).Units {
		out = append(out, facts.Catalogue.UnitName(u))
	}
	return out
}

// pin settles units as Moa's colleague Mia, who manages the site.
func (w *world) pin(b *booking.Booking, units ...string) (*booking.Booking, error) {
	w.Helper()
	return w.service.Pin(w.Context(), w.who("mia"), booking.Change{Ref: b.Ref, Version: w.read(b).Version}, units)
}

func dayOf(s string) period.Date {
	d, err := period.ParseDate(s)
	if err != nil {
		panic(err)
	}
	return d
}
