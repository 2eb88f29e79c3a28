package facilities_test

import (
	"encoding/json"
	"slices"
	"testing"

	"rigg/facilities"
	"rigg/internal/period"
	"rigg/internal/problem"
	"rigg/internal/text"
)

func TestOpenOverClockChanges(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name     string
		hours    map[string]string
		from, to string
		minutes  []int64
	}{
		{"a whole spring day has 23 h", map[string]string{"mon-sun": "00:00-24:00"}, "2026-03-29T00:00", "2026-03-30T00:00", []int64{23 * 60}},
		{"a whole autumn day has 25 h", map[string]string{"mon-sun": "00:00-24:00"}, "2026-10-25T00:00", "2026-10-26T00:00", []int64{25 * 60}},
		{"no hours stated: always", nil, "2026-10-24T00:00", "2026-10-26T00:00", []int64{49 * 60}},
		{"one night from two ranges", map[string]string{"sat": "22:00-24:00", "sun": "00:00-06:00"}, "2026-03-28T00:00", "2026-03-30T00:00", []int64{7 * 60}},
		{"opens in the hour that is skipped", map[string]string{"sun": "02:30-05:00"}, "2026-03-29T00:00", "2026-03-30T00:00", []int64{2 * 60}},
		{"all of its hours are skipped", map[string]string{"sun": "02:00-03:00"}, "2026-03-29T00:00", "2026-03-30T00:00", nil},
		{"opens in the hour that is repeated", map[string]string{"sun": "02:30-05:00"}, "2026-10-25T00:00", "2026-10-26T00:00", []int64{210}},
		{"closes in the hour that is repeated", map[string]string{"sun": "00:00-02:30"}, "2026-10-25T00:00", "2026-10-26T00:00", []int64{150}},
		{"weekend", map[string]string{"mon-fri": "07:00-19:00"}, "2026-05-02T00:00", "2026-05-04T00:00", nil},
		{"cut to what is asked", map[string]string{"mon-fri": "07:00-11:00,12:00-19:00"}, "2026-05-04T08:00", "2026-05-04T13:00", []int64{180, 60}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := always(facilities.Rules{})
			var err error
			if r.Facility.Hours, err = facilities.ParseHours(c.hours); err != nil {
				t.Fatal(err)
			}
			var got []int64
			for _, o := range r.Facility.Open(between(t, c.from, c.to)) {
				got = append(got, o.Minutes())
			}
			if !slices.Equal(got, c.minutes) {
				t.Errorf("open for %v minutes, want %v", got, c.minutes)
			}
		})
	}
}

func TestFacilityThatMoves(t *testing.T) {
	t.Parallel()
	r := office(t, facilities.Rules{})
	f, zone := r.Facility, stockholm()
	f.Places[0].Site.Hosts = []facilities.DatedHost{{Host: "kth"}, {From: period.Date{Year: 2026, Month: 5, Day: 1}, Host: "rise"}}
	f.Places = append(f.Places, facilities.DatedSite{
		From: period.Date{Year: 2026, Month: 4, Day: 29}, // a Wednesday
		Site: &facilities.Site{ID: "new", Zone: zone, Closures: map[period.Date]text.Text{
			{Year: 2026, Month: 4, Day: 27}: {SV: "Flytt", EN: "Move"}, // not there yet
			{Year: 2026, Month: 4, Day: 29}: {SV: "Flytt", EN: "Move"},
		}},
	})
	var days []period.Date
	for _, o := range f.Open(between(t, "2026-04-27T00:00", "2026-05-02T00:00")) {
		days = append(days, period.DateOf(o.Start, zone))
	}
	want := []period.Date{{Year: 2026, Month: 4, Day: 27}, {Year: 2026, Month: 4, Day: 28},
		{Year: 2026, Month: 4, Day: 30}, {Year: 2026, Month: 5, Day: 1}, {Year: 2026, Month: 5, Day: 1}} // two ranges on Friday
	if !slices.Equal(days, want) {
		t.Errorf("open on %v, want %v", days, want)
	}
	for at, want := range map[string]string{"2026-04-28T23:59": "site", "2026-04-29T00:00": "new"} {
		if got := f.SiteAt(local(t, at)); string(got.ID) != want {
			t.Errorf("at %s it is at %s", at, got.ID)
		}
	}
	site := f.Places[0].Site
	for at, want := range map[string]string{"2020-01-01T00:00": "kth", "2026-04-30T23:59": "kth", "2026-05-01T00:00": "rise"} {
		if got := site.HostAt(local(t, at)); string(got) != want {
			t.Errorf("at %s the host is %s", at, got)
		}
	}
}

func TestParseHours(t *testing.T) {
	t.Parallel()
	hours, err := facilities.ParseHours(map[string]string{"mon-wed": "07:00-19:00", "sun": "00:00-11:30, 12:30-24:00"})
	if err != nil {
		t.Fatal(err)
	}
	stored, err := json.Marshal(hours)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := string(stored), `{"mon":[[420,1140]],"sun":[[0,690],[750,1440]],"tue":[[420,1140]],"wed":[[420,1140]]}`; got != want {
		t.Errorf("stored as %s, want %s", got, want)
	}
	var back facilities.Hours
	if err := json.Unmarshal(stored, &back); err != nil || len(back[0]) != 2 || back[0][1] != hours[0][1] || back[4] != nil {
		t.Errorf("read back as %v, %v", back, err)
	}
	for _, bad := range []map[string]string{
		{"": "07:00-19:00"}, {"mån": "07:00-19:00"}, {"fri-mon": "07:00-19:00"}, {"mon-": "07:00-19:00"}, {"mon-tue-wed": "07:00-19:00"},
		{"mon": ""}, {"mon": "07:00"}, {"mon": "7-19"}, {"mon": "07:00-07:00"}, {"mon": "19:00-07:00"}, {"mon": "07:00-24:01"},
		{"mon": "07:60-19:00"}, {"mon": "-07:00-19:00"}, {"mon": "+7:00-19:00"}, {"mon": "07:00-12:00,12:00-19:00"},
		{"mon": "12:00-19:00,07:00-11:00"}, {"mon": "07:00-19:00,"}, {"mon": "07:00-19:00", "mon-fri": "07:00-19:00"}, {"mon": "99:00-99:30"},
	} {
		if got, err := facilities.ParseHours(bad); !problem.Has(err, problem.CodeInvalid) {
			t.Errorf("%v is read as %v, %v", bad, got, err)
		}
	}
}
