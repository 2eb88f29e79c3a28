package web

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"rigg/access"
	"rigg/internal/id"
	"rigg/internal/problem"
)

// MemberBody is a member of a facility.
type MemberBody struct {
	Name  string `json:"name"`
	Email string `json:"email"`
}

type memberInput struct {
	IdempotencyKey string `header:"Idempotency-Key"`
	ID             string `path:"id" maxLength:"63"`
	Body           struct {
		Email string `json:"email" minLength:"3" maxLength:"254"`
	}
}

type memberLeavesInput struct {
	ID    string `path:"id" maxLength:"63"`
	Email string `path:"email" maxLength:"254"`
}

type memberOutput struct{ Body MemberBody }

type membersOutput struct {
	Body struct {
		Items []MemberBody `json:"items"`
		Next  string       `json:"next"`
	}
}

func (s *Server) memberAPI(api huma.API) {
	const tag = "Catalogue"
	huma.Register(api, operation(http.MethodGet, "/facilities/{id}/members", "The facility's members, for its managers", tag, http.StatusNotFound),
		answer(s, access.ScopeRead, s.listMembers))
	join := operation(http.MethodPost, "/facilities/{id}/members", "Make somebody a member", tag, http.StatusNotFound)
	join.DefaultStatus = http.StatusCreated
	huma.Register(api, join, answer(s, access.ScopeAdmin, s.createMember))
	leave := operation(http.MethodDelete, "/facilities/{id}/members/{email}", "End somebody's membership", tag, http.StatusNotFound)
	leave.DefaultStatus = http.StatusNoContent
	huma.Register(api, leave, answer(s, access.ScopeAdmin, s.deleteMember))
}

// placeOf gives a facility for the policy. Code: not-found.
func (s *Server) placeOf(ctx context.Context, name string) (access.Object, error) {
	facts, err := s.Booking.Facts(ctx)
	if err != nil {
		return access.Object{}, err
	}
	f, ok := facts.Catalogue.Facility(id.Facility(name))
	if !ok {
		return access.Object{}, problem.Absent()
	}
	return facilityObject(f, s.DB.Now()), nil
}

func (s *Server) listMembers(ctx context.Context, p *access.Principal, in *idInput) (*membersOutput, error) {
	at, err := s.placeOf(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	list, err := s.Access.Members(ctx, p, at)
	if err != nil {
		return nil, err
	}
	out := &membersOutput{}
	out.Body.Items = []MemberBody{}
	for _, m := range list {
		out.Body.Items = append(out.Body.Items, MemberBody{m.Name, m.Email})
	}
	return out, nil
}

func (s *Server) createMember(ctx context.Context, p *access.Principal, in *memberInput) (*memberOutput, error) {
	at, err := s.placeOf(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	m, err := s.Access.SetMember(ctx, p, at, in.Body.Email, true)
	if err != nil {
		return nil, err
	}
	return &memberOutput{Body: MemberBody{m.Name, m.Email}}, nil
}

func (s *Server) deleteMember(ctx context.Context, p *access.Principal, in *memberLeavesInput) (*struct{}, error) {
	at, err := s.placeOf(ctx, in.ID)
	if err == nil {
		_, err = s.Access.SetMember(ctx, p, at, in.Email, false)
	}
	return &struct{}{}, err
}
