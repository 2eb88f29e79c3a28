package facilities_test

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"rigg/facilities"
	"rigg/internal/id"
	"rigg/internal/period"
	"rigg/internal/problem"
)

func drawPeriod(t *rapid.T, in period.Period) period.Period {
	start := in.Start.Add(time.Duration(rapid.Int64Range(0, in.Minutes()-1).Draw(t, "start")) * time.Minute)
	longest := int64(in.End.Sub(start) / time.Minute)
	length := rapid.Int64Range(1, longest).Draw(t, "length")
	if rapid.Bool().Draw(t, "short") {
		length = min(length, 300)
	}
	return period.New(start, start.Add(time.Duration(length)*time.Minute))
}

func TestJudgeAndPickAgreeWithEachMinute(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		m := draw(t, 3)
		for range 40 {
			p := drawPeriod(t, m.window)
			if rapid.Bool().Draw(t, "on the hour") { // or the grid would refuse nearly all
				p = period.New(p.Start.Truncate(time.Hour), p.End.Truncate(time.Hour).Add(time.Hour))
			}
			refusals := m.Judge(p, m.now)
			if (len(refusals) == 0) != m.accepts(p) {
				t.Fatalf("%v: refusals %v, the minutes say %v\n%s", p, refusals, m.accepts(p), m)
			}
			units, ok := m.Pick(p, m.busy)
			if want := m.picks(p); ok != (want != nil) || ok && !slices.Equal(units, want) {
				t.Fatalf("%v: picked %v %v, the minutes say %v\n%s", p, units, ok, want, m)
			}
			if why := m.Unfree(p, m.busy); ok != (len(why) == 0) {
				t.Fatalf("%v: picked %v, but unfree says %v\n%s", p, ok, why, m)
			}
		}
	})
}

func TestFreeAgreesWithEachMinute(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		m := draw(t, 3)
		var want []period.Period
		for s := m.window.Start; s.Before(m.window.End); s = s.Add(time.Minute) {
			var ends []int // how far each unit is free from s on
			for _, u := range m.Units {
				end := m.nexts[u][m.index(s)-m.Rules.SetUp.Minutes] - m.Rules.CleanUp.Minutes
				ends = append(ends, min(end, m.index(m.window.End)))
			}
			slices.Sort(ends)
			need := m.Take
			if need == 0 {
				need = len(ends)
			}
			p := period.New(s, m.base.Add(time.Duration(ends[len(ends)-need])*time.Minute))
			if n := len(want); !p.Empty() && (n == 0 || p.End.After(want[n-1].End)) {
				want = append(want, p)
			}
		}
		if got := m.Free(m.window, m.busy); !slices.Equal(got, want) {
			t.Fatalf("free %v\nminutes %v\n%s", got, want, m)
		}
	})
}

func TestFirstFitsAgreesWithEachMinute(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		m := draw(t, 4)
		minutes := rapid.SampledFrom([]int{1, 10, 30, 45, 60, 90, 240, 480, 1500}).Draw(t, "length")
		n := rapid.IntRange(1, 50).Draw(t, "n")
		got, want := m.FirstFits(m.window, int64(minutes), m.busy, m.now, n), m.fits(m.window, minutes)
		for _, p := range got { // what is shown is never refused
			if why := m.Judge(p, m.now); len(why) > 0 {
				t.Fatalf("%v is proposed, but refused: %v\n%s", p, why, m)
			}
			if _, ok := m.Pick(p, m.busy); !ok {
				t.Fatalf("%v is proposed, but taken\n%s", p, m)
			}
		}
		if m.Rules.Step.Zero() { // not every minute is proposed then
			got, want = got[:min(1, len(got))], want[:min(1, len(want))]
		}
		if want = want[:min(n, len(want))]; !slices.Equal(got, want) {
			t.Fatalf("fits %v\nminutes %v\n%s", got, want, m)
		}
	})
}

func TestAlternativesAreTheNearest(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		m := draw(t, 4)
		m.window = m.window.Widen(0, 14*24*time.Hour)
		m.prepare()
		before := m.window.Start.Add(-10 * time.Hour) // nothing earlier is left to book
		m.now = before
		m.Rules.Horizon = period.Span{}
		wanted := drawPeriod(t, period.Period{Start: m.window.Start, End: m.window.Start.AddDate(0, 0, 4)})
		if rapid.Bool().Draw(t, "on the grid") {
			wanted.Start = wanted.Start.Truncate(time.Hour)
			wanted.End = wanted.Start.Add(time.Duration(wanted.Minutes()/60+1) * time.Hour)
		}
		got := facilities.Alternatives([]*facilities.Resource{m.Resource}, wanted, m.busy, m.now)
		for _, a := range got {
			if !m.accepts(a.Period) || m.picks(a.Period) == nil {
				t.Fatalf("wanted %v: %v cannot be booked\n%s", wanted, a, m)
			}
		}
		if m.noLengthOrGrid(wanted) {
			return // the nearest to what no booking can be is the table's
		}
		var want []facilities.Alternative
		for _, p := range m.fits(period.Period{Start: before, End: wanted.End.AddDate(0, 0, 14)}, int(wanted.Minutes())) {
			switch {
			case p.Start.Before(wanted.Start) && len(want) == 0:
				want = append(want, facilities.Alternative{Period: p, Reason: "earlier"})
			case p.Start.Before(wanted.Start):
				want[0].Period = p
			case p.Start.After(wanted.Start):
				want = append(want, facilities.Alternative{Period: p, Reason: "later"})
			}
			if n := len(want); n > 0 && want[n-1].Reason == "later" {
				break
			}
		}
		for end := wanted.End.Add(-time.Minute); end.After(wanted.Start); end = end.Add(-time.Minute) {
			if p := period.New(wanted.Start, end); m.accepts(p) && m.picks(p) != nil {
				want = append(want, facilities.Alternative{Period: p, Reason: "shorter"})
				break
			}
		}
		if !slices.Equal(got, want) {
			t.Fatalf("wanted %v\ngot %v\nminutes %v\n%s", wanted, got, want, m)
		}
	})
}

// noLengthOrGrid holds for a time that no booking of the resource can have.
func (m *model) noLengthOrGrid(p period.Period) bool {
	return slices.ContainsFunc(m.Judge(p, m.now), func(e *problem.Error) bool {
		return e.Code == facilities.CodeTooShort || e.Code == facilities.CodeTooLong || e.Code == facilities.CodeNotOnGrid
	})
}

func TestBookableHoldsAllThatCanBeBooked(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		m := draw(t, 3)
		stretches := m.Bookable(m.window, m.busy, m.now)
		minutes := rapid.SampledFrom([]int{10, 30, 60, 240, 480}).Draw(t, "length")
		for _, p := range m.fits(m.window, minutes) {
			if !slices.ContainsFunc(stretches, func(s period.Period) bool { return s.Contains(p) }) {
				t.Fatalf("%v can be booked, but is not in %v\n%s", p, stretches, m)
			}
		}
		for i, s := range stretches {
			if !m.onGrid(s.Start) || !m.onGrid(s.End) || s.Start.Before(m.now) || m.picks(s) == nil || !m.window.Contains(s) {
				t.Fatalf("%v cannot be a stretch\n%s", s, m)
			}
			if i > 0 && !s.End.After(stretches[i-1].End) {
				t.Fatalf("%v lies inside %v", s, stretches[i-1])
			}
		}
	})
}

// TestLineAndStations books a line that takes three stations, one of the
// stations, and a pool of two of them, in every order that rapid thinks of; no
// station is ever given twice.
func TestLineAndStations(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		m := draw(t, 2)
		resource := func(take int, units ...id.Unit) *facilities.Resource {
			r := *m.Resource
			r.Units, r.Take = units, take
			return &r
		}
		resources := []*facilities.Resource{resource(0, 1, 2, 3), resource(0, 2), resource(1, 2, 3), resource(2, 1, 2, 3, 4)}
		busy := facilities.Busy{}
		for range 60 {
			chosen := rapid.SliceOfNDistinct(rapid.IntRange(0, len(resources)-1), 1, 2, rapid.ID[int]).Draw(t, "resources")
			var together []*facilities.Resource
			for _, c := range chosen {
				together = append(together, resources[c])
			}
			p := drawPeriod(t, m.window)
			units, ok := facilities.PickAll(together, p, busy)
			if why := facilities.UnfreeAll(together, p, busy); ok != (len(why) == 0) {
				t.Fatalf("picked %v, but unfree says %v", ok, why)
			}
			if !ok {
				continue
			}
			for i, r := range together {
				for _, u := range units[i] {
					for _, taken := range busy[u] {
						if taken.Overlaps(r.Held(p)) {
							t.Fatalf("unit %d is given twice: %v and %v", u, taken, r.Held(p))
						}
					}
					busy[u] = append(busy[u], facilities.Taken{Period: r.Held(p)})
				}
			}
		}
	})
}

func TestFitAllProposesWhatAllCanGive(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		m := draw(t, 3)
		other := *m
		otherResource := *m.Resource
		other.Resource = &otherResource
		other.Rules.Step = period.Span{Minutes: rapid.SampledFrom([]int{1, 20, 30}).Draw(t, "other step")}
		m.Rules.Step = period.Span{Minutes: 10}
		other.Rules.SetUp = period.Span{Minutes: 5}
		other.Units, other.Take = m.Units[:1], 0
		other.prepare()
		both := []*facilities.Resource{m.Resource, other.Resource}
		var want []period.Period
		for _, p := range m.fits(m.window, 60) {
			if _, ok := facilities.PickAll(both, p, m.busy); ok && other.accepts(p) && other.picks(p) != nil {
				want = append(want, p)
			}
		}
		got := facilities.FitAll(both, m.window, 60, m.busy, m.now, len(want)+1)
		if !slices.Equal(got, want) {
			t.Fatalf("fits %v\nminutes %v\n%s", got, want, m)
		}
	})
}
