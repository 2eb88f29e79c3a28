package booking

import (
	"context"
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

// CodeNoProposal refuses an answer to a change that nobody proposes any more.
var CodeNoProposal = problem.Declare(problem.Conflict, "no-proposal",
	"Det finns inget ändringsförslag", "There is no proposed change")

// answerWithin is how long the time of a proposed change is held, where the
// operator has not said otherwise.
const answerWithin = 48 * time.Hour

// Proposal is another time or other resources that somebody proposes for a
// booking. Its time is held until it is answered or expires; the booking stands
// as it is meanwhile.
type Proposal struct {
	ID        id.Hold
	By        id.Person
	Reason    string
	Resources []id.Resource
	Period    period.Period // without buffers
	Created   time.Time
	Expires   time.Time
	Approvals []Approval // whose answers it needs
}

// HoldProposals sets how long the time of a proposed change is held at most, and
// gives the service.
func (s *Service) HoldProposals(within time.Duration) *Service {
	s.answerWithin = within
	return s
}

// own is what is not in the way of a change: the booking itself, and the time that
// is held for it, which the change replaces.
func (s *step) own() (facilities.Except, error) {
	held, _, err := holdOf(s.tx, s.ID)
	return facilities.Except{Booking: s.ID, Hold: held.ID}, err
}

// moveOrAsk moves the booking, or asks for it: a confirmed booking that would
// leave what was approved stays where it is until the move is approved too.
func (s *Service) moveOrAsk(st *step, e Edit) error {
	if st.State != Confirmed {
		return s.move(st, e)
	}
	p, err := st.planFor(e)
	if err != nil {
		return err
	}
	// What was given before stays on the booking; what the mover gives goes along.
	needed := slices.DeleteFunc(st.settle(p, nil), func(a Approval) bool { return a.Given() && !a.At.Equal(st.tx.Now) })
	if len(awaited(needed)) == 0 {
		return s.move(st, e)
	}
	st.Purpose = p.Purpose
	if err := s.propose(st, p, needed, ActAskMove); err != nil {
		return err
	}
	st.tx.Enqueue(JobMoveAsked{st.happened()})
	return nil
}

// Propose offers the booker another time or other resources, such as what a
// manager can approve instead. The time is held until the booker answers, at most
// as long as HoldProposals says and never beyond a start. Codes: stale,
// wrong-state, forbidden, not-found, invalid, reason-missing; *Refused.
func (s *Service) Propose(ctx context.Context, by *access.Principal, c Change, e Edit) (*Booking, error) {
	if err := needReason(c.Reason); err != nil {
		return nil, err
	}
	b, err := s.changeUnits(ctx, by, c, access.DecideBooking, e, func(st *step) error {
		if st.State != Requested && st.State != Confirmed || !st.tx.Now.Before(st.Period.Start) {
			return st.wrongState()
		}
		e.Purpose = nil // it is the booker's
		if !e.moves(st.Booking) {
			return nothingProposed()
		}
		p, err := st.planFor(e)
		if err != nil {
			return err
		}
		if err := s.propose(st, p, st.proposed(p), ActPropose); err != nil {
			return err
		}
		st.tx.Enqueue(JobProposed{st.happened()})
		return nil
	})
	return b, s.withAlternatives(ctx, err)
}

func nothingProposed() error {
	e := problem.CodeInvalid.Say("Förslaget är detsamma som bokningen. Ändra tiden eller resursen, eller godkänn den som den är.",
		"The proposal is the same as the booking. Change the time or the resource, or approve it as it is.")
	e.Fields = []problem.Field{{Path: "start", Message: e.Message}}
	return e
}

// proposed are the answers that a manager's proposal needs: the booker's, and the
// lead's where it needs that; by proposing it the manager has approved it. Of a
// request the lead's is asked with the request itself.
func (s *step) proposed(p *plan) []Approval {
	out := []Approval{{Side: ByBooker}}
	for _, a := range s.settle(p, nil) {
		switch {
		case a.Side == ByManager || s.gives(a.Side):
			out = append(out, Approval{Side: a.Side, By: s.actor(), At: s.tx.Now, Approved: p.approved()})
		case s.State == Confirmed && !a.Given():
			out = append(out, a)
		}
	}
	return out
}

// propose judges the change by every rule and holds its time. It reserves no
// money: that follows when the change is made.
func (s *Service) propose(st *step, p *plan, needed []Approval, action Action) error {
	if at, ok := st.facts.Catalogue.Resource(st.Resources[0]); ok && p.facility != at.Facility {
		return elsewhere()
	}
	booker, err := access.PrincipalOf(st.tx, st.Person)
	if err != nil {
		return err
	}
	own, err := st.own()
	if err != nil {
		return err
	}
	v, err := s.judge(st.tx, st.by, booker, p, own, st.spareMoney)
	if err != nil {
		return err
	}
	if len(v.refusals) > 0 {
		r := refused(p, v)
		r.own = own
		return r
	}
	if err := st.endProposal(); err != nil {
		return err
	}
	if err := facilities.Repack(st.tx, v.moves); err != nil {
		return changedMeanwhile(p, err)
	}
	if err := s.holdChange(st, p, v.allocations, needed); err != nil {
		return changedMeanwhile(p, err)
	}
	return st.save(action, st.Proposal.details())
}

// holdChange takes the units that the booking does not have already.
func (s *Service) holdChange(st *step, p *plan, taken []allocation, needed []Approval) error {
	held, err := ownUnits(st.tx, st.ID)
	if err != nil {
		return err
	}
	var more []allocation
	for _, a := range taken {
		for _, rest := range period.Subtract([]period.Period{a.period}, held[a.unit]) {
			more = append(more, allocation{unit: a.unit, resource: a.resource, period: rest})
		}
	}
	expires := st.tx.Now.Add(s.answerWithin)
	for _, start := range []time.Time{p.Period.Start, st.Period.Start} {
		if start.Before(expires) {
			expires = start
		}
	}
	h := Hold{
		Kind: HoldChange, Booking: st.ID, Resources: p.Resources, Period: p.Period,
		By: st.actor(), Reason: st.reason, Created: st.tx.Now, Expires: expires,
	}
	if h.ID, err = insertHold(st.tx, h, more); err != nil {
		return err
	}
	st.Proposal = &Proposal{
		ID: h.ID, By: h.By, Reason: h.Reason, Resources: h.Resources, Period: h.Period,
		Created: h.Created, Expires: h.Expires, Approvals: needed,
	}
	return insertApprovals(st.tx, st.ID, h.ID, needed)
}

// spareMoney gives the purses as they would be without the booking's own
// reservation, which stays.
func (s *step) spareMoney(tx *database.Tx, project id.Project, years []int) ([]funding.Purse, error) {
	purses, err := funding.FindPurses(tx, project, years)
	return s.Cost.GiveBack(purses), err
}

func (p *Proposal) details() map[string]any {
	return map[string]any{"start": p.Period.Start, "end": p.Period.End, "resources": p.Resources}
}

func (p *Proposal) edit() Edit { return Edit{Resources: p.Resources, Period: p.Period} }

// endProposal lets go of the time of a proposed change, if there is one.
func (s *step) endProposal() error {
	if s.Proposal == nil {
		return nil
	}
	_, err := endHold(s.tx, s.Proposal.ID)
	timeFreed(s.tx, s.facts, s.Proposal.Resources, s.Proposal.Period)
	s.Proposal = nil
	return err
}

// letGo ends a proposal that the change in the making leaves without a meaning:
// the booking is decided or over.
func (s *step) letGo() error {
	if s.State == s.old.State && (s.State == Requested || s.State == Confirmed) {
		return nil
	}
	return s.endProposal()
}

// open gives the proposal while it can be answered.
func (s *step) open() (*Proposal, error) {
	if s.Proposal == nil || !s.tx.Now.Before(s.Proposal.Expires) {
		return nil, CodeNoProposal.Say("Förslaget finns inte längre: det är besvarat, återtaget eller för gammalt.",
			"The proposal is no longer there: it is answered, taken back or too old.")
	}
	return s.Proposal, nil
}

// Accept moves the booking to what is proposed, and with the managers' approval
// that the proposal carries confirms it: one transaction, all rules again. Where
// the project's lead has to approve too, that is awaited still. Codes: stale,
// no-proposal, not-awaited, forbidden, not-found; *Refused.
func (s *Service) Accept(ctx context.Context, by *access.Principal, c Change) (*Booking, error) {
	return s.answer(ctx, by, c, access.AcceptChange, func(st *step) error {
		return s.agree(st, ActAccept, ByBooker, ByLead)
	})
}

// agree gives the answers to the proposed change that who acts may give, and
// makes it when the last is there.
func (s *Service) agree(st *step, action Action, sides ...Side) error {
	p, err := st.open()
	if err != nil {
		return err
	}
	if p.Approvals, err = st.give(p.Approvals, Approved{p.Resources, p.Period, st.Cost.Total}, sides...); err != nil {
		return err
	}
	if len(awaited(p.Approvals)) == 0 {
		return s.moveAs(st, p.edit(), action)
	}
	if err := putApprovals(st.tx, st.ID, p.ID, p.Approvals); err != nil {
		return err
	}
	return st.save(action, p.details())
}

// Reject ends a proposed change: whom it awaits turns it down, or who proposed it
// takes it back. The booking stands as before. Codes: stale, no-proposal,
// forbidden, not-found.
func (s *Service) Reject(ctx context.Context, by *access.Principal, c Change) (*Booking, error) {
	return s.change(ctx, by, c, access.ChangeBooking, func(st *step) error {
		if _, err := st.open(); err != nil {
			return err
		}
		return st.turnDown(ActReject)
	})
}

func (s *step) turnDown(action Action) error {
	was := s.Proposal.details()
	if err := s.endProposal(); err != nil {
		return err
	}
	if err := s.save(action, was); err != nil {
		return err
	}
	if action == ActLapse {
		s.tx.Enqueue(JobLapsed{s.happened()})
	} else {
		s.tx.Enqueue(JobRejected{s.happened()})
	}
	return nil
}

// answer is change for an answer that may move the booking to what is proposed:
// the units of both are locked first.
func (s *Service) answer(ctx context.Context, by *access.Principal, c Change, may access.Action, f func(*step) error) (*Booking, error) {
	var locked Hold
	lock := func(tx *database.Tx, facts *Facts) (err error) {
		if locked, err = openProposal(tx, c.Ref); err != nil || locked.ID == 0 {
			return err
		}
		_, err = lockUnitsOf(tx, facts, c.Ref, Edit{Resources: locked.Resources})
		return err
	}
	b, err := s.changeAfter(ctx, by, c, may, lock, func(st *step) error {
		if (st.Proposal != nil || locked.ID != 0) && (st.Proposal == nil || st.Proposal.ID != locked.ID) {
			return errStale // another was proposed meanwhile: lock its units
		}
		return f(st)
	})
	return b, s.withAlternatives(ctx, err)
}

// changeUnits is change with the units locked that the booking has and that the
// edit could take.
func (s *Service) changeUnits(ctx context.Context, by *access.Principal, c Change, may access.Action, e Edit, f func(*step) error) (*Booking, error) {
	var locked []id.Resource
	lock := func(tx *database.Tx, facts *Facts) (err error) {
		locked, err = lockUnitsOf(tx, facts, c.Ref, e)
		return err
	}
	return s.changeAfter(ctx, by, c, may, lock, func(st *step) error {
		if !slices.Equal(locked, st.Resources) {
			return errStale // somebody moved it to other resources meanwhile: lock those
		}
		return f(st)
	})
}
