package booking

import (
	"context"
	"errors"
	"slices"
	"time"

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
	Alternatives []facilities.Alternative
	Resources    []*facilities.Resource // that were asked for

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
	time        bool // some of them are about the time
	allocations []allocation
	purses      []funding.Purse
}

// allocation is one unit to take for one period, buffers included.
type allocation struct {
	unit     id.Unit
	resource id.Resource // that it is taken for
	period   period.Period
}

// pursesFunc gets the project's purses of some years: locked, or just read.
type pursesFunc func(tx *database.Tx, project id.Project, years []int) ([]funding.Purse, error)

// sources are where judge learns what the database holds. For one booking each is
// a query; the occurrences of a series are judged by what was read for all of them
// at once (docket).
type sources struct {
	purses  pursesFunc
	busy    func(tx *database.Tx, p *plan) (facilities.Busy, error)
	missing func(tx *database.Tx, person id.Person, need []id.Qualification, day period.Date) ([]id.Qualification, error)
}

// judge applies every rule. Its caller has locked the units, or holds nothing
// and just asks; judge gets the purses and then reads, so that what it reads is
// newer than the wait. What is the plan's own (the booking that it would move, the
// hold that it would take up) does not count against it.
func (s *Service) judge(tx *database.Tx, by, booker *access.Principal, p *plan, own facilities.Except, purses pursesFunc) (*verdict, error) {
	return s.judgeFrom(tx, by, booker, p, sources{
		purses: purses,
		busy: func(tx *database.Tx, p *plan) (facilities.Busy, error) {
			return facilities.LoadBusy(tx, p.units(), facilities.Reach(p.resources, p.Period), own)
		},
		missing: access.MissingQualifications,
	})
}

func (s *Service) judgeFrom(tx *database.Tx, by, booker *access.Principal, p *plan, from sources) (*verdict, error) {
	v := &verdict{}
	member := p.project != nil && mayBookOn(booker, p.project.ID)
	if member && p.cost != nil {
		var err error
		if v.purses, err = from.purses(tx, p.project.ID, p.years()); err != nil {
			return nil, err
		}
	}
	busy, err := from.busy(tx, p)
	if err != nil {
		return nil, err
	}
	v.judgeTime(tx, p, busy)
	if err := v.judgePerson(tx, booker, p, from); err != nil {
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

func (v *verdict) judgeTime(tx *database.Tx, p *plan, busy facilities.Busy) {
	seen := map[string]bool{}
	for _, r := range p.resources {
		for _, refusal := range r.Judge(p.Period, tx.Now) {
			if key := refusal.Code.Slug + refusal.Message.EN; !seen[key] {
				seen[key] = true
				v.refusals = append(v.refusals, refusal)
			}
		}
	}
	var ok bool
	if v.allocations, ok = p.pick(busy); !ok {
		v.refusals = append(v.refusals, facilities.UnfreeAll(p.resources, p.Period, busy)...)
	}
	v.time = len(v.refusals) > 0
}

func (v *verdict) judgePerson(tx *database.Tx, booker *access.Principal, p *plan, from sources) error {
	needs := p.needs()
	if len(needs) == 0 {
		return nil
	}
	var missing []id.Qualification
	for _, day := range p.qualifiedOn() {
		found, err := from.missing(tx, booker.ID, needs, day)
		if err != nil {
			return err
		}
		missing = append(missing, found...)
	}
	slices.Sort(missing)
	for _, q := range slices.Compact(missing) {
		name := p.facts.Qualifications[q]
		v.refusals = append(v.refusals, CodeNotQualified.Say(
			"Behörigheten ”%s” saknas eller gäller inte under hela bokningen. Kontakta anläggningen för att få den.",
			"The qualification “%s” is missing, or does not last the whole booking. Contact the facility to get it.", name).
			With("qualification", q))
	}
	return nil
}

// qualifiedOn are the days on which the booker must hold what the resources ask
// for: the booking's first and its last.
func (p *plan) qualifiedOn() []period.Date {
	return slices.Compact([]period.Date{p.firstDay(), period.DateOf(p.Period.End.Add(-time.Minute), p.zone)})
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
	r := &Refused{Refusals: v.refusals, Resources: p.resources}
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

// takenMeanwhile turns the exclusion constraint's refusal into the ordinary one.
// The locks make it unreachable; the constraint stays as the guard.
func takenMeanwhile(p *plan, err error) error {
	if database.Constraint(err) != "allocations_no_overlap" {
		return err
	}
	return refused(p, &verdict{refusals: []*problem.Error{facilities.SlotTaken()}, time: true})
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

func (s *Service) alternatives(ctx context.Context, p *plan, own facilities.Except) (found []facilities.Alternative, err error) {
	err = s.db.View(ctx, func(tx *database.Tx) error {
		busy, err := facilities.LoadBusy(tx, p.units(), facilities.AlternativesWindow(p.resources, p.Period), own)
		if err != nil {
			return err
		}
		found = facilities.Alternatives(p.resources, p.Period, busy, tx.Now)
		return nil
	})
	return found, err
}
