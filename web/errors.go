package web

import (
	"errors"
	"net/http"
	"strings"

	"github.com/gofiber/fiber/v2"

	"rigg/booking"
	"rigg/facilities"
	"rigg/internal/problem"
	"rigg/internal/text"
)

// statuses is the one table from the kind of a problem to its HTTP status.
var statuses = map[problem.Kind]int{
	problem.Internal:        http.StatusInternalServerError,
	problem.Invalid:         http.StatusUnprocessableEntity,
	problem.Refused:         http.StatusUnprocessableEntity,
	problem.Conflict:        http.StatusConflict,
	problem.NotFound:        http.StatusNotFound,
	problem.Gone:            http.StatusGone,
	problem.Unauthenticated: http.StatusUnauthorized,
	problem.Forbidden:       http.StatusForbidden,
	problem.TooLarge:        http.StatusRequestEntityTooLarge,
	problem.TooMany:         http.StatusTooManyRequests,
	problem.Unavailable:     http.StatusServiceUnavailable,
}

// The problems of HTTP itself, for what fasthttp and Huma refuse.
var (
	codeMethod = problem.Declare(problem.Invalid, "method-not-allowed",
		"Metoden finns inte här", "The method does not exist here")
	codeMedia = problem.Declare(problem.Invalid, "unsupported-media-type",
		"Innehållstypen går inte att läsa", "The content type cannot be read")
	codeTooLarge = problem.Declare(problem.TooLarge, "too-large",
		"Begäran är för stor", "The request is too large")
	// Of a client that does not send its request to the end.
	codeTimeout = problem.Declare(problem.Invalid, "timeout",
		"Det tog för lång tid", "It took too long")
)

// Problem is an error as the API tells it (RFC 9457), with the sentence in both
// languages.
type Problem struct {
	Type         string             `json:"type" doc:"Address of the page that explains the code" example:"/problems/slot-taken"`
	Title        string             `json:"title"`
	Status       int                `json:"status"`
	Detail       string             `json:"detail" doc:"What happened and what to do, in the language asked for"`
	Instance     string             `json:"instance,omitempty" doc:"The request's id, for support"`
	Code         string             `json:"code" doc:"Stable slug that a program can match"`
	Message      text.Text          `json:"message" doc:"The detail in both languages"`
	Errors       []problem.Field    `json:"errors,omitempty" doc:"What is wrong with which part of the input"`
	Details      map[string]any     `json:"details,omitempty" doc:"The numbers behind the problem"`
	Refusals     []RefusalBody      `json:"refusals,omitempty" doc:"Every reason why a booking is refused"`
	Alternatives *[]AlternativeBody `json:"alternatives,omitempty" doc:"Times that would do"`
}

// RefusalBody is one reason why a booking is refused.
type RefusalBody struct {
	Code    string         `json:"code"`
	Message text.Text      `json:"message"`
	Details map[string]any `json:"details,omitempty"`
}

// Error is the text for the log.
func (p *Problem) Error() string { return p.Code + ": " + p.Detail }

// GetStatus is Huma's question.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType is Huma's question.
func (p *Problem) ContentType(string) string { return "application/problem+json" }

// problemOf turns any error into what a person may see of it.
func problemOf(err error, lang text.Lang, request string) *Problem {
	if p := (*Problem)(nil); errors.As(err, &p) {
		return p
	}
	e := known(err)
	message := e.Text()
	p := &Problem{
		Type: "/problems/" + e.Code.Slug, Title: e.Code.Title.In(lang), Status: statusOf(e),
		Detail: message.In(lang), Instance: request, Code: e.Code.Slug, Message: message,
		Errors: e.Fields, Details: e.Details,
	}
	if r := (*booking.Refused)(nil); errors.As(err, &r) {
		p.Refusals = refusalBodies(r.Refusals)
		alternatives := alternativeBodies(r.Resources, r.Alternatives)
		p.Alternatives = &alternatives
	}
	return p
}

// known gives the problem in err; what fasthttp refuses becomes one of ours.
func known(err error) *problem.Error {
	var f *fiber.Error
	if !errors.As(err, &f) {
		return problem.From(err)
	}
	switch f.Code {
	case http.StatusNotFound:
		return problem.Absent()
	case http.StatusMethodNotAllowed:
		return &problem.Error{Code: codeMethod}
	case http.StatusRequestEntityTooLarge, http.StatusRequestHeaderFieldsTooLarge:
		return &problem.Error{Code: codeTooLarge}
	case http.StatusRequestTimeout, http.StatusBadGateway: // Fiber's word for a client that broke the connection
		return &problem.Error{Code: codeTimeout}
	case http.StatusUnsupportedMediaType:
		return &problem.Error{Code: codeMedia}
	}
	if f.Code >= 500 {
		return problem.CodeInternal.Wrap(err)
	}
	return &problem.Error{Code: problem.CodeInvalid}
}

// statusOf is the table, but for three codes whose meaning HTTP knows better.
func statusOf(e *problem.Error) int {
	switch e.Code.Slug {
	case codeMethod.Slug:
		return http.StatusMethodNotAllowed
	case codeMedia.Slug:
		return http.StatusUnsupportedMediaType
	case codeTimeout.Slug:
		return http.StatusRequestTimeout
	}
	return statuses[e.Code.Kind]
}

// answerError answers every error that a handler returns: with problem+json, or
// for a browser with a page.
func (s *Server) answerError(c *fiber.Ctx, err error) error {
	guard(c)
	request, _ := c.Locals(localRequest).(string)
	p := problemOf(err, s.language(c), request)
	s.logProblem(c, err, p)
	if p.Status == http.StatusServiceUnavailable || p.Status == http.StatusTooManyRequests {
		c.Set("Retry-After", "5")
	}
	if p.Status == http.StatusUnauthorized {
		c.Set("WWW-Authenticate", `Bearer realm="rigg"`)
	}
	if wantsPage(c) {
		return s.errorPage(c, p)
	}
	return c.Status(p.Status).JSON(p, "application/problem+json")
}

func (s *Server) logProblem(c *fiber.Ctx, err error, p *Problem) {
	if p.Status >= http.StatusInternalServerError {
		s.Log.Error("request failed", "request", p.Instance, "method", c.Method(),
			"route", c.Route().Path, "status", p.Status, "cause", err.Error())
	}
}

// wantsPage holds for a browser that is not at the API.
func wantsPage(c *fiber.Ctx) bool {
	return !strings.HasPrefix(c.Path(), "/api/") && strings.Contains(c.Get("Accept"), "text/html")
}

func refusalBodies(list []*problem.Error) []RefusalBody {
	out := make([]RefusalBody, len(list))
	for i, e := range list {
		out[i] = RefusalBody{Code: e.Code.Slug, Message: e.Text(), Details: e.Details}
	}
	return out
}

// AlternativeBody is a time that would do instead.
type AlternativeBody struct {
	Resources []string `json:"resources"`
	Start     string   `json:"start" format:"date-time"`
	End       string   `json:"end" format:"date-time"`
	Reason    string   `json:"reason" enum:"earlier,later,shorter"`
}

func alternativeBodies(resources []*facilities.Resource, list []facilities.Alternative) []AlternativeBody {
	out := make([]AlternativeBody, len(list))
	for i, a := range list {
		out[i] = AlternativeBody{Reason: a.Reason}
		for _, r := range resources {
			out[i].Resources = append(out[i].Resources, string(r.ID))
		}
		zone := resources[0].Zone(a.Period.Start)
		out[i].Start, out[i].End = stamp(a.Period.Start, zone), stamp(a.Period.End, zone)
	}
	return out
}
