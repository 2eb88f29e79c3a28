package web

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"rigg/access"
	"rigg/booking"
	"rigg/internal/database"
	"rigg/internal/id"
)

// WaitBody is a place in the waiting list. It is seen by whose it is and by the
// facility's managers.
type WaitBody struct {
	Ref       string    `json:"ref"`
	State     string    `json:"state" enum:"waiting,offered,booked,left,expired"`
	Person    string    `json:"person" doc:"Name"`
	Facility  string    `json:"facility"`
	Resources []string  `json:"resources"`
	Project   string    `json:"project"`
	Start     string    `json:"start" format:"date-time"`
	End       string    `json:"end" format:"date-time"`
	Minutes   int       `json:"minutes" doc:"Less than from start to end: any time between will do"`
	Purpose   string    `json:"purpose"`
	Created   string    `json:"created" format:"date-time"`
	Position  int       `json:"position,omitempty" doc:"In line, from 1"`
	Offer     *HeldBody `json:"offer,omitempty"`
	Booking   string    `json:"booking,omitempty" doc:"What came of it"`
}

// WaitWishBody is what somebody waits for.
type WaitWishBody struct {
	Resources []string `json:"resources" minItems:"1" maxItems:"10"`
	Project   string   `json:"project" minLength:"1" maxLength:"63"`
	Start     string   `json:"start" maxLength:"40"`
	End       string   `json:"end" maxLength:"40"`
	Minutes   int      `json:"minutes,omitempty" minimum:"1" maximum:"527040" doc:"Any time of this length between; left out: just this time"`
	Purpose   string   `json:"purpose,omitempty" maxLength:"2000"`
}

type joinInput struct {
	IdempotencyKey string `header:"Idempotency-Key"`
	Body           WaitWishBody
}

type waitCreated struct {
	Location string `header:"Location"`
	Body     WaitBody
}

type waitInput struct {
	Ref string `path:"ref" maxLength:"63"`
}

type waitOutput struct{ Body WaitBody }

type waitsInput struct {
	Facility string `query:"facility" maxLength:"63" doc:"Those in line there, for its managers; left out: one's own"`
}

type waitsOutput struct {
	Body struct {
		Items []WaitBody `json:"items"`
		Next  string     `json:"next"`
	}
}

func (s *Server) waitAPI(api huma.API) {
	const tag = "Waiting list"
	join := operation(http.MethodPost, "/waits", "Wait for time that is taken", tag, http.StatusConflict)
	join.DefaultStatus = http.StatusCreated
	huma.Register(api, join, answer(s, access.ScopeBook, s.joinWaits))
	huma.Register(api, operation(http.MethodGet, "/waits", "What you wait for, or who waits for a facility", tag, http.StatusNotFound),
		answer(s, access.ScopeRead, s.listWaits))
	huma.Register(api, operation(http.MethodGet, "/waits/{ref}", "One place in line", tag, http.StatusNotFound),
		answer(s, access.ScopeRead, s.getWait))
	huma.Register(api, operation(http.MethodDelete, "/waits/{ref}", "Leave the line", tag, http.StatusNotFound, http.StatusConflict),
		answer(s, access.ScopeBook, s.changeWait(s.Booking.LeaveWaits)))
	huma.Register(api, operation(http.MethodPost, "/waits/{ref}/decline", "Say no to the time that is offered", tag, http.StatusNotFound, http.StatusConflict),
		answer(s, access.ScopeBook, s.changeWait(s.Booking.DeclineOffer)))
	huma.Register(api, operation(http.MethodPost, "/waits/{ref}/accept", "Book the time that is offered", tag, http.StatusNotFound, http.StatusConflict),
		answer(s, access.ScopeBook, s.acceptOffer))
}

func (s *Server) joinWaits(ctx context.Context, p *access.Principal, in *joinInput) (*waitCreated, error) {
	request, err := s.readRequest(ctx, RequestBody{
		Resources: in.Body.Resources, Project: in.Body.Project, Start: in.Body.Start, End: in.Body.End, Purpose: in.Body.Purpose,
	})
	if err != nil {
		return nil, err
	}
	w, err := s.Booking.JoinWaits(ctx, p, booking.WaitWish{
		Resources: request.Resources, Project: request.Project, Period: request.Period, Minutes: in.Body.Minutes, Purpose: request.Purpose,
	})
	if err != nil {
		return nil, err
	}
	bodies, err := s.waitBodies(ctx, w)
	if err != nil {
		return nil, err
	}
	return &waitCreated{Location: apiPrefix + "/waits/" + string(w.Ref), Body: bodies[0]}, nil
}

func (s *Server) listWaits(ctx context.Context, p *access.Principal, in *waitsInput) (*waitsOutput, error) {
	found, err := s.Booking.ListWaits(ctx, p, id.Facility(in.Facility))
	if err != nil {
		return nil, err
	}
	out := &waitsOutput{}
	out.Body.Items, err = s.waitBodies(ctx, found...)
	return out, err
}

func (s *Server) getWait(ctx context.Context, p *access.Principal, in *waitInput) (*waitOutput, error) {
	w, err := s.Booking.FindWait(ctx, p, id.Ref(in.Ref))
	if err != nil {
		return nil, err
	}
	return s.waitAnswer(ctx, w)
}

func (s *Server) waitAnswer(ctx context.Context, w *booking.Wait) (*waitOutput, error) {
	bodies, err := s.waitBodies(ctx, w)
	if err != nil {
		return nil, err
	}
	return &waitOutput{Body: bodies[0]}, nil
}

type waitChange func(context.Context, *access.Principal, id.Ref) (*booking.Wait, error)

func (s *Server) changeWait(do waitChange) func(context.Context, *access.Principal, *waitInput) (*waitOutput, error) {
	return func(ctx context.Context, p *access.Principal, in *waitInput) (*waitOutput, error) {
		w, err := do(ctx, p, id.Ref(in.Ref))
		if err != nil {
			return nil, err
		}
		return s.waitAnswer(ctx, w)
	}
}

func (s *Server) acceptOffer(ctx context.Context, p *access.Principal, in *waitInput) (*bookingOutput, error) {
	b, err := s.Booking.AcceptOffer(ctx, p, id.Ref(in.Ref))
	if err != nil {
		return nil, err
	}
	return s.bookingAnswer(ctx, p, b)
}

// waitBodies tells waits to somebody who may see them.
func (s *Server) waitBodies(ctx context.Context, list ...*booking.Wait) ([]WaitBody, error) {
	facts, err := s.Booking.Facts(ctx)
	if err != nil {
		return nil, err
	}
	names, err := s.waiters(ctx, list)
	if err != nil {
		return nil, err
	}
	out := make([]WaitBody, len(list))
	for i, w := range list {
		zone := waitZone(facts, w)
		out[i] = WaitBody{
			Ref: string(w.Ref), State: string(w.State), Person: names[w.Person].Name, Facility: string(w.Facility),
			Project: string(w.Project), Start: stamp(w.Period.Start, zone), End: stamp(w.Period.End, zone), Minutes: w.Minutes,
			Purpose: w.Purpose, Created: stamp(w.Created, zone), Position: w.Position, Booking: string(w.Booking),
		}
		for _, r := range w.Resources {
			out[i].Resources = append(out[i].Resources, string(r))
		}
		if w.Offer != nil {
			out[i].Offer = heldBody(*w.Offer, zone)
		}
	}
	return out, nil
}

// waitZone is the zone of the site where somebody waits for time.
func waitZone(facts *booking.Facts, w *booking.Wait) *time.Location {
	if f, ok := facts.Catalogue.Facility(w.Facility); ok {
		return f.SiteAt(w.Period.Start).Zone
	}
	return siteZone
}

// waiters are the people in line.
func (s *Server) waiters(ctx context.Context, list []*booking.Wait) (found map[id.Person]access.Person, err error) {
	var ids []id.Person
	for _, w := range list {
		ids = append(ids, w.Person)
	}
	err = s.DB.View(ctx, func(tx *database.Tx) error {
		found, err = access.Names(tx, ids)
		return err
	})
	return found, err
}
