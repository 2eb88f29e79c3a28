package funding_test

import (
	"context"
	"testing"
	"time"

	"rigg/funding"
	"rigg/internal/database"
)

// grantPurse, ownPurse and entries that need few words below.
const (
	grantPurse = `(select id from purses where kind = 'grant' and year = 2026)`
	ownPurse   = `(select id from purses where kind = 'own' and year = 2026)`
	newPost    = `insert into transfers (id, kind, posted_at) values ('x', 'post', now()); `
)

// forbidden is plain SQL that goes around the Go code, each with the constraint
// that must refuse it. The purses of 2026 have a limit of 1 000 000, of which
// 400 000 is reserved.
var forbidden = []struct{ name, sql, constraint string }{
	{"overdrawing by UPDATE", `update purses set spent_ore = limit_ore + 1 where kind = 'grant'`, "purses_through_ledger"},
	{"raising a limit by UPDATE", `update purses set limit_ore = limit_ore * 2`, "purses_through_ledger"},
	{"lowering what is reserved by UPDATE", `update purses set reserved_ore = 0 where year = 2026`, "purses_through_ledger"},
	{"a purse that is born full", `insert into purses (project_id, year, organisation_id, kind, limit_ore)
		values ('P-1', 2028, 'sme', 'own', 100)`, "purses_through_ledger"},
	{"deleting a purse", `delete from purses where year = 2027`, "purses_through_ledger"},
	{"truncating the purses", `truncate purses cascade`, "append_only"},
	{"a second purse of one party", `insert into purses (project_id, year, organisation_id, kind, limit_ore)
		values ('P-1', 2026, 'sme', 'own', 0)`, "purses_one"},
	{"a purse without a limit", `insert into purses (project_id, year, organisation_id, kind) values ('P-1', 2028, 'sme', 'own')`,
		"purses_limit"},

	{"overdrawing by entries", newPost + `insert into entries (transfer_id, purse_id, used_on, available_ore, spent_ore)
		values ('x', ` + grantPurse + `, '2026-03-02', -600001, 600001)`, "purses_never_overdrawn"},
	{"overdrawing a budget by entries", newPost + `insert into entries (transfer_id, purse_id, used_on, available_ore, reserved_ore)
		values ('x', ` + ownPurse + `, '2026-03-02', -600001, 600001)`, "purses_never_overdrawn"},
	{"spending back and forth", newPost + `insert into entries (transfer_id, purse_id, used_on, available_ore, spent_ore)
		values ('x', ` + grantPurse + `, '2026-03-02', 1, -1)`, "purses_spent_not_negative"},
	{"releasing more than is reserved", newPost + `insert into entries (transfer_id, purse_id, used_on, available_ore, reserved_ore)
		values ('x', ` + grantPurse + `, '2026-03-02', 400001, -400001)`, "purses_reserved_not_negative"},
	{"an unbalanced entry", newPost + `insert into entries (transfer_id, purse_id, used_on, available_ore, spent_ore)
		values ('x', ` + grantPurse + `, '2026-03-02', -2, 1)`, "entries_balanced"},
	{"two entries that balance each other only", newPost + `insert into entries (transfer_id, purse_id, used_on, available_ore, spent_ore)
		values ('x', ` + grantPurse + `, '2026-03-02', -1, 0), ('x', ` + ownPurse + `, '2026-03-02', 0, 1)`, "entries_balanced"},
	{"an entry that moves nothing", newPost + `insert into entries (transfer_id, purse_id, used_on)
		values ('x', ` + grantPurse + `, '2026-03-02')`, "entries_move_something"},
	{"a grant above its award", newPost + `insert into entries (transfer_id, purse_id, used_on, source_ore, available_ore)
		values ('x', ` + grantPurse + `, '2026-01-01', -1, 1)`, "purses_limit_is_award"},
	{"an entry in an old transfer", `insert into entries (transfer_id, purse_id, used_on, available_ore, spent_ore)
		select id, (select id from purses where kind = 'own' and year = 2027), '2027-03-02', -1, 1
		from transfers where kind = 'reserve'`, "append_only"},
	{"money held by an overrun purse", `insert into purses (project_id, year, organisation_id, kind) values ('P-1', 2026, 'sme', 'overrun'); ` +
		newPost + `insert into entries (transfer_id, purse_id, used_on, available_ore, reserved_ore)
		select 'x', id, '2026-03-02', -1, 1 from purses where kind = 'overrun'`, "purses_overrun_holds_nothing"},

	{"changing a transfer", `update transfers set kind = 'correct'`, "append_only"},
	{"deleting transfers", `delete from transfers`, "append_only"},
	{"truncating the transfers", `truncate transfers cascade`, "append_only"},
	{"the same transfer twice", `insert into transfers (id, kind, posted_at) select id, 'reserve', now() from transfers where kind = 'reserve'`,
		"transfers_pkey"},
	{"changing an entry", `update entries set available_ore = available_ore`, "append_only"},
	{"deleting an entry", `delete from entries`, "append_only"},
	{"truncating the entries", `truncate entries`, "append_only"},
	{"changing the audit", `update audit set action = 'nothing'`, "append_only"},
	{"deleting from the audit", `delete from audit`, "append_only"},
	{"truncating the audit", `truncate audit`, "append_only"},
	{"changing history", `update booking_history set reason = ''`, "append_only"},
	{"deleting history", `delete from booking_history`, "append_only"},
	{"truncating history", `truncate booking_history`, "append_only"},

	{"changing what a booking costs", `update charges set total_ore = 0`, "charges_resolve_once"},
	{"posting a reservation in place", `update charges set state = 'posted', resolved_at = now()`, "charges_resolve_once"},
	{"deleting a charge", `delete from charges`, "charges_resolve_once"},
	{"changing a share", `update charge_shares set amount_ore = 0`, "append_only"},
	{"deleting a share", `delete from charge_shares`, "append_only"},
	{"a second open reservation", `insert into charges (booking_id, version, agreement_id, state, total_ore, lines, created_at)
		select booking_id, 9, agreement_id, 'reserved', 0, '[]', now() from charges`, "charges_one_reservation"},

	{"an award above the appropriation", `insert into awards values ('P-1', 2028, 'vinnova', 10000000 * 100 + 1)`,
		"appropriations_never_exceeded"},
	{"raising an award above the appropriation", `update awards set amount_ore = 4000000 * 100 + 1 where year = 2026`,
		"appropriations_never_exceeded"},
	{"an award of a year without appropriation", `insert into awards values ('P-1', 2031, 'vinnova', 1)`,
		"appropriations_never_exceeded"},
	{"an appropriation below its awards", `update appropriations set amount_ore = 999999 where stream = 'collaboration' and year = 2026`,
		"appropriations_never_exceeded"},
	{"deleting an appropriation with awards", `delete from appropriations where stream = 'collaboration' and year = 2026`,
		"appropriations_through_awards"},
	{"hiding awards", `update appropriations set awarded_ore = 0`, "appropriations_through_awards"},
	{"moving a project with awards", `update projects set stream = 'platform'`, "projects_keep_stream"},
	{"an award below what its purse may spend", `update awards set amount_ore = 400000 where year = 2026`, "purses_limit_is_award"},
	{"an award taken away from under its purse", `delete from awards where year = 2027`, "purses_limit_is_award"},
	{"an award moved to another year", `update awards set year = 2028 where year = 2027`, "purses_limit_is_award"},
	{"truncating the appropriations", `truncate appropriations`, "append_only"},
	{"truncating the awards", `truncate awards`, "append_only"},

	{"an overlapping agreement", `insert into agreements (project_id, from_date) values ('P-1', '2027-01-01')`, "agreements_no_overlap"},
	{"moving the start of an agreement in use", `update agreements set from_date = '2026-02-01'`, "agreements_in_use_stand"},
	{"deleting an agreement in use", `delete from agreement_parties; delete from agreements`, "agreements_in_use_stand"},
	{"another party to an agreement in use", `insert into agreement_parties select id, 9, 'mill', 'participant', 'cash', 50, null from agreements`,
		"agreements_in_use_stand"},
	{"changing a party's parts", `update agreement_parties set parts = 99 where role = 'funder'`, "append_only"},
	{"truncating the parties", `truncate agreement_parties`, "append_only"},
	{"an agreement of funders alone", `with a as (insert into agreements (project_id, from_date, to_date)
			values ('P-1', '2020-01-01', '2020-12-31') returning id)
		insert into agreement_parties select id, 0, 'vinnova', 'funder', 'grant', 1, null from a`, "agreements_can_split"},
	{"an agreement of nobody", `insert into agreements (project_id, from_date, to_date) values ('P-1', '2020-01-01', '2020-12-31')`,
		"agreements_can_split"},
	{"overlapping rates", `insert into rates (resource_id, audience, from_date, per, amount_ore) values ('line', 'company', '2027-01-01', 'day', 1)`,
		"rates_no_overlap"},
}

// TestPromise2 is that no purse is ever overdrawn and no transfer unbalanced,
// whoever writes to the database (DESIGN.md 1).
func TestPromise2(t *testing.T) {
	t.Parallel()
	w := setup(t)
	p := w.project("P-1", 1_000_000, grant("vinnova", 50), cash("sme", 50))
	b := w.reserved(p, w.halves(p, 400_000), "2026-03-02")
	w.exec(`insert into audit (at, action, object) values (now(), 'test', '')`)
	w.exec(`insert into booking_history (booking_id, version, at, action, to_state) values ($1, 1, now(), 'request', 'requested')`, int64(b))
	for _, c := range forbidden {
		t.Run(c.name, func(t *testing.T) {
			// As one simple query all of c.sql is one transaction, committed at its end.
			conn, err := w.db.Pool().Acquire(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Release()
			_, err = conn.Conn().PgConn().Exec(t.Context(), c.sql).ReadAll()
			if database.Constraint(err) != c.constraint {
				t.Errorf("%v; want a violation of %s", err, c.constraint)
			}
		})
	}
	w.sound()
	w.wantPurse(p, "vinnova", "grant", 2026, 400_000, 0)
}

// What the database must not refuse: a version not yet in use may go, and the
// last day of one in use may be set.
func TestPromise2AllowsOrder(t *testing.T) {
	t.Parallel()
	w := setup(t)
	p := w.project("P-1", 1_000_000, grant("vinnova", 50), cash("sme", 50))
	w.reserved(p, w.halves(p, 400_000), "2026-03-02")
	w.exec(`update agreements set to_date = '2026-12-31'`)
	w.must(func(tx *database.Tx) error {
		_, err := funding.PutAgreement(tx, funding.Agreement{Project: p.ID, From: day("2027-01-01"), Parties: []funding.Party{cash("sme", 1)}})
		return err
	})
	w.exec(`delete from agreement_parties where agreement_id = (select max(id) from agreements);
		delete from agreements where from_date = '2027-01-01'`)
	w.must(func(tx *database.Tx) error { return setLimit(tx, p.ID, 2027, grant("vinnova", 1), 0) })
	w.exec(`update appropriations set amount_ore = 0 where year = 2027`)
	w.sound()
}

// Two transactions that each fit, but not together: whatever the isolation, one
// of them fails.
func TestPromise2AwardsAtOnce(t *testing.T) {
	t.Parallel()
	for _, level := range []string{"read committed", "repeatable read", "serializable"} {
		t.Run(level, func(t *testing.T) {
			t.Parallel()
			w := setup(t)
			w.project("P-1", 0, grant("vinnova", 50), cash("sme", 50))
			w.project("P-2", 0, grant("vinnova", 50), cash("sme", 50))
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			done := make(chan error, 2)
			begin, both := make(chan struct{}, 2), make(chan struct{})
			for _, project := range []string{"P-1", "P-2"} {
				go func() {
					done <- func() error {
						tx, err := w.db.Pool().Begin(ctx)
						if err != nil {
							return err
						}
						defer tx.Rollback(ctx)
						if _, err := tx.Exec(ctx, `set transaction isolation level `+level); err != nil {
							return err
						}
						if _, err := tx.Exec(ctx, `select from appropriations`); err != nil { // takes the snapshot
							return err
						}
						begin <- struct{}{}
						<-both
						if _, err := tx.Exec(ctx, `update awards set amount_ore = 300000000 where project_id = $1 and year = 2026`, project); err != nil {
							return err
						}
						return tx.Commit(ctx)
					}()
				}()
			}
			<-begin
			<-begin
			close(both)
			if first, second := <-done, <-done; (first == nil) == (second == nil) {
				t.Errorf("%v; %v: want one to fail", first, second)
			}
			if n := w.count(`select sum(amount_ore)::bigint from awards where year = 2026`); n != 300_000_000 {
				t.Errorf("awarded: %d", n)
			}
		})
	}
}

// An award is lowered while its purse is raised to what it was: whichever is
// first, the two wait for each other, and one of them fails.
func TestPromise2AwardAgainstItsPurse(t *testing.T) {
	t.Parallel()
	const lower = `update awards set amount_ore = 0 where year = 2026`
	raise := newPost + `insert into entries (transfer_id, purse_id, used_on, source_ore, available_ore)
		values ('x', ` + grantPurse + `, '2026-01-01', -100, 100)`
	for name, both := range map[string][2]string{"lowered first": {lower, raise}, "raised first": {raise, lower}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := setup(t)
			w.project("P-1", 0, grant("vinnova", 50), cash("sme", 50))
			w.exec(`update awards set amount_ore = 100 where year = 2026`) // more than its purse may spend, yet
			tx, err := w.db.Pool().Begin(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			defer tx.Rollback(context.WithoutCancel(t.Context()))
			if _, err := tx.Conn().PgConn().Exec(t.Context(), both[0]).ReadAll(); err != nil {
				t.Fatal(err)
			}
			second := make(chan error, 1)
			go func() {
				conn, err := w.db.Pool().Acquire(t.Context())
				if err == nil {
					defer conn.Release()
					_, err = conn.Conn().PgConn().Exec(t.Context(), both[1]).ReadAll()
				}
				second <- err
			}()
			for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline) && len(second) == 0; {
				if w.count(`select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`) > 0 {
					break
				}
			}
			first := tx.Commit(t.Context())
			if other := <-second; (first == nil) == (other == nil) {
				t.Errorf("%v; %v: want one to fail", first, other)
			}
			if n := w.count(`select count(*) from purses p join awards a on (a.project_id, a.year, a.funder_id)
				= (p.project_id, p.year, p.organisation_id) where p.limit_ore > a.amount_ore`); n != 0 {
				t.Errorf("%d purses may spend more than is awarded", n)
			}
		})
	}
}
