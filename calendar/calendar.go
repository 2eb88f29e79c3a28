// Package calendar turns bookings into iCalendar (RFC 5545), the form that
// other calendar programs read, and serves them at secret addresses. What the
// encoder writes is a function of the data and the local day alone: it must
// never read a clock, or a client would see a change where there is none. It
// must never tell a reader what access does not allow them today.
package calendar

import "rigg/internal/text"

// Feed is a calendar that others subscribe to.
type Feed struct {
	Name        string
	Description string
	Zone        string    // IANA name; only how clients show the times, which are written in UTC
	Color       string    // a name that ColorHex knows; any other is left out
	Language    text.Lang // of the sentences that this package adds
	Events      []Event
}

// Append appends the whole feed to dst as iCalendar and returns the extended
// slice. Whatever the texts hold, the result is valid UTF-8 with CRLF line
// ends and no line above 75 octets.
//
// It writes no METHOD, which would make clients treat a subscription as
// invitations, and no UID of the calendar, for which vdirsyncer would store
// the whole feed as one item. No parameter holds a text from people, so that
// none needs quotes.
func Append(dst []byte, f *Feed) []byte {
	w := writer{buf: dst}
	w.raw("BEGIN:VCALENDAR")
	w.raw("VERSION:2.0")
	w.raw("PRODID:-//Rigg//Rigg//EN")
	w.raw("CALSCALE:GREGORIAN")
	w.head(f)
	for i := range f.Events {
		w.event(&f.Events[i])
	}
	w.raw("END:VCALENDAR")
	return w.buf
}

// head writes what describes the calendar. Most of it stands twice: as RFC
// 7986 has it and as the programs that are older than that have it.
func (w *writer) head(f *Feed) {
	w.text("NAME", f.Name)
	w.text("X-WR-CALNAME", f.Name)
	w.lines("DESCRIPTION", f.Description)
	w.lines("X-WR-CALDESC", f.Description)
	w.text("X-WR-TIMEZONE", f.Zone)
	if hex := ColorHex(f.Color); hex != "" {
		w.text("COLOR", f.Color)
		w.text("X-APPLE-CALENDAR-COLOR", hex)
	}
	w.raw("REFRESH-INTERVAL;VALUE=DURATION:PT1H")
	w.raw("X-PUBLISHED-TTL:PT1H")
}

// ColorHex gives the "#RRGGBB" of the colours that a feed may have. RFC 7986
// takes only names from CSS3, Apple's property only numbers, so both must be
// known. An unknown name gives "".
func ColorHex(name string) string {
	switch name {
	case "teal":
		return "#008080"
	case "steelblue":
		return "#4682B4"
	case "indigo":
		return "#4B0082"
	case "seagreen":
		return "#2E8B57"
	case "chocolate":
		return "#D2691E"
	case "crimson":
		return "#DC143C"
	}
	return ""
}
