package booking

import (
	"context"

	"rigg/access"
	"rigg/internal/id"
	"rigg/internal/problem"
)

// CodeNotInProject refuses to hand a booking over to somebody outside its project.
// It is the same for whoever does not exist, so that it does not tell who does.
var CodeNotInProject = problem.Declare(problem.Refused, "not-in-project",
	"Inte med i projektet", "Not in the project")

// HandOver gives the booking to a colleague on the same project, who must be
// qualified as if they booked it now. Its time, money and reference stay. Codes:
// stale, wrong-state, not-in-project, forbidden, not-found, invalid; *Refused.
func (s *Service) HandOver(ctx context.Context, by *access.Principal, c Change, to string) (*Booking, error) {
	return s.change(ctx, by, c, access.ChangeBooking, func(st *step) error {
		if st.State != Requested && st.State != Confirmed && st.State != Displaced || !st.tx.Now.Before(st.Period.End) {
			return st.wrongState()
		}
		colleague, err := st.colleague(to)
		if err != nil {
			return err
		}
		p, err := st.facts.resolve(Request{Resources: st.Resources, Project: st.Project, Period: st.Period})
		if err != nil {
			return err
		}
		v := &verdict{}
		if err := v.judgePerson(st.tx, colleague, p, access.MissingThroughout); err != nil {
			return err
		}
		if len(v.refusals) > 0 {
			return refused(p, v)
		}
		st.Person = colleague.ID
		if err := setBooker(st.tx, st.ID, st.Person); err != nil {
			return err
		}
		if err := st.save(ActHandOver, map[string]any{"was": st.old.Person, "now": st.Person}); err != nil {
			return err
		}
		st.tx.Enqueue(JobHandedOver{st.happened()})
		return nil
	})
}

// colleague finds somebody else on the project by address.
func (s *step) colleague(email string) (*access.Principal, error) {
	person, err := access.FindPerson(s.tx, email)
	switch {
	case problem.Has(err, problem.CodeNotFound):
		return nil, notInProject(email)
	case problem.Has(err, problem.CodeInvalid):
		return nil, toField(problem.From(err))
	case err != nil:
		return nil, err
	case person.ID == s.Person:
		return nil, toField(problem.CodeInvalid.Say("Bokningen är redan den personens.", "The booking is that person's already."))
	}
	p, err := access.PrincipalOf(s.tx, person.ID)
	if err == nil && !mayBookOn(p, s.Project) {
		err = notInProject(email)
	}
	return p, err
}

func notInProject(email string) error {
	return toField(CodeNotInProject.Say(
		"Ingen med adressen %s är med i projektet. Projektets ledare kan lägga till medlemmar.",
		"Nobody with the address %s is a member of the project. The project's lead can add members.", email))
}

func toField(e *problem.Error) error {
	e.Fields = []problem.Field{{Path: "to", Message: e.Text()}}
	return e
}

// HandedOver gives who had the booking before an event of that kind; 0 for others.
func (e Event) HandedOver() id.Person {
	if e.Action != ActHandOver {
		return 0
	}
	switch was := e.Details["was"].(type) {
	case float64: // as it is stored
		return id.Person(was)
	case id.Person:
		return was
	}
	return 0
}
