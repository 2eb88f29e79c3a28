package booking

import (
	"context"
	"reflect"
	"time"

	"rigg/access"
	"rigg/funding"
	"rigg/internal/period"
	"rigg/internal/problem"
	"rigg/internal/text"
)

// beyondBooked is how far outside the booked time somebody can have been there.
const beyondBooked = 24 * time.Hour

// Correction says what was really so; zero fields stay as they are.
type Correction struct {
	CheckedIn  time.Time
	CheckedOut time.Time
	Log        *Entry
}

// Correct puts right the actual times of a booking in use or completed, and what
// was told of its run. A completed one is priced again and the difference moved in
// the ledger; a correction that changes nothing makes no new version. A reason is
// needed. Codes: stale, wrong-state, forbidden, not-found, reason-missing, invalid
// with the field.
func (s *Service) Correct(ctx context.Context, by *access.Principal, c Change, to Correction) (*Booking, error) {
	if err := needReason(c.Reason); err != nil {
		return nil, err
	}
	return s.change(ctx, by, c, access.OperateBooking, func(st *step) error {
		if st.State != InUse && st.State != Completed {
			return st.wrongState()
		}
		was := map[string]any{}
		if err := st.correctTimes(to, was); err != nil {
			return err
		}
		timed := len(was) > 0
		if err := st.correctLog(to.Log, was); err != nil {
			return err
		}
		if len(was) == 0 {
			return nil
		}
		if timed && st.State == Completed {
			if err := st.chargeAgain(); err != nil {
				return err
			}
		}
		if err := st.save(ActCorrect, was); err != nil {
			return err
		}
		st.tx.Enqueue(JobCorrected{st.happened()})
		return nil
	})
}

// correctTimes sets the actual times and notes the old ones.
func (s *step) correctTimes(to Correction, was map[string]any) error {
	in, out := s.CheckedIn, s.CheckedOut
	if !to.CheckedIn.IsZero() {
		in = to.CheckedIn
	}
	if !to.CheckedOut.IsZero() {
		out = to.CheckedOut
	}
	if wrong := s.impossible(in, out); wrong != nil {
		return wrong
	}
	if !in.Equal(s.CheckedIn) {
		was["checked_in"] = orNull(s.CheckedIn)
	}
	if !out.Equal(s.CheckedOut) {
		was["checked_out"] = orNull(s.CheckedOut)
	}
	s.CheckedIn, s.CheckedOut = in, out
	return nil
}

// impossible tells what is wrong with actual times.
func (s *step) impossible(in, out time.Time) error {
	bounds := s.Period.Widen(beyondBooked, beyondBooked)
	var field string
	var say text.Text
	switch {
	case s.State == InUse && !out.IsZero():
		field, say = "checked_out", text.New("Bokningen pågår: checka ut den i stället.", "The booking is in use: check it out instead.")
	case in.IsZero() && !out.IsZero():
		field, say = "checked_in", text.New("Ange också när de kom.", "Say when they came, too.")
	case in.After(s.tx.Now):
		field, say = "checked_in", text.New("Tiden har inte varit än.", "That time is still to come.")
	case out.After(s.tx.Now):
		field, say = "checked_out", text.New("Tiden har inte varit än.", "That time is still to come.")
	case !in.IsZero() && (in.Before(bounds.Start) || !in.Before(s.Period.End)):
		field, say = "checked_in", text.New("Incheckningen ska ligga före bokningens slut, tidigast ett dygn före dess början.",
			"The check-in lies before the booking's end, at the earliest a day before its start.")
	case !out.IsZero() && !out.After(in):
		field, say = "checked_out", text.New("Utcheckningen ska ligga efter incheckningen.", "The check-out comes after the check-in.")
	case out.After(bounds.End):
		field, say = "checked_out", text.New("Utcheckningen kan ligga högst ett dygn efter bokningens slut.",
			"The check-out lies at most a day after the booking's end.")
	default:
		return nil
	}
	e := problem.CodeInvalid.New(say)
	e.Fields = []problem.Field{{Path: field, Message: say}}
	return e
}

// correctLog writes what was told anew, to the questions that were asked then.
func (s *step) correctLog(e *Entry, was map[string]any) error {
	if e == nil {
		return nil
	}
	if s.State != Completed {
		return problem.CodeInvalid.Say("Körningen beskrivs när den är över.", "The run is described when it is over.")
	}
	old, err := findLog(s.tx, s.ID)
	if err != nil {
		return err
	}
	var l *Log
	if old == nil {
		l, err = s.log(*e)
	} else {
		l, err = s.logOf(*e, old.Questions, old.Forms)
	}
	if err != nil || l == nil || old != nil && old.Notes == l.Notes && reflect.DeepEqual(old.Answers, l.Answers) {
		return err
	}
	was["log"] = nil
	if old != nil {
		was["log"] = map[string]any{"notes": old.Notes, "answers": old.Answers}
	}
	return insertLog(s.tx, s.ID, l)
}

// chargeAgain prices the corrected use as it would have been priced then.
func (s *step) chargeAgain() error {
	end := s.CheckedOut
	if end.IsZero() {
		end = s.Period.End
	}
	agreed, err := funding.AgreedCost(s.tx, s.ID)
	if err != nil {
		return err
	}
	then := *s
	priced := *s.Booking
	priced.Cost, then.Booking = agreed, &priced
	paid, err := funding.Correct(s.tx, s.ID, s.Version+1, then.actualCost(s.UsedPeriod(end)), s.Project, period.DateOf(s.Period.Start, s.zone()))
	if err != nil {
		return err
	}
	s.Cost = paid
	return nil
}
