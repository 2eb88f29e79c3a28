package funding_test

import (
	"testing"

	"rigg/funding"
	"rigg/internal/database"
	"rigg/internal/id"
	"rigg/internal/money"
)

func (w *world) wantParts(c *funding.Cost, total money.Ore, parts map[id.Organisation]money.Ore) {
	w.Helper()
	if c.Total != total {
		w.Errorf("total %d; want %d", c.Total, total)
	}
	for party, want := range parts {
		if got := c.Of(party); got != want {
			w.Errorf("%s pays %d; want %d", party, got, want)
		}
	}
}

func (w *world) wantPurse(p *funding.Project, party id.Organisation, kind string, year int, reserved, spent money.Ore) {
	w.Helper()
	if r, s := w.purse(p, party, kind, year); r != reserved || s != spent {
		w.Errorf("%s's purse of %d: reserved %d, spent %d; want %d and %d", party, year, r, s, reserved, spent)
	}
}

func TestCase1HalfAndHalf(t *testing.T) {
	t.Parallel()
	w := setup(t)
	p := w.project("P-1", 500_000, grant("vinnova", 50), cash("sme", 50))
	cost := w.price(p, "line", "2026-03-02T08:00", "2026-03-02T16:00")
	w.wantParts(cost, 1_000_000, map[id.Organisation]money.Ore{"vinnova": 500_000, "sme": 500_000})
	w.reserved(p, cost, "2026-03-02") // both purses are then full
	w.wantPurse(p, "vinnova", "grant", 2026, 500_000, 0)
	w.wantPurse(p, "sme", "own", 2026, 500_000, 0)
	w.sound()
}

func TestCase2ThreeParties(t *testing.T) {
	t.Parallel()
	w := setup(t)
	p := w.project("P-2", 100_000, grant("vinnova", 3), cash("rise", 2), cash("sme", 1))
	cost := w.price(p, "odd", "2026-03-02T08:00", "2026-03-02T09:00")
	w.wantParts(cost, 100_003, map[id.Organisation]money.Ore{"vinnova": 50_001, "rise": 33_335, "sme": 16_667})
	w.reserved(p, cost, "2026-03-02")
	w.sound()
}

func TestCase3EqualWeights(t *testing.T) {
	t.Parallel()
	w := setup(t)
	p := w.project("P-3", 10_000, cash("sme", 7), cash("mill", 7), cash("rise", 7))
	for range 20 { // the same on every run
		cost := w.price(p, "cheap", "2026-03-02T08:00", "2026-03-02T09:00")
		w.wantParts(cost, 10_000, map[id.Organisation]money.Ore{"sme": 3_334, "mill": 3_333, "rise": 3_333})
	}
}

func TestCase4NewYear(t *testing.T) {
	t.Parallel()
	w := setup(t)
	p := w.project("P-4", 1_000_000, grant("vinnova", 50), cash("sme", 50))
	cost := w.price(p, "tower", "2026-12-31T21:55", "2027-01-01T05:05")
	w.wantParts(cost, 1_720_007, map[id.Organisation]money.Ore{"vinnova": 860_003, "sme": 860_004})
	for i, want := range []struct {
		year            int
		minutes         int64
		amount, v, rest money.Ore
	}{{2026, 125, 500_002, 250_001, 250_001}, {2027, 305, 1_220_005, 610_002, 610_003}} {
		l, v, rest := cost.Lines[i], cost.Shares[2*i], cost.Shares[2*i+1]
		if l.Year != want.year || l.Minutes != want.minutes || l.Amount != want.amount {
			t.Errorf("line %+v; want %+v", l, want)
		}
		if v.Year != want.year || v.Amount != want.v || rest.Year != want.year || rest.Amount != want.rest {
			t.Errorf("shares %+v %+v; want %+v", v, rest, want)
		}
	}
	b := w.reserved(p, cost, "2026-12-31")
	w.wantPurse(p, "vinnova", "grant", 2026, 250_001, 0)
	w.wantPurse(p, "vinnova", "grant", 2027, 610_002, 0)
	w.post(p, b, w.price(p, "tower", "2026-12-31T21:55", "2027-01-01T05:05"), "2026-12-31")
	w.wantPurse(p, "sme", "own", 2026, 0, 250_001)
	w.wantPurse(p, "sme", "own", 2027, 0, 610_003)
	w.sound()
}

// If either year's award is short, the whole booking is refused.
func TestCase4EitherYearShort(t *testing.T) {
	t.Parallel()
	for name, short := range map[string]funding.Award{
		"the old year": {Project: "P-4", Year: 2026, Funder: "vinnova", Amount: 250_000},
		"the new year": {Project: "P-4", Year: 2027, Funder: "vinnova", Amount: 610_001},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := setup(t)
			p := w.project("P-4", 1_000_000, grant("vinnova", 50), cash("sme", 50))
			w.must(func(tx *database.Tx) error {
				_, err := funding.PutAward(tx, short)
				return err
			})
			_, err := w.reserve(p, w.price(p, "tower", "2026-12-31T21:55", "2027-01-01T05:05"), "2026-12-31")
			w.wantCode(err, funding.CodeGrantExceeded)
			for _, year := range []int{2026, 2027} {
				w.wantPurse(p, "vinnova", "grant", year, 0, 0)
				w.wantPurse(p, "sme", "own", year, 0, 0)
			}
			w.sound()
		})
	}
}

func TestCase5LastOre(t *testing.T) {
	t.Parallel()
	w := setup(t)
	p := w.projectIn(funding.Platform, "P-5", 1_100_000_000, grant("vinnova", 1), cash("sme", 1))
	spent := w.halves(p, 1_099_700_000)
	w.post(p, w.reserved(p, spent, "2026-03-01"), w.halves(p, 1_099_700_000), "2026-03-01")
	w.reserved(p, w.halves(p, 250_000), "2026-03-02")

	_, err := w.reserve(p, w.halves(p, 50_001), "2026-03-03")
	w.wantCode(err, funding.CodeGrantExceeded)
	w.reserved(p, w.halves(p, 50_000), "2026-03-03")
	w.wantPurse(p, "vinnova", "grant", 2026, 300_000, 1_099_700_000)
	_, err = w.reserve(p, w.halves(p, 1), "2026-03-04")
	w.wantCode(err, funding.CodeGrantExceeded)
	w.sound()
}

// 11 and 4 MSEK were requisitioned for 2026; what was not used is to be repaid.
func TestCase6Repayment(t *testing.T) {
	t.Parallel()
	w := setup(t)
	for _, c := range []struct {
		stream funding.Stream
		used   money.Ore
	}{{funding.Platform, 987_654_321}, {funding.Collaboration, 400_000_000}} {
		p := w.projectIn(c.stream, id.Project(c.stream), 400_000_000, grant("vinnova", 1), cash("sme", 1))
		w.must(func(tx *database.Tx) error {
			if err := setLimit(tx, p.ID, 2026, grant("vinnova", 1), c.used); err != nil {
				return err
			}
			return setLimit(tx, p.ID, 2026, cash("sme", 1), c.used)
		})
		w.post(p, w.reserved(p, w.halves(p, c.used), "2026-03-02"), w.halves(p, c.used), "2026-03-02")
	}
	unused := map[funding.Stream]money.Ore{}
	w.must(func(tx *database.Tx) error {
		position, err := funding.PositionOf(tx, "green", 2026)
		for _, s := range position.Streams {
			unused[s.Stream] = s.Appropriation - s.Spent
			if s.Cost != 2*s.Spent || s.Awarded != s.Spent || s.Reserved != 0 {
				t.Errorf("%+v", s)
			}
		}
		return err
	})
	if unused[funding.Platform] != 112_345_679 || unused[funding.Collaboration] != 0 {
		t.Errorf("unused: %v", unused)
	}
	w.sound()
}

func TestCase7LessThanReserved(t *testing.T) {
	t.Parallel()
	w := setup(t)
	p := w.project("P-7", 1_000_000, grant("vinnova", 50), cash("sme", 50))
	cost := w.price(p, "line", "2026-03-02T08:00", "2026-03-02T16:00")
	b := w.reserved(p, cost, "2026-03-02")
	for range 2 { // the second changes nothing
		actual := w.terms().PriceUse(p, cost.Agreement, cost, []funding.Item{use("line", "2026-03-02T08:00", "2026-03-02T14:30")})
		w.wantParts(actual, 812_500, map[id.Organisation]money.Ore{"vinnova": 406_250, "sme": 406_250})
		if paid := w.post(p, b, actual, "2026-03-02"); paid.Overrun() != 0 {
			t.Errorf("overrun %d", paid.Overrun())
		}
		w.wantPurse(p, "vinnova", "grant", 2026, 0, 406_250)
		w.wantPurse(p, "sme", "own", 2026, 0, 406_250)
		if n := w.count(`select count(*) from transfers where charge_id is not null`); n != 2 {
			t.Errorf("%d transfers", n)
		}
		w.sound()
	}
}

func TestCase8Frame(t *testing.T) {
	t.Parallel()
	w := setup(t)
	programme, ok := w.terms().Programme("green")
	if !ok {
		t.Fatal("no programme")
	}
	frame := map[funding.Stream]money.Ore{}
	for _, a := range programme.Appropriations {
		frame[a.Stream] += a.Amount
	}
	if frame[funding.Platform] != 53_000_000_00 || frame[funding.Collaboration] != 42_000_000_00 {
		t.Errorf("%v", frame)
	}
}
