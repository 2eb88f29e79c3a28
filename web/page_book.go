package web

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"slices"
	"time"

	"github.com/gofiber/fiber/v2"

	"rigg/access"
	"rigg/booking"
	"rigg/facilities"
	"rigg/funding"
	"rigg/internal/id"
	"rigg/internal/period"
	"rigg/internal/problem"
)

type bookPage struct {
	shell
	Resource                               string // name of the first resource
	FacilityID, Facility, Site, City, Zone string
	Resources                              []option // those of the facility
	StepSeconds                            int
	Start, End                             timeField
	Projects                               []option
	Purpose                                string
	Rules                                  []string
	IdempotencyKey                         string // a new one for each form shown
	Errors                                 map[string]string
	Quote                                  quoteView
}

// timeField is a local time with what goes under it: the choice between two
// offsets, and what is wrong.
type timeField struct {
	Name, Value string
	Offsets     []option
	Error       string
	Live        bool // a part of the live answer, which swaps what is under the field
}

// quoteView is the answer to "what if I booked this?".
type quoteView struct {
	Live         bool   // the answer alone: also say the verdict aloud
	Asked        bool   // false: the form isn't filled in yet
	Approval     string // key quote.approval.APPROVAL: what happens on sending
	Verdict      string // one sentence, for the eye and the screen reader
	Start, End   time.Time
	Minutes      int       // 0: the times are not readable
	Cost         *costView // nil: no rate covers it
	FreeCancel   time.Time // zero: no such time
	Refusals     []refusalView
	Alternatives []alternativeView
	Fields       []timeField // of a live answer
	Seen         string      // names this answer, so that asking again can say "the same"
}

// refusalView is one reason why not, with what to do about it.
type refusalView struct{ Code, Sentence string }

// alternativeView is a time that would do; Path opens the form with it.
type alternativeView struct {
	Resource   string
	Start, End time.Time
	Reason     string
	Path       string
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
		_, fits, err := s.Booking.Availability(v.ctx, r.ID, period.New(v.now, v.now.AddDate(0, 0, 60)), int64(length/time.Minute))
		if err != nil {
			return err
		}
		if len(fits) == 0 {
			return nil
		}
		f.start = v.readClock(f, "start", fits[0].Start.Format(time.RFC3339), "")
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

// pageQuote answers with the quote alone, for the form to show. Asked again with
// nothing changed it says 204, so that what the reader has opened stays open.
func (s *Server) pageQuote(c *fiber.Ctx, v *visit) error {
	values, err := formValues(c)
	if err != nil {
		return err
	}
	if v.who == nil { // signed out since the form was opened
		c.Set("HX-Redirect", "/sign-in")
		return c.SendStatus(fiber.StatusNoContent)
	}
	f, err := v.readForm(values)
	if err != nil {
		return err
	}
	q, err := s.quote(v, f)
	if err != nil {
		return err
	}
	q.Live = true
	q.Fields = []timeField{f.field("start"), f.field("end")}
	for i := range q.Fields {
		q.Fields[i].Live = true
	}
	body, err := s.write(v, "booking_form", "booking_quote", q)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(body)
	if q.Seen = hex.EncodeToString(sum[:8]); q.Seen == values.Get("seen") {
		return c.SendStatus(fiber.StatusNoContent)
	}
	if body, err = s.write(v, "booking_form", "booking_quote", q); err != nil {
		return err
	}
	return sendHTML(c, fiber.StatusOK, body)
}

// quote prices and judges the form as it is filled in.
func (s *Server) quote(v *visit, f *bookForm) (quoteView, error) {
	out := quoteView{Approval: string(f.facility.Approval)}
	if !f.filled() {
		out.Asked = len(f.errors) > 0
		f.unreadable(v, &out)
		return out, nil
	}
	q, err := s.Booking.Quote(v.ctx, v.who, f.request())
	if err != nil {
		if !f.complain(err, v.lang) {
			return out, err
		}
		f.unreadable(v, &out)
		return out, nil
	}
	if q.Confirms {
		out.Approval = string(facilities.Auto)
	}
	f.judged(v, &out, q.Cost, q.Refusals, q.Alternatives)
	return out, nil
}

// unreadable says of a form what must be put right before it can be priced.
func (f *bookForm) unreadable(v *visit, out *quoteView) {
	if len(f.errors) == 0 {
		return
	}
	out.Asked, out.Verdict = true, v.say("quote.unreadable")
	names := make([]string, 0, len(f.errors))
	for name := range f.errors {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		out.Refusals = append(out.Refusals, refusalView{Code: problem.CodeInvalid.Slug, Sentence: f.errors[name]})
	}
}

func (f *bookForm) judged(v *visit, out *quoteView, cost *funding.Cost, refusals []*problem.Error, others []facilities.Alternative) {
	zone := f.facility.SiteAt(f.start.at).Zone
	out.Asked, out.Start, out.End = true, f.start.at.In(zone), f.end.at.In(zone)
	out.Minutes = int(f.period().Minutes())
	out.Cost = v.costOf(v.facts.ObjectOf(&booking.Booking{Resources: f.names(), Project: id.Project(f.project), Period: f.period()}), cost, false)
	out.Refusals, out.Verdict = v.refusals(refusals), v.say("quote.ok")
	if len(refusals) > 0 {
		out.Verdict = v.say("quote.no")
	}
	out.FreeCancel = f.freeCancel(zone)
	if out.FreeCancel.Before(v.now) {
		out.FreeCancel = time.Time{}
	}
	out.Alternatives = v.alternatives(f.resources, others, f.project)
}

// freeCancel is the last moment at which cancelling is free on all resources.
func (f *bookForm) freeCancel(zone *time.Location) (earliest time.Time) {
	for _, r := range f.resources {
		if r.Rules.FreeCancel.Zero() {
			continue
		}
		at := r.Rules.FreeCancel.Before(f.start.at, zone).In(zone)
		if earliest.IsZero() || at.Before(earliest) {
			earliest = at
		}
	}
	return earliest
}

func (v *visit) refusals(list []*problem.Error) (out []refusalView) {
	for _, e := range list {
		out = append(out, refusalView{Code: e.Code.Slug, Sentence: e.Text().In(v.lang)})
	}
	return out
}

func (v *visit) alternatives(resources []*facilities.Resource, list []facilities.Alternative, project string) (out []alternativeView) {
	if len(resources) == 0 {
		return nil
	}
	var names []id.Resource
	shown := ""
	for i, r := range resources {
		names = append(names, r.ID)
		if i > 0 {
			shown += ", "
		}
		shown += r.Name.In(v.lang)
	}
	for _, a := range list {
		zone := resources[0].Zone(a.Period.Start)
		reason, err := v.find("alternative." + a.Reason)
		if err != nil {
			reason = a.Reason
		}
		out = append(out, alternativeView{
			Resource: shown, Start: a.Period.Start.In(zone), End: a.Period.End.In(zone), Reason: reason,
			Path: formPath(names, a.Period, zone, project),
		})
	}
	return out
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
		q := quoteView{Approval: string(f.facility.Approval)}
		f.unreadable(v, &q)
		return s.showForm(c, v, f, q, fiber.StatusUnprocessableEntity)
	}
	ctx := access.WithKey(v.ctx, f.key, fiber.MethodPost, "/book", f.canonical())
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
		q := quoteView{Approval: string(f.facility.Approval)}
		f.unreadable(v, &q)
		return s.showForm(c, v, f, q, status)
	}
	q, err := s.quote(v, f) // for the price; the reasons are those of the try itself
	if err != nil {
		return err
	}
	q.Verdict, q.Refusals = v.say("quote.no"), v.refusals(refused.Refusals)
	q.Alternatives = v.alternatives(refused.Resources, refused.Alternatives, f.project)
	return s.showForm(c, v, f, q, statusOf(refused.Problem))
}

func (s *Server) showForm(c *fiber.Ctx, v *visit, f *bookForm, q quoteView, status int) (err error) {
	site := f.facility.SiteAt(v.now)
	first := f.facility.Resources[0]
	if len(f.resources) > 0 {
		first = f.resources[0]
	}
	page := bookPage{
		Resource: first.Name.In(v.lang), FacilityID: string(f.facility.ID), Facility: f.facility.Name.In(v.lang),
		Site: site.Name, City: site.City, Zone: site.Zone.String(), Start: f.field("start"), End: f.field("end"),
		StepSeconds: int(max(first.Rules.Step.Duration(), time.Minute) / time.Second), Projects: v.projectOptions(f.project),
		Purpose: f.purpose, Rules: v.rules(first.Rules), IdempotencyKey: id.NewSecret(), Errors: f.errors, Quote: q,
	}
	for _, r := range f.facility.Resources {
		page.Resources = append(page.Resources, option{
			Value: string(r.ID), Text: r.Name.In(v.lang), Selected: slices.Contains(f.resources, r),
		})
	}
	if page.shell, err = s.shell(c, v); err != nil {
		return err
	}
	page.Back = f.path()
	return s.page(c, v, status, "booking_form", page)
}

func (f *bookForm) field(name string) timeField {
	clock := map[string]clockField{"start": f.start, "end": f.end}[name]
	return timeField{Name: name, Value: clock.typed, Offsets: clock.choices, Error: f.errors[name]}
}
