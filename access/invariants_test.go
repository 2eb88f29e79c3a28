package access_test

import (
	"testing"

	"rigg/access"
	"rigg/internal/database"
)

// TestInvariants plants one offence against each and wants just that one found.
func TestInvariants(t *testing.T) {
	t.Parallel()
	offences := map[string]string{
		"every organisation number has its check digit":       `update organisations set org_no = '5590000014' where id = 'acme'`,
		"a role in an organisation names one that exists":     `update roles set scope = 'nowhere'`,
		"no session lasts longer than seven days":             `update sessions set expires_at = expires_at + interval '1 second'`,
		"no sign-in link lasts longer than fifteen minutes":   `update sign_in_links set expires_at = expires_at + interval '1 second'`,
		"(none: a sound database has no offence against any)": ``,
	}
	if len(access.Invariants()) != len(offences)-1 {
		t.Errorf("%d invariants, %d offences", len(access.Invariants()), len(offences)-1)
	}
	for name, offence := range offences {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			annaID, _ := people(t, b)
			update(t, b, func(tx *database.Tx) (bool, error) {
				return access.PutGrant(tx, annaID, access.Grant{Role: access.OrganisationAdmin, Scope: "acme"})
			})
			if _, err := b.service.UseLink(t.Context(), mailed(t, b, anna.Email), "browser-1"); err != nil {
				t.Fatal(err)
			}
			b.exec(t, offence)
			for _, i := range access.Invariants() {
				found := count(t, b, `select count(*) from (`+i.Query+`) offences`)
				if want := i.Name == name; (found == 1) != want || found > 1 {
					t.Errorf("%s: %d rows", i.Name, found)
				}
			}
		})
	}
}
