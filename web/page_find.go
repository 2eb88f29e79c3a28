package web

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"rigg/booking"
	"rigg/funding"
	"rigg/internal/id"
	"rigg/internal/period"
	"rigg/internal/problem"
)

const (
	projectCookie  = "rigg_project" // the project that was booked on last
	projectLife    = 365 * 24 * time.Hour
	cardsPerPage   = 20
	defaultMinutes = 4 * 60
	defaultDays    = 14
	maxIdeas       = 12
)

// lengthChoices are the lengths to search for, in minutes.
var lengthChoices = []int{60, 120, 240, 480, 1440, 2880, 7200}

type findPage struct {
	shell
	Query     findQuery
	Projects  []option // the visitor's own
	Counties  []option
	Lengths   []option
	Resources []resourceCard
	Total     int
	Free      bool   // some of them have a time
	Ideas     []link // capabilities to try
	Looser    []looser
	More      moreFilters
	Pages     pageLinks
}

type findQuery struct {
	Text, From, To     string            // dates "2026-11-26"
	ClockFrom, ClockTo string            // "08:00"
	Active             bool              // something was asked for
	Errors             map[string]string // beside the fields

	search  booking.Search
	page    int
	project string
}

// pageFind is the start page: what and when. Every search is a link.
func (s *Server) pageFind(c *fiber.Ctx, v *visit) error {
	q := s.readFind(c, v)
	found := &booking.Found{}
	status := fiber.StatusOK
	if len(q.Errors) == 0 {
		var err error
		if found, err = s.Booking.Search(v.ctx, v.who, q.search); problem.Has(err, problem.CodeInvalid) {
			q.Errors["to"], found = problem.From(err).Text().In(v.lang), &booking.Found{}
		} else if err != nil {
			return err
		}
	}
	if len(q.Errors) > 0 {
		status = fiber.StatusUnprocessableEntity
	}
	page := findPage{
		Query: *q, Projects: v.projectOptions(q.project), Counties: v.counties(q.search.County),
		Lengths: v.lengths(int(q.search.Minutes)), Total: found.Total, Free: found.Free > 0, Ideas: v.ideas(),
		More: v.moreFilters(q), Pages: q.links(c, found.Next != ""),
	}
	var err error
	if found.Free == 0 && len(q.Errors) == 0 {
		if page.Looser, err = s.looser(c, v, q, found.Total > 0); err != nil {
			return err
		}
	}
	if page.Resources, err = s.cards(v, q, found.Hits); err != nil {
		return err
	}
	if page.shell, err = s.shell(c, v); err != nil {
		return err
	}
	return s.page(c, v, status, "find", page)
}

// readFind reads the query; what is missing gets the next sensible default.
func (s *Server) readFind(c *fiber.Ctx, v *visit) *findQuery {
	today := period.DateOf(v.now, siteZone)
	q := &findQuery{
		Text: clip(c.Query("q"), 200), From: c.Query("from", today.String()), To: c.Query("to"),
		Errors: map[string]string{}, page: max(1, min(number(c.Query("page"), 1), 100)), project: s.rememberedProject(c, v),
	}
	q.Active = len(c.Request().URI().QueryString()) > 0
	from, errFrom := period.ParseDate(q.From)
	if errFrom != nil {
		q.Errors["from"] = problem.From(errFrom).Text().In(v.lang)
	}
	if q.To == "" && errFrom == nil {
		q.To = from.Next(defaultDays).String()
	}
	to, errTo := period.ParseDate(q.To)
	if errTo != nil {
		q.Errors["to"] = problem.From(errTo).Text().In(v.lang)
	}
	q.search = booking.Search{Words: q.Text, Project: id.Project(q.project), Skip: (q.page - 1) * cardsPerPage, Limit: cardsPerPage}
	q.search.Window = period.New(from.At(0, siteZone), to.Next(1).At(0, siteZone))
	q.search.Minutes = int64(number(c.Query("minutes"), defaultMinutes))
	q.readFilters(v, c)
	return q
}

// links are the addresses of the first and the next page of the same search.
func (q *findQuery) links(c *fiber.Ctx, more bool) (out pageLinks) {
	values, err := url.ParseQuery(string(c.Request().URI().QueryString()))
	if err != nil {
		return out
	}
	at := func(page int) string {
		values.Set("page", strconv.Itoa(page))
		return "/?" + values.Encode()
	}
	if q.page > 1 {
		out.First = at(1)
	}
	if more {
		out.Next = at(q.page + 1)
	}
	return out
}

// rememberedProject is the one asked for, booked on last, or first, as long as
// the visitor is in it.
func (s *Server) rememberedProject(c *fiber.Ctx, v *visit) string {
	own := v.bookable()
	for _, name := range []string{c.Query("project"), c.Cookies(projectCookie), s.lastProject(v, own)} {
		if slices.ContainsFunc(own, func(p *funding.Project) bool { return string(p.ID) == name }) {
			return name
		}
	}
	if len(own) > 0 {
		return string(own[0].ID)
	}
	return ""
}

// lastProject is that of the visitor's latest booking; a guess, so an error is none.
func (s *Server) lastProject(v *visit, own []*funding.Project) string {
	if len(own) < 2 {
		return ""
	}
	found, _, err := s.Booking.List(v.ctx, v.who, booking.Filter{Mine: true, Backwards: true, Limit: 1})
	if err != nil || len(found) == 0 {
		return ""
	}
	return string(found[0].Project)
}

func (v *visit) projectOptions(chosen string) (out []option) {
	for _, p := range v.bookable() {
		out = append(out, option{Value: string(p.ID), Text: string(p.ID) + " " + p.Name, Selected: string(p.ID) == chosen})
	}
	return out
}

// counties are those with a site, by name.
func (v *visit) counties(chosen string) (out []option) {
	seen := map[string]bool{}
	for _, site := range v.facts.Catalogue.Sites() {
		if seen[site.County] {
			continue
		}
		seen[site.County] = true
		name, err := v.find("county." + site.County)
		if err != nil {
			name = site.County // a code that is not in use
		}
		out = append(out, option{Value: site.County, Text: name, Selected: site.County == chosen})
	}
	slices.SortFunc(out, func(a, b option) int { return strings.Compare(a.Text, b.Text) })
	return out
}

func (v *visit) lengths(chosen int) (out []option) {
	choices := lengthChoices
	if !slices.Contains(choices, chosen) {
		choices = append(slices.Clone(choices), chosen)
		slices.Sort(choices)
	}
	for _, minutes := range choices {
		out = append(out, option{Value: strconv.Itoa(minutes), Text: v.length(minutes), Selected: minutes == chosen})
	}
	return out
}

// clip cuts a text that somebody typed.
func clip(s string, runes int) string {
	if r := []rune(s); len(r) > runes {
		return string(r[:runes])
	}
	return s
}

// number reads a positive number, or gives the default.
func number(s string, otherwise int) int {
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 || n > 1e9 {
		return otherwise
	}
	return n
}
