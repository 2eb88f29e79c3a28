package facilities

import (
	"slices"
	"time"

	"rigg/internal/id"
)

// Filter says which resources are looked for; what is empty does not restrict.
type Filter struct {
	Capabilities []string // any of them
	County       string   // its code
	Site         id.Site
	Facility     id.Facility
	Kind         Kind
}

// Matching lists the resources that the filter lets through, as they are and
// where they lie at the instant, in the order of Resources.
func (c *Catalogue) Matching(f Filter, at time.Time) []*Resource {
	var out []*Resource
	for _, r := range c.resourceList {
		if f.admits(r, at) {
			out = append(out, r)
		}
	}
	return out
}

func (f Filter) admits(r *Resource, at time.Time) bool {
	site := r.Facility.SiteAt(at)
	return (f.County == "" || site.County == f.County) &&
		(f.Site == "" || site.ID == f.Site) &&
		(f.Facility == "" || r.Facility.ID == f.Facility) &&
		(f.Kind == "" || r.Facility.Kind == f.Kind) &&
		(len(f.Capabilities) == 0 || slices.ContainsFunc(r.Capabilities, func(c string) bool {
			return slices.Contains(f.Capabilities, c)
		}))
}

// Equivalents lists the other resources that can do all that the resource can, in
// the order of Resources. One without capabilities has none: nobody knows what it
// can do.
func (c *Catalogue) Equivalents(r *Resource) []*Resource {
	if len(r.Capabilities) == 0 {
		return nil
	}
	var out []*Resource
	for _, other := range c.resourceList {
		lacks := slices.ContainsFunc(r.Capabilities, func(c string) bool { return !slices.Contains(other.Capabilities, c) })
		if other != r && !lacks {
			out = append(out, other)
		}
	}
	return out
}
