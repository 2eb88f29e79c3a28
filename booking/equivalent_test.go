package booking_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"rigg/booking"
	"rigg/internal/id"
)

// instead says what is proposed to Anna for a request.
func (w *world) instead(in booking.Request) (out []string) {
	w.Helper()
	q, err := w.service.Quote(w.Context(), w.who("anna"), in)
	if err != nil {
		w.Fatal(err)
	}
	for _, a := range q.Alternatives {
		out = append(out, fmt.Sprint(a.Reason, " ", a.Names()))
		if a.Reason != booking.ReasonEquivalent {
			continue
		}
		if a.Period != in.Period || a.Cost == nil {
			w.Errorf("%v at %v for %+v", a.Names(), a.Period, a.Cost)
		}
		in := in
		in.Resources = a.Names()
		if q, err := w.service.Quote(w.Context(), w.who("anna"), in); err != nil || len(q.Refusals) > 0 {
			w.Errorf("%v is proposed, but refused: %v %v", a.Names(), q.Refusals, err)
		}
	}
	return out
}

func TestEquivalents(t *testing.T) {
	t.Parallel()
	can := []string{"pressing", "milling"}
	in := want("press", "2026-03-10T08:00", "2026-03-10T12:00")
	times := []string{"earlier [press]", "later [press]"}
	for _, c := range []struct {
		name   string
		able   map[id.Resource][]string
		taken  []id.Resource
		first  []string // before the other times
		asking []id.Resource
	}{
		{"none can do as much", map[id.Resource][]string{"press": can, "tower": {"pressing"}}, nil, nil, nil},
		{"without capabilities nothing is equivalent", map[id.Resource][]string{"tower": can}, nil, nil, nil},
		{"one at the facility", map[id.Resource][]string{"press": can, "tower": append(can, "more"), "oven": can}, nil, []string{"equivalent [tower]"}, nil},
		{"the cheaper of two", map[id.Resource][]string{"press": can, "tower": can, "robot": can}, nil, []string{"equivalent [robot]"}, nil},
		{"not one that is taken", map[id.Resource][]string{"press": can, "tower": can, "robot": can}, []id.Resource{"robot"}, []string{"equivalent [tower]"}, nil},
		{"at another facility where there is none", map[id.Resource][]string{"press": can, "oven": can}, nil, []string{"equivalent [oven]"}, nil},
		{"not one without a price", map[id.Resource][]string{"press": can, "unpriced": can}, nil, nil, nil},
		{"not one that Anna may not use", map[id.Resource][]string{"press": can, "laser": can}, nil, nil, nil},
		{"one whose rules allow the time", map[id.Resource][]string{"press": can, "lathe": can}, nil, []string{"equivalent [lathe]"}, nil},
		{"one of two gives way, at the same facility", map[id.Resource][]string{"press": can, "tower": can, "oven": can}, nil,
			[]string{"equivalent [tower bed]"}, []id.Resource{"press", "bed"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := setup(t)
			w.able(c.able)
			w.rival("press", "2026-03-10T08:00", "2026-03-10T12:00")
			for _, r := range c.taken {
				w.rival(r, "2026-03-10T11:00", "2026-03-10T13:00")
			}
			in := in
			others := times
			if c.asking != nil {
				in.Resources = c.asking
				others = []string{"earlier [press bed]", "later [press bed]"}
			}
			if got := w.instead(in); !slices.Equal(got, slices.Concat(c.first, others)) {
				t.Errorf("instead %v, want %v first", got, c.first)
			}
		})
	}
}

// A booking is moved within its facility alone, and the three are never more.
func TestEquivalentsOfAMove(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.able(map[id.Resource][]string{"press": {"pressing"}, "tower": {"pressing"}, "robot": {"pressing"}, "oven": {"pressing"}})
	b := w.book("press", "2026-03-11T08:00", "2026-03-11T12:00")
	w.rival("press", "2026-03-10T08:00", "2026-03-10T12:00")
	w.rival("robot", "2026-03-10T08:00", "2026-03-10T12:00")
	refused := func() (r *booking.Refused) {
		t.Helper()
		_, err := w.edit(b, booking.Edit{Period: between("2026-03-10T09:00", "2026-03-10T13:00")})
		if !errors.As(err, &r) {
			t.Fatal(err)
		}
		return r
	}
	if r := refused(); len(r.Alternatives) != 3 || r.Alternatives[0].Reason != booking.ReasonEquivalent || r.Alternatives[0].Names()[0] != "tower" {
		t.Errorf("%+v", r.Alternatives)
	}
	w.rival("tower", "2026-03-10T08:00", "2026-03-10T12:00")
	if r := refused(); slices.ContainsFunc(r.Alternatives, func(a booking.Alternative) bool { return a.Reason == booking.ReasonEquivalent }) {
		t.Errorf("to another facility: %+v", r.Alternatives)
	}
}
