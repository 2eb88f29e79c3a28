package funding_test

import (
	"strings"
	"testing"

	"rigg/funding"
)

// offences are what each invariant must find, planted with the triggers off. What
// a CHECK refuses even then needs no test of its own.
var offences = map[string]string{
	"a purse is the sum of its entries":              `update purses set limit_ore = limit_ore + 1 where kind = 'own' and year = 2027`,
	"every transfer sums to zero":                    `alter table entries drop constraint entries_balanced; update entries set available_ore = available_ore + 1 where transfer_id like '%-post'`,
	"no purse is overdrawn":                          `alter table purses drop constraint purses_never_overdrawn; update purses set spent_ore = limit_ore + 1 where kind = 'own' and year = 2027`,
	"an entry's day of use lies in its purse's year": `update entries set used_on = '2031-01-01' where transfer_id like '%-post'`,
	"a purse holds what the open reservations take of it": `update charge_shares set amount_ore = amount_ore + 1
		where charge_id = (select id from charges where state = 'reserved')`,
	"a purse has paid what the posted charges take of it": `update charge_shares set amount_ore = amount_ore + 1
		where charge_id = (select id from charges where state = 'posted')`,
	"the limit of a grant is its award":                                                `update awards set amount_ore = amount_ore - 1 where year = 2027`,
	"the awards are within the appropriation":                                          `update appropriations set awarded_ore = awarded_ore + 1 where stream = 'platform'`,
	"public money is within the programme's share of the cost":                         `update programmes set max_public_share = 4999`,
	"a charge's shares and lines add up to its total":                                  `update charges set total_ore = total_ore + 1 where state = 'settled'`,
	"a funder pays at most its part of each year of a charge":                          `update agreement_parties set parts = 2 where role = 'participant'`,
	"a price line was made with a rate of its resource":                                `update charges set lines = jsonb_set(lines, '{0,rate}', '4711')`,
	"a completed booking, and no other, has a posted charge":                           `update bookings set state = 'cancelled' where state = 'completed'`,
	"a booking to come or in use, and no other, has money reserved":                    `update bookings set state = 'declined' where state = 'confirmed'`,
	"an agreement has a participant, and at most a million parts":                      `update agreement_parties set role = 'funder', kind = 'grant'`,
	"what was spent on a booking is what its posted charge says, corrections included": `delete from entries where transfer_id like '%-correct'`,
	"a correction names a transfer that paid for the same booking": `update transfers
		set corrects = (select id from transfers where kind = 'reserve' limit 1) where kind = 'correct'`,
	"a corrected charge has one that is posted in its place": `update charges set state = 'corrected' where state = 'posted'`,
}

func TestInvariants(t *testing.T) {
	t.Parallel()
	invariants := funding.Invariants()
	if len(invariants) != len(offences) {
		t.Errorf("%d invariants, %d offences", len(invariants), len(offences))
	}
	for _, i := range invariants {
		t.Run(i.Name, func(t *testing.T) {
			t.Parallel()
			w := setup(t)
			p := w.project("P-1", 1_000_000, grant("vinnova", 1), cash("sme", 1))
			used := w.reserved(p, w.halves(p, 100_000), "2026-03-02")
			w.post(p, used, w.halves(p, 100_000), "2026-03-02")
			w.correct(p, used, 3, w.halves(p, 90_000), "2026-03-02")
			w.reserved(p, w.halves(p, 50_000), "2026-03-03")
			w.sound()
			query := `select count(*) from (` + i.Query + `) offences`
			w.exec(strings.Join([]string{`set session_replication_role = replica`, offences[i.Name], `reset session_replication_role`}, "; "))
			if w.count(query) == 0 {
				t.Error("not found")
			}
		})
	}
}
