package facilities

import (
	"encoding/json"
	"fmt"

	"rigg/internal/database"
	"rigg/internal/id"
	"rigg/internal/period"
)

// findCompanions gives one of the others that is of another facility, and one
// that brings along the resource itself, if there are such.
func findCompanions(tx *database.Tx, r id.Resource, along []id.Resource) (elsewhere, around id.Resource, err error) {
	type row struct {
		ID                id.Resource
		Elsewhere, Around bool
	}
	rows, err := database.Select[row](tx, `
		with recursive brought (by, id) as (
			select id, id from resources where id = any($2)
			union
			select b.by, c.along_id from brought b join resource_companions c on c.resource_id = b.id
		)
		select o.id, o.facility_id is distinct from (select facility_id from resources where id = $1) as elsewhere,
			exists (select from brought b where b.by = o.id and b.id = $1) as around
		from resources o where o.id = any($2) order by o.id`, string(r), names(along))
	if err != nil {
		return "", "", fmt.Errorf("look at what comes along: %w", err)
	}
	for _, row := range rows {
		if row.Elsewhere {
			elsewhere = row.ID
		}
		if row.Around {
			around = row.ID
		}
	}
	return elsewhere, around, nil
}

func putCompanions(tx *database.Tx, r id.Resource, along []id.Resource) (bool, error) {
	return either(func() (bool, error) {
		return dropCompanions(tx, r, along)
	}, func() (bool, error) {
		return put(tx, `
			insert into resource_companions (resource_id, along_id, position)
			select $1, w.id, w.n from unnest($2::text[]) with ordinality w (id, n)
			on conflict (resource_id, along_id) do update set position = excluded.position
			where resource_companions.position <> excluded.position`, string(r), names(along))
	})
}

// dropCompanions takes away those that are not among the others.
func dropCompanions(tx *database.Tx, r id.Resource, along []id.Resource) (bool, error) {
	return put(tx, `delete from resource_companions where resource_id = $1 and along_id <> all($2)`, string(r), names(along))
}

// putShifts makes the resource's shifts those that are given.
func putShifts(tx *database.Tx, r id.Resource, shifts []Shift) (bool, error) {
	days, ranges := []string{}, []string{}
	for _, s := range shifts {
		pairs := [][2]int{}
		for _, r := range s.Ranges {
			pairs = append(pairs, [2]int{r.From, r.To})
		}
		written, err := json.Marshal(pairs)
		if err != nil {
			return false, fmt.Errorf("write a shift: %w", err)
		}
		days, ranges = append(days, s.Day.String()), append(ranges, string(written))
	}
	return either(func() (bool, error) {
		return put(tx, `delete from resource_shifts where resource_id = $1 and day <> all($2::text[]::date[])`, string(r), days)
	}, func() (bool, error) {
		return put(tx, `
			insert into resource_shifts (resource_id, day, ranges)
			select $1, w.* from unnest($2::text[]::date[], $3::text[]::jsonb[]) w
			on conflict (resource_id, day) do update set ranges = excluded.ranges
			where resource_shifts.ranges <> excluded.ranges`, string(r), days, ranges)
	})
}

// names is the form in which the driver takes an array of names.
func names(resources []id.Resource) []string {
	out := make([]string, len(resources))
	for i, r := range resources {
		out[i] = string(r)
	}
	return out
}

// loadShifts reads resources' own days.
func loadShifts(tx *database.Tx, c *Catalogue) error {
	type row struct {
		ResourceID id.Resource
		Day        string
		Ranges     string // JSON
	}
	rows, err := database.Select[row](tx, `select resource_id, day::text as day, ranges::text as ranges from resource_shifts`)
	if err != nil {
		return err
	}
	for _, row := range rows {
		r := c.resources[row.ResourceID]
		day, err := period.ParseDate(row.Day)
		if err != nil {
			return fmt.Errorf("shift of %s: %w", row.ResourceID, err)
		}
		var pairs [][2]int
		if err := json.Unmarshal([]byte(row.Ranges), &pairs); err != nil {
			return fmt.Errorf("shift of %s: %w", row.ResourceID, err)
		}
		ranges := []Range{}
		for _, p := range pairs {
			ranges = append(ranges, Range{p[0], p[1]})
		}
		r.Shifts[day] = ranges
	}
	return nil
}

// loadCompanions reads what comes along with what.
func loadCompanions(tx *database.Tx, c *Catalogue) error {
	type row struct{ ResourceID, AlongID id.Resource }
	rows, err := database.Select[row](tx, `
		select resource_id, along_id from resource_companions order by resource_id, position`)
	if err != nil {
		return err
	}
	for _, row := range rows {
		r := c.resources[row.ResourceID]
		r.Along = append(r.Along, c.resources[row.AlongID])
	}
	return nil
}
