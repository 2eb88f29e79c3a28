package booking

import (
	"time"

	"rigg/internal/id"
)

// JobFindAlternative has another time looked for, for a displaced booking.
type JobFindAlternative struct{ Happened }

// JobAlternativeExpired announces that what was held for a displaced booking is let
// go, unused.
type JobAlternativeExpired struct {
	Booking id.Booking `json:"booking"`
	Hold    id.Hold    `json:"hold"`
}

// JobTimeFreed has a facility's waiting list looked at: some of its time may be
// free again.
type JobTimeFreed struct {
	Facility id.Facility `json:"facility"`
	Start    time.Time   `json:"start"`
	End      time.Time   `json:"end"`
}

// JobOffered announces that time is held for the first in line.
type JobOffered struct {
	Wait id.Wait `json:"wait"`
	Hold id.Hold `json:"hold"`
}

// JobOfferExpired announces an offer that nobody answered.
type JobOfferExpired struct {
	Wait id.Wait `json:"wait"`
}

// JobWaitExpired announces a wait whose time has passed without an offer.
type JobWaitExpired struct {
	Wait id.Wait `json:"wait"`
}

// Kind names the job.
func (JobFindAlternative) Kind() string { return "booking_find_alternative" }

// Kind names the job.
func (JobAlternativeExpired) Kind() string { return "booking_alternative_expired" }

// Kind names the job.
func (JobTimeFreed) Kind() string { return "time_freed" }

// Kind names the job.
func (JobOffered) Kind() string { return "wait_offered" }

// Kind names the job.
func (JobOfferExpired) Kind() string { return "wait_offer_expired" }

// Kind names the job.
func (JobWaitExpired) Kind() string { return "wait_expired" }
