package access

import (
	"slices"
	"strings"
	"time"

	"rigg/internal/database"
	"rigg/internal/id"
	"rigg/internal/period"
	"rigg/internal/problem"
	"rigg/internal/text"
)

// The ends of time, as PostgreSQL writes dates.
const (
	always  = "-infinity"
	forGood = "infinity"
)

var (
	organisationKinds = []string{"company", "institute", "university", "public_body"}
	sizes             = []string{"micro", "small", "medium", "large"}
)

// PutOrganisation makes the organisation what it says and tells whether anything
// changed. Sizes are added to those on file, or corrected by their day. An
// organisation number may be written with its dash. Code: invalid.
func PutOrganisation(tx *database.Tx, o Organisation) (changed bool, err error) {
	if err := o.check(); err != nil {
		return false, err
	}
	if o.OrgNo != "" {
		if o.OrgNo, err = ParseOrgNo(o.OrgNo); err != nil {
			return false, err
		}
	}
	if o.Undertaking == "" {
		o.Undertaking = string(o.ID)
	}
	changed, err = putOrganisation(tx, o)
	if err != nil {
		return false, err
	}
	for _, s := range o.Sizes {
		from := always
		if s.From != (period.Date{}) {
			from = s.From.String()
		}
		sized, err := putSize(tx, o.ID, from, s.Size)
		if err != nil {
			return false, err
		}
		changed = changed || sized
	}
	return changed, nil
}

func (o Organisation) check() error {
	switch {
	case !id.ValidSlug(string(o.ID)):
		return badSlug("id", string(o.ID))
	case o.Undertaking != "" && !id.ValidSlug(o.Undertaking):
		return badSlug("undertaking", o.Undertaking)
	case !named(o.Name):
		return badName()
	case !slices.Contains(organisationKinds, o.Kind):
		return badChoice("kind", o.Kind, organisationKinds)
	}
	for _, s := range o.Sizes {
		if !slices.Contains(sizes, s.Size) {
			return badChoice("size", s.Size, sizes)
		}
	}
	return nil
}

// PutPerson makes the person with the address what it says, in just these
// organisations, and tells whether anything changed. The ID is not read. Code: invalid.
func PutPerson(tx *database.Tx, p Person) (changed bool, err error) {
	if p.Email, err = ParseEmail(p.Email); err != nil {
		return false, err
	}
	if p.Language == "" {
		p.Language = text.SV
	}
	if p.Organisations == nil {
		p.Organisations = []id.Organisation{} // nil would be NULL, which is not "in none"
	}
	switch {
	case !named(p.Name):
		return false, badName()
	case p.Language != text.SV && p.Language != text.EN:
		return false, badChoice("language", string(p.Language), []string{"sv", "en"})
	}
	return putPerson(tx, p)
}

// PutGrant gives the person the role and tells whether they lacked it. That the
// scope exists is for the caller to know. Code: invalid.
func PutGrant(tx *database.Tx, person id.Person, g Grant) (changed bool, err error) {
	switch {
	case !slices.Contains(Roles, g.Role):
		return false, invalid("role", "Rollen %q finns inte.", "There is no role %q.", g.Role)
	case g.Role.scoped() && !id.ValidSlug(g.Scope):
		return false, invalid("scope", "Ange vad rollen %s gäller.", "Say what the role %s is for.", g.Role)
	case !g.Role.scoped() && g.Scope != "":
		return false, invalid("scope", "Rollen %s gäller överallt: lämna scope tomt.",
			"The role %s holds everywhere: leave scope empty.", g.Role)
	}
	return putGrant(tx, person, g)
}

// PutQualification makes the qualification what it says and tells whether
// anything changed. What people hold already keeps its last day. Code: invalid.
func PutQualification(tx *database.Tx, q Qualification) (changed bool, err error) {
	switch {
	case !id.ValidSlug(string(q.ID)):
		return false, badSlug("id", string(q.ID))
	case !named(q.Name.SV) || !named(q.Name.EN):
		return false, badName()
	case q.Valid.Minutes != 0:
		return false, invalid("valid", "En behörighet gäller i hela dagar eller månader: 365d, 24mo.",
			"A qualification is valid for whole days or months: 365d, 24mo.")
	}
	valid := ""
	if !q.Valid.Zero() {
		valid = q.Valid.String()
	}
	return putQualification(tx, q, valid)
}

// PutHeld gives the person the qualification from a day to a last day, and tells
// whether anything changed. A zero until is as long as the qualification says.
// Codes: invalid, not-found for a qualification that does not exist.
func PutHeld(tx *database.Tx, person id.Person, q id.Qualification, from, until period.Date) (changed bool, err error) {
	valid, err := findValidity(tx, q)
	if err != nil {
		return false, err
	}
	last := forGood
	switch {
	case until != (period.Date{}):
		last = until.String()
	case !valid.Zero():
		until = period.DateOf(valid.After(from.UTC(), time.UTC), time.UTC).Next(-1)
		last = until.String()
	}
	if last != forGood && until.Before(from) {
		return false, invalid("until", "Behörigheten slutar gälla %s, innan den börjar %s.",
			"The qualification ends on %s, before it begins on %s.", until, from)
	}
	return putHeld(tx, person, q, from, last)
}

// MissingQualifications lists those of need, in its order, that the person does
// not hold on the day.
func MissingQualifications(tx *database.Tx, person id.Person, need []id.Qualification, day period.Date) ([]id.Qualification, error) {
	return MissingThroughout(tx, person, need, day, day)
}

// MissingThroughout lists those of need, in its order, that the person does not
// hold on every day from the first to the last. One that is renewed the day after
// it ends is held all along.
func MissingThroughout(tx *database.Tx, person id.Person, need []id.Qualification, first, last period.Date) ([]id.Qualification, error) {
	if len(need) == 0 {
		return []id.Qualification{}, nil
	}
	return selectMissing(tx, person, need, first, last)
}

// Days are those from the first to the last.
type Days struct{ First, Last period.Date }

// MissingOnEach is MissingThroughout for many stretches of days, in one query; one
// in which nothing is missing is not there.
func MissingOnEach(tx *database.Tx, person id.Person, need []id.Qualification, all []Days) (map[Days][]id.Qualification, error) {
	if len(need) == 0 || len(all) == 0 {
		return map[Days][]id.Qualification{}, nil
	}
	return selectMissingOnEach(tx, person, need, all)
}

func badSlug(field, value string) *problem.Error {
	return invalid(field,
		"%q duger inte som id: använd bokstäver a–z, siffror, punkt, bindestreck och understreck, högst 63 tecken, med en bokstav eller siffra först.",
		"%q will not do as an id: use letters a–z, digits, dots, hyphens and underscores, at most 63, with a letter or digit first.", value)
}

func badName() *problem.Error {
	return invalid("name", "Namnet ska stå på en rad och ha mellan 1 och 200 tecken.",
		"The name must be on one line, with 1 to 200 characters.")
}

func badChoice(field, value string, choices []string) *problem.Error {
	list := strings.Join(choices, ", ")
	return invalid(field, "%q går inte att välja här. Välj ett av följande: %s.", "%q is no choice here. Choose one of: %s.", value, list)
}
