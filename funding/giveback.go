package funding

import (
	"slices"
)

// GiveBack gives purses as they would be without the reservation of the cost: what
// a change of a booking may count on, before its own reservation is released.
func (c *Cost) GiveBack(purses []Purse) []Purse {
	out := slices.Clone(purses)
	for _, s := range c.Shares {
		for i, p := range out {
			if p.Year == s.Year && p.Party == s.Party && p.Kind == s.purse() {
				out[i].Reserved -= s.Amount
			}
		}
	}
	return out
}
