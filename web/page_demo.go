package web

import (
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"rigg/access"
	"rigg/internal/id"
	"rigg/internal/problem"
)

type demoPage struct {
	shell
	Groups []demoGroup
}

type demoGroup struct {
	Title  string
	People []demoPerson
}

type demoPerson struct {
	Email, Name, Initials, Organisation string
	Role                                string // "Bokar på P-1001"
	Short                               string // for the banner: "Anna, företag"
	Current                             bool
}

const (
	demoCookie = "rigg_demo" // who the visitor has been, the latest first
	demoLife   = 30 * 24 * time.Hour
	maxBeen    = 10
)

// demoFirst are offered until the visitor has chosen others: the example is
// richest around them.
var demoFirst = []string{
	"anna@gronstal.example", "mia@rise.example", "barbro@gronstal.example", "samuel.oduya@vinnova.example",
}

// demoGroups are the kinds of people that the demo shows, each with the roles
// that count as it; somebody with several is in the last, which is the rarer.
var demoGroups = []struct {
	key   string // demo.group.KEY, and demo.short.KEY after a first name
	roles []access.Role
}{
	{"book", []access.Role{access.ProjectLead, access.ProjectMember}},
	{"manage", []access.Role{access.FacilityManager, access.HostManager}},
	{"pay", []access.Role{access.OrganisationController, access.OrganisationAdmin}},
	{"fund", []access.Role{access.ProgrammeOfficer, access.Auditor}},
	{"run", []access.Role{access.Admin}},
}

// demoPeople are everybody that the demo may make of a visitor, by group.
func (s *Server) demoPeople(v *visit) ([]demoGroup, error) {
	people, err := s.Access.ListPeople(v.ctx)
	if err != nil {
		return nil, err
	}
	out := make([]demoGroup, len(demoGroups))
	for i, g := range demoGroups {
		out[i].Title = v.say("demo.group." + g.key)
	}
	for _, p := range people {
		for i, g := range slices.Backward(demoGroups) {
			at := slices.IndexFunc(p.Grants, func(have access.Grant) bool { return slices.Contains(g.roles, have.Role) })
			if at < 0 {
				continue
			}
			out[i].People = append(out[i].People, demoPerson{
				Email: p.Email, Name: p.Name, Initials: initials(p.Name), Organisation: v.organisationOf(p.Person),
				Role:    v.role(p.Grants[at]),
				Short:   firstWord(p.Name) + ", " + v.say("demo.short."+g.key),
				Current: v.who != nil && v.who.ID == p.ID,
			})
			break
		}
	}
	return slices.DeleteFunc(out, func(g demoGroup) bool { return len(g.People) == 0 }), nil
}

// role writes what somebody does here: "Ansvarar för Testa Center".
func (v *visit) role(g access.Grant) string {
	on := g.Scope
	switch g.Role {
	case access.Admin, access.Auditor:
		return v.say("demo.role." + string(g.Role))
	case access.FacilityManager, access.FacilityMember:
		if f, ok := v.facts.Catalogue.Facility(id.Facility(g.Scope)); ok {
			on = f.Name.In(v.lang)
		}
	case access.HostManager:
		if site, ok := v.facts.Catalogue.Site(id.Site(g.Scope)); ok {
			on = site.Name
		}
	case access.OrganisationController, access.OrganisationAdmin:
		on = v.facts.Terms.OrganisationName(id.Organisation(g.Scope))
	case access.ProgrammeOfficer:
		if p, ok := v.facts.Terms.Programme(id.Programme(g.Scope)); ok {
			on = p.Name
		}
	case access.ProjectLead, access.ProjectMember, access.Controller:
	}
	return v.say("demo.role."+string(g.Role), on)
}

func firstWord(s string) string {
	for i, r := range s {
		if r == ' ' {
			return s[:i]
		}
	}
	return s
}

// demoBanner is one of each group: who the visitor is now or was last, so that a
// request and its approval are a click apart.
func (s *Server) demoBanner(c *fiber.Ctx, v *visit) ([]demoPerson, error) {
	groups, err := s.demoPeople(v)
	if err != nil {
		return nil, err
	}
	wished := append(been(c), demoFirst...)
	rank := func(p demoPerson) int {
		if at := slices.Index(wished, p.Email); !p.Current && at >= 0 {
			return at
		} else if !p.Current {
			return len(wished)
		}
		return -1
	}
	out := []demoPerson{}
	for _, g := range groups {
		out = append(out, slices.MinFunc(g.People, func(a, b demoPerson) int { return rank(a) - rank(b) }))
	}
	return out, nil
}

// been are the addresses in the demo's cookie.
func been(c *fiber.Ctx) []string { return strings.Split(c.Cookies(demoCookie), "|") }

func (s *Server) pageDemo(c *fiber.Ctx, v *visit) error {
	groups, err := s.demoPeople(v)
	if err != nil {
		return err
	}
	page := demoPage{Groups: groups}
	if page.shell, err = s.shell(c, v); err != nil {
		return err
	}
	return s.page(c, v, fiber.StatusOK, "demo_people", page)
}

// postDemo makes the visitor one of the people, without asking. Its route exists
// in the demo alone.
func (s *Server) postDemo(c *fiber.Ctx, v *visit) error {
	people, err := s.Access.ListPeople(v.ctx)
	if err != nil {
		return err
	}
	email := c.Params("email")
	at := slices.IndexFunc(people, func(p *access.Principal) bool { return p.Email == email })
	if at < 0 {
		return problem.Absent()
	}
	others := slices.DeleteFunc(been(c), func(other string) bool { return other == email || other == "" })
	s.remember(c, demoCookie, strings.Join(append([]string{email}, others[:min(len(others), maxBeen-1)]...), "|"), demoLife)
	session, err := s.Access.StartSession(v.ctx, people[at].ID)
	if err != nil {
		return err
	}
	return s.signIn(c, v, session, "/")
}
