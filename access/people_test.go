package access_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"rigg/access"
	"rigg/internal/database"
	"rigg/internal/id"
	"rigg/internal/period"
	"rigg/internal/problem"
	"rigg/internal/text"
)

func TestPeopleAreFound(t *testing.T) {
	t.Parallel()
	b := setup(t)
	annaID, miaID := people(t, b)
	want := access.Person{ID: annaID, Email: "anna@acme.example", Name: "Anna Ek", Language: text.SV,
		Organisations: []id.Organisation{"acme"}}

	names := update(t, b, func(tx *database.Tx) (map[id.Person]access.Person, error) {
		return access.Names(tx, []id.Person{annaID, miaID, 999_999})
	})
	if len(names) != 2 || !reflect.DeepEqual(names[annaID], want) || names[miaID].Language != text.EN {
		t.Errorf("names: %+v", names)
	}
	none := update(t, b, func(tx *database.Tx) (map[id.Person]access.Person, error) { return access.Names(tx, nil) })
	if len(none) != 0 {
		t.Errorf("names of nobody: %+v", none)
	}
	found := update(t, b, func(tx *database.Tx) (access.Person, error) { return access.FindPerson(tx, " ANNA@acme.Example") })
	if !reflect.DeepEqual(found, want) {
		t.Errorf("found %+v", found)
	}
	_, err := try(t, b, func(tx *database.Tx) (access.Person, error) { return access.FindPerson(tx, "bo@acme.example") })
	wantCode(t, err, problem.CodeNotFound)
	_, err = try(t, b, func(tx *database.Tx) (*access.Principal, error) { return access.PrincipalOf(tx, 999_999) })
	wantCode(t, err, problem.CodeNotFound)
}

func TestGrants(t *testing.T) {
	t.Parallel()
	b := setup(t)
	annaID, miaID := people(t, b)
	give := func(person id.Person, g access.Grant) (bool, error) {
		return try(t, b, func(tx *database.Tx) (bool, error) { return access.PutGrant(tx, person, g) })
	}
	lab := access.Grant{Role: access.FacilityManager, Scope: "lab"}
	for i, want := range []bool{true, false} {
		if changed, err := give(miaID, lab); changed != want || err != nil {
			t.Errorf("gift %d: %v, %v", i, changed, err)
		}
	}
	if _, err := give(annaID, access.Grant{Role: access.Admin}); err != nil {
		t.Error(err)
	}
	for _, g := range []access.Grant{
		{Role: "owner", Scope: "lab"}, {Role: access.FacilityManager}, {Role: access.Admin, Scope: "lab"},
		{Role: access.Auditor, Scope: "lab"}, {Role: access.ProjectLead, Scope: "no such/slug"},
	} {
		_, err := give(annaID, g)
		wantCode(t, err, problem.CodeInvalid)
	}

	p := update(t, b, func(tx *database.Tx) (*access.Principal, error) { return access.PrincipalOf(tx, miaID) })
	if !slices.Equal(p.Grants, []access.Grant{lab}) || p.Name != "Mia Lund" || p.Scope(access.ScopeAdmin) != nil {
		t.Errorf("principal %+v", p)
	}
	if !p.Has(access.FacilityManager, "lab") || p.Has(access.FacilityManager, "bal") || p.Has(access.HostManager, "lab") {
		t.Error("Mia manages the lab and nothing else")
	}
	holders := update(t, b, func(tx *database.Tx) ([]access.Person, error) {
		return access.Holders(tx, access.FacilityManager, "lab")
	})
	if len(holders) != 1 || holders[0].ID != miaID {
		t.Errorf("holders %+v", holders)
	}
	all, err := b.service.ListPeople(t.Context())
	if err != nil || len(all) != 2 || all[0].ID != annaID || !all[0].Has(access.Admin, "") {
		t.Errorf("people %+v, %v", all, err)
	}
}

// TestPutsAreIdempotent: the second of two equal puts changes nothing, not even
// the catalogue's version, and one that differs does.
func TestPutsAreIdempotent(t *testing.T) {
	t.Parallel()
	dated := acme
	dated.Sizes = []access.DatedSize{{Size: "small"}, {From: period.Date{Year: 2026, Month: 7, Day: 1}, Size: "medium"}}
	renamed := anna
	renamed.Name = "Anna Ek-Lund"
	both := anna
	both.Organisations = []id.Organisation{"institute", "acme"}
	alone := anna
	alone.Organisations = nil
	course := access.Qualification{ID: "am-safety", Name: text.New("Säkerhetskurs", "Safety course"), Valid: period.Span{Months: 24}}
	forGood := course
	forGood.Valid = period.Span{}
	cases := []struct {
		name string
		put  func(*database.Tx) (bool, error)
	}{
		{"organisation", func(tx *database.Tx) (bool, error) { return access.PutOrganisation(tx, acme) }},
		{"another size", func(tx *database.Tx) (bool, error) { return access.PutOrganisation(tx, dated) }},
		{"organisation without number", func(tx *database.Tx) (bool, error) { return access.PutOrganisation(tx, institute) }},
		{"person", func(tx *database.Tx) (bool, error) { return access.PutPerson(tx, anna) }},
		{"another name", func(tx *database.Tx) (bool, error) { return access.PutPerson(tx, renamed) }},
		{"joins", func(tx *database.Tx) (bool, error) { return access.PutPerson(tx, both) }},
		{"leaves", func(tx *database.Tx) (bool, error) { return access.PutPerson(tx, alone) }},
		{"qualification", func(tx *database.Tx) (bool, error) { return access.PutQualification(tx, course) }},
		{"another validity", func(tx *database.Tx) (bool, error) { return access.PutQualification(tx, forGood) }},
	}
	b := setup(t)
	version := func() int { return count(t, b, `select version from catalogue_version`) }
	for _, c := range cases { // in this order: each changes what the one before left
		if !update(t, b, c.put) {
			t.Errorf("%s: nothing changed", c.name)
		}
		before := version()
		if update(t, b, c.put) {
			t.Errorf("%s: changed again", c.name)
		}
		if c.name != "another size" && version() != before {
			t.Errorf("%s: the catalogue's version went from %d to %d for nothing", c.name, before, version())
		}
	}
	got := update(t, b, access.ListOrganisations)
	want := []access.Organisation{dated, institute}
	want[0].OrgNo, want[0].Undertaking = "5590000013", "acme"
	if !reflect.DeepEqual(got, want) {
		t.Errorf("organisations\n%+v\nwant\n%+v", got, want)
	}
	left := update(t, b, func(tx *database.Tx) (access.Person, error) { return access.FindPerson(tx, anna.Email) })
	if len(left.Organisations) != 0 || left.Name != "Anna Ek" {
		t.Errorf("Anna in the end: %+v", left)
	}
}

func TestPutsAreChecked(t *testing.T) {
	t.Parallel()
	organisation := func(change func(*access.Organisation)) func(*database.Tx) (bool, error) {
		o := acme
		o.ID = "other"
		change(&o)
		return func(tx *database.Tx) (bool, error) { return access.PutOrganisation(tx, o) }
	}
	person := func(change func(*access.Person)) func(*database.Tx) (bool, error) {
		p := anna
		change(&p)
		return func(tx *database.Tx) (bool, error) { return access.PutPerson(tx, p) }
	}
	qualification := func(q access.Qualification) func(*database.Tx) (bool, error) {
		return func(tx *database.Tx) (bool, error) { return access.PutQualification(tx, q) }
	}
	course := text.New("Kurs", "Course")
	cases := []struct {
		name, field string
		put         func(*database.Tx) (bool, error)
	}{
		{"number taken", "org_no", organisation(func(*access.Organisation) {})},
		{"slug", "id", organisation(func(o *access.Organisation) { o.ID = "å" })},
		{"no name", "name", organisation(func(o *access.Organisation) { o.Name = " " })},
		{"two lines", "name", organisation(func(o *access.Organisation) { o.Name = "A\nB" })},
		{"long name", "name", organisation(func(o *access.Organisation) { o.Name = strings.Repeat("ö", 201) })},
		{"kind", "kind", organisation(func(o *access.Organisation) { o.Kind = "club" })},
		{"wrong number", "org_no", organisation(func(o *access.Organisation) { o.OrgNo = "559000-0012" })},
		{"undertaking", "undertaking", organisation(func(o *access.Organisation) { o.Undertaking = "a b" })},
		{"size", "size", organisation(func(o *access.Organisation) { o.Sizes = []access.DatedSize{{Size: "huge"}} })},
		{"address", "email", person(func(p *access.Person) { p.Email = "anna" })},
		{"person without name", "name", person(func(p *access.Person) { p.Name = "" })},
		{"zero byte", "name", person(func(p *access.Person) { p.Name = "Anna\x00" })},
		{"not UTF-8", "name", person(func(p *access.Person) { p.Name = "Anna\xff" })},
		{"language", "language", person(func(p *access.Person) { p.Language = "fi" })},
		{"unknown organisation", "organisation", person(func(p *access.Person) { p.Organisations = []id.Organisation{"nowhere"} })},
		{"qualification's slug", "id", qualification(access.Qualification{Name: course})},
		{"one language", "name", qualification(access.Qualification{ID: "q", Name: text.Text{SV: "Kurs"}})},
		{"hours", "valid", qualification(access.Qualification{ID: "q", Name: course, Valid: period.Span{Minutes: 60}})},
	}
	b := setup(t)
	people(t, b)
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := try(t, b, c.put)
			wantCode(t, err, problem.CodeInvalid)
			p := problem.From(err)
			if len(p.Fields) != 1 || p.Fields[0].Path != c.field || p.Message.SV == "" || p.Message.EN == "" {
				t.Errorf("%+v", p)
			}
		})
	}
}
