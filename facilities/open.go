package facilities

import (
	"time"

	"rigg/internal/period"
	"rigg/internal/text"
)

// Open gives the stretches of p in which the facility is open: its hours by the
// local clock, closures taken out, in order and merged, so that a night that is
// open to 24:00 and from 00:00 is one stretch. An hour that a clock change
// skips is not there; one that it repeats is open both times, if the hours
// begin before it and end after it.
func (f *Facility) Open(p period.Period) []period.Period { return f.open(p, f.rangesOn) }

// Open is the facility's Open for a resource with hours of its own, such as an
// operator with a shift calendar. A closure of the facility or site closes it
// too; a shift says when it is open on its day whatever else is the case.
func (r *Resource) Open(p period.Period) []period.Period { return r.Facility.open(p, r.rangesOn) }

// rangesOn gives when it is open on a local day.
func (f *Facility) rangesOn(d period.Date, site *Site) []Range {
	if _, closed := f.ClosedOn(d, site); closed {
		return nil
	}
	return f.Hours.On(d.Weekday())
}

func (r *Resource) rangesOn(d period.Date, site *Site) []Range {
	if shift, ok := r.Shifts[d]; ok {
		return shift
	}
	if _, closed := r.Facility.ClosedOn(d, site); closed || r.Hours == nil {
		return r.Facility.rangesOn(d, site)
	}
	return r.Hours.On(d.Weekday())
}

// ownHours tells whether the resource keeps other hours than its facility.
func (r *Resource) ownHours() bool { return r.Hours != nil || len(r.Shifts) > 0 }

func (f *Facility) open(p period.Period, rangesOn func(period.Date, *Site) []Range) []period.Period {
	var out []period.Period
	for at := p; !at.Empty(); at = (period.Period{Start: at.End, End: p.End}) {
		i := f.placeAt(at.Start)
		site := f.Places[i].Site
		if i+1 < len(f.Places) { // it may move away within p
			next := f.Places[i+1]
			if moves := next.From.At(0, next.Site.Zone); moves.Before(at.End) {
				at.End = moves
			}
		}
		out = append(out, openAt(site, at, rangesOn)...)
	}
	return period.Merge(out)
}

func openAt(site *Site, p period.Period, rangesOn func(period.Date, *Site) []Range) []period.Period {
	var out []period.Period
	for d := period.DateOf(p.Start, site.Zone); d.At(0, site.Zone).Before(p.End); d = d.Next(1) {
		for _, r := range rangesOn(d, site) {
			out = append(out, period.New(d.At(r.From, site.Zone), d.At(r.To, site.Zone)).Clip(p))
		}
	}
	return out
}

// closedDay is one local day on which a booking meets closed time.
type closedDay struct {
	day      period.Date
	closure  text.Text // its name; empty: the hours
	hours    []Range
	resource *Resource // whose hours they are; nil: the facility's
}

func (r *Resource) closedDay(t time.Time) closedDay {
	site := r.Facility.SiteAt(t)
	day := period.DateOf(t, site.Zone)
	c := closedDay{day: day, hours: r.rangesOn(day, site)}
	if _, shift := r.Shifts[day]; !shift {
		c.closure, _ = r.Facility.ClosedOn(day, site)
	}
	if r.ownHours() {
		c.resource = r
	}
	return c
}

// openAtStart and openAtEnd tell whether a booking may start, or end, at the
// instant: it must be open just after, or just before it.
func (r *Resource) openAtStart(t time.Time) bool {
	return len(r.Open(period.Period{Start: t, End: t.Add(time.Minute)})) > 0
}

func (r *Resource) openAtEnd(t time.Time) bool { return r.openAtStart(t.Add(-time.Minute)) }
