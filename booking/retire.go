package booking

import (
	"context"
	"slices"
	"time"

	"rigg/access"
	"rigg/facilities"
	"rigg/internal/database"
	"rigg/internal/id"
	"rigg/internal/period"
	"rigg/internal/problem"
	"rigg/internal/text"
)

// maxRetired is how many bookings one call sees to; the next takes the rest.
const maxRetired = 200

// Retirement takes a resource out of the catalogue from a day on.
type Retirement struct {
	Resource id.Resource
	From     period.Date
	MoveTo   id.Resource // where its later bookings go, if all rules allow; empty: nowhere
	Cancel   bool        // what cannot go there is cancelled
	Reason   string      // the bookers read it; needed where there are bookings
}

// Fate is what became of one booking that lies after the retirement.
type Fate struct {
	Booking *Booking
	Action  Action         // move, cancel; empty: nothing could be done
	Problem *problem.Error // why it could not be moved or cancelled
}

// Retired is the outcome of a retirement.
type Retired struct {
	Done  bool // the resource is retired: no booking is left after the day
	Fates []Fate
}

// Retire moves or cancels each booking that ends after the day, by the ordinary
// way with the people told, and retires the resource once none is left. What could
// not be done is told for each; asking again takes what is left. Codes: not-found,
// forbidden, invalid, reason-missing.
func (s *Service) Retire(ctx context.Context, by *access.Principal, in Retirement) (*Retired, error) {
	facts, err := s.Facts(ctx)
	if err != nil {
		return nil, err
	}
	r, err := facts.retiring(by, in, s.db.Now())
	if err != nil {
		return nil, err
	}
	later := *r
	later.Retired = in.From
	out := &Retired{}
	var behind []*Booking
	err = s.db.View(ctx, func(tx *database.Tx) error {
		behind, err = listBookings(tx, `where b.ends_at > $1 and b.state in ('requested', 'confirmed', 'in_use', 'displaced')
			and exists (select from booking_resources x where x.booking_id = b.id and x.resource_id = $2)
			order by b.starts_at, b.id limit $3`, later.RetiresAt(), string(r.ID), maxRetired)
		return err
	})
	if err != nil {
		return nil, err
	}
	if len(behind) > 0 {
		if err := needReason(in.Reason); err != nil {
			return nil, err
		}
	}
	ctx = access.WithoutKey(ctx) // each booking is a change of its own
	for _, b := range behind {
		out.Fates = append(out.Fates, s.decideFate(ctx, by, in, b))
	}
	err = s.db.Update(ctx, func(tx *database.Tx) error {
		changed, err := facilities.PutRetired(tx, r.ID, in.From)
		if err != nil || !changed {
			return err
		}
		return access.Audit(tx, by.ID, "retire", "resource/"+string(r.ID), map[string]any{"from": in.From.String()})
	})
	if problem.Has(err, facilities.CodeBookingsAfter) {
		return out, nil
	}
	out.Done = err == nil
	return out, err
}

// retiring checks who asks for what.
func (f *Facts) retiring(by *access.Principal, in Retirement, now time.Time) (*facilities.Resource, error) {
	r, ok := f.Catalogue.Resource(in.Resource)
	if !ok {
		return nil, problem.Absent()
	}
	if !access.Allowed(by, access.ManageFacility, f.object(r.Facility, "", now)) {
		return nil, access.CodeForbidden.Say("Bara anläggningens ansvariga avvecklar en resurs.", "Only the facility's managers retire a resource.")
	}
	var fields []problem.Field
	if in.From.Year < 2000 || in.From.Year > 2099 {
		fields = append(fields, problem.Field{Path: "date", Message: text.New("Ange dagen.", "Give the day.")})
	}
	if other, ok := f.Catalogue.Resource(in.MoveTo); in.MoveTo != "" && (!ok || other == r || other.Facility != r.Facility) {
		fields = append(fields, problem.Field{Path: "move_to", Message: text.New(
			"Välj en annan resurs i samma anläggning.", "Choose another resource of the same facility.")})
	}
	if !plainText(in.Reason, maxText) {
		fields = append(fields, problem.Field{Path: "reason", Message: text.New(
			"Skälet får ha högst %d tecken.", "The reason has at most %d characters.", maxText)})
	}
	if fields == nil {
		return r, nil
	}
	e := problem.CodeInvalid.Say("Avvecklingen går inte att läsa; se varje uppgift.", "The retirement cannot be read; see each part.")
	e.Fields = fields
	return nil, e
}

// decideFate moves one booking, or cancels it where it cannot be moved.
func (s *Service) decideFate(ctx context.Context, by *access.Principal, in Retirement, b *Booking) Fate {
	c := Change{Ref: b.Ref, Version: b.Version, Reason: in.Reason}
	fate := Fate{Booking: b}
	if in.MoveTo != "" {
		resources := slices.Clone(b.Resources)
		for i, name := range resources {
			if name == in.Resource {
				resources[i] = in.MoveTo
			}
		}
		moved, err := s.Edit(ctx, by, c, Edit{Resources: resources})
		if err == nil {
			return Fate{Booking: moved, Action: ActMove}
		}
		fate.Problem = problem.From(err)
	}
	if !in.Cancel {
		return fate
	}
	cancelled, err := s.Cancel(ctx, by, c)
	if err != nil {
		fate.Problem = problem.From(err)
		return fate
	}
	return Fate{Booking: cancelled, Action: ActCancel, Problem: fate.Problem}
}
