package period_test

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"rigg/internal/period"
	"rigg/internal/problem"
)

func TestParse(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		in   string
		zone *time.Location
		want string
	}{
		{"2026-12-31T21:55:00+01:00", stockholm, "2026-12-31T20:55:00Z"},
		{"2026-12-31T21:55:00Z", stockholm, "2026-12-31T21:55:00Z"},
		{"2026-12-31T21:55", stockholm, "2026-12-31T20:55:00Z"},
		{"2026-12-31T21:55:00", stockholm, "2026-12-31T20:55:00Z"},
		{"2026-12-31 21:55", stockholm, "2026-12-31T20:55:00Z"},
		{"2026-07-01T08:00", stockholm, "2026-07-01T06:00:00Z"},
		// The night of 29 March has no 02:00 to 02:59, that of 25 October has it twice.
		{"2026-03-29T01:59", stockholm, "2026-03-29T00:59:00Z"},
		{"2026-03-29T03:00", stockholm, "2026-03-29T01:00:00Z"},
		{"2026-10-25T01:59", stockholm, "2026-10-24T23:59:00Z"},
		{"2026-10-25T02:30:00+02:00", stockholm, "2026-10-25T00:30:00Z"},
		{"2026-10-25T02:30:00+01:00", stockholm, "2026-10-25T01:30:00Z"},
		{"2026-10-25T03:00", stockholm, "2026-10-25T02:00:00Z"},
		{"2026-10-04T01:59", lordHowe, "2026-10-03T15:29:00Z"}, // then 02:00 becomes 02:30
		{"2026-10-04T02:30", lordHowe, "2026-10-03T15:30:00Z"},
		{"2018-11-04T01:00", saoPaulo, "2018-11-04T03:00:00Z"}, // the day began at 01:00
		{"2011-12-29T23:59", apia, "2011-12-30T09:59:00Z"},     // and the next minute was 31 December
		{"2011-12-31T00:00", apia, "2011-12-30T10:00:00Z"},
		{"2000-01-01T01:00", stockholm, "2000-01-01T00:00:00Z"},
		{"2099-12-31T23:59", stockholm, "2099-12-31T22:59:00Z"},
	} {
		got, err := period.Parse(c.in, c.zone)
		if err != nil || !got.Equal(utc(t, c.want)) || got.Location() != time.UTC {
			t.Errorf("Parse(%q, %s) = %v, %v; want %s", c.in, c.zone, got, err, c.want)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		in   string
		zone *time.Location
		code problem.Code
	}{
		{"", stockholm, period.CodeNotATime},
		{"i morgon", stockholm, period.CodeNotATime},
		{"2026-12-31", stockholm, period.CodeNotATime},
		{"2026-12-31T21:55 ", stockholm, period.CodeNotATime},
		{"2026-02-30T10:00", stockholm, period.CodeNotATime},
		{"2026-02-30T10:00:00Z", stockholm, period.CodeNotATime},
		{"2026-12-31T24:00", stockholm, period.CodeNotATime},
		{"2026-12-31T21:60", stockholm, period.CodeNotATime},
		{"2026-12-31T21:55:30", stockholm, period.CodeNotATime},
		{"2026-12-31T21:55:30Z", stockholm, period.CodeNotATime},
		{"2026-12-31T21:55:00.5Z", stockholm, period.CodeNotATime},
		{"2026-12-31T21:55:00.000000000000000000000000Z", stockholm, period.CodeNotATime},
		{"1999-12-31T23:59:00Z", stockholm, period.CodeNotATime},
		{"2100-01-01T00:01:00Z", stockholm, period.CodeNotATime},
		{"0000-01-01T00:00", stockholm, period.CodeNotATime},
		{"9999-12-31T23:59", stockholm, period.CodeNotATime},
		{"+292278994-08-17T07:12:55Z", stockholm, period.CodeNotATime},
		{"2000-01-01T00:30", stockholm, period.CodeNotATime}, // still 1999 in UTC
		{"2099-12-31T23:30", saoPaulo, period.CodeNotATime},  // already 2100 in UTC
		{"2026-03-29T02:00", stockholm, period.CodeNoSuchLocalTime},
		{"2026-03-29T02:59", stockholm, period.CodeNoSuchLocalTime},
		{"2026-10-04T02:15", lordHowe, period.CodeNoSuchLocalTime},
		{"2018-11-04T00:00", saoPaulo, period.CodeNoSuchLocalTime},
		{"2011-12-30T12:00", apia, period.CodeNoSuchLocalTime},
		{"2026-10-25T02:00", stockholm, period.CodeAmbiguousLocalTime},
		{"2026-10-25T02:59", stockholm, period.CodeAmbiguousLocalTime},
		{"2026-04-05T01:45", lordHowe, period.CodeAmbiguousLocalTime},
		{"2018-02-17T23:30", saoPaulo, period.CodeAmbiguousLocalTime},
	} {
		if got, err := period.Parse(c.in, c.zone); !problem.Has(err, c.code) {
			t.Errorf("Parse(%q, %s) = %v, %v; want %s", c.in, c.zone, got, err, c.code.Slug)
		}
	}
}

func TestAnAmbiguousTimeNamesBothChoices(t *testing.T) {
	t.Parallel()
	_, err := period.Parse("2026-10-25T02:30", stockholm)
	choices, _ := problem.From(err).Details["choices"].([]string)
	if want := []string{"2026-10-25T02:30:00+02:00", "2026-10-25T02:30:00+01:00"}; !slices.Equal(choices, want) {
		t.Fatalf("choices %v; want %v", choices, want)
	}
	first, errFirst := period.Parse(choices[0], stockholm)
	second, errSecond := period.Parse(choices[1], stockholm)
	if errFirst != nil || errSecond != nil || second.Sub(first) != time.Hour {
		t.Errorf("they are %v (%v) and %v (%v)", first, errFirst, second, errSecond)
	}
}

// Whatever a wall clock shows, the instants that FromWall finds are exactly those
// that show it: none, one, or two.
func TestFromWallFindsWhatTheClockShows(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		zone := drawnZone(t)
		at := changeNear(t, zone).Add(time.Duration(rapid.IntRange(-1600, 1600).Draw(t, "minutes")) * time.Minute)
		wall := at.In(zone).Add(time.Duration(rapid.SampledFrom([]int{0, -60, -30, 30, 60}).Draw(t, "beside")) * time.Minute)
		shown := wall.Format("2006-01-02T15:04")
		var show []time.Time
		for m := -28 * 60; m <= 28*60; m++ {
			if x := wall.Add(time.Duration(m) * time.Minute); x.In(zone).Format("2006-01-02T15:04") == shown {
				show = append(show, x.UTC())
			}
		}
		got, err := period.FromWall(wall, zone)
		switch len(show) {
		case 0:
			if !problem.Has(err, period.CodeNoSuchLocalTime) {
				t.Fatalf("%s does not exist in %s, but gives %v, %v", shown, zone, got, err)
			}
		case 1:
			if err != nil || !got.Equal(show[0]) {
				t.Fatalf("%s in %s gives %v, %v; want %v", shown, zone, got, err, show[0])
			}
		default:
			if !problem.Has(err, period.CodeAmbiguousLocalTime) {
				t.Fatalf("%s is twice in %s, but gives %v, %v", shown, zone, got, err)
			}
		}
	})
}

// changeNear draws an instant, often next to a clock change.
func changeNear(t *rapid.T, zone *time.Location) time.Time {
	at := time.Unix(rapid.Int64Range(period.Earliest.Unix()+1e6, 2_000_000_000).Draw(t, "at"), 0).Truncate(time.Minute).UTC()
	if _, end := at.In(zone).ZoneBounds(); !end.IsZero() && end.Year() < 2099 && rapid.Bool().Draw(t, "at a change") {
		return end.UTC().Truncate(time.Minute) // a zone without rules ends its table at an odd second in 2038
	}
	return at
}

func TestParseDate(t *testing.T) {
	t.Parallel()
	for _, in := range []string{"2026-12-31", "2000-01-01", "2099-12-31", "2028-02-29"} {
		if d, err := period.ParseDate(in); err != nil || d.String() != in {
			t.Errorf("ParseDate(%q) = %s, %v", in, d, err)
		}
	}
	for _, in := range []string{"", "2026-2-3", "2026-02-29", "2026-13-01", "1999-12-31", "2101-01-01", "2026-12-31T00:00", "31/12/2026"} {
		if d, err := period.ParseDate(in); !problem.Has(err, period.CodeNotATime) {
			t.Errorf("ParseDate(%q) = %s, %v", in, d, err)
		}
	}
}
