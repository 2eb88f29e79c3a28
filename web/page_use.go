package web

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/boombuler/barcode/qr"
	"github.com/gofiber/fiber/v2"

	"rigg/access"
	"rigg/booking"
	"rigg/facilities"
	"rigg/internal/id"
	"rigg/internal/period"
	"rigg/internal/problem"
)

// resourcePage is what the code on a resource leads to.
type resourcePage struct {
	shell
	ID, Name, FacilityID, Facility string
	Free                           bool
	Until                          time.Time // when that changes; zero: not within a day
	Next                           []stretchRow
	Bookings                       []resourceBooking // that the visitor may see, now or next
	SignIn                         string            // path; empty: somebody is signed in
	Book                           string
	Report                         string // path; empty: not the visitor's to do
	Files                          []fileRow
}

// stretchRow is taken time, without whose it is.
type stretchRow struct {
	Start, End time.Time
	Out        string // the outage's name; empty: a booking
}

// resourceBooking is one that somebody at the resource may do something with.
type resourceBooking struct {
	Ref, State, Booker string
	Start, End         time.Time
	Version            int
	Action             string // check-in, check-out or empty
	Asked              string // path of the form that has to be filled in first
}

// ahead is how far the page at the resource looks.
const ahead = 24 * time.Hour

// pageResource shows a resource to who stands before it.
func (s *Server) pageResource(c *fiber.Ctx, v *visit) error {
	r, ok := v.facts.Catalogue.Resource(id.Resource(c.Params("resource")))
	if !ok {
		return problem.Absent()
	}
	window := period.New(v.now.Truncate(time.Minute), v.now.Add(ahead).Truncate(time.Minute))
	taken, err := s.Booking.Timeline(v.ctx, v.who, r.Facility.ID, window)
	if err != nil {
		return err
	}
	taken = slices.DeleteFunc(taken, func(t booking.Taken) bool { return t.Resource.ID != r.ID })
	page := resourcePage{
		ID: string(r.ID), Name: r.Name.In(v.lang), FacilityID: string(r.Facility.ID), Facility: r.Facility.Name.In(v.lang),
		Book: "/book?" + url.Values{"resource": {string(r.ID)}}.Encode(),
	}
	page.occupy(r, taken, v)
	if v.who == nil {
		page.SignIn = signInPath("/r/" + string(r.ID))
	}
	if page.Bookings, err = s.atResource(v, taken); err != nil {
		return err
	}
	if v.allowed(access.ManageFacility, v.objectAt(r.Facility)) || len(page.Bookings) > 0 {
		page.Report = "/r/" + string(r.ID) + "/report"
	}
	if page.Files, err = s.fileRows(v, booking.Attached{Resource: r.ID}); err != nil {
		return err
	}
	if page.shell, err = s.shell(c, v); err != nil {
		return err
	}
	return s.page(c, v, fiber.StatusOK, "resource", page)
}

// objectAt is a facility as the policy asks of it.
func (v *visit) objectAt(f *facilities.Facility) access.Object {
	return access.Object{Facility: f.ID, Site: f.SiteAt(v.now).ID}
}

// occupy says whether the resource is free, until when, and what comes next.
func (p *resourcePage) occupy(r *facilities.Resource, taken []booking.Taken, v *visit) {
	zone := r.Zone(v.now)
	units := max(len(r.Units), 1)
	free := func(t time.Time) bool {
		used := 0
		for _, one := range taken {
			if one.Period.Has(t) {
				used += one.Units
			}
		}
		return used == 0 || r.Take > 0 && units-used >= r.Take
	}
	p.Free = free(v.now)
	var changes []time.Time
	for _, t := range taken {
		changes = append(changes, t.Period.Start, t.Period.End)
		p.Next = append(p.Next, stretchRow{Start: t.Period.Start.In(zone), End: t.Period.End.In(zone), Out: t.Outage.In(v.lang)})
	}
	slices.SortFunc(changes, time.Time.Compare)
	for _, t := range changes {
		if t.After(v.now) && free(t) != p.Free {
			p.Until = t.In(zone)
			return
		}
	}
}

// atResource are the bookings now and next that the visitor may use.
func (s *Server) atResource(v *visit, taken []booking.Taken) (out []resourceBooking, err error) {
	var list []*booking.Booking
	for _, t := range taken {
		if t.Booking != nil && v.allowed(access.UseBooking, v.facts.ObjectOf(t.Booking)) {
			list = append(list, t.Booking)
		}
	}
	names, err := s.names(v.ctx, list)
	if err != nil {
		return nil, err
	}
	for _, b := range list {
		row := v.bookingRow(b)
		one := resourceBooking{
			Ref: row.Ref, State: row.State, Booker: names[b.Person].Name, Start: row.Start, End: row.End, Version: b.Version,
		}
		switch {
		case b.State == booking.InUse:
			one.Action = "check-out"
			if slices.ContainsFunc(v.facts.Asks(b), func(q facilities.Question) bool { return q.Required }) {
				one.Asked = "/bookings/" + row.Ref + "#run"
			}
		case b.State == booking.Confirmed && !v.now.Before(v.facts.CheckInOpens(b)) && v.now.Before(b.Period.End):
			one.Action = "check-in"
		}
		out = append(out, one)
	}
	return out, nil
}

// resourceQR draws the code that leads to a resource's page. It is a file of its
// own, so that pages need no inline style for it.
func (s *Server) resourceQR(c *fiber.Ctx) error {
	facts, err := s.Booking.Facts(c.UserContext())
	if err != nil {
		return err
	}
	r, ok := facts.Catalogue.Resource(id.Resource(c.Params("resource")))
	if !ok {
		return problem.Absent()
	}
	body, err := drawQR(s.Config.BaseURL + "/r/" + string(r.ID))
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderContentType, "image/svg+xml")
	c.Set(fiber.HeaderCacheControl, "public, max-age=86400")
	return c.SendString(body)
}

// quiet is the white margin around a code, in modules (ISO/IEC 18004).
const quiet = 4

func drawQR(content string) (string, error) {
	code, err := qr.Encode(content, qr.M, qr.Auto)
	if err != nil {
		return "", fmt.Errorf("draw a code: %w", err)
	}
	size := code.Bounds().Dx()
	var path strings.Builder
	for y := range size {
		for x := range size {
			if dark, _, _, _ := code.At(x, y).RGBA(); dark == 0 {
				fmt.Fprintf(&path, "M%d %dh1v1h-1z", x+quiet, y+quiet)
			}
		}
	}
	side := size + 2*quiet
	return fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" shape-rendering="crispEdges">`+
		`<rect width="%d" height="%d" fill="#fff"/><path d="%s" fill="#000"/></svg>`, side, side, side, side, path.String()), nil
}

type sheetPage struct {
	shell
	FacilityID, Facility, Address string
	Codes                         []sheetCode
}

type sheetCode struct{ Name, Image, Address string }

// pageSheet is a sheet of all codes of a facility, to print and cut.
func (s *Server) pageSheet(c *fiber.Ctx, v *visit) error {
	f, err := v.facility(c.Params("id"))
	if err != nil {
		return err
	}
	if !v.allowed(access.SeeDesk, v.objectAt(f)) {
		return problem.Absent()
	}
	page := sheetPage{FacilityID: string(f.ID), Facility: f.Name.In(v.lang), Address: f.Address}
	for _, r := range f.Resources {
		if r.RetiredBy(v.now) {
			continue
		}
		page.Codes = append(page.Codes, sheetCode{
			Name: r.Name.In(v.lang), Image: "/r/" + string(r.ID) + "/qr.svg", Address: s.Config.BaseURL + "/r/" + string(r.ID),
		})
	}
	if page.shell, err = s.shell(c, v); err != nil {
		return err
	}
	return s.page(c, v, fiber.StatusOK, "sheet", page)
}
