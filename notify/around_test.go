package notify_test

import (
	"strings"
	"testing"
	"time"

	"rigg/booking"
	"rigg/facilities"
	"rigg/internal/config"
	"rigg/internal/database"
	"rigg/internal/text"
)

// told gives who was written to and what, of one kind.
func (w *world) told(kind string) (out []string) {
	w.Helper()
	rows, err := w.db.Pool().Query(w.Context(), `select address || ': ' || subject || E'\n' || body from messages where kind = $1 order by address`, kind)
	if err != nil {
		w.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			w.Fatal(err)
		}
		out = append(out, s)
	}
	return out
}

// wantTold compares who was told, and that each text says all of it.
func (w *world) wantTold(kind string, to []string, says ...string) {
	w.Helper()
	got := w.told(kind)
	if len(got) != len(to) {
		w.Fatalf("%s went to %q; want %v", kind, got, to)
	}
	for i, message := range got {
		if !strings.HasPrefix(message, to[i]) {
			w.Errorf("%s went to %q; want %s", kind, message, to[i])
		}
		for _, s := range says {
			if !strings.Contains(message, s) {
				w.Errorf("%s does not say %q:\n%s", kind, s, message)
			}
		}
	}
}

func TestEnquiriesAreTold(t *testing.T) {
	t.Parallel()
	w := setup(t, config.Mail{})
	e, err := w.booking.Enquire(t.Context(), w.rita, booking.Question{Resource: "robot", Subject: "Can you do 316L?", Text: "About 40 kg."})
	if err != nil {
		t.Fatal(err)
	}
	answered, err := w.booking.AnswerEnquiry(t.Context(), w.mia, e.Ref, "Ja, om den är torr.")
	if err != nil {
		t.Fatal(err)
	}
	for range 2 { // a worker may run twice
		for _, l := range answered.Lines {
			if err := w.notify.EnquiryWritten(t.Context(), booking.JobEnquiryWritten{Enquiry: e.ID, Line: l.ID}); err != nil {
				t.Fatal(err)
			}
		}
	}
	w.wantTold("enquiry_asked", []string{"hugo@", "mia@"}, "Can you do 316L?", "About 40 kg.", "Rita Rask", "/enquiries/"+string(e.Ref))
	w.wantTold("enquiry_answered", []string{"rita@"}, "Ja, om den är torr.", "Mia Lund", "Robot extruder")
}

func TestReportsAreTold(t *testing.T) {
	t.Parallel()
	w := setup(t, config.Mail{})
	b := w.book(w.anna, "saw", monday.Add(time.Hour))
	r, err := w.booking.Report(t.Context(), w.anna, booking.Problem{Booking: b.Ref, Text: "Bladet är slött", Severity: booking.Limited})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := w.notify.Reported(t.Context(), booking.JobReported{Report: r.ID}); err != nil {
			t.Fatal(err)
		}
	}
	w.wantTold("reported", []string{"hugo@"}, "Bladet är slött", "Anna Ek", "Works in part", "/facilities/shed/desk")
}

// What ended by itself with something to ask is asked for; what a manager puts
// right is told; and both with what one needs on the day in the confirmation.
func TestUseIsTold(t *testing.T) {
	t.Parallel()
	w := setup(t, config.Mail{})
	w.update(func(tx *database.Tx) error {
		_, err := facilities.PutForm(tx, "saw", []facilities.Question{{ID: "blade", Label: text.Text{SV: "Bladet", EN: "The blade"}, Kind: facilities.AskText}})
		return err
	}, func(tx *database.Tx) error {
		_, err := facilities.PutArrival(tx, "shed", facilities.Arrival{Contact: "Kim", Phone: "031-123", Safety: text.Text{SV: "Skyddsskor", EN: "Safety shoes"}})
		return err
	})
	b := w.book(w.anna, "saw", monday.Add(time.Hour))
	happened := booking.Happened{Booking: b.ID, Version: 1}
	if err := w.notify.Confirmed(t.Context(), booking.JobConfirmed{Happened: happened}); err != nil {
		t.Fatal(err)
	}
	w.wantTold("confirmed", []string{"anna@"}, "Kontakt: Kim", "Telefon: 031-123", "Skyddsutrustning: Skyddsskor")
	w.at(monday.Add(6 * time.Hour))
	if err := w.booking.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	b, err := w.booking.Correct(t.Context(), w.hugo, booking.Change{Ref: b.Ref, Reason: "Ni var kvar"}, booking.Correction{
		CheckedIn: monday.Add(time.Hour), CheckedOut: monday.Add(6 * time.Hour),
	})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := w.notify.LogDue(t.Context(), booking.JobLogDue{Happened: booking.Happened{Booking: b.ID, Version: 2}}); err != nil {
			t.Fatal(err)
		}
		if err := w.notify.Corrected(t.Context(), booking.JobCorrected{Happened: booking.Happened{Booking: b.ID, Version: 3, By: w.hugo.ID, Reason: "Ni var kvar"}}); err != nil {
			t.Fatal(err)
		}
	}
	w.wantTold("log_due", []string{"anna@"}, "Beskriv körningen")
	w.wantTold("corrected", []string{"anna@"}, "Hugo Värd", "Ni var kvar", "6\u00a0250,05")
}
