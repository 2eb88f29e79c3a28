package funding

import "rigg/internal/money"

// whole is all of a cost in hundredths of a percent, the unit of ceilings.
const whole = 10000

// parts gives the sum of the funders' parts and of all parts.
func (a *Agreement) parts() (funded, all int64) {
	for _, p := range a.Parties {
		all += p.Parts
		if p.Funder {
			funded += p.Parts
		}
	}
	return funded, all
}

// split gives each party's part of one segment, in the agreement's order; they
// add up to k (FUNDING.md, arithmetic 3 and 4).
//
// The participants share the cost in proportion to their parts, and public money
// pays the agreement's public share of each one's cost, or the participant's own
// ceiling of it where that is lower; what a ceiling takes away, that participant
// pays itself. Each funder's part is rounded down by itself, so nobody passes a
// ceiling. The rest goes to the participants by largest remainder in proportion
// to what each is to pay; ties go to the earliest.
func (a *Agreement) split(k money.Ore) []money.Ore {
	funded, all := a.parts()
	var public, full int64 // public money with the ceilings, and without: a fraction
	own := make([]int64, len(a.Parties))
	for i, p := range a.Parties {
		if p.Funder {
			continue
		}
		covered := funded * whole
		if p.MaxShare != nil {
			covered = min(covered, *p.MaxShare*all)
		}
		own[i] = p.Parts * (whole*all - covered)
		public += p.Parts * covered
		full += p.Parts * funded * whole
	}
	out := make([]money.Ore, len(a.Parties))
	rest := k
	for i, p := range a.Parties {
		if p.Funder {
			out[i] = money.Floor(k, money.Fraction{Num: p.Parts, Den: all}, money.Fraction{Num: public, Den: full})
			rest -= out[i]
		}
	}
	for i, part := range money.Split(rest, own) {
		out[i] += part
	}
	return out
}
