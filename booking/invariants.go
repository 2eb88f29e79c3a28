package booking

import (
	"fmt"
	"slices"
	"strings"

	"rigg/internal/database"
)

// Invariants are what holds of bookings over the whole database, for rigg check.
func Invariants() []database.Invariant {
	return append(slices.Concat(seriesInvariants(), exceptionInvariants(), invariantsOfPools(), holdInvariants(), approvalInvariants(), aroundInvariants()), []database.Invariant{
		{
			Name: "a booking that holds its time has units for all of it, buffers included",
			Query: `select b.ref, b.state from bookings b where b.state in ('requested', 'confirmed', 'in_use')
				and not exists (select from allocations a where a.booking_id = b.id and a.active)
				union
				select b.ref, b.state from bookings b join allocations a on a.booking_id = b.id
				where b.state in ('requested', 'confirmed', 'in_use') and not (a.active and exists (
					select from booking_resources r where r.booking_id = b.id
					and a.starts_at = b.starts_at - make_interval(mins => r.set_up_min)
					and a.ends_at = b.ends_at + make_interval(mins => r.clean_up_min)))`,
		},
		{
			Name: "a booking that is over without use holds no unit",
			Query: `select b.ref, b.state, a.unit_id from bookings b join allocations a on a.booking_id = b.id and a.active
				where b.state in ('declined', 'cancelled', 'expired', 'no_show', 'displaced')`,
		},
		{
			Name: "a booking has at least one resource, and units of each",
			Query: `select b.ref from bookings b where not exists (select from booking_resources r where r.booking_id = b.id)
				union
				select b.ref from bookings b join booking_resources r on r.booking_id = b.id
				where b.state in ('requested', 'confirmed', 'in_use') and not exists (
					select from allocations a join resource_units u on u.unit_id = a.unit_id and u.resource_id = r.resource_id
					where a.booking_id = b.id)`,
		},
		{
			Name: "a booking's history has every version once, and ends in its state",
			Query: `select b.ref, b.version, b.state from bookings b where
				(select count(distinct h.version) from booking_history h where h.booking_id = b.id) <> b.version
				or (select count(*) from booking_history h where h.booking_id = b.id) <> b.version
				or (select h.to_state from booking_history h where h.booking_id = b.id order by h.version desc limit 1)
					is distinct from b.state`,
		},
		{
			Name: "every change of state follows an arrow",
			Query: fmt.Sprintf(`select booking_id, from_state, to_state from booking_history where from_state is not null
				and from_state <> to_state and (from_state, to_state) not in (values %s)`, arrowValues()),
		},
		{
			Name: "a waiting or confirmed booking has its money reserved, and no other has",
			Query: `select b.ref, b.state from bookings b
				left join charges c on c.booking_id = b.id and c.state = 'reserved'
				where (c.id is not null) <> (b.state in ('requested', 'confirmed', 'in_use', 'displaced'))`,
		},
		{
			Name: "a completed booking is charged exactly once, and no other is",
			Query: `select b.ref, b.state from bookings b
				where (select count(*) from charges c where c.booking_id = b.id and c.state = 'posted')
					<> (case when b.state = 'completed' then 1 else 0 end)`,
		},
		{
			// What a change keeps of its booking's own time is taken by the booking.
			Name: "a hold takes units of each of its resources while it is in force, and none after",
			Query: `select h.id as hold_id, h.kind from holds h where h.ended_at is null and exists (
					select from unnest(h.resources) r (id) where not exists (
						select from allocations a where a.active and (a.hold_id = h.id and a.resource_id = r.id
							or h.kind = 'change' and a.booking_id = h.booking_id and a.unit_id in (
								select u.unit_id from resource_units u where u.resource_id = r.id))))
				union
				select h.id, h.kind from holds h join allocations a on a.hold_id = h.id and a.active where h.ended_at is not null`,
		},
		{
			Name: "an allocation says which resource it is for, and an outage's alone does not",
			Query: `select a.id as allocation_id from allocations a
				where (a.resource_id is null) <> (a.outage_id is not null)`,
		},
	}...)
}

// arrowValues writes the table of arrows in SQL.
func arrowValues() string {
	var rows []string
	for from, all := range arrows {
		for _, to := range all {
			rows = append(rows, fmt.Sprintf("('%s', '%s')", from, to))
		}
	}
	return strings.Join(rows, ", ")
}
