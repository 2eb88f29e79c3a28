package facilities

import (
	"encoding/json"
	"fmt"

	"rigg/internal/database"
	"rigg/internal/id"
	"rigg/internal/period"
)

// references are the constraints by which a reference to what is not there
// shows itself, and the field that names it.
var references = map[string]string{
	"site_hosts_organisation_id_fkey":               "host",
	"facility_sites_site_id_fkey":                   "site",
	"closures_site_id_fkey":                         "site",
	"closures_facility_id_fkey":                     "facility",
	"resource_qualifications_qualification_id_fkey": "requires",
}

// put runs a statement that touches rows only where something changes.
func put(tx *database.Tx, sql string, args ...any) (changed bool, err error) {
	n, err := database.Exec(tx, sql, args...)
	if field, ok := references[database.Constraint(err)]; ok {
		e := invalid(field, "Det som %s pekar på finns inte.", "What %s refers to does not exist.", field)
		e.Err = err
		return false, e
	}
	return n > 0, err
}

// either joins the outcomes of several puts.
func either(puts ...func() (bool, error)) (changed bool, err error) {
	for _, p := range puts {
		one, err := p()
		if err != nil {
			return false, err
		}
		changed = changed || one
	}
	return changed, nil
}

// since writes a day from which something holds; a zero day is since always.
func since(d period.Date) string {
	if d == (period.Date{}) {
		return "-infinity"
	}
	return d.String()
}

func putSite(tx *database.Tx, s Site) (bool, error) {
	var days, hosts []string
	for _, h := range s.Hosts {
		days, hosts = append(days, since(h.From)), append(hosts, string(h.Host))
	}
	return either(func() (bool, error) {
		return put(tx, `
			insert into sites (id, name, city, county, time_zone) values ($1, $2, $3, $4, $5)
			on conflict (id) do update set name = excluded.name, city = excluded.city,
				county = excluded.county, time_zone = excluded.time_zone
			where (sites.name, sites.city, sites.county, sites.time_zone)
				is distinct from (excluded.name, excluded.city, excluded.county, excluded.time_zone)`,
			string(s.ID), s.Name, s.City, s.County, s.Zone.String())
	}, func() (bool, error) {
		return put(tx, `delete from site_hosts where site_id = $1 and from_date <> all($2::text[]::date[])`,
			string(s.ID), days)
	}, func() (bool, error) {
		return put(tx, `
			insert into site_hosts (site_id, from_date, organisation_id)
			select $1, w.* from unnest($2::text[]::date[], $3::text[]) w
			on conflict (site_id, from_date) do update set organisation_id = excluded.organisation_id
			where site_hosts.organisation_id <> excluded.organisation_id`, string(s.ID), days, hosts)
	})
}

func putFacility(tx *database.Tx, f FacilityStated) (bool, error) {
	hours, err := json.Marshal(f.Hours)
	if err != nil {
		return false, fmt.Errorf("write hours: %w", err)
	}
	rules, err := json.Marshal(f.Rules)
	if err != nil {
		return false, fmt.Errorf("write rules: %w", err)
	}
	var below *int64
	if f.Approval == AutoIf {
		below = (*int64)(&f.AutoBelow)
	}
	var days, sites []string
	for _, p := range f.Places {
		days, sites = append(days, since(p.From)), append(sites, string(p.Site))
	}
	return either(func() (bool, error) {
		return put(tx, `
			insert into facilities as f (id, name_sv, name_en, kind, about_sv, about_en, address,
				entrance_sv, entrance_en, approval, auto_below, hours, rules)
			values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
			on conflict (id) do update set name_sv = excluded.name_sv, name_en = excluded.name_en,
				kind = excluded.kind, about_sv = excluded.about_sv, about_en = excluded.about_en,
				address = excluded.address, entrance_sv = excluded.entrance_sv,
				entrance_en = excluded.entrance_en, approval = excluded.approval,
				auto_below = excluded.auto_below, hours = excluded.hours, rules = excluded.rules
			where f is distinct from excluded`,
			string(f.ID), f.Name.SV, f.Name.EN, string(f.Kind), f.About.SV, f.About.EN, f.Address,
			f.Entrance.SV, f.Entrance.EN, string(f.Approval), below, string(hours), string(rules))
	}, func() (bool, error) {
		return put(tx, `delete from facility_sites where facility_id = $1 and from_date <> all($2::text[]::date[])`,
			string(f.ID), days)
	}, func() (bool, error) {
		return put(tx, `
			insert into facility_sites (facility_id, from_date, site_id)
			select $1, w.* from unnest($2::text[]::date[], $3::text[]) w
			on conflict (facility_id, from_date) do update set site_id = excluded.site_id
			where facility_sites.site_id <> excluded.site_id`, string(f.ID), days, sites)
	})
}

// findRules gives the default rules of the resource's facility, and the
// facility to which a resource of that id belongs already.
func findRules(tx *database.Tx, r ResourceStated) (facility id.Facility, defaults Stated, err error) {
	type row struct{ Rules, Facility string }
	rows, err := database.Select[row](tx, `
		select rules, coalesce((select facility_id from resources where id = $2), f.id) as facility
		from facilities f where id = $1`, string(r.Facility), string(r.ID))
	if err != nil {
		return "", Stated{}, err
	}
	if len(rows) == 0 {
		return "", Stated{}, invalid("facility", "Anläggningen %s finns inte.", "There is no facility %s.", r.Facility)
	}
	if err := json.Unmarshal([]byte(rows[0].Rules), &defaults); err != nil {
		return "", Stated{}, fmt.Errorf("rules of facility %s: %w", r.Facility, err)
	}
	return id.Facility(rows[0].Facility), defaults, nil
}

func putResource(tx *database.Tx, r ResourceStated) (bool, error) {
	rules, err := json.Marshal(r.Rules)
	if err != nil {
		return false, fmt.Errorf("write rules: %w", err)
	}
	var hours *string
	if r.Hours != nil {
		written, err := json.Marshal(r.Hours)
		if err != nil {
			return false, fmt.Errorf("write hours: %w", err)
		}
		hours = new(string(written))
	}
	capabilities, requires := append([]string{}, r.Capabilities...), []string{}
	for _, q := range r.Requires {
		requires = append(requires, string(q))
	}
	return either(func() (bool, error) { // before the resource, or its document would be written twice
		return putCapabilityNames(tx, capabilities)
	}, func() (bool, error) {
		return put(tx, `
			insert into resources as r (id, facility_id, name_sv, name_en, about_sv, about_en,
				capabilities, take, rules, position, hours, approval, auto_below)
			values ($1, $2, $3, $4, $5, $6, $7, nullif($8::int, 0), $9, $10, $11, nullif($12, ''), case when $12 = 'auto_if' then $13::bigint end)
			on conflict (id) do update set name_sv = excluded.name_sv, name_en = excluded.name_en,
				about_sv = excluded.about_sv, about_en = excluded.about_en, capabilities = excluded.capabilities,
				take = excluded.take, rules = excluded.rules, position = excluded.position, hours = excluded.hours,
				approval = excluded.approval, auto_below = excluded.auto_below
			where r is distinct from excluded`,
			string(r.ID), string(r.Facility), r.Name.SV, r.Name.EN, r.About.SV, r.About.EN,
			capabilities, r.Take, string(rules), r.Position, hours, string(r.Approval), int64(r.AutoBelow))
	}, func() (bool, error) { // in the order given, which is the order in which a pool gives them out
		return put(tx, `
			insert into units (facility_id, slug)
			select $1, w.slug from unnest($2::text[]) with ordinality w (slug, n)
			where not exists (select from units where facility_id = $1 and slug = w.slug)
			order by w.n`, string(r.Facility), r.Units)
	}, func() (bool, error) {
		return put(tx, `
			delete from resource_units where resource_id = $1 and unit_id not in
				(select id from units where facility_id = $2 and slug = any($3))`,
			string(r.ID), string(r.Facility), r.Units)
	}, func() (bool, error) {
		return put(tx, `
			insert into resource_units (resource_id, unit_id)
			select $1, id from units where facility_id = $2 and slug = any($3)
			on conflict do nothing`, string(r.ID), string(r.Facility), r.Units)
	}, func() (bool, error) {
		return put(tx, `delete from resource_qualifications where resource_id = $1 and qualification_id <> all($2)`,
			string(r.ID), requires)
	}, func() (bool, error) {
		return put(tx, `
			insert into resource_qualifications (resource_id, qualification_id)
			select $1, unnest($2::text[]) on conflict do nothing`, string(r.ID), requires)
	}, func() (bool, error) {
		return putShifts(tx, r.ID, r.Shifts)
	}, func() (bool, error) {
		return dropCompanions(tx, r.ID, r.Along)
	})
}

func putClosure(tx *database.Tx, c Closure) (bool, error) {
	return put(tx, `
		insert into closures (site_id, facility_id, day, name_sv, name_en)
		values (nullif($1, ''), nullif($2, ''), $3::text::date, $4, $5)
		on conflict on constraint closures_once do update set name_sv = excluded.name_sv, name_en = excluded.name_en
		where (closures.name_sv, closures.name_en) is distinct from (excluded.name_sv, excluded.name_en)`,
		string(c.Site), string(c.Facility), c.Day.String(), c.Name.SV, c.Name.EN)
}
