package access

import (
	"slices"

	"rigg/internal/id"
)

// Reach is where a principal's roles let them see bookings, for lists that the
// database filters. It says the same as Allowed does of one booking, beside the
// owner's own.
type Reach struct {
	Everything bool
	Projects   []id.Project
	Facilities []id.Facility
	Sites      []id.Site
}

// ReachOf gives what SeeBooking reaches.
func ReachOf(p *Principal) Reach {
	r := Reach{Projects: []id.Project{}, Facilities: []id.Facility{}}
	for _, g := range p.Grants {
		switch g.Role {
		case Admin, Auditor:
			r.Everything = true
		case ProjectLead, ProjectMember:
			r.Projects = append(r.Projects, id.Project(g.Scope))
		case FacilityManager:
			r.Facilities = append(r.Facilities, id.Facility(g.Scope))
		case HostManager:
			r.Sites = append(r.Sites, id.Site(g.Scope))
		default: // sees no bookings but their own
		}
	}
	return r
}

// HasSite tells whether the whole site is within reach.
func (r Reach) HasSite(s id.Site) bool { return slices.Contains(r.Sites, s) }
