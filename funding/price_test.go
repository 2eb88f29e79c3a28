package funding_test

import (
	"fmt"
	"math/big"
	"reflect"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"rigg/funding"
	"rigg/internal/id"
	"rigg/internal/money"
	"rigg/internal/period"
	"rigg/internal/problem"
)

func TestNightsWithAClockChange(t *testing.T) {
	t.Parallel()
	w := setup(t)
	p := w.project("P-1", 0, grant("vinnova", 1), cash("sme", 1))
	for _, c := range []struct {
		name, from, to string
		resource       id.Resource
		minutes, days  int64
		total          money.Ore
	}{
		{"spring, by the hour", "2026-03-29T00:00", "2026-03-30T00:00", "line", 23 * 60, 0, 23 * 1250_00},
		{"autumn, by the hour", "2026-10-25T00:00", "2026-10-26T00:00", "line", 25 * 60, 0, 25 * 1250_00},
		{"spring, by the day", "2026-03-29T00:00", "2026-03-30T00:00", "bed", 23 * 60, 1, 8000_00},
		{"autumn, by the day", "2026-10-25T00:00", "2026-10-26T00:00", "bed", 25 * 60, 1, 8000_00},
		{"an ordinary stay", "2026-03-02T16:00", "2026-03-04T09:00", "bed", 41 * 60, 3, 3 * 8000_00},
		{"a minute past midnight", "2026-03-02T16:00", "2026-03-03T00:01", "bed", 481, 2, 2 * 8000_00},
		{"the hour that occurs twice", "2026-10-25T02:00:00+02:00", "2026-10-25T03:00:00+01:00", "line", 120, 0, 2 * 1250_00},
	} {
		t.Run(c.name, func(t *testing.T) {
			cost := w.price(p, c.resource, c.from, c.to)
			if l := cost.Lines[0]; cost.Total != c.total || l.Minutes != c.minutes || l.Days != c.days {
				t.Errorf("total %d, line %+v; want %+v", cost.Total, l, c)
			}
		})
	}
}

func TestNewYearByTheDay(t *testing.T) {
	t.Parallel()
	w := setup(t)
	p := w.project("P-1", 0, grant("vinnova", 1), cash("sme", 1))
	cost := w.price(p, "bed", "2026-12-30T12:00", "2027-01-01T12:00")
	if len(cost.Lines) != 2 || cost.Lines[0].Days != 2 || cost.Lines[1].Days != 1 || cost.Total != 3*8000_00 {
		t.Errorf("%+v", cost.Lines)
	}
	// It ends with the year: there is no second segment.
	if cost := w.price(p, "bed", "2026-12-30T12:00", "2027-01-01T00:00"); len(cost.Lines) != 1 {
		t.Errorf("%+v", cost.Lines)
	}
}

func TestEveryReasonAtOnce(t *testing.T) {
	t.Parallel()
	w := setup(t)
	good := w.project("P-1", 0, grant("vinnova", 1), cash("sme", 1))
	terms := w.terms()
	for _, c := range []struct {
		name     string
		change   func(*funding.Project)
		from, to string
		want     []problem.Code
	}{
		{"nothing wrong", func(*funding.Project) {}, "2026-03-02T08:00", "2026-03-02T09:00", nil},
		{"a minute too early", func(*funding.Project) {}, "2025-12-31T23:59", "2026-01-01T01:00",
			[]problem.Code{funding.CodeProjectPeriod, funding.CodeNoAgreement}},
		{"to the last minute", func(*funding.Project) {}, "2030-12-31T20:00", "2031-01-01T00:00", nil},
		{"a minute too late", func(*funding.Project) {}, "2030-12-31T20:00", "2031-01-01T00:01", []problem.Code{funding.CodeProjectPeriod}},
		{"no rate for its kind", func(p *funding.Project) { p.Lead = "rise" }, "2026-03-02T08:00", "2026-03-02T09:00",
			[]problem.Code{funding.CodeNoRate}},
		{"more public than allowed", func(p *funding.Project) { p.Agreements[0].Parties[0].Parts = 51; p.Agreements[0].Parties[1].Parts = 50 },
			"2026-03-02T08:00", "2026-03-02T09:00", []problem.Code{funding.CodePublicShareExceeded}},
		{"market price", func(p *funding.Project) { p.AidBasis = funding.MarketPrice }, "2026-03-02T08:00", "2026-03-02T09:00",
			[]problem.Code{funding.CodeAidCeiling}},
		{"a computed basis", func(p *funding.Project) { p.AidBasis = funding.DeMinimis }, "2026-03-02T08:00", "2026-03-02T09:00",
			[]problem.Code{funding.CodeAidStatementMissing}},
		{"several", func(p *funding.Project) { p.Lead, p.AidBasis = "rise", funding.GBER28 }, "2030-12-31T20:00", "2031-01-01T00:01",
			[]problem.Code{funding.CodeProjectPeriod, funding.CodeAidStatementMissing, funding.CodeNoRate}},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := *good
			a := *good.Agreements[0]
			a.Parties = slices.Clone(a.Parties)
			p.Agreements = []*funding.Agreement{&a}
			c.change(&p)
			item := use("line", c.from, c.to)
			_, refusals := terms.Price(&p, item.Period.Start, []funding.Item{item})
			var got []string
			for _, r := range refusals {
				got = append(got, r.Code.Slug)
			}
			var want []string
			for _, code := range c.want {
				want = append(want, code.Slug)
			}
			if !slices.Equal(got, want) {
				t.Errorf("%v; want %v", got, want)
			}
		})
	}
}

// A participant's own ceiling of public money lowers the grant, and the
// difference falls on that participant alone (FUNDING.md, arithmetic 3).
func TestOwnCeiling(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		parties []funding.Party
		want    []money.Ore // of 1 000 000
	}{
		{"none", []funding.Party{grant("vinnova", 50), cash("sme", 30), cash("mill", 20)}, []money.Ore{500_000, 300_000, 200_000}},
		{"above the agreement's share", []funding.Party{grant("vinnova", 50), capped("sme", 30, 60_00), cash("mill", 20)},
			[]money.Ore{500_000, 300_000, 200_000}},
		// The sme's part of the cost is 600 000, of which 40 % may be public.
		{"below it", []funding.Party{grant("vinnova", 50), capped("sme", 30, 40_00), cash("mill", 20)}, []money.Ore{440_000, 360_000, 200_000}},
		{"no public money at all", []funding.Party{grant("vinnova", 50), capped("sme", 50, 0)}, []money.Ore{0, 1_000_000}},
		{"two funders lower theirs alike", []funding.Party{grant("vinnova", 30), grant("region", 10), capped("sme", 60, 20_00)},
			[]money.Ore{150_000, 50_000, 800_000}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			cost := priceUse(c.parties, 1_000_000, funding.PerHour, between("2026-03-02T08:00", "2026-03-02T09:00"))
			for i, s := range cost.Shares {
				if s.Amount != c.want[i] {
					t.Errorf("%s pays %d; want %d", s.Party, s.Amount, c.want[i])
				}
			}
		})
	}
}

func capped(o id.Organisation, parts, ceiling int64) funding.Party {
	return funding.Party{Organisation: o, Kind: "cash", Parts: parts, MaxShare: &ceiling}
}

// priceUse prices one resource without a database.
func priceUse(parties []funding.Party, rate money.Ore, per funding.Per, p period.Period) *funding.Cost {
	project := &funding.Project{Agreements: []*funding.Agreement{{ID: 1, Parties: parties}}}
	reserved := &funding.Cost{Lines: []funding.Line{{Resource: "r", Rate: 1, Per: per, RateOre: rate}}}
	item := funding.Item{Resource: "r", Period: p, Zone: stockholm}
	return (&funding.Terms{}).PriceUse(project, 1, reserved, []funding.Item{item})
}

func drawParties(t *rapid.T) (parties []funding.Party) {
	for i := range rapid.IntRange(0, 3).Draw(t, "funders") {
		parties = append(parties, grant(id.Organisation(fmt.Sprint("f", i)), rapid.Int64Range(1, 1000).Draw(t, "parts")))
	}
	for i := range rapid.IntRange(1, 5).Draw(t, "participants") {
		p := cash(id.Organisation(fmt.Sprint("p", i)), rapid.Int64Range(1, 1000).Draw(t, "parts"))
		if rapid.Bool().Draw(t, "capped") {
			p = capped(p.Organisation, p.Parts, rapid.Int64Range(0, 10000).Draw(t, "ceiling"))
		}
		parties = append(parties, p)
	}
	return parties
}

func TestPropertiesOfASplit(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		parties := drawParties(t)
		rate := money.Ore(rapid.Int64Range(0, 10_000_000_00).Draw(t, "rate"))
		per := rapid.SampledFrom([]funding.Per{funding.PerHour, funding.PerDay}).Draw(t, "per")
		start := between("2026-12-20T00:00", "2027-01-01T00:00").Start.Add(time.Minute * time.Duration(rapid.Int64Range(0, 14*1440).Draw(t, "start")))
		length := rapid.Int64Range(1, 20*1440).Draw(t, "minutes")
		p := period.New(start, start.Add(time.Minute*time.Duration(length)))
		cost := priceUse(parties, rate, per, p)

		whole := money.HalfUp(rate, length, 60)
		if per == funding.PerDay {
			whole = rate * money.Ore(len(p.Dates(stockholm)))
		}
		years, minutes := map[int]money.Ore{}, int64(0)
		for _, l := range cost.Lines {
			years[l.Year] += l.Amount
			minutes += l.Minutes
		}
		if cost.Total != whole || minutes != length {
			t.Fatalf("segments of %d öre and %d minutes; want %d and %d", cost.Total, minutes, whole, length)
		}
		checkShares(t, parties, cost, years)
		if again := priceUse(parties, rate, per, p); !reflect.DeepEqual(cost, again) {
			t.Fatalf("another result: %+v; %+v", cost, again)
		}
	})
}

// checkShares compares each year's shares with the same arithmetic in fractions.
func checkShares(t *rapid.T, parties []funding.Party, cost *funding.Cost, years map[int]money.Ore) {
	var funded, all int64
	for _, p := range parties {
		all += p.Parts
		if p.Funder {
			funded += p.Parts
		}
	}
	for year, k := range years {
		shares := slices.DeleteFunc(slices.Clone(cost.Shares), func(s funding.Share) bool { return s.Year != year })
		var sum money.Ore
		public, allowed := new(big.Rat), new(big.Rat)
		for i, s := range shares {
			sum += s.Amount
			if s.Amount < 0 {
				t.Fatalf("%s pays %d", s.Party, s.Amount)
			}
			if s.Funder {
				public.Add(public, big.NewRat(int64(s.Amount), 1))
				if int64(s.Amount)*all > int64(k)*parties[i].Parts {
					t.Fatalf("%s pays %d of %d", s.Party, s.Amount, k)
				}
				continue
			}
			part := big.NewRat(int64(k)*parties[i].Parts, all-funded) // of the cost, before public money
			ceiling := big.NewRat(funded, all)
			if own := parties[i].MaxShare; own != nil && ceiling.Cmp(big.NewRat(*own, 10000)) > 0 {
				ceiling = big.NewRat(*own, 10000)
			}
			ceiling.Mul(ceiling, part)
			allowed.Add(allowed, ceiling)
			// What it pays is its part less its public money, to within the öre
			// that the funders' and its own rounding make.
			exact := part.Sub(part, ceiling)
			off := exact.Sub(exact, big.NewRat(int64(s.Amount), 1))
			if off.Abs(off).Cmp(big.NewRat(5, 1)) >= 0 {
				t.Fatalf("%s pays %d, which is %s off", s.Party, s.Amount, off.FloatString(2))
			}
		}
		if sum != k || public.Cmp(allowed) > 0 {
			t.Fatalf("the parts of %d add up to %d; public %s of at most %s", k, sum, public.FloatString(0), allowed.FloatString(2))
		}
	}
}
