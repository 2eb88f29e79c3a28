package funding

import (
	"fmt"

	"rigg/internal/database"
	"rigg/internal/id"
	"rigg/internal/money"
	"rigg/internal/problem"
)

// lockPursesToCorrect locks those of the years, and those that the posted charge
// was paid from.
func lockPursesToCorrect(tx *database.Tx, b id.Booking, project id.Project, years []int) ([]Purse, error) {
	return readPurses(tx, `(p.year = any($2) or p.id in (
		select s.purse_id from charges c join charge_shares s on s.charge_id = c.id
		where c.booking_id = $3 and c.state = 'posted'))`+lockInOrder, project, int32s(years), int64(b))
}

// findPostedCharge reads the charge in force; not-found where nothing is posted.
func findPostedCharge(tx *database.Tx, b id.Booking) (out postedCharge, err error) {
	costs, err := listCostsIn(tx, []id.Booking{b}, "posted")
	if err != nil {
		return out, err
	}
	if len(costs) == 0 {
		return out, problem.Absent()
	}
	if out.cost, err = costs[0].cost(); err != nil {
		return out, err
	}
	type row struct {
		Version   int
		Transfer  string
		PurseID   id.Purse
		AmountOre money.Ore
	}
	rows, err := database.Select[row](tx, `
		select c.version, coalesce(t.id, '') as transfer, coalesce(s.purse_id, 0) as purse_id, coalesce(s.amount_ore, 0) as amount_ore
		from charges c left join charge_shares s on s.charge_id = c.id
		left join transfers t on t.charge_id = c.id and t.kind in ('post', 'correct')
		where c.booking_id = $1 and c.state = 'posted'`, int64(b))
	if err != nil {
		return out, fmt.Errorf("read the posted charge: %w", err)
	}
	out.paid = map[id.Purse]money.Ore{}
	for _, r := range rows {
		out.version, out.transfer = r.Version, r.Transfer
		if r.AmountOre > 0 {
			out.paid[r.PurseID] = r.AmountOre
		}
	}
	return out, nil
}

// markCorrected marks the posted charge as replaced. It stays as it was made.
func markCorrected(tx *database.Tx, b id.Booking) error {
	_, err := database.Exec(tx, `update charges set state = 'corrected' where booking_id = $1 and state = 'posted'`, int64(b))
	if err != nil {
		return fmt.Errorf("mark a corrected charge: %w", err)
	}
	return nil
}
