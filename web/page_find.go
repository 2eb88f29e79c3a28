package web

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"rigg/access"
	"rigg/booking"
	"rigg/facilities"
	"rigg/funding"
	"rigg/internal/database"
	"rigg/internal/id"
	"rigg/internal/money"
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
	Ideas     []link // capabilities to try
	Pages     pageLinks
}

type findQuery struct {
	Text, From, To string            // dates "2026-11-26"
	Active         bool              // something was asked for
	Errors         map[string]string // beside the fields

	window          period.Period
	minutes, page   int
	county, project string
}

// resourceCard is a hit: what it is, when it fits, what my part costs.
type resourceCard struct {
	ID, Name             string
	FacilityID, Facility string
	Kind                 string // key kind.KIND
	Host, City           string
	Capabilities         []string
	Slots                []slot
	Price                *price   // nil: no rate, or no project to price it for
	PriceKey             string   // why there is none; empty: nothing to say
	Needs                []string // qualifications that the visitor lacks
	WaitPath             string   // to the waiting list; empty where there is time
	Down                 string   // that it is out of service now
}

type slot struct {
	Start, End time.Time
	Path       string // the booking form with this time
}

type price struct {
	MineOre, TotalOre money.Ore
	MineParty         string // empty: show the total alone
	Minutes           int
}

// pageFind is the start page: what and when. Every search is a link.
func (s *Server) pageFind(c *fiber.Ctx, v *visit) error {
	q := s.readFind(c, v)
	status := fiber.StatusOK
	var hits []booking.Hit
	if len(q.Errors) == 0 {
		var err error
		hits, err = s.Booking.Search(v.ctx, v.who, booking.Search{
			Words: q.Text, County: q.county, Window: q.window, Minutes: int64(q.minutes), Project: id.Project(q.project),
		})
		if problem.Has(err, problem.CodeInvalid) {
			q.Errors["to"] = problem.From(err).Text().In(v.lang)
		} else if err != nil {
			return err
		}
	}
	if len(q.Errors) > 0 {
		status = fiber.StatusUnprocessableEntity
	}
	page := findPage{
		Query: *q, Projects: v.projectOptions(q.project), Counties: v.counties(q.county),
		Lengths: v.lengths(q.minutes), Total: len(hits), Ideas: v.ideas(),
	}
	first := min((q.page-1)*cardsPerPage, len(hits))
	last := min(first+cardsPerPage, len(hits))
	var err error
	if page.Resources, err = s.cards(v, q, hits[first:last]); err != nil {
		return err
	}
	page.Pages = q.links(c, last < len(hits))
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
		Errors: map[string]string{}, county: c.Query("county"), minutes: number(c.Query("minutes"), defaultMinutes),
		page: max(1, min(number(c.Query("page"), 1), 100)), project: s.rememberedProject(c, v),
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
	q.window = period.New(from.At(0, siteZone), to.Next(1).At(0, siteZone))
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

// ideas are the capabilities that most resources have.
func (v *visit) ideas() (out []link) {
	count := map[string]int{}
	for _, r := range v.facts.Catalogue.Resources() {
		for _, name := range r.Capabilities {
			count[name]++
		}
	}
	names := make([]string, 0, len(count))
	for name := range count {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int {
		if count[a] != count[b] {
			return count[b] - count[a]
		}
		return strings.Compare(a, b)
	})
	for _, name := range names[:min(len(names), maxIdeas)] {
		shown := facilities.CapabilityName(name).In(v.lang)
		out = append(out, link{Text: shown, Path: "/?" + url.Values{"q": {shown}}.Encode()})
	}
	return out
}

func (v *visit) capabilities(r *facilities.Resource) (out []string) {
	for _, slug := range r.Capabilities {
		out = append(out, facilities.CapabilityName(slug).In(v.lang))
	}
	return out
}

func (s *Server) cards(v *visit, q *findQuery, hits []booking.Hit) (out []resourceCard, err error) {
	down, err := s.Booking.Down(v.ctx)
	if err != nil {
		return nil, err
	}
	err = s.DB.View(v.ctx, func(tx *database.Tx) error {
		for _, h := range hits {
			card := v.card(q, h)
			card.Down = v.down(h.Resource, down)
			if card.Needs, err = v.lacks(tx, h.Resource); err != nil {
				return err
			}
			out = append(out, card)
		}
		return nil
	})
	return out, err
}

func (v *visit) card(q *findQuery, h booking.Hit) resourceCard {
	r, f := h.Resource, h.Resource.Facility
	site := f.SiteAt(v.now)
	card := resourceCard{
		ID: string(r.ID), Name: r.Name.In(v.lang), FacilityID: string(f.ID), Facility: f.Name.In(v.lang), Kind: string(f.Kind),
		Host: v.facts.Terms.OrganisationName(site.HostAt(v.now)), City: site.City, Capabilities: v.capabilities(r),
	}
	for _, fit := range h.Fits {
		zone := r.Zone(fit.Start)
		card.Slots = append(card.Slots, slot{
			Start: fit.Start.In(zone), End: fit.End.In(zone),
			Path: formPath([]id.Resource{r.ID}, fit, zone, q.project),
		})
	}
	if len(h.Fits) == 0 && q.project != "" {
		card.WaitPath = joinPath(r, q.window, q.minutes, q.project, r.Zone(q.window.Start))
	}
	switch {
	case v.who == nil:
		card.PriceKey = "find.price_later"
	case len(h.Fits) > 0 && q.project != "":
		card.PriceKey = "find.no_price" // unless there is one
	}
	if h.Cost != nil {
		o := access.Object{Project: id.Project(q.project)}
		_, party, amount := v.mine(booking.SharesSeen(v.who, o, h.Cost.Shares))
		card.Price = &price{MineOre: amount, MineParty: party, TotalOre: h.Cost.Total, Minutes: int(h.Fits[0].Minutes())}
	}
	return card
}

// lacks names the qualifications that a resource needs and the visitor does not
// hold today.
func (v *visit) lacks(tx *database.Tx, r *facilities.Resource) (out []string, err error) {
	if v.who == nil || len(r.Requires) == 0 {
		return nil, nil
	}
	missing, err := access.MissingQualifications(tx, v.who.ID, r.Requires, period.DateOf(v.now, r.Zone(v.now)))
	for _, q := range missing {
		out = append(out, v.qualification(q))
	}
	return out, err
}

func (v *visit) qualification(q id.Qualification) string {
	return v.facts.Qualifications[q].In(v.lang)
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
