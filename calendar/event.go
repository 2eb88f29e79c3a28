package calendar

import "time"

// Status is the STATUS of an event (RFC 5545 3.8.1.11).
type Status string

// A requested booking is tentative, one that has been approved is confirmed.
// A cancelled one stays in the feed for DaysBack days, because not every
// client removes what is simply gone.
const (
	Tentative Status = "TENTATIVE"
	Confirmed Status = "CONFIRMED"
	Cancelled Status = "CANCELLED"
)

// Event is one booking in a feed.
type Event struct {
	UID      string // the booking's own, for its whole life; without "/", which some servers use in a path
	Sequence int    // the booking's version; Google ignores a change without a higher one
	Status   Status
	Free     bool      // takes none of its reader's time, such as another's booking that a manager watches
	Start    time.Time // the booked time without its buffers; End is after Start
	End      time.Time
	Created  time.Time // left out when zero
	Modified time.Time // of the last change that raised Sequence; ICSx5 ignores one that does not move it

	Summary     string // one line, as is all but the description
	Location    string
	Description string // may have several lines
	URL         string
	Categories  []string
}

// event writes one VEVENT. DTSTAMP is the time of the last change, not of the
// writing: in a calendar without METHOD they mean the same (RFC 5545 3.8.7.2),
// and only then does the same data give the same bytes.
func (w *writer) event(e *Event) {
	w.raw("BEGIN:VEVENT")
	w.text("UID", e.UID)
	w.time("DTSTAMP", e.Modified)
	w.time("DTSTART", e.Start)
	w.time("DTEND", e.End)
	w.number("SEQUENCE", e.Sequence)
	w.text("STATUS", string(e.Status))
	if !e.Created.IsZero() {
		w.time("CREATED", e.Created)
	}
	w.time("LAST-MODIFIED", e.Modified)
	w.text("SUMMARY", e.Summary)
	w.text("LOCATION", e.Location)
	w.lines("DESCRIPTION", e.Description)
	w.uri("URL", e.URL)
	w.list("CATEGORIES", e.Categories)
	w.busy(e)
	w.raw("END:VEVENT")
}

// busy tells how the event counts in its reader's free and busy time. Outlook
// needs its own property to show a request as tentative.
func (w *writer) busy(e *Event) {
	switch {
	case e.Free, e.Status == Cancelled:
		w.raw("TRANSP:TRANSPARENT")
		w.raw("X-MICROSOFT-CDO-BUSYSTATUS:FREE")
	case e.Status == Tentative:
		w.raw("TRANSP:OPAQUE")
		w.raw("X-MICROSOFT-CDO-BUSYSTATUS:TENTATIVE")
	default:
		w.raw("TRANSP:OPAQUE")
		w.raw("X-MICROSOFT-CDO-BUSYSTATUS:BUSY")
	}
}
