package booking

import (
	"context"
	"errors"
	"time"

	"rigg/facilities"
	"rigg/internal/database"
	"rigg/internal/id"
	"rigg/internal/period"
)

// sweepAnswers ends what nobody has answered: requests whose resource wants an
// answer within some time, proposed changes, and bookings whose need was not
// confirmed. Each is its own transaction, and looks again when its row is locked.
func (s *Service) sweepAnswers(ctx context.Context, facts *Facts) error {
	var lapsed, unconfirmed []id.Ref
	var unanswered []*Booking
	err := s.db.View(ctx, func(tx *database.Tx) (err error) {
		if lapsed, err = listLapsed(tx, sweepBatch); err != nil {
			return err
		}
		if unconfirmed, err = listUnconfirmed(tx, sweepBatch); err != nil {
			return err
		}
		unanswered, err = listUnanswered(tx, facts.withRule(answerWithinOf), sweepBatch)
		return err
	})
	if err != nil {
		return err
	}
	var failed []error
	for _, ref := range lapsed {
		failed = append(failed, s.endBy(ctx, ref, s.lapse))
	}
	for _, ref := range unconfirmed {
		failed = append(failed, s.endBy(ctx, ref, s.release))
	}
	for _, b := range unanswered {
		if by := facts.answerBy(b); !by.IsZero() && !s.db.Now().Before(by) {
			failed = append(failed, s.endBy(ctx, b.Ref, s.expireUnanswered))
		}
	}
	return errors.Join(failed...)
}

func answerWithinOf(r facilities.Rules) period.Span  { return r.AnswerWithin }
func escalateAfterOf(r facilities.Rules) period.Span { return r.EscalateAfter }

// withRule lists the resources that have a rule.
func (f *Facts) withRule(rule func(facilities.Rules) period.Span) (out []id.Resource) {
	for _, r := range f.Catalogue.Resources() {
		if !rule(r.Rules).Zero() {
			out = append(out, r.ID)
		}
	}
	return out
}

// answerBy is when a request expires that nobody answers: by the rule of one of
// its resources, counted from its latest change, and never later than its start.
func (f *Facts) answerBy(b *Booking) time.Time {
	by := f.waited(b, answerWithinOf)
	if by.After(b.Period.Start) {
		return b.Period.Start
	}
	return by
}

// waited is when a request has waited as long as the shortest rule of its
// resources; zero where none has the rule.
func (f *Facts) waited(b *Booking, rule func(facilities.Rules) period.Span) (first time.Time) {
	for _, name := range b.Resources {
		r, ok := f.Catalogue.Resource(name)
		if !ok || rule(r.Rules).Zero() {
			continue
		}
		if at := rule(r.Rules).After(b.Changed, f.ZoneOf(b)); first.IsZero() || at.Before(first) {
			first = at
		}
	}
	return first
}

func (s *Service) expireUnanswered(st *step) error {
	by := st.facts.answerBy(st.Booking)
	if st.State != Requested || st.Question != "" || st.Proposal != nil || by.IsZero() || st.tx.Now.Before(by) {
		return nil
	}
	return s.giveBack(st, Expired, ActExpire)
}

func (s *Service) lapse(st *step) error {
	if st.Proposal == nil || st.tx.Now.Before(st.Proposal.Expires) {
		return nil
	}
	return st.turnDown(ActLapse)
}

// Escalation is a request that the managers have left unanswered for as long as
// their resource allows before others are told.
type Escalation struct {
	Booking id.Booking
	Waited  time.Time // since when it is time to tell
}

// ListEscalations gives the requests that wait for the facility and have waited
// longer than the rule escalate_after allows, the longest wait first.
func (s *Service) ListEscalations(ctx context.Context) (out []Escalation, err error) {
	facts, err := s.Facts(ctx)
	if err != nil {
		return nil, err
	}
	err = s.db.View(ctx, func(tx *database.Tx) error {
		found, err := listUnanswered(tx, facts.withRule(escalateAfterOf), sweepBatch)
		if err != nil {
			return err
		}
		for _, b := range found {
			if at := facts.waited(b, escalateAfterOf); !at.IsZero() && !tx.Now.Before(at) {
				out = append(out, Escalation{b.ID, at})
			}
		}
		return nil
	})
	return out, err
}
