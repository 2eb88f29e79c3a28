package web

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"rigg/access"
	"rigg/booking"
	"rigg/internal/database"
	"rigg/internal/id"
	"rigg/internal/period"
	"rigg/internal/problem"
)

// EnquiryBody is a question to a facility without a time.
type EnquiryBody struct {
	Ref      string        `json:"ref"`
	Facility string        `json:"facility"`
	Resource string        `json:"resource,omitempty"`
	Person   string        `json:"person" doc:"Who asks: name"`
	Project  string        `json:"project,omitempty"`
	Subject  string        `json:"subject"`
	State    string        `json:"state" enum:"open,answered,closed,booked"`
	Created  string        `json:"created" format:"date-time"`
	Changed  string        `json:"changed" format:"date-time"`
	Messages []MessageBody `json:"messages,omitempty"`
	Bookings []string      `json:"bookings" doc:"That came out of it"`
}

// MessageBody is one message of an enquiry.
type MessageBody struct {
	By    string `json:"by" doc:"Name"`
	Staff bool   `json:"staff" doc:"From the facility's side"`
	Text  string `json:"text"`
	At    string `json:"at" format:"date-time"`
}

// FileBody is a stored file.
type FileBody struct {
	Ref       string `json:"ref"`
	Booking   string `json:"booking,omitempty"`
	Enquiry   string `json:"enquiry,omitempty"`
	Resource  string `json:"resource,omitempty"`
	Name      string `json:"name"`
	MediaType string `json:"media_type"`
	Visible   string `json:"visible" enum:"object,public,managers"`
	SizeBytes int64  `json:"size_bytes"`
	SHA256    string `json:"sha256"`
	By        string `json:"by,omitempty" doc:"Name; left out to the public"`
	At        string `json:"at" format:"date-time"`
}

// NoteBody is what one shift tells the next.
type NoteBody struct {
	ID       string `json:"id"`
	Facility string `json:"facility"`
	Resource string `json:"resource,omitempty"`
	By       string `json:"by" doc:"Name"`
	Text     string `json:"text"`
	At       string `json:"at" format:"date-time"`
	Pinned   bool   `json:"pinned"`
}

// FateBody is what became of one booking when its resource was retired.
type FateBody struct {
	Ref     string       `json:"ref"`
	Action  string       `json:"action" enum:"move,cancel," doc:"Empty: nothing could be done"`
	Problem *RefusalBody `json:"problem,omitempty" doc:"Why it could not be moved or cancelled"`
}

type enquireInput struct {
	IdempotencyKey string `header:"Idempotency-Key"`
	Body           struct {
		Facility string `json:"facility,omitempty" maxLength:"63" doc:"Or a resource"`
		Resource string `json:"resource,omitempty" maxLength:"63"`
		Project  string `json:"project,omitempty" maxLength:"63"`
		Subject  string `json:"subject" minLength:"1" maxLength:"200"`
		Text     string `json:"text" minLength:"1" maxLength:"4000"`
	}
}

type enquiryOutput struct{ Body EnquiryBody }

type enquiriesInput struct {
	Facility string `query:"facility" maxLength:"63"`
}

type enquiriesOutput struct {
	Body struct {
		Items []EnquiryBody `json:"items"`
		Next  string        `json:"next"`
	}
}

type enquiryTextInput struct {
	IdempotencyKey string `header:"Idempotency-Key"`
	Ref            string `path:"ref" maxLength:"63"`
	Body           struct {
		Text string `json:"text" minLength:"1" maxLength:"4000"`
	}
}

type noteInput struct {
	IdempotencyKey string `header:"Idempotency-Key"`
	ID             string `path:"id" maxLength:"63"`
	Body           struct {
		Resource string `json:"resource,omitempty" maxLength:"63"`
		Text     string `json:"text" minLength:"1" maxLength:"4000"`
		Pinned   bool   `json:"pinned,omitempty"`
	}
}

type pinInput struct {
	ID   string `path:"id" maxLength:"20"`
	Body struct {
		Pinned bool `json:"pinned"`
	}
}

type noteOutput struct{ Body NoteBody }

type notesOutput struct {
	Body struct {
		Items []NoteBody `json:"items"`
		Next  string     `json:"next"`
	}
}

type retireInput struct {
	ID   string `path:"id" maxLength:"63"`
	Body struct {
		Date   string `json:"date" maxLength:"10" format:"date" doc:"From when it cannot be booked"`
		MoveTo string `json:"move_to,omitempty" maxLength:"63" doc:"Where its later bookings go if all rules allow"`
		Cancel bool   `json:"cancel,omitempty" doc:"Cancel what cannot be moved"`
		Reason string `json:"reason,omitempty" maxLength:"2000"`
	}
}

type retireOutput struct {
	Body struct {
		Retired  bool       `json:"retired" doc:"False: bookings are left after the day"`
		Bookings []FateBody `json:"bookings"`
	}
}

func (s *Server) aroundAPI(api huma.API) {
	const tag = "Around"
	ask := operation(http.MethodPost, "/enquiries", "Ask a facility something, without a time", tag, http.StatusNotFound)
	ask.DefaultStatus = http.StatusCreated
	huma.Register(api, ask, answer(s, access.ScopeBook, s.createEnquiry))
	huma.Register(api, operation(http.MethodGet, "/enquiries", "Your enquiries, and those to your facilities", tag),
		answer(s, access.ScopeRead, s.listEnquiries))
	huma.Register(api, operation(http.MethodGet, "/enquiries/{ref}", "An enquiry with its messages", tag, http.StatusNotFound),
		answer(s, access.ScopeRead, s.getEnquiry))
	huma.Register(api, operation(http.MethodPost, "/enquiries/{ref}/messages", "Write in an enquiry", tag, http.StatusNotFound, http.StatusConflict),
		answer(s, access.ScopeBook, s.writeEnquiry))
	huma.Register(api, operation(http.MethodPost, "/enquiries/{ref}/close", "Close an enquiry", tag, http.StatusNotFound),
		answer(s, access.ScopeBook, s.closeEnquiry))
	note := operation(http.MethodPost, "/facilities/{id}/notes", "Leave a note for the next shift", tag, http.StatusNotFound)
	note.DefaultStatus = http.StatusCreated
	huma.Register(api, note, answer(s, access.ScopeAdmin, s.createNote))
	huma.Register(api, operation(http.MethodGet, "/facilities/{id}/notes", "Notes between the facility's shifts", tag, http.StatusNotFound),
		answer(s, access.ScopeRead, s.listNotes))
	pin := operation(http.MethodPost, "/notes/{id}/pin", "Keep a note first, or let it go", tag, http.StatusNotFound)
	pin.DefaultStatus = http.StatusNoContent
	huma.Register(api, pin, answer(s, access.ScopeAdmin, s.pinNote))
	huma.Register(api, operation(http.MethodPost, "/resources/{id}/retire", "Retire a resource; its later bookings are moved or cancelled", tag,
		http.StatusNotFound), answer(s, access.ScopeAdmin, s.retire))
}

// peopleNamed gives the names of people.
func (s *Server) peopleNamed(ctx context.Context, people []id.Person) (found map[id.Person]access.Person, err error) {
	err = s.DB.View(ctx, func(tx *database.Tx) error {
		found, err = access.Names(tx, people)
		return err
	})
	return found, err
}

func (s *Server) enquiryAnswer(ctx context.Context, e *booking.Enquiry, err error) (*enquiryOutput, error) {
	if err != nil {
		return nil, err
	}
	bodies, err := s.enquiryBodies(ctx, e)
	if err != nil {
		return nil, err
	}
	return &enquiryOutput{Body: bodies[0]}, nil
}

func (s *Server) enquiryBodies(ctx context.Context, list ...*booking.Enquiry) ([]EnquiryBody, error) {
	facts, err := s.Booking.Facts(ctx)
	if err != nil {
		return nil, err
	}
	var people []id.Person
	for _, e := range list {
		people = append(people, e.Person)
		for _, l := range e.Lines {
			people = append(people, l.By)
		}
	}
	names, err := s.peopleNamed(ctx, people)
	if err != nil {
		return nil, err
	}
	out := make([]EnquiryBody, len(list))
	for i, e := range list {
		zone := facts.ZoneAt(e.Facility, e.Created)
		out[i] = EnquiryBody{
			Ref: string(e.Ref), Facility: string(e.Facility), Resource: string(e.Resource), Person: names[e.Person].Name,
			Project: string(e.Project), Subject: e.Subject, State: string(e.State),
			Created: stamp(e.Created, zone), Changed: stamp(e.Changed, zone), Bookings: []string{},
		}
		for _, l := range e.Lines {
			out[i].Messages = append(out[i].Messages, MessageBody{By: names[l.By].Name, Staff: l.Staff, Text: l.Text, At: stamp(l.At, zone)})
		}
		for _, b := range e.Bookings {
			out[i].Bookings = append(out[i].Bookings, string(b))
		}
	}
	return out, nil
}

func (s *Server) createEnquiry(ctx context.Context, p *access.Principal, in *enquireInput) (*enquiryOutput, error) {
	e, err := s.Booking.Enquire(ctx, p, booking.Question{
		Facility: id.Facility(in.Body.Facility), Resource: id.Resource(in.Body.Resource), Project: id.Project(in.Body.Project),
		Subject: in.Body.Subject, Text: in.Body.Text,
	})
	return s.enquiryAnswer(ctx, e, err)
}

func (s *Server) listEnquiries(ctx context.Context, p *access.Principal, in *enquiriesInput) (*enquiriesOutput, error) {
	list, err := s.Booking.ListEnquiries(ctx, p, id.Facility(in.Facility))
	if err != nil {
		return nil, err
	}
	out := &enquiriesOutput{}
	out.Body.Items, err = s.enquiryBodies(ctx, list...)
	return out, err
}

func (s *Server) getEnquiry(ctx context.Context, p *access.Principal, in *bookingInput) (*enquiryOutput, error) {
	e, err := s.Booking.FindEnquiry(ctx, p, id.Ref(in.Ref))
	return s.enquiryAnswer(ctx, e, err)
}

func (s *Server) writeEnquiry(ctx context.Context, p *access.Principal, in *enquiryTextInput) (*enquiryOutput, error) {
	e, err := s.Booking.AnswerEnquiry(ctx, p, id.Ref(in.Ref), in.Body.Text)
	return s.enquiryAnswer(ctx, e, err)
}

func (s *Server) closeEnquiry(ctx context.Context, p *access.Principal, in *bookingInput) (*enquiryOutput, error) {
	e, err := s.Booking.CloseEnquiry(ctx, p, id.Ref(in.Ref))
	return s.enquiryAnswer(ctx, e, err)
}

func (s *Server) createNote(ctx context.Context, p *access.Principal, in *noteInput) (*noteOutput, error) {
	n, err := s.Booking.AddNote(ctx, p, booking.Note{
		Facility: id.Facility(in.ID), Resource: id.Resource(in.Body.Resource), Text: in.Body.Text, Pinned: in.Body.Pinned,
	})
	if err != nil {
		return nil, err
	}
	facts, err := s.Booking.Facts(ctx)
	if err != nil {
		return nil, err
	}
	return &noteOutput{Body: noteBody(*n, p.Name, facts.ZoneAt(n.Facility, n.At))}, nil
}

func noteBody(n booking.Note, by string, zone *time.Location) NoteBody {
	return NoteBody{
		ID: strconv.FormatInt(int64(n.ID), 10), Facility: string(n.Facility), Resource: string(n.Resource), By: by,
		Text: n.Text, At: stamp(n.At, zone), Pinned: n.Pinned,
	}
}

func (s *Server) listNotes(ctx context.Context, p *access.Principal, in *idInput) (*notesOutput, error) {
	list, err := s.Booking.ListNotes(ctx, p, id.Facility(in.ID))
	if err != nil {
		return nil, err
	}
	facts, err := s.Booking.Facts(ctx)
	if err != nil {
		return nil, err
	}
	var people []id.Person
	for _, n := range list {
		people = append(people, n.By)
	}
	names, err := s.peopleNamed(ctx, people)
	if err != nil {
		return nil, err
	}
	out := &notesOutput{}
	out.Body.Items = []NoteBody{}
	for _, n := range list {
		out.Body.Items = append(out.Body.Items, noteBody(n, names[n.By].Name, facts.ZoneAt(n.Facility, n.At)))
	}
	return out, nil
}

func (s *Server) pinNote(ctx context.Context, p *access.Principal, in *pinInput) (*struct{}, error) {
	n, err := strconv.ParseInt(in.ID, 10, 64)
	if err != nil {
		return nil, problem.Absent()
	}
	return &struct{}{}, s.Booking.PinNote(ctx, p, id.Note(n), in.Body.Pinned)
}

func (s *Server) retire(ctx context.Context, p *access.Principal, in *retireInput) (*retireOutput, error) {
	from, err := period.ParseDate(in.Body.Date)
	if err != nil {
		e := problem.From(err)
		e.Fields = []problem.Field{{Path: "date", Message: e.Text()}}
		return nil, e
	}
	done, err := s.Booking.Retire(ctx, p, booking.Retirement{
		Resource: id.Resource(in.ID), From: from, MoveTo: id.Resource(in.Body.MoveTo), Cancel: in.Body.Cancel, Reason: in.Body.Reason,
	})
	if err != nil {
		return nil, err
	}
	out := &retireOutput{}
	out.Body.Retired, out.Body.Bookings = done.Done, []FateBody{}
	for _, f := range done.Fates {
		body := FateBody{Ref: string(f.Booking.Ref), Action: string(f.Action)}
		if f.Problem != nil {
			body.Problem = &refusalBodies([]*problem.Error{f.Problem})[0]
		}
		out.Body.Bookings = append(out.Body.Bookings, body)
	}
	return out, nil
}
