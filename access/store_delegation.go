package access

import (
	"fmt"
	"time"

	"rigg/internal/database"
	"rigg/internal/id"
	"rigg/internal/period"
)

// lentColumn is what others lend a person p, whenever it is: whether a day has
// come is asked of the program's clock, not of the database's. The roles are
// lendable's.
const lentColumn = `
	(select coalesce(json_agg(json_build_object('role', r.role, 'scope', r.scope,
			'first', d.from_date, 'last', d.until_date) order by r.role, r.scope, d.id), '[]')
		from delegations d join roles r on r.person_id = d.from_person
			and r.role in ('facility_manager', 'host_manager', 'project_lead')
		where d.to_person = p.id) as lent `

type delegationRow struct {
	ID                   id.Delegation
	FromPerson, ToPerson id.Person
	FromDate, UntilDate  time.Time
	Reason               string
}

func listDelegations(tx *database.Tx, where string, args ...any) ([]Delegation, error) {
	rows, err := database.Select[delegationRow](tx, `
		select d.id, d.from_person, d.to_person, d.from_date, d.until_date, d.reason
		from delegations d where `+where+` order by d.from_date, d.id limit 500`, args...)
	if err != nil {
		return nil, fmt.Errorf("list delegations: %w", err)
	}
	var people []id.Person
	for _, r := range rows {
		people = append(people, r.FromPerson, r.ToPerson)
	}
	names, err := Names(tx, people)
	if err != nil {
		return nil, err
	}
	out := make([]Delegation, len(rows))
	for i, r := range rows {
		out[i] = Delegation{
			ID: r.ID, From: names[r.FromPerson], To: names[r.ToPerson], Reason: r.Reason,
			First: period.DateOf(r.FromDate, time.UTC), Last: period.DateOf(r.UntilDate, time.UTC),
		}
	}
	return out, nil
}

// findColleague finds somebody else who shares an organisation with a person, by
// address. Codes: invalid, not-found.
func findColleague(tx *database.Tx, of id.Person, email string) (Person, error) {
	email, err := ParseEmail(email)
	if err != nil {
		return Person{}, err
	}
	row, err := findPerson(tx, `where p.email = $1 and p.id <> $2 and exists (
		select from memberships a join memberships b on b.organisation_id = a.organisation_id
		where a.person_id = p.id and b.person_id = $2)`, email, int64(of))
	return row.person(), err
}

func countDelegations(tx *database.Tx, from id.Person, today period.Date) (int, error) {
	n, err := database.Select[int](tx, `
		select count(*) from delegations where from_person = $1 and until_date >= $2::text::date`, int64(from), today.String())
	if err != nil {
		return 0, fmt.Errorf("count delegations: %w", err)
	}
	return n[0], nil
}

func insertDelegation(tx *database.Tx, d Delegation) (id.Delegation, error) {
	made, err := database.Select[id.Delegation](tx, `
		insert into delegations (from_person, to_person, from_date, until_date, reason, created_at)
		values ($1, $2, $3::text::date, $4::text::date, $5, $6) returning id`,
		int64(d.From.ID), int64(d.To.ID), d.First.String(), d.Last.String(), d.Reason, tx.Now)
	if err != nil {
		return 0, fmt.Errorf("insert delegation: %w", err)
	}
	return made[0], nil
}

func deleteDelegation(tx *database.Tx, d id.Delegation) error {
	if _, err := database.Exec(tx, `delete from delegations where id = $1`, int64(d)); err != nil {
		return fmt.Errorf("delete delegation: %w", err)
	}
	return nil
}
