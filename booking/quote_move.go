package booking

import (
	"context"

	"rigg/access"
	"rigg/facilities"
	"rigg/internal/database"
	"rigg/internal/id"
	"rigg/internal/problem"
)

// QuoteMove prices and judges a change of a booking by the same policy as Edit and
// Propose, without locking or holding anything. Awaits says whose approval the
// move would wait for; none: it would be made at once. Codes: wrong-state,
// forbidden, not-found, invalid.
func (s *Service) QuoteMove(ctx context.Context, by *access.Principal, ref id.Ref, e Edit) (*Quote, error) {
	return withFacts(ctx, s, func(f *Facts) (*Quote, error) {
		q := &Quote{}
		var p *plan
		var own facilities.Except
		err := s.db.View(ctx, func(tx *database.Tx) (err error) {
			if err = f.current(tx); err != nil {
				return err
			}
			b, err := findByRef(tx, ref)
			if err != nil {
				return err
			}
			st := &step{Booking: b, tx: tx, facts: f, by: by, old: *b}
			if own, err = st.own(); err != nil {
				return err
			}
			p, err = s.quoteMove(st, e, own, q)
			return err
		})
		if err == nil && q.timeRefused {
			q.Alternatives, err = s.alternatives(ctx, p, own)
		}
		if err != nil {
			return nil, err
		}
		return q, nil
	})
}

// quoteMove fills in the quote, and gives the plan that was judged.
func (s *Service) quoteMove(st *step, e Edit, own facilities.Except, q *Quote) (p *plan, err error) {
	o := st.facts.ObjectOf(st.Booking)
	switch {
	case !access.Allowed(st.by, access.SeeBooking, o):
		return nil, problem.Absent()
	case !access.Allowed(st.by, access.ChangeBooking, o):
		return nil, forbidden()
	case e.endsEarly(st): // what it costs shows when it is over
		q.Confirms, q.Cost = true, st.Cost
		return p, nil
	case st.State != Displaced && (st.State != Requested && st.State != Confirmed || !st.tx.Now.Before(st.Period.Start)):
		return nil, st.wrongState()
	}
	if p, err = st.planFor(e); err != nil {
		return nil, err
	}
	return p, s.judgeMove(st, p, own, q)
}

func (s *Service) judgeMove(st *step, p *plan, own facilities.Except, q *Quote) error {
	if at, ok := st.facts.Catalogue.Resource(st.Resources[0]); ok && p.facility != at.Facility {
		return elsewhere()
	}
	booker, err := access.PrincipalOf(st.tx, st.Person)
	if err != nil {
		return err
	}
	v, err := s.judge(st.tx, st.by, booker, p, own, st.spareMoney)
	if err != nil {
		return err
	}
	q.Refusals, q.timeRefused, q.Cost = v.refusals, v.time, p.cost
	q.Awaits = awaited(st.settle(p, nil))
	q.Confirms = len(q.Awaits) == 0
	return nil
}

func forbidden() error {
	return access.CodeForbidden.Say("Du får se bokningen men inte göra detta.", "You may see the booking but not do this.")
}
