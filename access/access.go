// Package access is who: organisations, people and what each may do, sign-in,
// sessions and tokens, qualifications, and the audit trail. One table says what
// a role allows. It must never know a booking, a price or a page, and must never
// store a secret: only hashes are in the database.
package access

import (
	"slices"

	"rigg/internal/id"
	"rigg/internal/period"
	"rigg/internal/text"
)

// Role is what a person may do on a scope (DESIGN.md 2).
type Role string

// The roles, each with what its scope names.
const (
	Admin                  Role = "admin"                   // everything: no scope
	ProgrammeOfficer       Role = "programme_officer"       // a programme
	HostManager            Role = "host_manager"            // a site and the facilities there
	FacilityManager        Role = "facility_manager"        // a facility
	FacilityMember         Role = "facility_member"         // a facility whose rules let members book on terms of their own
	OrganisationAdmin      Role = "organisation_admin"      // an organisation
	OrganisationController Role = "organisation_controller" // an organisation
	ProjectLead            Role = "project_lead"            // a project
	ProjectMember          Role = "project_member"          // a project
	Controller             Role = "controller"              // a site's doors
	Auditor                Role = "auditor"                 // reads everything: no scope
)

// Roles lists every role.
var Roles = []Role{
	Admin, ProgrammeOfficer, HostManager, FacilityManager, FacilityMember, OrganisationAdmin,
	OrganisationController, ProjectLead, ProjectMember, Controller, Auditor,
}

// scoped tells whether the role is held on something; the other roles hold everywhere.
func (r Role) scoped() bool { return r != Admin && r != Auditor }

// Grant is a role on a scope: the slug of a programme, site, facility,
// organisation or project, empty for the roles that hold everywhere.
type Grant struct {
	Role  Role   `json:"role"`
	Scope string `json:"scope"`
}

// Person is somebody who signs in.
type Person struct {
	ID            id.Person
	Email         string // lower case
	Name          string
	Language      text.Lang
	Organisations []id.Organisation // by id
}

// DatedSize is an organisation's size class from a day on. A zero From is since
// always.
type DatedSize struct {
	From period.Date
	Size string // micro, small, medium or large
}

// Organisation is a legal entity.
type Organisation struct {
	ID          id.Organisation
	Name        string
	OrgNo       string // ten digits; empty for hosts and public bodies without one
	Kind        string // company, institute, university or public_body
	Undertaking string // linked companies share it; the organisation's own id where it stands alone
	Sizes       []DatedSize
}

// Qualification is a dated right to use a resource: a course, a licence, an
// agreement. Valid is in whole days or months; zero is for good.
type Qualification struct {
	ID    id.Qualification
	Name  text.Text
	Valid period.Span
}

// Principal is who acts: a person with what they may do, and how far this
// session or token lets them.
type Principal struct {
	Person
	Grants []Grant
	Scopes []string // of the token; a session has all
}

// Has tells whether the role is held on just this scope. Being an administrator
// does not make anybody a manager or a member.
func (p *Principal) Has(r Role, scope string) bool {
	return p != nil && slices.Contains(p.Grants, Grant{Role: r, Scope: scope})
}
