package funding

import (
	"slices"

	"rigg/internal/database"
	"rigg/internal/id"
	"rigg/internal/period"
)

// Reservation is one of many that are made together.
type Reservation struct {
	Booking id.Booking
	Version int
	Cost    *Cost
	UsedOn  period.Date // the local day on which the booking starts
}

// ReserveAll is Reserve for many bookings of one project, in one round trip. Each
// finds in the purses what the former have left.
func ReserveAll(tx *database.Tx, list []Reservation, purses []Purse) error {
	if len(list) == 0 {
		return nil
	}
	charges := make([]charge, len(list))
	for i, r := range list {
		var err error
		if charges[i], err = reservation(r, purses); err != nil {
			return err
		}
		purses = r.Cost.Held(purses)
	}
	return insertCharges(tx, charges)
}

// Held gives the purses as they are when the cost has been reserved in them.
func (c *Cost) Held(purses []Purse) []Purse {
	out := slices.Clone(purses)
	for _, s := range c.Shares {
		p, ok := s.find(out)
		i := slices.IndexFunc(out, func(q Purse) bool { return ok && q.ID == p.ID })
		if i >= 0 {
			out[i].Reserved += s.Amount
		}
	}
	return out
}

// reservation makes the charge that holds a cost. Codes as Reserve.
func reservation(r Reservation, purses []Purse) (charge, error) {
	ch := charge{booking: r.Booking, version: r.Version, state: "reserved", usedOn: r.UsedOn, cost: r.Cost}
	hold := transfer{kind: "reserve"}
	for _, s := range r.Cost.Shares {
		p, ok := s.find(purses)
		if s.Amount > p.Room() {
			return ch, r.Cost.Cover(purses)[0]
		}
		if !ok {
			continue // nothing to pay, and no purse to say so of
		}
		ch.shares = append(ch.shares, chargeShare{p.ID, s.Amount})
		if s.Amount > 0 {
			hold.entries = append(hold.entries, entry{purse: p.ID, available: -s.Amount, reserved: s.Amount})
		}
	}
	ch.add(hold)
	return ch, nil
}

// Voiding names a booking whose open reservation is released for a version of it.
type Voiding struct {
	Booking id.Booking
	Version int
}

// VoidAll is Void for many bookings in one round trip.
func VoidAll(tx *database.Tx, list []Voiding) error {
	if len(list) == 0 {
		return nil
	}
	return voidAllReserved(tx, list)
}

// Plus gives two costs as one: what each rate comes to and each party pays, year by
// year. Of nil and a cost it is that cost.
func (c *Cost) Plus(d *Cost) *Cost {
	out := &Cost{Total: d.Total, Agreement: d.Agreement}
	if c != nil {
		out.Total, out.Lines, out.Shares = out.Total+c.Total, slices.Clone(c.Lines), slices.Clone(c.Shares)
	}
	for _, l := range d.Lines {
		i := slices.IndexFunc(out.Lines, func(o Line) bool {
			return o.Resource == l.Resource && o.Rate == l.Rate && o.Year == l.Year
		})
		if i < 0 {
			out.Lines = append(out.Lines, l)
			continue
		}
		sum := &out.Lines[i]
		sum.Minutes, sum.Days, sum.Amount = sum.Minutes+l.Minutes, sum.Days+l.Days, sum.Amount+l.Amount
	}
	for _, s := range d.Shares {
		i := slices.IndexFunc(out.Shares, func(o Share) bool {
			return o.Party == s.Party && o.Year == s.Year && o.Funder == s.Funder && o.Kind == s.Kind
		})
		if i < 0 {
			out.Shares = append(out.Shares, s)
		} else {
			out.Shares[i].Amount += s.Amount
		}
	}
	return out
}
