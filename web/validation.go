package web

import (
	"strings"

	"rigg/internal/text"
)

// swedish are the beginnings of Huma's sentences about input and what they are
// in Swedish; what follows (a number, a name) is the same in both.
var swedish = []struct{ en, sv string }{
	{"unexpected property", "okänd uppgift"},
	{"expected required property", "obligatorisk uppgift saknas:"},
	{"expected string to be RFC 3339 date-time", "ska vara en tid som 2026-12-01T08:00:00+01:00"},
	{"expected string to be RFC 3339 date", "ska vara en dag som 2026-12-01"},
	{"expected string to match pattern", "ska följa mönstret"},
	{"expected string", "ska vara en text"},
	{"expected boolean", "ska vara true eller false"},
	{"expected integer", "ska vara ett heltal"},
	{"expected number >=", "ska vara minst"},
	{"expected number <=", "ska vara högst"},
	{"expected number", "ska vara ett tal"},
	{"expected array length >=", "ska ha minst så här många poster:"},
	{"expected array length <=", "får ha högst så här många poster:"},
	{"expected array", "ska vara en lista"},
	{"expected object", "ska vara ett objekt"},
	{"expected value to be one of", "ska vara ett av"},
	{"expected length >=", "ska ha minst så här många tecken:"},
	{"expected length <=", "får ha högst så här många tecken:"},
	{"required query parameter is missing", "parametern saknas"},
	{"request body is required", "begäran saknar innehåll"},
	{"invalid integer", "ska vara ett heltal"},
	{"invalid boolean", "ska vara true eller false"},
}

// decoder are the beginnings of what Go's JSON decoder says. It speaks of Go, so
// none of it is told.
var decoder = []string{"invalid character", "unexpected end of JSON", "json: "}

// translated gives one of Huma's sentences in both languages. One that is not in
// the table stays English in both: better than none.
func translated(message string) text.Text {
	for _, said := range decoder {
		if strings.HasPrefix(message, said) {
			return text.New("går inte att läsa som JSON", "cannot be read as JSON")
		}
	}
	for _, s := range swedish {
		if rest, ok := strings.CutPrefix(message, s.en); ok {
			rest = strings.TrimSuffix(strings.TrimSpace(rest), "to be present")
			return text.New(strings.TrimSpace(s.sv+" "+strings.TrimSpace(rest)), message)
		}
	}
	return text.New(message, message)
}
