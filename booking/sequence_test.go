package booking_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"rigg/access"
	"rigg/booking"
	"rigg/facilities"
	"rigg/internal/id"
	"rigg/internal/period"
	"rigg/internal/problem"
	"rigg/internal/text"
)

// life is a sequence with what follows of its steps: outages that displace and are
// lifted, series, and people in line.
type life struct {
	sequence
	waits []*booking.Wait
	down  []facilities.Outage
}

// livingRuns are how many sequences are lived, each with a day of its own.
const livingRuns = 40

// TestRandomSequencesOfALife adds to what the pools go through all that happens
// around bookings. After each step the queue is worked off, and in the end of each
// run every invariant holds; nothing is refused but for the reasons that people may
// meet, and nobody is offered time that is not there.
func TestRandomSequencesOfALife(t *testing.T) {
	t.Parallel()
	w := setupPools(t)
	who := map[string]*access.Principal{}
	for _, name := range []string{"anna", "rolf", "mia"} {
		who[name] = w.who(name)
	}
	facts, err := w.service.Facts(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	run := 0
	rapid.Check(t, func(t *rapid.T) {
		if run++; run > livingRuns && !w.Failed() {
			return
		}
		s := &life{sequence: sequence{w: w, who: who, facts: facts, day: local("2026-03-09T00:00").AddDate(0, 0, 4*(run%150))}}
		w.set(s.day)
		for range rapid.IntRange(4, 12).Draw(t, "steps") {
			rapid.SampledFrom([]func(*rapid.T){
				s.book, s.book, s.move, s.cancel, s.pass, s.series, s.editSeries, s.cancelSeries,
				s.save, s.save, s.lift, s.join, s.join, s.answer, s.accept,
			}).Draw(t, "step")(t)
			w.work()
		}
		if w.mustHold(); w.Failed() {
			t.FailNow()
		}
		s.tidy(t)
	})
}

// tolerate lets the refusals pass that people may meet; a bug is none.
func tolerate(t *rapid.T, what string, err error) bool {
	if err != nil && !lawful(err) {
		t.Fatalf("%s: %v", what, err)
	}
	return err == nil
}

func (s *life) resource(t *rapid.T) id.Resource {
	return rapid.SampledFrom([]id.Resource{"robots", "pairs", "first-robot", "both", "checked", "furnace"}).Draw(t, "resource")
}

// booker is Anna or her competitor, each on a project of their own.
func (s *life) booker(t *rapid.T) (string, id.Project) {
	if rapid.Bool().Draw(t, "rolf") {
		return "rolf", "rust"
	}
	return "anna", "alloy"
}

func (s *life) book(t *rapid.T) {
	name, project := s.booker(t)
	in := booking.Request{Resources: []id.Resource{s.resource(t)}, Project: project, Period: s.drawPeriod(t)}
	quote, err := s.w.service.Quote(s.w.Context(), s.who[name], in)
	if err != nil {
		t.Fatal(err)
	}
	b, err := s.w.service.Request(s.w.Context(), s.who[name], in)
	if (err == nil) != (len(quote.Refusals) == 0) {
		t.Fatalf("quoted %v, but %v", quote.Refusals, err)
	}
	if tolerate(t, "book", err) {
		s.made = append(s.made, b.ID)
	}
}

// some is a booking by anybody, with the manager's hand where that is needed.
func (s *life) some(t *rapid.T) (*booking.Booking, bool) {
	if len(s.made) == 0 {
		return nil, false
	}
	return s.read(t, rapid.SampledFrom(s.made).Draw(t, "booking")), true
}

func (s *life) move(t *rapid.T) {
	if b, ok := s.some(t); ok {
		_, err := s.w.service.Edit(s.w.Context(), s.who["mia"], booking.Change{Ref: b.Ref, Version: b.Version}, booking.Edit{Period: s.drawPeriod(t)})
		tolerate(t, "move", err)
	}
}

func (s *life) cancel(t *rapid.T) {
	if b, ok := s.some(t); ok {
		_, err := s.w.service.Cancel(s.w.Context(), s.who["mia"], booking.Change{Ref: b.Ref, Version: b.Version})
		tolerate(t, "cancel", err)
	}
}

// pass lets time go by: bookings begin and end, offers and alternatives run out.
func (s *life) pass(t *rapid.T) {
	now := s.w.clock().Add(time.Duration(rapid.IntRange(1, 36).Draw(t, "quarters pass")) * 15 * time.Minute)
	if now.Before(s.day.AddDate(0, 0, 3)) {
		s.w.set(now)
	}
	if b, ok := s.some(t); ok {
		_, err := s.w.service.CheckIn(s.w.Context(), s.who["mia"], booking.Change{Ref: b.Ref, Version: b.Version})
		tolerate(t, "check in", err)
	}
	if err := s.w.service.Sweep(s.w.Context()); err != nil {
		t.Fatal(err)
	}
}

func (s *life) series(t *rapid.T) {
	name, project := s.booker(t)
	in := booking.SeriesRequest{
		Request: booking.Request{Resources: []id.Resource{s.resource(t)}, Project: project, Period: s.drawPeriod(t)},
		Rule:    fmt.Sprintf("FREQ=DAILY;COUNT=%d", rapid.IntRange(2, 3).Draw(t, "count")),
		Accept:  rapid.SampledFrom([]booking.Accept{booking.AcceptAll, booking.AcceptFree}).Draw(t, "accept"),
	}
	made, err := s.w.service.RequestSeries(s.w.Context(), s.who[name], in)
	if tolerate(t, "series", err) {
		for _, b := range made.Bookings() {
			s.made = append(s.made, b.ID)
		}
	}
}

// ofSeries is a booking of a series, and how much of it is changed: moves and cancels of
// this one alone are drawn as those of any booking.
func (s *life) ofSeries(t *rapid.T) (*booking.Booking, booking.Scope, bool) {
	var list []*booking.Booking
	for _, b := range s.made {
		if b := s.read(t, b); b.Series != "" {
			list = append(list, b)
		}
	}
	if len(list) == 0 {
		return nil, "", false
	}
	scope := rapid.SampledFrom([]booking.Scope{booking.ScopeLater, booking.ScopeAll}).Draw(t, "scope")
	return rapid.SampledFrom(list).Draw(t, "of a series"), scope, true
}

func (s *life) editSeries(t *rapid.T) {
	if b, scope, ok := s.ofSeries(t); ok {
		shift := time.Duration(rapid.IntRange(-8, 8).Draw(t, "shift")) * 15 * time.Minute
		to := booking.Edit{Period: period.New(b.Period.Start.Add(shift), b.Period.End.Add(shift))}
		_, err := s.w.service.EditSeries(s.w.Context(), s.who["mia"], booking.Change{Ref: b.Ref, Version: b.Version}, scope, to)
		tolerate(t, "edit series", err)
	}
}

func (s *life) cancelSeries(t *rapid.T) {
	if b, scope, ok := s.ofSeries(t); ok {
		_, err := s.w.service.CancelSeries(s.w.Context(), s.who["mia"], booking.Change{Ref: b.Ref, Version: b.Version}, scope)
		tolerate(t, "cancel series", err)
	}
}

// save takes units down that are displaced; what the preview said comes of it.
func (s *life) save(t *rapid.T) {
	r, _ := s.facts.Catalogue.Resource(s.resource(t))
	name := fmt.Sprintf("Stopp %d", rapid.IntRange(0, 1000).Draw(t, "name"))
	wish := booking.OutageWish{Displace: rapid.IntRange(0, 3).Draw(t, "displace") > 0, Outage: facilities.Outage{
		Facility: "cell", Kind: facilities.Breakdown, Name: text.Text{SV: name, EN: name},
		Units: rapid.Permutation(r.Units).Draw(t, "units")[:1], Period: s.drawPeriod(t),
	}}
	if b, ok := s.some(t); ok && len(b.Units) > 0 && rapid.IntRange(0, 2).Draw(t, "hit") > 0 {
		wish.Outage.Units, wish.Outage.Period = b.Units, b.Period
	}
	preview, err := s.w.service.PreviewOutage(s.w.Context(), s.who["mia"], wish)
	if !tolerate(t, "preview", err) {
		return
	}
	plan, err := s.w.service.SaveOutage(s.w.Context(), s.who["mia"], wish)
	if !tolerate(t, "save", err) {
		if wish.Displace && !problem.Has(err, facilities.CodeOutageOverlaps) {
			t.Fatalf("previewed %v, but %v", outcomes(preview), err)
		}
		return
	}
	if got := outcomes(plan); !slices.Equal(got, outcomes(preview)) {
		t.Fatalf("previewed %v, and then %v", outcomes(preview), got)
	}
	s.down = append(s.down, plan.Outages...)
}

func (s *life) lift(t *rapid.T) {
	if len(s.down) > 0 {
		_, err := s.w.service.LiftOutage(s.w.Context(), s.who["mia"], rapid.SampledFrom(s.down).Draw(t, "outage").ID, false)
		tolerate(t, "lift", err)
	}
}

func (s *life) join(t *rapid.T) {
	name, project := s.booker(t)
	in := booking.WaitWish{Resources: []id.Resource{s.resource(t)}, Project: project, Period: s.drawPeriod(t)}
	if m := in.Period.Minutes(); m > 60 && rapid.Bool().Draw(t, "any time") {
		in.Minutes = 60
	}
	wait, err := s.w.service.JoinWaits(s.w.Context(), s.who[name], in)
	if tolerate(t, "join", err) {
		s.waits = append(s.waits, wait)
	}
}

// answer takes, turns down or leaves what one waits for. What is offered is there
// until its time to answer is over.
func (s *life) answer(t *rapid.T) {
	s.waits = slices.DeleteFunc(s.waits, func(wait *booking.Wait) bool {
		now, err := s.w.service.FindWait(s.w.Context(), s.who["mia"], wait.Ref)
		return err != nil || !now.Live()
	})
	if len(s.waits) == 0 {
		return
	}
	drawn := rapid.SampledFrom(s.waits).Draw(t, "wait")
	by := s.who["anna"]
	if drawn.Project == "rust" {
		by = s.who["rolf"]
	}
	now, err := s.w.service.FindWait(s.w.Context(), by, drawn.Ref)
	if err != nil {
		t.Fatal(err)
	}
	switch rapid.IntRange(0, 3).Draw(t, "answer") {
	case 0:
		_, err = s.w.service.LeaveWaits(s.w.Context(), by, now.Ref)
	case 1:
		_, err = s.w.service.DeclineOffer(s.w.Context(), by, now.Ref)
	default:
		var b *booking.Booking
		if b, err = s.w.service.AcceptOffer(s.w.Context(), by, now.Ref); err == nil {
			s.made = append(s.made, b.ID)
		} else if problem.Has(err, facilities.CodeSlotTaken) {
			t.Fatalf("offered %+v, but %v", now.Offer, err)
		}
	}
	tolerate(t, "answer", err)
}

// accept moves a displaced booking to what is held for it.
func (s *life) accept(t *rapid.T) {
	for _, b := range s.made {
		if b := s.read(t, b); b.State == booking.Displaced {
			_, err := s.w.service.AcceptAlternative(s.w.Context(), s.who["mia"], booking.Change{Ref: b.Ref, Version: b.Version})
			if tolerate(t, "accept", err); problem.Has(err, facilities.CodeSlotTaken) {
				t.Fatal(err)
			}
		}
	}
}

// tidy ends all that is left, or the next runs would find no money and a line.
func (s *life) tidy(t *rapid.T) {
	for _, b := range s.made {
		now := s.read(t, b)
		if _, err := s.w.service.Cancel(s.w.Context(), s.who["mia"], booking.Change{Ref: now.Ref, Version: now.Version}); err != nil {
			tolerate(t, "tidy", err)
		}
	}
	for _, wait := range s.waits {
		for _, name := range []string{"anna", "rolf"} {
			_, err := s.w.service.LeaveWaits(s.w.Context(), s.who[name], wait.Ref)
			var e *problem.Error
			if err != nil && !errors.As(err, &e) {
				t.Fatal(err)
			}
		}
	}
	s.w.work()
	if s.w.mustHold(); s.w.Failed() {
		t.FailNow()
	}
}
