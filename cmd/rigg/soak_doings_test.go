package main_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// period is an hour to three of the first two days, the first half hour of which
// can be checked in now.
func (c *soakClient) period() (start, end string) {
	from := time.Date(2026, 9, 1, 8, 0, 0, 0, time.UTC) // the site's clocks, as no zone is told
	from = from.AddDate(0, 0, c.random.IntN(2)).Add(time.Duration(c.random.IntN(20)) * 30 * time.Minute)
	if c.random.IntN(4) == 0 {
		from = time.Date(2026, 9, 1, 8, 0, 0, 0, time.UTC)
	}
	const local = "2006-01-02T15:04"
	return from.Format(local), from.Add(time.Duration(2+c.random.IntN(5)) * 30 * time.Minute).Format(local)
}

func (c *soakClient) resource() string {
	return pick(c.random, []string{"robots", "robots", "pairs", "line", "cutter", "welder", "kiln", "bench", "bench", "printer"})
}

func (c *soakClient) wish() map[string]any {
	start, end := c.period()
	if out := wish(c.resource(), c.project, start, end); out["resources"].([]string)[0] != "printer" {
		return out
	}
	// The printer wants a day's notice, and its hall is closed in the evening.
	start = fmt.Sprintf("2026-09-%02dT%02d:00", 3+c.random.IntN(2), 8+c.random.IntN(4))
	at, _ := time.Parse("2006-01-02T15:04", start)
	end = at.Add(time.Duration(1+c.random.IntN(3)) * time.Hour).Format("2006-01-02T15:04")
	return wish("printer", c.project, start, end)
}

func (c *soakClient) search() reply {
	return c.ask(http.MethodGet, "/search?minutes=60&facility=hall&q="+pick(c.random, []string{"robbot", "ugn", ""})+"&from=2026-09-01T08:00&to=2026-09-03T18:00", nil)
}

func (c *soakClient) free() reply {
	return c.ask(http.MethodGet, "/availability?resource="+url.QueryEscape(c.resource())+"&minutes=90&from=2026-09-01T08:00&to=2026-09-04T18:00", nil)
}

func (c *soakClient) quote() reply { return c.ask(http.MethodPost, "/quotes", c.wish()) }

func (c *soakClient) request() reply { return c.keep(c.ask(http.MethodPost, "/bookings", c.wish())) }

func (c *soakClient) series() reply {
	in := c.wish()
	in["recurrence"], in["accept"] = "FREQ=DAILY;COUNT=3", pick(c.random, []string{"all", "free"})
	return c.keep(c.ask(http.MethodPost, "/bookings", in))
}

// keep remembers what was made, for everybody.
func (c *soakClient) keep(got reply) reply {
	var made struct {
		Ref      string
		Bookings []struct{ Ref string }
	}
	if got.status == http.StatusCreated && json.Unmarshal(got.body, &made) == nil {
		c.lock.Lock()
		defer c.lock.Unlock()
		if made.Ref != "" {
			c.refs = append(c.refs, made.Ref)
		}
		for _, b := range made.Bookings {
			c.refs = append(c.refs, b.Ref)
		}
	}
	return got
}

// seen is a booking as it just was; there is none where the client may not see it.
type seen struct {
	Ref, State, Series, Start string
	Version                   int
}

// some is one of the latest bookings that are not over. Somebody else may change it
// at once.
func (c *soakClient) some() (b seen, ok bool) {
	for range 5 {
		ref, ok := c.drawn()
		if !ok {
			return b, false
		}
		got := c.ask(http.MethodGet, "/bookings/"+ref, nil)
		if got.status == http.StatusNotFound {
			continue
		}
		b = seen{}
		if got.status != http.StatusOK || json.Unmarshal(got.body, &b) != nil {
			c.Errorf("%s: %d %.300s", got.asked, got.status, got.body)
			return b, false
		}
		if slices.Contains([]string{"requested", "confirmed", "displaced", "in_use"}, b.State) {
			return b, true
		}
		c.forget(ref)
	}
	return b, false
}

func (c *soakClient) drawn() (string, bool) {
	c.lock.Lock()
	defer c.lock.Unlock()
	latest := c.refs[max(0, len(c.refs)-100):]
	if len(latest) == 0 {
		return "", false
	}
	return pick(c.random, latest), true
}

func (c *soakClient) forget(ref string) {
	c.lock.Lock()
	defer c.lock.Unlock()
	c.refs = slices.DeleteFunc(c.refs, func(r string) bool { return r == ref })
}

// scoped adds, of a series now and then, how much of it is meant.
func (c *soakClient) scoped(b seen, body map[string]any) map[string]any {
	if b.Series != "" && c.random.IntN(2) == 0 {
		body["scope"] = pick(c.random, []string{"this", "later", "all"})
	}
	return body
}

func (c *soakClient) move() reply {
	b, ok := c.some()
	if !ok {
		return reply{}
	}
	body := map[string]any{"version": b.Version}
	body["start"], body["end"] = c.period()
	if c.scoped(b, body); body["scope"] != nil { // a series keeps its days
		from, err := time.Parse(time.RFC3339, b.Start)
		if err != nil {
			c.Error(err)
		}
		from = time.Date(from.Year(), from.Month(), from.Day(), 8+c.random.IntN(8), 0, 0, 0, from.Location())
		body["start"], body["end"] = from.Format(time.RFC3339), from.Add(90*time.Minute).Format(time.RFC3339)
	}
	return c.ask(http.MethodPatch, "/bookings/"+b.Ref, body)
}

// acting is one of the changes that say no more than which booking.
func acting(action string) func(*soakClient) reply {
	return func(c *soakClient) reply {
		b, ok := c.some()
		if !ok {
			return reply{}
		}
		for range 5 { // most are not to be used until later
			if action != "check-in" || strings.HasPrefix(b.Start, "2026-09-01T08:00") {
				break
			}
			if b, ok = c.some(); !ok {
				return reply{}
			}
		}
		body := map[string]any{"version": b.Version}
		switch action {
		case "decline":
			body["reason"] = "Ingen operatör"
		case "cancel":
			body = c.scoped(b, body)
		}
		return c.ask(http.MethodPost, "/bookings/"+b.Ref+"/"+action, body)
	}
}

func (c *soakClient) handOver() reply {
	b, ok := c.some()
	if !ok {
		return reply{}
	}
	return c.ask(http.MethodPost, "/bookings/"+b.Ref+"/hand-over", map[string]any{"version": b.Version, "to": c.other})
}

func (c *soakClient) propose() reply {
	b, ok := c.some()
	if !ok {
		return reply{}
	}
	body := map[string]any{"version": b.Version, "reason": "Passar bättre då"}
	body["start"], body["end"] = c.period()
	return c.ask(http.MethodPost, "/bookings/"+b.Ref+"/propose", body)
}

func (c *soakClient) approveAll() reply {
	var items []map[string]any
	for range 1 + c.random.IntN(4) {
		if b, ok := c.some(); ok {
			items = append(items, map[string]any{"ref": b.Ref, "version": b.Version})
		}
	}
	slices.SortFunc(items, func(a, b map[string]any) int { return cmp.Compare(a["ref"].(string), b["ref"].(string)) })
	items = slices.CompactFunc(items, func(a, b map[string]any) bool { return a["ref"] == b["ref"] })
	if len(items) == 0 {
		return reply{}
	}
	got := c.ask(http.MethodPost, "/bookings/approve", map[string]any{"items": items})
	for _, broken := range []string{`"status":5`, "internal"} { // each has a result of its own
		if strings.Contains(string(got.body), broken) {
			c.Errorf("approve all: %.1000s", got.body)
		}
	}
	return got
}

func (c *soakClient) outage() map[string]any {
	start, end := c.period()
	out := map[string]any{"facility": "hall", "kind": "breakdown", "start": start, "end": end, "displace": c.random.IntN(3) > 0}
	out["units"] = []string{pick(c.random, []string{"r1", "r2", "r3", "cut", "weld", "kiln-1", "op-1", "bench-1"})}
	return out
}

func (c *soakClient) preview() reply {
	return c.ask(http.MethodPost, "/outages/preview", c.outage())
}

func (c *soakClient) takeDown() reply {
	got := c.ask(http.MethodPost, "/outages", c.outage())
	var made struct{ Outages []struct{ ID int64 } }
	if got.status < 300 && json.Unmarshal(got.body, &made) == nil {
		c.lock.Lock()
		defer c.lock.Unlock()
		for _, o := range made.Outages {
			c.outages = append(c.outages, o.ID)
		}
	}
	return got
}

func (c *soakClient) lift() reply {
	c.lock.Lock()
	var o int64
	if n := len(c.outages); n > 0 {
		at := c.random.IntN(n)
		o, c.outages = c.outages[at], slices.Delete(c.outages, at, at+1)
	}
	c.lock.Unlock()
	if o == 0 {
		return reply{}
	}
	return c.ask(http.MethodPost, fmt.Sprintf("/outages/%d/lift", o), map[string]any{})
}

func (c *soakClient) join() reply {
	in := c.wish()
	if c.random.IntN(2) == 0 {
		in["minutes"] = 60
	}
	return c.ask(http.MethodPost, "/waits", in)
}

// answerOffer takes what the client is offered, turns it down, or leaves the line.
func (c *soakClient) answerOffer() reply {
	var mine struct {
		Items []struct{ Ref, State string }
	}
	got := c.ask(http.MethodGet, "/waits", nil)
	if got.status != http.StatusOK || json.Unmarshal(got.body, &mine) != nil || len(mine.Items) == 0 {
		return got
	}
	at := pick(c.random, mine.Items)
	for _, x := range mine.Items {
		if x.State == "offered" {
			at = x
		}
	}
	switch c.random.IntN(4) {
	case 0:
		return c.ask(http.MethodDelete, "/waits/"+at.Ref, nil)
	case 1:
		return c.ask(http.MethodPost, "/waits/"+at.Ref+"/decline", nil)
	default:
		return c.ask(http.MethodPost, "/waits/"+at.Ref+"/accept", nil)
	}
}
