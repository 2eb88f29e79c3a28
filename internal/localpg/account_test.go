package localpg_test

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"rigg/internal/localpg"
)

// As an ordinary user everything is this user's own: no other account is
// needed.
func TestAsAnOrdinaryUser(t *testing.T) {
	t.Parallel()
	top, err := os.MkdirTemp("", "rigg-localpg-")
	must(t, err)
	t.Cleanup(func() { must(t, os.RemoveAll(top)) })
	if os.Geteuid() == 0 {
		must(t, os.Chown(top, nobody, nobody))
	}
	dir := filepath.Join(top, "share", "rigg")
	one := launch(t, dir, ordinary(t))
	address := one.answer(t, "ready")
	two := launch(t, dir, ordinary(t))
	two.answer(t, "ready")
	one.kill(t)
	if got := ask(t, address, "SHOW data_directory"); got != filepath.Join(dir, "pg") {
		t.Errorf("the cluster lies in %s", got)
	}
	two.leave(t)
	if answering(address) {
		t.Error("the server still answers")
	}
	if os.Geteuid() != 0 {
		return // the rest is about a second user, which only root can be
	}
	_, err = localpg.Start(t.Context(), localpg.Options{Dir: dir})
	if err == nil || !strings.Contains(err.Error(), "belongs to another user") {
		t.Errorf("root takes over a user's database: %v", err)
	}
}

func TestParentThatCannotBeEntered(t *testing.T) {
	t.Parallel()
	dir := place(t, "closed", "below", "data")
	closed := filepath.Dir(filepath.Dir(dir))
	must(t, os.MkdirAll(filepath.Dir(dir), 0o755))
	mode := os.FileMode(0o700) // root's own: closed to postgres
	if os.Geteuid() != 0 {
		mode = 0o600
	}
	must(t, os.Chmod(closed, mode))
	_, err := localpg.Start(t.Context(), localpg.Options{Dir: dir})
	must(t, os.Chmod(closed, 0o755))
	if err == nil || !strings.Contains(err.Error(), closed) {
		t.Fatalf("error %v, want one that names %s", err, closed)
	}
	if os.Geteuid() == 0 && (!strings.Contains(err.Error(), "enter "+closed+":") || !strings.Contains(err.Error(), "--data-dir")) {
		t.Errorf("does not say what to do: %v", err)
	}
	start(t, dir)
}

func TestNoServerInstalled(t *testing.T) {
	t.Parallel()
	h := launch(t, place(t), func(cmd *exec.Cmd) {
		cmd.Env = append(cmd.Env, "RIGG_TEST_ONLY_PATH=1", "PATH="+t.TempDir())
	})
	if said := h.answer(t, "error"); said != localpg.ErrNoServer.Error() || !strings.Contains(said, "apt-get install postgresql") {
		t.Errorf("said %q", said)
	}
}

// Wrappers on PATH are tried last, and passed over when they fail.
func TestWrappersOnPath(t *testing.T) {
	t.Parallel()
	real := realPrograms(t)
	for name, c := range map[string]struct {
		script string
		path   string // beside the wrapper's own directory
		want   string // the helper's first word
	}{
		"changes the user":        {"#!/bin/sh\nexec su postgres -c false\n", "", "error"},
		"changes the user, first": {"#!/bin/sh\nexec su postgres -c false\n", real, "ready"},
		"old":                     {"#!/bin/sh\necho 'postgres (PostgreSQL) 13.4'\n", "", "error"},
		"passes everything on":    {"#!/bin/sh\nexec " + real + "/$(basename $0) \"$@\"\n", "", "ready"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := place(t)
			bin := filepath.Join(filepath.Dir(dir), filepath.Base(dir)+"-bin")
			must(t, os.Mkdir(bin, 0o755))
			t.Cleanup(func() { must(t, os.RemoveAll(bin)) })
			for _, program := range []string{"postgres", "initdb"} {
				executable(t, filepath.Join(bin, program), []byte(c.script))
			}
			h := launch(t, dir, func(cmd *exec.Cmd) {
				cmd.Env = append(cmd.Env, "RIGG_TEST_ONLY_PATH=1", "PATH="+bin+":"+c.path)
			})
			said := h.answer(t, c.want)
			if c.want == "error" && !strings.HasPrefix(said, localpg.ErrNoServer.Error()) {
				t.Errorf("said %q", said)
			}
			if name == "old" && !strings.HasSuffix(said, "(found only version 13)") {
				t.Errorf("said %q", said)
			}
		})
	}
}

// realPrograms is where the server that the other tests use is installed.
func realPrograms(t *testing.T) string {
	t.Helper()
	s := start(t, place(t))
	return ask(t, s.URL(), "SELECT setting FROM pg_config() WHERE name = 'BINDIR'")
}

func socketOf(t *testing.T, address string) string {
	t.Helper()
	u, err := url.Parse(address)
	must(t, err)
	return u.Query().Get("host")
}

// listing is what is in a directory, without the locks and the log, which
// every start may write.
func listing(t *testing.T, dir string) string {
	t.Helper()
	var list strings.Builder
	must(t, filepath.WalkDir(filepath.Join(dir), func(path string, entry os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if errors.Is(err, os.ErrNotExist) {
			return nil
		} else if err != nil {
			return err
		}
		if !strings.HasPrefix(entry.Name(), "pg.") && path != dir {
			fmt.Fprintln(&list, path, info.Size(), info.ModTime().UnixNano())
		}
		return nil
	}))
	return list.String()
}

func itoa(n int) string { return strconv.Itoa(n) }
