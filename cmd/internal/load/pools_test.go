package load_test

import (
	"slices"
	"strings"
	"testing"

	"rigg/cmd/internal/load"
	"rigg/internal/database"
	"rigg/internal/dbtest"
	"rigg/internal/problem"
)

// accompanied is the example with a furnace that comes with its crew and argon,
// of which the crew is stated after it.
const accompanied = `  - id: furnace
    facility: am-molndal
    name: {sv: Ugn, en: Furnace}
    units: {all: [furnace]}
    along: [crew, argon]
  - id: crew
    facility: am-molndal
    name: {sv: Operatör, en: Operator}
    units: {any: 1, of: [kim, lo]}
    hours: {mon-fri: "06:00-14:00"}
    shifts: [{date: 2026-12-05, hours: "08:00-12:00"}, {date: 2026-12-07, hours: closed}]
  - {id: argon, facility: am-molndal, name: {sv: Argon, en: Argon}, units: {all: [argon]}, hours: {}}
qualifications:
`

func TestWhatComesAlongIsLoaded(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	text := strings.Replace(designed, "qualifications:\n", accompanied, 1)
	if got := must(t, db, file(text)).Text().EN; !strings.Contains(got, "4 resources, 1 companion, ") {
		t.Errorf("reported %s", got)
	}
	if again := must(t, db, file(text)); again.Changed != 0 {
		t.Errorf("again: %s", again.Text().EN)
	}
	facts := pooled(t, db)
	for table, want := range map[string][]string{
		"resource_companions": {"argon", "crew"}, "resource_shifts": {"[[480, 720]]", "[]"},
	} {
		if !slices.Equal(facts[table], want) {
			t.Errorf("%s: %v", table, facts[table])
		}
	}
	less := strings.Replace(strings.Replace(text, "along: [crew, argon]", "along: [argon]", 1),
		"[{date: 2026-12-05, hours: \"08:00-12:00\"}, {date: 2026-12-07, hours: closed}]", "[]", 1)
	must(t, db, file(less))
	if facts := pooled(t, db); !slices.Equal(facts["resource_companions"], []string{"argon"}) || len(facts["resource_shifts"]) > 0 {
		t.Errorf("after a change: %v", facts)
	}
	must(t, db, file(strings.Replace(less, "    along: [argon]\n", "", 1)))
	if facts := pooled(t, db); len(facts["resource_companions"]) > 0 {
		t.Errorf("after none is stated: %v", facts)
	}
}

func TestMistakesInWhatComesAlong(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	text := strings.Replace(designed, "qualifications:\n", accompanied, 1)
	for _, c := range []struct {
		name, old, now string
		want           []string
	}{
		{"nothing of that name", "[crew, argon]", "[crew, violin]",
			[]string{`a.yaml:28: along: There is no resource "violin", neither in the files nor in the database.`}},
		{"itself", "[crew, argon]", "[furnace]", []string{"a.yaml:28: along: A resource cannot come along with itself."}},
		{"in a circle", "hours: {}", "along: [furnace], hours: {}",
			[]string{"a.yaml:35: along: This goes round in a circle: furnace in turn brings along argon."}},
		{"a day twice", "2026-12-07", "2026-12-05", []string{"a.yaml:34: shifts[1].date: The day is there twice."}},
		{"no hours", "hours: closed", "hours: free", []string{"a.yaml:34: shifts[1].hours: Write the hours as 07:00-19:00"}},
		{"no opening hours", `"06:00-14:00"`, `"6-14"`, []string{"a.yaml:33: hours.mon-fri: Write the hours as 07:00-19:00"}},
	} {
		if !strings.Contains(text, c.old) {
			t.Fatalf("%s: the example has no %q", c.name, c.old)
		}
		_, err := load.Files(t.Context(), db, []load.File{file(strings.Replace(text, c.old, c.now, 1))})
		got := told(err)
		if !problem.Has(err, load.CodeFiles) || len(got) != len(c.want) || !strings.HasPrefix(got[0], c.want[0]) {
			t.Errorf("%s: got\n\t%s\nwant\n\t%s", c.name, strings.Join(got, "\n\t"), strings.Join(c.want, "\n\t"))
		}
	}
}

// pooled is what is stored of companions and shifts.
func pooled(t *testing.T, db *database.DB) map[string][]string {
	t.Helper()
	out := map[string][]string{}
	for table, column := range map[string]string{"resource_companions": "along_id", "resource_shifts": "ranges::text"} {
		err := db.View(t.Context(), func(tx *database.Tx) (err error) {
			out[table], err = database.Select[string](tx, `select `+column+` as x from `+table)
			slices.Sort(out[table])
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return out
}
