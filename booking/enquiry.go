package booking

import (
	"context"
	"strings"
	"time"
	"unicode"

	"rigg/access"
	"rigg/facilities"
	"rigg/internal/database"
	"rigg/internal/id"
	"rigg/internal/problem"
	"rigg/internal/text"
)

// EnquiryState is where an enquiry stands.
type EnquiryState string

// The states of an enquiry. It is open while the facility is to answer.
const (
	EnquiryOpen     EnquiryState = "open"
	EnquiryAnswered EnquiryState = "answered"
	EnquiryClosed   EnquiryState = "closed"
	EnquiryBooked   EnquiryState = "booked"
)

// Enquiry is a question to a facility without a time: can this line do my part?
// The asker and the facility's managers see it, and nobody of the asker's project.
type Enquiry struct {
	ID       id.Enquiry
	Ref      id.Ref
	Facility id.Facility
	Resource id.Resource // empty: of the facility as a whole
	Person   id.Person   // who asks; in any project or none
	Project  id.Project  // that it would be for; empty: not known
	Subject  string
	State    EnquiryState
	Created  time.Time
	Changed  time.Time
	Lines    []Line   // oldest first
	Bookings []id.Ref // that came out of it
}

// Line is one message of an enquiry.
type Line struct {
	ID    id.Line
	By    id.Person
	Staff bool // from the facility's side
	Text  string
	At    time.Time
}

// Question is how an enquiry begins.
type Question struct {
	Facility id.Facility // or of Resource
	Resource id.Resource
	Project  id.Project
	Subject  string // one line, at most 200 characters
	Text     string // at most 4 000 characters
}

const (
	maxSubject = 200
	maxLines   = 500 // of one enquiry
)

// ObjectOfEnquiry is what the enquiry touches, for access.Allowed.
func (f *Facts) ObjectOfEnquiry(e *Enquiry, now time.Time) access.Object {
	o := access.Object{Owner: e.Person, Facility: e.Facility}
	if at, ok := f.Catalogue.Facility(e.Facility); ok {
		o.Site = at.SiteAt(now).ID
	}
	return o
}

// Enquire asks a facility something; its managers are told. Codes: invalid,
// not-found, not-a-member.
func (s *Service) Enquire(ctx context.Context, by *access.Principal, q Question) (*Enquiry, error) {
	facts, err := s.Facts(ctx)
	if err != nil {
		return nil, err
	}
	at, err := facts.askedOf(q)
	if err != nil {
		return nil, err
	}
	if err := q.check(); err != nil {
		return nil, err
	}
	if q.Project != "" && !mayBookOn(by, q.Project) {
		return nil, notAMember()
	}
	return access.Once(ctx, s.db, by, func(tx *database.Tx) (*Enquiry, error) {
		e := &Enquiry{
			Ref: id.NewRef(), Facility: at.ID, Resource: q.Resource, Person: by.ID, Project: q.Project,
			Subject: strings.TrimSpace(q.Subject), State: EnquiryOpen, Created: tx.Now, Changed: tx.Now,
		}
		if e.ID, err = insertEnquiry(tx, e); err != nil {
			return nil, err
		}
		return e, e.write(tx, Line{By: by.ID, Text: q.Text, At: tx.Now})
	})
}

func (f *Facts) askedOf(q Question) (*facilities.Facility, error) {
	if q.Resource != "" {
		r, ok := f.Catalogue.Resource(q.Resource)
		if !ok || q.Facility != "" && q.Facility != r.Facility.ID {
			return nil, problem.Absent()
		}
		return r.Facility, nil
	}
	at, ok := f.Catalogue.Facility(q.Facility)
	if !ok {
		return nil, problem.Absent()
	}
	return at, nil
}

func (q *Question) check() error {
	var fields []problem.Field
	if s := strings.TrimSpace(q.Subject); s == "" || !plainText(s, maxSubject) || strings.ContainsFunc(s, unicode.IsControl) {
		fields = append(fields, problem.Field{Path: "subject", Message: text.New(
			"Skriv på en rad vad frågan gäller, högst %d tecken.", "Say on one line what it is about, in at most %d characters.", maxSubject)})
	}
	if wrong := badLine(q.Text); wrong != nil {
		fields = append(fields, *wrong)
	}
	if fields == nil {
		return nil
	}
	e := problem.CodeInvalid.Say("Frågan går inte att läsa; se varje uppgift.", "The enquiry cannot be read; see each part.")
	e.Fields = fields
	return e
}

func badLine(s string) *problem.Field {
	if strings.TrimSpace(s) != "" && plainText(s, maxNotes) {
		return nil
	}
	return &problem.Field{Path: "text", Message: text.New(
		"Skriv ett meddelande på högst %d tecken.", "Write a message of at most %d characters.", maxNotes)}
}

// write adds a message, moves the state and tells the other side.
func (e *Enquiry) write(tx *database.Tx, l Line) error {
	var err error
	if l.ID, err = insertLine(tx, e.ID, l); err != nil {
		return err
	}
	e.Lines = append(e.Lines, l)
	tx.Enqueue(JobEnquiryWritten{Enquiry: e.ID, Line: l.ID})
	return nil
}

// AnswerEnquiry writes a message in an enquiry, for the facility where the person
// manages it and did not ask. Writing opens one that was closed. Codes: not-found,
// forbidden, invalid, wrong-state where it is as long as it can be.
func (s *Service) AnswerEnquiry(ctx context.Context, by *access.Principal, ref id.Ref, words string) (*Enquiry, error) {
	if wrong := badLine(words); wrong != nil {
		e := problem.CodeInvalid.New(wrong.Message)
		e.Fields = []problem.Field{*wrong}
		return nil, e
	}
	return s.changeEnquiry(ctx, by, ref, func(tx *database.Tx, e *Enquiry, staff bool) error {
		if len(e.Lines) >= maxLines {
			return CodeWrongState.Say("Frågan är för lång; ställ en ny.", "The enquiry is too long; make a new one.")
		}
		e.State = EnquiryOpen
		if staff {
			e.State = EnquiryAnswered
		}
		return e.write(tx, Line{By: by.ID, Staff: staff, Text: words, At: tx.Now})
	})
}

// CloseEnquiry ends an enquiry; one that is closed stays so. Codes: not-found,
// forbidden.
func (s *Service) CloseEnquiry(ctx context.Context, by *access.Principal, ref id.Ref) (*Enquiry, error) {
	return s.changeEnquiry(ctx, by, ref, func(_ *database.Tx, e *Enquiry, _ bool) error {
		e.State = EnquiryClosed
		return nil
	})
}

func (s *Service) changeEnquiry(ctx context.Context, by *access.Principal, ref id.Ref, f func(*database.Tx, *Enquiry, bool) error) (*Enquiry, error) {
	facts, err := s.Facts(ctx)
	if err != nil {
		return nil, err
	}
	return access.Once(ctx, s.db, by, func(tx *database.Tx) (*Enquiry, error) {
		if err := lockEnquiry(tx, ref); err != nil {
			return nil, err
		}
		e, err := findEnquiry(tx, `e.ref = $1`, string(ref))
		if err != nil {
			return nil, err
		}
		o := facts.ObjectOfEnquiry(e, tx.Now)
		if !access.Allowed(by, access.SeeEnquiry, o) {
			return nil, problem.Absent()
		}
		if !access.Allowed(by, access.WriteEnquiry, o) {
			return nil, access.CodeForbidden.Say("Du får läsa frågan men inte svara på den.", "You may read the enquiry but not answer it.")
		}
		staff := by.ID != e.Person && access.Allowed(by, access.AnswerEnquiry, o)
		if err := f(tx, e, staff); err != nil {
			return nil, err
		}
		e.Changed = tx.Now
		return e, saveEnquiry(tx, e)
	})
}

// FindEnquiry gives an enquiry with its messages. Code: not-found.
func (s *Service) FindEnquiry(ctx context.Context, by *access.Principal, ref id.Ref) (e *Enquiry, err error) {
	facts, err := s.Facts(ctx)
	if err != nil {
		return nil, err
	}
	err = s.db.View(ctx, func(tx *database.Tx) error {
		e, err = findEnquiry(tx, `e.ref = $1`, string(ref))
		return err
	})
	if err != nil {
		return nil, err
	}
	if !access.Allowed(by, access.SeeEnquiry, facts.ObjectOfEnquiry(e, s.db.Now())) {
		return nil, problem.Absent()
	}
	return e, nil
}

// EnquiryByID is FindEnquiry for jobs, which act for the program.
func (s *Service) EnquiryByID(ctx context.Context, enquiry id.Enquiry) (e *Enquiry, err error) {
	err = s.db.View(ctx, func(tx *database.Tx) error {
		e, err = findEnquiry(tx, `e.id = $1`, int64(enquiry))
		return err
	})
	return e, err
}

// ListEnquiries gives the person's own enquiries and those to the facilities that
// they see, without messages, the last changed first, at most 200.
func (s *Service) ListEnquiries(ctx context.Context, by *access.Principal, at id.Facility) (out []*Enquiry, err error) {
	facts, err := s.Facts(ctx)
	if err != nil {
		return nil, err
	}
	var mine []id.Facility
	for _, f := range facts.Catalogue.Facilities() {
		if access.Allowed(by, access.AnswerEnquiry, facts.object(f, "", s.db.Now())) || by.Has(access.Auditor, "") {
			mine = append(mine, f.ID)
		}
	}
	err = s.db.View(ctx, func(tx *database.Tx) error {
		out, err = listEnquiries(tx, `(e.person_id = $1 or e.facility_id = any($2)) and ($3 = '' or e.facility_id = $3)`,
			int64(by.ID), mine, string(at))
		return err
	})
	return out, err
}

// answersEnquiry ties a new booking to the enquiry that it comes out of. Only who
// asked, or who answers for the facility, can say so.
func (p *plan) answersEnquiry(tx *database.Tx, by *access.Principal, b *Booking) error {
	if p.Enquiry == "" {
		return nil
	}
	if err := lockEnquiry(tx, p.Enquiry); err != nil {
		return err
	}
	e, err := findEnquiry(tx, `e.ref = $1`, string(p.Enquiry))
	if err != nil {
		return err
	}
	if e.Facility != p.facility.ID || !access.Allowed(by, access.WriteEnquiry, p.facts.ObjectOfEnquiry(e, tx.Now)) {
		return problem.Absent()
	}
	e.State, e.Changed, b.Enquiry = EnquiryBooked, tx.Now, e.Ref
	if err := saveEnquiry(tx, e); err != nil {
		return err
	}
	return tieBooking(tx, b.ID, e.ID)
}
