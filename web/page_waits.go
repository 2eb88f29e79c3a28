package web

import (
	"errors"
	"net/url"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"

	"rigg/access"
	"rigg/booking"
	"rigg/facilities"
	"rigg/internal/id"
	"rigg/internal/period"
	"rigg/internal/problem"
)

type waitsPage struct {
	shell
	FacilityID, Facility string // of a manager's list; empty: one's own
	Waits                []waitRow
	Empty                empty
}

// waitRow is one place in line.
type waitRow struct {
	Ref, Resource, Facility, City string
	Person                        string // in a manager's list
	Start, End                    time.Time
	Minutes                       int // 0: just this time
	State                         string
	ProjectID, Project            string
	Position                      int
	Created                       time.Time
	Offer                         *slot
	Expires                       time.Time
	Booking                       string // its reference; empty: none came of it
	Live, Mine                    bool
}

type waitPage struct {
	shell
	Wait         waitRow
	Refusals     []refusalView // of the acceptance just tried
	Alternatives []alternativeView
}

type joinPage struct {
	shell
	Resource, FacilityID, Facility string
	Resources                      []option
	Start, End                     timeField
	Lengths, Projects              []option
	Purpose, Zone                  string
	Errors                         map[string]string
	Refusals                       []refusalView
	Alternatives                   []alternativeView
}

func (v *visit) waitRow(w *booking.Wait) waitRow {
	zone := waitZone(v.facts, w)
	out := waitRow{
		Ref: string(w.Ref), Start: w.Period.Start.In(zone), End: w.Period.End.In(zone), State: w.State.Name().In(v.lang),
		ProjectID: string(w.Project), Position: w.Position, Created: w.Created.In(zone), Booking: string(w.Booking), Live: w.Live(),
		Resource: v.resourceNames(&booking.Booking{Resources: w.Resources}), Mine: v.who != nil && w.Person == v.who.ID,
	}
	if !w.Exact() {
		out.Minutes = w.Minutes
	}
	if f, ok := v.facts.Catalogue.Facility(w.Facility); ok {
		out.Facility, out.City = f.Name.In(v.lang), f.SiteAt(w.Period.Start).City
	}
	if p, ok := v.facts.Terms.Project(w.Project); ok {
		out.Project = p.Name
	}
	if w.Offer != nil {
		out.Offer, out.Expires = &slot{Start: w.Offer.Period.Start.In(zone), End: w.Offer.Period.End.In(zone)}, w.Offer.Expires.In(zone)
	}
	return out
}

// pageWaits lists what the visitor waits for.
func (s *Server) pageWaits(c *fiber.Ctx, v *visit) error {
	return s.showWaits(c, v, waitsPage{}, "")
}

// pageFacilityWaits lists who is in line at a facility, for its managers.
func (s *Server) pageFacilityWaits(c *fiber.Ctx, v *visit) error {
	f, err := v.facility(c.Params("id"))
	if err != nil {
		return err
	}
	if !v.allowed(access.SeeFacilityBookings, v.facilityObject(f)) {
		return problem.Absent()
	}
	return s.showWaits(c, v, waitsPage{FacilityID: string(f.ID), Facility: f.Name.In(v.lang)}, f.ID)
}

func (s *Server) showWaits(c *fiber.Ctx, v *visit, page waitsPage, at id.Facility) error {
	list, err := s.Booking.ListWaits(v.ctx, v.who, at)
	if err != nil {
		return err
	}
	names, err := s.waiters(v.ctx, list)
	if err != nil {
		return err
	}
	page.Empty = empty{Icon: "hourglass", Title: v.say("waits.none")}
	if at == "" { // the managers of a facility have no time to look for
		page.Empty.Text, page.Empty.Links = v.say("waits.none.text"), []link{{Text: v.say("nav.find"), Path: "/"}}
	}
	for _, w := range list {
		row := v.waitRow(w)
		row.Person = names[w.Person].Name
		page.Waits = append(page.Waits, row)
	}
	if page.shell, err = s.shell(c, v); err != nil {
		return err
	}
	return s.page(c, v, fiber.StatusOK, "waits", page)
}

// liveWaits are the visitor's own that something can come of.
func (s *Server) liveWaits(v *visit) (out []waitRow, err error) {
	list, err := s.Booking.ListWaits(v.ctx, v.who, "")
	for _, w := range list {
		if w.Live() {
			out = append(out, v.waitRow(w))
		}
	}
	return out, err
}

// pageWait shows one place in line, with the offer if there is one.
func (s *Server) pageWait(c *fiber.Ctx, v *visit) error {
	return s.showWait(c, v, nil, fiber.StatusOK)
}

func (s *Server) showWait(c *fiber.Ctx, v *visit, failed *tried, status int) error {
	if !id.ValidRef(c.Params("ref")) {
		return problem.Absent()
	}
	w, err := s.Booking.FindWait(v.ctx, v.who, id.Ref(c.Params("ref")))
	if err != nil {
		return err
	}
	page := waitPage{Wait: v.waitRow(w)}
	if failed != nil {
		page.Refusals, page.Alternatives = failed.refusals, failed.alternatives
	}
	if page.shell, err = s.shell(c, v); err != nil {
		return err
	}
	page.Back = "/waits/" + page.Wait.Ref
	return s.page(c, v, status, "wait", page)
}

// postWaitAction accepts or declines an offer, or leaves the line.
func (s *Server) postWaitAction(c *fiber.Ctx, v *visit) error {
	if !id.ValidRef(c.Params("ref")) {
		return problem.Absent()
	}
	ref := id.Ref(c.Params("ref"))
	var err error
	switch c.Params("action") {
	case "accept":
		b, acceptErr := s.Booking.AcceptOffer(v.ctx, v.who, ref)
		if acceptErr == nil {
			return s.leave(c, "/bookings/"+string(b.Ref), map[bool]string{true: "flash.booked", false: "flash.requested"}[b.State == booking.Confirmed])
		}
		err = acceptErr
	case "decline":
		if _, err = s.Booking.DeclineOffer(v.ctx, v.who, ref); err == nil {
			return s.leave(c, "/waits/"+string(ref), "flash.offer_declined")
		}
	case "leave":
		if _, err = s.Booking.LeaveWaits(v.ctx, v.who, ref); err == nil {
			return s.leave(c, "/bookings", "flash.wait_left")
		}
	default:
		return problem.Absent()
	}
	e := known(err)
	if e.Code.Kind != problem.Conflict && e.Code.Kind != problem.Refused {
		return err
	}
	return s.showWait(c, v, v.tried(err), statusOf(e))
}

// tried is what stands in the way of something that was just refused.
func (v *visit) tried(err error) *tried {
	out := &tried{refusals: v.refusals([]*problem.Error{known(err)})}
	var refused *booking.Refused
	if errors.As(err, &refused) {
		out.refusals = v.refusals(refused.Refusals)
		out.alternatives = v.alternatives(refused.Alternatives, "")
	}
	return out
}

// pageJoin shows the form of a wait, filled in with what the link says.
func (s *Server) pageJoin(c *fiber.Ctx, v *visit) error {
	values, err := formValues(c)
	if err != nil {
		return err
	}
	if values.Get("project") == "" {
		values.Set("project", s.rememberedProject(c, v))
	}
	f, err := v.readForm(values)
	if err != nil {
		return err
	}
	return s.showJoin(c, v, f, number(values.Get("minutes"), 0), nil, fiber.StatusOK)
}

// postJoin puts the visitor in line; what refuses it stands in the form.
func (s *Server) postJoin(c *fiber.Ctx, v *visit) error {
	values, err := formValues(c)
	if err != nil {
		return err
	}
	f, err := v.readForm(values)
	if err != nil {
		return err
	}
	minutes := number(values.Get("minutes"), 0)
	if !f.filled() || len(f.errors) > 0 {
		f.demand(v)
		return s.showJoin(c, v, f, minutes, nil, fiber.StatusUnprocessableEntity)
	}
	wish := booking.WaitWish{
		Resources: f.names(), Project: id.Project(f.project), Period: f.period(), Minutes: minutes, Purpose: f.purpose,
	}
	w, err := s.Booking.JoinWaits(v.ctx, v.who, wish)
	if err == nil {
		s.remember(c, projectCookie, f.project, projectLife)
		return s.leave(c, "/waits/"+string(w.Ref), "flash.wait_joined")
	}
	e := known(err)
	if e.Code.Kind != problem.Conflict && e.Code.Kind != problem.Refused && e.Code.Kind != problem.Invalid {
		return err
	}
	f.complain(err, v.lang)
	return s.showJoin(c, v, f, minutes, v.tried(err), statusOf(e))
}

func (s *Server) showJoin(c *fiber.Ctx, v *visit, f *bookForm, minutes int, failed *tried, status int) (err error) {
	page := joinPage{
		Resource: f.first().Name.In(v.lang), FacilityID: string(f.facility.ID), Facility: f.facility.Name.In(v.lang),
		Start: f.field("start"), End: f.field("end"), Projects: v.projectOptions(f.project), Purpose: f.purpose,
		Zone: f.facility.SiteAt(v.now).Zone.String(), Errors: f.errors,
		Lengths: append([]option{{Text: v.say("wait.exact"), Selected: minutes == 0}}, v.lengths(max(minutes, lengthChoices[0]))...),
	}
	for i := range page.Lengths[1:] {
		page.Lengths[i+1].Selected = page.Lengths[i+1].Value == strconv.Itoa(minutes)
	}
	for _, r := range f.resources {
		page.Resources = append(page.Resources, option{Value: string(r.ID), Text: r.Name.In(v.lang), Selected: true})
	}
	if failed != nil {
		page.Refusals, page.Alternatives = failed.refusals, failed.alternatives
	}
	if page.shell, err = s.shell(c, v); err != nil {
		return err
	}
	return s.page(c, v, status, "wait_form", page)
}

// waitable tells whether waiting may help against the refusals of a form.
func waitable(refusals []*problem.Error) (helps bool) {
	for _, e := range refusals {
		switch e.Code {
		case facilities.CodeSlotTaken, facilities.CodeResourceDown, facilities.CodeTooFarAhead:
			helps = true
		case facilities.CodeTooShort, facilities.CodeTooLong, facilities.CodeNotOnGrid, facilities.CodeTooSoon, facilities.CodeInThePast,
			booking.CodeNotAMember:
			return false
		}
	}
	return helps
}

// joinPath is the address of the form of a wait for any time of a window.
func joinPath(r *facilities.Resource, window period.Period, minutes int, project string, zone *time.Location) string {
	return "/waits/new?" + url.Values{
		"resource": {string(r.ID)}, "start": {localOr(window.Start, zone)}, "end": {localOr(window.End, zone)},
		"minutes": {strconv.Itoa(minutes)}, "project": {project},
	}.Encode()
}
