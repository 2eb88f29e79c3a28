package booking

import (
	"fmt"
	"slices"

	"rigg/facilities"
	"rigg/internal/database"
	"rigg/internal/id"
	"rigg/internal/period"
)

// room is where a plan's booking would go.
type room struct {
	busy  facilities.Busy
	taken []allocation      // nil: there is none
	moves []facilities.Move // what has to be exchanged first
}

// errMovedOn says that what would be exchanged has changed while it was being
// locked; like new facts, it asks for another try.
var errMovedOn = fmt.Errorf("provisional units have changed: %w", errStale)

// findRoom reads what is taken and looks for the plan's units among it. Where
// others' provisional units have to be exchanged it locks those bookings and looks
// again: its caller holds the units, or is in a View and just asks. It comes
// before the purses are locked.
func (p *plan) findRoom(tx *database.Tx, own facilities.Except) (*room, error) {
	first, err := p.lookForRoom(tx, own)
	if err != nil || len(first.moves) == 0 || tx.ReadOnly {
		return first, err
	}
	if err := facilities.LockClaims(tx, first.moves); err != nil {
		return nil, err
	}
	second, err := p.lookForRoom(tx, own)
	if err == nil && !facilities.Touches(second.moves, first.moves) {
		err = errMovedOn
	}
	return second, err
}

// lookForRoom looks first without moving anybody, which mostly does and asks for
// less.
func (p *plan) lookForRoom(tx *database.Tx, own facilities.Except) (*room, error) {
	load := func(read func(*database.Tx, []id.Unit, period.Period, facilities.Except) (facilities.Busy, error)) loadFunc {
		return func(units []id.Unit, reach period.Period) (facilities.Busy, error) {
			return read(tx, units, reach, own)
		}
	}
	return p.roomIn(load(facilities.LoadTaken), load(facilities.LoadBusy))
}

// loadFunc gets what takes the units within reach.
type loadFunc func(units []id.Unit, reach period.Period) (facilities.Busy, error)

// roomIn looks in one after another until it finds room.
func (p *plan) roomIn(loads ...loadFunc) (*room, error) {
	var found *room
	for _, load := range loads {
		busy, err := load(p.units(), facilities.Reach(p.resources, p.Period))
		if err != nil {
			return nil, err
		}
		r := &room{busy: busy}
		if r.findPinned(p) || r.find(p, p.resources) || !facilities.MayMakeRoom(p.resources) {
			return r, nil
		}
		found = r
	}
	return found, nil
}

// findPinned looks for room on the units that are settled.
func (r *room) findPinned(p *plan) bool {
	if len(p.pinned) == 0 || !r.find(p, p.withPinned()) {
		return false
	}
	for i, a := range r.taken {
		r.taken[i].pinned = slices.Contains(p.pinned[a.resource], a.unit)
	}
	return true
}

// find chooses units of the resources, which are the plan's or cut down to some
// units; false where there are too few.
func (r *room) find(p *plan, resources []*facilities.Resource) bool {
	units, moves, ok := facilities.Place(resources, p.Period, r.busy)
	if !ok {
		return false
	}
	r.moves = moves
	for i, resource := range p.resources {
		for _, u := range units[i] {
			r.taken = append(r.taken, allocation{unit: u, resource: resource.ID, period: resource.Held(p.Period)})
		}
	}
	return true
}

// withPinned are the plan's resources, those with pinned units cut down to them:
// what a manager has settled stays so over a move, where it is free then too.
func (p *plan) withPinned() []*facilities.Resource {
	out := slices.Clone(p.resources)
	for i, r := range out {
		if units := p.pinned[r.ID]; len(units) > 0 {
			out[i] = r.Only(units)
		}
	}
	return out
}

// pinnedOf gives the units that a manager has settled, of the resources all of
// whose units are.
func pinnedOf(held []allocation, resources []*facilities.Resource) map[id.Resource][]id.Unit {
	out := map[id.Resource][]id.Unit{}
	for _, r := range resources {
		var units []id.Unit
		for _, a := range held {
			if a.resource == r.ID && a.pinned && slices.Contains(r.Units, a.unit) {
				units = append(units, a.unit)
			}
		}
		if len(units) == r.Needs() && r.Provisional() {
			slices.Sort(units)
			out[r.ID] = units
		}
	}
	return out
}
