package notify_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"rigg/access"
	"rigg/booking"
	"rigg/internal/database"
	"rigg/notify"
)

// take empties the queue.
func (w *world) take() []database.Enqueued {
	w.mu.Lock()
	defer w.mu.Unlock()
	out := w.jobs
	w.jobs = nil
	return out
}

// work does all jobs that are due, each of them twice: a worker may be called
// again for what it has done. It gives the jobs that are due later.
func (w *world) work() (later []database.Enqueued) {
	w.Helper()
	for list := w.take(); len(list) > 0; list = w.take() {
		for _, e := range list {
			if e.At.After(w.clock()) {
				later = append(later, e)
				continue
			}
			for range 2 {
				if err := w.act(w.Context(), e.Job); err != nil {
					w.Fatalf("%s: %v", e.Job.Kind(), err)
				}
			}
		}
	}
	return later
}

// act is one call of a job's worker, as cmd registers them.
func (w *world) act(ctx context.Context, job database.Job) error {
	switch j := job.(type) {
	case booking.JobRequested:
		return w.notify.Requested(ctx, j)
	case booking.JobConfirmed:
		return w.notify.Confirmed(ctx, j)
	case booking.JobDeclined:
		return w.notify.Declined(ctx, j)
	case booking.JobAsked:
		return w.notify.Asked(ctx, j)
	case booking.JobAnswered:
		return w.notify.Answered(ctx, j)
	case booking.JobCancelled:
		return w.notify.Cancelled(ctx, j)
	case booking.JobMoved:
		return w.notify.Moved(ctx, j)
	case booking.JobExpired:
		return w.notify.Expired(ctx, j)
	case booking.JobNoShow:
		return w.notify.NoShow(ctx, j)
	case booking.JobCompleted:
		return w.notify.Completed(ctx, j)
	case booking.JobSeriesNews:
		return w.notify.SeriesNews(ctx, j)
	case booking.JobFindAlternative:
		return w.booking.FindAlternative(ctx, j)
	case booking.JobTimeFreed:
		return w.booking.TimeFreed(ctx, j)
	case booking.JobDisplaced:
		return w.notify.Displaced(ctx, j)
	case booking.JobRestored:
		return w.notify.Restored(ctx, j)
	case booking.JobAlternativeExpired:
		return w.notify.AlternativeExpired(ctx, j)
	case booking.JobOffered:
		return w.notify.Offered(ctx, j)
	case booking.JobOfferExpired:
		return w.notify.OfferExpired(ctx, j)
	case booking.JobWaitExpired:
		return w.notify.WaitExpired(ctx, j)
	case booking.JobReminder:
		return w.notify.Remind(ctx, j)
	case booking.JobProposed:
		return w.notify.Proposed(ctx, j)
	case booking.JobMoveAsked:
		return w.notify.MoveAsked(ctx, j)
	case booking.JobAccepted:
		return w.notify.Accepted(ctx, j)
	case booking.JobMoveApproved:
		return w.notify.MoveApproved(ctx, j)
	case booking.JobRejected:
		return w.notify.Rejected(ctx, j)
	case booking.JobLapsed:
		return w.notify.Lapsed(ctx, j)
	case booking.JobHandedOver:
		return w.notify.HandedOver(ctx, j)
	case booking.JobReconfirm:
		return w.notify.Reconfirm(ctx, j)
	case access.Delegated:
		return w.notify.StandIn(ctx, j)
	case access.SignInRequested:
		return w.notify.SignIn(ctx, j)
	case notify.Deliver:
		return w.notify.Deliver(ctx, j)
	}
	return fmt.Errorf("no worker for %T", job)
}

// all gives the whole outbox, the oldest first.
func (w *world) all() []notify.Message {
	w.Helper()
	found, next, err := w.notify.List(w.Context(), w.audit, notify.Filter{Limit: 200})
	if err != nil || next != "" {
		w.Fatalf("list the outbox: %v, next %q", err, next)
	}
	slices.Reverse(found)
	return found
}

// outbox says which messages there are since the last call: "kind to name".
func (w *world) wrote(t *testing.T, want ...string) []notify.Message {
	t.Helper()
	all := w.all()
	fresh := all[w.seen:]
	w.seen = len(all)
	var got []string
	for _, m := range fresh {
		name, _, _ := strings.Cut(m.Name, " ")
		got = append(got, string(m.Kind)+" to "+name)
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("wrote %q, want %q", got, want)
	}
	return fresh
}

// to gives the one of the messages that a person got.
func to(t *testing.T, p *access.Principal, list []notify.Message) notify.Message {
	t.Helper()
	at := slices.IndexFunc(list, func(m notify.Message) bool { return m.To == p.ID })
	if at < 0 {
		t.Fatalf("nothing to %s", p.Name)
	}
	return list[at]
}

func wantText(t *testing.T, m notify.Message, want ...string) {
	t.Helper()
	for _, s := range want {
		if !strings.Contains(m.Text, s) {
			t.Errorf("the %s message does not say %q:\n%s", m.Kind, s, m.Text)
		}
	}
}

func days(n int) time.Duration { return time.Duration(n) * 24 * time.Hour }
