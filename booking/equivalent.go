package booking

import (
	"cmp"
	"context"
	"slices"

	"rigg/facilities"
	"rigg/funding"
	"rigg/internal/database"
	"rigg/internal/id"
	"rigg/internal/period"
)

// The limits of what is proposed instead of a time that is refused.
const (
	maxAlternatives = 3
	maxSubstitutes  = 50 // that are looked at
)

// ReasonEquivalent is the reason of an alternative at the wished time on other
// resources; the others' are those of facilities.Alternative.
const ReasonEquivalent = "equivalent"

// Alternative is what could be booked instead.
type Alternative struct {
	Resources []*facilities.Resource
	Period    period.Period
	Reason    string        // earlier, later, shorter, equivalent
	Cost      *funding.Cost // of an equivalent
}

// alternatives are an equivalent at the wished time, other times for what was
// asked for, and further equivalents while there is room.
func (s *Service) alternatives(ctx context.Context, p *plan, own facilities.Except) (found []Alternative, err error) {
	err = s.db.View(ctx, func(tx *database.Tx) error {
		busy, err := facilities.LoadBusy(tx, p.units(), facilities.AlternativesWindow(p.resources, p.Period), own)
		if err != nil {
			return err
		}
		others, err := p.allowedOf(tx, facilities.Alternatives(p.seen(), p.Period, busy, tx.Now), readFor(own, nil))
		if err != nil {
			return err
		}
		for _, a := range others {
			found = append(found, Alternative{Resources: p.wanted(), Period: a.Period, Reason: a.Reason})
		}
		equivalents, err := s.equivalents(tx, p, own, max(1, maxAlternatives-len(found)))
		if err != nil {
			return err
		}
		if len(equivalents) > 0 {
			found = slices.Concat(equivalents[:1], found, equivalents[1:])
		}
		found = found[:min(len(found), maxAlternatives)]
		return nil
	})
	return found, err
}

// wanted are the resources that the request names.
func (p *plan) wanted() (out []*facilities.Resource) {
	for _, name := range p.Resources {
		if r, ok := p.facts.Catalogue.Resource(name); ok {
			out = append(out, r)
		}
	}
	return out
}

// equivalents gives up to so many bookings of the wished time on resources that
// can do as much, which nothing would refuse. What is taken on all of them is read
// at once; the few that are free are then judged as any request is.
func (s *Service) equivalents(tx *database.Tx, p *plan, own facilities.Except, most int) (out []Alternative, err error) {
	if p.booker == nil || p.project == nil || !mayBookOn(p.booker, p.project.ID) {
		return nil, nil
	}
	plans := p.substitutes(tx, own.Booking != 0)
	if len(plans) == 0 {
		return nil, nil
	}
	var all []*facilities.Resource
	for _, q := range plans {
		all = append(all, q.resources...)
	}
	busy, err := facilities.LoadBusy(tx, facilities.Units(all), facilities.Reach(all, p.Period), own)
	if err != nil {
		return nil, err
	}
	plans = slices.DeleteFunc(plans, func(q *plan) bool { _, free := facilities.PickAll(q.resources, q.Period, busy); return !free })
	for _, q := range p.nearest(plans) {
		if len(out) == most {
			break
		}
		v, err := s.judge(tx, p.booker, p.booker, q, own, funding.FindPurses)
		if err != nil {
			return nil, err
		}
		if len(v.refusals) == 0 {
			out = append(out, Alternative{Resources: q.wanted(), Period: q.Period, Reason: ReasonEquivalent, Cost: q.cost})
		}
	}
	return out, nil
}

// substitutes are the plans in which one resource has given way to an equivalent,
// as far as can be known without asking what is taken. Of several resources the
// others stay, so it is at the same facility, and so it is where a booking is
// moved.
func (p *plan) substitutes(tx *database.Tx, here bool) (out []*plan) {
	wanted := p.wanted()
	for i, r := range wanted {
		for _, other := range p.facts.Catalogue.Equivalents(r) {
			elsewhere := other.Facility != p.facility
			if elsewhere && (here || len(wanted) > 1) || slices.Contains(p.resources, other) || len(out) == maxSubstitutes {
				continue
			}
			in := p.Request
			in.Resources = slices.Clone(p.Resources)
			in.Resources[i] = other.ID
			q, err := p.facts.resolve(in)
			if err == nil {
				q.booker = p.booker
			}
			if err == nil && q.cost != nil && len(q.money) == 0 && q.timely(tx) {
				out = append(out, q)
			}
		}
	}
	return out
}

// timely tells whether the resources' own rules allow the time.
func (p *plan) timely(tx *database.Tx) bool {
	return !slices.ContainsFunc(p.seen(), func(r *facilities.Resource) bool { return len(r.Judge(p.Period, tx.Now)) > 0 })
}

// nearest puts substitutes in order: those of the wanted facility alone where
// there are any, else by site, county and price.
func (p *plan) nearest(plans []*plan) []*plan {
	far := func(q *plan) int {
		at, wanted := q.facility.SiteAt(p.Period.Start), p.facility.SiteAt(p.Period.Start)
		switch {
		case q.facility == p.facility:
			return 0
		case at.ID == wanted.ID:
			return 1
		case at.County == wanted.County:
			return 2
		}
		return 3
	}
	slices.SortStableFunc(plans, func(a, b *plan) int {
		return cmp.Or(cmp.Compare(far(a), far(b)), cmp.Compare(a.cost.Total, b.cost.Total))
	})
	if i := slices.IndexFunc(plans, func(q *plan) bool { return far(q) > 0 }); i > 0 {
		plans = plans[:i]
	}
	return plans
}

// Names are the alternative's resources by id.
func (a Alternative) Names() (out []id.Resource) {
	for _, r := range a.Resources {
		out = append(out, r.ID)
	}
	return out
}
