package web

import (
	"context"
	"net/http"
	"slices"
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

// OutageBody is time during which units are out of service. It is public but for
// the note, which the facility's managers alone are told.
type OutageBody struct {
	ID          int64     `json:"id"`
	Facility    string    `json:"facility"`
	Kind        string    `json:"kind" enum:"maintenance,breakdown,internal"`
	Name        text.Text `json:"name"`
	Note        string    `json:"note,omitempty"`
	Units       []string  `json:"units" doc:"What the facility calls them"`
	Start       string    `json:"start" format:"date-time"`
	End         string    `json:"end" format:"date-time" doc:"Expected, where it lasts until it is lifted"`
	UntilLifted string    `json:"until_lifted,omitempty" doc:"By how much the end moves on while it lasts, such as 4h"`
	Series      string    `json:"series,omitempty" doc:"The same for all of a recurrence"`
	Lifted      string    `json:"lifted,omitempty" format:"date-time"`
}

// OutageWishBody is an outage to be.
type OutageWishBody struct {
	Facility    string    `json:"facility" minLength:"1" maxLength:"63"`
	Kind        string    `json:"kind,omitempty" enum:"maintenance,breakdown,internal" default:"maintenance"`
	Name        text.Text `json:"name,omitempty" doc:"Public; the kind's own name where it is left out"`
	Note        string    `json:"note,omitempty" maxLength:"2000" doc:"For the managers alone"`
	Units       []string  `json:"units,omitempty" maxItems:"200" doc:"All of the facility's where it is left out"`
	Start       string    `json:"start" maxLength:"40" doc:"RFC 3339 with offset, or the site's local time"`
	End         string    `json:"end" maxLength:"40"`
	UntilLifted string    `json:"until_lifted,omitempty" maxLength:"10" doc:"It lasts until it is lifted: its end moves on by this, such as 4h"`
	Recurrence  string    `json:"recurrence,omitempty" maxLength:"500" doc:"An RRULE that ends, by the site's clocks" example:"FREQ=WEEKLY;BYDAY=MO;COUNT=10"`
	Reason      string    `json:"reason,omitempty" maxLength:"2000" doc:"Told to those who are hit"`
	Displace    bool      `json:"displace,omitempty" doc:"Move bookings out of the way"`
}

// HitOutageBody is a booking in an outage's way and what becomes of it.
type HitOutageBody struct {
	Booking BookingBody `json:"booking"`
	Outcome string      `json:"outcome" enum:"other_unit,displaced,declined,in_use"`
}

// OutagePlanBody is what saving an outage does, or has done.
type OutagePlanBody struct {
	Outages []OutageBody    `json:"outages"`
	Hits    []HitOutageBody `json:"hits"`
	Held    int             `json:"held" doc:"Times held for somebody that are let go"`
}

// HeldBody is time that is held for somebody until it expires.
type HeldBody struct {
	Resources []string `json:"resources"`
	Start     string   `json:"start" format:"date-time"`
	End       string   `json:"end" format:"date-time"`
	Expires   string   `json:"expires" format:"date-time"`
}

// StatusBody is how a resource is now.
type StatusBody struct {
	State string     `json:"state" enum:"up,partly,down"`
	Kind  string     `json:"kind,omitempty" enum:"maintenance,breakdown,internal"`
	Name  *text.Text `json:"name,omitempty"`
	Back  string     `json:"back,omitempty" format:"date-time" doc:"When it is expected back"`
}

type outageWishInput struct {
	IdempotencyKey string `header:"Idempotency-Key"`
	Body           OutageWishBody
}

type outagePlanOutput struct{ Body OutagePlanBody }

type outageOutput struct{ Body OutageBody }

type outageInput struct {
	ID int64 `path:"id" minimum:"1"`
}

type outageEditInput struct {
	ID   int64 `path:"id" minimum:"1"`
	Body struct {
		Kind        string     `json:"kind,omitempty" enum:"maintenance,breakdown,internal"`
		Name        *text.Text `json:"name,omitempty"`
		Note        *string    `json:"note,omitempty" maxLength:"2000"`
		Units       []string   `json:"units,omitempty" minItems:"1" maxItems:"200"`
		Start       string     `json:"start,omitempty" maxLength:"40"`
		End         string     `json:"end,omitempty" maxLength:"40"`
		UntilLifted *string    `json:"until_lifted,omitempty" maxLength:"10" doc:"Empty: it ends as it says"`
		Reason      string     `json:"reason,omitempty" maxLength:"2000"`
		Displace    bool       `json:"displace,omitempty"`
	}
}

type outageLiftInput struct {
	ID   int64 `path:"id" minimum:"1"`
	Body struct {
		Later bool `json:"later,omitempty" doc:"Also all that follow in its series"`
	}
}

type outagesInput struct {
	Facility string `query:"facility" required:"true" maxLength:"63"`
	From     string `query:"from" maxLength:"40" doc:"Now where left out"`
	To       string `query:"to" maxLength:"40" doc:"A year after from where left out"`
	Cursor   int64  `query:"cursor" minimum:"0"`
}

type outagesOutput struct {
	Body struct {
		Items []OutageBody `json:"items"`
		Next  string       `json:"next"`
	}
}

func (s *Server) outageAPI(api huma.API) {
	const tag = "Outages"
	huma.Register(api, operation(http.MethodGet, "/outages", "A facility's outages", tag, http.StatusNotFound),
		answer(s, access.ScopeRead, s.listOutages))
	huma.Register(api, operation(http.MethodGet, "/outages/{id}", "One outage", tag, http.StatusNotFound),
		answer(s, access.ScopeRead, s.getOutage))
	huma.Register(api, operation(http.MethodPost, "/outages/preview", "Who an outage would hit; nothing is saved", tag, http.StatusNotFound, http.StatusConflict),
		answer(s, access.ScopeAdmin, s.previewOutage))
	create := operation(http.MethodPost, "/outages", "Take units out of service", tag, http.StatusNotFound, http.StatusConflict)
	create.DefaultStatus = http.StatusCreated
	huma.Register(api, create, answer(s, access.ScopeAdmin, s.createOutage))
	huma.Register(api, operation(http.MethodPatch, "/outages/{id}", "Change an outage", tag, http.StatusNotFound, http.StatusConflict),
		answer(s, access.ScopeAdmin, s.editOutage))
	huma.Register(api, operation(http.MethodPost, "/outages/{id}/lift", "End an outage now", tag, http.StatusNotFound, http.StatusConflict),
		answer(s, access.ScopeAdmin, s.liftOutage))
}

// unitsOf gives a facility's units by what it calls them: those of its resources.
func unitsOf(facts *booking.Facts, f *facilities.Facility) (names []string, ids map[string]id.Unit) {
	ids = map[string]id.Unit{}
	for _, u := range facilities.Units(f.Resources) {
		name := facts.Catalogue.UnitName(u)
		ids[name], names = u, append(names, name)
	}
	slices.Sort(names)
	return names, ids
}

// chosenUnits are the units of these names, or all where none is named.
func chosenUnits(facts *booking.Facts, f *facilities.Facility, names []string) (out []id.Unit, err error) {
	all, ids := unitsOf(facts, f)
	if len(names) == 0 {
		names = all
	}
	for _, name := range names {
		u, ok := ids[name]
		if !ok {
			e := problem.CodeInvalid.Say("Anläggningen har ingen enhet ”%s”.", "The facility has no unit “%s”.", name)
			e.Fields = []problem.Field{{Path: "units", Message: e.Message}}
			return nil, e
		}
		out = append(out, u)
	}
	slices.Sort(out)
	return slices.Compact(out), nil
}

func (s *Server) readOutage(ctx context.Context, in OutageWishBody) (out booking.OutageWish, err error) {
	facts, err := s.Booking.Facts(ctx)
	if err != nil {
		return out, err
	}
	f, ok := facts.Catalogue.Facility(id.Facility(in.Facility))
	if !ok {
		return out, problem.Absent()
	}
	out = booking.OutageWish{Recurrence: in.Recurrence, Displace: in.Displace, Reason: in.Reason}
	o := &out.Outage
	o.Facility, o.Kind, o.Name, o.Note = f.ID, facilities.OutageKind(in.Kind), in.Name, in.Note
	if o.Name.Empty() {
		o.Name = o.Kind.Name()
	}
	if o.Units, err = chosenUnits(facts, f, in.Units); err != nil {
		return out, err
	}
	if o.UntilLifted, err = readStep(in.UntilLifted); err != nil {
		return out, err
	}
	o.Period, err = readPeriod(in.Start, in.End, f.SiteAt(s.DB.Now()).Zone)
	return out, err
}

func readStep(s string) (time.Duration, error) {
	if s == "" {
		return 0, nil
	}
	step, err := period.ParseSpan(s)
	return step.Duration(), err
}

func outageBody(facts *booking.Facts, o facilities.Outage) OutageBody {
	zone := siteZone
	if f, ok := facts.Catalogue.Facility(o.Facility); ok {
		zone = f.SiteAt(o.Period.Start).Zone
	}
	out := OutageBody{
		ID: int64(o.ID), Facility: string(o.Facility), Kind: string(o.Kind), Name: o.Name, Note: o.Note, Units: []string{},
		Start: stamp(o.Period.Start, zone), End: stamp(o.Period.End, zone), Series: string(o.Series),
	}
	for _, u := range o.Units {
		out.Units = append(out.Units, facts.Catalogue.UnitName(u))
	}
	if o.UntilLifted > 0 {
		out.UntilLifted = period.Span{Minutes: int(o.UntilLifted / time.Minute)}.String()
	}
	if !o.Lifted.IsZero() {
		out.Lifted = stamp(o.Lifted, zone)
	}
	return out
}

func (s *Server) outagePlanBody(ctx context.Context, p *access.Principal, plan *booking.OutagePlan) (*outagePlanOutput, error) {
	facts, err := s.Booking.Facts(ctx)
	if err != nil {
		return nil, err
	}
	out := &outagePlanOutput{Body: OutagePlanBody{Outages: []OutageBody{}, Hits: []HitOutageBody{}, Held: plan.Held}}
	for _, o := range plan.Outages {
		out.Body.Outages = append(out.Body.Outages, outageBody(facts, o))
	}
	var list []*booking.Booking
	for _, h := range plan.Hits {
		list = append(list, h.Booking)
	}
	bodies, err := s.bookingBodies(ctx, p, list...)
	for i, b := range bodies {
		out.Body.Hits = append(out.Body.Hits, HitOutageBody{b, string(plan.Hits[i].Outcome)})
	}
	return out, err
}

func (s *Server) previewOutage(ctx context.Context, p *access.Principal, in *outageWishInput) (*outagePlanOutput, error) {
	w, err := s.readOutage(ctx, in.Body)
	if err != nil {
		return nil, err
	}
	plan, err := s.Booking.PreviewOutage(ctx, p, w)
	if err != nil {
		return nil, err
	}
	return s.outagePlanBody(ctx, p, plan)
}

func (s *Server) createOutage(ctx context.Context, p *access.Principal, in *outageWishInput) (*outagePlanOutput, error) {
	w, err := s.readOutage(ctx, in.Body)
	if err != nil {
		return nil, err
	}
	plan, err := s.Booking.SaveOutage(ctx, p, w)
	if err != nil {
		return nil, err
	}
	return s.outagePlanBody(ctx, p, plan)
}

func (s *Server) editOutage(ctx context.Context, p *access.Principal, in *outageEditInput) (*outagePlanOutput, error) {
	old, err := s.Booking.FindOutage(ctx, p, id.Outage(in.ID))
	if err != nil {
		return nil, err
	}
	facts, err := s.Booking.Facts(ctx)
	if err != nil {
		return nil, err
	}
	was := outageBody(facts, old)
	b := in.Body
	wish := OutageWishBody{
		Facility: was.Facility, Kind: either(b.Kind, was.Kind), Name: was.Name, Note: was.Note, Units: b.Units,
		Start: either(b.Start, was.Start), End: either(b.End, was.End), UntilLifted: was.UntilLifted, Reason: b.Reason, Displace: b.Displace,
	}
	if b.Name != nil {
		wish.Name = *b.Name
	}
	if b.Note != nil {
		wish.Note = *b.Note
	}
	if b.UntilLifted != nil {
		wish.UntilLifted = *b.UntilLifted
	}
	w, err := s.readOutage(ctx, wish)
	if err != nil {
		return nil, err
	}
	if w.Outage.ID = old.ID; b.Units == nil {
		w.Outage.Units = old.Units // one of them may be no resource's any more
	}
	plan, err := s.Booking.SaveOutage(ctx, p, w)
	if err != nil {
		return nil, err
	}
	return s.outagePlanBody(ctx, p, plan)
}

func either(stated, otherwise string) string {
	if stated != "" {
		return stated
	}
	return otherwise
}

func (s *Server) liftOutage(ctx context.Context, p *access.Principal, in *outageLiftInput) (*outageOutput, error) {
	o, err := s.Booking.LiftOutage(ctx, p, id.Outage(in.ID), in.Body.Later)
	if err != nil {
		return nil, err
	}
	facts, err := s.Booking.Facts(ctx)
	return &outageOutput{Body: outageBody(facts, o)}, err
}

func (s *Server) getOutage(ctx context.Context, p *access.Principal, in *outageInput) (*outageOutput, error) {
	o, err := s.Booking.FindOutage(ctx, p, id.Outage(in.ID))
	if err != nil {
		return nil, err
	}
	facts, err := s.Booking.Facts(ctx)
	return &outageOutput{Body: outageBody(facts, o)}, err
}

func (s *Server) listOutages(ctx context.Context, p *access.Principal, in *outagesInput) (*outagesOutput, error) {
	window := period.Period{Start: s.DB.Now()}
	var err error
	if in.From != "" {
		if window.Start, err = optionalTime(in.From); err != nil {
			return nil, err
		}
	}
	window.End = window.Start.AddDate(1, 0, 0)
	if in.To != "" {
		if window.End, err = optionalTime(in.To); err != nil {
			return nil, err
		}
	}
	found, more, err := s.Booking.ListOutages(ctx, p, id.Facility(in.Facility), window, id.Outage(in.Cursor))
	if err != nil {
		return nil, err
	}
	facts, err := s.Booking.Facts(ctx)
	if err != nil {
		return nil, err
	}
	out := &outagesOutput{}
	out.Body.Items = []OutageBody{}
	for _, o := range found {
		out.Body.Items = append(out.Body.Items, outageBody(facts, o))
	}
	if more {
		out.Body.Next = strconv.FormatInt(int64(found[len(found)-1].ID), 10)
	}
	return out, nil
}

// statusBody tells how a resource is.
func statusBody(r *facilities.Resource, down facilities.Down) StatusBody {
	status := r.Status(down)
	out := StatusBody{State: string(status.State)}
	if status.State != facilities.Up {
		out.Kind, out.Name, out.Back = string(status.Kind), &status.Name, stamp(status.Back, r.Zone(status.Back))
	}
	return out
}

// heldBody tells what is held; nil for nothing.
func heldBody(h booking.Hold, zone *time.Location) *HeldBody {
	out := &HeldBody{Start: stamp(h.Period.Start, zone), End: stamp(h.Period.End, zone), Expires: stamp(h.Expires, zone)}
	for _, r := range h.Resources {
		out.Resources = append(out.Resources, string(r))
	}
	return out
}
