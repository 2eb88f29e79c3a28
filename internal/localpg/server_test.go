package localpg_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"rigg/internal/localpg"
)

func TestStartsStopsAndKeeps(t *testing.T) {
	t.Parallel()
	dir := place(t, "data with a space", "rigg")
	s := start(t, dir)
	for setting, want := range map[string]string{
		"listen_addresses": "", "data_checksums": "on", "server_encoding": "UTF8",
		"TimeZone": "UTC", "max_connections": "200",
	} {
		if got := ask(t, s.URL(), "SHOW "+setting); got != want {
			t.Errorf("%s is %q, want %q", setting, got, want)
		}
	}
	if got := ask(t, s.URL(), "SELECT current_database() || upper('åäö')"); got != "riggÅÄÖ" {
		t.Errorf("database and capitals: %q", got)
	}
	run(t, s.URL(), "CREATE TABLE kept (n int)", "INSERT INTO kept VALUES (7)")
	must(t, s.Stop())
	must(t, s.Stop())
	if answering(s.URL()) {
		t.Error("the server still answers after Stop")
	}
	again := start(t, dir)
	if got := ask(t, again.URL(), "SELECT n::text FROM kept"); got != "7" {
		t.Errorf("after a restart: %q", got)
	}
}

func TestDurableUnlessThrownAway(t *testing.T) {
	t.Parallel()
	s, err := localpg.Start(t.Context(), localpg.Options{Dir: place(t), Settings: map[string]string{"work_mem": "3MB"}})
	must(t, err)
	t.Cleanup(func() { must(t, s.Stop()) })
	for setting, want := range map[string]string{
		"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on", "work_mem": "3MB",
	} {
		if got := ask(t, s.URL(), "SHOW "+setting); got != want {
			t.Errorf("%s is %q, want %q", setting, got, want)
		}
	}
}

func TestOutOfReachOfTheTerminal(t *testing.T) {
	t.Parallel()
	dir := place(t)
	start(t, dir)
	pid := postmaster(t, dir)
	session, err := unix.Getsid(pid)
	must(t, err)
	if session != pid {
		t.Errorf("the server %d is in session %d, not its own", pid, session)
	}
}

func TestSharedByTwoPrograms(t *testing.T) {
	t.Parallel()
	dir := place(t)
	other := launch(t, dir, nil)
	url := other.answer(t, "ready")
	first := born(t, url)
	s := start(t, dir)
	if s.URL() != url {
		t.Errorf("two addresses: %s and %s", s.URL(), url)
	}
	other.leave(t)
	if got := born(t, s.URL()); got != first {
		t.Errorf("the server was restarted: %s, then %s", first, got)
	}
	must(t, s.Stop())
	if answering(url) {
		t.Error("the last program left, and the server still answers")
	}
}

// Programs that come and go at random must always find a server, and the last
// must leave none. In one process each use has locks of its own, so this tries
// the same protocol as many processes would.
func TestManyComeAndGo(t *testing.T) {
	t.Parallel()
	dir := place(t)
	var all sync.WaitGroup
	for user := range 6 {
		all.Go(func() {
			for round := range 5 {
				s, err := localpg.Start(t.Context(), localpg.Options{Dir: dir, Throwaway: true})
				if err != nil {
					t.Errorf("user %d, round %d: %v", user, round, err)
					return
				}
				if !answering(s.URL()) {
					t.Errorf("user %d, round %d: no answer", user, round)
				}
				if err := s.Stop(); err != nil {
					t.Errorf("user %d, round %d: %v", user, round, err)
				}
			}
		})
	}
	all.Wait()
	if _, err := os.Stat(filepath.Join(dir, "pg", "postmaster.pid")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a server is left: %v", err)
	}
}

func TestLongAndOddPaths(t *testing.T) {
	t.Parallel()
	for name, part := range map[string]string{
		"long":  strings.Repeat("provbänk-", 12),
		"comma": "a,b",
		"quote": `it's "quoted" 100%`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			one, two := start(t, place(t, part)), start(t, place(t, part))
			if one.URL() == two.URL() || born(t, one.URL()) == born(t, two.URL()) {
				t.Errorf("two clusters share %s", one.URL())
			}
		})
	}
}

// Somebody else may have taken the socket directory's name in /tmp.
func TestSocketDirectoryTaken(t *testing.T) {
	t.Parallel()
	dir := place(t, strings.Repeat("lång", 30))
	s := start(t, dir)
	taken := socketOf(t, s.URL())
	must(t, s.Stop())
	if _, err := os.Stat(taken); !errors.Is(err, os.ErrNotExist) {
		t.Fatalf("the socket directory is left behind: %v", err)
	}
	must(t, os.Mkdir(taken, 0o777))
	t.Cleanup(func() { must(t, os.RemoveAll(taken)) })
	must(t, os.Chmod(taken, 0o777)) // whatever the umask
	s = start(t, dir)
	mine := socketOf(t, s.URL())
	if mine == taken {
		t.Fatalf("the socket lies in %s, which anybody may write to", taken)
	}
	info, err := os.Stat(mine)
	must(t, err)
	if info.Mode().Perm() != 0o700 {
		t.Errorf("others may enter the socket directory: %v", info.Mode())
	}
	if got := ask(t, s.URL(), "SELECT 'answers'"); got != "answers" {
		t.Error(got)
	}
}

func TestLogIsBounded(t *testing.T) {
	t.Parallel()
	dir := place(t)
	start := func() {
		s, err := localpg.Start(t.Context(), localpg.Options{Dir: dir, Throwaway: true})
		must(t, err)
		must(t, s.Stop())
	}
	start()
	log := filepath.Join(dir, "pg.log")
	long := strings.Repeat("x", 6<<20) + "the end\n"
	must(t, os.WriteFile(log, []byte(long), 0o600))
	start()
	for _, name := range []string{log, log + ".old"} {
		info, err := os.Stat(name)
		must(t, err)
		if info.Size() > 4<<20 || info.Size() == 0 {
			t.Errorf("%s has %d bytes", name, info.Size())
		}
	}
	old, err := os.ReadFile(log + ".old")
	must(t, err)
	if !strings.HasSuffix(string(old), "the end\n") {
		t.Error("the end of the log was not kept")
	}
}

func TestRemove(t *testing.T) {
	t.Parallel()
	dir := place(t)
	other := launch(t, dir, nil)
	url := other.answer(t, "ready")
	if err := localpg.Remove(t.Context(), dir); !errors.Is(err, localpg.ErrInUse) {
		t.Fatalf("remove while in use: %v", err)
	}
	run(t, url, "CREATE TABLE gone (n int)")
	other.kill(t) // its server runs on
	must(t, localpg.Remove(t.Context(), dir))
	if answering(url) {
		t.Error("the server outlived its cluster")
	}
	if _, err := os.Stat(filepath.Join(dir, "pg")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the cluster is still there: %v", err)
	}
	s := start(t, dir)
	if got := ask(t, s.URL(), "SELECT coalesce(to_regclass('gone')::text, 'none')"); got != "none" {
		t.Errorf("the old table is back: %s", got)
	}
}

func TestDefaultDir(t *testing.T) {
	t.Setenv("XDG_DATA_HOME", "/somewhere/share") // hence not parallel
	want := "/somewhere/share/rigg"
	if os.Geteuid() == 0 {
		want = "/var/lib/rigg"
	}
	got, err := localpg.DefaultDir()
	must(t, err)
	if got != want {
		t.Errorf("default directory %s, want %s", got, want)
	}
}

// The files of the cluster are nobody else's business.
func TestPrivateFiles(t *testing.T) {
	t.Parallel()
	dir := place(t)
	start(t, dir)
	for _, name := range []string{"pg", "pg.log", "pg.lock", "pg.users", "pg.server"} {
		info, err := os.Stat(filepath.Join(dir, name))
		must(t, err)
		if info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s is open to others: %v", name, info.Mode())
		}
	}
	info, err := os.Stat(filepath.Join(dir, "pg"))
	must(t, err)
	uid := info.Sys().(*syscall.Stat_t).Uid
	if uid == 0 {
		t.Error("the cluster belongs to root")
	}
	status, err := os.Stat(fmt.Sprintf("/proc/%d", postmaster(t, dir)))
	if err == nil && status.Sys().(*syscall.Stat_t).Uid != uid {
		t.Error("the server runs as another user than the cluster's owner")
	}
}
