package money_test

import (
	"errors"
	"math/big"
	"testing"

	"pgregory.net/rapid"

	"rigg/internal/money"
	"rigg/internal/text"
)

func TestParse(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]money.Ore{
		"1250.00": 125_000, "1250.5": 125_050, "1250": 125_000, "0": 0, "0.01": 1, "-3.20": -320, "-0.05": -5,
		" 7 ": 700, "007": 700, "10000000000": money.Max, "0.1": 10,
	} {
		if got, err := money.Parse(in); err != nil || got != want {
			t.Errorf("%q: %d, %v; want %d", in, got, err, want)
		}
	}
	for _, in := range []string{
		"", " ", ".", "1.", "1. ", ".5", "-", "--1", "1.234", "1,50", "1 250", "1e3", "0x10", "+1", "1.-5", "-1.-5", "kr 5", "١",
		"10000000000.01", "-10000000000.01", "99999999999999999999", "NaN", "1.5.0", "1_000",
	} {
		if got, err := money.Parse(in); !errors.Is(err, money.ErrAmount) {
			t.Errorf("%q: %d, %v; want an error", in, got, err)
		}
	}
}

func TestWhatIsWrittenIsRead(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		want := money.Ore(rapid.Int64Range(-int64(money.Max), int64(money.Max)).Draw(t, "öre"))
		if got, err := money.Parse(want.String()); err != nil || got != want {
			t.Fatalf("%s: %d, %v; want %d", want, got, err, want)
		}
	})
}

func TestIn(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		in     money.Ore
		sv, en string
	}{
		{0, "0,00\u00a0kr", "SEK\u00a00.00"},
		{5, "0,05\u00a0kr", "SEK\u00a00.05"},
		{99_999, "999,99\u00a0kr", "SEK\u00a0999.99"},
		{100_000, "1\u00a0000,00\u00a0kr", "SEK\u00a01,000.00"},
		{-123_456_789, "\u22121\u00a0234\u00a0567,89\u00a0kr", "\u2212SEK\u00a01,234,567.89"},
	} {
		if sv, en := c.in.In(text.SV), c.in.In(text.EN); sv != c.sv || en != c.en {
			t.Errorf("%d: %q, %q; want %q, %q", c.in, sv, en, c.sv, c.en)
		}
	}
}

func TestHalfUp(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		n        money.Ore
		num, den int64
		want     money.Ore
	}{
		{240_001, 125, 60, 500_002}, {240_001, 430, 60, 1_720_007}, // FUNDING.md, case 4
		{1, 30, 60, 1}, {1, 29, 60, 0}, {3, 1, 2, 2}, {1, 1, 3, 0}, {2, 1, 3, 1}, {0, 5, 60, 0},
		{money.Max, 366 * 1440, 60, money.Max * 366 * 24},
	} {
		if got := money.HalfUp(c.n, c.num, c.den); got != c.want {
			t.Errorf("%d * %d / %d: %d; want %d", c.n, c.num, c.den, got, c.want)
		}
	}
}

// amounts and shares as large as they come.
var (
	amounts = rapid.Int64Range(0, 1<<53)
	weights = rapid.SliceOfN(rapid.Int64Range(0, 1_000_000_000_000), 1, 100)
)

func TestRoundingsAgainstFractions(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n := amounts.Draw(t, "n")
		den := rapid.Int64Range(1, 1_000_000).Draw(t, "den")
		num := rapid.Int64Range(0, den).Draw(t, "num")
		exact := new(big.Rat).Mul(big.NewRat(n, 1), big.NewRat(num, den))

		floor := int64(money.Floor(money.Ore(n), money.Fraction{Num: num, Den: den}))
		if down := big.NewRat(floor, 1); down.Cmp(exact) > 0 || big.NewRat(floor+1, 1).Cmp(exact) <= 0 {
			t.Fatalf("floor of %s is %d", exact.FloatString(3), floor)
		}
		// Half up: the whole number h with h - 1/2 <= exact < h + 1/2.
		half := int64(money.HalfUp(money.Ore(n), num, den))
		if big.NewRat(2*half-1, 2).Cmp(exact) > 0 || big.NewRat(2*half+1, 2).Cmp(exact) <= 0 {
			t.Fatalf("%s rounded half up is %d", exact.FloatString(3), half)
		}
	})
}

// Rounding each fraction by itself would give 0 here.
func TestFloorRoundsOnce(t *testing.T) {
	t.Parallel()
	got := money.Floor(3, money.Fraction{Num: 1, Den: 2}, money.Fraction{Num: 2, Den: 3})
	if got != 1 || money.Floor(3) != 3 {
		t.Errorf("%d", got)
	}
}

func TestSplit(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		total   money.Ore
		weights []int64
		want    []money.Ore
	}{
		{50_002, []int64{2, 1}, []money.Ore{33_335, 16_667}},
		{10_000, []int64{7, 7, 7}, []money.Ore{3_334, 3_333, 3_333}}, // ties to the earliest
		{5, []int64{0, 1, 0}, []money.Ore{0, 5, 0}},
		{1, []int64{1, 1}, []money.Ore{1, 0}},
		{0, []int64{1, 2}, []money.Ore{0, 0}},
		{5, []int64{0, 0}, nil},
		{5, nil, nil},
	} {
		got := money.Split(c.total, c.weights)
		if len(got) != len(c.want) {
			t.Fatalf("%v: %v; want %v", c.weights, got, c.want)
		}
		for i := range got {
			if got[i] != c.want[i] {
				t.Errorf("%v: %v; want %v", c.weights, got, c.want)
			}
		}
	}
}

func TestSplitAddsUpAndIsNear(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		total, shares := amounts.Draw(t, "total"), weights.Draw(t, "weights")
		var sum int64
		for _, w := range shares {
			sum += w
		}
		parts := money.Split(money.Ore(total), shares)
		if sum == 0 {
			if parts != nil {
				t.Fatalf("%v of no weight", parts)
			}
			return
		}
		var added int64
		for i, p := range parts {
			added += int64(p)
			exact := new(big.Rat).Mul(big.NewRat(total, 1), big.NewRat(shares[i], sum))
			if big.NewRat(int64(p)-1, 1).Cmp(exact) >= 0 || big.NewRat(int64(p)+1, 1).Cmp(exact) <= 0 {
				t.Fatalf("part %d is %d of %s", i, p, exact.FloatString(3))
			}
		}
		if added != total {
			t.Fatalf("%d of %d", added, total)
		}
	})
}
