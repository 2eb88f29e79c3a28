package notify_test

import (
	"testing"
	"time"

	"rigg/access"
	"rigg/booking"
	"rigg/internal/config"
	"rigg/internal/database"
	"rigg/internal/period"
	"rigg/notify"
)

func (w *world) exec(sql string, args ...any) {
	w.Helper()
	w.update(func(tx *database.Tx) error {
		_, err := database.Exec(tx, sql, args...)
		return err
	})
}

// shift gives a booking's time moved by a while.
func shift(b *booking.Booking, by time.Duration) booking.Edit {
	return booking.Edit{Period: period.New(b.Period.Start.Add(by), b.Period.End.Add(by))}
}

func (w *world) sweepAll() {
	w.Helper()
	for range 2 {
		if err := w.booking.Sweep(w.Context()); err != nil {
			w.Fatal(err)
		}
		if err := w.notify.RemindSweep(w.Context(), notify.JobRemindSweep{}); err != nil {
			w.Fatal(err)
		}
	}
	w.work()
}

func TestTheLeadIsToldOfACostlyRequest(t *testing.T) {
	t.Parallel()
	w := setup(t, config.Mail{})
	w.exec(`update projects set lead_above = 100000 where id = 'P-1'`)
	b := w.book(w.anna, "robot", monday.Add(days(4)))
	w.work()
	told := w.wrote(t, "received to Anna", "requested to Mia", "requested to Hugo", "lead_requested to Bo")
	wantText(t, to(t, w.bo, told), "Anna Ek (Grönstål Komponent AB) vill boka Robotextruder", "5\u00a0000,04\u00a0kr")
	wantText(t, to(t, w.anna, told), "Tiden är reserverad medan anläggningen och projektledaren tar ställning.")
	b = w.change(w.booking.Approve, w.mia, b, "")
	w.at(monday.Add(days(2))) // only whose answer is missing is reminded
	w.sweepAll()
	w.wrote(t, "approval_reminder to Bo")
	w.change(w.booking.Approve, w.bo, b, "")
	w.work()
	wantText(t, w.wrote(t, "confirmed to Anna")[0], "Bo Al har godkänt din bokning")
	own := w.book(w.anna, "saw", monday.Add(days(5))) // the shed confirms at once: its managers are not asked
	w.work()
	wantText(t, to(t, w.anna, w.wrote(t, "received to Anna", "lead_requested to Bo")), "medan projektledaren tar ställning")
	w.change(w.booking.Decline, w.bo, own, "För dyrt.")
	w.work()
	wantText(t, w.wrote(t, "declined to Anna")[0], "> För dyrt.")
}

func TestWhoIsToldOfAProposedChange(t *testing.T) {
	t.Parallel()
	w := setup(t, config.Mail{})
	propose := func(b *booking.Booking) *booking.Booking {
		out, err := w.booking.Propose(t.Context(), w.mia, booking.Change{Ref: b.Ref, Reason: "Service den dagen."}, shift(b, days(1)))
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	b := w.book(w.anna, "robot", monday.Add(days(4)))
	w.work()
	w.wrote(t, "received to Anna", "requested to Mia", "requested to Hugo")
	b = propose(b)
	w.work()
	told := w.wrote(t, "proposed to Anna")
	wantText(t, told[0], "Mia Lund föreslår en ändring av din förfrågan: lördag 7 mars 2026 kl. 09:00–13:00 (UTC+1)",
		"hålls åt dig till onsdag 4 mars 2026 kl. 09:00", "> Service den dagen.", "Tid: fredag 6 mars")
	w.change(w.booking.Reject, w.anna, b, "Nej tack.")
	w.work()
	told = w.wrote(t, "change_rejected_notice to Mia", "change_rejected_notice to Hugo")
	wantText(t, to(t, w.mia, told), "Anna Ek har sagt nej till att ändra bokningen till lördag 7 mars", "Meddelande: Nej tack.")
	b = propose(b)
	b = w.change(w.booking.Accept, w.anna, b, "")
	w.work() // accepted before anybody was told of it
	told = w.wrote(t, "accepted to Mia", "accepted to Hugo", "confirmed to Anna")
	wantText(t, to(t, w.mia, told), "Anna Ek har tackat ja", "Tidigare: fredag 6 mars")
	wantText(t, to(t, w.anna, told), "Din bokning är bekräftad", "Så kommer du in")
	propose(b)
	w.work()
	w.wrote(t, "proposed to Anna")
	w.at(monday.Add(days(2) + time.Hour))
	w.sweepAll()
	told = w.wrote(t, "change_lapsed to Anna", "change_lapsed_notice to Mia", "change_lapsed_notice to Hugo")
	wantText(t, to(t, w.anna, told), "söndag 8 mars", "Bokningen ligger kvar som förut")
}

func TestWhoIsToldOfAMoveThatAsks(t *testing.T) {
	t.Parallel()
	w := setup(t, config.Mail{})
	b := w.change(w.booking.Approve, w.mia, w.book(w.anna, "robot", monday.Add(days(4))), "")
	w.work()
	w.wrote(t, "confirmed to Anna")
	b = w.move(w.anna, b, days(1))
	w.work()
	told := w.wrote(t, "move_asked to Mia", "move_asked to Hugo")
	wantText(t, to(t, w.mia, told), "Anna Ek vill ändra en bekräftad bokning till lördag 7 mars", "Tid: fredag 6 mars", "Bokare: Anna Ek")
	w.change(w.booking.Decline, w.hugo, b, "Vi har stängt.")
	w.work()
	told = w.wrote(t, "change_rejected to Anna", "change_rejected_notice to Mia")
	wantText(t, to(t, w.anna, told), "Hugo Värd har sagt nej till att ändra din bokning till lördag 7 mars", "Meddelande: Vi har stängt.")
	b = w.move(w.anna, b, days(1))
	w.change(w.booking.Approve, w.mia, b, "")
	w.work()
	told = w.wrote(t, "move_approved to Anna", "moved_notice to Hugo")
	wantText(t, to(t, w.anna, told), "Mia Lund har godkänt att din bokning flyttas", "Tidigare: fredag 6 mars", "Tid: lördag 7 mars")
}

func TestAnUnansweredRequestIsPassedOnOnce(t *testing.T) {
	t.Parallel()
	w := setup(t, config.Mail{})
	w.exec(`update facilities set rules = '{"escalate_after": "4h", "answer_within": "8h"}' where id = 'hall'`)
	w.book(w.anna, "robot", monday.Add(days(4)))
	w.work()
	w.wrote(t, "received to Anna", "requested to Mia", "requested to Hugo")
	w.at(monday.Add(4*time.Hour - time.Minute))
	w.sweepAll()
	w.wrote(t)
	w.at(monday.Add(4 * time.Hour))
	w.sweepAll()
	wantText(t, w.wrote(t, "escalated to Hugo")[0], "none of the facility's managers has answered")
	w.at(monday.Add(5 * time.Hour))
	w.sweepAll()
	w.wrote(t)
	w.at(monday.Add(8 * time.Hour))
	w.sweepAll()
	wantText(t, w.wrote(t, "expired to Anna")[0], "fick inget svar i tid")
	w.exec(`delete from roles where person_id = $1`, int64(w.hugo.ID)) // no host: an administrator
	w.exec(`insert into roles (person_id, role, scope, granted_at) values ($1, 'admin', '', now())`, int64(w.audit.ID))
	w.book(w.anna, "robot", monday.Add(days(5)))
	w.at(monday.Add(12 * time.Hour))
	w.work()
	w.wrote(t, "received to Anna", "requested to Mia")
	w.sweepAll()
	w.wrote(t, "escalated to Alva")
}

func TestTheBookerIsAskedWhetherTheTimeIsNeeded(t *testing.T) {
	t.Parallel()
	w := setup(t, config.Mail{})
	w.exec(`update facilities set rules = '{"reconfirm": "48h"}' where id = 'shed'`)
	first := w.book(w.anna, "saw", monday.Add(days(6)))
	second := w.book(w.anna, "saw", monday.Add(days(6)+5*time.Hour))
	lost := w.book(w.anna, "saw", monday.Add(days(6)+10*time.Hour))
	later := w.work()
	w.wrote(t, "confirmed to Anna", "confirmed to Anna", "confirmed to Anna")
	w.at(monday.Add(days(4)))
	asks := 0
	for _, e := range later {
		j, ok := e.Job.(booking.JobReconfirm)
		if !ok || j.Booking != first.ID {
			continue // the others' jobs are lost: the sweep finds them
		}
		if asks++; !e.At.Equal(w.clock()) {
			t.Errorf("asked at %v", e.At)
		}
		for range 2 {
			if err := w.notify.Reconfirm(t.Context(), j); err != nil {
				t.Fatal(err)
			}
		}
	}
	told := w.wrote(t, "reconfirm to Anna")
	wantText(t, told[0], "Såg, Additiv tillverkning från söndag 8 mars 2026 kl. 09:00", "Bekräfta senast lördag 7 mars 2026 kl. 09:00", string(first.Ref))
	w.change(w.booking.Reconfirm, w.anna, first, "")
	w.at(monday.Add(days(4) + 11*time.Hour))
	w.sweepAll()
	w.wrote(t, "reconfirm to Anna", "reconfirm to Anna")
	w.change(w.booking.Reconfirm, w.anna, second, "")
	w.at(monday.Add(days(5) + 10*time.Hour))
	w.sweepAll()
	told = w.wrote(t, "reminder to Anna", "reminder to Anna", "released to Anna", "released_notice to Hugo")
	for _, m := range told {
		if m.Kind == notify.Released && m.Ref != lost.Ref {
			t.Errorf("released %s", m.Ref)
		}
	}
	if asks != 1 {
		t.Errorf("%d jobs ask about the first", asks)
	}
}

func TestBothAreToldOfAHandover(t *testing.T) {
	t.Parallel()
	w := setup(t, config.Mail{})
	b := w.book(w.anna, "saw", monday.Add(days(2)))
	w.work()
	w.wrote(t, "confirmed to Anna")
	if _, err := w.booking.HandOver(t.Context(), w.anna, booking.Change{Ref: b.Ref}, "bo@gronstal.example"); err != nil {
		t.Fatal(err)
	}
	later := w.work()
	told := w.wrote(t, "handed_over to Bo", "handed_over_from to Anna")
	wantText(t, to(t, w.bo, told), "Anna Ek har överlåtit en bokning till dig: Såg", "Adress:")
	wantText(t, to(t, w.anna, told), "är överlåten till Bo Al (Grönstål Komponent AB)")
	if len(later) != 0 {
		t.Errorf("%v are due", later)
	}
}

func TestWhoStandsInIsToldAndHearsWhatTheManagersDo(t *testing.T) {
	t.Parallel()
	w := setup(t, config.Mail{})
	max := w.person("max@rise.example", "Max Ek", "sv", "rise", access.Grant{Role: access.FacilityManager, Scope: "elsewhere"})
	first := period.DateOf(monday, time.UTC)
	d, err := w.access.Delegate(t.Context(), w.mia, access.Absence{To: max.Email, First: first, Last: first.Next(1), Reason: "Semester"})
	if err != nil {
		t.Fatal(err)
	}
	w.work()
	wantText(t, w.wrote(t, "stand_in to Max")[0], "Mia Lund har utsett dig till ersättare från måndag 2 mars 2026 till och med tisdag 3 mars 2026", "Meddelande: Semester")
	w.book(w.anna, "robot", monday.Add(days(4)))
	w.work()
	w.wrote(t, "received to Anna", "requested to Mia", "requested to Hugo", "requested to Max")
	w.at(monday.Add(days(2)))
	w.book(w.anna, "robot", monday.Add(days(5)))
	w.work()
	w.wrote(t, "received to Anna", "requested to Mia", "requested to Hugo")
	w.at(monday)
	gone, err := w.access.Delegate(t.Context(), w.mia, access.Absence{To: max.Email, First: first, Last: first})
	if err == nil {
		err = w.access.EndDelegation(t.Context(), w.mia, gone.ID)
	}
	if err != nil || gone.ID == d.ID {
		t.Fatal(err)
	}
	w.work()
	w.wrote(t) // ended before anybody was told
}
