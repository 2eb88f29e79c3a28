package load

import (
	"rigg/facilities"
	"rigg/internal/database"
	"rigg/internal/id"
	"rigg/internal/period"
)

// form reads the questions that a resource asks after each use.
func (m *mapping) form(key string) (out []facilities.Question) {
	m.entries(key, false, func(in *mapping) {
		q := facilities.Question{
			ID: in.word("id"), Label: in.text("label", true),
			Kind: facilities.QuestionKind(need(in, "kind", oneOf(facilities.QuestionKinds))), Unit: in.words("unit"),
		}
		q.Required, _ = maybe(in, "required", truth)
		in.entries("choices", false, func(choice *mapping) {
			q.Choices = append(q.Choices, facilities.Choice{ID: choice.word("id"), Label: choice.text("label", true)})
		})
		out = append(out, q)
	})
	return out
}

// arrival reads what those who come need to know.
func (m *mapping) arrival(key string) (a facilities.Arrival) {
	in, ok := m.inner(key, false)
	if !ok {
		return a
	}
	defer in.end()
	return facilities.Arrival{
		Contact: in.words("contact"), Phone: in.words("phone"),
		Safety: in.text("safety", false), Parking: in.text("parking", false),
	}
}

// retirement reads the day from which a resource is gone, or "never". A resource
// that says nothing of it stays as it is: managers retire too.
func (m *mapping) retirement(key string) func(*database.Tx, id.Resource) (bool, error) {
	day, given := maybe(m, key, func(s string) (period.Date, error) {
		if s == "never" {
			return period.Date{}, nil
		}
		return period.ParseDate(s)
	})
	return func(tx *database.Tx, r id.Resource) (bool, error) {
		if !given {
			return false, nil
		}
		changed, err := facilities.PutRetired(tx, r, day)
		if p, theirs := told(err); theirs {
			return false, at(key, p)
		}
		return changed, err
	}
}

// all runs the puts of one item's parts and tells whether any changed anything.
func all(puts ...func() (bool, error)) (changed bool, err error) {
	for _, put := range puts {
		one, err := put()
		if err != nil {
			return false, err
		}
		changed = changed || one
	}
	return changed, nil
}
