package web

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"rigg/booking"
	"rigg/facilities"
	"rigg/funding"
	"rigg/internal/id"
	"rigg/internal/problem"
)

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
	Series       *seriesQuote // nil: one booking
	Failing      bool         // a series that would not be booked
	Alternatives []alternativeView
	Waitable     bool        // the waiting list may help
	Fields       []timeField // of a live answer
	Seen         string      // names this answer, so that asking again can say "the same"
	Changed      string      // of a change: move or propose; empty: a new booking
	Version      int         // of the booking that would change
}

// refusalView is one reason why not, with what to do about it.
// Code is empty for a mistake in the form.
type refusalView struct{ Code, Sentence string }

// alternativeView is what would do instead; Path opens the form with it.
type alternativeView struct {
	Resource   string
	Start, End time.Time
	Reason     string
	Path       string
	Place      string // of an equivalent: where it is
	Price      *price // of an equivalent

	names []id.Resource
}

// pageQuote answers with the quote alone, for the form to show. Asked again with
// nothing changed it says 204, so that what the reader has opened stays open.
func (s *Server) pageQuote(c *fiber.Ctx, v *visit) error {
	values, err := formValues(c)
	if err != nil {
		return err
	}
	f, err := v.readForm(values)
	if err != nil {
		return err
	}
	if v.who == nil { // signed out since the form was opened; what was typed comes back
		c.Set("HX-Redirect", signInPath(f.path()))
		return c.SendStatus(fiber.StatusNoContent)
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
	out := quoteView{Approval: string(f.approval())}
	if !f.filled() {
		out.Asked = len(f.errors) > 0
		f.unreadable(v, &out)
		return out, nil
	}
	if f.repeats() {
		return s.quoteSeries(v, f, out)
	}
	q, err := s.Booking.Quote(v.ctx, v.who, f.request())
	if err != nil {
		if !f.complain(err, v.lang) {
			return out, err
		}
		f.unreadable(v, &out)
		return out, nil
	}
	switch {
	case q.Confirms:
		out.Approval = string(facilities.Auto)
	case slices.Equal(q.Awaits, []booking.Side{booking.ByLead}):
		out.Approval = "lead"
	case slices.Contains(q.Awaits, booking.ByLead):
		out.Approval = "both"
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
		out.Refusals = append(out.Refusals, refusalView{Sentence: f.errors[name]})
	}
}

func (f *bookForm) judged(v *visit, out *quoteView, cost *funding.Cost, refusals []*problem.Error, others []booking.Alternative) {
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
	out.Alternatives = v.alternatives(others, f.project)
	out.Waitable = waitable(refusals)
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

func (v *visit) alternatives(list []booking.Alternative, project string) (out []alternativeView) {
	for _, a := range list {
		shown := make([]string, len(a.Resources))
		for i, r := range a.Resources {
			shown[i] = r.Name.In(v.lang)
		}
		zone := a.Resources[0].Zone(a.Period.Start)
		view := alternativeView{
			Resource: strings.Join(shown, ", "), Start: a.Period.Start.In(zone), End: a.Period.End.In(zone),
			Path: formPath(a.Names(), a.Period, zone, project), names: a.Names(),
		}
		var err error
		if view.Reason, err = v.find("alternative." + a.Reason); err != nil {
			view.Reason = a.Reason
		}
		if a.Reason == booking.ReasonEquivalent {
			f := a.Resources[0].Facility
			view.Place = f.Name.In(v.lang) + ", " + f.SiteAt(a.Period.Start).City
			view.Price = v.priceOf(id.Project(project), a.Cost, a.Period)
		}
		out = append(out, view)
	}
	return out
}
