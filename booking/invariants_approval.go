package booking

import "rigg/internal/database"

// approvalInvariants are what holds of approvals, proposed changes and questions
// before the time comes.
func approvalInvariants() []database.Invariant {
	return []database.Invariant{
		{
			Name: "a confirmed or used booking has every approval that it needs",
			Query: `select b.ref, b.state, v.side from bookings b join approvals v on v.booking_id = b.id and v.hold_id is null
				where b.state in ('confirmed', 'in_use', 'completed', 'no_show', 'displaced') and v.given_at is null`,
		},
		{
			Name: "a request waits for somebody's approval",
			Query: `select b.ref from bookings b where b.state = 'requested' and not exists (
				select from approvals v where v.booking_id = b.id and v.hold_id is null and v.given_at is null)`,
		},
		{
			Name: "a proposed change is of a request or a confirmed booking, and waits for somebody",
			Query: `select h.id as hold_id, b.ref, b.state from holds h join bookings b on b.id = h.booking_id
				where h.kind = 'change' and h.ended_at is null and (b.state not in ('requested', 'confirmed') or not exists (
					select from approvals v where v.hold_id = h.id and v.booking_id = b.id and v.given_at is null))`,
		},
		{
			Name: "a proposed change is held no longer than until it or its booking starts",
			Query: `select h.id as hold_id, b.ref from holds h join bookings b on b.id = h.booking_id
				where h.kind = 'change' and h.ended_at is null and h.expires_at > least(h.starts_at, b.starts_at)`,
		},
		{
			Name: "an approval of a change is of the change's own booking",
			Query: `select v.id as approval_id from approvals v left join holds h on h.id = v.hold_id
				where v.hold_id is not null and (h.kind <> 'change' or h.booking_id is distinct from v.booking_id)`,
		},
		{
			Name:  "the answer to whether a time is needed is due before it starts",
			Query: `select ref from bookings where reconfirm_by >= starts_at and state = 'confirmed'`,
		},
	}
}
