package facilities

import (
	"slices"

	"rigg/internal/database"
	"rigg/internal/id"
)

// maxCompanions is how many resources can come along with one.
const maxCompanions = 10

// Together gives the resources and all that comes along with them, and with
// that: those that were asked for first, each once.
func Together(resources []*Resource) []*Resource {
	out := slices.Clone(resources)
	for i := 0; i < len(out); i++ {
		for _, r := range out[i].Along {
			if !slices.Contains(out, r) {
				out = append(out, r)
			}
		}
	}
	return out
}

// PutCompanions has the others come along whenever the resource is booked, and
// tells whether anything changed. They and the resource are put before, by
// PutResource, which takes away those that it does not name. Code: invalid,
// with the field.
func PutCompanions(tx *database.Tx, r id.Resource, along []id.Resource) (changed bool, err error) {
	switch {
	case len(along) > maxCompanions:
		return false, invalid("along", "Högst %d resurser kan följa med.", "At most %d resources can come along.", maxCompanions)
	case slices.Contains(along, r):
		return false, invalid("along", "En resurs kan inte följa med sig själv.", "A resource cannot come along with itself.")
	}
	elsewhere, around, err := findCompanions(tx, r, along)
	switch {
	case err != nil:
		return false, err
	case elsewhere != "":
		return false, invalid("along", "%s hör till en annan anläggning. Bara sådant som finns på plats kan följa med.",
			"%s belongs to another facility. Only what is there can come along.", elsewhere)
	case around != "":
		return false, invalid("along", "Det går runt i ring: %s har i sin tur med sig %s.",
			"This goes round in a circle: %s in turn brings along %s.", around, r)
	}
	return putCompanions(tx, r, along)
}
