package facilities_test

import (
	"fmt"
	"slices"
	"time"

	"pgregory.net/rapid"

	"rigg/facilities"
	"rigg/internal/id"
	"rigg/internal/period"
	"rigg/internal/text"
)

// model is a resource's time minute by minute, worked out without any interval
// arithmetic: what the package says is compared with it.
type model struct {
	*facilities.Resource
	busy   facilities.Busy
	now    time.Time
	window period.Period

	base  time.Time // of the minutes below
	shut  []int     // at i: how many minutes before i are closed
	nexts map[id.Unit][]int
}

// around is how far before and after the window the model knows.
const around = 40 * time.Hour

func stockholm() *time.Location {
	zone, err := time.LoadLocation("Europe/Stockholm")
	if err != nil {
		panic(err)
	}
	return zone
}

// eras begin a little before the spring change, the autumn change and a plain
// weekend of 2026.
var eras = []time.Time{
	time.Date(2026, 3, 27, 12, 0, 0, 0, time.UTC),
	time.Date(2026, 10, 23, 12, 0, 0, 0, time.UTC),
	time.Date(2026, 6, 5, 12, 0, 0, 0, time.UTC),
}

// draw makes a world of a resource and what takes its units, of a window of
// some days and, a little before or in it, now.
func draw(t *rapid.T, days int) *model {
	base := rapid.SampledFrom(eras).Draw(t, "era")
	at := base.Add(time.Duration(rapid.IntRange(0, 36*60).Draw(t, "window from")) * time.Minute)
	m := &model{
		Resource: drawResource(t, drawFacility(t, base, days+3)),
		busy:     facilities.Busy{},
		window:   period.New(at, at.AddDate(0, 0, days)),
		now:      at.Add(time.Duration(rapid.IntRange(-30*60, 600).Draw(t, "now, seconds")) * time.Second),
	}
	if rapid.IntRange(0, 3).Draw(t, "retires") == 0 {
		m.Retired = period.DateOf(base, time.UTC).Next(rapid.IntRange(0, days+3).Draw(t, "in days"))
	}
	for _, u := range m.Units {
		m.busy[u] = drawTaken(t, m.window.Widen(around, around))
	}
	m.prepare()
	return m
}

func drawFacility(t *rapid.T, base time.Time, days int) *facilities.Facility {
	site := &facilities.Site{ID: "site", Zone: stockholm(), Closures: map[period.Date]text.Text{}}
	f := &facilities.Facility{ID: "facility", Places: []facilities.DatedSite{{Site: site}}, Closures: map[period.Date]text.Text{}}
	for d := range f.Hours {
		from := 0
		for range rapid.IntRange(0, 2).Draw(t, "ranges") {
			cuts := []int{rapid.IntRange(0, 144).Draw(t, "cut") * 10, rapid.IntRange(0, 144).Draw(t, "cut") * 10}
			slices.Sort(cuts)
			for i, c := range cuts {
				if 120 < c && c < 180 { // twice or never on days of clock changes: has its own test
					cuts[i] = 180
				}
			}
			if cuts[0] >= from && cuts[1] > cuts[0] && (from == 0 || cuts[0] > from) {
				f.Hours[d] = append(f.Hours[d], facilities.Range{From: cuts[0], To: cuts[1]})
				from = cuts[1]
			}
		}
	}
	for i := range days {
		if rapid.IntRange(0, 6).Draw(t, "closure") == 0 {
			day := period.DateOf(base, stockholm()).Next(i)
			if rapid.Bool().Draw(t, "of the site") {
				site.Closures[day] = text.Text{SV: "Stängt", EN: "Closed"}
			} else {
				f.Closures[day] = text.Text{SV: "Stängt", EN: "Closed"}
			}
		}
	}
	return f
}

func drawResource(t *rapid.T, f *facilities.Facility) *facilities.Resource {
	span := func(name string, minutes ...int) period.Span {
		return period.Span{Minutes: rapid.SampledFrom(minutes).Draw(t, name)}
	}
	r := &facilities.Resource{ID: "resource", Facility: f, Name: text.Text{SV: "Ugn", EN: "Furnace"}}
	for u := range rapid.IntRange(1, 4).Draw(t, "units") {
		r.Units = append(r.Units, id.Unit(u+1))
	}
	r.Take = rapid.IntRange(0, len(r.Units)).Draw(t, "take")
	r.Rules = facilities.Rules{
		Min: span("min", 0, 0, 30, 60), Max: span("max", 0, 0, 240, 600, 3000),
		Step: span("step", 0, 1, 10, 15, 30, 45, 50, 60, 240, 420), Notice: span("notice", 0, 0, 90, 600),
		Horizon: span("horizon", 0, 0, 1000, 4000), SetUp: span("set-up", 0, 0, 7, 60), CleanUp: span("clean-up", 0, 0, 11, 90),
		Closed: rapid.SampledFrom([]facilities.Closed{facilities.Refuse, facilities.Span}).Draw(t, "closed"),
	}
	return r
}

func drawTaken(t *rapid.T, in period.Period) (out []facilities.Taken) {
	at := in.Start
	for range rapid.IntRange(0, 8).Draw(t, "taken") {
		start := at.Add(time.Duration(rapid.IntRange(0, 900).Draw(t, "free for")) * time.Minute)
		at = start.Add(time.Duration(rapid.IntRange(1, 700).Draw(t, "taken for")) * time.Minute)
		taken := facilities.Taken{Period: period.New(start, at)}
		if rapid.Bool().Draw(t, "outage") {
			taken.Down = text.Text{SV: "Service", EN: "Service"}
		}
		out = append(out, taken)
	}
	return out
}

func (m *model) prepare() {
	wide := m.window.Widen(around, around)
	m.base = wide.Start
	n := int(wide.Minutes())
	m.shut, m.nexts = make([]int, n+1), map[id.Unit][]int{}
	for i := range n {
		m.shut[i+1] = m.shut[i]
		if !m.openMinute(m.base.Add(time.Duration(i) * time.Minute)) {
			m.shut[i+1]++
		}
	}
	for _, u := range m.Units {
		next := make([]int, n+1) // at i: the first taken minute from i on
		next[n] = n
		for i := n - 1; i >= 0; i-- {
			next[i] = next[i+1]
			for _, taken := range m.busy[u] {
				if taken.Has(m.base.Add(time.Duration(i) * time.Minute)) {
					next[i] = i
				}
			}
		}
		m.nexts[u] = next
	}
}

func (m *model) openMinute(t time.Time) bool {
	site := m.Facility.Places[0].Site
	local, day := t.In(site.Zone), period.DateOf(t, site.Zone)
	if !m.Facility.Closures[day].Empty() || !site.Closures[day].Empty() {
		return false
	}
	clock, any := local.Hour()*60+local.Minute(), false
	for d, ranges := range m.Facility.Hours {
		any = any || len(ranges) > 0
		for _, r := range ranges {
			if time.Weekday(d) == local.Weekday() && r.From <= clock && clock < r.To {
				return true
			}
		}
	}
	return !any
}

func (m *model) index(t time.Time) int { return int(t.Sub(m.base) / time.Minute) }

// accepts is what Judge must say of a period inside the model.
func (m *model) accepts(p period.Period) bool {
	i, j, rules := m.index(p.Start), m.index(p.End), m.Rules
	open := m.shut[j] == m.shut[i]
	if rules.Closed == facilities.Span {
		open = m.shut[i+1] == m.shut[i] && m.shut[j] == m.shut[j-1]
	}
	return open && m.onGrid(p.Start) && m.onGrid(p.End) &&
		!p.Start.Before(m.now) && !p.Start.Before(m.now.Add(rules.Notice.Duration())) &&
		(rules.Horizon.Zero() || !p.Start.After(m.now.Add(rules.Horizon.Duration()))) &&
		j-i >= rules.Min.Minutes && (rules.Max.Zero() || j-i <= rules.Max.Minutes) &&
		(m.Retired == period.Date{} || !p.End.After(m.RetiresAt()))
}

func (m *model) onGrid(t time.Time) bool {
	local := t.In(m.Facility.Places[0].Site.Zone)
	return m.Rules.Step.Zero() || (local.Hour()*60+local.Minute())%m.Rules.Step.Minutes == 0
}

// picks is what Pick must find.
func (m *model) picks(p period.Period) []id.Unit {
	need := m.Take
	if need == 0 {
		need = len(m.Units)
	}
	var out []id.Unit
	for _, u := range m.Units {
		from, to := m.index(p.Start)-m.Rules.SetUp.Minutes, m.index(p.End)+m.Rules.CleanUp.Minutes
		if m.nexts[u][from] >= to && len(out) < need {
			out = append(out, u)
		}
	}
	if len(out) < need {
		return nil
	}
	return out
}

// fits lists every booking of the length in the window.
func (m *model) fits(window period.Period, minutes int) (out []period.Period) {
	length := time.Duration(minutes) * time.Minute
	for s := window.Start; !s.Add(length).After(window.End); s = s.Add(time.Minute) {
		if p := period.New(s, s.Add(length)); m.accepts(p) && m.picks(p) != nil {
			out = append(out, p)
		}
	}
	return out
}

// String shows a failed case.
func (m *model) String() string {
	return fmt.Sprintf("rules %+v\nhours %v\nclosures %v %v\ntake %d of %v\nbusy %v\nnow %s",
		m.Rules, m.Facility.Hours, m.Facility.Closures, m.Facility.Places[0].Site.Closures, m.Take, m.Units, m.busy, m.now)
}
