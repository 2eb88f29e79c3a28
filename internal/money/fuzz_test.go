package money_test

import (
	"errors"
	"math"
	"math/big"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"rigg/internal/money"
)

func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"1250.00", "1250.5", "-0", "1.", "1. ", ".5", "1,50", "1e5", "+1", "10000000000", "10000000000.01",
		"00000000000001", "１２", "1.٥", " 3 ", "-", "", "\x00",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, err := money.Parse(s)
		if err != nil {
			if got != 0 || !errors.Is(err, money.ErrAmount) {
				t.Fatalf("Parse(%q) = %d, %v", s, got, err)
			}
			return
		}
		if got > money.Max || got < -money.Max {
			t.Fatalf("Parse(%q) = %d is out of bounds", s, got)
		}
		if again, err := money.Parse(got.String()); err != nil || again != got {
			t.Fatalf("Parse(%q) = %d, but its text %q gives %d, %v", s, got, got.String(), again, err)
		}
	})
}

// Over the whole range of 64 bits, Split is FUNDING.md's arithmetic 4 taken at its
// word, and the same on every run.
func TestSplitIsByLargestRemainder(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		total := money.Ore(rapid.Int64Range(0, math.MaxInt64).Draw(t, "total"))
		weights := rapid.SliceOfN(rapid.Int64Range(0, 1e14), 1, 30).Draw(t, "weights")
		weights = append(weights, rapid.Int64Range(1, 1e14).Draw(t, "one that is not zero"))
		got := money.Split(total, weights)
		if want := byLargestRemainder(total, weights); !slices.Equal(got, want) {
			t.Fatalf("Split(%d, %v) = %v; want %v", total, weights, got, want)
		}
		if again := money.Split(total, weights); !slices.Equal(got, again) {
			t.Fatalf("another run gives %v after %v", again, got)
		}
	})
}

// byLargestRemainder hands out the öre that are left one by one, each to the
// largest remainder, the earliest of equals.
func byLargestRemainder(total money.Ore, weights []int64) []money.Ore {
	sum := new(big.Int)
	for _, w := range weights {
		sum.Add(sum, big.NewInt(w))
	}
	out, rest, left := make([]money.Ore, len(weights)), make([]*big.Int, len(weights)), total
	for i, w := range weights {
		q, r := new(big.Int).QuoRem(new(big.Int).Mul(big.NewInt(int64(total)), big.NewInt(w)), sum, new(big.Int))
		out[i], rest[i] = money.Ore(q.Int64()), r
		left -= out[i]
	}
	for ; left > 0; left-- {
		best := 0
		for i := range rest {
			if rest[i].Cmp(rest[best]) > 0 {
				best = i
			}
		}
		out[best]++
		rest[best] = big.NewInt(-1)
	}
	return out
}
