package facilities

import (
	"time"

	"rigg/internal/period"
	"rigg/internal/problem"
)

// SlotTaken is the refusal of a time that somebody was quicker to take. It
// never says who.
func SlotTaken() *problem.Error {
	return CodeSlotTaken.Say("Tiden hann bli upptagen. Välj en annan.", "The time has just been taken. Choose another.")
}

// Unfree says why Pick finds too few units for p: slot-taken, resource-down, or
// both where each alone would be reason enough. Empty when Pick is ok.
func (r *Resource) Unfree(p period.Period, busy Busy) []*problem.Error {
	return r.unfree(p, busy, newBoard([]*Resource{r}, busy))
}

func (r *Resource) unfree(p period.Period, busy Busy, b *board) []*problem.Error {
	if b.fits([]*Resource{r}, p) {
		return nil
	}
	down, booked, last := r.inTheWay(r.Held(p), busy)
	var out []*problem.Error
	if down > r.choice() {
		back := last.End.In(r.Zone(last.End))
		out = append(out, CodeResourceDown.Say(
			"%s är ur drift: %s. Beräknas vara i gång igen %s.",
			"%s is out of service: %s. Expected back %s.",
			localised(r.Name), localised(last.Down), moment(back)).
			With("resource", r.ID).With("until", back.Format(time.RFC3339)))
	}
	if booked > r.choice() || out == nil {
		out = append(out, CodeSlotTaken.Say(
			"%s: tiden är redan upptagen. Välj en annan.",
			"%s: the time is already taken. Choose another.", localised(r.Name)).
			With("resource", r.ID))
	}
	return out
}

// inTheWay counts the units that outages and bookings keep from the period, and
// gives the one of these outages that is the last to end.
func (r *Resource) inTheWay(held period.Period, busy Busy) (down, booked int, last Taken) {
	for _, u := range r.Units {
		var isDown, isBooked int
		for _, t := range busy[u] {
			switch {
			case !t.Overlaps(held):
			case t.Down.Empty():
				isBooked = 1
			default:
				isDown = 1
				if t.End.After(last.End) {
					last = t
				}
			}
		}
		down, booked = down+isDown, booked+isBooked
	}
	return down, booked, last
}

// UnfreeAll says why PickAll finds too few units. Empty when it is ok.
func UnfreeAll(resources []*Resource, p period.Period, busy Busy) []*problem.Error {
	var out []*problem.Error
	b := newBoard(resources, busy)
	for _, r := range resources {
		out = append(out, r.unfree(p, busy, b)...)
	}
	if out == nil && !b.fits(resources, p) {
		out = append(out, CodeSlotTaken.Say(
			"Resurserna delar utrustning som inte räcker till alla på en gång. Boka dem var för sig.",
			"The resources share equipment that is not enough for all of them at once. Book them one by one."))
	}
	return out
}
