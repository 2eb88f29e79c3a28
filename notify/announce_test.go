package notify_test

import (
	"strings"
	"testing"
	"time"

	"rigg/booking"
	"rigg/facilities"
	"rigg/funding"
	"rigg/internal/config"
	"rigg/internal/database"
	"rigg/internal/period"
	"rigg/internal/text"
	"rigg/notify"
)

func TestWhoIsTold(t *testing.T) {
	t.Parallel()
	w := setup(t, config.Mail{})
	b := w.book(w.anna, "robot", monday.Add(days(2)))
	w.work()
	told := w.wrote(t, "received to Anna", "requested to Mia", "requested to Hugo")
	wantText(t, to(t, w.anna, told), "din förfrågan om Robotextruder, Additiv tillverkning", "onsdag 4 mars 2026 kl. 09:00–13:00 (UTC+1)",
		"Ställtid: 08:30–09:00", "Projekt: P-1, Återvunnet pulver", "Syfte: Provkörning", "5\u00a0000,04\u00a0kr", "https://rigg.example/bookings/"+string(b.Ref))
	wantText(t, to(t, w.hugo, told), "Anna Ek (Grönstål Komponent AB) would like to book Robot extruder", "Purpose: Provkörning")

	w.change(w.booking.Ask, w.mia, b, "Vilket pulver?")
	w.work()
	told = w.wrote(t, "asked to Anna")
	wantText(t, told[0], "Mia Lund behöver veta mer", "> Vilket pulver?")
	w.change(w.booking.Answer, w.anna, b, "Järn, torrt.")
	w.work()
	told = w.wrote(t, "answered to Mia", "answered to Hugo")
	wantText(t, to(t, w.mia, told), "Anna Ek har svarat", "> Järn, torrt.")

	w.change(w.booking.Approve, w.mia, b, "Välkomna!")
	w.work()
	told = w.wrote(t, "confirmed to Anna")
	wantText(t, told[0], "Mia Lund har godkänt din bokning", "Adress: Argongatan 30, Mölndal", "Så kommer du in: Ring på vid port 3.", "Välkomna!")

	b = w.move(w.anna, b, days(1))
	w.work()
	told = w.wrote(t, "moved_notice to Mia", "moved_notice to Hugo")
	wantText(t, to(t, w.mia, told), "Anna Ek har ändrat", "Tidigare: onsdag 4 mars 2026 kl. 09:00–13:00", "Tid: torsdag 5 mars")
	b = w.move(w.mia, b, days(1))
	w.work()
	told = w.wrote(t, "moved to Anna", "moved_notice to Hugo")
	wantText(t, to(t, w.anna, told), "Mia Lund har ändrat din bokning", "Adress:")

	w.change(w.booking.Cancel, w.mia, b, "Extrudern läcker.")
	w.work()
	told = w.wrote(t, "cancelled to Anna", "cancelled_notice to Hugo")
	wantText(t, to(t, w.anna, told), "Mia Lund har avbokat din tid", "Meddelande: Extrudern läcker.")
}

func TestWhoIsToldOfAnEarlyEnd(t *testing.T) {
	t.Parallel()
	w := setup(t, config.Mail{})
	withdrawn := w.book(w.anna, "robot", monday.Add(days(2)))
	declined := w.book(w.anna, "robot", monday.Add(days(3)))
	confirmed := w.book(w.anna, "robot", monday.Add(days(4)))
	w.work()
	w.wrote(t, "received to Anna", "received to Anna", "received to Anna", "requested to Mia", "requested to Mia",
		"requested to Mia", "requested to Hugo", "requested to Hugo", "requested to Hugo")
	w.change(w.booking.Cancel, w.anna, withdrawn, "")
	w.work()
	w.wrote(t) // nobody: the managers had not decided, and the booker did it
	w.change(w.booking.Decline, w.hugo, declined, "Fullt.")
	w.change(w.booking.Approve, w.mia, confirmed, "")
	w.work()
	told := w.wrote(t, "declined to Anna", "confirmed to Anna")
	wantText(t, told[0], "Hugo Värd kan tyvärr inte ta emot", "> Fullt.")
	w.change(w.booking.Cancel, w.bo, confirmed, "")
	w.work()
	told = w.wrote(t, "cancelled to Anna", "cancelled_notice to Mia", "cancelled_notice to Hugo")
	wantText(t, to(t, w.anna, told), "Bo Al har avbokat")
	wantText(t, to(t, w.mia, told), "Bo Al har avbokat")
}

func TestABookingForSomebodyElse(t *testing.T) {
	t.Parallel()
	w := setup(t, config.Mail{})
	w.book(w.bo, "robot", monday.Add(days(2)), "anna@gronstal.example")
	w.book(w.bo, "saw", monday.Add(days(2)), "anna@gronstal.example")
	w.work()
	told := w.wrote(t, "received to Anna", "requested to Mia", "requested to Hugo", "confirmed to Anna")
	wantText(t, told[0], "Bo Al har skickat en förfrågan åt dig")
	wantText(t, told[len(told)-1], "Din bokning är bekräftad: Såg") // the policy approved it, not Bo
}

func TestWhatTheScheduleEnds(t *testing.T) {
	t.Parallel()
	w := setup(t, config.Mail{})
	w.book(w.anna, "robot", monday.Add(days(2)))
	missed := w.book(w.anna, "oven", monday.Add(days(2)))
	used := w.book(w.anna, "robot", monday.Add(days(2)+6*time.Hour))
	for _, b := range []*booking.Booking{missed, used} {
		w.change(w.booking.Approve, w.mia, b, "")
	}
	w.work()
	w.wrote(t, "received to Anna", "requested to Mia", "requested to Hugo", "confirmed to Anna", "confirmed to Anna")
	w.at(monday.Add(days(2) + 12*time.Hour))
	if err := w.booking.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.work()
	told := w.wrote(t, "expired to Anna", "no_show to Anna", "completed to Anna")
	for _, m := range told {
		if m.Kind == notify.Completed {
			wantText(t, m, "5\u00a0000,04\u00a0kr", "Så fördelas kostnaden:", "- Vinnova, bidrag: 2\u00a0500,02\u00a0kr",
				"- Grönstål Komponent AB, kontant: 2\u00a0500,02\u00a0kr")
		}
	}
}

// What the purses could not take has a kind of its own: the sum must not stand
// there without saying what it is.
func TestAnOverrunIsCalledSo(t *testing.T) {
	t.Parallel()
	w := setup(t, config.Mail{})
	later := period.Span{Minutes: 60}
	w.update(func(tx *database.Tx) error {
		_, err := facilities.PutResource(tx, facilities.ResourceStated{
			ID: "robot", Facility: "hall", Units: []string{"robot"}, Rules: facilities.Stated{CleanUp: &later},
			Name: text.Text{SV: "Robotextruder", EN: "Robot extruder"},
		})
		return err
	})
	b, _ := confirmed(w, 2)
	w.update(func(tx *database.Tx) error {
		_, err := funding.PutAward(tx, funding.Award{Project: "P-1", Year: 2026, Funder: "vinnova", Amount: 2_500_02})
		if err != nil {
			return err
		}
		_, err = funding.PutBudget(tx, funding.Budget{Project: "P-1", Year: 2026, Party: "gronstal", Amount: 2_500_02})
		return err
	})
	w.at(b.Period.Start)
	w.change(w.booking.CheckIn, w.anna, b, "")
	w.at(b.Period.End.Add(30 * time.Minute))
	w.change(w.booking.CheckOut, w.anna, b, "")
	w.work()
	wantText(t, w.wrote(t, "completed to Anna")[0], "- Vinnova, bidrag: 2\u00a0500,02\u00a0kr",
		"- Grönstål Komponent AB, kontant: 2\u00a0500,02\u00a0kr", "- Grönstål Komponent AB, utöver budget: 625,0")
}

// The managers see who and why, and no money; a company sees nothing of another,
// and one who has left the project no money either.
func TestMessagesTellNoMoreThanAPage(t *testing.T) {
	t.Parallel()
	w := setup(t, config.Mail{})
	w.change(w.booking.Approve, w.mia, w.book(w.rita, "robot", monday.Add(days(2))), "")
	w.change(w.booking.Approve, w.mia, w.book(w.anna, "robot", monday.Add(days(3))), "")
	w.update(func(tx *database.Tx) error {
		_, err := database.Exec(tx, `delete from roles where person_id = $1`, int64(w.rita.ID))
		return err
	})
	w.at(monday.Add(days(4)))
	if err := w.booking.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.work()
	secrets := map[string][]string{
		"rita@rival.example":    {"Anna", "Grönstål", "P-1", "pulver", "Vinnova", "SEK", "Cost"},
		"anna@gronstal.example": {"Rita", "Rival", "P-2", "legering", "Hemligt"},
		"mia@rise.example":      {"kr", "Kostnad", "Vinnova"},
		"hugo@rise.example":     {"SEK", "Cost", "Vinnova"},
	}
	for _, m := range w.wrote(t, "completed to Rita", "completed to Anna") {
		words, known := secrets[m.Address]
		if !known {
			t.Errorf("a message to %s", m.Address)
		}
		for _, word := range words {
			if strings.Contains(m.Subject+m.Text+m.HTML, word) {
				t.Errorf("%s reads %q in %s", m.Address, word, m.Kind)
			}
		}
	}
}

// What is no longer true when its job comes is not told.
func TestOldNewsIsNotTold(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		do   func(w *world, b *booking.Booking)
		want []string
	}{
		{"approved before anybody was told", func(w *world, b *booking.Booking) {
			w.change(w.booking.Approve, w.mia, b, "")
		}, []string{"confirmed to Anna"}},
		{"confirmed and cancelled", func(w *world, b *booking.Booking) {
			w.change(w.booking.Approve, w.mia, b, "")
			w.change(w.booking.Cancel, w.mia, b, "")
		}, []string{"cancelled to Anna", "cancelled_notice to Hugo"}},
		{"asked and answered", func(w *world, b *booking.Booking) {
			w.change(w.booking.Ask, w.mia, b, "Varför?")
			w.change(w.booking.Answer, w.anna, b, "Därför.")
		}, []string{"answered to Mia", "answered to Hugo", "received to Anna", "requested to Mia", "requested to Hugo"}},
		{"moved twice", func(w *world, b *booking.Booking) {
			w.change(w.booking.Approve, w.mia, b, "")
			w.move(w.mia, w.move(w.mia, b, days(1)), days(1))
		}, []string{"confirmed to Anna", "moved to Anna", "moved_notice to Hugo"}},
		{"confirmed and past", func(w *world, b *booking.Booking) {
			w.change(w.booking.Approve, w.mia, b, "")
			w.at(monday.Add(days(5)))
		}, nil},
		{"completed long ago", func(w *world, b *booking.Booking) {
			w.change(w.booking.Approve, w.mia, b, "")
			w.at(monday.Add(days(3)))
			if err := w.booking.Sweep(w.Context()); err != nil {
				w.Fatal(err)
			}
			w.at(monday.Add(days(11)))
		}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := setup(t, config.Mail{})
			c.do(w, w.book(w.anna, "robot", monday.Add(days(2))))
			w.work()
			w.wrote(t, c.want...)
		})
	}
}

// A facility that nobody manages must not let requests wait for nobody.
func TestAdministratorsHearWhereNobodyManages(t *testing.T) {
	t.Parallel()
	w := setup(t, config.Mail{})
	w.update(func(tx *database.Tx) error {
		_, err := database.Exec(tx, `update roles set role = 'admin', scope = '' where person_id = $1`, int64(w.mia.ID))
		if err == nil {
			_, err = database.Exec(tx, `delete from roles where person_id = $1`, int64(w.hugo.ID))
		}
		return err
	})
	w.book(w.anna, "robot", monday.Add(days(2)))
	w.work()
	w.wrote(t, "received to Anna", "requested to Mia")
}
