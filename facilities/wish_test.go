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

// The model's own reading of a wish, minute by minute.
func grants(m *model, w facilities.Wish, p period.Period) bool {
	zone := m.Facility.Places[0].Site.Zone
	in := func(t time.Time) bool {
		local := t.In(zone)
		clock := local.Hour()*60 + local.Minute()
		if c := w.Clock; c.From < c.To {
			return c.From <= clock && clock < c.To
		}
		return clock >= w.Clock.From || clock < w.Clock.To
	}
	return (len(w.Weekdays) == 0 || slices.Contains(w.Weekdays, p.Start.In(zone).Weekday())) &&
		(w.Clock == facilities.Range{} || in(p.Start) && in(p.End.Add(-time.Minute)))
}

func TestFitsAgreeWithEachMinuteOfAWish(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		m := draw(t, 4)
		w := facilities.Wish{
			Window:   m.window,
			Minutes:  rapid.SampledFrom([]int64{1, 10, 30, 60, 90, 240, 480, 1500}).Draw(t, "length"),
			Weekdays: rapid.SliceOfDistinct(rapid.Map(rapid.IntRange(0, 6), func(d int) time.Weekday { return time.Weekday(d) }), rapid.ID[time.Weekday]).Draw(t, "weekdays"),
		}
		if rapid.Bool().Draw(t, "by the clock") { // not from or to what occurs twice or never: that has its own test
			times := rapid.Custom(func(t *rapid.T) int {
				return rapid.SampledFrom([]int{0, 90, 120, 180, 420, 480, 725, 960, 1140, 1320}).Draw(t, "time")
			})
			w.Clock = facilities.Range{From: times.Draw(t, "from"), To: times.Draw(t, "to")}
			if w.Clock.From == w.Clock.To {
				w.Clock.To = 1440
			}
		}
		var want []period.Period
		for _, p := range m.fits(m.window, int(w.Minutes)) {
			if grants(m, w, p) {
				want = append(want, p)
			}
		}
		n := rapid.IntRange(1, 50).Draw(t, "n")
		got := facilities.Fits([]*facilities.Resource{m.Resource}, w, m.busy, m.now, n)
		if m.Rules.Step.Zero() { // not every minute is proposed then
			got, want = got[:min(1, len(got))], want[:min(1, len(want))]
		}
		if want = want[:min(n, len(want))]; !slices.Equal(got, want) {
			t.Fatalf("fits %v\nminutes %v\nwish %+v\n%s", got, want, w, m)
		}
	})
}

// Weekday and clock are those of the place, on both days of a clock change and
// where the clocks are others.
func TestWishesAreInLocalTime(t *testing.T) {
	t.Parallel()
	night, evening := facilities.Range{From: 22 * 60, To: 6 * 60}, facilities.Range{From: 18 * 60, To: 24 * 60}
	sunday := []time.Weekday{time.Sunday}
	for _, c := range []struct {
		name, zone string
		wish       facilities.Wish
		from, to   string
		want       []string // the first starts
	}{
		{"the spring night is an hour short", "Europe/Stockholm", facilities.Wish{Minutes: 480, Clock: night},
			"2026-03-28T12:00", "2026-03-30T12:00", []string{"2026-03-29T22:00"}},
		{"and has room for seven hours", "Europe/Stockholm", facilities.Wish{Minutes: 420, Clock: night},
			"2026-03-28T12:00", "2026-03-30T12:00", []string{"2026-03-28T22:00", "2026-03-29T22:00"}},
		{"the autumn night an hour long", "Europe/Stockholm", facilities.Wish{Minutes: 540, Clock: night},
			"2026-10-24T12:00", "2026-10-26T12:00", []string{"2026-10-24T22:00"}},
		{"the hour that is not there", "Europe/Stockholm", facilities.Wish{Minutes: 60, Clock: facilities.Range{From: 120, To: 180}},
			"2026-03-28T00:00", "2026-03-31T00:00", []string{"2026-03-28T02:00", "2026-03-30T02:00"}},
		{"the hour that is there twice", "Europe/Stockholm", facilities.Wish{Minutes: 120, Clock: facilities.Range{From: 120, To: 180}},
			"2026-10-24T00:00", "2026-10-27T00:00", []string{"2026-10-25T02:00"}},
		{"Sunday in Stockholm", "Europe/Stockholm", facilities.Wish{Minutes: 60, Weekdays: sunday},
			"2026-10-23T00:00", "2026-10-29T00:00", []string{"2026-10-25T00:00"}},
		{"Sunday in New York begins when Stockholm's is a quarter over", "America/New_York", facilities.Wish{Minutes: 60, Weekdays: sunday},
			"2026-10-23T00:00", "2026-10-29T00:00", []string{"2026-10-25T05:00"}},
		{"evening in New York", "America/New_York", facilities.Wish{Minutes: 360, Clock: evening, Weekdays: sunday},
			"2026-10-23T00:00", "2026-10-29T00:00", []string{"2026-10-25T23:00"}}, // 18:00 there; Stockholm's clocks went back that night
		{"evening in India", "Asia/Kolkata", facilities.Wish{Minutes: 360, Clock: evening, Weekdays: sunday},
			"2026-10-23T00:00", "2026-10-29T00:00", []string{"2026-10-25T13:30"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			zone, err := time.LoadLocation(c.zone)
			if err != nil {
				t.Fatal(err)
			}
			f := &facilities.Facility{ID: "f", Places: []facilities.DatedSite{{Site: &facilities.Site{ID: "s", Zone: zone}}}}
			r := &facilities.Resource{ID: "r", Facility: f, Units: []id.Unit{1}, Rules: facilities.Rules{Closed: facilities.Refuse, Step: period.Span{Minutes: 30}}}
			c.wish.Window = between(t, c.from, c.to)
			var got []string
			for _, p := range facilities.FitsApart([]*facilities.Resource{r}, c.wish, nil, c.wish.Window.Start, 9) {
				got = append(got, p.Start.In(stockholm()).Format("2006-01-02T15:04"))
			}
			if n := len(c.want); len(got) < n || !slices.Equal(got[:n], c.want) || (n > 1 || c.wish.Weekdays == nil) && len(got) != n {
				t.Errorf("starts %v, want %v", got, c.want)
			}
		})
	}
}

func TestParseClockAndWeekdays(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		from, to string
		want     facilities.Range
		bad      bool
	}{
		{"", "", facilities.Range{}, false},
		{"08:00", "16:00", facilities.Range{From: 480, To: 960}, false},
		{"08:00", "", facilities.Range{From: 480, To: 1440}, false},
		{"", "16:00", facilities.Range{To: 960}, false},
		{"22:00", "00:00", facilities.Range{From: 1320, To: 1440}, false},
		{"22:00", "24:00", facilities.Range{From: 1320, To: 1440}, false},
		{"22:00", "06:00", facilities.Range{From: 1320, To: 360}, false},
		{"8", "16:00", facilities.Range{}, true},
		{"08:00", "24:01", facilities.Range{}, true},
		{"08:60", "", facilities.Range{}, true},
	} {
		got, err := facilities.ParseClock(c.from, c.to)
		if got != c.want || problem.Has(err, problem.CodeInvalid) != c.bad {
			t.Errorf("%s to %s: %v, %v", c.from, c.to, got, err)
		}
	}
	days, err := facilities.ParseWeekdays([]string{"sun", "mon"})
	if err != nil || !slices.Equal(days, []time.Weekday{time.Sunday, time.Monday}) {
		t.Errorf("%v, %v", days, err)
	}
	if _, err := facilities.ParseWeekdays([]string{"mon", "Sunday"}); !problem.Has(err, problem.CodeInvalid) {
		t.Error(err)
	}
}
