package funding_test

import (
	"testing"

	"pgregory.net/rapid"

	"rigg/funding"
	"rigg/internal/database"
	"rigg/internal/id"
	"rigg/internal/money"
	"rigg/internal/problem"
)

// correct charges a completed booking anew, as of a version.
func (w *world) correct(p *funding.Project, b id.Booking, version int, actual *funding.Cost, on string) (paid *funding.Cost) {
	w.Helper()
	w.must(func(tx *database.Tx) (err error) {
		paid, err = funding.Correct(tx, b, version, actual, p.ID, day(on))
		return err
	})
	return paid
}

func TestCorrectionMovesTheDifference(t *testing.T) {
	t.Parallel()
	w := setup(t)
	p := w.project("P-1", 2_000_000, grant("vinnova", 50), cash("sme", 50))
	b := w.reserved(p, w.price(p, "line", "2026-03-02T08:00", "2026-03-02T16:00"), "2026-03-02")
	w.post(p, b, w.price(p, "line", "2026-03-02T08:00", "2026-03-02T16:00"), "2026-03-02")
	half := w.price(p, "line", "2026-03-02T08:00", "2026-03-02T12:00")
	for range 2 { // the same again changes nothing
		w.wantParts(w.correct(p, b, 3, half, "2026-03-02"), 500_000, map[id.Organisation]money.Ore{"vinnova": 250_000, "sme": 250_000})
		w.wantPurse(p, "vinnova", "grant", 2026, 0, 250_000)
	}
	w.correct(p, b, 4, half, "2026-03-02") // comes to the same
	w.correct(p, b, 5, w.price(p, "line", "2026-03-02T08:00", "2026-03-02T18:00"), "2026-03-02")
	w.wantPurse(p, "sme", "own", 2026, 0, 625_000)
	if n := w.count(`select count(*) from transfers where kind = 'correct'`); n != 2 {
		t.Errorf("%d corrections were made", n)
	}
	w.must(func(tx *database.Tx) error {
		st, err := funding.StatementOf(tx, p.ID, day("2026-03-01"), day("2026-03-31"))
		if err != nil {
			return err
		}
		var totals []money.Ore
		for _, r := range st.Rows {
			totals = append(totals, r.Total)
			var lines money.Ore
			for _, l := range r.Lines {
				lines += l.Amount
			}
			if lines != r.Total || r.Corrects != (len(totals) > 1) {
				t.Errorf("row %d: lines of %d, total %d, a correction: %v", len(totals), lines, r.Total, r.Corrects)
			}
		}
		if len(totals) != 3 || totals[1] != -500_000 || totals[2] != 750_000 || st.Total != 1_250_000 {
			t.Errorf("the statement has %v, in all %d", totals, st.Total)
		}
		return nil
	})
	w.sound()
}

// What the purses cannot take is the lead's, and comes back to them first.
func TestCorrectionOverruns(t *testing.T) {
	t.Parallel()
	w := setup(t)
	p := w.project("P-1", 500_000, grant("vinnova", 50), cash("sme", 50))
	b := w.reserved(p, w.price(p, "line", "2026-03-02T08:00", "2026-03-02T16:00"), "2026-03-02")
	w.post(p, b, w.price(p, "line", "2026-03-02T08:00", "2026-03-02T16:00"), "2026-03-02")
	more := w.correct(p, b, 3, w.price(p, "line", "2026-03-02T08:00", "2026-03-02T17:00"), "2026-03-02")
	if more.Overrun() != 125_000 || more.Total != 1_125_000 {
		t.Errorf("%d in all, %d of it beyond the budget", more.Total, more.Overrun())
	}
	w.wantPurse(p, "vinnova", "grant", 2026, 0, 500_000)
	w.wantPurse(p, "sme", "overrun", 2026, 0, 125_000)
	w.sound()
	less := w.correct(p, b, 4, w.price(p, "line", "2026-03-02T08:00", "2026-03-02T15:00"), "2026-03-02")
	if less.Overrun() != 0 {
		t.Errorf("still %d beyond the budget", less.Overrun())
	}
	w.wantPurse(p, "vinnova", "grant", 2026, 0, 437_500)
	w.wantPurse(p, "sme", "overrun", 2026, 0, 0)
	w.sound()
}

// A year that was not used after all gives its money back.
func TestCorrectionOverNewYear(t *testing.T) {
	t.Parallel()
	w := setup(t)
	p := w.project("P-4", 1_000_000, grant("vinnova", 50), cash("sme", 50))
	whole := w.price(p, "tower", "2026-12-31T21:55", "2027-01-01T05:05")
	b := w.reserved(p, whole, "2026-12-31")
	w.post(p, b, whole, "2026-12-31")
	w.correct(p, b, 3, w.price(p, "tower", "2026-12-31T21:55", "2027-01-01T00:00"), "2026-12-31")
	w.wantPurse(p, "vinnova", "grant", 2026, 0, 250_001)
	w.wantPurse(p, "vinnova", "grant", 2027, 0, 0)
	w.wantPurse(p, "sme", "own", 2027, 0, 0)
	w.sound()
}

func TestOnlyWhatIsPostedIsCorrected(t *testing.T) {
	t.Parallel()
	w := setup(t)
	p := w.project("P-1", 2_000_000, grant("vinnova", 50), cash("sme", 50))
	cost := w.price(p, "line", "2026-03-02T08:00", "2026-03-02T16:00")
	b := w.reserved(p, cost, "2026-03-02")
	err := w.db.Update(t.Context(), func(tx *database.Tx) error {
		_, err := funding.Correct(tx, b, 2, cost, p.ID, day("2026-03-02"))
		return err
	})
	w.wantCode(err, problem.CodeNotFound)
	w.sound()
}

// Whatever is corrected to whatever, and in whichever order: the last word holds,
// purses have what they would have had if it had been the first, or less public
// money, and every invariant stands.
func TestCorrectionsEndWhereTheyShould(t *testing.T) {
	t.Parallel()
	w := setup(t)
	p := w.project("P-1", 3_000_000, grant("vinnova", 3), cash("rise", 2), cash("sme", 1))
	ends := []string{"08:00", "08:01", "09:30", "12:00", "16:00", "20:00"}
	version, first := 2, w.price(p, "line", "2026-03-02T08:00", "2026-03-02T16:00")
	b := w.reserved(p, first, "2026-03-02")
	w.post(p, b, first, "2026-03-02")
	rapid.Check(t, func(r *rapid.T) {
		for range rapid.IntRange(1, 3).Draw(r, "corrections") {
			end := rapid.SampledFrom(ends).Draw(r, "end")
			version++
			cost := w.price(p, "line", "2026-03-02T08:00", "2026-03-02T"+end)
			paid := w.correct(p, b, version, cost, "2026-03-02")
			for _, s := range cost.Shares {
				if paid.Of(s.Party) != s.Amount {
					r.Errorf("until %s %s pays %d; want %d", end, s.Party, paid.Of(s.Party), s.Amount)
				}
			}
		}
	})
	w.sound()
}
