package facilities_test

import (
	"strings"
	"testing"
	"time"

	"rigg/facilities"
	"rigg/internal/period"
	"rigg/internal/problem"
	"rigg/internal/text"
)

// zoned is a resource at a site in the zone, always open.
func zoned(t *testing.T, zone string, rules facilities.Rules) *facilities.Resource {
	t.Helper()
	r := always(rules)
	r.Name, r.Facility.Name = text.Text{SV: "Ugnen", EN: "The oven"}, text.Text{SV: "Hallen", EN: "The hall"}
	at, err := time.LoadLocation(zone)
	if err != nil {
		t.Fatal(err)
	}
	r.Facility.Places[0].Site.Zone = at
	return r
}

// clocks reads "2026-03-10T08:00/2026-03-10T10:00" by the resource's clocks.
func clocks(t *testing.T, r *facilities.Resource, written string) period.Period {
	t.Helper()
	from, to, _ := strings.Cut(written, "/")
	zone := r.Facility.Places[0].Site.Zone
	start, err1 := period.Parse(from, zone)
	end, err2 := period.Parse(to, zone)
	if err1 != nil || err2 != nil {
		t.Fatal(written, err1, err2)
	}
	return period.New(start, end)
}

func hours(t *testing.T, words map[string]string) facilities.Hours {
	t.Helper()
	h, err := facilities.ParseHours(words)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

const (
	sweden = "Europe/Stockholm"
	brazil = "America/Sao_Paulo"
)

var (
	officeHours = facilities.Hours{1: {{From: 480, To: 1020}}, 2: {{From: 480, To: 1020}}, 3: {{From: 480, To: 1020}}, 4: {{From: 480, To: 1020}}, 5: {{From: 480, To: 1020}}}
	day         = facilities.Quota{Per: facilities.PerPerson, Count: 2, In: facilities.InDay}
	dayHours    = facilities.Quota{Per: facilities.PerPerson, Hours: *minutes(180), In: facilities.InDay}
	week        = facilities.Quota{Per: facilities.PerPerson, Hours: *minutes(1200), In: facilities.InWeek}
	month       = facilities.Quota{Per: facilities.PerProject, Count: 1, In: facilities.InMonth}
	future      = facilities.Quota{Per: facilities.PerPerson, Count: 1, In: facilities.InFuture}
	futureHours = facilities.Quota{Per: facilities.PerOrganisation, Hours: *minutes(600), In: facilities.InFuture}
	peak        = facilities.Quota{Per: facilities.PerPerson, Hours: *minutes(120), In: facilities.InWeek, Peak: officeHours}
	peakCount   = facilities.Quota{Per: facilities.PerPerson, Count: 1, In: facilities.InDay, Peak: officeHours}
)

// Each quota has a booking that takes just what is left and one that takes more.
var quotaCases = []struct {
	name   string
	zone   string
	quota  facilities.Quota
	others []string
	p      string
	want   string // the code; empty: it passes
}{
	{"second of two a day", sweden, day, []string{"2026-03-10T08:00/2026-03-10T09:00"}, "2026-03-10T10:00/2026-03-10T11:00", ""},
	{"third of two a day", sweden, day, []string{"2026-03-10T08:00/2026-03-10T09:00", "2026-03-10T12:00/2026-03-10T13:00"}, "2026-03-10T10:00/2026-03-10T11:00", "quota-count"},
	{"until midnight is not the next day", sweden, day, []string{"2026-03-10T00:00/2026-03-10T09:00", "2026-03-10T12:00/2026-03-10T13:00"}, "2026-03-09T22:00/2026-03-10T00:00", ""},
	{"a minute into the next day is", sweden, day, []string{"2026-03-10T01:00/2026-03-10T09:00", "2026-03-10T12:00/2026-03-10T13:00"}, "2026-03-09T22:00/2026-03-10T00:01", "quota-count"},
	{"others before and after the day", sweden, day, []string{"2026-03-09T08:00/2026-03-10T00:00", "2026-03-11T00:00/2026-03-11T13:00"}, "2026-03-10T10:00/2026-03-10T11:00", ""},
	{"divided at midnight", sweden, dayHours, nil, "2026-03-09T21:00/2026-03-10T03:00", ""},
	{"a minute more on one side", sweden, dayHours, nil, "2026-03-09T20:59/2026-03-10T03:00", "quota-hours"},
	{"spring night of three hours until 04:00", sweden, dayHours, nil, "2026-03-29T00:00/2026-03-29T04:00", ""},
	{"spring night 2027", sweden, dayHours, nil, "2027-03-28T00:00/2027-03-28T04:00", ""},
	{"spring night, a minute more", sweden, dayHours, nil, "2027-03-28T00:00/2027-03-28T04:01", "quota-hours"},
	{"autumn night of three hours until 02:00 again", sweden, dayHours, nil, "2026-10-25T00:00/2026-10-25T02:00:00+01:00", ""},
	{"autumn night until 03:00 is four", sweden, dayHours, nil, "2026-10-25T00:00/2026-10-25T03:00", "quota-hours"},
	{"no clock change there", brazil, dayHours, nil, "2026-03-29T00:00/2026-03-29T03:00", ""},
	{"and so four hours are four", brazil, dayHours, nil, "2026-03-29T00:00/2026-03-29T04:00", "quota-hours"},
	{"evening there is night here", brazil, day, []string{"2026-03-10T08:00/2026-03-10T09:00", "2026-03-11T08:00/2026-03-11T09:00"}, "2026-03-10T20:00/2026-03-10T23:59", ""},
	{"a day that began at one", brazil, dayHours, nil, "2018-11-04T01:00/2018-11-04T04:00", ""},
	{"a day that began at one, a minute more", brazil, dayHours, nil, "2018-11-04T01:00/2018-11-04T04:01", "quota-hours"},
	{"week from Monday", sweden, week, []string{"2026-03-09T00:00/2026-03-09T16:00", "2026-03-02T00:00/2026-03-08T23:59"}, "2026-03-15T20:00/2026-03-16T00:00", ""},
	{"Sunday is its last day", sweden, week, []string{"2026-03-09T00:00/2026-03-09T16:00"}, "2026-03-15T19:59/2026-03-16T00:00", "quota-hours"},
	{"divided at Monday", sweden, week, []string{"2026-03-16T08:00/2026-03-17T03:00"}, "2026-03-15T20:00/2026-03-16T01:00", ""},
	{"week with a clock change", sweden, week, nil, "2026-10-24T07:00/2026-10-25T02:00:00+01:00", ""},
	{"week with a clock change, an hour more", sweden, week, nil, "2026-10-24T07:00/2026-10-25T03:00", "quota-hours"},
	{"week over New Year", sweden, week, []string{"2026-12-29T00:00/2026-12-29T16:00"}, "2027-01-03T19:00/2027-01-03T23:30", "quota-hours"},
	{"next month", sweden, month, []string{"2026-02-10T08:00/2026-02-28T23:00"}, "2026-03-01T00:00/2026-03-01T09:00", ""},
	{"in both months", sweden, month, []string{"2026-02-10T08:00/2026-02-28T23:00"}, "2026-02-28T23:59/2026-03-01T09:00", "quota-count"},
	{"month in Brazil", brazil, month, []string{"2026-02-28T22:00/2026-03-01T00:00"}, "2026-03-01T00:00/2026-03-01T09:00", ""},
	{"the other has just ended", sweden, future, []string{"2026-03-01T08:00/2026-03-02T09:00"}, "2026-03-10T10:00/2026-03-10T11:00", ""},
	{"the other ends in a minute", sweden, future, []string{"2026-03-01T08:00/2026-03-02T09:01"}, "2026-03-10T10:00/2026-03-10T11:00", "quota-count"},
	{"what is left of it counts", sweden, futureHours, []string{"2026-03-01T09:00/2026-03-02T14:00"}, "2026-05-10T10:00/2026-05-10T15:00", ""},
	{"and a minute more", sweden, futureHours, []string{"2026-03-01T09:00/2026-03-02T14:00"}, "2026-05-10T10:00/2026-05-10T15:01", "quota-hours"},
	{"outside peak", sweden, peak, []string{"2026-03-09T08:00/2026-03-09T10:00"}, "2026-03-10T17:00/2026-03-11T08:00", ""},
	{"a minute in peak", sweden, peak, []string{"2026-03-09T08:00/2026-03-09T10:00"}, "2026-03-10T17:00/2026-03-11T08:01", "quota-hours"},
	{"a weekend is no peak", sweden, peakCount, []string{"2026-03-14T08:00/2026-03-14T10:00"}, "2026-03-14T12:00/2026-03-14T13:00", ""},
	{"touches peak as the other", sweden, peakCount, []string{"2026-03-09T07:00/2026-03-09T08:01"}, "2026-03-09T16:59/2026-03-09T19:00", "quota-count"},
	{"the other does not touch it", sweden, peakCount, []string{"2026-03-09T07:00/2026-03-09T08:00"}, "2026-03-09T16:59/2026-03-09T19:00", ""},
}

func TestQuotas(t *testing.T) {
	t.Parallel()
	for _, c := range quotaCases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := zoned(t, c.zone, facilities.Rules{Quotas: []facilities.Quota{c.quota}})
			var others []period.Period
			for _, o := range c.others {
				others = append(others, clocks(t, r, o))
			}
			p := clocks(t, r, c.p)
			now := local(t, "2026-03-02T09:00")
			for _, tell := range []bool{true, false} {
				wantRefusal(t, r.JudgeQuota(c.quota, p, others, now, tell), c.want)
			}
			reach := c.quota.Reach(p, r.Zone(p.Start), now)
			if c.quota.In != facilities.InFuture && !reach.Contains(p) {
				t.Errorf("reaches over %v, the booking is %v", reach, p)
			}
		})
	}
}

// wantRefusal compares the code and looks at both sentences.
func wantRefusal(t *testing.T, e *problem.Error, code string) {
	t.Helper()
	switch {
	case e == nil && code == "":
	case e == nil || e.Code.Slug != code:
		t.Errorf("got %v, want %q", e, code)
	case e.Message.SV == "" || e.Message.EN == "" || strings.Contains(e.Message.SV+e.Message.EN, "%!"):
		t.Errorf("%s says %+v", code, e.Message)
	}
}

func TestQuotasInWords(t *testing.T) {
	t.Parallel()
	q := facilities.Quota{
		Per: facilities.PerProject, Hours: period.Span{Minutes: 20 * 60}, In: facilities.InWeek, Of: facilities.OfFacility,
		Peak: hours(t, map[string]string{"mon-thu": "08:00-17:00", "fri": "08:00-15:00"}),
	}
	r := zoned(t, sweden, facilities.Rules{Quotas: []facilities.Quota{q, {Per: facilities.PerPerson, Count: 1, In: facilities.InFuture}}})
	others := []period.Period{clocks(t, r, "2026-03-09T08:00/2026-03-10T17:00")}
	p, now := clocks(t, r, "2026-03-11T08:00/2026-03-11T11:00"), local(t, "2026-03-02T09:00")
	for _, c := range []struct {
		got  text.Text
		want string
	}{
		{r.JudgeQuota(q, p, others, now, true).Message,
			"Hallen: högst 20 h i veckan per projekt på hela anläggningen (räknat mån–tors 08:00–17:00, fre 08:00–15:00). " +
				"Redan bokat vecka 11 2026: 18 h; den här bokningen tar 3 h. Välj en annan tid eller en kortare, eller avboka något. / " +
				"The hall: at most 20 h a week per project in the whole facility (counted Mon–Thu 08:00–17:00, Fri 08:00–15:00). " +
				"Already booked in week 11 of 2026: 18 h; this booking takes 3 h. Choose another time or a shorter one, or cancel something."},
		{r.JudgeQuota(q, p, others, now, false).Message,
			"Hallen: högst 20 h i veckan per projekt på hela anläggningen (räknat mån–tors 08:00–17:00, fre 08:00–15:00). Så mycket ryms inte vecka 11 2026. / " +
				"The hall: at most 20 h a week per project in the whole facility (counted Mon–Thu 08:00–17:00, Fri 08:00–15:00). There is no room for this much in week 11 of 2026."},
		{r.JudgeQuota(r.Rules.Quotas[1], p, append(others, p), now, true).Message,
			"Ugnen: högst en kommande bokning per person. Redan bokat framåt: 2. Välj en annan tid, eller avboka något av det. / " +
				"The oven: at most one coming booking per person. Already booked ahead: 2. Choose another time, or cancel some of it."},
		{r.Rules.Says()[1], "Högst en kommande bokning per person / At most one coming booking per person"},
	} {
		if got := strings.ReplaceAll(c.got.SV+" / "+c.got.EN, "\u00a0", " "); got != c.want {
			t.Errorf("got  %s\nwant %s", got, c.want)
		}
	}
	details := r.JudgeQuota(q, p, others, now, true).Details
	for key, want := range map[string]any{
		"limit_minutes": 1200, "minutes": int64(180), "used_minutes": int64(18 * 60), "per": facilities.PerProject,
		"from": "2026-03-09T00:00:00+01:00", "to": "2026-03-16T00:00:00+01:00",
	} {
		if details[key] != want {
			t.Errorf("%s is %v, want %v", key, details[key], want)
		}
	}
}
