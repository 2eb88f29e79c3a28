package access_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"rigg/access"
	"rigg/internal/database"
	"rigg/internal/id"
	"rigg/internal/period"
	"rigg/internal/problem"
	"rigg/internal/text"
)

// office puts three colleagues and a stranger into the database: Mia manages and
// leads, Mats and Max are of her organisation, Rolf is not.
func office(t *testing.T, b *bench) {
	t.Helper()
	update(t, b, func(tx *database.Tx) (bool, error) {
		for _, o := range []id.Organisation{"rise", "rival"} {
			if _, err := access.PutOrganisation(tx, access.Organisation{ID: o, Name: string(o), Kind: "institute"}); err != nil {
				return false, err
			}
		}
		for name, of := range map[string]id.Organisation{"mia": "rise", "mats": "rise", "max": "rise", "rolf": "rival"} {
			p := access.Person{Email: name + "@rise.example", Name: name, Language: text.SV, Organisations: []id.Organisation{of}}
			if _, err := access.PutPerson(tx, p); err != nil {
				return false, err
			}
		}
		mia, err := access.FindPerson(tx, "mia@rise.example")
		if err != nil {
			return false, err
		}
		for _, g := range []access.Grant{
			{Role: access.FacilityManager, Scope: "lab"}, {Role: access.HostManager, Scope: "campus"},
			{Role: access.ProjectLead, Scope: "P-1"}, {Role: access.ProjectMember, Scope: "P-2"}, {Role: access.Admin},
		} {
			if _, err := access.PutGrant(tx, mia.ID, g); err != nil {
				return false, err
			}
		}
		return true, nil
	})
}

func who(t *testing.T, b *bench, name string) *access.Principal {
	t.Helper()
	return update(t, b, func(tx *database.Tx) (*access.Principal, error) {
		p, err := access.FindPerson(tx, name+"@rise.example")
		if err != nil {
			return nil, err
		}
		return access.PrincipalOf(tx, p.ID)
	})
}

func date(s string) period.Date {
	d, err := period.ParseDate(s)
	if err != nil {
		panic(err)
	}
	return d
}

func away(to, first, last string) access.Absence {
	return access.Absence{To: to + "@rise.example", First: date(first), Last: date(last), Reason: "Semester"}
}

var lent = []access.Grant{
	{Role: access.FacilityManager, Scope: "lab"}, {Role: access.HostManager, Scope: "campus"}, {Role: access.ProjectLead, Scope: "P-1"},
}

// The delegate manages and leads from the first day's midnight to the last's, by
// Swedish days, in a session, with a token and for the program alike; nothing else
// is lent, and nothing that is lent is lent on.
func TestADelegateHoldsWhatIsLentWhileItIsInForce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	office(t, b)
	mats := who(t, b, "mats")
	if _, err := b.service.Delegate(t.Context(), who(t, b, "mia"), away("mats", "2026-03-28", "2026-03-29")); err != nil {
		t.Fatal(err)
	}
	if _, err := b.service.Delegate(t.Context(), mats, away("max", "2026-03-28", "2026-03-29")); err != nil {
		t.Fatal(err)
	}
	session, err := b.service.StartSession(t.Context(), mats.ID)
	if err != nil {
		t.Fatal(err)
	}
	token, err := b.service.CreateToken(t.Context(), mats.Email, []string{access.ScopeAll}, 300*24*time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		at   time.Time
		lent bool
	}{
		{time.Date(2026, 3, 27, 22, 59, 0, 0, time.UTC), false}, // 23:59
		{time.Date(2026, 3, 27, 23, 0, 0, 0, time.UTC), true},
		{time.Date(2026, 3, 29, 21, 59, 0, 0, time.UTC), true}, // 23:59 in summer time
		{time.Date(2026, 3, 29, 22, 0, 0, 0, time.UTC), false},
	} {
		b.wait(c.at.Sub(b.clock()))
		byToken, err := b.service.ByToken(t.Context(), token)
		if err != nil {
			t.Fatal(err)
		}
		all := []*access.Principal{who(t, b, "mats"), byToken}
		if again, _, err := b.service.BySession(t.Context(), session); err == nil {
			all = append(all, again)
		} else if session, err = b.service.StartSession(t.Context(), mats.ID); err != nil {
			t.Fatal(err)
		}
		for _, p := range all {
			if got := len(p.Grants) > 0; got != c.lent || c.lent && !slices.Equal(p.Grants, lent) {
				t.Errorf("%v: holds %v", c.at, p.Grants)
			}
		}
		if got := who(t, b, "max").Grants; len(got) > 0 {
			t.Errorf("%v: it is lent on: %v", c.at, got)
		}
		hear := update(t, b, func(tx *database.Tx) ([]access.Person, error) {
			return access.HoldersNow(tx, access.FacilityManager, "lab")
		})
		if names := fmt.Sprint(len(hear), hear[0].Name); c.lent != (len(hear) == 2) || hear[0].Name != "mia" {
			t.Errorf("%v: %s hear of it", c.at, names)
		}
		for role, want := range map[access.Role]int{access.Admin: 1, access.ProjectMember: 1} {
			scope := map[access.Role]string{access.ProjectMember: "P-2"}[role]
			if got := update(t, b, func(tx *database.Tx) ([]access.Person, error) { return access.HoldersNow(tx, role, scope) }); len(got) != want {
				t.Errorf("%v: %d hear as %s", c.at, len(got), role)
			}
		}
	}
}

func TestDelegationsAreOnesOwn(t *testing.T) {
	t.Parallel()
	b := setup(t)
	office(t, b)
	mia, mats, rolf := who(t, b, "mia"), who(t, b, "mats"), who(t, b, "rolf")
	ctx := access.WithKey(t.Context(), "once", "POST", "/delegations")
	d, err := b.service.Delegate(ctx, mia, away("mats", "2026-03-02", "2026-03-02"))
	if err != nil {
		t.Fatal(err)
	}
	if again, err := b.service.Delegate(ctx, mia, away("mats", "2026-03-02", "2026-03-02")); err != nil || again.ID != d.ID {
		t.Errorf("again: %+v, %v", again, err)
	}
	if !d.InForce(b.clock()) || d.InForce(b.clock().Add(24*time.Hour)) {
		t.Error("it is not of today alone")
	}
	for _, p := range []*access.Principal{mia, mats} {
		if list, err := b.service.ListDelegations(t.Context(), p); err != nil || len(list) != 1 || list[0].From.Name != "mia" || list[0].To.Name != "mats" {
			t.Errorf("%s sees %+v, %v", p.Name, list, err)
		}
	}
	if list, err := b.service.ListDelegations(t.Context(), rolf); err != nil || len(list) != 0 {
		t.Errorf("a stranger sees %+v, %v", list, err)
	}
	for _, p := range []*access.Principal{mats, rolf} {
		wantCode(t, b.service.EndDelegation(t.Context(), p, d.ID), problem.CodeNotFound)
	}
	if err := b.service.EndDelegation(t.Context(), mia, d.ID); err != nil {
		t.Error(err)
	}
	wantCode(t, b.service.EndDelegation(t.Context(), mia, d.ID), problem.CodeNotFound)
	if n := count(t, b, `select count(*) from audit where action in ('delegate', 'end_delegation') and person_id = $1`, int64(mia.ID)); n != 2 {
		t.Errorf("%d rows in the audit trail", n)
	}
	if grants := who(t, b, "mats").Grants; len(grants) > 0 {
		t.Errorf("still holds %v", grants)
	}
}

func TestWhoCanStandInAndForHowLong(t *testing.T) {
	t.Parallel()
	b := setup(t) // Monday 2 March
	office(t, b)
	mia := who(t, b, "mia")
	long := away("mats", "2026-03-02", "2026-03-02")
	long.Reason = strings.Repeat("å", 501)
	broken := away("mats", "2026-03-02", "2026-03-02")
	broken.Reason = "a\nb"
	for name, c := range map[string]struct {
		absence access.Absence
		code    problem.Code
	}{
		"oneself":         {away("mia", "2026-03-02", "2026-03-02"), access.CodeNotAColleague},
		"another company": {away("rolf", "2026-03-02", "2026-03-02"), access.CodeNotAColleague},
		"nobody":          {away("nobody", "2026-03-02", "2026-03-02"), access.CodeNotAColleague},
		"no address":      {access.Absence{First: date("2026-03-02"), Last: date("2026-03-02")}, problem.CodeInvalid},
		"backwards":       {away("mats", "2026-03-03", "2026-03-02"), problem.CodeInvalid},
		"past":            {away("mats", "2026-02-01", "2026-03-01"), problem.CodeInvalid},
		"a day too long":  {away("mats", "2026-03-02", "2027-03-03"), problem.CodeInvalid},
		"a long reason":   {long, problem.CodeInvalid},
		"a broken reason": {broken, problem.CodeInvalid},
		"not an address":  {access.Absence{To: "mats", First: date("2026-03-02"), Last: date("2026-03-02")}, problem.CodeInvalid},
	} {
		_, err := b.service.Delegate(t.Context(), mia, c.absence)
		if !problem.Has(err, c.code) {
			t.Errorf("%s: %v", name, err)
		}
		if told := problem.From(err).Text(); told.SV == "" || told.EN == "" || told.SV == told.EN {
			t.Errorf("%s: told %+v", name, told)
		}
	}
	if _, err := b.service.Delegate(t.Context(), mia, away("mats", "2026-03-02", "2027-03-02")); err != nil { // 366 days
		t.Error(err)
	}
	for range 19 {
		if _, err := b.service.Delegate(t.Context(), mia, away("mats", "2026-04-01", "2026-04-02")); err != nil {
			t.Fatal(err)
		}
	}
	_, err := b.service.Delegate(t.Context(), mia, away("max", "2026-04-01", "2026-04-02"))
	wantCode(t, err, access.CodeTooManyDelegations)
}
