package load

import (
	"rigg/facilities"
	"rigg/internal/period"
)

// rules reads the rules of a resource, or a facility's for all of its own.
func (m *mapping) rules(key string) (s facilities.Stated) {
	in, ok := m.inner(key, false)
	if !ok {
		return s
	}
	for _, rule := range facilities.RuleTable {
		switch {
		case rule.Span != nil:
			if span, ok := maybe(in, rule.Key, period.ParseSpan); ok {
				*rule.Span(&s) = &span
			}
		case rule.Yes != nil:
			if yes, ok := maybe(in, rule.Key, truth); ok {
				*rule.Yes(&s) = &yes
			}
		case rule.Word != nil:
			if word, ok := maybe(in, rule.Key, oneOf(rule.Words)); ok {
				rule.Word(&s, word)
			}
		case rule.Hours != nil:
			if hours := in.hours(rule.Key); in.states(rule.Key) {
				*rule.Hours(&s) = &hours
			}
		case rule.Quotas != nil:
			if quotas := in.quotas(rule.Key); in.states(rule.Key) {
				*rule.Quotas(&s) = &quotas
			}
		case rule.Audiences != nil:
			if audiences := in.audiences(rule.Key); in.states(rule.Key) {
				*rule.Audiences(&s) = &audiences
			}
		}
	}
	in.end()
	return s
}

// states tells whether a key is there with something: an empty list or mapping
// is something, and switches a facility's default off.
func (m *mapping) states(key string) bool {
	node := m.values[key]
	return node != nil && !null(node)
}

// quotas reads a list of what somebody may book within a stretch of time.
func (m *mapping) quotas(key string) []facilities.Quota {
	out := []facilities.Quota{}
	m.entries(key, false, func(in *mapping) {
		q := facilities.Quota{
			Per: facilities.Subject(need(in, "per", oneOf(written(facilities.Subjects)))),
			In:  facilities.Stretch(need(in, "in", oneOf(written(facilities.Stretches)))),
		}
		q.Count, _ = maybe(in, "count", between(1, facilities.MaxQuotaCount))
		q.Hours, _ = maybe(in, "hours", period.ParseSpan)
		of, _ := maybe(in, "of", oneOf(written(facilities.Scopes)))
		q.Of, q.Peak = facilities.Scope(of), in.hours("peak")
		out = append(out, q)
	})
	return out
}

// audiences reads a list of who may book, and on which terms of time.
func (m *mapping) audiences(key string) []facilities.Audience {
	out := []facilities.Audience{}
	m.entries(key, false, func(in *mapping) {
		words, _ := listOf(in, "who", true, oneOf(written(facilities.Whos)))
		a := facilities.Audience{Hours: in.hours("hours")}
		for _, word := range words {
			a.Who = append(a.Who, facilities.Who(word))
		}
		a.Horizon, _ = maybe(in, "horizon", period.ParseSpan)
		out = append(out, a)
	})
	return out
}

// written gives choices as they are written.
func written[T ~string](choices []T) []string {
	out := make([]string, len(choices))
	for i, c := range choices {
		out[i] = string(c)
	}
	return out
}
