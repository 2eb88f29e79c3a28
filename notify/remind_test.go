package notify_test

import (
	"testing"
	"time"

	"rigg/booking"
	"rigg/internal/config"
	"rigg/internal/database"
	"rigg/notify"
)

// confirmed gives a booking that starts so many days after monday, with the
// messages of its making looked at and its reminders.
func confirmed(w *world, n int) (*booking.Booking, []database.Enqueued) {
	w.Helper()
	b := w.change(w.booking.Approve, w.mia, w.book(w.anna, "robot", monday.Add(days(n))), "")
	later := w.work()
	w.seen = len(w.all())
	return b, later
}

func (w *world) sweep() {
	w.Helper()
	for range 2 {
		if err := w.notify.RemindSweep(w.Context(), notify.JobRemindSweep{}); err != nil {
			w.Fatal(err)
		}
	}
	w.work()
}

// again puts jobs back that are due later.
func (w *world) again(list []database.Enqueued) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.jobs = append(w.jobs, list...)
}

func TestAReminderComesOnceAtItsMoment(t *testing.T) {
	t.Parallel()
	w := setup(t, config.Mail{})
	_, later := confirmed(w, 3)
	if len(later) != 2 || !later[0].At.Equal(monday.Add(days(2))) || !later[1].At.Equal(monday.Add(days(3)-2*time.Hour)) {
		t.Fatalf("reminders %v", later)
	}
	w.sweep()
	w.wrote(t) // before its moment, nothing
	w.at(monday.Add(days(2)))
	w.again(later)
	later = w.work()
	told := w.wrote(t, "reminder to Anna")
	wantText(t, told[0], "Robotextruder, Additiv tillverkning börjar torsdag 5 mars 2026 kl. 09:00", "Adress: Argongatan 30")
	w.sweep()
	w.wrote(t) // and not by the sweep too
	w.at(monday.Add(days(3) - 2*time.Hour))
	w.sweep() // this time the sweep comes first
	w.wrote(t, "reminder to Anna")
	w.again(later)
	w.work()
	w.wrote(t)
}

func TestAReminderThatIsOutOfDateIsNotSent(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		do   func(w *world, b *booking.Booking)
		want []string
	}{
		{"cancelled", func(w *world, b *booking.Booking) { w.change(w.booking.Cancel, w.anna, b, "") },
			[]string{"cancelled_notice to Mia", "cancelled_notice to Hugo"}},
		{"moved", func(w *world, b *booking.Booking) { w.move(w.mia, b, days(5)) },
			[]string{"moved to Anna", "moved_notice to Hugo"}},
		{"begun", func(w *world, _ *booking.Booking) { w.at(monday.Add(days(3))) }, nil},
		{"late", func(w *world, _ *booking.Booking) { w.at(monday.Add(days(3) - time.Hour)) },
			[]string{"reminder to Anna", "reminder to Anna"}}, // the program was down; the start is ahead
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := setup(t, config.Mail{})
			b, later := confirmed(w, 3)
			w.at(monday.Add(days(2)))
			c.do(w, b)
			w.again(later)
			w.work()
			w.sweep()
			w.wrote(t, c.want...)
		})
	}
}

// A moved booking is reminded of anew, also where the queue lost the job.
func TestTheSweepRemindsOfTheNewTime(t *testing.T) {
	t.Parallel()
	w := setup(t, config.Mail{})
	b, _ := confirmed(w, 3)
	w.at(monday.Add(days(2)))
	w.sweep()
	w.wrote(t, "reminder to Anna")
	w.move(w.mia, b, days(5))
	w.work()
	w.wrote(t, "moved to Anna", "moved_notice to Hugo")
	w.sweep()
	w.wrote(t)
	w.at(monday.Add(days(7)))
	w.sweep()
	told := w.wrote(t, "reminder to Anna")
	wantText(t, told[0], "tisdag 10 mars")
}

// Who books two hours ahead has just read the confirmation.
func TestAMomentBeforeTheBookingIsNotMissed(t *testing.T) {
	t.Parallel()
	w := setup(t, config.Mail{})
	w.at(monday.Add(days(3) - 3*time.Hour))
	_, later := confirmed(w, 3)
	if len(later) != 1 {
		t.Errorf("reminders %v", later)
	}
	w.sweep()
	w.wrote(t)
}

func TestManagersAreRemindedOfWhatWaits(t *testing.T) {
	t.Parallel()
	w := setup(t, config.Mail{})
	b := w.book(w.anna, "robot", monday.Add(days(4)))
	w.book(w.anna, "oven", monday.Add(30*time.Hour)) // so near that one reminder will do
	w.work()
	w.seen = len(w.all())
	both := []string{"approval_reminder to Mia", "approval_reminder to Hugo"}
	for _, step := range []struct {
		name string
		at   time.Duration
		want []string
	}{
		{"at once", time.Minute, nil},
		{"a day before the near one", 6 * time.Hour, both},
		{"a day after the far one was made", days(1), both},
		{"the day after that", days(2), nil},
		{"a day before the far one", days(3), both},
		{"an hour before it", days(4) - time.Hour, nil},
	} {
		w.at(monday.Add(step.at))
		w.sweep()
		t.Log(step.name)
		w.wrote(t, step.want...)
	}
	w.change(w.booking.Approve, w.mia, b, "")
	w.work()
	w.wrote(t, "confirmed to Anna")
}

// While the booker has a question to answer, it does not wait for the managers.
func TestManagersAreNotRemindedOfTheirOwnQuestion(t *testing.T) {
	t.Parallel()
	w := setup(t, config.Mail{})
	b := w.book(w.anna, "robot", monday.Add(days(10)))
	w.change(w.booking.Ask, w.mia, b, "Vilket pulver?")
	w.work()
	w.seen = len(w.all())
	w.at(monday.Add(days(2)))
	w.sweep()
	w.wrote(t)
	w.change(w.booking.Answer, w.anna, b, "Järn.")
	w.work()
	w.wrote(t, "answered to Mia", "answered to Hugo")
	w.sweep()
	w.wrote(t) // they have just heard
	w.at(monday.Add(days(3)))
	w.sweep()
	w.wrote(t, "approval_reminder to Mia", "approval_reminder to Hugo")
}
