package booking

import (
	"errors"
	"slices"
	"time"

	"rigg/facilities"
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

// maxTold bounds the reasons in the refusal of a series.
const maxTold = 100

// refusedSeries makes the error of a series of which some can't be booked: each
// reason with the occurrence that it is about. Its code is slot-taken when time is
// the only reason.
func refusedSeries(plans []*plan, verdicts []*verdict) *Refused {
	r := &Refused{Problem: facilities.CodeSlotTaken.New(facilities.SlotTaken().Message)}
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
	return refusedFor(e)
}

func refusedFor(why *problem.Error) *Refused {
	return &Refused{
		Problem:  CodeRefused.Say("Bokningen går inte att göra: se varje skäl.", "The booking is refused: see each reason."),
		Refusals: []*problem.Error{why},
	}
}
