package facilities_test

import (
	"slices"
	"testing"
	"time"

	"rigg/facilities"
	"rigg/internal/id"
	"rigg/internal/period"
	"rigg/internal/problem"
	"rigg/internal/text"
)

func TestOccurrencesGoByTheClock(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, rule, from, to string
		want                 []string // starts and ends
	}{
		{"once", "", "2026-03-02T08:00", "2026-03-02T10:00", []string{"2026-03-02T08:00", "2026-03-02T10:00"}},
		{"over a clock change", "RRULE:FREQ=WEEKLY;COUNT=2", "2026-03-23T08:00", "2026-03-23T10:00",
			[]string{"2026-03-23T08:00", "2026-03-23T10:00", "2026-03-30T08:00", "2026-03-30T10:00"}},
		{"through the night of it", "FREQ=DAILY;COUNT=2", "2026-10-23T22:00", "2026-10-24T04:00",
			[]string{"2026-10-23T22:00", "2026-10-24T04:00", "2026-10-24T22:00", "2026-10-25T04:00"}},
		{"first Mondays", "FREQ=MONTHLY;BYDAY=1MO;COUNT=2", "2026-05-04T08:00", "2026-05-04T09:00",
			[]string{"2026-05-04T08:00", "2026-05-04T09:00", "2026-06-01T08:00", "2026-06-01T09:00"}},
		{"until a local day", "FREQ=DAILY;UNTIL=20260303T080000", "2026-03-02T08:00", "2026-03-02T09:00",
			[]string{"2026-03-02T08:00", "2026-03-02T09:00", "2026-03-03T08:00", "2026-03-03T09:00"}},
		{"until an instant", "FREQ=DAILY;UNTIL=20260303T065900Z", "2026-03-02T08:00", "2026-03-02T09:00",
			[]string{"2026-03-02T08:00", "2026-03-02T09:00"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, err := facilities.Occurrences(c.rule, between(t, c.from, c.to), stockholm())
			if err != nil {
				t.Fatal(err)
			}
			var said []string
			for _, p := range got {
				said = append(said, p.Start.In(stockholm()).Format("2006-01-02T15:04"), p.End.In(stockholm()).Format("2006-01-02T15:04"))
			}
			if !slices.Equal(said, c.want) {
				t.Errorf("got %v, want %v", said, c.want)
			}
		})
	}
}

func TestRecurrencesThatCannotBe(t *testing.T) {
	t.Parallel()
	first := between(t, "2026-03-02T08:00", "2026-03-02T10:00")
	if got, err := facilities.Occurrences("FREQ=DAILY;COUNT=366", first, stockholm()); err != nil || len(got) != facilities.MaxOccurrences {
		t.Errorf("the most: %d, %v", len(got), err)
	}
	for _, rule := range []string{
		"FREQ=DAILY;COUNT=367", "FREQ=DAILY", "FREQ=HOURLY;COUNT=3", "FREQ=SECONDLY;COUNT=1", "often", "FREQ=DAILY;COUNT=2\r\nEXDATE:1",
		"FREQ=DAILY;UNTIL=20200101T000000", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30;COUNT=1",
	} {
		_, err := facilities.Occurrences(rule, first, stockholm())
		e := problem.From(err)
		if !problem.Has(err, problem.CodeInvalid) || len(e.Fields) != 1 || e.Fields[0].Path != "recurrence" || e.Text().SV == "" || e.Text().EN == "" {
			t.Errorf("%q: %v", rule, err)
		}
	}
	long := period.New(first.Start, first.Start.Add(25*time.Hour))
	if _, err := facilities.Occurrences("FREQ=DAILY;COUNT=2", long, stockholm()); !problem.Has(err, problem.CodeInvalid) {
		t.Errorf("it overlaps itself: %v", err)
	}
}

func TestStatusOfAPool(t *testing.T) {
	t.Parallel()
	at := func(hour int) time.Time { return time.Date(2026, 5, 4, hour, 0, 0, 0, time.UTC) }
	down := func(hour int, name string) facilities.Outage {
		return facilities.Outage{Name: text.Text{SV: name, EN: name}, Period: period.New(at(6), at(hour)), Kind: facilities.Breakdown}
	}
	pool := &facilities.Resource{Units: []id.Unit{1, 2, 3}, Take: 2}
	for _, c := range []struct {
		name  string
		down  facilities.Down
		state facilities.State
		back  time.Time
	}{
		{"all up", facilities.Down{9: down(8, "another")}, facilities.Up, time.Time{}},
		{"one of three", facilities.Down{1: down(8, "a")}, facilities.Partly, at(8)},
		{"two of three", facilities.Down{1: down(12, "a"), 2: down(8, "b")}, facilities.DownNow, at(8)},
		{"all three", facilities.Down{1: down(12, "a"), 2: down(8, "b"), 3: down(10, "c")}, facilities.DownNow, at(10)},
	} {
		if got := pool.Status(c.down); got.State != c.state || !got.Back.Equal(c.back) {
			t.Errorf("%s: %+v", c.name, got)
		}
	}
	lasting := down(8, "a")
	lasting.UntilLifted = time.Hour
	if got := (&facilities.Resource{Units: []id.Unit{1}}).Status(facilities.Down{1: lasting}); !got.Lasting || got.State != facilities.DownNow {
		t.Errorf("a lasting one: %+v", got)
	}
}
