// Package funding is who pays: programmes, projects and their agreements, rates,
// quotes, purses and the ledger under them. FUNDING.md has the rules and every
// number here is whole öre. It must never know what a facility is, and must
// never change a purse but through the ledger.
package funding

import (
	"slices"
	"time"

	"rigg/internal/id"
	"rigg/internal/money"
	"rigg/internal/period"
	"rigg/internal/problem"
	"rigg/internal/text"
)

// The funding refusals (FUNDING.md, limits), and one for a project without any
// agreement at the time.
var (
	CodeNoRate = problem.Declare(problem.Refused, "no-rate",
		"Pris saknas", "There is no rate")
	CodeNoAgreement = problem.Declare(problem.Refused, "no-agreement",
		"Projektet saknar avtal", "The project has no agreement")
	CodeProjectPeriod = problem.Declare(problem.Refused, "project-period",
		"Utanför projekttiden", "Outside the project's period")
	CodeGrantExceeded = problem.Declare(problem.Refused, "grant-exceeded",
		"Beviljade medel räcker inte", "The award does not cover it")
	CodeBudgetExceeded = problem.Declare(problem.Refused, "budget-exceeded",
		"Budgeten räcker inte", "The budget does not cover it")
	CodePublicShareExceeded = problem.Declare(problem.Refused, "public-share-exceeded",
		"För stor offentlig andel", "The public share is too large")
	CodeAidCeiling = problem.Declare(problem.Refused, "aid-ceiling",
		"Stödtaket nås", "The aid ceiling is reached")
	CodeAidStatementMissing = problem.Declare(problem.Refused, "aid-statement-missing",
		"Intyg om statligt stöd saknas", "A state-aid statement is missing")
)

// Stream is the part of a programme that a project draws on.
type Stream string

// The streams.
const (
	Platform      Stream = "platform"
	Collaboration Stream = "collaboration"
)

// Programme is a government decision and its money. MaxPublicShare is in
// hundredths of a percent.
type Programme struct {
	ID             id.Programme
	Name           string
	Diarienummer   string // the decision's registry number; documents are final only with it
	MaxPublicShare int64
	Appropriations []Appropriation
}

// Appropriation is what a programme has of a stream and year.
type Appropriation struct {
	Stream Stream
	Year   int
	Amount money.Ore
}

// AidBasis is the state-aid rule that a project stands on (FUNDING.md).
type AidBasis string

// The aid bases.
const (
	Decided     AidBasis = "decided"
	MarketPrice AidBasis = "market_price"
	DeMinimis   AidBasis = "de_minimis"
	GBER28      AidBasis = "gber_28"
	GBER25      AidBasis = "gber_25"
)

// Project is what a booking is charged to. Both days of its period are included.
type Project struct {
	ID         id.Project
	Name       string
	Lead       id.Organisation
	Programme  id.Programme // empty: outside any programme
	Stream     Stream       // empty with it
	AidBasis   AidBasis
	From, To   period.Date
	LeadAbove  *money.Ore   // the lead approves what costs more; nil: is never asked
	Agreements []*Agreement // by start; they never overlap
}

// Party is one party of an agreement with its share in whole parts. MaxShare is
// a participant's own ceiling: how much of its part of the cost, in hundredths of
// a percent, may be public money; nil where only the agreement's share limits it.
type Party struct {
	Organisation id.Organisation
	Funder       bool
	Kind         string // grant, cash or in_kind
	Parts        int64
	MaxShare     *int64
}

// Agreement is one version of a project's cost share. A zero To is until further
// notice.
type Agreement struct {
	ID       id.Agreement
	Project  id.Project
	From, To period.Date
	Parties  []Party // in the agreement's order, which breaks ties
}

// On gives the agreement in force on a day.
func (p *Project) On(d period.Date) (*Agreement, bool) {
	for _, a := range p.Agreements {
		if covers(a.From, a.To, d) {
			return a, true
		}
	}
	return nil, false
}

// Parties are all that any version of the agreement names, and the lead.
func (p *Project) Parties() []id.Organisation {
	out := []id.Organisation{p.Lead}
	for _, a := range p.Agreements {
		for _, party := range a.Parties {
			out = append(out, party.Organisation)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Rate is what a resource costs an audience from a day on. A zero To is until
// further notice.
type Rate struct {
	ID       int64
	Resource id.Resource
	Audience string // the kind of the project's lead organisation
	From, To period.Date
	Per      Per
	Amount   money.Ore
}

// Per is what a rate counts.
type Per string

// The ways to count.
const (
	PerHour Per = "hour" // elapsed minutes, so a clock change counts
	PerDay  Per = "day"  // the site's calendar days that are touched
)

// Item is one resource over the time to charge for it.
type Item struct {
	Resource id.Resource
	Name     text.Text
	Period   period.Period
	Zone     *time.Location
}

// Line is one resource's price in one local year, by one version of its rate.
type Line struct {
	Text     text.Text   `json:"text"`
	Resource id.Resource `json:"resource"`
	Rate     int64       `json:"rate"`
	Per      Per         `json:"per"`
	RateOre  money.Ore   `json:"rate_ore"`
	Minutes  int64       `json:"minutes"`
	Days     int64       `json:"days,omitempty"`
	Amount   money.Ore   `json:"amount_ore"`
	Year     int         `json:"year"`
}

// Overrun is the kind of a share that no purse could take: it is the lead
// organisation's own (FUNDING.md, arithmetic 7).
const Overrun = "overrun"

// Share is what one party pays of one local year.
type Share struct {
	Party  id.Organisation
	Name   string // the party's
	Funder bool
	Kind   string // grant, cash, in_kind or overrun
	Year   int
	Amount money.Ore
}

// Cost is what a booking costs and who pays it. Lines and shares add up to Total.
type Cost struct {
	Total     money.Ore
	Lines     []Line
	Shares    []Share
	Agreement id.Agreement
}

// Years are the local years that the cost falls in, in order.
func (c *Cost) Years() []int {
	var out []int
	for _, l := range c.Lines {
		out = append(out, l.Year)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Of is a party's part over all years.
func (c *Cost) Of(party id.Organisation) (sum money.Ore) {
	for _, s := range c.Shares {
		if s.Party == party {
			sum += s.Amount
		}
	}
	return sum
}
