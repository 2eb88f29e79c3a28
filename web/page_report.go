package web

import (
	"net/url"

	"github.com/gofiber/fiber/v2"

	"rigg/access"
	"rigg/booking"
	"rigg/facilities"
	"rigg/internal/id"
	"rigg/internal/problem"
)

// reportPage is the form in which somebody tells of a problem.
type reportPage struct {
	shell
	Path, BackPath, Resource, Facility, OutagePath string
	Severities                                     []option
	Text, Until                                    string
	Outage, Manages                                bool // is asked for, may be
	Errors                                         map[string]string
	Error                                          string
	Obstacle                                       string // it is reported, but no outage was started
}

// pageReportBooking and pageReportResource show the form for a booking or a
// resource.
func (s *Server) pageReportBooking(c *fiber.Ctx, v *visit) error {
	b, err := s.findBooking(v, c.Params("ref"))
	if err != nil {
		return err
	}
	r, ok := v.facts.Catalogue.Resource(b.Resources[0])
	if !ok {
		return problem.Absent()
	}
	return s.reportForm(c, v, r, b.Ref)
}

func (s *Server) pageReportResource(c *fiber.Ctx, v *visit) error {
	r, ok := v.facts.Catalogue.Resource(id.Resource(c.Params("resource")))
	if !ok {
		return problem.Absent()
	}
	return s.reportForm(c, v, r, "")
}

// reportForm shows the form, or takes it where it is sent.
func (s *Server) reportForm(c *fiber.Ctx, v *visit, r *facilities.Resource, of id.Ref) error {
	page := reportPage{
		Path: "/r/" + string(r.ID) + "/report", BackPath: "/r/" + string(r.ID), Resource: r.Name.In(v.lang),
		Facility: r.Facility.Name.In(v.lang), OutagePath: "/facilities/" + string(r.Facility.ID) + "/outages/new?" + url.Values{"kind": {string(facilities.Breakdown)}, "resource": {string(r.ID)}}.Encode(),
		Manages: v.allowed(access.ManageFacility, v.objectAt(r.Facility)), Errors: map[string]string{},
	}
	if of != "" {
		page.Path, page.BackPath = "/bookings/"+string(of)+"/report", "/bookings/"+string(of)
	}
	if c.Method() != fiber.MethodPost {
		page.severities(string(booking.Remark), v)
		return s.showReport(c, v, page, fiber.StatusOK)
	}
	values, err := formValues(c)
	if err != nil {
		return err
	}
	page.severities(values.Get("severity"), v)
	page.Text, page.Until, page.Outage = values.Get("text"), values.Get("until"), values.Get("outage") != ""
	made, err := s.sendReport(v, r, of, values)
	if err != nil {
		e := known(err)
		if e.Code.Kind != problem.Invalid {
			return err
		}
		page.Error = e.Text().In(v.lang)
		for _, f := range e.Fields {
			page.Errors[f.Path] = f.Message.In(v.lang)
		}
		return s.showReport(c, v, page, statusOf(e))
	}
	if made.Obstacle != nil {
		page.Obstacle = made.Obstacle.Text().In(v.lang)
		return s.showReport(c, v, page, statusOf(made.Obstacle))
	}
	return s.leave(c, page.BackPath, "flash.reported")
}

func (s *Server) sendReport(v *visit, r *facilities.Resource, of id.Ref, values url.Values) (*booking.Report, error) {
	in := booking.Problem{
		Booking: of, Resource: r.ID, Text: values.Get("text"), Severity: booking.Severity(values.Get("severity")), Outage: values.Get("outage") != "",
	}
	var err error
	if in.Until, err = timeAt("until", values.Get("until"), r.Zone(v.now)); err != nil {
		return nil, err
	}
	return s.Booking.Report(v.ctx, v.who, in)
}

func (p *reportPage) severities(chosen string, v *visit) {
	for _, one := range booking.Severities {
		p.Severities = append(p.Severities, option{Value: string(one.ID), Text: one.Name.In(v.lang), Selected: string(one.ID) == chosen})
	}
}

func (s *Server) showReport(c *fiber.Ctx, v *visit, page reportPage, status int) (err error) {
	if page.shell, err = s.shell(c, v); err != nil {
		return err
	}
	page.Back = page.Path
	return s.page(c, v, status, "report", page)
}
