package calendar_test

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"rigg/calendar"
)

var start = time.Date(2026, 3, 28, 23, 30, 0, 0, time.UTC)

// event is a plain booking that the tests vary.
func event(summary string) calendar.Event {
	return calendar.Event{
		UID: "b-7fk2@rigg.example", Sequence: 3, Status: calendar.Confirmed,
		Start: start, End: start.Add(2 * time.Hour),
		Created: start.AddDate(0, 0, -20), Modified: start.AddDate(0, 0, -10),
		Summary: summary,
	}
}

func encode(f calendar.Feed) string { return string(calendar.Append(nil, &f)) }

func unfold(body string) string { return strings.ReplaceAll(body, "\r\n ", "") }

// property gives the raw value of the first property of a name in a body.
func property(t *testing.T, body, name string) string {
	t.Helper()
	for line := range strings.SplitSeq(unfold(body), "\r\n") {
		if value, found := strings.CutPrefix(line, name+":"); found {
			return value
		}
	}
	t.Fatalf("no %s in\n%s", name, body)
	return ""
}

type failer interface {
	Helper()
	Fatalf(format string, args ...any)
}

// checkForm holds what must be true of every feed, whatever its texts are.
func checkForm(t failer, body string) {
	t.Helper()
	if !utf8.ValidString(body) {
		t.Fatalf("not UTF-8: %q", body)
	}
	if !strings.HasSuffix(body, "\r\n") {
		t.Fatalf("the last line has no end: %q", body)
	}
	for line := range strings.SplitSeq(strings.TrimSuffix(body, "\r\n"), "\r\n") {
		if len(line) > 75 {
			t.Fatalf("%d octets: %q", len(line), line)
		}
		if line == "" || line == " " {
			t.Fatalf("an empty line in %q", body)
		}
		for _, r := range line {
			if r < ' ' && r != '\t' || r >= 0x7f && r < 0xa0 || r == '\u2028' || r == '\u2029' {
				t.Fatalf("control character %U in %q", r, line)
			}
		}
	}
}

// oneLine makes of an escaped description what a title has of the same text.
var oneLine = strings.NewReplacer(`\\`, `\\`, `\n`, " ")

func TestText(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ in, want string }{
		"plain":               {"Robotextruder", "Robotextruder"},
		"Swedish":             {"Mätbänk på Ångströmsgatan", "Mätbänk på Ångströmsgatan"},
		"comma and semicolon": {"a, b; c", `a\, b\; c`},
		"backslash":           {`C:\n\`, `C:\\n\\`},
		"colon and quote":     {`kl. 8:00 "prov"`, `kl. 8:00 "prov"`},
		"LF":                  {"a\nb\n", `a\nb\n`},
		"CRLF":                {"a\r\nb\r\n", `a\nb\n`},
		"CR":                  {"a\rb\r", `a\nb\n`},
		"CR CR LF":            {"a\r\r\nb", `a\n\nb`},
		"line separators":     {"a\u0085b\u2028c\u2029d", `a\nb\nc\nd`},
		"NUL":                 {"a\x00b", "ab"},
		"controls":            {"a\x01\x07\x0b\x0c\x1b\x1c\x1f\x7f\u0080\u009fb", "ab"},
		"tab":                 {"a\tb", "a\tb"},
		"no-break space":      {"10\u00a0000", "10\u00a0000"},
		"lone lead byte":      {"a\xc3", "a\uFFFD"},
		"lone continuation":   {"\x80a", "\uFFFDa"},
		"surrogate half":      {"a\xed\xa0\x80b", "a\uFFFD\uFFFD\uFFFDb"},
		"overlong solidus":    {"\xc0\xaf", "\uFFFD\uFFFD"},
		"real U+FFFD":         {"\uFFFD", "\uFFFD"},
		"family emoji":        {"👩‍👩‍👧‍👦", "👩‍👩‍👧‍👦"},
		"combining marks":     {"A\u030angstro\u0308m", "A\u030angstro\u0308m"},
		"right to left":       {"\u202eabc", "\u202eabc"},
		"injection":           {"x\r\nEND:VEVENT\r\nATTENDEE:mailto:eve@evil.example", `x\nEND:VEVENT\nATTENDEE:mailto:eve@evil.example`},
		"fold look-alike":     {"x\r\n y", `x\n y`},
		"ten thousand":        {strings.Repeat("långt, ", 10_000), strings.Repeat(`långt\, `, 10_000)},
		"ten thousand plain":  {strings.Repeat("x", 10_000), strings.Repeat("x", 10_000)},
		"ten thousand NUL":    {"a" + strings.Repeat("\x00", 10_000), "a"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := event(c.in)
			e.Description = c.in
			body := encode(calendar.Feed{Events: []calendar.Event{e}})
			checkForm(t, body)
			if got := property(t, body, "DESCRIPTION"); got != c.want {
				t.Errorf("DESCRIPTION is %q, want %q", got, c.want)
			}
			if got, want := property(t, body, "SUMMARY"), oneLine.Replace(c.want); got != want {
				t.Errorf("SUMMARY is %q, want %q", got, want)
			}
		})
	}
}

// Every unit that must stay whole meets the fold at every offset.
func TestFold(t *testing.T) {
	t.Parallel()
	for name, unit := range map[string]string{
		"one octet": "x", "two octets": "å", "three octets": "–", "four octets": "🔧",
		"comma": `\,`, "newline": `\n`, "emoji": "👩‍🏭", "combining": "e\u0301", "space": " ", "tab": "\t",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in := strings.NewReplacer(`\,`, ",", `\n`, "\n").Replace(unit)
			for before := 1; before <= 160; before++ {
				for after := range 3 {
					lead, tail := strings.Repeat("a", before), strings.Repeat("b", after)
					e := event("x")
					e.Description = lead + in + tail
					body := encode(calendar.Feed{Events: []calendar.Event{e}})
					checkForm(t, body)
					if got := property(t, body, "DESCRIPTION"); got != lead+unit+tail {
						t.Fatalf("after %d octets: %q", before, got)
					}
					if strings.Contains(body, "\\\r\n") {
						t.Fatalf("an escape was cut after %d octets: %q", before, body)
					}
				}
			}
		})
	}
}

func TestNothingToSayIsLeftOut(t *testing.T) {
	t.Parallel()
	e := event("\x00")
	e.Location, e.Categories, e.Created = "", []string{"\x07"}, time.Time{}
	body := encode(calendar.Feed{Name: "\x1b", Events: []calendar.Event{e}})
	for _, name := range []string{"SUMMARY", "LOCATION", "DESCRIPTION", "URL", "CATEGORIES", "CREATED", "NAME", "X-WR-TIMEZONE", "COLOR"} {
		if strings.Contains(body, "\n"+name) {
			t.Errorf("there is a %s in\n%s", name, body)
		}
	}
}

func TestFoldFillsLines(t *testing.T) {
	t.Parallel()
	body := encode(calendar.Feed{Events: []calendar.Event{event(strings.Repeat("x", 75-len("SUMMARY:")+74+1))}})
	want := "SUMMARY:" + strings.Repeat("x", 67) + "\r\n " + strings.Repeat("x", 74) + "\r\n x\r\n"
	if !strings.Contains(body, want) {
		t.Errorf("want %q in\n%s", want, body)
	}
	exact := encode(calendar.Feed{Events: []calendar.Event{event(strings.Repeat("x", 67))}})
	if want := "SUMMARY:" + strings.Repeat("x", 67) + "\r\nTRANSP"; !strings.Contains(exact, want) {
		t.Errorf("75 octets are folded:\n%s", exact)
	}
}

// The comma between two categories meets the fold too.
func TestFoldOfLists(t *testing.T) {
	t.Parallel()
	for before := 1; before <= 160; before++ {
		e := event("x")
		e.Categories = []string{strings.Repeat("a", before), "b,c", "d"}
		body := encode(calendar.Feed{Events: []calendar.Event{e}})
		checkForm(t, body)
		if got, want := property(t, body, "CATEGORIES"), e.Categories[0]+`,b\,c,d`; got != want {
			t.Fatalf("CATEGORIES are %q, want %q", got, want)
		}
	}
}

func TestTimesAreUTC(t *testing.T) {
	t.Parallel()
	e := event("x")
	e.Start = start.In(stockholm(t))
	if got := property(t, encode(calendar.Feed{Events: []calendar.Event{e}}), "DTSTART"); got != "20260328T233000Z" {
		t.Errorf("DTSTART is %s", got)
	}
}

func TestURL(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"https://rigg.example/b/7fk2?a=1,2;b#c": "https://rigg.example/b/7fk2?a=1,2;b#c",
		"https://rigg.example/mät plats":        "https://rigg.example/m%C3%A4t%20plats",
		"https://rigg.example/\r\nX:\x00\xff":   "https://rigg.example/%0D%0AX:%00%FF",
	} {
		e := event("x")
		e.URL = in
		body := encode(calendar.Feed{Events: []calendar.Event{e}})
		checkForm(t, body)
		if got := property(t, body, "URL"); got != want {
			t.Errorf("%q became %q, want %q", in, got, want)
		}
	}
}

func TestColor(t *testing.T) {
	t.Parallel()
	body := encode(calendar.Feed{Color: "steelblue"})
	if got := property(t, body, "COLOR") + property(t, body, "X-APPLE-CALENDAR-COLOR"); got != "steelblue#4682B4" {
		t.Errorf("colours %q", got)
	}
	if body := encode(calendar.Feed{Color: "#4682B4"}); strings.Contains(body, "COLOR") {
		t.Errorf("a number is no CSS3 name:\n%s", body)
	}
}

func TestAppendKeepsWhatIsThere(t *testing.T) {
	t.Parallel()
	f := calendar.Feed{Name: "Provbänk", Events: []calendar.Event{event("x")}}
	if got := string(calendar.Append([]byte("before"), &f)); got != "before"+encode(f) {
		t.Errorf("got %q", got)
	}
}

func TestAppendDoesNotAllocate(t *testing.T) { //nolint:paralleltest // AllocsPerRun counts the whole process
	f := many(100)
	buf := calendar.Append(nil, &f)
	if n := testing.AllocsPerRun(10, func() { buf = calendar.Append(buf[:0], &f) }); n != 0 {
		t.Errorf("%v allocations for 100 events", n)
	}
}

func TestETag(t *testing.T) {
	t.Parallel()
	a, again, b := calendar.ETag([]byte("a")), calendar.ETag([]byte("a")), calendar.ETag([]byte("b"))
	if a != again || a == b {
		t.Errorf("ETags %s, %s, %s", a, again, b)
	}
	if len(a) != 24 || a[0] != '"' || strings.ContainsAny(a[1:23], "\" \\") || a[23] != '"' {
		t.Errorf("%s is not a quoted strong validator", a)
	}
}
