package web

import (
	"errors"
	"net/url"
	"slices"
	"strconv"

	"github.com/gofiber/fiber/v2"

	"rigg/access"
	"rigg/booking"
	"rigg/facilities"
	"rigg/internal/id"
	"rigg/internal/problem"
)

// The two ways to change a booking's time: to do it, and as a manager to propose it.
const (
	wayMove    = "move"
	wayPropose = "propose"
)

type changePage struct {
	shell
	Way                                        string // key change.WAY.*
	Ref                                        string
	Version                                    int
	Resource, FacilityID, Facility, Site, City string
	Zone                                       string
	Now                                        bookingRow // as it is
	Start, End                                 timeField
	Resources                                  []option
	Reason                                     string
	Begun                                      bool // only its end can change
	Errors                                     map[string]string
	Quote                                      quoteView
	Return                                     string // where to go back to; empty: the booking
}

// changeForm is the form of a change of one booking.
type changeForm struct {
	*bookForm
	booking *booking.Booking
	way     string
	reason  string
	back    string
}

func (s *Server) pageMove(c *fiber.Ctx, v *visit) error { return s.pageChange(c, v, wayMove) }

func (s *Server) pagePropose(c *fiber.Ctx, v *visit) error { return s.pageChange(c, v, wayPropose) }

// pageChange shows the form, filled in with the booking as it is and what the link
// says.
func (s *Server) pageChange(c *fiber.Ctx, v *visit, way string) error {
	f, err := s.readChange(c, v, way)
	if err != nil {
		return err
	}
	q, err := s.quoteChange(v, f)
	if err != nil {
		return err
	}
	return s.showChange(c, v, f, q, fiber.StatusOK)
}

func (s *Server) readChange(c *fiber.Ctx, v *visit, way string) (*changeForm, error) {
	values, err := formValues(c)
	if err != nil {
		return nil, err
	}
	b, err := s.findBooking(v, c.Params("ref"))
	if err != nil {
		return nil, err
	}
	if may := map[string]access.Action{wayMove: access.ChangeBooking, wayPropose: access.DecideBooking}[way]; !v.allowed(may, v.facts.ObjectOf(b)) {
		return nil, access.CodeForbidden.Say("Du får se bokningen men inte ändra den.", "You may see the booking but not change it.")
	}
	zone := v.facts.ZoneOf(b)
	for name, at := range map[string]string{"start": localOr(b.Period.Start, zone), "end": localOr(b.Period.End, zone)} {
		if values.Get(name) == "" && !values.Has("version") { // a form that was sent empty stays so
			values.Set(name, at)
		}
	}
	if !values.Has("resource") && !values.Has("version") {
		for _, r := range b.Chosen() {
			values.Add("resource", string(r))
		}
	}
	values.Set("project", string(b.Project))
	if f := v.facilityOf(b); f != nil {
		values.Set("facility", string(f.ID))
	}
	form, err := v.readForm(values)
	if err != nil {
		return nil, err
	}
	return &changeForm{bookForm: form, booking: b, way: way, reason: values.Get("reason"), back: values.Get("back")}, nil
}

func (f *changeForm) edit() booking.Edit {
	return booking.Edit{Resources: f.names(), Period: f.period()}
}

// changed tells whether the form says anything else than the booking.
func (f *changeForm) changed() bool {
	return f.booking.State == booking.Displaced || f.period() != f.booking.Period || !slices.Equal(f.names(), f.booking.Chosen())
}

// quoteChange prices and judges the change; one that says nothing new is not asked
// about.
func (s *Server) quoteChange(v *visit, f *changeForm) (quoteView, error) {
	out := quoteView{Approval: f.way, Version: f.booking.Version}
	if !f.filled() || !f.changed() {
		out.Asked = len(f.errors) > 0
		f.unreadable(v, &out)
		return out, nil
	}
	q, err := s.Booking.QuoteMove(v.ctx, v.who, f.booking.Ref, f.edit())
	if err != nil {
		e := known(err)
		if e.Code.Kind != problem.Conflict && !f.complain(err, v.lang) {
			return out, err
		}
		if e.Code.Kind == problem.Conflict {
			f.errors["form"] = e.Text().In(v.lang)
		}
		f.unreadable(v, &out)
		return out, nil
	}
	f.judged(v, &out, q.Cost, q.Refusals, q.Alternatives)
	out.Changed = f.way // its verdict speaks of a change
	if out.Verdict = v.say("change.ok"); len(q.Refusals) > 0 {
		out.Verdict = v.say("change.no")
	}
	out.Alternatives = f.elsewhere(out.Alternatives)
	switch {
	case f.way == wayPropose:
	case len(q.Awaits) > 0 && f.booking.State == booking.Confirmed:
		out.Approval = "asks"
	case len(q.Awaits) > 0:
		out.Approval = "waits"
	}
	return out, nil
}

// elsewhere leads the alternatives to this form, without the time that the booking
// has already.
func (f *changeForm) elsewhere(list []alternativeView) (out []alternativeView) {
	for _, a := range list {
		if a.Start.Equal(f.booking.Period.Start) && a.End.Equal(f.booking.Period.End) && slices.Equal(a.names, f.booking.Chosen()) {
			continue
		}
		a.Path = f.pathAt(a)
		out = append(out, a)
	}
	return out
}

// pathAt is the form with another time.
func (f *changeForm) pathAt(a alternativeView) string {
	values := url.Values{"start": {localOr(a.Start, a.Start.Location())}, "end": {localOr(a.End, a.End.Location())}}
	for _, name := range a.names {
		values.Add("resource", string(name))
	}
	return "/bookings/" + string(f.booking.Ref) + "/" + f.way + "?" + values.Encode()
}

// pageChangeQuote answers with the quote alone: for the form, and for who drags a
// booking in a timeline.
func (s *Server) pageChangeQuote(c *fiber.Ctx, v *visit) error {
	way := wayMove
	if c.Query("way") == wayPropose {
		way = wayPropose
	}
	f, err := s.readChange(c, v, way)
	if err != nil {
		return err
	}
	q, err := s.quoteChange(v, f)
	if err != nil {
		return err
	}
	if q.Live = c.Query("plain") == ""; q.Live {
		q.Fields = []timeField{f.field("start"), f.field("end")}
		for i := range q.Fields {
			q.Fields[i].Live = true
		}
	}
	body, err := s.write(v, "booking_change", "booking_quote", q)
	if err != nil {
		return err
	}
	return sendHTML(c, fiber.StatusOK, body)
}

func (s *Server) postMove(c *fiber.Ctx, v *visit) error { return s.postChange(c, v, wayMove) }

func (s *Server) postPropose(c *fiber.Ctx, v *visit) error { return s.postChange(c, v, wayPropose) }

// postChange moves the booking, or proposes to. What refuses it stands in the
// form, which keeps what was typed.
func (s *Server) postChange(c *fiber.Ctx, v *visit, way string) error {
	values, err := formValues(c)
	if err != nil {
		return err
	}
	version, err := strconv.Atoi(values.Get("version"))
	if err != nil || version < 1 {
		return problem.CodeInvalid.Say("Läs om sidan och försök igen.", "Reload the page and try again.")
	}
	f, err := s.readChange(c, v, way)
	if err != nil {
		return err
	}
	if !f.filled() || len(f.errors) > 0 {
		f.demand(v)
		q := quoteView{Approval: way}
		f.unreadable(v, &q)
		return s.showChange(c, v, f, q, fiber.StatusUnprocessableEntity)
	}
	change := booking.Change{Ref: f.booking.Ref, Version: version, Reason: f.reason}
	var b *booking.Booking
	if way == wayPropose {
		b, err = s.Booking.Propose(v.ctx, v.who, change, f.edit())
	} else {
		b, err = s.Booking.Edit(v.ctx, v.who, change, f.edit())
	}
	if err != nil {
		return s.changeRefused(c, v, f, err)
	}
	key := "flash." + way
	if way == wayMove && b.Proposal != nil {
		key = "flash.move_asked"
	}
	back := "/bookings/" + string(b.Ref)
	if f.back != "" {
		back = ours(f.back)
	}
	return s.leave(c, back, key)
}

func (s *Server) changeRefused(c *fiber.Ctx, v *visit, f *changeForm, err error) error {
	e := known(err)
	if e.Code.Kind != problem.Conflict && e.Code.Kind != problem.Refused && e.Code.Kind != problem.Invalid {
		return err
	}
	q, quoteErr := s.quoteChange(v, f) // for the price; the reasons are those of the try itself
	if quoteErr != nil {
		return quoteErr
	}
	q.Asked, q.Verdict, q.Refusals = true, v.say("change.no"), v.refusals([]*problem.Error{e})
	var refused *booking.Refused
	if errors.As(err, &refused) {
		q.Refusals = v.refusals(refused.Refusals)
		q.Alternatives = f.elsewhere(v.alternatives(refused.Alternatives, f.project))
	}
	if problem.Has(err, booking.CodeReasonMissing) {
		f.errors["reason"] = e.Text().In(v.lang)
	}
	if f.booking, err = s.Booking.Find(v.ctx, v.who, f.booking.Ref); err != nil { // as it is by now
		return err
	}
	return s.showChange(c, v, f, q, statusOf(e))
}

func (s *Server) showChange(c *fiber.Ctx, v *visit, f *changeForm, q quoteView, status int) (err error) {
	b, site := f.booking, f.facility.SiteAt(f.booking.Period.Start)
	page := changePage{
		Way: f.way, Ref: string(b.Ref), Version: b.Version, Resource: v.resourceNames(b), Now: v.bookingRow(b),
		FacilityID: string(f.facility.ID), Facility: f.facility.Name.In(v.lang), Site: site.Name, City: site.City, Zone: site.Zone.String(),
		Start: f.field("start"), End: f.field("end"), Reason: f.reason, Errors: f.errors, Quote: q, Return: f.back,
		Begun: b.State == booking.InUse || !v.now.Before(b.Period.Start),
	}
	for _, r := range f.facility.Resources {
		page.Resources = append(page.Resources, resourceOption(v, r, f.resources))
	}
	if page.shell, err = s.shell(c, v); err != nil {
		return err
	}
	page.Back = "/bookings/" + page.Ref
	return s.page(c, v, status, "booking_change", page)
}

func resourceOption(v *visit, r *facilities.Resource, chosen []*facilities.Resource) option {
	return option{Value: string(r.ID), Text: r.Name.In(v.lang), Selected: slices.Contains(chosen, r)}
}

// postHandOver gives the booking to a colleague.
func (s *Server) postHandOver(c *fiber.Ctx, v *visit) error {
	values, err := formValues(c)
	if err != nil {
		return err
	}
	version, err := strconv.Atoi(values.Get("version"))
	if err != nil || version < 1 || !id.ValidRef(c.Params("ref")) {
		return problem.CodeInvalid.Say("Läs om sidan och försök igen.", "Reload the page and try again.")
	}
	change := booking.Change{Ref: id.Ref(c.Params("ref")), Version: version, Reason: values.Get("reason")}
	if _, err := s.Booking.HandOver(v.ctx, v.who, change, values.Get("to")); err != nil {
		return s.actionRefused(c, v, "hand-over", change, err)
	}
	return s.leave(c, "/bookings/"+string(change.Ref), "flash.hand-over")
}
