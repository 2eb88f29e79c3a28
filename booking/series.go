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
	"rigg/internal/text"
)

// Accept says what of a series is booked when some of it can't be.
type Accept string

// The choices. A series is booked whole unless somebody chose otherwise.
const (
	AcceptAll  Accept = "all"  // every occurrence, or none
	AcceptFree Accept = "free" // those that fit; the others are kept as skipped
)

// SeriesRequest is a wish to book many times. Its period is the first occurrence.
type SeriesRequest struct {
	Request
	Rule   string // RFC 5545 3.3.10, of the kinds that recurrence takes
	Accept Accept // empty is AcceptAll
}

// Series is bookings that repeat by a rule. Each is a booking with a life of its
// own; the series remembers what they have in common and what was skipped.
type Series struct {
	ID          id.Series
	Ref         id.Ref
	Rule        string
	Zone        string // in which the rule is expanded, for good
	Project     id.Project
	Person      id.Person // the booker
	CreatedBy   id.Person
	Purpose     string
	Attendees   []Attendee
	Created     time.Time
	Occurrences []SeriesOccurrence // by day
}

// SeriesOccurrence is an occurrence as the series has it, and what became of it.
type SeriesOccurrence struct {
	Occurrence
	Resources []id.Resource
	Booking   *Booking // nil: skipped
	Reasons   []Reason // why it was skipped
}

// Reason is why an occurrence was not booked or not changed, as it is kept: for
// all who may see the series, so without the numbers of a project's money.
type Reason struct {
	Code    string         `json:"code"`
	Message text.Text      `json:"message"`
	Details map[string]any `json:"details,omitempty"`
}

// reasonsOf makes reasons of refusals.
func reasonsOf(refusals []*problem.Error) []Reason {
	out := make([]Reason, len(refusals))
	for i, e := range forAll(refusals) {
		out[i] = Reason{Code: e.Code.Slug, Message: e.Text(), Details: e.Details}
	}
	return out
}

// forAll leaves out of refusals what not all who may see the series are to know: the
// numbers of a project's money, and what else the booker has booked.
func forAll(refusals []*problem.Error) []*problem.Error {
	out := withoutNumbers(refusals)
	for i, e := range out {
		var said *problem.Error
		switch e.Code {
		case facilities.CodeQuotaCount, facilities.CodeQuotaHours:
			said = e.Code.Say("Kvoten räcker inte till. Den som bokar kan se varför.", "The quota is not enough. The booker can see why.")
		case facilities.CodeGapTooShort:
			said = e.Code.Say("För nära en annan av personens bokningar.", "Too close to another booking of the same person.")
		case facilities.CodeUseNotLogged:
			said = e.Code.Say("Den som bokar har en tidigare bokning som inte är utcheckad.",
				"The booker has an earlier booking that is not checked out.")
		default:
			continue
		}
		for _, key := range []string{"rule", "resource"} {
			if value, ok := e.Details[key]; ok {
				said = said.With(key, value)
			}
		}
		out[i] = said
	}
	return out
}

// Bookings are those of the series, by day.
func (s *Series) Bookings() (out []*Booking) {
	for _, o := range s.Occurrences {
		if o.Booking != nil {
			out = append(out, o.Booking)
		}
	}
	return out
}

// Skipped are the occurrences that are not booked, by day.
func (s *Series) Skipped() (out []SeriesOccurrence) {
	for _, o := range s.Occurrences {
		if o.Booking == nil {
			out = append(out, o)
		}
	}
	return out
}

// Location is the zone in which the series is expanded.
func (s *Series) Location() *time.Location { return s.zone() }

func (s *Series) zone() *time.Location {
	zone, err := time.LoadLocation(s.Zone)
	if err != nil {
		return time.UTC // the name was taken from a zone, and all zones are built in
	}
	return zone
}

// Moved tells whether an occurrence's booking has other times or resources than
// the series would give it: it was moved by itself, and later changes of the series
// leave it.
func (s *Series) Moved(o SeriesOccurrence) bool {
	b, zone := o.Booking, s.zone()
	return b != nil && (!period.Wall(b.Period.Start, zone).Equal(o.Starts) ||
		!period.Wall(b.Period.End, zone).Equal(o.Ends) || !slices.Equal(b.Chosen(), o.Resources))
}

// FindSeries gives a series with its bookings, without their histories; not-found
// for a principal who may not see it.
func (s *Service) FindSeries(ctx context.Context, by *access.Principal, ref id.Ref) (found *Series, err error) {
	facts, err := s.Facts(ctx)
	if err != nil {
		return nil, err
	}
	err = s.db.View(ctx, func(tx *database.Tx) error {
		if found, err = findSeries(tx, `s.ref = $1`, ref); err != nil {
			return err
		}
		return found.readBookings(tx)
	})
	if err != nil {
		return nil, err
	}
	if !access.Allowed(by, access.SeeBooking, facts.ObjectOfSeries(found)) {
		return nil, problem.Absent()
	}
	return found, nil
}

// FindSeriesByRef is FindSeries for jobs, which act for the program, with the
// bookings' histories.
func (s *Service) FindSeriesByRef(ctx context.Context, ref id.Ref) (found *Series, err error) {
	err = s.db.View(ctx, func(tx *database.Tx) error {
		if found, err = findSeries(tx, `s.ref = $1`, ref); err != nil {
			return err
		}
		if err := found.readBookings(tx); err != nil {
			return err
		}
		return found.readHistories(tx)
	})
	return found, err
}

// ObjectOfSeries is what the series touches at its first occurrence, for
// access.Allowed.
func (f *Facts) ObjectOfSeries(s *Series) access.Object {
	first := s.Occurrences[0]
	at, _, _ := period.First(first.Starts, s.zone())
	return f.ObjectOf(&Booking{Person: s.Person, Project: s.Project, Resources: first.Resources, Period: period.New(at, at)})
}
