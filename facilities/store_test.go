package facilities_test

import (
	"reflect"
	"slices"
	"testing"

	"rigg/facilities"
	"rigg/internal/database"
	"rigg/internal/id"
	"rigg/internal/period"
	"rigg/internal/problem"
	"rigg/internal/text"
)

func TestCatalogueIsWhatWasPut(t *testing.T) {
	t.Parallel()
	h := setup(t)
	christmas := period.Date{Year: 2026, Month: 12, Day: 25}
	h.update(t, func(tx *database.Tx) error {
		_, err := facilities.PutClosure(tx, facilities.Closure{Site: "rise-molndal", Day: christmas, Name: text.Text{SV: "Juldagen", EN: "Christmas Day"}})
		return err
	}, func(tx *database.Tx) error {
		_, err := facilities.PutClosure(tx, facilities.Closure{Facility: "am-molndal", Day: christmas.Next(3), Name: text.Text{SV: "Service", EN: "Service"}})
		return err
	})
	c := h.catalogue(t)
	r, ok := c.Resource("robot-extruder")
	if !ok || r.Name != extruder().Name || r.Take != 1 || len(r.Units) != 2 || r.Units[0] >= r.Units[1] ||
		!slices.Equal(r.Capabilities, extruder().Capabilities) || !slices.Equal(r.Requires, extruder().Requires) {
		t.Fatalf("resource %+v", r)
	}
	want := facilities.Rules{
		Min: *minutes(30), SetUp: *minutes(15), CheckIn: true, // notice is switched off, check-in is the facility's
		Closed: facilities.Span, Charge: facilities.Greater, Early: *minutes(15),
	}
	if !reflect.DeepEqual(r.Rules, want) {
		t.Errorf("rules %+v, want %+v", r.Rules, want)
	}
	f, site := r.Facility, r.Facility.Places[0].Site
	if g, _ := c.Facility("am-molndal"); g != f || f.Kind != facilities.PilotLine || f.Entrance != additive().Entrance ||
		f.Hours[1][0] != (facilities.Range{From: 420, To: 1140}) || f.Resources[0] != r {
		t.Errorf("facility %+v", f)
	}
	if s, _ := c.Site("rise-molndal"); s != site || site.Zone.String() != "Europe/Stockholm" || site.Hosts[0] != (facilities.DatedHost{Host: "rise"}) {
		t.Errorf("site %+v", site)
	}
	for day, want := range map[period.Date]string{christmas: "Juldagen", christmas.Next(3): "Service", christmas.Next(1): ""} {
		if name, closed := f.ClosedOn(day, site); name.SV != want || closed != (want != "") {
			t.Errorf("%s: %q %v", day, name.SV, closed)
		}
	}
	if _, ok := c.Resource("nothing"); ok || len(c.Resources()) != 1 || len(c.Facilities()) != 1 || len(c.Sites()) != 1 {
		t.Error("more than was put")
	}
}

func TestPuttingAgainChangesNothing(t *testing.T) {
	t.Parallel()
	h := setup(t)
	closure := facilities.Closure{Site: "rise-molndal", Day: period.Date{Year: 2026, Month: 12, Day: 25}, Name: text.Text{SV: "Juldagen", EN: "Christmas Day"}}
	site, facility, resource := molndal(), additive(), extruder()
	puts := map[string]func(*database.Tx) (bool, error){
		"site":     func(tx *database.Tx) (bool, error) { return facilities.PutSite(tx, site) },
		"facility": func(tx *database.Tx) (bool, error) { return facilities.PutFacility(tx, facility) },
		"resource": func(tx *database.Tx) (bool, error) { return facilities.PutResource(tx, resource) },
		"closure":  func(tx *database.Tx) (bool, error) { return facilities.PutClosure(tx, closure) },
	}
	expect := func(what string, want bool) {
		t.Helper()
		h.update(t, func(tx *database.Tx) error {
			changed, err := puts[what](tx)
			if changed != want {
				t.Errorf("%s: changed is %v", what, changed)
			}
			return err
		})
	}
	expect("closure", true)
	before := h.extruder(t).Units
	for what := range puts {
		expect(what, false)
	}
	site.Hosts = []facilities.DatedHost{{From: period.Date{Year: 2025, Month: 1, Day: 1}, Host: "rise"}}
	facility.Rules.Min = nil
	resource.Units = []string{"extruder-3", "extruder-1"}
	closure.Name.SV = "Jul"
	for what := range puts {
		expect(what, true)
		expect(what, false)
	}
	r := h.extruder(t)
	if len(r.Units) != 2 || r.Units[0] != before[1] || slices.Contains(before, r.Units[1]) {
		t.Errorf("units %v after %v: extruder-1 was the second and stays, extruder-3 is new", r.Units, before)
	}
	if h := r.Facility.Places[0].Site.Hosts; len(h) != 1 || h[0] != site.Hosts[0] {
		t.Errorf("hosts %v", h)
	}
}

func TestVersionFollowsEveryChange(t *testing.T) {
	t.Parallel()
	h := setup(t)
	version := h.catalogue(t).Version
	h.update(t, func(tx *database.Tx) error {
		r := extruder()
		r.Name.SV = "Extruder"
		_, err := facilities.PutResource(tx, r)
		return err
	}, func(tx *database.Tx) error {
		now, err := facilities.Version(tx)
		if now <= version {
			t.Errorf("version %d after %d", now, version)
		}
		return err
	})
}

func TestPutRefuses(t *testing.T) {
	t.Parallel()
	h := setup(t)
	site := func(change func(*facilities.Site)) func(*database.Tx) error {
		s := molndal()
		change(&s)
		return func(tx *database.Tx) error { _, err := facilities.PutSite(tx, s); return err }
	}
	facility := func(change func(*facilities.FacilityStated)) func(*database.Tx) error {
		f := additive()
		change(&f)
		return func(tx *database.Tx) error { _, err := facilities.PutFacility(tx, f); return err }
	}
	resource := func(change func(*facilities.ResourceStated)) func(*database.Tx) error {
		r := extruder()
		change(&r)
		return func(tx *database.Tx) error { _, err := facilities.PutResource(tx, r); return err }
	}
	cases := []struct {
		name, field string
		put         func(*database.Tx) error
	}{
		{"site id", "id", site(func(s *facilities.Site) { s.ID = "å" })},
		{"site name", "name", site(func(s *facilities.Site) { s.Name = " " })},
		{"county", "county", site(func(s *facilities.Site) { s.County = "Skåne" })},
		{"no zone", "time_zone", site(func(s *facilities.Site) { s.Zone = nil })},
		{"no host", "host", site(func(s *facilities.Site) { s.Hosts = nil })},
		{"unknown host", "host", site(func(s *facilities.Site) { s.Hosts[0].Host = "nobody" })},
		{"unknown site", "site", facility(func(f *facilities.FacilityStated) { f.Places[0].Site = "nowhere" })},
		{"no site", "site", facility(func(f *facilities.FacilityStated) { f.Places = nil })},
		{"kind", "kind", facility(func(f *facilities.FacilityStated) { f.Kind = "shed" })},
		{"approval", "approval", facility(func(f *facilities.FacilityStated) { f.Approval = "" })},
		{"amount", "auto_below", facility(func(f *facilities.FacilityStated) { f.AutoBelow = 1 })},
		{"default rules", "rules.step", facility(func(f *facilities.FacilityStated) { f.Rules.Step = minutes(1500) })},
		{"one language", "name", facility(func(f *facilities.FacilityStated) { f.Name.EN = "" })},
		{"unknown facility", "facility", resource(func(r *facilities.ResourceStated) { r.Facility = "nowhere" })},
		{"no unit", "units", resource(func(r *facilities.ResourceStated) { r.Units = nil })},
		{"a unit twice", "units", resource(func(r *facilities.ResourceStated) { r.Units = []string{"a", "a"} })},
		{"more than there are", "units.any", resource(func(r *facilities.ResourceStated) { r.Take = 3 })},
		{"capability", "capabilities", resource(func(r *facilities.ResourceStated) { r.Capabilities = []string{"large format"} })},
		{"unknown qualification", "requires", resource(func(r *facilities.ResourceStated) { r.Requires = []id.Qualification{"none"} })},
		{"shorter than the facility's least", "rules.max", resource(func(r *facilities.ResourceStated) { r.Rules.Min, r.Rules.Max = nil, minutes(30) })},
		{"buffer", "rules.clean_up", resource(func(r *facilities.ResourceStated) { r.Rules.CleanUp = &period.Span{Days: 31} })},
		{"closed", "rules.closed", resource(func(r *facilities.ResourceStated) { r.Rules.Closed = new(facilities.Closed("maybe")) })},
		{"charge", "rules.charge", resource(func(r *facilities.ResourceStated) { r.Rules.Charge = new(facilities.Basis("")) })},
		{"closure of nothing", "site", func(tx *database.Tx) error {
			_, err := facilities.PutClosure(tx, facilities.Closure{Day: period.Date{Year: 2026, Month: 1, Day: 1}, Name: text.Text{SV: "a", EN: "a"}})
			return err
		}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			err := h.try(t, c.put)
			e := problem.From(err)
			if !problem.Has(err, problem.CodeInvalid) || len(e.Fields) != 1 || e.Fields[0].Path != c.field {
				t.Fatalf("got %v, fields %v; want an error in %s", err, e.Fields, c.field)
			}
			if m := e.Fields[0].Message; m.SV == "" || m.EN == "" || m.SV == m.EN {
				t.Errorf("message %+v", m)
			}
		})
	}
}

func TestResourceCannotChangeFacility(t *testing.T) {
	t.Parallel()
	h := setup(t)
	other := additive()
	other.ID = "other"
	moved := extruder()
	moved.Facility = "other"
	err := h.try(t,
		func(tx *database.Tx) error { _, err := facilities.PutFacility(tx, other); return err },
		func(tx *database.Tx) error { _, err := facilities.PutResource(tx, moved); return err })
	if e := problem.From(err); !problem.Has(err, problem.CodeInvalid) || e.Fields[0].Path != "facility" {
		t.Errorf("got %v", err)
	}
}

func TestInvariantsHoldAndFindOffences(t *testing.T) {
	t.Parallel()
	h := setup(t)
	offences := func() (found []string) {
		t.Helper()
		for _, i := range facilities.Invariants() {
			rows, err := h.db.Pool().Query(t.Context(), i.Query)
			if err != nil {
				t.Fatalf("%s: %v", i.Name, err)
			}
			if rows.Next() {
				found = append(found, i.Name)
			}
			rows.Close()
			if err := rows.Err(); err != nil {
				t.Fatalf("%s: %v", i.Name, err)
			}
		}
		return found
	}
	h.update(t, func(tx *database.Tx) error { _, err := facilities.PutOutage(tx, h.service(t)); return err })
	if found := offences(); found != nil {
		t.Fatalf("offences where there are none: %v", found)
	}
	// What only a hand in the database could do, the constraint taken away.
	if _, err := h.db.Pool().Exec(t.Context(), `
		alter table allocations drop constraint allocations_no_overlap;
		insert into allocations (unit_id, outage_id, starts_at, ends_at)
			select unit_id, outage_id, starts_at + interval '1 hour', ends_at from allocations;
		insert into facilities (id, name_sv, name_en, kind, approval) values ('void', 'a', 'a', 'lab', 'auto');
		insert into units (facility_id, slug) values ('void', 'u');
		insert into allocations (unit_id, outage_id, starts_at, ends_at)
			select (select id from units where slug = 'u'), outage_id, starts_at, ends_at from allocations limit 1;
		insert into resource_units select 'robot-extruder', id from units where slug = 'u';
		insert into people (email, name, created_at) values ('a@b.example', 'a', now());
		insert into roles (person_id, role, scope, granted_at) select id, 'facility_member', 'nowhere', now() from people;
		insert into resources (id, facility_id, name_sv, name_en) values ('far', 'void', 'a', 'a');
		insert into resource_companions (resource_id, along_id, position) values ('robot-extruder', 'far', 1);
		update resources set take = 9`); err != nil {
		t.Fatal(err)
	}
	if found := offences(); len(found) != len(facilities.Invariants()) {
		t.Errorf("found only %v", found)
	}
}
