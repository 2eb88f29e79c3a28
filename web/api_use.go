package web

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"rigg/access"
	"rigg/booking"
	"rigg/facilities"
	"rigg/internal/id"
	"rigg/internal/period"
	"rigg/internal/problem"
	"rigg/internal/text"
)

// LogBody is what was told of a run, with the questions as they were then.
type LogBody struct {
	Notes     string                `json:"notes"`
	Questions []facilities.Question `json:"questions"`
	Answers   map[string]any        `json:"answers" doc:"By the question's id: texts, numbers, ids of choices"`
	By        string                `json:"by" doc:"Name"`
	At        string                `json:"at" format:"date-time"`
}

// ArrivalBody is what one needs to know on the day.
type ArrivalBody struct {
	Address  string     `json:"address"`
	Entrance text.Text  `json:"entrance" doc:"In both languages"`
	Contact  string     `json:"contact,omitempty"`
	Phone    string     `json:"phone,omitempty"`
	Safety   *text.Text `json:"safety,omitempty" doc:"In both languages"`
	Parking  *text.Text `json:"parking,omitempty" doc:"In both languages"`
}

// ReportBody is a problem with a resource.
type ReportBody struct {
	ID           string       `json:"id"`
	Facility     string       `json:"facility"`
	Resource     string       `json:"resource"`
	Booking      string       `json:"booking,omitempty"`
	By           string       `json:"by" doc:"Name"`
	Text         string       `json:"text"`
	Severity     string       `json:"severity" enum:"note,limited,down"`
	Until        string       `json:"until,omitempty" format:"date-time"`
	At           string       `json:"at" format:"date-time"`
	Outage       bool         `json:"outage" doc:"It started an outage"`
	Obstacle     *RefusalBody `json:"obstacle,omitempty" doc:"Why the outage that was asked for was not started"`
	Open         bool         `json:"open"`
	Closed       string       `json:"closed,omitempty" format:"date-time"`
	ClosedReason string       `json:"closed_reason,omitempty"`
}

type checkOutInput struct {
	Ref  string `path:"ref" maxLength:"63"`
	Body struct {
		Version int            `json:"version" minimum:"1" maximum:"1000000000"`
		Reason  string         `json:"reason,omitempty" maxLength:"2000"`
		Notes   string         `json:"notes,omitempty" maxLength:"4000" doc:"Of the run"`
		Answers map[string]any `json:"answers,omitempty" doc:"To the booking's questions, by id"`
	}
}

type correctInput struct {
	Ref  string `path:"ref" maxLength:"63"`
	Body struct {
		Version    int             `json:"version" minimum:"1" maximum:"1000000000"`
		CheckedIn  string          `json:"checked_in,omitempty" maxLength:"40"`
		CheckedOut string          `json:"checked_out,omitempty" maxLength:"40"`
		Notes      *string         `json:"notes,omitempty" maxLength:"4000" doc:"With answers: what was told of the run, anew"`
		Answers    *map[string]any `json:"answers,omitempty"`
		Reason     string          `json:"reason" minLength:"1" maxLength:"2000"`
	}
}

// ProblemBody is what somebody reports.
type ProblemBody struct {
	Text     string `json:"text" minLength:"1" maxLength:"4000"`
	Severity string `json:"severity" enum:"note,limited,down"`
	Until    string `json:"until,omitempty" maxLength:"40" doc:"When it is thought to work again"`
	Outage   bool   `json:"outage,omitempty" doc:"A manager takes the resource out of service at once, until then"`
	Resource string `json:"resource,omitempty" maxLength:"63" doc:"Of a booking of several"`
}

type bookingReportInput struct {
	IdempotencyKey string `header:"Idempotency-Key"`
	Ref            string `path:"ref" maxLength:"63"`
	Body           ProblemBody
}

type resourceReportInput struct {
	IdempotencyKey string `header:"Idempotency-Key"`
	ID             string `path:"id" maxLength:"63"`
	Body           ProblemBody
}

type reportOutput struct{ Body ReportBody }

type reportsInput struct {
	ID   string `path:"id" maxLength:"63"`
	Open bool   `query:"open" doc:"Only those that are not closed"`
}

type reportsOutput struct {
	Body struct {
		Items []ReportBody `json:"items"`
		Next  string       `json:"next"`
	}
}

type closeInput struct {
	ID   string `path:"id" maxLength:"20"`
	Body struct {
		Reason string `json:"reason" minLength:"1" maxLength:"2000" doc:"What was done about it"`
	}
}

func (s *Server) useAPI(api huma.API) {
	const tag = "Use"
	register := func(path, summary string) huma.Operation {
		return operation(http.MethodPost, path, summary, tag, http.StatusNotFound, http.StatusConflict)
	}
	huma.Register(api, register("/bookings/{ref}/check-out", "End the use; the charge is posted"),
		answer(s, access.ScopeBook, s.checkOut(s.Booking.CheckOutWith)))
	huma.Register(api, register("/bookings/{ref}/log", "Describe a run that ended by itself"),
		answer(s, access.ScopeBook, s.checkOut(s.Booking.WriteLog)))
	huma.Register(api, register("/bookings/{ref}/correct", "Correct actual times and what was told; a reason is needed"),
		answer(s, access.ScopeApprove, s.correctBooking))
	report := register("/bookings/{ref}/report", "Report a problem found in a booking")
	report.DefaultStatus = http.StatusCreated
	huma.Register(api, report, answer(s, access.ScopeBook, func(ctx context.Context, p *access.Principal, in *bookingReportInput) (*reportOutput, error) {
		return s.report(ctx, p, booking.Problem{Booking: id.Ref(in.Ref)}, in.Body)
	}))
	report = register("/resources/{id}/reports", "Report a problem with a resource")
	report.DefaultStatus = http.StatusCreated
	huma.Register(api, report, answer(s, access.ScopeBook, func(ctx context.Context, p *access.Principal, in *resourceReportInput) (*reportOutput, error) {
		in.Body.Resource = in.ID
		return s.report(ctx, p, booking.Problem{}, in.Body)
	}))
	huma.Register(api, operation(http.MethodGet, "/facilities/{id}/reports", "Problems of a facility, for its staff", tag, http.StatusNotFound),
		answer(s, access.ScopeRead, s.listReports))
	shut := register("/reports/{id}/close", "Close a report")
	shut.DefaultStatus = http.StatusNoContent
	huma.Register(api, shut, answer(s, access.ScopeAdmin, s.closeReport))
}

type entryFunc func(context.Context, *access.Principal, booking.Change, booking.Entry) (*booking.Booking, error)

func (s *Server) checkOut(do entryFunc) func(context.Context, *access.Principal, *checkOutInput) (*bookingOutput, error) {
	return func(ctx context.Context, p *access.Principal, in *checkOutInput) (*bookingOutput, error) {
		b, err := do(ctx, p, booking.Change{Ref: id.Ref(in.Ref), Version: in.Body.Version, Reason: in.Body.Reason},
			booking.Entry{Notes: in.Body.Notes, Answers: in.Body.Answers})
		if err != nil {
			return nil, err
		}
		return s.bookingAnswer(ctx, p, b)
	}
}

func (s *Server) correctBooking(ctx context.Context, p *access.Principal, in *correctInput) (*bookingOutput, error) {
	now, err := s.Booking.Find(ctx, p, id.Ref(in.Ref))
	if err != nil {
		return nil, err
	}
	facts, err := s.Booking.Facts(ctx)
	if err != nil {
		return nil, err
	}
	var to booking.Correction
	if to.CheckedIn, err = timeAt("checked_in", in.Body.CheckedIn, facts.ZoneOf(now)); err != nil {
		return nil, err
	}
	if to.CheckedOut, err = timeAt("checked_out", in.Body.CheckedOut, facts.ZoneOf(now)); err != nil {
		return nil, err
	}
	if in.Body.Notes != nil || in.Body.Answers != nil {
		to.Log = &booking.Entry{}
		if in.Body.Notes != nil {
			to.Log.Notes = *in.Body.Notes
		}
		if in.Body.Answers != nil {
			to.Log.Answers = *in.Body.Answers
		}
	}
	b, err := s.Booking.Correct(ctx, p, booking.Change{Ref: id.Ref(in.Ref), Version: in.Body.Version, Reason: in.Body.Reason}, to)
	if err != nil {
		return nil, err
	}
	return s.bookingAnswer(ctx, p, b)
}

// timeAt reads a time that may be left out; it is local where it has no offset.
func timeAt(path, written string, zone *time.Location) (time.Time, error) {
	if written == "" {
		return time.Time{}, nil
	}
	t, err := period.Parse(written, zone)
	if err != nil {
		e := problem.From(err)
		e.Fields = append(e.Fields, problem.Field{Path: path, Message: e.Text()})
		return t, e
	}
	return t, nil
}

func (s *Server) report(ctx context.Context, p *access.Principal, of booking.Problem, in ProblemBody) (*reportOutput, error) {
	of.Resource, of.Text, of.Severity, of.Outage = id.Resource(in.Resource), in.Text, booking.Severity(in.Severity), in.Outage
	facts, err := s.Booking.Facts(ctx)
	if err != nil {
		return nil, err
	}
	zone := siteZone
	if of.Booking != "" {
		b, err := s.Booking.Find(ctx, p, of.Booking)
		if err != nil {
			return nil, err
		}
		zone = facts.ZoneOf(b)
	} else if r, ok := facts.Catalogue.Resource(of.Resource); ok {
		zone = r.Zone(s.DB.Now())
	}
	if of.Until, err = timeAt("until", in.Until, zone); err != nil {
		return nil, err
	}
	r, err := s.Booking.Report(ctx, p, of)
	if err != nil {
		return nil, err
	}
	return &reportOutput{Body: reportBody(*r, p.Name, zone)}, nil
}

func reportBody(r booking.Report, by string, zone *time.Location) ReportBody {
	out := ReportBody{
		ID: strconv.FormatInt(int64(r.ID), 10), Facility: string(r.Facility), Resource: string(r.Resource), Booking: string(r.Booking),
		By: by, Text: r.Text, Severity: string(r.Severity), At: stamp(r.At, zone), Outage: r.Outage != 0,
		Open: r.Closed.IsZero(), ClosedReason: r.ClosedReason,
	}
	if !r.Until.IsZero() {
		out.Until = stamp(r.Until, zone)
	}
	if !r.Closed.IsZero() {
		out.Closed = stamp(r.Closed, zone)
	}
	if r.Obstacle != nil {
		out.Obstacle = &refusalBodies([]*problem.Error{r.Obstacle})[0]
	}
	return out
}

func (s *Server) listReports(ctx context.Context, p *access.Principal, in *reportsInput) (*reportsOutput, error) {
	list, err := s.Booking.ListReports(ctx, p, id.Facility(in.ID), in.Open)
	if err != nil {
		return nil, err
	}
	facts, err := s.Booking.Facts(ctx)
	if err != nil {
		return nil, err
	}
	var people []id.Person
	for _, r := range list {
		people = append(people, r.By)
	}
	names, err := s.peopleNamed(ctx, people)
	if err != nil {
		return nil, err
	}
	out := &reportsOutput{}
	out.Body.Items = []ReportBody{}
	for _, r := range list {
		out.Body.Items = append(out.Body.Items, reportBody(r, names[r.By].Name, facts.ZoneAt(r.Facility, r.At)))
	}
	return out, nil
}

func (s *Server) closeReport(ctx context.Context, p *access.Principal, in *closeInput) (*struct{}, error) {
	n, err := strconv.ParseInt(in.ID, 10, 64)
	if err != nil {
		return nil, problem.Absent()
	}
	return &struct{}{}, s.Booking.CloseReport(ctx, p, id.Report(n), in.Body.Reason)
}

// withUse adds to a booking that somebody may see what was told of its run, what
// is asked, and for who is to come how to get there.
func (s *Server) withUse(ctx context.Context, b *booking.Booking, out *BookingBody) error {
	facts, err := s.Booking.Facts(ctx)
	if err != nil {
		return err
	}
	l, err := s.Booking.LogOf(ctx, b)
	if err != nil {
		return err
	}
	out.Questions, out.Enquiry = facts.Asks(b), string(b.Enquiry)
	out.LogOpen = b.State == booking.Completed && l == nil && len(out.Questions) > 0
	if l != nil {
		names, err := s.peopleNamed(ctx, []id.Person{l.By})
		if err != nil {
			return err
		}
		out.Log = &LogBody{
			Notes: l.Notes, Questions: l.Questions, Answers: l.Answers, By: names[l.By].Name, At: stamp(l.At, facts.ZoneOf(b)),
		}
	}
	r, ok := facts.Catalogue.Resource(b.Resources[0])
	if ok && (b.State == booking.Confirmed || b.State == booking.InUse) {
		f := r.Facility
		out.Arrival = &ArrivalBody{Address: f.Address, Entrance: f.Entrance, Contact: f.Arrival.Contact, Phone: f.Arrival.Phone}
		if !f.Arrival.Safety.Empty() {
			out.Arrival.Safety = &f.Arrival.Safety
		}
		if !f.Arrival.Parking.Empty() {
			out.Arrival.Parking = &f.Arrival.Parking
		}
	}
	return nil
}
