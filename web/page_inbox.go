package web

import (
	"slices"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"

	"rigg/access"
	"rigg/booking"
	"rigg/internal/database"
	"rigg/internal/id"
	"rigg/internal/money"
	"rigg/internal/period"
)

// maxInbox is how many requests are shown at once; who decides some sees the next.
const maxInbox = 25

type inboxPage struct {
	shell
	Tabs     []tab // one a facility, all first; nil when there is one facility
	Facility string
	Results  []resultView // of those just approved at once
	Rows     []inboxRow
	More     int // how many wait beside those shown
	Empty    empty
}

// inboxRow is one request as its manager sees it.
type inboxRow struct {
	Ref                  string
	Version              int
	Resource, Facility   string
	Start, End           time.Time
	Minutes              int
	Booker, Organisation string
	ProjectID, Project   string
	Purpose              string
	RequestedAt          time.Time
	Priced               bool // the project's money is this reader's to see
	TotalOre             money.Ore
	Waiting              bool          // the booker was asked and has not answered
	Series               string        // its reference; empty: none
	SeriesOf             int           // how many of the series wait, this one included
	Awaits               string        // whose answers are awaited
	Confirmed            bool          // it is a move of a confirmed booking
	Move                 *proposalView // what is asked for, or proposed to the booker
	Manages              bool          // the reader is the facility's manager, not only the project's lead
	Checks               []check
	Week                 []weekDay
	Neighbours           []neighbour
}

type check struct {
	OK   bool
	Text string
}

type weekDay struct {
	Label string
	This  bool // the request touches this day
	Bars  []weekBar
}

// weekBar is drawn downwards over the day, in percent of it. Its kind is this,
// booked, requested, buffer or outage.
type weekBar struct {
	FromPct, HeightPct float64
	Kind               string
}

// neighbour says in words what the week's picture shows nearest to the request.
type neighbour struct {
	Start, End time.Time
	Text       string
}

// pageInbox shows the requests that wait for the visitor, the soonest first.
func (s *Server) pageInbox(c *fiber.Ctx, v *visit) error {
	return s.showInbox(c, v, id.Facility(c.Query("facility")), nil)
}

func (s *Server) showInbox(c *fiber.Ctx, v *visit, chosen id.Facility, results []resultView) error {
	if !v.approves() {
		return access.CodeForbidden.Say("Här godkänner anläggningarnas ansvariga och projektens ledare bokningar.",
			"This is where the facilities' managers and the projects' leads approve bookings.")
	}
	all, err := s.waiting(v, "")
	if err != nil {
		return err
	}
	shown := slices.DeleteFunc(slices.Clone(all), func(b *booking.Booking) bool {
		return chosen != "" && (v.facilityOf(b) == nil || v.facilityOf(b).ID != chosen)
	})
	page := inboxPage{Tabs: v.inboxTabs(all, chosen), Facility: string(chosen), Results: results, Empty: empty{
		Icon: "circle-check", Title: v.say("inbox.none"), Text: v.say("inbox.none.text"),
	}}
	shown = bySeries(shown)
	page.More = max(0, len(shown)-maxInbox)
	if page.Rows, err = s.inboxRows(v, shown[:len(shown)-page.More]); err != nil {
		return err
	}
	for i, row := range page.Rows {
		page.Rows[i].SeriesOf = waitingOf(all, id.Ref(row.Series))
	}
	if page.shell, err = s.shell(c, v); err != nil {
		return err
	}
	return s.page(c, v, fiber.StatusOK, "inbox", page)
}

// bySeries keeps the requests of one series together, where the first of them is.
func bySeries(list []*booking.Booking) (out []*booking.Booking) {
	seen := map[id.Ref]bool{}
	for _, b := range list {
		if b.Series == "" {
			out = append(out, b)
			continue
		}
		if seen[b.Series] {
			continue
		}
		seen[b.Series] = true
		for _, other := range list {
			if other.Series == b.Series {
				out = append(out, other)
			}
		}
	}
	return out
}

func waitingOf(list []*booking.Booking, series id.Ref) (n int) {
	for _, b := range list {
		if series != "" && b.Series == series {
			n++
		}
	}
	return n
}

func (v *visit) inboxTabs(all []*booking.Booking, chosen id.Facility) (out []tab) {
	seen := map[id.Facility]bool{}
	for _, b := range all {
		f := v.facilityOf(b)
		if f == nil || seen[f.ID] {
			continue
		}
		seen[f.ID] = true
		out = append(out, tab{Path: "/inbox?facility=" + string(f.ID), Text: f.Name.In(v.lang), Current: f.ID == chosen})
	}
	if len(out) < 2 && chosen == "" {
		return nil
	}
	return append([]tab{{Path: "/inbox", Text: v.say("inbox.all"), Current: chosen == ""}}, out...)
}

func (s *Server) inboxRows(v *visit, list []*booking.Booking) ([]inboxRow, error) {
	names, err := s.names(v.ctx, list)
	if err != nil {
		return nil, err
	}
	lacking, err := s.lacking(v, list)
	if err != nil {
		return nil, err
	}
	var out []inboxRow
	for _, b := range list {
		row := v.inboxRow(b, names[b.Person])
		row.Checks = v.checks(b, lacking[b.ID])
		row.Move = v.proposal(b, names)
		b = asAsked(b)
		if f := v.facilityOf(b); f != nil {
			window := weekOf(b, v.facts.ZoneOf(b))
			entries, err := s.entries(v, f, window.window())
			if err != nil {
				return nil, err
			}
			near := beside(b, entries)
			row.Week, row.Neighbours = v.week(b, window, near), v.neighbours(b, near)
		}
		out = append(out, row)
	}
	return out, nil
}

func (v *visit) inboxRow(b *booking.Booking, booker access.Person) inboxRow {
	shown := v.bookingRow(b)
	zone := v.facts.ZoneOf(b)
	return inboxRow{
		Ref: shown.Ref, Version: b.Version, Resource: shown.Resource, Facility: shown.Facility,
		Start: shown.Start, End: shown.End, Minutes: int(b.Period.Minutes()),
		Booker: booker.Name, Organisation: v.organisationOf(booker), ProjectID: shown.ProjectID, Project: shown.Project,
		Purpose: b.Purpose, RequestedAt: b.Created.In(zone), Priced: shown.Priced, TotalOre: shown.TotalOre,
		Waiting: b.Question != "", Series: string(b.Series), Confirmed: b.State == booking.Confirmed, Awaits: v.awaits(b),
		Manages: v.allowed(access.DecideBooking, v.facts.ObjectOf(b)),
	}
}

// asAsked is a booking as it would be after the change that is asked for, to look
// at the week around that.
func asAsked(b *booking.Booking) *booking.Booking {
	if b.Proposal == nil {
		return b
	}
	out := *b
	out.Period, out.Resources = b.Proposal.Period, b.Proposal.Resources
	return &out
}

// lacking lists for each booking the qualifications that its booker does not hold
// on every day of it.
func (s *Server) lacking(v *visit, list []*booking.Booking) (map[id.Booking][]string, error) {
	out := map[id.Booking][]string{}
	err := s.DB.View(v.ctx, func(tx *database.Tx) error {
		for _, b := range list {
			days := b.Period.Dates(v.facts.ZoneOf(b))
			missing, err := access.MissingThroughout(tx, b.Person, v.requires(b), days[0], days[len(days)-1])
			if err != nil {
				return err
			}
			for _, q := range missing {
				out[b.ID] = append(out[b.ID], v.qualification(q))
			}
		}
		return nil
	})
	return out, err
}

func (v *visit) requires(b *booking.Booking) (out []id.Qualification) {
	for _, name := range b.Resources {
		if r, ok := v.facts.Catalogue.Resource(name); ok {
			out = append(out, r.Requires...)
		}
	}
	return out
}

// checks say what has been looked at already, so that the manager need not.
func (v *visit) checks(b *booking.Booking, lacks []string) (out []check) {
	for _, name := range lacks {
		out = append(out, check{Text: v.say("check.lacks", name)})
	}
	if len(lacks) == 0 && len(v.requires(b)) > 0 {
		out = append(out, check{OK: true, Text: v.say("check.qualified")})
	}
	if b.State != booking.Requested {
		return append(out, check{OK: true, Text: v.say("check.held")})
	}
	return append(out,
		check{OK: true, Text: v.say("check.money")}, // a request holds it until it is decided
		check{OK: true, Text: v.say("check.rules")})
}

func weekOf(b *booking.Booking, zone *time.Location) span {
	day := period.DateOf(b.Period.Start, zone)
	return span{days: 7, first: day.Next(-(int(day.Weekday()) + 6) % 7), zone: zone}
}

// beside are the entries of the request's own resources but itself.
func beside(b *booking.Booking, entries []entry) (out []entry) {
	for _, e := range entries {
		held := b.Proposal != nil && e.path == "" && e.kind == "booked" && e.period.Overlaps(b.Period) // for it
		if slices.Contains(b.Resources, e.resource.ID) && e.path != "/bookings/"+string(b.Ref) && !held {
			out = append(out, e)
		}
	}
	return out
}

func (v *visit) week(b *booking.Booking, s span, near []entry) (out []weekDay) {
	for i := range s.days {
		d := s.first.Next(i)
		whole := period.New(d.At(0, s.zone), d.Next(1).At(0, s.zone))
		day := weekDay{Label: v.weekday(d.Weekday()) + " " + strconv.Itoa(d.Day), This: b.Period.Overlaps(whole)}
		for _, e := range near {
			kind := e.kind
			if kind == "mine" {
				kind = "booked"
			}
			day.add(whole, e.period, kind)
		}
		day.add(whole, b.Period, "this")
		out = append(out, day)
	}
	return out
}

// add draws the part of a period that lies in the day.
func (d *weekDay) add(whole, p period.Period, kind string) {
	part := p.Clip(whole)
	if part.Empty() {
		return
	}
	length := float64(whole.Minutes())
	d.Bars = append(d.Bars, weekBar{
		FromPct:   100 * float64(period.New(whole.Start, part.Start).Minutes()) / length,
		HeightPct: 100 * float64(part.Minutes()) / length, Kind: kind,
	})
}

// neighbours are the last before the request and the first after it, that week.
func (v *visit) neighbours(b *booking.Booking, near []entry) (out []neighbour) {
	var before, after *entry
	for i, e := range near {
		switch {
		case e.kind == "buffer":
		case !e.period.End.After(b.Period.Start):
			if before == nil || e.period.End.After(before.period.End) {
				before = &near[i]
			}
		case after == nil:
			after = &near[i]
		}
	}
	zone := v.facts.ZoneOf(b)
	for _, side := range []struct {
		key string
		e   *entry
	}{{"inbox.before", before}, {"inbox.after", after}} {
		if side.e != nil {
			out = append(out, neighbour{
				Start: side.e.period.Start.In(zone), End: side.e.period.End.In(zone), Text: v.say(side.key, side.e.text),
			})
		}
	}
	return out
}
