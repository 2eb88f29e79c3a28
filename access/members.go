package access

import (
	"context"

	"rigg/internal/database"
	"rigg/internal/problem"
)

// managesFacility hides a facility's members from all but its managers.
func managesFacility(by *Principal, at Object) error {
	if !Allowed(by, ManageFacility, at) {
		return problem.Absent()
	}
	return nil
}

// SetMember makes somebody a member of a facility, or no longer one, and gives
// who they are. at is the facility and where it lies. Codes: not-found for an
// address that is nobody's and for who may not manage the facility, invalid.
func (s *Service) SetMember(ctx context.Context, by *Principal, at Object, email string, member bool) (p Person, err error) {
	if err := managesFacility(by, at); err != nil {
		return Person{}, err
	}
	return Once(ctx, s.db, by, func(tx *database.Tx) (Person, error) {
		p, err := FindPerson(tx, email)
		if err != nil {
			return Person{}, err
		}
		grant, action := Grant{Role: FacilityMember, Scope: string(at.Facility)}, "join_facility"
		set := PutGrant
		if !member {
			set, action = deleteGrant, "leave_facility"
		}
		changed, err := set(tx, p.ID, grant)
		if err == nil && changed {
			err = Audit(tx, by.ID, action, "facility/"+string(at.Facility), map[string]any{"person": p.ID})
		}
		return p, err
	})
}

// Members lists a facility's members by name. Code: not-found for who may not
// manage the facility.
func (s *Service) Members(ctx context.Context, by *Principal, at Object) (out []Person, err error) {
	if err := managesFacility(by, at); err != nil {
		return nil, err
	}
	err = s.db.View(ctx, func(tx *database.Tx) error {
		out, err = Holders(tx, FacilityMember, string(at.Facility))
		return err
	})
	return out, err
}
