package calendar_test

import (
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-ical"
	"pgregory.net/rapid"

	"rigg/calendar"
)

var (
	breaks   = regexp.MustCompile("\r\n|[\r\n\u0085\u2028\u2029]")
	controls = regexp.MustCompile(`[\x00-\x08\x0B-\x1F\x7F-\x{9F}]`)
)

// readable is what a reader should get of a text: the same as Append promises,
// said in another way. Only a description has more than one line.
func readable(property, s string) string {
	lineBreak := " "
	if property == "DESCRIPTION" || property == "X-WR-CALDESC" {
		lineBreak = "\n"
	}
	valid := string([]rune(s))
	return controls.ReplaceAllString(breaks.ReplaceAllString(valid, lineBreak), "")
}

// anyText draws texts of every kind: what people write, any Unicode, any
// bytes, and the pieces that break calendars.
func anyText() *rapid.Generator[string] {
	piece := rapid.SampledFrom([]string{
		"å", "👩‍🏭", "e\u0301", `\`, ",", ";", ":", `"`, "\n", "\r", "\r\n", "\t", " ", "\x00", "\u0085", "\u2028",
		"\xff", "\xed\xa0\x80", "\uFEFF", "END:VEVENT", "\r\n ", `\n`, "^n", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
	})
	return rapid.OneOf(
		rapid.String(),
		rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) string { return string(b) }),
		rapid.Map(rapid.SliceOf(piece), func(p []string) string { return strings.Join(p, "") }),
	)
}

func anyTime() *rapid.Generator[time.Time] {
	return rapid.Map(rapid.Int64Range(0, 4_102_444_800), func(s int64) time.Time { return time.Unix(s, 0).UTC() })
}

func anyEvent() *rapid.Generator[calendar.Event] {
	return rapid.Custom(func(t *rapid.T) calendar.Event {
		start := anyTime().Draw(t, "start")
		return calendar.Event{
			UID:      rapid.StringMatching(`[a-z0-9-]{8,90}@rigg\.example`).Draw(t, "uid"),
			Sequence: rapid.IntRange(0, 1<<31-1).Draw(t, "sequence"),
			Status:   rapid.SampledFrom([]calendar.Status{calendar.Tentative, calendar.Confirmed, calendar.Cancelled}).Draw(t, "status"),
			Free:     rapid.Bool().Draw(t, "free"),
			Start:    start,
			End:      start.Add(time.Duration(rapid.IntRange(1, 100_000).Draw(t, "minutes")) * time.Minute),
			Created:  anyTime().Draw(t, "created"),
			Modified: anyTime().Draw(t, "modified"),
			Summary:  anyText().Draw(t, "summary"), Location: anyText().Draw(t, "location"),
			Description: anyText().Draw(t, "description"), URL: anyText().Draw(t, "url"),
			Categories: rapid.SliceOfN(anyText(), 0, 4).Draw(t, "categories"),
		}
	})
}

func TestWhatIsReadIsWhatWasWritten(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		f := calendar.Feed{
			Name: anyText().Draw(t, "name"), Description: anyText().Draw(t, "about"), Zone: "Europe/Stockholm",
			Color: "teal", Events: rapid.SliceOfN(anyEvent(), 0, 4).Draw(t, "events"),
		}
		body := encode(f)
		checkForm(t, body)
		checkRead(t, body, &f)
	})
}

// checkRead holds that go-ical reads the feed that was written, no more and no
// less.
func checkRead(t failer, body string, f *calendar.Feed) {
	t.Helper()
	cal, err := ical.NewDecoder(strings.NewReader(body)).Decode()
	if err != nil {
		t.Fatalf("go-ical: %v in %q", err, body)
	}
	if cal.Props.Get("METHOD") != nil || cal.Props.Get("UID") != nil {
		t.Fatalf("a feed has no METHOD and no UID: %q", body)
	}
	checkTexts(t, cal.Props, map[string]string{
		"NAME": f.Name, "X-WR-CALNAME": f.Name, "DESCRIPTION": f.Description, "X-WR-CALDESC": f.Description,
		"VERSION": "2.0", "CALSCALE": "GREGORIAN", "X-WR-TIMEZONE": f.Zone, "X-PUBLISHED-TTL": "PT1H",
	})
	if every, err := cal.Props.Get("REFRESH-INTERVAL").Duration(); err != nil || every != time.Hour {
		t.Fatalf("REFRESH-INTERVAL: %v, %v", every, err)
	}
	if len(cal.Children) != len(f.Events) {
		t.Fatalf("%d components of %d events", len(cal.Children), len(f.Events))
	}
	for i, c := range cal.Children {
		if c.Name != ical.CompEvent || len(c.Children) != 0 {
			t.Fatalf("component %q with %d children", c.Name, len(c.Children))
		}
		checkEvent(t, c.Props, &f.Events[i])
	}
}

func checkEvent(t failer, props ical.Props, e *calendar.Event) {
	t.Helper()
	transparency, busy := "OPAQUE", map[calendar.Status]string{
		calendar.Tentative: "TENTATIVE", calendar.Confirmed: "BUSY",
	}[e.Status]
	if e.Free || e.Status == calendar.Cancelled {
		transparency, busy = "TRANSPARENT", "FREE"
	}
	checkTexts(t, props, map[string]string{
		"UID": e.UID, "STATUS": string(e.Status), "SEQUENCE": strconv.Itoa(e.Sequence),
		"SUMMARY": e.Summary, "LOCATION": e.Location, "DESCRIPTION": e.Description,
		"TRANSP": transparency, "X-MICROSOFT-CDO-BUSYSTATUS": busy,
	})
	for name, want := range map[string]time.Time{
		"DTSTAMP": e.Modified, "DTSTART": e.Start, "DTEND": e.End, "CREATED": e.Created, "LAST-MODIFIED": e.Modified,
	} {
		if got, err := props.DateTime(name, nil); err != nil || !got.Equal(want) || len(props.Values(name)) != 1 {
			t.Fatalf("%s is %v (%v), want %v", name, got, err, want)
		}
	}
	checkCategories(t, props, e.Categories)
	checkURL(t, props.Get("URL"), e.URL)
	for name, values := range props {
		if len(values) > 1 {
			t.Fatalf("%d times %s", len(values), name)
		}
	}
}

func checkTexts(t failer, props ical.Props, want map[string]string) {
	t.Helper()
	for name, text := range want {
		if prop := props.Get(name); (prop != nil) != (readable(name, text) != "") {
			t.Fatalf("%s present: %v, for %q", name, prop != nil, text)
		}
		prop := ical.NewProp(name)
		if p := props.Get(name); p != nil {
			prop.Value = p.Value
		}
		if got, err := prop.Text(); name != "SEQUENCE" && (err != nil || got != readable(name, text)) {
			t.Fatalf("%s is %q (%v), want %q", name, got, err, readable(name, text))
		}
		if name == "SEQUENCE" && prop.Value != text {
			t.Fatalf("SEQUENCE is %q, want %q", prop.Value, text)
		}
	}
}

func checkCategories(t failer, props ical.Props, want []string) {
	t.Helper()
	var got []string
	if prop := props.Get("CATEGORIES"); prop != nil {
		list, err := prop.TextList()
		if err != nil {
			t.Fatalf("CATEGORIES: %v", err)
		}
		got = list
	}
	read := make([]string, len(want))
	for i, c := range want {
		read[i] = readable("CATEGORIES", c)
	}
	if len(read) == 1 && read[0] == "" {
		read = nil // no categories at all
	}
	if !slices.Equal(got, read) {
		t.Fatalf("CATEGORIES are %q, want %q", got, read)
	}
}

// checkURL holds that the address is one word of ASCII that still means what
// it meant.
func checkURL(t failer, prop *ical.Prop, want string) {
	t.Helper()
	if prop == nil {
		if want != "" {
			t.Fatalf("no URL, want %q", want)
		}
		return
	}
	if i := strings.IndexFunc(prop.Value, func(r rune) bool { return r <= ' ' || r >= 0x7f }); i >= 0 {
		t.Fatalf("URL is %q", prop.Value)
	}
	if strings.Contains(want, "%") {
		return // it may be half an escape already
	}
	if got, err := url.PathUnescape(prop.Value); err != nil || got != want {
		t.Fatalf("URL means %q (%v), want %q", got, err, want)
	}
}
