package web

import (
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"rigg/booking"
	"rigg/internal/id"
	"rigg/internal/problem"
)

// resultView is what became of one of the bookings that were approved at once.
type resultView struct {
	OK         bool
	Name, Path string
	Text       string
}

// postApproveAll approves those that were selected in the inbox, each by itself,
// and shows the inbox with one result for each.
func (s *Server) postApproveAll(c *fiber.Ctx, v *visit) error {
	values, err := formValues(c)
	if err != nil {
		return err
	}
	var all []booking.Change
	for _, item := range values["item"] {
		ref, written, _ := strings.Cut(item, " ")
		version, err := strconv.Atoi(written)
		if err != nil || version < 1 || !id.ValidRef(ref) {
			return problem.CodeInvalid.Say("Läs om sidan och försök igen.", "Reload the page and try again.")
		}
		all = append(all, booking.Change{Ref: id.Ref(ref), Version: version})
	}
	if len(all) == 0 {
		return s.leave(c, "/inbox", "flash.none_selected")
	}
	outcomes, err := s.Booking.ApproveAll(v.ctx, v.who, all)
	if err != nil {
		return err
	}
	var results []resultView
	for _, o := range outcomes {
		result := resultView{Path: "/bookings/" + string(o.Change.Ref), Name: string(o.Change.Ref)}
		if b, err := s.Booking.Find(v.ctx, v.who, o.Change.Ref); err == nil {
			result.Name = v.resourceNames(b) + ", " + v.day(b.Period.Start.In(v.facts.ZoneOf(b)))
			if awaits := v.awaits(b); o.Err == nil && awaits != "" {
				result.Text = v.say("inbox.result.half", awaits)
			}
		}
		if result.OK = o.Err == nil; o.Err != nil {
			result.Text = known(o.Err).Text().In(v.lang)
		} else if result.Text == "" {
			result.Text = v.say("inbox.result.ok")
		}
		results = append(results, result)
	}
	return s.showInbox(c, v, id.Facility(values.Get("facility")), results)
}
