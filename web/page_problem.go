package web

import (
	"slices"

	"github.com/gofiber/fiber/v2"

	"rigg/internal/problem"
)

type problemsPage struct {
	shell
	Codes []problemRow
}

type problemRow struct{ Code, Title string }

type problemPage struct {
	shell
	Code, Title, Text, Todo string
	Status                  int
}

// kindKeys are the texts problem.kind.KEY and problem.todo.KEY of each kind.
var kindKeys = map[problem.Kind]string{
	problem.Internal: "internal", problem.Invalid: "invalid", problem.Refused: "refused", problem.Conflict: "conflict",
	problem.NotFound: "not_found", problem.Gone: "gone", problem.Unauthenticated: "unauthenticated",
	problem.Forbidden: "forbidden", problem.TooLarge: "too_large", problem.TooMany: "too_many",
	problem.Unavailable: "unavailable",
}

// todo says what to do about a code; empty for one that is not declared.
func (w words) todo(slug string) string {
	codes := problem.Codes()
	at := slices.IndexFunc(codes, func(code problem.Code) bool { return code.Slug == slug })
	if at < 0 {
		return ""
	}
	return w.say("problem.todo." + kindKeys[codes[at].Kind])
}

// pageProblems lists every code there is.
func (s *Server) pageProblems(c *fiber.Ctx, v *visit) (err error) {
	page := problemsPage{}
	for _, code := range problem.Codes() {
		page.Codes = append(page.Codes, problemRow{Code: code.Slug, Title: code.Title.In(v.lang)})
	}
	if page.shell, err = s.shell(c, v); err != nil {
		return err
	}
	return s.page(c, v, fiber.StatusOK, "problems", page)
}

// pageProblem explains one code; the type of problem+json points here.
func (s *Server) pageProblem(c *fiber.Ctx, v *visit) (err error) {
	codes := problem.Codes()
	at := slices.IndexFunc(codes, func(code problem.Code) bool { return code.Slug == c.Params("code") })
	if at < 0 {
		return problem.Absent()
	}
	code, kind := codes[at], kindKeys[codes[at].Kind]
	page := problemPage{
		Code: code.Slug, Title: code.Title.In(v.lang), Text: v.say("problem.kind." + kind), Todo: v.say("problem.todo." + kind),
		Status: statusOf(&problem.Error{Code: code}),
	}
	if page.shell, err = s.shell(c, v); err != nil {
		return err
	}
	return s.page(c, v, fiber.StatusOK, "problem", page)
}
