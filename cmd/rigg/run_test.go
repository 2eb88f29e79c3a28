package main_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	main "rigg/cmd/rigg"
	"rigg/internal/dbtest"
	"rigg/internal/localpg"
)

// The people of testdata/world.yaml.
const (
	annaEk  = "anna@gronstal.example" // books on P-1001
	kaiDahl = "kai@kontur.example"    // her competitor, on P-2002
	miaLund = "mia@rise.example"      // manages both facilities
	maxBerg = "max@rise.example"      // manages am-molndal with her
)

// whole is the whole program at work: rigg serve as a process of its own on a
// private cluster, with the world loaded, and the other commands beside it.
type whole struct {
	*testing.T
	dir    string
	beside *bench
	served *process // nil between a stop and a start
	db     *pgxpool.Pool

	lock   sync.Mutex
	tokens map[string]string
}

// mustRun starts the program at an instant, such as 2026-09-01T06:00:00Z, and
// loads the world and what else is given as YAML, in sections of its own. The test must leave no error
// in the program's log and an unbroken database behind.
func mustRun(t *testing.T, clock string, more ...string) *whole {
	t.Helper()
	w := &whole{T: t, dir: dbtest.DataDir(t), tokens: map[string]string{}}
	// The test's own share in the cluster keeps it between two starts of the
	// program, and without fsync.
	cluster, err := localpg.Start(t.Context(), localpg.Options{Dir: w.dir, Throwaway: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := cluster.Stop(); err != nil {
			t.Errorf("stop the cluster: %v", err)
		}
	})
	w.connect(cluster.URL())
	w.beside = &bench{t: t, env: []string{"RIGG_DATA_DIR=" + w.dir, "LANG=C"}}
	t.Cleanup(w.check)
	w.start("--clock", clock)
	loaded := w.beside.fed(strings.Join(more, ""), "load", filepath.Join("testdata", "world.yaml"), "-")
	if loaded.code != 0 {
		t.Fatalf("load: %+v", loaded)
	}
	return w
}

func (w *whole) connect(url string) {
	w.Helper()
	var err error
	if w.db, err = pgxpool.New(w.Context(), url); err != nil {
		w.Fatal(err)
	}
	w.Cleanup(w.db.Close)
}

func (w *whole) start(args ...string) {
	w.Helper()
	p := serve(w.T, w.dir, args...)
	w.served = p
	w.Cleanup(func() {
		if w.served == p {
			w.stop()
		}
	})
}

// stop ends the program as an operator would. It must have nothing to complain
// of: every 5xx, panic and failed job is an error in its log, and a data race
// ends it with another code than 0.
func (w *whole) stop() {
	w.Helper()
	w.served.signal(syscall.SIGTERM)
	state, said := w.served.ended(), w.served.errors.String()
	w.served = nil
	if state.ExitCode() != 0 || strings.Contains(said, "level=ERROR") {
		w.Errorf("the program ended with %v and said\n%s", state, said)
	}
}

// restart stops the program and starts it at another instant.
func (w *whole) restart(clock string) {
	w.Helper()
	w.stop()
	w.start("--clock", clock)
}

// check is rigg check, which has nothing to say. The test's context may have ended.
func (w *whole) check() {
	w.Helper()
	var out, said strings.Builder
	code := main.Run(context.WithoutCancel(w.Context()), w.beside.env, strings.NewReader(""), &out, &said, "check")
	if code != 0 || out.Len() > 0 {
		w.Errorf("rigg check: %d\n%s%s", code, &out, &said)
	}
}

// as is the person at the program's API and pages, with a token of their own.
func (w *whole) as(email string) *caller {
	w.Helper()
	w.lock.Lock()
	defer w.lock.Unlock()
	if w.tokens[email] == "" {
		w.tokens[email] = strings.TrimSpace(w.beside.must("token", "create", "--person", email, "--scope", "all", "--ttl", "366d"))
	}
	return &caller{T: w.T, address: w.served.address, token: w.tokens[email]}
}

// count asks the database for one number.
func (w *whole) count(query string, args ...any) (n int) {
	w.Helper()
	if err := w.db.QueryRow(w.Context(), query, args...).Scan(&n); err != nil {
		w.Fatalf("%s: %v", query, err)
	}
	return n
}

// until waits for the number to be what is wanted; it never waits for long where
// the program works.
func (w *whole) until(want int, query string, args ...any) {
	w.Helper()
	for end := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) {
		got := w.count(query, args...)
		if got == want {
			return
		}
		if time.Now().After(end) {
			w.Fatalf("%s (%v): still %d, not %d\n%s", query, args, got, want, w.jobs())
		}
	}
}

// quiet waits until the queue has nothing left that is due.
func (w *whole) quiet() {
	w.Helper()
	w.until(0, `select count(*) from river_job where state in ('available', 'running', 'retryable')
		or state = 'scheduled' and scheduled_at <= now()`)
}

// swept waits until both sweeps have run anew, and what came of them is done.
func (w *whole) swept() {
	w.Helper()
	last := w.count(`select coalesce(max(id), 0) from river_job`)
	w.until(2, `select count(distinct kind) from river_job
		where kind in ('booking_sweep', 'reminder_sweep') and state = 'completed' and id > $1`, last)
	w.quiet()
}

func (w *whole) jobs() string {
	var out string
	_ = w.db.QueryRow(w.Context(), `select coalesce(string_agg(kind || ' ' || state || ' ' || coalesce(errors::text, ''), E'\n'), '')
		from river_job where state <> 'completed'`).Scan(&out)
	return out
}

// messages counts the outbox's messages of a kind about a booking.
func (w *whole) messages(kind, ref string) int {
	w.Helper()
	return w.count(`select count(*) from messages m join bookings b on b.id = m.booking_id where m.kind = $1 and b.ref = $2`, kind, ref)
}

// caller is somebody at the program over HTTP; without a token, anybody.
type caller struct {
	*testing.T
	address, token string
}

// reply is an answer as it came.
type reply struct {
	*testing.T
	asked  string
	status int
	header http.Header
	body   []byte
}

// wire takes 200 at once without closing connections in between, and follows
// no redirect.
var wire = &http.Client{
	Transport: &http.Transport{
		MaxIdleConns: 256, MaxIdleConnsPerHost: 256, DisableCompression: true,
		DialContext: (&net.Dialer{Timeout: patience}).DialContext,
	},
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	Timeout:       patience,
}

// send asks for a path; headers are given as name, value, name, value.
func (c *caller) send(method, path string, body []byte, headers ...string) reply {
	c.Helper()
	out, err := c.try(method, path, body, headers...)
	if err != nil {
		c.Fatalf("%s %s: %v", method, path, err)
	}
	return out
}

// try is send for who asks a program that may be killed meanwhile.
func (c *caller) try(method, path string, body []byte, headers ...string) (reply, error) {
	request, err := http.NewRequestWithContext(c.Context(), method, "http://"+c.address+path, bytes.NewReader(body))
	if err != nil {
		return reply{}, err
	}
	if c.token != "" {
		request.Header.Set("Authorization", "Bearer "+c.token)
	}
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	got, err := wire.Do(request)
	if err != nil {
		return reply{}, err
	}
	read, err := io.ReadAll(got.Body)
	if err = errors.Join(err, got.Body.Close()); err != nil {
		return reply{}, err
	}
	out := reply{T: c.T, asked: method + " " + path, status: got.StatusCode, header: got.Header, body: read}
	return out, nil
}

func (c *caller) get(path string, headers ...string) reply {
	c.Helper()
	return c.send(http.MethodGet, path, nil, headers...)
}

// post sends a value as JSON to the API.
func (c *caller) post(path string, body any, headers ...string) reply {
	c.Helper()
	return c.send(http.MethodPost, "/api/v1"+path, encode(body), append([]string{"Content-Type", "application/json"}, headers...)...)
}

func (c *caller) patch(path string, body any) reply {
	c.Helper()
	return c.send(http.MethodPatch, "/api/v1"+path, encode(body), "Content-Type", "application/json")
}

func encode(body any) []byte {
	raw, err := json.Marshal(body)
	if err != nil {
		panic(err) // a test's own value
	}
	return raw
}

// is wants a status.
func (r reply) is(status int) reply {
	r.Helper()
	if r.status != status {
		r.Fatalf("%s: %d, not %d: %s", r.asked, r.status, status, r.body)
	}
	if status >= 400 {
		r.problem()
	}
	return r
}

// refuses wants a status and a problem's code.
func (r reply) refuses(status int, code string) told {
	r.Helper()
	p := r.is(status).problem()
	if p.Code != code {
		r.Fatalf("%s: %s, not %s: %s", r.asked, p.Code, code, r.body)
	}
	return p
}

// told is a problem as the API tells it.
type told struct {
	Type, Title, Detail, Code string
	Instance                  string
	Status                    int
	Message                   struct{ SV, EN string }
	Errors                    []struct{ Path string }
	Details                   map[string]any
	Refusals                  []struct {
		Code    string
		Message struct{ SV, EN string }
	}
	Alternatives []struct {
		Resources          []string
		Start, End, Reason string
	}
}

// codes are those of all refusals.
func (p told) codes() (out []string) {
	for _, r := range p.Refusals {
		out = append(out, r.Code)
	}
	return out
}

// problem reads a problem and holds it to its shape (RFC 9457, DESIGN.md 7).
func (r reply) problem() (p told) {
	r.Helper()
	if kind := r.header.Get("Content-Type"); kind != "application/problem+json" {
		r.Fatalf("%s: %d as %q, not as a problem: %.300s", r.asked, r.status, kind, r.body)
	}
	if err := json.Unmarshal(r.body, &p); err != nil {
		r.Fatalf("%s: %v: %.300s", r.asked, err, r.body)
	}
	if p.Type != "/problems/"+p.Code || p.Code == "" || p.Status != r.status || p.Title == "" || p.Detail == "" ||
		p.Message.SV == "" || p.Message.EN == "" || p.Instance != r.header.Get("X-Request-Id") {
		r.Errorf("%s: %d is a problem without its parts: %s", r.asked, r.status, r.body)
	}
	for _, refusal := range p.Refusals {
		if refusal.Code == "" || refusal.Message.SV == "" || refusal.Message.EN == "" {
			r.Errorf("%s: a refusal without its parts: %s", r.asked, r.body)
		}
	}
	return p
}

// into reads the JSON of an answer.
func (r reply) into(v any) {
	r.Helper()
	if err := json.Unmarshal(r.body, v); err != nil {
		r.Fatalf("%s: %v: %.300s", r.asked, err, r.body)
	}
}
