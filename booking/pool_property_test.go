package booking_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"rigg/access"
	"rigg/booking"
	"rigg/facilities"
	"rigg/internal/database"
	"rigg/internal/id"
	"rigg/internal/period"
	"rigg/internal/problem"
	"rigg/internal/text"
)

// sequence is one run of random doings on the cell, in a day of its own.
type sequence struct {
	w       *world
	who     map[string]*access.Principal
	facts   *booking.Facts
	day     time.Time // local midnight, at which the run begins
	made    []id.Booking
	refused int
}

// TestRandomSequencesOnPools does what people do to pools that overlap, a line, a
// station and a furnace with its crew. Whatever the order: what is shown free and
// quoted without a refusal is booked, what is not is refused, nobody's booking but
// the one that was meant has changed, and every invariant holds.
func TestRandomSequencesOnPools(t *testing.T) {
	t.Parallel()
	w := setupPools(t)
	who := map[string]*access.Principal{"anna": w.who("anna"), "mia": w.who("mia")}
	facts, err := w.service.Facts(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	run := 0
	rapid.Check(t, func(t *rapid.T) {
		run++
		s := &sequence{w: w, who: who, facts: facts, day: local("2026-03-09T00:00").AddDate(0, 0, 2*(run%300))}
		w.set(s.day)
		s.request(t)
		for range rapid.IntRange(1, 9).Draw(t, "steps") {
			rapid.SampledFrom([]func(*rapid.T){
				s.request, s.request, s.request, s.move, s.cancel, s.checkIn, s.pin, s.outage,
			}).Draw(t, "step")(t)
		}
		s.unitsAreRight(t)
		if w.mustHold(); w.Failed() {
			t.FailNow()
		}
		for _, b := range s.made { // or the next runs would find no money
			_, err := w.service.Cancel(w.Context(), who["mia"], booking.Change{Ref: s.read(t, b).Ref})
			if err != nil && !problem.Has(err, booking.CodeWrongState) {
				t.Fatal(err)
			}
		}
	})
}

// set sets the clock.
func (w *world) set(t time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = t
}

func (s *sequence) drawPeriod(t *rapid.T) period.Period {
	start := s.day.Add(time.Duration(rapid.IntRange(20, 60).Draw(t, "quarter")) * 15 * time.Minute)
	return period.New(start, start.Add(time.Duration(rapid.IntRange(1, 16).Draw(t, "quarters"))*15*time.Minute))
}

func (s *sequence) draw(t *rapid.T) *booking.Booking {
	if len(s.made) == 0 {
		s.request(t)
	}
	if len(s.made) == 0 {
		t.Skip("nothing can be booked")
	}
	return s.read(t, rapid.SampledFrom(s.made).Draw(t, "booking"))
}

func (s *sequence) read(t *rapid.T, b id.Booking) *booking.Booking {
	out, err := s.w.service.FindByID(s.w.Context(), b)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// quietly does something about one booking, or none, and makes sure that all
// others are as they were but for which units they have.
func (s *sequence) quietly(t *rapid.T, about id.Booking, do func()) {
	others := slices.DeleteFunc(slices.Clone(s.made), func(b id.Booking) bool { return b == about })
	state := func() (out string) {
		err := s.w.db.Pool().QueryRow(s.w.Context(), `
			select coalesce(jsonb_agg(array[b.ref, b.version::text, b.state, b.starts_at::text, b.ends_at::text,
				(select count(*) from booking_history h where h.booking_id = b.id)::text,
				(select count(*) from allocations a where a.booking_id = b.id and a.active)::text] order by b.id), '[]')::text
			from bookings b where b.id = any($1)`, others).Scan(&out)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	before := state()
	do()
	if after := state(); before != after {
		t.Fatalf("others were %s and are %s", before, after)
	}
}

func (s *sequence) request(t *rapid.T) {
	resources := rapid.SliceOfNDistinct(rapid.SampledFrom([]id.Resource{"robots", "pairs", "first-robot", "both", "checked", "furnace", "crew"}),
		1, 2, rapid.ID[id.Resource]).Draw(t, "resources")
	in := booking.Request{Resources: resources, Project: "alloy", Period: s.drawPeriod(t)}
	q, err := s.w.service.Quote(s.w.Context(), s.who["anna"], in)
	if err != nil {
		t.Fatal(err)
	}
	_, fits, err := s.w.service.Availability(s.w.Context(), s.who["anna"], resources, in.Period, in.Period.Minutes())
	if err != nil || (len(fits) == 1) != (len(q.Refusals) == 0) {
		t.Fatalf("fits %v, %v, but quoted %v", fits, err, q.Refusals)
	}
	s.quietly(t, 0, func() {
		b, err := s.w.service.Request(s.w.Context(), s.who["anna"], in)
		var refused *booking.Refused
		if err != nil && !errors.As(err, &refused) || (err == nil) != (len(q.Refusals) == 0) {
			t.Fatalf("quoted %v, but %v", q.Refusals, err)
		}
		if s.refused++; err != nil && len(refused.Alternatives) > 0 && s.refused%4 == 0 { // what is offered instead can be had
			in.Period = refused.Alternatives[0].Period
			if b, err = s.w.service.Request(s.w.Context(), s.who["anna"], in); err != nil {
				t.Fatalf("offered %v, but %v", refused.Alternatives[0], err)
			}
		}
		if err == nil {
			s.made = append(s.made, b.ID)
		}
	})
}

// change does something to a booking, which may be refused.
func (s *sequence) change(t *rapid.T, by string, do func(context.Context, *access.Principal, booking.Change) (*booking.Booking, error),
	refusals ...problem.Code) {
	b := s.draw(t)
	s.quietly(t, b.ID, func() {
		_, err := do(s.w.Context(), s.who[by], booking.Change{Ref: b.Ref, Version: b.Version})
		known := func(code problem.Code) bool { return problem.Has(err, code) }
		if err != nil && !known(booking.CodeWrongState) && !slices.ContainsFunc(refusals, known) {
			t.Fatal(err)
		}
	})
}

func (s *sequence) move(t *rapid.T) {
	to := booking.Edit{Period: s.drawPeriod(t)}
	s.change(t, "anna", func(ctx context.Context, p *access.Principal, c booking.Change) (*booking.Booking, error) {
		return s.w.service.Edit(ctx, p, c, to)
	}, facilities.CodeSlotTaken, booking.CodeRefused)
}

func (s *sequence) cancel(t *rapid.T) { s.change(t, "anna", s.w.service.Cancel) }

// checkIn lets some time pass before.
func (s *sequence) checkIn(t *rapid.T) {
	now := s.w.clock().Add(time.Duration(rapid.IntRange(0, 120).Draw(t, "minutes pass")) * time.Minute)
	if now.Before(s.day.AddDate(0, 0, 1)) {
		s.w.set(now)
	}
	s.change(t, "anna", s.w.service.CheckIn)
}

func (s *sequence) pin(t *rapid.T) {
	b := s.draw(t)
	var named []string
	for _, r := range s.resources(b) {
		if rapid.Bool().Draw(t, "another") {
			for _, u := range rapid.Permutation(r.Units).Draw(t, "units")[:r.Needs()] {
				named = append(named, s.facts.Catalogue.UnitName(u))
			}
		}
	}
	s.quietly(t, b.ID, func() {
		_, err := s.w.service.Pin(s.w.Context(), s.who["mia"], booking.Change{Ref: b.Ref, Version: b.Version}, named)
		// Invalid: of two pools that share a unit too many may be named for one.
		for _, code := range []problem.Code{booking.CodeWrongState, facilities.CodeSlotTaken, problem.CodeInvalid} {
			if problem.Has(err, code) {
				return
			}
		}
		if err != nil {
			t.Fatal(err)
		}
	})
}

func (s *sequence) resources(b *booking.Booking) (out []*facilities.Resource) {
	for _, name := range b.Resources {
		r, _ := s.facts.Catalogue.Resource(name)
		out = append(out, r)
	}
	return out
}

func (s *sequence) outage(t *rapid.T) {
	r, _ := s.facts.Catalogue.Resource("robots")
	unit, p := rapid.SampledFrom(r.Units).Draw(t, "unit"), s.drawPeriod(t)
	s.quietly(t, 0, func() {
		err := s.w.db.Update(s.w.Context(), func(tx *database.Tx) error {
			_, err := facilities.PutOutage(tx, facilities.Outage{
				Facility: "cell", Name: text.Text{SV: "Service", EN: "Service"}, Units: []id.Unit{unit}, Period: p,
			})
			return err
		})
		if err != nil && !problem.Has(err, facilities.CodeBookingsInTheWay) && !problem.Has(err, facilities.CodeOutageOverlaps) {
			t.Fatal(err)
		}
	})
}

// unitsAreRight holds after every step: each booking has units of its resources,
// as many as these take.
func (s *sequence) unitsAreRight(t *rapid.T) {
	for _, b := range s.made {
		now := s.read(t, b)
		if now.State != booking.Confirmed && now.State != booking.InUse {
			continue
		}
		need, possible := 0, []id.Unit{}
		for _, r := range s.resources(now) {
			need, possible = need+r.Needs(), append(possible, r.Units...)
		}
		foreign := func(u id.Unit) bool { return !slices.Contains(possible, u) }
		if len(now.Units) != need || slices.ContainsFunc(now.Units, foreign) {
			t.Fatalf("%v has %v", now.Resources, now.Units)
		}
	}
}
