package access_test

import (
	"slices"
	"testing"

	"rigg/access"
	"rigg/internal/id"
	"rigg/internal/problem"
)

// here is what all grants of TestPolicy are about; elsewhere is its like next door.
var (
	here = access.Object{
		Owner: 1, Facility: "lab", Site: "campus", Project: "P-1",
		Parties: []id.Organisation{"agency", "acme"}, Programme: "green",
	}
	elsewhere = access.Object{
		Owner: 2, Facility: "other-lab", Site: "other-campus", Project: "P-2",
		Parties: []id.Organisation{"agency", "rival"}, Programme: "blue",
	}
)

var all = []access.Action{
	access.SeeBooking, access.Book, access.BookForOther, access.ChangeBooking, access.UseBooking,
	access.DecideBooking, access.OperateBooking, access.SeeFacilityBookings, access.ManageFacility,
	access.SeeProjectMoney, access.SeeAllShares, access.SeePosition, access.SeeOutbox, access.Administer,
	access.ApproveForProject, access.AcceptChange, access.Delegate,
	access.AttachFile, access.SeeEnquiry, access.WriteEnquiry, access.AnswerEnquiry, access.SeeDesk,
}

// holders says, for the owner and for each role, all that it allows.
var holders = []struct {
	name  string
	owner bool
	grant access.Grant
	may   []access.Action
}{
	{name: "somebody"},
	{name: "owner", owner: true, may: []access.Action{
		access.SeeBooking, access.ChangeBooking, access.UseBooking, access.SeeOutbox, access.AcceptChange, access.Delegate,
		access.AttachFile, access.SeeEnquiry, access.WriteEnquiry,
	}},
	{name: "project member", grant: access.Grant{Role: access.ProjectMember, Scope: "P-1"}, may: []access.Action{
		access.SeeBooking, access.Book, access.SeeProjectMoney, access.SeeAllShares, access.AttachFile,
	}},
	{name: "project lead", grant: access.Grant{Role: access.ProjectLead, Scope: "P-1"}, may: []access.Action{
		access.SeeBooking, access.Book, access.BookForOther, access.ChangeBooking, access.UseBooking,
		access.SeeProjectMoney, access.SeeAllShares, access.ApproveForProject, access.AcceptChange,
		access.AttachFile,
	}},
	{name: "facility manager", grant: access.Grant{Role: access.FacilityManager, Scope: "lab"}, may: managers},
	{name: "host manager", grant: access.Grant{Role: access.HostManager, Scope: "campus"}, may: managers},
	{name: "organisation controller", grant: access.Grant{Role: access.OrganisationController, Scope: "acme"},
		may: []access.Action{access.SeeProjectMoney}},
	{name: "organisation admin", grant: access.Grant{Role: access.OrganisationAdmin, Scope: "acme"},
		may: []access.Action{access.SeeProjectMoney}},
	{name: "programme officer", grant: access.Grant{Role: access.ProgrammeOfficer, Scope: "green"},
		may: []access.Action{access.SeeProjectMoney, access.SeeAllShares, access.SeePosition}},
	{name: "door controller", grant: access.Grant{Role: access.Controller, Scope: "campus"}},
	{name: "auditor", grant: access.Grant{Role: access.Auditor}, may: []access.Action{
		access.SeeBooking, access.SeeFacilityBookings, access.SeeProjectMoney, access.SeeAllShares,
		access.SeePosition, access.SeeOutbox, access.SeeEnquiry, access.SeeDesk,
	}},
	{name: "administrator", grant: access.Grant{Role: access.Admin}, may: all},
}

var managers = []access.Action{
	access.SeeBooking, access.BookForOther, access.ChangeBooking, access.UseBooking, access.DecideBooking,
	access.OperateBooking, access.SeeFacilityBookings, access.ManageFacility,
	access.AttachFile, access.SeeEnquiry, access.WriteEnquiry, access.AnswerEnquiry, access.SeeDesk,
}

func TestPolicy(t *testing.T) {
	t.Parallel()
	for _, h := range holders {
		t.Run(h.name, func(t *testing.T) {
			t.Parallel()
			p := &access.Principal{Person: access.Person{ID: 9}, Grants: []access.Grant{h.grant}}
			if h.owner {
				p.ID = here.Owner
			}
			everywhere := h.grant.Role != "" && h.grant.Scope == ""
			for _, action := range all {
				may := slices.Contains(h.may, action)
				if got := access.Allowed(p, action, here); got != may {
					t.Errorf("%s here: %v", action, got)
				}
				if got := access.Allowed(p, action, elsewhere); got != (may && everywhere) {
					t.Errorf("%s elsewhere: %v", action, got)
				}
				if got := access.Allowed(p, action, access.Object{}); got != (may && everywhere) {
					t.Errorf("%s on nothing: %v", action, got)
				}
			}
		})
	}
}

func TestPolicyRefusesTheUnknown(t *testing.T) {
	t.Parallel()
	admin := &access.Principal{Grants: []access.Grant{{Role: access.Admin}}}
	if access.Allowed(admin, "no_such_action", here) {
		t.Error("an action without a policy is allowed")
	}
	for _, action := range all {
		if access.Allowed(nil, action, here) {
			t.Errorf("%s without signing in", action)
		}
	}
	// A grant without its scope, which the database refuses, must open nothing.
	for _, role := range access.Roles {
		if role == access.Admin || role == access.Auditor {
			continue
		}
		p := &access.Principal{Grants: []access.Grant{{Role: role}}}
		if access.Allowed(p, access.SeeProjectMoney, access.Object{Parties: []id.Organisation{""}}) {
			t.Errorf("%s without scope", role)
		}
	}
}

// TestShareOfOneParty: a controller sees its own party's part and no other's.
func TestShareOfOneParty(t *testing.T) {
	t.Parallel()
	p := &access.Principal{Grants: []access.Grant{{Role: access.OrganisationController, Scope: "acme"}}}
	for party, want := range map[id.Organisation]bool{"acme": true, "agency": false, "rival": false} {
		o := access.Object{Project: "P-1", Programme: "green", Parties: []id.Organisation{party}}
		if got := access.Allowed(p, access.SeeProjectMoney, o); got != want {
			t.Errorf("%s: %v", party, got)
		}
	}
}

func TestScopes(t *testing.T) {
	t.Parallel()
	needs := []string{access.ScopeRead, access.ScopeBook, access.ScopeApprove, access.ScopeCalendar, access.ScopeAdmin}
	cases := []struct {
		name string
		have []string
		want []string
	}{
		{"none", nil, nil},
		{"unknown", []string{"everything"}, nil},
		{"all", []string{access.ScopeAll}, needs},
		{"read", []string{access.ScopeRead}, []string{access.ScopeRead}},
		{"book", []string{access.ScopeBook}, []string{access.ScopeRead, access.ScopeBook}},
		{"approve", []string{access.ScopeApprove}, []string{access.ScopeRead, access.ScopeApprove}},
		{"calendar", []string{access.ScopeCalendar}, []string{access.ScopeCalendar}},
		{"admin", []string{access.ScopeAdmin}, []string{access.ScopeRead, access.ScopeAdmin}},
		{"two", []string{access.ScopeCalendar, access.ScopeApprove}, []string{access.ScopeRead, access.ScopeApprove, access.ScopeCalendar}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p := &access.Principal{Scopes: c.have}
			for _, need := range needs {
				err := p.Scope(need)
				if slices.Contains(c.want, need) != (err == nil) {
					t.Errorf("%s: %v", need, err)
				}
				if err != nil && !problem.Has(err, access.CodeScopeMissing) {
					t.Errorf("%s: %v is not %s", need, err, access.CodeScopeMissing.Slug)
				}
			}
		})
	}
}
