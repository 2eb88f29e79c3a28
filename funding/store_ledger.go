package funding

import (
	"encoding/json"
	"fmt"

	"rigg/internal/database"
	"rigg/internal/id"
	"rigg/internal/money"
)

// insertCharge writes a charge with its shares, transfers and entries in one
// round trip: this is the hot path. The day of use of an entry is the one given
// or, for a booking over New Year, the day nearest to it in the purse's own year.
func insertCharge(tx *database.Tx, c charge) error {
	lines, err := json.Marshal(c.cost.Lines)
	if err != nil {
		return fmt.Errorf("lines of a charge: %w", err)
	}
	sharePurses, amounts := c.shareColumns()
	e := c.entryColumns()
	_, err = tx.SQL().ExecContext(tx.Context(), `
		with c as (
			insert into charges (booking_id, version, agreement_id, state, total_ore, lines, created_at, resolved_at)
			values ($1, $2, $3, $4, $5, $6::text::jsonb, $7::timestamptz, case when $4 <> 'reserved' then $7::timestamptz end) returning id
		), s as (
			insert into charge_shares (charge_id, purse_id, amount_ore)
			select c.id, x.purse, x.amount from c, unnest($8::bigint[], $9::bigint[]) x (purse, amount)
		), t as (
			insert into transfers (id, kind, charge_id, posted_at, corrects)
			select x.id, x.kind, c.id, $7::timestamptz, nullif(x.corrects, '')
			from c, unnest($10::text[], $11::text[], $19::text[]) x (id, kind, corrects) returning id
		)
		insert into entries (transfer_id, purse_id, used_on, source_ore, available_ore, reserved_ore, spent_ore)
		select t.id, p.id, least(greatest($12::date, make_date(p.year, 1, 1)), make_date(p.year, 12, 31)),
			x.source, x.available, x.reserved, x.spent
		from unnest($13::text[], $14::bigint[], $15::bigint[], $16::bigint[], $17::bigint[], $18::bigint[])
			x (transfer, purse, source, available, reserved, spent)
		join t on t.id = x.transfer join purses p on p.id = x.purse`,
		int64(c.booking), c.version, int64(c.cost.Agreement), c.state, int64(c.cost.Total), string(lines), tx.Now,
		sharePurses, amounts, c.ids(), c.kinds(), c.usedOn.UTC(),
		e.transfer, e.purse, e.source, e.available, e.reserved, e.spent, c.corrected())
	if err != nil {
		return fmt.Errorf("write a charge: %w", err)
	}
	return nil
}

func (c charge) shareColumns() (purses, amounts []int64) {
	purses, amounts = []int64{}, []int64{} // nil would be NULL
	for _, s := range c.shares {
		purses, amounts = append(purses, int64(s.purse)), append(amounts, int64(s.amount))
	}
	return purses, amounts
}

func (c charge) ids() []string {
	out := []string{}
	for _, t := range c.transfers {
		out = append(out, transferID(c.booking, c.version, t.kind))
	}
	return out
}

func (c charge) kinds() []string {
	out := []string{}
	for _, t := range c.transfers {
		out = append(out, t.kind)
	}
	return out
}

func (c charge) corrected() []string {
	out := []string{}
	for _, t := range c.transfers {
		out = append(out, t.corrects)
	}
	return out
}

type entryColumns struct {
	transfer                                  []string
	purse, source, available, reserved, spent []int64
}

func (c charge) entryColumns() entryColumns {
	e := entryColumns{[]string{}, []int64{}, []int64{}, []int64{}, []int64{}, []int64{}}
	for _, t := range c.transfers {
		for _, m := range t.entries {
			e.transfer = append(e.transfer, transferID(c.booking, c.version, t.kind))
			e.purse = append(e.purse, int64(m.purse))
			e.source = append(e.source, int64(m.source))
			e.available = append(e.available, int64(m.available))
			e.reserved = append(e.reserved, int64(m.reserved))
			e.spent = append(e.spent, int64(m.spent))
		}
	}
	return e
}

// transferID follows from what the transfer is about: a second one of the same
// booking, version and kind breaks a primary key.
func transferID(b id.Booking, version int, kind string) string {
	return fmt.Sprintf("booking-%d-%d-%s", b, version, kind)
}

// voidReserved releases the booking's open reservation; nothing where it has
// none. Its entries undo those of the reservation, day by day.
func voidReserved(tx *database.Tx, b id.Booking, version int) error {
	_, err := database.Exec(tx, `
		with c as (
			update charges set state = 'voided', resolved_at = $3
			where booking_id = $1 and state = 'reserved' returning id
		), t as (
			insert into transfers (id, kind, charge_id, posted_at)
			select $2, 'void', c.id, $3 from c returning id, charge_id
		)
		insert into entries (transfer_id, purse_id, used_on, available_ore, reserved_ore)
		select t.id, e.purse_id, e.used_on, -e.available_ore, -e.reserved_ore
		from t join transfers r on r.charge_id = t.charge_id and r.kind = 'reserve'
		join entries e on e.transfer_id = r.id`, int64(b), transferID(b, version, "void"), tx.Now)
	if err != nil {
		return fmt.Errorf("void a reservation: %w", err)
	}
	return nil
}

// settleReserved marks the booking's reservation as settled by its use. What it
// holds is released by the entries of the posted charge.
func settleReserved(tx *database.Tx, b id.Booking) error {
	_, err := database.Exec(tx, `update charges set state = 'settled', resolved_at = $2
		where booking_id = $1 and state = 'reserved'`, int64(b), tx.Now)
	if err != nil {
		return fmt.Errorf("settle a reservation: %w", err)
	}
	return nil
}

// listHeld gives what the booking's open reservation holds in each purse.
func listHeld(tx *database.Tx, b id.Booking) (map[id.Purse]money.Ore, error) {
	type row struct {
		PurseID   id.Purse
		AmountOre money.Ore
	}
	rows, err := database.Select[row](tx, `
		select s.purse_id, s.amount_ore from charges c join charge_shares s on s.charge_id = c.id
		where c.booking_id = $1 and c.state = 'reserved' order by s.purse_id`, int64(b))
	if err != nil {
		return nil, fmt.Errorf("read a reservation: %w", err)
	}
	out := map[id.Purse]money.Ore{}
	for _, r := range rows {
		out[r.PurseID] = r.AmountOre
	}
	return out, nil
}

// costRow is a charge with its shares as JSON.
type costRow struct {
	BookingID   id.Booking
	State       string
	TotalOre    money.Ore
	AgreementID id.Agreement
	Lines       string
	Shares      string
}

// chargeStates are all that a charge can be in.
var chargeStates = []string{"reserved", "voided", "settled", "posted", "corrected"}

// listCosts reads the latest charge of each booking. The kind of a share is the
// party's in the agreement, or overrun.
func listCosts(tx *database.Tx, bookings []id.Booking) ([]costRow, error) {
	return listCostsIn(tx, bookings, chargeStates...)
}

// listCostsIn reads the latest charge of each booking that is in one of the states.
func listCostsIn(tx *database.Tx, bookings []id.Booking, states ...string) ([]costRow, error) {
	ids := make([]int64, len(bookings))
	for i, b := range bookings {
		ids[i] = int64(b)
	}
	out, err := database.Select[costRow](tx, `
		select c.booking_id, c.state, c.total_ore, c.agreement_id, c.lines, s.shares
		from (select distinct on (booking_id) * from charges where booking_id = any($1) and state = any($2)
			order by booking_id, version desc) c,
		lateral (select coalesce(jsonb_agg(jsonb_build_object('Party', p.organisation_id, 'Name', o.name,
				'Funder', p.kind = 'grant', 'Kind', coalesce(a.kind, p.kind), 'Year', p.year, 'Amount', s.amount_ore)
				order by p.year, a.position nulls last), '[]') as shares
			from charge_shares s join purses p on p.id = s.purse_id join organisations o on o.id = p.organisation_id
			left join agreement_parties a on a.agreement_id = c.agreement_id
				and a.organisation_id = p.organisation_id and p.kind <> 'overrun'
			where s.charge_id = c.id) s`, ids, states)
	if err != nil {
		return nil, fmt.Errorf("read costs: %w", err)
	}
	return out, nil
}

func (r costRow) cost() (*Cost, error) {
	c := &Cost{Total: r.TotalOre, Agreement: r.AgreementID}
	for _, part := range []struct {
		json string
		to   any
	}{{r.Lines, &c.Lines}, {r.Shares, &c.Shares}} {
		if err := json.Unmarshal([]byte(part.json), part.to); err != nil {
			return nil, fmt.Errorf("read the cost of booking %d: %w", r.BookingID, err)
		}
	}
	return c, nil
}
