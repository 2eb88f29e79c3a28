package main_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
)

// Whatever is sent, nothing crashes, nothing is a 5xx, and the answer says what
// is wrong without telling how the program is made. The tables here and in
// malformed_paths_test.go and malformed_wire_test.go say what each is answered.
func TestMalformed(t *testing.T) {
	t.Parallel()
	w := mustRun(t, "2026-09-01T06:00:00Z")
	anna, mia := w.as(annaEk), w.as(miaLund)
	b := anna.books(wish("printer", "P-1001", "2026-09-07T08:00", "2026-09-07T10:00"))
	before := w.count(`select count(*) from bookings`)
	for _, c := range fields {
		t.Run(strings.TrimSpace(c.field+" "+short40(c.value)), func(t *testing.T) {
			sent(t, anna, http.MethodPost, "/api/v1/bookings", withField(c.field, c.value), c.status, c.code, jsonType)
		})
	}
	for name, c := range bodies() {
		t.Run("body "+name, func(t *testing.T) {
			kind := c.kind
			if kind == "" {
				kind = "Content-Type: application/json"
			}
			sent(t, anna, http.MethodPost, "/api/v1/bookings", c.body, c.status, c.code, kind)
		})
	}
	for _, c := range changes {
		t.Run(c.action+" "+short40(c.body), func(t *testing.T) {
			sent(t, mia, http.MethodPost, "/api/v1/bookings/"+b.Ref+"/"+c.action, c.body, c.status, c.code, jsonType)
		})
	}
	for _, c := range edits {
		t.Run("edit "+short40(c.body), func(t *testing.T) {
			sent(t, anna, http.MethodPatch, "/api/v1/bookings/"+b.Ref, c.body, c.status, c.code, jsonType)
		})
	}
	for _, c := range paths {
		t.Run(c.method+" "+short40(c.path), func(t *testing.T) {
			sent(t, anna, c.method, strings.ReplaceAll(c.path, "{ref}", b.Ref), c.body, c.status, c.code, c.headers)
		})
	}
	t.Run("two megabytes", func(t *testing.T) { tooMuch(t, anna) })
	t.Run("tokens", func(t *testing.T) { wrongTokens(t, w) })
	t.Run("wire", func(t *testing.T) { wrongWire(t, w, anna.token) })
	if n := w.count(`select count(*) from bookings`); n != before {
		t.Errorf("%d bookings were made", n-before)
	}
	if got := anna.find(b.Ref); got.Version != 1 {
		t.Errorf("the booking was changed: %+v", got)
	}
	anna.anybody().get("/readyz").is(200)
}

const jsonType = "Content-Type: application/json"

// tooMuch sends more than is read. The server answers and hangs up without
// reading it, so a client that is still writing may see just that.
func tooMuch(t *testing.T, who *caller) {
	c := &caller{T: t, address: who.address, token: who.token}
	body := withField("purpose", `"`+strings.Repeat("x", 2<<20)+`"`)
	got, err := c.try(http.MethodPost, "/api/v1/bookings", []byte(body), "Content-Type", "application/json")
	if err == nil {
		judge(t, got, http.StatusRequestEntityTooLarge, "too-large")
	}
	c.get("/readyz").is(http.StatusOK)
}

// sent sends and judges the answer. headers are lines.
func sent(t *testing.T, who *caller, method, path, body string, status int, code, headers string) {
	t.Helper()
	var list []string
	for line := range strings.Lines(headers) {
		name, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ": ")
		list = append(list, name, value)
	}
	c := &caller{T: t, address: who.address, token: who.token}
	judge(t, c.send(method, path, []byte(body), list...), status, code)
}

// insides are what an answer to a mistake must not tell: SQL, Go, files, and
// what is said by the libraries.
var insides = regexp.MustCompile(`(?i)sqlstate|pgx|gorm|fasthttp|huma\b|goroutine|runtime error|panic|\.go:\d|unmarshal|` +
	`strconv|invalid character|unexpected end of|syntax error|\bnil\b|parsing time|/home/|/usr/|/tmp/|/dev/shm|\bselect .* from\b`)

func judge(t *testing.T, got reply, status int, code string) {
	t.Helper()
	got.T = t
	if found := insides.Find(got.body); found != nil && got.status >= 400 {
		t.Errorf("tells its insides (%s): %.600s", found, got.body)
	}
	switch {
	case got.status != status:
		t.Fatalf("%d, not %d: %.600s", got.status, status, got.body)
	case code == "" || got.asked[:5] == "HEAD ":
	case strings.Contains(got.header.Get("Content-Type"), "text/html"):
		if !bytes.Contains(got.body, []byte("/problems/"+code)) {
			t.Errorf("a page that does not name %s: %.300s", code, got.body)
		}
	default:
		got.refuses(status, code)
	}
}

// short40 names a case by the beginning of what is sent.
func short40(s string) string {
	if len(s) > 40 {
		s = s[:40]
	}
	return strings.ToValidUTF8(s, "?")
}

// withField is a body that would book the mill, but for one field: other JSON
// in its place, or none.
func withField(field, value string) string {
	body := []struct{ name, value string }{
		{"resources", `["mill"]`}, {"project", `"P-1001"`}, {"start", `"2026-09-10T08:00"`}, {"end", `"2026-09-10T10:00"`},
	}
	var out []string
	for _, f := range body {
		if f.name != field {
			out = append(out, fmt.Sprintf("%q: %s", f.name, f.value))
		}
	}
	if value != "" {
		out = append(out, fmt.Sprintf("%q: %s", field, value))
	}
	return "{" + strings.Join(out, ", ") + "}"
}

var fields = []struct {
	field, value string
	status       int
	code         string
}{
	{"resources", ``, 422, "invalid"},
	{"resources", `[]`, 422, "invalid"},
	{"resources", `"mill"`, 422, "invalid"},
	{"resources", `{"mill": 1}`, 422, "invalid"},
	{"resources", `[null]`, 422, "invalid"},
	{"resources", `[17]`, 422, "invalid"},
	{"resources", `["nothing"]`, 422, "invalid"},
	{"resources", `["../../etc/passwd"]`, 422, "invalid"},
	{"resources", `["mill\u0000"]`, 422, "invalid"},
	{"resources", `["mill", "mill"]`, 422, "invalid"},
	{"resources", `["mill", "printer"]`, 422, "invalid"},
	{"resources", `["a","b","c","d","e","f","g","h","i","j","k"]`, 422, "invalid"},
	{"resources", `["` + strings.Repeat("a", 10_000) + `"]`, 422, "invalid"},
	{"project", ``, 422, "invalid"},
	{"project", `""`, 422, "invalid"},
	{"project", `null`, 422, "invalid"},
	{"project", `1001`, 422, "invalid"},
	{"project", `"P-9999"`, 422, "refused"},
	{"project", `"P-1001\u0000"`, 422, "refused"},
	{"project", `"' or 1=1 --"`, 422, "refused"},
	{"project", `"` + strings.Repeat("p", 64) + `"`, 422, "invalid"},
	{"start", ``, 422, "invalid"},
	{"start", `null`, 422, "invalid"},
	{"start", `""`, 422, "not-a-time"},
	{"start", `"yesterday"`, 422, "not-a-time"},
	{"start", `1788940800`, 422, "invalid"},
	{"start", `"2026-09-10"`, 422, "not-a-time"},
	{"start", `"2026-02-30T08:00"`, 422, "not-a-time"},
	{"start", `"2026-09-10T25:00"`, 422, "not-a-time"},
	{"start", `"2026-09-10T08:00:30"`, 422, "not-a-time"},
	{"start", `"2026-09-10T08:00:00.5Z"`, 422, "not-a-time"},
	{"start", `"2026-09-10T23:59:60Z"`, 422, "not-a-time"},
	{"start", `"2026-09-10T08:00:00+99:99"`, 422, "not-a-time"},
	{"start", `"2026-09-10T08:00\u0000"`, 422, "not-a-time"},
	{"start", `"２０２６-09-10T08:00"`, 422, "not-a-time"},
	{"start", `"0000-01-01T00:00"`, 422, "not-a-time"},
	{"start", `"1999-09-10T08:00"`, 422, "not-a-time"},
	{"start", `"9999-12-31T23:59"`, 422, "not-a-time"},
	{"start", `"292277026596-12-04T15:30:08Z"`, 422, "not-a-time"},
	{"start", `"2026-08-01T08:00"`, 422, "refused"},
	{"end", `"2026-09-10T08:00"`, 422, "invalid"},
	{"end", `"2026-09-10T07:00"`, 422, "invalid"},
	{"end", `"2027-12-10T08:00"`, 422, "invalid"},
	{"end", `"2099-12-31T23:59"`, 422, "invalid"},
	{"purpose", `"` + strings.Repeat("å", 2001) + `"`, 422, "invalid"},
	{"purpose", `"a\u0000b"`, 422, "invalid"},
	{"purpose", `{}`, 422, "invalid"},
	{"purpose", "\"\xff\xfe\"", 422, "invalid"},
	{"attendees", `"Bo"`, 422, "invalid"},
	{"attendees", `[{}]`, 422, "invalid"},
	{"attendees", `[{"name": ""}]`, 422, "invalid"},
	{"attendees", `[{"name": " "}]`, 422, "invalid"},
	{"attendees", `[{"name": "Bo", "role": "admin"}]`, 422, "invalid"},
	{"attendees", `[{"name": "Bo\u0000"}]`, 422, "invalid"},
	{"attendees", `[{"name": "Bo", "email": "bo"}]`, 422, "invalid"},
	{"attendees", `[{"name": "Bo", "email": "bo@a.example\r\nBcc: all@a.example"}]`, 422, "invalid"},
	{"attendees", `[` + strings.Repeat(`{"name": "Bo"},`, 100) + `{"name": "Bo"}]`, 422, "invalid"},
	{"on_behalf_of", `"kai@kontur.example"`, 403, "forbidden"},
	{"on_behalf_of", `"nobody"`, 403, "forbidden"},
	{"on_behalf_of", `["kai@kontur.example"]`, 422, "invalid"},
	{"state", `"confirmed"`, 422, "invalid"},
	{"cost", `{"total_ore": 0}`, 422, "invalid"},
	{"__proto__", `{"admin": true}`, 422, "invalid"},
}

type malformedBody struct {
	body, kind string
	status     int
	code       string
}

func bodies() map[string]malformedBody {
	good := withField("", "")
	var bomb bytes.Buffer
	z := gzip.NewWriter(&bomb)
	_, _ = z.Write(make([]byte, 64<<20)) // into memory
	_ = z.Close()
	const kind = jsonType
	return map[string]malformedBody{
		"none":                       {"", kind, 400, "invalid"},
		"blank":                      {" \n", kind, 400, "invalid"},
		"null":                       {"null", kind, 422, "invalid"},
		"list":                       {"[]", kind, 422, "invalid"},
		"text":                       {`"book the mill"`, kind, 422, "invalid"},
		"number":                     {"1e999", kind, 400, "invalid"},
		"open":                       {"{", kind, 400, "invalid"},
		"cut off":                    {good[:40], kind, 400, "invalid"},
		"two values":                 {good + good, kind, 400, "invalid"},
		"deep lists":                 {strings.Repeat("[", 200_000), kind, 400, "invalid"},
		"deep objects":               {strings.Repeat(`{"a":`, 100_000), kind, 400, "invalid"},
		"byte order mark":            {"\ufeff" + good, kind, 400, "invalid"},
		"UTF-16":                     {"\xff\xfe{\x00}\x00", kind, 422, "invalid"},
		"key twice, the last counts": {good[:len(good)-1] + `, "project": "P-9999"}`, kind, 422, "refused"},
		"key in capitals":            {strings.Replace(good, `"project"`, `"PROJECT"`, 1), kind, 422, "invalid"},
		"no kind":                    {good, "Content-Type: ", 415, "unsupported-media-type"},
		"a form":                     {"resources=mill", "Content-Type: application/x-www-form-urlencoded", 415, "unsupported-media-type"},
		"YAML":                       {"resources: [mill]", "Content-Type: application/yaml", 415, "unsupported-media-type"},
		"CBOR":                       {"\xa0", "Content-Type: application/cbor", 415, "unsupported-media-type"},
		"nearly JSON":                {good, "Content-Type: application/jsonx", 415, "unsupported-media-type"},
		"another character":          {good, "Content-Type: application/json; charset=utf-16", 415, "unsupported-media-type"},
		"multipart":                  {"--x\r\n\r\n--x--", "Content-Type: multipart/form-data; boundary=x", 415, "unsupported-media-type"},
		"zipped bomb":                {bomb.String(), kind + "\nContent-Encoding: gzip", 415, "unsupported-media-type"},
		"not zipped":                 {good, kind + "\nContent-Encoding: gzip", 415, "unsupported-media-type"},
		"brotli":                     {good, kind + "\nContent-Encoding: br, gzip", 415, "unsupported-media-type"},
		"long key":                   {good, kind + "\nIdempotency-Key: " + strings.Repeat("k", 256), 422, "invalid"},
		"key of letters":             {good, kind + "\nIdempotency-Key: nyckel-åäö", 422, "invalid"},
	}
}

var changes = []struct {
	action, body string
	status       int
	code         string
}{
	{"approve", ``, 400, "invalid"},
	{"approve", `{}`, 422, "invalid"},
	{"approve", `{"version": 0}`, 422, "invalid"},
	{"approve", `{"version": -1}`, 422, "invalid"},
	{"approve", `{"version": 1.5}`, 422, "invalid"},
	{"approve", `{"version": "1"}`, 422, "invalid"},
	{"approve", `{"version": true}`, 422, "invalid"},
	{"approve", `{"version": 1e30}`, 422, "invalid"},
	{"approve", `{"version": 99999999999999999999}`, 422, "invalid"},
	{"approve", `{"version": 7}`, 409, "stale"},
	{"approve", `{"version": 7, "Version": 0}`, 422, "invalid"},
	{"approve", `{"Version": 1}`, 422, "invalid"},
	{"approve", `{"version": 1, "reason": "` + strings.Repeat("x", 2001) + `"}`, 422, "invalid"},
	{"approve", `{"version": 1, "reason": "a\u0000"}`, 422, "invalid"},
	{"approve", `{"version": 1, "state": "completed"}`, 422, "invalid"},
	{"decline", `{"version": 1}`, 422, "reason-missing"},
	{"decline", `{"version": 1, "reason": "  "}`, 422, "reason-missing"},
	{"ask", `{"version": 1, "reason": ""}`, 422, "reason-missing"},
	{"answer", `{"version": 1, "reason": "x"}`, 409, "wrong-state"},
	{"check-in", `{"version": 1}`, 409, "wrong-state"},
	{"check-out", `{"version": 1}`, 409, "wrong-state"},
	{"no-show", `{"version": 1}`, 409, "wrong-state"},
	{"delete", `{"version": 1}`, 404, "not-found"},
	{"approve/../cancel", `{"version": 1}`, 404, "not-found"},
}

var edits = []struct {
	body   string
	status int
	code   string
}{
	{``, 400, "invalid"},
	{`[]`, 422, "invalid"},
	{`{}`, 422, "invalid"},
	{`{"version": 1, "resources": []}`, 422, "invalid"},
	{`{"version": 1, "resources": ["nothing"]}`, 422, "invalid"},
	{`{"version": 1, "start": "now"}`, 422, "not-a-time"},
	{`{"version": 1, "start": "2026-09-08T08:00"}`, 422, "invalid"},
	{`{"version": 1, "end": "2026-09-01T08:00"}`, 422, "invalid"},
	{`{"version": 1, "purpose": "\u0000"}`, 422, "invalid"},
	{`{"version": 1, "project": "P-2002"}`, 422, "invalid"},
	{`{"version": 2, "end": "2026-09-07T11:00"}`, 409, "stale"},
}
