package booking

import (
	"time"

	"rigg/internal/database"
	"rigg/internal/id"
)

// JobSeriesNews announces what one person did with bookings of a series at one
// time: it stands for what would otherwise be an announcement for each. The
// bookings are those whose history has the action between the two moments.
type JobSeriesNews struct {
	Series id.Ref    `json:"series"`
	Action Action    `json:"action"`
	State  State     `json:"state"` // that it led to
	By     id.Person `json:"by"`
	Reason string    `json:"reason,omitempty"`
	From   time.Time `json:"from"` // inclusive
	To     time.Time `json:"to"`   // exclusive
}

// Kind names the job.
func (JobSeriesNews) Kind() string { return "booking_series_news" }

// decisionsTogether is how long decisions on a series are gathered: who approves
// forty requests one by one tells the booker once.
const decisionsTogether = time.Minute

// tellAtOnce announces what this transaction did with bookings of a series.
func tellAtOnce(tx *database.Tx, series id.Ref, action Action, state State, by id.Person, reason string) {
	tx.Enqueue(JobSeriesNews{
		Series: series, Action: action, State: state, By: by, Reason: reason,
		From: tx.Now, To: tx.Now.Add(time.Microsecond), // times are kept in microseconds
	})
}

// announceSeries announces new bookings of a series, and schedules the reminders
// of each that is confirmed.
func (s *Service) announceSeries(tx *database.Tx, series id.Ref, drafts []draft, by id.Person) {
	states := map[State]bool{}
	for _, d := range drafts {
		states[d.State] = true
		if d.State == Confirmed {
			s.scheduleReminders(tx, d.Booking)
		}
	}
	for _, state := range []State{Requested, Confirmed} {
		if states[state] {
			tellAtOnce(tx, series, ActRequest, state, by, "")
		}
	}
}

// gathered are the decisions that are told together for a whole series.
var gathered = map[State]Action{Confirmed: ActApprove, Declined: ActDecline}

// announceTogether leaves the news of a decision on a booking of a series to one
// job for all that are decided within the same minute. It tells whether it did.
func announceTogether(tx *database.Tx, b *Booking, by id.Person, reason string) bool {
	action, ok := gathered[b.State]
	if b.Series == "" || !ok || b.History[len(b.History)-1].Action != action {
		return false
	}
	from := tx.Now.Truncate(decisionsTogether)
	tx.EnqueueAt(from.Add(decisionsTogether), JobSeriesNews{
		Series: b.Series, Action: action, State: b.State, By: by, Reason: reason, From: from, To: from.Add(decisionsTogether),
	})
	return true
}
