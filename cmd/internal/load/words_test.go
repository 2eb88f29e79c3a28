package load_test

import (
	"slices"
	"strings"
	"testing"

	"rigg/cmd/internal/load"
	"rigg/internal/database"
	"rigg/internal/dbtest"
)

// column is one query's only column, in its order.
func column(t *testing.T, db *database.DB, query string) (rows []string) {
	t.Helper()
	err := db.View(t.Context(), func(tx *database.Tx) (err error) {
		rows, err = database.Select[string](tx, query)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// further are the words of the format beyond the example; it is loaded before.
const further = `
organisations:
  - {id: kth, name: KTH, kind: university}
people:
  - {email: Two@kth.example, name: Two Hats, organisations: [kth, rise], language: en}
sites:
  - id: sodertalje
    name: KTH Södertälje
    city: Södertälje
    county: "01"
    time_zone: Europe/Stockholm
    host: kth
    hosts: [{organisation: gronstal, from: 2029-01-01}, {organisation: rise, from: 2027-01-01}]
facilities:
  - id: logistics
    name: {sv: Logistiklabbet, en: Logistics Lab}
    description: {sv: Ett labb., en: A lab.}
    entrance: {sv: Ring på., en: Ring the bell.}
    address: Kvarnbergagatan 12
    kind: lab
    site: sodertalje
    moves: [{site: rise-molndal, from: 2027-01-01}]
    approval: auto_if
    auto_below: 5000.00
    managers: [two@kth.example]
    hours: {mon-thu: "07:00-12:00, 13:00-17:00", sat: "08:00-24:00"}
    rules: {step: 1h, check_in: true, no_show_after: 30m}
    arrival: {contact: Kim Ek, phone: 08-123 45, safety: {sv: Skor, en: Shoes}, parking: {sv: Gården, en: The yard}}
resources:
  - {id: b-first, facility: logistics, name: {sv: B, en: B}, units: {any: 1, of: [p2, p1]}, retired: 2031-01-01}
  - {id: a-second, facility: logistics, name: {sv: A, en: A}, units: {all: [p1]}, rules: {charge: used, step: 0m, reconfirm: 48h, escalate_after: 1d, answer_within: 5d}, retired: never,
      approval: auto_if, auto_below: 100.50,
      form: [{id: kg, label: {sv: Hur mycket, en: How much}, kind: number, unit: kg, required: true},
        {id: state, label: {sv: Skick, en: State}, kind: choice, choices: [{id: ok, label: {sv: Hel, en: Whole}}, {id: worn, label: {sv: Sliten, en: Worn}}]}]}
closures:
  - {sites: all, name: {sv: Nationaldagen, en: National Day}, date: 2027-06-06}
  - {site: sodertalje, name: {sv: Flytt, en: Moving}, date: 2027-06-06}
  - {facility: logistics, name: {sv: Inventering, en: Stock-taking}, date: 2027-06-07}
outages:
  - {id: service-1, facility: logistics, units: [p1], name: {sv: Service, en: Service}, start: 2027-03-01T08:00, end: 2027-03-02T08:00}
  - {id: service-2, facility: logistics, name: {sv: Strömlöst, en: No power}, start: 2027-10-31T00:00, end: "2027-10-31T03:00:00+01:00"}
roles:
  - {person: two@kth.example, role: auditor}
  - {person: anna@gronstal.example, role: controller, scope: sodertalje}
rates:
  - {resource: a-second, audience: company, from: 2027-01-01, per: day, amount: 900}
  - {resource: a-second, audience: company, from: 2026-01-01, per: day, amount: 800.5}
  - {resource: a-second, audience: university, from: 2026-01-01, to: 2026-12-31, per: hour, amount: 0}
projects:
  - id: P-2
    name: Utan program
    lead: gronstal
    aid_basis: market_price
    period: {from: 2026-01-01, to: 2030-12-31}
    lead_above: 50000.00
    agreements:
      - {from: 2027-07-01, parties: [{party: kth, role: participant, kind: in_kind, parts: 1, max_share: 33.33%}]}
      - {from: 2026-01-01, parties: [{party: gronstal, role: participant, kind: cash, parts: 1}]}
`

func TestFurtherWords(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	must(t, db, file(designed))
	must(t, db, file(further))
	before := stored(t, db)
	if again := must(t, db, file(further), load.File{Name: "b.yaml", Data: []byte(designed)}); again.Changed != 0 {
		t.Errorf("again: %s", again.Text().EN)
	}
	same(t, before, stored(t, db))
	for query, want := range map[string]string{
		`select organisation_id from memberships join people p on p.id = person_id where email = 'two@kth.example' order by 1`:                      "kth rise",
		`select from_date || '=' || organisation_id from site_hosts where site_id = 'sodertalje' order by from_date`:                                "-infinity=kth 2027-01-01=rise 2029-01-01=gronstal",
		`select from_date || '=' || site_id from facility_sites where facility_id = 'logistics' order by from_date`:                                 "-infinity=sodertalje 2027-01-01=rise-molndal",
		`select auto_below::text from facilities where id = 'logistics'`:                                                                            "500000",
		`select (hours->'tue')::text || (hours->'sat')::text from facilities where id = 'logistics'`:                                                "[[420, 720], [780, 1020]][[480, 1440]]",
		`select id from resources where facility_id = 'logistics' order by position`:                                                                "b-first a-second",
		`select rules::text from resources where id = 'a-second'`:                                                                                   `{"step": "0h", "charge": "used", "reconfirm": "48h", "answer_within": "5d", "escalate_after": "1d"}`,
		`select coalesce(approval, '-') || coalesce(auto_below::text, '-') from resources where facility_id = 'logistics' order by position`:        "-- auto_if10050",
		`select coalesce(lead_above::text, '-') from projects order by id`:                                                                          "- 5000000",
		`select version || ' ' || (questions -> 0 ->> 'unit') || ' ' || (questions -> 1 -> 'choices' -> 1 -> 'label' ->> 'sv') from resource_forms`: "1 kg Sliten",
		`select contact || '/' || phone || '/' || safety_sv || '/' || parking_en from facility_arrivals`:                                            "Kim Ek/08-123 45/Skor/The yard",
		`select resource_id || '=' || from_date from resource_retirements`:                                                                          "b-first=2031-01-01",
		`select site_id || '=' || name_en from closures where day = '2027-06-06' order by 1`:                                                        "rise-molndal=National Day sodertalje=Moving",
		`select name_en from closures where facility_id = 'logistics'`:                                                                              "Stock-taking",
		`select slug || ' ' || starts_at || ' ' || ends_at from outages order by slug`: "service-1 2027-03-01 07:00:00+00 2027-03-02 07:00:00+00 " +
			"service-2 2027-10-30 22:00:00+00 2027-10-31 02:00:00+00",
		`select o.slug || '=' || u.slug from allocations join outages o on o.id = outage_id join units u on u.id = unit_id order by 1`:                                           "service-1=p1 service-2=p1 service-2=p2",
		`select audience || ' ' || amount_ore || ' ' || from_date || ' ' || coalesce(to_date::text, '-') from rates where resource_id = 'a-second' order by audience, from_date`: "company 80050 2026-01-01 2026-12-31 company 90000 2027-01-01 - university 0 2026-01-01 2026-12-31",
		`select from_date || ' ' || coalesce(to_date::text, '-') from agreements where project_id = 'P-2' order by 1`:                                                            "2026-01-01 2027-06-30 2027-07-01 -",
		`select max_share::text from agreement_parties where max_share is not null`:                                                                                              "3333",
		`select role || '@' || scope from roles join people p on p.id = person_id where email like 'two@%' order by 1`:                                                           "auditor@ facility_manager@logistics",
	} {
		if got := strings.Join(column(t, db, query), " "); got != want {
			t.Errorf("%s\n got %s\nwant %s", query, got, want)
		}
	}
}

func TestOutagesThatCannotBe(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	must(t, db, file(designed))
	must(t, db, file(further))
	_, err := load.Files(t.Context(), db, []load.File{file(`outages:
  - {id: x, facility: logistics, units: [p9], name: {sv: X, en: X}, start: 2027-03-01T08:00, end: 2027-03-02T08:00}
  - {id: y, facility: logistics, units: [p1], name: {sv: X, en: X}, start: 2027-03-28T02:30, end: 2027-03-29T08:00}
  - {id: z, facility: logistics, units: [p1], name: {sv: X, en: X}, start: 2027-03-01T10:00, end: 2027-03-01T11:00}
  - {id: u, facility: logistics, units: [p1], name: {sv: X, en: X}, start: 2028-03-01T10:00, end: 2028-03-01T10:00}
  - {id: v, facility: logistics, units: [p1], name: {sv: X, en: X}, start: soon, end: 2028-03-01T10:00}
`)})
	want := []string{
		`a.yaml:2: units: The facility has no unit "p9".`,
		"a.yaml:3: start: The clocks go forward: there is no 2027-03-28 02:30 in Europe/Stockholm.",
		"a.yaml:4: One of the units is already out of service then.",
		"a.yaml:5: end: The end must be after the start.",
		"a.yaml:6: start: Write the time as 2026-12-01T08:00",
	}
	got := told(err)
	if !slices.EqualFunc(got, want, strings.HasPrefix) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// TestMoneyMoves: what one award gives up another may have, whichever stands
// first in the file.
func TestMoneyMoves(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	other := strings.NewReplacer("P-1001", "P-1002", "amount: 500000.00}]\n    budgets", "amount: 3500000.00}]\n    budgets")
	projects := func(text string) string { return text[strings.Index(text, "projects:"):strings.Index(text, "rates:")] }
	both := func(first, second string) []load.File {
		return []load.File{
			{Name: "a.yaml", Data: []byte(first)},
			{Name: "b.yaml", Data: []byte(strings.Replace(other.Replace(projects(designed)), "3500000.00", second, 1))},
		}
	}
	must(t, db, both(designed, "3500000.00")...)
	swapped := strings.Replace(projects(designed), "amount: 500000.00}]\n    budgets", "amount: 3500000.00}]\n    budgets", 1)
	if report := must(t, db, both(swapped, "500000.00")...); report.Changed != 2 {
		t.Errorf("swapped: %s", report.Text().EN)
	}
	_, err := load.Files(t.Context(), db, both(swapped, "500000.01"))
	if got := told(err); len(got) != 1 || !strings.HasPrefix(got[0], "b.yaml:") || !strings.Contains(got[0], "At most SEK") {
		t.Errorf("one öre too much: %q", got)
	}
}
