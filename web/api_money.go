package web

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"rigg/access"
	"rigg/booking"
	"rigg/funding"
	"rigg/internal/id"
	"rigg/internal/period"
	"rigg/internal/problem"
)

// ProjectBody is a project as those see it who see its money.
type ProjectBody struct {
	ID        string `json:"id"`
	Name      string `json:"name"`
	Lead      string `json:"lead"`
	Programme string `json:"programme,omitempty"`
	Stream    string `json:"stream,omitempty"`
	AidBasis  string `json:"aid_basis"`
	From      string `json:"from" format:"date"`
	To        string `json:"to" format:"date" doc:"The last day"`
}

type projectsOutput struct {
	Body struct {
		Items []ProjectBody `json:"items"`
		Next  string        `json:"next"`
	}
}

type statementInput struct {
	ID     string `path:"id" maxLength:"63"`
	Period string `query:"period" maxLength:"7" doc:"A month such as 2026-12, or a year; this year where left out"`
}

// StatementBody is a project's use over a period and where its purses stand now.
// Who sees only their own part gets just their shares and purses beside totals.
type StatementBody struct {
	Project  string             `json:"project"`
	From     string             `json:"from" format:"date"`
	To       string             `json:"to" format:"date" doc:"The last day"`
	TotalOre int64              `json:"total_ore"`
	Rows     []StatementRowBody `json:"rows"`
	Sums     []ShareBody        `json:"sums" doc:"Each party's part by kind and year"`
	Purses   []PurseBody        `json:"purses"`
}

// StatementRowBody is one booking's use in one year.
type StatementRowBody struct {
	Booking  string      `json:"booking"`
	UsedOn   string      `json:"used_on" format:"date"`
	PostedAt string      `json:"posted_at" format:"date-time"`
	TotalOre int64       `json:"total_ore"`
	Lines    []LineBody  `json:"lines"`
	Shares   []ShareBody `json:"shares"`
}

// PurseBody is the running numbers of one party and year. An overrun purse has no
// limit.
type PurseBody struct {
	Party       string `json:"party"`
	Year        int    `json:"year"`
	Kind        string `json:"kind" enum:"grant,own,overrun"`
	LimitOre    *int64 `json:"limit_ore"`
	ReservedOre int64  `json:"reserved_ore"`
	SpentOre    int64  `json:"spent_ore"`
}

type statementOutput struct{ Body StatementBody }

type positionInput struct {
	ID   string `path:"id" maxLength:"63"`
	Year int    `query:"year" minimum:"2000" maximum:"2099" required:"true"`
}

// PositionBody is where a programme's money of a year stands.
type PositionBody struct {
	Programme string               `json:"programme"`
	Year      int                  `json:"year"`
	Streams   []StreamPositionBody `json:"streams"`
}

// StreamPositionBody is one stream's money; reserved and spent are public money.
type StreamPositionBody struct {
	Stream           string `json:"stream" enum:"platform,collaboration"`
	AppropriationOre int64  `json:"appropriation_ore"`
	AwardedOre       int64  `json:"awarded_ore"`
	ReservedOre      int64  `json:"reserved_ore"`
	SpentOre         int64  `json:"spent_ore"`
	CostOre          int64  `json:"cost_ore" doc:"Of the same use, all parties together"`
}

type positionOutput struct{ Body PositionBody }

func (s *Server) moneyAPI(api huma.API) {
	const tag = "Money"
	huma.Register(api, operation(http.MethodGet, "/projects", "The projects whose money you may see", tag),
		answer(s, access.ScopeRead, s.listProjects))
	huma.Register(api, operation(http.MethodGet, "/projects/{id}/statement", "A project's statement", tag, http.StatusNotFound),
		answer(s, access.ScopeRead, s.getStatement))
	huma.Register(api, operation(http.MethodGet, "/programmes/{id}/position", "A programme's money of a year", tag, http.StatusNotFound),
		answer(s, access.ScopeRead, s.getPosition))
}

func (s *Server) listProjects(ctx context.Context, p *access.Principal, in *PageInput) (*projectsOutput, error) {
	facts, err := s.Booking.Facts(ctx)
	if err != nil {
		return nil, err
	}
	out := &projectsOutput{}
	out.Body.Items = []ProjectBody{}
	seen := slices.DeleteFunc(slices.Clone(facts.Terms.Projects()), func(pr *funding.Project) bool {
		return !access.Allowed(p, access.SeeProjectMoney, projectObject(pr))
	})
	page, next, err := pageOf(*in, seen, func(pr *funding.Project) string { return string(pr.ID) })
	if err != nil {
		return nil, err
	}
	out.Body.Next = next
	for _, pr := range page {
		out.Body.Items = append(out.Body.Items, ProjectBody{
			ID: string(pr.ID), Name: pr.Name, Lead: string(pr.Lead), Programme: string(pr.Programme),
			Stream: string(pr.Stream), AidBasis: string(pr.AidBasis), From: pr.From.String(), To: pr.To.String(),
		})
	}
	return out, nil
}

// readMonth reads a month or a year as its first and last day; empty is the year
// of the moment.
func readMonth(s string, now time.Time) (from, to period.Date, err error) {
	if s == "" {
		s = now.Format("2006")
	}
	for _, form := range []struct {
		layout        string
		years, months int
	}{{"2006-01", 0, 1}, {"2006", 1, 0}} {
		t, err := time.Parse(form.layout, s)
		if err == nil && !t.Before(period.Earliest) && t.Before(period.Latest) {
			return period.DateOf(t, time.UTC), period.DateOf(t.AddDate(form.years, form.months, -1), time.UTC), nil
		}
	}
	e := problem.CodeInvalid.Say("Skriv perioden som 2026-12 eller 2026.", "Write the period as 2026-12 or 2026.")
	e.Fields = []problem.Field{{Path: "query.period", Message: e.Message}}
	return from, to, e
}

func (s *Server) getStatement(ctx context.Context, p *access.Principal, in *statementInput) (*statementOutput, error) {
	from, to, err := readMonth(in.Period, s.DB.Now())
	if err != nil {
		return nil, err
	}
	st, err := s.Booking.Statement(ctx, p, id.Project(in.ID), from, to)
	if err != nil {
		return nil, err
	}
	return &statementOutput{Body: statementBody(st)}, nil
}

func statementBody(st *booking.Statement) StatementBody {
	out := StatementBody{
		Project: string(st.Project), From: st.From.String(), To: st.To.String(), TotalOre: int64(st.Total),
		Rows: []StatementRowBody{}, Sums: shareBodies(st.Sums), Purses: []PurseBody{},
	}
	for _, r := range st.Rows {
		out.Rows = append(out.Rows, StatementRowBody{
			Booking: string(st.Refs[r.Booking]), UsedOn: r.UsedOn.String(), PostedAt: stamp(r.Posted, time.UTC),
			TotalOre: int64(r.Total), Lines: lineBodies(r.Lines), Shares: shareBodies(r.Shares),
		})
	}
	for _, p := range st.Purses {
		body := PurseBody{
			Party: string(p.Party), Year: p.Year, Kind: p.Kind, ReservedOre: int64(p.Reserved), SpentOre: int64(p.Spent),
		}
		if p.Kind != funding.Overrun {
			limit := int64(p.Limit)
			body.LimitOre = &limit
		}
		out.Purses = append(out.Purses, body)
	}
	return out
}

func (s *Server) getPosition(ctx context.Context, p *access.Principal, in *positionInput) (*positionOutput, error) {
	position, err := s.Booking.Position(ctx, p, id.Programme(in.ID), in.Year)
	if err != nil {
		return nil, err
	}
	out := &positionOutput{Body: PositionBody{Programme: in.ID, Year: in.Year, Streams: []StreamPositionBody{}}}
	for _, st := range position.Streams {
		out.Body.Streams = append(out.Body.Streams, StreamPositionBody{
			Stream: string(st.Stream), AppropriationOre: int64(st.Appropriation), AwardedOre: int64(st.Awarded),
			ReservedOre: int64(st.Reserved), SpentOre: int64(st.Spent), CostOre: int64(st.Cost),
		})
	}
	return out, nil
}
