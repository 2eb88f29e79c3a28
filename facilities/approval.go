package facilities

import "rigg/internal/money"

// ConfirmsAtOnce tells whether a booking of the resource by a qualified person at
// a cost is confirmed without anybody's approval.
func (r *Resource) ConfirmsAtOnce(cost money.Ore) bool {
	switch r.Approval {
	case Auto:
		return true
	case AutoIf:
		return cost < r.AutoBelow
	case Manual:
	}
	return false
}

// Strictest is the policy that decides on a booking of all the resources: one
// that somebody has to approve makes all of it wait. Empty where there are none.
func Strictest(resources []*Resource) (out Approval) {
	for _, r := range resources {
		if out == "" || r.Approval == Manual || r.Approval == AutoIf && out == Auto {
			out = r.Approval
		}
	}
	return out
}

// checkApproval says what is wrong with the approval that a resource states.
func (r ResourceStated) checkApproval() error {
	switch {
	case r.Approval != "" && r.Approval != Auto && r.Approval != Manual && r.Approval != AutoIf:
		return invalid("approval", "Välj auto, manual eller auto_if.", "Choose auto, manual or auto_if.")
	case r.AutoBelow < 0 || r.AutoBelow > money.Max || r.Approval != AutoIf && r.AutoBelow != 0:
		return invalid("auto_below", "Beloppet hör till auto_if och kan inte vara negativt.",
			"The amount belongs to auto_if and cannot be negative.")
	}
	return nil
}
