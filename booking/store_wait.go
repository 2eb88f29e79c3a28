package booking

import (
	"encoding/json"
	"fmt"
	"time"

	"rigg/internal/database"
	"rigg/internal/id"
	"rigg/internal/period"
	"rigg/internal/problem"
)

func insertWait(tx *database.Tx, w *Wait) (id.Wait, error) {
	rows, err := database.Select[id.Wait](tx, `
		insert into waits (ref, person_id, project_id, facility_id, resources, starts_at, ends_at, minutes, purpose, state,
			created_at, changed_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11) returning id`,
		w.Ref, int64(w.Person), w.Project, string(w.Facility), words(w.Resources), w.Period.Start, w.Period.End, w.Minutes, w.Purpose,
		w.State, tx.Now)
	if err != nil {
		return 0, fmt.Errorf("insert wait: %w", err)
	}
	return rows[0], nil
}

type waitRow struct {
	ID                  id.Wait
	Ref                 id.Ref
	PersonID            id.Person
	ProjectID           id.Project
	FacilityID          id.Facility
	Resources, Declined string // JSON
	StartsAt, EndsAt    time.Time
	Minutes             int
	Purpose             string
	State               WaitState
	BookingRef          id.Ref
	CreatedAt           time.Time
	TriedAt             *time.Time
	TriedFacts          int64
}

func (r waitRow) wait() (*Wait, error) {
	w := &Wait{
		WaitWish: WaitWish{Project: r.ProjectID, Period: period.New(r.StartsAt, r.EndsAt), Minutes: r.Minutes, Purpose: r.Purpose},
		ID:       r.ID, Ref: r.Ref, Person: r.PersonID, Facility: r.FacilityID, State: r.State, Booking: r.BookingRef,
		Created: r.CreatedAt.UTC(), triedFacts: r.TriedFacts,
	}
	if r.TriedAt != nil {
		w.tried = r.TriedAt.UTC()
	}
	var declined []struct{ Start, End time.Time }
	if err := json.Unmarshal([]byte(r.Resources), &w.Resources); err != nil {
		return nil, fmt.Errorf("read wait: %w", err)
	}
	if err := json.Unmarshal([]byte(r.Declined), &declined); err != nil {
		return nil, fmt.Errorf("read wait: %w", err)
	}
	for _, d := range declined {
		w.declined = append(w.declined, period.New(d.Start, d.End))
	}
	return w, nil
}

// listWaits reads the waits that meet the condition.
func listWaits(tx *database.Tx, where string, args ...any) ([]*Wait, error) {
	rows, err := database.Select[waitRow](tx, `
		select w.id, w.ref, w.person_id, w.project_id, w.facility_id, to_json(w.resources) as resources, w.starts_at, w.ends_at,
			w.minutes, w.purpose, w.state, coalesce(b.ref, '') as booking_ref, w.created_at, w.tried_at, w.tried_facts,
			(select coalesce(json_agg(json_build_object('Start', h.starts_at, 'End', h.ends_at)), '[]')
				from holds h where h.wait_id = w.id and h.declined) as declined
		from waits w left join bookings b on b.id = w.booking_id where `+where, args...)
	if err != nil {
		return nil, fmt.Errorf("list waits: %w", err)
	}
	out := make([]*Wait, len(rows))
	for i, r := range rows {
		if out[i], err = r.wait(); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// findWait gives one wait; not-found where there is none.
func findWait(tx *database.Tx, ref id.Ref) (*Wait, error) {
	found, err := listWaits(tx, `w.ref = $1`, ref)
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, problem.Absent()
	}
	return found[0], nil
}

// lockWaitRow locks one wait; not-found where there is none.
func lockWaitRow(tx *database.Tx, ref id.Ref) error {
	rows, err := database.Select[id.Wait](tx, `select id from waits where ref = $1 for no key update`, ref)
	if err != nil {
		return fmt.Errorf("lock wait: %w", err)
	}
	if len(rows) == 0 {
		return problem.Absent()
	}
	return nil
}

// lockWaitOf locks the wait that a hold is an offer to; nil where it is none.
func lockWaitOf(tx *database.Tx, h id.Hold) (*Wait, error) {
	refs, err := database.Select[id.Ref](tx, `select w.ref from holds h join waits w on w.id = h.wait_id where h.id = $1`, int64(h))
	if err != nil {
		return nil, fmt.Errorf("find the wait of a hold: %w", err)
	}
	if len(refs) == 0 {
		return nil, nil //nolint:nilnil // most holds are no offers
	}
	if err := lockWaitRow(tx, refs[0]); err != nil {
		return nil, err
	}
	return findWait(tx, refs[0])
}

// offerOf gives what a wait is offered; nil where that is nothing.
func offerOf(tx *database.Tx, w id.Wait) (*Hold, error) {
	found, err := listHolds(tx, `wait_id = $1`, int64(w))
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return &found[0], nil
}

// setWait writes the state of a locked wait.
func setWait(tx *database.Tx, w *Wait, state WaitState, b id.Booking) error {
	_, err := database.Exec(tx, `update waits set state = $2, booking_id = nullif($3::bigint, 0), changed_at = $4 where id = $1`,
		int64(w.ID), state, int64(b), tx.Now)
	if err != nil {
		return fmt.Errorf("write wait: %w", err)
	}
	w.State = state
	return nil
}

// setOffer gives a locked wait the hold that was made for it.
func setOffer(tx *database.Tx, w *Wait, h id.Hold) error {
	if _, err := database.Exec(tx, `update holds set wait_id = $2 where id = $1`, int64(h), int64(w.ID)); err != nil {
		return fmt.Errorf("write offer: %w", err)
	}
	return setWait(tx, w, WaitOffered, 0)
}

// setDeclined keeps the time of an ended hold from being offered to its wait again.
func setDeclined(tx *database.Tx, h id.Hold) error {
	if _, err := database.Exec(tx, `update holds set declined = true where id = $1`, int64(h)); err != nil {
		return fmt.Errorf("write declined offer: %w", err)
	}
	return nil
}

// setTried notes when a wait was looked at, and with which facts.
func setTried(tx *database.Tx, w *Wait, facts int64) error {
	_, err := database.Exec(tx, `update waits set tried_at = $2, tried_facts = $3 where id = $1`, int64(w.ID), tx.Now, facts)
	if err != nil {
		return fmt.Errorf("write wait: %w", err)
	}
	return nil
}

// positionOf counts who joined before for the same resources at a time that meets
// the wish.
func positionOf(tx *database.Tx, w *Wait) (int, error) {
	rows, err := database.Select[int](tx, `
		select count(*) + 1 from waits o where o.facility_id = $1 and o.state in ('waiting', 'offered')
			and (o.created_at, o.id) < ($2, $3) and o.resources && $4::text[] and o.starts_at < $6 and o.ends_at > $5`,
		string(w.Facility), w.Created, int64(w.ID), words(w.Resources), w.Period.Start, w.Period.End)
	if err != nil {
		return 0, fmt.Errorf("position of a wait: %w", err)
	}
	return rows[0], nil
}

// lockPerson locks a person's row, which counts what they have.
func lockPerson(tx *database.Tx, p id.Person) error {
	if _, err := database.Select[id.Person](tx, `select id from people where id = $1 for no key update`, int64(p)); err != nil {
		return fmt.Errorf("lock person: %w", err)
	}
	return nil
}
