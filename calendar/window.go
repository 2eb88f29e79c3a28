package calendar

import (
	"cmp"
	"slices"
	"time"

	"rigg/internal/text"
)

// Limits of a feed.
const (
	DaysBack  = 30        // local days before today
	DaysAhead = 365       // local days after today
	MaxBytes  = 1_000_000 // Google reads no calendar of 1 MB or more
)

// noteRoom is the room in octets that is kept for the sentence about what was
// left out, which stands in the file twice.
const noteRoom = 1000

// Window is the time that a feed shows: what touches [From, To).
type Window struct {
	From, Today, To time.Time
}

// NewWindow gives the window at now. It moves at midnight in zone and not
// between, so that a feed keeps its ETag through the day.
func NewWindow(now time.Time, zone *time.Location) Window {
	year, month, day := now.In(zone).Date()
	midnight := func(days int) time.Time {
		return time.Date(year, month, day+days, 0, 0, 0, 0, zone)
	}
	return Window{From: midnight(-DaysBack), Today: midnight(0), To: midnight(DaysAhead)}
}

// Trim takes out of the feed what lies outside the window and what was
// cancelled before it. Of the rest it keeps the events nearest to today whose
// file stays below MaxBytes, and says so in the feed's description when that
// is not all. The events end up in order of time.
func (f *Feed) Trim(w Window) {
	f.Events = slices.DeleteFunc(f.Events, func(e Event) bool {
		return !e.End.After(w.From) || !e.Start.Before(w.To) ||
			e.Status == Cancelled && e.Modified.Before(w.From)
	})
	slices.SortFunc(f.Events, func(a, b Event) int {
		return cmp.Or(cmp.Compare(a.distance(w.Today), b.distance(w.Today)), cmp.Compare(a.UID, b.UID))
	})
	all := len(f.Events)
	f.Events = f.Events[:f.fitting()]
	slices.SortFunc(f.Events, func(a, b Event) int {
		return cmp.Or(a.Start.Compare(b.Start), cmp.Compare(a.UID, b.UID))
	})
	if len(f.Events) < all {
		f.note(w.Today.Location())
	}
}

// fitting counts the leading events that the file has room for.
func (f *Feed) fitting() int {
	head := *f
	head.Events = nil
	size := len(Append(nil, &head)) + noteRoom
	var scratch writer
	for i := range f.Events {
		scratch.buf = scratch.buf[:0]
		scratch.event(&f.Events[i])
		if size += len(scratch.buf); size >= MaxBytes {
			return i
		}
	}
	return len(f.Events)
}

// note says in the feed's description what is left of it.
func (f *Feed) note(zone *time.Location) {
	shown := text.New("Alla bokningar ryms inte i kalenderfilen.", "The calendar file cannot hold every booking.")
	if n := len(f.Events); n > 0 {
		from := f.Events[0].Start.In(zone).Format(time.DateOnly)
		to := f.Events[n-1].Start.In(zone).Format(time.DateOnly)
		shown = text.New(
			"Alla bokningar ryms inte i kalenderfilen. Här visas de %d som ligger närmast i tiden, från %s till %s.",
			"The calendar file cannot hold every booking. These are the %d nearest in time, from %s to %s.", n, from, to)
	}
	if f.Description != "" {
		f.Description += "\n"
	}
	f.Description += shown.In(f.Language)
}

// distance is the time between the event and today's beginning; what has begun
// by then and is not over has none.
func (e *Event) distance(today time.Time) time.Duration {
	return max(e.Start.Sub(today), today.Sub(e.End), 0)
}
