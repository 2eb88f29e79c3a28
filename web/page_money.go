package web

import (
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"rigg/access"
	"rigg/booking"
	"rigg/funding"
	"rigg/internal/database"
	"rigg/internal/id"
	"rigg/internal/money"
	"rigg/internal/period"
	"rigg/internal/problem"
)

type moneyPage struct {
	shell
	Tabs           []tab // the visitor's projects; nil when there is one
	ID, Name, Lead string
	Programme      string
	Stream, Basis  string // keys stream.STREAM, basis.BASIS
	From, To       time.Time
	Agreement      []agreementPart
	AgreementFrom  time.Time
	AllShares      bool // false: the visitor's own parts and the totals
	Years          []moneyYear
	Charges        []chargeRow
	Pages          pageLinks
}

type agreementPart struct{ Party, Role, Kind, Percent string }

// moneyYear is one year's purses, those that the reader may see.
type moneyYear struct {
	Year   int
	Purses []purseRow
	Total  purseRow // of all purses
}

type purseRow struct {
	Party, Kind                              string // key purse.KIND
	LimitOre, SpentOre, ReservedOre, LeftOre money.Ore
	SpentPct, ReservedPct                    float64 // of the limit
}

// chargeRow is a booking that the project's money is held or used for. Who may
// see the money but not the booking gets the day of use and no reference.
type chargeRow struct {
	Ref, Resource               string
	Start, End                  time.Time // End zero: just the day
	State                       string
	PublicOre, OwnOre, TotalOre money.Ore
	Charged                     bool // posted; else reserved
	Corrects                    bool // the difference to what was posted before
}

// pageProjects goes to the first of the visitor's projects.
func (s *Server) pageProjects(c *fiber.Ctx, v *visit) error {
	seen := v.moneySeen()
	if len(seen) == 0 {
		return problem.Absent()
	}
	to := seen[0].ID
	if own := v.bookable(); len(own) > 0 {
		to = own[0].ID
	}
	return c.Redirect("/projects/"+string(to), fiber.StatusSeeOther)
}

// pageMoney shows a project's money by year and party, and what it was used for.
func (s *Server) pageMoney(c *fiber.Ctx, v *visit) error {
	p, ok := v.facts.Terms.Project(id.Project(c.Params("id")))
	if !ok || !v.allowed(access.SeeProjectMoney, projectObject(p)) {
		return problem.Absent()
	}
	page := v.moneyPage(p)
	var err error
	if page.Charges, page.Pages, err = s.charges(c, v, p); err != nil {
		return err
	}
	if page.Years, err = s.moneyYears(v, p); err != nil {
		return err
	}
	if page.shell, err = s.shell(c, v); err != nil {
		return err
	}
	return s.page(c, v, fiber.StatusOK, "project_money", page)
}

func (v *visit) moneyPage(p *funding.Project) moneyPage {
	out := moneyPage{
		ID: string(p.ID), Name: p.Name, Lead: v.facts.Terms.OrganisationName(p.Lead), Stream: string(p.Stream),
		Basis: string(p.AidBasis), From: p.From.UTC(), To: p.To.UTC(),
		AllShares: v.allowed(access.SeeAllShares, projectObject(p)),
	}
	if programme, ok := v.facts.Terms.Programme(p.Programme); ok {
		out.Programme = programme.Name
	}
	if seen := v.moneySeen(); len(seen) > 1 {
		for _, other := range seen {
			out.Tabs = append(out.Tabs, tab{Path: "/projects/" + string(other.ID), Text: string(other.ID), Current: other.ID == p.ID})
		}
	}
	agreement, ok := p.On(period.DateOf(v.now, siteZone))
	if !ok && len(p.Agreements) > 0 {
		agreement, ok = p.Agreements[0], true
	}
	if ok {
		out.AgreementFrom = agreement.From.UTC()
		out.Agreement = v.agreement(p, agreement)
	}
	return out
}

// agreement lists the parties with their parts, those that the visitor may see.
func (v *visit) agreement(p *funding.Project, a *funding.Agreement) (out []agreementPart) {
	var all int64
	for _, party := range a.Parties {
		all += party.Parts
	}
	for _, party := range a.Parties {
		if !v.seesPartOf(p, party.Organisation) {
			continue
		}
		part := agreementPart{
			Party: v.facts.Terms.OrganisationName(party.Organisation), Role: "participant", Kind: party.Kind,
			Percent: v.percent(money.Ore(party.Parts), money.Ore(all)),
		}
		if party.Funder {
			part.Role = "funder"
		}
		out = append(out, part)
	}
	return out
}

func (v *visit) seesPartOf(p *funding.Project, party id.Organisation) bool {
	o := projectObject(p)
	return v.allowed(access.SeeAllShares, o) || booking.SpeaksFor(v.who, o, party)
}

func (s *Server) moneyYears(v *visit, p *funding.Project) (out []moneyYear, err error) {
	var years []int
	for y := p.From.Year; y <= p.To.Year; y++ {
		years = append(years, y)
	}
	var purses []funding.Purse
	err = s.DB.View(v.ctx, func(tx *database.Tx) error {
		purses, err = funding.FindPurses(tx, p.ID, years)
		return err
	})
	for _, year := range years {
		if row := v.moneyYear(p, year, purses); row.Total.LimitOre+row.Total.SpentOre > 0 {
			out = append(out, row)
		}
	}
	return out, err
}

func (v *visit) moneyYear(p *funding.Project, year int, purses []funding.Purse) moneyYear {
	out := moneyYear{Year: year}
	var sum funding.Purse
	for _, purse := range purses {
		if purse.Year != year {
			continue
		}
		sum.Limit += purse.Limit
		sum.Spent += purse.Spent
		sum.Reserved += purse.Reserved
		if v.seesPartOf(p, purse.Party) {
			out.Purses = append(out.Purses, newPurseRow(purse))
		}
	}
	out.Total = newPurseRow(sum)
	return out
}

func newPurseRow(p funding.Purse) purseRow {
	out := purseRow{
		Party: p.Name, Kind: p.Kind, LimitOre: p.Limit, SpentOre: p.Spent, ReservedOre: p.Reserved, LeftOre: max(p.Room(), 0),
	}
	if p.Limit > 0 {
		out.SpentPct = min(100, 100*float64(p.Spent)/float64(p.Limit))
		out.ReservedPct = min(100-out.SpentPct, 100*float64(p.Reserved)/float64(p.Limit))
	}
	return out
}

// holding are the states in which a booking holds or has used money.
var holding = []booking.State{booking.Requested, booking.Confirmed, booking.InUse, booking.Completed, booking.Displaced}

// charges lists what the money is held and used for: the bookings, the latest
// first, or for who may not see those the lines of the statement.
func (s *Server) charges(c *fiber.Ctx, v *visit, p *funding.Project) ([]chargeRow, pageLinks, error) {
	if !v.allowed(access.SeeBooking, projectObject(p)) {
		rows, err := s.statementRows(v, p)
		return rows, pageLinks{}, err
	}
	found, next, err := s.Booking.List(v.ctx, v.who, booking.Filter{
		Project: p.ID, States: holding, Backwards: true, After: c.Query("after"), Limit: rowsPerPage,
	})
	if err != nil {
		return nil, pageLinks{}, unreadableCursor(err)
	}
	var out []chargeRow
	for _, b := range found {
		if b.Cost == nil {
			continue
		}
		zone := v.facts.ZoneOf(b)
		row := v.chargeRow(p, b.Cost.Shares)
		row.Ref, row.Resource, row.State = string(b.Ref), v.resourceNames(b), v.stateOf(b)
		row.Start, row.End = b.Period.Start.In(zone), b.Period.End.In(zone)
		row.TotalOre, row.Charged = b.Cost.Total, b.State == booking.Completed
		out = append(out, row)
	}
	return out, cursorLinks(c, next), nil
}

func (v *visit) chargeRow(p *funding.Project, shares []funding.Share) (out chargeRow) {
	for _, share := range shares {
		switch {
		case !v.seesPartOf(p, share.Party):
		case share.Funder && v.allowed(access.SeeAllShares, projectObject(p)):
			out.PublicOre += share.Amount
		default:
			out.OwnOre += share.Amount
		}
	}
	return out
}

// statementRows are the year's use, the latest first.
func (s *Server) statementRows(v *visit, p *funding.Project) (out []chargeRow, err error) {
	var st *funding.Statement
	err = s.DB.View(v.ctx, func(tx *database.Tx) error {
		st, err = funding.StatementOf(tx, p.ID, p.From, p.To)
		return err
	})
	if err != nil {
		return nil, err
	}
	for _, used := range slices.Backward(st.Rows) {
		row := v.chargeRow(p, used.Shares)
		row.State, row.Start, row.TotalOre, row.Charged = string(booking.Completed), used.UsedOn.UTC(), used.Total, true
		row.Corrects = used.Corrects
		var names []string
		for _, line := range used.Lines {
			if name := line.Text.In(v.lang); !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
		row.Resource = strings.Join(names, ", ")
		out = append(out, row)
	}
	return out, nil
}
