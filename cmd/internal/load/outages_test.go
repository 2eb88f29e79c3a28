package load_test

import (
	"slices"
	"strings"
	"testing"

	"rigg/cmd/internal/load"
	"rigg/internal/dbtest"
)

func TestOutagesOfEveryKind(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	must(t, db, file(designed))
	must(t, db, file(further))
	const outages = `outages:
  - {id: week, facility: logistics, units: [p1], name: {sv: Service, en: Service}, start: 2027-03-22T08:00, end: 2027-03-22T10:00, recurrence: "FREQ=WEEKLY;COUNT=2"}
  - {id: broken, facility: logistics, units: [p2], kind: breakdown, until_lifted: 4h, note: Lager, name: {sv: Trasig, en: Broken}, start: 2027-05-03T08:00, end: 2027-05-03T10:00}
`
	for _, changed := range []int{2, 0} { // entries
		if report := must(t, db, file(outages)); report.Changed != changed {
			t.Errorf("changed %d: %s", report.Changed, report.Text().EN)
		}
	}
	want := "broken breakdown 240 2027-05-03 06:00:00+00 week-2027-03-22 maintenance 0 2027-03-22 07:00:00+00 week-2027-03-29 maintenance 0 2027-03-29 06:00:00+00"
	got := strings.Join(column(t, db, `select slug || ' ' || kind || ' ' || coalesce(until_lifted_min, 0) || ' ' || starts_at
		from outages where slug not like 'service%' order by slug`), " ")
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	_, err := load.Files(t.Context(), db, []load.File{file(`outages:
  - {id: x, facility: logistics, kind: party, name: {sv: X, en: X}, start: 2028-03-01T08:00, end: 2028-03-01T09:00}
  - {id: y, facility: logistics, recurrence: often, name: {sv: X, en: X}, start: 2028-03-02T08:00, end: 2028-03-02T09:00}
  - {id: z, facility: logistics, recurrence: "FREQ=DAILY;COUNT=2", until_lifted: 1h, name: {sv: X, en: X}, start: 2028-03-03T08:00, end: 2028-03-03T09:00}
  - {id: u, facility: logistics, until_lifted: 5m, name: {sv: X, en: X}, start: 2028-03-04T08:00, end: 2028-03-04T09:00}
`)})
	wrong := []string{
		"a.yaml:2: kind: Write maintenance, breakdown or internal.",
		"a.yaml:3: recurrence: The recurrence cannot be read.",
		"a.yaml:4: recurrence: What lasts until it is lifted cannot recur.",
		"a.yaml:5: until_lifted: The end can move on by 15 minutes to 30 days at a time.",
	}
	if said := told(err); !slices.EqualFunc(said, wrong, strings.HasPrefix) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(said, "\n"), strings.Join(wrong, "\n"))
	}
}
