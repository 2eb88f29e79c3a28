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

// CodeOutageOver refuses a change of an outage that has ended.
var CodeOutageOver = problem.Declare(problem.Conflict, "outage-over",
	"Driftstoppet är redan över", "The outage is already over")

// The limits of one outage that is saved.
const (
	maxHit      = 1000 // bookings
	maxOutages  = 200  // on one page of a list
	outageLead  = time.Hour
	moveOnBatch = 100
)

// OutageWish is an outage to be: a new one, or with an id the whole of what one
// shall be from now on.
type OutageWish struct {
	Outage     facilities.Outage
	Recurrence string // an RRULE of new ones; empty: once
	Displace   bool   // bookings in the way are displaced, requests declined
	Reason     string // told to those who are hit; at most 2 000 characters
}

// Outcome is what an outage means for a booking that is in its way.
type Outcome string

// The outcomes.
const (
	OtherUnit   Outcome = "other_unit" // its pool has another unit for it
	IsDisplaced Outcome = "displaced"  // it must move: its money stays reserved
	IsDeclined  Outcome = "declined"   // a request is turned down, with the outage as the reason
	HasBegun    Outcome = "in_use"     // it keeps its unit; the outage has it when the booking ends
)

// Affected is a booking in an outage's way.
type Affected struct {
	*Booking
	Outcome Outcome

	outage facilities.Outage
}

// OutagePlan is what saving an outage does: the outages that it makes (several of
// a recurrence), and who is hit, by start.
type OutagePlan struct {
	Outages []facilities.Outage
	Hits    []Affected
	Held    int // times held for somebody that are let go
}

// Displaces tells whether somebody loses their time.
func (p *OutagePlan) Displaces() bool {
	return slices.ContainsFunc(p.Hits, func(h Affected) bool { return h.Outcome == IsDisplaced || h.Outcome == IsDeclined })
}

// PreviewOutage tells what saving would do, to the facility's managers alone.
// Codes: invalid, forbidden, not-found, outage-overlaps.
func (s *Service) PreviewOutage(ctx context.Context, by *access.Principal, w OutageWish) (*OutagePlan, error) {
	return withFacts(ctx, s, func(facts *Facts) (plan *OutagePlan, err error) {
		if err := facts.mayManage(by, w.Outage.Facility, w.Outage.Period.Start); err != nil {
			return nil, err
		}
		return plan, s.db.View(ctx, func(tx *database.Tx) error {
			if err := facts.current(tx); err != nil {
				return err
			}
			units, err := facilities.ListUnits(tx, w.Outage.Facility)
			if err == nil {
				plan, err = s.planOutage(tx, facts, w, units)
			}
			return err
		})
	})
}

// mayManage lets those through who manage a facility. Codes: not-found, forbidden.
func (f *Facts) mayManage(by *access.Principal, name id.Facility, when time.Time) error {
	at, ok := f.Catalogue.Facility(name)
	if !ok {
		return problem.Absent()
	}
	if !access.Allowed(by, access.ManageFacility, f.object(at, "", when)) {
		return access.CodeForbidden.Say("Bara anläggningens ansvariga får ta utrustning ur drift.",
			"Only the facility's managers may take equipment out of service.")
	}
	return nil
}

// planOutage expands the wish and finds who is hit. It reads alone; where its
// caller has locked the units and the bookings, what it finds can be done.
func (s *Service) planOutage(tx *database.Tx, facts *Facts, w OutageWish, units []id.Unit) (*OutagePlan, error) {
	out := &OutagePlan{}
	zone := facts.zoneAt(w.Outage.Facility, w.Outage.Period.Start)
	if err := facilities.CheckOutage(w.Outage, units); err != nil {
		return nil, err
	}
	periods, err := facilities.Occurrences(w.Recurrence, w.Outage.Period, zone)
	if err != nil {
		return nil, err
	}
	for _, p := range periods {
		o := w.Outage
		o.Period = p
		if err := facilities.OutagesInTheWay(tx, o); err != nil {
			return nil, err
		}
		out.Outages = append(out.Outages, o)
	}
	if out.Hits, err = s.hitBy(tx, out.Outages); err != nil {
		return nil, err
	}
	held, err := heldBy(tx, out.Outages)
	out.Held = len(held)
	return out, err
}

func (f *Facts) zoneAt(name id.Facility, at time.Time) *time.Location {
	if found, ok := f.Catalogue.Facility(name); ok {
		return found.SiteAt(at).Zone
	}
	return time.UTC
}

// hitBy finds the bookings in the outages' way and what becomes of each. One that
// has a provisional unit of a pool gets another where the pool can be packed so.
func (s *Service) hitBy(tx *database.Tx, outages []facilities.Outage) ([]Affected, error) {
	found, err := listHit(tx, outages, maxHit+1)
	if err != nil {
		return nil, err
	}
	if len(found) > maxHit {
		return nil, problem.CodeInvalid.Say("Fler än %d bokningar berörs. Dela upp driftstoppet i kortare perioder.",
			"More than %d bookings are hit. Divide the outage into shorter ones.", maxHit)
	}
	gives, err := givenUp(tx, outages)
	if err != nil {
		return nil, err
	}
	out := make([]Affected, 0, len(found))
	for _, b := range found {
		h := Affected{Booking: b.Booking, outage: outages[b.outage-1], Outcome: IsDisplaced}
		inTheWay := func(u id.Unit) bool {
			return !slices.Contains(gives[b.ID], u) && slices.ContainsFunc(outages, func(o facilities.Outage) bool {
				return slices.Contains(o.Units, u) && o.Period.Overlaps(b.Blocked())
			})
		}
		switch {
		case b.State == InUse || b.State == Confirmed && !tx.Now.Before(b.Period.Start):
			h.Outcome = HasBegun
		case !slices.ContainsFunc(b.Units, inTheWay):
			h.Outcome = OtherUnit
		case b.State == Requested:
			h.Outcome = IsDeclined
		}
		out = append(out, h)
	}
	sortHits(out)
	return out, nil
}

func sortHits(hits []Affected) {
	slices.SortStableFunc(hits, func(a, b Affected) int { return a.Period.Start.Compare(b.Period.Start) })
}

// givenUp gives the provisional units that bookings can exchange for others to get
// out of the outages' way.
func givenUp(tx *database.Tx, outages []facilities.Outage) (map[id.Booking][]id.Unit, error) {
	out := map[id.Booking][]id.Unit{}
	for _, o := range outages {
		moves, err := facilities.FindAround(tx, o.Facility, o.Units, o.Period, facilities.Except{Outage: o.ID})
		if err != nil {
			return nil, err
		}
		for _, m := range moves {
			out[m.Booking] = append(out[m.Booking], m.From...)
		}
	}
	return out, nil
}

// ListOutages gives a facility's outages in a window, by start; after is the last
// of the page before. They are public but for their notes, which the managers
// alone are told. Codes: not-found, invalid.
func (s *Service) ListOutages(ctx context.Context, by *access.Principal, name id.Facility, window period.Period, after id.Outage) (found []facilities.Outage, more bool, err error) {
	facts, err := s.Facts(ctx)
	if err != nil {
		return nil, false, err
	}
	at, ok := facts.Catalogue.Facility(name)
	if !ok {
		return nil, false, problem.Absent()
	}
	err = s.db.View(ctx, func(tx *database.Tx) error {
		found, err = facilities.ListOutages(tx, name, window, after, maxOutages+1)
		return err
	})
	if more = len(found) > maxOutages; more {
		found = found[:maxOutages]
	}
	for i := range found {
		facts.discreetOutage(by, at, &found[i])
	}
	return found, more, err
}

// FindOutage gives one outage, as ListOutages does. Code: not-found.
func (s *Service) FindOutage(ctx context.Context, by *access.Principal, o id.Outage) (found facilities.Outage, err error) {
	facts, err := s.Facts(ctx)
	if err != nil {
		return found, err
	}
	err = s.db.View(ctx, func(tx *database.Tx) error {
		found, err = facilities.FindOutage(tx, o)
		return err
	})
	if err != nil {
		return found, err
	}
	at, ok := facts.Catalogue.Facility(found.Facility)
	if !ok {
		return facilities.Outage{}, problem.Absent()
	}
	facts.discreetOutage(by, at, &found)
	return found, nil
}

func (f *Facts) discreetOutage(by *access.Principal, at *facilities.Facility, o *facilities.Outage) {
	if !access.Allowed(by, access.SeeFacilityBookings, f.object(at, "", o.Period.Start)) {
		o.Note, o.By = "", 0
	}
}

// Down gives the outage of each unit that is out of service now. It is public.
func (s *Service) Down(ctx context.Context) (down facilities.Down, err error) {
	err = s.db.View(ctx, func(tx *database.Tx) error {
		down, err = facilities.ListDown(tx, tx.Now)
		return err
	})
	return down, err
}

// said is what people are told of an outage in their own language.
func (o *OutageWish) said(lang text.Lang) string {
	out := text.New("Anläggningen tar utrustningen ur drift: %s.", "The facility takes the equipment out of service: %s.",
		o.Outage.Name.In(lang)).In(lang)
	if o.Reason != "" {
		out += " " + o.Reason
	}
	return out
}
