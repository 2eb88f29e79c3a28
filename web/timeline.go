package web

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"

	"rigg/access"
	"rigg/booking"
	"rigg/facilities"
	"rigg/internal/period"
)

// timelineView is one view of a facility's time, in its local time.
type timelineView struct {
	Source, Form                           string // the JSON below, the booking form
	View                                   string // day or week
	Date, Today                            string // the first day shown, the site's today
	Open, Close                            string // the hours drawn: "07:00", "19:00"
	StepMinutes                            int
	Title                                  string
	Lang                                   string // sv or en-GB
	Previous, Next, Now, DayView, WeekView string // addresses
	Days                                   []timelineDay
}

type timelineDay struct {
	Day    time.Time
	Closed string        // why the whole day is closed; empty when it isn't
	Busy   []timelineRow // in order; empty: all free
}

type timelineRow struct {
	Resource   string
	Start, End time.Time
	Text, Path string // no path unless the visitor may open it
}

// span is what a timeline shows: a day, or the week of a day.
type span struct {
	days  int
	first period.Date
	today period.Date
	zone  *time.Location
}

// readSpan reads view and date; anything unreadable is this week.
func readSpan(c *fiber.Ctx, f *facilities.Facility, now time.Time) span {
	zone := f.SiteAt(now).Zone
	out := span{days: 7, today: period.DateOf(now, zone), zone: zone}
	day, err := period.ParseDate(c.Query("date"))
	if err != nil {
		day = out.today
	}
	if c.Query("view") == "day" {
		out.days, out.first = 1, day
		return out
	}
	out.first = day.Next(-(int(day.Weekday()) + 6) % 7) // back to Monday
	return out
}

func (s span) window() period.Period {
	return period.New(s.first.At(0, s.zone), s.first.Next(s.days).At(0, s.zone))
}

func (s span) view() string { return viewOf(s.days) }

func viewOf(days int) string {
	if days == 1 {
		return "day"
	}
	return "week"
}

// address is a page of the facility that shows the day in a view of that many days.
func (s span) address(f *facilities.Facility, days int, day period.Date) string {
	return "/facilities/" + string(f.ID) + "?" +
		url.Values{"view": {viewOf(days)}, "date": {day.String()}}.Encode() + "#timeline-title"
}

// entry is a stretch of a resource's time that the timeline shows. Its kind is
// booked, mine, requested, held, outage or buffer (key timeline.kind.KIND).
type entry struct {
	resource   *facilities.Resource
	period     period.Period
	kind       string
	text, path string
}

// entries is what is taken in the window, as the visitor may know it: what is not
// theirs to see says "Booked" and nothing else.
func (s *Server) entries(v *visit, f *facilities.Facility, window period.Period) ([]entry, error) {
	taken, err := s.Booking.Timeline(v.ctx, v.who, f.ID, window)
	if err != nil {
		return nil, err
	}
	var known []*booking.Booking
	for _, t := range taken {
		if t.Booking != nil {
			known = append(known, t.Booking)
		}
	}
	names, err := s.names(v.ctx, known)
	if err != nil {
		return nil, err
	}
	var out []entry
	for _, t := range taken {
		booker := ""
		if t.Booking != nil {
			booker = names[t.Booking.Person].Name
		}
		out = append(out, v.taken(t, booker)...)
	}
	slices.SortStableFunc(out, func(a, b entry) int { return a.period.Start.Compare(b.period.Start) })
	return out, nil
}

func (v *visit) taken(t booking.Taken, booker string) []entry {
	e := entry{resource: t.Resource, period: t.Period, kind: "booked", text: v.say("timeline.kind.booked")}
	if t.Booking == nil {
		switch {
		case !t.Outage.Empty():
			e.kind, e.text = "outage", t.Outage.In(v.lang)
			if v.allowed(access.ManageFacility, v.facilityObject(t.Resource.Facility)) {
				e.path = "/outages/" + strconv.FormatInt(int64(t.OutageID), 10)
			}
		case t.Hold != nil:
			e.kind, e.text = "held", v.say("timeline.kind.held")
			if t.Hold.For != nil {
				e.path = "/bookings/" + string(t.Hold.For.Ref)
			} else {
				e.path = "/waits/" + string(t.Hold.Wait.Ref)
			}
		}
		return []entry{e}
	}
	b := t.Booking
	e.period, e.path = b.Period.Clip(t.Period), "/bookings/"+string(b.Ref)
	e.text = booker + ", " + string(b.Project)
	switch {
	case b.State == booking.Requested:
		e.kind = "requested"
	case b.Person == v.who.ID:
		e.kind, e.text = "mine", v.say("timeline.kind.mine")
	}
	out := []entry{e}
	for _, p := range period.Subtract([]period.Period{t.Period}, []period.Period{e.period}) {
		out = append(out, entry{resource: t.Resource, period: p, kind: "buffer", text: v.say("timeline.kind.buffer")})
	}
	return out
}

func (v *visit) timeline(f *facilities.Facility, s span, entries []entry) timelineView {
	out := timelineView{
		Source: "/facilities/" + string(f.ID) + "/timeline.json?" + url.Values{"view": {s.view()}, "date": {s.first.String()}}.Encode(),
		Form:   "/book", View: s.view(), Date: s.first.String(), Today: s.today.String(), StepMinutes: stepOf(f),
		Title: v.spanTitle(s), Lang: map[bool]string{true: "sv", false: "en-GB"}[v.lang == "sv"],
		Previous: s.address(f, s.days, s.first.Next(-s.days)), Next: s.address(f, s.days, s.first.Next(s.days)),
		Now: s.address(f, s.days, s.today), DayView: s.address(f, 1, s.first), WeekView: s.address(f, 7, s.first),
	}
	out.Open, out.Close = drawn(f)
	for i := range s.days {
		out.Days = append(out.Days, v.timelineDay(f, s, s.first.Next(i), entries))
	}
	return out
}

func (v *visit) timelineDay(f *facilities.Facility, s span, d period.Date, entries []entry) timelineDay {
	whole := period.New(d.At(0, s.zone), d.Next(1).At(0, s.zone))
	out := timelineDay{Day: whole.Start.In(s.zone)}
	if name, closed := f.ClosedOn(d, f.SiteAt(whole.Start)); closed {
		out.Closed = name.In(v.lang)
	} else if len(f.Hours.On(d.Weekday())) == 0 {
		out.Closed = v.say("timeline.no_hours")
	}
	for _, e := range entries {
		if e.kind != "buffer" && e.period.Overlaps(whole) {
			out.Busy = append(out.Busy, timelineRow{
				Resource: e.resource.Name.In(v.lang), Start: e.period.Start.In(s.zone), End: e.period.End.In(s.zone),
				Text: e.text, Path: e.path,
			})
		}
	}
	return out
}

// spanTitle writes "Vecka 48, 23–29 nov 2026", or the day.
func (v *visit) spanTitle(s span) string {
	first, last := s.first.UTC(), s.first.Next(s.days-1).UTC()
	if s.days == 1 {
		return v.day(first) + fmt.Sprintf(" %d", first.Year())
	}
	_, number := first.ISOWeek()
	days := v.dayMonth(first) + " – "
	if first.Month() == last.Month() {
		days = strconv.Itoa(first.Day()) + "–"
	}
	return v.say("timeline.title", number, days+v.date(last))
}

// drawn is the hours of the day that are worth drawing: all of it where a booking
// may go through the night.
func drawn(f *facilities.Facility) (from, to string) {
	first, last := 24*60, 0
	for _, day := range week {
		for _, r := range f.Hours.On(day) {
			first, last = min(first, r.From), max(last, r.To)
		}
	}
	through := slices.ContainsFunc(f.Resources, func(r *facilities.Resource) bool { return r.Rules.Closed == facilities.Span })
	if through || first >= last {
		first, last = 0, 24*60
	}
	first, last = first/60, (last+59)/60
	return fmt.Sprintf("%02d:00", first), fmt.Sprintf("%02d:00", last)
}

// stepOf is the finest step of the facility's resources, in minutes.
func stepOf(f *facilities.Facility) int {
	out := 0
	for _, r := range f.Resources {
		if step := int(r.Rules.Step.Duration() / time.Minute); step > 0 && (out == 0 || step < out) {
			out = step
		}
	}
	return cmp.Or(min(out, 60), 15)
}

// timelineBody is what timeline.js draws. Times are local, without an offset: the
// component knows no zones.
type timelineBody struct {
	Resources []timelineResource `json:"resources"`
	Events    []timelineEvent    `json:"events"`
}

type timelineResource struct {
	ID    string `json:"id"`
	Title string `json:"title"`
}

type timelineEvent struct {
	ID        string   `json:"id"`
	Resources []string `json:"resources"`
	Start     string   `json:"start"`
	End       string   `json:"end"`
	Kind      string   `json:"kind"` // of an entry, or closed
	Title     string   `json:"title"`
	Href      string   `json:"href,omitempty"`
}

// timelineJSON answers with the events of a facility's timeline.
func (s *Server) timelineJSON(c *fiber.Ctx, v *visit) error {
	f, err := v.facility(c.Params("id"))
	if err != nil {
		return err
	}
	span := readSpan(c, f, v.now)
	entries, err := s.entries(v, f, span.window())
	if err != nil {
		return err
	}
	out := timelineBody{Resources: []timelineResource{}, Events: []timelineEvent{}}
	var all []string
	for _, r := range f.Resources {
		out.Resources = append(out.Resources, timelineResource{string(r.ID), r.Name.In(v.lang)})
		all = append(all, string(r.ID))
	}
	add := func(p period.Period, resources []string, kind, title, href string) {
		out.Events = append(out.Events, timelineEvent{
			ID: strconv.Itoa(len(out.Events)), Resources: resources, Kind: kind, Title: title, Href: href,
			Start: p.Start.In(span.zone).Format(localTime), End: p.End.In(span.zone).Format(localTime),
		})
	}
	for _, p := range period.Subtract([]period.Period{span.window()}, f.Open(span.window())) {
		add(p, all, "closed", v.say("timeline.kind.closed"), "")
	}
	for _, e := range entries {
		add(e.period, []string{string(e.resource.ID)}, e.kind, e.text, e.path)
	}
	c.Set(fiber.HeaderCacheControl, "private, no-cache")
	c.Set(fiber.HeaderVary, "Cookie, Accept-Language")
	return c.JSON(out)
}
