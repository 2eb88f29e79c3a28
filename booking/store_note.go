package booking

import (
	"fmt"
	"time"

	"rigg/internal/database"
	"rigg/internal/id"
	"rigg/internal/problem"
)

func insertNote(tx *database.Tx, n Note) (id.Note, error) {
	made, err := database.Select[id.Note](tx, `
		insert into handover_notes (facility_id, resource_id, person_id, text, at, pinned)
		values ($1, nullif($2, ''), $3, $4, $5, $6) returning id`,
		string(n.Facility), string(n.Resource), int64(n.By), n.Text, n.At, n.Pinned)
	if err != nil {
		return 0, fmt.Errorf("insert note: %w", err)
	}
	return made[0], nil
}

func facilityOfNote(tx *database.Tx, n id.Note) (id.Facility, error) {
	found, err := database.Select[id.Facility](tx, `select facility_id from handover_notes where id = $1`, int64(n))
	if err != nil {
		return "", fmt.Errorf("find note: %w", err)
	}
	if len(found) == 0 {
		return "", problem.Absent()
	}
	return found[0], nil
}

func pinNote(tx *database.Tx, n id.Note, pinned bool) error {
	if _, err := database.Exec(tx, `update handover_notes set pinned = $2 where id = $1`, int64(n), pinned); err != nil {
		return fmt.Errorf("pin note: %w", err)
	}
	return nil
}

func listNotes(tx *database.Tx, f id.Facility) ([]Note, error) {
	type row struct {
		ID         id.Note
		ResourceID id.Resource
		PersonID   id.Person
		Text       string
		At         time.Time
		Pinned     bool
	}
	rows, err := database.Select[row](tx, fmt.Sprintf(`
		select id, coalesce(resource_id, '') as resource_id, person_id, text, at, pinned from handover_notes
		where facility_id = $1 order by pinned desc, id desc limit %d`, maxListed), string(f))
	if err != nil {
		return nil, fmt.Errorf("list notes: %w", err)
	}
	out := make([]Note, len(rows))
	for i, r := range rows {
		out[i] = Note{ID: r.ID, Facility: f, Resource: r.ResourceID, By: r.PersonID, Text: r.Text, At: r.At.UTC(), Pinned: r.Pinned}
	}
	return out, nil
}
