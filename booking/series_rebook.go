package booking

import (
	"slices"

	"rigg/access"
	"rigg/funding"
	"rigg/internal/database"
	"rigg/internal/id"
)

// describe gives bookings that stay where they are the new purpose and attendees,
// and the series too, when the change is about all of it.
func (a *alteration) describe() (out []*Booking, err error) {
	if a.edit.Purpose == nil && a.edit.Attendees == nil {
		return nil, nil
	}
	var others []*Booking // with whom others come along from now on
	var plans []*plan
	var alone []*verdict
	for _, b := range a.renamed {
		p, err := a.one(b).planFor(Edit{Purpose: a.edit.Purpose, Attendees: a.edit.Attendees})
		if err != nil {
			return nil, err
		}
		same := slices.Equal(p.Attendees, b.Attendees)
		if p.Purpose == b.Purpose && same {
			continue
		}
		if !same {
			if p.booker, err = a.booker(); err != nil {
				return nil, err
			}
			plans, alone = append(plans, p), append(alone, &verdict{refusals: p.judgeBuddies()})
			others = append(others, b)
		}
		b.Purpose, b.Attendees = p.Purpose, p.Attendees
		a.record(b, b.State, ActEdit, nil)
		out = append(out, b)
	}
	if fitting(alone) < len(plans) {
		return nil, refusedSeries(plans, alone)
	}
	if err := a.describeSeries(); err != nil {
		return nil, err
	}
	return out, replaceAttendeesOf(a.tx, others)
}

func (a *alteration) describeSeries() error {
	if a.scope != ScopeAll {
		return nil
	}
	if a.edit.Purpose != nil {
		a.Purpose = *a.edit.Purpose
	}
	if a.edit.Attendees != nil {
		a.Attendees = *a.edit.Attendees
	}
	return describeSeries(a.tx, a.Series)
}

// booker is whose bookings are changed: the one's who has that which is acted on.
func (a *alteration) booker() (*access.Principal, error) {
	if a.person == nil {
		found, err := access.PrincipalOf(a.tx, a.Occurrences[a.acting].Booking.Person)
		if err != nil {
			return nil, err
		}
		a.person = found
	}
	return a.person, nil
}

// drafts are the bookings that move, each with its plan.
func (a *alteration) drafts() (out []draft, err error) {
	for _, t := range a.moving {
		b := a.Occurrences[t.at].Booking
		p, err := a.one(b).planFor(Edit{
			Resources: t.resources, Period: t.period, Purpose: a.edit.Purpose, Attendees: a.edit.Attendees, Override: a.edit.Override,
		})
		if err != nil {
			return nil, err
		}
		if at, ok := a.facts.Catalogue.Resource(b.Resources[0]); ok && p.facility != at.Facility {
			return nil, elsewhere()
		}
		out = append(out, draft{Booking: b, plan: p})
	}
	return out, nil
}

// rebook gives bookings new times, units and prices. Their own old ones, and what
// is held for those that were displaced, are let go of first, so that they do not
// count.
func (a *alteration) rebook(drafts []draft) error {
	booker, err := a.booker()
	if err != nil {
		return err
	}
	slices.SortFunc(drafts, func(x, y draft) int { return x.plan.Period.Start.Compare(y.plan.Period.Start) })
	plans, list := make([]*plan, len(drafts)), make([]*Booking, len(drafts))
	for i, d := range drafts {
		plans[i], list[i] = d.plan, d.Booking
	}
	if err := a.letGo(drafts, list); err != nil {
		return err
	}
	swap := func(tx *database.Tx, project id.Project, years []int) ([]funding.Purse, error) {
		if err := a.voidMoney(list, years); err != nil {
			return nil, err
		}
		return funding.FindPurses(tx, project, years)
	}
	judged, d, err := verdicts(a.tx, a.by, booker, plans, idsOf(list), swap)
	if err != nil {
		return err
	}
	approvals := a.settle(list, plans, judged)
	if fitting(judged) < len(plans) {
		return refusedSeries(plans, judged)
	}
	reservations := make([]funding.Reservation, len(drafts))
	var others []*Booking // with whom others come along from now on
	for i := range drafts {
		drafts[i].verdict = judged[i]
		if !slices.Equal(plans[i].Attendees, list[i].Attendees) {
			others = append(others, list[i])
		}
		list[i].Approvals = approvals[i]
		a.apply(drafts[i])
		reservations[i] = funding.Reservation{
			Booking: drafts[i].ID, Version: drafts[i].Version, Cost: drafts[i].Cost, UsedOn: drafts[i].plan.firstDay(),
		}
	}
	if err := makeRoom(a.tx, drafts); err != nil {
		return changedMeanwhile(plans[0], err)
	}
	if err := replaceUnitsOf(a.tx, drafts); err != nil {
		return changedMeanwhile(plans[0], err)
	}
	if err := replaceAttendeesOf(a.tx, others); err != nil {
		return err
	}
	if err := putApprovalsOf(a.tx, list); err != nil {
		return err
	}
	for _, b := range list {
		if err := a.service.askReconfirm(a.tx, a.facts, b); err != nil {
			return err
		}
	}
	if err := funding.ReserveAll(a.tx, reservations, d.purses); err != nil {
		return changedMeanwhile(plans[0], err)
	}
	return nil
}

// letGo lets go of what the bookings have, and notes which of their units a manager
// has settled: those they keep where they can.
func (a *alteration) letGo(drafts []draft, list []*Booking) error {
	held, err := listHeldOf(a.tx, idsOf(list))
	if err != nil {
		return err
	}
	var freed []*Booking
	for _, d := range drafts {
		d.plan.pinned = pinnedOf(held[d.ID], d.plan.resources)
		if d.State != Displaced {
			freed = append(freed, d.Booking)
		}
	}
	a.freed(freed)
	if err := endHoldsOf(a.tx, a.facts, idsOf(list)); err != nil {
		return err
	}
	return deleteUnitsOf(a.tx, idsOf(list))
}

// settle gives the approvals that each booking needs where it is moved to. A
// confirmed one that would leave what was approved is refused: it is moved by
// itself, and then keeps its time while it is asked for.
func (a *alteration) settle(list []*Booking, plans []*plan, judged []*verdict) [][]Approval {
	out := make([][]Approval, len(list))
	for i, b := range list {
		if len(judged[i].refusals) > 0 {
			continue
		}
		out[i] = a.one(b).settle(plans[i], nil)
		if waits := awaited(out[i]); b.State == Confirmed && len(waits) > 0 {
			judged[i].refusals = append(judged[i].refusals, CodeNeedsMore.Say(
				"Flytten behöver godkännas av %s. Flytta tillfället för sig, så skickas en begäran.",
				"The move needs the approval of %s. Move the occurrence by itself, and it is asked for.", waits[0].Name()).
				With("awaits", waits[0]))
		}
	}
	return out
}

func (a *alteration) apply(d draft) {
	b, from := d.Booking, d.State
	was := map[string]any{"start": b.Period.Start, "end": b.Period.End, "resources": b.Resources}
	next := d.plan.booking(a.tx.Now, a.by, a.by, d.verdict.allocations)
	b.Resources, b.Units, b.Period, b.Purpose = next.Resources, next.Units, next.Period, next.Purpose
	b.Along, b.Provisional, b.Attendees = next.Along, next.Provisional, next.Attendees
	b.Buffers, b.Cost, b.Agreement = next.Buffers, next.Cost, next.Agreement
	if b.State == Displaced || b.State == Requested && len(awaited(b.Approvals)) == 0 {
		b.State = Confirmed
	}
	b.Proposal = nil
	a.record(b, from, ActMove, d.verdict.details(d.plan, was))
	if b.State == Confirmed {
		a.service.scheduleReminders(a.tx, b)
	}
}

// voidMoney releases the bookings' reservations, with the purses of their years
// and of others locked first.
func (s *seriesStep) voidMoney(list []*Booking, years []int) error {
	all := slices.Clone(years)
	voidings := make([]funding.Voiding, len(list))
	for i, b := range list {
		all = append(all, b.Cost.Years()...)
		voidings[i] = funding.Voiding{Booking: b.ID, Version: b.Version + 1}
	}
	slices.Sort(all)
	if _, err := funding.LockPurses(s.tx, s.Project, slices.Compact(all)); err != nil {
		return err
	}
	return funding.VoidAll(s.tx, voidings)
}
