package booking_test

import (
	"slices"
	"strings"
	"testing"

	"rigg/access"
	"rigg/booking"
	"rigg/facilities"
	"rigg/internal/database"
	"rigg/internal/id"
	"rigg/internal/period"
	"rigg/internal/problem"
	"rigg/internal/text"
)

// ask gives a resource a required question.
func (w *world) ask(r id.Resource, names ...string) {
	w.Helper()
	var questions []facilities.Question
	for _, name := range names {
		questions = append(questions, facilities.Question{
			ID: name, Label: text.Text{SV: "Fråga " + name, EN: "Question " + name}, Kind: facilities.AskText, Required: true,
		})
	}
	w.update(func(tx *database.Tx) error {
		_, err := facilities.PutForm(tx, r, questions)
		return err
	})
}

func change(b *booking.Booking) booking.Change {
	return booking.Change{Ref: b.Ref, Version: b.Version, Reason: "Hör av dig."}
}

func TestRunsAreDescribed(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.ask("robot", "powder")
	b := w.book("robot", "2026-03-10T08:00", "2026-03-10T16:00")
	w.at("2026-03-10T08:00")
	b = w.must(w.service.CheckIn, "anna", b)
	w.at("2026-03-10T15:00")
	w.refuse(problem.CodeInvalid, w.service.CheckOut, "anna", b) // the question is not answered
	w.wantPurses(2026, 5_000_00, 0)
	done, err := w.service.CheckOutWith(t.Context(), w.who("anna"), change(b), booking.Entry{Notes: "Bra", Answers: map[string]any{"powder": "316L"}})
	if err != nil {
		t.Fatal(err)
	}
	w.ask("robot", "weight") // what was answered keeps its question
	l, err := w.service.LogOf(t.Context(), done)
	if err != nil || l == nil || l.Notes != "Bra" || l.Answers["powder"] != "316L" || l.Questions[0].ID != "powder" || l.Forms["robot"] != 1 {
		t.Fatalf("%+v, %v", l, err)
	}
	_, err = w.service.WriteLog(t.Context(), w.who("anna"), change(done), booking.Entry{Answers: map[string]any{"weight": "3"}})
	w.wantCode(err, booking.CodeWrongState)
	fixed := booking.Correction{Log: &booking.Entry{Notes: "Bra", Answers: map[string]any{"powder": "316"}}}
	_, err = w.service.Correct(t.Context(), w.who("anna"), change(done), fixed)
	w.wantCode(err, access.CodeForbidden)
	once, err := w.service.Correct(t.Context(), w.who("mia"), change(done), fixed)
	if err != nil {
		t.Fatal(err)
	}
	again, err := w.service.Correct(t.Context(), w.who("mia"), change(once), fixed)
	if err != nil || again.Version != once.Version {
		t.Errorf("the same correction made version %d of %d, %v", again.Version, once.Version, err)
	}
	if n := w.count(`select count(*) from transfers where kind = 'correct'`); n != 0 {
		t.Errorf("words moved money %d times", n)
	}
}

// Who does not check out leaves the questions open, and is asked afterwards.
func TestRunsAreDescribedAfterwards(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.ask("robot", "powder")
	b := w.book("robot", "2026-03-10T08:00", "2026-03-10T16:00")
	w.at("2026-03-10T08:00")
	w.must(w.service.CheckIn, "anna", b)
	w.news()
	w.at("2026-03-10T16:30")
	w.sweep()
	w.sweep()
	if got := w.news(); !slices.Equal(got, []string{"booking_completed", "booking_log_due"}) {
		t.Errorf("told %v", got)
	}
	done := w.read(b)
	_, err := w.service.WriteLog(t.Context(), w.who("anna"), change(done), booking.Entry{Notes: "Glömde"})
	w.wantCode(err, problem.CodeInvalid)
	_, err = w.service.WriteLog(t.Context(), w.who("rolf"), change(done), booking.Entry{Answers: map[string]any{"powder": "x"}})
	w.wantCode(err, problem.CodeNotFound)
	done, err = w.service.WriteLog(t.Context(), w.who("liv"), change(done), booking.Entry{Answers: map[string]any{"powder": "x"}})
	if err != nil || done.History[len(done.History)-1].Action != booking.ActLog {
		t.Error(err)
	}
}

func TestActualTimesAreCorrected(t *testing.T) {
	t.Parallel()
	w := setup(t)
	done := w.use(w.book("robot", "2026-03-10T08:00", "2026-03-10T16:00"), "2026-03-10T08:00", "2026-03-10T14:30")
	w.wantPurses(2026, 0, 4_062_50)
	w.at("2026-03-11T08:00")
	for name, c := range map[string]struct {
		to    booking.Correction
		field string // empty: it is allowed
	}{
		"a day before the start":  {booking.Correction{CheckedIn: local("2026-03-09T08:00")}, ""},
		"more than a day before":  {booking.Correction{CheckedIn: local("2026-03-09T07:59")}, "checked_in"},
		"in after the end":        {booking.Correction{CheckedIn: local("2026-03-10T16:00"), CheckedOut: local("2026-03-10T17:00")}, "checked_in"},
		"out with the check-in":   {booking.Correction{CheckedIn: local("2026-03-10T08:00"), CheckedOut: local("2026-03-10T08:00")}, "checked_out"},
		"out a minute after it":   {booking.Correction{CheckedOut: local("2026-03-10T08:01")}, ""},
		"out at this moment":      {booking.Correction{CheckedOut: local("2026-03-11T08:00")}, ""},
		"out at a time to come":   {booking.Correction{CheckedOut: local("2026-03-11T08:01")}, "checked_out"},
		"what it says already":    {booking.Correction{CheckedOut: local("2026-03-10T14:30")}, ""},
		"words that nobody asked": {booking.Correction{Log: &booking.Entry{Answers: map[string]any{"x": "y"}}}, "answers"},
		"a note about the run":    {booking.Correction{Log: &booking.Entry{Notes: "Bra"}}, ""},
	} {
		b := w.read(done)
		_, err := w.service.Correct(t.Context(), w.who("mia"), change(b), c.to)
		switch {
		case c.field == "" && err != nil:
			t.Errorf("%s: %v", name, err)
		case c.field != "" && (!problem.Has(err, problem.CodeInvalid) || problem.From(err).Fields[0].Path != c.field):
			t.Errorf("%s: %v", name, err)
		}
	}
	b := w.read(done)
	fixed, err := w.service.Correct(t.Context(), w.who("mia"), change(b), booking.Correction{CheckedIn: local("2026-03-10T08:00"), CheckedOut: local("2026-03-10T17:00")})
	if err != nil || fixed.Cost.Total != 11_250_00 {
		t.Fatalf("%d, %v", fixed.Cost.Total, err)
	}
	w.wantPurses(2026, 0, 5_625_00)
	_, err = w.service.Correct(t.Context(), w.who("mia"), booking.Change{Ref: b.Ref}, booking.Correction{CheckedOut: local("2026-03-10T16:00")})
	w.wantCode(err, booking.CodeReasonMissing)
	waiting := w.book("robot", "2026-03-12T08:00", "2026-03-12T16:00")
	_, err = w.service.Correct(t.Context(), w.who("mia"), change(waiting), booking.Correction{CheckedIn: local("2026-03-10T08:00")})
	w.wantCode(err, booking.CodeWrongState)
}

// A use that was charged as nothing is charged as it was after all, at its rates.
func TestCorrectionFromNothing(t *testing.T) {
	t.Parallel()
	w := setup(t)
	done := w.use(w.book("robot", "2026-03-10T08:00", "2026-03-10T16:00"), "2026-03-10T08:00", "2026-03-10T08:00")
	w.wantPurses(2026, 0, 0)
	w.at("2026-03-11T08:00")
	fixed, err := w.service.Correct(t.Context(), w.who("mia"), change(done), booking.Correction{CheckedOut: local("2026-03-10T12:00")})
	if err != nil || fixed.Cost.Total != 5_000_00 {
		t.Fatalf("%+v, %v", fixed, err)
	}
	w.wantPurses(2026, 0, 2_500_00)
}

func TestWalkIn(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.at("2026-03-10T08:13")
	in := want("lathe", "2026-03-10T08:00", "2026-03-10T09:13") // its step is 30 min
	in.OnBehalfOf = "anna@bolag.example"
	_, err := w.service.WalkIn(t.Context(), w.who("anna"), in)
	w.wantCode(err, access.CodeForbidden)
	b, err := w.service.WalkIn(t.Context(), w.who("mia"), in)
	if err != nil {
		t.Fatal(err)
	}
	if b.State != booking.InUse || b.Version != 2 || !b.Period.Start.Equal(local("2026-03-10T08:13")) || b.CheckedIn.IsZero() || b.Person != w.who("anna").ID {
		t.Errorf("%+v", b)
	}
	_, err = w.service.WalkIn(t.Context(), w.who("mia"), in)
	w.wantCode(err, facilities.CodeSlotTaken)
	in = want("lathe", "2026-03-10T08:00", "2026-03-10T09:12") // other rules hold: an hour at least
	_, err = w.service.WalkIn(t.Context(), w.who("mia"), in)
	w.wantCode(err, booking.CodeRefused)
}

func TestRetiring(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.book("press", "2026-03-10T08:00", "2026-03-10T12:00") // before: it stays
	first := w.book("press", "2026-03-20T08:00", "2026-03-20T12:00")
	second := w.book("press", "2026-03-21T08:00", "2026-03-21T12:00")
	w.book("tower", "2026-03-21T08:00", "2026-03-21T12:00") // so that the second cannot move there
	retire := booking.Retirement{Resource: "press", From: period.Date{Year: 2026, Month: 3, Day: 15}, MoveTo: "tower"}
	_, err := w.service.Retire(t.Context(), w.who("anna"), retire)
	w.wantCode(err, access.CodeForbidden)
	_, err = w.service.Retire(t.Context(), w.who("mia"), retire)
	w.wantCode(err, booking.CodeReasonMissing)
	retire.Reason = "Skrotas"
	w.news()
	done, err := w.service.Retire(access.WithKey(t.Context(), "key", "x"), w.who("mia"), retire)
	if err != nil || done.Done || len(done.Fates) != 2 || done.Fates[0].Action != booking.ActMove || done.Fates[1].Action != "" || done.Fates[1].Problem == nil {
		t.Fatalf("%+v, %v", done, err)
	}
	if moved := w.read(first); !slices.Equal(moved.Resources, []id.Resource{"tower"}) {
		t.Errorf("the first is on %v", moved.Resources)
	}
	retire.Cancel = true
	done, err = w.service.Retire(t.Context(), w.who("mia"), retire)
	if err != nil || !done.Done || len(done.Fates) != 1 || w.read(second).State != booking.Cancelled {
		t.Fatalf("%+v, %v", done, err)
	}
	if told := w.news(); !slices.Equal(told, []string{"booking_moved", "booking_reminder", "booking_reminder", "booking_cancelled"}) {
		t.Errorf("told %v", told)
	}
	_, err = w.service.Request(t.Context(), w.who("anna"), want("press", "2026-03-20T08:00", "2026-03-20T12:00"))
	w.wantCode(err, booking.CodeRefused)
	for window, hits := range map[period.Period]int{
		between("2026-03-09T00:00", "2026-03-11T00:00"): 1, between("2026-03-20T00:00", "2026-03-22T00:00"): 0,
	} {
		found, err := w.service.Search(t.Context(), w.who("anna"), booking.Search{Words: "press", Wish: facilities.Wish{Window: window, Minutes: 60}})
		if err != nil || found.Total != hits {
			t.Errorf("%v from %s: %+v, %v", hits, window.Start, found, err)
		}
	}
}

func TestFileTypesAndLimits(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.service.LimitFiles(booking.FileLimits{MaxSize: 100, Types: []string{"txt", "step", "zip", "pdf"}, PerObject: 3, PerProject: 150})
	b := w.book("press", "2026-03-10T08:00", "2026-03-10T12:00")
	other := w.book("press", "2026-03-11T08:00", "2026-03-11T12:00")
	add := func(to *booking.Booking, name, content string) error {
		_, err := w.service.AddFile(t.Context(), w.who("anna"), booking.Upload{Of: booking.Attached{Booking: to.Ref}, Name: name, Content: []byte(content)})
		return err
	}
	for _, c := range []struct {
		name, content string
		code          problem.Code
	}{
		{"a.txt", strings.Repeat("x", 101), booking.CodeFileTooLarge},
		{"a.txt", "", problem.CodeInvalid},
		{"a", "x", problem.CodeInvalid},
		{".txt", "x", problem.CodeInvalid},
		{strings.Repeat("å", 197) + ".txt", "x", problem.CodeInvalid},
		{"a.svg", "<svg/>", booking.CodeFileType},
		{"a.csv", "x;y", booking.CodeFileType}, // not in this operator's list
		{"a.txt", "<!DOCTYPE HTML><script>", booking.CodeFileType},
		{"a.txt.exe", "MZ", booking.CodeFileType},
		{"a.step", "solid", booking.CodeFileType},
		{"a.zip", "text", booking.CodeFileType},
	} {
		err := add(b, c.name, c.content)
		w.wantCode(err, c.code)
		if e := problem.From(err); e.Text().SV == "" || e.Text().EN == "" {
			t.Errorf("%s says nothing", c.code.Slug)
		}
	}
	for _, c := range []struct {
		to            *booking.Booking
		name, content string
		code          *problem.Code
	}{
		{b, strings.Repeat("å", 196) + ".txt", strings.Repeat("x", 100), nil},
		{b, "a.STEP", "ISO-10303-21;", nil},
		{other, "c.txt", strings.Repeat("x", 38), &booking.CodeFileQuota},
		{other, "c.txt", strings.Repeat("x", 36), nil},
		{b, "d.txt", "x", nil},
		{b, "e.txt", "", &problem.CodeInvalid},
		{b, "e.txt", "x", &booking.CodeTooManyFiles},
	} {
		err := add(c.to, c.name, c.content)
		if c.code == nil && err != nil || c.code != nil && !problem.Has(err, *c.code) {
			t.Errorf("%.20s of %d: %v", c.name, len(c.content), err)
		}
	}
	_, err := w.service.AddFile(t.Context(), w.who("rut"), booking.Upload{Of: booking.Attached{Booking: other.Ref}, Name: "a.txt", Content: []byte("x")})
	w.wantCode(err, access.CodeForbidden) // an auditor changes nothing
	_, err = w.service.ListFiles(t.Context(), w.who("rolf"), booking.Attached{Booking: b.Ref})
	w.wantCode(err, problem.CodeNotFound)
}

// An enquiry's booking remembers it, and only those who take part in it say so.
func TestEnquiryIsBooked(t *testing.T) {
	t.Parallel()
	w := setup(t)
	e, err := w.service.Enquire(t.Context(), w.who("anna"), booking.Question{Resource: "press", Subject: "Titan?", Text: "Går det?"})
	if err != nil {
		t.Fatal(err)
	}
	_, err = w.service.Enquire(t.Context(), w.who("olle"), booking.Question{Resource: "press", Project: "alloy", Subject: "x", Text: "y"})
	w.wantCode(err, booking.CodeNotAMember)
	in := want("press", "2026-03-10T08:00", "2026-03-10T12:00")
	in.Enquiry = e.Ref
	stranger := in
	stranger.Project = "rust"
	_, err = w.service.Request(t.Context(), w.who("rolf"), stranger)
	w.wantCode(err, problem.CodeNotFound)
	b, err := w.service.Request(t.Context(), w.who("anna"), in)
	if err != nil || w.read(b).Enquiry != e.Ref {
		t.Fatalf("%+v, %v", b, err)
	}
	now, err := w.service.FindEnquiry(t.Context(), w.who("mia"), e.Ref)
	if err != nil || now.State != booking.EnquiryBooked || !slices.Equal(now.Bookings, []id.Ref{b.Ref}) {
		t.Errorf("%+v, %v", now, err)
	}
}
