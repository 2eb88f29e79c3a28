package facilities

import (
	"encoding/json"
	"fmt"
	"time"

	"rigg/internal/database"
	"rigg/internal/id"
	"rigg/internal/money"
	"rigg/internal/period"
	"rigg/internal/text"
)

// Version reads the number that every change of the facts bumps.
func Version(tx *database.Tx) (int64, error) {
	versions, err := database.Select[int64](tx, `select version from catalogue_version`)
	if err != nil || len(versions) != 1 {
		return 0, fmt.Errorf("catalogue version (%d rows): %w", len(versions), err)
	}
	return versions[0], nil
}

// Load reads the whole catalogue. In a transaction that sees others' commits
// (Update) the version is read first, so that a change in between makes the
// snapshot look old, never new.
func Load(tx *database.Tx) (*Catalogue, error) {
	version, err := Version(tx)
	if err != nil {
		return nil, err
	}
	c := &Catalogue{
		Version: version, sites: map[id.Site]*Site{},
		facilities: map[id.Facility]*Facility{}, resources: map[id.Resource]*Resource{},
		units: map[id.Unit]string{},
	}
	for _, load := range []func(*database.Tx, *Catalogue) error{
		loadSites, loadHosts, loadFacilities, loadPlaces, loadClosures, loadUnits, loadResources, loadShifts, loadCompanions,
	} {
		if err := load(tx, c); err != nil {
			return nil, fmt.Errorf("load the catalogue: %w", err)
		}
	}
	return c, nil
}

func loadSites(tx *database.Tx, c *Catalogue) error {
	type row struct{ ID, Name, City, County, TimeZone string }
	rows, err := database.Select[row](tx, `select id, name, city, county, time_zone from sites order by id`)
	if err != nil {
		return err
	}
	for _, r := range rows {
		zone, err := time.LoadLocation(r.TimeZone)
		if err != nil {
			return fmt.Errorf("site %s: %w", r.ID, err)
		}
		s := &Site{
			ID: id.Site(r.ID), Name: r.Name, City: r.City, County: r.County, Zone: zone,
			Closures: map[period.Date]text.Text{},
		}
		c.sites[s.ID], c.siteList = s, append(c.siteList, s)
	}
	return nil
}

// dated is a fact that holds from a day on; no day is since always.
type dated struct {
	Subject, Object string
	FromDate        *time.Time
}

func (d dated) from() period.Date {
	if d.FromDate == nil {
		return period.Date{}
	}
	return period.DateOf(*d.FromDate, time.UTC)
}

func loadHosts(tx *database.Tx, c *Catalogue) error {
	rows, err := database.Select[dated](tx, `select site_id as subject, organisation_id as object,
		nullif(from_date, '-infinity') as from_date from site_hosts order by site_hosts.from_date`)
	if err != nil {
		return err
	}
	for _, r := range rows {
		s := c.sites[id.Site(r.Subject)]
		s.Hosts = append(s.Hosts, DatedHost{r.from(), id.Organisation(r.Object)})
	}
	for _, s := range c.siteList {
		if len(s.Hosts) == 0 {
			return fmt.Errorf("site %s has no host", s.ID)
		}
	}
	return nil
}

func loadFacilities(tx *database.Tx, c *Catalogue) error {
	type row struct {
		ID, NameSV, NameEN, Kind, AboutSV, AboutEN, Address, EntranceSV, EntranceEN, Approval string
		AutoBelow                                                                             int64
		Hours                                                                                 string
	}
	rows, err := database.Select[row](tx, `select id, name_sv, name_en, kind, about_sv, about_en, address,
		entrance_sv, entrance_en, approval, coalesce(auto_below, 0) as auto_below, hours from facilities order by id`)
	if err != nil {
		return err
	}
	for _, r := range rows {
		f := &Facility{
			ID: id.Facility(r.ID), Kind: Kind(r.Kind), Address: r.Address,
			Name:     text.Text{SV: r.NameSV, EN: r.NameEN},
			About:    text.Text{SV: r.AboutSV, EN: r.AboutEN},
			Entrance: text.Text{SV: r.EntranceSV, EN: r.EntranceEN},
			Approval: Approval(r.Approval), AutoBelow: money.Ore(r.AutoBelow),
			Closures: map[period.Date]text.Text{},
		}
		if err := json.Unmarshal([]byte(r.Hours), &f.Hours); err != nil {
			return fmt.Errorf("facility %s: %w", r.ID, err)
		}
		c.facilities[f.ID], c.facilityList = f, append(c.facilityList, f)
	}
	return nil
}

func loadPlaces(tx *database.Tx, c *Catalogue) error {
	rows, err := database.Select[dated](tx, `select facility_id as subject, site_id as object,
		nullif(from_date, '-infinity') as from_date from facility_sites order by facility_sites.from_date`)
	if err != nil {
		return err
	}
	for _, r := range rows {
		f := c.facilities[id.Facility(r.Subject)]
		f.Places = append(f.Places, DatedSite{r.from(), c.sites[id.Site(r.Object)]})
	}
	for _, f := range c.facilityList {
		if len(f.Places) == 0 {
			return fmt.Errorf("facility %s is nowhere", f.ID)
		}
	}
	return nil
}

func loadUnits(tx *database.Tx, c *Catalogue) error {
	type row struct {
		ID   id.Unit
		Slug string
	}
	rows, err := database.Select[row](tx, `select id, slug from units`)
	for _, r := range rows {
		c.units[r.ID] = r.Slug
	}
	return err
}

func loadClosures(tx *database.Tx, c *Catalogue) error {
	type row struct {
		SiteID, FacilityID, NameSV, NameEN string
		Day                                time.Time
	}
	rows, err := database.Select[row](tx, `select coalesce(site_id, '') as site_id,
		coalesce(facility_id, '') as facility_id, name_sv, name_en, day from closures`)
	if err != nil {
		return err
	}
	for _, r := range rows {
		day, name := period.DateOf(r.Day, time.UTC), text.Text{SV: r.NameSV, EN: r.NameEN}
		if r.SiteID != "" {
			c.sites[id.Site(r.SiteID)].Closures[day] = name
		} else {
			c.facilities[id.Facility(r.FacilityID)].Closures[day] = name
		}
	}
	return nil
}

func loadResources(tx *database.Tx, c *Catalogue) error {
	type row struct {
		ID, FacilityID, NameSV, NameEN, AboutSV, AboutEN   string
		Take                                               int
		Capabilities, Units, Requires, Defaults, Overrides string // JSON
		Hours                                              string
	}
	rows, err := database.Select[row](tx, `
		select r.id, r.facility_id, r.name_sv, r.name_en, r.about_sv, r.about_en,
			coalesce(r.take, 0) as take, to_json(r.capabilities) as capabilities,
			(select coalesce(json_agg(unit_id order by unit_id), '[]')
				from resource_units where resource_id = r.id) as units,
			(select coalesce(json_agg(qualification_id order by qualification_id), '[]')
				from resource_qualifications where resource_id = r.id) as requires,
			f.rules as defaults, r.rules as overrides, coalesce(r.hours, 'null') as hours
		from resources r join facilities f on f.id = r.facility_id
		order by r.facility_id, r.position, r.id`)
	if err != nil {
		return err
	}
	for _, row := range rows {
		f := c.facilities[id.Facility(row.FacilityID)]
		r := &Resource{
			ID: id.Resource(row.ID), Facility: f, Take: row.Take,
			Name:  text.Text{SV: row.NameSV, EN: row.NameEN},
			About: text.Text{SV: row.AboutSV, EN: row.AboutEN},
			Rules: unruled(), Shifts: map[period.Date][]Range{},
		}
		for _, part := range []struct {
			stored string
			into   any
		}{
			{row.Capabilities, &r.Capabilities}, {row.Units, &r.Units}, {row.Requires, &r.Requires},
			{row.Defaults, &r.Rules}, {row.Overrides, &r.Rules}, // what is said later wins
			{row.Hours, &r.Hours},
		} {
			if err := json.Unmarshal([]byte(part.stored), part.into); err != nil {
				return fmt.Errorf("resource %s: %w", row.ID, err)
			}
		}
		r.words = r.searchWords()
		f.Resources = append(f.Resources, r)
		c.resources[r.ID], c.resourceList = r, append(c.resourceList, r)
	}
	return nil
}
