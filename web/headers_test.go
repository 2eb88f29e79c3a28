package web_test

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"rigg/internal/config"
)

// TestAnErrorOfTheWireIsAPageLikeAnother sends more than is read: the refusal
// comes before any handler, and keeps the rules of every page and answer.
func TestAnErrorOfTheWireIsAPageLikeAnother(t *testing.T) {
	t.Parallel()
	p := openPlace(t)
	for _, accept := range []string{"text/html", "application/json"} {
		conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", strings.TrimPrefix(p.url, "http://"))
		p.must(err)
		// The announcement is enough to be refused; who sent the rest would race the answer.
		_, err = io.WriteString(conn, "POST /sign-in HTTP/1.1\r\nHost: rigg\r\nAccept: "+accept+"\r\nContent-Length: 2097152\r\n\r\na")
		p.must(err)
		a, err := http.ReadResponse(bufio.NewReader(conn), nil)
		p.must(err)
		if a.StatusCode != http.StatusRequestEntityTooLarge {
			t.Errorf("%s: %s", accept, a.Status)
		}
		for _, header := range []string{"Content-Security-Policy", "X-Content-Type-Options", "Referrer-Policy"} {
			if a.Header.Get(header) == "" {
				t.Errorf("%s: there is no %s", accept, header)
			}
		}
		p.must(errors.Join(a.Body.Close(), conn.Close()))
	}
}

// TestASlowClientIsNotOurFault sends a part of a request and no more: that is the
// client's mistake, of which an operator need not be told.
func TestASlowClientIsNotOurFault(t *testing.T) {
	t.Parallel()
	p := openPlace(t, func(c *config.Config) { c.Web.ReadTimeout = 50 * time.Millisecond })
	for _, part := range []string{"POST /sign-in HTTP/1.1\r\nHost: rigg\r\nContent-Length: 10\r\n\r\nabc", "GET / HTT"} {
		conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", strings.TrimPrefix(p.url, "http://"))
		p.must(err)
		_, err = conn.Write([]byte(part))
		p.must(err)
		answered, err := io.ReadAll(conn)
		p.must(errors.Join(err, conn.Close()))
		if !strings.HasPrefix(string(answered), "HTTP/1.1 408 ") {
			t.Errorf("%q is answered %q", part, answered)
		}
	}
	if said := p.log.String(); strings.Contains(said, "level=ERROR") {
		t.Errorf("the log says %s", said)
	}
}

// TestAClientThatHasGoneIsNotOurFault breaks the connection in the middle of a
// request; what the server made of that is in its log when it has shut down.
func TestAClientThatHasGoneIsNotOurFault(t *testing.T) {
	t.Parallel()
	var p *place
	t.Cleanup(func() {
		if said := p.log.String(); strings.Contains(said, "level=ERROR") {
			t.Errorf("the log says %s", said)
		}
	})
	p = openPlace(t)
	conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", strings.TrimPrefix(p.url, "http://"))
	p.must(err)
	_, err = conn.Write([]byte("POST /sign-in HTTP/1.1\r\nHost: rigg\r\nContent-Length: 10\r\n\r\nabc"))
	p.must(err)
	p.must(errors.Join(conn.(*net.TCPConn).SetLinger(0), conn.Close()))
}

// TestAnAddressToldOnceIsNotKept looks at the one page that shows a secret, and
// at the API's answers: what is private is nobody's to store.
func TestAnAddressToldOnceIsNotKept(t *testing.T) {
	t.Parallel()
	p := openPlace(t)
	anna := p.as("anna@sme.example")
	page := anna.post("/feeds", map[string][]string{"kind": {"mine"}}).is(http.StatusOK).says(".ics")
	if got := page.header.Get("Cache-Control"); got != "no-store" {
		t.Errorf("the page with the address is kept %q", got)
	}
	made := anna.do(http.MethodPost, "/api/v1/feeds", strings.NewReader(`{"kind":"mine"}`), "Content-Type", "application/json",
		"Sec-Fetch-Site", "same-origin").is(http.StatusCreated).says(".ics")
	listed := anna.get("/api/v1/bookings").is(http.StatusOK)
	for _, a := range []answer{made, listed} {
		if got := a.header.Get("Cache-Control"); got != "no-store" {
			t.Errorf("an answer of the API is kept %q", got)
		}
	}
}

// TestTheLiveQuoteAsksForSignIn is a form whose session has ended: it comes back
// as it was filled in.
func TestTheLiveQuoteAsksForSignIn(t *testing.T) {
	t.Parallel()
	p := openPlace(t)
	a := p.browser().get("/book/quote?" + wish("extruder", "2026-11-26T09:00", "2026-11-26T13:00").Encode()).is(http.StatusNoContent)
	to, err := url.Parse(a.header.Get("HX-Redirect"))
	p.must(err)
	back := to.Query().Get("back")
	if to.Path != "/sign-in" || !strings.HasPrefix(back, "/book?") || !strings.Contains(back, "Provk") || !strings.Contains(back, "resource=extruder") {
		t.Errorf("the form goes to %s", to)
	}
}
