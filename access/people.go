package access

import (
	"context"
	"encoding/json"
	"fmt"

	"rigg/internal/database"
	"rigg/internal/id"
	"rigg/internal/period"
	"rigg/internal/text"
)

// maxPeople limits ListPeople to what one page can show.
const maxPeople = 1000

// Names gives the people with these ids; one who has been erased is not in the map.
func Names(tx *database.Tx, ids []id.Person) (map[id.Person]Person, error) {
	rows, err := selectPeople(tx, `where p.id = any($1::bigint[])`, ids)
	if err != nil {
		return nil, err
	}
	out := make(map[id.Person]Person, len(rows))
	for _, r := range rows {
		out[id.Person(r.ID)] = r.person()
	}
	return out, nil
}

// FindPerson gives the person with the address, however it is capitalised.
// Codes: invalid, not-found.
func FindPerson(tx *database.Tx, email string) (Person, error) {
	email, err := ParseEmail(email)
	if err != nil {
		return Person{}, err
	}
	row, err := findPerson(tx, `where p.email = $1`, email)
	return row.person(), err
}

// PrincipalOf gives the person as they would act in a session of their own.
// Code: not-found.
func PrincipalOf(tx *database.Tx, person id.Person) (*Principal, error) {
	row, err := findPerson(tx, `where p.id = $1`, int64(person))
	if err != nil {
		return nil, err
	}
	return row.principal([]string{ScopeAll}, tx.Now), nil
}

// Holders lists those who hold the role on just this scope, by name: the
// managers of a facility, the members of a project.
func Holders(tx *database.Tx, role Role, scope string) ([]Person, error) {
	rows, err := selectPeople(tx, `
		where p.id in (select person_id from roles where role = $1 and scope = $2)
		order by p.name, p.id`, string(role), scope)
	if err != nil {
		return nil, err
	}
	out := make([]Person, 0, len(rows))
	for _, r := range rows {
		out = append(out, r.person())
	}
	return out, nil
}

// ListPeople lists everybody with what they hold, by name; at most 1 000.
func (s *Service) ListPeople(ctx context.Context) ([]*Principal, error) {
	var out []*Principal
	err := s.db.View(ctx, func(tx *database.Tx) error {
		rows, err := selectPeople(tx, `order by p.name, p.id limit $1`, maxPeople)
		if err != nil {
			return err
		}
		for _, r := range rows {
			out = append(out, r.principal([]string{ScopeAll}, tx.Now))
		}
		return nil
	})
	return out, err
}

// ListOrganisations lists all organisations by id, each with its sizes, oldest first.
func ListOrganisations(tx *database.Tx) ([]Organisation, error) {
	rows, sizes, err := selectOrganisations(tx)
	if err != nil {
		return nil, err
	}
	byID := map[string][]DatedSize{}
	for _, s := range sizes {
		dated := DatedSize{Size: s.Size}
		if s.FromDate != always {
			if dated.From, err = period.ParseDate(s.FromDate); err != nil {
				return nil, fmt.Errorf("size of %s: %w", s.OrganisationID, err)
			}
		}
		byID[s.OrganisationID] = append(byID[s.OrganisationID], dated)
	}
	out := make([]Organisation, 0, len(rows))
	for _, r := range rows {
		out = append(out, Organisation{
			ID: id.Organisation(r.ID), Name: r.Name, OrgNo: r.OrgNo, Kind: r.Kind,
			Undertaking: r.Undertaking, Sizes: byID[r.ID],
		})
	}
	return out, nil
}

// Audit records what somebody did; by is 0 for the program itself. The object
// is written as kind/id, such as "booking/17". Details must hold ids, never
// names or addresses: these rows outlive the people (DESIGN.md 6).
func Audit(tx *database.Tx, by id.Person, action, object string, details map[string]any) error {
	if details == nil {
		details = map[string]any{}
	}
	b, err := json.Marshal(details)
	if err != nil {
		return fmt.Errorf("audit details of %s: %w", action, err)
	}
	return insertAudit(tx, by, action, object, string(b))
}

// ListQualifications lists every qualification by id.
func ListQualifications(tx *database.Tx) ([]Qualification, error) {
	type row struct {
		ID             id.Qualification
		NameSV, NameEN string
		Valid          string
	}
	rows, err := database.Select[row](tx, `select id, name_sv, name_en, valid from qualifications order by id`)
	if err != nil {
		return nil, fmt.Errorf("list qualifications: %w", err)
	}
	out := make([]Qualification, len(rows))
	for i, r := range rows {
		out[i] = Qualification{ID: r.ID, Name: text.New(r.NameSV, r.NameEN)}
		if r.Valid == "" {
			continue
		}
		if out[i].Valid, err = period.ParseSpan(r.Valid); err != nil {
			return nil, fmt.Errorf("qualification %s: %w", r.ID, err)
		}
	}
	return out, nil
}
