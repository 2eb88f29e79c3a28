// Package money counts in whole öre. It has the three roundings of the
// funding rules (half up for a cost, down for a public share, largest
// remainder for the rest) and must never see a floating-point number.
package money

import (
	"errors"
	"fmt"
	"math/big"
	"math/bits"
	"slices"
	"strconv"
	"strings"

	"rigg/internal/text"
)

// Ore is an amount in öre (1/100 SEK), without VAT unless a name says so.
type Ore int64

// Max is the largest amount accepted from outside: 10 000 million SEK. It is
// far above any appropriation and keeps every sum inside 64 bits.
const Max Ore = 1_000_000_000_000

// ErrAmount says that a text is not an amount in SEK with at most two decimals.
var ErrAmount = errors.New("an amount is written in SEK with at most two decimals, such as 1250.00")

// Parse reads an amount in SEK with up to two decimals ("1250", "1250.5",
// "1250.00") and never goes over a float. It gives ErrAmount for all else.
func Parse(s string) (Ore, error) {
	s = strings.TrimSpace(s)
	whole, frac, _ := strings.Cut(s, ".")
	negative := strings.HasPrefix(whole, "-")
	whole = strings.TrimPrefix(whole, "-")
	if whole == "" || len(whole) > 13 || len(frac) > 2 || strings.HasSuffix(s, ".") {
		return 0, ErrAmount
	}
	digits := whole + (frac + "00")[:2]
	for _, r := range digits {
		if r < '0' || r > '9' {
			return 0, ErrAmount
		}
	}
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || Ore(n) > Max {
		return 0, ErrAmount
	}
	if negative {
		n = -n
	}
	return Ore(n), nil
}

// HalfUp gives n*num/den rounded half up, for n and num of at least 0 and a
// den above 0 (FUNDING.md, arithmetic 1).
func HalfUp(n Ore, num, den int64) Ore {
	hi, lo := bits.Mul64(uint64(n), uint64(num))
	lo, carry := bits.Add64(lo, uint64(den)/2, 0)
	// Whole den/2 is right for an odd den too: there an exact half can't occur.
	q, _ := bits.Div64(hi+carry, lo, uint64(den))
	return Ore(q)
}

// Fraction is Num/Den, for a Num of at least 0 and a Den above 0.
type Fraction struct{ Num, Den int64 }

// Floor gives n times all the fractions, rounded down once, for n of at least 0
// (FUNDING.md, arithmetic 3).
func Floor(n Ore, of ...Fraction) Ore {
	num, den := big.NewInt(int64(n)), big.NewInt(1)
	for _, f := range of {
		num.Mul(num, big.NewInt(f.Num))
		den.Mul(den, big.NewInt(f.Den))
	}
	return Ore(num.Quo(num, den).Int64())
}

// Split divides total in proportion to the weights by largest remainder; ties
// go to the earliest (FUNDING.md, arithmetic 4). The parts add up to total.
// Total and weights are at least 0; with no positive weight it gives nil.
func Split(total Ore, weights []int64) []Ore {
	var sum int64
	for _, w := range weights {
		sum += w
	}
	if sum <= 0 {
		return nil
	}
	type part struct {
		at        int
		remainder uint64
	}
	out, parts, left := make([]Ore, len(weights)), make([]part, len(weights)), total
	for i, w := range weights {
		hi, lo := bits.Mul64(uint64(total), uint64(w))
		q, r := bits.Div64(hi, lo, uint64(sum))
		out[i], parts[i] = Ore(q), part{i, r}
		left -= Ore(q)
	}
	slices.SortStableFunc(parts, func(a, b part) int {
		switch {
		case a.remainder > b.remainder:
			return -1
		case a.remainder < b.remainder:
			return 1
		}
		return 0
	})
	for i := range int(left) {
		out[parts[i].at]++
	}
	return out
}

// String writes the amount plainly, such as "1250.00", as rigg load reads it.
func (o Ore) String() string {
	sign, n := "", int64(o)
	if n < 0 {
		sign, n = "-", -n
	}
	return fmt.Sprintf("%s%d.%02d", sign, n/100, n%100)
}

// In writes the amount for a reader: "1 250,00 kr" or "SEK 1,250.00", with
// no-break spaces so that it never falls over a line's end.
func (o Ore) In(lang text.Lang) string {
	sign, n := "", int64(o)
	if n < 0 {
		sign, n = "\u2212", -n
	}
	if lang == text.EN {
		return fmt.Sprintf("%sSEK\u00a0%s.%02d", sign, group(n/100, ","), n%100)
	}
	return fmt.Sprintf("%s%s,%02d\u00a0kr", sign, group(n/100, "\u00a0"), n%100)
}

func group(n int64, sep string) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + sep + s[i:]
	}
	return s
}
