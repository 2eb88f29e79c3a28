package booking

import (
	"context"
	"errors"

	"rigg/access"
	"rigg/facilities"
	"rigg/funding"
	"rigg/internal/database"
	"rigg/internal/id"
	"rigg/internal/problem"
)

// RequestSeries books every occurrence of a rule, or those that fit, as one
// transaction. Each is then an ordinary booking. A refusal is a *Refused that says
// of each reason which occurrence it is about; other codes as Request.
func (s *Service) RequestSeries(ctx context.Context, by *access.Principal, in SeriesRequest) (*Series, error) {
	made, err := withFacts(ctx, s, func(f *Facts) (*Series, error) {
		set, err := f.resolveSeries(in)
		if err != nil {
			return nil, err
		}
		return access.Once(ctx, s.db, by, func(tx *database.Tx) (*Series, error) {
			return s.requestSeries(tx, by, set)
		})
	})
	return made, wholeRefused(err)
}

// requestSeries is the transaction. However many the occurrences, its round trips
// are those of request and one for the series: lock units, lock purses, read
// allocations, qualifications where any are needed, insert the series, insert the
// bookings (which compares the facts' number), insert the occurrences, reserve,
// jobs.
func (s *Service) requestSeries(tx *database.Tx, by *access.Principal, set *seriesPlan) (*Series, error) {
	booker, err := s.booker(tx, by, set.plan)
	if err != nil {
		return nil, err
	}
	if err := facilities.LockUnits(tx, set.units()); err != nil {
		return nil, err
	}
	plans := set.real()
	judged, d, err := verdicts(tx, by, booker, plans, nil, funding.LockPurses)
	if err != nil {
		return nil, err
	}
	if fit := fitting(judged); fit == 0 || fit < len(plans) && set.accept == AcceptAll {
		if err := set.facts.current(tx); err != nil {
			return nil, err
		}
		return nil, refusedSeries(plans, judged)
	}
	out := set.series(tx, by, booker)
	if out.ID, err = insertSeries(tx, out); err != nil {
		return nil, err
	}
	var drafts []draft
	next := 0 // among the plans
	for i, p := range set.plans {
		o := SeriesOccurrence{Occurrence: set.occurrences[i], Resources: set.Resources}
		if p == nil {
			o.Reasons = reasonsOf([]*problem.Error{noSuchTime(o.Occurrence, set.zone)})
		} else if v := judged[next]; len(v.refusals) > 0 {
			o.Reasons = reasonsOf(v.refusals)
		} else {
			o.Booking = p.booking(tx.Now, by, booker, v.allocations)
			o.Booking.Series = out.Ref
			drafts = append(drafts, draft{o.Booking, p, v})
		}
		if p != nil {
			next++
		}
		out.Occurrences = append(out.Occurrences, o)
	}
	if err := s.insertDrafts(tx, by, set.facts, drafts, d.purses); err != nil {
		return nil, err
	}
	if err := insertOccurrences(tx, out.ID, out.Occurrences); err != nil {
		return nil, err
	}
	s.announceSeries(tx, out.Ref, drafts, by.ID)
	return out, nil
}

func fitting(verdicts []*verdict) (n int) {
	for _, v := range verdicts {
		if len(v.refusals) == 0 {
			n++
		}
	}
	return n
}

// real are the plans of the occurrences that exist.
func (p *seriesPlan) real() (out []*plan) {
	for _, one := range p.plans {
		if one != nil {
			out = append(out, one)
		}
	}
	return out
}

func (p *seriesPlan) series(tx *database.Tx, by, booker *access.Principal) *Series {
	return &Series{
		Ref: id.NewRef(), Rule: p.rule, Zone: p.zone.String(), Project: p.Project, Person: booker.ID, CreatedBy: by.ID,
		Purpose: p.Purpose, Attendees: p.Attendees, Created: tx.Now,
	}
}

// draft is a booking that is to be inserted.
type draft struct {
	*Booking
	plan    *plan
	verdict *verdict
}

// makeRoom exchanges others' provisional units for the drafts, in their order: a
// later exchange may follow upon an earlier one.
func makeRoom(tx *database.Tx, drafts []draft) error {
	for _, d := range drafts {
		if err := facilities.Repack(tx, d.verdict.moves); err != nil {
			return err
		}
	}
	return nil
}

// insertDrafts inserts bookings with their histories and allocations, and reserves
// their money, in the purses as they were before any of them.
func (s *Service) insertDrafts(tx *database.Tx, by *access.Principal, f *Facts, drafts []draft, purses []funding.Purse) error {
	for _, d := range drafts {
		d.History = []Event{{Version: 1, At: tx.Now, By: by.ID, Action: ActRequest, To: d.State, Details: d.verdict.details(d.plan, nil)}}
	}
	if err := makeRoom(tx, drafts); err != nil {
		return changedMeanwhile(drafts[0].plan, err)
	}
	if err := insertBookings(tx, drafts, f.Version); err != nil {
		return changedMeanwhile(drafts[0].plan, err)
	}
	list := make([]funding.Reservation, len(drafts))
	for i, d := range drafts {
		list[i] = funding.Reservation{Booking: d.ID, Version: 1, Cost: d.Cost, UsedOn: d.plan.firstDay()}
	}
	if err := funding.ReserveAll(tx, list, purses); err != nil {
		return changedMeanwhile(drafts[0].plan, err)
	}
	made := make([]*Booking, len(drafts))
	for i, d := range drafts {
		made[i] = d.Booking
		if err := s.askReconfirm(tx, f, d.Booking); err != nil {
			return err
		}
	}
	return putApprovalsOf(tx, made)
}

// SeriesQuote is what a series would cost and what stands in its way; nothing is
// held.
type SeriesQuote struct {
	Refusals    []*problem.Error // empty: booking it now would succeed
	Occurrences []OccurrenceQuote
	Cost        *funding.Cost          // of those that fit; nil as Quote's
	Fit         int                    // how many do
	Confirms    bool                   // all that fit would be confirmed at once
	Resources   []*facilities.Resource // that were asked for
}

// OccurrenceQuote is one occurrence of a quote. Its refusals are empty where it
// fits, if those before it that fit are booked.
type OccurrenceQuote struct {
	Occurrence
	Cost     *funding.Cost // nil: none, or not the person's to see
	Refusals []*problem.Error
}

// QuoteSeries previews a series by the same policy as RequestSeries, without
// locking or holding anything. Codes: invalid, forbidden.
func (s *Service) QuoteSeries(ctx context.Context, by *access.Principal, in SeriesRequest) (*SeriesQuote, error) {
	return withFacts(ctx, s, func(f *Facts) (*SeriesQuote, error) {
		set, err := f.resolveSeries(in)
		if whole := (*Refused)(nil); errors.As(wholeRefused(err), &whole) {
			return &SeriesQuote{Refusals: whole.Refusals}, nil
		}
		if err != nil {
			return nil, err
		}
		q := &SeriesQuote{Resources: set.resources}
		return q, s.db.View(ctx, func(tx *database.Tx) error { return s.quoteSeries(tx, by, set, q) })
	})
}

func (s *Service) quoteSeries(tx *database.Tx, by *access.Principal, set *seriesPlan, q *SeriesQuote) error {
	if err := set.facts.current(tx); err != nil {
		return err
	}
	booker, err := s.booker(tx, by, set.plan)
	if err != nil {
		return err
	}
	plans := set.real()
	judged, _, err := verdicts(tx, by, booker, plans, nil, funding.FindPurses)
	if err != nil {
		return err
	}
	member := mayBookOn(booker, set.Project)
	if fit := fitting(judged); fit == 0 || fit < len(plans) && set.accept == AcceptAll {
		q.Refusals = refusedSeries(plans, judged).Refusals
	}
	if q.Confirms = true; member && set.cost != nil {
		q.Cost = &funding.Cost{Agreement: set.cost.Agreement}
	}
	next := 0
	for i, p := range set.plans {
		o := OccurrenceQuote{Occurrence: set.occurrences[i]}
		if p == nil {
			o.Refusals = []*problem.Error{noSuchTime(o.Occurrence, set.zone)}
			q.Occurrences = append(q.Occurrences, o)
			continue
		}
		o.Refusals = judged[next].refusals
		next++
		if member {
			o.Cost = p.cost
		}
		if len(o.Refusals) == 0 {
			q.Fit++
			q.Cost = q.Cost.Plus(p.cost)
			q.Confirms = q.Confirms && len(awaited(p.approvals(tx.Now, by, booker))) == 0
		}
		q.Occurrences = append(q.Occurrences, o)
	}
	q.Confirms = q.Confirms && q.Fit > 0
	return nil
}
