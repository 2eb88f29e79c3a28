package booking

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"rigg/access"
	"rigg/facilities"
	"rigg/internal/database"
	"rigg/internal/id"
	"rigg/internal/problem"
)

// SaveOutage makes the outage what the wish says. Confirmed bookings in its way are
// displaced where that is asked for: their units are free, their money stays
// reserved, and another time is looked for. A request in its way is declined with
// the outage as its reason: nobody has promised it anything, and what it reserved
// is wanted elsewhere. What has begun keeps its unit until it ends. Where an
// outage becomes shorter, the displaced come back to their time. Codes: invalid,
// forbidden, not-found, outage-overlaps, outage-over, bookings-in-the-way.
func (s *Service) SaveOutage(ctx context.Context, by *access.Principal, w OutageWish) (*OutagePlan, error) {
	if !plainText(w.Reason, maxText) {
		return nil, problem.CodeInvalid.Say("Meddelandet får ha högst %d tecken.", "The message has at most %d characters.", maxText)
	}
	if w.Recurrence != "" && (w.Outage.ID != 0 || w.Outage.UntilLifted > 0) {
		return nil, problem.CodeInvalid.Say("Bara ett nytt driftstopp med ett bestämt slut kan upprepas.",
			"Only a new outage with a set end can recur.")
	}
	return withFacts(ctx, s, func(facts *Facts) (*OutagePlan, error) {
		return access.Once(ctx, s.db, by, func(tx *database.Tx) (*OutagePlan, error) {
			if err := facts.mayManage(by, w.Outage.Facility, w.Outage.Period.Start); err != nil {
				return nil, err
			}
			return s.saveOutage(tx, facts, by, w)
		})
	})
}

// saveOutage is the transaction; by is nil where the program moves an end on.
func (s *Service) saveOutage(tx *database.Tx, facts *Facts, by *access.Principal, w OutageWish) (*OutagePlan, error) {
	units, err := facilities.LockFacility(tx, w.Outage.Facility)
	if err != nil {
		return nil, err
	}
	if err := facts.current(tx); err != nil {
		return nil, err
	}
	old, err := outageBefore(tx, &w)
	if err != nil {
		return nil, err
	}
	if err := facilities.CheckOutage(w.Outage, units); err != nil {
		return nil, err
	}
	plan, err := s.planOutage(tx, facts, w, units)
	if err != nil {
		return nil, err
	}
	// What can give way does so first. Then, with the rows locked, look again: a
	// booking may have been cancelled or begun.
	gaveWay := slices.DeleteFunc(slices.Clone(plan.Hits), func(h Affected) bool { return h.Outcome != OtherUnit })
	for _, o := range plan.Outages {
		if err := facilities.RepackAround(tx, o.Facility, o.Units, o.Period); err != nil {
			return nil, err
		}
	}
	back, err := lockTouched(tx, plan, old)
	if err != nil {
		return nil, err
	}
	if plan, err = s.planOutage(tx, facts, w, units); err != nil {
		return nil, err
	}
	if slices.ContainsFunc(plan.Hits, func(h Affected) bool { return h.Outcome == OtherUnit }) {
		return nil, errMovedOn
	}
	if plan.Displaces() && !w.Displace {
		return nil, inTheWay(plan)
	}
	o := &outageStep{tx: tx, facts: facts, by: by, wish: &w}
	if err := s.clear(o, plan); err != nil {
		return nil, err
	}
	if err := o.write(plan); err != nil {
		return nil, err
	}
	plan.Hits = append(gaveWay, plan.Hits...)
	sortHits(plan.Hits)
	if old.ID == 0 {
		return plan, nil
	}
	if err := s.restore(o, back); err != nil {
		return nil, err
	}
	s.facilityFreed(tx, old.Facility, old.Period)
	return plan, nil
}

// outageBefore gives the outage that the wish changes, and fills in what no change
// touches.
func outageBefore(tx *database.Tx, w *OutageWish) (old facilities.Outage, err error) {
	if w.Outage.ID == 0 {
		return old, nil
	}
	if old, err = facilities.FindOutage(tx, w.Outage.ID); err != nil {
		return old, err
	}
	if old.Facility != w.Outage.Facility {
		return old, problem.Absent()
	}
	if old.Over(tx.Now) {
		return old, outageOver()
	}
	w.Outage.Slug, w.Outage.Series, w.Outage.By = old.Slug, old.Series, old.By
	return old, nil
}

func outageOver() error {
	return CodeOutageOver.Say("Driftstoppet är redan över och kan inte ändras. Lägg in ett nytt.",
		"The outage is already over and cannot be changed. Make a new one.")
}

// inTheWay refuses to displace anybody unasked.
func inTheWay(plan *OutagePlan) error {
	count := map[Outcome]int{}
	for _, h := range plan.Hits {
		count[h.Outcome]++
	}
	n := count[IsDisplaced] + count[IsDeclined]
	return facilities.CodeBookingsInTheWay.Say(
		"Bokningar i vägen: %d. Se vilka de är i förhandsvisningen, och spara med displace för att flytta undan dem.",
		"Bookings in the way: %d. See which in the preview, and save with displace to move them out of the way.", n).
		With("bookings", n).With("displaced", count[IsDisplaced]).With("declined", count[IsDeclined])
}

// outageStep is an outage in the making.
type outageStep struct {
	tx    *database.Tx
	facts *Facts
	by    *access.Principal // nil: the program
	wish  *OutageWish
	langs map[id.Person]access.Person
}

func (o *outageStep) actor() id.Person {
	if o.by == nil {
		return 0
	}
	return o.by.ID
}

// clear moves everything out of the outages' way.
func (s *Service) clear(o *outageStep, plan *OutagePlan) error {
	var people []id.Person
	for _, h := range plan.Hits {
		people = append(people, h.Person)
	}
	var err error
	if o.langs, err = access.Names(o.tx, people); err != nil {
		return err
	}
	// Declining locks purses: project by project, so that two outages never wait
	// for each other.
	hits := slices.Clone(plan.Hits)
	slices.SortStableFunc(hits, func(a, b Affected) int {
		return cmp.Or(strings.Compare(string(a.Project), string(b.Project)), cmp.Compare(a.ID, b.ID))
	})
	for _, h := range hits {
		if err := s.hit(o, h); err != nil {
			return err
		}
	}
	held, err := heldBy(o.tx, plan.Outages)
	if err != nil {
		return err
	}
	for _, h := range held {
		if err := s.letGo(o.tx, o.facts, h, false); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) hit(o *outageStep, h Affected) error {
	st := &step{Booking: h.Booking, tx: o.tx, facts: o.facts, by: o.by, old: *h.Booking}
	switch h.Outcome {
	case IsDeclined:
		st.reason = clipText(o.wish.said(o.langs[h.Person].Language))
		return s.giveBack(st, Declined, ActDecline)
	case IsDisplaced:
		st.reason = o.wish.Reason
		return s.displace(st, h.outage)
	case OtherUnit, HasBegun: // it has made way; it is left to the manager
	}
	return nil
}

// clipText keeps a text within what a reason may have.
func clipText(s string) string {
	if r := []rune(s); len(r) > maxText {
		return string(r[:maxText])
	}
	return s
}

// write writes the outages, each with its line in the audit trail.
func (o *outageStep) write(plan *OutagePlan) error {
	var series id.Ref
	if len(plan.Outages) > 1 {
		series = id.NewRef()
	}
	for i := range plan.Outages {
		x := &plan.Outages[i]
		if x.ID == 0 {
			x.Series, x.By = series, o.actor()
		}
		written, err := facilities.WriteOutage(o.tx, *x)
		if err != nil {
			return err
		}
		x.ID = written
		if err := access.Audit(o.tx, o.actor(), "put_outage", fmt.Sprintf("outage/%d", x.ID), map[string]any{
			"facility": x.Facility, "kind": x.Kind, "start": x.Period.Start, "end": x.Period.End, "units": x.Units,
		}); err != nil {
			return err
		}
	}
	return nil
}

// LiftOutage ends an outage now: who was displaced by it and has taken no other
// time is put back. With later, all that follow in its series are lifted too.
// Codes: forbidden, not-found, outage-over.
func (s *Service) LiftOutage(ctx context.Context, by *access.Principal, o id.Outage, later bool) (facilities.Outage, error) {
	return withFacts(ctx, s, func(facts *Facts) (facilities.Outage, error) {
		return access.Once(ctx, s.db, by, func(tx *database.Tx) (facilities.Outage, error) {
			found, err := facilities.FindOutage(tx, o)
			if err != nil {
				return found, err
			}
			if err := facts.mayManage(by, found.Facility, found.Period.Start); err != nil {
				return found, err
			}
			return s.liftOutage(tx, facts, by, found, later)
		})
	})
}

func (s *Service) liftOutage(tx *database.Tx, facts *Facts, by *access.Principal, found facilities.Outage, later bool) (facilities.Outage, error) {
	if _, err := facilities.LockFacility(tx, found.Facility); err != nil {
		return found, err
	}
	if err := facts.current(tx); err != nil {
		return found, err
	}
	found, err := facilities.FindOutage(tx, found.ID)
	if err != nil {
		return found, err
	}
	if found.Over(tx.Now) {
		return found, outageOver()
	}
	list := []facilities.Outage{found}
	if later && found.Series != "" {
		if list, err = facilities.ListSeries(tx, found.Series); err != nil {
			return found, err
		}
	}
	list = slices.DeleteFunc(list, func(o facilities.Outage) bool {
		return o.Over(tx.Now) || o.Period.Start.Before(found.Period.Start)
	})
	back, err := lockTouched(tx, &OutagePlan{}, list...)
	if err != nil {
		return found, err
	}
	for _, o := range list {
		if err := facilities.LiftOutage(tx, o); err != nil {
			return found, err
		}
		if err := access.Audit(tx, by.ID, "lift_outage", fmt.Sprintf("outage/%d", o.ID), nil); err != nil {
			return found, err
		}
		s.facilityFreed(tx, o.Facility, o.Period)
	}
	if err := s.restore(&outageStep{tx: tx, facts: facts, by: by}, back); err != nil {
		return found, err
	}
	return facilities.FindOutage(tx, found.ID)
}

// moveOn moves the end of each outage that lasts until it is lifted, when it is
// nearer than an hour (or than the step, where that is shorter): who has booked
// the time after it then knows in time.
func (s *Service) moveOn(ctx context.Context) error {
	var due []facilities.Outage
	err := s.db.View(ctx, func(tx *database.Tx) (err error) {
		due, err = facilities.ListOutagesToMoveOn(tx, tx.Now.Add(outageLead), moveOnBatch)
		return err
	})
	if err != nil {
		return err
	}
	var failed []error
	for _, o := range due {
		failed = append(failed, s.moveOneOn(ctx, o))
	}
	return errors.Join(failed...)
}

func (s *Service) moveOneOn(ctx context.Context, o facilities.Outage) error {
	_, err := withFacts(ctx, s, func(facts *Facts) (struct{}, error) {
		return struct{}{}, s.db.Update(ctx, func(tx *database.Tx) error {
			if _, err := facilities.LockFacility(tx, o.Facility); err != nil {
				return err
			}
			now, err := facilities.FindOutage(tx, o.ID)
			if err != nil {
				return err
			}
			near := now.Period.End.Add(-min(outageLead, now.UntilLifted))
			if !now.Lifted.IsZero() || now.UntilLifted == 0 || tx.Now.Before(near) {
				return nil // lifted, or moved on by another instance
			}
			end := now.Period.End
			for !end.Add(-min(outageLead, now.UntilLifted)).After(tx.Now) { // the program may have stood still
				end = end.Add(now.UntilLifted)
			}
			return s.extend(tx, facts, now, end)
		})
	})
	return err
}

// extend gives the outage its new end, or less where another outage follows.
func (s *Service) extend(tx *database.Tx, facts *Facts, o facilities.Outage, end time.Time) error {
	next, err := facilities.NextOutage(tx, o)
	if err != nil {
		return err
	}
	if !next.IsZero() && next.Before(end) {
		end = next
	}
	if !end.After(o.Period.End) {
		return nil
	}
	o.Period.End = end
	_, err = s.saveOutage(tx, facts, nil, OutageWish{Outage: o, Displace: true})
	if problem.Has(err, CodeOutageOver) {
		return nil
	}
	return err
}
