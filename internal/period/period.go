// Package period is time as Rigg keeps it: half-open periods of UTC instants in
// whole minutes, and the way between them and the local clocks and calendars of
// a site. It must never read a clock.
package period

import (
	"slices"
	"time"
	_ "time/tzdata" // zones are the same, and there, on a machine without any
)

// Period is the half-open time [Start, End).
type Period struct {
	Start, End time.Time
}

// New makes a period of UTC instants.
func New(start, end time.Time) Period { return Period{start.UTC(), end.UTC()} }

// Minutes is the elapsed length in whole minutes, counted between instants, so
// that a night with a clock change has its real length.
func (p Period) Minutes() int64 { return int64(p.End.Sub(p.Start) / time.Minute) }

// Empty holds when there is no time in the period.
func (p Period) Empty() bool { return !p.End.After(p.Start) }

// Overlaps holds when the two share time; touching periods do not.
func (p Period) Overlaps(q Period) bool { return p.Start.Before(q.End) && q.Start.Before(p.End) }

// Contains holds when all of q lies inside p.
func (p Period) Contains(q Period) bool { return !q.Start.Before(p.Start) && !q.End.After(p.End) }

// Has holds when the instant lies inside the period.
func (p Period) Has(t time.Time) bool { return !t.Before(p.Start) && t.Before(p.End) }

// Widen gives the period with time added before and after.
func (p Period) Widen(before, after time.Duration) Period {
	return Period{p.Start.Add(-before), p.End.Add(after)}
}

// Clip gives the part of p inside q, which may be empty.
func (p Period) Clip(q Period) Period {
	if p.Start.Before(q.Start) {
		p.Start = q.Start
	}
	if p.End.After(q.End) {
		p.End = q.End
	}
	return p
}

// Merge gives the same time as sorted periods that neither overlap nor touch.
func Merge(ps []Period) []Period {
	ps = slices.DeleteFunc(slices.Clone(ps), Period.Empty)
	slices.SortFunc(ps, func(a, b Period) int { return a.Start.Compare(b.Start) })
	out := ps[:0]
	for _, p := range ps {
		if n := len(out); n > 0 && !p.Start.After(out[n-1].End) {
			if p.End.After(out[n-1].End) {
				out[n-1].End = p.End
			}
			continue
		}
		out = append(out, p)
	}
	return out
}

// Subtract gives what is left of the periods outside the others, merged.
func Subtract(from, others []Period) []Period {
	from, others = Merge(from), Merge(others)
	if len(from) == 0 {
		return nil
	}
	out := make([]Period, 0, len(from)+len(others))
	for _, p := range from {
		for _, o := range others {
			if !o.Overlaps(p) {
				continue
			}
			if o.Start.After(p.Start) {
				out = append(out, Period{p.Start, o.Start})
			}
			p.Start = o.End
			if p.Empty() {
				break
			}
		}
		if !p.Empty() {
			out = append(out, p)
		}
	}
	return out
}

// Split cuts the period at the instants that lie strictly inside it; the cuts
// must be in order.
func (p Period) Split(cuts ...time.Time) []Period {
	var out []Period
	for _, c := range cuts {
		if c.After(p.Start) && c.Before(p.End) {
			out = append(out, Period{p.Start, c})
			p.Start = c
		}
	}
	return append(out, p)
}
