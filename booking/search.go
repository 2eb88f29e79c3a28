package booking

import (
	"context"
	"slices"
	"time"

	"rigg/access"
	"rigg/facilities"
	"rigg/funding"
	"rigg/internal/database"
	"rigg/internal/id"
	"rigg/internal/period"
	"rigg/internal/problem"
	"rigg/internal/text"
)

// The limits of a search.
const (
	maxHits         = 200
	maxSearchWindow = 366 * 24 * time.Hour
	fitsPerHit      = 3
)

// Search asks which resources can do something, and when they first fit.
type Search struct {
	Words      string // free text in either language
	Capability string
	County     string
	Facility   id.Facility
	Window     period.Period // where to look; at most a year
	Minutes    int64         // the length of the booking
	Project    id.Project    // to price it; the hits have no cost without
}

// Hit is a resource that a search found, with its first fitting times (at most
// three that do not overlap; none: it is full or closed) and what the first of
// them would cost.
type Hit struct {
	Resource *facilities.Resource
	Fits     []period.Period
	Cost     *funding.Cost // nil: no project of the asker's, or no rate
}

// Search finds resources in a stable order: those that fit soonest first. A fit
// would not be refused for time if it were booked now. Codes: invalid.
func (s *Service) Search(ctx context.Context, by *access.Principal, q Search) ([]Hit, error) {
	facts, err := s.Facts(ctx)
	if err != nil {
		return nil, err
	}
	if err := checkWindow(q.Window, q.Minutes); err != nil {
		return nil, err
	}
	found := facts.Catalogue.Search(q.Words, q.Capability, q.County)
	if q.Facility != "" {
		found = slices.DeleteFunc(found, func(r *facilities.Resource) bool { return r.Facility.ID != q.Facility })
	}
	found = found[:min(len(found), maxHits)]
	var hits []Hit
	err = s.db.View(ctx, func(tx *database.Tx) error {
		all := facilities.Together(found)
		busy, err := facilities.LoadBusy(tx, facilities.Units(all), facilities.Reach(all, q.Window), facilities.Except{})
		if err != nil {
			return err
		}
		for _, r := range found {
			together := facilities.Together([]*facilities.Resource{r})
			seen := facts.seenAll(by, together, q.Window.Start)
			h := Hit{Resource: r, Fits: facilities.FitsApart(seen, q.Window, q.Minutes, busy, tx.Now, fitsPerHit)}
			h.Cost = facts.price(by, q.Project, together, h.Fits)
			hits = append(hits, h)
		}
		return nil
	})
	slices.SortStableFunc(hits, func(a, b Hit) int { return firstOf(a).Compare(firstOf(b)) })
	return hits, err
}

func firstOf(h Hit) time.Time {
	if len(h.Fits) == 0 {
		return period.Latest
	}
	return h.Fits[0].Start
}

func checkWindow(w period.Period, minutes int64) error {
	switch {
	case w.Empty() || w.End.Sub(w.Start) > maxSearchWindow || w.Start.Before(period.Earliest) || w.End.After(period.Latest):
		return problem.CodeInvalid.Say("Sök inom högst ett år, med slutet efter början.",
			"Search within at most a year, with the end after the start.")
	case minutes < 1 || minutes > int64(maxLength/time.Minute):
		return problem.CodeInvalid.Say("Ange bokningens längd i minuter, högst ett år.",
			"Give the booking's length in minutes, at most a year.")
	}
	return nil
}

// price is what the first fit would cost on the asker's project.
func (f *Facts) price(by *access.Principal, name id.Project, together []*facilities.Resource, fits []period.Period) *funding.Cost {
	project, ok := f.Terms.Project(name)
	if !ok || len(fits) == 0 || !mayBookOn(by, name) {
		return nil
	}
	var items []funding.Item
	for _, r := range together {
		items = append(items, funding.Item{Resource: r.ID, Name: r.Name, Period: fits[0], Zone: r.Zone(fits[0].Start)})
	}
	cost, _ := f.Terms.Price(project, fits[0].Start, items)
	return cost
}

// Availability gives the periods in which resources could be taken together,
// with all that comes along, cut to open hours: free time longer than their
// shortest booking, and the first fitting times of the wished length, within the
// asker's own hours and horizon. Codes: not-found, invalid.
func (s *Service) Availability(ctx context.Context, by *access.Principal, names []id.Resource, window period.Period, minutes int64) (free, fits []period.Period, err error) {
	facts, err := s.Facts(ctx)
	if err != nil {
		return nil, nil, err
	}
	if err := checkWindow(window, minutes); err != nil {
		return nil, nil, err
	}
	if len(facts.resourcesOf(names)) != len(names) {
		return nil, nil, problem.Absent()
	}
	all, err := facts.together(names)
	if err != nil {
		return nil, nil, err
	}
	err = s.db.View(ctx, func(tx *database.Tx) error {
		busy, err := facilities.LoadBusy(tx, facilities.Units(all), facilities.Reach(all, window), facilities.Except{})
		if err != nil {
			return err
		}
		seen := facts.seenAll(by, all, window.Start)
		free = facilities.BookableAll(seen, window, busy, tx.Now)
		fits = facilities.FitAll(seen, window, minutes, busy, tx.Now, maxHits)
		return nil
	})
	return free, fits, err
}

// together are the resources that one booking of these would take. Code: invalid,
// as for a request.
func (f *Facts) together(names []id.Resource) ([]*facilities.Resource, error) {
	p := &plan{Request: Request{Resources: names}, facts: f}
	var fields []problem.Field
	p.resolveResources(func(path, sv, en string, args ...any) {
		fields = append(fields, problem.Field{Path: path, Message: text.New(sv, en, args...)})
	})
	if len(fields) > 0 {
		e := problem.CodeInvalid.New(fields[0].Message)
		e.Fields = fields
		return nil, e
	}
	return p.resources, nil
}
