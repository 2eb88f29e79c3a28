package booking

import (
	"context"
	"slices"

	"rigg/access"
	"rigg/facilities"
	"rigg/internal/database"
	"rigg/internal/id"
	"rigg/internal/problem"
)

// maxPinned bounds the units of one pin.
const maxPinned = 100

// Pin settles which units of a pool a booking gets: those named, or those that it
// has now. Named are units as the facility calls them; of a pool of which none is
// named the present ones stay. Others' provisional units make way where they can.
// Codes: stale, wrong-state, forbidden, not-found, invalid, slot-taken.
func (s *Service) Pin(ctx context.Context, by *access.Principal, c Change, named []string) (*Booking, error) {
	var locked []id.Resource // whose units are
	lock := func(tx *database.Tx, f *Facts) (err error) {
		locked, err = lockUnitsOf(tx, f, c.Ref, Edit{})
		return err
	}
	return s.changeAfter(ctx, by, c, access.OperateBooking, lock, func(st *step) error {
		if !slices.Equal(locked, st.Resources) {
			return errStale // somebody moved it to other resources meanwhile: lock those
		}
		if st.State != Requested && st.State != Confirmed {
			return st.wrongState()
		}
		held, err := listHeld(st.tx, st.ID)
		if err != nil {
			return err
		}
		if len(named) > 0 {
			if err := st.exchange(held, named); err != nil {
				return err
			}
		}
		if err := pinUnits(st.tx, st.ID); err != nil {
			return err
		}
		st.Provisional = nil
		return st.save(ActPin, map[string]any{"units": st.facts.unitNames(st.Units)})
	})
}

// exchange gives the booking the units that are named for those that it holds.
func (s *step) exchange(held []allocation, named []string) error {
	wanted, err := s.unitsNamed(named)
	if err != nil {
		return err
	}
	resources, err := s.cutDown(held, wanted)
	if err != nil {
		return err
	}
	moves, err := s.roomFor(resources)
	if err != nil {
		return err
	}
	// The row of this booking is locked before those of the others, whatever their
	// order: who could lock them the other way round waits for the units.
	if err := facilities.LockClaims(s.tx, moves); err != nil {
		return err
	}
	again, err := s.roomFor(resources)
	if err != nil {
		return err
	}
	if !facilities.Touches(again, moves) {
		return errMovedOn
	}
	if err := unpinUnits(s.tx, s.ID); err != nil {
		return err
	}
	s.Units = nil
	for _, r := range resources {
		s.Units = append(s.Units, r.Units...)
		if m, moved := s.ownMove(r, held); moved {
			again = append(again, m)
		}
	}
	slices.Sort(s.Units)
	return facilities.Repack(s.tx, again)
}

// unitsNamed finds the units that the facility calls so among those of the
// booking's resources.
func (s *step) unitsNamed(named []string) ([]id.Unit, error) {
	wrong := func(sv, en string, args ...any) error {
		e := problem.CodeInvalid.Say(sv, en, args...)
		e.Fields = []problem.Field{{Path: "units", Message: e.Message}}
		return e
	}
	if len(named) > maxPinned {
		return nil, wrong("Ange högst %d enheter.", "Give at most %d units.", maxPinned)
	}
	var out []id.Unit
	for _, name := range named {
		units := facilities.Units(s.facts.resourcesOf(s.Resources))
		at := slices.IndexFunc(units, func(u id.Unit) bool { return s.facts.Catalogue.UnitName(u) == name })
		if at < 0 {
			return nil, wrong("Bokningens resurser har ingen enhet som heter %s.", "The booking's resources have no unit called %s.", name)
		}
		out = append(out, units[at])
	}
	return out, nil
}

// cutDown gives the booking's resources, each with just the units that it shall
// have, and the buffers that it was booked with.
func (s *step) cutDown(held []allocation, wanted []id.Unit) ([]*facilities.Resource, error) {
	var out []*facilities.Resource
	for i, r := range s.facts.resourcesOf(s.Resources) {
		var has, named []id.Unit
		for _, a := range held {
			if a.resource == r.ID {
				has = append(has, a.unit)
			}
		}
		for _, u := range wanted {
			if slices.Contains(r.Units, u) && !slices.Contains(named, u) {
				named = append(named, u)
			}
		}
		if len(named) == 0 {
			named = has
		}
		if len(named) != len(has) {
			e := problem.CodeInvalid.Say("%s: ange lika många enheter som bokningen tar, %d.",
				"%s: name as many units as the booking takes, %d.", r.Name, len(has))
			e.Fields = []problem.Field{{Path: "units", Message: e.Message}}
			return nil, e
		}
		slices.Sort(named)
		out = append(out, r.Only(named).Buffered(s.Buffers[i].SetUp, s.Buffers[i].CleanUp))
	}
	return out, nil
}

// roomFor says which others have to move for the booking to get just these units.
func (s *step) roomFor(resources []*facilities.Resource) ([]facilities.Move, error) {
	busy, err := facilities.LoadBusy(s.tx, facilities.Units(resources), facilities.Reach(resources, s.Period),
		facilities.Except{Booking: s.ID})
	if err != nil {
		return nil, err
	}
	_, moves, ok := facilities.Place(resources, s.Period, busy)
	if !ok {
		return nil, facilities.CodeSlotTaken.Say("Någon av enheterna är upptagen då. Välj en annan.",
			"One of the units is taken then. Choose another.")
	}
	return moves, nil
}

// ownMove is the booking's own exchange for the units of a cut-down resource.
func (s *step) ownMove(r *facilities.Resource, held []allocation) (facilities.Move, bool) {
	m := facilities.Move{Claim: facilities.Claim{Resource: r.ID, Booking: s.ID}, Period: r.Held(s.Period)}
	var has []id.Unit
	for _, a := range held {
		if a.resource == r.ID {
			has = append(has, a.unit)
		}
	}
	for _, u := range has {
		if !slices.Contains(r.Units, u) {
			m.From = append(m.From, u)
		}
	}
	for _, u := range r.Units {
		if !slices.Contains(has, u) {
			m.To = append(m.To, u)
		}
	}
	return m, len(m.From) > 0
}

// unitNames is what the facility calls the units.
func (f *Facts) unitNames(units []id.Unit) []string {
	out := make([]string, len(units))
	for i, u := range units {
		out[i] = f.Catalogue.UnitName(u)
	}
	return out
}

// resourcesOf looks up resources; those that are no longer there are left out.
func (f *Facts) resourcesOf(names []id.Resource) (out []*facilities.Resource) {
	for _, name := range names {
		if r, ok := f.Catalogue.Resource(name); ok {
			out = append(out, r)
		}
	}
	return out
}
