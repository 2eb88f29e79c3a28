package facilities

import (
	"slices"
	"time"

	"rigg/internal/period"
)

// alternativeReach is how far from the wanted time alternatives are looked for.
const alternativeReach = 14 * 24 * time.Hour

// Alternative is a time that could be booked instead, and in what it differs.
type Alternative struct {
	Period period.Period
	Reason string // earlier, later, shorter
}

// AlternativesWindow is the period for which LoadBusy has to be asked before
// Alternatives.
func AlternativesWindow(resources []*Resource, wanted period.Period) period.Period {
	return Reach(resources, withinReason(wanted).Widen(alternativeReach, alternativeReach))
}

// withinReason cuts what is longer than any booking can be: people can ask for
// a century.
func withinReason(p period.Period) period.Period {
	return p.Clip(period.Period{Start: p.Start, End: longest.After(p.Start, time.UTC)})
}

// Alternatives gives up to three times that could be booked now instead of the
// wanted one: the nearest earlier and the nearest later of the same length,
// within 14 days, and the longest shorter one with the same start. Where no
// booking can have the wanted grid or length, they are those nearest to it.
func Alternatives(resources []*Resource, wanted period.Period, busy Busy, now time.Time) []Alternative {
	if wanted.Empty() || len(resources) == 0 {
		return nil
	}
	b := newBoard(resources, busy)
	wanted = withinReason(wanted)
	possible := toGrid(resources, wanted)
	minutes := possible.Minutes()
	var out []Alternative
	add := func(p period.Period) {
		reason := "shorter"
		switch p.Start.Compare(wanted.Start) {
		case -1:
			reason = "earlier"
		case 1:
			reason = "later"
		}
		out = append(out, Alternative{p, reason})
	}
	before := period.Period{Start: possible.Start.Add(-alternativeReach), End: possible.End.Add(-time.Minute)}
	after := period.Period{Start: possible.Start.Add(time.Minute), End: possible.End.Add(alternativeReach)}
	if possible != wanted {
		before.End = possible.End
	}
	for p := range newSearch(resources, b, before, minutes, now).fits(true) {
		add(p)
		break
	}
	for p := range newSearch(resources, b, after, minutes, now).fits(false) {
		add(p)
		break
	}
	if slices.ContainsFunc(out, func(a Alternative) bool { return a.Period == possible }) {
		return out
	}
	if p, ok := shorter(resources, possible, b, now); ok {
		add(p)
	}
	return out
}

// toGrid is the wanted time as a booking could have it: out to the grid, and
// within the shortest and longest length.
func toGrid(resources []*Resource, wanted period.Period) period.Period {
	p := wanted
	for _, r := range resources {
		p.Start = r.gridAt(p.Start).floor(p.Start)
		p.End = r.gridAt(p.End).ceil(p.End)
		shortest, furthest := r.ends(p.Start)
		if p.End.Before(shortest) {
			p.End = r.gridAt(shortest).ceil(shortest)
		}
		if p.End.After(furthest) {
			p.End = r.gridAt(furthest).floor(furthest)
		}
	}
	if p.Empty() {
		return wanted // rules that no booking can meet
	}
	return p
}

// shorter looks for the longest booking with the wanted start and an earlier
// end: ends are tried from the back, in the stretches where all but the grid is
// known to allow them.
func shorter(resources []*Resource, wanted period.Period, b *board, now time.Time) (period.Period, bool) {
	for _, r := range resources {
		if len(r.judgeStart(wanted.Start, now)) > 0 || !r.gridAt(wanted.Start).has(wanted.Start) {
			return period.Period{}, false
		}
	}
	ends := []period.Period{{Start: wanted.Start.Add(time.Minute), End: wanted.End}}
	for _, r := range resources {
		ends = intersect(ends, r.endsFrom(wanted, b))
	}
	for i := len(ends) - 1; i >= 0; i-- {
		grid := resources[0].gridAt(wanted.Start)
		for end := grid.floor(ends[i].End.Add(-time.Minute)); ends[i].Has(end); end = grid.floor(end.Add(-time.Minute)) {
			p := period.New(wanted.Start, end)
			s := search{resources: resources, board: b}
			if s.suits(p) {
				return p, true
			}
		}
	}
	return period.Period{}, false
}

// endsFrom gives the instants before the wanted end at which a booking with the
// wanted start may end, grid aside.
func (r *Resource) endsFrom(wanted period.Period, b *board) []period.Period {
	shortest, furthest := r.ends(wanted.Start)
	out := []period.Period{upTo(shortest, furthest)}
	var free, open []period.Period
	for _, f := range b.free([]*Resource{r}, wanted) {
		if f.Has(wanted.Start) {
			free = append(free, upTo(f.Start.Add(time.Minute), f.End))
		}
	}
	if r.Rules.Closed == Span && !r.openAtStart(wanted.Start) {
		return nil
	}
	for _, o := range r.Open(wanted) {
		if r.Rules.Closed == Span || o.Has(wanted.Start) {
			open = append(open, upTo(o.Start.Add(time.Minute), o.End))
		}
	}
	return intersect(intersect(out, period.Merge(free)), period.Merge(open))
}
