package funding

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"rigg/internal/database"
	"rigg/internal/id"
	"rigg/internal/period"
)

// listUse reads what was spent by the day of use, from the ledger's entries.
func listUse(tx *database.Tx, project id.Project, from, to period.Date) ([]StatementRow, error) {
	type row struct {
		BookingID id.Booking
		UsedOn    time.Time
		PostedAt  time.Time
		Corrects  bool
		Lines     string
		Before    string // the lines that were corrected
		Shares    string
	}
	rows, err := database.Select[row](tx, `
		select c.booking_id, e.used_on, max(t.posted_at) as posted_at, t.kind = 'correct' as corrects, c.lines,
			coalesce(w.lines, '[]') as before,
			jsonb_agg(jsonb_build_object('Party', p.organisation_id, 'Name', o.name, 'Funder', p.kind = 'grant',
				'Kind', coalesce(a.kind, p.kind), 'Year', p.year, 'Amount', e.spent_ore)
				order by a.position nulls last) as shares
		from purses p join entries e on e.purse_id = p.id join transfers t on t.id = e.transfer_id
		join charges c on c.id = t.charge_id join organisations o on o.id = p.organisation_id
		left join transfers wrong on wrong.id = t.corrects left join charges w on w.id = wrong.charge_id
		left join agreement_parties a on a.agreement_id = c.agreement_id
			and a.organisation_id = p.organisation_id and p.kind <> 'overrun'
		where p.project_id = $1 and e.used_on between $2::text::date and $3::text::date and e.spent_ore <> 0
		group by c.id, e.used_on, t.kind, w.lines order by e.used_on, c.booking_id, c.id`, string(project), from.String(), to.String())
	if err != nil {
		return nil, fmt.Errorf("read the use of %s: %w", project, err)
	}
	out := make([]StatementRow, len(rows))
	for i, r := range rows {
		s := StatementRow{Booking: r.BookingID, UsedOn: dayOf(&r.UsedOn), Posted: r.PostedAt.UTC(), Corrects: r.Corrects}
		var before, now []Line
		for _, part := range []struct {
			json string
			to   *[]Line
		}{{r.Before, &before}, {r.Lines, &now}} {
			if err := json.Unmarshal([]byte(part.json), part.to); err != nil {
				return nil, fmt.Errorf("read the lines of booking %d: %w", r.BookingID, err)
			}
		}
		s.Lines = append(taken(before), now...)
		if err := json.Unmarshal([]byte(r.Shares), &s.Shares); err != nil {
			return nil, fmt.Errorf("read the shares of booking %d: %w", r.BookingID, err)
		}
		s.Lines = slices.DeleteFunc(s.Lines, func(l Line) bool { return l.Year != s.UsedOn.Year })
		for _, share := range s.Shares {
			s.Total += share.Amount
		}
		out[i] = s
	}
	return out, nil
}

// taken are lines that are taken back.
func taken(lines []Line) []Line {
	for i := range lines {
		l := &lines[i]
		l.Minutes, l.Days, l.Amount = -l.Minutes, -l.Days, -l.Amount
	}
	return lines
}

func listStreams(tx *database.Tx, programme id.Programme, year int) ([]StreamPosition, error) {
	out, err := database.Select[StreamPosition](tx, `
		select a.stream, a.amount_ore as appropriation, a.awarded_ore as awarded,
			coalesce(sum(u.reserved_ore) filter (where u.kind = 'grant'), 0)::bigint as reserved,
			coalesce(sum(u.spent_ore) filter (where u.kind = 'grant'), 0)::bigint as spent,
			coalesce(sum(u.spent_ore), 0)::bigint as cost
		from appropriations a
		left join projects p on p.programme_id = a.programme_id and p.stream = a.stream
		left join purses u on u.project_id = p.id and u.year = a.year
		where a.programme_id = $1 and a.year = $2
		group by a.programme_id, a.stream, a.year order by a.stream`, string(programme), year)
	if err != nil {
		return nil, fmt.Errorf("read the position of %s: %w", programme, err)
	}
	return out, nil
}
