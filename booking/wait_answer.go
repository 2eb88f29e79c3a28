package booking

import (
	"context"
	"time"

	"rigg/access"
	"rigg/facilities"
	"rigg/funding"
	"rigg/internal/database"
	"rigg/internal/id"
	"rigg/internal/problem"
)

// LeaveWaits takes the person out of line; what is offered goes to the next. Code:
// not-found; wait-over.
func (s *Service) LeaveWaits(ctx context.Context, by *access.Principal, ref id.Ref) (*Wait, error) {
	return s.changeWait(ctx, by, ref, func(tx *database.Tx, f *Facts, w *Wait) error {
		if err := s.endOffer(tx, f, w, true); err != nil {
			return err
		}
		return setWait(tx, w, WaitLeft, 0)
	})
}

// DeclineOffer says no to the time that is offered; it goes to the next in line.
// Who waits for any time of a window stays in line, and is not offered this one
// again. Codes: not-found, wait-over.
func (s *Service) DeclineOffer(ctx context.Context, by *access.Principal, ref id.Ref) (*Wait, error) {
	return s.changeWait(ctx, by, ref, func(tx *database.Tx, f *Facts, w *Wait) error {
		if w.State != WaitOffered {
			return waitOver(w)
		}
		if err := s.endOffer(tx, f, w, true); err != nil {
			return err
		}
		if w.Exact() {
			return setWait(tx, w, WaitLeft, 0)
		}
		return setWait(tx, w, WaitWaiting, 0)
	})
}

func (s *Service) changeWait(ctx context.Context, by *access.Principal, ref id.Ref, f func(*database.Tx, *Facts, *Wait) error) (*Wait, error) {
	return withFacts(ctx, s, func(facts *Facts) (*Wait, error) {
		return access.Once(ctx, s.db, by, func(tx *database.Tx) (*Wait, error) {
			w, err := lockWait(tx, by, ref)
			if err != nil {
				return nil, err
			}
			if !w.Live() {
				return nil, waitOver(w)
			}
			return w, f(tx, facts, w)
		})
	})
}

// lockWait locks a person's own wait; another's is not found.
func lockWait(tx *database.Tx, by *access.Principal, ref id.Ref) (*Wait, error) {
	if err := lockWaitRow(tx, ref); err != nil {
		return nil, err
	}
	w, err := findWait(tx, ref)
	if err == nil && w.Person != by.ID {
		err = problem.Absent()
	}
	return w, err
}

func waitOver(w *Wait) error {
	return CodeWaitOver.Say("Köplatsen är i läget ”%s”, så det går inte längre.",
		"The place in line is in the state “%s”, so that is no longer possible.", w.State.Name()).
		With("state", w.State)
}

// AcceptOffer books the time that is held for the person, by the same path and the
// same rules as any other booking. Where a rule refuses it, the offer stays. Codes:
// not-found, wait-over; as Request.
func (s *Service) AcceptOffer(ctx context.Context, by *access.Principal, ref id.Ref) (*Booking, error) {
	offered, err := s.FindWait(ctx, by, ref)
	if err != nil {
		return nil, err
	}
	if offered.Offer == nil {
		return nil, waitOver(offered)
	}
	b, err := withFacts(ctx, s, func(f *Facts) (*Booking, error) {
		p, err := f.resolve(offered.request(offered.Offer.Period))
		if err != nil {
			return nil, err
		}
		return access.Once(ctx, s.db, by, func(tx *database.Tx) (*Booking, error) {
			return s.acceptOffer(tx, by, p, offered)
		})
	})
	return b, s.withAlternatives(ctx, err)
}

func (s *Service) acceptOffer(tx *database.Tx, by *access.Principal, p *plan, offered *Wait) (*Booking, error) {
	if err := facilities.LockUnits(tx, p.units()); err != nil {
		return nil, err
	}
	w, err := lockWait(tx, by, offered.Ref)
	if err != nil {
		return nil, err
	}
	if w.State != WaitOffered {
		return nil, waitOver(w)
	}
	inForce, err := endHold(tx, offered.Offer.ID)
	if err != nil {
		return nil, err
	}
	if !inForce {
		return nil, waitOver(w) // another offer than the one that was read
	}
	b, err := s.request(tx, by, p)
	if err != nil {
		return nil, err
	}
	return b, setWait(tx, w, WaitBooked, b.ID)
}

// offerUntil is how long a time can be held for somebody who has to book it then: no
// longer than booking it is possible.
func (p *plan) offerUntil(now time.Time, hold time.Duration) time.Time {
	until := now.Add(hold)
	for _, r := range p.resources {
		if at := r.Rules.Notice.Before(p.Period.Start, p.zone); at.Before(until) {
			until = at
		}
	}
	return until
}

// judgedFor tells whether nothing refuses the plan to a person now.
func (s *Service) judgedFor(tx *database.Tx, person *access.Principal, p *plan) (bool, error) {
	v, err := s.judge(tx, person, person, p, facilities.Except{}, funding.FindPurses)
	if err != nil {
		return false, err
	}
	return len(v.refusals) == 0, nil
}
