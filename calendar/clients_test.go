package calendar_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"rigg/calendar"
)

// run gives the output of a calendar program that has a home of its own. The
// programs are Debian packages of the same names.
func run(t *testing.T, home, program string, args ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Dir = home
	cmd.Env = []string{"HOME=" + home, "TMPDIR=" + home, "PATH=" + os.Getenv("PATH"), "LC_ALL=C.UTF-8", "TZ=UTC"}
	out, err := cmd.CombinedOutput()
	if err != nil {
		logs, _ := filepath.Glob(filepath.Join(home, "calcurse_log.*"))
		for _, path := range logs {
			text, _ := os.ReadFile(path)
			out = append(out, text...)
		}
		t.Fatalf("%s: %v\n%s", program, err, out)
	}
	return string(out)
}

func feeds() map[string]calendar.Feed {
	return map[string]calendar.Feed{"empty": empty(), "statuses": statuses(), "unruly": unruly(), "many": many(100)}
}

// calcurse is the strictest reader of texts: it skips an event with an escape
// that is missing or a title of two lines.
func TestCalcurseReadsEveryEvent(t *testing.T) {
	t.Parallel()
	for name, f := range feeds() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			home := t.TempDir()
			write(t, filepath.Join(home, "feed.ics"), encode(f))
			out := run(t, home, "calcurse", "-D", filepath.Join(home, "data"), "-i", "feed.ics")
			if want := fmt.Sprintf("%d apps / 0 events / 0 todos / 0 skipped", len(f.Events)); !strings.Contains(out, want) {
				t.Errorf("want %q, got\n%s", want, out)
			}
			read, err := os.ReadFile(filepath.Join(home, "data", "apts"))
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range f.Events {
				line := e.Start.Format("01/02/2006 @ 15:04") + " -> " + e.End.Format("01/02/2006 @ 15:04")
				if !strings.Contains(string(read), line) {
					t.Errorf("%s is not at %s", e.UID, line)
				}
			}
		})
	}
}

// vdirsyncer subscribes as a person's computer does. It alone shows whether the
// feed comes apart into as many items as there are bookings, and it splits
// lines where no other reader does.
func TestVdirsyncerStoresEveryEvent(t *testing.T) {
	t.Parallel()
	for name, f := range feeds() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "text/calendar; charset=utf-8")
				_, _ = w.Write(calendar.Append(nil, &f))
			}))
			defer server.Close()
			home := t.TempDir()
			items := filepath.Join(home, "items")
			if err := os.Mkdir(items, 0o755); err != nil {
				t.Fatal(err)
			}
			write(t, filepath.Join(home, "config"), fmt.Sprintf(`
[general]
status_path = %q
[pair feed]
a = "remote"
b = "local"
collections = null
[storage remote]
type = "http"
url = %q
[storage local]
type = "filesystem"
path = %q
fileext = ".ics"
`, filepath.Join(home, "status"), server.URL, items))
			run(t, home, "vdirsyncer", "-c", "config", "discover")
			run(t, home, "vdirsyncer", "-c", "config", "sync")
			checkItems(t, items, f.Events)
		})
	}
}

// checkItems holds that each event is a file with all its lines. They are told
// apart by their times: from an address, vdirsyncer puts UIDs of its own.
func checkItems(t *testing.T, dir string, events []calendar.Event) {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(dir, "*.ics"))
	if err != nil || len(paths) != len(events) {
		t.Fatalf("%d items of %d bookings (%v)", len(paths), len(events), err)
	}
	stored := map[string]string{}
	for _, path := range paths {
		item, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		_, body, _ := strings.Cut(string(item), "BEGIN:VEVENT\r\n")
		stored[property(t, body, "DTSTART")] = body
	}
	for _, e := range events {
		written := encode(calendar.Feed{Events: []calendar.Event{e}})
		item, found := stored[property(t, written, "DTSTART")]
		if !found {
			t.Fatalf("%s is not among the items", e.UID)
		}
		_, written, _ = strings.Cut(written, "BEGIN:VEVENT\r\n")
		for _, name := range []string{"SUMMARY", "LOCATION", "DESCRIPTION", "CATEGORIES", "URL", "STATUS", "SEQUENCE", "DTEND"} {
			if got, want := property(t, item, name), property(t, written, name); got != want {
				t.Fatalf("%s of %s is %q, want %q", name, e.UID, got, want)
			}
		}
	}
}

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}
