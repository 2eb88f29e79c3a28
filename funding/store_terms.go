package funding

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"rigg/internal/database"
	"rigg/internal/id"
	"rigg/internal/money"
	"rigg/internal/period"
)

// LoadTerms reads all terms in the transaction's snapshot.
func LoadTerms(tx *database.Tx) (*Terms, error) {
	t := &Terms{
		programmes:    map[id.Programme]*Programme{},
		project:       map[id.Project]*Project{},
		organisations: map[id.Organisation]organisation{},
		rates:         map[id.Resource][]Rate{},
	}
	for _, load := range []func(*database.Tx) error{
		t.loadVersion, t.loadOrganisations, t.loadProgrammes, t.loadProjects, t.loadRates,
	} {
		if err := load(tx); err != nil {
			return nil, fmt.Errorf("load terms: %w", err)
		}
	}
	return t, nil
}

func (t *Terms) loadVersion(tx *database.Tx) error {
	rows, err := database.Select[int64](tx, `select version from catalogue_version`)
	if err == nil && len(rows) != 1 {
		err = fmt.Errorf("catalogue_version has %d rows", len(rows))
	}
	if err == nil {
		t.Version = rows[0]
	}
	return err
}

func (t *Terms) loadOrganisations(tx *database.Tx) error {
	type row struct {
		ID   id.Organisation
		Name string
		Kind string
	}
	rows, err := database.Select[row](tx, `select id, name, kind from organisations`)
	for _, r := range rows {
		t.organisations[r.ID] = organisation{r.Name, r.Kind}
	}
	return err
}

func (t *Terms) loadProgrammes(tx *database.Tx) error {
	type row struct {
		ID             id.Programme
		Name           string
		Diarienummer   string
		MaxPublicShare int64
	}
	rows, err := database.Select[row](tx, `select id, name, diarienummer, max_public_share from programmes`)
	if err != nil {
		return err
	}
	for _, r := range rows {
		t.programmes[r.ID] = &Programme{
			ID: r.ID, Name: r.Name, Diarienummer: r.Diarienummer, MaxPublicShare: r.MaxPublicShare,
		}
	}
	type appropriationRow struct {
		ProgrammeID id.Programme
		Stream      Stream
		Year        int
		AmountOre   money.Ore
	}
	sums, err := database.Select[appropriationRow](tx, `
		select programme_id, stream, year, amount_ore from appropriations order by programme_id, year, stream desc`)
	for _, r := range sums {
		p := t.programmes[r.ProgrammeID]
		p.Appropriations = append(p.Appropriations, Appropriation{r.Stream, r.Year, r.AmountOre})
	}
	return err
}

func (t *Terms) loadProjects(tx *database.Tx) error {
	type row struct {
		ID          id.Project
		Name        string
		LeadID      id.Organisation
		ProgrammeID id.Programme
		Stream      Stream
		AidBasis    AidBasis
		FromDate    time.Time
		ToDate      time.Time
		LeadAbove   *money.Ore
	}
	rows, err := database.Select[row](tx, `
		select id, name, lead_id, coalesce(programme_id, '') as programme_id, coalesce(stream, '') as stream,
			aid_basis, from_date, to_date, lead_above from projects`)
	if err != nil {
		return err
	}
	for _, r := range rows {
		p := &Project{
			ID: r.ID, Name: r.Name, Lead: r.LeadID, Programme: r.ProgrammeID, Stream: r.Stream,
			AidBasis: r.AidBasis, From: dayOf(&r.FromDate), To: dayOf(&r.ToDate), LeadAbove: r.LeadAbove,
		}
		t.project[p.ID] = p
		t.projects = append(t.projects, p)
	}
	// By Go's order of bytes: the database's collation may differ from place to place.
	slices.SortFunc(t.projects, func(a, b *Project) int { return cmp.Compare(a.ID, b.ID) })
	agreements, err := listAgreements(tx, "")
	for _, a := range agreements {
		p := t.project[a.Project]
		p.Agreements = append(p.Agreements, a)
	}
	return err
}

// listAgreements reads the agreements of one project, or of all where it is
// empty, by project and start.
func listAgreements(tx *database.Tx, project id.Project) ([]*Agreement, error) {
	type row struct {
		ID             id.Agreement
		ProjectID      id.Project
		FromDate       time.Time
		ToDate         *time.Time
		OrganisationID id.Organisation
		Role           string
		Kind           string
		Parts          int64
		MaxShare       *int64
	}
	rows, err := database.Select[row](tx, `
		select a.id, a.project_id, a.from_date, a.to_date, p.organisation_id, p.role, p.kind, p.parts, p.max_share
		from agreements a join agreement_parties p on p.agreement_id = a.id
		where $1 in ('', a.project_id) order by a.project_id, a.from_date, p.position`, string(project))
	if err != nil {
		return nil, fmt.Errorf("read agreements: %w", err)
	}
	var out []*Agreement
	for _, r := range rows {
		if len(out) == 0 || out[len(out)-1].ID != r.ID {
			out = append(out, &Agreement{ID: r.ID, Project: r.ProjectID, From: dayOf(&r.FromDate), To: dayOf(r.ToDate)})
		}
		a := out[len(out)-1]
		a.Parties = append(a.Parties, Party{
			Organisation: r.OrganisationID, Funder: r.Role == "funder", Kind: r.Kind, Parts: r.Parts, MaxShare: r.MaxShare,
		})
	}
	return out, nil
}

func (t *Terms) loadRates(tx *database.Tx) error {
	rates, err := listRates(tx, "", "")
	for _, r := range rates {
		t.rates[r.Resource] = append(t.rates[r.Resource], r)
	}
	return err
}

// listRates reads the rates of one resource and audience, or of all where they
// are empty, by audience and start.
func listRates(tx *database.Tx, resource id.Resource, audience string) ([]Rate, error) {
	type row struct {
		ID         int64
		ResourceID id.Resource
		Audience   string
		FromDate   time.Time
		ToDate     *time.Time
		Per        Per
		AmountOre  money.Ore
	}
	rows, err := database.Select[row](tx, `
		select id, resource_id, audience, from_date, to_date, per, amount_ore from rates
		where $1 in ('', resource_id) and $2 in ('', audience)
		order by resource_id, audience, from_date`, string(resource), audience)
	if err != nil {
		return nil, fmt.Errorf("read rates: %w", err)
	}
	out := make([]Rate, len(rows))
	for i, r := range rows {
		out[i] = Rate{
			ID: r.ID, Resource: r.ResourceID, Audience: r.Audience, From: dayOf(&r.FromDate), To: dayOf(r.ToDate),
			Per: r.Per, Amount: r.AmountOre,
		}
	}
	return out, nil
}

// dayOf turns a column of dates, which come as midnights UTC, into a day; NULL
// into none.
func dayOf(t *time.Time) period.Date {
	if t == nil {
		return period.Date{}
	}
	return period.DateOf(*t, time.UTC)
}

// orNull turns no day into NULL.
func orNull(d period.Date) *string {
	if (d == period.Date{}) {
		return nil
	}
	s := d.String()
	return &s
}
