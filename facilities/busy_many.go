package facilities

import (
	"maps"
	"slices"

	"rigg/internal/id"
	"rigg/internal/period"
)

// Clone is a copy to try things in.
func (b Busy) Clone() Busy {
	out := maps.Clone(b)
	for u, list := range out {
		out[u] = slices.Clone(list)
	}
	return out
}

// Within is what LoadTaken would read of a shorter time: nothing of it can be
// exchanged.
func (b Busy) Within(units []id.Unit, window period.Period) Busy {
	out := Busy{}
	for _, u := range units {
		for _, t := range b[u] {
			if t.Overlaps(window) {
				t.Claim = Claim{}
				out[u] = append(out[u], t)
			}
		}
	}
	return out
}

// Around is what LoadBusy would read of a shorter time: the window is widened to
// what can be exchanged at its edges, and to what that then meets.
func (b Busy) Around(units []id.Unit, window period.Period) Busy {
	for range repackRounds {
		wider := window
		for _, u := range units {
			for _, t := range b[u] {
				if t.Claim != (Claim{}) && t.Overlaps(window) {
					wider = wider.Widen(max(0, wider.Start.Sub(t.Start)), max(0, t.End.Sub(wider.End)))
				}
			}
		}
		if wider == window {
			break
		}
		window = wider
	}
	out := Busy{}
	for _, u := range units {
		for _, t := range b[u] {
			if !t.Overlaps(window) {
				continue
			}
			if !window.Contains(t.Period) {
				t.Claim = Claim{}
			}
			out[u] = append(out[u], t)
		}
	}
	return out
}

// Settle has only what the moves touch change units from now on: the rest stays
// where it is.
func (b Busy) Settle(moves []Move) {
	for _, list := range b {
		for i, t := range list {
			if !Touches([]Move{{Claim: t.Claim}}, moves) {
				list[i].Claim = Claim{}
			}
		}
	}
}

// Take counts what a booking takes, after the moves that made room for it.
func (b Busy) Take(unit id.Unit, p period.Period) { b[unit] = append(b[unit], Taken{Period: p}) }

// Make makes the exchanges in what was read, as Repack makes them in the database.
func (b Busy) Make(moves []Move) {
	for _, m := range moves {
		same := func(t Taken) bool {
			return t.Claim == m.Claim && t.Start.Equal(m.Period.Start) && t.End.Equal(m.Period.End)
		}
		for i := range m.From {
			at := slices.IndexFunc(b[m.From[i]], same)
			if at < 0 {
				continue
			}
			t := b[m.From[i]][at]
			b[m.From[i]] = slices.Delete(b[m.From[i]], at, at+1)
			b[m.To[i]] = append(b[m.To[i]], t)
		}
	}
}
