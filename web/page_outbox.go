package web

import (
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"

	"rigg/access"
	"rigg/internal/problem"
	"rigg/notify"
)

type outboxPage struct {
	shell
	Tabs          []tab
	Messages      []outboxRow
	Empty         empty
	Pages         pageLinks
	SMTP          bool // false: nothing is mailed, messages are read here
	RetentionDays int
}

// outboxRow is one message.
type outboxRow struct {
	ID              string
	At              time.Time // when it was made
	To, Subject     string
	Kind            string
	State, StateKey string // as people read it; waiting, sent, failed or not_sent
	Attempts        int
	Note            string // why it is in its state
	Ref             string // the booking it is about
	Body            string // plain text
}

// outboxStates are the choices of the list: all, then each state.
var outboxStates = []notify.State{"", notify.Waiting, notify.Sent, notify.Failed, notify.NotSent}

// pageOutbox lists messages: the visitor's own, or everybody's for who may see it.
func (s *Server) pageOutbox(c *fiber.Ctx, v *visit) error {
	chosen := notify.State(c.Query("state"))
	page := outboxPage{SMTP: s.Notify.Sends(), RetentionDays: notify.RetentionDays, Empty: empty{
		Icon: "mail", Title: v.say("outbox.none"), Text: v.say("outbox.none.text"),
	}}
	known := false
	for _, state := range outboxStates {
		t := tab{Path: "/outbox", Text: v.say("outbox.all"), Current: state == chosen}
		if state != "" {
			t.Path, t.Text = "/outbox?state="+string(state), state.Name().In(v.lang)
		}
		known = known || t.Current
		page.Tabs = append(page.Tabs, t)
	}
	if !known {
		return problem.Absent()
	}
	found, next, err := s.Notify.List(v.ctx, v.who, notify.Filter{State: chosen, After: c.Query("after"), Limit: rowsPerPage})
	if err != nil {
		return unreadableCursor(err)
	}
	page.Pages = cursorLinks(c, next)
	for _, m := range found {
		page.Messages = append(page.Messages, v.outboxRow(m))
	}
	if page.shell, err = s.shell(c, v); err != nil {
		return err
	}
	return s.page(c, v, fiber.StatusOK, "outbox", page)
}

func (v *visit) outboxRow(m notify.Message) outboxRow {
	out := outboxRow{
		ID: strconv.FormatInt(int64(m.ID), 10), At: m.Created.In(siteZone), To: m.Name, Subject: m.Subject,
		Kind: m.Kind.Name().In(v.lang), State: m.State.Name().In(v.lang), StateKey: string(m.State),
		Attempts: m.Attempts, Note: m.Note.Text().In(v.lang), Ref: string(m.Ref), Body: m.Text,
	}
	if v.allowed(access.SeeOutbox, access.Object{}) || m.To == v.who.ID {
		out.To += " <" + m.Address + ">"
	}
	return out
}
