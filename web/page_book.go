package web

import (
	"errors"
	"slices"
	"time"

	"github.com/gofiber/fiber/v2"

	"rigg/access"
	"rigg/booking"
	"rigg/facilities"
	"rigg/internal/id"
	"rigg/internal/period"
)

type bookPage struct {
	shell
	Resource                               string // name of the first resource
	FacilityID, Facility, Site, City, Zone string
	Resources                              []option // those of the facility
	Start, End                             timeField
	Projects                               []option
	Purpose, Enquiry                       string
	Repeat                                 repeatView
	Attendees                              []attendeeRow
	Override                               *string // the reason so far; nil: not for this visitor
	Rules                                  []string
	IdempotencyKey                         string // a new one for each form shown
	Errors                                 map[string]string
	Quote                                  quoteView
}

// pageBook shows the form, filled in with what the link says and sensible defaults.
func (s *Server) pageBook(c *fiber.Ctx, v *visit) error {
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
	if err := s.fillIn(v, f); err != nil {
		return err
	}
	q, err := s.quote(v, f)
	if err != nil {
		return err
	}
	return s.showForm(c, v, f, q, fiber.StatusOK)
}

// fillIn proposes the first time that fits, or an end for the start.
func (s *Server) fillIn(v *visit, f *bookForm) error {
	if len(f.resources) == 0 || len(f.errors) > 0 || f.end.typed != "" {
		return nil
	}
	r := f.resources[0]
	length := defaultLength(r.Rules)
	if f.start.typed == "" {
		wish := facilities.Wish{Window: period.New(v.now, v.now.AddDate(0, 0, 60)), Minutes: int64(length / time.Minute)}
		free, err := s.Booking.Availability(v.ctx, v.who, f.names(), wish)
		if err != nil {
			return err
		}
		if len(free.Fits) == 0 {
			return nil
		}
		f.start = v.readClock(f, "start", free.Fits[0].Period.Start.Format(time.RFC3339), "")
	}
	f.end = v.readClock(f, "end", f.start.at.Add(length).Format(time.RFC3339), "")
	return nil
}

// defaultLength is what a search asks for, within the resource's own limits.
func defaultLength(r facilities.Rules) time.Duration {
	length := defaultMinutes * time.Minute
	if longest := r.Max.Duration(); longest > 0 && length > longest {
		length = longest
	}
	return max(length, r.Min.Duration())
}

// postBook books. What refuses it stands in the form, which keeps what was typed.
func (s *Server) postBook(c *fiber.Ctx, v *visit) error {
	values, err := formValues(c)
	if err != nil {
		return err
	}
	f, err := v.readForm(values)
	if err != nil {
		return err
	}
	if v.who == nil { // the session has ended; what was typed comes back after sign-in
		return c.Redirect(signInPath(f.path()), fiber.StatusSeeOther)
	}
	if !f.filled() || len(f.errors) > 0 {
		f.demand(v)
		q := quoteView{Approval: string(f.approval())}
		f.unreadable(v, &q)
		return s.showForm(c, v, f, q, fiber.StatusUnprocessableEntity)
	}
	ctx := access.WithKey(v.ctx, f.key, fiber.MethodPost, "/book", f.canonical())
	if f.repeats() {
		made, err := s.Booking.RequestSeries(ctx, v.who, f.series())
		if err != nil {
			return s.bookRefused(c, v, f, err)
		}
		s.remember(c, projectCookie, f.project, projectLife)
		key := "flash.requested"
		if made.Bookings()[0].State == booking.Confirmed {
			key = "flash.series_booked"
		}
		return s.leave(c, "/series/"+string(made.Ref), key)
	}
	b, err := s.Booking.Request(ctx, v.who, f.request())
	if err != nil {
		return s.bookRefused(c, v, f, err)
	}
	s.remember(c, projectCookie, f.project, projectLife)
	key := "flash.requested"
	if b.State == booking.Confirmed {
		key = "flash.booked"
	}
	return s.leave(c, "/bookings/"+string(b.Ref), key)
}

// demand complains of the fields that are empty.
func (f *bookForm) demand(v *visit) {
	for name, missing := range map[string]bool{
		"start": f.start.typed == "", "end": f.end.typed == "", "project": f.project == "",
	} {
		if missing {
			f.errors[name] = v.say("form.missing")
		}
	}
}

func (s *Server) bookRefused(c *fiber.Ctx, v *visit, f *bookForm, err error) error {
	var refused *booking.Refused
	if !errors.As(err, &refused) {
		status := statusOf(known(err))
		if !f.complain(err, v.lang) {
			return err
		}
		q := quoteView{Approval: string(f.approval())}
		f.unreadable(v, &q)
		return s.showForm(c, v, f, q, status)
	}
	q, err := s.quote(v, f) // for the price; the reasons are those of the try itself
	if err != nil {
		return err
	}
	if q.Verdict = v.say("quote.no"); q.Series == nil { // its table has them
		q.Refusals = v.refusals(refused.Refusals)
	} else {
		q.Failing, q.Verdict = true, refused.Problem.Text().In(v.lang)
	}
	q.Alternatives = v.alternatives(refused.Alternatives, f.project)
	q.Waitable = q.Series == nil && waitable(refused.Refusals) // one waits for one time
	return s.showForm(c, v, f, q, statusOf(refused.Problem))
}

func (s *Server) showForm(c *fiber.Ctx, v *visit, f *bookForm, q quoteView, status int) (err error) {
	site := f.facility.SiteAt(v.now)
	first := f.first()
	page := bookPage{
		Resource: first.Name.In(v.lang), FacilityID: string(f.facility.ID), Facility: f.facility.Name.In(v.lang),
		Site: site.Name, City: site.City, Zone: site.Zone.String(), Start: f.field("start"), End: f.field("end"),
		Projects: v.projectOptions(f.project), Purpose: f.purpose, Enquiry: f.enquiry, Repeat: v.repeatView(f), Rules: v.resourceTerms(first), IdempotencyKey: id.NewSecret(), Errors: f.errors, Quote: q,
	}
	for _, r := range f.facility.Resources {
		page.Resources = append(page.Resources, option{
			Value: string(r.ID), Text: r.Name.In(v.lang), Selected: slices.Contains(f.resources, r),
		})
	}
	page.Attendees, page.Override = f.rows(), f.overrideField(v)
	if page.shell, err = s.shell(c, v); err != nil {
		return err
	}
	page.Back = f.path()
	return s.page(c, v, status, "booking_form", page)
}
