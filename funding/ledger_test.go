package funding_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"rigg/funding"
	"rigg/internal/database"
	"rigg/internal/id"
	"rigg/internal/money"
	"rigg/internal/problem"
	"rigg/internal/text"
)

func (w *world) costOf(b id.Booking) *funding.Cost {
	w.Helper()
	var c *funding.Cost
	w.must(func(tx *database.Tx) (err error) {
		c, err = funding.CostOf(tx, b)
		return err
	})
	return c
}

func TestCostsAreKeptAsTheyWere(t *testing.T) {
	t.Parallel()
	w := setup(t)
	p := w.project("P-1", 1_000_000, grant("vinnova", 3), cash("rise", 2), cash("sme", 1))
	one := w.price(p, "tower", "2026-12-31T23:00", "2027-01-01T01:00")
	other := w.price(p, "bed", "2026-03-02T08:00", "2026-03-02T09:00")
	first, second := w.reserved(p, one, "2026-12-31"), w.reserved(p, other, "2026-03-02")
	var got map[id.Booking]*funding.Cost
	w.must(func(tx *database.Tx) (err error) {
		got, err = funding.CostsOf(tx, []id.Booking{first, second, 4711})
		return err
	})
	if want := (map[id.Booking]*funding.Cost{first: one, second: other}); !reflect.DeepEqual(got, want) {
		t.Errorf("%+v; want %+v", got, want)
	}
	err := w.db.View(t.Context(), func(tx *database.Tx) error {
		_, err := funding.CostOf(tx, 4711)
		return err
	})
	w.wantCode(err, problem.CodeNotFound)
}

func TestVoidReleases(t *testing.T) {
	t.Parallel()
	w := setup(t)
	p := w.project("P-1", 1_000_000, grant("vinnova", 1), cash("sme", 1))
	cost := w.price(p, "tower", "2026-12-31T21:55", "2027-01-01T05:05")
	b := w.reserved(p, cost, "2026-12-31")
	for range 2 { // the second changes nothing
		w.must(func(tx *database.Tx) error {
			if err := funding.Void(tx, b, 2); err != nil {
				return err
			}
			_, err := database.Exec(tx, `update bookings set state = 'cancelled'`)
			return err
		})
		w.wantPurse(p, "vinnova", "grant", 2026, 0, 0)
		w.wantPurse(p, "sme", "own", 2027, 0, 0)
	}
	if !reflect.DeepEqual(w.costOf(b), cost) {
		t.Error("the cost of a cancelled booking is no longer known")
	}
	w.sound()
}

func TestMoveReservesAnew(t *testing.T) {
	t.Parallel()
	w := setup(t)
	p := w.project("P-1", 600_000, grant("vinnova", 1), cash("sme", 1))
	b := w.reserved(p, w.halves(p, 500_000), "2026-03-02")
	// It fits only in place of its own reservation.
	next := w.halves(p, 600_000)
	w.must(func(tx *database.Tx) error {
		if _, err := funding.LockPurses(tx, p.ID, []int{2026}); err != nil {
			return err
		}
		if err := funding.Void(tx, b, 2); err != nil {
			return err
		}
		purses, err := funding.FindPurses(tx, p.ID, []int{2026})
		if err != nil {
			return err
		}
		return funding.Reserve(tx, b, 2, next, purses, day("2026-03-05"))
	})
	w.wantPurse(p, "vinnova", "grant", 2026, 600_000, 0)
	if got := w.costOf(b); got.Total != 1_200_000 {
		t.Errorf("total %d", got.Total)
	}
	w.sound()
}

// What passes the reservation is taken while there is room; the rest is the
// lead's, and never public money (FUNDING.md, arithmetic 7).
func TestOverrun(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name                 string
		grantLimit, ownLimit money.Ore
		used                 money.Ore // by each of two parties, 500 000 of which reserved
		v, own, overrun      money.Ore
	}{
		{"room for all of it", 900_000, 900_000, 800_000, 800_000, 800_000, 0},
		{"just room", 800_000, 800_000, 800_000, 800_000, 800_000, 0},
		{"the grant is short", 700_000, 900_000, 800_000, 700_000, 800_000, 100_000},
		{"the budget is short", 900_000, 500_000, 800_000, 800_000, 500_000, 300_000},
		{"both are full", 500_000, 500_000, 800_000, 500_000, 500_000, 600_000},
		{"nothing was used", 500_000, 500_000, 0, 0, 0, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := setup(t)
			p := w.project("P-1", 500_000, grant("vinnova", 1), cash("mill", 1))
			w.must(func(tx *database.Tx) error {
				if err := setLimit(tx, p.ID, 2026, grant("vinnova", 1), c.grantLimit); err != nil {
					return err
				}
				return setLimit(tx, p.ID, 2026, cash("mill", 1), c.ownLimit)
			})
			b := w.reserved(p, w.halves(p, 500_000), "2026-03-02")
			for range 2 { // the second changes nothing
				if got := w.post(p, b, w.halves(p, c.used), "2026-03-02").Overrun(); got != c.overrun {
					t.Errorf("overrun %d; want %d", got, c.overrun)
				}
				w.wantPurse(p, "vinnova", "grant", 2026, 0, c.v)
				w.wantPurse(p, "mill", "own", 2026, 0, c.own)
				if c.overrun > 0 {
					w.wantPurse(p, "sme", "overrun", 2026, 0, c.overrun) // the lead
				}
			}
			w.wantParts(w.costOf(b), 2*c.used, map[id.Organisation]money.Ore{"vinnova": c.v, "mill": c.own, "sme": c.overrun})
			w.sound()
		})
	}
}

// A booking that stays on into a year without any purse ends all the same.
func TestOverrunInAYearWithoutPurses(t *testing.T) {
	t.Parallel()
	w := setup(t)
	p := w.project("P-1", 1_000_000, grant("vinnova", 1), cash("mill", 1))
	cost := w.price(p, "line", "2027-12-31T20:00", "2028-01-01T00:00")
	b := w.reserved(p, cost, "2027-12-31")
	actual := w.terms().PriceUse(p, cost.Agreement, cost, []funding.Item{use("line", "2027-12-31T20:00", "2028-01-01T02:00")})
	paid := w.post(p, b, actual, "2027-12-31")
	if paid.Overrun() != 2500_00 {
		t.Errorf("overrun %d", paid.Overrun())
	}
	w.wantPurse(p, "vinnova", "grant", 2027, 0, 2500_00)
	w.wantPurse(p, "sme", "overrun", 2028, 0, 2500_00)
	want := funding.Share{Party: "sme", Name: "Småverken AB", Kind: funding.Overrun, Year: 2028, Amount: 2500_00}
	if !slices.Contains(paid.Shares, want) || !slices.Contains(w.costOf(b).Shares, want) {
		t.Errorf("%+v", paid.Shares)
	}
	w.sound()
}

// Reserved over New Year, used in the old year alone: the new year's is released.
func TestUseEndsBeforeNewYear(t *testing.T) {
	t.Parallel()
	w := setup(t)
	p := w.project("P-1", 2_000_000, grant("vinnova", 1), cash("sme", 1))
	cost := w.price(p, "line", "2026-12-31T20:00", "2027-01-01T04:00")
	b := w.reserved(p, cost, "2026-12-31")
	w.wantPurse(p, "vinnova", "grant", 2027, 2500_00, 0)
	actual := w.terms().PriceUse(p, cost.Agreement, cost, []funding.Item{use("line", "2026-12-31T20:00", "2026-12-31T22:00")})
	w.post(p, b, actual, "2026-12-31")
	w.wantPurse(p, "vinnova", "grant", 2026, 0, 1250_00)
	w.wantPurse(p, "vinnova", "grant", 2027, 0, 0)
	w.sound()
}

func TestWhatIsFreeNeedsNoPurse(t *testing.T) {
	t.Parallel()
	w := setup(t)
	p := w.project("P-1", 0, grant("vinnova", 1), cash("sme", 1))
	w.must(func(tx *database.Tx) error {
		_, err := funding.PutRate(tx, funding.Rate{Resource: "line", Audience: "company", From: day("2029-01-01"), Per: funding.PerHour})
		return err
	})
	cost := w.price(p, "line", "2029-03-02T08:00", "2029-03-02T09:00")
	b := w.reserved(p, cost, "2029-03-02")
	if got := w.post(p, b, cost, "2029-03-02").Overrun(); got != 0 {
		t.Errorf("overrun %d", got)
	}
	w.sound()
}

func TestCoverSaysTheNumbers(t *testing.T) {
	t.Parallel()
	w := setup(t)
	p := w.project("P-1", 300_000, grant("vinnova", 1), cash("sme", 1))
	w.reserved(p, w.halves(p, 100_000), "2026-03-02")
	cost := w.halves(p, 250_000)
	var refusals []*problem.Error
	w.must(func(tx *database.Tx) error {
		purses, err := funding.FindPurses(tx, p.ID, []int{2026})
		refusals = cost.Cover(purses)
		return err
	})
	if len(refusals) != 2 || refusals[0].Code != funding.CodeGrantExceeded || refusals[1].Code != funding.CodeBudgetExceeded {
		t.Fatalf("%v; want both at once", refusals)
	}
	want := map[string]any{
		"party": id.Organisation("vinnova"), "year": 2026, "limit_ore": money.Ore(300_000), "reserved_ore": money.Ore(100_000),
		"spent_ore": money.Ore(0), "needed_ore": money.Ore(250_000), "short_ore": money.Ore(50_000),
	}
	if !reflect.DeepEqual(refusals[0].Details, want) {
		t.Errorf("%v", refusals[0].Details)
	}
	for lang, words := range map[text.Lang][]string{
		text.SV: {"Vinnova", "3\u00a0000,00\u00a0kr", "2\u00a0500,00\u00a0kr", "fattas 500,00\u00a0kr"},
		text.EN: {"Vinnova", "SEK\u00a03,000.00", "SEK\u00a02,500.00", "SEK\u00a0500.00 short"},
	} {
		for _, word := range words {
			if s := refusals[0].Message.In(lang); !strings.Contains(s, word) {
				t.Errorf("%q lacks %q", s, word)
			}
		}
	}
}
