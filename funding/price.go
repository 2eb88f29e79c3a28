package funding

import (
	"time"

	"rigg/internal/id"
	"rigg/internal/money"
	"rigg/internal/period"
	"rigg/internal/problem"
	"rigg/internal/text"
)

// Price gives what items cost a project and who pays, on the terms in force at
// the instant, the booking's start (FUNDING.md, arithmetic 1 to 5), and every
// refusal that needs no purse to know. The cost is nil where a rate or an
// agreement is missing. Codes: no-rate, no-agreement, project-period,
// public-share-exceeded, aid-ceiling, aid-statement-missing.
func (t *Terms) Price(p *Project, at time.Time, items []Item) (*Cost, []*problem.Error) {
	refusals := p.outside(items)
	agreement, ok := p.On(period.DateOf(at, items[0].Zone))
	if !ok {
		return nil, append(refusals, CodeNoAgreement.Say(
			"Projektet %s har inget avtal om kostnadsfördelning den dagen. Be projektets ledare att lägga in ett.",
			"The project %s has no cost-share agreement on that day. Ask the project's lead to enter one.", p.ID))
	}
	refusals = append(refusals, t.public(p, agreement)...)
	lines, missing := t.lines(p, at, items)
	if len(missing) > 0 {
		return nil, append(refusals, missing...)
	}
	return t.share(lines, agreement), refusals
}

// PriceUse prices what was used on the terms of the booking's start: its
// agreement, and the rates that the reserved cost was made with, whatever has
// changed in the price list since. It never refuses: where the agreement or a
// rate is not to be found, which the database rules out, the reserved cost stands.
func (t *Terms) PriceUse(p *Project, agreement id.Agreement, reserved *Cost, items []Item) *Cost {
	rates := map[id.Resource]Rate{}
	for _, l := range reserved.Lines {
		rates[l.Resource] = Rate{ID: l.Rate, Per: l.Per, Amount: l.RateOre}
	}
	var lines []Line
	for _, item := range items {
		rate, ok := rates[item.Resource]
		if !ok {
			return reserved
		}
		lines = append(lines, rate.lines(item)...)
	}
	for _, a := range p.Agreements {
		if a.ID == agreement {
			return t.share(lines, a)
		}
	}
	return reserved
}

// outside refuses when a minute lies outside the project's period.
func (p *Project) outside(items []Item) []*problem.Error {
	for _, item := range items {
		opens, closes := p.From.At(0, item.Zone), p.To.Next(1).At(0, item.Zone)
		if !period.New(opens, closes).Contains(item.Period) {
			return []*problem.Error{CodeProjectPeriod.Say(
				"Projektet %s pågår från och med %s till och med %s. Välj en tid där, eller be programmet förlänga.",
				"The project %s runs from %s to %s, both days included. Choose a time there, or ask the programme to extend it.",
				p.ID, p.From, p.To).With("from", p.From.String()).With("to", p.To.String())}
		}
	}
	return nil
}

// public is what the agreement's public share, and the aid basis as far as it
// needs no register, refuse.
func (t *Terms) public(p *Project, a *Agreement) (refusals []*problem.Error) {
	var ceiling *int64
	if pr, ok := t.Programme(p.Programme); ok {
		ceiling = &pr.MaxPublicShare
	}
	if refusal := a.tooPublic(ceiling, p.AidBasis); refusal != nil {
		refusals = append(refusals, refusal)
	}
	if funded, _ := a.parts(); funded > 0 && p.AidBasis != Decided && p.AidBasis != MarketPrice {
		refusals = append(refusals, CodeAidStatementMissing.Say(
			"Stödgrunden %s kräver ett undertecknat intyg. Be programmets handläggare att registrera det.",
			"The aid basis %s needs a signed statement. Ask the programme's officer to register it.", string(p.AidBasis)).
			With("aid_basis", p.AidBasis))
	}
	return refusals
}

// tooPublic refuses a public share above the programme's ceiling, in hundredths
// of a percent, by cross-multiplication; and any at all where the project pays
// the market price. Codes: public-share-exceeded, aid-ceiling.
func (a *Agreement) tooPublic(ceiling *int64, basis AidBasis) *problem.Error {
	funded, all := a.parts()
	if funded > 0 && basis == MarketPrice {
		return CodeAidCeiling.Say(
			"Projektet betalar marknadspris och får inget stöd; ett avtal med offentlig andel går inte att använda.",
			"The project pays the market price and gets no aid; an agreement with a public share cannot be used.")
	}
	if ceiling == nil || funded*whole <= *ceiling*all {
		return nil
	}
	return CodePublicShareExceeded.Say(
		"Avtalets offentliga andel är %d av %d delar; programmet tillåter högst %s. Avtalet måste ändras.",
		"The agreement's public share is %d of %d parts; the programme allows at most %s. The agreement must change.",
		funded, all, percent(*ceiling)).
		With("parts", funded).With("of", all).With("max_public_share", *ceiling)
}

// percent writes hundredths of a percent, such as 50 % or 33.33 %.
type percent int64

// In writes the percentage for a reader.
func (p percent) In(lang text.Lang) string {
	s := money.Ore(p).String()
	if p%100 == 0 {
		s = s[:len(s)-3]
	} else if lang == text.SV {
		s = s[:len(s)-3] + "," + s[len(s)-2:]
	}
	return s + "\u00a0%"
}

// lines prices each item; a missing rate is refused, never taken as zero.
func (t *Terms) lines(p *Project, at time.Time, items []Item) (lines []Line, missing []*problem.Error) {
	for _, item := range items {
		rate, ok := t.rateAt(item.Resource, t.Audience(p.Lead), period.DateOf(at, item.Zone))
		if !ok {
			missing = append(missing, CodeNoRate.Say(
				"Det finns inget pris för %s den dagen. Be anläggningen att lägga in ett.",
				"There is no rate for %s on that day. Ask the facility to enter one.", item.Name).
				With("resource", item.Resource))
			continue
		}
		lines = append(lines, rate.lines(item)...)
	}
	return lines, missing
}

// lines are the rate's for one item, cut at each New Year of the site. They are
// cumulative differences, so they add up to the price of the whole (FUNDING.md,
// arithmetic 2).
func (r Rate) lines(item Item) (out []Line) {
	var before money.Ore
	var days int64
	for _, part := range item.Period.Split(newYears(item)...) {
		upTo := period.New(item.Period.Start, part.End)
		total, counted := r.amount(upTo, item.Zone)
		out = append(out, Line{
			Text: item.Name, Resource: item.Resource, Rate: r.ID, Per: r.Per, RateOre: r.Amount,
			Minutes: part.Minutes(), Days: counted - days, Amount: total - before,
			Year: period.DateOf(part.Start, item.Zone).Year,
		})
		before, days = total, counted
	}
	return out
}

// amount is the price of a period (FUNDING.md, arithmetic 1), and the calendar
// days that a price per day counts.
func (r Rate) amount(p period.Period, zone *time.Location) (total money.Ore, days int64) {
	switch {
	case p.Empty():
		return 0, 0
	case r.Per == PerDay:
		days = int64(len(period.New(p.Start, p.End).Dates(zone)))
		return r.Amount * money.Ore(days), days
	}
	return money.HalfUp(r.Amount, p.Minutes(), 60), 0
}

func newYears(item Item) (out []time.Time) {
	for _, m := range item.Period.Midnights(item.Zone) {
		if d := period.DateOf(m, item.Zone); d.Month == time.January && d.Day == 1 {
			out = append(out, m)
		}
	}
	return out
}

// share makes the cost of some lines: each year's is split between the parties.
func (t *Terms) share(lines []Line, a *Agreement) *Cost {
	cost := &Cost{Lines: lines, Agreement: a.ID}
	years := map[int]money.Ore{}
	for _, l := range lines {
		years[l.Year] += l.Amount
		cost.Total += l.Amount
	}
	for _, year := range cost.Years() {
		for i, amount := range a.split(years[year]) {
			p := a.Parties[i]
			cost.Shares = append(cost.Shares, Share{
				Party: p.Organisation, Name: t.OrganisationName(p.Organisation),
				Funder: p.Funder, Kind: p.Kind, Year: year, Amount: amount,
			})
		}
	}
	return cost
}
