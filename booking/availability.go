package booking

import (
	"context"
	"slices"

	"rigg/access"
	"rigg/facilities"
	"rigg/internal/database"
	"rigg/internal/id"
	"rigg/internal/period"
	"rigg/internal/problem"
)

// Offer is time on one resource, or on several together.
type Offer struct {
	Resources []*facilities.Resource
	Period    period.Period
}

// Available is when something could be booked: free time in which a booking could
// lie, longer than the shortest, and the first fitting times of the wished length.
// Each list is by start and has at most 200.
type Available struct {
	Free, Fits []Offer
}

// Availability looks at one resource, or at several of one facility together with
// what comes along. The wish's weekdays and clock restrict the fits alone. What is
// shown is not refused for time if it is booked now. Codes: not-found, invalid.
func (s *Service) Availability(ctx context.Context, by *access.Principal, names []id.Resource, w facilities.Wish) (*Available, error) {
	facts, err := s.Facts(ctx)
	if err != nil {
		return nil, err
	}
	resources, err := facts.together(names)
	if err != nil {
		return nil, err
	}
	return s.available(ctx, by, facts, [][]*facilities.Resource{resources}, w)
}

// AvailabilityOfAny looks at all resources that have one of the filter's
// capabilities, each by itself. Codes: invalid.
func (s *Service) AvailabilityOfAny(ctx context.Context, by *access.Principal, f facilities.Filter, w facilities.Wish) (*Available, error) {
	facts, err := s.Facts(ctx)
	if err != nil {
		return nil, err
	}
	if n := len(f.Capabilities); n == 0 || n > maxWanted {
		return nil, problem.CodeInvalid.Say("Ange en till %d förmågor.", "Name one to %d capabilities.", maxWanted)
	}
	var sets [][]*facilities.Resource
	for _, r := range facts.Catalogue.Matching(f, w.Window.Start) {
		sets = append(sets, facilities.Together([]*facilities.Resource{r}))
	}
	return s.available(ctx, by, facts, sets, w)
}

// together gives the resources that are booked together. Codes: not-found, invalid.
func (f *Facts) together(names []id.Resource) (out []*facilities.Resource, err error) {
	if len(names) == 0 || len(names) > maxResources {
		return nil, problem.CodeInvalid.Say("Ange en till %d resurser.", "Give one to %d resources.", maxResources)
	}
	for _, name := range names {
		r, ok := f.Catalogue.Resource(name)
		switch {
		case !ok:
			return nil, problem.Absent()
		case len(out) > 0 && r.Facility != out[0].Facility:
			return nil, problem.CodeInvalid.Say("Bara resurser i samma anläggning kan bokas tillsammans; fråga om dem var för sig.",
				"Only resources of one facility can be booked together; ask about them one by one.")
		case !slices.Contains(out, r):
			out = append(out, r)
		}
	}
	return facilities.Together(out), nil
}

// available looks at each of the sets with one read of what is taken.
func (s *Service) available(ctx context.Context, by *access.Principal, facts *Facts, sets [][]*facilities.Resource, w facilities.Wish) (*Available, error) {
	if err := checkWish(w); err != nil {
		return nil, err
	}
	all, window := slices.Concat(sets...), w.Window
	out := &Available{}
	err := s.db.View(ctx, func(tx *database.Tx) error {
		busy, err := facilities.LoadBusy(tx, facilities.Units(all), facilities.Reach(all, window), facilities.Except{})
		if err != nil {
			return err
		}
		for _, set := range sets {
			seen := facts.seenAll(by, set, window.Start)
			out.Free = soonest(out.Free, set, facilities.BookableAll(seen, window, busy, tx.Now))
			out.Fits = soonest(out.Fits, set, facilities.Fits(seen, w, busy, tx.Now, maxHits))
			if len(out.Fits) == maxHits { // what is later would be cut anyway
				w.Window.End = out.Fits[maxHits-1].Period.End
			}
		}
		return nil
	})
	return out, err
}

// soonest adds the periods of a set, which are in order, to the first 200 so far.
func soonest(list []Offer, set []*facilities.Resource, more []period.Period) []Offer {
	for _, p := range more {
		if len(list) >= maxHits && !p.Start.Before(list[maxHits-1].Period.Start) {
			break
		}
		list = append(list, Offer{set, p})
	}
	slices.SortStableFunc(list, func(a, b Offer) int { return a.Period.Start.Compare(b.Period.Start) })
	return list[:min(len(list), maxHits)]
}
