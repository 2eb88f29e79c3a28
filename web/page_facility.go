package web

import (
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"rigg/access"
	"rigg/facilities"
	"rigg/internal/database"
	"rigg/internal/id"
	"rigg/internal/period"
	"rigg/internal/problem"
)

type facilityPage struct {
	shell
	ID, Name         string
	Kind, Approval   string // keys kind.KIND, approval.APPROVAL
	Site, Host, City string
	Address          string
	Description      string
	Managers         []string // told to who has signed in
	Hours            []fact   // "mån–fre": "07:00–19:00"
	Zone             string
	FeedPath         string // where to make a calendar address; empty when signed out
	MembersPath      string // of the list of members, for its managers
	Manages          bool   // the visitor decides on outages and sees who waits
	Resources        []facilityResource
	Timeline         timelineView
}

type facilityResource struct {
	ID, Name     string
	Capabilities []string
	Rules        []string // "1 h till 5 dagar", "Minst 24 h i förväg"
	Rates        []string // "1 250,00 kr/h (företag)"
	Needs        []string // qualifications
	Path         string   // the booking form
	Down         string   // that it is out of service, and until when; empty: it isn't
}

// pageFacility tells what a facility is, shows its time and what can be booked.
func (s *Server) pageFacility(c *fiber.Ctx, v *visit) error {
	f, err := v.facility(c.Params("id"))
	if err != nil {
		return err
	}
	span := readSpan(c, f, v.now)
	entries, err := s.entries(v, f, span.window())
	if err != nil {
		return err
	}
	site := f.SiteAt(v.now)
	page := facilityPage{
		ID: string(f.ID), Name: f.Name.In(v.lang), Kind: string(f.Kind), Approval: string(f.Approval),
		Site: site.Name, Host: v.facts.Terms.OrganisationName(site.HostAt(v.now)), City: site.City,
		Address: f.Address, Description: f.About.In(v.lang),
		Hours: v.hours(f), Zone: site.Zone.String(), Timeline: v.timeline(f, span, entries),
	}
	if v.who != nil {
		page.FeedPath = "/feeds"
		if len(f.Resources) > 0 {
			page.FeedPath += "?kind=resource:" + string(f.Resources[0].ID)
		}
		if page.Managers, err = s.managers(v, f); err != nil {
			return err
		}
	}
	down, err := s.Booking.Down(v.ctx)
	if err != nil {
		return err
	}
	if v.allowed(access.ManageFacility, facilityObject(f, v.now)) {
		page.MembersPath = membersPath(f)
	}
	for _, r := range f.Resources {
		row := v.facilityResource(r)
		row.Down = v.down(r, down)
		page.Resources = append(page.Resources, row)
	}
	page.Manages = v.allowed(access.SeeFacilityBookings, facilityObject(f, v.now))
	if page.shell, err = s.shell(c, v); err != nil {
		return err
	}
	return s.page(c, v, fiber.StatusOK, "facility", page)
}

func (v *visit) facility(name string) (*facilities.Facility, error) {
	f, ok := v.facts.Catalogue.Facility(id.Facility(name))
	if !ok {
		return nil, problem.Absent()
	}
	return f, nil
}

func (s *Server) managers(v *visit, f *facilities.Facility) (names []string, err error) {
	err = s.DB.View(v.ctx, func(tx *database.Tx) error {
		people, err := access.Holders(tx, access.FacilityManager, string(f.ID))
		for _, p := range people {
			names = append(names, p.Name)
		}
		return err
	})
	return names, err
}

func (v *visit) facilityResource(r *facilities.Resource) facilityResource {
	out := facilityResource{
		ID: string(r.ID), Name: r.Name.In(v.lang), Capabilities: v.capabilities(r), Rules: v.resourceTerms(r),
		Path: "/book?" + url.Values{"resource": {string(r.ID)}}.Encode(),
	}
	today := period.DateOf(v.now, r.Zone(v.now))
	for _, rate := range v.facts.Terms.RatesOf(r.ID) {
		if rate.From.Before(today.Next(1)) && (rate.To == period.Date{} || today.Before(rate.To.Next(1))) {
			audience, err := v.find("audience." + rate.Audience)
			if err == nil {
				out.Rates = append(out.Rates, v.rate(rate.Amount, rate.Per)+" ("+audience+")")
			}
		}
	}
	for _, q := range r.Requires {
		out.Needs = append(out.Needs, v.qualification(q))
	}
	return out
}

// down tells that a resource is out of service now, and when it is expected back.
func (v *visit) down(r *facilities.Resource, all facilities.Down) string {
	status := r.Status(all)
	back := status.Back.In(r.Zone(status.Back))
	at := v.dayMonth(back) + " " + v.clock(back)
	switch status.State {
	case facilities.DownNow:
		return v.say("facility.down", at)
	case facilities.Partly:
		return v.say("facility.partly", at)
	case facilities.Up:
	}
	return ""
}

// rules writes the rules that are in force.
func (v *visit) rules(r facilities.Rules) (out []string) {
	for _, said := range r.Says() {
		out = append(out, said.In(v.lang))
	}
	return out
}

// week is the days from Monday, as a week runs here.
var week = []time.Weekday{time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday, time.Saturday, time.Sunday}

// hours writes the opening hours, days with the same hours together.
func (v *visit) hours(f *facilities.Facility) []fact { return v.openWeek(&f.Hours) }

func (v *visit) openWeek(h *facilities.Hours) (out []fact) {
	for from := 0; from < len(week); {
		to := from
		for to+1 < len(week) && slices.Equal(h.On(week[to+1]), h.On(week[from])) {
			to++
		}
		days := v.weekday(week[from])
		if to > from {
			days += "–" + v.weekday(week[to])
		}
		out = append(out, fact{Label: days, Value: v.ranges(h.On(week[from]))})
		from = to + 1
	}
	return out
}

func (v *visit) ranges(list []facilities.Range) string {
	if len(list) == 0 {
		return v.say("facility.closed")
	}
	words := make([]string, len(list))
	for i, r := range list {
		words[i] = r.String()
	}
	return strings.Join(words, ", ")
}
