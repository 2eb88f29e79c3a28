package web

import (
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"

	"rigg/access"
	"rigg/booking"
	"rigg/internal/id"
	"rigg/internal/problem"
)

// heldView is the time that is held for a displaced booking instead of its own.
type heldView struct {
	Resource            string
	Start, End, Expires time.Time
	Accept              string // where it is taken
	Version             int
}

// moveView is the form that gives a displaced booking any other time.
type moveView struct {
	Path       string
	Version    int
	Start, End timeField
}

// displaced fills in what a displaced booking's page says beside the rest: what is
// held for it, and the form for another time.
func (s *Server) displaced(v *visit, b *booking.Booking, page *bookingPage, typed *bookForm) error {
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
	page.Move = &moveView{
		Path: path + "/move", Version: b.Version,
		Start: timeField{Name: "start", Value: b.Period.Start.In(zone).Format(localTime), StepSeconds: 60},
		End:   timeField{Name: "end", Value: b.Period.End.In(zone).Format(localTime), StepSeconds: 60},
	}
	if typed != nil {
		page.Move.Start = timeField{Name: "start", Value: typed.start.typed, Offsets: typed.start.choices, Error: typed.errors["start"], StepSeconds: 60}
		page.Move.End = timeField{Name: "end", Value: typed.end.typed, Offsets: typed.end.choices, Error: typed.errors["end"], StepSeconds: 60}
	}
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

// postMove gives a booking another time. What refuses it stands on its page, with
// times that would do.
func (s *Server) postMove(c *fiber.Ctx, v *visit) error {
	b, err := s.findBooking(v, c.Params("ref"))
	if err != nil {
		return err
	}
	values, err := formValues(c)
	if err != nil {
		return err
	}
	f, version := v.moveForm(b, values)
	if f == nil || version < 1 {
		return problem.CodeInvalid.Say("Läs om sidan och försök igen.", "Reload the page and try again.")
	}
	if f.start.at.IsZero() || f.end.at.IsZero() {
		f.demand(v)
		return s.showMoved(c, v, b, fiber.StatusUnprocessableEntity, nil, f)
	}
	_, moveErr := s.Booking.Edit(v.ctx, v.who, booking.Change{Ref: b.Ref, Version: version}, booking.Edit{Period: f.period()})
	if moveErr == nil {
		return s.leave(c, "/bookings/"+string(b.Ref), "flash.moved")
	}
	e := known(moveErr)
	if e.Code.Kind != problem.Conflict && e.Code.Kind != problem.Refused && e.Code.Kind != problem.Invalid {
		return moveErr
	}
	if b, err = s.Booking.Find(v.ctx, v.who, id.Ref(c.Params("ref"))); err != nil {
		return err
	}
	failed := v.tried(moveErr)
	for i := range failed.alternatives { // they are for this booking, not for a new one
		a := failed.alternatives[i]
		failed.alternatives[i].Path = "/bookings/" + string(b.Ref) + "?" +
			url.Values{"start": {localOr(a.Start, a.Start.Location())}, "end": {localOr(a.End, a.End.Location())}}.Encode() + "#move"
	}
	return s.showMoved(c, v, b, statusOf(e), failed, f)
}

func (v *visit) moveForm(b *booking.Booking, values url.Values) (*bookForm, int) {
	version, _ := strconv.Atoi(values.Get("version")) // what is no number is 0, which no booking has
	at := v.facilityOf(b)
	if at == nil {
		return nil, 0
	}
	f := &bookForm{facility: at, project: string(b.Project), errors: map[string]string{}}
	f.start = v.readClock(f, "start", values.Get("start"), values.Get("start_offset"))
	f.end = v.readClock(f, "end", values.Get("end"), values.Get("end_offset"))
	return f, version
}
