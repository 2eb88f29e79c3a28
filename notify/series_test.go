package notify_test

import (
	"testing"
	"time"

	"rigg/access"
	"rigg/booking"
	"rigg/internal/config"
	"rigg/internal/id"
	"rigg/internal/period"
)

// repeat requests a resource for four hours on some days from a moment.
func (w *world) repeat(by *access.Principal, r id.Resource, start time.Time, rule string) *booking.Series {
	w.Helper()
	made, err := w.booking.RequestSeries(w.Context(), by, booking.SeriesRequest{
		Request: booking.Request{
			Resources: []id.Resource{r}, Project: "P-1", Period: period.New(start, start.Add(4*time.Hour)), Purpose: "Provkörning",
		},
		Rule: rule, Accept: booking.AcceptFree,
	})
	if err != nil {
		w.Fatal(err)
	}
	return made
}

// gathered works what is due when the minute of the decisions is over.
func (w *world) gathered() {
	w.Helper()
	later := w.work()
	w.wrote(w.T)
	w.at(w.clock().Truncate(time.Minute).Add(time.Minute))
	for _, e := range later {
		if _, ok := e.Job.(booking.JobSeriesNews); ok {
			if err := w.act(w.Context(), e.Job); err != nil {
				w.Fatal(err)
			}
		}
	}
	w.work()
}

func TestASeriesIsToldInOneMessage(t *testing.T) {
	t.Parallel()
	w := setup(t, config.Mail{})
	w.book(w.rita, "robot", monday.Add(days(3)))
	w.work()
	w.seen = len(w.all())
	s := w.repeat(w.anna, "robot", monday.Add(days(2)), "FREQ=DAILY;COUNT=24")
	w.work()
	w.work() // done again, it writes none
	told := w.wrote(t, "received to Anna", "requested to Mia", "requested to Hugo")
	link := "https://rigg.example/series/" + string(s.Ref)
	wantText(t, to(t, w.anna, told), "din förfrågan om Robotextruder, Additiv tillverkning (23 tillfällen)", link,
		"Tillfälle 1: onsdag 4 mars 2026 kl. 09:00–13:00 (UTC+1)", "Tillfälle 20:", "Och: 3 tillfällen till", "Inte bokade: 1, se serien",
		"115\u00a0000,92\u00a0kr")
	wantText(t, to(t, w.hugo, told), "would like to book Robot extruder, Additive manufacturing (23 occurrences)", "And: 3 more")

	// Who approves them one by one tells of all that were approved in that minute.
	for _, b := range s.Bookings()[:20] {
		w.change(w.booking.Approve, w.mia, b, "")
	}
	w.gathered()
	w.wrote(t, "confirmed to Anna")
	for _, b := range s.Bookings()[20:22] {
		w.change(w.booking.Decline, w.mia, b, "Extrudern läcker.")
	}
	w.change(w.booking.Decline, w.mia, s.Bookings()[22], "Vi har stängt.")
	w.gathered()
	told = w.wrote(t, "declined to Anna", "declined to Anna")
	wantText(t, told[0], "(2 tillfällen)", "> Extrudern läcker.")
	wantText(t, told[1], "Robotextruder", "> Vi har stängt.", "Tid: ")

	change := booking.Change{Ref: s.Bookings()[5].Ref, Reason: "Vi har fått tid nog."}
	if _, err := w.booking.CancelSeries(w.Context(), w.anna, change, booking.ScopeLater); err != nil {
		t.Fatal(err)
	}
	w.work()
	told = w.wrote(t, "cancelled_notice to Mia", "cancelled_notice to Hugo")
	wantText(t, to(t, w.mia, told), "Anna Ek", "(15 tillfällen)", "Meddelande: Vi har fått tid nog.")

	first := s.Bookings()[0]
	change = booking.Change{Ref: first.Ref}
	if _, err := w.booking.EditSeries(w.Context(), w.mia, change, booking.ScopeAll, booking.Edit{
		Period: period.New(first.Period.Start.Add(time.Hour), first.Period.End.Add(time.Hour)),
	}); err != nil {
		t.Fatal(err)
	}
	w.work()
	told = w.wrote(t, "moved to Anna", "moved_notice to Hugo")
	wantText(t, to(t, w.anna, told), "Mia Lund har ändrat din bokning", "Tidigare: det första onsdag 4 mars 2026 kl. 09:00–13:00", "Tillfälle 5")
}

func TestManagersAreRemindedOfASeriesOnce(t *testing.T) {
	t.Parallel()
	w := setup(t, config.Mail{})
	w.repeat(w.anna, "robot", monday.Add(days(10)), "FREQ=DAILY;COUNT=10")
	w.work()
	w.seen = len(w.all())
	w.at(monday.Add(days(2)))
	w.sweep()
	w.sweep()
	w.wrote(t, "approval_reminder to Mia", "approval_reminder to Hugo")
}
