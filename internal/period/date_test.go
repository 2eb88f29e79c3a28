package period_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"rigg/internal/period"
)

func TestDateAt(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		day    string
		minute int
		zone   *time.Location
		want   string
	}{
		{"2026-03-02", 7 * 60, stockholm, "2026-03-02T06:00:00Z"},
		{"2026-03-02", 24 * 60, stockholm, "2026-03-02T23:00:00Z"},
		// Skipped: the instant of the change. Twice: the first.
		{"2026-03-29", 2*60 + 30, stockholm, "2026-03-29T01:00:00Z"},
		{"2026-03-29", 24 * 60, stockholm, "2026-03-29T22:00:00Z"},
		{"2026-10-25", 2*60 + 30, stockholm, "2026-10-25T00:30:00Z"},
		{"2026-10-25", 24 * 60, stockholm, "2026-10-25T23:00:00Z"},
		{"2026-10-04", 2*60 + 15, lordHowe, "2026-10-03T15:30:00Z"},
		{"2018-11-04", 0, saoPaulo, "2018-11-04T03:00:00Z"}, // a midnight that was skipped
		{"2018-11-03", 24 * 60, saoPaulo, "2018-11-04T03:00:00Z"},
		{"2011-12-30", 0, apia, "2011-12-30T10:00:00Z"}, // a day that was skipped
		{"2011-12-30", 12 * 60, apia, "2011-12-30T10:00:00Z"},
		{"2026-10-25", 0, azores, "2026-10-25T00:00:00Z"}, // midnight twice: the first
	} {
		if got := day(t, c.day).At(c.minute, c.zone); !got.Equal(utc(t, c.want)) {
			t.Errorf("%s minute %d in %s is %v; want %s", c.day, c.minute, c.zone, got, c.want)
		}
	}
}

func TestDateArithmetic(t *testing.T) {
	t.Parallel()
	d := day(t, "2028-02-28")
	if d.Next(1).String() != "2028-02-29" || d.Next(2).String() != "2028-03-01" || d.Next(-59).String() != "2027-12-31" {
		t.Errorf("around %s: %s, %s, %s", d, d.Next(1), d.Next(2), d.Next(-59))
	}
	if !d.Before(d.Next(1)) || d.Before(d) || d.Next(1).Before(d) || d.Weekday() != time.Monday {
		t.Error("order or weekday is wrong")
	}
	if got := period.DateOf(utc(t, "2026-12-31T23:00:00Z"), stockholm); got.String() != "2027-01-01" {
		t.Errorf("New Year in Stockholm is %s", got)
	}
}

func TestMidnightsAndDates(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name       string
		start, end string
		zone       *time.Location
		midnights  []string
		dates      []string
	}{
		{"within a day", "2026-03-02T08:00:00Z", "2026-03-02T16:00:00Z", stockholm, nil, []string{"2026-03-02"}},
		{"up to midnight", "2026-03-02T08:00:00Z", "2026-03-02T23:00:00Z", stockholm, nil, []string{"2026-03-02"}},
		{"from midnight", "2026-03-01T23:00:00Z", "2026-03-02T16:00:00Z", stockholm, nil, []string{"2026-03-02"}},
		{"over New Year", "2026-12-31T20:55:00Z", "2027-01-01T04:05:00Z", stockholm,
			[]string{"2026-12-31T23:00:00Z"}, []string{"2026-12-31", "2027-01-01"}},
		{"over both sides of a spring night", "2026-03-28T12:00:00Z", "2026-03-30T12:00:00Z", stockholm,
			[]string{"2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z"}, []string{"2026-03-28", "2026-03-29", "2026-03-30"}},
		{"over a day that was skipped", "2011-12-29T20:00:00Z", "2011-12-31T20:00:00Z", apia,
			[]string{"2011-12-30T10:00:00Z", "2011-12-31T10:00:00Z"}, []string{"2011-12-29", "2011-12-31", "2012-01-01"}},
		{"over a midnight that was skipped", "2018-11-03T20:00:00Z", "2018-11-04T20:00:00Z", saoPaulo,
			[]string{"2018-11-04T03:00:00Z"}, []string{"2018-11-03", "2018-11-04"}},
		{"over a midnight that is twice", "2026-10-24T20:00:00Z", "2026-10-25T20:00:00Z", azores,
			[]string{"2026-10-25T00:00:00Z"}, []string{"2026-10-24", "2026-10-25"}},
		{"empty", "2026-03-02T08:00:00Z", "2026-03-02T08:00:00Z", stockholm, nil, []string{"2026-03-02"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p := period.New(utc(t, c.start), utc(t, c.end))
			var midnights, dates []string
			for _, m := range p.Midnights(c.zone) {
				midnights = append(midnights, m.Format(time.RFC3339))
			}
			for _, d := range p.Dates(c.zone) {
				dates = append(dates, d.String())
			}
			if !slices.Equal(midnights, c.midnights) || !slices.Equal(dates, c.dates) {
				t.Errorf("midnights %v, dates %v", midnights, dates)
			}
		})
	}
}

// Dates are the days that a clock shows while the period lasts, each once.
func TestDatesAreWhatTheClockShows(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		zone := drawnZone(t)
		start := changeNear(t, zone).Add(time.Duration(rapid.IntRange(-3000, 100).Draw(t, "before")) * time.Minute)
		p := period.New(start, start.Add(time.Duration(rapid.IntRange(1, 6000).Draw(t, "length"))*time.Minute))
		var want []period.Date
		for at := p.Start; at.Before(p.End); at = at.Add(time.Minute) {
			if d := period.DateOf(at, zone); !slices.Contains(want, d) {
				want = append(want, d)
			}
		}
		if got := p.Dates(zone); fmt.Sprint(got) != fmt.Sprint(want) {
			t.Fatalf("dates of %v in %s: %v; the clock shows %v", p, zone, got, want)
		}
		for _, m := range p.Midnights(zone) {
			if !m.After(p.Start) || !m.Before(p.End) {
				t.Fatalf("midnight %v is not inside %v", m, p)
			}
		}
	})
}
