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

// deskPage is what a facility's staff has beside its bookings.
type deskPage struct {
	shell
	ID, Name  string
	Manages   bool // else an auditor, who looks
	Error     string
	Reports   []reportRow
	All       bool // closed ones too
	Notes     []noteRow
	Enquiries []enquiryRow
	Resources []option
	Retiring  []retiringRow
	Fates     []fateRow // of the retirement just tried
	Files     []deskFiles
	WalkIn    walkInForm
}

// walkInForm books for somebody who stands there; what was typed stays.
type walkInForm struct {
	Resource, Email, Project, End string
	Refusals                      []refusalView
}

type reportRow struct {
	ID, Resource, Ref, By, Text, Severity, Name string
	At, Until, Closed                           time.Time
	Outage                                      bool
	ClosedReason                                string
}

type noteRow struct {
	ID, Resource, By, Text string
	At                     time.Time
	Pinned                 bool
}

// retiringRow is a resource that has a last day.
type retiringRow struct{ Name, Day string }

type fateRow struct{ Ref, Resource, Action, Why string }

type deskFiles struct {
	Resource string
	Files    *filesView
}

// pageDesk shows a facility's desk to its staff; to others it is not there.
func (s *Server) pageDesk(c *fiber.Ctx, v *visit) error {
	f, err := v.facility(c.Params("id"))
	if err != nil {
		return err
	}
	return s.showDesk(c, v, f, deskPage{All: c.Query("reports") == "all"}, fiber.StatusOK)
}

func (s *Server) showDesk(c *fiber.Ctx, v *visit, f *facilities.Facility, page deskPage, status int) error {
	reports, err := s.Booking.ListReports(v.ctx, v.who, f.ID, !page.All)
	if err != nil {
		return err
	}
	notes, err := s.Booking.ListNotes(v.ctx, v.who, f.ID)
	if err != nil {
		return err
	}
	enquiries, err := s.Booking.ListEnquiries(v.ctx, v.who, f.ID)
	if err != nil {
		return err
	}
	page.ID, page.Name = string(f.ID), f.Name.In(v.lang)
	page.Manages = v.allowed(access.ManageFacility, v.objectAt(f))
	var people []id.Person
	for _, r := range reports {
		people = append(people, r.By)
	}
	for _, n := range notes {
		people = append(people, n.By)
	}
	names, err := s.peopleNamed(v.ctx, people)
	if err != nil {
		return err
	}
	for _, r := range reports {
		page.Reports = append(page.Reports, v.reportRow(r, names[r.By].Name))
	}
	for _, n := range notes {
		page.Notes = append(page.Notes, noteRow{
			ID: strconv.FormatInt(int64(n.ID), 10), Resource: v.resourceName(n.Resource), By: names[n.By].Name, Text: n.Text,
			At: n.At.In(v.facts.ZoneAt(n.Facility, n.At)), Pinned: n.Pinned,
		})
	}
	if page.Enquiries, err = s.enquiryRows(v, enquiries); err != nil {
		return err
	}
	if page.WalkIn.End == "" {
		page.WalkIn.End = v.now.In(f.SiteAt(v.now).Zone).Add(2 * time.Hour).Format(localTime)
	}
	for _, r := range f.Resources {
		page.Resources = append(page.Resources, option{Value: string(r.ID), Text: r.Name.In(v.lang), Selected: string(r.ID) == page.WalkIn.Resource})
		if !r.RetiresAt().IsZero() {
			page.Retiring = append(page.Retiring, retiringRow{r.Name.In(v.lang), r.Retired.String()})
		}
		files, err := s.filesOf(v, booking.Attached{Resource: r.ID}, "/resources/"+string(r.ID)+"/files", page.Manages)
		if err != nil {
			return err
		}
		if files != nil {
			page.Files = append(page.Files, deskFiles{r.Name.In(v.lang), files})
		}
	}
	if page.shell, err = s.shell(c, v); err != nil {
		return err
	}
	page.Back = "/facilities/" + page.ID + "/desk"
	return s.page(c, v, status, "desk", page)
}

func (v *visit) resourceName(name id.Resource) string {
	if r, ok := v.facts.Catalogue.Resource(name); ok {
		return r.Name.In(v.lang)
	}
	return string(name)
}

func (v *visit) reportRow(r booking.Report, by string) reportRow {
	zone := v.facts.ZoneAt(r.Facility, r.At)
	out := reportRow{
		ID: strconv.FormatInt(int64(r.ID), 10), Resource: v.resourceName(r.Resource), Ref: string(r.Booking), By: by, Text: r.Text,
		Severity: string(r.Severity), Name: r.Severity.Name().In(v.lang), At: r.At.In(zone), Outage: r.Outage != 0, ClosedReason: r.ClosedReason,
	}
	if !r.Until.IsZero() {
		out.Until = r.Until.In(zone)
	}
	if !r.Closed.IsZero() {
		out.Closed = r.Closed.In(zone)
	}
	return out
}

// deskRefused shows the desk with what was wrong with what was just sent.
func (s *Server) deskRefused(c *fiber.Ctx, v *visit, name id.Facility, err error) error {
	e := known(err)
	if e.Code.Kind != problem.Invalid && e.Code.Kind != problem.Conflict && e.Code.Kind != problem.Refused {
		return err
	}
	f, findErr := v.facility(string(name))
	if findErr != nil {
		return findErr
	}
	return s.showDesk(c, v, f, deskPage{Error: sentence(e, v)}, statusOf(e))
}

// sentence is all that a problem says, its fields' own words first.
func sentence(e *problem.Error, v *visit) string {
	if len(e.Fields) > 0 {
		return e.Fields[0].Message.In(v.lang)
	}
	return e.Text().In(v.lang)
}

func (s *Server) postNote(c *fiber.Ctx, v *visit) error {
	values, err := formValues(c)
	if err != nil {
		return err
	}
	name := id.Facility(c.Params("id"))
	_, err = s.Booking.AddNote(v.ctx, v.who, booking.Note{
		Facility: name, Resource: id.Resource(values.Get("resource")), Text: values.Get("text"), Pinned: values.Get("pinned") != "",
	})
	if err != nil {
		return s.deskRefused(c, v, name, err)
	}
	return s.leave(c, "/facilities/"+string(name)+"/desk#notes", "flash.note")
}

func (s *Server) postPinNote(c *fiber.Ctx, v *visit) error {
	values, n, err := numbered(c)
	if err != nil {
		return err
	}
	if err := s.Booking.PinNote(v.ctx, v.who, id.Note(n), values.Get("pinned") == "true"); err != nil {
		return err
	}
	return c.Redirect(ours(values.Get("back")), fiber.StatusSeeOther)
}

func (s *Server) postCloseReport(c *fiber.Ctx, v *visit) error {
	values, n, err := numbered(c)
	if err != nil {
		return err
	}
	if err := s.Booking.CloseReport(v.ctx, v.who, id.Report(n), values.Get("reason")); err != nil {
		return s.deskRefused(c, v, id.Facility(values.Get("facility")), err)
	}
	return s.leave(c, ours(values.Get("back")), "flash.report_closed")
}

// numbered reads a form whose address has a row's number.
func numbered(c *fiber.Ctx) (url.Values, int64, error) {
	values, err := formValues(c)
	if err != nil {
		return nil, 0, err
	}
	n, err := strconv.ParseInt(c.Params("number"), 10, 64)
	if err != nil || n < 1 {
		return nil, 0, problem.Absent()
	}
	return values, n, nil
}

// postRetire retires a resource, and tells on the desk what became of each booking.
func (s *Server) postRetire(c *fiber.Ctx, v *visit) error {
	values, err := formValues(c)
	if err != nil {
		return err
	}
	r, ok := v.facts.Catalogue.Resource(id.Resource(values.Get("resource")))
	if !ok {
		return problem.Absent()
	}
	from, err := period.ParseDate(values.Get("date"))
	if err != nil {
		return s.deskRefused(c, v, r.Facility.ID, err)
	}
	done, err := s.Booking.Retire(v.ctx, v.who, booking.Retirement{
		Resource: r.ID, From: from, MoveTo: id.Resource(values.Get("move_to")), Cancel: values.Get("cancel") != "", Reason: values.Get("reason"),
	})
	if err != nil {
		return s.deskRefused(c, v, r.Facility.ID, err)
	}
	if done.Done && len(done.Fates) == 0 {
		return s.leave(c, "/facilities/"+string(r.Facility.ID)+"/desk#retire", "flash.retired")
	}
	page := deskPage{}
	for _, f := range done.Fates {
		row := fateRow{Ref: string(f.Booking.Ref), Resource: v.resourceNames(f.Booking), Action: string(f.Action)}
		if row.Action == "" {
			row.Action = "left"
		}
		if f.Problem != nil {
			row.Why = f.Problem.Text().In(v.lang)
		}
		page.Fates = append(page.Fates, row)
	}
	if fresh, err := s.newVisit(c); err == nil { // with the resource as it now is
		v = fresh
	}
	f, err := v.facility(string(r.Facility.ID))
	if err != nil {
		return err
	}
	return s.showDesk(c, v, f, page, fiber.StatusOK)
}

// postWalkIn books for somebody who stands at the resource, and checks them in.
func (s *Server) postWalkIn(c *fiber.Ctx, v *visit) error {
	values, err := formValues(c)
	if err != nil {
		return err
	}
	r, ok := v.facts.Catalogue.Resource(id.Resource(values.Get("resource")))
	if !ok {
		return problem.Absent()
	}
	form := walkInForm{
		Resource: string(r.ID), Email: values.Get("email"), Project: values.Get("project"), End: values.Get("end"),
	}
	in := booking.Request{
		Resources: []id.Resource{r.ID}, Project: id.Project(form.Project), OnBehalfOf: form.Email, Purpose: values.Get("purpose"),
	}
	var b *booking.Booking
	if in.Period.End, err = timeAt("end", form.End, r.Zone(v.now)); err == nil {
		b, err = s.Booking.WalkIn(v.ctx, v.who, in)
	}
	if err == nil {
		return s.leave(c, "/bookings/"+string(b.Ref), "flash.walked_in")
	}
	e := known(err)
	if e.Code.Kind != problem.Invalid && e.Code.Kind != problem.Conflict && e.Code.Kind != problem.Refused {
		return err
	}
	form.Refusals = v.refusals([]*problem.Error{e})
	var refused *booking.Refused
	if errors.As(err, &refused) {
		form.Refusals = v.refusals(refused.Refusals)
	}
	page := deskPage{WalkIn: form}
	if len(e.Fields) > 0 {
		page.Error = sentence(e, v)
	}
	return s.showDesk(c, v, r.Facility, page, statusOf(e))
}
