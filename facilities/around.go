package facilities

import (
	"slices"

	"rigg/internal/database"
	"rigg/internal/id"
	"rigg/internal/period"
)

// FindAround gives the exchanges of provisional units by which bookings and holds
// would get out of the way of an outage of the units for the period, as many of
// them as can: who comes first in time is seen to first. What is in the way and
// not among the moves has to give way otherwise.
func FindAround(tx *database.Tx, f id.Facility, units []id.Unit, p period.Period, except Except) ([]Move, error) {
	pools, err := listPools(tx, f)
	if err != nil || len(pools) == 0 {
		return nil, err
	}
	busy, err := LoadBusy(tx, Units(pools), p, except)
	if err != nil {
		return nil, err
	}
	return newBoard(pools, busy).around(units, p), nil
}

// RepackAround makes the exchanges of FindAround. Its caller holds all the
// facility's units, has locked no booking yet, and has let go of the units of an
// outage that it changes. What somebody is changing at that moment may stay in the
// way.
func RepackAround(tx *database.Tx, f id.Facility, units []id.Unit, p period.Period) error {
	moves, err := FindAround(tx, f, units, p, Except{})
	if err != nil || len(moves) == 0 {
		return err
	}
	if err := LockClaims(tx, moves); err != nil {
		return err
	}
	again, err := FindAround(tx, f, units, p, Except{}) // some may be cancelled or pinned by now
	if err != nil || !Touches(again, moves) {
		return err
	}
	return Repack(tx, again)
}

// around is FindAround without the database.
func (b *board) around(units []id.Unit, p period.Period) []Move {
	barred := func(u id.Unit, q period.Period) bool { return q.Overlaps(p) && slices.Contains(units, u) }
	var inTheWay []int
	for i, u := range b.loose {
		if slices.ContainsFunc(u.has, func(unit id.Unit) bool { return barred(unit, u.Period) }) {
			inTheWay = append(inTheWay, i)
		}
	}
	if moves, ok := b.clear(inTheWay, inTheWay, barred); ok {
		return moves
	}
	var kept []int
	var moves []Move
	for _, i := range inTheWay {
		if more, ok := b.clear(append(slices.Clone(kept), i), inTheWay, barred); ok {
			kept, moves = append(kept, i), more
		}
	}
	return moves
}

// clear finds units outside what is barred for the uses at once; the others that
// are in the way stay as they are, and so does what they have.
func (b *board) clear(uses, inTheWay []int, barred func(id.Unit, period.Period) bool) ([]Move, bool) {
	if len(uses) == 0 {
		return nil, true
	}
	var wanted []use
	for _, i := range uses {
		wanted = append(wanted, b.loose[i])
	}
	moving := map[int]bool{}
	var near []int
	for _, i := range b.near(wanted, repackRounds) {
		if slices.Contains(uses, i) || !slices.Contains(inTheWay, i) {
			moving[i], near = true, append(near, i)
		}
	}
	var all []use
	for _, i := range near {
		all = append(all, b.loose[i])
	}
	given, ok := pack(all, func(u id.Unit, p period.Period) bool { return barred(u, p) || b.blocked(u, p, moving) })
	if !ok {
		return nil, false
	}
	var moves []Move
	for k, i := range near {
		if m, moved := b.loose[i].moved(given[k]); moved {
			moves = append(moves, m)
		}
	}
	return moves, true
}
