package booking

import (
	"context"
	"slices"
	"time"

	"rigg/access"
	"rigg/facilities"
	"rigg/internal/database"
	"rigg/internal/id"
	"rigg/internal/period"
	"rigg/internal/problem"
)

// Scope says how much of a series a change is about.
type Scope string

// The scopes. Later is the booking itself and those after it, by the days of the
// rule.
const (
	ScopeThis  Scope = "this"
	ScopeLater Scope = "later"
	ScopeAll   Scope = "all"
)

// Why an occurrence was left as it is, or can be booked after all.
var (
	CodeOccurrenceMoved = problem.Declare(problem.Conflict, "occurrence-moved",
		"Tillfället är ändrat för sig", "The occurrence was changed by itself")
	CodeOccurrenceOver = problem.Declare(problem.Conflict, "occurrence-over",
		"Tillfället har börjat eller är avslutat", "The occurrence has begun or is over")
	CodeOccurrenceOthers = problem.Declare(problem.Conflict, "occurrence-of-another",
		"Tillfället är någon annans", "The occurrence is another person's")
	CodeOccurrenceAddable = problem.Declare(problem.Conflict, "occurrence-addable",
		"Tillfället har fått en tid som går att boka", "The occurrence has got a time that can be booked")
)

// SeriesChange is what came of a change of a series: which bookings it changed,
// and which it left, and why.
type SeriesChange struct {
	Series  *Series
	Changed []id.Ref
	Kept    []Kept
}

// Kept is an occurrence that a change was about and that it left as it is.
type Kept struct {
	Ref    id.Ref // empty: it is not booked
	Day    period.Date
	Reason Reason
}

// seriesStep is one change of a series in the making: its rows are locked, the
// units of its bookings too.
type seriesStep struct {
	*Series
	service *Service
	tx      *database.Tx
	facts   *Facts
	by      *access.Principal
	reason  string
	scope   Scope
	acting  int // the occurrence that is acted on
	out     *SeriesChange
}

// changeSeries locks all of a series, makes sure that the person may change the
// booking that they act on, in its current version, and runs f. also are resources
// that it could get. Locks come in the usual order: units, the series and its
// bookings, purses.
func (s *Service) changeSeries(ctx context.Context, by *access.Principal, c Change, scope Scope, also []id.Resource,
	f func(*seriesStep) error) (*SeriesChange, error) {
	if !plainText(c.Reason, maxText) {
		return nil, problem.CodeInvalid.Say("Skälet får ha högst %d tecken.", "The reason has at most %d characters.", maxText)
	}
	if scope != ScopeLater && scope != ScopeAll {
		return nil, badScope("Välj this, later eller all.", "Choose this, later or all.")
	}
	return withFacts(ctx, s, func(facts *Facts) (*SeriesChange, error) {
		return access.Once(ctx, s.db, by, func(tx *database.Tx) (*SeriesChange, error) {
			st := &seriesStep{service: s, tx: tx, facts: facts, by: by, reason: c.Reason, scope: scope}
			if err := st.open(c, also); err != nil {
				return nil, err
			}
			st.out = &SeriesChange{Series: st.Series}
			return st.out, f(st)
		})
	})
}

func badScope(sv, en string) *problem.Error {
	e := problem.CodeInvalid.Say(sv, en)
	e.Fields = []problem.Field{{Path: "scope", Message: e.Message}}
	return e
}

func (s *seriesStep) open(c Change, also []id.Resource) error {
	before, err := findSeriesOf(s.tx, c.Ref)
	if problem.Has(err, problem.CodeNotFound) {
		if _, err := s.service.lockFor(s.tx, s.facts, s.by, c, access.ChangeBooking); err != nil {
			return err
		}
		return badScope("Bokningen ingår inte i någon serie.", "The booking is not part of a series.")
	}
	if err != nil {
		return err
	}
	if err := before.readBookings(s.tx); err != nil {
		return err
	}
	locked := before.resources(also)
	if err := lockSeries(s.tx, s.facts, before.ID, locked); err != nil {
		return err
	}
	if s.Series, err = findSeriesOf(s.tx, c.Ref); err != nil {
		return err
	}
	if err := s.readBookings(s.tx); err != nil {
		return err
	}
	if err := s.readHistories(s.tx); err != nil {
		return err
	}
	for _, name := range s.resources(nil) {
		if !slices.Contains(locked, name) {
			return errStale // a booking has got other resources meanwhile: lock those
		}
	}
	return s.admit(c)
}

// admit lets in who may change the booking that they act on.
func (s *seriesStep) admit(c Change) error {
	s.acting = slices.IndexFunc(s.Occurrences, func(o SeriesOccurrence) bool { return o.Booking != nil && o.Booking.Ref == c.Ref })
	b := s.Occurrences[s.acting].Booking
	o := s.facts.ObjectOf(b)
	switch {
	case !access.Allowed(s.by, access.SeeBooking, o):
		return problem.Absent()
	case !access.Allowed(s.by, access.ChangeBooking, o):
		return access.CodeForbidden.Say("Du får se bokningen men inte göra detta.", "You may see the booking but not do this.")
	case c.Version != 0 && c.Version != b.Version:
		return stale(s.tx, b, s.facts.ZoneOf(b))
	}
	return nil
}

// resources are all that the series has or wishes, and more, each once.
func (s *Series) resources(more []id.Resource) []id.Resource {
	out := slices.Clone(more)
	for _, o := range s.Occurrences {
		out = append(out, o.Resources...)
		if o.Booking != nil {
			out = append(out, o.Booking.Resources...)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// lockSeries locks the units of the resources, then the series and its bookings.
// What it guards is read after it; errStale when the facts are older than that.
func lockSeries(tx *database.Tx, f *Facts, series id.Series, resources []id.Resource) error {
	all := facilities.Together(f.resourcesOf(resources))
	if err := facilities.LockUnits(tx, facilities.Units(all)); err != nil {
		return err
	}
	if err := lockSeriesRow(tx, series); err != nil {
		return err
	}
	if err := lockBookingsOf(tx, series); err != nil {
		return err
	}
	return f.current(tx)
}

// within tells whether the change is about an occurrence.
func (s *seriesStep) within(o SeriesOccurrence) bool {
	return s.scope == ScopeAll || !o.Day.Before(s.Occurrences[s.acting].Day)
}

func (s *seriesStep) keep(o SeriesOccurrence, why *problem.Error) {
	k := Kept{Day: o.Day, Reason: reasonsOf([]*problem.Error{why})[0]}
	if o.Booking != nil {
		k.Ref = o.Booking.Ref
	}
	s.out.Kept = append(s.out.Kept, k)
}

// obstacle says why a booking is left alone, whatever the change; nil: it is not.
// Those that have begun or ended never change. As of one booking, a request can be
// withdrawn however late it is, and a purpose changed.
func (s *seriesStep) obstacle(b *Booking, action Action) *problem.Error {
	switch {
	case !access.Allowed(s.by, access.ChangeBooking, s.facts.ObjectOf(b)) || b.Person != s.Occurrences[s.acting].Booking.Person:
		return CodeOccurrenceOthers.Say("Bokningen är någon annans: ändra den för sig.",
			"The booking is another person's: change it by itself.")
	case !b.State.Open() || b.State == InUse:
		return CodeOccurrenceOver.Say("Bokningen är i läget ”%s”.", "The booking is in the state “%s”.", b.State.Name()).
			With("state", b.State)
	case !s.tx.Now.Before(b.Period.Start) && b.State != Displaced:
		return CodeOccurrenceOver.Say("Bokningen har redan börjat.", "The booking has already begun.").With("state", b.State)
	case action == ActMove || action == ActCancel && b.State == Confirmed:
		if late := s.one(b).tooLate(); len(late) > 0 {
			return late[0]
		}
	}
	return nil
}

// one is the change as it applies to one booking.
func (s *seriesStep) one(b *Booking) *step {
	return &step{Booking: b, tx: s.tx, facts: s.facts, by: s.by, reason: s.reason, old: *b}
}

// record writes a change into a booking that has not been saved yet.
func (s *seriesStep) record(b *Booking, from State, action Action, details map[string]any) {
	b.Version++
	b.Changed = s.tx.Now
	b.History = append(b.History, Event{
		Version: b.Version, At: s.tx.Now, By: s.by.ID, Action: action, From: from, To: b.State, Reason: s.reason, Details: details,
	})
	s.out.Changed = append(s.out.Changed, b.Ref)
}

// CancelSeries cancels or withdraws what a scope has of a series before it is
// used, in one transaction; what was skipped there is no longer wished for. What
// has begun or ended stays. Codes: stale, wrong-state where there is nothing to
// cancel, forbidden, not-found, invalid.
func (s *Service) CancelSeries(ctx context.Context, by *access.Principal, c Change, scope Scope) (*SeriesChange, error) {
	return s.changeSeries(ctx, by, c, scope, nil, func(st *seriesStep) error {
		var cancelled []*Booking
		var dropped []time.Time
		var late *problem.Error
		left := st.Occurrences[:0:0]
		for _, o := range st.Occurrences {
			switch {
			case o.Booking == nil && st.within(o):
				dropped = append(dropped, o.Day.UTC())
				continue
			case o.Booking != nil && st.within(o):
				if why := st.obstacle(o.Booking, ActCancel); why != nil {
					if why.Code == facilities.CodeTooLateToChange {
						late = why
					}
					st.keep(o, why)
				} else {
					cancelled = append(cancelled, o.Booking)
				}
			}
			left = append(left, o)
		}
		st.Occurrences = left
		switch {
		case len(cancelled)+len(dropped) > 0:
		case late != nil:
			return late
		default:
			return CodeWrongState.Say("Det finns inget i serien att avboka.", "There is nothing in the series to cancel.")
		}
		if err := dropSkipped(st.tx, st.ID, dropped); err != nil {
			return err
		}
		return st.cancel(cancelled)
	})
}

func (s *seriesStep) cancel(list []*Booking) error {
	if len(list) == 0 {
		return nil
	}
	if err := s.dropTime(list); err != nil {
		return err
	}
	if err := s.voidMoney(list, nil); err != nil {
		return err
	}
	for _, b := range list {
		was := b.State
		b.State, b.Question = Cancelled, ""
		s.record(b, was, ActCancel, nil)
	}
	tellAtOnce(s.tx, s.Ref, ActCancel, Cancelled, s.by.ID, s.reason)
	return saveChanges(s.tx, list)
}

// dropTime is Service.dropTime for many bookings.
func (s *seriesStep) dropTime(list []*Booking) error {
	if err := endHoldsOf(s.tx, s.facts, idsOf(list)); err != nil {
		return err
	}
	if err := dropUnitsOf(s.tx, idsOf(list)); err != nil {
		return err
	}
	var begun []id.Unit
	for _, b := range list {
		if !s.tx.Now.Before(b.Period.Start) {
			begun = append(begun, b.Units...)
		}
	}
	s.freed(list)
	if len(begun) == 0 {
		return nil
	}
	return facilities.RefillOutages(s.tx, begun)
}

// freed says once for all of some bookings that their time is free again: all are
// at one facility, and whoever waits there is looked at anyway.
func (s *seriesStep) freed(list []*Booking) {
	var all period.Period
	for _, b := range list {
		all = spanning(all, b.Period)
	}
	if len(list) > 0 {
		timeFreed(s.tx, s.facts, list[0].Resources, all)
	}
}

func idsOf(list []*Booking) []id.Booking {
	out := make([]id.Booking, len(list))
	for i, b := range list {
		out[i] = b.ID
	}
	return out
}
