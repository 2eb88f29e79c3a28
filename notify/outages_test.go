package notify_test

import (
	"strings"
	"testing"
	"time"

	"rigg/booking"
	"rigg/facilities"
	"rigg/internal/config"
	"rigg/internal/id"
	"rigg/internal/period"
	"rigg/internal/text"
)

// outage takes the saw out of service for a time, whoever has it.
func (w *world) outage(start time.Time, length time.Duration) facilities.Outage {
	w.Helper()
	facts, err := w.booking.Facts(w.Context())
	if err != nil {
		w.Fatal(err)
	}
	r, _ := facts.Catalogue.Resource("saw")
	plan, err := w.booking.SaveOutage(w.Context(), w.hugo, booking.OutageWish{
		Displace: true, Reason: "Bladet är sprucket.",
		Outage: facilities.Outage{
			Facility: "shed", Kind: facilities.Breakdown, Name: text.Text{SV: "Trasigt blad", EN: "Broken blade"},
			Units: r.Units, Period: period.New(start, start.Add(length)),
		},
	})
	if err != nil {
		w.Fatal(err)
	}
	w.work()
	return plan.Outages[0]
}

func TestWhoIsToldOfAnOutage(t *testing.T) {
	t.Parallel()
	w := setup(t, config.Mail{})
	start := monday.Add(days(4))
	b := w.book(w.anna, "saw", start)
	w.work()
	w.wrote(t, "confirmed to Anna")
	o := w.outage(start, 6*time.Hour)
	told := w.wrote(t, "displaced to Anna")
	wantText(t, told[0], "Anläggningen har tagit utrustningen ur drift (Trasigt blad)", "Pengarna är fortfarande reserverade",
		"Vi håller en annan tid åt dig till tisdag 3 mars 2026 kl. 09:00: Såg, Additiv tillverkning, fredag 6 mars 2026 kl. 05:00–09:00",
		"Skäl: Trasigt blad", "Beräknas åter: fredag 6 mars 2026 kl. 15:00", "Meddelande: Bladet är sprucket.", "/bookings/"+string(b.Ref))
	w.at(monday.Add(days(1)))
	if err := w.booking.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.work()
	told = w.wrote(t, "alternative_expired to Anna", "displaced_reminder to Hugo")
	wantText(t, to(t, w.hugo, told), "Anna Ek (Grönstål Komponent AB)", "displaced by an outage and has no new time yet")
	if _, err := w.booking.LiftOutage(t.Context(), w.hugo, o.ID, false); err != nil {
		t.Fatal(err)
	}
	w.work()
	told = w.wrote(t, "restored to Anna")
	wantText(t, told[0], "Goda nyheter", "fredag 6 mars 2026 kl. 09:00–13:00", "Så kommer du in")
}

func TestWhoIsToldOfAnOffer(t *testing.T) {
	t.Parallel()
	w := setup(t, config.Mail{})
	start := monday.Add(days(4))
	b := w.book(w.anna, "saw", start)
	var waits []*booking.Wait
	for range 2 { // one to be offered, one to pass
		wait, err := w.booking.JoinWaits(t.Context(), w.rita, booking.WaitWish{
			Resources: []id.Resource{"saw"}, Project: "P-2", Period: period.New(start.Add(time.Duration(len(waits))*time.Hour), start.Add(3*time.Hour)),
		})
		if err != nil {
			t.Fatal(err)
		}
		waits = append(waits, wait)
	}
	w.work()
	w.wrote(t, "confirmed to Anna")
	w.change(w.booking.Cancel, w.anna, b, "")
	w.work()
	told := w.wrote(t, "cancelled_notice to Hugo", "offer to Rita")
	offer := to(t, w.rita, told)
	wantText(t, offer, "You are first in line", "Friday 6 March 2026 at 09:00–12:00", "held for you until Monday 2 March 2026 at 13:00",
		"https://rigg.example/waits/"+string(waits[0].Ref), "Project: P-2, Hemlig legering")
	for _, secret := range []string{"Anna", "P-1", "Grönstål"} {
		if strings.Contains(offer.Text, secret) {
			t.Errorf("the offer tells %q:\n%s", secret, offer.Text)
		}
	}
	w.at(monday.Add(4 * time.Hour))
	if err := w.booking.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.work()
	w.wrote(t, "offer_expired to Rita", "offer to Rita")
	w.outage(start.Add(time.Hour), 3*time.Hour)
	w.at(start.Add(2 * time.Hour))
	if err := w.booking.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.work()
	w.wrote(t, "wait_expired to Rita")
}
