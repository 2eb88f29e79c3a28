package facilities_test

import (
	"slices"
	"testing"
	"time"

	"rigg/facilities"
	"rigg/internal/database"
	"rigg/internal/id"
	"rigg/internal/period"
	"rigg/internal/problem"
	"rigg/internal/text"
)

func TestTogetherIsAllThatComesAlong(t *testing.T) {
	t.Parallel()
	line, crew, argon, truck := always(facilities.Rules{}), always(facilities.Rules{}), always(facilities.Rules{}), always(facilities.Rules{})
	line.Along, argon.Along, truck.Along = []*facilities.Resource{crew, argon}, []*facilities.Resource{truck}, []*facilities.Resource{crew}
	for _, c := range []struct{ asked, want []*facilities.Resource }{
		{[]*facilities.Resource{crew}, []*facilities.Resource{crew}},
		{[]*facilities.Resource{line}, []*facilities.Resource{line, crew, argon, truck}},
		{[]*facilities.Resource{line, argon}, []*facilities.Resource{line, argon, crew, truck}},
	} {
		if got := facilities.Together(c.asked); !slices.Equal(got, c.want) {
			t.Errorf("got %v", got)
		}
	}
}

func TestOwnHoursAndShifts(t *testing.T) {
	t.Parallel()
	r := office(t, facilities.Rules{}) // Monday to Friday from 07:00
	r.Name = text.Text{SV: "Operatör", EN: "Operator"}
	day := func(s string) period.Period {
		p := between(t, s+"T00:00", s+"T23:59")
		p.End = p.End.Add(time.Minute)
		return p
	}
	plain := r.Open(day("2026-04-28"))
	hours := facilities.Hours{2: {{From: 6 * 60, To: 14 * 60}}} // a Tuesday
	r.Hours = &hours
	r.Shifts = map[period.Date][]facilities.Range{
		{Year: 2026, Month: 5, Day: 2}: {{From: 8 * 60, To: 12 * 60}}, // a Saturday
		{Year: 2026, Month: 5, Day: 5}: nil,                           // a Tuesday
	}
	for at, want := range map[string][]period.Period{
		"2026-04-28": {between(t, "2026-04-28T06:00", "2026-04-28T14:00")}, "2026-04-29": nil,
		"2026-05-02": {between(t, "2026-05-02T08:00", "2026-05-02T12:00")}, "2026-05-05": nil,
	} {
		if got := r.Open(day(at)); !slices.Equal(got, want) || slices.Equal(got, plain) {
			t.Errorf("%s: open %v", at, got)
		}
	}
	now := local(t, "2026-04-20T09:00")
	for _, c := range []struct{ from, to, sv, en string }{
		{"2026-04-28T06:00", "2026-04-28T14:00", "", ""},
		{"2026-04-28T06:00", "2026-04-28T14:01", "Operatör finns att tillgå tisdag 28 april 2026: 06:00–14:00.",
			"Operator is available on Tuesday 28 April 2026: 06:00–14:00."},
		{"2026-05-05T08:00", "2026-05-05T09:00", "Operatör finns inte att tillgå tisdag 5 maj 2026.",
			"Operator is not available on Tuesday 5 May 2026."},
		{"2026-05-02T08:00", "2026-05-02T12:00", "", ""},
	} {
		got := r.Judge(between(t, c.from, c.to), now)
		if c.sv == "" && len(got) > 0 || c.sv != "" && (len(got) != 1 || got[0].Message != (text.Text{SV: c.sv, EN: c.en})) {
			t.Errorf("%s: %v", c.from, got)
		}
	}
}

func TestCompanionsAreOfTheHouse(t *testing.T) {
	t.Parallel()
	h := setup(t)
	other, crew := additive(), extruder()
	other.ID = "other"
	crew.ID, crew.Units, crew.Requires = "crew", []string{"kim"}, nil
	far := crew
	far.ID, far.Facility = "far", "other"
	h.update(t,
		func(tx *database.Tx) error { _, err := facilities.PutFacility(tx, other); return err },
		func(tx *database.Tx) error { _, err := facilities.PutResource(tx, crew); return err },
		func(tx *database.Tx) error { _, err := facilities.PutResource(tx, far); return err },
		func(tx *database.Tx) error {
			_, err := facilities.PutCompanions(tx, "robot-extruder", []id.Resource{"crew"})
			return err
		})
	if r := h.extruder(t); len(r.Along) != 1 || r.Along[0].ID != "crew" {
		t.Errorf("along %v", r.Along)
	}
	for _, c := range []struct {
		of    id.Resource
		along []id.Resource
	}{
		{"robot-extruder", []id.Resource{"far"}}, {"crew", []id.Resource{"robot-extruder"}}, {"crew", []id.Resource{"crew"}},
		{"crew", slices.Repeat([]id.Resource{"far"}, 11)},
	} {
		err := h.try(t, func(tx *database.Tx) error { _, err := facilities.PutCompanions(tx, c.of, c.along); return err })
		e := problem.From(err)
		if !problem.Has(err, problem.CodeInvalid) || e.Fields[0].Path != "along" || e.Message.SV == "" || e.Message.SV == e.Message.EN {
			t.Errorf("%s with %v: %v", c.of, c.along, err)
		}
	}
}
