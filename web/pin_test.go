package web_test

import (
	"net/url"
	"testing"

	"rigg/facilities"
	"rigg/funding"
	"rigg/internal/database"
	"rigg/internal/id"
	"rigg/internal/text"
)

// openShop is a place whose hall has a pool of printers, and an oven that is never
// run without an operator.
func openShop(t *testing.T) *place {
	t.Helper()
	p := openPlace(t)
	evenings := facilities.Hours{1: {{From: 360, To: 1320}}, 2: {{From: 360, To: 1320}}, 3: {{From: 360, To: 1320}}, 4: {{From: 360, To: 1320}}}
	p.must(p.db.Update(t.Context(), func(tx *database.Tx) error {
		for _, r := range []facilities.ResourceStated{
			{ID: "printer", Name: text.Text{SV: "Skrivare", EN: "Printer"}, Units: []string{"p1", "p2", "p3"}, Take: 1},
			{ID: "oven", Name: text.Text{SV: "Ugn", EN: "Oven"}, Units: []string{"o1"}, Position: 1},
			{ID: "operator", Name: text.Text{SV: "Operatör", EN: "Operator"}, Units: []string{"kim"}, Position: 2, Hours: &evenings},
		} {
			r.Facility = "hall"
			if _, err := facilities.PutResource(tx, r); err != nil {
				return err
			}
			if _, err := funding.PutRate(tx, funding.Rate{Resource: r.ID, Audience: "company", From: date("2026-01-01"), Per: funding.PerHour, Amount: 1250_00}); err != nil {
				return err
			}
		}
		_, err := facilities.PutCompanions(tx, "oven", []id.Resource{"operator"})
		return err
	}))
	return p
}

func TestAManagerSettlesTheEquipment(t *testing.T) {
	t.Parallel()
	p := openShop(t)
	anna, mia := p.as("anna@sme.example"), p.as("mia@rise.example")
	path := anna.books(wish("printer", "2026-11-26T09:00", "2026-11-26T13:00"))
	anna.get(path).is(200).says("p1 (preliminär)", "likvärdig enhet").never(path + "/pin")
	mia.get(path).says(path+"/pin", `name="unit.printer" value="p1" checked`, `value="p3"`)
	anna.post(path+"/pin", url.Values{"version": {"1"}}).is(403)
	mia.post(path+"/pin", url.Values{"version": {"1"}, "unit.printer": {"p1", "p2"}}).is(422).says("lika många enheter")
	mia.post(path+"/pin", url.Values{"version": {"1"}, "unit.printer": {"p3"}}).redirects(path)
	anna.get(path).says("p3", "Utrustningen bestämd").never("preliminär")
	mia.post(path+"/pin", url.Values{"version": {"1"}, "unit.printer": {"p2"}}).is(409).says("/problems/stale")
	p.as("bo@rival.example").post(path+"/pin", url.Values{"version": {"2"}}).is(404)
}

func TestThePageTellsWhatComesAlong(t *testing.T) {
	t.Parallel()
	p := openShop(t)
	anna := p.as("anna@sme.example")
	anna.get("/facilities/hall").says("Följer med: Operatör", "Tillgänglig mån–tors 06:00–22:00")
	anna.get("/book?resource=oven").says("Följer med: Operatör")
	path := anna.books(wish("oven", "2026-11-26T09:00", "2026-11-26T13:00"))
	anna.get(path).says("Ugn, Operatör", "o1", "kim")
}
