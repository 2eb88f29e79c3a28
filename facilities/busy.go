package facilities

import (
	"slices"
	"time"

	"rigg/internal/id"
	"rigg/internal/period"
	"rigg/internal/text"
)

// Taken is time during which a unit is in use, buffers included.
type Taken struct {
	period.Period
	Down  text.Text // the outage's name; empty: a booking, of which nothing more is told
	Claim Claim     // zero: it stays on the unit
}

// Claim is what a booking, or a hold, has on a pool while its unit is
// provisional: some of the pool's units, but not this one. It is for finding
// room, and never shown.
type Claim struct {
	Resource id.Resource // the pool
	Booking  id.Booking  // or
	Hold     id.Hold
}

// Busy is what is taken, by unit.
type Busy map[id.Unit][]Taken

// Reach gives the period for which LoadBusy has to be asked before a booking of
// the resources in p can be judged: p and the longest buffers around it.
func Reach(resources []*Resource, p period.Period) period.Period {
	var before, after time.Duration
	for _, r := range resources {
		before, after = max(before, r.Rules.SetUp.Duration()), max(after, r.Rules.CleanUp.Duration())
	}
	return p.Widen(before, after)
}

// Units lists the units that the resources can take, and those of every pool
// that shares units with them, or with such a pool, ascending, each once: what to
// lock and what to ask LoadBusy for. Making room for one of the resources can
// reach no further.
func Units(resources []*Resource) []id.Unit {
	var out []id.Unit
	in := map[id.Unit]bool{}
	add := func(units []id.Unit) {
		for _, u := range units {
			if !in[u] {
				in[u], out = true, append(out, u)
			}
		}
	}
	seen := map[*Facility]bool{}
	for _, r := range resources {
		add(r.Units)
	}
	for _, r := range resources {
		if seen[r.Facility] {
			continue
		}
		seen[r.Facility] = true
		for before := -1; before < len(out); { // until no pool brings any more
			before = len(out)
			for _, pool := range r.Facility.Resources {
				if pool.choice() > 0 && slices.ContainsFunc(pool.Units, func(u id.Unit) bool { return in[u] }) {
					add(pool.Units)
				}
			}
		}
	}
	slices.Sort(out)
	return out
}

// Held gives the time for which a booking of p takes its units: buffers
// included, also where they lie in closed time.
func (r *Resource) Held(p period.Period) period.Period {
	return p.Widen(r.Rules.SetUp.Duration(), r.Rules.CleanUp.Duration())
}

// Needs is how many units a booking takes.
func (r *Resource) Needs() int {
	if r.Take == 0 {
		return len(r.Units)
	}
	return r.Take
}

// choice is how many units are over when a booking has taken its own.
func (r *Resource) choice() int { return len(r.Units) - r.Needs() }

// Provisional tells whether a booking's unit of the resource may be exchanged
// for another until somebody checks in or a manager pins it.
func (r *Resource) Provisional() bool { return r.choice() > 0 }

// MayMakeRoom tells whether any of the resources' units could be free because
// those of others are exchanged: it is of a pool, or a pool's.
func MayMakeRoom(resources []*Resource) bool {
	units := Units(resources)
	for _, pool := range poolsAround(resources) {
		if slices.ContainsFunc(pool.Units, func(u id.Unit) bool { _, in := slices.BinarySearch(units, u); return in }) {
			return true
		}
	}
	return false
}

// Only is the resource cut down to some of its units, all of which a booking of
// it takes.
func (r *Resource) Only(units []id.Unit) *Resource {
	only := *r
	only.Units, only.Take = units, 0
	return &only
}

// Buffered is the resource with other buffers, such as those that a booking was
// made with.
func (r *Resource) Buffered(setUp, cleanUp time.Duration) *Resource {
	out := *r
	out.Rules.SetUp = period.Span{Minutes: int(setUp / time.Minute)}
	out.Rules.CleanUp = period.Span{Minutes: int(cleanUp / time.Minute)}
	return &out
}

// Move is a claim's units exchanged for others of its pool, so that there is
// room.
type Move struct {
	Claim
	Period   period.Period // as it is taken, buffers included
	From, To []id.Unit     // as many of each
}

// moved is the change from what the use has to what it is given.
func (u *use) moved(given []id.Unit) (Move, bool) {
	m := Move{Claim: u.claim, Period: u.Period}
	for _, unit := range u.has {
		if !slices.Contains(given, unit) {
			m.From = append(m.From, unit)
		}
	}
	for _, unit := range given {
		if !slices.Contains(u.has, unit) {
			m.To = append(m.To, unit)
		}
	}
	return m, len(m.From) > 0
}

// Pick chooses the units that a booking of p takes: all of the resource's, or
// the first n in ascending order that are free for the whole time, buffers
// included. Where only others' provisional units are in the way and can be
// exchanged, they are not: Place says how. ok is false when there are not enough.
func (r *Resource) Pick(p period.Period, busy Busy) (units []id.Unit, ok bool) {
	all, ok := PickAll([]*Resource{r}, p, busy)
	if !ok {
		return nil, false
	}
	return all[0], true
}

// PickAll is Pick for several resources booked together, which must not get the
// same unit twice; the answer is in the order of the resources.
func PickAll(resources []*Resource, p period.Period, busy Busy) (units [][]id.Unit, ok bool) {
	units, _, ok = Place(resources, p, busy)
	return units, ok
}

// Place is PickAll, and says which provisional units of others have to be
// exchanged for that; mostly none. Whoever takes the units exchanges them first
// (Repack), in the same transaction.
func Place(resources []*Resource, p period.Period, busy Busy) (units [][]id.Unit, moves []Move, ok bool) {
	return newBoard(resources, busy).place(resources, p)
}

// Free gives the maximal stretches of the window in which a booking (without
// its buffers) could lie as regards units, in order of start. With a pool they
// may overlap: one unit is free early, another late, and a booking stays on its
// unit. Others' provisional units are in the way only where they cannot be
// exchanged.
func (r *Resource) Free(window period.Period, busy Busy) []period.Period {
	return FreeAll([]*Resource{r}, window, busy)
}

// FreeAll is Free for several resources booked together.
func FreeAll(resources []*Resource, window period.Period, busy Busy) []period.Period {
	return newBoard(resources, busy).free(resources, window)
}
