package notify

import (
	"context"
	"fmt"
	"slices"

	"rigg/access"
	"rigg/booking"
	"rigg/internal/database"
	"rigg/internal/id"
	"rigg/internal/text"
)

// Reported tells the facility's managers of a problem with a resource.
func (s *Service) Reported(ctx context.Context, j booking.JobReported) error {
	facts, err := s.booking.Facts(ctx)
	if err != nil {
		return err
	}
	r, err := s.booking.FindReport(ctx, j.Report)
	if err != nil {
		return err
	}
	l := letter{Kind: Reported, Quote: r.Text, Link: s.baseURL + "/facilities/" + string(r.Facility) + "/desk"}
	return s.db.Update(ctx, func(tx *database.Tx) error {
		o := facts.ObjectOfEnquiry(&booking.Enquiry{Facility: r.Facility}, tx.Now)
		to, err := managersOf(tx, o)
		if err != nil {
			return err
		}
		return s.tellOf(tx, facts, about{
			letter: l, key: fmt.Sprintf("%s/%d", Reported, r.ID), facility: r.Facility, resource: r.Resource, by: r.By,
			may: func(p *access.Principal) bool { return access.Allowed(p, access.SeeDesk, o) },
			say: func(l *letter) {
				l.add(text.New("Allvar", "Severity"), r.Severity.Name().In(l.Lang))
				if !r.Until.IsZero() {
					at := facts.ZoneOf(&booking.Booking{Resources: []id.Resource{r.Resource}})
					l.add(text.New("Beräknas fungera", "Expected to work"), moment(r.Until.In(at)).In(l.Lang))
				}
			},
		}, to)
	})
}

// EnquiryWritten gives one message of an enquiry to the other side: the managers,
// or who asked.
func (s *Service) EnquiryWritten(ctx context.Context, j booking.JobEnquiryWritten) error {
	facts, err := s.booking.Facts(ctx)
	if err != nil {
		return err
	}
	e, err := s.booking.EnquiryByID(ctx, j.Enquiry)
	if err != nil {
		return err
	}
	at := slices.IndexFunc(e.Lines, func(l booking.Line) bool { return l.ID == j.Line })
	if at < 0 {
		return fmt.Errorf("enquiry %d has no message %d", j.Enquiry, j.Line)
	}
	line := e.Lines[at]
	l := letter{Kind: EnquiryAsked, Quote: line.Text, Link: s.baseURL + "/enquiries/" + string(e.Ref)}
	l.Words.Was = oneLine(e.Subject)
	return s.db.Update(ctx, func(tx *database.Tx) error {
		o, to := facts.ObjectOfEnquiry(e, tx.Now), []id.Person{e.Person}
		if line.Staff {
			l.Kind = EnquiryAnswered
		} else if to, err = managersOf(tx, o); err != nil {
			return err
		}
		return s.tellOf(tx, facts, about{
			letter: l, key: fmt.Sprintf("%s/%d/%d", l.Kind, e.ID, line.ID), facility: e.Facility, resource: e.Resource, by: line.By,
			may: func(p *access.Principal) bool { return access.Allowed(p, access.SeeEnquiry, o) },
		}, to)
	})
}

// about is news that is not of a booking.
type about struct {
	letter
	key      string
	facility id.Facility
	resource id.Resource // empty: of the facility as a whole
	by       id.Person   // who is not told
	may      func(*access.Principal) bool
	say      func(*letter)
}

// tellOf writes one message to each reader who may know of it.
func (s *Service) tellOf(tx *database.Tx, facts *booking.Facts, a about, to []id.Person) error {
	names, err := access.Names(tx, []id.Person{a.by})
	if err != nil {
		return err
	}
	n := &news{Booking: &booking.Booking{}, facts: facts, names: names}
	n.at, _ = facts.Catalogue.Facility(a.facility)
	var resources []id.Resource
	if a.resource != "" {
		resources = []id.Resource{a.resource}
	}
	for _, person := range to {
		p, err := access.PrincipalOf(tx, person)
		if err != nil {
			return err
		}
		if person == a.by || !a.may(p) {
			continue
		}
		l := a.letter
		l.Lang, l.Words.Name, l.Words.By = p.Language, oneLine(p.Name), n.person(a.by)
		if l.Words.What = n.what(resources, p.Language); len(resources) == 0 && n.at != nil {
			l.Words.What = oneLine(n.at.Name.In(p.Language))
		}
		if a.say != nil {
			a.say(&l)
		}
		said, err := s.templates.render(l)
		if err != nil {
			return err
		}
		if err := put(tx, messageRow{
			Key: fmt.Sprintf("%s/%d", a.key, p.ID), Kind: l.Kind, PersonID: p.ID, Address: p.Email, Language: p.Language,
			Subject: said.Subject, Body: said.Text, BodyHTML: said.HTML,
		}, 0); err != nil {
			return err
		}
	}
	return nil
}
