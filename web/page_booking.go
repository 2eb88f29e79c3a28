package web

import (
	"context"
	"errors"
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

type bookingPage struct {
	shell
	Ref, State                                 string
	Resource, FacilityID, Facility, Site, City string
	Units                                      []unitView
	Loose                                      bool     // some of them are provisional
	Pin                                        *pinView // nil: nothing to settle, or not by this reader
	Start, End                                 time.Time
	Minutes                                    int
	ProjectID, Project, Purpose                string
	MoneySeen                                  bool // the project's page is open to this reader
	Booker, Organisation                       string
	Next                                       string // what happens next; empty: nothing
	Question                                   string // what the manager asked
	Cost                                       *costView
	Actions                                    bookingActions
	Awaits                                     string // whose answers it waits for; empty: none
	Approvals                                  []approvalView
	Proposal                                   *proposalView // a change that awaits an answer
	More                                       *moreActions
	Reconfirm                                  time.Time     // until when it must be confirmed that the time is needed; zero: nobody asks
	Refusals                                   []refusalView // of the action just tried
	Alternatives                               []alternativeView
	Held                                       *heldView // for a displaced booking; nil: nothing
	Why                                        string    // what displaced it, and until when
	Move                                       string    // where a displaced one gets another time; empty: not the reader's to move
	Arrival                                    *arrival
	CalendarPath                               string
	Enquiry                                    string // that it came out of, where the reader may see that
	Run                                        *runView
	Correct                                    *correctView
	Files                                      *filesView
	Report                                     string // path; empty: not the reader's to do
	Series                                     string // its reference; empty: none
	History                                    []historyEntry
	Attendees                                  []booking.Attendee
	Exceptions                                 []exceptionView // from the rules, by managers
	Unlogged                                   bool            // over, and still to be checked out
}

type arrival struct{ Address, Entrance, Host, Contact, Phone, Safety, Parking string }

// historyEntry is one line of a booking's history.
type historyEntry struct {
	At     time.Time
	Event  string // key history.EVENT
	Who    string
	Reason string
}

// bookingActions are what the reader may do with the booking now.
type bookingActions struct {
	Ref     string
	Version int
	Actions []action
}

type action struct {
	Name   string // key action.NAME
	Path   string
	Kind   string // primary, danger or empty
	Icon   string
	Reason string // empty: none is asked; optional or required
	Typed  string // the reason, when the action was just refused
}

// pageBooking shows one booking with its history, as far as it is the visitor's to see.
func (s *Server) pageBooking(c *fiber.Ctx, v *visit) error {
	b, err := s.findBooking(v, c.Params("ref"))
	if err != nil {
		return err
	}
	return s.showBooking(c, v, b, fiber.StatusOK, nil)
}

func (s *Server) findBooking(v *visit, ref string) (*booking.Booking, error) {
	if !id.ValidRef(ref) {
		return nil, problem.Absent()
	}
	return s.Booking.Find(v.ctx, v.who, id.Ref(ref))
}

// tried is an action that was just refused.
type tried struct {
	action, reason string
	refusals       []refusalView
	alternatives   []alternativeView
	wrong          *problem.Error // with a form's fields; nil: there was no form
	values         url.Values
}

func (s *Server) showBooking(c *fiber.Ctx, v *visit, b *booking.Booking, status int, failed *tried) error {
	names, err := s.names(v.ctx, []*booking.Booking{b})
	if err != nil {
		return err
	}
	page := v.bookingPage(b, names)
	page.Actions = v.actions(b)
	page.Awaits, page.Approvals, page.Proposal, page.More = v.awaits(b), v.approvals(b, names), v.proposal(b, names), v.moreActions(b)
	if b.AsksReconfirm(v.now) {
		page.Reconfirm = b.ReconfirmBy.In(v.facts.ZoneOf(b))
	}
	if failed != nil {
		page.Refusals, page.Alternatives = failed.refusals, failed.alternatives
		for i, a := range page.Actions.Actions {
			if a.Name == failed.action {
				page.Actions.Actions[i].Typed = failed.reason
			}
		}
	}
	if err = s.displaced(v, b, &page); err != nil {
		return err
	}
	if page.Arrival, err = s.arrival(v, b); err != nil {
		return err
	}
	if err := s.useOf(v, b, &page, failed); err != nil {
		return err
	}
	if page.shell, err = s.shell(c, v); err != nil {
		return err
	}
	page.Back = "/bookings/" + page.Ref
	return s.page(c, v, status, "booking", page)
}

func (v *visit) bookingPage(b *booking.Booking, names map[id.Person]access.Person) bookingPage {
	zone, o, row := v.facts.ZoneOf(b), v.facts.ObjectOf(b), v.bookingRow(b)
	out := bookingPage{
		Ref: string(b.Ref), State: v.stateOf(b), Resource: row.Resource, Facility: row.Facility, City: row.City,
		Start: row.Start, End: row.End, Minutes: int(b.Period.Minutes()), ProjectID: row.ProjectID, Project: row.Project,
		Series: string(b.Series), MoneySeen: v.allowed(access.SeeProjectMoney, o), Purpose: b.Purpose, Question: b.Question,
		Booker: names[b.Person].Name, Organisation: v.organisationOf(names[b.Person]),
		Cost: v.costOf(o, b.Cost, b.State == booking.Completed), CalendarPath: "/bookings/" + string(b.Ref) + ".ics",
	}
	out.Attendees, out.Exceptions = b.Attendees, v.exceptions(b, zone, names)
	out.Unlogged = b.State == booking.Completed && v.facts.OwesCheckOut(b)
	if f := v.facilityOf(b); f != nil {
		out.FacilityID, out.Site = string(f.ID), f.SiteAt(b.Period.Start).Name
	}
	out.Units, out.Loose, out.Pin = v.units(b), len(b.Provisional) > 0, v.pin(b)
	if next, err := v.find("next." + out.State); err == nil && b.State.Open() {
		out.Next = next
	}
	if b.Proposal != nil {
		out.Next = v.say("next.proposed")
	}
	for _, e := range slices.Backward(b.History) {
		line := historyEntry{At: e.At.In(zone), Event: eventOf(e), Who: names[e.By].Name, Reason: e.Reason}
		if e.By == 0 {
			line.Who = "Rigg"
		}
		out.History = append(out.History, line)
	}
	return out
}

// events are the history's texts by action, where it isn't the state's own.
var events = map[booking.Action]string{
	booking.ActApprove: "confirmed", booking.ActDecline: "declined", booking.ActAsk: "asked", booking.ActAnswer: "answered",
	booking.ActMove: "moved", booking.ActEdit: "changed", booking.ActExpire: "expired", booking.ActCheckIn: "checked_in",
	booking.ActCheckOut: "checked_out", booking.ActNoShow: "no_show", booking.ActComplete: "completed",
	booking.ActRequest: "requested", booking.ActCancel: "cancelled", booking.ActPin: "pinned",
	booking.ActDisplace: "displaced", booking.ActRestore: "restored",
	booking.ActPropose: "proposed", booking.ActAskMove: "move_asked", booking.ActAccept: "accepted",
	booking.ActApproveMove: "move_approved", booking.ActReject: "change_rejected", booking.ActLapse: "change_lapsed",
	booking.ActReconfirm: "reconfirmed", booking.ActRelease: "released", booking.ActHandOver: "handed_over",
	booking.ActLog: "logged", booking.ActCorrect: "corrected",
}

func eventOf(e booking.Event) string {
	switch {
	case e.Action == booking.ActRequest && e.To == booking.Confirmed:
		return "booked"
	case e.Action == booking.ActApprove && e.To == booking.Requested:
		return "half_approved"
	case e.Action == booking.ActCancel && e.From == booking.Requested:
		return "withdrawn"
	}
	return events[e.Action]
}

// actions are what the policy and the booking's state let the visitor do.
func (v *visit) actions(b *booking.Booking) bookingActions {
	out := bookingActions{Ref: string(b.Ref), Version: b.Version}
	o := v.facts.ObjectOf(b)
	add := func(may access.Action, when bool, a action) {
		if when && v.allowed(may, o) {
			if a.Path == "" {
				a.Path = "/bookings/" + string(b.Ref) + "/" + a.Name
			}
			out.Actions = append(out.Actions, a)
		}
	}
	requested, confirmed := b.State == booking.Requested, b.State == booking.Confirmed
	begun, ended := !v.now.Before(b.Period.Start), !v.now.Before(b.Period.End)
	add(access.UseBooking, b.AsksReconfirm(v.now), action{Name: "reconfirm", Kind: "primary", Icon: "check"})
	add(access.SeeBooking, v.decides(b), action{Name: "approve", Kind: "primary", Icon: "check"})
	add(access.SeeBooking, v.mayDecline(b), action{Name: "decline", Kind: "danger", Icon: "x", Reason: "required"})
	add(access.DecideBooking, requested, action{Name: "ask", Icon: "help-circle", Reason: "required"})
	add(access.ChangeBooking, requested && b.Question != "", action{Name: "answer", Kind: "primary", Icon: "check", Reason: "required"})
	add(access.UseBooking, confirmed && !v.now.Before(v.facts.CheckInOpens(b)) && !ended, action{Name: "check-in", Kind: "primary", Icon: "door-enter"})
	add(access.UseBooking, b.State == booking.Completed && v.facts.OwesCheckOut(b), action{Name: "check-out", Kind: "primary", Icon: "door-exit"})
	add(access.OperateBooking, confirmed && begun, action{Name: "no-show", Icon: "user-x"})
	add(access.ChangeBooking, requested, action{
		Name: "withdraw", Kind: "danger", Icon: "x", Reason: "optional", Path: "/bookings/" + string(b.Ref) + "/cancel",
	})
	add(access.ChangeBooking, confirmed && !begun || b.State == booking.Displaced,
		action{Name: "cancel", Kind: "danger", Icon: "x", Reason: "optional"})
	return out
}

// arrival is for who is to come, once it is certain that they are.
func (s *Server) arrival(v *visit, b *booking.Booking) (*arrival, error) {
	f := v.facilityOf(b)
	if f == nil || b.State != booking.Confirmed && b.State != booking.InUse {
		return nil, nil
	}
	names, err := s.managers(v, f)
	if err != nil {
		return nil, err
	}
	out := &arrival{
		Address: f.Address, Entrance: f.Entrance.In(v.lang), Contact: f.Arrival.Contact, Phone: f.Arrival.Phone,
		Safety: f.Arrival.Safety.In(v.lang), Parking: f.Arrival.Parking.In(v.lang),
	}
	if len(names) > 0 {
		out.Host = names[0]
	}
	if *out == (arrival{}) {
		return nil, nil
	}
	return out, nil
}

// bookingChange is a method of the service that changes one booking.
type bookingChange func(context.Context, *access.Principal, booking.Change) (*booking.Booking, error)

// bookingActionsByPath are the actions by the last part of their path.
func (s *Server) bookingActionsByPath() map[string]bookingChange {
	return map[string]bookingChange{
		"approve": s.Booking.Approve, "decline": s.Booking.Decline, "ask": s.Booking.Ask, "answer": s.Booking.Answer,
		"cancel": s.Booking.Cancel, "check-in": s.Booking.CheckIn, "no-show": s.Booking.MarkNoShow,
		"accept": s.Booking.Accept, "reject": s.Booking.Reject, "reconfirm": s.Booking.Reconfirm,
		"accept-alternative": s.Booking.AcceptAlternative,
	}
}

// postAction does one action. One that is refused, because somebody was quicker
// or a rule says no, shows the booking as it now is with every reason.
func (s *Server) postAction(c *fiber.Ctx, v *visit) error {
	name := c.Params("action")
	do, known := s.bookingActionsByPath()[name]
	if !known || !id.ValidRef(c.Params("ref")) {
		return problem.Absent()
	}
	values, err := formValues(c)
	if err != nil {
		return err
	}
	version, err := strconv.Atoi(values.Get("version"))
	if err != nil || version < 1 {
		return problem.CodeInvalid.Say("Läs om sidan och försök igen.", "Reload the page and try again.")
	}
	change := booking.Change{Ref: id.Ref(c.Params("ref")), Version: version, Reason: values.Get("reason")}
	if _, err := do(v.ctx, v.who, change); err != nil {
		return s.actionRefused(c, v, name, change, err)
	}
	back := "/bookings/" + string(change.Ref)
	if to := values.Get("back"); to != "" {
		back = ours(to)
	}
	return s.leave(c, back, "flash."+name)
}

func (s *Server) actionRefused(c *fiber.Ctx, v *visit, name string, change booking.Change, err error) error {
	e := known(err)
	if e.Code.Kind != problem.Conflict && e.Code.Kind != problem.Refused && e.Code.Kind != problem.Invalid {
		return err
	}
	b, findErr := s.Booking.Find(v.ctx, v.who, change.Ref)
	if findErr != nil {
		return findErr
	}
	failed := &tried{action: name, reason: change.Reason, refusals: v.refusals([]*problem.Error{e})}
	var refused *booking.Refused
	if errors.As(err, &refused) {
		failed.refusals = v.refusals(refused.Refusals)
		failed.alternatives = v.alternatives(refused.Alternatives, string(b.Project))
	}
	if name == "cancel" && b.State == booking.Requested {
		failed.action = "withdraw"
	}
	return s.showBooking(c, v, b, statusOf(e), failed)
}
