package localpg_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5"

	"rigg/internal/localpg"
)

func TestServerOfAKilledProgramIsAdopted(t *testing.T) {
	t.Parallel()
	dir := place(t)
	other := launch(t, dir, nil)
	url := other.answer(t, "ready")
	first := born(t, url)
	other.kill(t)
	s := start(t, dir)
	if got := born(t, s.URL()); got != first {
		t.Errorf("not adopted: started %s, then %s", first, got)
	}
	must(t, s.Stop())
	if answering(url) {
		t.Error("the adopted server was not stopped by its last user")
	}
}

// A program killed while initdb runs leaves half a cluster and perhaps an
// initdb that still writes; the next start must not be confused by either.
func TestKilledWhileMakingTheCluster(t *testing.T) {
	t.Parallel()
	dir := place(t)
	other := launch(t, dir, nil)
	eventually(t, "initdb has begun", func() bool {
		matches, err := filepath.Glob(filepath.Join(dir, "pg.new-*", "PG_VERSION"))
		must(t, err)
		return len(matches) > 0
	})
	other.kill(t)
	s := start(t, dir)
	if got := ask(t, s.URL(), "SELECT current_database()::text"); got != "rigg" {
		t.Error(got)
	}
}

// Killed at any moment of a start, the next start works. The moments follow
// from what has appeared on disk so far.
func TestKilledWhileStarting(t *testing.T) {
	t.Parallel()
	for name, file := range map[string]string{
		"cluster renamed": "pg/PG_VERSION",
		"server launched": "pg/postmaster.pid",
		"socket open":     "pg/.s.PGSQL.5432",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := place(t)
			other := launch(t, dir, nil)
			eventually(t, name, func() bool {
				_, err := os.Stat(filepath.Join(dir, file))
				return err == nil
			})
			other.kill(t)
			s := start(t, dir)
			if got := ask(t, s.URL(), "SELECT current_database()::text"); got != "rigg" {
				t.Error(got)
			}
		})
	}
}

// The server itself is killed under two users, one of them connected: what was
// committed is there after the next Start, and the first user's Stop does no
// harm.
func TestServerKilled(t *testing.T) {
	t.Parallel()
	dir := place(t)
	first, err := localpg.Start(t.Context(), localpg.Options{Dir: dir})
	must(t, err)
	run(t, first.URL(), "CREATE TABLE kept (n int)", "INSERT INTO kept VALUES (7)")
	conn, err := pgx.Connect(t.Context(), first.URL())
	must(t, err)
	defer func() { _ = conn.Close(t.Context()) }() // broken on purpose
	must(t, syscall.Kill(postmaster(t, dir), syscall.SIGKILL))
	second := start(t, dir)
	must(t, first.Stop())
	if got := ask(t, second.URL(), "SELECT n::text FROM kept"); got != "7" {
		t.Errorf("after the crash: %q", got)
	}
}

// After a crash of the machine the number of the old server may be another
// process's.
func TestServerNumberTakenByAnotherProcess(t *testing.T) {
	t.Parallel()
	dir := place(t)
	s := start(t, dir)
	record := filepath.Join(dir, "pg", "postmaster.pid")
	text, err := os.ReadFile(record)
	must(t, err)
	info, err := os.Stat(record)
	must(t, err)
	owner := info.Sys().(*syscall.Stat_t)
	must(t, s.Stop())

	other := exec.CommandContext(t.Context(), "sleep", "600")
	other.Dir = "/"
	if os.Geteuid() == 0 {
		// As the server's own user: PostgreSQL passes over other users' processes.
		other.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: owner.Uid, Gid: owner.Gid}}
	}
	must(t, other.Start())
	defer func() { _ = other.Wait() }() // killed with the test's context
	defer func() { must(t, other.Process.Kill()) }()

	lines := strings.SplitN(string(text), "\n", 2)
	must(t, os.WriteFile(record, []byte(itoa(other.Process.Pid)+"\n"+lines[1]), 0o600))
	must(t, os.Chown(record, int(owner.Uid), int(owner.Gid)))
	s = start(t, dir)
	if got := ask(t, s.URL(), "SELECT 'answers'"); got != "answers" {
		t.Error(got)
	}
	must(t, other.Process.Signal(syscall.Signal(0))) // and it was left alone
}

func TestExistingDirectoryIsNeverTouched(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ file, content, want string }{
		"something else": {"letter.txt", "keep me", "holds no PostgreSQL cluster"},
		"older version":  {"PG_VERSION", "9\n", "made by PostgreSQL 9"},
		"newer version":  {"PG_VERSION", "99\n", "postgresql-99"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := place(t)
			s := start(t, dir)
			must(t, s.Stop())
			path := filepath.Join(dir, "pg", c.file)
			if c.file == "letter.txt" {
				must(t, os.Remove(filepath.Join(dir, "pg", "PG_VERSION")))
			}
			must(t, os.WriteFile(path, []byte(c.content), 0o600))
			before := listing(t, dir)
			_, err := localpg.Start(t.Context(), localpg.Options{Dir: dir, Throwaway: true})
			if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "nothing has been changed") {
				t.Errorf("error %v, want %q", err, c.want)
			}
			if after := listing(t, dir); after != before {
				t.Errorf("files changed from\n%s\nto\n%s", before, after)
			}
		})
	}
}

// A server that can't start says why, and leaves nothing behind.
func TestServerThatCannotStart(t *testing.T) {
	t.Parallel()
	dir := place(t)
	_, err := localpg.Start(t.Context(), localpg.Options{Dir: dir, Throwaway: true, Settings: map[string]string{"shared_buffers": "nonsense"}})
	if err == nil || !strings.Contains(err.Error(), `shared_buffers`) {
		t.Fatalf("error %v", err)
	}
	start(t, dir)
}
