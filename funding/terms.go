package funding

import (
	"slices"

	"rigg/internal/id"
	"rigg/internal/period"
)

// Terms are everything that a price depends on, as of one number of
// catalogue_version. They are immutable and safe for concurrent readers.
type Terms struct {
	Version int64

	programmes    map[id.Programme]*Programme
	projects      []*Project // by id
	project       map[id.Project]*Project
	organisations map[id.Organisation]organisation
	rates         map[id.Resource][]Rate // by audience, then by start
}

type organisation struct{ name, kind string }

// Programme gives a programme by its id.
func (t *Terms) Programme(p id.Programme) (*Programme, bool) {
	out, ok := t.programmes[p]
	return out, ok
}

// Project gives a project by its id.
func (t *Terms) Project(p id.Project) (*Project, bool) {
	out, ok := t.project[p]
	return out, ok
}

// Projects lists all projects by id.
func (t *Terms) Projects() []*Project { return t.projects }

// Audience is whose prices an organisation pays: its kind. It is empty, which no
// rate is for, where there is no such organisation.
func (t *Terms) Audience(o id.Organisation) string { return t.organisations[o].kind }

// OrganisationName gives the name, or the id where there is no such organisation.
func (t *Terms) OrganisationName(o id.Organisation) string {
	if found, ok := t.organisations[o]; ok {
		return found.name
	}
	return string(o)
}

// RatesOf lists every rate of a resource, by audience and then by start.
func (t *Terms) RatesOf(r id.Resource) []Rate { return t.rates[r] }

// rateAt gives the rate in force on a day.
func (t *Terms) rateAt(r id.Resource, audience string, day period.Date) (Rate, bool) {
	at := slices.IndexFunc(t.rates[r], func(rate Rate) bool {
		return rate.Audience == audience && covers(rate.From, rate.To, day)
	})
	if at < 0 {
		return Rate{}, false
	}
	return t.rates[r][at], true
}

// covers holds for a day from the first to the last; a zero last day is until
// further notice.
func covers(from, to, day period.Date) bool {
	return !day.Before(from) && (to == period.Date{} || !to.Before(day))
}
