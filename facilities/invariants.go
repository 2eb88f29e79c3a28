package facilities

import "rigg/internal/database"

// Invariants are what holds of the catalogue and of units in use, for rigg
// check.
func Invariants() []database.Invariant {
	return append(linkInvariants(), []database.Invariant{
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
			Name: "an outage takes its units within its time, and nothing once it is lifted",
			Query: `
				select o.id as outage_id, a.id as allocation_id from outages o
				join allocations a on a.outage_id = o.id and a.active
				where a.starts_at < o.starts_at or a.ends_at > o.ends_at or a.starts_at >= o.lifted_at
					or not exists (select from outage_units u where u.outage_id = o.id and u.unit_id = a.unit_id)`,
		},
		{
			// A booking that had begun when the outage came keeps its unit; nothing
			// else does.
			Name: "an outage takes each of its units for all of its time but what a booking has begun to use",
			Query: `
				select o.id as outage_id, u.unit_id from outages o join outage_units u on u.outage_id = o.id
				where (o.lifted_at is null or o.lifted_at >= o.ends_at) and extract(epoch from o.ends_at - o.starts_at) <> (
					select coalesce(sum(extract(epoch from least(a.ends_at, o.ends_at) - greatest(a.starts_at, o.starts_at))), 0)
					from allocations a where a.active and a.unit_id = u.unit_id and a.during && tstzrange(o.starts_at, o.ends_at)
						and a.hold_id is null)
				union
				select id, null from outages where not exists (select from outage_units where outage_id = id)`,
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
	}...)
}

// linkInvariants are what holds of facilities and those who are near to them.
func linkInvariants() []database.Invariant {
	return []database.Invariant{
		{
			Name:  "a member is one of a facility that exists",
			Query: `select id as role_id, scope from roles where role = 'facility_member' and scope not in (select id from facilities)`,
		},
		{
			Name: "what comes along with a resource is of its facility, and does not in turn bring it along",
			Query: `
				with recursive brought (by, id) as (
					select resource_id, along_id from resource_companions
					union
					select b.by, c.along_id from brought b join resource_companions c on c.resource_id = b.id
				)
				select b.by as resource_id, b.id as along_id from brought b
				join resources r on r.id = b.by join resources o on o.id = b.id
				where r.id = o.id or r.facility_id <> o.facility_id`,
		},
	}
}
