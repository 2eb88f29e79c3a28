package web

import (
	"context"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"rigg/access"
	"rigg/booking"
	"rigg/facilities"
	"rigg/internal/id"
	"rigg/internal/problem"
)

// unitView is one of a booking's units.
type unitView struct {
	Name        string
	Provisional bool // it may still be exchanged for another of its pool
}

// pinView lets a manager settle which units of pools a booking gets.
type pinView struct {
	Path    string
	Version int
	Pools   []pinPool
}

// pinPool is one pool of a booking, with the units that it has chosen.
type pinPool struct {
	Field, Name string
	Need        int
	Units       []option
}

// unitField is how the form's fields for the units of a resource begin.
const unitField = "unit."

// units are the booking's, and which of them are provisional.
func (v *visit) units(b *booking.Booking) (out []unitView) {
	for _, name := range b.Resources {
		r, ok := v.facts.Catalogue.Resource(name)
		if !ok || !r.Provisional() {
			continue
		}
		for _, u := range b.Units {
			if slices.Contains(r.Units, u) {
				out = append(out, unitView{v.facts.Catalogue.UnitName(u), slices.Contains(b.Provisional, u)})
			}
		}
	}
	return out
}

// pin is what a manager may settle; nil where there is nothing to settle or the
// visitor is none.
func (v *visit) pin(b *booking.Booking) *pinView {
	if b.State != booking.Requested && b.State != booking.Confirmed || !v.allowed(access.OperateBooking, v.facts.ObjectOf(b)) {
		return nil
	}
	out := &pinView{Path: "/bookings/" + string(b.Ref) + "/pin", Version: b.Version}
	for _, name := range b.Resources {
		r, ok := v.facts.Catalogue.Resource(name)
		if !ok || !r.Provisional() {
			continue
		}
		pool := pinPool{Field: unitField + string(r.ID), Name: r.Name.In(v.lang), Need: r.Needs()}
		for _, u := range r.Units {
			unit := v.facts.Catalogue.UnitName(u)
			pool.Units = append(pool.Units, option{Value: unit, Text: unit, Selected: slices.Contains(b.Units, u)})
		}
		out.Pools = append(out.Pools, pool)
	}
	if len(out.Pools) == 0 {
		return nil
	}
	return out
}

// pinned reads the units that were chosen, of all pools.
func pinned(values url.Values) (out []string) {
	for field, units := range values {
		if strings.HasPrefix(field, unitField) {
			out = append(out, units...)
		}
	}
	slices.Sort(out)
	return out
}

// postPin settles a booking's units. A refusal shows the booking with the reason.
func (s *Server) postPin(c *fiber.Ctx, v *visit) error {
	if !id.ValidRef(c.Params("ref")) {
		return problem.Absent()
	}
	values, err := formValues(c)
	if err != nil {
		return err
	}
	version, err := strconv.Atoi(values.Get("version"))
	if err != nil || version < 1 {
		return problem.CodeInvalid.Say("Läs om sidan och försök igen.", "Reload the page and try again.")
	}
	change := booking.Change{Ref: id.Ref(c.Params("ref")), Version: version}
	if _, err := s.Booking.Pin(v.ctx, v.who, change, pinned(values)); err != nil {
		return s.actionRefused(c, v, "pin", change, err)
	}
	return s.leave(c, "/bookings/"+string(change.Ref), "flash.pin")
}

// resourceTerms are a resource's rules, the hours that it keeps for itself and
// what comes along.
func (v *visit) resourceTerms(r *facilities.Resource) []string {
	out := v.rules(r.Rules)
	if r.Hours != nil {
		var words []string
		for _, line := range v.openWeek(r.Hours) {
			words = append(words, line.Label+" "+line.Value)
		}
		out = append(out, v.say("along.hours", strings.Join(words, ", ")))
	}
	for _, other := range facilities.Together([]*facilities.Resource{r})[1:] {
		out = append(out, v.say("along.with", other.Name.In(v.lang)))
	}
	return out
}

// WeekBody is opening hours by weekday, "mon" to "sun", each a list of
// "07:00–19:00"; a day that is not there is closed.
type WeekBody map[string][]string

func hoursBody(h *facilities.Hours) WeekBody {
	if h == nil {
		return nil
	}
	out := WeekBody{}
	for _, day := range week {
		for _, r := range h.On(day) {
			name := strings.ToLower(day.String()[:3])
			out[name] = append(out[name], r.String())
		}
	}
	return out
}

type pinInput struct {
	Ref  string `path:"ref" maxLength:"63"`
	Body struct {
		Version int      `json:"version" minimum:"1" maximum:"1000000000" doc:"The version that was seen; another is 409 stale"`
		Units   []string `json:"units,omitempty" maxItems:"100" doc:"As the facility calls them: as many as the booking takes of each pool that is named; left out, it keeps those that it has"`
	}
}

func (s *Server) pinBooking(ctx context.Context, p *access.Principal, in *pinInput) (*bookingOutput, error) {
	b, err := s.Booking.Pin(ctx, p, booking.Change{Ref: id.Ref(in.Ref), Version: in.Body.Version}, in.Body.Units)
	if err != nil {
		return nil, err
	}
	return s.bookingAnswer(ctx, p, b)
}
