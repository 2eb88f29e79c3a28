package booking

import (
	"context"
	"errors"
	"slices"

	"rigg/access"
	"rigg/facilities"
	"rigg/funding"
	"rigg/internal/database"
	"rigg/internal/id"
	"rigg/internal/period"
	"rigg/internal/problem"
)

// The codes of refusals that belong to no other package.
var (
	CodeRefused = problem.Declare(problem.Refused, "refused",
		"Bokningen går inte att göra", "The booking is refused")
	CodeNotAMember = problem.Declare(problem.Refused, "not-a-member",
		"Inte med i projektet", "Not a member of the project")
	CodeNotQualified = problem.Declare(problem.Refused, "not-qualified",
		"Behörighet saknas", "A qualification is missing")
)

// Refused is the error of a booking that some rule refuses: all the reasons at
// once, and times that would do. Its code is refused, or slot-taken when time is
// the only reason.
type Refused struct {
	Problem      *problem.Error
	Refusals     []*problem.Error
	Alternatives []Alternative

	plan *plan // nil, or what to find alternatives for once no lock is held
	own  facilities.Except
}

// Error is the text for the log.
func (r *Refused) Error() string { return r.Problem.Error() }

// Unwrap gives the problem.
func (r *Refused) Unwrap() error { return r.Problem }

// verdict is what the policy says of a plan: the one path for the API, the
// pages, rigg load and the demo's generator.
type verdict struct {
	refusals    []*problem.Error
	overridden  []*problem.Error // that a manager has set aside
	time        bool             // some of the refusals are about the time
	allocations []allocation
	moves       []facilities.Move // to be made before them (facilities.Repack)
	purses      []funding.Purse
}

// allocation is one unit to take for one period, buffers included.
type allocation struct {
	unit     id.Unit
	resource id.Resource // that it is taken for
	period   period.Period
	pinned   bool
}

// pursesFunc gets the project's purses of some years: locked, or just read.
type pursesFunc func(tx *database.Tx, project id.Project, years []int) ([]funding.Purse, error)

// judge applies every rule, and sets aside those that a manager overrides with a
// reason. Its caller has locked the units, or holds nothing and just asks; judge
// finds room among them, then locks or gets what else it looks into. What is the
// plan's own (the booking that it would move, the hold that it would take up) does
// not count against it.
func (s *Service) judge(tx *database.Tx, by, booker *access.Principal, p *plan, own facilities.Except, purses pursesFunc) (*verdict, error) {
	return judgeFrom(tx, by, booker, p, readFor(own, purses))
}

func judgeFrom(tx *database.Tx, by, booker *access.Principal, p *plan, from sources) (*verdict, error) {
	v, err := judgeAll(tx, by, booker, p, from)
	if err != nil {
		return nil, err
	}
	return v, v.override(by, p)
}

func judgeAll(tx *database.Tx, by, booker *access.Principal, p *plan, from sources) (*verdict, error) {
	v := &verdict{}
	p.booker = booker
	room, err := from.room(tx, p)
	if err != nil {
		return nil, err
	}
	member := p.project != nil && mayBookOn(booker, p.project.ID)
	if err := from.subjects(tx, p); err != nil {
		return nil, err
	}
	if member && p.cost != nil {
		if v.purses, err = from.purses(tx, p.project.ID, p.years()); err != nil {
			return nil, err
		}
	}
	v.judgeTime(tx, p, room)
	if err := v.judgePerson(tx, booker, p, from.missing); err != nil {
		return nil, err
	}
	if err := v.judgeOwn(tx, by, p, from); err != nil {
		return nil, err
	}
	if !member {
		v.refusals = append(v.refusals, notAMember())
		return v, nil
	}
	money := p.money
	if p.cost != nil {
		money = slices.Concat(money, p.cost.Cover(v.purses))
	}
	v.refusals = append(v.refusals, p.discreet(by, money)...)
	return v, nil
}

// discreet keeps the numbers behind a project's money from who books or moves for
// another without being let into it, such as the facility's manager (DESIGN.md 6).
func (p *plan) discreet(by *access.Principal, refusals []*problem.Error) []*problem.Error {
	if access.Allowed(by, access.SeeAllShares, p.object()) {
		return refusals
	}
	return withoutNumbers(refusals)
}

// withoutNumbers says of money only that there is too little of it.
func withoutNumbers(refusals []*problem.Error) []*problem.Error {
	out := slices.Clone(refusals)
	for i, e := range out {
		switch e.Code {
		case funding.CodeGrantExceeded, funding.CodeBudgetExceeded, funding.CodePublicShareExceeded:
			out[i] = e.Code.Say("Projektets finansiering räcker inte till. Projektets ledare kan se varför.",
				"The project's funding is not enough. The project's lead can see why.")
		}
	}
	return out
}

func (v *verdict) judgeTime(tx *database.Tx, p *plan, r *room) {
	seen := map[string]bool{}
	for _, r := range p.seen() {
		for _, refusal := range r.Judge(p.Period, p.judgedAt(tx.Now)) {
			if key := refusal.Code.Slug + refusal.Message.EN; !seen[key] {
				seen[key] = true
				v.refusals = append(v.refusals, refusal)
			}
		}
	}
	if v.allocations, v.moves = r.taken, r.moves; r.taken == nil {
		v.refusals = append(v.refusals, facilities.UnfreeAll(p.resources, p.Period, r.busy)...)
	}
	v.time = len(v.refusals) > 0
}

func (v *verdict) judgePerson(tx *database.Tx, booker *access.Principal, p *plan, missing missingFunc) error {
	needs := p.needs()
	if len(needs) == 0 {
		return nil
	}
	found, err := missing(tx, booker.ID, needs, p.firstDay(), p.lastDay())
	if err != nil {
		return err
	}
	for _, q := range found {
		name := p.facts.Qualifications[q]
		v.refusals = append(v.refusals, CodeNotQualified.Say(
			"Behörigheten ”%s” saknas eller gäller inte under hela bokningen. Kontakta anläggningen för att få den.",
			"The qualification “%s” is missing, or does not last the whole booking. Contact the facility to get it.", name).
			With("qualification", q))
	}
	return nil
}

func mayBookOn(booker *access.Principal, project id.Project) bool {
	return access.Allowed(booker, access.Book, access.Object{Project: project})
}

// notAMember is the same for a project that does not exist, so that it does not
// tell which do.
func notAMember() *problem.Error {
	return CodeNotAMember.Say(
		"Projektet finns inte, eller så är den som bokar inte med i det. Projektets ledare kan lägga till medlemmar.",
		"There is no such project, or the booker is not a member of it. The project's lead can add members.")
}

// refused makes the error of a plan and its refusals.
func refused(p *plan, v *verdict) *Refused {
	r := &Refused{Refusals: v.refusals}
	if v.time {
		r.plan = p
	}
	if v.onlyTime() {
		r.Problem = facilities.CodeSlotTaken.New(v.refusals[0].Message)
		return r
	}
	r.Problem = CodeRefused.Say("Bokningen går inte att göra: se varje skäl.", "The booking is refused: see each reason.")
	return r
}

// changedMeanwhile turns what the constraints say of others' changes into the
// ordinary answers. The locks make a taken unit unreachable; the constraint stays
// as the guard. An agreement that nobody has used may be replaced while the
// booking that would be its first waits for that: it is made on the new one.
func changedMeanwhile(p *plan, err error) error {
	switch database.Constraint(err) {
	case "allocations_no_overlap":
		return refused(p, &verdict{refusals: []*problem.Error{facilities.SlotTaken()}, time: true})
	case "bookings_agreement_id_fkey", "charges_agreement_id_fkey":
		return errStale
	}
	return err
}

// withAlternatives adds to a refusal the times that would do, read after the
// refused transaction has let go of its locks.
func (s *Service) withAlternatives(ctx context.Context, err error) error {
	var r *Refused
	if !errors.As(err, &r) || r.plan == nil {
		return err
	}
	var lookErr error
	r.Alternatives, lookErr = s.alternatives(ctx, r.plan, r.own)
	if lookErr != nil {
		return lookErr
	}
	return r
}
