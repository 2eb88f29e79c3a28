package booking

import (
	"context"
	"slices"
	"strings"

	"rigg/access"
	"rigg/facilities"
	"rigg/funding"
	"rigg/internal/problem"
)

// Approve gives the approvals that who acts may give, and confirms a request when
// the last is there; of a confirmed booking it approves the move that is asked for,
// and makes it. What was checked when it was made and may have
// changed since is checked again: qualification, membership, the project's
// terms. Codes: stale, wrong-state, not-awaited, forbidden, not-found; *Refused.
func (s *Service) Approve(ctx context.Context, by *access.Principal, c Change) (*Booking, error) {
	return s.answer(ctx, by, c, access.SeeBooking, func(st *step) error {
		if err := st.mayDecide(); err != nil {
			return err
		}
		if st.State == Confirmed && st.Proposal != nil {
			return s.agree(st, ActApproveMove, ByManager, ByLead)
		}
		if st.State != Requested {
			return st.wrongState()
		}
		if !st.tx.Now.Before(st.Period.Start) {
			return CodeWrongState.Say("Förfrågan har förfallit: starttiden har passerat.",
				"The request has expired: its start has passed.").With("state", st.State)
		}
		if err := st.checkAgain(); err != nil {
			return err
		}
		return s.approve(st)
	})
}

// approve gives the approvals of who acts; the last confirms the request.
func (s *Service) approve(st *step) (err error) {
	before := awaited(st.Approvals)
	if st.Approvals, err = st.give(st.Approvals, st.asBooked(), ByManager, ByLead); err != nil {
		return err
	}
	if err := putApprovals(st.tx, st.ID, 0, st.Approvals); err != nil {
		return err
	}
	left := awaited(st.Approvals)
	if !slices.Contains(left, ByManager) {
		st.Question = "" // it was the managers'
	}
	if len(left) > 0 {
		given := slices.DeleteFunc(before, func(side Side) bool { return slices.Contains(left, side) })
		return st.save(ActApprove, map[string]any{"sides": given})
	}
	if err := st.to(Confirmed); err != nil {
		return err
	}
	if err := st.save(ActApprove, nil); err != nil {
		return err
	}
	s.announce(st.tx, st.Booking, st.actor(), st.reason)
	return s.askReconfirm(st.tx, st.facts, st.Booking)
}

// checkAgain applies the limits of FUNDING.md and access once more. The money
// itself is reserved already, so no purse is asked.
func (s *step) checkAgain() error {
	p, err := s.facts.resolve(Request{Resources: s.Chosen(), Project: s.Project, Period: s.Period})
	if err != nil {
		return err
	}
	booker, err := access.PrincipalOf(s.tx, s.Person)
	if err != nil {
		return err
	}
	v := &verdict{}
	if err := v.judgePerson(s.tx, booker, p, access.MissingThroughout); err != nil {
		return err
	}
	if !mayBookOn(booker, s.Project) {
		v.refusals = append(v.refusals, notAMember())
	}
	v.refusals = append(v.refusals, p.discreet(s.by, p.money)...)
	if len(v.refusals) > 0 {
		return refused(p, v)
	}
	return nil
}

// Decline turns a request down; its slot and money are free again. Of a confirmed
// booking it turns down the move that is asked for. The managers may, and the
// project's lead where the lead is asked. A reason is needed, for the booker reads
// it. Codes as Approve, and reason-missing.
func (s *Service) Decline(ctx context.Context, by *access.Principal, c Change) (*Booking, error) {
	if err := needReason(c.Reason); err != nil {
		return nil, err
	}
	return s.change(ctx, by, c, access.SeeBooking, func(st *step) error {
		if err := st.mayDecide(); err != nil {
			return err
		}
		if st.State == Confirmed && st.Proposal != nil {
			return st.turnDown(ActReject)
		}
		return s.giveBack(st, Declined, ActDecline)
	})
}

// Ask sends the request back to the booker with a question; it keeps its slot.
// Codes as Decline.
func (s *Service) Ask(ctx context.Context, by *access.Principal, c Change) (*Booking, error) {
	if err := needReason(c.Reason); err != nil {
		return nil, err
	}
	return s.change(ctx, by, c, access.DecideBooking, func(st *step) error {
		if st.State != Requested {
			return st.wrongState()
		}
		st.Question = c.Reason
		if err := st.save(ActAsk, nil); err != nil {
			return err
		}
		st.tx.Enqueue(JobAsked{st.happened()})
		return nil
	})
}

// Answer is the booker's to a question; it brings the request back to the
// managers. Codes as Decline.
func (s *Service) Answer(ctx context.Context, by *access.Principal, c Change) (*Booking, error) {
	if err := needReason(c.Reason); err != nil {
		return nil, err
	}
	return s.change(ctx, by, c, access.ChangeBooking, func(st *step) error {
		if st.State != Requested {
			return st.wrongState()
		}
		if st.Question == "" {
			return CodeWrongState.Say("Det finns ingen obesvarad fråga.", "There is no unanswered question.").With("state", st.State)
		}
		st.Question = ""
		if err := st.save(ActAnswer, nil); err != nil {
			return err
		}
		st.tx.Enqueue(JobAnswered{st.happened()})
		return nil
	})
}

// Cancel withdraws a request or cancels a confirmed booking before it is used.
// Its slot is free and its reservation voided. Codes as Approve, and
// too-late-to-change.
func (s *Service) Cancel(ctx context.Context, by *access.Principal, c Change) (*Booking, error) {
	return s.change(ctx, by, c, access.ChangeBooking, func(st *step) error {
		if st.State == Confirmed && !st.tx.Now.Before(st.Period.Start) {
			return CodeWrongState.Say("Bokningen har redan börjat och kan inte längre avbokas.",
				"The booking has already begun and can no longer be cancelled.").With("state", st.State)
		}
		if late := st.tooLate(); st.State == Confirmed && len(late) > 0 {
			return late[0]
		}
		return s.giveBack(st, Cancelled, ActCancel)
	})
}

// giveBack ends a booking that was never used: units and money are free.
func (s *Service) giveBack(st *step, next State, action Action) error {
	if err := st.to(next); err != nil {
		return err
	}
	if err := s.dropTime(st); err != nil {
		return err
	}
	if err := st.voidMoney(); err != nil {
		return err
	}
	st.Question = ""
	if err := st.save(action, nil); err != nil {
		return err
	}
	s.announce(st.tx, st.Booking, st.actor(), st.reason)
	return nil
}

// dropTime lets go of all time that the booking has or is held for it. An outage
// that waited for it to end has its units now.
func (s *Service) dropTime(st *step) error {
	if err := endHoldOf(st); err != nil {
		return err
	}
	if err := dropUnits(st.tx, st.ID); err != nil {
		return err
	}
	bookingFreed(st, st.Booking)
	if st.tx.Now.Before(st.Period.Start) {
		return nil
	}
	return facilities.RefillOutages(st.tx, st.Units)
}

// voidMoney releases the reservation, with the project's purses locked first.
func (s *step) voidMoney() error {
	if _, err := funding.LockPurses(s.tx, s.Project, s.Cost.Years()); err != nil {
		return err
	}
	return funding.Void(s.tx, s.ID, s.Version+1)
}

func needReason(reason string) error {
	if strings.TrimSpace(reason) != "" {
		return nil
	}
	e := CodeReasonMissing.Say("Skriv några ord som den andra kan ha nytta av.", "Write a few words that help the other person.")
	e.Fields = []problem.Field{{Path: "reason", Message: e.Message}}
	return e
}
