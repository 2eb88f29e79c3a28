package booking

import (
	"context"
	"slices"
	"time"

	"rigg/access"
	"rigg/internal/database"
	"rigg/internal/period"
)

// WalkIn books for somebody who stands at the resource, from the next whole minute
// until the request's end, and checks them in at once. It is the managers' own:
// notice, horizon, grid and set-up do not apply, every other rule does. The
// request's start is not read. Codes as Request.
func (s *Service) WalkIn(ctx context.Context, by *access.Principal, in Request) (*Booking, error) {
	b, err := withFacts(ctx, s, func(f *Facts) (*Booking, error) {
		return access.Once(ctx, s.db, by, func(tx *database.Tx) (*Booking, error) {
			in.Period.Start = tx.Now.Add(time.Minute - 1).Truncate(time.Minute)
			p, err := f.resolve(in)
			if err != nil {
				return nil, err
			}
			if !access.Allowed(by, access.OperateBooking, p.object()) {
				return nil, access.CodeForbidden.Say("Bara anläggningens ansvariga bokar den som kommer oanmäld.",
					"Only the facility's managers book for those who walk in.")
			}
			p.walkIn()
			return s.walkIn(tx, by, p)
		})
	})
	return b, s.withAlternatives(ctx, err)
}

// walkIn switches off, for this plan alone, what nobody who stands there can keep.
func (p *plan) walkIn() {
	for i, r := range p.resources {
		now := *r
		now.Rules.Notice, now.Rules.Horizon, now.Rules.Step, now.Rules.SetUp = period.Span{}, period.Span{}, period.Span{}, period.Span{}
		now.Rules.Audiences = slices.Clone(now.Rules.Audiences)
		for k := range now.Rules.Audiences {
			now.Rules.Audiences[k].Horizon = period.Span{}
		}
		p.resources[i] = &now
	}
}

func (s *Service) walkIn(tx *database.Tx, by *access.Principal, p *plan) (*Booking, error) {
	b, v, err := s.admit(tx, by, p)
	if err != nil {
		return nil, err
	}
	for i, a := range b.Approvals {
		if a.Side == ByManager { // who lets somebody in has approved it
			b.Approvals[i] = Approval{Side: a.Side, By: by.ID, At: tx.Now, Approved: p.approved()}
		}
	}
	b.State = Confirmed
	if waits := awaited(b.Approvals); len(waits) > 0 {
		return nil, needsMore(waits[0])
	}
	if err := s.write(tx, by, p, b, v); err != nil {
		return nil, err
	}
	if err := pinUnits(tx, b.ID); err != nil {
		return nil, err
	}
	st := &step{Booking: b, tx: tx, facts: p.facts, by: by, old: *b}
	if err := st.to(InUse); err != nil {
		return nil, err
	}
	st.CheckedIn = tx.Now
	return b, st.save(ActCheckIn, map[string]any{"walk_in": true})
}
