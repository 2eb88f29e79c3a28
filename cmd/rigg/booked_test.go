package main_test

import (
	"net/url"
	"strings"
)

// booked is a booking as the API tells it.
type booked struct {
	Ref, UID, State, Start, End string
	Version                     int
	Units, Resources            []string
	CheckedIn                   string `json:"checked_in"`
	Cost                        *costTold
	History                     []struct{ Action, By, From, To string }
	*caller
}

type costTold struct {
	Total  int64 `json:"total_ore"`
	Lines  []lineTold
	Shares []shareTold
}

type lineTold struct {
	Minutes int64
	Amount  int64 `json:"amount_ore"`
	Year    int
}

type shareTold struct {
	Party, Kind string
	Year        int
	Amount      int64 `json:"amount_ore"`
}

// of is a party's part of a year.
func (c *costTold) of(party string, year int) (sum int64) {
	for _, s := range c.Shares {
		if s.Party == party && s.Year == year {
			sum += s.Amount
		}
	}
	return sum
}

// statement is a project's, as far as the tests look at it.
type statement struct {
	Total  int64 `json:"total_ore"`
	Rows   []struct{ Booking string }
	Sums   []shareTold
	Purses []struct {
		Party, Kind string
		Year        int
		Limit       *int64 `json:"limit_ore"`
		Reserved    int64  `json:"reserved_ore"`
		Spent       int64  `json:"spent_ore"`
	}
}

func (s statement) of(party string) int64 { return (&costTold{Shares: s.Sums}).ofAll(party) }

func (c *costTold) ofAll(party string) (sum int64) {
	for _, s := range c.Shares {
		if s.Party == party {
			sum += s.Amount
		}
	}
	return sum
}

// money is what stands in a project's purses of all parties and years.
func (s statement) money() (reserved, spent int64) {
	for _, p := range s.Purses {
		reserved, spent = reserved+p.Reserved, spent+p.Spent
	}
	return reserved, spent
}

func (c *caller) statement(project, period string) (out statement) {
	c.Helper()
	c.get("/api/v1/projects/" + project + "/statement?period=" + period).is(200).into(&out)
	return out
}

// wish is the body of a request for one resource; times without an offset are
// the site's.
func wish(resource, project, start, end string) map[string]any {
	return map[string]any{"resources": []string{resource}, "project": project, "start": start, "end": end}
}

// books requests and must get a booking.
func (c *caller) books(wish map[string]any, headers ...string) booked {
	c.Helper()
	made := c.post("/bookings", wish, headers...).is(201)
	b := c.read(made)
	if made.header.Get("Location") != "/api/v1/bookings/"+b.Ref {
		c.Errorf("made %s at %q", b.Ref, made.header.Get("Location"))
	}
	return b
}

func (c *caller) read(r reply) (b booked) {
	c.Helper()
	r.into(&b)
	b.caller = c
	return b
}

// find gets the booking as it is now.
func (c *caller) find(ref string) booked {
	c.Helper()
	return c.read(c.get("/api/v1/bookings/" + ref).is(200))
}

// act does something with a booking on its version.
func (c *caller) act(ref, action string, version int, reason ...string) reply {
	c.Helper()
	body := map[string]any{"version": version}
	if len(reason) > 0 {
		body["reason"] = reason[0]
	}
	return c.post("/bookings/"+ref+"/"+action, body)
}

// does is act that must succeed.
func (c *caller) does(ref, action string, version int, reason ...string) booked {
	c.Helper()
	return c.read(c.act(ref, action, version, reason...).is(200))
}

// quoted is a quote as the API tells it.
type quoted struct {
	Cost     *costTold
	Refusals []struct {
		Code    string
		Details map[string]any
	}
}

func (c *caller) quote(wish map[string]any) (q quoted) {
	c.Helper()
	c.post("/quotes", wish).is(200).into(&q)
	return q
}

// feed makes a calendar address and gives its path and id.
func (c *caller) feed(kind, target string) (path, id string) {
	c.Helper()
	var made struct{ ID, URL string }
	body := map[string]string{"kind": kind}
	if target != "" {
		body["id"] = target
	}
	c.post("/feeds", body).is(201).into(&made)
	at, err := url.Parse(made.URL)
	if err != nil || at.Host != c.address {
		c.Fatalf("a feed at %s on %s: %v", made.URL, c.address, err)
	}
	return at.Path, made.ID
}

// anybody is who has no token and no cookie.
func (c *caller) anybody() *caller { return &caller{T: c.T, address: c.address} }

// property gives the values of a property in a calendar file, unfolded, with
// its parameters left out.
func (r reply) property(name string) (values []string) {
	for line := range strings.SplitSeq(strings.ReplaceAll(string(r.body), "\r\n ", ""), "\r\n") {
		at := strings.IndexAny(line, ":;")
		if at < 0 || line[:at] != name {
			continue
		}
		_, value, _ := strings.Cut(line[at:], ":")
		values = append(values, value)
	}
	return values
}
