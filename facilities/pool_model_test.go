package facilities_test

import (
	"fmt"
	"math/bits"
	"slices"
	"time"

	"pgregory.net/rapid"

	"rigg/facilities"
	"rigg/internal/id"
	"rigg/internal/period"
	"rigg/internal/text"
)

// hall is a facility of pools, which may overlap, and composite lines, with an
// hour of time around which everything is taken minute by minute: each unit's
// minutes are the bits of one number. What is free is found by trying every
// assignment that there is.
type hall struct {
	resources []*facilities.Resource
	units     []id.Unit
	base      time.Time

	fixed  map[id.Unit]uint64 // pinned, in use, out of service, or of a line
	down   map[id.Unit]uint64 // the part of it that is out of service
	claims []*claim
}

// claim is a booking of a pool, or a hold, whose units are provisional.
type claim struct {
	facilities.Claim
	pool *facilities.Resource
	time uint64
	has  []id.Unit
}

func drawHall(t *rapid.T) *hall {
	h := &hall{base: eras[2], fixed: map[id.Unit]uint64{}, down: map[id.Unit]uint64{}}
	for u := range rapid.IntRange(2, 4).Draw(t, "units") {
		h.units = append(h.units, id.Unit(u+1))
	}
	site := &facilities.Site{ID: "site", Zone: stockholm()}
	f := &facilities.Facility{ID: "facility", Places: []facilities.DatedSite{{Site: site}}}
	buffer := func(name string) period.Span {
		return period.Span{Minutes: rapid.SampledFrom([]int{0, 0, 3}).Draw(t, name)}
	}
	for i := range rapid.IntRange(1, 4).Draw(t, "resources") {
		r := &facilities.Resource{ID: id.Resource(fmt.Sprintf("r%d", i)), Facility: f, Name: text.Text{SV: "Ugn", EN: "Furnace"}}
		r.Units = rapid.SliceOfNDistinct(rapid.SampledFrom(h.units), 1, len(h.units), rapid.ID[id.Unit]).Draw(t, "of")
		slices.Sort(r.Units)
		r.Take = rapid.IntRange(0, len(r.Units)).Draw(t, "take")
		r.Rules = facilities.Rules{Closed: facilities.Refuse, SetUp: buffer("set-up"), CleanUp: buffer("clean-up")}
		h.resources = append(h.resources, r)
	}
	f.Resources = h.resources
	for range rapid.IntRange(0, 10).Draw(t, "bookings and outages") {
		h.take(t)
	}
	return h
}

// take draws one thing more that takes units, where there is room.
func (h *hall) take(t *rapid.T) {
	p := h.drawPeriod(t)
	if rapid.IntRange(0, 4).Draw(t, "outage") == 0 {
		u := rapid.SampledFrom(h.units).Draw(t, "unit")
		if m := h.minutes(p); h.occupied(u)&m == 0 {
			h.fixed[u], h.down[u] = h.fixed[u]|m, h.down[u]|m
		}
		return
	}
	r := rapid.SampledFrom(h.resources).Draw(t, "resource")
	if h.outside(r.Held(p)) {
		return
	}
	units, moves, ok := facilities.Place([]*facilities.Resource{r}, p, h.busy())
	if !ok || len(h.claims) == 6 {
		return
	}
	h.apply(t, moves)
	held := h.minutes(r.Held(p))
	if r.Provisional() && rapid.IntRange(0, 3).Draw(t, "pinned") > 0 {
		c := &claim{pool: r, time: held, has: units[0], Claim: facilities.Claim{Resource: r.ID, Booking: id.Booking(len(h.claims) + 1)}}
		if rapid.IntRange(0, 5).Draw(t, "a hold") == 0 {
			c.Booking, c.Hold = 0, id.Hold(len(h.claims)+1)
		}
		h.claims = append(h.claims, c)
		return
	}
	for _, u := range units[0] {
		h.fixed[u] |= held
	}
}

func (h *hall) drawPeriod(t *rapid.T) period.Period {
	from := rapid.IntRange(0, 59).Draw(t, "from")
	return h.between(from, min(60, from+rapid.IntRange(1, 25).Draw(t, "minutes")))
}

func (h *hall) between(from, to int) period.Period {
	at := func(minute int) time.Time { return h.base.Add(time.Duration(minute) * time.Minute) }
	return period.New(at(from), at(to))
}

func (h *hall) outside(p period.Period) bool { return !h.between(0, 60).Contains(p) }

// minutes are the bits of a period within the hour.
func (h *hall) minutes(p period.Period) (m uint64) {
	for i := range 60 {
		if p.Has(h.base.Add(time.Duration(i) * time.Minute)) {
			m |= 1 << i
		}
	}
	return m
}

// period is the inverse for minutes in a row.
func (h *hall) period(m uint64) period.Period {
	return h.between(bits.TrailingZeros64(m), 64-bits.LeadingZeros64(m))
}

// runs are the stretches in a row.
func (h *hall) runs(m uint64) (out []period.Period) {
	for m != 0 {
		from := bits.TrailingZeros64(m)
		to := from + bits.TrailingZeros64(^(m >> from))
		out = append(out, h.between(from, to))
		m &^= (1<<to - 1)
	}
	return out
}

func (h *hall) occupied(u id.Unit) uint64 {
	m := h.fixed[u]
	for _, c := range h.claims {
		if slices.Contains(c.has, u) {
			m |= c.time
		}
	}
	return m
}

// busy is the hall as LoadBusy would read it.
func (h *hall) busy() facilities.Busy {
	out := facilities.Busy{}
	for _, u := range h.units {
		for _, p := range h.runs(h.fixed[u] &^ h.down[u]) {
			out[u] = append(out[u], facilities.Taken{Period: p})
		}
		for _, p := range h.runs(h.down[u]) {
			out[u] = append(out[u], facilities.Taken{Period: p, Down: text.Text{SV: "Service", EN: "Service"}})
		}
	}
	for _, c := range h.claims {
		for _, u := range c.has {
			out[u] = append(out[u], facilities.Taken{Period: h.period(c.time), Claim: c.Claim})
		}
	}
	for _, taken := range out {
		slices.SortFunc(taken, func(a, b facilities.Taken) int { return a.Start.Compare(b.Start) })
	}
	return out
}

// apply exchanges units, and fails where that breaks any promise.
func (h *hall) apply(t *rapid.T, moves []facilities.Move) {
	for _, m := range moves {
		i := slices.IndexFunc(h.claims, func(c *claim) bool { return c.Claim == m.Claim })
		if i < 0 {
			t.Fatalf("%+v moves what is not provisional\n%s", m, h)
		}
		c := h.claims[i]
		if h.minutes(m.Period) != c.time || len(m.From) != len(m.To) {
			t.Fatalf("%+v changes more than units\n%s", m, h)
		}
		for _, u := range m.From {
			at := slices.Index(c.has, u)
			if at < 0 {
				t.Fatalf("%+v takes away what it has not\n%s", m, h)
			}
			c.has = slices.Delete(slices.Clone(c.has), at, at+1)
		}
		c.has = append(c.has, m.To...)
		for _, u := range m.To {
			if !slices.Contains(c.pool.Units, u) {
				t.Fatalf("%+v gives a unit of another pool\n%s", m, h)
			}
		}
	}
	for _, u := range h.units {
		taken := h.fixed[u]
		for _, c := range h.claims {
			if slices.Contains(c.has, u) {
				if taken&c.time != 0 {
					t.Fatalf("unit %d is given twice\n%s", u, h)
				}
				taken |= c.time
			}
		}
	}
}

// room tells whether there is any assignment at all in which the resources get
// their units for p.
func (h *hall) room(resources []*facilities.Resource, p period.Period) bool {
	taken := make([]uint64, len(h.units)+1)
	for _, u := range h.units {
		taken[u] = h.fixed[u]
	}
	type wish struct {
		units []id.Unit
		need  int
		time  uint64
	}
	var wishes []wish
	for _, r := range resources {
		need := r.Take
		if need == 0 {
			need = len(r.Units)
		}
		wishes = append(wishes, wish{r.Units, need, h.minutes(r.Held(p))})
	}
	for _, c := range h.claims {
		wishes = append(wishes, wish{c.pool.Units, len(c.has), c.time})
	}
	var try func(i, from, n int) bool
	try = func(i, from, n int) bool {
		if i == len(wishes) {
			return true
		}
		w := wishes[i]
		if n == w.need {
			return try(i+1, 0, 0)
		}
		for at := from; at < len(w.units); at++ {
			if u := w.units[at]; taken[u]&w.time == 0 {
				taken[u] |= w.time
				if try(i, at+1, n+1) {
					return true
				}
				taken[u] &^= w.time
			}
		}
		return false
	}
	return try(0, 0, 0)
}

// String shows a failed case.
func (h *hall) String() string {
	out := ""
	for _, r := range h.resources {
		out += fmt.Sprintf("%s takes %d of %v, buffers %v %v\n", r.ID, r.Take, r.Units, r.Rules.SetUp, r.Rules.CleanUp)
	}
	for _, u := range h.units {
		out += fmt.Sprintf("unit %d: %060b\n", u, bits.Reverse64(h.fixed[u])>>4)
	}
	for _, c := range h.claims {
		out += fmt.Sprintf("%v has %v: %060b\n", c.Claim, c.has, bits.Reverse64(c.time)>>4)
	}
	return out
}
