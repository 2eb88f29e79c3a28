package web

import (
	"cmp"
	"context"
	"net/http"
	"reflect"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"rigg/access"
	"rigg/booking"
	"rigg/internal/id"
	"rigg/internal/period"
	"rigg/internal/problem"
)

// SeriesBody is a series with all its bookings and what was skipped.
type SeriesBody struct {
	Series     string        `json:"series" doc:"Its reference"`
	Recurrence string        `json:"recurrence" doc:"The rule, as it was asked for"`
	TimeZone   string        `json:"time_zone" doc:"In which the rule is expanded"`
	Bookings   []BookingBody `json:"bookings" doc:"By day"`
	Skipped    []SkippedBody `json:"skipped" doc:"What is not booked; it can be added when it is free"`
}

// SkippedBody is an occurrence that is not booked.
type SkippedBody struct {
	Day       string        `json:"day" format:"date" doc:"Of the rule: its name in the series"`
	Start     string        `json:"start,omitempty" format:"date-time" doc:"Absent where the clocks skip it"`
	End       string        `json:"end,omitempty" format:"date-time"`
	Resources []string      `json:"resources"`
	Reasons   []RefusalBody `json:"reasons"`
}

// OccurrenceBody is one occurrence of a quote.
type OccurrenceBody struct {
	Day      string        `json:"day" format:"date"`
	Start    string        `json:"start,omitempty" format:"date-time" doc:"Absent where the clocks skip it"`
	End      string        `json:"end,omitempty" format:"date-time"`
	Twice    bool          `json:"twice,omitempty" doc:"The clocks show its start or end twice; the first is taken"`
	Cost     *CostBody     `json:"cost"`
	Refusals []RefusalBody `json:"refusals" doc:"Empty: it fits, if those before it that fit are booked"`
}

// SeriesChangeBody is what came of a change of a series.
type SeriesChangeBody struct {
	Series   string        `json:"series"`
	Bookings []BookingBody `json:"bookings" doc:"Those that were changed"`
	Kept     []KeptBody    `json:"kept" doc:"Those that the change was about and that stay as they are"`
	Skipped  []SkippedBody `json:"skipped"`
}

// KeptBody is an occurrence that a change left as it is.
type KeptBody struct {
	Ref    string      `json:"ref,omitempty" doc:"Absent where it is not booked"`
	Day    string      `json:"day" format:"date"`
	Reason RefusalBody `json:"reason"`
}

// eitherOutput is a booking, or what came of a change of its series.
type eitherOutput struct{ Body any }

type seriesOutput struct{ Body SeriesBody }

type seriesChangeOutput struct{ Body SeriesChangeBody }

type seriesInput struct {
	Ref string `path:"ref" maxLength:"63"`
}

type addInput struct {
	Ref            string `path:"ref" maxLength:"63"`
	IdempotencyKey string `header:"Idempotency-Key" doc:"Same key and body: the same answer again"`
	Body           struct {
		Day string `json:"day,omitempty" maxLength:"10" doc:"One of the skipped; without it, all that fit" example:"2026-12-01"`
	}
}

type cancelInput struct {
	Ref  string `path:"ref" maxLength:"63"`
	Body struct {
		Version int    `json:"version" minimum:"1" maximum:"1000000000" doc:"The version that was seen; another is 409 stale"`
		Reason  string `json:"reason,omitempty" maxLength:"2000"`
		Scope   string `json:"scope,omitempty" enum:"this,later,all" doc:"Of a series: this booking alone, it and those after it, or all"`
	}
}

func (s *Server) seriesAPI(api huma.API) {
	const tag = "Bookings"
	cancel := operation(http.MethodPost, "/bookings/{ref}/cancel", "Cancel a booking or withdraw a request", tag,
		http.StatusNotFound, http.StatusConflict)
	eitherOf[BookingBody, SeriesChangeBody](api, &cancel)
	huma.Register(api, cancel, answer(s, access.ScopeBook, s.cancelBooking))
	huma.Register(api, operation(http.MethodGet, "/series/{ref}", "A series with its bookings and what was skipped", tag, http.StatusNotFound),
		answer(s, access.ScopeRead, s.getSeries))
	huma.Register(api, operation(http.MethodPost, "/series/{ref}/add", "Book what was skipped, if it is free now", tag,
		http.StatusNotFound, http.StatusConflict), answer(s, access.ScopeBook, s.addSkipped))
}

// eitherOf describes an answer that is one of two.
func eitherOf[A, B any](api huma.API, o *huma.Operation) {
	schemas := api.OpenAPI().Components.Schemas
	status, text := "200", "OK"
	if o.DefaultStatus == http.StatusCreated {
		status, text = "201", "Created"
	}
	o.Responses = map[string]*huma.Response{status: {Description: text, Content: map[string]*huma.MediaType{
		"application/json": {Schema: &huma.Schema{OneOf: []*huma.Schema{
			schemas.Schema(reflect.TypeFor[A](), true, ""), schemas.Schema(reflect.TypeFor[B](), true, ""),
		}}},
	}}}
}

// series is the request as one for a series.
func (b RequestBody) series(first booking.Request) booking.SeriesRequest {
	return booking.SeriesRequest{Request: first, Rule: b.Recurrence, Accept: booking.Accept(b.Accept)}
}

func (s *Server) createSeries(ctx context.Context, p *access.Principal, in booking.SeriesRequest) (*createdOutput, error) {
	made, err := s.Booking.RequestSeries(ctx, p, in)
	if err != nil {
		return nil, err
	}
	body, err := s.seriesBody(ctx, p, made)
	return &createdOutput{Location: apiPrefix + "/series/" + string(made.Ref), Body: body}, err
}

func (s *Server) createSeriesQuote(ctx context.Context, p *access.Principal, in booking.SeriesRequest) (*quoteOutput, error) {
	q, err := s.Booking.QuoteSeries(ctx, p, in)
	if err != nil {
		return nil, err
	}
	facts, err := s.Booking.Facts(ctx)
	if err != nil {
		return nil, err
	}
	first := &booking.Booking{Resources: in.Resources, Project: in.Project, Period: in.Period}
	zone, o := facts.ZoneOf(first), facts.ObjectOf(first)
	out := &quoteOutput{QuoteBody{
		Cost: costSeen(p, o, q.Cost), Refusals: refusalBodies(q.Refusals), Alternatives: []AlternativeBody{},
	}}
	for _, one := range q.Occurrences {
		body := OccurrenceBody{
			Day: one.Day.String(), Twice: one.Twice, Cost: costSeen(p, o, one.Cost), Refusals: refusalBodies(one.Refusals),
		}
		body.Start, body.End = stamps(one.Period, zone)
		out.Body.Occurrences = append(out.Body.Occurrences, body)
	}
	return out, nil
}

// stamps writes a period with the site's offset, an empty one not at all.
func stamps(p period.Period, zone *time.Location) (start, end string) {
	if p.Empty() {
		return "", ""
	}
	return stamp(p.Start, zone), stamp(p.End, zone)
}

func (s *Server) seriesBody(ctx context.Context, p *access.Principal, made *booking.Series) (SeriesBody, error) {
	out := SeriesBody{Series: string(made.Ref), Recurrence: made.Rule, TimeZone: made.Zone, Skipped: skippedBodies(made)}
	var err error
	out.Bookings, err = s.bookingsOf(ctx, p, made.Bookings())
	return out, err
}

// bookingsOf tells those bookings of a series that the principal may see: one may
// have been handed to somebody, or moved to where another's managers are.
func (s *Server) bookingsOf(ctx context.Context, p *access.Principal, list []*booking.Booking) ([]BookingBody, error) {
	facts, err := s.Booking.Facts(ctx)
	if err != nil {
		return nil, err
	}
	list = slices.DeleteFunc(list, func(b *booking.Booking) bool {
		return !access.Allowed(p, access.SeeBooking, facts.ObjectOf(b))
	})
	return s.bookingBodies(ctx, p, list...)
}

func skippedBodies(made *booking.Series) []SkippedBody {
	out := []SkippedBody{}
	zone, err := time.LoadLocation(made.Zone)
	if err != nil {
		zone = time.UTC
	}
	for _, o := range made.Skipped() {
		body := SkippedBody{Day: o.Day.String(), Resources: []string{}, Reasons: []RefusalBody{}}
		body.Start, body.End = stamps(o.Period, zone)
		for _, r := range o.Resources {
			body.Resources = append(body.Resources, string(r))
		}
		for _, r := range o.Reasons {
			body.Reasons = append(body.Reasons, RefusalBody(r))
		}
		out = append(out, body)
	}
	return out
}

func (s *Server) changeBody(ctx context.Context, p *access.Principal, c *booking.SeriesChange) (SeriesChangeBody, error) {
	out := SeriesChangeBody{Series: string(c.Series.Ref), Kept: []KeptBody{}, Skipped: skippedBodies(c.Series)}
	for _, k := range c.Kept {
		out.Kept = append(out.Kept, KeptBody{Ref: string(k.Ref), Day: k.Day.String(), Reason: RefusalBody(k.Reason)})
	}
	changed := slices.DeleteFunc(c.Series.Bookings(), func(b *booking.Booking) bool { return !slices.Contains(c.Changed, b.Ref) })
	var err error
	out.Bookings, err = s.bookingsOf(ctx, p, changed)
	return out, err
}

func (s *Server) bookingChanged(ctx context.Context, p *access.Principal) func(*booking.Booking, error) (*eitherOutput, error) {
	return func(b *booking.Booking, err error) (*eitherOutput, error) {
		if err != nil {
			return nil, err
		}
		body, err := s.bookingBodies(ctx, p, b)
		if err != nil {
			return nil, err
		}
		return &eitherOutput{body[0]}, nil
	}
}

func (s *Server) seriesChanged(ctx context.Context, p *access.Principal) func(*booking.SeriesChange, error) (*eitherOutput, error) {
	return func(c *booking.SeriesChange, err error) (*eitherOutput, error) {
		if err != nil {
			return nil, err
		}
		body, err := s.changeBody(ctx, p, c)
		return &eitherOutput{body}, err
	}
}

func (s *Server) cancelBooking(ctx context.Context, p *access.Principal, in *cancelInput) (*eitherOutput, error) {
	c := booking.Change{Ref: id.Ref(in.Ref), Version: in.Body.Version, Reason: in.Body.Reason}
	if scope := cmp.Or(booking.Scope(in.Body.Scope), booking.ScopeThis); scope != booking.ScopeThis {
		return s.seriesChanged(ctx, p)(s.Booking.CancelSeries(ctx, p, c, scope))
	}
	return s.bookingChanged(ctx, p)(s.Booking.Cancel(ctx, p, c))
}

func (s *Server) getSeries(ctx context.Context, p *access.Principal, in *seriesInput) (*seriesOutput, error) {
	if !id.ValidRef(in.Ref) {
		return nil, problem.Absent()
	}
	found, err := s.Booking.FindSeries(ctx, p, id.Ref(in.Ref))
	if err != nil {
		return nil, err
	}
	body, err := s.seriesBody(ctx, p, found)
	return &seriesOutput{body}, err
}

func (s *Server) addSkipped(ctx context.Context, p *access.Principal, in *addInput) (*seriesChangeOutput, error) {
	var day *period.Date
	if in.Body.Day != "" {
		d, err := period.ParseDate(in.Body.Day)
		if err != nil {
			return nil, err
		}
		day = &d
	}
	if !id.ValidRef(in.Ref) {
		return nil, problem.Absent()
	}
	changed, err := s.Booking.AddSkipped(ctx, p, id.Ref(in.Ref), day)
	if err != nil {
		return nil, err
	}
	body, err := s.changeBody(ctx, p, changed)
	return &seriesChangeOutput{body}, err
}
