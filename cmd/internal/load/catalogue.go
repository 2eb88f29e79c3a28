package load

import (
	"fmt"
	"slices"
	"strings"

	"rigg/access"
	"rigg/facilities"
	"rigg/internal/id"
	"rigg/internal/period"
)

func readSite(m *mapping) {
	s := facilities.Site{
		ID: id.Site(m.word("id")), Name: m.word("name"), City: m.word("city"), County: m.word("county"),
		Zone: need(m, "time_zone", zone),
	}
	s.Hosts = []facilities.DatedHost{{Host: id.Organisation(m.refer("organisation", "host"))}}
	m.dated("hosts", func(in *mapping, from period.Date) {
		host := id.Organisation(in.refer("organisation", "organisation"))
		s.Hosts = append(s.Hosts, facilities.DatedHost{From: from, Host: host})
	})
	slices.SortStableFunc(s.Hosts[1:], func(a, b facilities.DatedHost) int { return byDay(a.From, b.From) })
	m.is("site", string(s.ID))
	m.item.put = func(w *writer) (bool, error) { return facilities.PutSite(w.tx, s) }
}

// dated calls f with each entry of a list of what holds from a day on; no day
// may be there twice.
func (m *mapping) dated(key string, f func(in *mapping, from period.Date)) {
	seen := map[period.Date]bool{}
	m.entries(key, false, func(in *mapping) {
		from := need(in, "from", period.ParseDate)
		if seen[from] {
			in.wrong(in.line, "from", "Dagen står två gånger.", "The day is there twice.")
		}
		seen[from] = true
		f(in, from)
	})
}

func byDay(a, b period.Date) int { return a.UTC().Compare(b.UTC()) }

func readFacility(m *mapping) {
	f := facilities.FacilityStated{
		ID: id.Facility(m.word("id")), Name: m.properName("name"), About: m.text("description", false),
		Entrance: m.text("entrance", false), Kind: facilities.Kind(m.word("kind")), Address: m.words("address"),
		Approval: facilities.Approval(m.word("approval")), Hours: m.hours("hours"), Rules: m.rules("rules"),
	}
	below, given := maybe(m, "auto_below", amount)
	f.AutoBelow = below
	if given != (f.Approval == facilities.AutoIf) && !m.item.broken {
		m.wrong(m.lineOf("auto_below"), "auto_below", "Beloppet ska stå med approval: auto_if, och bara då.",
			"The amount goes with approval: auto_if, and only with it.")
	}
	f.Places = []facilities.PlaceStated{{Site: id.Site(m.refer("site", "site"))}}
	m.dated("moves", func(in *mapping, from period.Date) {
		f.Places = append(f.Places, facilities.PlaceStated{From: from, Site: id.Site(in.refer("site", "site"))})
	})
	slices.SortStableFunc(f.Places[1:], func(a, b facilities.PlaceStated) int { return byDay(a.From, b.From) })
	managers, members := m.people("managers"), m.people("members")
	m.is("facility", string(f.ID))
	m.item.put = func(w *writer) (bool, error) {
		changed, err := facilities.PutFacility(w.tx, f)
		if err != nil {
			return false, err
		}
		granted, err := w.grants(managers, access.FacilityManager, string(f.ID))
		if err != nil {
			return false, err
		}
		joined, err := w.grants(members, access.FacilityMember, string(f.ID))
		return changed || granted || joined, err
	}
}

func readResource(m *mapping) {
	r := facilities.ResourceStated{
		ID: id.Resource(m.word("id")), Facility: id.Facility(m.refer("facility", "facility")),
		Name: m.text("name", true), About: m.text("description", false),
		Capabilities: wordList(m, "capabilities", false), Rules: m.rules("rules"),
		Requires: referAll[id.Qualification](m, "qualification", "requires", asWritten),
	}
	r.Units, r.Take = m.units("units")
	r.Hours, r.Shifts = m.ownHours(), m.shifts("shifts")
	r.Along = m.along("along", r.ID)
	m.position[string(r.Facility)]++
	r.Position = m.position[string(r.Facility)]
	m.is("resource", string(r.ID))
	m.item.put = func(w *writer) (bool, error) { return facilities.PutResource(w.tx, r) }
}

// along reads what comes along, and makes an item of it, to be written when all
// resources are.
func (m *mapping) along(key string, of id.Resource) (out []id.Resource) {
	names, lines := listOf(m, key, false, asWritten)
	if len(names) == 0 {
		return nil
	}
	it := m.reader.item("along", m.lineOf(key))
	it.key, it.lines[key] = string(of), it.line
	it.refers = []reference{{to: thing{"resource", string(of)}, path: key, line: it.line}}
	for i, name := range names {
		out = append(out, id.Resource(name))
		it.refers = append(it.refers, reference{to: thing{"resource", name}, path: key, line: lines[i]})
	}
	it.put = func(w *writer) (bool, error) { return facilities.PutCompanions(w.tx, of, out) }
	return out
}

// ownHours reads a resource's own hours; nil where it has none.
func (m *mapping) ownHours() *facilities.Hours {
	hours := m.hours("hours")
	if node := m.values["hours"]; node == nil || null(node) {
		return nil
	}
	return &hours
}

// shifts reads a list of days with their hours.
func (m *mapping) shifts(key string) (out []facilities.Shift) {
	seen := map[period.Date]bool{}
	m.entries(key, false, func(in *mapping) {
		s := facilities.Shift{Day: need(in, "date", period.ParseDate), Ranges: need(in, "hours", facilities.ParseShift)}
		if seen[s.Day] {
			in.wrong(in.line, "date", "Dagen står två gånger.", "The day is there twice.")
		}
		seen[s.Day], out = true, append(out, s)
	})
	return out
}

// units reads {all: [...]}, which is a take of 0, or {any: 1, of: [...]}.
func (m *mapping) units(key string) (slugs []string, take int) {
	in, ok := m.inner(key, true)
	if !ok {
		return nil, 0
	}
	defer in.end()
	if in.values["any"] == nil && in.values["of"] == nil {
		return wordList(in, "all", true), 0
	}
	take = need(in, "any", between(1, 100))
	return wordList(in, "of", true), take
}

// hours reads opening hours; each line is read by itself first, so that a
// mistake is told where it stands.
func (m *mapping) hours(key string) facilities.Hours {
	in, ok := m.inner(key, false)
	if !ok {
		return facilities.Hours{}
	}
	words := map[string]string{}
	for _, days := range in.keys {
		ranges := in.word(days)
		if in.values[days] == nil || m.item.broken {
			continue
		}
		if _, err := facilities.ParseHours(map[string]string{days: ranges}); err != nil {
			in.refuse(in.values[days].Line, days, err)
		}
		words[days] = ranges
	}
	if m.item.broken {
		return facilities.Hours{}
	}
	out, err := facilities.ParseHours(words)
	if err != nil {
		m.refuse(in.line, key, err)
	}
	return out
}

// everySite as `sites` closes all the sites that there are.
const everySite = "all"

func readClosure(m *mapping) {
	c := facilities.Closure{Name: m.text("name", true), Day: need(m, "date", period.ParseDate)}
	every := m.words("sites")
	c.Site = id.Site(m.mayRefer("site", "site"))
	c.Facility = id.Facility(m.mayRefer("facility", "facility"))
	if every != "" && every != everySite {
		m.wrong(m.lineOf("sites"), "sites", "Skriv all, eller site och en plats.", "Write all, or site and a site.")
	}
	if every != "" && (c.Site != "" || c.Facility != "") || every == "" && (c.Site == "") == (c.Facility == "") {
		m.wrong(m.line, "", "Ange ett av sites: all, site och facility.", "Give one of sites: all, site and facility.")
	}
	m.item.key = closureKey(c)
	m.item.put = func(w *writer) (bool, error) {
		if every == everySite {
			return w.closeAll(c)
		}
		return facilities.PutClosure(w.tx, c)
	}
}

func closureKey(c facilities.Closure) string {
	return strings.TrimSpace(fmt.Sprintf("%s %s %s", c.Day, c.Site, c.Facility))
}

// closeAll closes every site but those whose own entry says why they are closed.
func (w *writer) closeAll(c facilities.Closure) (changed bool, err error) {
	catalogue, err := w.all()
	if err != nil {
		return false, err
	}
	for _, s := range catalogue.Sites() {
		c.Site = s.ID
		if w.closed[closureKey(c)] || s.Closures[c.Day] == c.Name { // most days are as they were at the last load
			continue
		}
		one, err := facilities.PutClosure(w.tx, c)
		if err != nil {
			return false, err
		}
		changed = changed || one
	}
	return changed, nil
}
