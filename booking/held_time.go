package booking

import (
	"rigg/access"
	"rigg/internal/database"
	"rigg/internal/id"
)

// HeldTime is a hold with whom it is for: a booking, or somebody in line.
type HeldTime struct {
	Hold
	For  *Booking // nil: somebody in line
	Wait *Wait    // nil: a booking
}

// holdsSeen reads the holds behind allocations that the asker may know of: those of
// bookings that they may see, their own offers, and all to the facility's managers.
func (f *Facts) holdsSeen(tx *database.Tx, by *access.Principal, rows []allocationRow) (map[id.Hold]*HeldTime, error) {
	var ids []id.Hold
	for _, row := range rows {
		if row.HoldID != nil {
			ids = append(ids, *row.HoldID)
		}
	}
	if len(ids) == 0 || by == nil {
		return map[id.Hold]*HeldTime{}, nil
	}
	found, err := listHolds(tx, `id = any($1)`, ids)
	if err != nil {
		return nil, err
	}
	seen := map[id.Hold]*HeldTime{}
	for _, h := range found {
		held := &HeldTime{Hold: h}
		switch {
		case h.Booking != 0:
			b, err := findBooking(tx, h.Booking)
			if err != nil {
				return nil, err
			}
			if held.For = b; access.Allowed(by, access.SeeBooking, f.ObjectOf(b)) {
				seen[h.ID] = held
			}
		default:
			waits, err := listWaits(tx, `w.id = (select wait_id from holds where id = $1)`, int64(h.ID))
			if err != nil {
				return nil, err
			}
			if len(waits) == 1 && f.seesWait(by, waits[0]) {
				held.Wait, seen[h.ID] = waits[0], held
			}
		}
	}
	return seen, nil
}
