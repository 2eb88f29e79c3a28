package booking

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"rigg/access"
	"rigg/facilities"
	"rigg/internal/database"
	"rigg/internal/id"
	"rigg/internal/period"
	"rigg/internal/problem"
)

const (
	waitBatch   = 500                 // waits of a facility that are looked at
	waitFits    = 5                   // times within a window that are tried
	waitRetry   = time.Hour           // how often a wait is looked at when nothing was heard
	waitNoted   = 10 * time.Minute    // how old the note of that may be
	freedMargin = 30 * 24 * time.Hour // a freed time reaches further by its buffers, at most so far
)

// OfferEach sets how long an offered time is held; four hours where nothing is set.
func (s *Service) OfferEach(hold time.Duration) { s.offer = hold }

// TimeFreed offers what is free to those who wait for it, in the order in which they
// joined. Done again, it offers nothing twice: whoever has an offer waits no more.
func (s *Service) TimeFreed(ctx context.Context, j JobTimeFreed) error {
	around := period.New(j.Start, j.End).Widen(freedMargin, freedMargin)
	return s.offerTimes(ctx, j.Facility, around)
}

// offerTimes goes through a facility's line once. Each wait is first looked at
// without locks; only for one that fits are the units locked, and then it is looked
// at again.
func (s *Service) offerTimes(ctx context.Context, at id.Facility, around period.Period) error {
	var line []*Wait
	err := s.db.View(ctx, func(tx *database.Tx) (err error) {
		line, err = listWaits(tx, `w.facility_id = $1 and w.state = 'waiting' and w.starts_at < $3 and w.ends_at > $2
			order by w.created_at, w.id limit $4`, string(at), around.Start, around.End, waitBatch)
		return err
	})
	if err != nil {
		return err
	}
	var failed []error
	for _, w := range line {
		if err := s.tryWait(ctx, w); err != nil {
			failed = append(failed, err)
		}
	}
	return errors.Join(failed...)
}

// tryWait offers a wait the first time that it could book now, if there is one.
func (s *Service) tryWait(ctx context.Context, w *Wait) error {
	_, err := withFacts(ctx, s, func(f *Facts) (struct{}, error) {
		var fit *plan
		err := s.db.View(ctx, func(tx *database.Tx) (err error) {
			if err = f.current(tx); err != nil {
				return err
			}
			fit, err = s.fitOf(tx, f, w)
			return err
		})
		fresh := w.triedFacts == f.Version && s.db.Now().Before(w.tried.Add(waitNoted))
		if err != nil || fit == nil && fresh {
			return struct{}{}, err
		}
		return struct{}{}, s.db.Update(ctx, func(tx *database.Tx) error {
			if fit != nil {
				if err := s.offerTo(tx, w, fit); err != nil {
					return err
				}
			}
			return setTried(tx, w, f.Version)
		})
	})
	return err
}

// fitOf gives the first time that nothing refuses to who waits; nil where there is
// none. It may be asked with the units locked or not.
func (s *Service) fitOf(tx *database.Tx, f *Facts, w *Wait) (*plan, error) {
	p, err := f.resolveWait(w.WaitWish)
	if err != nil {
		return nil, nil //nolint:nilerr,nilnil // what cannot be booked any more waits until its time has passed
	}
	person, err := access.PrincipalOf(tx, w.Person)
	if problem.Has(err, problem.CodeNotFound) {
		return nil, nil //nolint:nilnil // who is gone takes no offer
	}
	if err != nil {
		return nil, err
	}
	busy, err := facilities.LoadBusy(tx, p.units(), facilities.Reach(p.resources, w.Period), facilities.Except{})
	if err != nil {
		return nil, err
	}
	for _, at := range facilities.FitAll(p.resources, w.Period, int64(w.Minutes), busy, tx.Now, waitFits+len(w.declined)) {
		said := func(d period.Period) bool { return d == at }
		if slices.ContainsFunc(w.declined, said) {
			continue
		}
		if p, err = f.resolve(w.request(at)); err != nil {
			continue
		}
		if p.offerUntil(tx.Now, s.offerFor()).Before(tx.Now.Add(shortestOffer)) {
			continue
		}
		if ok, err := s.judgedFor(tx, person, p); err != nil || ok {
			return p, err
		}
	}
	return nil, nil //nolint:nilnil // no time fits now
}

func (s *Service) offerFor() time.Duration { return cmp.Or(s.offer, defaultOffer) }

// offerTo holds the time for who waits, unless another was quicker: then the wait
// stays in line, and what frees that time has it looked at again.
func (s *Service) offerTo(tx *database.Tx, w *Wait, p *plan) error {
	if err := facilities.LockUnits(tx, p.units()); err != nil {
		return err
	}
	if err := lockWaitRow(tx, w.Ref); err != nil {
		return err
	}
	if err := p.facts.current(tx); err != nil {
		return err
	}
	now, err := findWait(tx, w.Ref)
	if err != nil || now.State != WaitWaiting {
		return err
	}
	person, err := access.PrincipalOf(tx, w.Person)
	if err != nil {
		return err
	}
	if ok, err := s.judgedFor(tx, person, p); err != nil || !ok {
		return err
	}
	h, ok, err := hold(tx, p, Hold{Kind: HoldOffer, Expires: p.offerUntil(tx.Now, s.offerFor())}, facilities.Except{})
	if err != nil || !ok {
		return err
	}
	if err := setOffer(tx, now, h.ID); err != nil {
		return err
	}
	tx.Enqueue(JobOffered{Wait: now.ID, Hold: h.ID})
	return nil
}

// endOffer lets go of what a locked wait is offered, if anything.
func (s *Service) endOffer(tx *database.Tx, f *Facts, w *Wait, declined bool) error {
	h, err := offerOf(tx, w.ID)
	if err != nil || h == nil {
		return err
	}
	if _, err := endHold(tx, h.ID); err != nil {
		return err
	}
	if declined {
		if err := setDeclined(tx, h.ID); err != nil {
			return err
		}
	}
	timeFreed(tx, f, h.Resources, h.Period)
	return nil
}

// offerOver is what becomes of a locked wait whose offer has ended: who has not
// answered in time leaves the line; whose time was taken away for an outage goes on
// waiting, at the same place.
func (s *Service) offerOver(tx *database.Tx, w *Wait, expired bool) error {
	if !expired {
		return setWait(tx, w, WaitWaiting, 0)
	}
	tx.Enqueue(JobOfferExpired{Wait: w.ID})
	return setWait(tx, w, WaitExpired, 0)
}

// sweepWaits ends the waits whose time has passed, and looks at the line of every
// facility where time alone may have let somebody in: the horizon has moved on to
// what they wish, the facts have changed (new hours, new rules), or nothing was
// heard for an hour.
func (s *Service) sweepWaits(ctx context.Context) error {
	facts, err := s.Facts(ctx)
	if err != nil {
		return err
	}
	var over []*Wait
	var due []id.Facility
	err = s.db.View(ctx, func(tx *database.Tx) error {
		for after := id.Wait(0); ; {
			batch, err := listWaits(tx, `w.state = 'waiting' and w.id > $1 order by w.id limit $2`, int64(after), sweepBatch)
			if err != nil {
				return err
			}
			for _, w := range batch {
				switch after = w.ID; {
				case w.latestStart().Before(tx.Now):
					over = append(over, w)
				case facts.due(w, tx.Now) && !slices.Contains(due, w.Facility):
					due = append(due, w.Facility)
				}
			}
			if len(batch) < sweepBatch {
				return nil
			}
		}
	})
	if err != nil {
		return err
	}
	var failed []error
	for _, w := range over {
		failed = append(failed, s.expireWait(ctx, w))
	}
	for _, f := range due {
		failed = append(failed, s.offerTimes(ctx, f, period.New(period.Earliest, period.Latest)))
	}
	return errors.Join(failed...)
}

// due tells whether the passing of time may have made a wait possible.
func (f *Facts) due(w *Wait, now time.Time) bool {
	if w.tried.IsZero() || w.triedFacts != f.Version || !now.Before(w.tried.Add(waitRetry)) {
		return true
	}
	return slices.ContainsFunc(w.Resources, func(name id.Resource) bool {
		r, ok := f.Catalogue.Resource(name)
		if !ok || r.Rules.Horizon.Zero() {
			return false
		}
		zone := r.Zone(now)
		before, edge := r.Rules.Horizon.After(w.tried, zone), r.Rules.Horizon.After(now, zone)
		return edge.After(before) && before.Before(w.latestStart()) && !edge.Before(w.Period.Start)
	})
}

func (s *Service) expireWait(ctx context.Context, w *Wait) error {
	return s.db.Update(ctx, func(tx *database.Tx) error {
		if err := lockWaitRow(tx, w.Ref); err != nil {
			return err
		}
		now, err := findWait(tx, w.Ref)
		if err != nil || now.State != WaitWaiting {
			return err
		}
		tx.Enqueue(JobWaitExpired{Wait: now.ID})
		return setWait(tx, now, WaitExpired, 0)
	})
}
