package booking

import (
	"encoding/json"
	"fmt"
	"time"

	"rigg/internal/database"
	"rigg/internal/id"
	"rigg/internal/money"
	"rigg/internal/period"
)

// approvalColumns are a booking b's approvals and the proposed change of it, as
// JSON.
const approvalColumns = `
		coalesce((select jsonb_agg(` + approvalJSON + ` order by v.side) from approvals v
			where v.booking_id = b.id and v.hold_id is null), '[]') as approvals,
		coalesce((select jsonb_build_object('id', h.id, 'by', coalesce(h.by_person, 0), 'reason', h.reason,
				'resources', h.resources, 'start', h.starts_at, 'end', h.ends_at, 'created', h.created_at, 'expires', h.expires_at,
				'approvals', (select jsonb_agg(` + approvalJSON + ` order by v.side) from approvals v
					where v.booking_id = b.id and v.hold_id = h.id))
			from holds h where h.booking_id = b.id and h.kind = 'change' and h.ended_at is null), 'null') as proposal`

const approvalJSON = `jsonb_build_object('side', v.side, 'by', coalesce(v.person_id, 0), 'at', v.given_at,
	'resources', v.resources, 'start', v.starts_at, 'end', v.ends_at, 'cost', v.cost_ore)`

type approvalRow struct {
	Side       Side
	By         id.Person
	At         time.Time
	Resources  []id.Resource
	Start, End time.Time
	Cost       int64
}

func (r approvalRow) approval() Approval {
	a := Approval{Side: r.Side, By: r.By}
	if a.Given() {
		a.At = r.At.UTC()
		a.Approved = Approved{Resources: r.Resources, Period: period.New(r.Start, r.End), Cost: money.Ore(r.Cost)}
	}
	return a
}

func approvals(rows []approvalRow) (out []Approval) {
	for _, r := range rows {
		out = append(out, r.approval())
	}
	return out
}

type proposalRow struct {
	ID         id.Hold
	By         id.Person
	Reason     string
	Resources  []id.Resource
	Start, End time.Time
	Created    time.Time
	Expires    time.Time
	Approvals  []approvalRow
}

// answers fills in what the columns above say.
func (b *Booking) answers(approved, proposed string) error {
	var rows []approvalRow
	var p *proposalRow
	if err := json.Unmarshal([]byte(approved), &rows); err != nil {
		return fmt.Errorf("read approvals: %w", err)
	}
	if err := json.Unmarshal([]byte(proposed), &p); err != nil {
		return fmt.Errorf("read proposal: %w", err)
	}
	b.Approvals = approvals(rows)
	if p != nil {
		b.Proposal = &Proposal{
			ID: p.ID, By: p.By, Reason: p.Reason, Resources: p.Resources, Period: period.New(p.Start, p.End),
			Created: p.Created.UTC(), Expires: p.Expires.UTC(), Approvals: approvals(p.Approvals),
		}
	}
	return nil
}

// putApprovals writes what a booking needs, or with a hold what a change of it
// does, in place of what stood there.
func putApprovals(tx *database.Tx, b id.Booking, h id.Hold, list []Approval) error {
	_, err := database.Exec(tx, `delete from approvals where booking_id = $1 and hold_id is not distinct from nullif($2::bigint, 0)`,
		int64(b), int64(h))
	if err != nil {
		return fmt.Errorf("delete approvals: %w", err)
	}
	return insertApprovals(tx, b, h, list)
}

func insertApprovals(tx *database.Tx, b id.Booking, h id.Hold, list []Approval) error {
	for _, a := range list { // at most one a side
		var by, cost *int64
		var at, start, end *time.Time
		var resources []string
		if a.Given() {
			person, ore := int64(a.By), int64(a.Approved.Cost)
			by, cost, at = &person, &ore, &a.At
			start, end, resources = &a.Approved.Period.Start, &a.Approved.Period.End, words(a.Approved.Resources)
		}
		_, err := database.Exec(tx, `
			insert into approvals (booking_id, hold_id, side, person_id, given_at, resources, starts_at, ends_at, cost_ore)
			values ($1, nullif($2::bigint, 0), $3, $4, $5, $6, $7, $8, $9)`,
			int64(b), int64(h), a.Side, by, at, resources, start, end, cost)
		if err != nil {
			return fmt.Errorf("insert approval: %w", err)
		}
	}
	return nil
}

// putApprovalsOf is putApprovals for many bookings as they stand.
func putApprovalsOf(tx *database.Tx, list []*Booking) error {
	type row struct {
		Booking   id.Booking    `json:"booking"`
		Side      Side          `json:"side"`
		Person    *id.Person    `json:"person"`
		At        *time.Time    `json:"at"`
		Resources []id.Resource `json:"resources"`
		Start     *time.Time    `json:"starts"`
		End       *time.Time    `json:"ends"`
		Cost      *money.Ore    `json:"cost"`
	}
	rows := []row{}
	for _, b := range list {
		for _, a := range b.Approvals {
			r := row{Booking: b.ID, Side: a.Side}
			if a.Given() {
				r.Person, r.At, r.Resources = &a.By, &a.At, a.Approved.Resources
				r.Start, r.End, r.Cost = &a.Approved.Period.Start, &a.Approved.Period.End, &a.Approved.Cost
			}
			rows = append(rows, r)
		}
	}
	written, err := json.Marshal(rows)
	if err != nil {
		return fmt.Errorf("write approvals: %w", err)
	}
	_, err = database.Exec(tx, `delete from approvals where booking_id = any($1::bigint[]) and hold_id is null`, bookingNumbers(idsOf(list)))
	if err != nil {
		return fmt.Errorf("delete approvals: %w", err)
	}
	_, err = database.Exec(tx, `
		insert into approvals (booking_id, side, person_id, given_at, resources, starts_at, ends_at, cost_ore)
		select booking, side, person, at, resources, starts, ends, cost
		from jsonb_to_recordset($1::jsonb) x (booking bigint, side text, person bigint, at timestamptz, resources text[],
			starts timestamptz, ends timestamptz, cost bigint)`, string(written))
	if err != nil {
		return fmt.Errorf("insert approvals: %w", err)
	}
	return nil
}

// openProposal gives the change that is proposed of a booking, and the resources
// that it would take; 0 where there is none.
func openProposal(tx *database.Tx, ref id.Ref) (Hold, error) {
	found, err := listHolds(tx, `kind = 'change' and booking_id = (select id from bookings where ref = $1)`, ref)
	if err != nil || len(found) == 0 {
		return Hold{}, err
	}
	return found[0], nil
}

// ownUnits are the times that a booking takes now, by unit.
func ownUnits(tx *database.Tx, b id.Booking) (map[id.Unit][]period.Period, error) {
	type row struct {
		UnitID           id.Unit
		StartsAt, EndsAt time.Time
	}
	rows, err := database.Select[row](tx, `select unit_id, starts_at, ends_at from allocations where booking_id = $1 and active`, int64(b))
	if err != nil {
		return nil, fmt.Errorf("list a booking's units: %w", err)
	}
	out := map[id.Unit][]period.Period{}
	for _, r := range rows {
		out[r.UnitID] = append(out[r.UnitID], period.New(r.StartsAt, r.EndsAt))
	}
	return out, nil
}

// dueRef names a booking that a schedule has to look at.
type dueRef struct {
	ID        id.Booking
	Ref       id.Ref
	ChangedAt time.Time
	StartsAt  time.Time
	Resources string
}

// listLapsed finds the bookings whose proposed change has been held long enough.
func listLapsed(tx *database.Tx, limit int) ([]id.Ref, error) {
	refs, err := database.Select[id.Ref](tx, `
		select b.ref from holds h join bookings b on b.id = h.booking_id
		where h.kind = 'change' and h.ended_at is null and h.expires_at <= $1 order by h.expires_at, h.id limit $2`, tx.Now, limit)
	if err != nil {
		return nil, fmt.Errorf("list lapsed proposals: %w", err)
	}
	return refs, nil
}

// listUnanswered reads the requests of some resources that wait for an approval,
// the longest wait first.
func listUnanswered(tx *database.Tx, resources []id.Resource, limit int) ([]*Booking, error) {
	rows, err := database.Select[dueRef](tx, `
		select b.id, b.ref, b.changed_at, b.starts_at,
			(select jsonb_agg(r.resource_id order by r.position) from booking_resources r where r.booking_id = b.id) as resources
		from bookings b
		where b.state = 'requested' and b.question = '' and b.starts_at > $1
			and exists (select from booking_resources r where r.booking_id = b.id and r.resource_id = any($2))
			and not exists (select from holds h where h.booking_id = b.id and h.kind = 'change' and h.ended_at is null)
		order by b.changed_at, b.id limit $3`, tx.Now, words(resources), limit)
	if err != nil {
		return nil, fmt.Errorf("list unanswered requests: %w", err)
	}
	out := make([]*Booking, len(rows))
	for i, r := range rows {
		out[i] = &Booking{ID: r.ID, Ref: r.Ref, State: Requested, Changed: r.ChangedAt.UTC(), Period: period.Period{Start: r.StartsAt.UTC()}}
		if err := json.Unmarshal([]byte(r.Resources), &out[i].Resources); err != nil {
			return nil, fmt.Errorf("read unanswered request: %w", err)
		}
	}
	return out, nil
}

// listReconfirm finds the questions whose moment has come.
func listReconfirm(tx *database.Tx, limit int) ([]JobReconfirm, error) {
	type row struct {
		ID          id.Booking
		ReconfirmBy time.Time
	}
	rows, err := database.Select[row](tx, `
		select id, reconfirm_by from bookings
		where state = 'confirmed' and reconfirm_by > $1 and reconfirm_ask_at <= $1 order by reconfirm_by, id limit $2`, tx.Now, limit)
	if err != nil {
		return nil, fmt.Errorf("list bookings to ask about: %w", err)
	}
	out := make([]JobReconfirm, len(rows))
	for i, r := range rows {
		out[i] = JobReconfirm{Booking: r.ID, By: r.ReconfirmBy.UTC()}
	}
	return out, nil
}

// listUnconfirmed finds the bookings that nobody has confirmed the need of in time.
func listUnconfirmed(tx *database.Tx, limit int) ([]id.Ref, error) {
	refs, err := database.Select[id.Ref](tx, `
		select ref from bookings where state = 'confirmed' and reconfirm_by <= $1 order by reconfirm_by, id limit $2`, tx.Now, limit)
	if err != nil {
		return nil, fmt.Errorf("list bookings to release: %w", err)
	}
	return refs, nil
}

// setReconfirm writes when the booker is asked and when the answer must be there;
// zero times are no question.
func setReconfirm(tx *database.Tx, b id.Booking, ask, by time.Time) error {
	_, err := database.Exec(tx, `update bookings set reconfirm_ask_at = $2, reconfirm_by = $3 where id = $1`,
		int64(b), orNull(ask), orNull(by))
	if err != nil {
		return fmt.Errorf("set reconfirmation: %w", err)
	}
	return nil
}

// setBooker gives a booking to another person.
func setBooker(tx *database.Tx, b id.Booking, person id.Person) error {
	if _, err := database.Exec(tx, `update bookings set person_id = $2 where id = $1`, int64(b), int64(person)); err != nil {
		return fmt.Errorf("set booker: %w", err)
	}
	return nil
}

// setBookedUntil keeps the end that a booking in use had before it was ended early.
func setBookedUntil(tx *database.Tx, b id.Booking, until time.Time) error {
	if _, err := database.Exec(tx, `update bookings set booked_until = $2 where id = $1`, int64(b), orNull(until)); err != nil {
		return fmt.Errorf("set booked end: %w", err)
	}
	return nil
}
