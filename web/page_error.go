package web

import (
	"github.com/gofiber/fiber/v2"

	"rigg/access"
)

type errorPage struct {
	shell
	Status      int
	Code        string
	Title, Text string
	RequestID   string // for our own faults: what to quote
	Retry       string // an address to try again; empty: trying again won't help
}

// errorPage answers a browser with what went wrong. Who is not signed in is asked
// to be, and then comes back.
func (s *Server) errorPage(c *fiber.Ctx, p *Problem) error {
	reading := c.Method() == fiber.MethodGet || c.Method() == fiber.MethodHead
	if p.Code == access.CodeUnauthenticated.Slug {
		back := "/"
		if reading {
			back = c.OriginalURL()
		}
		return c.Redirect(signInPath(ours(back)), fiber.StatusSeeOther)
	}
	v := &visit{words: s.words(c), ctx: c.UserContext()}
	page := errorPage{Status: p.Status, Code: p.Code, Title: p.Title, Text: p.Detail}
	if page.Text == page.Title { // nothing beyond the title: say what to do instead
		page.Text = v.todo(p.Code)
	}
	if p.Status >= fiber.StatusInternalServerError {
		page.RequestID = p.Instance
		if reading {
			page.Retry = c.OriginalURL()
		}
	}
	page.shell = s.plainShell(c, v)
	body, err := s.write(v, "error", "layout", page)
	if err != nil { // then only words are left
		return c.Status(p.Status).SendString(p.Title + "\n" + p.Detail + "\n")
	}
	return sendHTML(c, p.Status, body)
}

// plainShell is a frame without anything that the database knows: an error page
// must come out whatever has failed.
func (s *Server) plainShell(c *fiber.Ctx, v *visit) shell {
	out := shell{
		Lang: string(v.lang), Theme: themeOf(c), Back: "/",
		Nav: []navItem{{Path: "/", Key: "nav.find", Icon: "calendar-search"}},
	}
	if p := who(v.ctx); p != nil {
		out.Person = &person{Name: p.Name, Initials: initials(p.Name), Email: p.Email}
		out.Nav = append(out.Nav, navItem{Path: "/bookings", Key: "nav.bookings", Icon: "calendar"})
	}
	return out
}
