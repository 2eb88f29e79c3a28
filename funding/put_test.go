package funding_test

import (
	"testing"

	"rigg/funding"
	"rigg/internal/database"
	"rigg/internal/id"
	"rigg/internal/money"
	"rigg/internal/problem"
)

// tried runs f in a transaction that is undone when f fails.
func (w *world) tried(f func(*database.Tx) (bool, error)) (changed bool, err error) {
	w.Helper()
	err = w.db.Update(w.Context(), func(tx *database.Tx) error {
		changed, err = f(tx)
		return err
	})
	return changed, err
}

func (w *world) wantChanged(want bool, f func(*database.Tx) (bool, error)) {
	w.Helper()
	changed, err := w.tried(f)
	if err != nil || changed != want {
		w.Errorf("changed %v (%v); want %v", changed, err, want)
	}
}

func (w *world) wantRefused(code problem.Code, f func(*database.Tx) (bool, error)) {
	w.Helper()
	_, err := w.tried(f)
	w.wantCode(err, code)
}

func putRate(amount money.Ore, from, to string) func(*database.Tx) (bool, error) {
	r := funding.Rate{Resource: "line", Audience: "institute", Per: funding.PerHour, Amount: amount, From: day(from)}
	if to != "" {
		r.To = day(to)
	}
	return func(tx *database.Tx) (bool, error) { return funding.PutRate(tx, r) }
}

func (w *world) wantRates(want ...string) {
	w.Helper()
	var got []string
	for _, r := range w.terms().RatesOf("line") {
		if r.Audience == "institute" {
			line := r.Amount.String() + " " + r.From.String()
			if r.To.Year != 0 {
				line += " " + r.To.String()
			}
			got = append(got, line)
		}
	}
	if len(got) != len(want) {
		w.Fatalf("%q; want %q", got, want)
	}
	for i := range got {
		if got[i] != want[i] {
			w.Errorf("%q; want %q", got, want)
		}
	}
}

// A file with two prices, the later of which ends the earlier, may be loaded any
// number of times.
func TestRatesTakeOver(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.wantChanged(true, putRate(100, "2026-01-01", ""))
	w.wantChanged(true, putRate(200, "2027-01-01", ""))
	w.wantRates("1.00 2026-01-01 2026-12-31", "2.00 2027-01-01")
	w.wantChanged(false, putRate(100, "2026-01-01", ""))
	w.wantChanged(false, putRate(200, "2027-01-01", ""))

	w.wantChanged(true, putRate(150, "2026-07-01", "")) // in between
	w.wantChanged(false, putRate(100, "2026-01-01", ""))
	w.wantRates("1.00 2026-01-01 2026-06-30", "1.50 2026-07-01 2026-12-31", "2.00 2027-01-01")

	w.wantChanged(true, putRate(90, "2025-06-01", "2025-12-31")) // before them all
	w.wantChanged(false, putRate(90, "2025-06-01", "2025-12-31"))
	w.wantChanged(true, putRate(200, "2027-01-01", "2027-06-30")) // it gets a last day
	w.wantChanged(true, putRate(300, "2028-01-01", ""))           // and then there is a gap
	w.wantRates("0.90 2025-06-01 2025-12-31", "1.00 2026-01-01 2026-06-30", "1.50 2026-07-01 2026-12-31",
		"2.00 2027-01-01 2027-06-30", "3.00 2028-01-01")

	w.wantRefused(funding.CodeVersionsOverlap, putRate(1, "2027-03-01", ""))           // would cut what has a chosen end
	w.wantRefused(funding.CodeVersionsOverlap, putRate(1, "2027-10-01", "2028-01-01")) // reaches into the next
	w.wantRefused(funding.CodeVersionsOverlap, putRate(1, "2024-03-01", "2024-02-01")) // ends before it begins
	w.wantChanged(true, putRate(310, "2028-01-01", ""))                                // nobody has used it
}

func TestRateInUseStands(t *testing.T) {
	t.Parallel()
	w := setup(t)
	p := w.project("P-1", 1_000_000, grant("vinnova", 1), cash("sme", 1))
	put := func(amount money.Ore, from string) func(*database.Tx) (bool, error) {
		return func(tx *database.Tx) (bool, error) {
			return funding.PutRate(tx, funding.Rate{
				Resource: "line", Audience: "company", Per: funding.PerHour, Amount: amount, From: day(from)})
		}
	}
	cost := w.price(p, "line", "2026-03-02T08:00", "2026-03-02T09:00")
	w.reserved(p, cost, "2026-03-02")
	w.wantRefused(funding.CodeVersionInUse, put(1, "2025-01-01"))
	w.wantChanged(true, put(1, "2026-02-01")) // a new version is how prices change
	// What was booked keeps the terms of its start (FUNDING.md, arithmetic 5).
	used := w.terms().PriceUse(p, cost.Agreement, cost, []funding.Item{use("line", "2026-03-02T08:00", "2026-03-02T10:00")})
	if used.Total != 2*1250_00 || used.Lines[0].Rate != cost.Lines[0].Rate {
		t.Errorf("%+v", used)
	}
	if got := w.price(p, "line", "2026-03-02T08:00", "2026-03-02T09:00"); got.Total != 1 {
		t.Errorf("%+v", got)
	}
}

func putAgreement(from string, parties ...funding.Party) func(*database.Tx) (bool, error) {
	return func(tx *database.Tx) (bool, error) {
		return funding.PutAgreement(tx, funding.Agreement{Project: "P-1", From: day(from), Parties: parties})
	}
}

func TestAgreementVersions(t *testing.T) {
	t.Parallel()
	w := setup(t)
	p := w.project("P-1", 1_000_000, grant("vinnova", 1), cash("sme", 1))
	w.wantChanged(false, putAgreement("2026-01-01", grant("vinnova", 1), cash("sme", 1)))
	w.wantChanged(true, putAgreement("2026-01-01", grant("vinnova", 1), capped("sme", 2, 30_00))) // not yet used
	w.wantChanged(false, putAgreement("2026-01-01", grant("vinnova", 1), capped("sme", 2, 30_00)))
	w.wantChanged(true, putAgreement("2026-01-01", grant("vinnova", 1), cash("sme", 1)))
	p, _ = w.terms().Project(p.ID)
	w.reserved(p, w.halves(p, 1000), "2026-03-02")

	w.wantRefused(funding.CodeVersionInUse, putAgreement("2026-01-01", grant("vinnova", 1), cash("sme", 2)))
	w.wantChanged(false, putAgreement("2026-01-01", grant("vinnova", 1), cash("sme", 1)))
	w.wantChanged(true, putAgreement("2026-06-01", grant("vinnova", 1), cash("sme", 2)))
	w.wantChanged(false, putAgreement("2026-01-01", grant("vinnova", 1), cash("sme", 1)))
	p, _ = w.terms().Project(p.ID)
	if len(p.Agreements) != 2 || p.Agreements[0].To != day("2026-05-31") {
		t.Errorf("%+v", p.Agreements)
	}
	if a, ok := p.On(day("2026-05-31")); !ok || a != p.Agreements[0] {
		t.Errorf("%+v in force on its last day", a)
	}
	w.sound()
}

func TestAgreementsThatMakeNoSense(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.project("P-1", 0, grant("vinnova", 1), cash("sme", 1))
	for name, c := range map[string]struct {
		code    problem.Code
		parties []funding.Party
	}{
		"too public":         {funding.CodePublicShareExceeded, []funding.Party{grant("vinnova", 5001), cash("sme", 4999)}},
		"funders alone":      {problem.CodeInvalid, []funding.Party{grant("vinnova", 1)}},
		"nobody":             {problem.CodeInvalid, nil},
		"a party twice":      {problem.CodeInvalid, []funding.Party{cash("sme", 1), cash("sme", 1)}},
		"no parts":           {problem.CodeInvalid, []funding.Party{cash("sme", 0)}},
		"too many parts":     {problem.CodeInvalid, []funding.Party{cash("sme", 600_000), cash("mill", 600_000)}},
		"a funder in kind":   {problem.CodeInvalid, []funding.Party{{Organisation: "rise", Funder: true, Kind: "in_kind", Parts: 1}, cash("sme", 1)}},
		"a kind unheard of":  {problem.CodeInvalid, []funding.Party{{Organisation: "sme", Kind: "loan", Parts: 1}}},
		"a capped funder":    {problem.CodeInvalid, []funding.Party{{Organisation: "rise", Funder: true, Kind: "grant", Parts: 1, MaxShare: new(int64)}, cash("sme", 1)}},
		"a ceiling over all": {problem.CodeInvalid, []funding.Party{capped("sme", 1, 10001)}},
		"an unknown party":   {problem.CodeInvalid, []funding.Party{cash("nobody", 1)}},
	} {
		t.Run(name, func(*testing.T) {
			w.wantRefused(c.code, putAgreement("2027-01-01", c.parties...))
		})
	}
}

func TestLimitsGoThroughTheLedger(t *testing.T) {
	t.Parallel()
	w := setup(t)
	p := w.project("P-1", 500_000, grant("vinnova", 1), cash("sme", 1))
	award := func(amount money.Ore) func(*database.Tx) (bool, error) {
		return func(tx *database.Tx) (bool, error) {
			return funding.PutAward(tx, funding.Award{Project: p.ID, Year: 2026, Funder: "vinnova", Amount: amount})
		}
	}
	budget := func(amount money.Ore) func(*database.Tx) (bool, error) {
		return func(tx *database.Tx) (bool, error) {
			return funding.PutBudget(tx, funding.Budget{Project: p.ID, Year: 2026, Party: "sme", Amount: amount})
		}
	}
	w.reserved(p, w.halves(p, 400_000), "2026-03-02")
	for _, put := range []func(money.Ore) func(*database.Tx) (bool, error){award, budget} {
		w.wantChanged(false, put(500_000))
		w.wantChanged(true, put(600_000))
		w.wantChanged(true, put(400_000)) // just what is reserved
		w.wantRefused(funding.CodeLimitInUse, put(399_999))
		w.wantRefused(problem.CodeInvalid, put(-1))
		w.wantRefused(problem.CodeInvalid, put(money.Max+1))
	}
	w.wantRefused(funding.CodeAppropriationExceeded, award(4_000_000_00+1))
	w.wantChanged(true, award(4_000_000_00))
	w.sound()
}

func TestProgrammesAndProjects(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.project("P-1", 1_000_000, grant("vinnova", 1), cash("sme", 1))
	programme := func(change func(*funding.Programme)) func(*database.Tx) (bool, error) {
		p := green()
		change(&p)
		return func(tx *database.Tx) (bool, error) { return funding.PutProgramme(tx, p) }
	}
	w.wantChanged(false, programme(func(*funding.Programme) {}))
	w.wantChanged(true, programme(func(p *funding.Programme) { p.Diarienummer = "N2026/00001" }))
	w.wantRefused(funding.CodeAppropriationExceeded, programme(func(p *funding.Programme) { p.Appropriations[1].Amount = 999_999 }))
	w.wantRefused(problem.CodeInvalid, programme(func(p *funding.Programme) { p.MaxPublicShare = 10001 }))
	w.wantRefused(problem.CodeInvalid, programme(func(p *funding.Programme) { p.ID = "no slug" }))

	project := func(change func(*funding.Project)) func(*database.Tx) (bool, error) {
		p := funding.Project{ID: "P-1", Name: "Projekt P-1", Lead: "sme", Programme: "green", Stream: funding.Collaboration,
			AidBasis: funding.Decided, From: day("2026-01-01"), To: day("2030-12-31")}
		change(&p)
		return func(tx *database.Tx) (bool, error) { return funding.PutProject(tx, p) }
	}
	w.wantChanged(false, project(func(*funding.Project) {}))
	w.wantChanged(true, project(func(p *funding.Project) { p.Name = "Ett annat namn" }))
	w.wantRefused(funding.CodeVersionInUse, project(func(p *funding.Project) { p.Stream = funding.Platform }))
	for _, change := range []func(*funding.Project){
		func(p *funding.Project) { p.Lead = "nobody" },
		func(p *funding.Project) { p.Programme = "" },
		func(p *funding.Project) { p.Programme = "blue"; p.ID = "P-9" },
		func(p *funding.Project) { p.AidBasis = "charity" },
		func(p *funding.Project) { p.To = day("2025-12-31") },
		func(p *funding.Project) { p.Name = "" },
	} {
		w.wantRefused(problem.CodeInvalid, project(change))
	}
	w.wantChanged(true, project(func(p *funding.Project) { p.ID, p.Programme, p.Stream = "P-8", "", "" }))
	w.wantChanged(true, func(tx *database.Tx) (bool, error) { // of nobody's appropriation
		return funding.PutAward(tx, funding.Award{Project: "P-8", Year: 2026, Funder: "region", Amount: money.Max})
	})
	w.sound()
}

func TestNothingIsThere(t *testing.T) {
	t.Parallel()
	w := setup(t)
	terms := w.terms()
	if _, ok := terms.Project("P-1"); ok {
		t.Error("a project")
	}
	if _, ok := terms.Programme("blue"); ok {
		t.Error("a programme")
	}
	if terms.OrganisationName("nobody") != "nobody" || terms.Audience("nobody") != "" || len(terms.RatesOf("nothing")) != 0 {
		t.Error("an organisation, or a rate")
	}
	for _, put := range []func(*database.Tx) (bool, error){
		func(tx *database.Tx) (bool, error) {
			return funding.PutAward(tx, funding.Award{Project: "P-1", Year: 2026, Funder: "vinnova"})
		},
		func(tx *database.Tx) (bool, error) {
			return funding.PutBudget(tx, funding.Budget{Project: "P-1", Year: 2026, Party: "sme"})
		},
		func(tx *database.Tx) (bool, error) {
			return funding.PutAgreement(tx, funding.Agreement{Project: id.Project("P-1"), From: day("2026-01-01"), Parties: []funding.Party{cash("sme", 1)}})
		},
		func(tx *database.Tx) (bool, error) {
			return funding.PutRate(tx, funding.Rate{Resource: "nothing", Audience: "company", Per: funding.PerDay, From: day("2026-01-01")})
		},
	} {
		w.wantRefused(problem.CodeInvalid, put)
	}
}
