package web

import (
	"context"
	"time"

	"github.com/gofiber/fiber/v2"

	"rigg/access"
	"rigg/booking"
	"rigg/funding"
)

// visit is one request for a page: who asks, in which language, and the facts
// and the moment that all of the page agrees on.
type visit struct {
	words
	ctx   context.Context
	who   *access.Principal // nil: nobody is signed in
	facts *booking.Facts
	now   time.Time
}

type pageFunc func(*fiber.Ctx, *visit) error

// open lets anybody see a page.
func (s *Server) open(f pageFunc) fiber.Handler {
	return func(c *fiber.Ctx) error {
		v, err := s.newVisit(c)
		if err != nil {
			return err
		}
		return f(c, v)
	}
}

// personal asks for sign-in first.
func (s *Server) personal(f pageFunc) fiber.Handler {
	return func(c *fiber.Ctx) error {
		if _, err := signedIn(c.UserContext()); err != nil {
			return err
		}
		return s.open(f)(c)
	}
}

func (s *Server) newVisit(c *fiber.Ctx) (*visit, error) {
	ctx := c.UserContext()
	facts, err := s.Booking.Facts(ctx)
	if err != nil {
		return nil, err
	}
	return &visit{words: s.words(c), ctx: ctx, who: who(ctx), facts: facts, now: s.DB.Now()}, nil
}

func (s *Server) words(c *fiber.Ctx) words {
	return words{lang: s.language(c), texts: s.pages.texts}
}

// allowed asks the policy about the visitor.
func (v *visit) allowed(a access.Action, o access.Object) bool { return access.Allowed(v.who, a, o) }

// manages tells whether the visitor decides on anybody's requests.
func (v *visit) manages() bool {
	return v.holds(access.Admin, access.FacilityManager, access.HostManager)
}

// approves tells whether anybody's requests wait for the visitor: as a manager, or
// as the lead of a project that asks its lead.
func (v *visit) approves() bool {
	if v.manages() {
		return true
	}
	for _, p := range v.facts.Terms.Projects() {
		if p.LeadAbove != nil && v.who.Has(access.ProjectLead, string(p.ID)) {
			return true
		}
	}
	return false
}

func (v *visit) holds(roles ...access.Role) bool {
	if v.who == nil {
		return false
	}
	for _, g := range v.who.Grants {
		for _, r := range roles {
			if g.Role == r {
				return true
			}
		}
	}
	return false
}

// bookable lists the projects that the visitor is in, by id: an administrator may
// book on every one, and nobody wants them all in a list.
func (v *visit) bookable() (out []*funding.Project) {
	for _, p := range v.facts.Terms.Projects() {
		if v.who.Has(access.ProjectMember, string(p.ID)) || v.who.Has(access.ProjectLead, string(p.ID)) {
			out = append(out, p)
		}
	}
	return out
}

// moneySeen lists the projects whose money the visitor may see, by id.
func (v *visit) moneySeen() (out []*funding.Project) {
	for _, p := range v.facts.Terms.Projects() {
		if v.allowed(access.SeeProjectMoney, projectObject(p)) {
			out = append(out, p)
		}
	}
	return out
}

func projectObject(p *funding.Project) access.Object {
	return access.Object{Project: p.ID, Programme: p.Programme, Parties: p.Parties()}
}

// localTime formats an instant as the form's time fields have it.
const localTime = "2006-01-02T15:04"
