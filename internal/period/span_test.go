package period_test

import (
	"encoding/json"
	"testing"
	"time"

	"pgregory.net/rapid"

	"rigg/internal/period"
	"rigg/internal/problem"
	"rigg/internal/text"
)

func TestParseSpan(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]period.Span{
		"30m": {Minutes: 30}, "0m": {}, "8h": {Minutes: 480}, "5d": {Days: 5}, "24mo": {Months: 24},
		"120mo": {Months: 120}, "3650d": {Days: 3650}, "87600h": {Minutes: 5_256_000}, "5256000m": {Minutes: 5_256_000},
	} {
		if got, err := period.ParseSpan(in); err != nil || got != want {
			t.Errorf("ParseSpan(%q) = %+v, %v; want %+v", in, got, err, want)
		}
	}
	for _, in := range []string{
		"", "m", "mo", "h", "5", "-5m", "+5m", "-0m", "5 m", " 5m", "5m ", "5.5h", "1e3m", "5M", "5H", "5w", "5y", "5mm", "5mom",
		"121mo", "3651d", "87601h", "5256001m", "99999999999999999999h", "1h30m", "٥m", "5d5h", "0x5m", "1_0m", "\x00m",
	} {
		if got, err := period.ParseSpan(in); !problem.Has(err, period.CodeNotASpan) || !got.Zero() {
			t.Errorf("ParseSpan(%q) = %+v, %v", in, got, err)
		}
	}
}

func TestSpanAfterAndBefore(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, span  string
		zone        *time.Location
		from, after string
	}{
		{"hours are elapsed time, spring", "24h", stockholm, "2026-03-28T11:00:00Z", "2026-03-29T11:00:00Z"},
		{"days keep the clock time, spring", "1d", stockholm, "2026-03-28T11:00:00Z", "2026-03-29T10:00:00Z"},
		{"days keep the clock time, autumn", "1d", stockholm, "2026-10-24T10:00:00Z", "2026-10-25T11:00:00Z"},
		{"onto a skipped hour", "1d", stockholm, "2026-03-28T01:30:00Z", "2026-03-29T01:00:00Z"},
		{"onto an hour that is twice", "1d", stockholm, "2026-10-24T00:30:00Z", "2026-10-25T00:30:00Z"},
		{"a month on from its last day", "1mo", stockholm, "2026-01-31T11:00:00Z", "2026-02-28T11:00:00Z"},
		{"a month on in a leap year", "1mo", stockholm, "2028-01-31T11:00:00Z", "2028-02-29T11:00:00Z"},
		{"months over New Year and a change", "5mo", stockholm, "2026-11-30T11:00:00Z", "2027-04-30T10:00:00Z"},
		{"two years", "24mo", stockholm, "2028-02-29T11:00:00Z", "2030-02-28T11:00:00Z"},
		{"onto a day that was skipped", "1d", apia, "2011-12-29T20:00:00Z", "2011-12-30T10:00:00Z"},
		{"the local day counts, not that of UTC", "1mo", stockholm, "2026-01-30T23:30:00Z", "2026-02-27T23:30:00Z"},
		{"seconds stay", "1d", stockholm, "2026-03-02T11:00:42Z", "2026-03-03T11:00:42Z"},
		{"nothing", "0m", stockholm, "2026-03-02T11:00:42Z", "2026-03-02T11:00:42Z"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			span, err := period.ParseSpan(c.span)
			if err != nil {
				t.Fatal(err)
			}
			if got := span.After(utc(t, c.from), c.zone); !got.Equal(utc(t, c.after)) {
				t.Errorf("%s after %s is %v; want %s", c.span, c.from, got, c.after)
			}
		})
	}
	if got := (period.Span{Months: 1}).Before(utc(t, "2026-03-31T10:00:00Z"), stockholm); !got.Equal(utc(t, "2026-02-28T11:00:00Z")) {
		t.Errorf("a month before 31 March is %v", got)
	}
	if got := (period.Span{Days: 1}).Before(utc(t, "2026-03-29T10:00:00Z"), stockholm); !got.Equal(utc(t, "2026-03-28T11:00:00Z")) {
		t.Errorf("a day before 29 March is %v", got)
	}
}

func TestSpanProperties(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		zone := drawnZone(t)
		at := changeNear(t, zone).Add(time.Duration(rapid.IntRange(-3000, 3000).Draw(t, "minutes")) * time.Minute)
		span := rapid.OneOf(
			rapid.Map(rapid.IntRange(0, 100_000), func(n int) period.Span { return period.Span{Minutes: n} }),
			rapid.Map(rapid.IntRange(1, 400), func(n int) period.Span { return period.Span{Days: n} }),
			rapid.Map(rapid.IntRange(1, 24), func(n int) period.Span { return period.Span{Months: n} }),
		).Draw(t, "span")
		written, err := period.ParseSpan(span.String())
		if err != nil || written != span {
			t.Fatalf("%+v is written %s and read as %+v, %v", span, span, written, err)
		}
		after, before := span.After(at, zone), span.Before(at, zone)
		if span.Minutes > 0 && after.Sub(at) != span.Duration() {
			t.Fatalf("%s after %v is %v", span, at, after)
		}
		if !span.Zero() && (!after.After(at) || !before.Before(at)) {
			t.Fatalf("%s around %v: %v and %v", span, at, before, after)
		}
		// Days count whole local days, whatever the clocks do.
		if days := span.Days; days > 0 {
			if got, want := period.DateOf(after, zone), period.DateOf(at, zone).Next(days); got != want && zone != apia {
				t.Fatalf("%s after %v is %s; want %s", span, at, got, want)
			}
		}
	})
}

func TestSpanInText(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		span   period.Span
		sv, en string
	}{
		{period.Span{}, "0\u00a0min", "0\u00a0min"},
		{period.Span{Minutes: 30}, "30\u00a0min", "30\u00a0min"},
		{period.Span{Minutes: 120}, "2\u00a0h", "2\u00a0h"},
		{period.Span{Minutes: 150}, "2\u00a0h 30\u00a0min", "2\u00a0h 30\u00a0min"},
		{period.Span{Days: 1}, "1\u00a0dag", "1\u00a0day"},
		{period.Span{Days: 5}, "5\u00a0dagar", "5\u00a0days"},
		{period.Span{Months: 1}, "1\u00a0månad", "1\u00a0month"},
		{period.Span{Months: 24}, "24\u00a0månader", "24\u00a0months"},
	} {
		if sv, en := c.span.In(text.SV), c.span.In(text.EN); sv != c.sv || en != c.en {
			t.Errorf("%+v is %q and %q", c.span, sv, en)
		}
		written, err := json.Marshal(c.span)
		if err != nil {
			t.Fatal(err)
		}
		var read period.Span
		if err := json.Unmarshal(written, &read); err != nil || read != c.span {
			t.Errorf("%+v is %s in JSON, read as %+v, %v", c.span, written, read, err)
		}
	}
	var s period.Span
	if err := json.Unmarshal([]byte(`"5 fortnights"`), &s); !problem.Has(err, period.CodeNotASpan) {
		t.Errorf("read %+v, %v", s, err)
	}
}
