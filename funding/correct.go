package funding

import (
	"maps"
	"reflect"
	"slices"

	"rigg/internal/database"
	"rigg/internal/id"
	"rigg/internal/money"
	"rigg/internal/period"
	"rigg/internal/problem"
)

// Correct charges a completed booking for what was used after all, and gives the
// cost as it is then paid. What was posted stays as it is: a new transfer moves the
// difference in each purse and names the one that it corrects (FUNDING.md, ledger).
// It never fails for money: what the purses have no room for is the lead's overrun,
// never public money. A second call for the same version of the booking changes
// nothing, nor does a correction that comes to the same. usedOn is the local day
// on which the booking starts. Code: not-found where nothing is posted.
func Correct(tx *database.Tx, b id.Booking, version int, actual *Cost, project id.Project, usedOn period.Date) (*Cost, error) {
	purses, err := lockPursesToCorrect(tx, b, project, actual.Years())
	if err != nil {
		return nil, err
	}
	// Read after the lock: another correction may have been made while this waited.
	was, err := findPostedCharge(tx, b)
	if err != nil {
		return nil, err
	}
	if was.version >= version {
		return was.cost, nil
	}
	paid := *actual
	paid.Shares = slices.Clone(actual.Shares)
	ch := charge{booking: b, version: version, state: "posted", usedOn: usedOn, cost: &paid}
	for _, s := range ch.within(purses, was.paid) {
		p, err := lockOverrun(tx, project, s.Year)
		if err != nil {
			return nil, err
		}
		s.Party, s.Name = p.Party, p.Name
		paid.Shares = append(paid.Shares, s)
		ch.shares = append(ch.shares, chargeShare{p.ID, s.Amount})
		if !slices.ContainsFunc(purses, func(known Purse) bool { return known.ID == p.ID }) {
			purses = append(purses, p)
		}
	}
	if paid.Total == was.cost.Total && reflect.DeepEqual(paid.Lines, was.cost.Lines) && maps.Equal(ch.paid(), was.paid) {
		return was.cost, nil
	}
	ch.add(ch.difference(purses, was))
	if err := markCorrected(tx, b); err != nil {
		return nil, err
	}
	return &paid, insertCharges(tx, []charge{ch})
}

// within lowers the cost's shares to what each purse has room for, with what it
// has paid of this booking already given back. What is left over it gives by
// year, for the lead.
func (c *charge) within(purses []Purse, before map[id.Purse]money.Ore) (left []Share) {
	over := map[int]money.Ore{}
	for i := range c.cost.Shares {
		s := &c.cost.Shares[i]
		p, ok := s.find(purses)
		if taken := min(s.Amount, before[p.ID]+p.Room()); taken < s.Amount {
			over[s.Year] += s.Amount - taken
			s.Amount = taken
		}
		if ok {
			c.shares = append(c.shares, chargeShare{p.ID, s.Amount})
		}
	}
	for _, year := range c.cost.Years() {
		if over[year] > 0 {
			left = append(left, Share{Kind: Overrun, Year: year, Amount: over[year]})
		}
	}
	return left
}

// paid is what the charge takes of each purse, those of which it takes nothing
// left out.
func (c *charge) paid() map[id.Purse]money.Ore {
	out := map[id.Purse]money.Ore{}
	for _, s := range c.shares {
		if s.amount > 0 {
			out[s.purse] += s.amount
		}
	}
	return out
}

// difference is the transfer from what was paid to what is to be, purse by purse.
func (c *charge) difference(purses []Purse, was postedCharge) transfer {
	now, out := c.paid(), transfer{kind: "correct", corrects: was.transfer}
	for _, p := range purses {
		more := now[p.ID] - was.paid[p.ID]
		switch {
		case more == 0:
		case p.Kind == Overrun: // which has no limit: what it pays comes from outside
			out.entries = append(out.entries, entry{purse: p.ID, source: -more, spent: more})
		default:
			out.entries = append(out.entries, entry{purse: p.ID, available: -more, spent: more})
		}
	}
	return out
}

// postedCharge is the charge in force of a completed booking.
type postedCharge struct {
	version  int
	transfer string // by which it was paid; empty: it moved nothing
	cost     *Cost
	paid     map[id.Purse]money.Ore
}

// AgreedCost gives what a completed booking had reserved: the rates that it is
// priced by for good, whatever was posted since. Code: not-found.
func AgreedCost(tx *database.Tx, b id.Booking) (*Cost, error) {
	rows, err := listCostsIn(tx, []id.Booking{b}, "settled")
	if err != nil {
		return nil, err
	}
	if len(rows) == 0 {
		return nil, problem.Absent()
	}
	return rows[0].cost()
}
