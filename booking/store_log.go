package booking

import (
	"encoding/json"
	"fmt"
	"time"

	"rigg/internal/database"
	"rigg/internal/id"
)

// insertLog writes what was told of a run, in place of what was told before.
func insertLog(tx *database.Tx, b id.Booking, l *Log) error {
	var written [3]string
	for i, part := range []any{l.Questions, l.Forms, l.Answers} {
		raw, err := json.Marshal(part)
		if err != nil {
			return fmt.Errorf("write a run log: %w", err)
		}
		if written[i] = string(raw); written[i] == "null" {
			written[i] = []string{"[]", "{}", "{}"}[i]
		}
	}
	_, err := database.Exec(tx, `
		insert into use_logs (booking_id, notes, questions, forms, answers, person_id, at)
		values ($1, $2, $3::text::jsonb, $4::text::jsonb, $5::text::jsonb, $6, $7)
		on conflict (booking_id) do update set notes = excluded.notes, questions = excluded.questions,
			forms = excluded.forms, answers = excluded.answers, person_id = excluded.person_id, at = excluded.at`,
		b, l.Notes, written[0], written[1], written[2], int64(l.By), l.At)
	if err != nil {
		return fmt.Errorf("write a run log: %w", err)
	}
	return nil
}

// findLog reads what was told of a run; nil where nothing was.
func findLog(tx *database.Tx, b id.Booking) (*Log, error) {
	type row struct {
		Notes, Questions, Forms, Answers string
		PersonID                         id.Person
		At                               time.Time
	}
	rows, err := database.Select[row](tx, `select notes, questions, forms, answers, person_id, at from use_logs where booking_id = $1`, b)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	r := rows[0]
	l := &Log{Notes: r.Notes, By: r.PersonID, At: r.At.UTC()}
	for _, part := range []struct {
		json string
		to   any
	}{{r.Questions, &l.Questions}, {r.Forms, &l.Forms}, {r.Answers, &l.Answers}} {
		if err := json.Unmarshal([]byte(part.json), part.to); err != nil {
			return nil, fmt.Errorf("read a run log: %w", err)
		}
	}
	return l, nil
}
