package booking

import "rigg/internal/database"

// invariantsOfPools are what holds of the units that bookings are given.
func invariantsOfPools() []database.Invariant {
	return []database.Invariant{
		{
			Name: "a booking that holds its time has as many units of each resource as it takes",
			Query: `select b.ref, r.resource_id, r.units, count(a.id) as has from bookings b
				join booking_resources r on r.booking_id = b.id
				left join allocations a on a.booking_id = b.id and a.resource_id = r.resource_id and a.active
				where b.state in ('requested', 'confirmed', 'in_use')
				group by b.ref, r.resource_id, r.units having count(a.id) <> r.units`,
		},
		{
			Name: "a booking's unit is taken for one of its resources, with that one's buffers",
			Query: `select b.ref, a.unit_id from bookings b join allocations a on a.booking_id = b.id and a.active
				left join booking_resources r on r.booking_id = b.id and r.resource_id = a.resource_id
				where r.booking_id is null or b.state in ('requested', 'confirmed', 'in_use') and (a.starts_at, a.ends_at) is distinct from
					(b.starts_at - make_interval(mins => r.set_up_min), b.ends_at + make_interval(mins => r.clean_up_min))`,
		},
		{
			Name: "whoever has checked in has their very units",
			Query: `select b.ref, a.unit_id from bookings b join allocations a on a.booking_id = b.id and a.active
				where b.state = 'in_use' and not a.pinned`,
		},
		{
			Name: "a booking has something that was chosen, before all that came along",
			Query: `select b.ref from bookings b join booking_resources r on r.booking_id = b.id
				group by b.ref having bool_and(r.along)
					or max(r.position) filter (where not r.along) > min(r.position) filter (where r.along)`,
		},
	}
}
