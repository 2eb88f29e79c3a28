package booking

import (
	"context"

	"rigg/access"
	"rigg/funding"
	"rigg/internal/database"
	"rigg/internal/id"
	"rigg/internal/period"
	"rigg/internal/problem"
)

// AddSkipped books what was skipped of a series, if it can be by now: the one
// occurrence of a day, or all that fit. Those that still do not fit keep their
// reasons, as they are now. Codes: forbidden, not-found; *Refused when none fits.
func (s *Service) AddSkipped(ctx context.Context, by *access.Principal, ref id.Ref, day *period.Date) (*SeriesChange, error) {
	return withFacts(ctx, s, func(f *Facts) (*SeriesChange, error) {
		return access.Once(ctx, s.db, by, func(tx *database.Tx) (*SeriesChange, error) {
			st := &seriesStep{service: s, tx: tx, facts: f, by: by}
			if err := st.openToAdd(ref); err != nil {
				return nil, err
			}
			st.out = &SeriesChange{Series: st.Series}
			return st.out, st.add(day)
		})
	})
}

func (s *seriesStep) openToAdd(ref id.Ref) error {
	before, err := findSeries(s.tx, `s.ref = $1`, ref)
	if err != nil {
		return err
	}
	o := s.facts.ObjectOfSeries(before)
	if !access.Allowed(s.by, access.SeeBooking, o) {
		return problem.Absent()
	}
	if !access.Allowed(s.by, access.ChangeBooking, o) {
		return access.CodeForbidden.Say("Du får se serien men inte göra detta.", "You may see the series but not do this.")
	}
	if err := lockSeries(s.tx, s.facts, before.ID, before.resources(nil)); err != nil {
		return err
	}
	if s.Series, err = findSeries(s.tx, `s.ref = $1`, ref); err != nil {
		return err
	}
	return s.readBookings(s.tx)
}

// wishes are the skipped occurrences of the day, or all, that could be booked at
// all, with their plans. The reasons of the others are told.
func (s *seriesStep) wishes(day *period.Date) (at []int, plans []*plan, never []*problem.Error) {
	for i, o := range s.Occurrences {
		if o.Booking != nil || day != nil && o.Day != *day {
			continue
		}
		if o.Skips() {
			never = append(never, noSuchTime(o.Occurrence, s.zone()))
			continue
		}
		p, err := s.facts.resolve(Request{
			Resources: o.Resources, Project: s.Project, Period: o.Period, Purpose: s.Purpose, Attendees: s.Attendees,
		})
		if err != nil { // such as a resource that is no longer there
			never = append(never, problem.From(err))
			continue
		}
		at, plans = append(at, i), append(plans, p)
	}
	return at, plans, never
}

func (s *seriesStep) add(day *period.Date) error {
	at, plans, never := s.wishes(day)
	if len(plans) == 0 {
		if len(never) == 0 {
			return problem.Absent()
		}
		return &Refused{Problem: CodeRefused.New(never[0].Text()), Refusals: never}
	}
	booker, err := access.PrincipalOf(s.tx, s.Person)
	if err != nil {
		return err
	}
	judged, d, err := verdicts(s.tx, s.by, booker, plans, nil, funding.LockPurses)
	if err != nil {
		return err
	}
	if fitting(judged) == 0 {
		return refusedSeries(plans, judged)
	}
	var drafts []draft
	var changed []SeriesOccurrence
	for n, i := range at {
		o := &s.Occurrences[i]
		if v := judged[n]; len(v.refusals) > 0 {
			o.Reasons = reasonsOf(v.refusals)
			s.keep(*o, v.refusals[0])
		} else {
			o.Booking, o.Reasons = plans[n].booking(s.tx.Now, s.by, booker, v.allocations), nil
			o.Booking.Series = s.Ref
			drafts = append(drafts, draft{o.Booking, plans[n], v})
			s.out.Changed = append(s.out.Changed, o.Booking.Ref)
		}
	}
	if err := s.service.insertDrafts(s.tx, s.by, s.facts, drafts, d.purses); err != nil {
		return err
	}
	for _, i := range at {
		changed = append(changed, s.Occurrences[i])
	}
	if err := saveOccurrences(s.tx, s.ID, changed); err != nil {
		return err
	}
	s.service.announceSeries(s.tx, s.Ref, drafts, s.by.ID)
	return nil
}
