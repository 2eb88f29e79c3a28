package facilities_test

import (
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"rigg/internal/database"
	"rigg/internal/id"
	"rigg/internal/period"
)

// party is who books in these tests: rows that a booking refers to.
const party = `
	insert into people (email, name, created_at) values ('anna@gronstal.example', 'Anna Ek', now());
	insert into projects (id, name, lead_id, aid_basis, from_date, to_date)
		values ('P-1', 'Pulver', 'rise', 'market_price', '2026-01-01', '2026-12-31');
	insert into agreements (project_id, from_date) values ('P-1', '2026-01-01');
	insert into agreement_parties (agreement_id, position, organisation_id, role, kind, parts)
		select id, 0, 'rise', 'participant', 'cash', 1 from agreements`

// book makes a booking with plain SQL, its allocation included.
func (h *house) book(t *testing.T, unit id.Unit, p period.Period) (booking id.Booking) {
	t.Helper()
	pool := h.db.Pool()
	var exists bool
	if err := pool.QueryRow(t.Context(), `select exists (select from projects)`).Scan(&exists); err != nil {
		t.Fatal(err)
	}
	if !exists {
		if _, err := pool.Exec(t.Context(), party); err != nil {
			t.Fatal(err)
		}
	}
	err := pool.QueryRow(t.Context(), `
		with b as (
			insert into bookings (ref, state, project_id, person_id, created_by, agreement_id, starts_at, ends_at, created_at, changed_at)
			select $1, 'confirmed', 'P-1', p.id, p.id, a.id, $2, $3, now(), now() from people p, agreements a returning id
		)
		insert into allocations (unit_id, booking_id, starts_at, ends_at) select $4, id, $2, $3 from b returning booking_id`,
		string(id.NewRef()), p.Start, p.End, int64(unit)).Scan(&booking)
	if err != nil {
		t.Fatal(err)
	}
	return booking
}

// TestNoUnitTwice goes around all Go code and tries with SQL what could make
// two active allocations of one unit overlap: the database refuses each.
func TestNoUnitTwice(t *testing.T) {
	t.Parallel()
	h := setup(t)
	units := h.extruder(t).Units
	first := h.book(t, units[0], between(t, "2026-05-04T08:00", "2026-05-04T12:00"))
	touching := h.book(t, units[0], between(t, "2026-05-04T12:00", "2026-05-04T14:00")) // lawful
	other := h.book(t, units[1], between(t, "2026-05-04T08:00", "2026-05-04T12:00"))    // lawful: another unit
	gone := h.book(t, units[0], between(t, "2026-05-05T08:00", "2026-05-05T12:00"))
	h.sql(t, `update allocations set active = false where booking_id = $1`, int64(gone))
	h.sql(t, `update allocations set starts_at = '2026-05-04 08:00+02', ends_at = '2026-05-04 09:00+02' where booking_id = $1`, int64(gone))
	const outage = `insert into outages (facility_id, name_sv, name_en, starts_at, ends_at, created_at)
		values ('am-molndal', 'Service', 'Service', '2026-05-04 00:00+02', '2026-05-05 00:00+02', now())`
	h.sql(t, outage)

	const take = `insert into allocations (unit_id, booking_id, starts_at, ends_at) values `
	cases := []struct {
		name, sql string
		args      []any
	}{
		{"the same time", take + `($1, $2, '2026-05-04 08:00+02', '2026-05-04 12:00+02')`, []any{units[0], other}},
		{"the last minute", take + `($1, $2, '2026-05-04 07:00+02', '2026-05-04 08:01+02')`, []any{units[0], other}},
		{"one microsecond", take + `($1, $2, '2026-05-04 07:00+02', '2026-05-04 08:00:00.000001+02')`, []any{units[0], other}},
		{"inside", take + `($1, $2, '2026-05-04 09:00+02', '2026-05-04 09:01+02')`, []any{units[0], other}},
		{"around all", take + `($1, $2, '2026-05-01 00:00+02', '2026-06-01 00:00+02')`, []any{units[0], other}},
		{"for ever", take + `($1, $2, '-infinity', 'infinity')`, []any{units[0], other}},
		{"over itself", take + `($1, $2, '2026-05-04 11:00+02', '2026-05-04 12:00+02')`, []any{units[0], first}},
		{"two in one statement", take + `($1, $2, '2026-05-06 08:00+02', '2026-05-06 09:00+02'), ($1, $2, '2026-05-06 08:30+02', '2026-05-06 10:00+02')`, []any{units[0], first}},
		{"an outage over a booking", `insert into allocations (unit_id, outage_id, starts_at, ends_at)
			select $1, id, starts_at, ends_at from outages`, []any{units[0]}},
		{"longer", `update allocations set ends_at = '2026-05-04 12:01+02' where booking_id = $1`, []any{first}},
		{"earlier", `update allocations set starts_at = '2026-05-04 11:59+02' where booking_id = $1`, []any{touching}},
		{"to another unit", `update allocations set unit_id = $1 where booking_id = $2`, []any{units[0], other}},
		{"active again", `update allocations set active = true where booking_id = $1`, []any{gone}},
		{"all at once", `update allocations set starts_at = starts_at - interval '1 minute', active = true where unit_id = $1`, []any{units[0]}},
		{"quietly", take + `($1, $2, '2026-05-04 08:00+02', '2026-05-04 12:00+02') on conflict (id) do nothing`, []any{units[0], other}},
		{"merged in", `merge into allocations a using (values ($1::bigint)) n (unit) on a.unit_id = -1
			when not matched then insert (unit_id, booking_id, starts_at, ends_at)
			values (n.unit, $2, '2026-05-04 08:00+02', '2026-05-04 12:00+02')`, []any{units[0], other}},
		{"copied", `insert into allocations (unit_id, booking_id, outage_id, starts_at, ends_at, active)
			select unit_id, booking_id, outage_id, starts_at, ends_at, true from allocations where booking_id = $1`, []any{first}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if err := h.deferred(t, c.sql, c.args...); database.Constraint(err) != "allocations_no_overlap" {
				t.Errorf("not refused by the constraint: %v", err)
			}
		})
	}
}

// deferred runs the statement with all constraints put off to the commit, as far
// as the database lets them be.
func (h *house) deferred(t *testing.T, sql string, args ...any) error {
	t.Helper()
	for i, arg := range args {
		switch v := arg.(type) {
		case id.Unit:
			args[i] = int64(v)
		case id.Booking:
			args[i] = int64(v)
		}
	}
	return pgx.BeginFunc(t.Context(), h.db.Pool(), func(tx pgx.Tx) error {
		if _, err := tx.Exec(t.Context(), `set constraints all deferred`); err != nil {
			return err
		}
		_, err := tx.Exec(t.Context(), sql, args...)
		return err
	})
}

// TestEmptyTimeCannotHide: an empty range overlaps nothing, so one that could be
// stored would let a unit look free.
func TestEmptyTimeCannotHide(t *testing.T) {
	t.Parallel()
	h := setup(t)
	unit := h.extruder(t).Units[0]
	booking := h.book(t, unit, between(t, "2026-05-04T08:00", "2026-05-04T12:00"))
	for name, c := range map[string]struct{ sql, constraint string }{
		"empty":       {`update allocations set ends_at = starts_at`, "allocations_period"},
		"no unit":     {`update allocations set unit_id = null`, ""},
		"no end":      {`update allocations set ends_at = null`, ""},
		"no state":    {`update allocations set active = null`, ""},
		"no cause":    {`update allocations set booking_id = null`, "allocations_one_cause"},
		"other range": {`update allocations set during = 'empty'`, ""},
		"unknown":     {`update allocations set unit_id = -1`, "allocations_unit_id_fkey"},
		"unit gone":   {`delete from resource_units; delete from units`, "allocations_unit_id_fkey"},
		"case gone":   {`delete from bookings`, "allocations_booking_id_fkey"},
		"backwards":   {`update allocations set starts_at = ends_at, ends_at = starts_at`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := h.db.Pool().Exec(t.Context(), c.sql)
			if err == nil || c.constraint != "" && database.Constraint(err) != c.constraint {
				t.Errorf("booking %d: not refused as it should be: %v", booking, err)
			}
		})
	}
}

// TestRaceForAUnit: of 24 who insert overlapping times at once, without a lock
// first, one wins.
func TestRaceForAUnit(t *testing.T) {
	t.Parallel()
	h := setup(t)
	units := h.extruder(t).Units
	cause := h.book(t, units[1], between(t, "2026-05-04T08:00", "2026-05-04T12:00"))
	const racers = 24
	var wg sync.WaitGroup
	var mu sync.Mutex
	won := 0
	for i := range racers {
		wg.Go(func() {
			err := pgx.BeginFunc(t.Context(), h.db.Pool(), func(tx pgx.Tx) error {
				_, err := tx.Exec(t.Context(), `insert into allocations (unit_id, booking_id, starts_at, ends_at)
					values ($1, $2, timestamptz '2026-05-04 08:00+02' + $3 * interval '1 minute', '2026-05-04 12:00+02')`,
					int64(units[0]), int64(cause), i)
				return err
			})
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				won++
			}
		})
	}
	wg.Wait()
	var active int
	if err := h.db.Pool().QueryRow(t.Context(), `select count(*) from allocations where unit_id = $1`, int64(units[0])).Scan(&active); err != nil {
		t.Fatal(err)
	}
	if won != 1 || active != 1 {
		t.Errorf("%d won, %d are stored", won, active)
	}
}

func (h *house) sql(t *testing.T, sql string, args ...any) {
	t.Helper()
	if _, err := h.db.Pool().Exec(t.Context(), sql, args...); err != nil {
		t.Fatal(err)
	}
}
