package funding

import (
	"fmt"

	"rigg/internal/database"
	"rigg/internal/id"
	"rigg/internal/money"
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

func putProgramme(tx *database.Tx, p Programme) (bool, error) {
	changed, err := put(tx, `
		select true from programmes where id = $1 and (name, diarienummer, max_public_share) = ($2, $3, $4)`, `
		insert into programmes (id, name, diarienummer, max_public_share) values ($1, $2, $3, $4)
		on conflict (id) do update set name = excluded.name, diarienummer = excluded.diarienummer,
			max_public_share = excluded.max_public_share`,
		string(p.ID), p.Name, p.Diarienummer, p.MaxPublicShare)
	if err != nil {
		return false, fmt.Errorf("put programme %s: %w", p.ID, err)
	}
	return changed, nil
}

func putAppropriation(tx *database.Tx, p id.Programme, a Appropriation) (bool, error) {
	changed, err := put(tx, `
		select true from appropriations where (programme_id, stream, year, amount_ore) = ($1, $2, $3, $4)`, `
		insert into appropriations (programme_id, stream, year, amount_ore) values ($1, $2, $3, $4)
		on conflict (programme_id, stream, year) do update set amount_ore = excluded.amount_ore`,
		string(p), string(a.Stream), a.Year, int64(a.Amount))
	if database.Constraint(err) == "appropriations_never_exceeded" {
		return false, CodeAppropriationExceeded.Say(
			"Anslaget för %d kan inte bli %s: mer än så är redan beviljat till projekt.",
			"The appropriation for %d cannot become %s: more than that is awarded to projects already.", a.Year, a.Amount).
			With("year", a.Year).With("stream", a.Stream)
	}
	if err != nil {
		return false, fmt.Errorf("put appropriation of %s: %w", p, err)
	}
	return changed, nil
}

func putProject(tx *database.Tx, p Project) (bool, error) {
	changed, err := put(tx, `
		select true from projects where id = $1 and (name, lead_id, coalesce(programme_id, ''), coalesce(stream, ''), aid_basis)
			= ($2, $3, $4, $5, $6) and (from_date, to_date) = ($7::text::date, $8::text::date)
			and lead_above is not distinct from $9`, `
		insert into projects (id, name, lead_id, programme_id, stream, aid_basis, from_date, to_date, lead_above)
		values ($1, $2, $3, nullif($4, ''), nullif($5, ''), $6, $7::text::date, $8::text::date, $9)
		on conflict (id) do update set name = excluded.name, lead_id = excluded.lead_id,
			programme_id = excluded.programme_id, stream = excluded.stream, aid_basis = excluded.aid_basis,
			from_date = excluded.from_date, to_date = excluded.to_date, lead_above = excluded.lead_above`,
		string(p.ID), p.Name, string(p.Lead), string(p.Programme), string(p.Stream), string(p.AidBasis),
		p.From.String(), p.To.String(), (*int64)(p.LeadAbove))
	switch database.Constraint(err) {
	case "":
	case "projects_lead_id_fkey":
		return false, noOrganisation("lead", p.Lead)
	case "projects_programme_id_fkey":
		return false, invalid("programme", "Det finns inget program %q.", "There is no programme %q.", p.Programme)
	case "projects_keep_stream":
		return false, CodeVersionInUse.Say(
			"Projektet %s har beviljats medel och kan inte byta program eller inriktning. Ta först tillbaka medlen.",
			"The project %s has been awarded money and cannot change its programme or stream. Take the money back first.", p.ID)
	}
	if err != nil {
		return false, fmt.Errorf("put project %s: %w", p.ID, err)
	}
	return changed, nil
}

func noOrganisation(path string, o id.Organisation) error {
	return invalid(path, "Det finns ingen organisation %q.", "There is no organisation %q.", o)
}

// checkAppropriation refuses an award that the appropriation has no room for, with
// the numbers; the database has the last word. A project outside any programme
// takes of none.
func checkAppropriation(tx *database.Tx, a Award) error {
	type row struct {
		Stream     *Stream
		AmountOre  money.Ore
		AwardedOre money.Ore
		OwnOre     money.Ore
	}
	rows, err := database.Select[row](tx, `
		select p.stream, coalesce(q.amount_ore, 0) as amount_ore, coalesce(q.awarded_ore, 0) as awarded_ore,
			coalesce((select amount_ore from awards where (project_id, year, funder_id) = ($1, $2, $3)), 0) as own_ore
		from projects p left join appropriations q on (q.programme_id, q.stream, q.year) = (p.programme_id, p.stream, $2)
		where p.id = $1`, string(a.Project), a.Year, string(a.Funder))
	if err != nil {
		return fmt.Errorf("read the appropriation: %w", err)
	}
	if len(rows) == 0 {
		return invalid("project", "Det finns inget projekt %q.", "There is no project %q.", a.Project)
	}
	r := rows[0]
	if left := r.AmountOre - r.AwardedOre + r.OwnOre; r.Stream != nil && a.Amount > left {
		return CodeAppropriationExceeded.Say(
			"Anslaget för %d är %s, och %s av det är beviljat till andra. Högst %s går att bevilja här.",
			"The appropriation for %d is %s, of which %s is awarded to others. At most %s can be awarded here.",
			a.Year, r.AmountOre, r.AwardedOre-r.OwnOre, left).
			With("appropriation_ore", r.AmountOre).With("awarded_ore", r.AwardedOre-r.OwnOre).With("left_ore", left)
	}
	return nil
}

func putAward(tx *database.Tx, a Award) (bool, error) {
	n, err := database.Exec(tx, `
		insert into awards as a (project_id, year, funder_id, amount_ore) values ($1, $2, $3, $4)
		on conflict (project_id, year, funder_id) do update set amount_ore = excluded.amount_ore
			where a.amount_ore <> excluded.amount_ore`, string(a.Project), a.Year, string(a.Funder), int64(a.Amount))
	if database.Constraint(err) == "appropriations_never_exceeded" { // another award was made just now
		return false, CodeAppropriationExceeded.Say(
			"Anslaget för %d räcker inte till beloppet.", "The appropriation for %d does not cover the amount.", a.Year)
	}
	if err != nil {
		return false, fmt.Errorf("put award of %s: %w", a.Project, err)
	}
	return n > 0, nil
}

// lockPurse locks a purse, made with nothing in it where it is missing.
func lockPurse(tx *database.Tx, project id.Project, year int, party id.Organisation, kind string) (Purse, error) {
	_, err := database.Exec(tx, `
		insert into purses (project_id, year, organisation_id, kind, limit_ore)
		values ($1, $2, $3, $4, case when $4 = 'overrun' then null else 0 end) on conflict do nothing`,
		string(project), year, string(party), kind)
	switch database.Constraint(err) {
	case "":
	case "purses_project_id_fkey":
		return Purse{}, invalid("project", "Det finns inget projekt %q.", "There is no project %q.", project)
	case "purses_organisation_id_fkey":
		return Purse{}, noOrganisation("party", party)
	}
	if err != nil {
		return Purse{}, fmt.Errorf("make a purse: %w", err)
	}
	found, err := readPurses(tx, `(p.year, p.organisation_id, p.kind) = ($2, $3, $4)`+lockInOrder,
		project, year, party, kind)
	if err == nil && len(found) != 1 {
		err = fmt.Errorf("project %s has %d purses of %s", project, len(found), party)
	}
	if err != nil {
		return Purse{}, err
	}
	return found[0], nil
}

// lockOverrun locks the lead organisation's purse for what no other could take.
func lockOverrun(tx *database.Tx, project id.Project, year int) (Purse, error) {
	lead, err := database.Select[id.Organisation](tx, `select lead_id from projects where id = $1`, string(project))
	if err == nil && len(lead) == 0 {
		err = problem.Absent()
	}
	if err != nil {
		return Purse{}, fmt.Errorf("find the lead of %s: %w", project, err)
	}
	return lockPurse(tx, project, year, lead[0], Overrun)
}

// setLimit moves a locked purse's limit by a transfer of the difference.
func setLimit(tx *database.Tx, p Purse, limit money.Ore) error {
	if limit == p.Limit {
		return nil
	}
	_, err := database.Exec(tx, `
		with t as (
			insert into transfers (id, kind, posted_at)
			select format('limit-%s-%s', $1::bigint, count(*) + 1), 'limit', $3
			from transfers t join entries e on e.transfer_id = t.id where e.purse_id = $1 and t.kind = 'limit'
			returning id
		)
		insert into entries (transfer_id, purse_id, used_on, source_ore, available_ore)
		select t.id, $1, make_date($4, 1, 1), -$2::bigint, $2::bigint from t`,
		int64(p.ID), int64(limit-p.Limit), tx.Now, p.Year)
	if err != nil {
		return fmt.Errorf("set the limit of a purse: %w", err)
	}
	return nil
}
