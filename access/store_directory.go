package access

import (
	"fmt"
	"time"

	"rigg/internal/database"
	"rigg/internal/id"
	"rigg/internal/period"
	"rigg/internal/problem"
)

// put writes a row unless it stands there already, which is what same finds: a
// statement that changes nothing would still bump the catalogue's version.
func put(tx *database.Tx, same, upsert string, args ...any) (changed bool, err error) {
	stands, err := database.Select[bool](tx, same, args...)
	if err != nil || len(stands) > 0 {
		return false, err
	}
	_, err = database.Exec(tx, upsert, args...)
	return err == nil, err
}

func putOrganisation(tx *database.Tx, o Organisation) (bool, error) {
	changed, err := put(tx, `
		select true from organisations
		where id = $1 and (name, coalesce(org_no, ''), kind, undertaking) = ($2, $3, $4, $5)`, `
		insert into organisations (id, name, org_no, kind, undertaking) values ($1, $2, nullif($3, ''), $4, $5)
		on conflict (id) do update set name = excluded.name, org_no = excluded.org_no,
			kind = excluded.kind, undertaking = excluded.undertaking`,
		string(o.ID), o.Name, o.OrgNo, o.Kind, o.Undertaking)
	if database.Constraint(err) == "organisations_org_no_key" {
		return false, invalid("org_no", "En annan organisation har redan organisationsnumret %s.",
			"Another organisation already has the number %s.", o.OrgNo)
	}
	if err != nil {
		return false, fmt.Errorf("put organisation %s: %w", o.ID, err)
	}
	return changed, nil
}

func putSize(tx *database.Tx, organisation id.Organisation, from, size string) (bool, error) {
	n, err := database.Exec(tx, `
		insert into organisation_sizes as s (organisation_id, from_date, size) values ($1, $2::text::date, $3)
		on conflict (organisation_id, from_date) do update set size = excluded.size where s.size <> excluded.size`,
		string(organisation), from, size)
	if err != nil {
		return false, fmt.Errorf("put size of %s: %w", organisation, err)
	}
	return n > 0, nil
}

func putPerson(tx *database.Tx, p Person) (bool, error) {
	changed, err := database.Exec(tx, `
		insert into people as p (email, name, language, created_at) values ($1, $2, $3, $4)
		on conflict (email) do update set name = excluded.name, language = excluded.language
			where (p.name, p.language) <> (excluded.name, excluded.language)`,
		p.Email, p.Name, string(p.Language), tx.Now)
	if err != nil {
		return false, fmt.Errorf("put person: %w", err)
	}
	left, err := database.Exec(tx, `
		delete from memberships where organisation_id <> all($2::text[])
			and person_id = (select id from people where email = $1)`, p.Email, p.Organisations)
	if err != nil {
		return false, fmt.Errorf("end memberships: %w", err)
	}
	joined, err := database.Exec(tx, `
		insert into memberships (person_id, organisation_id)
		select id, unnest($2::text[]) from people where email = $1
		on conflict do nothing`, p.Email, p.Organisations)
	if database.Constraint(err) == "memberships_organisation_id_fkey" {
		return false, invalid("organisation", "Någon av organisationerna %v finns inte.",
			"One of the organisations %v does not exist.", p.Organisations)
	}
	if err != nil {
		return false, fmt.Errorf("put memberships: %w", err)
	}
	return changed+left+joined > 0, nil
}

func putGrant(tx *database.Tx, person id.Person, g Grant) (bool, error) {
	n, err := database.Exec(tx, `
		insert into roles (person_id, role, scope, granted_at) values ($1, $2, $3, $4)
		on conflict do nothing`, int64(person), string(g.Role), g.Scope, tx.Now)
	if err != nil {
		return false, fmt.Errorf("put grant: %w", err)
	}
	return n > 0, nil
}

func deleteGrant(tx *database.Tx, person id.Person, g Grant) (bool, error) {
	n, err := database.Exec(tx, `delete from roles where person_id = $1 and role = $2 and scope = $3`,
		int64(person), string(g.Role), g.Scope)
	if err != nil {
		return false, fmt.Errorf("delete grant: %w", err)
	}
	return n > 0, nil
}

func putQualification(tx *database.Tx, q Qualification, valid string) (bool, error) {
	changed, err := put(tx, `
		select true from qualifications where id = $1 and (name_sv, name_en, valid) = ($2, $3, $4)`, `
		insert into qualifications (id, name_sv, name_en, valid) values ($1, $2, $3, $4)
		on conflict (id) do update set name_sv = excluded.name_sv, name_en = excluded.name_en, valid = excluded.valid`,
		string(q.ID), q.Name.SV, q.Name.EN, valid)
	if err != nil {
		return false, fmt.Errorf("put qualification %s: %w", q.ID, err)
	}
	return changed, nil
}

func findValidity(tx *database.Tx, q id.Qualification) (period.Span, error) {
	found, err := database.Select[string](tx, `select valid from qualifications where id = $1`, string(q))
	switch {
	case err != nil:
		return period.Span{}, fmt.Errorf("read qualification %s: %w", q, err)
	case len(found) == 0:
		return period.Span{}, problem.Absent()
	case found[0] == "":
		return period.Span{}, nil
	}
	span, err := period.ParseSpan(found[0])
	if err != nil {
		return period.Span{}, fmt.Errorf("validity of %s: %w", q, err)
	}
	return span, nil
}

func putHeld(tx *database.Tx, person id.Person, q id.Qualification, from period.Date, last string) (bool, error) {
	n, err := database.Exec(tx, `
		insert into held_qualifications as h (person_id, qualification_id, from_date, until_date)
		values ($1, $2, $3::text::date, $4::text::date)
		on conflict (person_id, qualification_id, from_date) do update set until_date = excluded.until_date
			where h.until_date <> excluded.until_date`, int64(person), string(q), from.String(), last)
	if err != nil {
		return false, fmt.Errorf("put held qualification %s: %w", q, err)
	}
	return n > 0, nil
}

func selectMissing(tx *database.Tx, person id.Person, need []id.Qualification, first, last period.Date) ([]id.Qualification, error) {
	missing, err := database.Select[id.Qualification](tx, `
		select n.id from unnest($2::text[]) with ordinality n (id, position)
		where (select range_agg(daterange(h.from_date, h.until_date, '[]')) @> daterange($3::text::date, $4::text::date, '[]')
			from held_qualifications h where h.person_id = $1 and h.qualification_id = n.id) is not true
		order by n.position`, int64(person), need, first.String(), last.String())
	if err != nil {
		return nil, fmt.Errorf("read held qualifications: %w", err)
	}
	return missing, nil
}

func selectMissingOnEach(tx *database.Tx, person id.Person, need []id.Qualification, all []Days) (map[Days][]id.Qualification, error) {
	first, last, names := make([]string, len(all)), make([]string, len(all)), make([]string, len(need))
	for i, d := range all {
		first[i], last[i] = d.First.String(), d.Last.String()
	}
	for i, n := range need {
		names[i] = string(n)
	}
	type row struct {
		FirstDay, LastDay time.Time
		ID                id.Qualification
	}
	rows, err := database.Select[row](tx, `
		select d.first_day, d.last_day, n.id from unnest($2::text[]) with ordinality n (id, position)
		cross join (select distinct f::date as first_day, l::date as last_day from unnest($3::text[], $4::text[]) x (f, l)) d
		where (select range_agg(daterange(h.from_date, h.until_date, '[]')) @> daterange(d.first_day, d.last_day, '[]')
			from held_qualifications h where h.person_id = $1 and h.qualification_id = n.id) is not true
		order by d.first_day, d.last_day, n.position`, int64(person), names, first, last)
	if err != nil {
		return nil, fmt.Errorf("read held qualifications of many days: %w", err)
	}
	out := map[Days][]id.Qualification{}
	for _, r := range rows {
		days := Days{period.DateOf(r.FirstDay, time.UTC), period.DateOf(r.LastDay, time.UTC)}
		out[days] = append(out[days], r.ID)
	}
	return out, nil
}
