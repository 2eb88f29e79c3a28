package load_test

import (
	"encoding/json"
	"io/fs"
	"slices"
	"strings"
	"testing"

	"rigg/cmd/internal/load"
	"rigg/demo"
	"rigg/internal/database"
	"rigg/internal/dbtest"
	"rigg/internal/problem"
)

// designed is the example of the format in DESIGN.md 8, as it stands there.
const designed = `organisations:
  - {id: rise, name: RISE Research Institutes of Sweden AB, kind: institute, size: large}
  - {id: vinnova, name: Verket för innovationssystem, kind: public_body, size: large}
  - {id: gronstal, name: Grönstål Komponent AB, org_no: 559000-0013, kind: company, size: small, undertaking: gronstal}
people:
  - {email: anna@gronstal.example, name: Anna Ek, organisation: gronstal, language: sv}
  - {email: mia@rise.example, name: Mia Lund, organisation: rise, language: sv}
roles:
  - {person: mia@rise.example, role: host_manager, scope: rise-molndal}
sites:
  - {id: rise-molndal, name: RISE Mölndal, city: Mölndal, county: "14", time_zone: Europe/Stockholm, host: rise}
closures:
  - {site: rise-molndal, name: {sv: Juldagen, en: Christmas Day}, date: 2026-12-25}
facilities:
  - {id: am-molndal, site: rise-molndal, name: Additive manufacturing, kind: pilot_line, approval: manual, managers: [mia@rise.example], hours: {mon-fri: "07:00-19:00"}}
resources:
  - id: robot-extruder
    facility: am-molndal
    name: {sv: Robotextruder, en: Robot extruder}
    capabilities: [large-format-extrusion]
    units: {all: [extruder-1]}          # or {any: 1, of: [p1, p2, p3]}
    rules: {min: 1h, max: 5d, closed: span, step: 30m, notice: 24h, horizon: 180d, set_up: 30m, clean_up: 30m, free_cancel: 48h, check_in: false}
    requires: [am-safety]
qualifications:
  - {id: am-safety, name: {sv: Säkerhetskurs AM, en: AM safety course}, valid: 24mo}
held:
  - {person: anna@gronstal.example, qualification: am-safety, from: 2026-02-01}
programmes:
  - {id: green, name: Grön industriproduktion, diarienummer: "", max_public_share: 50%, appropriations: [{year: 2026, platform: 11000000.00, collaboration: 4000000.00}]}
projects:
  - id: P-1001
    name: Återvunnet pulver till AM
    lead: gronstal
    stream: collaboration
    programme: green
    aid_basis: decided
    period: {from: 2026-01-01, to: 2028-06-30}     # both days included
    members: [anna@gronstal.example]
    agreements:
      - from: 2026-01-01
        parties: [{party: vinnova, role: funder, kind: grant, parts: 50}, {party: gronstal, role: participant, kind: cash, parts: 50}]
    awards: [{year: 2026, funder: vinnova, amount: 500000.00}]
    budgets: [{party: gronstal, year: 2026, amount: 500000.00}]
rates:
  - {resource: robot-extruder, audience: company, from: 2026-01-01, per: hour, amount: 1250.00}
`

// demoFiles are the files of the demo, in the order of their names.
func demoFiles(t *testing.T) (files []load.File) {
	t.Helper()
	names, err := fs.Glob(demo.Files, "*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		data, err := demo.Files.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, load.File{Name: name, Data: data})
	}
	return files
}

func file(text string) load.File { return load.File{Name: "a.yaml", Data: []byte(text)} }

// must loads, and fails the test where that fails.
func must(t *testing.T, db *database.DB, files ...load.File) load.Report {
	t.Helper()
	report, err := load.Files(t.Context(), db, files)
	if err != nil {
		t.Fatalf("%v\n%s", err, strings.Join(told(err), "\n"))
	}
	return report
}

// told are the mistakes in English, each with its file and line.
func told(err error) (lines []string) {
	if err == nil {
		return nil
	}
	for _, f := range problem.From(err).Fields {
		lines = append(lines, f.Path+": "+f.Message.EN)
	}
	return lines
}

// tables are what a load may write, in the order of their names.
var tables = []string{
	"agreement_parties", "agreements", "appropriations", "audit", "awards", "closures", "entries",
	"facilities", "facility_arrivals", "facility_sites", "held_qualifications", "memberships", "organisation_sizes",
	"organisations", "outages", "people", "programmes", "projects", "purses", "qualifications", "rates",
	"resource_forms", "resource_qualifications", "resource_retirements", "resource_units", "resources", "roles", "site_hosts", "sites", "transfers", "units",
}

// stored is everything in the tables, without the numbers that the database gives.
func stored(t *testing.T, db *database.DB) map[string][]string {
	t.Helper()
	out := map[string][]string{}
	err := db.View(t.Context(), func(tx *database.Tx) error {
		for _, table := range tables {
			rows, err := database.Select[string](tx, `select to_jsonb(t)::text from `+table+` t order by 1`)
			if err != nil {
				return err
			}
			out[table] = rows
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func same(t *testing.T, before, after map[string][]string) {
	t.Helper()
	for table := range before {
		if !slices.Equal(before[table], after[table]) {
			t.Errorf("%s has changed:\n%s\n%s", table, strings.Join(before[table], "\n"), strings.Join(after[table], "\n"))
		}
	}
}

func TestLoadsTheExampleOfTheDesign(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	got := must(t, db, file(designed)).Text()
	const want = "loaded: 3 organisations, 2 people, 1 qualification, 1 held qualification, 1 site, 1 facility, " +
		"1 resource, 1 closure, 1 programme, 1 project, 1 agreement, 1 award, 1 budget, 1 rate, 1 role; 18 changed"
	if got.EN != want {
		t.Errorf("reported\n%s, want\n%s", got.EN, want)
	}
	if !strings.HasPrefix(got.SV, "inläst: 3 organisationer, ") || !strings.HasSuffix(got.SV, "; ändrat: 18") {
		t.Errorf("reported in Swedish: %s", got.SV)
	}
	for _, one := range []struct{ table, part string }{
		{"organisations", `"org_no": "5590000013"`},
		{"memberships", `"organisation_id": "gronstal"`},
		{"facilities", `"hours": {"fri": [[420, 1140]], "mon": [[420, 1140]]`},
		{"resources", `"set_up": "30m"`},
		{"resource_qualifications", `"qualification_id": "am-safety"`},
		{"held_qualifications", `"until_date": "2028-01-31"`},
		{"appropriations", `"amount_ore": 1100000000`},
		{"agreement_parties", `"parts": 50`},
		{"purses", `"limit_ore": 50000000`},
		{"rates", `"amount_ore": 125000`},
		{"roles", `"scope": "am-molndal"`},
		{"roles", `"scope": "P-1001"`},
		{"audit", `"action": "load"`},
	} {
		if rows := strings.Join(stored(t, db)[one.table], "\n"); !strings.Contains(rows, one.part) {
			t.Errorf("%s has no %s:\n%s", one.table, one.part, rows)
		}
	}
}

func TestLoadsTheDemoAndThenNothing(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	if report := must(t, db, demoFiles(t)...); report.Changed == 0 {
		t.Error("the first load changed nothing")
	}
	before := stored(t, db)
	if len(before["facilities"]) < 30 || len(before["closures"]) < 1000 {
		t.Errorf("%d facilities and %d closures", len(before["facilities"]), len(before["closures"]))
	}
	backwards := demoFiles(t)
	slices.Reverse(backwards)
	again := must(t, db, backwards...)
	if again.Changed != 0 || !strings.HasSuffix(again.Text().EN, "; nothing changed") {
		t.Errorf("the second load: %s", again.Text().EN)
	}
	same(t, before, stored(t, db))
}

func TestOrderIsFree(t *testing.T) {
	t.Parallel()
	parts := strings.SplitAfter(designed, "\n")
	var files []load.File
	var section string
	for _, line := range append(parts, "end:") {
		if section != "" && line != "" && !strings.HasPrefix(line, " ") {
			files = append(files, load.File{Name: "part.yaml", Data: []byte(section)})
			section = ""
		}
		section += line
	}
	if len(files) != 12 {
		t.Fatalf("the example has %d sections", len(files))
	}
	db := dbtest.New(t)
	must(t, db, file(designed))
	slices.Reverse(files)
	if again := must(t, db, files...); again.Changed != 0 {
		t.Errorf("in another order: %s", again.Text().EN)
	}
	other := dbtest.New(t)
	if first := must(t, other, files...); first.Changed != 18 {
		t.Errorf("from nothing, in another order: %s", first.Text().EN)
	}
}

func TestReportsWhatChanged(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	must(t, db, file(designed))
	changed := strings.NewReplacer("RISE Mölndal", "RISE i Mölndal", "amount: 1250.00", "amount: 1300.00").Replace(designed)
	report := must(t, db, file(changed))
	b, err := json.Marshal(report)
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{`{"changed":2,`, `{"section":"sites","loaded":1,"changed":1}`,
		`{"section":"rates","loaded":1,"changed":1}`, `{"section":"people","loaded":2,"changed":0}`} {
		if !strings.Contains(string(b), part) {
			t.Errorf("no %s in %s", part, b)
		}
	}
}

func TestNothingToLoad(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	before := stored(t, db)
	for name, text := range map[string]string{"empty": "", "comments": "# nothing\n", "null": "~", "empty sections": "sites:\nrates: []\n"} {
		if got := must(t, db, file(text)).Text().EN; got != "nothing to load" {
			t.Errorf("%s: %s", name, got)
		}
	}
	same(t, before, stored(t, db))
}
