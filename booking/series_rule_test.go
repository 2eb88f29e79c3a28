package booking_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"rigg/booking"
	"rigg/internal/period"
	"rigg/internal/problem"
)

func TestRulesThatAreTaken(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ start, rule, want string }{
		{"2026-03-10", "FREQ=DAILY;COUNT=3", "10 11 12"},
		{"2026-03-10", "rrule:freq=daily;interval=3;count=3", "10 13 16"},
		{"2026-03-10", "FREQ=DAILY;UNTIL=20260312", "10 11 12"},
		{"2026-03-10", "FREQ=DAILY;UNTIL=20260312T070000Z", "10 11 12"}, // 08:00 at Stockholm
		{"2026-03-10", "FREQ=DAILY;UNTIL=20260312T065959Z", "10 11"},
		{"2026-03-10", "FREQ=DAILY;UNTIL=20260312T080000", "10 11 12"},
		{"2026-03-10", "FREQ=WEEKLY;COUNT=2", "10 17"},
		{"2026-03-10", "FREQ=WEEKLY;BYDAY=FR,TU;COUNT=3", "10 13 17"},
		{"2026-03-10", "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,SU;COUNT=3", "10 15 24"},
		{"2026-03-10", "FREQ=WEEKLY;INTERVAL=2;WKST=SU;BYDAY=TU,SU;COUNT=3", "10 22 24"},
		{"2026-01-30", "FREQ=MONTHLY;COUNT=3", "30 30 30"}, // not in February
		{"2026-01-31", "FREQ=MONTHLY;BYMONTHDAY=-1;COUNT=3", "31 28 31"},
		{"2026-01-01", "FREQ=MONTHLY;BYMONTHDAY=1,15;COUNT=3", "01 15 01"},
		{"2026-01-13", "FREQ=MONTHLY;BYDAY=2TU;COUNT=3", "13 10 10"},
		{"2026-01-30", "FREQ=MONTHLY;BYDAY=-1FR;COUNT=3", "30 27 27"},
		{"2026-01-30", "FREQ=MONTHLY;BYDAY=5FR;COUNT=2", "30 29"}, // May is the next with five
	} {
		got, err := booking.Expand(c.rule, between(c.start+"T08:00", c.start+"T10:00"), stockholm())
		if err != nil {
			t.Errorf("%s: %v", c.rule, err)
			continue
		}
		var days []string
		for _, o := range got {
			days = append(days, o.Day.String()[8:])
		}
		if strings.Join(days, " ") != c.want {
			t.Errorf("%s from %s is %v; want %s", c.rule, c.start, days, c.want)
		}
	}
}

func TestRulesThatAreNot(t *testing.T) {
	t.Parallel()
	for _, rule := range []string{
		"", "FREQ", "FREQ=", "COUNT=3", "FREQ=YEARLY;COUNT=3", "FREQ=HOURLY;COUNT=3", "FREQ=FORTNIGHTLY;COUNT=3",
		"FREQ=DAILY;COUNT=0", "FREQ=DAILY;COUNT=-1", "FREQ=DAILY;COUNT=x", "FREQ=DAILY;COUNT=3;COUNT=4", "FREQ=DAILY;COUNT=3;",
		"FREQ=DAILY;INTERVAL=0;COUNT=3", "FREQ=DAILY;INTERVAL=100;COUNT=3", "FREQ=DAILY;COUNT=3;UNTIL=20260401",
		"FREQ=DAILY;UNTIL=2026-04-01", "FREQ=DAILY;UNTIL=20260230", "FREQ=DAILY;UNTIL=20260309", "FREQ=MONTHLY;INTERVAL=99;UNTIL=99991231",
		"FREQ=DAILY;BYDAY=TU;COUNT=3", "FREQ=DAILY;BYHOUR=8;COUNT=3", "FREQ=WEEKLY;BYDAY=1TU;COUNT=3", "FREQ=WEEKLY;BYDAY=;COUNT=3",
		"FREQ=WEEKLY;BYDAY=XX;COUNT=3", "FREQ=WEEKLY;BYDAY=WE;COUNT=3", "FREQ=WEEKLY;BYMONTHDAY=10;COUNT=3", "FREQ=WEEKLY;WKST=8;COUNT=3",
		"FREQ=MONTHLY;BYDAY=TU;COUNT=3", "FREQ=MONTHLY;BYDAY=6TU;COUNT=3", "FREQ=MONTHLY;BYDAY=0TU;COUNT=3", "FREQ=MONTHLY;BYDAY=2TU;BYMONTHDAY=10;COUNT=3",
		"FREQ=MONTHLY;BYMONTHDAY=32;COUNT=3", "FREQ=MONTHLY;BYMONTHDAY=0;COUNT=3", "FREQ=MONTHLY;BYMONTHDAY=11;COUNT=3",
		"FREQ=MONTHLY;INTERVAL=99;COUNT=300", "FREQ=MONTHLY;BYDAY=2TU;BYSETPOS=1;COUNT=3", "FREQ=DAILY;X-A=1;COUNT=3", "FREQ=DAILY;DTSTART=20260310;COUNT=3",
		"DTSTART:20260310T080000\nRRULE:FREQ=DAILY;COUNT=3", "FREQ=DAILY;COUNT=3" + strings.Repeat(" ", 300) + "X", "FREQ=DAILY;COUNT=\x00",
	} {
		got, err := booking.Expand(rule, between("2026-03-10T08:00", "2026-03-10T10:00"), stockholm())
		e := problem.From(err)
		if !problem.Has(err, problem.CodeInvalid) || len(e.Fields) != 1 || e.Fields[0].Message.SV == "" || e.Fields[0].Message.EN == "" {
			t.Errorf("%q gives %v, %v", rule, got, err)
		}
	}
}

// ruleDrawn is a rule, and its days as one would count them by hand.
type ruleDrawn struct {
	written string
	on      func(first, day period.Date) bool
}

// drawRule draws a rule of each kind that is taken. Its first day is drawn with it,
// so that it is one of the rule's.
func drawRule(t *rapid.T, first period.Date) ruleDrawn {
	every := rapid.IntRange(1, 4).Draw(t, "interval")
	monday := func(d period.Date) period.Date { return d.Next(-(int(d.Weekday()) + 6) % 7) }
	months := func(a, b period.Date) int { return (b.Year-a.Year)*12 + int(b.Month-a.Month) }
	names := []string{"SU", "MO", "TU", "WE", "TH", "FR", "SA"}
	apart := func(a, b period.Date) int { return int(b.UTC().Sub(a.UTC()) / (24 * time.Hour)) }
	switch kind := rapid.SampledFrom([]string{"daily", "weekly", "date", "last", "nth", "from the end"}).Draw(t, "kind"); kind {
	case "daily":
		return ruleDrawn{fmt.Sprintf("FREQ=DAILY;INTERVAL=%d", every), func(first, d period.Date) bool { return apart(first, d)%every == 0 }}
	case "weekly":
		set := rapid.SliceOfNDistinct(rapid.IntRange(0, 6), 0, 4, rapid.ID[int]).Draw(t, "weekdays")
		if !slices.Contains(set, int(first.Weekday())) {
			set = append(set, int(first.Weekday()))
		}
		var said []string
		for _, d := range set {
			said = append(said, names[d])
		}
		return ruleDrawn{fmt.Sprintf("FREQ=WEEKLY;INTERVAL=%d;BYDAY=%s", every, strings.Join(said, ",")), func(first, d period.Date) bool {
			return slices.Contains(set, int(d.Weekday())) && apart(monday(first), monday(d))/7%every == 0
		}}
	case "date":
		return ruleDrawn{fmt.Sprintf("FREQ=MONTHLY;INTERVAL=%d;BYMONTHDAY=%d", every, first.Day), func(first, d period.Date) bool {
			return d.Day == first.Day && months(first, d)%every == 0
		}}
	case "last":
		fromEnd := func(d period.Date) int { // -1 is the last
			return d.Day - period.DateOf(time.Date(d.Year, d.Month+1, 0, 0, 0, 0, 0, time.UTC), time.UTC).Day - 1
		}
		return ruleDrawn{fmt.Sprintf("FREQ=MONTHLY;INTERVAL=%d;BYMONTHDAY=%d", every, fromEnd(first)), func(first, d period.Date) bool {
			return fromEnd(d) == fromEnd(first) && months(first, d)%every == 0
		}}
	default:
		nth := func(d period.Date) int { return (d.Day-1)/7 + 1 }
		if kind == "from the end" {
			nth = func(d period.Date) int {
				last := period.DateOf(time.Date(d.Year, d.Month+1, 0, 0, 0, 0, 0, time.UTC), time.UTC).Day
				return -((last-d.Day)/7 + 1)
			}
		}
		return ruleDrawn{fmt.Sprintf("FREQ=MONTHLY;INTERVAL=%d;BYDAY=%d%s", every, nth(first), names[first.Weekday()]), func(first, d period.Date) bool {
			return nth(d) == nth(first) && d.Weekday() == first.Weekday() && months(first, d)%every == 0
		}}
	}
}

// TestExpansionAgainstCountingDays walks day by day and asks of each whether it is
// one of the rule's, and of each of its clock times whether there is one.
func TestExpansionAgainstCountingDays(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		zone, err := time.LoadLocation(rapid.SampledFrom([]string{
			"Europe/Stockholm", "Atlantic/Azores", "Australia/Lord_Howe", "America/New_York", "UTC",
		}).Draw(t, "zone"))
		if err != nil {
			t.Fatal(err)
		}
		first := period.DateOf(time.Date(2026, 1, 1+rapid.IntRange(0, 700).Draw(t, "day"), 0, 0, 0, 0, time.UTC), time.UTC)
		starts := first.UTC().Add(time.Duration(rapid.IntRange(0, 95).Draw(t, "quarter")) * 15 * time.Minute)
		length := time.Duration(rapid.IntRange(1, 100).Draw(t, "length")) * 15 * time.Minute
		start, startErr := period.FromWall(starts, zone)
		end, endErr := period.FromWall(starts.Add(length), zone)
		if startErr != nil || endErr != nil {
			t.Skip("the first is asked for by an instant")
		}
		rule := drawRule(t, first)
		count := rapid.IntRange(1, 60).Draw(t, "count")
		got, err := booking.Expand(fmt.Sprintf("%s;COUNT=%d", rule.written, count), period.New(start, end), zone)
		if err != nil {
			t.Fatalf("%s: %v", rule.written, err)
		}
		at, real := 0, 0
		for d := first; real < count; d = d.Next(1) {
			if !rule.on(first, d) {
				continue
			}
			shift := d.UTC().Sub(first.UTC())
			from, _, ok := period.First(starts.Add(shift), zone)
			to, _, okEnd := period.First(starts.Add(length+shift), zone)
			if at >= len(got) || got[at].Day != d || got[at].Skips() != (!ok || !okEnd) {
				t.Fatalf("%s from %s: %v; want %s next, after %d", rule.written, first, got, d, at)
			}
			if o := got[at]; !o.Skips() && o.Period != period.New(from, to) {
				t.Fatalf("on %s %v; want %v to %v", d, o.Period, from, to)
			}
			if !got[at].Skips() {
				real++
			}
			at++
		}
		if at != len(got) {
			t.Fatalf("%s: %d occurrences too many", rule.written, len(got)-at)
		}
	})
}
