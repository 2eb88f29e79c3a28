package web

import (
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"rigg/access"
	"rigg/booking"
	"rigg/internal/id"
)

// shell is what the frame needs; the struct of every page embeds it.
type shell struct {
	Lang    string       // "sv" or "en"
	Theme   string       // "light" or "dark"; empty follows the system
	Back    string       // path and query of this page, to come back to
	Person  *person      // nil: nobody is signed in
	Nav     []navItem    // what this person's roles may open
	Demo    []demoPerson // in the demo's banner, at most five; nil: not a demo
	Clock   time.Time    // in the footer when --clock shifts the time; else zero
	Flashes []flash
}

type person struct{ Name, Initials, Email, Organisation string }

type navItem struct {
	Path, Key, Icon string
	Current         bool
	Count           int // 0: no number
}

// flash is a short message after something was done.
type flash struct {
	Kind string // success, info, warning or danger
	Text string
}

// link is somewhere else to go.
type link struct{ Text, Path string }

// empty stands where a list has nothing to show, and says what to do about it.
type empty struct {
	Icon, Title, Text string
	Links             []link // the first is the main one
}

// tab is one choice of what a list shows.
type tab struct {
	Path, Text string
	Current    bool
}

// pageLinks are the addresses beside a list with a cursor; empty where there is none.
type pageLinks struct{ First, Next string }

// option is a choice in a form.
type option struct {
	Value, Text string
	Selected    bool
}

// fact is a name and a value.
type fact struct{ Label, Value string }

// siteZone is where the platform's own times are shown, such as a message's.
var siteZone = mustZone("Europe/Stockholm")

func mustZone(name string) *time.Location {
	zone, err := time.LoadLocation(name)
	if err != nil {
		panic(err) // the zones are embedded in the program
	}
	return zone
}

// shell makes the frame of a page, and takes the flash that was left for it.
func (s *Server) shell(c *fiber.Ctx, v *visit) (shell, error) {
	out := shell{Lang: string(v.lang), Theme: themeOf(c), Back: c.OriginalURL(), Flashes: s.takeFlash(c, v.words)}
	if c.Method() != fiber.MethodGet && c.Method() != fiber.MethodHead {
		out.Back = "/" // what was posted can't be gone back to
	}
	if s.Offset != 0 {
		out.Clock = v.now.In(siteZone)
	}
	var err error
	if s.Demo {
		if out.Demo, err = s.demoBanner(c, v); err != nil {
			return out, err
		}
	}
	out.Nav = []navItem{{Path: "/", Key: "nav.find", Icon: "calendar-search"}}
	if v.who != nil {
		out.Person = v.person()
		if err = s.personalNav(v, &out); err != nil {
			return out, err
		}
	}
	for i, item := range out.Nav {
		out.Nav[i].Current = c.Path() == item.Path || item.Path != "/" && strings.HasPrefix(c.Path(), item.Path+"/")
	}
	return out, nil
}

func (s *Server) personalNav(v *visit, out *shell) error {
	out.Nav = append(out.Nav, navItem{Path: "/bookings", Key: "nav.bookings", Icon: "calendar"})
	if v.manages() {
		waiting, err := s.waiting(v, "")
		if err != nil {
			return err
		}
		out.Nav = append(out.Nav, navItem{Path: "/inbox", Key: "nav.inbox", Icon: "inbox", Count: len(waiting)})
	}
	if len(v.moneySeen()) > 0 {
		out.Nav = append(out.Nav, navItem{Path: "/projects", Key: "nav.projects", Icon: "coins"})
	}
	out.Nav = append(out.Nav, navItem{Path: "/outbox", Key: "nav.outbox", Icon: "mail"})
	return nil
}

// waiting lists the requests that the visitor may decide, the soonest first; at
// most a list's longest page, which is more than anybody decides in one sitting.
func (s *Server) waiting(v *visit, at id.Facility) ([]*booking.Booking, error) {
	found, _, err := s.Booking.List(v.ctx, v.who, booking.Filter{
		Facility: at, States: []booking.State{booking.Requested}, Limit: 200,
	})
	if err != nil {
		return nil, err
	}
	var out []*booking.Booking
	for _, b := range found {
		if v.allowed(access.DecideBooking, v.facts.ObjectOf(b)) {
			out = append(out, b)
		}
	}
	return out, nil
}

func (v *visit) person() *person {
	return &person{
		Name: v.who.Name, Initials: initials(v.who.Name), Email: v.who.Email,
		Organisation: v.organisationOf(v.who.Person),
	}
}

// organisationOf names the organisation of a person; empty where they have none.
func (v *visit) organisationOf(p access.Person) string {
	if len(p.Organisations) == 0 {
		return ""
	}
	return v.facts.Terms.OrganisationName(p.Organisations[0])
}

// initials are the first letters of the first and the last name.
func initials(name string) string {
	parts := strings.Fields(name)
	switch len(parts) {
	case 0:
		return "?"
	case 1:
		return string([]rune(parts[0])[:1])
	}
	return string([]rune(parts[0])[:1]) + string([]rune(parts[len(parts)-1])[:1])
}

func themeOf(c *fiber.Ctx) string {
	if theme := c.Cookies(themeCookie); theme == "light" || theme == "dark" {
		return theme
	}
	return ""
}
