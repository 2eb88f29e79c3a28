package booking

import (
	"context"
	"slices"
	"time"
	"unicode"
	"unicode/utf8"

	"rigg/access"
	"rigg/internal/database"
	"rigg/internal/id"
	"rigg/internal/problem"
	"rigg/internal/text"
)

// The codes of changes that come too late or out of order.
var (
	CodeStale = problem.Declare(problem.Conflict, "stale",
		"Bokningen har ändrats av någon annan", "The booking has been changed by somebody else")
	CodeWrongState = problem.Declare(problem.Conflict, "wrong-state",
		"Det går inte i bokningens nuvarande läge", "Not possible in the booking's present state")
	CodeReasonMissing = problem.Declare(problem.Invalid, "reason-missing",
		"Ange ett skäl", "Give a reason")
)

// Change says which version of a booking somebody acts on, and why. Version 0
// acts on whichever is current.
type Change struct {
	Ref     id.Ref
	Version int
	Reason  string // at most 2 000 characters
}

// step is one change in the making: the locked booking, its facts and who acts.
type step struct {
	*Booking
	tx     *database.Tx
	facts  *Facts
	by     *access.Principal // nil: the program itself
	reason string
	old    Booking
}

// change locks the booking, makes sure that the person may see and do this and
// acts on the current version, and runs f, which must end in save. A booking
// that the person may not see is not found.
func (s *Service) change(ctx context.Context, by *access.Principal, c Change, may access.Action, f func(*step) error) (*Booking, error) {
	return s.changeAfter(ctx, by, c, may, func(*database.Tx, *Facts) error { return nil }, f)
}

// changeAfter is change with something to lock before the booking's own row.
func (s *Service) changeAfter(ctx context.Context, by *access.Principal, c Change, may access.Action,
	lock func(*database.Tx, *Facts) error, f func(*step) error) (*Booking, error) {
	if !plainText(c.Reason, maxText) {
		return nil, problem.CodeInvalid.Say("Skälet får ha högst %d tecken.", "The reason has at most %d characters.", maxText)
	}
	return withFacts(ctx, s, func(facts *Facts) (*Booking, error) {
		return access.Once(ctx, s.db, by, func(tx *database.Tx) (*Booking, error) {
			if err := lock(tx, facts); err != nil {
				return nil, err
			}
			b, err := s.lockFor(tx, facts, by, c, may)
			if err != nil {
				return nil, err
			}
			st := &step{Booking: b, tx: tx, facts: facts, by: by, reason: c.Reason, old: *b}
			if err := f(st); err != nil {
				return nil, err
			}
			return st.Booking, nil
		})
	})
}

func (s *Service) lockFor(tx *database.Tx, facts *Facts, by *access.Principal, c Change, may access.Action) (*Booking, error) {
	booking, err := lockBooking(tx, c.Ref)
	if err != nil {
		return nil, err
	}
	// After the wait for the row, like all that is read here.
	if err := facts.current(tx); err != nil {
		return nil, err
	}
	b, err := findBooking(tx, booking)
	if err != nil {
		return nil, err
	}
	o := facts.ObjectOf(b)
	if !access.Allowed(by, access.SeeBooking, o) {
		return nil, problem.Absent()
	}
	if !access.Allowed(by, may, o) {
		return nil, forbidden()
	}
	if c.Version != 0 && c.Version != b.Version {
		return nil, stale(tx, b, facts.ZoneOf(b))
	}
	return b, nil
}

// ObjectOf is what the booking touches, for access.Allowed.
func (f *Facts) ObjectOf(b *Booking) access.Object {
	r, ok := f.Catalogue.Resource(b.Resources[0])
	if !ok {
		return access.Object{Owner: b.Person, Project: b.Project}
	}
	o := f.object(r.Facility, b.Project, b.Period.Start)
	o.Owner = b.Person
	return o
}

// stale is the answer to who acts on an old version: what happened meanwhile,
// by whom and when, so that two managers who click together see it.
func stale(tx *database.Tx, b *Booking, zone *time.Location) error {
	last := b.History[len(b.History)-1]
	who := text.Text{SV: "systemet", EN: "the system"}
	if last.By != 0 {
		people, err := access.Names(tx, []id.Person{last.By})
		if err != nil {
			return err
		}
		if who = text.New(people[last.By].Name, people[last.By].Name); who.Empty() {
			who = text.Text{SV: "någon som inte längre finns i registret", EN: "somebody who is no longer in the directory"}
		}
	}
	at := last.At.In(zone).Format("2006-01-02 15:04")
	did := last.Action.Name()
	return CodeStale.Say(
		"Bokningen är redan ändrad: %s av %s %s. Ladda om sidan och ta ställning på nytt.",
		"The booking has already changed: %s by %s at %s. Reload the page and look again.",
		lower(did), who, at).With("state", b.State).With("version", b.Version)
}

// lower writes a name in both languages as it stands within a sentence.
func lower(t text.Text) text.Text {
	first := func(s string) string {
		r, n := utf8.DecodeRuneInString(s)
		return string(unicode.ToLower(r)) + s[n:]
	}
	return text.Text{SV: first(t.SV), EN: first(t.EN)}
}

// to moves the booking along an arrow; wrong-state where there is none.
func (s *step) to(next State) error {
	if !s.State.May(next) {
		return s.wrongState()
	}
	s.State = next
	return nil
}

func (s *step) wrongState() error {
	return CodeWrongState.Say("Det går inte när bokningen är i läget ”%s”.",
		"That is not possible while the booking is in the state “%s”.", s.State.Name()).
		With("state", s.State).With("version", s.Version)
}

// save writes the changed booking as its next version, with its history.
func (s *step) save(action Action, details map[string]any) error {
	if err := s.letGo(); err != nil {
		return err
	}
	s.Version++
	s.Changed = s.tx.Now
	e := Event{
		Version: s.Version, At: s.tx.Now, By: s.actor(), Action: action,
		From: s.old.State, To: s.State, Reason: s.reason, Details: details,
	}
	s.History = append(slices.Clip(s.History), e)
	return saveChange(s.tx, s.Booking, e)
}

func (s *step) actor() id.Person {
	if s.by == nil {
		return 0
	}
	return s.by.ID
}

func (s *step) happened() Happened {
	return Happened{Booking: s.ID, Version: s.Version, By: s.actor(), Reason: s.reason}
}

// zone is the site's at the booking's start.
func (s *step) zone() *time.Location { return s.facts.ZoneOf(s.Booking) }

// ZoneAt is the time zone of a facility's site at an instant.
func (f *Facts) ZoneAt(name id.Facility, t time.Time) *time.Location {
	if at, ok := f.Catalogue.Facility(name); ok {
		return at.SiteAt(t).Zone
	}
	return time.UTC
}

// ZoneOf is the time zone of the booking's site at its start.
func (f *Facts) ZoneOf(b *Booking) *time.Location {
	if r, ok := f.Catalogue.Resource(b.Resources[0]); ok {
		return r.Facility.SiteAt(b.Period.Start).Zone
	}
	return time.UTC
}
