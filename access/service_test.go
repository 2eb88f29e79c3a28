package access_test

import (
	"slices"
	"testing"
	"time"

	"rigg/access"
	"rigg/internal/database"
	"rigg/internal/problem"
)

func TestTokens(t *testing.T) {
	t.Parallel()
	b := setup(t)
	annaID, _ := people(t, b)
	secret, err := b.service.CreateToken(t.Context(), "Anna@acme.example", []string{"read", "book", "read"}, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	grant := access.Grant{Role: access.ProjectMember, Scope: "P-1"}
	update(t, b, func(tx *database.Tx) (bool, error) { return access.PutGrant(tx, annaID, grant) })
	p, err := b.service.ByToken(t.Context(), secret)
	if err != nil || p.ID != annaID || !slices.Equal(p.Scopes, []string{"book", "read"}) || !p.Has(grant.Role, grant.Scope) {
		t.Fatalf("%+v, %v", p, err)
	}
	wantCode(t, p.Scope(access.ScopeApprove), access.CodeScopeMissing)
	other, err := b.service.CreateToken(t.Context(), anna.Email, []string{"all"}, time.Hour)
	if err != nil {
		t.Fatal(err)
	}

	for _, no := range []string{"", "no-such-secret", secret + "x", "\x00"} {
		_, err := b.service.ByToken(t.Context(), no)
		wantCode(t, err, access.CodeUnauthenticated)
	}
	b.exec(t, `update tokens set revoked_at = $1 where hash = sha256($2::bytea)`, b.clock(), other)
	_, err = b.service.ByToken(t.Context(), other)
	wantCode(t, err, access.CodeUnauthenticated)
	b.wait(time.Hour - time.Microsecond)
	if _, err := b.service.ByToken(t.Context(), secret); err != nil {
		t.Error(err)
	}
	b.wait(time.Microsecond)
	_, err = b.service.ByToken(t.Context(), secret)
	wantCode(t, err, access.CodeUnauthenticated)
}

func TestTokensAreChecked(t *testing.T) {
	t.Parallel()
	b := setup(t)
	people(t, b)
	year := 366 * 24 * time.Hour
	cases := []struct {
		name, email string
		scopes      []string
		ttl         time.Duration
		want        problem.Code
	}{
		{"no scope", anna.Email, nil, time.Hour, problem.CodeInvalid},
		{"unknown scope", anna.Email, []string{"all", "everything"}, time.Hour, problem.CodeInvalid},
		{"no time", anna.Email, []string{"all"}, 0, problem.CodeInvalid},
		{"for ever", anna.Email, []string{"all"}, year + 1, problem.CodeInvalid},
		{"address", "anna", []string{"all"}, year, problem.CodeInvalid},
		{"nobody", "bo@acme.example", []string{"all"}, year, problem.CodeNotFound},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := b.service.CreateToken(t.Context(), c.email, c.scopes, c.ttl)
			wantCode(t, err, c.want)
		})
	}
}

func TestSessionsEnd(t *testing.T) {
	t.Parallel()
	const week = 7 * 24 * time.Hour
	cases := []struct {
		name  string
		waits []time.Duration // each but the last is followed by a use that works
		alive bool
	}{
		{"almost idle for too long", []time.Duration{8*time.Hour - time.Microsecond}, true},
		{"idle for too long", []time.Duration{8 * time.Hour}, false},
		{"use prolongs", []time.Duration{7 * time.Hour, 7 * time.Hour}, true},
		{"use prolongs so far", []time.Duration{7 * time.Hour, 8 * time.Hour}, false},
		{"almost a week", append(slices.Repeat([]time.Duration{7 * time.Hour}, 23), 7*time.Hour-time.Microsecond), true},
		{"a week", append(slices.Repeat([]time.Duration{7 * time.Hour}, 23), week-23*7*time.Hour), false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			annaID, _ := people(t, b)
			session, err := b.service.StartSession(t.Context(), annaID)
			if err != nil {
				t.Fatal(err)
			}
			for i, d := range c.waits {
				b.wait(d)
				p, csrf, err := b.service.BySession(t.Context(), session)
				if last := i == len(c.waits)-1; !last || c.alive {
					if err != nil || p.ID != annaID || csrf == "" {
						t.Fatalf("use %d: %+v, %v", i, p, err)
					}
					continue
				}
				wantCode(t, err, access.CodeUnauthenticated)
			}
		})
	}
}

func TestSessions(t *testing.T) {
	t.Parallel()
	b := setup(t)
	annaID, _ := people(t, b)
	start := func() string {
		session, err := b.service.StartSession(t.Context(), annaID)
		if err != nil {
			t.Fatal(err)
		}
		return session
	}
	csrf := func(session string) string {
		_, csrf, err := b.service.BySession(t.Context(), session)
		if err != nil {
			t.Fatal(err)
		}
		return csrf
	}
	first, second := start(), start()
	if first == second || csrf(first) == csrf(second) || csrf(first) == first {
		t.Error("each session has secrets of its own")
	}
	for range 2 {
		if err := b.service.SignOut(t.Context(), first); err != nil {
			t.Error(err)
		}
	}
	_, _, err := b.service.BySession(t.Context(), first)
	wantCode(t, err, access.CodeUnauthenticated)
	csrf(second)
	b.wait(9 * time.Hour)
	start()
	if n := count(t, b, `select count(*) from sessions`); n != 1 {
		t.Errorf("%d sessions are kept; those that are over should be gone", n)
	}
	_, err = b.service.StartSession(t.Context(), 999_999)
	wantCode(t, err, problem.CodeNotFound)
}

// TestUseIsWrittenOnceAMinute, for sessions and tokens: not at each request.
func TestUseIsWrittenOnceAMinute(t *testing.T) {
	t.Parallel()
	b := setup(t)
	annaID, _ := people(t, b)
	session, err := b.service.StartSession(t.Context(), annaID)
	if err != nil {
		t.Fatal(err)
	}
	token, err := b.service.CreateToken(t.Context(), anna.Email, []string{"all"}, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	start := b.clock()
	for _, step := range []struct {
		wait          time.Duration
		session, used time.Duration // when the last use that is written down was
	}{
		{0, 0, 0},
		{time.Minute - time.Microsecond, 0, 0},
		{time.Microsecond, time.Minute, time.Minute},
		{30 * time.Second, time.Minute, time.Minute},
		{90 * time.Second, 3 * time.Minute, 3 * time.Minute},
	} {
		b.wait(step.wait)
		if _, _, err := b.service.BySession(t.Context(), session); err != nil {
			t.Fatal(err)
		}
		if _, err := b.service.ByToken(t.Context(), token); err != nil {
			t.Fatal(err)
		}
		if n := count(t, b, `select count(*) from sessions where last_seen_at = $1`, start.Add(step.session)); n != 1 {
			t.Errorf("at %v: the session was not last seen at %v", b.clock(), step.session)
		}
		if n := count(t, b, `select count(*) from tokens where last_used_at = $1`, start.Add(step.used)); n != 1 {
			t.Errorf("at %v: the token was not last used at %v", b.clock(), step.used)
		}
	}
}
