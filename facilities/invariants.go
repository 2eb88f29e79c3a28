package facilities

import "rigg/internal/database"

// Invariants are what holds of the catalogue and of units in use, for rigg
// check.
func Invariants() []database.Invariant {
	return []database.Invariant{
		{
			// Promise 1, looked at without the constraint and its index. Each
			// allocation is compared with the latest end of all before it.
			Name: "no unit is ever allocated twice at the same time",
			Query: `
				select unit_id, id as allocation_id, starts_at, taken_until from (
					select unit_id, id, starts_at, max(ends_at) over (partition by unit_id
						order by starts_at, id rows between unbounded preceding and 1 preceding) as taken_until
					from allocations where active) a
				where starts_at < taken_until`,
		},
		{
			Name: "an outage takes its units for exactly its time",
			Query: `
				select o.id as outage_id, a.id as allocation_id from outages o
				left join allocations a on a.outage_id = o.id and a.active
				where a.id is null or (a.starts_at, a.ends_at) <> (o.starts_at, o.ends_at)`,
		},
		{
			Name: "an outage is of units of its own facility",
			Query: `
				select o.id as outage_id, u.id as unit_id from outages o
				join allocations a on a.outage_id = o.id join units u on u.id = a.unit_id
				where u.facility_id <> o.facility_id`,
		},
		{
			Name: "a resource's units are its facility's",
			Query: `
				select r.id as resource_id, u.id as unit_id from resources r
				join resource_units ru on ru.resource_id = r.id join units u on u.id = ru.unit_id
				where u.facility_id <> r.facility_id`,
		},
		{
			Name: "a resource has as many units as a booking of it takes",
			Query: `
				select r.id as resource_id, r.take, count(ru.unit_id) as units from resources r
				left join resource_units ru on ru.resource_id = r.id
				group by r.id having count(ru.unit_id) < coalesce(r.take, 1)`,
		},
		{
			Name: "a facility is somewhere, and a site has a host",
			Query: `
				select f.id as facility_id, null as site_id from facilities f
				where not exists (select from facility_sites where facility_id = f.id)
				union all
				select null, s.id from sites s
				where not exists (select from site_hosts where site_id = s.id)`,
		},
		{
			Name: "search knows every resource as it is",
			Query: `
				select coalesce(r.id, d.resource_id) as resource_id
				from search_documents_of(array(select id from resources)) k (id, name, facility, abilities, rest, words)
				join resources r on r.id = k.id
				full join search_documents d on d.resource_id = k.id
				where (k.name, k.facility, k.abilities, k.rest, k.words)
					is distinct from (d.name, d.facility, d.abilities, d.rest, d.words)`,
		},
	}
}
