package calendar

import (
	"context"
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
	"time"

	"rigg/access"
	"rigg/booking"
	"rigg/facilities"
	"rigg/internal/database"
	"rigg/internal/id"
	"rigg/internal/period"
	"rigg/internal/text"
)

// homeZone counts the days of a calendar that no single site decides: the test
// beds are Swedish, and so are nearly all who book them.
const homeZone = "Europe/Stockholm"

// reader is whom a feed is made for: what may be told to its owner today.
type reader struct {
	owner   *access.Principal
	lang    text.Lang
	facts   *booking.Facts
	people  map[id.Person]access.Person
	baseURL string
}

// document fills the calendar of a feed for what its owner may see now: rights
// that were lost since it was made are lost in it too.
func (s *Service) document(ctx context.Context, f feedRow, owner *access.Principal) (*Feed, error) {
	facts, err := s.booking.Facts(ctx)
	if err != nil {
		return nil, err
	}
	r := &reader{owner: owner, lang: f.Language, facts: facts, baseURL: s.baseURL}
	doc, window, resource, err := r.frame(f, s.db.Now())
	if err != nil {
		return nil, err
	}
	around := booking.Around{Window: period.New(window.From, window.To), Moment: window.Today}
	var found []*booking.Booking
	var outages []booking.Outage
	switch {
	case f.Kind == Mine:
		found, err = s.booking.ListOf(ctx, owner.ID, around)
	case resource != nil: // one that is gone from the catalogue has an empty calendar
		found, outages, err = s.booking.ListOn(ctx, resource, around)
	}
	if err != nil {
		return nil, err
	}
	if r.people, err = s.names(ctx, found); err != nil {
		return nil, err
	}
	for _, b := range found {
		doc.Events = append(doc.Events, r.event(b))
	}
	for _, o := range outages {
		doc.Events = append(doc.Events, r.outage(resource, o))
	}
	doc.Trim(window)
	return doc, nil
}

// frame is the calendar without its events, and the time that it shows.
func (r *reader) frame(f feedRow, now time.Time) (*Feed, Window, *facilities.Resource, error) {
	zone, err := time.LoadLocation(homeZone)
	if err != nil {
		return nil, Window{}, nil, fmt.Errorf("zone of calendars: %w", err)
	}
	doc := &Feed{Color: "teal", Language: r.lang, Name: text.New("Mina bokningar i Rigg", "My bookings in Rigg").In(r.lang)}
	var resource *facilities.Resource
	if f.Kind == OfResource {
		doc.Color, doc.Name = "steelblue", f.Target
		if found, ok := r.facts.Catalogue.Resource(id.Resource(f.Target)); ok {
			resource, zone = found, found.Zone(now)
			doc.Name = found.Name.In(r.lang) + ", " + found.Facility.Name.In(r.lang)
		}
	}
	doc.Zone = zone.String()
	return doc, NewWindow(now, zone), resource, nil
}

func (s *Service) names(ctx context.Context, found []*booking.Booking) (people map[id.Person]access.Person, err error) {
	var ids []id.Person
	for _, b := range found {
		ids = append(ids, b.Person)
	}
	slices.Sort(ids)
	err = s.db.View(ctx, func(tx *database.Tx) error {
		people, err = access.Names(tx, slices.Compact(ids))
		return err
	})
	return people, err
}

// statuses are what the states mean in a calendar. What will not take place is
// cancelled, whatever the reason.
var statuses = map[booking.State]Status{
	booking.Requested: Tentative,
	booking.Confirmed: Confirmed, booking.InUse: Confirmed, booking.Completed: Confirmed,
	booking.Cancelled: Cancelled, booking.Declined: Cancelled, booking.Expired: Cancelled,
	booking.NoShow: Cancelled, booking.Displaced: Cancelled,
}

// event tells the owner of the feed what they may know of a booking. To anybody
// else it is taken time: whether it is requested or confirmed, since when, by
// whom and why is not theirs to know.
func (r *reader) event(b *booking.Booking) Event {
	e := Event{
		UID: b.UID(), Sequence: b.Version, Status: statuses[b.State], Modified: b.Changed,
		Start: b.Period.Start, End: b.Period.End, Free: b.Person != r.owner.ID,
	}
	zone, facility := r.facts.ZoneOf(b), (*facilities.Facility)(nil)
	if found, ok := r.facts.Catalogue.Resource(b.Resources[0]); ok {
		facility = found.Facility
		e.Location = place(facility, b.Period.Start)
	}
	buffers := r.buffers(b, zone)
	if !access.Allowed(r.owner, access.SeeBooking, r.facts.ObjectOf(b)) {
		e.Summary = text.New("Upptagen", "Booked").In(r.lang)
		switch e.Status {
		case Tentative:
			e.Status = Confirmed
		case Cancelled:
			e.Summary = text.New("Inställd", "Cancelled").In(r.lang)
		case Confirmed:
		}
		e.Description = strings.Join(buffers, "\n")
		return e
	}
	e.Created = b.Created
	e.Summary = r.cancelled(e.Status, r.title(b, facility))
	e.URL = r.baseURL + "/bookings/" + string(b.Ref)
	e.Description = strings.Join(r.description(b, facility, buffers), "\n")
	if facility != nil {
		e.Categories = []string{facility.Name.In(r.lang)}
	}
	return e
}

// cancelled says it in the title too: some programs show nothing else.
func (r *reader) cancelled(s Status, title string) string {
	if s != Cancelled {
		return title
	}
	return text.New("Inställd: %s", "Cancelled: %s", title).In(r.lang)
}

func (r *reader) title(b *booking.Booking, f *facilities.Facility) string {
	var names []string
	for _, name := range b.Resources {
		if found, ok := r.facts.Catalogue.Resource(name); ok {
			names = append(names, found.Name.In(r.lang))
		} else {
			names = append(names, string(name))
		}
	}
	title := strings.Join(names, " + ")
	if f != nil {
		title += ", " + f.Name.In(r.lang)
	}
	return title
}

// description is what one needs to know on the day, a line each.
func (r *reader) description(b *booking.Booking, f *facilities.Facility, buffers []string) []string {
	project := string(b.Project)
	if found, ok := r.facts.Terms.Project(b.Project); ok {
		project += ", " + found.Name
	}
	out := []string{text.New("Projekt: %s", "Project: %s", project).In(r.lang)}
	if b.Purpose != "" {
		out = append(out, text.New("Syfte: %s", "Purpose: %s", b.Purpose).In(r.lang))
	}
	out = append(out, text.New("Läge: %s", "State: %s", b.State.Name()).In(r.lang))
	if b.Series != "" {
		out = append(out, text.New("Serie: %s", "Series: %s", r.baseURL+"/series/"+string(b.Series)).In(r.lang))
	}
	if booker, ok := r.people[b.Person]; ok && b.Person != r.owner.ID {
		out = append(out, text.New("Bokad av: %s", "Booked by: %s", booker.Name).In(r.lang))
	}
	out = append(out, buffers...)
	if f == nil {
		return out
	}
	out = append(out, text.New("Adress: %s", "Address: %s", place(f, b.Period.Start)).In(r.lang))
	if entrance := f.Entrance.In(r.lang); entrance != "" {
		out = append(out, text.New("Så kommer du in: %s", "Getting in: %s", entrance).In(r.lang))
	}
	return out
}

// buffers are the set-up and clean-up times by the site's clock.
func (r *reader) buffers(b *booking.Booking, zone *time.Location) (out []string) {
	clock := func(t time.Time) string { return t.In(zone).Format("15:04") }
	blocked := b.Blocked()
	if blocked.Start.Before(b.Period.Start) {
		out = append(out, text.New("Ställtid: %s–%s", "Set-up: %s–%s", clock(blocked.Start), clock(b.Period.Start)).In(r.lang))
	}
	if blocked.End.After(b.Period.End) {
		out = append(out, text.New("Efterarbete: %s–%s", "Clean-up: %s–%s", clock(b.Period.End), clock(blocked.End)).In(r.lang))
	}
	return out
}

// place is where a facility is at a time: its address, or else the site.
func place(f *facilities.Facility, at time.Time) string {
	if f.Address != "" {
		return f.Address
	}
	site := f.SiteAt(at)
	return site.Name + ", " + site.City
}

// outage is published time when nobody can use the resource. It has no versions:
// its times are part of its UID, so that a moved one is another event.
func (r *reader) outage(on *facilities.Resource, o booking.Outage) Event {
	name := sha256.Sum256(fmt.Appendf(nil, "outage %d %d %d", o.ID, o.Period.Start.Unix(), o.Period.End.Unix()))
	return Event{
		UID: fmt.Sprintf("outage-%x@rigg", name[:12]), Status: Confirmed, Free: true,
		Start: o.Period.Start, End: o.Period.End, Modified: o.Created,
		Summary:  text.New("Ur drift: %s", "Out of service: %s", o.Name).In(r.lang),
		Location: place(on.Facility, o.Period.Start),
	}
}
