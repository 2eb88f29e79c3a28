package web

import (
	"net/url"
	"slices"
	"strings"
	"time"

	"rigg/access"
	"rigg/booking"
	"rigg/facilities"
	"rigg/funding"
	"rigg/internal/database"
	"rigg/internal/id"
	"rigg/internal/money"
	"rigg/internal/period"
)

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
		card.WaitPath = joinPath(r, q.search.Window, int(q.search.Minutes), q.project, r.Zone(q.search.Window.Start))
	}
	switch {
	case v.who == nil:
		card.PriceKey = "find.price_later"
	case q.project == "":
		card.PriceKey = "find.price_needs_project"
	case len(h.Fits) > 0:
		card.PriceKey = "find.no_price" // unless there is one
	}
	if len(h.Fits) > 0 {
		card.Price = v.priceOf(id.Project(q.project), h.Cost, h.Fits[0])
	}
	return card
}

// priceOf is what the visitor may see of a cost; nil: nothing, or there is none.
func (v *visit) priceOf(project id.Project, cost *funding.Cost, of period.Period) *price {
	o := access.Object{Project: project}
	if cost == nil || !v.allowed(access.SeeProjectMoney, o) {
		return nil
	}
	_, party, amount := v.mine(booking.SharesSeen(v.who, o, cost.Shares))
	return &price{MineOre: amount, MineParty: party, TotalOre: cost.Total, Minutes: int(of.Minutes())}
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
