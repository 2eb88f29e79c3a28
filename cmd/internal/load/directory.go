package load

import (
	"rigg/access"
	"rigg/internal/id"
	"rigg/internal/period"
	"rigg/internal/text"
)

func readOrganisation(m *mapping) {
	o := access.Organisation{
		ID: id.Organisation(m.word("id")), Name: m.word("name"), OrgNo: m.words("org_no"),
		Kind: m.word("kind"), Undertaking: m.words("undertaking"),
	}
	if size := m.words("size"); size != "" {
		o.Sizes = []access.DatedSize{{Size: size}}
	}
	m.is("organisation", string(o.ID))
	m.item.put = func(w *writer) (bool, error) { return access.PutOrganisation(w.tx, o) }
}

func readPerson(m *mapping) {
	p := access.Person{
		Email: need(m, "email", access.ParseEmail), Name: m.word("name"), Language: text.Lang(m.words("language")),
	}
	if o := m.mayRefer("organisation", "organisation"); o != "" {
		p.Organisations = []id.Organisation{id.Organisation(o)}
	}
	p.Organisations = append(p.Organisations, referAll[id.Organisation](m, "organisation", "organisations", asWritten)...)
	m.is("person", p.Email)
	m.item.put = func(w *writer) (bool, error) { return access.PutPerson(w.tx, p) }
}

// scopes are what the roles that are not held everywhere are held on.
var scopes = map[access.Role]string{
	access.ProgrammeOfficer: "programme",
	access.HostManager:      "site", access.Controller: "site",
	access.FacilityManager: "facility", access.FacilityMember: "facility",
	access.OrganisationAdmin: "organisation", access.OrganisationController: "organisation",
	access.ProjectLead: "project", access.ProjectMember: "project",
}

func readRole(m *mapping) {
	email := m.person("person")
	grant := access.Grant{Role: access.Role(m.word("role")), Scope: m.words("scope")}
	if kind, ok := scopes[grant.Role]; ok {
		m.known(kind, "scope", grant.Scope, m.lineOf("scope"))
	}
	m.keyed(email, string(grant.Role), grant.Scope)
	m.item.put = func(w *writer) (bool, error) { return w.grants([]string{email}, grant.Role, grant.Scope) }
}

func readQualification(m *mapping) {
	q := access.Qualification{ID: id.Qualification(m.word("id")), Name: m.text("name", true)}
	q.Valid, _ = maybe(m, "valid", period.ParseSpan)
	m.is("qualification", string(q.ID))
	m.item.put = func(w *writer) (bool, error) { return access.PutQualification(w.tx, q) }
}

func readHeld(m *mapping) {
	email := m.person("person")
	q := id.Qualification(m.refer("qualification", "qualification"))
	from := need(m, "from", period.ParseDate)
	until, _ := maybe(m, "until", period.ParseDate)
	m.keyed(email, string(q), from.String())
	m.item.put = func(w *writer) (bool, error) {
		person, err := w.person(email)
		if err != nil {
			return false, err
		}
		return access.PutHeld(w.tx, person, q, from, until)
	}
}

// person reads the address of somebody who must be there.
func (m *mapping) person(key string) string {
	return m.known("person", key, need(m, key, access.ParseEmail), m.lineOf(key))
}

// people reads a list of addresses.
func (m *mapping) people(key string) []string {
	return referAll[string](m, "person", key, access.ParseEmail)
}
