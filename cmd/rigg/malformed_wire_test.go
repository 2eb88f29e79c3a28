package main_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// wrongTokens are refused alike, whatever is wrong with them.
func wrongTokens(t *testing.T, w *whole) {
	good := w.as(annaEk).token
	for name, header := range map[string]string{
		"none":       "",
		"empty":      "Bearer ",
		"cut off":    "Bearer " + good[:len(good)-1],
		"too long":   "Bearer " + good + "A",
		"long":       "Bearer " + strings.Repeat("A", 3000),
		"basic":      "Basic YW5uYTphbm5h",
		"no scheme":  good,
		"other case": "Bearer " + strings.ToUpper(good),
		"letters":    "Bearer åäö",
		"SQL":        "Bearer ' or 1=1 --",
	} {
		t.Run(name, func(t *testing.T) {
			headers := []string{"Authorization", header}
			if header == "" {
				headers = nil
			}
			c := &caller{T: t, address: w.served.address}
			got := c.get("/api/v1/bookings", headers...)
			judge(t, got, 401, "unauthenticated")
			if !strings.HasPrefix(got.header.Get("WWW-Authenticate"), "Bearer") {
				t.Error("does not say how to sign in")
			}
		})
	}
	t.Run("expired", func(t *testing.T) {
		w.as(kaiDahl).get("/api/v1/bookings").is(200)
		if _, err := w.db.Exec(t.Context(), `update tokens set expires_at = '2026-09-01' where person_id = (select id from people where email = $1)`, kaiDahl); err != nil {
			t.Fatal(err)
		}
		judge(t, w.as(kaiDahl).get("/api/v1/bookings"), 401, "unauthenticated")
	})
	t.Run("of little reach", func(t *testing.T) {
		secret := strings.TrimSpace(w.beside.must("token", "create", "--person", annaEk, "--scope", "read"))
		c := &caller{T: t, address: w.served.address, token: secret}
		judge(t, c.post("/bookings", wish("mill", "P-1001", "2026-09-10T08:00", "2026-09-10T09:00")), 403, "scope-missing")
		c.get("/api/v1/bookings").is(200)
	})
	t.Run("from another site", func(t *testing.T) {
		c := &caller{T: t, address: w.served.address}
		got := c.send(http.MethodPost, "/api/v1/bookings", []byte(withField("", "")),
			"Content-Type", "application/json", "Cookie", "rigg_session="+good, "Sec-Fetch-Site", "cross-site")
		judge(t, got, 403, "cross-site")
	})
}

// requests are bytes that are no HTTP request, or two at once. TOKEN stands for
// a good token.
var requests = map[string]string{
	"nothing":              "\r\n\r\n",
	"not HTTP":             "BEGIN:VCALENDAR\r\n\r\n",
	"a TLS hello":          "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + strings.Repeat("\x00", 300),
	"HTTP/2":               "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
	"HTTP/9.9":             "GET /healthz HTTP/9.9\r\nHost: rigg\r\n\r\n",
	"no host":              "GET /healthz HTTP/1.1\r\n\r\n",
	"two hosts":            "GET /healthz HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
	"a NUL in a header":    "GET /healthz HTTP/1.1\r\nHost: rigg\r\nX-A: a\x00b\r\n\r\n",
	"a NUL in a token":     "GET /api/v1/bookings HTTP/1.1\r\nHost: rigg\r\nAuthorization: Bearer a\x00b\r\n\r\n",
	"a header of no colon": "GET /healthz HTTP/1.1\r\nHost: rigg\r\nfrobnicate\r\n\r\n",
	"a folded header":      "GET /healthz HTTP/1.1\r\nHost: rigg\r\nX-A: a\r\n b\r\n\r\n",
	"bare line feeds":      "GET /healthz HTTP/1.1\nHost: rigg\n\n",
	"long headers":         "GET /healthz HTTP/1.1\r\nHost: rigg\r\nX-A: " + strings.Repeat("a", 1<<20) + "\r\n\r\n",
	"many headers":         "GET /healthz HTTP/1.1\r\nHost: rigg\r\n" + strings.Repeat("X-A: a\r\n", 20_000) + "\r\n",
	"a long path":          "GET /" + strings.Repeat("a", 1<<20) + " HTTP/1.1\r\nHost: rigg\r\n\r\n",
	"a bad escape":         "GET /api/v1/bookings/%zz HTTP/1.1\r\nHost: rigg\r\nAuthorization: Bearer TOKEN\r\n\r\n",
	"a path upwards":       "GET /../../../etc/passwd HTTP/1.1\r\nHost: rigg\r\n\r\n",
	"another's address":    "GET http://evil.example/api/v1/bookings HTTP/1.1\r\nHost: rigg\r\n\r\n",
	"CONNECT":              "CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example:443\r\n\r\n",
	"negative length":      "POST /api/v1/bookings HTTP/1.1\r\nHost: rigg\r\nContent-Length: -5\r\n\r\nhello",
	"a length of letters":  "POST /api/v1/bookings HTTP/1.1\r\nHost: rigg\r\nContent-Length: 0x10\r\n\r\nhello",
	"a huge length":        "POST /api/v1/bookings HTTP/1.1\r\nHost: rigg\r\nContent-Length: 99999999999999999999\r\n\r\nhello",
	"two lengths":          "POST /api/v1/bookings HTTP/1.1\r\nHost: rigg\r\nContent-Length: 5\r\nContent-Length: 50\r\n\r\nhello",
	"length and chunks":    "POST /api/v1/bookings HTTP/1.1\r\nHost: rigg\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: rigg\r\n\r\n",
	"unknown coding":       "POST /api/v1/bookings HTTP/1.1\r\nHost: rigg\r\nTransfer-Encoding: frobnicated\r\n\r\nhello",
	"a bad chunk":          "POST /api/v1/bookings HTTP/1.1\r\nHost: rigg\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n",
	"a huge chunk":         "POST /api/v1/bookings HTTP/1.1\r\nHost: rigg\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\nhello\r\n",
	"an endless body":      "POST /api/v1/bookings HTTP/1.1\r\nHost: rigg\r\nTransfer-Encoding: chunked\r\n\r\n" + strings.Repeat("10000\r\n"+strings.Repeat("x", 1<<16)+"\r\n", 40),
}

// wrongWire sends what no HTTP library would. Each is answered with less than 500,
// or the connection is closed; and the next client is served.
func wrongWire(t *testing.T, w *whole, token string) {
	for name, bytes := range requests {
		t.Run(name, func(t *testing.T) {
			answers := raw(t, w.served.address, strings.ReplaceAll(bytes, "TOKEN", token))
			for _, a := range answers {
				if a.StatusCode >= 500 || a.StatusCode == 200 && strings.Contains(a.Header.Get("Content-Type"), "json") {
					t.Errorf("answered %d", a.StatusCode)
				}
			}
			if len(answers) > 1 {
				t.Errorf("%d answers to one request", len(answers))
			}
		})
	}
	t.Run("two tokens", func(t *testing.T) {
		request := "GET /api/v1/bookings HTTP/1.1\r\nHost: rigg\r\nAuthorization: Bearer nobody\r\nAuthorization: Bearer " + token + "\r\n\r\n"
		if got := raw(t, w.served.address, request); len(got) != 1 || got[0].StatusCode != 401 {
			t.Errorf("answered %+v", got)
		}
	})
}

// raw sends bytes and gives all the answers until the connection is closed.
func raw(t *testing.T, address, bytes string) (answers []*http.Response) {
	t.Helper()
	c, err := new(net.Dialer).DialContext(t.Context(), "tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	if err := c.SetDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	go func() {
		_, _ = io.WriteString(c, bytes) // it may be closed before all is read
		_ = c.(*net.TCPConn).CloseWrite()
	}()
	reader := bufio.NewReader(c)
	for {
		a, err := http.ReadResponse(reader, nil)
		if err != nil {
			var late net.Error
			if errors.As(err, &late) && late.Timeout() {
				t.Error("neither answers nor closes")
			}
			return answers
		}
		body, err := io.ReadAll(a.Body)
		if err == nil && insides.Match(body) {
			t.Errorf("tells its insides: %s", body)
		}
		if err := errors.Join(err, a.Body.Close()); err != nil {
			return append(answers, a)
		}
		answers = append(answers, a)
		if a.StatusCode == http.StatusContinue {
			t.Error(fmt.Errorf("wants more of %.40q", bytes))
		}
	}
}
