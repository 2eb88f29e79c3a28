package access_test

import (
	"slices"
	"testing"

	"rigg/access"
)

// TestReachAgreesWithThePolicy: a list that the database filters shows just the
// bookings that Allowed lets the principal see, their own apart.
func TestReachAgreesWithThePolicy(t *testing.T) {
	t.Parallel()
	objects := []access.Object{
		{}, here, elsewhere,
		{Project: "P-1", Facility: "other-lab", Site: "other-campus"},
		{Project: "P-2", Facility: "lab", Site: "other-campus"},
		{Project: "P-2", Facility: "other-lab", Site: "campus"},
	}
	for _, h := range holders {
		p := &access.Principal{Person: access.Person{ID: 9}, Grants: []access.Grant{h.grant}}
		r := access.ReachOf(p)
		for _, o := range objects {
			listed := r.Everything || r.HasSite(o.Site) || slices.Contains(r.Projects, o.Project) || slices.Contains(r.Facilities, o.Facility)
			if may := access.Allowed(p, access.SeeBooking, o); listed != may {
				t.Errorf("%s, %+v: listed %v, allowed %v", h.name, o, listed, may)
			}
		}
	}
}
