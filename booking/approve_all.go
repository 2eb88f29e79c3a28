package booking

import (
	"context"

	"rigg/access"
	"rigg/internal/problem"
)

// MaxApproveAll is how many bookings can be approved at once: as many as the
// inbox ever lists.
const MaxApproveAll = 200

// Decision is what became of one of many: the booking, or why not.
type Decision struct {
	Change  Change
	Booking *Booking
	Err     error
}

// ApproveAll approves many, each in a transaction of its own, and gives one
// outcome for each in their order; what stops one does not stop the others. Code:
// invalid for too many or none.
func (s *Service) ApproveAll(ctx context.Context, by *access.Principal, all []Change) ([]Decision, error) {
	if len(all) == 0 || len(all) > MaxApproveAll {
		return nil, problem.CodeInvalid.Say("Välj mellan 1 och %d bokningar.", "Choose between 1 and %d bookings.", MaxApproveAll)
	}
	out := make([]Decision, len(all))
	for i, c := range all {
		b, err := s.Approve(access.ForPart(ctx, string(c.Ref)), by, c)
		if out[i] = (Decision{c, b, err}); err != nil && ctx.Err() != nil {
			return nil, err // whoever asked has gone
		}
	}
	return out, nil
}
