package access_test

import (
	"encoding/json"
	"strings"
	"sync"
	"testing"
	"time"

	"rigg/access"
	"rigg/internal/database"
	"rigg/internal/id"
	"rigg/internal/problem"
)

// mailed has a link mailed to the address, asked for in browser-1, and gives the
// secret in the mail.
func mailed(t *testing.T, b *bench, email string) string {
	t.Helper()
	if err := b.service.RequestSignIn(t.Context(), email, "browser-1"); err != nil {
		t.Fatal(err)
	}
	return issued(t, b, b.links(t)[0])
}

func issued(t *testing.T, b *bench, link id.Link) string {
	t.Helper()
	secret, err := issue(t, b, link)
	if err != nil {
		t.Fatal(err)
	}
	return secret
}

func issue(t *testing.T, b *bench, link id.Link) (string, error) {
	t.Helper()
	return try(t, b, func(tx *database.Tx) (string, error) {
		_, secret, err := access.IssueLink(tx, link)
		return secret, err
	})
}

func TestSignIn(t *testing.T) {
	t.Parallel()
	b := setup(t)
	annaID, _ := people(t, b)
	if err := b.service.RequestSignIn(t.Context(), " ANNA@acme.example", "browser-1"); err != nil {
		t.Fatal(err)
	}
	links := b.links(t)
	if len(links) != 1 {
		t.Fatalf("jobs: %v", links)
	}
	var to access.Person
	secret := update(t, b, func(tx *database.Tx) (secret string, err error) {
		to, secret, err = access.IssueLink(tx, links[0])
		return secret, err
	})
	if to.ID != annaID || to.Email != "anna@acme.example" {
		t.Errorf("mailed to %+v", to)
	}
	session, err := b.service.UseLink(t.Context(), secret, "browser-1")
	if err != nil {
		t.Fatal(err)
	}
	p, csrf, err := b.service.BySession(t.Context(), session)
	if err != nil || p.ID != annaID || csrf == "" || p.Scope(access.ScopeBook) != nil {
		t.Errorf("principal %+v, csrf %q, %v", p, csrf, err)
	}
	if n := count(t, b, `select count(*) from audit where action = 'sign_in' and person_id = $1`, int64(annaID)); n != 1 {
		t.Errorf("%d audit rows", n)
	}
	_, err = b.service.UseLink(t.Context(), secret, "browser-1")
	wantCode(t, err, access.CodeLinkNotValid)
	_, err = issue(t, b, links[0])
	wantCode(t, err, problem.CodeNotFound)
}

func TestLinksThatAreRefused(t *testing.T) {
	t.Parallel()
	b := setup(t)
	people(t, b)
	refused := func(secret, browser string) {
		t.Helper()
		_, err := b.service.UseLink(t.Context(), secret, browser)
		wantCode(t, err, access.CodeLinkNotValid)
	}
	refused("", "")
	refused("no-such-secret", "browser-1")

	secret := mailed(t, b, anna.Email)
	refused(secret, "browser-2")
	refused(secret, "")
	b.wait(15*time.Minute - time.Microsecond)
	if _, err := b.service.UseLink(t.Context(), secret, "browser-1"); err != nil {
		t.Errorf("in its last moment, after others had tried it: %v", err)
	}

	secret = mailed(t, b, anna.Email)
	b.wait(15 * time.Minute)
	refused(secret, "browser-1")

	// The mail was sent twice: the first one's link is worthless.
	if err := b.service.RequestSignIn(t.Context(), anna.Email, "browser-1"); err != nil {
		t.Fatal(err)
	}
	link := b.links(t)[0]
	first, second := issued(t, b, link), issued(t, b, link)
	refused(first, "browser-1")
	if _, err := b.service.UseLink(t.Context(), second, "browser-1"); err != nil {
		t.Error(err)
	}

	// The mail waited for too long.
	if err := b.service.RequestSignIn(t.Context(), anna.Email, "browser-1"); err != nil {
		t.Fatal(err)
	}
	b.wait(15 * time.Minute)
	_, err := issue(t, b, b.links(t)[0])
	wantCode(t, err, problem.CodeNotFound)
	_, err = issue(t, b, 999_999)
	wantCode(t, err, problem.CodeNotFound)
}

// TestNobodyLearnsWhoIsKnown: a stranger's address gets the same answers, the
// same rows and the same job as Anna's, up to and beyond the limit.
func TestNobodyLearnsWhoIsKnown(t *testing.T) {
	t.Parallel()
	b := setup(t)
	people(t, b)
	for _, email := range []string{"anna@acme.example", "stranger@acme.example"} {
		for range 5 {
			if err := b.service.RequestSignIn(t.Context(), email, "browser-1"); err != nil {
				t.Errorf("%s: %v", email, err)
			}
		}
		wantCode(t, b.service.RequestSignIn(t.Context(), strings.ToUpper(email), "browser-2"), access.CodeTooManySignIns)
	}
	rows := `select count(*) from sign_in_links where address_hash = sha256($1::bytea) and person_id is null and hash is null`
	for _, email := range []string{"anna@acme.example", "stranger@acme.example"} {
		if n := count(t, b, rows, email); n != 5 {
			t.Errorf("%s has %d rows", email, n)
		}
	}
	links := b.links(t)
	if len(links) != 10 {
		t.Fatalf("jobs: %v", links)
	}
	_, err := issue(t, b, links[9])
	wantCode(t, err, problem.CodeNotFound)

	b.wait(time.Hour - time.Microsecond)
	wantCode(t, b.service.RequestSignIn(t.Context(), "anna@acme.example", "browser-1"), access.CodeTooManySignIns)
	b.wait(time.Microsecond)
	if err := b.service.RequestSignIn(t.Context(), "anna@acme.example", "browser-1"); err != nil {
		t.Errorf("an hour later: %v", err)
	}
	b.wait(25 * time.Hour)
	if err := b.service.RequestSignIn(t.Context(), "mia@institute.example", "browser-1"); err != nil {
		t.Error(err)
	}
	if n := count(t, b, `select count(*) from sign_in_links`); n != 1 {
		t.Errorf("%d rows are kept after a day", n)
	}
}

func TestRequestsAreChecked(t *testing.T) {
	t.Parallel()
	b := setup(t)
	wantCode(t, b.service.RequestSignIn(t.Context(), "anna", "browser-1"), problem.CodeInvalid)
	wantCode(t, b.service.RequestSignIn(t.Context(), "anna@acme.example", ""), problem.CodeInvalid)
	if links := b.links(t); len(links) != 0 {
		t.Errorf("jobs: %v", links)
	}
}

// TestManyAtOnce: the limit and the single use hold for those who race.
func TestManyAtOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	people(t, b)
	race := func(f func() error, other problem.Code) (won int) {
		errs := make([]error, 20)
		var wg sync.WaitGroup
		for i := range errs {
			wg.Go(func() { errs[i] = f() })
		}
		wg.Wait()
		for _, err := range errs {
			switch {
			case err == nil:
				won++
			case !problem.Has(err, other):
				t.Errorf("%v; want %s", err, other.Slug)
			}
		}
		return won
	}
	asked := race(func() error { return b.service.RequestSignIn(t.Context(), anna.Email, "browser-1") }, access.CodeTooManySignIns)
	if links := b.links(t); asked != 5 || len(links) != 5 {
		t.Errorf("%d of 20 asked, jobs %v", asked, links)
	}
	b.wait(time.Hour)
	secret := mailed(t, b, anna.Email)
	used := race(func() error {
		_, err := b.service.UseLink(t.Context(), secret, "browser-1")
		return err
	}, access.CodeLinkNotValid)
	if n := count(t, b, `select count(*) from sessions`); used != 1 || n != 1 {
		t.Errorf("%d of 20 used the link, %d sessions", used, n)
	}
}

// TestNoSecretIsStored looks for every secret in every row of every table, as
// text, and in the job.
func TestNoSecretIsStored(t *testing.T) {
	t.Parallel()
	b := setup(t)
	people(t, b)
	if err := b.service.RequestSignIn(t.Context(), anna.Email, "browser-1"); err != nil {
		t.Fatal(err)
	}
	b.mu.Lock()
	job, err := json.Marshal(b.jobs[0])
	b.mu.Unlock()
	if err != nil || strings.Contains(string(job), "@") || !strings.HasPrefix(string(job), `{"link":`) {
		t.Errorf("job %s, %v", job, err)
	}
	secret := issued(t, b, b.links(t)[0])
	session, err := b.service.UseLink(t.Context(), secret, "browser-1")
	if err != nil {
		t.Fatal(err)
	}
	token, err := b.service.CreateToken(t.Context(), anna.Email, []string{access.ScopeAll}, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	admin, err := b.service.CreateAdmin(t.Context(), "root@institute.example", "")
	if err != nil {
		t.Fatal(err)
	}
	for _, table := range []string{"people", "roles", "tokens", "sessions", "sign_in_links", "audit"} {
		for _, s := range []string{secret, session, token, admin, "browser-1"} {
			// encode shows bytes that are text as text.
			n := count(t, b, `select count(*) from `+table+` r where r::text like '%' || $1 || '%'
				or r::text like '%' || encode($1::bytea, 'hex') || '%'`, s)
			if n != 0 {
				t.Errorf("%s holds a secret", table)
			}
		}
	}
}

func TestCreateAdmin(t *testing.T) {
	t.Parallel()
	b := setup(t)
	annaID, _ := people(t, b)
	for _, c := range []struct{ email, name, want string }{
		{"root@institute.example", "", "root@institute.example"},
		{"ROOT@institute.example", "Rut Rot", "Rut Rot"},
		{"root@institute.example", "", "Rut Rot"},
		{anna.Email, "", "Anna Ek"},
	} {
		link, err := b.service.CreateAdmin(t.Context(), c.email, c.name)
		if err != nil {
			t.Fatal(err)
		}
		session, err := b.service.UseLink(t.Context(), link, "any browser")
		if err != nil {
			t.Fatal(err)
		}
		p, _, err := b.service.BySession(t.Context(), session)
		if err != nil || p.Name != c.want || !access.Allowed(p, access.Administer, access.Object{}) {
			t.Errorf("%s: %+v, %v", c.email, p, err)
		}
		_, err = b.service.UseLink(t.Context(), link, "any browser")
		wantCode(t, err, access.CodeLinkNotValid)
	}
	p := update(t, b, func(tx *database.Tx) (*access.Principal, error) { return access.PrincipalOf(tx, annaID) })
	if len(p.Organisations) != 1 {
		t.Errorf("Anna lost her organisation: %+v", p)
	}
	for range 5 { // links made here leave the limit of those asked for alone
		if _, err := b.service.CreateAdmin(t.Context(), mia.Email, ""); err != nil {
			t.Fatal(err)
		}
	}
	if err := b.service.RequestSignIn(t.Context(), mia.Email, "browser-1"); err != nil {
		t.Error(err)
	}
	late, err := b.service.CreateAdmin(t.Context(), anna.Email, "")
	if err != nil {
		t.Fatal(err)
	}
	b.wait(15 * time.Minute)
	_, err = b.service.UseLink(t.Context(), late, "")
	wantCode(t, err, access.CodeLinkNotValid)
	_, err = b.service.CreateAdmin(t.Context(), "root", "")
	wantCode(t, err, problem.CodeInvalid)
	_, err = b.service.CreateAdmin(t.Context(), "root@institute.example", "A\nB")
	wantCode(t, err, problem.CodeInvalid)
}
