package facilities

import (
	"iter"
	"slices"
	"time"

	"rigg/internal/period"
)

// Wish is when somebody wants to come.
type Wish struct {
	Window   period.Period
	Minutes  int64          // the length of the booking
	Weekdays []time.Weekday // of the start, where it happens; none: any
	Clock    Range          // of the local clock, in which the booking starts and ends; From after To is over midnight; zero: any
}

// FitsApart gives the first n times that suit the wish and that FirstFits would
// give too, without those that overlap an earlier one: three proposals half an
// hour apart would be one choice, not three. Several resources are booked
// together.
func FitsApart(resources []*Resource, w Wish, busy Busy, now time.Time, n int) []period.Period {
	s := w.search(resources, busy, now)
	var out []period.Period
	for len(out) < n {
		p, ok := first(s.fits(false))
		if !ok {
			break
		}
		out = append(out, p)
		s.starts = intersect(s.starts, []period.Period{{Start: p.End, End: period.Latest}})
	}
	return out
}

// Fits gives the first n times that suit the wish, as FitAll does.
func Fits(resources []*Resource, w Wish, busy Busy, now time.Time, n int) []period.Period {
	var out []period.Period
	for p := range w.search(resources, busy, now).fits(false) {
		if len(out) == n {
			break
		}
		out = append(out, p)
	}
	return out
}

func first(fits iter.Seq[period.Period]) (period.Period, bool) {
	for p := range fits {
		return p, true
	}
	return period.Period{}, false
}

func (w Wish) search(resources []*Resource, busy Busy, now time.Time) *search {
	s := newSearch(resources, newBoard(resources, busy), w.Window, w.Minutes, now)
	if len(s.starts) > 0 && (len(w.Weekdays) > 0 || w.Clock != Range{}) {
		s.starts = intersect(s.starts, w.starts(resources[0].Facility, s.starts))
	}
	return s
}

// starts gives the instants within the stretches at which a booking may start as
// regards weekday and clock. They are the opening hours that the asker wishes the
// facility had, so that clock changes and moves are as they are for those.
func (w Wish) starts(f *Facility, within []period.Period) []period.Period {
	reach := period.Period{Start: within[0].Start, End: within[len(within)-1].End}
	length := elapsed(w.Minutes)
	starts := f.asIf(w.hours(w.Weekdays)).Open(reach)
	var ends []period.Period
	for _, o := range f.asIf(w.hours(nil)).Open(period.Period{Start: reach.Start, End: reach.End.Add(length)}) {
		ends = append(ends, upTo(o.Start.Add(time.Minute-length), o.End.Add(-length)))
	}
	return intersect(starts, period.Merge(ends))
}

// asIf is a facility in the same places with other hours and no closures.
func (f *Facility) asIf(h Hours) *Facility {
	out := &Facility{Places: slices.Clone(f.Places), Hours: h}
	for i, p := range out.Places {
		site := *p.Site
		site.Closures = nil
		out.Places[i].Site = &site
	}
	return out
}

// hours are the wished hours on the weekdays; none: on all.
func (w Wish) hours(days []time.Weekday) (out Hours) {
	ranges := []Range{w.Clock}
	switch c := w.Clock; {
	case c == Range{}:
		ranges = []Range{{0, dayMinutes}}
	case c.From >= c.To:
		ranges = []Range{{0, c.To}, {c.From, dayMinutes}}
		if c.To == 0 {
			ranges = ranges[1:]
		}
	}
	for d := range out {
		if len(days) == 0 || slices.Contains(days, time.Weekday(d)) {
			out[d] = ranges
		}
	}
	return out
}

// ParseClock reads a wished stretch of the local clock from two times such as
// 07:30; an empty one is the day's own end, and of both empty ones nothing is
// wished. Code: invalid.
func ParseClock(from, to string) (Range, error) {
	if from == "" && to == "" {
		return Range{}, nil
	}
	out := Range{0, dayMinutes}
	for _, end := range []struct {
		said string
		into *int
	}{{from, &out.From}, {to, &out.To}} {
		if end.said == "" {
			continue
		}
		if *end.into = minuteOfDay(end.said); *end.into < 0 {
			return Range{}, badHours("Skriv klockslaget som 07:30; %q går inte.", "Write the time of day as 07:30; %q cannot be read.", end.said)
		}
	}
	if out.To == 0 {
		out.To = dayMinutes // the midnight that ends the day
	}
	return out, nil
}

// ParseWeekdays reads days as rigg load writes them, from mon to sun. Code: invalid.
func ParseWeekdays(words []string) (out []time.Weekday, err error) {
	for _, word := range words {
		p := slices.Index(weekdays, word)
		if p < 0 {
			return nil, badHours("Skriv veckodagen som mon, tue, wed, thu, fri, sat eller sun; %q går inte.",
				"Write the weekday as mon, tue, wed, thu, fri, sat or sun; %q cannot be read.", word)
		}
		out = append(out, weekday(p))
	}
	return out, nil
}

// WeekdayWords are the words of ParseWeekdays, from Monday.
func WeekdayWords() []string { return slices.Clone(weekdays) }
