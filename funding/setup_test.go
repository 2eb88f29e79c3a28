package funding_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"rigg/funding"
	"rigg/internal/database"
	"rigg/internal/dbtest"
	"rigg/internal/id"
	"rigg/internal/money"
	"rigg/internal/period"
	"rigg/internal/problem"
	"rigg/internal/text"
)

var stockholm = mustZone("Europe/Stockholm")

func mustZone(name string) *time.Location {
	zone, err := time.LoadLocation(name)
	if err != nil {
		panic(err)
	}
	return zone
}

// world is a database with a programme, a few organisations and resources with
// rates. Projects come with the tests.
type world struct {
	*testing.T
	db *database.DB
}

// rates of the world: a line by the hour, one that costs an odd sum, and a bed by
// the day.
var worldRates = map[id.Resource]funding.Rate{
	"line":  {Per: funding.PerHour, Amount: 1250_00},
	"tower": {Per: funding.PerHour, Amount: 2400_01},
	"odd":   {Per: funding.PerHour, Amount: 1000_03},
	"cheap": {Per: funding.PerHour, Amount: 100_00},
	"bed":   {Per: funding.PerDay, Amount: 8000_00},
}

func setup(t *testing.T) *world {
	t.Helper()
	w := &world{t, dbtest.New(t)}
	w.exec(`
		insert into organisations (id, name, kind, undertaking) values
			('vinnova', 'Vinnova', 'public_body', 'vinnova'), ('region', 'Region Nord', 'public_body', 'region'),
			('rise', 'RISE', 'institute', 'rise'), ('sme', 'Småverken AB', 'company', 'sme'),
			('mill', 'Bruket AB', 'company', 'mill')`)
	w.exec(`insert into people (email, name, created_at) values ('anna@sme.example', 'Anna Ek', now())`)
	w.exec(`insert into facilities (id, name_sv, name_en, kind, approval) values ('hall', 'Hallen', 'The hall', 'lab', 'auto')`)
	w.exec(`insert into resources (id, facility_id, name_sv, name_en)
		select r, 'hall', r, r from unnest(array['line', 'tower', 'odd', 'cheap', 'bed']) r`)
	w.must(func(tx *database.Tx) error {
		for resource, r := range worldRates {
			r.Resource, r.Audience, r.From = resource, "company", day("2025-01-01")
			if _, err := funding.PutRate(tx, r); err != nil {
				return err
			}
		}
		_, err := funding.PutProgramme(tx, green())
		return err
	})
	return w
}

// green is the decision that the platform lives under (FUNDING.md).
func green() funding.Programme {
	p := funding.Programme{ID: "green", Name: "Grön industriproduktion", MaxPublicShare: 50_00}
	for i, msek := range [][2]money.Ore{{11, 4}, {12, 8}, {10, 10}, {10, 10}, {10, 10}} {
		p.Appropriations = append(p.Appropriations,
			funding.Appropriation{Stream: funding.Platform, Year: 2026 + i, Amount: msek[0] * 1_000_000_00},
			funding.Appropriation{Stream: funding.Collaboration, Year: 2026 + i, Amount: msek[1] * 1_000_000_00})
	}
	return p
}

func grant(o id.Organisation, parts int64) funding.Party {
	return funding.Party{Organisation: o, Funder: true, Kind: "grant", Parts: parts}
}

func cash(o id.Organisation, parts int64) funding.Party {
	return funding.Party{Organisation: o, Kind: "cash", Parts: parts}
}

// project makes a project of the collaboration stream that runs 2026 to 2030; a
// purse of each party has the limit in 2026 and 2027.
func (w *world) project(name id.Project, limit money.Ore, parties ...funding.Party) *funding.Project {
	w.Helper()
	return w.projectIn(funding.Collaboration, name, limit, parties...)
}

func (w *world) projectIn(stream funding.Stream, name id.Project, limit money.Ore, parties ...funding.Party) *funding.Project {
	w.Helper()
	w.must(func(tx *database.Tx) error {
		_, err := funding.PutProject(tx, funding.Project{
			ID: name, Name: "Projekt " + string(name), Lead: "sme", Programme: "green", Stream: stream,
			AidBasis: funding.Decided, From: day("2026-01-01"), To: day("2030-12-31"),
		})
		if err != nil {
			return err
		}
		if _, err := funding.PutAgreement(tx, funding.Agreement{Project: name, From: day("2026-01-01"), Parties: parties}); err != nil {
			return err
		}
		for _, p := range parties {
			for _, year := range []int{2026, 2027} {
				if err := setLimit(tx, name, year, p, limit); err != nil {
					return err
				}
			}
		}
		return nil
	})
	p, ok := w.terms().Project(name)
	if !ok {
		w.Fatalf("no project %s", name)
	}
	return p
}

func setLimit(tx *database.Tx, project id.Project, year int, p funding.Party, limit money.Ore) (err error) {
	if p.Funder {
		_, err = funding.PutAward(tx, funding.Award{Project: project, Year: year, Funder: p.Organisation, Amount: limit})
		return err
	}
	_, err = funding.PutBudget(tx, funding.Budget{Project: project, Year: year, Party: p.Organisation, Amount: limit})
	return err
}

func (w *world) terms() *funding.Terms {
	w.Helper()
	var t *funding.Terms
	w.must(func(tx *database.Tx) (err error) {
		t, err = funding.LoadTerms(tx)
		return err
	})
	return t
}

// price is what a resource costs the project between two local times.
func (w *world) price(p *funding.Project, r id.Resource, from, to string) *funding.Cost {
	w.Helper()
	item := use(r, from, to)
	cost, refusals := w.terms().Price(p, item.Period.Start, []funding.Item{item})
	for _, e := range refusals {
		w.Fatal(e)
	}
	return cost
}

// halves is a cost that is made up: two parties pay the amount each on 2 March 2026.
func (w *world) halves(p *funding.Project, amount money.Ore) *funding.Cost {
	w.Helper()
	c := w.price(p, "cheap", "2026-03-02T08:00", "2026-03-02T09:00")
	c.Total, c.Lines[0].Amount = 2*amount, 2*amount
	c.Shares[0].Amount, c.Shares[1].Amount = amount, amount
	return c
}

// reserve books as package booking does: lock, ask, write.
func (w *world) reserve(p *funding.Project, cost *funding.Cost, on string) (b id.Booking, err error) {
	w.Helper()
	err = w.db.Update(w.Context(), func(tx *database.Tx) error {
		purses, err := funding.LockPurses(tx, p.ID, cost.Years())
		if err != nil {
			return err
		}
		if refusals := cost.Cover(purses); len(refusals) > 0 {
			return refusals[0]
		}
		if b, err = insertBooking(tx, p.ID, cost.Agreement); err != nil {
			return err
		}
		return funding.Reserve(tx, b, 1, cost, purses, day(on))
	})
	return b, err
}

func (w *world) reserved(p *funding.Project, cost *funding.Cost, on string) id.Booking {
	w.Helper()
	b, err := w.reserve(p, cost, on)
	if err != nil {
		w.Fatal(err)
	}
	return b
}

// post completes the booking with what was used.
func (w *world) post(p *funding.Project, b id.Booking, actual *funding.Cost, on string) (paid *funding.Cost) {
	w.Helper()
	w.must(func(tx *database.Tx) (err error) {
		if paid, err = funding.Post(tx, b, 2, actual, p.ID, day(on)); err != nil {
			return err
		}
		_, err = database.Exec(tx, `update bookings set state = 'completed' where id = $1`, int64(b))
		return err
	})
	return paid
}

func insertBooking(tx *database.Tx, p id.Project, a id.Agreement) (id.Booking, error) {
	rows, err := database.Select[id.Booking](tx, `
		insert into bookings (ref, state, project_id, person_id, created_by, agreement_id, starts_at, ends_at, created_at, changed_at)
		select $1, 'confirmed', $2, id, id, $3, now(), now() + interval '1 hour', now(), now() from people limit 1 returning id`,
		string(id.NewRef()), string(p), int64(a))
	if err != nil || len(rows) != 1 {
		return 0, errors.Join(err, fmt.Errorf("%d bookings made", len(rows)))
	}
	return rows[0], nil
}

// purse says how much is reserved and spent of a party's purse.
func (w *world) purse(p *funding.Project, party id.Organisation, kind string, year int) (reserved, spent money.Ore) {
	w.Helper()
	w.must(func(tx *database.Tx) error {
		purses, err := funding.FindPurses(tx, p.ID, []int{year})
		for _, u := range purses {
			if u.Party == party && u.Kind == kind {
				reserved, spent = u.Reserved, u.Spent
				return err
			}
		}
		return errors.Join(err, fmt.Errorf("no purse of %s", party))
	})
	return reserved, spent
}

// sound fails for every row that breaks an invariant.
func (w *world) sound() {
	w.Helper()
	for _, i := range funding.Invariants() {
		if n := w.count(`select count(*) from (` + i.Query + `) offences`); n != 0 {
			w.Errorf("%s: %d offences", i.Name, n)
		}
	}
}

func (w *world) must(f func(*database.Tx) error) {
	w.Helper()
	if err := w.db.Update(w.Context(), f); err != nil {
		w.Fatal(err)
	}
}

func (w *world) exec(sql string, args ...any) {
	w.Helper()
	if _, err := w.db.Pool().Exec(w.Context(), sql, args...); err != nil {
		w.Fatalf("%s: %v", sql, err)
	}
}

func (w *world) count(sql string, args ...any) (n int64) {
	w.Helper()
	if err := w.db.Pool().QueryRow(w.Context(), sql, args...).Scan(&n); err != nil {
		w.Fatalf("%s: %v", sql, err)
	}
	return n
}

func (w *world) wantCode(err error, code problem.Code) {
	w.Helper()
	if !problem.Has(err, code) {
		w.Errorf("%v; want %s", err, code.Slug)
	}
}

func day(s string) period.Date {
	d, err := period.ParseDate(s)
	if err != nil {
		panic(err)
	}
	return d
}

// use is a resource between two Stockholm times, with an offset where one occurs
// twice.
func use(r id.Resource, from, to string) funding.Item {
	return funding.Item{Resource: r, Name: text.New("linan", "the line"), Zone: stockholm, Period: between(from, to)}
}

func between(from, to string) period.Period {
	start, err := period.Parse(from, stockholm)
	if err != nil {
		panic(err)
	}
	end, err := period.Parse(to, stockholm)
	if err != nil {
		panic(err)
	}
	return period.New(start, end)
}
