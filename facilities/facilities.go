// Package facilities is what can be booked: sites, facilities, resources and
// the units behind them, their opening hours, closures, outages and rules of
// time, and the search for a time that suits. It must never know who books, on
// which project or at what price.
package facilities

import (
	"time"

	"rigg/internal/id"
	"rigg/internal/money"
	"rigg/internal/period"
	"rigg/internal/text"
)

// Site is a place with a time zone. Host and place are separate and dated.
type Site struct {
	ID     id.Site
	Name   string
	City   string
	County string // two digits, the Swedish county code (länskod)
	Zone   *time.Location
	Hosts  []DatedHost // in order of From, at least one

	Closures map[period.Date]text.Text // days on which it is closed, whatever the hours
}

// DatedHost is the organisation that runs a site from a day on. A zero From is
// since always.
type DatedHost struct {
	From period.Date
	Host id.Organisation
}

// HostAt gives the organisation that runs the site at the instant; before the
// first known one, that one.
func (s *Site) HostAt(t time.Time) id.Organisation {
	day, host := period.DateOf(t, s.Zone), s.Hosts[0].Host
	for _, h := range s.Hosts[1:] {
		if day.Before(h.From) {
			break
		}
		host = h.Host
	}
	return host
}

// Kind is what a facility is.
type Kind string

// The kinds of facility.
const (
	TestBed   Kind = "test_bed"
	PilotLine Kind = "pilot_line"
	Lab       Kind = "lab"
)

// Approval is how a request becomes a confirmed booking.
type Approval string

// The approval policies. AutoIf confirms at once when the booker is qualified
// and the cost is below the facility's AutoBelow.
const (
	Auto   Approval = "auto"
	Manual Approval = "manual"
	AutoIf Approval = "auto_if"
)

// Facility is a test bed, pilot line or lab.
type Facility struct {
	ID        id.Facility
	Name      text.Text
	About     text.Text
	Entrance  text.Text // how to get in
	Kind      Kind
	Address   string
	Approval  Approval
	AutoBelow money.Ore // of AutoIf: a booking below it is confirmed at once
	Hours     Hours
	Places    []DatedSite // in order of From, at least one
	Resources []*Resource // in the order in which the facility shows them

	Closures map[period.Date]text.Text // days on which it is closed, whatever the hours
}

// DatedSite is where a facility is from a day on. A zero From is since always.
type DatedSite struct {
	From period.Date
	Site *Site
}

// SiteAt gives the place of the facility at the instant; before the first
// known one, that one.
func (f *Facility) SiteAt(t time.Time) *Site { return f.Places[f.placeAt(t)].Site }

// placeAt gives the index of the place. A move happens at local midnight of the
// new place.
func (f *Facility) placeAt(t time.Time) int {
	at := 0
	for i, p := range f.Places[1:] {
		if t.Before(p.From.At(0, p.Site.Zone)) {
			break
		}
		at = i + 1
	}
	return at
}

// ClosedOn tells whether a closure of the facility itself or of the site falls
// on the day, and its name.
func (f *Facility) ClosedOn(d period.Date, site *Site) (text.Text, bool) {
	if name, ok := f.Closures[d]; ok {
		return name, true
	}
	name, ok := site.Closures[d]
	return name, ok
}

// Resource is what a person books.
type Resource struct {
	ID           id.Resource
	Facility     *Facility
	Name         text.Text
	About        text.Text
	Capabilities []string
	Units        []id.Unit // ascending
	Take         int       // how many of Units a booking takes; 0 is all of them
	Rules        Rules     // the facility's, where the resource does not say otherwise
	Requires     []id.Qualification
	Along        []*Resource             // what comes along when it is booked, of the same facility
	Hours        *Hours                  // its own; nil: the facility's
	Shifts       map[period.Date][]Range // when it is open on some days, whatever the hours; none: not at all

	words    string    // folded, for Search
	audience *Audience // whose horizon and hours are in force, as For says; nil: nobody's own
}

// Zone is the resource's time zone at the instant.
func (r *Resource) Zone(t time.Time) *time.Location { return r.Facility.SiteAt(t).Zone }
