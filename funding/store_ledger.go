package funding

import (
	"encoding/json"
	"fmt"
	"time"

	"rigg/internal/database"
	"rigg/internal/id"
	"rigg/internal/money"
	"rigg/internal/period"
)

// insertCharges writes charges with their shares, transfers and entries in one
// round trip: this is the hot path. They are of different bookings. The day of use
// of an entry is its charge's or, for a booking over New Year, the day nearest to
// it in the purse's own year.
func insertCharges(tx *database.Tx, list []charge) error {
	c, err := chargeColumnsOf(list)
	if err != nil {
		return err
	}
	_, err = tx.SQL().ExecContext(tx.Context(), `
		with c as (
			insert into charges (booking_id, version, agreement_id, state, total_ore, lines, created_at, resolved_at)
			select x.booking, x.version, x.agreement, x.state, x.total, x.lines::jsonb, $1,
				case when x.state <> 'reserved' then $1::timestamptz end
			from unnest($2::bigint[], $3::int[], $4::bigint[], $5::text[], $6::bigint[], $7::text[])
				x (booking, version, agreement, state, total, lines)
			returning id, booking_id
		), s as (
			insert into charge_shares (charge_id, purse_id, amount_ore)
			select c.id, x.purse, x.amount
			from unnest($8::bigint[], $9::bigint[], $10::bigint[]) x (booking, purse, amount) join c on c.booking_id = x.booking
		), t as (
			insert into transfers (id, kind, charge_id, posted_at, corrects)
			select x.id, x.kind, c.id, $1, nullif(x.corrects, '')
			from unnest($11::bigint[], $12::text[], $13::text[], $21::text[]) x (booking, id, kind, corrects) join c on c.booking_id = x.booking
			returning id
		)
		insert into entries (transfer_id, purse_id, used_on, source_ore, available_ore, reserved_ore, spent_ore)
		select t.id, p.id, least(greatest(x.used_on, make_date(p.year, 1, 1)), make_date(p.year, 12, 31)),
			x.source, x.available, x.reserved, x.spent
		from unnest($14::text[], $15::bigint[], $16::date[], $17::bigint[], $18::bigint[], $19::bigint[], $20::bigint[])
			x (transfer, purse, used_on, source, available, reserved, spent)
		join t on t.id = x.transfer join purses p on p.id = x.purse`,
		tx.Now, c.booking, c.version, c.agreement, c.state, c.total, c.lines,
		c.share.booking, c.share.purse, c.share.amount, c.transfer.booking, c.transfer.id, c.transfer.kind,
		c.entry.transfer, c.entry.purse, c.entry.usedOn, c.entry.source, c.entry.available, c.entry.reserved, c.entry.spent, c.transfer.corrects)
	if err != nil {
		return fmt.Errorf("write %d charges: %w", len(list), err)
	}
	return nil
}

// chargeColumns are charges as arrays; none is nil, which would be NULL.
type chargeColumns struct {
	booking, agreement, total []int64
	version                   []int32
	state, lines              []string
	share                     struct{ booking, purse, amount []int64 }
	transfer                  struct {
		booking            []int64
		id, kind, corrects []string
	}
	entry entryColumns
}

type entryColumns struct {
	transfer                                  []string
	usedOn                                    []time.Time
	purse, source, available, reserved, spent []int64
}

func chargeColumnsOf(list []charge) (*chargeColumns, error) {
	c := &chargeColumns{entry: entryColumns{
		[]string{}, []time.Time{}, []int64{}, []int64{}, []int64{}, []int64{}, []int64{},
	}}
	c.share.booking, c.share.purse, c.share.amount = []int64{}, []int64{}, []int64{}
	c.transfer.booking, c.transfer.id, c.transfer.kind, c.transfer.corrects = []int64{}, []string{}, []string{}, []string{}
	for _, ch := range list {
		lines, err := json.Marshal(ch.cost.Lines)
		if err != nil {
			return nil, fmt.Errorf("lines of a charge: %w", err)
		}
		c.booking, c.version = append(c.booking, int64(ch.booking)), append(c.version, int32(ch.version))
		c.agreement, c.total = append(c.agreement, int64(ch.cost.Agreement)), append(c.total, int64(ch.cost.Total))
		c.state, c.lines = append(c.state, ch.state), append(c.lines, string(lines))
		for _, s := range ch.shares {
			c.share.booking = append(c.share.booking, int64(ch.booking))
			c.share.purse, c.share.amount = append(c.share.purse, int64(s.purse)), append(c.share.amount, int64(s.amount))
		}
		for _, t := range ch.transfers {
			name := transferID(ch.booking, ch.version, t.kind)
			c.transfer.booking = append(c.transfer.booking, int64(ch.booking))
			c.transfer.id, c.transfer.kind = append(c.transfer.id, name), append(c.transfer.kind, t.kind)
			c.transfer.corrects = append(c.transfer.corrects, t.corrects)
			c.entry.add(name, ch.usedOn, t.entries)
		}
	}
	return c, nil
}

func (e *entryColumns) add(transfer string, usedOn period.Date, list []entry) {
	for _, m := range list {
		e.transfer, e.usedOn = append(e.transfer, transfer), append(e.usedOn, usedOn.UTC())
		e.purse = append(e.purse, int64(m.purse))
		e.source = append(e.source, int64(m.source))
		e.available = append(e.available, int64(m.available))
		e.reserved = append(e.reserved, int64(m.reserved))
		e.spent = append(e.spent, int64(m.spent))
	}
}

// transferID follows from what the transfer is about: a second one of the same
// booking, version and kind breaks a primary key.
func transferID(b id.Booking, version int, kind string) string {
	return fmt.Sprintf("booking-%d-%d-%s", b, version, kind)
}

// voidAllReserved releases the bookings' open reservations; nothing where there is
// none. Its entries undo those of the reservation, day by day.
func voidAllReserved(tx *database.Tx, list []Voiding) error {
	var bookings []int64
	var names []string
	for _, v := range list {
		bookings, names = append(bookings, int64(v.Booking)), append(names, transferID(v.Booking, v.Version, "void"))
	}
	_, err := database.Exec(tx, `
		with c as (
			update charges set state = 'voided', resolved_at = $3
			where booking_id = any($1::bigint[]) and state = 'reserved' returning id, booking_id
		), t as (
			insert into transfers (id, kind, charge_id, posted_at)
			select x.name, 'void', c.id, $3
			from c join unnest($1::bigint[], $2::text[]) x (booking, name) on x.booking = c.booking_id
			returning id, charge_id
		)
		insert into entries (transfer_id, purse_id, used_on, available_ore, reserved_ore)
		select t.id, e.purse_id, e.used_on, -e.available_ore, -e.reserved_ore
		from t join transfers r on r.charge_id = t.charge_id and r.kind = 'reserve'
		join entries e on e.transfer_id = r.id`, bookings, names, tx.Now)
	if err != nil {
		return fmt.Errorf("void %d reservations: %w", len(list), err)
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
