package funding

import (
	"fmt"
	"maps"
	"slices"

	"rigg/internal/database"
	"rigg/internal/id"
	"rigg/internal/money"
	"rigg/internal/period"
	"rigg/internal/problem"
)

// charge is what one booking costs, who pays it, and the transfers that do so.
type charge struct {
	booking   id.Booking
	version   int
	state     string // reserved or posted, when it is made
	usedOn    period.Date
	cost      *Cost
	shares    []chargeShare
	transfers []transfer
}

type chargeShare struct {
	purse  id.Purse
	amount money.Ore
}

// transfer is one step of the ledger; entries sum to zero within each purse.
type transfer struct {
	kind     string
	corrects string // the transfer that it corrects; empty: none
	entries  []entry
}

// add appends a transfer, unless it moves nothing.
func (c *charge) add(t transfer) {
	if len(t.entries) > 0 {
		c.transfers = append(c.transfers, t)
	}
}

// entry moves money between the accounts of a purse.
type entry struct {
	purse                              id.Purse
	source, available, reserved, spent money.Ore
}

// Reserve holds the cost in the purses, which the caller has locked and asked
// with Cover. usedOn is the local day on which the booking starts. One round trip.
// Codes: grant-exceeded, budget-exceeded where the caller did not ask.
func Reserve(tx *database.Tx, b id.Booking, version int, c *Cost, purses []Purse, usedOn period.Date) error {
	ch, err := reservation(Reservation{b, version, c, usedOn}, purses)
	if err != nil {
		return err
	}
	return insertCharges(tx, []charge{ch})
}

// Void releases the booking's open reservation; where it has none, nothing
// happens, so a second call changes nothing.
func Void(tx *database.Tx, b id.Booking, version int) error {
	return voidAllReserved(tx, []Voiding{{b, version}})
}

// Post charges what was used in place of the reservation, releases the rest, and
// gives the cost as it was paid. It never fails for money: what passes the
// reservation is taken from the purses while they have room, and the rest is the
// lead organisation's overrun, never public money (FUNDING.md, arithmetic 7). A
// second call changes nothing. usedOn is the local day on which the booking starts.
func Post(tx *database.Tx, b id.Booking, version int, actual *Cost, project id.Project, usedOn period.Date) (*Cost, error) {
	purses, err := lockPursesToSettle(tx, b, project, actual.Years())
	if err != nil {
		return nil, err
	}
	// Read after the lock: another transaction may have posted while this waited.
	if posted, err := findPosted(tx, b); err != nil || posted != nil {
		return posted, err
	}
	held, err := listHeld(tx, b)
	if err != nil {
		return nil, err
	}
	paid := *actual
	paid.Shares = slices.Clone(actual.Shares)
	ch := charge{booking: b, version: version, state: "posted", usedOn: usedOn, cost: &paid}
	more, post, left := ch.settle(purses, held)
	for _, s := range left {
		p, err := lockOverrun(tx, project, s.Year)
		if err != nil {
			return nil, err
		}
		s.Party, s.Name = p.Party, p.Name
		paid.Shares = append(paid.Shares, s)
		ch.shares = append(ch.shares, chargeShare{p.ID, s.Amount})
		post.entries = append(post.entries, entry{purse: p.ID, source: -s.Amount, spent: s.Amount})
	}
	ch.add(more)
	ch.add(post)
	if err := settleReserved(tx, b); err != nil {
		return nil, err
	}
	return &paid, insertCharges(tx, []charge{ch})
}

// settle makes the transfers by which the purses pay, and lowers the cost's shares
// to what they have room for. What is left over it gives by year, for the lead.
// held is what the reservation holds in each purse.
func (c *charge) settle(purses []Purse, held map[id.Purse]money.Ore) (more, post transfer, left []Share) {
	more, post = transfer{kind: "reserve"}, transfer{kind: "post"}
	unused := maps.Clone(held)
	over := map[int]money.Ore{}
	for i := range c.cost.Shares {
		s := &c.cost.Shares[i]
		p, ok := s.find(purses)
		if taken := min(s.Amount, held[p.ID]+p.Room()); taken < s.Amount {
			over[s.Year] += s.Amount - taken
			s.Amount = taken
		}
		if !ok {
			continue
		}
		c.shares = append(c.shares, chargeShare{p.ID, s.Amount})
		back := max(0, held[p.ID]-s.Amount)
		delete(unused, p.ID)
		// A post above its reservation reserves the difference first.
		if extra := s.Amount - held[p.ID]; extra > 0 {
			more.entries = append(more.entries, entry{purse: p.ID, available: -extra, reserved: extra})
		}
		if s.Amount > 0 || back > 0 {
			post.entries = append(post.entries, entry{
				purse: p.ID, available: back, reserved: -s.Amount - back, spent: s.Amount,
			})
		}
	}
	for _, p := range purses { // held in a year that was not used after all
		if back := unused[p.ID]; back > 0 {
			post.entries = append(post.entries, entry{purse: p.ID, available: back, reserved: -back})
		}
	}
	for _, year := range c.cost.Years() {
		if over[year] > 0 {
			left = append(left, Share{Kind: Overrun, Year: year, Amount: over[year]})
		}
	}
	return more, post, left
}

// Overrun is the part of a posted cost that the lead pays outside its budget.
func (c *Cost) Overrun() (sum money.Ore) {
	for _, s := range c.Shares {
		if s.Kind == Overrun {
			sum += s.Amount
		}
	}
	return sum
}

// CostOf gives what a booking costs as it was charged last: reserved, voided or
// posted. Code: not-found.
func CostOf(tx *database.Tx, b id.Booking) (*Cost, error) {
	costs, err := CostsOf(tx, []id.Booking{b})
	if err != nil {
		return nil, err
	}
	c, ok := costs[b]
	if !ok {
		return nil, problem.Absent()
	}
	return c, nil
}

// CostsOf is CostOf for many bookings in one query; a booking that was never
// charged is left out.
func CostsOf(tx *database.Tx, bookings []id.Booking) (map[id.Booking]*Cost, error) {
	out := map[id.Booking]*Cost{}
	if len(bookings) == 0 {
		return out, nil
	}
	rows, err := listCosts(tx, bookings)
	if err != nil {
		return nil, err
	}
	for _, r := range rows {
		if out[r.BookingID], err = r.cost(); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// findPosted gives the booking's posted charge; nil where it has none.
func findPosted(tx *database.Tx, b id.Booking) (*Cost, error) {
	rows, err := listCosts(tx, []id.Booking{b})
	if err != nil || len(rows) == 0 || rows[0].State != "posted" {
		return nil, err
	}
	c, err := rows[0].cost()
	if err != nil {
		return nil, fmt.Errorf("posted charge: %w", err)
	}
	return c, nil
}
