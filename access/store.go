package access

import (
	"fmt"
	"time"

	"rigg/internal/database"
	"rigg/internal/id"
	"rigg/internal/problem"
	"rigg/internal/text"
)

// personColumns read a person p with what they hold in one round trip.
const personColumns = ` p.id, p.email, p.name, p.language,
	to_json(array(select organisation_id from memberships where person_id = p.id order by 1)) as organisations,
	(select coalesce(json_agg(json_build_object('role', role, 'scope', scope) order by role, scope), '[]')
		from roles where person_id = p.id) as grants,` + lentColumn

type personRow struct {
	ID                    int64
	Email, Name, Language string
	Organisations         []id.Organisation `gorm:"serializer:json"`
	Grants                []Grant           `gorm:"serializer:json"`
	Lent                  []lentGrant       `gorm:"serializer:json"`
}

func (r personRow) person() Person {
	return Person{
		ID: id.Person(r.ID), Email: r.Email, Name: r.Name,
		Language: text.Lang(r.Language), Organisations: r.Organisations,
	}
}

// principal gives the person with the scopes of what they showed, and with what
// is lent to them at the time.
func (r personRow) principal(scopes []string, now time.Time) *Principal {
	return &Principal{Person: r.person(), Grants: withLent(r.Grants, r.Lent, now), Scopes: scopes}
}

func selectPeople(tx *database.Tx, rest string, args ...any) ([]personRow, error) {
	rows, err := database.Select[personRow](tx, `select`+personColumns+`from people p `+rest, args...)
	if err != nil {
		return nil, fmt.Errorf("read people: %w", err)
	}
	return rows, nil
}

func findPerson(tx *database.Tx, rest string, args ...any) (personRow, error) {
	rows, err := selectPeople(tx, rest, args...)
	if err != nil {
		return personRow{}, err
	}
	if len(rows) == 0 {
		return personRow{}, problem.Absent()
	}
	return rows[0], nil
}

type organisationRow struct {
	ID, Name, OrgNo, Kind, Undertaking string
}

type sizeRow struct {
	OrganisationID, FromDate, Size string
}

func selectOrganisations(tx *database.Tx) ([]organisationRow, []sizeRow, error) {
	rows, err := database.Select[organisationRow](tx,
		`select id, name, coalesce(org_no, '') as org_no, kind, undertaking from organisations order by id`)
	if err != nil {
		return nil, nil, fmt.Errorf("read organisations: %w", err)
	}
	// As text, because a Go time cannot hold "since always".
	sizes, err := database.Select[sizeRow](tx,
		`select organisation_id, from_date::text as from_date, size from organisation_sizes order by organisation_id, from_date`)
	if err != nil {
		return nil, nil, fmt.Errorf("read the organisations' sizes: %w", err)
	}
	return rows, sizes, nil
}

func insertAudit(tx *database.Tx, by id.Person, action, object, details string) error {
	_, err := database.Exec(tx, `
		insert into audit (at, person_id, action, object, details)
		values ($1, nullif($2::bigint, 0), $3, $4, $5::jsonb)`, tx.Now, int64(by), action, object, details)
	if err != nil {
		return fmt.Errorf("write to the audit trail: %w", err)
	}
	return nil
}
