package web

import (
	"context"
	"net/http"
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

// ResourceBody is what can be booked. It is public.
type ResourceBody struct {
	ID           string           `json:"id"`
	Facility     string           `json:"facility"`
	Site         string           `json:"site"`
	City         string           `json:"city"`
	County       string           `json:"county" doc:"Swedish county code"`
	TimeZone     string           `json:"time_zone"`
	Name         text.Text        `json:"name"`
	Description  text.Text        `json:"description"`
	Capabilities []string         `json:"capabilities"`
	Units        []string         `json:"units"`
	Take         int              `json:"take" doc:"How many of the units a booking takes; 0 is all"`
	Approval     string           `json:"approval" enum:"auto,manual,auto_if"`
	Requires     []string         `json:"requires" doc:"Qualifications"`
	Along        []string         `json:"along" doc:"Resources that come along when it is booked"`
	Hours        WeekBody         `json:"hours,omitempty" doc:"Its own opening hours by weekday; left out where they are the facility's"`
	Rules        facilities.Rules `json:"rules"`
	Status       StatusBody       `json:"status" doc:"How it is now"`
}

// FacilityBody is a test bed, pilot line or lab with what can be booked there.
type FacilityBody struct {
	ID          string         `json:"id"`
	Name        text.Text      `json:"name"`
	Description text.Text      `json:"description"`
	Kind        string         `json:"kind" enum:"test_bed,pilot_line,lab"`
	Site        string         `json:"site"`
	City        string         `json:"city"`
	County      string         `json:"county"`
	TimeZone    string         `json:"time_zone"`
	Address     string         `json:"address"`
	Approval    string         `json:"approval" enum:"auto,manual,auto_if"`
	Resources   []ResourceBody `json:"resources"`
}

// PeriodBody is the half-open time from start to end.
type PeriodBody struct {
	Start string `json:"start" format:"date-time"`
	End   string `json:"end" format:"date-time"`
}

type availabilityInput struct {
	Resource []string `query:"resource,explode" required:"true" minItems:"1" maxItems:"10" doc:"One, or several that are booked together, each as a resource of its own; what comes along is counted in"`
	From     string   `query:"from" required:"true" maxLength:"40"`
	To       string   `query:"to" required:"true" maxLength:"40" doc:"At most a year after from"`
	Minutes  int64    `query:"minutes" minimum:"1" maximum:"527040" default:"60" doc:"Length of the booking"`
}

type availabilityOutput struct {
	Body struct {
		Items []PeriodBody `json:"items" doc:"Free stretches that a booking could lie in"`
		Fits  []PeriodBody `json:"fits" doc:"The first bookings of the wished length that would not be refused for time"`
		Next  string       `json:"next"`
	}
}

type searchInput struct {
	Q          string `query:"q" maxLength:"200" doc:"Free text in Swedish or English"`
	Capability string `query:"capability" maxLength:"63"`
	County     string `query:"county" maxLength:"2"`
	From       string `query:"from" maxLength:"40" doc:"Now where left out; without offset it is Swedish local time"`
	To         string `query:"to" maxLength:"40" doc:"Two weeks after from where left out"`
	Minutes    int64  `query:"minutes" minimum:"1" maximum:"527040" default:"60"`
	Project    string `query:"project" maxLength:"63" doc:"To price the first fitting time"`
}

// HitBody is a resource that a search found.
type HitBody struct {
	Resource ResourceBody `json:"resource"`
	Fits     []PeriodBody `json:"fits" doc:"First fitting times, at most three"`
	Cost     *CostBody    `json:"cost" doc:"Of the first, on your project"`
}

type searchOutput struct {
	Body struct {
		Items []HitBody `json:"items"`
		Next  string    `json:"next"`
	}
}

type facilitiesOutput struct {
	Body struct {
		Items []FacilityBody `json:"items"`
		Next  string         `json:"next"`
	}
}

type resourcesOutput struct {
	Body struct {
		Items []ResourceBody `json:"items"`
		Next  string         `json:"next"`
	}
}

type idInput struct {
	ID string `path:"id" maxLength:"63"`
}

type facilityOutput struct{ Body FacilityBody }

type resourceOutput struct{ Body ResourceBody }

func (s *Server) catalogueAPI(api huma.API) {
	const tag = "Catalogue"
	huma.Register(api, operation(http.MethodGet, "/availability", "Free times of a resource, or of several together", tag, http.StatusNotFound),
		answer(s, access.ScopeRead, s.getAvailability))
	huma.Register(api, operation(http.MethodGet, "/search", "Resources that can do it, and when they first fit", tag),
		answer(s, access.ScopeRead, s.getSearch))
	huma.Register(api, operation(http.MethodGet, "/facilities", "All facilities with their resources", tag),
		answer(s, access.ScopeRead, s.listFacilities))
	huma.Register(api, operation(http.MethodGet, "/facilities/{id}", "One facility", tag, http.StatusNotFound),
		answer(s, access.ScopeRead, s.getFacility))
	huma.Register(api, operation(http.MethodGet, "/resources", "All resources", tag),
		answer(s, access.ScopeRead, s.listResources))
	huma.Register(api, operation(http.MethodGet, "/resources/{id}", "One resource", tag, http.StatusNotFound),
		answer(s, access.ScopeRead, s.getResource))
}

func (s *Server) resourceBody(facts *booking.Facts, down facilities.Down, r *facilities.Resource) ResourceBody {
	site := r.Facility.SiteAt(s.DB.Now())
	out := ResourceBody{
		ID: string(r.ID), Facility: string(r.Facility.ID), Site: string(site.ID), City: site.City, County: site.County,
		TimeZone: site.Zone.String(), Name: r.Name, Description: r.About, Capabilities: r.Capabilities,
		Take: r.Take, Approval: string(r.Facility.Approval), Rules: r.Rules, Units: []string{}, Requires: []string{},
		Status: statusBody(r, down), Along: []string{}, Hours: hoursBody(r.Hours),
	}
	for _, other := range r.Along {
		out.Along = append(out.Along, string(other.ID))
	}
	for _, u := range r.Units {
		out.Units = append(out.Units, facts.Catalogue.UnitName(u))
	}
	for _, q := range r.Requires {
		out.Requires = append(out.Requires, string(q))
	}
	return out
}

func (s *Server) facilityBody(facts *booking.Facts, down facilities.Down, f *facilities.Facility) FacilityBody {
	site := f.SiteAt(s.DB.Now())
	out := FacilityBody{
		ID: string(f.ID), Name: f.Name, Description: f.About, Kind: string(f.Kind), Site: string(site.ID), City: site.City,
		County: site.County, TimeZone: site.Zone.String(), Address: f.Address, Approval: string(f.Approval),
		Resources: []ResourceBody{},
	}
	for _, r := range f.Resources {
		out.Resources = append(out.Resources, s.resourceBody(facts, down, r))
	}
	return out
}

func periodBodies(list []period.Period, zone *time.Location) []PeriodBody {
	out := make([]PeriodBody, len(list))
	for i, p := range list {
		out[i] = PeriodBody{stamp(p.Start, zone), stamp(p.End, zone)}
	}
	return out
}

func (s *Server) getAvailability(ctx context.Context, p *access.Principal, in *availabilityInput) (*availabilityOutput, error) {
	names := make([]id.Resource, len(in.Resource))
	for i, name := range in.Resource {
		names[i] = id.Resource(name)
	}
	zone, err := s.zoneOf(ctx, names)
	if err != nil {
		return nil, err
	}
	window, err := readPeriod(in.From, in.To, zone)
	if err != nil {
		return nil, err
	}
	free, fits, err := s.Booking.Availability(ctx, p, names, window, in.Minutes)
	if err != nil {
		return nil, err
	}
	out := &availabilityOutput{}
	out.Body.Items, out.Body.Fits = periodBodies(free, zone), periodBodies(fits, zone)
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
	facts, down, err := s.factsNow(ctx)
	if err != nil {
		return nil, err
	}
	hits, err := s.Booking.Search(ctx, p, booking.Search{
		Words: in.Q, Capability: in.Capability, County: in.County,
		Window: window, Minutes: in.Minutes, Project: id.Project(in.Project),
	})
	if err != nil {
		return nil, err
	}
	out := &searchOutput{}
	out.Body.Items = make([]HitBody, len(hits))
	for i, h := range hits {
		o := facts.ObjectOf(&booking.Booking{Resources: []id.Resource{h.Resource.ID}, Project: id.Project(in.Project), Period: window})
		out.Body.Items[i] = HitBody{
			Resource: s.resourceBody(facts, down, h.Resource), Cost: costSeen(p, o, h.Cost),
			Fits: periodBodies(h.Fits, h.Resource.Zone(window.Start)),
		}
	}
	return out, nil
}

// factsNow are the facts, and what is out of service now.
func (s *Server) factsNow(ctx context.Context) (*booking.Facts, facilities.Down, error) {
	facts, err := s.Booking.Facts(ctx)
	if err != nil {
		return nil, nil, err
	}
	down, err := s.Booking.Down(ctx)
	return facts, down, err
}

func (s *Server) listFacilities(ctx context.Context, _ *access.Principal, in *PageInput) (*facilitiesOutput, error) {
	facts, down, err := s.factsNow(ctx)
	if err != nil {
		return nil, err
	}
	out := &facilitiesOutput{}
	out.Body.Items = []FacilityBody{}
	page, next, err := pageOf(*in, facts.Catalogue.Facilities(), func(f *facilities.Facility) string { return string(f.ID) })
	if err != nil {
		return nil, err
	}
	out.Body.Next = next
	for _, f := range page {
		out.Body.Items = append(out.Body.Items, s.facilityBody(facts, down, f))
	}
	return out, nil
}

func (s *Server) getFacility(ctx context.Context, _ *access.Principal, in *idInput) (*facilityOutput, error) {
	facts, down, err := s.factsNow(ctx)
	if err != nil {
		return nil, err
	}
	f, ok := facts.Catalogue.Facility(id.Facility(in.ID))
	if !ok {
		return nil, problem.Absent()
	}
	return &facilityOutput{Body: s.facilityBody(facts, down, f)}, nil
}

func (s *Server) listResources(ctx context.Context, _ *access.Principal, in *PageInput) (*resourcesOutput, error) {
	facts, down, err := s.factsNow(ctx)
	if err != nil {
		return nil, err
	}
	out := &resourcesOutput{}
	out.Body.Items = []ResourceBody{}
	page, next, err := pageOf(*in, facts.Catalogue.Resources(), func(r *facilities.Resource) string { return string(r.ID) })
	if err != nil {
		return nil, err
	}
	out.Body.Next = next
	for _, r := range page {
		out.Body.Items = append(out.Body.Items, s.resourceBody(facts, down, r))
	}
	return out, nil
}

func (s *Server) getResource(ctx context.Context, _ *access.Principal, in *idInput) (*resourceOutput, error) {
	facts, down, err := s.factsNow(ctx)
	if err != nil {
		return nil, err
	}
	r, ok := facts.Catalogue.Resource(id.Resource(in.ID))
	if !ok {
		return nil, problem.Absent()
	}
	return &resourceOutput{Body: s.resourceBody(facts, down, r)}, nil
}
