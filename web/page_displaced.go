package web

import (
	"slices"
	"time"

	"rigg/access"
	"rigg/booking"
)

// heldView is the time that is held for a displaced booking instead of its own.
type heldView struct {
	Resource            string
	Start, End, Expires time.Time
	Accept              string // where it is taken
	Version             int
}

// displaced fills in what a displaced booking's page says beside the rest: what is
// held for it, and where another time is chosen.
func (s *Server) displaced(v *visit, b *booking.Booking, page *bookingPage) error {
	if b.State != booking.Displaced {
		return nil
	}
	zone, path := v.facts.ZoneOf(b), "/bookings/"+string(b.Ref)
	mayChange := v.allowed(access.ChangeBooking, v.facts.ObjectOf(b))
	h, ok, err := s.Booking.AlternativeOf(v.ctx, b.ID)
	if err != nil {
		return err
	}
	if ok {
		page.Held = &heldView{
			Resource: v.resourceNames(&booking.Booking{Resources: h.Resources}), Version: b.Version,
			Start: h.Period.Start.In(zone), End: h.Period.End.In(zone), Expires: h.Expires.In(zone),
		}
		if mayChange {
			page.Held.Accept = path + "/accept-alternative"
		}
	}
	page.Why = v.whyDisplaced(b, zone)
	if !mayChange {
		return nil
	}
	page.Move = path + "/move"
	return nil
}

// whyDisplaced names the outage that took the booking's time, and says when it is
// expected to be over.
func (v *visit) whyDisplaced(b *booking.Booking, zone *time.Location) string {
	for _, e := range slices.Backward(b.History) {
		if e.Action != booking.ActDisplace {
			continue
		}
		name, _ := e.Details["outage"].(map[string]any)
		said, _ := name[string(v.lang)].(string)
		written, _ := e.Details["back"].(string)
		back, err := time.Parse(time.RFC3339, written)
		if err != nil || said == "" {
			return ""
		}
		return v.say("displaced.why", said, v.dayMonth(back.In(zone))+" "+v.clock(back.In(zone)))
	}
	return ""
}
