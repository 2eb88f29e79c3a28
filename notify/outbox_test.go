package notify_test

import (
	"testing"
	"time"

	"rigg/access"
	"rigg/internal/config"
	"rigg/internal/problem"
	"rigg/notify"
)

func TestEverybodySeesTheirOwnMessages(t *testing.T) {
	t.Parallel()
	w := setup(t, config.Mail{})
	b := w.book(w.anna, "robot", monday.Add(days(2)))
	w.work()
	told := w.wrote(t, "received to Anna", "requested to Mia", "requested to Hugo")
	for _, c := range []struct {
		by   *access.Principal
		mine bool
		want int
	}{{w.anna, false, 1}, {w.mia, false, 1}, {w.bo, false, 0}, {w.rita, false, 0}, {w.audit, false, 3}, {w.audit, true, 0}} {
		found, _, err := w.notify.List(t.Context(), c.by, notify.Filter{Mine: c.mine})
		if err != nil || len(found) != c.want {
			t.Errorf("%s sees %d messages, want %d; %v", c.by.Name, len(found), c.want, err)
		}
	}
	m := to(t, w.anna, told)
	if m.Ref != b.Ref || m.Address != w.anna.Email || !m.Created.Equal(monday) || m.Language != "sv" {
		t.Errorf("%+v", m)
	}
	for _, by := range []*access.Principal{w.anna, w.audit} {
		if found, err := w.notify.Find(t.Context(), by, m.ID); err != nil || found != m {
			t.Errorf("%s finds %+v, %v", by.Name, found, err)
		}
	}
	for _, by := range []*access.Principal{w.mia, w.rita} {
		if _, err := w.notify.Find(t.Context(), by, m.ID); !problem.Has(err, problem.CodeNotFound) {
			t.Errorf("%s finds another's: %v", by.Name, err)
		}
	}
	if _, err := w.notify.Find(t.Context(), w.audit, 1_000_000); !problem.Has(err, problem.CodeNotFound) {
		t.Errorf("a message that is not there: %v", err)
	}
}

func TestTheOutboxHasPagesAndFilters(t *testing.T) {
	t.Parallel()
	w := setup(t, config.Mail{})
	for n := range 4 {
		w.book(w.anna, "robot", monday.Add(days(n+1)))
	}
	w.work()
	seen := map[string]bool{}
	pages, cursor := 0, ""
	for {
		found, next, err := w.notify.List(t.Context(), w.audit, notify.Filter{Limit: 5, After: cursor})
		if err != nil || len(found) == 0 || len(found) > 5 {
			t.Fatalf("%d messages, %v", len(found), err)
		}
		for _, m := range found {
			seen[m.Subject+m.Name] = true
		}
		pages++
		if cursor = next; next == "" {
			break
		}
	}
	if pages != 3 || len(seen) != 12 {
		t.Errorf("%d messages on %d pages", len(seen), pages)
	}
	for _, c := range []struct {
		f    notify.Filter
		want int
	}{
		{notify.Filter{Kind: notify.Received}, 4}, {notify.Filter{State: notify.NotSent}, 12}, {notify.Filter{State: notify.Sent}, 0},
		{notify.Filter{Limit: 1000}, 12}, {notify.Filter{Limit: -1}, 12},
	} {
		if found, _, err := w.notify.List(t.Context(), w.audit, c.f); err != nil || len(found) != c.want {
			t.Errorf("%+v gives %d messages, want %d; %v", c.f, len(found), c.want, err)
		}
	}
	if _, _, err := w.notify.List(t.Context(), w.audit, notify.Filter{After: "x' or true"}); !problem.Has(err, problem.CodeInvalid) {
		t.Errorf("a cursor that is none: %v", err)
	}
	for _, state := range []notify.State{notify.Waiting, notify.Sent, notify.Failed, notify.NotSent} {
		if state.Name().SV == "" || state.Name().EN == "" {
			t.Errorf("%s has no name", state)
		}
	}
}

func TestMessagesAreDeletedAfterAQuarter(t *testing.T) {
	t.Parallel()
	w := setup(t, config.Mail{Host: "127.0.0.1", Port: deadPort(t), TLS: "none", From: "rigg@host.example"})
	w.book(w.anna, "saw", monday.Add(days(2)))
	w.deliver(t)
	clean := func(after time.Duration) []notify.Message {
		t.Helper()
		w.at(monday.Add(after))
		for range 2 {
			if err := w.notify.CleanUp(t.Context(), notify.JobCleanUp{}); err != nil {
				t.Fatal(err)
			}
		}
		return w.all()
	}
	wantState(t, clean(days(7))[0], notify.Waiting, "", 0)
	wantState(t, clean(days(8))[0], notify.Failed, notify.NoteGaveUp, 0)
	if len(clean(days(notify.RetentionDays))) != 1 {
		t.Error("a message was deleted too early")
	}
	if len(clean(days(notify.RetentionDays)+time.Second)) != 0 {
		t.Error("an old message is still there")
	}
}
