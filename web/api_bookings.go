package web

import (
	"cmp"
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"rigg/access"
	"rigg/booking"
	"rigg/internal/id"
	"rigg/internal/period"
	"rigg/internal/problem"
)

// RequestBody is a wish to book.
type RequestBody struct {
	Resources  []string       `json:"resources" minItems:"1" maxItems:"10" doc:"Ids of resources of one facility"`
	Project    string         `json:"project" minLength:"1" maxLength:"63"`
	Start      *string        `json:"start,omitempty" maxLength:"40" doc:"Not of a walk-in. RFC 3339 with offset; without one it is the site's local time" example:"2026-12-01T08:00:00+01:00"`
	End        string         `json:"end" maxLength:"40" example:"2026-12-01T16:00:00+01:00"`
	Purpose    string         `json:"purpose,omitempty" maxLength:"2000"`
	Attendees  []AttendeeBody `json:"attendees,omitempty" maxItems:"100"`
	OnBehalfOf string         `json:"on_behalf_of,omitempty" maxLength:"254" doc:"The booker's e-mail address, where that is somebody else"`
	Recurrence string         `json:"recurrence,omitempty" maxLength:"300" doc:"A rule of RFC 5545: DAILY, WEEKLY with BYDAY, or MONTHLY with BYMONTHDAY or numbered BYDAY; INTERVAL; COUNT or UNTIL. The first occurrence is the one from start to end, at most 366 come of it" example:"FREQ=WEEKLY;BYDAY=TU,TH;COUNT=10"`
	Accept     string         `json:"accept,omitempty" enum:"all,free" doc:"Of a series: every occurrence or none (the default), or those that fit"`
	Override   *OverrideBody  `json:"override,omitempty" doc:"A manager's exception from soft rules"`
	WalkIn     bool           `json:"walk_in,omitempty" doc:"A manager books for somebody who is there: from now, checked in at once"`
	Enquiry    string         `json:"enquiry,omitempty" maxLength:"63" doc:"That the booking comes out of"`
}

// AttendeeBody is somebody who comes along.
type AttendeeBody struct {
	Name  string `json:"name" minLength:"1" maxLength:"200"`
	Email string `json:"email,omitempty" maxLength:"254"`
}

type requestInput struct {
	IdempotencyKey string `header:"Idempotency-Key" doc:"Same key and body: the same answer again"`
	Body           RequestBody
}

type bookingOutput struct{ Body BookingBody }

type createdOutput struct {
	Location string `header:"Location"`
	Body     any    // a BookingBody, or of a series a SeriesBody
}

type quoteOutput struct{ Body QuoteBody }

type bookingInput struct {
	Ref string `path:"ref" maxLength:"63"`
}

type changeInput struct {
	Ref  string `path:"ref" maxLength:"63"`
	Body struct {
		Version int    `json:"version" minimum:"1" maximum:"1000000000" doc:"The version that was seen; another is 409 stale"`
		Reason  string `json:"reason,omitempty" maxLength:"2000"`
	}
}

type editInput struct {
	Ref   string `path:"ref" maxLength:"63"`
	Scope string `query:"scope" enum:"this,later,all" doc:"As in the body"`
	Body  struct {
		Version   int      `json:"version" minimum:"1" maximum:"1000000000"`
		Scope     string   `json:"scope,omitempty" enum:"this,later,all" doc:"Of a series: this booking alone, it and those after it, or all"`
		Start     string   `json:"start,omitempty" maxLength:"40"`
		End       string   `json:"end,omitempty" maxLength:"40"`
		Resources []string `json:"resources,omitempty" minItems:"1" maxItems:"10"`
		Purpose   *string  `json:"purpose,omitempty" maxLength:"2000"`

		Attendees *[]AttendeeBody `json:"attendees,omitempty" maxItems:"100"`
		Override  *OverrideBody   `json:"override,omitempty" doc:"A manager's exception from soft rules"`
	}
}

type listInput struct {
	PageInput
	Mine     bool     `query:"mine" doc:"Only one's own"`
	Project  string   `query:"project" maxLength:"63"`
	Facility string   `query:"facility" maxLength:"63"`
	Resource string   `query:"resource" maxLength:"63"`
	State    []string `query:"state" maxItems:"9" doc:"One or more states, with commas"`
	From     string   `query:"from" maxLength:"40" doc:"RFC 3339 with offset; without one it is Swedish local time"`
	To       string   `query:"to" maxLength:"40"`
}

type listOutput struct {
	Body struct {
		Items []BookingBody `json:"items"`
		Next  string        `json:"next" doc:"Cursor of the next page; empty on the last"`
	}
}

func (s *Server) bookingAPI(api huma.API) {
	const tag = "Bookings"
	create := operation(http.MethodPost, "/bookings", "Request a booking", tag, http.StatusConflict)
	create.DefaultStatus = http.StatusCreated
	eitherOf[BookingBody, SeriesBody](api, &create)
	huma.Register(api, create, answer(s, access.ScopeBook, s.createBooking))
	huma.Register(api, operation(http.MethodPost, "/quotes", "Price and judge a booking; nothing is held", tag),
		answer(s, access.ScopeBook, s.createQuote))
	huma.Register(api, operation(http.MethodGet, "/bookings", "List the bookings that you may see", tag),
		answer(s, access.ScopeRead, s.listBookings))
	huma.Register(api, operation(http.MethodGet, "/bookings/{ref}", "One booking with its history", tag, http.StatusNotFound),
		answer(s, access.ScopeRead, s.getBooking))
	edit := operation(http.MethodPatch, "/bookings/{ref}", "Move, resize or edit", tag, http.StatusNotFound, http.StatusConflict)
	eitherOf[BookingBody, SeriesChangeBody](api, &edit)
	huma.Register(api, edit, answer(s, access.ScopeBook, s.editBooking))
	huma.Register(api, operation(http.MethodPost, "/bookings/{ref}/pin", "Settle which units of pools a booking gets", tag,
		http.StatusNotFound, http.StatusConflict), answer(s, access.ScopeApprove, s.pinBooking))
	for _, act := range []struct {
		name, summary, scope string
		do                   changeFunc
	}{
		{"accept", "Accept a proposed change", access.ScopeBook, s.Booking.Accept},
		{"reject", "Turn a proposed change down, or take it back", access.ScopeBook, s.Booking.Reject},
		{"reconfirm", "Confirm that the time is needed", access.ScopeBook, s.Booking.Reconfirm},
		{"approve", "Approve a request or a move that is asked for", access.ScopeApprove, s.Booking.Approve},
		{"decline", "Decline a request or a move that is asked for; a reason is needed", access.ScopeApprove, s.Booking.Decline},
		{"ask", "Ask the booker a question", access.ScopeApprove, s.Booking.Ask},
		{"answer", "Answer the manager's question", access.ScopeBook, s.Booking.Answer},
		{"accept-alternative", "Move a displaced booking to the time that is held for it", access.ScopeBook, s.Booking.AcceptAlternative},
		{"check-in", "Begin the use", access.ScopeBook, s.Booking.CheckIn},
		{"no-show", "Record that nobody came", access.ScopeApprove, s.Booking.MarkNoShow},
	} {
		o := operation(http.MethodPost, "/bookings/{ref}/"+act.name, act.summary, tag, http.StatusNotFound, http.StatusConflict)
		huma.Register(api, o, answer(s, act.scope, s.changeBooking(act.do)))
	}
}

type changeFunc func(context.Context, *access.Principal, booking.Change) (*booking.Booking, error)

func (s *Server) changeBooking(do changeFunc) func(context.Context, *access.Principal, *changeInput) (*bookingOutput, error) {
	return func(ctx context.Context, p *access.Principal, in *changeInput) (*bookingOutput, error) {
		b, err := do(ctx, p, booking.Change{Ref: id.Ref(in.Ref), Version: in.Body.Version, Reason: in.Body.Reason})
		if err != nil {
			return nil, err
		}
		return s.bookingAnswer(ctx, p, b)
	}
}

func (s *Server) bookingAnswer(ctx context.Context, p *access.Principal, b *booking.Booking) (*bookingOutput, error) {
	body, err := s.bookingBodies(ctx, p, b)
	if err != nil {
		return nil, err
	}
	if err := s.withUse(ctx, b, &body[0]); err != nil {
		return nil, err
	}
	return &bookingOutput{Body: body[0]}, nil
}

func (s *Server) createBooking(ctx context.Context, p *access.Principal, in *requestInput) (*createdOutput, error) {
	do := s.Booking.Request
	if in.Body.WalkIn {
		now := stamp(s.DB.Now().Truncate(time.Minute), time.UTC)
		in.Body.Start, do = &now, s.Booking.WalkIn
	}
	request, err := s.readRequest(ctx, in.Body)
	if err != nil {
		return nil, err
	}
	if in.Body.Recurrence != "" {
		return s.createSeries(ctx, p, in.Body.series(request))
	}
	b, err := do(ctx, p, request)
	if err != nil {
		return nil, err
	}
	body, err := s.bookingBodies(ctx, p, b)
	if err != nil {
		return nil, err
	}
	return &createdOutput{Location: apiPrefix + "/bookings/" + string(b.Ref), Body: body[0]}, nil
}

// readRequest resolves the times of a request in the zone of its site. All that
// is wrong with them is told at once.
func (s *Server) readRequest(ctx context.Context, in RequestBody) (booking.Request, error) {
	out := booking.Request{
		Project: id.Project(in.Project), Purpose: in.Purpose, OnBehalfOf: in.OnBehalfOf, Override: in.Override.reason(), Enquiry: id.Ref(in.Enquiry),
	}
	for _, r := range in.Resources {
		out.Resources = append(out.Resources, id.Resource(r))
	}
	out.Attendees = attendees(in.Attendees)
	if in.Start == nil { // only a walk-in does without
		e := problem.CodeInvalid.Say("Ange när bokningen börjar.", "Say when the booking begins.")
		e.Fields = []problem.Field{{Path: "body.start", Message: e.Message}}
		return out, e
	}
	zone, err := s.zoneOf(ctx, out.Resources)
	if err != nil {
		return out, err
	}
	out.Period, err = readPeriod(*in.Start, in.End, zone)
	return out, err
}

// zoneOf is the zone of the first resource's site; local times are in it.
func (s *Server) zoneOf(ctx context.Context, resources []id.Resource) (*time.Location, error) {
	facts, err := s.Booking.Facts(ctx)
	if err != nil {
		return nil, err
	}
	for _, name := range resources {
		if r, ok := facts.Catalogue.Resource(name); ok {
			return r.Zone(s.DB.Now()), nil
		}
	}
	return time.UTC, nil
}

func readPeriod(start, end string, zone *time.Location) (period.Period, error) {
	from, errStart := period.Parse(start, zone)
	to, errEnd := period.Parse(end, zone)
	for _, wrong := range []struct {
		path string
		err  error
	}{{"start", errStart}, {"end", errEnd}} {
		if wrong.err != nil {
			e := problem.From(wrong.err)
			e.Fields = append(e.Fields, problem.Field{Path: wrong.path, Message: e.Text()})
			return period.Period{}, e
		}
	}
	return period.New(from, to), nil
}

func (s *Server) createQuote(ctx context.Context, p *access.Principal, in *requestInput) (*quoteOutput, error) {
	request, err := s.readRequest(ctx, in.Body)
	if err != nil {
		return nil, err
	}
	if in.Body.Recurrence != "" {
		return s.createSeriesQuote(ctx, p, in.Body.series(request))
	}
	q, err := s.Booking.Quote(ctx, p, request)
	if err != nil {
		return nil, err
	}
	body, err := s.quoteBody(ctx, p, request, q)
	if err != nil {
		return nil, err
	}
	return &quoteOutput{Body: body}, nil
}

func (s *Server) getBooking(ctx context.Context, p *access.Principal, in *bookingInput) (*bookingOutput, error) {
	b, err := s.Booking.Find(ctx, p, id.Ref(in.Ref))
	if err != nil {
		return nil, err
	}
	return s.bookingAnswer(ctx, p, b)
}

func (s *Server) editBooking(ctx context.Context, p *access.Principal, in *editInput) (*eitherOutput, error) {
	edit, err := s.readEdit(ctx, p, in.Ref, in.Body.Start, in.Body.End, in.Body.Resources)
	if err != nil {
		return nil, err
	}
	edit.Purpose, edit.Override = in.Body.Purpose, in.Body.Override.reason()
	if in.Body.Attendees != nil {
		all := attendees(*in.Body.Attendees)
		edit.Attendees = &all
	}
	change := booking.Change{Ref: id.Ref(in.Ref), Version: in.Body.Version}
	if scope := cmp.Or(booking.Scope(in.Scope), booking.Scope(in.Body.Scope), booking.ScopeThis); scope != booking.ScopeThis {
		return s.seriesChanged(ctx, p)(s.Booking.EditSeries(ctx, p, change, scope, edit))
	}
	return s.bookingChanged(ctx, p)(s.Booking.Edit(ctx, p, change, edit))
}

func (s *Server) listBookings(ctx context.Context, p *access.Principal, in *listInput) (*listOutput, error) {
	f := booking.Filter{
		Mine: in.Mine, Project: id.Project(in.Project), Facility: id.Facility(in.Facility),
		Resource: id.Resource(in.Resource), After: in.Cursor, Limit: in.Limit,
	}
	for _, state := range in.State {
		if booking.State(state).Name().Empty() {
			return nil, problem.CodeInvalid.Say("Det finns inget läge ”%s”.", "There is no state “%s”.", state)
		}
		f.States = append(f.States, booking.State(state))
	}
	var err error
	if f.From, err = optionalTime(in.From); err != nil {
		return nil, err
	}
	if f.To, err = optionalTime(in.To); err != nil {
		return nil, err
	}
	found, next, err := s.Booking.List(ctx, p, f)
	if err != nil {
		return nil, err
	}
	out := &listOutput{}
	out.Body.Next = next
	out.Body.Items, err = s.bookingBodies(ctx, p, found...)
	return out, err
}

// optionalTime reads a time of a list or search, which may be about many sites: one
// without offset is Swedish local time.
func optionalTime(s string) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	return period.Parse(s, siteZone)
}
