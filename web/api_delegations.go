package web

import (
	"context"
	"net/http"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"rigg/access"
	"rigg/internal/id"
	"rigg/internal/period"
	"rigg/internal/problem"
)

// DelegationBody is who stands in for whom and when; both days are included.
type DelegationBody struct {
	ID      string `json:"id"`
	From    string `json:"from_person" doc:"Name"`
	To      string `json:"to_person" doc:"Name"`
	Mine    bool   `json:"mine" doc:"You have made it; otherwise you stand in"`
	First   string `json:"from" format:"date"`
	Last    string `json:"until" format:"date"`
	Reason  string `json:"reason,omitempty"`
	InForce bool   `json:"in_force"`
}

type delegationInput struct {
	IdempotencyKey string `header:"Idempotency-Key"`
	Body           struct {
		To     string `json:"to" minLength:"3" maxLength:"254" doc:"E-mail address of a colleague"`
		First  string `json:"from" format:"date" maxLength:"10"`
		Last   string `json:"until" format:"date" maxLength:"10" doc:"The last day"`
		Reason string `json:"reason,omitempty" maxLength:"500"`
	}
}

type delegationOutput struct{ Body DelegationBody }

type delegationsOutput struct {
	Body struct {
		Items []DelegationBody `json:"items"`
		Next  string           `json:"next"`
	}
}

func (s *Server) delegationAPI(api huma.API) {
	const tag = "Absence"
	create := operation(http.MethodPost, "/delegations", "Have a colleague stand in for you", tag)
	create.DefaultStatus = http.StatusCreated
	huma.Register(api, create, answer(s, access.ScopeApprove, s.createDelegation))
	huma.Register(api, operation(http.MethodGet, "/delegations", "Who stands in for you, and for whom you do", tag),
		answer(s, access.ScopeRead, s.listDelegations))
	end := operation(http.MethodDelete, "/delegations/{id}", "End one of your own at once", tag, http.StatusNotFound)
	end.DefaultStatus = http.StatusNoContent
	huma.Register(api, end, answer(s, access.ScopeApprove, s.endDelegation))
}

func (s *Server) delegationBody(p *access.Principal, d access.Delegation) DelegationBody {
	return DelegationBody{
		ID: strconv.FormatInt(int64(d.ID), 10), From: d.From.Name, To: d.To.Name, Mine: d.From.ID == p.ID,
		First: d.First.String(), Last: d.Last.String(), Reason: d.Reason, InForce: d.InForce(s.DB.Now()),
	}
}

func (s *Server) createDelegation(ctx context.Context, p *access.Principal, in *delegationInput) (*delegationOutput, error) {
	a := access.Absence{To: in.Body.To, Reason: in.Body.Reason}
	for _, day := range []struct {
		path, written string
		to            *period.Date
	}{{"from", in.Body.First, &a.First}, {"until", in.Body.Last, &a.Last}} {
		var err error
		if *day.to, err = period.ParseDate(day.written); err != nil {
			e := problem.From(err)
			e.Fields = []problem.Field{{Path: day.path, Message: e.Text()}}
			return nil, e
		}
	}
	d, err := s.Access.Delegate(ctx, p, a)
	if err != nil {
		return nil, err
	}
	return &delegationOutput{Body: s.delegationBody(p, d)}, nil
}

func (s *Server) listDelegations(ctx context.Context, p *access.Principal, _ *struct{}) (*delegationsOutput, error) {
	list, err := s.Access.ListDelegations(ctx, p)
	if err != nil {
		return nil, err
	}
	out := &delegationsOutput{}
	out.Body.Items = []DelegationBody{}
	for _, d := range list {
		out.Body.Items = append(out.Body.Items, s.delegationBody(p, d))
	}
	return out, nil
}

func (s *Server) endDelegation(ctx context.Context, p *access.Principal, in *idInput) (*struct{}, error) {
	n, err := strconv.ParseInt(in.ID, 10, 64)
	if err != nil || n < 1 {
		return nil, problem.Absent()
	}
	return &struct{}{}, s.Access.EndDelegation(ctx, p, id.Delegation(n))
}
