package web

import (
	"net/url"
	"time"

	"github.com/gofiber/fiber/v2"

	"rigg/access"
	"rigg/booking"
	"rigg/facilities"
	"rigg/internal/money"
	"rigg/internal/problem"
)

const rowsPerPage = 30

// coming and over are the two halves of a person's list.
var (
	coming = []booking.State{booking.Requested, booking.Confirmed, booking.InUse, booking.Displaced}
	over   = []booking.State{booking.Completed, booking.NoShow, booking.Declined, booking.Cancelled, booking.Expired}
)

type bookingsPage struct {
	shell
	Tabs     []tab
	Waits    []waitRow // that something can come of; with the coming ones
	Bookings []bookingRow
	Empty    empty
	Pages    pageLinks
}

type bookingRow struct {
	Ref, Resource, Facility, City string
	Start, End                    time.Time
	State, ProjectID, Project     string
	MineOre, TotalOre             money.Ore
	MineParty                     string // empty: the total alone
	Priced                        bool
	Series                        string // its reference; empty: none
}

// pageBookings lists the visitor's own bookings.
func (s *Server) pageBookings(c *fiber.Ctx, v *visit) error {
	past := c.Query("show") == "past"
	filter := booking.Filter{Mine: true, States: coming, After: c.Query("after"), Limit: rowsPerPage}
	if past {
		filter.States, filter.Backwards = over, true
	}
	found, next, err := s.Booking.List(v.ctx, v.who, filter)
	if err != nil {
		return unreadableCursor(err)
	}
	page := bookingsPage{
		Tabs: []tab{
			{Path: "/bookings", Text: v.say("bookings.coming"), Current: !past},
			{Path: "/bookings?show=past", Text: v.say("bookings.past"), Current: past},
		},
		Empty: empty{
			Icon: "calendar", Title: v.say("bookings.none"), Text: v.say("bookings.none.text"),
			Links: []link{{Text: v.say("nav.find"), Path: "/"}},
		},
		Pages: cursorLinks(c, next),
	}
	if !past && filter.After == "" {
		if page.Waits, err = s.liveWaits(v); err != nil {
			return err
		}
	}
	for _, b := range found {
		page.Bookings = append(page.Bookings, v.bookingRow(b))
	}
	if page.shell, err = s.shell(c, v); err != nil {
		return err
	}
	return s.page(c, v, fiber.StatusOK, "my_bookings", page)
}

// unreadableCursor makes a page of a list that never was a not-found.
func unreadableCursor(err error) error {
	if problem.Has(err, problem.CodeInvalid) {
		return problem.Absent()
	}
	return err
}

// cursorLinks are the addresses beside a page of a list, with its other choices kept.
func cursorLinks(c *fiber.Ctx, next string) (out pageLinks) {
	values, err := url.ParseQuery(string(c.Request().URI().QueryString()))
	if err != nil {
		return out
	}
	paged := values.Get("after") != ""
	values.Del("after")
	if paged {
		out.First = c.Path() + "?" + values.Encode()
	}
	if next != "" {
		values.Set("after", next)
		out.Next = c.Path() + "?" + values.Encode()
	}
	return out
}

func (v *visit) bookingRow(b *booking.Booking) bookingRow {
	zone := v.facts.ZoneOf(b)
	out := bookingRow{
		Ref: string(b.Ref), Resource: v.resourceNames(b), State: v.stateOf(b), ProjectID: string(b.Project), Series: string(b.Series),
		Start: b.Period.Start.In(zone), End: b.Period.End.In(zone),
	}
	if f := v.facilityOf(b); f != nil {
		out.Facility, out.City = f.Name.In(v.lang), f.SiteAt(b.Period.Start).City
	}
	if p, ok := v.facts.Terms.Project(b.Project); ok {
		out.Project = p.Name
	}
	o := v.facts.ObjectOf(b)
	if b.Cost != nil && v.allowed(access.SeeProjectMoney, o) {
		_, party, amount := v.mine(booking.SharesSeen(v.who, o, b.Cost.Shares))
		out.Priced, out.MineParty, out.MineOre, out.TotalOre = true, party, amount, b.Cost.Total
	}
	return out
}

// stateOf is the booking's state, or that it waits for the booker's answer.
func (v *visit) stateOf(b *booking.Booking) string {
	if b.State == booking.Requested && b.Question != "" {
		return "needs_information"
	}
	return string(b.State)
}

// resourceNames are those of a booking, with commas.
func (v *visit) resourceNames(b *booking.Booking) (out string) {
	for i, name := range b.Resources {
		if i > 0 {
			out += ", "
		}
		if r, ok := v.facts.Catalogue.Resource(name); ok {
			out += r.Name.In(v.lang)
		} else {
			out += string(name)
		}
	}
	return out
}

// facilityOf is where the booking is; nil when its resource is no longer there.
func (v *visit) facilityOf(b *booking.Booking) *facilities.Facility {
	if r, ok := v.facts.Catalogue.Resource(b.Resources[0]); ok {
		return r.Facility
	}
	return nil
}
