package notify

import (
	"context"
	"errors"
	"fmt"
	"time"

	"rigg/booking"
	"rigg/internal/database"
	"rigg/internal/id"
)

const (
	// How long the managers may leave a request without being reminded, and how
	// long before its start they are reminded once more.
	patience = 24 * time.Hour
	// What one round of the sweep takes at most; the next takes the rest.
	sweepBatch = 500
)

// Remind reminds the booker that the time comes. It says nothing when the
// booking is cancelled, was moved (its new time has a job of its own) or has
// begun; a reminder that comes late is still sent.
func (s *Service) Remind(ctx context.Context, j booking.JobReminder) error {
	n, err := s.news(ctx, j.Booking, 0)
	if err != nil {
		return err
	}
	early := s.db.Now().Before(j.Start.Add(-time.Duration(j.BeforeMin) * time.Minute))
	if early || !n.Period.Start.Equal(j.Start) {
		return nil
	}
	return s.tell(ctx, n, func(Kind) string {
		return fmt.Sprintf("%s%d", reminderKey(j.Booking, j.Start), j.BeforeMin)
	}, Reminder)
}

// reminderKey begins the keys of all reminders of one start.
func reminderKey(b id.Booking, start time.Time) string {
	return fmt.Sprintf("%s/%d/%d/", Reminder, b, start.Unix())
}

// RemindSweep catches reminders whose moment was missed, because the program did
// not run or a job was lost, and reminds the managers of requests that wait:
// when they have waited a day, and a day before the start. It asks whether a time
// is needed and passes on requests that nobody answers, as their rules say. What has been sent is
// not sent again, by whichever way it comes.
func (s *Service) RemindSweep(ctx context.Context, _ JobRemindSweep) error {
	var missed []booking.JobReminder
	var waiting []waitingRow
	err := s.db.View(ctx, func(tx *database.Tx) (err error) {
		if missed, err = listMissed(tx, s.booking.Reminders(), sweepBatch); err != nil {
			return err
		}
		waiting, err = listWaiting(tx, sweepBatch)
		return err
	})
	if err != nil {
		return err
	}
	failed := []error{s.sweepAnswers(ctx)}
	for _, j := range missed {
		failed = append(failed, s.Remind(ctx, j))
	}
	for _, w := range waiting {
		failed = append(failed, s.remindManagers(ctx, w))
	}
	return errors.Join(failed...)
}

func (s *Service) remindManagers(ctx context.Context, w waitingRow) error {
	n, err := s.news(ctx, w.ID, 0)
	if err != nil {
		return err
	}
	return s.tell(ctx, n, func(Kind) string {
		return fmt.Sprintf("%s/%d/%s", ApprovalReminder, w.ID, w.Moment)
	}, ApprovalReminder)
}
