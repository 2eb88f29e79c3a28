package web

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"rigg/access"
	"rigg/calendar"
	"rigg/internal/id"
	"rigg/internal/problem"
)

// FeedBody is a calendar address. URL is told once, when the address is made:
// only its hash is stored.
type FeedBody struct {
	ID       string `json:"id"`
	Kind     string `json:"kind" enum:"mine,resource"`
	Target   string `json:"target,omitempty"`
	URL      string `json:"url,omitempty" doc:"Told once; whoever has it can read the calendar"`
	Created  string `json:"created" format:"date-time"`
	LastUsed string `json:"last_used,omitempty" format:"date-time"`
}

type feedInput struct {
	IdempotencyKey string `header:"Idempotency-Key"`
	Body           struct {
		Kind string `json:"kind" enum:"mine,resource"`
		ID   string `json:"id,omitempty" maxLength:"63" doc:"The resource, for that kind"`
	}
}

type feedOutput struct{ Body FeedBody }

type feedsOutput struct {
	Body struct {
		Items []FeedBody `json:"items"`
		Next  string     `json:"next"`
	}
}

func (s *Server) feedAPI(api huma.API) {
	const tag = "Calendars"
	create := operation(http.MethodPost, "/feeds", "Make a calendar address", tag, http.StatusNotFound)
	create.DefaultStatus = http.StatusCreated
	huma.Register(api, create, answer(s, access.ScopeCalendar, s.createFeed))
	huma.Register(api, operation(http.MethodGet, "/feeds", "Your calendar addresses", tag),
		answer(s, access.ScopeCalendar, s.listFeeds))
	revoke := operation(http.MethodDelete, "/feeds/{id}", "Revoke a calendar address", tag, http.StatusNotFound)
	revoke.DefaultStatus = http.StatusNoContent
	huma.Register(api, revoke, answer(s, access.ScopeCalendar, s.revokeFeed))
}

func feedBody(f calendar.Subscription, url string) FeedBody {
	out := FeedBody{
		ID: strconv.FormatInt(int64(f.ID), 10), Kind: string(f.Kind), Target: f.Target, URL: url,
		Created: stamp(f.Created, time.UTC),
	}
	if !f.LastUsed.IsZero() {
		out.LastUsed = stamp(f.LastUsed, time.UTC)
	}
	return out
}

func (s *Server) createFeed(ctx context.Context, p *access.Principal, in *feedInput) (*feedOutput, error) {
	f, url, err := s.Calendar.Create(ctx, p, calendar.Kind(in.Body.Kind), in.Body.ID)
	if err != nil {
		return nil, err
	}
	return &feedOutput{Body: feedBody(f, url)}, nil
}

func (s *Server) listFeeds(ctx context.Context, p *access.Principal, _ *struct{}) (*feedsOutput, error) {
	list, err := s.Calendar.List(ctx, p)
	if err != nil {
		return nil, err
	}
	out := &feedsOutput{}
	out.Body.Items = []FeedBody{}
	for _, f := range list {
		out.Body.Items = append(out.Body.Items, feedBody(f, ""))
	}
	return out, nil
}

func (s *Server) revokeFeed(ctx context.Context, p *access.Principal, in *idInput) (*struct{}, error) {
	n, err := strconv.ParseInt(in.ID, 10, 64)
	if err != nil {
		return nil, problem.Absent()
	}
	return &struct{}{}, s.Calendar.Revoke(ctx, p, id.Feed(n))
}
