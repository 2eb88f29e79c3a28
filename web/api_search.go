package web

import (
	"context"
	"time"

	"rigg/access"
	"rigg/booking"
	"rigg/facilities"
	"rigg/internal/id"
	"rigg/internal/period"
	"rigg/internal/problem"
)

// PeriodBody is the half-open time from start to end.
type PeriodBody struct {
	Start string `json:"start" format:"date-time"`
	End   string `json:"end" format:"date-time"`
}

// OfferBody is time on a resource, or on several together.
type OfferBody struct {
	Resources []string `json:"resources"`
	PeriodBody
}

// WishInput is what one may wish of a time; exported, or Huma would not fill it in
// where it is embedded.
type WishInput struct {
	Minutes   int64    `query:"minutes" minimum:"1" maximum:"527040" default:"60" doc:"Length of the booking"`
	Weekday   []string `query:"weekday,explode" maxItems:"7" enum:"mon,tue,wed,thu,fri,sat,sun" doc:"Of the start, where it happens; repeat for several"`
	ClockFrom string   `query:"clock_from" maxLength:"5" doc:"Local clock before which the booking does not start, such as 07:30"`
	ClockTo   string   `query:"clock_to" maxLength:"5" doc:"Local clock after which it does not end; before clock_from: over midnight"`
}

func (i WishInput) wish(window period.Period) (w facilities.Wish, err error) {
	w = facilities.Wish{Window: window, Minutes: i.Minutes}
	if w.Weekdays, err = facilities.ParseWeekdays(i.Weekday); err != nil {
		return w, err
	}
	w.Clock, err = facilities.ParseClock(i.ClockFrom, i.ClockTo)
	return w, err
}

// FilterInput is what a resource has to be; exported for Huma too.
type FilterInput struct {
	Capability []string `query:"capability,explode" maxItems:"50" doc:"Any of them; repeat for several"`
	County     string   `query:"county" maxLength:"2" doc:"Swedish county code"`
	Site       string   `query:"site" maxLength:"63"`
	Facility   string   `query:"facility" maxLength:"63"`
	Kind       string   `query:"kind" enum:"test_bed,pilot_line,lab"`
}

func (i FilterInput) filter() facilities.Filter {
	return facilities.Filter{
		Capabilities: said(i.Capability), County: i.County, Site: id.Site(i.Site),
		Facility: id.Facility(i.Facility), Kind: facilities.Kind(i.Kind),
	}
}

type availabilityInput struct {
	Resource []string `query:"resource,explode" maxItems:"10" doc:"Several are booked together; or else name a capability"`
	From     string   `query:"from" required:"true" maxLength:"40"`
	To       string   `query:"to" required:"true" maxLength:"40" doc:"At most a year after from"`
	FilterInput
	WishInput
}

type availabilityOutput struct {
	Body struct {
		Items []OfferBody `json:"items" doc:"Free stretches that a booking could lie in"`
		Fits  []OfferBody `json:"fits" doc:"The first bookings of the wished length that would not be refused for time"`
		Next  string      `json:"next"`
	}
}

type searchInput struct {
	PageInput
	Q    string `query:"q" maxLength:"200" doc:"Free text in Swedish or English; misspelling is forgiven"`
	From string `query:"from" maxLength:"40" doc:"Now where left out; without offset it is Swedish local time"`
	To   string `query:"to" maxLength:"40" doc:"Two weeks after from where left out"`
	FilterInput
	WishInput
	Project string `query:"project" maxLength:"63" doc:"To price the first fitting time"`
}

// HitBody is a resource that a search found.
type HitBody struct {
	Resource ResourceBody `json:"resource"`
	Fits     []PeriodBody `json:"fits" doc:"First fitting times, at most three"`
	Cost     *CostBody    `json:"cost" doc:"Of the first, on your project"`
}

type searchOutput struct {
	Body struct {
		Items []HitBody `json:"items" doc:"Those whose words fit best first, of them those that are free soonest"`
		Total int       `json:"total" doc:"Found in all"`
		Next  string    `json:"next" doc:"Cursor of the next page; empty on the last"`
	}
}

func periodBodies(list []period.Period, zone *time.Location) []PeriodBody {
	out := make([]PeriodBody, len(list))
	for i, p := range list {
		out[i] = PeriodBody{stamp(p.Start, zone), stamp(p.End, zone)}
	}
	return out
}

func offerBodies(list []booking.Offer) []OfferBody {
	out := make([]OfferBody, len(list))
	for i, o := range list {
		zone := o.Resources[0].Zone(o.Period.Start)
		out[i].PeriodBody = PeriodBody{stamp(o.Period.Start, zone), stamp(o.Period.End, zone)}
		for _, r := range o.Resources {
			out[i].Resources = append(out[i].Resources, string(r.ID))
		}
	}
	return out
}

func (s *Server) getAvailability(ctx context.Context, p *access.Principal, in *availabilityInput) (*availabilityOutput, error) {
	names := make([]id.Resource, len(in.Resource))
	for i, name := range in.Resource {
		names[i] = id.Resource(name)
	}
	zone := siteZone
	if len(names) > 0 {
		var err error
		if zone, err = s.zoneOf(ctx, names); err != nil {
			return nil, err
		}
	}
	window, err := readPeriod(in.From, in.To, zone)
	if err != nil {
		return nil, err
	}
	wish, err := in.wish(window)
	if err != nil {
		return nil, err
	}
	var found *booking.Available
	switch {
	case len(names) > 0 && len(in.Capability) == 0:
		found, err = s.Booking.Availability(ctx, p, names, wish)
	case len(names) == 0 && len(in.Capability) > 0:
		found, err = s.Booking.AvailabilityOfAny(ctx, p, in.filter(), wish)
	default:
		err = problem.CodeInvalid.Say("Ange antingen resource eller capability.", "Give either resource or capability.")
	}
	if err != nil {
		return nil, err
	}
	out := &availabilityOutput{}
	out.Body.Items, out.Body.Fits = offerBodies(found.Free), offerBodies(found.Fits)
	return out, nil
}

// searchAhead is how far a search looks where it does not say.
const searchAhead = 14 * 24 * time.Hour

func (s *Server) getSearch(ctx context.Context, p *access.Principal, in *searchInput) (*searchOutput, error) {
	window := period.Period{Start: s.DB.Now()}
	var err error
	if in.From != "" {
		if window.Start, err = optionalTime(in.From); err != nil {
			return nil, err
		}
	}
	window.End = window.Start.Add(searchAhead)
	if in.To != "" {
		if window.End, err = optionalTime(in.To); err != nil {
			return nil, err
		}
	}
	wish, err := in.wish(window)
	if err != nil {
		return nil, err
	}
	facts, down, err := s.factsNow(ctx)
	if err != nil {
		return nil, err
	}
	found, err := s.Booking.Search(ctx, p, booking.Search{
		Words: in.Q, Filter: in.filter(), Wish: wish, Project: id.Project(in.Project), After: in.Cursor, Limit: in.Limit,
	})
	if err != nil {
		return nil, err
	}
	out := &searchOutput{}
	out.Body.Total, out.Body.Next = found.Total, found.Next
	out.Body.Items = make([]HitBody, len(found.Hits))
	for i, h := range found.Hits {
		o := facts.ObjectOf(&booking.Booking{Resources: []id.Resource{h.Resource.ID}, Project: id.Project(in.Project), Period: window})
		out.Body.Items[i] = HitBody{
			Resource: s.resourceBody(facts, down, h.Resource), Cost: costSeen(p, o, h.Cost),
			Fits: periodBodies(h.Fits, h.Resource.Zone(window.Start)),
		}
	}
	return out, nil
}
