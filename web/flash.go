package web

import (
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
)

const (
	flashCookie = "rigg_flash"
	flashLife   = time.Minute
)

// flashes are the messages that one page may leave for the next, by the key of
// their text, and their kinds. The cookie holds the key alone, so that nobody can
// put words of their own on our pages.
var flashes = map[string]string{
	"flash.requested": "success",
	"flash.booked":    "success",
	"flash.approve":   "success",
	"flash.decline":   "success",
	"flash.ask":       "success",
	"flash.answer":    "success",
	"flash.cancel":    "success",
	"flash.check-in":  "success",
	"flash.check-out": "success",
	"flash.no-show":   "success",
	"flash.joined":    "success",
	"flash.left":      "success",
	"flash.revoked":   "success",

	"flash.accept-alternative": "success",
	"flash.moved":              "success",
	"flash.outage_saved":       "success",
	"flash.outage_lifted":      "success",
	"flash.wait_joined":        "success",
	"flash.wait_left":          "success",
	"flash.offer_declined":     "success",
	"flash.accept":             "success",
	"flash.reject":             "success",
	"flash.reconfirm":          "success",
	"flash.hand-over":          "success",
	"flash.move":               "success",
	"flash.move_asked":         "success",
	"flash.propose":            "success",
	"flash.delegated":          "success",
	"flash.delegation_ended":   "success",
	"flash.none_selected":      "warning",
	"flash.log":                "success",
	"flash.correct":            "success",
	"flash.reported":           "success",
	"flash.report_closed":      "success",
	"flash.note":               "success",
	"flash.retired":            "success",
	"flash.file":               "success",
	"flash.file_gone":          "info",
	"flash.walked_in":          "success",
	"flash.enquired":           "success",
	"flash.written":            "success",
	"flash.enquiry_closed":     "info",

	"flash.series_booked":  "success",
	"flash.series_added":   "success",
	"flash.series_changed": "success",

	"flash.signed_in":  "success",
	"flash.signed_out": "info",
}

// leave goes on to a path of ours with a message for the page there.
func (s *Server) leave(c *fiber.Ctx, path, key string) error {
	s.remember(c, flashCookie, key, flashLife)
	return c.Redirect(path, fiber.StatusSeeOther)
}

// takeFlash gives the message that was left, this once.
func (s *Server) takeFlash(c *fiber.Ctx, w words) []flash {
	key := c.Cookies(flashCookie)
	if key == "" {
		return nil
	}
	s.remember(c, flashCookie, "", -time.Second)
	kind, known := flashes[key]
	if !known {
		return nil
	}
	return []flash{{Kind: kind, Text: w.say(key)}}
}

// ours gives a path of this server that somebody may be sent to, or the start
// page for anything else: an address of another site must not pass for ours.
func ours(path string) string {
	if !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") || len(path) > 2000 ||
		strings.ContainsFunc(path, func(r rune) bool { return r < 0x20 || r == '\\' || r == 0x7f }) {
		return "/"
	}
	return path
}
