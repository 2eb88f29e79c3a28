package localpg_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"rigg/internal/dbtest"
	"rigg/internal/localpg"
)

// TestMain lets the test binary serve as another program that uses a cluster:
// it starts the one in RIGG_TEST_DIR, says so, and stops it when its input
// ends.
func TestMain(m *testing.M) {
	dir := os.Getenv("RIGG_TEST_DIR")
	if dir == "" {
		os.Exit(m.Run())
	}
	if os.Getenv("RIGG_TEST_ONLY_PATH") != "" {
		localpg.HideUsualPlaces()
	}
	s, err := localpg.Start(context.Background(), localpg.Options{Dir: dir, Throwaway: true})
	if err != nil {
		fmt.Println("error", err)
		os.Exit(1)
	}
	fmt.Println("ready", s.URL())
	_, _ = io.Copy(io.Discard, os.Stdin)
	if err := s.Stop(); err != nil {
		fmt.Println("error", err)
		os.Exit(1)
	}
}

// helper is another process that uses a cluster.
type helper struct {
	cmd   *exec.Cmd
	input io.WriteCloser
	lines *bufio.Scanner
}

// launch starts a helper; change may adapt the command before.
func launch(t *testing.T, dir string, change func(*exec.Cmd)) *helper {
	t.Helper()
	self, err := os.Executable()
	must(t, err)
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	cmd := exec.CommandContext(ctx, self)
	cmd.Env = append(os.Environ(), "RIGG_TEST_DIR="+dir)
	if change != nil {
		change(cmd)
	}
	input, err := cmd.StdinPipe()
	must(t, err)
	output, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
	h := &helper{cmd: cmd, input: input, lines: bufio.NewScanner(output)}
	t.Cleanup(func() {
		_ = input.Close() // already closed when the test ended it
		_ = cmd.Wait()    // likewise
		cancel()
	})
	return h
}

// answer is the helper's next line, without its first word, which must be want.
func (h *helper) answer(t *testing.T, want string) string {
	t.Helper()
	if !h.lines.Scan() {
		t.Fatalf("the helper ended: %v", h.lines.Err())
	}
	word, rest, _ := strings.Cut(h.lines.Text(), " ")
	if word != want {
		t.Fatalf("helper said %q, want %s", h.lines.Text(), want)
	}
	return rest
}

// leave lets the helper stop properly and waits until it has.
func (h *helper) leave(t *testing.T) {
	t.Helper()
	must(t, h.input.Close())
	must(t, h.cmd.Wait())
}

func (h *helper) kill(t *testing.T) {
	t.Helper()
	must(t, h.cmd.Process.Kill())
	_ = h.cmd.Wait() // "signal: killed" is what was asked for
}

// place is a fresh data directory that the server's account can reach, below
// the given names. Whatever server a failed test leaves there is stopped.
func place(t *testing.T, names ...string) string {
	t.Helper()
	dir := filepath.Join(append([]string{dbtest.DataDir(t)}, names...)...)
	t.Cleanup(func() { must(t, localpg.Remove(context.Background(), dir)) })
	return dir
}

func start(t *testing.T, dir string) *localpg.Server {
	t.Helper()
	s, err := localpg.Start(t.Context(), localpg.Options{Dir: dir, Throwaway: true})
	must(t, err)
	t.Cleanup(func() { must(t, s.Stop()) })
	return s
}

// ask runs one statement on a new connection and returns its single value.
func ask(t *testing.T, url, statement string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	conn, err := pgx.Connect(ctx, url)
	must(t, err)
	defer func() { must(t, conn.Close(ctx)) }()
	var answer string
	must(t, conn.QueryRow(ctx, statement).Scan(&answer))
	return answer
}

// run executes statements without a result on a new connection.
func run(t *testing.T, url string, statements ...string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	conn, err := pgx.Connect(ctx, url)
	must(t, err)
	defer func() { must(t, conn.Close(ctx)) }()
	for _, s := range statements {
		_, err := conn.Exec(ctx, s)
		must(t, err)
	}
}

// answering says whether a server takes connections at url.
func answering(url string) bool {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return false
	}
	_ = conn.Close(ctx) // only whether it could be opened
	return true
}

// born tells one start of a server from another.
func born(t *testing.T, url string) string {
	t.Helper()
	return ask(t, url, "SELECT pg_postmaster_start_time()::text")
}

// postmaster is the process id of the server's first process.
func postmaster(t *testing.T, dir string) int {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, "pg", "postmaster.pid"))
	must(t, err)
	var pid int
	_, err = fmt.Sscan(string(text), &pid)
	must(t, err)
	return pid
}

// ordinary runs a helper as a user who is not root, from a place that this
// user can read: go test's own directory is not one.
func ordinary(t *testing.T) func(*exec.Cmd) {
	t.Helper()
	if os.Geteuid() != 0 {
		return nil
	}
	top, err := os.MkdirTemp("", "rigg-localpg-")
	must(t, err)
	t.Cleanup(func() { must(t, os.RemoveAll(top)) })
	must(t, os.Chmod(top, 0o755))
	self, err := os.Executable()
	must(t, err)
	program, err := os.ReadFile(self)
	must(t, err)
	path := filepath.Join(top, "helper")
	executable(t, path, program)
	return func(cmd *exec.Cmd) {
		cmd.Path, cmd.Dir = path, "/"
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	}
}

const nobody = 65534

// executable writes a program from another process: in this one, a test that
// starts a program just then would pass on the file open for writing, and the
// kernel does not run such a file.
func executable(t *testing.T, path string, content []byte) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "sh", "-c", `cat > "$0" && chmod 755 "$0"`, path)
	cmd.Stdin = bytes.NewReader(content)
	must(t, cmd.Run())
}

// eventually polls until the condition holds.
func eventually(t *testing.T, what string, condition func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	ticker := time.NewTicker(2 * time.Millisecond)
	defer ticker.Stop()
	for !condition() {
		select {
		case <-ctx.Done():
			t.Fatalf("never happened: %s", what)
		case <-ticker.C:
		}
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
