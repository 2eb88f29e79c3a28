package web

import (
	"html/template"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"rigg/calendar"
	"rigg/internal/id"
	"rigg/internal/problem"
)

type feedsPage struct {
	shell
	New   *newFeed // just made: its address is told this once
	Kinds []option
	Feeds []feedRow
	Error string
}

type newFeed struct {
	Name   string
	HTTPS  string
	Webcal template.URL // the same as webcal:, which templates would not let through
	Google string       // its page for adding a calendar by address
}

type feedRow struct {
	ID, Name, Kind string // key feed.KIND
	Made, Read     time.Time
}

// pageFeeds lists the visitor's calendar addresses and makes new ones.
func (s *Server) pageFeeds(c *fiber.Ctx, v *visit) error {
	return s.showFeeds(c, v, feedsPage{Kinds: v.feedKinds(c.Query("kind"))}, fiber.StatusOK)
}

func (s *Server) showFeeds(c *fiber.Ctx, v *visit, page feedsPage, status int) error {
	list, err := s.Calendar.List(v.ctx, v.who)
	if err != nil {
		return err
	}
	for _, f := range list {
		row := feedRow{ID: strconv.FormatInt(int64(f.ID), 10), Name: v.feedName(f), Kind: string(f.Kind), Made: f.Created.In(siteZone)}
		if !f.LastUsed.IsZero() {
			row.Read = f.LastUsed.In(siteZone)
		}
		page.Feeds = append(page.Feeds, row)
	}
	if page.shell, err = s.shell(c, v); err != nil {
		return err
	}
	page.Back = "/feeds"
	return s.page(c, v, status, "feeds", page)
}

func (v *visit) feedName(f calendar.Subscription) string {
	if f.Kind == calendar.Mine {
		return v.say("feed.mine")
	}
	if r, ok := v.facts.Catalogue.Resource(id.Resource(f.Target)); ok {
		return r.Name.In(v.lang) + ", " + r.Facility.Name.In(v.lang)
	}
	return f.Target
}

// feedKinds are the calendars that anybody signed in may have, the visitor's own
// first: what each shows is decided when it is read.
func (v *visit) feedKinds(chosen string) []option {
	out := []option{{Value: string(calendar.Mine), Text: v.say("feed.mine"), Selected: chosen == string(calendar.Mine)}}
	for _, r := range v.facts.Catalogue.Resources() {
		value := string(calendar.OfResource) + ":" + string(r.ID)
		out = append(out, option{Value: value, Text: r.Facility.Name.In(v.lang) + ": " + r.Name.In(v.lang), Selected: value == chosen})
	}
	return out
}

// postFeed makes an address. It is shown in the answer itself, because it can't be
// told again.
func (s *Server) postFeed(c *fiber.Ctx, v *visit) error {
	values, err := formValues(c)
	if err != nil {
		return err
	}
	chosen := values.Get("kind")
	kind, target, _ := strings.Cut(chosen, ":")
	page := feedsPage{Kinds: v.feedKinds(chosen)}
	made, address, err := s.Calendar.Create(v.ctx, v.who, calendar.Kind(kind), target)
	if err != nil {
		e := known(err)
		if e.Code.Kind != problem.Invalid && e.Code.Kind != problem.Refused {
			return err
		}
		page.Error = e.Text().In(v.lang)
		return s.showFeeds(c, v, page, statusOf(e))
	}
	webcal := "webcal:" + strings.TrimPrefix(strings.TrimPrefix(address, "https:"), "http:")
	page.New = &newFeed{
		Name: v.feedName(made), HTTPS: address, Webcal: template.URL(webcal), //nolint:gosec // made of our own address and a secret
		Google: "https://calendar.google.com/calendar/r?" + url.Values{"cid": {webcal}}.Encode(),
	}
	c.Set(fiber.HeaderCacheControl, "no-store")
	return s.showFeeds(c, v, page, fiber.StatusOK)
}

func (s *Server) postRevokeFeed(c *fiber.Ctx, v *visit) error {
	n, err := strconv.ParseInt(c.Params("id"), 10, 64)
	if err != nil || n < 1 {
		return problem.Absent()
	}
	if err := s.Calendar.Revoke(v.ctx, v.who, id.Feed(n)); err != nil {
		return err
	}
	return s.leave(c, "/feeds", "flash.revoked")
}
