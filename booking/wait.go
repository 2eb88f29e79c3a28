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

// The codes of the waiting list.
var (
	CodeWaitsFull = problem.Declare(problem.Refused, "waits-full",
		"Du står redan i kö för så mycket det går", "You are waiting for as much as one can")
	CodeAlreadyWaiting = problem.Declare(problem.Conflict, "already-waiting",
		"Du står redan i kö för detta", "You are already waiting for this")
	CodeWaitOver = problem.Declare(problem.Conflict, "wait-over",
		"Köplatsen gäller inte längre", "The place in line is no longer in force")
)

// The limits of waiting.
const (
	MaxWaits      = 20 // of one person at a time
	maxWaitWindow = 92 * 24 * time.Hour
	defaultOffer  = 4 * time.Hour
	shortestOffer = 10 * time.Minute // less is no time to answer
)

// WaitState is where a place in line is in its life.
type WaitState string

// The states. An offer that is declined brings a wait for any time of a window
// back in line.
const (
	WaitWaiting WaitState = "waiting"
	WaitOffered WaitState = "offered"
	WaitBooked  WaitState = "booked"
	WaitLeft    WaitState = "left"
	WaitExpired WaitState = "expired"
)

// waitNames are the states as people read them.
var waitNames = map[WaitState]text.Text{
	WaitWaiting: {SV: "I kö", EN: "Waiting"},
	WaitOffered: {SV: "Erbjuden tid", EN: "Offered a time"},
	WaitBooked:  {SV: "Bokad", EN: "Booked"},
	WaitLeft:    {SV: "Lämnad", EN: "Left"},
	WaitExpired: {SV: "Förfallen", EN: "Expired"},
}

// Name is the state as people read it.
func (s WaitState) Name() text.Text { return waitNames[s] }

// WaitWish is what somebody waits for: just this period, or Minutes anywhere in it.
type WaitWish struct {
	Resources []id.Resource
	Project   id.Project
	Period    period.Period
	Minutes   int    // 0: the whole period
	Purpose   string // of the booking that comes of it
}

// Wait is a place in the waiting list. Nothing is held for it, and no money
// reserved, until it is offered a time.
type Wait struct {
	WaitWish
	ID       id.Wait
	Ref      id.Ref
	Person   id.Person
	Facility id.Facility
	State    WaitState
	Booking  id.Ref // that came of it
	Created  time.Time
	Position int   // in line, from 1; 0: not waiting, or not the reader's to know
	Offer    *Hold // while it is offered a time

	declined   []period.Period
	tried      time.Time // zero: not yet
	triedFacts int64
}

// Exact tells whether no other time would do.
func (w *WaitWish) Exact() bool { return int64(w.Minutes) == w.Period.Minutes() }

// Live tells whether something can still come of the wait.
func (w *Wait) Live() bool { return w.State == WaitWaiting || w.State == WaitOffered }

// latestStart is when it is too late for the wish.
func (w *WaitWish) latestStart() time.Time {
	return w.Period.End.Add(-time.Duration(w.Minutes) * time.Minute)
}

// request is the wish as a booking of one time.
func (w *WaitWish) request(p period.Period) Request {
	return Request{Resources: w.Resources, Project: w.Project, Period: p, Purpose: w.Purpose}
}

// JoinWaits puts a person in line. What no waiting cures is refused at once: who is
// not in the project, a length or a time that the resource never allows. Codes:
// invalid, waits-full, already-waiting; *Refused.
func (s *Service) JoinWaits(ctx context.Context, by *access.Principal, in WaitWish) (*Wait, error) {
	if in.Minutes == 0 {
		in.Minutes = int(in.Period.Minutes())
	}
	return withFacts(ctx, s, func(f *Facts) (*Wait, error) {
		p, err := f.resolveWait(in)
		if err != nil {
			return nil, err
		}
		return access.Once(ctx, s.db, by, func(tx *database.Tx) (*Wait, error) {
			if err := s.mayJoin(tx, by, p, in); err != nil {
				return nil, err
			}
			w := &Wait{
				WaitWish: in, Ref: id.NewRef(), Person: by.ID, Facility: p.facility.ID, State: WaitWaiting, Created: tx.Now,
			}
			if w.ID, err = insertWait(tx, w); err != nil {
				return nil, err
			}
			if w.Position, err = positionOf(tx, w); err != nil {
				return nil, err
			}
			s.facilityFreed(tx, w.Facility, w.Period) // the time may be free by now
			return w, nil
		})
	})
}

// resolveWait checks the wish's form, as that of a booking at the window's start.
func (f *Facts) resolveWait(in WaitWish) (*plan, error) {
	length := time.Duration(in.Minutes) * time.Minute
	if in.Minutes < 1 || length > maxLength || in.Period.End.Sub(in.Period.Start) > max(maxWaitWindow, length) ||
		int64(in.Minutes) > in.Period.Minutes() || in.Period.End.After(period.Latest) {
		e := problem.CodeInvalid.Say("Ange en tid som ryms i perioden, och en period på högst tre månader.",
			"Give a length that fits into the period, and a period of at most three months.")
		e.Fields = []problem.Field{{Path: "minutes", Message: e.Message}}
		return nil, e
	}
	return f.resolve(in.request(period.New(in.Period.Start, in.Period.Start.Add(length))))
}

// incurable are the refusals that are the same tomorrow; of a window those of the
// start alone say nothing.
func incurable(e *problem.Error, exact bool) bool {
	switch e.Code {
	case facilities.CodeTooShort, facilities.CodeTooLong:
		return true
	case facilities.CodeNotOnGrid, facilities.CodeTooSoon:
		return exact
	}
	return false
}

func (s *Service) mayJoin(tx *database.Tx, by *access.Principal, p *plan, in WaitWish) error {
	if err := p.facts.current(tx); err != nil {
		return err
	}
	v := &verdict{}
	if p.project == nil || !mayBookOn(by, p.project.ID) {
		v.refusals = append(v.refusals, notAMember())
	}
	if in.latestStart().Before(tx.Now) {
		v.refusals = append(v.refusals, facilities.CodeInThePast.Say("Tiden har redan passerat.", "The time has already passed."))
	}
	for _, r := range p.resources {
		for _, e := range r.Judge(p.Period, tx.Now) {
			if incurable(e, in.Exact()) {
				v.refusals = append(v.refusals, e)
			}
		}
	}
	if len(v.refusals) > 0 {
		return refused(p, v)
	}
	// One row of the person's at a time: two joins at once count each other.
	if err := lockPerson(tx, by.ID); err != nil {
		return err
	}
	live, err := listWaits(tx, `w.person_id = $1 and w.state in ('waiting', 'offered')`, int64(by.ID))
	if err != nil {
		return err
	}
	for _, w := range live {
		if slices.Equal(w.Resources, in.Resources) && w.Period == in.Period && w.Minutes == in.Minutes {
			return CodeAlreadyWaiting.Say("Du står redan i kö för just den här tiden.", "You are already waiting for just this time.").
				With("ref", w.Ref)
		}
	}
	if len(live) >= MaxWaits {
		return CodeWaitsFull.Say("Du kan stå i kö för högst %d tider på en gång. Lämna någon av köerna först.",
			"You can wait for at most %d times at once. Leave one of the lines first.", MaxWaits).With("max", MaxWaits)
	}
	return nil
}

// ListWaits gives the person's own waits, live ones first; with a facility, those
// in line there in their order, to its managers. Codes: not-found, forbidden.
func (s *Service) ListWaits(ctx context.Context, by *access.Principal, at id.Facility) (found []*Wait, err error) {
	facts, err := s.Facts(ctx)
	if err != nil {
		return nil, err
	}
	where, args := `w.person_id = $1 order by w.state in ('waiting', 'offered') desc, w.id desc limit 100`, []any{int64(by.ID)}
	if at != "" {
		f, ok := facts.Catalogue.Facility(at)
		if !ok {
			return nil, problem.Absent()
		}
		if !access.Allowed(by, access.SeeFacilityBookings, facts.object(f, "", s.db.Now())) {
			return nil, access.CodeForbidden.Say("Bara anläggningens ansvariga får se vilka som står i kö.",
				"Only the facility's managers may see who is waiting.")
		}
		where, args = `w.facility_id = $1 and w.state in ('waiting', 'offered') order by w.created_at, w.id limit 500`, []any{string(at)}
	}
	err = s.db.View(ctx, func(tx *database.Tx) error {
		if found, err = listWaits(tx, where, args...); err != nil {
			return err
		}
		for _, w := range found {
			if err := completeWait(tx, w); err != nil {
				return err
			}
		}
		return nil
	})
	return found, err
}

// FindWait gives one wait to whom it belongs, and to the facility's managers. Code:
// not-found.
func (s *Service) FindWait(ctx context.Context, by *access.Principal, ref id.Ref) (w *Wait, err error) {
	facts, err := s.Facts(ctx)
	if err != nil {
		return nil, err
	}
	err = s.db.View(ctx, func(tx *database.Tx) error {
		if w, err = findWait(tx, ref); err != nil {
			return err
		}
		return completeWait(tx, w)
	})
	if err != nil {
		return nil, err
	}
	if !facts.seesWait(by, w) {
		return nil, problem.Absent()
	}
	return w, nil
}

// WaitByID is FindWait for jobs, which act for the program.
func (s *Service) WaitByID(ctx context.Context, wait id.Wait) (w *Wait, err error) {
	err = s.db.View(ctx, func(tx *database.Tx) error {
		found, err := listWaits(tx, `w.id = $1`, int64(wait))
		if err != nil {
			return err
		}
		if len(found) == 0 {
			return problem.Absent()
		}
		w = found[0]
		return completeWait(tx, w)
	})
	return w, err
}

func (f *Facts) seesWait(by *access.Principal, w *Wait) bool {
	if by != nil && by.ID == w.Person {
		return true
	}
	at, ok := f.Catalogue.Facility(w.Facility)
	return ok && access.Allowed(by, access.SeeFacilityBookings, f.object(at, "", w.Period.Start))
}

// completeWait adds what a reader wants to know beside the row.
func completeWait(tx *database.Tx, w *Wait) (err error) {
	switch w.State {
	case WaitWaiting:
		w.Position, err = positionOf(tx, w)
	case WaitOffered:
		w.Offer, err = offerOf(tx, w.ID)
	case WaitBooked, WaitLeft, WaitExpired:
	}
	return err
}
