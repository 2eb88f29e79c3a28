package load

import (
	"rigg/internal/database"
	"rigg/internal/id"
)

// selectThings gives all that files can refer to in the database.
func selectThings(tx *database.Tx) (map[thing]bool, error) {
	type row struct{ Kind, ID string }
	rows, err := database.Select[row](tx, `
		select 'organisation' as kind, id from organisations
		union all select 'person', email from people
		union all select 'qualification', id from qualifications
		union all select 'site', id from sites
		union all select 'facility', id from facilities
		union all select 'resource', id from resources
		union all select 'programme', id from programmes
		union all select 'project', id from projects`)
	if err != nil {
		return nil, err
	}
	out := make(map[thing]bool, len(rows))
	for _, r := range rows {
		out[thing{r.Kind, r.ID}] = true
	}
	return out, nil
}

// selectUnits gives a facility's units by their slugs.
func selectUnits(tx *database.Tx, f id.Facility) (map[string]id.Unit, error) {
	type row struct {
		Slug string
		ID   id.Unit
	}
	rows, err := database.Select[row](tx, `select slug, id from units where facility_id = $1`, string(f))
	if err != nil {
		return nil, err
	}
	out := make(map[string]id.Unit, len(rows))
	for _, r := range rows {
		out[r.Slug] = r.ID
	}
	return out, nil
}
