package access

import "rigg/internal/database"

// Invariants lists what must hold over the directory and the sign-ins, beyond
// what the database itself refuses.
func Invariants() []database.Invariant {
	return []database.Invariant{
		{
			Name: "every organisation number has its check digit",
			Query: `select id, org_no from organisations where (
					select sum(case when i % 2 = 1 then d * 2 / 10 + d * 2 % 10 else d end)
					from generate_series(1, 10) i, lateral (select substr(org_no, i, 1)::int) as digit (d)
				) % 10 <> 0`,
		},
		{
			Name: "a role in an organisation names one that exists",
			Query: `select r.person_id, r.role, r.scope from roles r
				where r.role in ('organisation_admin', 'organisation_controller')
					and not exists (select from organisations o where o.id = r.scope)`,
		},
		{
			Name:  "no session lasts longer than seven days",
			Query: `select person_id, created_at, expires_at from sessions where expires_at > created_at + interval '168 hours'`,
		},
		{
			Name:  "no sign-in link lasts longer than fifteen minutes",
			Query: `select id, created_at, expires_at from sign_in_links where expires_at > created_at + interval '15 minutes'`,
		},
	}
}
