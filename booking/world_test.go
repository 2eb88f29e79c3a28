package booking_test

import (
	"errors"
	"time"

	"rigg/access"
	"rigg/facilities"
	"rigg/funding"
	"rigg/internal/database"
	"rigg/internal/id"
	"rigg/internal/money"
	"rigg/internal/period"
	"rigg/internal/text"
)

// populate makes the world: Anna's and Liv's company Anvil works on the project
// alloy, Rolf's company Rival on rust; Mia and Moa manage the halls; Olle is
// nobody in particular. All have the same address but for its first part.
func (w *world) populate() {
	w.Helper()
	w.update(func(tx *database.Tx) error {
		return errors.Join(putPeople(tx), putHalls(tx), putMoney(tx))
	})
}

func putPeople(tx *database.Tx) (err error) {
	keep := func(_ bool, e error) { err = errors.Join(err, e) }
	for _, o := range []access.Organisation{
		{ID: "rise", Name: "RISE", Kind: "institute"}, {ID: "vinnova", Name: "Vinnova", Kind: "public_body"},
		{ID: "anvil", Name: "Anvil AB", Kind: "company"}, {ID: "rival", Name: "Rival AB", Kind: "company"},
	} {
		keep(access.PutOrganisation(tx, o))
	}
	for name, grants := range map[string][]access.Grant{
		"anna": {{Role: access.ProjectMember, Scope: "alloy"}, {Role: access.ProjectMember, Scope: "tight"}},
		"liv":  {{Role: access.ProjectLead, Scope: "alloy"}},
		"rolf": {{Role: access.ProjectMember, Scope: "rust"}},
		"mia":  {{Role: access.HostManager, Scope: "molndal"}},
		"moa":  {{Role: access.FacilityManager, Scope: "line"}},
		"olle": nil,
		"rut":  {{Role: access.Auditor}},
	} {
		keep(access.PutPerson(tx, access.Person{Email: name + "@bolag.example", Name: name, Language: text.SV}))
		p, e := access.FindPerson(tx, name+"@bolag.example")
		keep(false, e)
		for _, g := range grants {
			keep(access.PutGrant(tx, p.ID, g))
		}
	}
	keep(access.PutQualification(tx, access.Qualification{ID: "safety", Name: text.Text{SV: "Säkerhetskurs", EN: "Safety course"}}))
	return err
}

// The halls: a line whose managers decide, machines that confirm at once, and an
// oven that does so below 5 000 SEK. All are open at all hours but the shop.
func putHalls(tx *database.Tx) (err error) {
	keep := func(_ bool, e error) { err = errors.Join(err, e) }
	zone, e := time.LoadLocation("Europe/Stockholm")
	keep(false, e)
	keep(facilities.PutSite(tx, facilities.Site{
		ID: "molndal", Name: "Mölndal", City: "Mölndal", County: "14", Zone: zone,
		Hosts: []facilities.DatedHost{{Host: "rise"}},
	}))
	for _, f := range []facilities.FacilityStated{
		{ID: "line", Approval: facilities.Manual}, {ID: "machines", Approval: facilities.Auto},
		{ID: "oven", Approval: facilities.AutoIf, AutoBelow: 5_000_00},
		{ID: "shop", Approval: facilities.Auto, Hours: weekdays("07:00-19:00")},
	} {
		f.Name, f.Kind = text.Text{SV: string(f.ID), EN: string(f.ID)}, facilities.PilotLine
		f.Places = []facilities.PlaceStated{{Site: "molndal"}}
		keep(facilities.PutFacility(tx, f))
	}
	for _, r := range resources() {
		r.Name = text.Text{SV: string(r.ID), EN: string(r.ID)}
		keep(facilities.PutResource(tx, r))
	}
	return err
}

func weekdays(ranges string) facilities.Hours {
	h, err := facilities.ParseHours(map[string]string{"mon-fri": ranges})
	if err != nil {
		panic(err)
	}
	return h
}

func resources() []facilities.ResourceStated {
	yes, used, span := true, facilities.Used, facilities.Span
	return []facilities.ResourceStated{
		{ID: "whole-line", Facility: "line", Units: []string{"s1", "s2"}},
		{ID: "station-1", Facility: "line", Units: []string{"s1"}},
		{ID: "station-2", Facility: "line", Units: []string{"s2"}},
		{ID: "press", Facility: "machines", Units: []string{"press"}},
		{ID: "tower", Facility: "machines", Units: []string{"tower"}},
		{ID: "bed", Facility: "machines", Units: []string{"bed"}},
		{ID: "printer", Facility: "machines", Units: []string{"p1", "p2", "p3"}, Take: 1},
		{ID: "unpriced", Facility: "machines", Units: []string{"x"}},
		{ID: "robot", Facility: "machines", Units: []string{"robot"},
			Rules: facilities.Stated{CheckIn: &yes, Charge: &used, NoShowAfter: minutes(30)}},
		{ID: "kiln", Facility: "machines", Units: []string{"kiln"},
			Rules: facilities.Stated{CheckIn: &yes, SetUp: minutes(30), CleanUp: minutes(60)}},
		{ID: "laser", Facility: "machines", Units: []string{"laser"}, Requires: []id.Qualification{"safety"}},
		{ID: "oven", Facility: "oven", Units: []string{"oven"}},
		{ID: "lathe", Facility: "shop", Units: []string{"lathe"},
			Rules: facilities.Stated{Min: minutes(60), Max: minutes(480), Step: minutes(30)}},
		{ID: "aging", Facility: "shop", Units: []string{"aging"}, Rules: facilities.Stated{Closed: &span}},
	}
}

func minutes(n int) *period.Span { return &period.Span{Minutes: n} }

// putMoney makes three projects of the years 2026 and 2027, each paid by half by
// Vinnova: alloy and rust with plenty, and tight, which covers seven hours.
func putMoney(tx *database.Tx) (err error) {
	keep := func(_ bool, e error) { err = errors.Join(err, e) }
	first, last := period.Date{Year: 2026, Month: 1, Day: 1}, period.Date{Year: 2027, Month: 12, Day: 31}
	for _, r := range resources() {
		rate := funding.Rate{Resource: r.ID, Audience: "company", From: first, Per: funding.PerHour, Amount: 1250_00}
		switch r.ID {
		case "tower":
			rate.Amount = 2400_01
		case "bed":
			rate.Per, rate.Amount = funding.PerDay, 8000_00
		case "unpriced":
			continue
		}
		keep(funding.PutRate(tx, rate))
	}
	keep(funding.PutProgramme(tx, funding.Programme{
		ID: "green", Name: "Grön industriproduktion", MaxPublicShare: 50_00,
		Appropriations: []funding.Appropriation{
			{Stream: funding.Collaboration, Year: 2026, Amount: 4_000_000_00},
			{Stream: funding.Collaboration, Year: 2027, Amount: 8_000_000_00},
		},
	}))
	for _, p := range []struct {
		id    id.Project
		lead  id.Organisation
		limit money.Ore
	}{{"alloy", "anvil", 500_000_00}, {"rust", "rival", 500_000_00}, {"tight", "anvil", 7 * 625_00}} {
		keep(funding.PutProject(tx, funding.Project{
			ID: p.id, Name: string(p.id), Lead: p.lead, Programme: "green", Stream: funding.Collaboration,
			AidBasis: funding.Decided, From: first, To: last,
		}))
		keep(funding.PutAgreement(tx, funding.Agreement{Project: p.id, From: first, Parties: []funding.Party{
			{Organisation: "vinnova", Funder: true, Kind: "grant", Parts: 50}, {Organisation: p.lead, Kind: "cash", Parts: 50},
		}}))
		for _, year := range []int{2026, 2027} {
			keep(funding.PutAward(tx, funding.Award{Project: p.id, Year: year, Funder: "vinnova", Amount: p.limit}))
			keep(funding.PutBudget(tx, funding.Budget{Project: p.id, Year: year, Party: p.lead, Amount: p.limit}))
		}
	}
	return err
}

// free is what Availability gives, as periods alone.
func (w *world) free(who *access.Principal, names []id.Resource, window period.Period, minutes int64) (free, fits []period.Period, err error) {
	w.Helper()
	found, err := w.service.Availability(w.Context(), who, names, facilities.Wish{Window: window, Minutes: minutes})
	if err != nil {
		return nil, nil, err
	}
	for _, o := range found.Free {
		free = append(free, o.Period)
	}
	for _, o := range found.Fits {
		fits = append(fits, o.Period)
	}
	return free, fits, nil
}
