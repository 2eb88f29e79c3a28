package main

import (
	"context"
	"fmt"
	"net/url"
	"path/filepath"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"rigg/internal/id"
	"rigg/internal/period"
)

// reference is what the bare statement has to know to write the same rows.
type reference struct {
	person     int64
	units      map[string]int64    // by resource
	agreements map[string]int64    // by project
	purses     map[string][2]int64 // by project and year: grant, own
	rates      map[string]int64    // by resource
}

func findReference(ctx context.Context, pool *pgxpool.Pool) (r reference, err error) {
	r = reference{units: map[string]int64{}, agreements: map[string]int64{}, purses: map[string][2]int64{}, rates: map[string]int64{}}
	if err = pool.QueryRow(ctx, `select id from people where email = $1`, booker).Scan(&r.person); err != nil {
		return r, fmt.Errorf("find the booker: %w", err)
	}
	for _, part := range []struct {
		query string
		into  map[string]int64
	}{
		{`select resource_id, unit_id from resource_units`, r.units},
		{`select project_id, id from agreements`, r.agreements},
		{`select resource_id, id from rates`, r.rates},
	} {
		rows, err := pool.Query(ctx, part.query)
		if err != nil {
			return r, fmt.Errorf("read the reference: %w", err)
		}
		var name string
		var n int64
		if _, err := pgx.ForEachRow(rows, []any{&name, &n}, func() error { part.into[name] = n; return nil }); err != nil {
			return r, fmt.Errorf("read the reference: %w", err)
		}
	}
	rows, err := pool.Query(ctx, `select project_id || '/' || year, max(id) filter (where kind = 'grant'),
		max(id) filter (where kind = 'own') from purses group by 1`)
	if err != nil {
		return r, fmt.Errorf("read the purses: %w", err)
	}
	var name string
	var grant, own int64
	_, err = pgx.ForEachRow(rows, []any{&name, &grant, &own}, func() error { r.purses[name] = [2]int64{grant, own}; return nil })
	return r, err
}

// bareRows writes in one statement every row that one booking through HTTP
// writes: booking, resource, allocation, history, charge, shares, transfer,
// entries and its two jobs.
const bareRows = `
	with b as (
		insert into bookings (ref, version, state, project_id, person_id, created_by, agreement_id,
			starts_at, ends_at, purpose, created_at, changed_at)
		values ($1, 1, 'confirmed', $2, $3, $3, $4, $5, $6, '', now(), now()) returning id
	), r as (
		insert into booking_resources (booking_id, position, resource_id, set_up_min, clean_up_min)
		select id, 1, $7, 0, 0 from b
	), a as (
		insert into allocations (unit_id, booking_id, starts_at, ends_at) select $8, id, $5, $6 from b
	), h as (
		insert into booking_history (booking_id, version, at, person_id, action, to_state)
		select id, 1, now(), $3, 'request', 'confirmed' from b
	), c as (
		insert into charges (booking_id, version, agreement_id, state, total_ore, lines, created_at)
		select id, 1, $4, 'reserved', 10000, $9::text::jsonb, now() from b returning id
	), s as (
		insert into charge_shares (charge_id, purse_id, amount_ore)
		select c.id, x.purse, 5000 from c, unnest($10::bigint[]) x (purse)
	), t as (
		insert into transfers (id, kind, charge_id, posted_at)
		select 'booking-' || b.id || '-1-reserve', 'reserve', c.id, now() from b, c returning id
	), e as (
		insert into entries (transfer_id, purse_id, used_on, available_ore, reserved_ore)
		select t.id, x.purse, $11::date, -5000, 5000 from t, unnest($10::bigint[]) x (purse)
	)
	insert into river_job (kind, args, max_attempts, state, scheduled_at)
	select x.kind, jsonb_build_object('booking', b.id, 'version', 1, 'by', $3::bigint, 'start', $5::timestamptz, 'before_min', 1440), 12, x.state::river_job_state, x.at
	from b, (values ('booking_confirmed', 'available', now()), ('booking_reminder', 'scheduled', $5::timestamptz)) x (kind, state, at)`

// bareSQL writes one booking's rows without asking anything.
func (w *world) bareSQL(ctx context.Context) error {
	resource, project, p := w.next()
	r, pr := fmt.Sprintf("r%d", resource), fmt.Sprintf("p%d", project)
	purses := w.rows.purses[fmt.Sprintf("%s/%d", pr, period.DateOf(p.Start, stockholm).Year)]
	lines := fmt.Sprintf(`[{"text": {"sv": "Resurs %d", "en": "Resource %d"}, "resource": "%s", "rate": %d, "per": "hour",
		"rate_ore": 10000, "minutes": 60, "amount_ore": 10000, "year": %d}]`, resource, resource, r, w.rows.rates[r], p.Start.Year())
	_, err := w.pool.Exec(ctx, bareRows, string(id.NewRef()), pr, w.rows.person, w.rows.agreements[pr],
		p.Start, p.End, r, w.rows.units[r], lines, purses[:], period.DateOf(p.Start, stockholm).UTC())
	if err != nil {
		return fmt.Errorf("write by bare SQL: %w", err)
	}
	return nil
}

// proxied gives the server's socket, and the address that goes over a proxy in
// dir instead.
func proxied(address, dir string) (socket, via string, err error) {
	u, err := url.Parse(address)
	if err != nil {
		return "", "", fmt.Errorf("read the database's address: %w", err)
	}
	q := u.Query()
	socket = filepath.Join(q.Get("host"), ".s.PGSQL."+q.Get("port"))
	q.Set("host", dir)
	u.RawQuery = q.Encode()
	return socket, u.String(), nil
}
