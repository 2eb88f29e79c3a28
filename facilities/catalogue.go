package facilities

import (
	"rigg/internal/id"
)

// Catalogue is an immutable snapshot of all that can be booked, safe for any
// number of readers at once. Whoever keeps one compares Version with
// Version in the transaction that relies on it, and loads anew when they
// differ.
type Catalogue struct {
	Version int64

	sites      map[id.Site]*Site
	facilities map[id.Facility]*Facility
	resources  map[id.Resource]*Resource
	units      map[id.Unit]string // by what the facility calls them

	siteList     []*Site     // by id
	facilityList []*Facility // by id
	resourceList []*Resource // by facility, then as the facility shows them
}

// Resource looks up a resource.
func (c *Catalogue) Resource(r id.Resource) (*Resource, bool) {
	found, ok := c.resources[r]
	return found, ok
}

// Facility looks up a facility.
func (c *Catalogue) Facility(f id.Facility) (*Facility, bool) {
	found, ok := c.facilities[f]
	return found, ok
}

// Site looks up a site.
func (c *Catalogue) Site(s id.Site) (*Site, bool) {
	found, ok := c.sites[s]
	return found, ok
}

// Sites lists all sites by id. Not to be changed by the caller, like all that a
// catalogue gives.
func (c *Catalogue) Sites() []*Site { return c.siteList }

// Facilities lists all facilities by id.
func (c *Catalogue) Facilities() []*Facility { return c.facilityList }

// Resources lists all resources by facility, within it in the order in which
// the facility shows them.
func (c *Catalogue) Resources() []*Resource { return c.resourceList }

// UnitName is what the facility calls the unit; unique within the facility.
func (c *Catalogue) UnitName(u id.Unit) string { return c.units[u] }
