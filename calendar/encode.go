package calendar

import (
	"strconv"
	"time"
	"unicode"
	"unicode/utf8"
)

// maxLine is the length in octets, without CRLF, at which a line is folded
// (RFC 5545 3.1).
const maxLine = 75

// writer appends content lines to buf and folds them on the way; line is where
// the physical line that is being written begins.
type writer struct {
	buf  []byte
	line int
}

// raw writes a whole line that is known to be short and plain.
func (w *writer) raw(line string) {
	w.buf = append(w.buf, line...)
	w.end()
}

// text writes a property of type TEXT on one line, or nothing where the value
// holds nothing. Names and titles are one line everywhere; calcurse refuses an event
// whose summary has two, so a line break becomes a space.
func (w *writer) text(name, value string) { w.wording(name, value, " ") }

// lines writes a property of type TEXT that may have several lines.
func (w *writer) lines(name, value string) { w.wording(name, value, `\n`) }

func (w *writer) wording(name, value, lineBreak string) {
	w.begin(name)
	empty := len(w.buf)
	w.escape(value, lineBreak)
	w.endUnless(empty)
}

// list writes a property that holds several texts.
func (w *writer) list(name string, values []string) {
	w.begin(name)
	empty := len(w.buf)
	for i, v := range values {
		if i > 0 {
			w.fit(1)
			w.buf = append(w.buf, ',')
		}
		w.escape(v, " ")
	}
	w.endUnless(empty)
}

// uri writes a property of type URI. Its value knows no escapes of iCalendar,
// so what does not belong in a URI is percent-encoded (RFC 3986 2.1).
func (w *writer) uri(name, value string) {
	const hex = "0123456789ABCDEF"
	if value == "" {
		return
	}
	w.begin(name)
	for i := 0; i < len(value); i++ {
		if c := value[i]; c > ' ' && c < 0x7f {
			w.fit(1)
			w.buf = append(w.buf, c)
		} else {
			w.fit(3)
			w.buf = append(w.buf, '%', hex[c>>4], hex[c&15])
		}
	}
	w.end()
}

// time writes a property of type DATE-TIME, in UTC.
func (w *writer) time(name string, t time.Time) {
	w.begin(name)
	w.buf = t.UTC().AppendFormat(w.buf, "20060102T150405Z")
	w.end()
}

// number writes a property of type INTEGER.
func (w *writer) number(name string, n int) {
	w.begin(name)
	w.buf = strconv.AppendInt(w.buf, int64(n), 10)
	w.end()
}

func (w *writer) begin(name string) {
	w.line = len(w.buf)
	w.buf = append(w.buf, name...)
	w.buf = append(w.buf, ':')
}

func (w *writer) end() {
	w.buf = append(w.buf, "\r\n"...)
}

// endUnless ends a property, or takes it back where nothing was written since
// buf had the length empty: libical counts a property without value as an error.
func (w *writer) endUnless(empty int) {
	if len(w.buf) == empty {
		w.buf = w.buf[:w.line]
		return
	}
	w.end()
}

// fit folds where fewer than n octets fit on the line: a character or an
// escape stays whole, because simple readers fail to join its parts again. The
// space that marks the new line counts.
func (w *writer) fit(n int) {
	if w.room() >= n {
		return
	}
	w.end()
	w.line = len(w.buf)
	w.buf = append(w.buf, ' ')
}

// room is how many octets fit on the line.
func (w *writer) room() int { return maxLine - (len(w.buf) - w.line) }

// escape writes a value of type TEXT (RFC 5545 3.3.11). Stretches of plain
// ASCII, most of every feed, are copied whole.
func (w *writer) escape(s, lineBreak string) {
	for len(s) > 0 {
		if n := plain(s[:min(len(s), maxLine)]); n > 0 {
			w.fit(1)
			n = min(n, w.room())
			w.buf = append(w.buf, s[:n]...)
			s = s[n:]
			continue
		}
		unit, n := escaped(s, lineBreak)
		w.fit(len(unit))
		w.buf = append(w.buf, unit...)
		s = s[n:]
	}
}

// plain counts the leading octets that stand for themselves.
func plain(s string) int {
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\', c == ';', c == ',', c < ' ' && c != '\t', c >= 0x7f:
			return i
		}
	}
	return len(s)
}

// escaped gives the first character of s as it is written and its length in
// octets in s. Everything that some reader takes for a line break counts as
// one: vdirsyncer, for one, splits the file at NEL, LS and PS too. Other
// control characters are dropped, and what is not UTF-8 becomes U+FFFD.
func escaped(s, lineBreak string) (unit string, n int) {
	switch s[0] {
	case '\\':
		return `\\`, 1
	case ';':
		return `\;`, 1
	case ',':
		return `\,`, 1
	case '\n':
		return lineBreak, 1
	case '\r':
		if len(s) > 1 && s[1] == '\n' {
			return lineBreak, 2
		}
		return lineBreak, 1
	}
	const nel, ls, ps = '\u0085', '\u2028', '\u2029'
	r, n := utf8.DecodeRuneInString(s)
	switch {
	case r == utf8.RuneError && n == 1:
		return "\uFFFD", 1
	case r == nel, r == ls, r == ps:
		return lineBreak, n
	case unicode.IsControl(r):
		return "", n
	}
	return s[:n], n
}
