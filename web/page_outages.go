package web

import (
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

type outagesPage struct {
	shell
	FacilityID, Facility string
	Manages              bool
	Outages              []outageRow
	Empty                empty
	Pages                pageLinks
}

type outageRow struct {
	ID, Name, Kind string
	Units          []string
	Start, End     time.Time
	Lasting        bool // its end moves on until it is lifted
	Now            bool
	Note           string
	Path           string // empty: not the visitor's to change
}

type outagePage struct {
	shell
	FacilityID, Facility string
	Name                 string // of an outage that is there; empty: a new one
	Outage               *outageRow
	Over, Series         bool
	Lift                 string // where it is lifted
	Form                 outageFormView
}

// managed gives a facility whose outages the visitor may decide on; another's
// pages are not there.
func (v *visit) managed(name string) (*facilities.Facility, error) {
	f, err := v.facility(name)
	if err != nil {
		return nil, err
	}
	if !v.allowed(access.ManageFacility, v.facilityObject(f)) {
		return nil, problem.Absent()
	}
	return f, nil
}

func (v *visit) facilityObject(f *facilities.Facility) access.Object {
	return access.Object{Facility: f.ID, Site: f.SiteAt(v.now).ID}
}

func (v *visit) outageRow(at *facilities.Facility, o facilities.Outage) outageRow {
	zone := at.SiteAt(o.Period.Start).Zone
	row := outageRow{
		ID: strconv.FormatInt(int64(o.ID), 10), Name: o.Name.In(v.lang), Kind: o.Kind.Name().In(v.lang), Note: o.Note,
		Start: o.Period.Start.In(zone), End: o.Period.End.In(zone), Lasting: o.UntilLifted > 0 && o.Lifted.IsZero(), Now: o.Period.Has(v.now),
	}
	for _, u := range o.Units {
		row.Units = append(row.Units, v.facts.Catalogue.UnitName(u))
	}
	if v.allowed(access.ManageFacility, v.facilityObject(at)) {
		row.Path = "/outages/" + row.ID
	}
	return row
}

// pageOutages lists a facility's outages from now on.
func (s *Server) pageOutages(c *fiber.Ctx, v *visit) error {
	f, err := v.facility(c.Params("id"))
	if err != nil {
		return err
	}
	window := period.New(v.now, v.now.AddDate(5, 0, 0))
	found, more, err := s.Booking.ListOutages(v.ctx, v.who, f.ID, window, id.Outage(number(c.Query("after"), 0)))
	if err != nil {
		return err
	}
	page := outagesPage{
		FacilityID: string(f.ID), Facility: f.Name.In(v.lang), Manages: v.allowed(access.ManageFacility, v.facilityObject(f)),
		Empty: empty{Icon: "circle-check", Title: v.say("outages.none"), Text: v.say("outages.none.text")},
	}
	for _, o := range found {
		page.Outages = append(page.Outages, v.outageRow(f, o))
	}
	next := ""
	if more {
		next = page.Outages[len(found)-1].ID
	}
	page.Pages = cursorLinks(c, next)
	if page.shell, err = s.shell(c, v); err != nil {
		return err
	}
	return s.page(c, v, fiber.StatusOK, "outages", page)
}

// pageNewOutage shows the form, with who would be hit once it can be read.
func (s *Server) pageNewOutage(c *fiber.Ctx, v *visit) error {
	f, err := v.managed(c.Params("id"))
	if err != nil {
		return err
	}
	values, err := formValues(c)
	if err != nil {
		return err
	}
	form := v.readOutageForm(f, values)
	if form.defaults(v); len(values["unit"]) == 0 { // nothing chosen yet: nothing to preview
		if values.Get("start") == "" && values.Get("resource") != "" {
			form.units = v.unitNames(f, values.Get("resource"))
		} else if values.Get("preview") == "" {
			return s.showOutage(c, v, form, nil, fiber.StatusOK)
		}
	}
	return s.previewed(c, v, form, nil, fiber.StatusOK)
}

func (v *visit) unitNames(f *facilities.Facility, resource string) (out []string) {
	for _, r := range f.Resources {
		if string(r.ID) != resource {
			continue
		}
		for _, u := range r.Units {
			out = append(out, v.facts.Catalogue.UnitName(u))
		}
	}
	return out
}

// previewed shows the form with who is hit.
func (s *Server) previewed(c *fiber.Ctx, v *visit, form *outageForm, old *facilities.Outage, status int) error {
	w, ok := form.wish(v)
	if !ok {
		return s.showOutage(c, v, form, old, fiber.StatusUnprocessableEntity)
	}
	plan, err := s.Booking.PreviewOutage(v.ctx, v.who, w)
	if err != nil {
		if !form.complain(err, v.lang) {
			return err
		}
		return s.showOutage(c, v, form, old, statusOf(known(err)))
	}
	view := form.view(v)
	if err := s.showHits(v, &view, plan); err != nil {
		return err
	}
	return s.outagePage(c, v, form, view, old, status)
}

func (s *Server) showHits(v *visit, view *outageFormView, plan *booking.OutagePlan) error {
	var list []*booking.Booking
	for _, h := range plan.Hits {
		list = append(list, h.Booking)
	}
	people, err := s.names(v.ctx, list)
	if err != nil {
		return err
	}
	names := map[id.Person]string{}
	for person, p := range people {
		names[person] = p.Name
	}
	view.hits(v, plan, names)
	return nil
}

func (s *Server) showOutage(c *fiber.Ctx, v *visit, form *outageForm, old *facilities.Outage, status int) error {
	return s.outagePage(c, v, form, form.view(v), old, status)
}

func (s *Server) outagePage(c *fiber.Ctx, v *visit, form *outageForm, view outageFormView, old *facilities.Outage, status int) (err error) {
	page := outagePage{FacilityID: string(form.at.ID), Facility: form.at.Name.In(v.lang), Form: view}
	if old != nil {
		row := v.outageRow(form.at, *old)
		page.Name, page.Outage, page.Over, page.Series = row.Name, &row, old.Over(v.now), old.Series != ""
		page.Lift = "/outages/" + row.ID + "/lift"
	}
	if page.shell, err = s.shell(c, v); err != nil {
		return err
	}
	if c.Method() == fiber.MethodPost {
		page.Back = view.Preview
	}
	return s.page(c, v, status, "outage", page)
}

// postOutage saves a new outage. Who is in its way and was not seen before is shown
// first.
func (s *Server) postOutage(c *fiber.Ctx, v *visit) error {
	f, err := v.managed(c.Params("id"))
	if err != nil {
		return err
	}
	values, err := formValues(c)
	if err != nil {
		return err
	}
	return s.saveOutage(c, v, v.readOutageForm(f, values), nil)
}

func (s *Server) saveOutage(c *fiber.Ctx, v *visit, form *outageForm, old *facilities.Outage) error {
	w, ok := form.wish(v)
	if !ok {
		return s.showOutage(c, v, form, old, fiber.StatusUnprocessableEntity)
	}
	_, err := s.Booking.SaveOutage(v.ctx, v.who, w)
	switch {
	case problem.Has(err, facilities.CodeBookingsInTheWay):
		form.errors["form"] = v.say("outage.look")
		return s.inTheWay(c, v, form, w, old)
	case err != nil:
		if !form.complain(err, v.lang) {
			return err
		}
		return s.showOutage(c, v, form, old, statusOf(known(err)))
	}
	return s.leave(c, "/facilities/"+string(form.at.ID)+"/outages", "flash.outage_saved")
}

func (s *Server) inTheWay(c *fiber.Ctx, v *visit, form *outageForm, w booking.OutageWish, old *facilities.Outage) error {
	plan, err := s.Booking.PreviewOutage(v.ctx, v.who, w)
	if err != nil {
		return err
	}
	view := form.view(v)
	if err := s.showHits(v, &view, plan); err != nil {
		return err
	}
	return s.outagePage(c, v, form, view, old, fiber.StatusConflict)
}

// findOutage gives an outage that the visitor may change, and where it is.
func (s *Server) findOutage(c *fiber.Ctx, v *visit) (o facilities.Outage, f *facilities.Facility, err error) {
	n, err := strconv.ParseInt(c.Params("id"), 10, 64)
	if err != nil || n < 1 {
		return o, nil, problem.Absent()
	}
	if o, err = s.Booking.FindOutage(v.ctx, v.who, id.Outage(n)); err != nil {
		return o, nil, err
	}
	f, err = v.managed(string(o.Facility))
	return o, f, err
}

// pageOutage shows an outage as it is, or with a query as it would be.
func (s *Server) pageOutage(c *fiber.Ctx, v *visit) error {
	o, f, err := s.findOutage(c, v)
	if err != nil {
		return err
	}
	values, err := formValues(c)
	if err != nil {
		return err
	}
	if values.Get("start") == "" {
		return s.showOutage(c, v, v.outageFormOf(f, o), &o, fiber.StatusOK)
	}
	return s.previewed(c, v, v.changedOutage(f, o, values), &o, fiber.StatusOK)
}

func (v *visit) changedOutage(f *facilities.Facility, o facilities.Outage, values url.Values) *outageForm {
	form := v.readOutageForm(f, values)
	form.old = o.ID
	return form
}

// postOutageChange saves an outage that was changed.
func (s *Server) postOutageChange(c *fiber.Ctx, v *visit) error {
	o, f, err := s.findOutage(c, v)
	if err != nil {
		return err
	}
	values, err := formValues(c)
	if err != nil {
		return err
	}
	return s.saveOutage(c, v, v.changedOutage(f, o, values), &o)
}

// postLift ends an outage now.
func (s *Server) postLift(c *fiber.Ctx, v *visit) error {
	o, f, err := s.findOutage(c, v)
	if err != nil {
		return err
	}
	values, err := formValues(c)
	if err != nil {
		return err
	}
	if _, err = s.Booking.LiftOutage(v.ctx, v.who, o.ID, values.Get("later") == "true"); err != nil {
		form := v.outageFormOf(f, o)
		if !form.complain(err, v.lang) {
			return err
		}
		return s.showOutage(c, v, form, &o, statusOf(known(err)))
	}
	return s.leave(c, "/facilities/"+string(f.ID)+"/outages", "flash.outage_lifted")
}
