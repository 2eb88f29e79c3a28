package localpg

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// OldestVersion is the oldest PostgreSQL major version that Rigg runs on.
const OldestVersion = 15

// ErrNoServer says that no suitable PostgreSQL server is installed.
var ErrNoServer = errors.New("no PostgreSQL server, version 15 or newer, was found on this machine: install one (Debian and Ubuntu: apt-get install postgresql; macOS: brew install postgresql), or set database.url to use a server elsewhere")

// usualPlaces are where packages put the programs: Debian, Red Hat, Homebrew
// on Apple silicon and on Intel.
var usualPlaces = []string{
	"/usr/lib/postgresql/*/bin",
	"/usr/pgsql-*/bin",
	"/opt/homebrew/opt/postgresql*/bin",
	"/usr/local/opt/postgresql*/bin",
}

// programs are one installation of PostgreSQL.
type programs struct {
	dir   string
	major int
}

// pickPrograms finds an installation that can run a cluster of version major,
// or any that is new enough when major is 0 (there is no cluster yet).
func pickPrograms(ctx context.Context, a account, major int) (programs, error) {
	var found []string
	for _, dir := range candidates() {
		version, err := askVersion(ctx, a, dir)
		if err != nil {
			continue // not for us; the next one may be
		}
		if version == major || major == 0 && version >= OldestVersion {
			return programs{dir: dir, major: version}, nil
		}
		found = append(found, strconv.Itoa(version))
	}
	if err := ctx.Err(); err != nil {
		return programs{}, fmt.Errorf("look for PostgreSQL: %w", err)
	}
	switch {
	case major != 0:
		return programs{}, fmt.Errorf("the database was made by PostgreSQL %d, whose server is not installed (found: %s): install it (Debian and Ubuntu: apt-get install postgresql-%d); nothing has been changed",
			major, cmp.Or(strings.Join(found, ", "), "none"), major)
	case len(found) > 0:
		return programs{}, fmt.Errorf("%w (found only version %s)", ErrNoServer, strings.Join(found, ", "))
	}
	return programs{}, ErrNoServer
}

// candidates lists directories that hold postgres and initdb: those on PATH
// first, then the usual places, newest first. Links are followed, so that
// initdb is looked for where the programs really are.
//
// Scripts come last. A script named postgres is somebody's wrapper, and many
// change the user themselves; we have done that already, so theirs fails, or
// worse, leaves a cluster that belongs to another user.
func candidates() []string {
	dirs := filepath.SplitList(os.Getenv("PATH"))
	for _, pattern := range usualPlaces {
		matches, err := filepath.Glob(pattern)
		if err != nil {
			continue // only a bad pattern; those above are constant
		}
		slices.SortFunc(matches, func(a, b string) int { return number(b) - number(a) })
		dirs = append(dirs, matches...)
	}
	var binaries, scripts []string
	for _, dir := range dirs {
		postgres, err := filepath.EvalSymlinks(filepath.Join(dir, "postgres"))
		if err != nil || !filepath.IsAbs(postgres) {
			continue
		}
		dir = filepath.Dir(postgres)
		if _, err := os.Stat(filepath.Join(dir, "initdb")); err != nil {
			continue
		}
		if isScript(postgres) || isScript(filepath.Join(dir, "initdb")) {
			scripts = append(scripts, dir)
		} else if !slices.Contains(binaries, dir) {
			binaries = append(binaries, dir)
		}
	}
	return append(binaries, scripts...)
}

func isScript(path string) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	start := make([]byte, 2)
	n, err := f.Read(start)
	return err == nil && string(start[:n]) == "#!"
}

var versionPattern = regexp.MustCompile(`\(PostgreSQL\) (\d+)`)

// askVersion runs the server program as the account that will run it, so that
// an installation which that account can't use is passed over.
func askVersion(ctx context.Context, a account, dir string) (int, error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	out, err := a.command(ctx, "/", filepath.Join(dir, "postgres"), "--version").Output()
	if err != nil {
		return 0, fmt.Errorf("version of %s: %w", dir, err)
	}
	match := versionPattern.FindSubmatch(out)
	if match == nil {
		return 0, fmt.Errorf("version of %s: unexpected answer %q", dir, out)
	}
	return number(string(match[1])), nil
}

var digits = regexp.MustCompile(`\d+`)

// number is the first number in a text, 0 when there is none.
func number(s string) int {
	n, err := strconv.Atoi(digits.FindString(s))
	if err != nil {
		return 0
	}
	return n
}
