package facilities_test

import (
	"math"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"rigg/facilities"
	"rigg/internal/id"
	"rigg/internal/period"
)

// TestWhatIsShownCanBeBooked compares FirstFits with Judge and Pick themselves,
// with rules in local days, which the model of minutes does not know.
func TestWhatIsShownCanBeBooked(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		m := draw(t, 3)
		days := func(name string, n ...int) period.Span {
			return period.Span{Days: rapid.SampledFrom(n).Draw(t, name)}
		}
		m.Rules.Min, m.Rules.Max = days("min", 0, 1, 2), days("max", 0, 1, 2)
		m.Rules.Notice, m.Rules.Horizon = days("notice", 0, 1), days("horizon", 0, 1, 2)
		m.Rules.Step = period.Span{Minutes: rapid.SampledFrom([]int{30, 60}).Draw(t, "step")}
		minutes := rapid.SampledFrom([]int64{60, 23 * 60, 24 * 60, 25 * 60, 47 * 60, 48 * 60, 49 * 60}).Draw(t, "length")
		var want []period.Period
		for s := m.window.Start.Truncate(30 * time.Minute); s.Before(m.window.End); s = s.Add(30 * time.Minute) {
			p := period.New(s, s.Add(time.Duration(minutes)*time.Minute))
			if _, ok := m.Pick(p, m.busy); ok && m.window.Contains(p) && len(m.Judge(p, m.now)) == 0 {
				want = append(want, p)
			}
		}
		if got := m.FirstFits(m.window, minutes, m.busy, m.now, len(want)+1); !slices.Equal(got, want) {
			t.Fatalf("fits %v\njudged %v\n%s", got, want, m)
		}
		var apart []period.Period
		for _, p := range want {
			if n := len(apart); n < 3 && (n == 0 || !p.Start.Before(apart[n-1].End)) {
				apart = append(apart, p)
			}
		}
		if got := facilities.FitsApart([]*facilities.Resource{m.Resource}, m.window, minutes, m.busy, m.now, 3); !slices.Equal(got, apart) {
			t.Fatalf("apart %v\nwant %v\n%s", got, apart, m)
		}
	})
}

func TestFitsOfTheDay(t *testing.T) {
	t.Parallel()
	pool := office(t, spans(t, map[string]string{"step": "30m"}))
	pool.Units, pool.Take = []id.Unit{1, 2}, 1
	busy := facilities.Busy{
		1: {{Period: between(t, "2026-04-28T12:00", "2026-04-29T00:00")}},
		2: {{Period: between(t, "2026-04-28T00:00", "2026-04-28T10:00")}, {Period: between(t, "2026-04-28T15:10", "2026-04-28T16:00")}},
	}
	window, now := between(t, "2026-04-28T00:00", "2026-04-29T00:00"), local(t, "2026-04-20T09:00")
	cases := []struct {
		name    string
		minutes int64
		n       int
		want    []string
	}{
		{"from the opening", 60, 2, []string{"07:00", "07:30"}},
		{"on one unit, never from one to the other", 300, 9, []string{"07:00", "10:00"}},
		{"too long for either", 330, 9, nil},
		{"none asked for", 60, 0, nil},
		{"no length", 0, 1, nil},
		{"a negative length", -60, 1, nil},
		{"more than there is", math.MaxInt64, 1, nil},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, p := range pool.FirstFits(window, c.minutes, busy, now, c.n) {
				got = append(got, p.Start.In(stockholm()).Format("15:04"))
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("fits %v, want %v", got, c.want)
			}
		})
	}
	want := []period.Period{ // 10:00–12:00 is in both, and so not told apart; 15:10 is between two steps
		between(t, "2026-04-28T07:00", "2026-04-28T12:00"),
		between(t, "2026-04-28T10:00", "2026-04-28T15:00"),
		between(t, "2026-04-28T16:00", "2026-04-28T19:00"),
	}
	if got := pool.Bookable(window, busy, now); !slices.Equal(got, want) {
		t.Errorf("bookable %v, want %v", got, want)
	}
}

func TestStretchesNestedInOthersAreDropped(t *testing.T) {
	t.Parallel()
	pool := office(t, facilities.Rules{})
	pool.Units, pool.Take = []id.Unit{1, 2}, 1
	busy := facilities.Busy{
		1: {{Period: between(t, "2026-04-24T14:00", "2026-04-25T00:00")}},
		2: {{Period: between(t, "2026-04-24T00:00", "2026-04-24T10:00")}},
	}
	want := []period.Period{between(t, "2026-04-24T07:00", "2026-04-24T11:30"), between(t, "2026-04-24T12:30", "2026-04-24T16:00")}
	got := pool.Bookable(between(t, "2026-04-24T00:00", "2026-04-25T00:00"), busy, local(t, "2026-04-20T09:00"))
	if !slices.Equal(got, want) {
		t.Errorf("bookable %v, want %v", got, want)
	}
}

func TestAlternativesToTheImpossible(t *testing.T) {
	t.Parallel()
	r := office(t, spans(t, map[string]string{"max": "8h", "step": "30m", "notice": "24h"}))
	r.Units = []id.Unit{1}
	now := local(t, "2026-04-20T09:00")
	cases := []struct {
		name   string
		wanted period.Period
		want   []facilities.Alternative
	}{
		{"too long: the longest that may be", between(t, "2026-04-21T09:00", "2026-04-21T18:00"), []facilities.Alternative{
			{Period: between(t, "2026-04-21T09:00", "2026-04-21T17:00"), Reason: "shorter"},
			{Period: between(t, "2026-04-21T09:30", "2026-04-21T17:30"), Reason: "later"}}},
		{"off the grid: out to it", between(t, "2026-04-22T09:10", "2026-04-22T11:50"), []facilities.Alternative{
			{Period: between(t, "2026-04-22T09:00", "2026-04-22T12:00"), Reason: "earlier"},
			{Period: between(t, "2026-04-22T09:30", "2026-04-22T12:30"), Reason: "later"}}},
		{"too soon: later", between(t, "2026-04-20T10:00", "2026-04-20T12:00"), []facilities.Alternative{
			{Period: between(t, "2026-04-21T09:00", "2026-04-21T11:00"), Reason: "later"}}},
		{"over closing time: all three", between(t, "2026-04-21T17:00", "2026-04-21T20:00"), []facilities.Alternative{
			{Period: between(t, "2026-04-21T16:00", "2026-04-21T19:00"), Reason: "earlier"},
			{Period: between(t, "2026-04-22T07:00", "2026-04-22T10:00"), Reason: "later"},
			{Period: between(t, "2026-04-21T17:00", "2026-04-21T19:00"), Reason: "shorter"}}},
		{"a century", between(t, "2026-04-21T09:00", "2099-04-21T18:00"), []facilities.Alternative{
			{Period: between(t, "2026-04-21T09:00", "2026-04-21T17:00"), Reason: "shorter"},
			{Period: between(t, "2026-04-21T09:30", "2026-04-21T17:30"), Reason: "later"}}},
		{"long past", between(t, "2020-04-21T09:00", "2020-04-21T18:00"), nil},
		{"backwards", between(t, "2026-04-21T09:00", "2026-04-21T08:00"), nil},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := facilities.Alternatives([]*facilities.Resource{r}, c.wanted, facilities.Busy{}, now)
			if !slices.Equal(got, c.want) {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
	if got := facilities.Alternatives(nil, cases[0].wanted, nil, now); got != nil {
		t.Errorf("of nothing: %v", got)
	}
}

// BenchmarkHopelessSearch looks a year ahead for a time that nobody can have:
// what one search must never be dear for.
func BenchmarkHopelessSearch(b *testing.B) {
	now := time.Date(2026, 4, 20, 9, 0, 0, 0, time.UTC)
	r := always(facilities.Rules{Min: period.Span{Days: 1}, Step: period.Span{Minutes: 30}})
	r.Facility.Hours[1] = []facilities.Range{{From: 420, To: 1140}}
	r.Units = []id.Unit{1}
	busy := facilities.Busy{}
	for at := now; at.Before(now.AddDate(1, 0, 0)); at = at.Add(20 * time.Hour) {
		busy[1] = append(busy[1], facilities.Taken{Period: period.New(at, at.Add(10*time.Hour))})
	}
	for b.Loop() {
		if got := r.FirstFits(period.New(now, now.AddDate(1, 0, 0)), 24*60, busy, now, 3); got != nil {
			b.Fatal(got)
		}
	}
}

// TestDaysThatAreNotTwentyFourHours: with a rule of exactly two days, a booking
// of 47 h fits over the spring change alone and one of 49 h over the autumn's.
func TestDaysThatAreNotTwentyFourHours(t *testing.T) {
	t.Parallel()
	r := always(spans(t, map[string]string{"min": "2d", "max": "2d", "step": "12h"}))
	r.Units = []id.Unit{1}
	cases := []struct {
		name, from, to string
		minutes        int64
		want           []string
	}{
		{"short ones in spring", "2026-03-20T00:00", "2026-04-10T00:00", 47 * 60,
			[]string{"27 12:00", "28 00:00", "28 12:00", "29 00:00"}},
		{"long ones in autumn", "2026-10-20T00:00", "2026-11-10T00:00", 49 * 60,
			[]string{"23 12:00", "24 00:00", "24 12:00", "25 00:00"}},
		{"short ones in autumn", "2026-10-20T00:00", "2026-11-10T00:00", 47 * 60, nil},
		{"plain ones jump over the change", "2026-10-23T00:00", "2026-10-29T00:00", 48 * 60,
			[]string{"23 00:00", "25 12:00", "26 00:00", "26 12:00", "27 00:00"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			window := between(t, c.from, c.to)
			var got []string
			for _, p := range r.FirstFits(window, c.minutes, nil, window.Start, 9) {
				got = append(got, p.Start.In(stockholm()).Format("2 15:04"))
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("fits %v, want %v", got, c.want)
			}
		})
	}
}
