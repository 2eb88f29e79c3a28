package web

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"rigg/access"
	"rigg/booking"
	"rigg/internal/id"
	"rigg/internal/text"
)

// ApprovalBody is an answer that a booking needs.
type ApprovalBody struct {
	Side string `json:"side" enum:"booker,manager,lead"`
	By   string `json:"by,omitempty" doc:"Name; empty: awaited"`
	At   string `json:"at,omitempty" format:"date-time"`
}

// ProposalBody is a change of a booking that awaits an answer.
type ProposalBody struct {
	By        string         `json:"by" doc:"Name"`
	Start     string         `json:"start" format:"date-time"`
	End       string         `json:"end" format:"date-time"`
	Resources []string       `json:"resources"`
	Reason    string         `json:"reason,omitempty"`
	Expires   string         `json:"expires" format:"date-time" doc:"Until when the time is held"`
	Needs     string         `json:"needs" enum:"booker,manager,lead" doc:"Whose answer comes next"`
	Approvals []ApprovalBody `json:"approvals"`
}

// answerers are the people whose names the answers of a booking mention.
func answerers(b *booking.Booking) (out []id.Person) {
	for _, a := range b.Approvals {
		out = append(out, a.By)
	}
	if b.Proposal != nil {
		out = append(out, b.Proposal.By)
		for _, a := range b.Proposal.Approvals {
			out = append(out, a.By)
		}
	}
	return out
}

func sideWords(sides []booking.Side) []string {
	out := make([]string, len(sides))
	for i, side := range sides {
		out[i] = string(side)
	}
	return out
}

func approvalBodies(list []booking.Approval, zone *time.Location, names map[id.Person]access.Person) []ApprovalBody {
	out := make([]ApprovalBody, len(list))
	for i, a := range list {
		out[i] = ApprovalBody{Side: string(a.Side)}
		if a.Given() {
			out[i].By, out[i].At = names[a.By].Name, stamp(a.At, zone)
		}
	}
	return out
}

// answers fills in what is awaited of a booking and what is proposed of it.
func (b *BookingBody) answers(from *booking.Booking, zone *time.Location, names map[id.Person]access.Person) {
	b.Awaits, b.Approvals = sideWords(from.Awaited()), approvalBodies(from.Approvals, zone, names)
	for _, at := range []struct {
		to *string
		t  time.Time
	}{{&b.ReconfirmAsk, from.ReconfirmAsk}, {&b.ReconfirmBy, from.ReconfirmBy}, {&b.BookedUntil, from.BookedUntil}} {
		if !at.t.IsZero() {
			*at.to = stamp(at.t, zone)
		}
	}
	p := from.Proposal
	if p == nil {
		return
	}
	b.Proposal = &ProposalBody{
		By: names[p.By].Name, Start: stamp(p.Period.Start, zone), End: stamp(p.Period.End, zone), Reason: p.Reason,
		Expires: stamp(p.Expires, zone), Approvals: approvalBodies(p.Approvals, zone, names), Resources: []string{},
	}
	if awaits := p.Awaited(); len(awaits) > 0 {
		b.Proposal.Needs = string(awaits[0])
	}
	for _, r := range p.Resources {
		b.Proposal.Resources = append(b.Proposal.Resources, string(r))
	}
}

// detailsSeen are an event's details for readers: the history holds people's ids,
// which are nobody's to see.
func detailsSeen(e booking.Event, names map[id.Person]access.Person) map[string]any {
	if was := e.HandedOver(); was != 0 {
		return map[string]any{"was": names[was].Name}
	}
	return e.Details
}

type approveAllInput struct {
	IdempotencyKey string `header:"Idempotency-Key" doc:"Same key and body: what was approved is not approved again"`
	Body           struct {
		Items []struct {
			Ref     string `json:"ref" maxLength:"63"`
			Version int    `json:"version" minimum:"1" maximum:"1000000000"`
		} `json:"items" minItems:"1" maxItems:"200"`
		Reason string `json:"reason,omitempty" maxLength:"2000"`
	}
}

// ResultBody is what became of one of many.
type ResultBody struct {
	Ref     string       `json:"ref"`
	OK      bool         `json:"ok"`
	Booking *BookingBody `json:"booking,omitempty"`
	Problem *Problem     `json:"problem,omitempty" doc:"Why not"`
}

type approveAllOutput struct {
	Body struct {
		Results []ResultBody `json:"results" doc:"One for each item, in their order"`
	}
}

type proposeInput struct {
	Ref  string `path:"ref" maxLength:"63"`
	Body struct {
		Version   int      `json:"version" minimum:"1" maximum:"1000000000"`
		Start     string   `json:"start,omitempty" maxLength:"40"`
		End       string   `json:"end,omitempty" maxLength:"40"`
		Resources []string `json:"resources,omitempty" minItems:"1" maxItems:"10"`
		Reason    string   `json:"reason" maxLength:"2000" doc:"The booker reads it"`
	}
}

type moveQuoteInput struct {
	Ref  string `path:"ref" maxLength:"63"`
	Body struct {
		Start     string   `json:"start,omitempty" maxLength:"40"`
		End       string   `json:"end,omitempty" maxLength:"40"`
		Resources []string `json:"resources,omitempty" minItems:"1" maxItems:"10"`
	}
}

type handOverInput struct {
	Ref  string `path:"ref" maxLength:"63"`
	Body struct {
		Version int    `json:"version" minimum:"1" maximum:"1000000000"`
		To      string `json:"to" minLength:"3" maxLength:"254" doc:"E-mail address of a colleague on the same project"`
		Reason  string `json:"reason,omitempty" maxLength:"2000"`
	}
}

func (s *Server) answerAPI(api huma.API) {
	const tag = "Bookings"
	change := func(path, summary string) huma.Operation {
		return operation(http.MethodPost, path, summary, tag, http.StatusNotFound, http.StatusConflict)
	}
	huma.Register(api, change("/bookings/approve", "Approve many, each by itself, with one result each"),
		answer(s, access.ScopeApprove, s.approveAll))
	huma.Register(api, change("/bookings/{ref}/propose", "Propose another time or other resources to the booker; the time is held"),
		answer(s, access.ScopeApprove, s.proposeChange))
	huma.Register(api, change("/bookings/{ref}/quote", "Price and judge a move; nothing is held"),
		answer(s, access.ScopeBook, s.quoteMove))
	huma.Register(api, change("/bookings/{ref}/hand-over", "Hand the booking over to a colleague on the same project"),
		answer(s, access.ScopeBook, s.handOver))
}

func (s *Server) approveAll(ctx context.Context, p *access.Principal, in *approveAllInput) (*approveAllOutput, error) {
	var all []booking.Change
	for _, item := range in.Body.Items {
		all = append(all, booking.Change{Ref: id.Ref(item.Ref), Version: item.Version, Reason: in.Body.Reason})
	}
	outcomes, err := s.Booking.ApproveAll(ctx, p, all)
	if err != nil {
		return nil, err
	}
	lang, _ := ctx.Value(languageKey{}).(text.Lang)
	request, _ := ctx.Value(localRequest).(string)
	out := &approveAllOutput{}
	for _, o := range outcomes {
		result := ResultBody{Ref: string(o.Change.Ref), OK: o.Err == nil}
		if o.Err != nil {
			result.Problem = problemOf(o.Err, lang, request)
			if result.Problem.Status >= http.StatusInternalServerError {
				s.Log.Error("one of many failed", "request", request, "cause", o.Err.Error())
			}
		} else {
			body, err := s.bookingBodies(ctx, p, o.Booking)
			if err != nil {
				return nil, err
			}
			result.Booking = &body[0]
		}
		out.Body.Results = append(out.Body.Results, result)
	}
	return out, nil
}

// readEdit resolves the times of a change in the zone of its site; what is left out
// stays as it is.
func (s *Server) readEdit(ctx context.Context, p *access.Principal, ref, start, end string, resources []string) (edit booking.Edit, err error) {
	for _, r := range resources {
		edit.Resources = append(edit.Resources, id.Resource(r))
	}
	now, err := s.Booking.Find(ctx, p, id.Ref(ref))
	if err != nil {
		return edit, err
	}
	zone, err := s.zoneOf(ctx, append(edit.Resources, now.Resources...))
	if err != nil {
		return edit, err
	}
	if start == "" {
		start = stamp(now.Period.Start, zone)
	}
	if end == "" {
		end = stamp(now.Period.End, zone)
	}
	edit.Period, err = readPeriod(start, end, zone)
	return edit, err
}

func (s *Server) proposeChange(ctx context.Context, p *access.Principal, in *proposeInput) (*bookingOutput, error) {
	edit, err := s.readEdit(ctx, p, in.Ref, in.Body.Start, in.Body.End, in.Body.Resources)
	if err != nil {
		return nil, err
	}
	b, err := s.Booking.Propose(ctx, p, booking.Change{Ref: id.Ref(in.Ref), Version: in.Body.Version, Reason: in.Body.Reason}, edit)
	if err != nil {
		return nil, err
	}
	return s.bookingAnswer(ctx, p, b)
}

func (s *Server) quoteMove(ctx context.Context, p *access.Principal, in *moveQuoteInput) (*quoteOutput, error) {
	edit, err := s.readEdit(ctx, p, in.Ref, in.Body.Start, in.Body.End, in.Body.Resources)
	if err != nil {
		return nil, err
	}
	q, err := s.Booking.QuoteMove(ctx, p, id.Ref(in.Ref), edit)
	if err != nil {
		return nil, err
	}
	b, err := s.Booking.Find(ctx, p, id.Ref(in.Ref))
	if err != nil {
		return nil, err
	}
	body, err := s.quoteBody(ctx, p, booking.Request{Resources: b.Resources, Project: b.Project, Period: edit.Period}, q)
	if err != nil {
		return nil, err
	}
	return &quoteOutput{Body: body}, nil
}

func (s *Server) handOver(ctx context.Context, p *access.Principal, in *handOverInput) (*bookingOutput, error) {
	b, err := s.Booking.HandOver(ctx, p, booking.Change{Ref: id.Ref(in.Ref), Version: in.Body.Version, Reason: in.Body.Reason}, in.Body.To)
	if err != nil {
		return nil, err
	}
	return s.bookingAnswer(ctx, p, b)
}
