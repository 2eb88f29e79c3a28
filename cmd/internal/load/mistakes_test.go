package load_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"rigg/cmd/internal/load"
	"rigg/internal/dbtest"
	"rigg/internal/problem"
)

// mistaken are changes of the example and what is said about each: a part of
// every message, in order.
var mistaken = []struct {
	name, old, now string
	want           []string
}{
	{"unknown section", "rates:", "prices:",
		[]string{"a.yaml:44: prices: There is no such key here. What can be written: closures, facilities, "}},
	{"unknown key", "{id: rise, name", "{id: rise, title: x, name",
		[]string{"a.yaml:2: title: There is no such key here. What can be written: id, kind, name, org_no, size, undertaking."}},
	{"unknown key deep down", "parts: 50}]", "part: 50}]",
		[]string{"a.yaml:41: parties[1].parts: Is missing.", "a.yaml:41: parties[1].part: There is no such key here."}},
	{"missing", "name: Anna Ek, ", "", []string{"a.yaml:6: name: Is missing."}},
	{"left empty", "    lead: gronstal", "    lead:", []string{"a.yaml:33: lead: The value is missing."}},
	{"a list for a value", "city: Mölndal", "city: [Mölndal]", []string{"a.yaml:11: city: A single value is expected here."}},
	{"a value for a list", "[am-safety]", "am-safety", []string{"a.yaml:23: requires: A list is expected here."}},
	{"a value for keys", "{all: [extruder-1]}", "extruder-1", []string{"a.yaml:21: units: Keys and values are expected here."}},
	{"a value for an entry", "  - {person: mia@rise.example, role: host_manager, scope: rise-molndal}", "  - mia@rise.example",
		[]string{"a.yaml:9: Keys and values are expected here."}},
	{"an empty entry", "[am-safety]", "[am-safety, ]\n  -", []string{"a.yaml:24: Keys and values are expected here."}},
	{"an empty word", "capabilities: [large-format-extrusion]", "capabilities: [~]",
		[]string{"a.yaml:20: capabilities: The value is missing."}},
	{"not a truth", "check_in: false", "check_in: no", []string{"a.yaml:22: rules.check_in: Write true or false."}},
	{"not a span", "min: 1h", "min: 1 h", []string{"a.yaml:22: rules.min: Write the length as 30m, 8h, 5d or 24mo"}},
	{"not a day", "from: 2026-02-01", "from: 2026-02-30", []string{"a.yaml:27: from: Write the day as 2026-12-31."}},
	{"not an amount", "amount: 1250.00", "amount: 1250.005", []string{"a.yaml:45: amount: Write the amount in SEK"}},
	{"a negative amount", "amount: 1250.00", "amount: -1", []string{"a.yaml:45: amount: Write the amount in SEK"}},
	{"an amount in another notation", "amount: 1250.00", "amount: 1.25e3", []string{"a.yaml:45: amount: Write the amount in SEK"}},
	{"a huge amount", "amount: 1250.00", "amount: 99999999999999999999", []string{"a.yaml:45: amount: Write the amount in SEK"}},
	{"not a share", "50%", "50", []string{"a.yaml:29: max_public_share: Write the share in percent"}},
	{"a share of too much", "50%", "101%", []string{"a.yaml:29: max_public_share: Write the share in percent"}},
	{"not a year", "[{year: 2026, platform", "[{year: 1026, platform",
		[]string{"a.yaml:29: appropriations[0].year: Write a whole number from 2000 to 2099."}},
	{"not a zone", "Europe/Stockholm", "Europe/Molndal", []string{"a.yaml:11: time_zone: Write the time zone as Europe/Stockholm."}},
	{"not an address", "email: mia@rise.example", "email: mia at rise", []string{
		"a.yaml:7: email: Write an e-mail address",
		`a.yaml:9: person: There is no person "mia@rise.example"`,
		`a.yaml:15: managers: There is no person "mia@rise.example"`}},
	{"not open hours", `"07:00-19:00"`, `"19:00-07:00"`, []string{"a.yaml:15: hours.mon-fri: Write the hours as 07:00-19:00"}},
	{"a day twice in the hours", `"07:00-19:00"`, `"07:00-19:00", wed: "07:00-12:00"`,
		[]string{"a.yaml:15: hours: The day wed is there twice."}},
	{"not a kind", "kind: pilot_line", "kind: line", []string{"a.yaml:15: kind: Choose test_bed, pilot_line or lab."}},
	{"not an audience", "audience: company", "audience: firm", []string{`a.yaml:45: audience: There is no "firm"`}},
	{"not a role", "role: host_manager", "role: king", []string{`a.yaml:9: role: There is no role "king".`}},
	{"a role without its scope", ", scope: rise-molndal", "", []string{"a.yaml:9: scope: Say what the role host_manager is for."}},
	{"a role with too much", "host_manager, scope: rise-molndal", "admin, scope: rise-molndal",
		[]string{"a.yaml:9: scope: The role admin holds everywhere: leave scope empty."}},
	{"a scope that is not there", "scope: rise-molndal", "scope: am-molndal", []string{`a.yaml:9: scope: There is no site "am-molndal"`}},
	{"a bad id", "id: robot-extruder", "id: robot extruder", []string{
		"a.yaml:17: id: An id is 1–63 letters", `a.yaml:45: resource: There is no resource "robot-extruder"`}},
	{"a wrong check digit", "559000-0013", "559000-0014", []string{"a.yaml:4: org_no: The check digit of the organisation number"}},
	{"a company without a number", "org_no: 559000-0013, ", "", []string{
		"a.yaml:33: lead: The company gronstal needs an organisation number to be part of a project."}},
	{"an unresolved list", "[am-safety]", "[am-safety, laser]", []string{`a.yaml:23: requires: There is no qualification "laser"`}},
	{"no host", "host: rise}", "host: kth}", []string{`a.yaml:11: host: There is no organisation "kth"`}},
	{"stated twice", "  - {id: vinnova,", "  - {id: rise,", []string{
		"a.yaml:3: rise is already at a.yaml:2.",
		`a.yaml:41: parties[0].party: There is no organisation "vinnova"`,
		`a.yaml:42: funder: There is no organisation "vinnova"`}},
	{"a key twice", "size: large}\n  - {id: vinnova", "size: large, size: small}\n  - {id: vinnova",
		[]string{"a.yaml:2: size: Is there twice."}},
	{"a rate twice", "rates:", "rates:\n  - {resource: robot-extruder, audience: company, from: 2026-01-01, per: hour, amount: 1.00}",
		[]string{"a.yaml:46: robot-extruder company 2026-01-01 is already at a.yaml:45."}},
	{"rules that do not fit", "min: 1h, max: 5d", "min: 6d, max: 5d",
		[]string{"a.yaml:22: rules.max: The longest booking is shorter than the shortest."}},
	{"a unit twice", "{all: [extruder-1]}", "{any: 1, of: [p1, p1]}", []string{"a.yaml:21: units: Name between 1 and 100 different units."}},
	{"more than there are", "{all: [extruder-1]}", "{any: 3, of: [p1, p2]}", []string{"a.yaml:21: units.any: A booking can take between 1 and 2"}},
	{"all and any", "{all: [extruder-1]}", "{all: [p1], any: 1}", []string{
		"a.yaml:21: units.of: Is missing.", "a.yaml:21: units.all: There is no such key here. What can be written: any, of."}},
	{"auto_below without auto_if", "approval: manual", "approval: manual, auto_below: 100.00",
		[]string{"a.yaml:15: auto_below: The amount goes with approval: auto_if, and only with it."}},
	{"a resource's auto_below without auto_if", "capabilities: [large-format-extrusion]", "capabilities: [large-format-extrusion]\n    approval: auto\n    auto_below: 1.00",
		[]string{"a.yaml:22: auto_below: The amount goes with approval: auto_if, and only with it."}},
	{"a resource's auto_if without auto_below", "capabilities: [large-format-extrusion]", "capabilities: [large-format-extrusion]\n    approval: auto_if",
		[]string{"a.yaml:17: auto_below: The amount goes with approval: auto_if, and only with it."}},
	{"not an approval", "capabilities: [large-format-extrusion]", "capabilities: [large-format-extrusion]\n    approval: maybe",
		[]string{"a.yaml:21: approval: Write one of auto, manual, auto_if."}},
	{"a limit below nothing", "    lead: gronstal", "    lead: gronstal\n    lead_above: -1", []string{"a.yaml:34: lead_above: Write the amount in SEK"}},
	{"an answer before the question", "min: 1h, max: 5d", "reconfirm: 24h, reconfirm_by: 24h",
		[]string{"a.yaml:22: rules.reconfirm_by: The answer must be allowed to come after the question"}},
	{"an expiry before it is passed on", "min: 1h, max: 5d", "escalate_after: 2d, answer_within: 48h",
		[]string{"a.yaml:22: rules.answer_within: The request expires before it can be passed on"}},
	{"a closure of nothing", "{site: rise-molndal, name", "{name", []string{"a.yaml:13: Give one of sites: all, site and facility."}},
	{"a closure of some sites", "{site: rise-molndal, name", "{sites: most, name", []string{"a.yaml:13: sites: Write all, or site and a site."}},
	{"a project that ends first", "to: 2028-06-30", "to: 2025-06-30",
		[]string{"a.yaml:37: period: The project ends on 2025-06-30, before it begins on 2026-01-01."}},
	{"a share above the ceiling", "kind: grant, parts: 50", "kind: grant, parts: 51", []string{"a.yaml:40: "}},
	{"an award above the appropriation", "amount: 500000.00}]\n    budgets", "amount: 4000000.01}]\n    budgets", []string{"a.yaml:42: "}},
	{"a role of no party", "role: funder", "role: payer", []string{"a.yaml:41: parties[0].role: Write funder or participant."}},
	{"moves on one day", "site: rise-molndal, name: Additive", "moves: [{site: rise-molndal, from: 2027-01-01}, {site: rise-molndal, from: 2027-01-01}], site: rise-molndal, name: Additive",
		[]string{"a.yaml:15: moves[1].from: The day is there twice."}},
	{"one cause, not its consequences", "id: am-molndal,", "id: am-molndal, colour: red,", []string{"a.yaml:15: colour: There is no such key here."}},
	{"three at once", "  - {email: anna@gronstal.example, name: Anna Ek", "  - {email: anna@gronstal.example, shoe: 38, name: \"\"", []string{
		"a.yaml:6: shoe: There is no such key here."}},
}

func TestMistakesAreToldByLine(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	before := stored(t, db)
	for _, c := range mistaken {
		if strings.Count(designed, c.old) == 0 {
			t.Fatalf("%s: the example has no %q", c.name, c.old)
		}
		_, err := load.Files(t.Context(), db, []load.File{file(strings.Replace(designed, c.old, c.now, 1))})
		if !problem.Has(err, load.CodeFiles) {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		got := told(err)
		ok := len(got) == len(c.want)
		for i := 0; ok && i < len(got); i++ {
			ok = strings.HasPrefix(got[i], c.want[i])
		}
		if !ok {
			t.Errorf("%s: got\n\t%s\nwant\n\t%s", c.name, strings.Join(got, "\n\t"), strings.Join(c.want, "\n\t"))
		}
	}
	same(t, before, stored(t, db))
}

func TestEveryMistakeAtOnce(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	text := designed
	for _, change := range [][2]string{
		{"{id: rise, name", "{id: rise, title: x, name"}, // unknown key
		{"559000-0013", "559000-0014"},                   // the domain's
		{"min: 1h", "min: 1 h"},                          // a value
		{"[am-safety]", "[laser]"},                       // a reference
		{"audience: company", "audience: firm"},          // the domain's, of what refers to something broken
	} {
		text = strings.Replace(text, change[0], change[1], 1)
	}
	second := load.File{Name: "b.yaml", Data: []byte("people:\n  - {email: anna@gronstal.example, name: Anna Ek}\n  - {email: x, name: X}\n")}
	_, err := load.Files(t.Context(), db, []load.File{file(text), second})
	var lines []string
	for _, l := range told(err) {
		lines = append(lines, strings.Join(strings.SplitN(l, ":", 3)[:2], ":"))
	}
	if got, want := strings.Join(lines, " "), "a.yaml:2 a.yaml:4 a.yaml:22 a.yaml:23 b.yaml:2 b.yaml:3"; got != want {
		t.Errorf("mistakes at %s, want %s\n%s", got, want, strings.Join(told(err), "\n"))
	}
	if e := problem.From(err); e.Text().EN != "Nothing was loaded. Mistakes in the files: 6." || e.Details["mistakes"] != 6 {
		t.Errorf("said %v, %v", e.Text(), e.Details)
	}
	for _, f := range problem.From(err).Fields {
		if f.Message.SV == "" || f.Message.SV == f.Message.EN {
			t.Errorf("%s has no Swedish: %+v", f.Path, f.Message)
		}
	}
}

// hostile are files that no person writes.
func hostile() map[string]string {
	bomb := "organisations:\n  - &a0 {id: x}\n"
	for i := 1; i < 30; i++ {
		bomb += fmt.Sprintf("  - &a%d [%s]\n", i, strings.Repeat(fmt.Sprintf("*a%d, ", i-1), 10))
	}
	return map[string]string{
		"aliases":              bomb,
		"an alias of itself":   "sites: &a [*a]\n",
		"merge":                "organisations:\n  - {<<: {id: x}, name: X}\n",
		"deep nesting":         "sites: " + strings.Repeat("[", 9000) + strings.Repeat("]", 9000),
		"deeper nesting":       "sites: " + strings.Repeat("{a: ", 20000),
		"binary":               "\x00\x01\x02\xff\xfe",
		"a binary value":       "organisations:\n  - {id: !!binary aGVq, name: X, kind: company}\n",
		"a tag":                "organisations: !!python/object [x]\n",
		"not UTF-8":            "organisations:\n  - {id: x, name: \"\xff\"}\n",
		"a control character":  "organisations:\n  - {id: x, name: \"a\\0b\", kind: company}\n",
		"tabs":                 "organisations:\n\t- {id: x}\n",
		"an open quote":        "organisations:\n  - {id: \"x\n",
		"two documents":        "sites: []\n---\nsites: []\n",
		"a list":               "- a\n- b\n",
		"a word":               "hello\n",
		"a key that is a list": "? [a, b]\n: c\n",
		"a huge number":        "rates:\n  - {resource: x, audience: company, from: 2026-01-01, per: hour, amount: " + strings.Repeat("9", 100000) + "}\n",
		"too large":            "#" + strings.Repeat("x", load.MaxFile),
		"a long word":          "organisations:\n  - {id: x, kind: company, name: " + strings.Repeat("x", 1<<20) + "}\n",
		"a mistake a line":     "sites:\n" + strings.Repeat("  - {a: b}\n", 2000),
		"not a number":         "programmes:\n  - {id: x, name: X, max_public_share: NaN%}\n",
		"years":                "held:\n  - {person: a@b.example, qualification: q, from: 292277026596-12-04}\n",
	}
}

func TestHostileFilesAreRefused(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	before := stored(t, db)
	for name, text := range hostile() {
		_, err := load.Files(t.Context(), db, []load.File{file(text)})
		if !problem.Has(err, load.CodeFiles) {
			t.Errorf("%s: %v", name, err)
		}
		lines := strings.Count(text, "\n") + 1
		for _, l := range told(err) {
			var line int
			if _, err := fmt.Sscanf(l, "a.yaml:%d: ", &line); err != nil || line < 1 || line > lines {
				t.Errorf("%s: %.200s: no such line", name, l)
			}
		}
		if n := len(told(err)); n > 500 {
			t.Errorf("%s: %d mistakes told", name, n)
		}
	}
	same(t, before, stored(t, db))
}

// TestLoadsTakeTurns: of loads at once that say different things, one wins
// wholly and none fails.
func TestLoadsTakeTurns(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	var all sync.WaitGroup
	errs := make([]error, 8)
	for i := range errs {
		text := strings.NewReplacer("Anna Ek", fmt.Sprintf("Anna %d", i), "RISE Mölndal", fmt.Sprintf("RISE %d", i)).Replace(designed)
		all.Go(func() { _, errs[i] = load.Files(t.Context(), db, []load.File{file(text)}) })
	}
	all.Wait()
	for _, err := range errs {
		if err != nil {
			t.Error(err)
		}
	}
	rows := stored(t, db)
	for i := range errs {
		person := strings.Contains(strings.Join(rows["people"], ""), fmt.Sprintf(`"Anna %d"`, i))
		site := strings.Contains(strings.Join(rows["sites"], ""), fmt.Sprintf(`"RISE %d"`, i))
		if person != site {
			t.Errorf("half of load %d stands", i)
		}
	}
	if len(rows["people"]) != 2 || len(rows["agreements"]) != 1 || len(rows["units"]) != 1 {
		t.Errorf("%d people, %d agreements, %d units", len(rows["people"]), len(rows["agreements"]), len(rows["units"]))
	}
}
