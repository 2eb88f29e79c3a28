package web

import (
	"net/url"
	"time"

	"github.com/gofiber/fiber/v2"

	"rigg/access"
	"rigg/booking"
	"rigg/internal/id"
	"rigg/internal/problem"
)

type enquiriesPage struct {
	shell
	Rows  []enquiryRow
	Empty empty
}

type enquiryRow struct {
	Ref, Subject, State, Facility, Resource, Person string
	Changed                                         time.Time
}

type enquiryPage struct {
	shell
	Ref, Subject, State            string
	FacilityID, Facility, Resource string
	Asker, Organisation            string
	ProjectID                      string
	Lines                          []enquiryLine
	Bookings                       []string
	Writes                         bool
	Typed, Error                   string
	Book                           string // the booking form, filled in
	Files                          *filesView
}

type enquiryLine struct {
	By, Text string
	Staff    bool
	At       time.Time
}

type askPage struct {
	shell
	FacilityID, Facility string
	Resources, Projects  []option
	Subject, Text        string
	Errors               map[string]string
}

// pageEnquiries lists the visitor's enquiries and those to their facilities.
func (s *Server) pageEnquiries(c *fiber.Ctx, v *visit) error {
	list, err := s.Booking.ListEnquiries(v.ctx, v.who, "")
	if err != nil {
		return err
	}
	page := enquiriesPage{Empty: empty{
		Icon: "help-circle", Title: v.say("enquiries.none"), Text: v.say("enquiries.none.text"),
		Links: []link{{Text: v.say("nav.find"), Path: "/"}},
	}}
	if page.Rows, err = s.enquiryRows(v, list); err != nil {
		return err
	}
	if page.shell, err = s.shell(c, v); err != nil {
		return err
	}
	return s.page(c, v, fiber.StatusOK, "enquiries", page)
}

func (s *Server) enquiryRows(v *visit, list []*booking.Enquiry) (out []enquiryRow, err error) {
	var people []id.Person
	for _, e := range list {
		people = append(people, e.Person)
	}
	names, err := s.peopleNamed(v.ctx, people)
	if err != nil {
		return nil, err
	}
	for _, e := range list {
		row := enquiryRow{
			Ref: string(e.Ref), Subject: e.Subject, State: string(e.State), Facility: string(e.Facility), Person: names[e.Person].Name,
			Changed: e.Changed.In(v.facts.ZoneAt(e.Facility, e.Changed)),
		}
		if f, ok := v.facts.Catalogue.Facility(e.Facility); ok {
			row.Facility = f.Name.In(v.lang)
		}
		if e.Resource != "" {
			row.Resource = v.resourceName(e.Resource)
		}
		out = append(out, row)
	}
	return out, nil
}

// pageAsk shows the form for a new enquiry, or takes it where it is sent.
func (s *Server) pageAsk(c *fiber.Ctx, v *visit) error {
	values, err := formValues(c)
	if err != nil {
		return err
	}
	f, err := v.facility(values.Get("facility"))
	if err != nil {
		return err
	}
	page := askPage{
		FacilityID: string(f.ID), Facility: f.Name.In(v.lang), Subject: values.Get("subject"), Text: values.Get("text"), Errors: map[string]string{},
	}
	status := fiber.StatusOK
	if c.Method() == fiber.MethodPost {
		e, err := s.Booking.Enquire(v.ctx, v.who, booking.Question{
			Facility: f.ID, Resource: id.Resource(values.Get("resource")), Project: id.Project(values.Get("project")),
			Subject: page.Subject, Text: page.Text,
		})
		if err == nil {
			return s.leave(c, "/enquiries/"+string(e.Ref), "flash.enquired")
		}
		p := known(err)
		if p.Code.Kind != problem.Invalid && p.Code.Kind != problem.Refused {
			return err
		}
		status, page.Errors["form"] = statusOf(p), p.Text().In(v.lang)
		for _, field := range p.Fields {
			page.Errors[field.Path] = field.Message.In(v.lang)
		}
	}
	page.Resources = []option{{Text: v.say("enquiry.whole")}}
	for _, r := range f.Resources {
		page.Resources = append(page.Resources, option{Value: string(r.ID), Text: r.Name.In(v.lang), Selected: values.Get("resource") == string(r.ID)})
	}
	page.Projects = []option{{Text: v.say("enquiry.no_project")}}
	for _, p := range v.bookable() {
		page.Projects = append(page.Projects, option{Value: string(p.ID), Text: string(p.ID) + " " + p.Name, Selected: values.Get("project") == string(p.ID)})
	}
	if page.shell, err = s.shell(c, v); err != nil {
		return err
	}
	page.Back = "/enquiries/new?facility=" + page.FacilityID
	return s.page(c, v, status, "ask", page)
}

func (s *Server) pageEnquiry(c *fiber.Ctx, v *visit) error {
	return s.showEnquiry(c, v, fiber.StatusOK, "", "")
}

func (s *Server) showEnquiry(c *fiber.Ctx, v *visit, status int, typed, wrong string) error {
	if !id.ValidRef(c.Params("ref")) {
		return problem.Absent()
	}
	e, err := s.Booking.FindEnquiry(v.ctx, v.who, id.Ref(c.Params("ref")))
	if err != nil {
		return err
	}
	rows, err := s.enquiryRows(v, []*booking.Enquiry{e})
	if err != nil {
		return err
	}
	o := v.facts.ObjectOfEnquiry(e, v.now)
	page := enquiryPage{
		Ref: rows[0].Ref, Subject: e.Subject, State: rows[0].State, FacilityID: string(e.Facility), Facility: rows[0].Facility,
		Resource: rows[0].Resource, Asker: rows[0].Person, ProjectID: string(e.Project), Writes: v.allowed(access.WriteEnquiry, o),
		Typed: typed, Error: wrong, Book: v.bookingOf(e),
	}
	var people []id.Person
	for _, l := range e.Lines {
		people = append(people, l.By)
	}
	names, err := s.peopleNamed(v.ctx, append(people, e.Person))
	if err != nil {
		return err
	}
	page.Organisation = v.organisationOf(names[e.Person])
	for _, l := range e.Lines {
		page.Lines = append(page.Lines, enquiryLine{By: names[l.By].Name, Text: l.Text, Staff: l.Staff, At: l.At.In(v.facts.ZoneAt(e.Facility, l.At))})
	}
	for _, b := range e.Bookings {
		page.Bookings = append(page.Bookings, string(b))
	}
	page.Files, err = s.filesOf(v, booking.Attached{Enquiry: e.Ref}, "/enquiries/"+page.Ref+"/files", v.allowed(access.AttachFile, o))
	if err != nil {
		return err
	}
	if page.shell, err = s.shell(c, v); err != nil {
		return err
	}
	page.Back = "/enquiries/" + page.Ref
	return s.page(c, v, status, "enquiry", page)
}

// bookingOf is the booking form filled in with what an enquiry knows.
func (v *visit) bookingOf(e *booking.Enquiry) string {
	values := url.Values{"enquiry": {string(e.Ref)}, "facility": {string(e.Facility)}, "purpose": {e.Subject}}
	if e.Resource != "" {
		values.Set("resource", string(e.Resource))
	}
	if e.Project != "" {
		values.Set("project", string(e.Project))
	}
	return "/book?" + values.Encode()
}

func (s *Server) postEnquiry(c *fiber.Ctx, v *visit) error {
	values, err := formValues(c)
	if err != nil {
		return err
	}
	ref := id.Ref(c.Params("ref"))
	if _, err := s.Booking.AnswerEnquiry(v.ctx, v.who, ref, values.Get("text")); err != nil {
		if e := known(err); e.Code.Kind == problem.Invalid {
			return s.showEnquiry(c, v, statusOf(e), values.Get("text"), e.Text().In(v.lang))
		}
		return err
	}
	return s.leave(c, "/enquiries/"+string(ref), "flash.written")
}

func (s *Server) postCloseEnquiry(c *fiber.Ctx, v *visit) error {
	if _, err := formValues(c); err != nil {
		return err
	}
	if _, err := s.Booking.CloseEnquiry(v.ctx, v.who, id.Ref(c.Params("ref"))); err != nil {
		return err
	}
	return s.leave(c, "/enquiries/"+c.Params("ref"), "flash.enquiry_closed")
}
