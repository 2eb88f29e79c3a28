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
func (f *Facility) Open(p period.Period) []period.Period {
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
		out = append(out, f.openAt(site, at)...)
	}
	return period.Merge(out)
}

func (f *Facility) openAt(site *Site, p period.Period) []period.Period {
	var out []period.Period
	for d := period.DateOf(p.Start, site.Zone); d.At(0, site.Zone).Before(p.End); d = d.Next(1) {
		if _, closed := f.ClosedOn(d, site); closed {
			continue
		}
		for _, r := range f.Hours.On(d.Weekday()) {
			out = append(out, period.New(d.At(r.From, site.Zone), d.At(r.To, site.Zone)).Clip(p))
		}
	}
	return out
}

// closedDay is one local day on which a booking meets closed time.
type closedDay struct {
	day     period.Date
	closure text.Text // its name; empty: the hours
	hours   []Range
}

func (f *Facility) closedDay(t time.Time) closedDay {
	site := f.SiteAt(t)
	day := period.DateOf(t, site.Zone)
	name, _ := f.ClosedOn(day, site)
	return closedDay{day, name, f.Hours.On(day.Weekday())}
}

// openAtStart and openAtEnd tell whether a booking may start, or end, at the
// instant: it must be open just after, or just before it.
func (f *Facility) openAtStart(t time.Time) bool {
	return len(f.Open(period.Period{Start: t, End: t.Add(time.Minute)})) > 0
}

func (f *Facility) openAtEnd(t time.Time) bool { return f.openAtStart(t.Add(-time.Minute)) }
