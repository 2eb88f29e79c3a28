package funding_test

import (
	"testing"

	"rigg/funding"
	"rigg/internal/database"
	"rigg/internal/id"
	"rigg/internal/money"
)

func (w *world) statement(p *funding.Project, from, to string) *funding.Statement {
	w.Helper()
	var s *funding.Statement
	w.must(func(tx *database.Tx) (err error) {
		s, err = funding.StatementOf(tx, p.ID, day(from), day(to))
		return err
	})
	return s
}

// A booking over New Year is in December's and in January's statement, each with
// its own part; what is only reserved is in none.
func TestStatements(t *testing.T) {
	t.Parallel()
	w := setup(t)
	p := w.project("P-1", 10_000_000, grant("vinnova", 1), cash("sme", 1))
	other := w.project("P-2", 10_000_000, grant("vinnova", 1), cash("sme", 1))
	over := w.price(p, "tower", "2026-12-31T21:55", "2027-01-01T05:05")
	b := w.reserved(p, over, "2026-12-31")
	w.post(p, b, over, "2026-12-31")
	w.post(p, w.reserved(p, w.halves(p, 1_000), "2026-12-01"), w.halves(p, 1_000), "2026-12-01")
	w.reserved(p, w.halves(p, 7_000), "2026-12-24")
	w.post(other, w.reserved(other, w.halves(other, 9_000), "2026-12-05"), w.halves(other, 9_000), "2026-12-05")

	december := w.statement(p, "2026-12-01", "2026-12-31")
	if len(december.Rows) != 2 || december.Total != 2_000+500_002 || december.Of("vinnova") != 1_000+250_001 || december.Of("sme") != 1_000+250_001 {
		t.Errorf("December: %+v", december)
	}
	if r := december.Rows[1]; r.Booking != b || len(r.Lines) != 1 || r.Lines[0].Minutes != 125 || r.UsedOn != day("2026-12-31") {
		t.Errorf("December's last: %+v", r)
	}
	if u := december.Purses[0]; u.Reserved != 7_000 || u.Spent != 1_000+250_001 || u.Party != "vinnova" {
		t.Errorf("%+v", u)
	}
	january := w.statement(p, "2027-01-01", "2027-01-31")
	if len(january.Rows) != 1 || january.Total != 1_220_005 || january.Of("vinnova") != 610_002 || january.Of("sme") != 610_003 {
		t.Errorf("January: %+v", january)
	}
	if r := january.Rows[0]; r.UsedOn != day("2027-01-01") || r.Lines[0].Minutes != 305 {
		t.Errorf("January's: %+v", r)
	}
	if february := w.statement(p, "2027-02-01", "2027-02-28"); len(february.Rows) != 0 || february.Total != 0 {
		t.Errorf("February: %+v", february)
	}
	w.sound()
}

func TestStatementNamesTheOverrun(t *testing.T) {
	t.Parallel()
	w := setup(t)
	p := w.project("P-1", 500_000, grant("vinnova", 1), cash("mill", 1))
	w.post(p, w.reserved(p, w.halves(p, 500_000), "2026-03-02"), w.halves(p, 600_000), "2026-03-02")
	s := w.statement(p, "2026-01-01", "2026-12-31")
	want := []struct {
		party  id.Organisation
		kind   string
		amount money.Ore
	}{{"vinnova", "grant", 500_000}, {"mill", "cash", 500_000}, {"sme", funding.Overrun, 200_000}}
	if len(s.Sums) != len(want) {
		t.Fatalf("%+v", s.Sums)
	}
	for i, sum := range s.Sums {
		if sum.Party != want[i].party || sum.Kind != want[i].kind || sum.Amount != want[i].amount {
			t.Errorf("%+v; want %+v", sum, want[i])
		}
	}
}
