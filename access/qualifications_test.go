package access_test

import (
	"slices"
	"testing"

	"rigg/access"
	"rigg/internal/database"
	"rigg/internal/id"
	"rigg/internal/period"
	"rigg/internal/problem"
	"rigg/internal/text"
)

func day(t *testing.T, s string) (d period.Date) {
	t.Helper()
	if s == "" {
		return d
	}
	d, err := period.ParseDate(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestMissingQualifications(t *testing.T) {
	t.Parallel()
	b := setup(t)
	annaID, miaID := people(t, b)
	for slug, valid := range map[id.Qualification]period.Span{
		"course": {Months: 24}, "monthly": {Months: 1}, "licence": {Days: 10}, "nda": {}, "other": {},
	} {
		q := access.Qualification{ID: slug, Name: text.New("Något", "Something"), Valid: valid}
		update(t, b, func(tx *database.Tx) (bool, error) { return access.PutQualification(tx, q) })
	}
	for _, h := range []struct {
		q           id.Qualification
		from, until string
	}{
		{"course", "2026-02-01", ""},
		{"monthly", "2026-01-31", ""}, // 31 February is the 28th: the day before is the last
		{"licence", "2026-03-01", "2026-03-05"},
		{"licence", "2026-04-01", ""},
		{"nda", "2026-02-01", ""},
	} {
		hold := func(tx *database.Tx) (bool, error) {
			return access.PutHeld(tx, annaID, h.q, day(t, h.from), day(t, h.until))
		}
		if !update(t, b, hold) || update(t, b, hold) {
			t.Errorf("%s: the first put and no other changes something", h.q)
		}
	}
	cases := []struct {
		need []id.Qualification
		on   string
		want []id.Qualification
	}{
		{nil, "2026-02-01", nil},
		{[]id.Qualification{"course"}, "2026-01-31", []id.Qualification{"course"}},
		{[]id.Qualification{"course"}, "2026-02-01", nil},
		{[]id.Qualification{"course"}, "2028-01-31", nil},
		{[]id.Qualification{"course"}, "2028-02-01", []id.Qualification{"course"}},
		{[]id.Qualification{"monthly"}, "2026-02-27", nil},
		{[]id.Qualification{"monthly"}, "2026-02-28", []id.Qualification{"monthly"}},
		{[]id.Qualification{"licence"}, "2026-03-05", nil},
		{[]id.Qualification{"licence"}, "2026-03-06", []id.Qualification{"licence"}},
		{[]id.Qualification{"licence"}, "2026-04-10", nil},
		{[]id.Qualification{"licence"}, "2026-04-11", []id.Qualification{"licence"}},
		{[]id.Qualification{"nda"}, "2099-12-31", nil},
		{[]id.Qualification{"other", "nda", "no-such", "course"}, "2026-01-01", []id.Qualification{"other", "nda", "no-such", "course"}},
	}
	missing := func(person id.Person, need []id.Qualification, on string) []id.Qualification {
		return update(t, b, func(tx *database.Tx) ([]id.Qualification, error) {
			return access.MissingQualifications(tx, person, need, day(t, on))
		})
	}
	for _, c := range cases {
		if got := missing(annaID, c.need, c.on); !slices.Equal(got, c.want) {
			t.Errorf("%v on %s: missing %v, want %v", c.need, c.on, got, c.want)
		}
	}
	if got := missing(miaID, []id.Qualification{"nda"}, "2026-03-01"); len(got) != 1 {
		t.Error("Mia holds what only Anna was given")
	}
	_, err := try(t, b, func(tx *database.Tx) (bool, error) {
		return access.PutHeld(tx, annaID, "course", day(t, "2026-02-02"), day(t, "2026-02-01"))
	})
	wantCode(t, err, problem.CodeInvalid)
	_, err = try(t, b, func(tx *database.Tx) (bool, error) {
		return access.PutHeld(tx, annaID, "no-such", day(t, "2026-02-02"), period.Date{})
	})
	wantCode(t, err, problem.CodeNotFound)
}
