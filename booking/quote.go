package booking

import (
	"context"

	"rigg/access"
	"rigg/facilities"
	"rigg/funding"
	"rigg/internal/database"
	"rigg/internal/problem"
)

// Quote is what a booking would cost and what stands in its way; nothing is
// held. No refusals: booking it now would succeed.
type Quote struct {
	Cost         *funding.Cost // nil: no rate covers it, or the project is not the person's
	Confirms     bool          // the booking would be confirmed at once
	Refusals     []*problem.Error
	Alternatives []facilities.Alternative
	Resources    []*facilities.Resource // that were asked for

	timeRefused bool
}

// Quote prices and judges a request by the same policy as Request, without
// locking or holding anything. Codes: invalid, forbidden.
func (s *Service) Quote(ctx context.Context, by *access.Principal, in Request) (*Quote, error) {
	return withFacts(ctx, s, func(f *Facts) (*Quote, error) {
		p, err := s.resolve(ctx, f, in)
		if err != nil {
			return nil, err
		}
		q := &Quote{Resources: p.resources}
		err = s.db.View(ctx, func(tx *database.Tx) error { return s.quote(tx, by, p, q) })
		if err != nil {
			return nil, err
		}
		if q.timeRefused {
			q.Alternatives, err = s.alternatives(ctx, p, facilities.Except{})
		}
		return q, err
	})
}

func (s *Service) quote(tx *database.Tx, by *access.Principal, p *plan, q *Quote) error {
	if err := p.facts.current(tx); err != nil {
		return err
	}
	booker, err := s.booker(tx, by, p)
	if err != nil {
		return err
	}
	v, err := s.judge(tx, by, booker, p, facilities.Except{}, funding.FindPurses)
	if err != nil {
		return err
	}
	q.Refusals, q.timeRefused = v.refusals, v.time
	if p.cost != nil && mayBookOn(booker, p.Project) {
		q.Cost, q.Confirms = p.cost, p.confirmsAtOnce()
	}
	return nil
}
