package web_test

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"rigg/access"
	"rigg/booking"
)

// madeUp are the keys whose last part comes from data: each beginning with all
// that may follow it.
var madeUp = map[string][]string{
	"action.":         {"approve", "decline", "ask", "answer", "cancel", "withdraw", "check-in", "check-out", "no-show"},
	"alternative.":    {"earlier", "later", "shorter"},
	"approval.":       {"auto", "manual", "auto_if"},
	"audience.":       {"company", "institute", "university", "public_body"},
	"basis.":          {"decided", "market_price", "de_minimis", "gber_28", "gber_25"},
	"county.":         strings.Fields("01 03 04 05 06 07 08 09 10 12 13 14 17 18 19 20 21 22 23 24 25"),
	"demo.group.":     {"book", "manage", "pay", "fund", "run"},
	"demo.short.":     {"book", "manage", "pay", "fund", "run"},
	"demo.role.":      roles(),
	"feed.":           {"mine", "resource"},
	"flash.":          {"approve", "decline", "ask", "answer", "cancel", "check-in", "check-out", "no-show"},
	"history.":        {"requested", "booked", "confirmed", "declined", "asked", "answered", "withdrawn", "cancelled", "moved", "changed", "expired", "checked_in", "checked_out", "no_show", "completed", "displaced", "restored", "pinned"},
	"kind.":           {"test_bed", "pilot_line", "lab"},
	"outcome.":        {"other_unit", "displaced", "declined", "in_use"},
	"next.":           {"requested", "needs_information", "confirmed", "in_use", "displaced"},
	"problem.kind.":   {"internal", "invalid", "refused", "conflict", "not_found", "gone", "unauthenticated", "forbidden", "too_large", "too_many", "unavailable"},
	"problem.todo.":   {"internal", "invalid", "refused", "conflict", "not_found", "gone", "unauthenticated", "forbidden", "too_large", "too_many", "unavailable"},
	"purse.":          {"grant", "own", "overrun"},
	"quote.approval.": {"auto", "manual", "auto_if"},
	"role.":           {"funder", "participant"},
	"share.":          {"grant", "cash", "in_kind", "overrun"},
	"state.":          states(),
	"stream.":         {"platform", "collaboration"},
}

func roles() (out []string) {
	for _, r := range access.Roles {
		if r != access.Controller { // of doors: nobody signs in as one
			out = append(out, string(r))
		}
	}
	return out
}

func states() []string {
	out := []string{"needs_information"}
	for _, s := range []booking.State{
		booking.Requested, booking.Confirmed, booking.Declined, booking.Cancelled, booking.Expired,
		booking.InUse, booking.Completed, booking.NoShow, booking.Displaced,
	} {
		out = append(out, string(s))
	}
	return out
}

var (
	inTemplate  = regexp.MustCompile(`\bt \(?"([^"]+)"`)
	putTogether = regexp.MustCompile(`\bt \(print "([^"]+)" [^)"]+( "[^"]+")?\)`)
	inCode      = regexp.MustCompile(`\.(?:say|find|nth)\("([^"]+)"(\s*\+)?`)
	anyKey      = regexp.MustCompile(`"([a-z_]+\.[a-z_.-]+)"`)
)

// TestEveryTextIsThereAndUsed compares the catalogue with the keys in templates
// and code, in both directions.
func TestEveryTextIsThereAndUsed(t *testing.T) {
	t.Parallel()
	catalogue, used := catalogueKeys(t), map[string]bool{}
	use := func(where, key string) {
		if !catalogue[key] {
			t.Errorf("%s: there is no text %q", where, key)
		}
		used[key] = true
	}
	useAll := func(where, beginning, end string) {
		if _, ok := madeUp[beginning]; !ok {
			t.Errorf("%s: say in madeUp what may follow %q", where, beginning)
		}
		for _, last := range madeUp[beginning] {
			if end == "" || catalogue[beginning+last+end] {
				use(where, beginning+last+end)
			}
		}
	}
	for name, source := range sources(t, "templates/*.html", "templates/*/*.html") {
		for _, m := range inTemplate.FindAllStringSubmatch(source, -1) {
			use(name, m[1])
		}
		for _, m := range putTogether.FindAllStringSubmatch(source, -1) {
			useAll(name, m[1], strings.Trim(m[2], ` "`))
		}
	}
	for name, source := range sources(t, "*.go") {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		for _, m := range inCode.FindAllStringSubmatch(source, -1) {
			if m[2] != "" {
				useAll(name, m[1], "")
			} else {
				use(name, m[1])
			}
		}
		for _, m := range anyKey.FindAllStringSubmatch(source, -1) {
			if catalogue[m[1]] { // in a table of keys
				used[m[1]] = true
			}
		}
	}
	for _, last := range madeUp["flash."] { // postAction leaves them by the action's name
		use("page_booking.go", "flash."+last)
	}
	for _, key := range slices.Sorted(maps.Keys(catalogue)) {
		if !used[key] {
			t.Errorf("nothing uses the text %q", key)
		}
	}
}

func catalogueKeys(t *testing.T) map[string]bool {
	t.Helper()
	out := map[string]bool{}
	for name, source := range sources(t, "text/*.yaml") {
		found := map[string]any{}
		if err := yaml.Unmarshal([]byte(source), &found); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for key := range found {
			out[key] = true
		}
	}
	return out
}

func sources(t *testing.T, patterns ...string) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, pattern := range patterns {
		names, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			body, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			out[name] = string(body)
		}
	}
	if len(out) == 0 {
		t.Fatalf("no files match %q", patterns)
	}
	return out
}

var (
	comment    = regexp.MustCompile(`(?s)\{\{/\*.*?\*/\}\}`)
	actionPart = regexp.MustCompile(`(?s)\{\{.*?\}\}`)
	spoken     = regexp.MustCompile(`(?:placeholder|title|alt|aria-label|data-done|data-failed|label)="([^"]*)"`)
	tag        = regexp.MustCompile(`(?s)<[^>]*>`)
	word       = regexp.MustCompile(`\pL{2,}`)
)

// sameInBoth are words that both languages have alike.
var sameInBoth = []string{"Rigg", "English", "Svenska"}

// TestNoTextOutsideTheCatalogue reads the templates as a visitor would: whatever
// is left without the actions and the markup is in one language only.
func TestNoTextOutsideTheCatalogue(t *testing.T) {
	t.Parallel()
	for name, source := range sources(t, "templates/*.html", "templates/*/*.html") {
		source = actionPart.ReplaceAllString(comment.ReplaceAllString(source, ""), "")
		visible := []string{tag.ReplaceAllString(source, " ")}
		for _, m := range spoken.FindAllStringSubmatch(source, -1) {
			visible = append(visible, m[1])
		}
		for _, w := range word.FindAllString(strings.Join(visible, " "), -1) {
			if !slices.Contains(sameInBoth, w) {
				t.Errorf("%s says %q: give it a key in text/", name, w)
			}
		}
	}
}
