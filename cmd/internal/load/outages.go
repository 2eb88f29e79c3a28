package load

import (
	"fmt"
	"slices"
	"time"

	"rigg/facilities"
	"rigg/internal/id"
	"rigg/internal/period"
)

// readOutage reads an outage, or with a recurrence all of them: each has the
// entry's id with its local day, so that loading again finds it.
func readOutage(m *mapping) {
	o := facilities.Outage{
		Slug: m.word("id"), Facility: id.Facility(m.refer("facility", "facility")), Name: m.text("name", true),
		Note: m.words("note"), Kind: facilities.Maintenance,
	}
	if kind, ok := maybe(m, "kind", outageKind); ok {
		o.Kind = kind
	}
	if until, ok := maybe(m, "until_lifted", period.ParseSpan); ok {
		o.UntilLifted = until.Duration()
	}
	slugs, rule := wordList(m, "units", false), m.words("recurrence")
	if rule != "" && o.UntilLifted > 0 {
		m.wrong(m.lineOf("recurrence"), "recurrence", "Det som varar tills det hävs kan inte upprepas.",
			"What lasts until it is lifted cannot recur.")
	}
	// Read once as if in UTC, to tell mistakes and to know when; then in the zone.
	near, _ := need(m, "start", instant(time.UTC)), need(m, "end", instant(time.UTC))
	start, end := m.words("start"), m.words("end")
	m.is("outage", o.Slug)
	m.item.put = func(w *writer) (changed bool, err error) {
		zone, units, err := w.place(o.Facility, near)
		if err != nil {
			return false, err
		}
		if o.Units, err = pick(units, slugs); err != nil {
			return false, err
		}
		if o.Period.Start, err = period.Parse(start, zone); err != nil {
			return false, at("start", err)
		}
		if o.Period.End, err = period.Parse(end, zone); err != nil {
			return false, at("end", err)
		}
		return w.putOutages(o, rule, zone)
	}
}

func outageKind(s string) (facilities.OutageKind, error) {
	kind := facilities.OutageKind(s)
	if !slices.Contains(facilities.OutageKinds, kind) {
		return "", unlike("Skriv maintenance, breakdown eller internal.", "Write maintenance, breakdown or internal.")
	}
	return kind, nil
}

func (w *writer) putOutages(o facilities.Outage, rule string, zone *time.Location) (changed bool, err error) {
	if rule == "" || o.Period.Empty() {
		return facilities.PutOutage(w.tx, o)
	}
	all, err := facilities.Occurrences(rule, o.Period, zone)
	if err != nil {
		return false, err
	}
	name := o.Slug
	for _, p := range all {
		o.Slug, o.Period = fmt.Sprintf("%s-%s", name, period.DateOf(p.Start, zone)), p
		one, err := facilities.PutOutage(w.tx, o)
		if err != nil {
			return false, err
		}
		changed = changed || one
	}
	return changed, nil
}

// place gives the zone and the units of a facility.
func (w *writer) place(f id.Facility, at time.Time) (*time.Location, map[string]id.Unit, error) {
	catalogue, err := w.all()
	if err != nil {
		return nil, nil, err
	}
	facility, _ := catalogue.Facility(f) // referred to, so it is there
	units, err := selectUnits(w.tx, f)
	return facility.SiteAt(at).Zone, units, err
}

// pick gives the units of the slugs, or all where there is none.
func pick(units map[string]id.Unit, slugs []string) (out []id.Unit, err error) {
	for _, s := range slugs {
		unit, ok := units[s]
		if !ok {
			return nil, at("units", unlike("Anläggningen har ingen enhet %q.", "The facility has no unit %q.", s))
		}
		out = append(out, unit)
	}
	if len(slugs) == 0 {
		for _, unit := range units {
			out = append(out, unit)
		}
	}
	slices.Sort(out)
	return out, nil
}
