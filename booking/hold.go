package booking

import (
	"time"

	"rigg/facilities"
	"rigg/internal/database"
	"rigg/internal/id"
	"rigg/internal/period"
)

// HoldKind is why time is held for somebody who has no booking of it yet.
type HoldKind string

// The kinds of hold.
const (
	HoldAlternative HoldKind = "alternative" // for a displaced booking
	HoldChange      HoldKind = "change"      // a proposed other time or resource of a booking
	HoldOffer       HoldKind = "offer"       // to the first in a waiting list
)

// Hold is time that is kept free for somebody until it expires. Its units are
// allocated, its money is not reserved.
type Hold struct {
	ID        id.Hold
	Kind      HoldKind
	Booking   id.Booking // that it would change; 0: none
	Resources []id.Resource
	Period    period.Period // without buffers
	By        id.Person     // who proposed it; 0: the program itself
	Reason    string
	Created   time.Time
	Expires   time.Time
}

// hold takes units for a plan's time until it expires, if they are free. Its
// caller has locked them. Only what takes units is judged: whether the person may
// book is asked when the hold is turned into a booking. ok is false where they
// are not free.
func hold(tx *database.Tx, p *plan, h Hold, except facilities.Except) (made Hold, ok bool, err error) {
	r, err := p.findRoom(tx, except)
	if err != nil || r.taken == nil {
		return h, false, err
	}
	if err := facilities.Repack(tx, r.moves); err != nil {
		return h, false, err
	}
	h.Resources, h.Period, h.Created = p.Resources, p.Period, tx.Now
	h.ID, err = insertHold(tx, h, r.taken)
	return h, true, err
}
