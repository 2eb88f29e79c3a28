package main_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"rigg/internal/dbtest"
)

const patience = 2 * time.Minute // of a test, on a machine that may be busy

// process is rigg serve as a process of its own.
type process struct {
	*exec.Cmd
	t       *testing.T
	address string
	rest    chan string // what it prints after the first line, when it has ended
	errors  bytes.Buffer
}

// serve starts the program on a private database in dir and waits until it says
// that it answers.
func serve(t *testing.T, dir string, args ...string) *process {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	p := &process{t: t, rest: make(chan string, 1)}
	// Not the test's own context: that kills before a test's cleanup can stop it.
	p.Cmd = exec.CommandContext(context.WithoutCancel(t.Context()), self, append([]string{"serve", "--listen", "127.0.0.1:0", "--data-dir", dir}, args...)...)
	p.Env = append(os.Environ(), asProgram+"=1", "LANG=C")
	p.Stderr = &p.errors
	out, err := p.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Process.Kill() })
	reader := bufio.NewReader(out)
	line, err := reader.ReadString('\n')
	if _, found := fmt.Sscanf(line, "listening on http://%s\n", &p.address); found != nil {
		_ = p.Wait()
		t.Fatalf("said %q, %v\n%s", line, err, p.errors.String())
	}
	go func() {
		rest, _ := io.ReadAll(reader)
		p.rest <- string(rest)
	}()
	return p
}

func (p *process) signal(s syscall.Signal) {
	p.t.Helper()
	if err := p.Process.Signal(s); err != nil {
		p.t.Fatal(err)
	}
}

// ended waits for the end of the process.
func (p *process) ended() *os.ProcessState {
	p.t.Helper()
	timer := time.AfterFunc(patience, func() { _ = p.Process.Signal(syscall.SIGQUIT) }) // with its goroutines on stderr
	defer timer.Stop()
	rest := <-p.rest
	err := p.Wait()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		p.t.Fatal(err)
	}
	if rest != "" {
		p.t.Errorf("printed more than one line: %q", rest)
	}
	return p.ProcessState
}

func (p *process) get(path string) (status int, body string) {
	p.t.Helper()
	request, err := http.NewRequestWithContext(p.t.Context(), http.MethodGet, "http://"+p.address+path, http.NoBody)
	if err != nil {
		p.t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		p.t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	b, err := io.ReadAll(answer.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	return answer.StatusCode, string(b)
}

// closed waits until the address takes no more connections.
func (p *process) closed() {
	p.t.Helper()
	for end := time.Now().Add(patience); ; {
		c, err := new(net.Dialer).DialContext(p.t.Context(), "tcp", p.address)
		if err != nil {
			return
		}
		_ = c.Close()
		if time.Now().After(end) {
			p.t.Fatal("still takes connections")
		}
		time.Sleep(10 * time.Millisecond)
	}
}

func TestServe(t *testing.T) {
	t.Parallel()
	dir := dbtest.DataDir(t)
	p := serve(t, dir, "--clock", "2026-12-31T20:55:00Z")
	for path, want := range map[string]string{"/healthz": "ok", "/readyz": "ready", "/metrics": "go_goroutines"} {
		if status, body := p.get(path); status != http.StatusOK || !strings.Contains(body, want) {
			t.Errorf("%s: %d %s", path, status, body)
		}
	}
	// The other commands work beside it, on its clock.
	beside := &bench{t: t, env: []string{"RIGG_DATA_DIR=" + dir, "RIGG_LISTEN=" + p.address}}
	beside.must("load", annaFile(t))
	if link := beside.must("admin", "create", "root@rise.example"); !strings.HasPrefix(link, "http://"+p.address+"/sign-in/") {
		t.Errorf("link %s", link)
	} else if status, body := p.get(strings.TrimSpace(strings.TrimPrefix(link, "http://"+p.address))); status != http.StatusOK || !strings.Contains(body, `method="post"`) {
		t.Errorf("the link's page: %d %s", status, body)
	}
	beside.must("check")
	p.signal(syscall.SIGTERM)
	if state := p.ended(); state.ExitCode() != 0 {
		t.Errorf("ended with %v\n%s", state, p.errors.String())
	}
	if said := p.errors.String(); !strings.Contains(said, "THE CLOCK IS SET: for this program it is 2026-12-31T20:55:") {
		t.Errorf("the clock was not told loudly:\n%s", said)
	}

	again := serve(t, dir)
	again.signal(syscall.SIGINT)
	if state := again.ended(); state.ExitCode() != 0 {
		t.Errorf("the second start ended with %v", state)
	}
	if said := again.errors.String(); !strings.Contains(said, "THE CLOCK IS SET: for this program it is 2026-12-31T20:5") {
		t.Errorf("a restart forgot the clock:\n%s", said)
	}
	real := serve(t, dir, "--clock", "real")
	real.signal(syscall.SIGINT)
	if state := real.ended(); state.ExitCode() != 0 || strings.Contains(real.errors.String(), "CLOCK") {
		t.Errorf("back in real time: %v\n%s", state, real.errors.String())
	}
}

// TestSecondInterruptEndsAtOnce: the first waits for a request that never comes
// to its end.
func TestSecondInterruptEndsAtOnce(t *testing.T) {
	t.Parallel()
	p := serve(t, dbtest.DataDir(t))
	c, err := new(net.Dialer).DialContext(t.Context(), "tcp", p.address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	if _, err := fmt.Fprintf(c, "POST /api/v1/bookings HTTP/1.1\r\nHost: rigg\r\nContent-Length: 100\r\n\r\n{"); err != nil {
		t.Fatal(err)
	}
	p.signal(syscall.SIGINT)
	p.closed()
	// Until it ends: one that comes before the program has let go of the first
	// is a part of the first.
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	go func() {
		for range ticker.C {
			if p.Process.Signal(syscall.SIGINT) != nil {
				return
			}
		}
	}()
	status, ok := p.ended().Sys().(syscall.WaitStatus)
	if !ok || !status.Signaled() || status.Signal() != syscall.SIGINT {
		t.Errorf("ended with %v\n%s", p.ProcessState, p.errors.String())
	}
}

func TestServeOnATakenAddress(t *testing.T) {
	t.Parallel()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	b := setup(t)
	got := b.run("serve", "--listen", l.Addr().String())
	if got.code != 1 || got.out != "" || !strings.Contains(got.errors, "address already in use") || strings.Count(got.errors, "\n") != 1 {
		t.Errorf("serve on a taken address: %+v", got)
	}
}
