package funding_test

import (
	"testing"

	"rigg/funding"
)

func TestCostsAddUp(t *testing.T) {
	t.Parallel()
	one := &funding.Cost{
		Total: 300,
		Lines: []funding.Line{{Resource: "press", Rate: 1, Year: 2026, Minutes: 60, Amount: 300}},
		Shares: []funding.Share{
			{Party: "vinnova", Funder: true, Kind: "grant", Year: 2026, Amount: 150}, {Party: "anvil", Kind: "cash", Year: 2026, Amount: 150},
		},
	}
	other := &funding.Cost{
		Total: 400,
		Lines: []funding.Line{
			{Resource: "press", Rate: 1, Year: 2026, Minutes: 20, Amount: 100}, {Resource: "press", Rate: 1, Year: 2027, Minutes: 60, Amount: 300},
		},
		Shares: []funding.Share{{Party: "anvil", Kind: "cash", Year: 2026, Amount: 100}, {Party: "anvil", Kind: "cash", Year: 2027, Amount: 300}},
	}
	sum := (*funding.Cost)(nil).Plus(one).Plus(other)
	if sum.Total != 700 || len(sum.Lines) != 2 || sum.Lines[0].Amount != 400 || sum.Lines[0].Minutes != 80 || len(sum.Shares) != 3 ||
		sum.Of("anvil") != 550 || sum.Of("vinnova") != 150 {
		t.Errorf("the sum is %+v", sum)
	}
	if one.Lines[0].Amount != 300 || one.Shares[1].Amount != 150 {
		t.Errorf("one has become %+v", one)
	}
	purses := []funding.Purse{{ID: 1, Year: 2026, Party: "anvil", Kind: "own", Limit: 1000}, {ID: 2, Year: 2027, Party: "anvil", Kind: "own", Limit: 1000}}
	held := other.Held(purses)
	if held[0].Reserved != 100 || held[1].Reserved != 300 || purses[0].Reserved != 0 {
		t.Errorf("held %+v of %+v", held, purses)
	}
}
