package period_test

import (
	"testing"
	"time"

	"rigg/internal/period"
	"rigg/internal/problem"
)

func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"2026-12-31T21:55:00+01:00", "2026-12-31T21:55", "2026-03-29T02:30", "2026-10-25T02:30", "2026-10-25 02:30",
		"2000-01-01T00:00", "2099-12-31T23:59", "2011-12-30T12:00", "2026-12-31T21:55:00,5Z", "2026-12-31T1:00:00+24:00", "",
	} {
		for place := range zones {
			f.Add(seed, place)
		}
	}
	f.Fuzz(func(t *testing.T, s string, place int) {
		zone := zones[max(0, place)%len(zones)]
		got, err := period.Parse(s, zone)
		if err != nil {
			code := problem.From(err).Code
			if !got.IsZero() || (code != period.CodeNotATime && code != period.CodeNoSuchLocalTime && code != period.CodeAmbiguousLocalTime) {
				t.Fatalf("Parse(%q, %s) = %v, %v", s, zone, got, err)
			}
			return
		}
		if got.Before(period.Earliest) || got.After(period.Latest) || !got.Equal(got.Truncate(time.Minute)) || got.Location() != time.UTC {
			t.Fatalf("Parse(%q, %s) = %v", s, zone, got)
		}
		if again, err := period.Parse(got.In(zone).Format(time.RFC3339), zone); err != nil || !again.Equal(got) {
			t.Fatalf("Parse(%q, %s) = %v, and written with its offset %v, %v", s, zone, got, again, err)
		}
	})
}

func FuzzParseSpan(f *testing.F) {
	for _, seed := range []string{"30m", "8h", "5d", "24mo", "0h", "-5m", "+5m", "121mo", "05d", "m", "1h30m", "٥m"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, err := period.ParseSpan(s)
		if err != nil {
			if !got.Zero() || !problem.Has(err, period.CodeNotASpan) {
				t.Fatalf("ParseSpan(%q) = %+v, %v", s, got, err)
			}
			return
		}
		if again, err := period.ParseSpan(got.String()); err != nil || again != got {
			t.Fatalf("ParseSpan(%q) = %+v, written %s, read as %+v, %v", s, got, got, again, err)
		}
		if got.Minutes < 0 || got.Days < 0 || got.Months < 0 || got.Duration() > 3660*24*time.Hour {
			t.Fatalf("ParseSpan(%q) = %+v", s, got)
		}
	})
}
