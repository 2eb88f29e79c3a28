package booking

import (
	"fmt"
	"time"

	"rigg/internal/database"
	"rigg/internal/id"
	"rigg/internal/period"
	"rigg/internal/text"
)

// listNear takes a condition whose arguments begin at $5.
func listNear(tx *database.Tx, condition string, a Around, args ...any) ([]*Booking, error) {
	where := fmt.Sprintf(`where %s and b.starts_at < $2 and b.ends_at > $1
		order by greatest(b.starts_at - $3, $3 - b.ends_at, interval '0'), b.id limit $4`, condition)
	return listBookings(tx, where, append([]any{a.Window.Start, a.Window.End, a.Moment, maxNear}, args...)...)
}

func listOutages(tx *database.Tx, units []id.Unit, window period.Period) ([]Outage, error) {
	type row struct {
		ID               id.Outage
		NameSv, NameEn   string
		StartsAt, EndsAt time.Time
		CreatedAt        time.Time
	}
	rows, err := database.Select[row](tx, `
		select o.id, o.name_sv, o.name_en, o.starts_at, o.ends_at, o.created_at
		from outages o where o.starts_at < $2 and o.ends_at > $1 and exists (
			select from allocations a where a.outage_id = o.id and a.active and a.unit_id = any($3))
		order by o.starts_at, o.id limit $4`, window.Start, window.End, units, maxNear)
	if err != nil {
		return nil, fmt.Errorf("list outages: %w", err)
	}
	out := make([]Outage, len(rows))
	for i, r := range rows {
		out[i] = Outage{
			ID: r.ID, Name: text.Text{SV: r.NameSv, EN: r.NameEn},
			Period: period.New(r.StartsAt, r.EndsAt), Created: r.CreatedAt.UTC(),
		}
	}
	return out, nil
}
