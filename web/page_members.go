package web

import (
	"github.com/gofiber/fiber/v2"

	"rigg/access"
	"rigg/facilities"
	"rigg/internal/problem"
)

type membersPage struct {
	shell
	ID, Facility string
	Members      []memberRow
	Email, Error string // as typed, and what was wrong with it
}

type memberRow struct{ Name, Email, Organisation string }

func membersPath(f *facilities.Facility) string { return "/facilities/" + string(f.ID) + "/members" }

// pageMembers lists a facility's members to its managers.
func (s *Server) pageMembers(c *fiber.Ctx, v *visit) error {
	return s.showMembers(c, v, membersPage{}, fiber.StatusOK)
}

func (s *Server) showMembers(c *fiber.Ctx, v *visit, page membersPage, status int) error {
	f, err := v.facility(c.Params("id"))
	if err != nil {
		return err
	}
	list, err := s.Access.Members(v.ctx, v.who, facilityObject(f, v.now))
	if err != nil {
		return err
	}
	for _, p := range list {
		page.Members = append(page.Members, memberRow{p.Name, p.Email, v.organisationOf(p)})
	}
	page.ID, page.Facility = string(f.ID), f.Name.In(v.lang)
	if page.shell, err = s.shell(c, v); err != nil {
		return err
	}
	page.Back = membersPath(f)
	return s.page(c, v, status, "members", page)
}

// postMember makes somebody a member. An address that will not do stands in the
// form, with what is wrong with it.
func (s *Server) postMember(c *fiber.Ctx, v *visit) error {
	email, err := s.setMember(c, v, true)
	if problem.Has(err, problem.CodeNotFound) && v.managesAt(c.Params("id")) {
		return s.showMembers(c, v, membersPage{Email: email, Error: v.say("members.nobody")}, fiber.StatusUnprocessableEntity)
	}
	if e := known(err); err != nil && e.Code.Kind == problem.Invalid {
		return s.showMembers(c, v, membersPage{Email: email, Error: e.Text().In(v.lang)}, statusOf(e))
	}
	if err != nil {
		return err
	}
	return s.leave(c, "/facilities/"+c.Params("id")+"/members", "flash.joined")
}

func (s *Server) postMemberLeaves(c *fiber.Ctx, v *visit) error {
	if _, err := s.setMember(c, v, false); err != nil {
		return err
	}
	return s.leave(c, "/facilities/"+c.Params("id")+"/members", "flash.left")
}

func (s *Server) setMember(c *fiber.Ctx, v *visit, member bool) (email string, err error) {
	f, err := v.facility(c.Params("id"))
	if err != nil {
		return "", err
	}
	values, err := formValues(c)
	if err != nil {
		return "", err
	}
	email = clip(values.Get("email"), 254)
	_, err = s.Access.SetMember(v.ctx, v.who, facilityObject(f, v.now), email, member)
	return email, err
}

// managesAt tells whether the visitor manages a facility.
func (v *visit) managesAt(name string) bool {
	f, err := v.facility(name)
	return err == nil && v.allowed(access.ManageFacility, facilityObject(f, v.now))
}
