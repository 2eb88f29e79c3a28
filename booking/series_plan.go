package booking

import (
	"errors"
	"slices"
	"time"

	"rigg/access"
	"rigg/facilities"
	"rigg/funding"
	"rigg/internal/database"
	"rigg/internal/id"
	"rigg/internal/period"
	"rigg/internal/problem"
)

// seriesPlan is a request for a series resolved against the facts.
type seriesPlan struct {
	*plan       // of the first occurrence
	rule        string
	accept      Accept
	occurrences []Occurrence
	plans       []*plan // of each; nil where the clocks skip it
}

// resolveSeries checks the form, expands the rule and prices each occurrence.
// Codes: invalid, too-many-occurrences, series-overlaps-itself.
func (f *Facts) resolveSeries(in SeriesRequest) (*seriesPlan, error) {
	first, err := f.resolve(in.Request)
	if err != nil {
		return nil, err
	}
	set := &seriesPlan{plan: first, rule: in.Rule, accept: in.Accept}
	switch in.Accept {
	case "":
		set.accept = AcceptAll
	case AcceptAll, AcceptFree:
	default:
		e := problem.CodeInvalid.Say("Välj all eller free.", "Choose all or free.")
		e.Fields = []problem.Field{{Path: "accept", Message: e.Message}}
		return nil, e
	}
	if set.occurrences, err = expand(in.Rule, in.Period, first.zone); err != nil {
		return nil, err
	}
	for _, o := range set.occurrences {
		var p *plan
		if !o.Skips() {
			next := in.Request
			next.Period = o.Period
			if p, err = f.resolve(next); err != nil {
				return nil, err
			}
		}
		set.plans = append(set.plans, p)
	}
	if refusal := overlapsItself(first.resources, periodsOf(set.plans), first.zone); refusal != nil {
		return nil, refusal
	}
	return set, nil
}

func periodsOf(plans []*plan) (out []period.Period) {
	for _, p := range plans {
		if p != nil {
			out = append(out, p.Period)
		}
	}
	return out
}

// docket is what many plans are judged by in one transaction: read once for all,
// and counted up by each that is to be booked. So the next finds taken and
// reserved what the former will have, and a hundred cost as many round trips as
// one. The plans have the booker, the project and the resources in common.
type docket struct {
	busy    facilities.Busy
	purses  []funding.Purse
	missing map[period.Date][]id.Qualification
}

// openDocket reads. Its caller has locked the units of the plans, or just asks.
func openDocket(tx *database.Tx, booker *access.Principal, plans []*plan, purses pursesFunc) (*docket, error) {
	d := &docket{}
	var years []int
	var days []period.Date
	var resources []*facilities.Resource
	var needs []id.Qualification
	var window period.Period
	priced := false
	for _, p := range plans {
		years, days = append(years, p.years()...), append(days, p.qualifiedOn()...)
		resources, needs = append(resources, p.resources...), append(needs, p.needs()...)
		window = spanning(window, facilities.Reach(p.resources, p.Period))
		priced = priced || p.cost != nil && mayBookOn(booker, p.project.ID)
	}
	if len(plans) == 0 {
		return d, nil
	}
	var err error
	if priced {
		slices.Sort(years)
		if d.purses, err = purses(tx, plans[0].Project, slices.Compact(years)); err != nil {
			return nil, err
		}
	}
	if d.busy, err = facilities.LoadBusy(tx, facilities.Units(resources), window, facilities.Except{}); err != nil {
		return nil, err
	}
	slices.Sort(needs)
	d.missing, err = access.MissingOn(tx, booker.ID, slices.Compact(needs), days)
	return d, err
}

// spanning is the shortest period that has both in it; an empty one has nothing.
func spanning(a, b period.Period) period.Period {
	switch {
	case a.Empty():
		return b
	case b.Start.Before(a.Start):
		a.Start = b.Start
	}
	if b.End.After(a.End) {
		a.End = b.End
	}
	return a
}

// sources give judge what has been read.
func (d *docket) sources() sources {
	return sources{
		purses: func(*database.Tx, id.Project, []int) ([]funding.Purse, error) { return d.purses, nil },
		busy: func(_ *database.Tx, p *plan) (facilities.Busy, error) {
			near := facilities.Busy{}
			for _, u := range p.units() {
				for _, t := range d.busy[u] {
					if t.Overlaps(facilities.Reach(p.resources, p.Period)) {
						near[u] = append(near[u], t)
					}
				}
			}
			return near, nil
		},
		missing: func(_ *database.Tx, _ id.Person, need []id.Qualification, day period.Date) ([]id.Qualification, error) {
			return slices.DeleteFunc(slices.Clone(d.missing[day]), func(q id.Qualification) bool {
				return !slices.Contains(need, q)
			}), nil
		},
	}
}

// take counts what the plan will have taken and reserved.
func (d *docket) take(p *plan, v *verdict) {
	for _, a := range v.allocations {
		d.busy[a.unit] = append(d.busy[a.unit], facilities.Taken{Period: a.period})
	}
	d.purses = p.cost.Held(d.purses)
}

// verdicts are what judge says of each plan, in order, as if those before it that
// are not refused were booked.
func (s *Service) verdicts(tx *database.Tx, by, booker *access.Principal, plans []*plan, purses pursesFunc) ([]*verdict, *docket, error) {
	d, err := openDocket(tx, booker, plans, purses)
	if err != nil {
		return nil, nil, err
	}
	opened := slices.Clone(d.purses)
	out := make([]*verdict, len(plans))
	for i, p := range plans {
		if out[i], err = s.judgeFrom(tx, by, booker, p, d.sources()); err != nil {
			return nil, nil, err
		}
		if len(out[i].refusals) == 0 {
			d.take(p, out[i])
		}
	}
	d.purses = opened
	return out, d, nil
}

// maxTold bounds the reasons in the refusal of a series.
const maxTold = 100

// refusedSeries makes the error of a series of which some can't be booked: each
// reason with the occurrence that it is about. Its code is slot-taken when time is
// the only reason.
func refusedSeries(resources []*facilities.Resource, plans []*plan, verdicts []*verdict) *Refused {
	r := &Refused{Resources: resources, Problem: facilities.CodeSlotTaken.New(facilities.SlotTaken().Message)}
	fit := 0
	for i, v := range verdicts {
		if len(v.refusals) == 0 {
			fit++
			continue
		}
		if !v.onlyTime() {
			r.Problem = CodeRefused.New(r.Problem.Message)
		}
		for _, e := range v.refusals {
			if len(r.Refusals) < maxTold {
				r.Refusals = append(r.Refusals, ofOccurrence(e, plans[i]))
			}
		}
	}
	r.Problem = r.Problem.Code.Say(
		"%d av %d tillfällen går inte att boka: se varje skäl. Ändra serien, eller boka dem som går.",
		"%d of %d occurrences cannot be booked: see each reason. Change the series, or book those that fit.",
		len(verdicts)-fit, len(verdicts)).With("occurrences", len(verdicts)).With("fit", fit)
	return r
}

// ofOccurrence says of a refusal which occurrence it is about.
func ofOccurrence(e *problem.Error, p *plan) *problem.Error {
	at := p.Period.Start.In(p.zone)
	out := e.Code.Say("%s: %s", "%s: %s", at.Format("2006-01-02 15:04"), e.Text())
	for key, value := range e.Details {
		out = out.With(key, value)
	}
	return out.With("occurrence", at.Format(time.RFC3339))
}

// onlyTime tells whether others' use or an outage is all that stands in the way.
func (v *verdict) onlyTime() bool {
	return !slices.ContainsFunc(v.refusals, func(e *problem.Error) bool {
		return e.Code != facilities.CodeSlotTaken && e.Code != facilities.CodeResourceDown
	})
}

// wholeRefused makes a Refused of what refuses a series as a whole.
func wholeRefused(err error) error {
	var e *problem.Error
	if !errors.As(err, &e) || e.Code != CodeTooManyOccurrences && e.Code != CodeSeriesOverlapsItself {
		return err
	}
	return &Refused{
		Problem:  CodeRefused.Say("Bokningen går inte att göra: se varje skäl.", "The booking is refused: see each reason."),
		Refusals: []*problem.Error{e},
	}
}
