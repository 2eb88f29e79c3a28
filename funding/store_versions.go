package funding

import (
	"fmt"

	"rigg/internal/database"
	"rigg/internal/period"
)

// checkPublicShare refuses an agreement whose public share passes its
// programme's ceiling. Codes: public-share-exceeded, aid-ceiling.
func checkPublicShare(tx *database.Tx, a *Agreement) error {
	type row struct {
		AidBasis       AidBasis
		MaxPublicShare *int64
	}
	rows, err := database.Select[row](tx, `
		select p.aid_basis, g.max_public_share from projects p left join programmes g on g.id = p.programme_id
		where p.id = $1`, string(a.Project))
	if err != nil {
		return fmt.Errorf("read the project's ceiling: %w", err)
	}
	if len(rows) == 0 {
		return invalid("project", "Det finns inget projekt %q.", "There is no project %q.", a.Project)
	}
	if refusal := a.tooPublic(rows[0].MaxPublicShare, rows[0].AidBasis); refusal != nil {
		return refusal
	}
	return nil
}

func insertAgreement(tx *database.Tx, a *Agreement) error {
	positions, organisations, roles, kinds := []int32{}, []string{}, []string{}, []string{}
	parts, ceilings := []int64{}, []*int64{}
	for i, p := range a.Parties {
		role := "participant"
		if p.Funder {
			role = "funder"
		}
		positions, organisations = append(positions, int32(i)), append(organisations, string(p.Organisation))
		roles, kinds = append(roles, role), append(kinds, p.Kind)
		parts, ceilings = append(parts, p.Parts), append(ceilings, p.MaxShare)
	}
	_, err := tx.SQL().ExecContext(tx.Context(), `
		with a as (
			insert into agreements (project_id, from_date, to_date) values ($1, $2::text::date, $3::text::date) returning id
		)
		insert into agreement_parties (agreement_id, position, organisation_id, role, kind, parts, max_share)
		select a.id, x.* from a, unnest($4::int[], $5::text[], $6::text[], $7::text[], $8::int[], $9::int[]) x`,
		string(a.Project), a.From.String(), orNull(a.To), positions, organisations, roles, kinds, parts, ceilings)
	if database.Constraint(err) == "agreement_parties_organisation_id_fkey" {
		return invalid("parties", "Någon av organisationerna %v finns inte.", "One of the organisations %v does not exist.", organisations)
	}
	if err != nil {
		return fmt.Errorf("insert agreement of %s: %w", a.Project, err)
	}
	return nil
}

// deleteAgreement makes room for another version from the same day. The database
// refuses it for one in use, and waits for a booking that is just being made.
func deleteAgreement(tx *database.Tx, agreement int64) error {
	_, err := database.Exec(tx, `delete from agreement_parties where agreement_id = $1`, agreement)
	if database.Constraint(err) == "agreements_in_use_stand" {
		return inUse("Avtalet", "agreement")
	}
	if err != nil {
		return fmt.Errorf("delete the parties of an agreement: %w", err)
	}
	if _, err := database.Exec(tx, `delete from agreements where id = $1`, agreement); err != nil {
		return fmt.Errorf("delete an agreement: %w", err)
	}
	return nil
}

// endVersion sets the last day of a row of agreements or rates.
func endVersion(tx *database.Tx, table string, row int64, last period.Date) error {
	_, err := database.Exec(tx, `update `+table+` set to_date = $2::text::date
		where id = $1 and to_date is distinct from $2::text::date`, row, orNull(last))
	if err != nil {
		return fmt.Errorf("end a version in %s: %w", table, err)
	}
	return nil
}

func insertRate(tx *database.Tx, r Rate) error {
	_, err := database.Exec(tx, `
		insert into rates (resource_id, audience, from_date, to_date, per, amount_ore)
		values ($1, $2, $3::text::date, $4::text::date, $5, $6)`,
		string(r.Resource), r.Audience, r.From.String(), orNull(r.To), string(r.Per), int64(r.Amount))
	if database.Constraint(err) == "rates_resource_id_fkey" {
		return invalid("resource", "Det finns ingen resurs %q.", "There is no resource %q.", r.Resource)
	}
	if err != nil {
		return fmt.Errorf("insert a rate of %s: %w", r.Resource, err)
	}
	return nil
}

// correctRate changes a rate that no charge was made with.
func correctRate(tx *database.Tx, r Rate) error {
	n, err := database.Exec(tx, `
		update rates set to_date = $2::text::date, per = $3, amount_ore = $4 where id = $1 and not exists
			(select from charges where lines @> jsonb_build_array(jsonb_build_object('rate', $1::bigint)))`,
		r.ID, orNull(r.To), string(r.Per), int64(r.Amount))
	if err != nil {
		return fmt.Errorf("correct a rate of %s: %w", r.Resource, err)
	}
	if n == 0 {
		return inUse("Priset", "rate")
	}
	return nil
}
