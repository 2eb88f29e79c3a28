package booking

import (
	"context"
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
	busy, err := facilities.LoadBusy(tx, p.units(), facilities.Reach(p.resources, p.Period), except)
	if err != nil {
		return h, false, err
	}
	taken, ok := p.pick(busy)
	if !ok {
		return h, false, nil
	}
	h.Resources, h.Period, h.Created = p.Resources, p.Period, tx.Now
	h.ID, err = insertHold(tx, h, taken)
	return h, true, err
}

// pick chooses the units of a plan; ok is false where too few are free.
func (p *plan) pick(busy facilities.Busy) (taken []allocation, ok bool) {
	units, ok := facilities.PickAll(p.resources, p.Period, busy)
	if !ok {
		return nil, false
	}
	for i, r := range p.resources {
		for _, u := range units[i] {
			taken = append(taken, allocation{u, r.ID, r.Held(p.Period)})
		}
	}
	return taken, true
}

// endHolds lets go of the holds that have expired. What follows from that is the
// business of whoever made them; they hear of it by a job.
func (s *Service) endHolds(ctx context.Context) error {
	return s.db.Update(ctx, func(tx *database.Tx) error {
		due, err := listHolds(tx, `expires_at <= $1 and kind <> 'change'`, tx.Now) // whose booking lives on: endProposals
		if err != nil {
			return err
		}
		for _, h := range due {
			if _, err := endHold(tx, h.ID); err != nil {
				return err
			}
		}
		return nil
	})
}
