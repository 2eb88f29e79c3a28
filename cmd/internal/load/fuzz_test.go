package load_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"rigg/cmd/internal/load"
	"rigg/internal/problem"
)

// FuzzRead: whatever stands in a file, reading it ends, always in the same way,
// and every mistake has a line of the file and both languages.
func FuzzRead(f *testing.F) {
	f.Add(designed)
	for _, text := range hostile() {
		if len(text) < 100_000 { // the fuzzer would only make copies of the large ones
			f.Add(text)
		}
	}
	f.Fuzz(func(t *testing.T, text string) {
		err := load.Read([]load.File{file(text)})
		if again := load.Read([]load.File{file(text)}); !slices.Equal(told(err), told(again)) {
			t.Fatalf("read twice:\n%q\n%q", told(err), told(again))
		}
		if err == nil {
			return
		}
		lines := strings.Count(text, "\n") + strings.Count(text, "\r") + 1
		for _, m := range problem.From(err).Fields {
			var line int
			if _, err := fmt.Sscanf(m.Path, "a.yaml:%d", &line); err != nil || line < 1 || line > lines {
				t.Fatalf("%q of %d lines: %+v", text, lines, m)
			}
			if m.Message.SV == "" || m.Message.EN == "" {
				t.Fatalf("%q: %+v", text, m)
			}
		}
	})
}
