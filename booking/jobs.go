package booking

import (
	"time"

	"rigg/internal/id"
)

// Happened is what every announcement says: which booking, which version of it,
// and who did it (0: the program itself).
type Happened struct {
	Booking id.Booking `json:"booking"`
	Version int        `json:"version"`
	By      id.Person  `json:"by"`
	Reason  string     `json:"reason,omitempty"`
}

// The announcements, enqueued in the transaction of the change itself. The
// packages above act on them.
type (
	// JobRequested announces a booking that waits for a decision.
	JobRequested struct{ Happened }
	// JobConfirmed announces a booking that is confirmed, at once or by approval.
	JobConfirmed struct{ Happened }
	// JobDeclined announces a request that a manager declined.
	JobDeclined struct{ Happened }
	// JobAsked announces a manager's question to the booker.
	JobAsked struct{ Happened }
	// JobAnswered announces the booker's answer.
	JobAnswered struct{ Happened }
	// JobCancelled announces a withdrawn request or a cancelled booking.
	JobCancelled struct{ Happened }
	// JobMoved announces new times or resources.
	JobMoved struct{ Happened }
	// JobExpired announces a request that nobody decided before its start.
	JobExpired struct{ Happened }
	// JobNoShow announces a booking that nobody came to.
	JobNoShow struct{ Happened }
	// JobCompleted announces a used and charged booking.
	JobCompleted struct{ Happened }
	// JobDisplaced announces a booking that an outage has displaced, once it is
	// known what is held for it instead.
	JobDisplaced struct{ Happened }
	// JobRestored announces a displaced booking that is back at its time.
	JobRestored struct{ Happened }
)

// JobReminder is due a set time before a confirmed booking starts. It is one job
// per booking and kind; Start tells the worker whether it was moved meanwhile.
type JobReminder struct {
	Booking   id.Booking `json:"booking"`
	Start     time.Time  `json:"start"`
	BeforeMin int        `json:"before_min"`
}

// Kind names the job.
func (JobRequested) Kind() string { return "booking_requested" }

// Kind names the job.
func (JobConfirmed) Kind() string { return "booking_confirmed" }

// Kind names the job.
func (JobDeclined) Kind() string { return "booking_declined" }

// Kind names the job.
func (JobAsked) Kind() string { return "booking_asked" }

// Kind names the job.
func (JobAnswered) Kind() string { return "booking_answered" }

// Kind names the job.
func (JobCancelled) Kind() string { return "booking_cancelled" }

// Kind names the job.
func (JobMoved) Kind() string { return "booking_moved" }

// Kind names the job.
func (JobExpired) Kind() string { return "booking_expired" }

// Kind names the job.
func (JobNoShow) Kind() string { return "booking_no_show" }

// Kind names the job.
func (JobCompleted) Kind() string { return "booking_completed" }

// Kind names the job.
func (JobDisplaced) Kind() string { return "booking_displaced" }

// Kind names the job.
func (JobRestored) Kind() string { return "booking_restored" }

// Kind names the job.
func (JobReminder) Kind() string { return "booking_reminder" }

// JobSweep is the schedule that ends what is over: it expires undecided
// requests, marks no-shows and completes bookings whose time has passed.
type JobSweep struct{}

// Kind names the job.
func (JobSweep) Kind() string { return "booking_sweep" }
