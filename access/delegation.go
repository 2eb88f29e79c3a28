package access

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"rigg/internal/database"
	"rigg/internal/id"
	"rigg/internal/period"
	"rigg/internal/problem"
)

// The refusals of who stands in for whom.
var (
	CodeNotAColleague = problem.Declare(problem.Refused, "not-a-colleague",
		"Ingen kollega till dig", "Not a colleague of yours")
	CodeTooManyDelegations = problem.Declare(problem.Refused, "too-many-delegations",
		"För många ersättare", "Too many stand-ins")
)

const (
	maxDelegations    = 20  // of one person, in force or to come
	maxDelegationDays = 366 // from the first day to the last
	maxDelegationText = 500 // characters
)

// lendable are the roles whose grants a delegate holds too. What was lent is not
// lent on: only a person's own grants are.
var lendable = []Role{FacilityManager, HostManager, ProjectLead}

// delegationZone is whose days delegations are in: a person is not at a site.
var delegationZone = func() *time.Location {
	zone, err := time.LoadLocation("Europe/Stockholm")
	if err != nil {
		panic(err) // the zones are embedded in the program
	}
	return zone
}()

// Delegation lets one person act for another, from its first day to its last.
type Delegation struct {
	ID       id.Delegation
	From, To Person
	First    period.Date
	Last     period.Date
	Reason   string
}

// InForce tells whether the delegation holds at the instant.
func (d Delegation) InForce(t time.Time) bool { return inForce(d.First, d.Last, t) }

func inForce(first, last period.Date, t time.Time) bool {
	today := period.DateOf(t, delegationZone)
	return !today.Before(first) && !last.Before(today)
}

// Absence is what somebody says before they go away.
type Absence struct {
	To     string // the delegate's e-mail address
	First  period.Date
	Last   period.Date
	Reason string // at most 500 characters; the delegate reads it
}

// Delegated announces a new delegation.
type Delegated struct {
	Delegation id.Delegation `json:"delegation"`
}

// Kind names the job.
func (Delegated) Kind() string { return "delegated" }

// lentGrant is a grant of somebody else's, and when it is lent.
type lentGrant struct {
	Grant
	First string `json:"first"`
	Last  string `json:"last"`
}

// withLent adds what is lent at the time to a person's own grants.
func withLent(own []Grant, lent []lentGrant, now time.Time) []Grant {
	out := own
	for _, l := range lent {
		first, errFirst := period.ParseDate(l.First)
		last, errLast := period.ParseDate(l.Last)
		if errFirst == nil && errLast == nil && inForce(first, last, now) && !slices.Contains(out, l.Grant) {
			out = append(slices.Clip(out), l.Grant)
		}
	}
	return out
}

// Delegate has a colleague stand in for the principal: while it is in force they
// manage and lead what the principal does, and hear of what the managers hear.
// Codes: invalid, not-a-colleague, too-many-delegations.
func (s *Service) Delegate(ctx context.Context, by *Principal, a Absence) (Delegation, error) {
	if err := a.check(s.db.Now()); err != nil {
		return Delegation{}, err
	}
	return Once(ctx, s.db, by, func(tx *database.Tx) (Delegation, error) {
		if !Allowed(by, Delegate, Object{Owner: by.ID}) {
			return Delegation{}, CodeForbidden.Say("Du kan inte ha någon ersättare.", "You can have nobody stand in for you.")
		}
		to, err := findColleague(tx, by.ID, a.To)
		if problem.Has(err, problem.CodeNotFound) { // the same for whoever does not exist: it tells who does
			return Delegation{}, notAColleague(a.To)
		}
		if err != nil {
			return Delegation{}, err
		}
		today := period.DateOf(tx.Now, delegationZone)
		if n, err := countDelegations(tx, by.ID, today); err != nil || n >= maxDelegations {
			return Delegation{}, orTooMany(err)
		}
		d := Delegation{From: by.Person, To: to, First: a.First, Last: a.Last, Reason: a.Reason}
		if d.ID, err = insertDelegation(tx, d); err != nil {
			return Delegation{}, err
		}
		tx.Enqueue(Delegated{Delegation: d.ID})
		return d, Audit(tx, by.ID, "delegate", fmt.Sprintf("delegation/%d", d.ID),
			map[string]any{"to": to.ID, "first": a.First.String(), "last": a.Last.String()})
	})
}

func orTooMany(err error) error {
	if err != nil {
		return err
	}
	return CodeTooManyDelegations.Say("Du kan ha högst %d kommande ersättare. Ta bort någon först.",
		"You can have at most %d stand-ins ahead. Remove one first.", maxDelegations).With("limit", maxDelegations)
}

func notAColleague(email string) error {
	e := CodeNotAColleague.Say(
		"Det finns ingen med adressen %s i din organisation. Bara en kollega kan ersätta dig.",
		"There is nobody with the address %s in your organisation. Only a colleague can stand in for you.", email)
	e.Fields = []problem.Field{{Path: "to", Message: e.Message}}
	return e
}

// check says what is wrong with an absence by itself.
func (a Absence) check(now time.Time) error {
	today := period.DateOf(now, delegationZone)
	switch {
	case strings.TrimSpace(a.To) == "":
		return invalid("to", "Ange vem som ersätter dig.", "Say who stands in for you.")
	case a.Last.Before(a.First):
		return invalid("until", "Sista dagen är före den första.", "The last day is before the first.")
	case a.Last.Before(today):
		return invalid("until", "Sista dagen har redan passerat.", "The last day has passed already.")
	case a.First.Next(maxDelegationDays - 1).Before(a.Last):
		return invalid("until", "En ersättare kan utses för högst %d dagar i taget.",
			"Somebody can stand in for at most %d days at a time.", maxDelegationDays)
	case !utf8.ValidString(a.Reason) || utf8.RuneCountInString(a.Reason) > maxDelegationText || strings.ContainsFunc(a.Reason, hidden):
		return invalid("reason", "Skälet får ha högst %d tecken på en rad.",
			"The reason has at most %d characters on one line.", maxDelegationText)
	}
	return nil
}

func hidden(r rune) bool { return unicode.IsControl(r) }

// ListDelegations gives the delegations that are in force or to come: those that
// the principal has made and those by which they stand in, by first day.
func (s *Service) ListDelegations(ctx context.Context, by *Principal) (out []Delegation, err error) {
	err = s.db.View(ctx, func(tx *database.Tx) error {
		out, err = listDelegations(tx, `(d.from_person = $1 or d.to_person = $1) and d.until_date >= $2::text::date`,
			int64(by.ID), period.DateOf(tx.Now, delegationZone).String())
		return err
	})
	return out, err
}

// EndDelegation ends one of the principal's own at once. Code: not-found.
func (s *Service) EndDelegation(ctx context.Context, by *Principal, d id.Delegation) error {
	return s.db.Update(ctx, func(tx *database.Tx) error {
		found, err := FindDelegation(tx, d)
		if err != nil {
			return err
		}
		if !Allowed(by, Delegate, Object{Owner: found.From.ID}) {
			return problem.Absent()
		}
		if err := deleteDelegation(tx, d); err != nil {
			return err
		}
		return Audit(tx, by.ID, "end_delegation", fmt.Sprintf("delegation/%d", d), map[string]any{"to": found.To.ID})
	})
}

// FindDelegation gives one delegation. Code: not-found.
func FindDelegation(tx *database.Tx, d id.Delegation) (Delegation, error) {
	found, err := listDelegations(tx, `d.id = $1`, int64(d))
	if err != nil {
		return Delegation{}, err
	}
	if len(found) == 0 {
		return Delegation{}, problem.Absent()
	}
	return found[0], nil
}

// HoldersNow are Holders and those who stand in for one of them today.
func HoldersNow(tx *database.Tx, role Role, scope string) ([]Person, error) {
	out, err := Holders(tx, role, scope)
	if err != nil || !slices.Contains(lendable, role) {
		return out, err
	}
	var holders []id.Person
	for _, p := range out {
		holders = append(holders, p.ID)
	}
	lent, err := listDelegations(tx, `d.from_person = any($1::bigint[]) and $2::text::date between d.from_date and d.until_date`,
		holders, period.DateOf(tx.Now, delegationZone).String())
	for _, d := range lent {
		if !slices.ContainsFunc(out, func(p Person) bool { return p.ID == d.To.ID }) {
			out = append(out, d.To)
		}
	}
	return out, err
}
