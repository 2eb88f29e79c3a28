package booking

import (
	"context"
	"slices"
	"strings"
	"time"

	"rigg/access"
	"rigg/facilities"
	"rigg/funding"
	"rigg/internal/database"
	"rigg/internal/id"
	"rigg/internal/period"
	"rigg/internal/problem"
)

// Request books: the slot is held and the money reserved at once, and the
// booking confirmed at once where the facility's policy says so. All of it is
// one transaction. A refusal is a *Refused with every reason; other codes:
// invalid, forbidden (on behalf of somebody), idempotency-key-reused.
func (s *Service) Request(ctx context.Context, by *access.Principal, in Request) (*Booking, error) {
	b, err := withFacts(ctx, s, func(f *Facts) (*Booking, error) {
		p, err := s.resolve(ctx, f, in)
		if err != nil {
			return nil, err
		}
		return access.Once(ctx, s.db, by, func(tx *database.Tx) (*Booking, error) {
			return s.request(tx, by, p)
		})
	})
	return b, s.withAlternatives(ctx, err)
}

// request is the transaction. Its round trips beside BEGIN and COMMIT: lock
// units, read allocations, lock purses, qualifications where any are needed,
// insert (which compares the facts' number), reserve, jobs.
func (s *Service) request(tx *database.Tx, by *access.Principal, p *plan) (*Booking, error) {
	b, v, err := s.admit(tx, by, p)
	if err != nil {
		return nil, err
	}
	if err := s.write(tx, by, p, b, v); err != nil {
		return nil, err
	}
	if err := p.answersEnquiry(tx, by, b); err != nil {
		return nil, err
	}
	return b, s.askReconfirm(tx, p.facts, b)
}

// admit locks what the plan could take, judges it, and makes the booking of one
// that nothing refuses; it is not yet written.
func (s *Service) admit(tx *database.Tx, by *access.Principal, p *plan) (*Booking, *verdict, error) {
	booker, err := s.booker(tx, by, p)
	if err != nil {
		return nil, nil, err
	}
	if err := facilities.LockUnits(tx, p.units()); err != nil {
		return nil, nil, err
	}
	v, err := s.judge(tx, by, booker, p, facilities.Except{}, funding.LockPurses)
	if err != nil {
		return nil, nil, err
	}
	if len(v.refusals) > 0 {
		return nil, nil, s.refuse(tx, p, v)
	}
	return p.booking(tx.Now, by, booker, v.allocations), v, nil
}

// write writes a booking as admit has made it, with its time, its money and whose
// approvals it needs, and announces it.
func (s *Service) write(tx *database.Tx, by *access.Principal, p *plan, b *Booking, v *verdict) (err error) {
	if err := facilities.Repack(tx, v.moves); err != nil {
		return changedMeanwhile(p, err)
	}
	first := Event{Version: 1, At: tx.Now, By: by.ID, Action: ActRequest, To: b.State, Details: v.details(p, nil)}
	if b.ID, err = insertBooking(tx, b, v.allocations, first, p.facts.Version); err != nil {
		return changedMeanwhile(p, err)
	}
	if err := funding.Reserve(tx, b.ID, b.Version, b.Cost, v.purses, p.firstDay()); err != nil {
		return changedMeanwhile(p, err)
	}
	if err := insertApprovals(tx, b.ID, 0, b.Approvals); err != nil {
		return err
	}
	b.History = []Event{first}
	s.announce(tx, b, by.ID, "")
	return nil
}

// refuse makes the error, unless the facts that it rests on are old.
func (s *Service) refuse(tx *database.Tx, p *plan, v *verdict) error {
	if err := p.facts.current(tx); err != nil {
		return err
	}
	return refused(p, v)
}

// booker is the person that the booking is for: the principal, or somebody on
// whose behalf a manager of the facility or the project's lead books.
func (s *Service) booker(tx *database.Tx, by *access.Principal, p *plan) (*access.Principal, error) {
	if p.OnBehalfOf == "" || strings.EqualFold(p.OnBehalfOf, by.Email) {
		return by, nil
	}
	if !access.Allowed(by, access.BookForOther, p.object()) {
		return nil, access.CodeForbidden.Say(
			"Bara anläggningens ansvariga och projektets ledare får boka åt någon annan.",
			"Only the facility's managers and the project's lead may book for somebody else.")
	}
	person, err := access.FindPerson(tx, p.OnBehalfOf)
	if problem.Has(err, problem.CodeNotFound) {
		e := problem.CodeInvalid.Say("Det finns ingen person med den e-postadressen.", "There is no person with that e-mail address.")
		e.Fields = []problem.Field{{Path: "on_behalf_of", Message: e.Message}}
		return nil, e
	}
	if err != nil {
		return nil, err
	}
	return access.PrincipalOf(tx, person.ID)
}

// object is what the booking touches, for access.Allowed.
func (p *plan) object() access.Object {
	return p.facts.object(p.facility, p.Project, p.Period.Start)
}

func (f *Facts) object(at *facilities.Facility, project id.Project, when time.Time) access.Object {
	o := access.Object{Facility: at.ID, Site: at.SiteAt(when).ID, Project: project}
	if pr, ok := f.Terms.Project(project); ok {
		o.Parties, o.Programme = pr.Parties(), pr.Programme
	}
	return o
}

// booking makes the domain value of a plan that nothing refuses.
func (p *plan) booking(now time.Time, by, booker *access.Principal, taken []allocation) *Booking {
	b := &Booking{
		Ref: id.NewRef(), Version: 1, State: Requested,
		Project: p.project.ID, Agreement: p.cost.Agreement, Person: booker.ID, CreatedBy: by.ID,
		Resources: namesOf(p.resources), Along: p.along, Period: p.Period,
		Purpose: p.Purpose, Attendees: p.Attendees, Created: now, Changed: now, Cost: p.cost,
	}
	for _, r := range p.resources {
		b.Buffers = append(b.Buffers, Buffer{r.Rules.SetUp.Duration(), r.Rules.CleanUp.Duration()})
	}
	for _, a := range taken {
		b.Units = append(b.Units, a.unit)
		if r, ok := p.facts.Catalogue.Resource(a.resource); ok && r.Provisional() && !a.pinned && now.Before(a.period.Start) {
			b.Provisional = append(b.Provisional, a.unit)
		}
	}
	slices.Sort(b.Units)
	slices.Sort(b.Provisional)
	if b.Approvals = p.approvals(now, by, booker); len(awaited(b.Approvals)) == 0 {
		b.State = Confirmed
	}
	return b
}

func (p *plan) firstDay() period.Date { return period.DateOf(p.Period.Start, p.zone) }

func (p *plan) lastDay() period.Date { return period.DateOf(p.Period.End.Add(-time.Minute), p.zone) }

// announce enqueues what the change to the booking's present state means for
// others, and for a confirmed booking its reminders.
func (s *Service) announce(tx *database.Tx, b *Booking, by id.Person, reason string) {
	h := Happened{Booking: b.ID, Version: b.Version, By: by, Reason: reason}
	if announceTogether(tx, b, by, reason) {
		if b.State == Confirmed {
			s.scheduleReminders(tx, b)
		}
		return
	}
	switch b.State {
	case Requested:
		tx.Enqueue(JobRequested{h})
	case Confirmed:
		tx.Enqueue(JobConfirmed{h})
		s.scheduleReminders(tx, b)
	case Declined:
		tx.Enqueue(JobDeclined{h})
	case Cancelled:
		tx.Enqueue(JobCancelled{h})
	case Expired:
		tx.Enqueue(JobExpired{h})
	case NoShow:
		tx.Enqueue(JobNoShow{h})
	case Completed:
		tx.Enqueue(JobCompleted{h})
	case InUse, Displaced: // nobody is told
	}
}

// scheduleReminders leaves out a moment that has passed already: who books two
// hours ahead has just read the confirmation.
func (s *Service) scheduleReminders(tx *database.Tx, b *Booking) {
	for _, before := range s.remind {
		if at := b.Period.Start.Add(-before); at.After(tx.Now) {
			tx.EnqueueAt(at, JobReminder{Booking: b.ID, Start: b.Period.Start, BeforeMin: int(before / time.Minute)})
		}
	}
}
