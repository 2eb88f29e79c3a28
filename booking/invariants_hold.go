package booking

import "rigg/internal/database"

// holdInvariants are what holds of displaced bookings, of what is held for them and
// of the waiting list.
func holdInvariants() []database.Invariant {
	return []database.Invariant{
		{
			Name: "an alternative is held for a displaced booking alone",
			Query: `select h.id as hold_id, b.ref, b.state from holds h left join bookings b on b.id = h.booking_id
				where h.kind = 'alternative' and h.ended_at is null and b.state is distinct from 'displaced'`,
		},
		{
			Name: "who is offered a time has one hold in force, and nobody else in line has",
			Query: `select w.ref, w.state from waits w where (select count(*) from holds h where h.wait_id = w.id and h.ended_at is null)
				<> (case when w.state = 'offered' then 1 else 0 end)`,
		},
		{
			Name:  "an offer in force is to somebody",
			Query: `select id as hold_id from holds where kind = 'offer' and wait_id is null`,
		},
		{
			Name: "an offer is of what its wait wishes",
			Query: `select h.id as hold_id, w.ref from holds h join waits w on w.id = h.wait_id
				where h.resources <> w.resources or h.starts_at < w.starts_at or h.ends_at > w.ends_at
					or h.ends_at - h.starts_at <> make_interval(mins => w.minutes)`,
		},
		{
			Name: "what came of a wait is a booking of the same person and project",
			Query: `select w.ref, b.ref as booking from waits w join bookings b on b.id = w.booking_id
				where b.person_id <> w.person_id or b.project_id <> w.project_id`,
		},
	}
}
