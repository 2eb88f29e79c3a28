package web

import (
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"rigg/booking"
	"rigg/facilities"
	"rigg/internal/id"
	"rigg/internal/problem"
)

// moreFilters is what stands under "More filters" of the find page. All of it is
// in the address.
type moreFilters struct {
	Set                int // how many are in use; it is open then
	Sites, Facilities  []option
	Kinds              []option
	Weekdays           []option
	ClockFrom, ClockTo string
	Capabilities       []option
}

// looser is a search with one filter less; Found is -1 where that is not what
// stands in the way, but time is.
type looser struct {
	Text, Path string
	Found      int
}

// kinds are the kinds of facility, as the page lists them.
var kinds = []facilities.Kind{facilities.TestBed, facilities.PilotLine, facilities.Lab}

// readFilters reads what narrows the search down; what cannot be read is told.
func (q *findQuery) readFilters(v *visit, c *fiber.Ctx) {
	values, err := formValues(c)
	if err != nil {
		values = url.Values{}
	}
	complain := func(field string, err error) {
		if err != nil {
			q.Errors[field] = problem.From(err).Text().In(v.lang)
		}
	}
	q.search.Capabilities = said(values["capability"])
	q.search.County, q.search.Site = values.Get("county"), id.Site(values.Get("site"))
	q.search.Facility, q.search.Kind = id.Facility(values.Get("facility")), facilities.Kind(values.Get("kind"))
	q.ClockFrom, q.ClockTo = clip(values.Get("clock_from"), 5), clip(values.Get("clock_to"), 5)
	q.search.Weekdays, err = facilities.ParseWeekdays(said(values["weekday"]))
	complain("weekday", err)
	q.search.Clock, err = facilities.ParseClock(q.ClockFrom, q.ClockTo)
	complain("clock", err)
}

// said are the values that are not empty, each once.
func said(values []string) []string {
	out := slices.DeleteFunc(slices.Clone(values), func(v string) bool { return v == "" })
	slices.Sort(out)
	return slices.Compact(out)
}

func (v *visit) moreFilters(q *findQuery) moreFilters {
	in := q.search
	out := moreFilters{ClockFrom: q.ClockFrom, ClockTo: q.ClockTo, Capabilities: v.capabilityOptions(in.Capabilities)}
	for _, site := range v.facts.Catalogue.Sites() {
		out.Sites = append(out.Sites, option{Value: string(site.ID), Text: site.Name, Selected: site.ID == in.Site})
	}
	for _, f := range v.facts.Catalogue.Facilities() {
		out.Facilities = append(out.Facilities, option{Value: string(f.ID), Text: f.Name.In(v.lang), Selected: f.ID == in.Facility})
	}
	for _, list := range [][]option{out.Sites, out.Facilities} {
		slices.SortStableFunc(list, func(a, b option) int { return strings.Compare(a.Text, b.Text) })
	}
	for _, k := range kinds {
		name, err := v.find("kind." + string(k))
		if err != nil {
			name = string(k)
		}
		out.Kinds = append(out.Kinds, option{Value: string(k), Text: name, Selected: k == in.Kind})
	}
	for i, word := range facilities.WeekdayWords() {
		day := (i + 1) % 7
		out.Weekdays = append(out.Weekdays, option{
			Value: word, Text: v.nth("calendar.weekdays", day),
			Selected: slices.ContainsFunc(in.Weekdays, func(w time.Weekday) bool { return int(w) == day }),
		})
	}
	for _, used := range []bool{
		in.Site != "", in.Facility != "", in.Kind != "", len(in.Weekdays) > 0, in.Clock != facilities.Range{}, len(in.Capabilities) > 0,
		q.Errors["weekday"] != "", q.Errors["clock"] != "",
	} {
		if used {
			out.Set++
		}
	}
	return out
}

// capabilityOptions are all that some resource has, by name.
func (v *visit) capabilityOptions(chosen []string) (out []option) {
	seen := map[string]bool{}
	for _, r := range v.facts.Catalogue.Resources() {
		for _, slug := range r.Capabilities {
			if !seen[slug] {
				seen[slug] = true
				out = append(out, option{
					Value: slug, Text: facilities.CapabilityName(slug).In(v.lang), Selected: slices.Contains(chosen, slug),
				})
			}
		}
	}
	slices.SortFunc(out, func(a, b option) int { return strings.Compare(strings.ToLower(a.Text), strings.ToLower(b.Text)) })
	return out
}

// looser says what to leave out of a search that found nothing, and how much is
// found then; or which wishes about time to leave out where something is found
// that has no time for them.
func (s *Server) looser(c *fiber.Ctx, v *visit, q *findQuery, found bool) (out []looser, err error) {
	values, err := formValues(c)
	if err != nil {
		return nil, nil //nolint:nilerr // such an address has no filters
	}
	in := q.search
	for _, f := range []struct {
		key    string
		set    bool
		time   bool
		fields []string
		less   func(*booking.Search)
	}{
		{"find.without.words", strings.TrimSpace(in.Words) != "", false, []string{"q"}, func(l *booking.Search) { l.Words = "" }},
		{"find.without.capability", len(in.Capabilities) > 0, false, []string{"capability"}, func(l *booking.Search) { l.Capabilities = nil }},
		{"find.without.county", in.County != "", false, []string{"county"}, func(l *booking.Search) { l.County = "" }},
		{"find.without.site", in.Site != "", false, []string{"site"}, func(l *booking.Search) { l.Site = "" }},
		{"find.without.facility", in.Facility != "", false, []string{"facility"}, func(l *booking.Search) { l.Facility = "" }},
		{"find.without.kind", in.Kind != "", false, []string{"kind"}, func(l *booking.Search) { l.Kind = "" }},
		{"find.without.weekday", len(in.Weekdays) > 0, true, []string{"weekday"}, nil},
		{"find.without.clock", in.Clock != facilities.Range{}, true, []string{"clock_from", "clock_to"}, nil},
		{"find.without.length", in.Minutes > lengthShort, true, []string{"minutes"}, nil},
	} {
		if !f.set || f.time != found {
			continue
		}
		l := looser{Text: v.say(f.key), Path: without(values, f.fields), Found: -1}
		if !found {
			less := in
			f.less(&less)
			if l.Found, err = s.Booking.CountMatches(v.ctx, v.who, less); err != nil {
				return nil, err
			}
			if l.Found == 0 {
				continue
			}
		}
		out = append(out, l)
	}
	return out, nil
}

// lengthShort is the length to try where a longer one has no time, in minutes.
const lengthShort = 60

// without is the address of a search with some fields left out.
func without(values url.Values, fields []string) string {
	less := url.Values{}
	for name, list := range values {
		if name != "page" && !slices.Contains(fields, name) {
			less[name] = list
		}
	}
	if slices.Contains(fields, "minutes") {
		less.Set("minutes", "60")
	}
	return "/?" + less.Encode()
}
