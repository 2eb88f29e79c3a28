package load

import (
	"fmt"

	"go.yaml.in/yaml/v3"

	"rigg/access"
	"rigg/funding"
	"rigg/internal/id"
	"rigg/internal/period"
)

func readProgramme(m *mapping) {
	p := funding.Programme{
		ID: id.Programme(m.word("id")), Name: m.word("name"), Diarienummer: m.words("diarienummer"),
		MaxPublicShare: need(m, "max_public_share", share),
	}
	seen := map[int]bool{}
	m.entries("appropriations", false, func(in *mapping) {
		year := need(in, "year", year)
		if seen[year] {
			in.wrong(in.line, "year", "Året står två gånger.", "The year is there twice.")
		}
		seen[year] = true
		for _, stream := range []funding.Stream{funding.Platform, funding.Collaboration} {
			if sum, ok := maybe(in, string(stream), amount); ok {
				p.Appropriations = append(p.Appropriations, funding.Appropriation{Stream: stream, Year: year, Amount: sum})
			}
		}
	})
	m.is("programme", string(p.ID))
	m.item.put = func(w *writer) (bool, error) { return funding.PutProgramme(w.tx, p) }
}

func readProject(m *mapping) {
	p := funding.Project{
		ID: id.Project(m.word("id")), Name: m.word("name"), Lead: id.Organisation(m.refer("organisation", "lead")),
		Programme: id.Programme(m.mayRefer("programme", "programme")), Stream: funding.Stream(m.words("stream")),
		AidBasis: funding.AidBasis(m.word("aid_basis")),
	}
	if in, ok := m.inner("period", true); ok {
		p.From, p.To = need(in, "from", period.ParseDate), need(in, "to", period.ParseDate)
		in.end()
	}
	if limit, given := maybe(m, "lead_above", amount); given {
		p.LeadAbove = &limit
	}
	members := m.people("members")
	m.is("project", string(p.ID))
	m.item.put = func(w *writer) (bool, error) {
		if err := w.numbered("lead", p.Lead); err != nil {
			return false, err
		}
		changed, err := funding.PutProject(w.tx, p)
		if err != nil {
			return false, err
		}
		granted, err := w.grants(members, access.ProjectMember, string(p.ID))
		return changed || granted, err
	}
	m.parts("agreements", p.ID, readAgreement)
	m.parts("awards", p.ID, readAward)
	m.parts("budgets", p.ID, readBudget)
}

// parts makes items of what stands under a project.
func (m *mapping) parts(section string, project id.Project, read func(*mapping, id.Project)) {
	m.list(section, false, func(node *yaml.Node) {
		in := m.mapping(m.reader.item(section, node.Line), "", node)
		if node.Kind != yaml.MappingNode {
			return
		}
		in.item.refers = append(in.item.refers, reference{to: thing{"project", string(project)}, path: "project", line: in.line})
		read(in, project)
		in.end()
	})
}

func readAgreement(m *mapping, project id.Project) {
	a := funding.Agreement{Project: project, From: need(m, "from", period.ParseDate)}
	a.To, _ = maybe(m, "to", period.ParseDate)
	m.entries("parties", true, func(in *mapping) {
		party := funding.Party{
			Organisation: id.Organisation(in.refer("organisation", "party")), Funder: need(in, "role", funder),
			Kind: in.word("kind"), Parts: int64(need(in, "parts", between(1, 1_000_000))),
		}
		if ceiling, ok := maybe(in, "max_share", share); ok {
			party.MaxShare = &ceiling
		}
		a.Parties = append(a.Parties, party)
	})
	m.keyed(string(project), a.From.String())
	m.item.order = m.item.key // by day: a later version ends the earlier
	m.item.put = func(w *writer) (bool, error) {
		for i, p := range a.Parties {
			if err := w.numbered(fmt.Sprintf("parties[%d].party", i), p.Organisation); err != nil {
				return false, err
			}
		}
		return funding.PutAgreement(w.tx, a)
	}
}

func readAward(m *mapping, project id.Project) {
	a := funding.Award{
		Project: project, Year: need(m, "year", year), Amount: need(m, "amount", amount),
		Funder: id.Organisation(m.refer("organisation", "funder")),
	}
	m.keyed(string(project), fmt.Sprint(a.Year), string(a.Funder))
	m.item.put = func(w *writer) (bool, error) { return funding.PutAward(w.tx, a) }
}

func readBudget(m *mapping, project id.Project) {
	b := funding.Budget{
		Project: project, Year: need(m, "year", year), Amount: need(m, "amount", amount),
		Party: id.Organisation(m.refer("organisation", "party")),
	}
	m.keyed(string(project), fmt.Sprint(b.Year), string(b.Party))
	m.item.put = func(w *writer) (bool, error) { return funding.PutBudget(w.tx, b) }
}

func readRate(m *mapping) {
	r := funding.Rate{
		Resource: id.Resource(m.refer("resource", "resource")), Audience: m.word("audience"),
		From: need(m, "from", period.ParseDate), Per: funding.Per(m.word("per")), Amount: need(m, "amount", amount),
	}
	r.To, _ = maybe(m, "to", period.ParseDate)
	m.keyed(string(r.Resource), r.Audience, r.From.String())
	m.item.order = m.item.key // by day: a later price ends the earlier
	m.item.put = func(w *writer) (bool, error) { return funding.PutRate(w.tx, r) }
}

// funder reads the role of a party.
func funder(s string) (bool, error) {
	if s != "funder" && s != "participant" {
		return false, unlike("Skriv funder eller participant.", "Write funder or participant.")
	}
	return s == "funder", nil
}

// numbered refuses a company without an organisation number where money is
// shared: it is in every report.
func (w *writer) numbered(path string, o id.Organisation) error {
	found, err := w.organisation(o)
	if err != nil || found.Kind != "company" || found.OrgNo != "" {
		return err
	}
	return at(path, unlike("Företaget %s behöver ett organisationsnummer för att vara med i ett projekt.",
		"The company %s needs an organisation number to be part of a project.", o))
}
