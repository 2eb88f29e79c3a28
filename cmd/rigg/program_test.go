package main_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	main "rigg/cmd/rigg"
	"rigg/internal/database"
	"rigg/internal/dbtest"
)

// asProgram, when set, makes the test binary be rigg itself.
const asProgram = "TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main.Main()
		return
	}
	os.Exit(m.Run())
}

// outcome is what a run of the program left.
type outcome struct {
	code        int
	out, errors string
}

// bench is a database that the program is run on.
type bench struct {
	t   *testing.T
	url string
	env []string
}

func setup(t *testing.T) *bench {
	t.Helper()
	url := dbtest.URL(t)
	return &bench{t: t, url: url, env: []string{"RIGG_DATABASE_URL=" + url, "LANG=en_GB.UTF-8"}}
}

func (b *bench) run(args ...string) outcome { return b.fed("", args...) }

func (b *bench) fed(in string, args ...string) outcome {
	b.t.Helper()
	var out, errors strings.Builder
	code := main.Run(b.t.Context(), b.env, strings.NewReader(in), &out, &errors, args...)
	return outcome{code, out.String(), errors.String()}
}

func (b *bench) must(args ...string) string {
	b.t.Helper()
	got := b.run(args...)
	if got.code != 0 {
		b.t.Fatalf("rigg %s: %+v", strings.Join(args, " "), got)
	}
	return got.out
}

func (b *bench) db() *database.DB {
	b.t.Helper()
	db, err := database.Open(b.t.Context(), database.Config{URL: b.url})
	if err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(db.Close)
	return db
}

// annaFile is a file to load that says who Anna is.
func annaFile(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "anna.yaml")
	if err := os.WriteFile(path, []byte(anna), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

const anna = `organisations: [{id: gronstal, name: Grönstål, kind: company, org_no: 559000-0013}]
people: [{email: anna@gronstal.example, name: Anna Ek, organisation: gronstal}]
`

func TestEveryCommandHasHelpWithAnExample(t *testing.T) {
	t.Parallel()
	seen := 0
	var walk func(c *cobra.Command)
	walk = func(c *cobra.Command) {
		seen++
		if c.Example == "" || c.Short == "" {
			t.Errorf("%s has no example or no description", c.CommandPath())
		}
		b := &bench{t: t}
		got := b.run(append(strings.Fields(c.CommandPath())[1:], "--help")...)
		if got.code != 0 || !strings.Contains(got.out, "Examples:\n  "+strings.Fields(c.CommandPath())[0]) || got.errors != "" {
			t.Errorf("%s --help: %+v", c.CommandPath(), got)
		}
		for _, under := range c.Commands() {
			walk(under)
		}
	}
	walk(main.Commands())
	if seen < 12 {
		t.Errorf("only %d commands", seen)
	}
}

func TestUsage(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "never-made")
	for _, c := range []struct{ args, want string }{
		{"laod", `there is no command "laod", did you mean load? (see rigg --help)`},
		{"migrate sideways", `there is no command "sideways" (see rigg migrate --help)`},
		{"load", "requires at least 1 arg(s), only received 0 (see rigg load --help)"},
		{"serve now", "accepts 0 arg(s), received 1 (see rigg serve --help)"},
		{"serve --loud", "unknown flag: --loud (see rigg serve --help)"},
		{"admin create", "accepts 1 arg(s), received 0 (see rigg admin create --help)"},
		{"token create", "--person and --scope are needed (see rigg token create --help)"},
		{"token create --person a@b.example --scope all --ttl long", "Write the length as 30m, 8h, 5d or 24mo (at most ten years)."},
		{"serve --clock tomorrow", `--clock "tomorrow": write an instant`},
		{"serve --listen nowhere", "--listen: listen: "},
		{"check --config /nowhere.yaml", "/nowhere.yaml: "},
	} {
		b := &bench{t: t, env: []string{"RIGG_DATA_DIR=" + dir}}
		got := b.run(strings.Fields(c.args)...)
		if got.code != 2 || got.out != "" || !strings.HasPrefix(got.errors, "rigg: "+c.want) || strings.Count(got.errors, "\n") != 1 {
			t.Errorf("rigg %s: %+v", c.args, got)
		}
	}
	b := &bench{t: t, env: []string{"RIGG_DATA_DIR=" + dir, "RIGG_LISTNE=x", "RIGG_LOG_LEVEL=loud"}}
	if got := b.run("check"); got.code != 2 || strings.Count(got.errors, "rigg: RIGG_") != 2 {
		t.Errorf("a wrong environment: %+v", got)
	}
	if _, err := os.Stat(dir); !os.IsNotExist(err) {
		t.Errorf("a wrong call has made the data directory: %v", err)
	}
}

func TestLoad(t *testing.T) {
	t.Parallel()
	b := setup(t)
	path := annaFile(t)
	if got := b.must("load", path); got != "loaded: 1 organisation, 1 person; 2 changed\n" {
		t.Errorf("load: %s", got)
	}
	if got := b.fed(anna, "load", "-"); got.out != "loaded: 1 organisation, 1 person; nothing changed\n" {
		t.Errorf("load again from the standard input: %+v", got)
	}
	var report struct {
		Changed  int
		Sections []struct {
			Section         string
			Loaded, Changed int
		}
	}
	if err := json.Unmarshal([]byte(b.must("load", "--json", path)), &report); err != nil || len(report.Sections) != 2 {
		t.Errorf("load --json: %+v, %v", report, err)
	}
	got := b.fed("people:\n  - {email: x}\n", "load", path, "-")
	want := "-:2: email: Write an e-mail address, such as anna@company.example.\n-:2: name: Is missing.\n" +
		"rigg: Nothing was loaded. Mistakes in the files: 2.\n"
	if got.code != 1 || got.out != "" || got.errors != want {
		t.Errorf("load of mistakes: %+v", got)
	}
	b.env[1] = "LANG=sv_SE.UTF-8"
	if got := b.fed("people: 1\n", "load", "-"); got.errors != "-:1: people: Här väntas en lista.\nrigg: Inget har lästs in. Fel i filerna: 1.\n" {
		t.Errorf("in Swedish: %+v", got)
	}
	if got := b.run("load", path, "/nowhere.yaml", "/elsewhere.yaml"); got.code != 1 || strings.Count(got.errors, "no such file") != 2 {
		t.Errorf("files that are not there: %+v", got)
	}
	if got := b.run("load", t.TempDir()); got.code != 1 || !strings.Contains(got.errors, "is a directory") {
		t.Errorf("a directory: %+v", got)
	}
}

func TestToken(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.must("load", annaFile(t))
	out := b.must("token", "create", "--person", "Anna@gronstal.example", "--scope", "read,book", "--ttl", "30d")
	if !regexp.MustCompile(`^[A-Za-z0-9_-]{32}\n$`).MatchString(out) {
		t.Errorf("printed %q, not a token alone", out)
	}
	for args, want := range map[string]outcome{
		"--person nobody@gronstal.example --scope all":          {1, "", "rigg: Nobody has the address nobody@gronstal.example: load the person"},
		"--person anna@gronstal.example --scope everything":     {2, "", `rigg: There is no scope "everything".`},
		"--person anna@gronstal.example --scope all --ttl 400d": {2, "", "rigg: A token lives at most 366 days."},
		"--person not-an-address --scope all":                   {2, "", "rigg: Write an e-mail address"},
	} {
		got := b.run(append([]string{"token", "create"}, strings.Fields(args)...)...)
		if got.code != want.code || got.out != "" || !strings.HasPrefix(got.errors, want.errors) || strings.Count(got.errors, "\n") != 1 {
			t.Errorf("token create %s: %+v", args, got)
		}
	}
}

func TestAdmin(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.env = append(b.env, "RIGG_BASE_URL=https://rigg.example")
	out := b.must("admin", "create", "root@rise.example", "--name", "Rut Rot")
	if !regexp.MustCompile(`^https://rigg\.example/sign-in/[A-Za-z0-9_-]{32}\n$`).MatchString(out) {
		t.Errorf("printed %q", out)
	}
	if got := b.run("admin", "create", "root"); got.code != 2 || !strings.HasPrefix(got.errors, "rigg: Write an e-mail address") {
		t.Errorf("no address: %+v", got)
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.must("load", annaFile(t))
	got := b.run("check")
	if got.code != 0 || got.out != "" || !regexp.MustCompile(`^all \d\d invariants hold\n$`).MatchString(got.errors) {
		t.Errorf("check of a sound database: %+v", got)
	}
	_, err := b.db().SQL().ExecContext(t.Context(), `
		insert into sessions (hash, person_id, csrf, created_at, last_seen_at, expires_at)
		select sha256(n::text::bytea), p.id, '', now(), now(), now() + interval '30 days' from people p, generate_series(1, 101) n`)
	if err != nil {
		t.Fatal(err)
	}
	got = b.run("check")
	if got.code != 1 || got.errors != "" || !strings.HasPrefix(got.out, "does not hold: no session lasts longer than seven days\n  {\"created_at\":") ||
		strings.Count(got.out, "\n") != 102 || !strings.HasSuffix(got.out, "\n  ...\n") {
		t.Errorf("check of an unsound database: %+v", got)
	}
	var report struct {
		Invariants int
		Broken     []struct {
			Invariant string
			Rows      []map[string]any
			More      bool
		}
	}
	got = b.run("check", "--json")
	if err := json.Unmarshal([]byte(got.out), &report); err != nil || got.code != 1 {
		t.Fatalf("check --json: %+v, %v", got, err)
	}
	if len(report.Broken) != 1 || len(report.Broken[0].Rows) != 100 || !report.Broken[0].More || report.Invariants < 20 {
		t.Errorf("check --json: %d invariants, %+v", report.Invariants, report.Broken)
	}
}

func TestMigrate(t *testing.T) {
	t.Parallel()
	b := &bench{t: t, url: dbtest.Empty(t)}
	b.env = []string{"RIGG_DATABASE_URL=" + b.url}
	status := func() (applied, pending int) {
		var list []struct {
			Name      string
			AppliedAt *string `json:"applied_at"`
		}
		if err := json.Unmarshal([]byte(b.must("migrate", "status", "--json")), &list); err != nil {
			t.Fatal(err)
		}
		for _, m := range list {
			if m.AppliedAt == nil {
				pending++
			} else {
				applied++
			}
		}
		return applied, pending
	}
	applied, all := status()
	if applied != 0 || all < 5 {
		t.Fatalf("an empty database: %d applied, %d pending", applied, all)
	}
	b.must("migrate", "up")
	if applied, pending := status(); applied != all || pending != 0 {
		t.Errorf("up: %d applied, %d pending", applied, pending)
	}
	b.must("migrate", "down")
	if applied, pending := status(); applied != all-1 || pending != 1 {
		t.Errorf("down: %d applied, %d pending", applied, pending)
	}
	if out := b.must("migrate", "status"); strings.Count(out, "pending") != 1 || strings.Count(out, "\n") != all {
		t.Errorf("status: %s", out)
	}
}

func TestVersion(t *testing.T) {
	t.Parallel()
	b := &bench{t: t}
	if out := b.must("version"); !strings.HasPrefix(out, "rigg ") || strings.Count(out, "\n") != 1 {
		t.Errorf("version: %s", out)
	}
	var built map[string]any
	if err := json.Unmarshal([]byte(b.must("version", "--json")), &built); err != nil || built["go"] == "" {
		t.Errorf("version --json: %v, %v", built, err)
	}
}

func TestClockWantsThePrivateDatabase(t *testing.T) {
	t.Parallel()
	b := setup(t)
	got := b.run("serve", "--listen", "127.0.0.1:0", "--clock", "2026-12-31T20:55:00Z")
	if got.code != 1 || got.out != "" || !strings.HasPrefix(got.errors, "rigg: --clock works with the private database alone") {
		t.Errorf("serve --clock on a shared database: %+v", got)
	}
}

func TestUnreachableDatabase(t *testing.T) {
	t.Parallel()
	b := &bench{t: t, env: []string{"RIGG_DATABASE_URL=postgres://rigg@127.0.0.1:1/rigg"}}
	got := b.run("check")
	if got.code != 1 || !strings.HasPrefix(got.errors, "rigg: The system is busy (") || strings.Count(got.errors, "\n") != 1 {
		t.Errorf("no database: %+v", got)
	}
}
