package booking

import (
	"time"

	"rigg/facilities"
	"rigg/internal/period"
	"rigg/internal/problem"
)

// Occurrence is one of the times that a series' rule gives.
type Occurrence struct {
	Day          period.Date // of the rule: its name within the series
	Starts, Ends time.Time   // by the site's clocks, written as if it were UTC
	Period       period.Period
	Twice        bool // the clocks show its start or end twice; the first is taken
}

// Skips holds for an occurrence whose start or end the clocks skip. It is no
// occurrence then, and none that a COUNT counts (RFC 5545 3.3.10).
func (o Occurrence) Skips() bool { return o.Period.Empty() }

// at places the occurrence in time. A booking over a clock change keeps its local
// end and so has its real length: an hour more or less than the others.
func (o Occurrence) at(zone *time.Location) Occurrence {
	start, twice, ok := period.First(o.Starts, zone)
	end, endTwice, endOK := period.First(o.Ends, zone)
	o.Period, o.Twice = period.Period{}, false
	if ok && endOK {
		o.Period, o.Twice = period.New(start, end), twice || endTwice
	}
	return o
}

// expand gives the occurrences of a rule in order, in local time: the first is p,
// the others have its clock times. Codes: invalid, too-many-occurrences.
func expand(rule string, p period.Period, zone *time.Location) ([]Occurrence, error) {
	r, err := parseRule(rule, zone)
	if err != nil {
		return nil, err
	}
	first := Occurrence{Starts: period.Wall(p.Start, zone), Ends: period.Wall(p.End, zone), Period: p}
	if !first.Ends.After(first.Starts) {
		return nil, badRule("Första tillfället slutar före sin början på klockan, för att klockan ställs tillbaka. Börja en annan dag.",
			"The first occurrence ends before it begins by the clock, because the clocks go back. Begin on another day.")
	}
	first.Day = period.DateOf(p.Start, zone)
	next, err := r.days(first.Day)
	if err != nil {
		return nil, err
	}
	var out []Occurrence
	for real := 0; r.count == 0 || real < r.count; {
		day, ok := next()
		if !ok && r.endsBefore(period.Latest) {
			break
		}
		if !ok {
			return nil, badRule("Serien går längre än till 2099.", "The series goes beyond 2099.")
		}
		if out == nil && day != first.Day {
			return nil, badRule("Första tillfället, %s, är inte en av regelns dagar; den första är %s.",
				"The first occurrence, %s, is not one of the rule's days; the first is %s.", first.Day, day)
		}
		o := first
		if out != nil {
			shift := day.UTC().Sub(first.Day.UTC())
			o = Occurrence{Day: day, Starts: first.Starts.Add(shift), Ends: first.Ends.Add(shift)}.at(zone)
		}
		if r.ended(o, zone) {
			break
		}
		if !o.Skips() {
			real++
		}
		if real > MaxOccurrences {
			return nil, tooMany()
		}
		out = append(out, o)
	}
	if out == nil {
		return nil, badRule("Serien slutar före sitt första tillfälle.", "The series ends before its first occurrence.")
	}
	return out, nil
}

// overlapsItself refuses times, in order, of which one's buffers meet those of
// the next: set-up and clean-up do not merge. Code: series-overlaps-itself.
func overlapsItself(resources []*facilities.Resource, times []period.Period, zone *time.Location) *problem.Error {
	for i := 1; i < len(times); i++ {
		for _, r := range resources {
			if r.Held(times[i-1]).Overlaps(r.Held(times[i])) {
				return overlap(times[i-1], times[i], zone)
			}
		}
	}
	return nil
}

func overlap(a, b period.Period, zone *time.Location) *problem.Error {
	const layout = "2006-01-02 15:04"
	return CodeSeriesOverlapsItself.Say(
		"Tillfället som slutar %s och det som börjar %s överlappar varandra, med ställtid och efterarbete inräknade. Korta tillfällena eller gör det längre mellan dem.",
		"The occurrence that ends at %s and the one that starts at %s overlap, set-up and clean-up included. Shorten them, or leave more time between them.",
		a.End.In(zone).Format(layout), b.Start.In(zone).Format(layout)).
		With("end", a.End).With("start", b.Start)
}

// noSuchTime is why an occurrence that the clocks skip is not booked.
func noSuchTime(o Occurrence, zone *time.Location) *problem.Error {
	for _, wall := range []time.Time{o.Starts, o.Ends} {
		if _, err := period.FromWall(wall, zone); problem.Has(err, period.CodeNoSuchLocalTime) {
			return problem.From(err)
		}
	}
	return &problem.Error{Code: period.CodeNoSuchLocalTime}
}
