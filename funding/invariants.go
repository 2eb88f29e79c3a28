package funding

import (
	"slices"

	"rigg/internal/database"
)

// Invariants lists what must hold over all money, whatever the code does. Much of
// it the database refuses by itself; this proves it from the rows.
func Invariants() []database.Invariant {
	return slices.Concat(purseInvariants(), chargeInvariants(), correctionInvariants())
}

func purseInvariants() []database.Invariant {
	return []database.Invariant{
		{
			Name: "a purse is the sum of its entries",
			Query: `select p.id, p.limit_ore, p.reserved_ore, p.spent_ore from purses p left join entries e on e.purse_id = p.id
				group by p.id having (coalesce(p.limit_ore, -sum(e.source_ore), 0), p.reserved_ore, p.spent_ore)
					<> (coalesce(-sum(e.source_ore), 0), coalesce(sum(e.reserved_ore), 0), coalesce(sum(e.spent_ore), 0))`,
		},
		{
			Name: "no purse is overdrawn",
			Query: `select id, limit_ore, reserved_ore, spent_ore from purses
				where reserved_ore < 0 or spent_ore < 0 or reserved_ore + spent_ore > limit_ore`,
		},
		{
			Name: "every transfer sums to zero",
			Query: `select transfer_id from entries group by transfer_id
				having sum(source_ore + available_ore + reserved_ore + spent_ore) <> 0`,
		},
		{
			Name: "an entry's day of use lies in its purse's year",
			Query: `select e.transfer_id, e.used_on, p.year from entries e join purses p on p.id = e.purse_id
				where extract(year from e.used_on) <> p.year`,
		},
		{
			Name: "a purse holds what the open reservations take of it",
			Query: `select p.id, p.reserved_ore from purses p where p.reserved_ore <> (
				select coalesce(sum(s.amount_ore), 0) from charge_shares s join charges c on c.id = s.charge_id
				where s.purse_id = p.id and c.state = 'reserved')`,
		},
		{
			Name: "a purse has paid what the posted charges take of it",
			Query: `select p.id, p.spent_ore from purses p where p.spent_ore <> (
				select coalesce(sum(s.amount_ore), 0) from charge_shares s join charges c on c.id = s.charge_id
				where s.purse_id = p.id and c.state = 'posted')`,
		},
		{
			Name: "the limit of a grant is its award",
			Query: `select p.id, p.limit_ore, a.amount_ore from awards a full join (select * from purses where kind = 'grant') p
					on (p.project_id, p.year, p.organisation_id) = (a.project_id, a.year, a.funder_id)
				where coalesce(p.limit_ore, 0) <> coalesce(a.amount_ore, 0)`,
		},
		{
			Name: "the awards are within the appropriation",
			Query: `select q.programme_id, q.stream, q.year, q.amount_ore, q.awarded_ore from appropriations q
				where q.awarded_ore > q.amount_ore or q.awarded_ore <> (
					select coalesce(sum(a.amount_ore), 0) from awards a join projects p on p.id = a.project_id
					where (p.programme_id, p.stream, a.year) = (q.programme_id, q.stream, q.year))`,
		},
		{
			Name: "public money is within the programme's share of the cost",
			Query: `select p.programme_id, p.stream, u.year from purses u join projects p on p.id = u.project_id
				join programmes g on g.id = p.programme_id
				group by g.id, p.programme_id, p.stream, u.year
				having sum(u.reserved_ore + u.spent_ore) filter (where u.kind = 'grant') * 10000
					> sum(u.reserved_ore + u.spent_ore) * g.max_public_share`,
		},
	}
}

func chargeInvariants() []database.Invariant {
	return []database.Invariant{
		{
			Name: "a charge's shares and lines add up to its total",
			Query: `select c.id, c.total_ore from charges c
				where c.total_ore <> (select coalesce(sum(s.amount_ore), 0) from charge_shares s where s.charge_id = c.id)
				or c.total_ore <> (select coalesce(sum((l ->> 'amount_ore')::bigint), 0) from jsonb_array_elements(c.lines) l)`,
		},
		{
			Name: "a funder pays at most its part of each year of a charge",
			Query: `select c.id, p.organisation_id, p.year from charges c
				join charge_shares s on s.charge_id = c.id join purses p on p.id = s.purse_id and p.kind = 'grant'
				left join agreement_parties a on a.agreement_id = c.agreement_id and a.organisation_id = p.organisation_id
				where s.amount_ore * (select sum(parts) from agreement_parties where agreement_id = c.agreement_id)
					> coalesce(a.parts, 0) * (select sum(t.amount_ore) from charge_shares t join purses q on q.id = t.purse_id
						where t.charge_id = c.id and q.year = p.year)`,
		},
		{
			Name: "a price line was made with a rate of its resource",
			Query: `select c.id, l ->> 'rate' as rate from charges c, jsonb_array_elements(c.lines) l
				where not exists (select from rates r where r.id = (l ->> 'rate')::bigint and r.resource_id = l ->> 'resource')`,
		},
		{
			Name: "a completed booking, and no other, has a posted charge",
			Query: `select b.id, b.state from bookings b where (b.state = 'completed')
				<> exists (select from charges c where c.booking_id = b.id and c.state = 'posted')`,
		},
		{
			Name: "a booking to come or in use, and no other, has money reserved",
			Query: `select b.id, b.state from bookings b where (b.state in ('requested', 'confirmed', 'in_use', 'displaced'))
				<> exists (select from charges c where c.booking_id = b.id and c.state = 'reserved')`,
		},
		{
			Name: "an agreement has a participant, and at most a million parts",
			Query: `select a.id from agreements a left join agreement_parties p on p.agreement_id = a.id group by a.id
				having bool_or(p.role = 'participant') is not true or sum(p.parts) > 1000000`,
		},
	}
}

func correctionInvariants() []database.Invariant {
	return []database.Invariant{
		{
			Name: "what was spent on a booking is what its posted charge says, corrections included",
			Query: `select booking_id, purse_id, spent, amount_ore from (
					select c.booking_id, e.purse_id, sum(e.spent_ore) as spent from charges c
					join transfers t on t.charge_id = c.id join entries e on e.transfer_id = t.id group by 1, 2) x
				full join (select c.booking_id, s.purse_id, s.amount_ore from charges c
					join charge_shares s on s.charge_id = c.id where c.state = 'posted') y using (booking_id, purse_id)
				where coalesce(spent, 0) <> coalesce(amount_ore, 0)`,
		},
		{
			Name: "a correction names a transfer that paid for the same booking",
			Query: `select t.id, t.corrects from transfers t join charges c on c.id = t.charge_id
				left join transfers w on w.id = t.corrects left join charges wc on wc.id = w.charge_id
				where t.kind = 'correct' and case when t.corrects is null
					then exists (select from transfers p join charges pc on pc.id = p.charge_id
						where pc.booking_id = c.booking_id and p.kind = 'post')
					else wc.booking_id <> c.booking_id or wc.state <> 'corrected' or w.kind not in ('post', 'correct') end`,
		},
		{
			Name: "a corrected charge has one that is posted in its place",
			Query: `select c.id, c.booking_id from charges c where c.state = 'corrected' and not exists (
				select from charges p where p.booking_id = c.booking_id and p.state = 'posted' and p.version > c.version)`,
		},
	}
}
