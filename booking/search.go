package booking

import (
	"cmp"
	"context"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"time"

	"rigg/access"
	"rigg/facilities"
	"rigg/funding"
	"rigg/internal/database"
	"rigg/internal/id"
	"rigg/internal/period"
	"rigg/internal/problem"
)

// The limits of a search.
const (
	maxHits         = 200
	maxSearchWindow = 366 * 24 * time.Hour
	fitsPerHit      = 3
	maxWanted       = 50 // capabilities in one search
)

// Search asks which resources can do something, and when they first fit.
type Search struct {
	Words string // free text in either language, misspelt or not
	facilities.Filter
	facilities.Wish            // the window is at most a year
	Project         id.Project // to price it; the hits have no cost without

	After string // the Next of the page before; empty: from the first hit
	Skip  int    // hits to leave out besides
	Limit int    // hits of a page; 0 is 200, the most
}

// Hit is a resource that a search found, with its first fitting times (at most
// three that do not overlap; none: it is full or closed) and what the first of
// them would cost.
type Hit struct {
	Resource *facilities.Resource
	Fits     []period.Period
	Cost     *funding.Cost // nil: no project of the asker's, or no rate

	seen []*facilities.Resource // with what comes along, as the asker may book them
	rank place
}

// Found is one page of what a search found.
type Found struct {
	Hits  []Hit
	Total int    // on all pages
	Free  int    // of them that have a time at all
	Next  string // cursor of the next page; empty on the last
}

// place is where a hit stands in the order of a search: by how well its words
// fit, then by how soon it does, then by name, which makes it the only one there.
type place struct {
	words    int
	start    time.Time
	resource id.Resource
}

func (p place) compare(q place) int {
	return cmp.Or(cmp.Compare(p.words, q.words), p.start.Compare(q.start), cmp.Compare(p.resource, q.resource))
}

// Search finds resources: those whose words fit best first, of them those that
// are free soonest. All are put in order before a page is cut. A fit would not be
// refused for time if it were booked now. Codes: invalid.
func (s *Service) Search(ctx context.Context, by *access.Principal, q Search) (*Found, error) {
	facts, err := s.Facts(ctx)
	if err != nil {
		return nil, err
	}
	if err := q.check(); err != nil {
		return nil, err
	}
	after, err := parsePlace(q.After)
	if err != nil {
		return nil, err
	}
	found := &Found{}
	err = s.db.View(ctx, func(tx *database.Tx) error {
		hits, err := facts.matches(tx, by, q)
		if err != nil {
			return err
		}
		if err := fit(tx, hits, q.Wish, 1); err != nil {
			return err
		}
		found.Total = len(hits)
		for i := range hits {
			h := &hits[i]
			h.rank.start = period.Latest
			if len(h.Fits) > 0 {
				found.Free, h.rank.start = found.Free+1, h.Fits[0].Start
			}
		}
		found.cut(hits, q, after)
		if err := fit(tx, found.Hits, q.Wish, fitsPerHit); err != nil {
			return err
		}
		for i := range found.Hits {
			h := &found.Hits[i]
			h.Cost = facts.price(by, q.Project, h.seen, h.Fits)
		}
		return nil
	})
	return found, err
}

// matches are the resources that the search is about, whenever they are free.
func (f *Facts) matches(tx *database.Tx, by *access.Principal, q Search) ([]Hit, error) {
	var ranks facilities.Ranks
	anything := strings.TrimSpace(q.Words) == ""
	if !anything {
		var err error
		if ranks, err = facilities.Find(tx, q.Words); err != nil {
			return nil, err
		}
	}
	at := q.Window.Start
	if at.Before(tx.Now) {
		at = tx.Now // nobody comes to where it was
	}
	var out []Hit
	for _, r := range f.Catalogue.Matching(q.Filter, at) {
		rank, ok := ranks[r.ID]
		if (ok || anything) && !r.RetiredBy(at) {
			seen := f.seenAll(by, facilities.Together([]*facilities.Resource{r}), at)
			out = append(out, Hit{Resource: r, seen: seen, rank: place{words: rank, resource: r.ID}})
		}
	}
	return out, nil
}

// lookFirst is how far a search looks before it looks through all of a longer
// window: most resources are free before that, and what is taken later need not be
// read for them.
const lookFirst = 14 * 24 * time.Hour

// fit gives the hits their first n fitting times that do not overlap.
func fit(tx *database.Tx, hits []Hit, w facilities.Wish, n int) error {
	near := w
	near.Window = w.Window.Clip(period.Period{Start: w.Window.Start, End: laterOf(w.Window.Start, tx.Now).Add(lookFirst + elapsed(w.Minutes))})
	for _, part := range []facilities.Wish{near, w} {
		var pending []*Hit
		var resources []*facilities.Resource
		for i := range hits {
			if len(hits[i].Fits) < n {
				pending, resources = append(pending, &hits[i]), append(resources, hits[i].seen...)
			}
		}
		if len(pending) == 0 {
			break
		}
		busy, err := facilities.LoadBusy(tx, facilities.Units(resources), facilities.Reach(resources, part.Window), facilities.Except{})
		if err != nil {
			return err
		}
		for _, h := range pending {
			h.Fits = facilities.FitsApart(h.seen, part, busy, tx.Now, n)
		}
		if part.Window == w.Window {
			break
		}
	}
	return nil
}

func laterOf(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func elapsed(minutes int64) time.Duration { return time.Duration(minutes) * time.Minute }

// cut puts the hits in order and keeps the page that is asked for.
func (f *Found) cut(hits []Hit, q Search, after *place) {
	slices.SortFunc(hits, func(a, b Hit) int { return a.rank.compare(b.rank) })
	if after != nil {
		at, _ := slices.BinarySearchFunc(hits, *after, func(h Hit, p place) int { return h.rank.compare(p) })
		for at < len(hits) && hits[at].rank.compare(*after) <= 0 {
			at++
		}
		hits = hits[at:]
	}
	hits = hits[min(q.Skip, len(hits)):]
	if limit := q.limit(); len(hits) > limit {
		hits = hits[:limit]
		f.Next = hits[limit-1].rank.String()
	}
	f.Hits = hits
}

// String is the cursor that leads on from the place.
func (p place) String() string {
	return base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, "%d %d %s", p.words, p.start.Unix(), p.resource))
}

// parsePlace reads a cursor; nil is the beginning.
func parsePlace(cursor string) (*place, error) {
	if cursor == "" {
		return nil, nil //nolint:nilnil // no place is before all of them
	}
	p, seconds := place{}, int64(0)
	plain, err := base64.RawURLEncoding.DecodeString(cursor)
	if err == nil {
		_, err = fmt.Sscanf(string(plain), "%d %d %s", &p.words, &seconds, &p.resource)
	}
	if err != nil || !id.ValidSlug(string(p.resource)) {
		return nil, problem.CodeInvalid.Say("Sidmärket går inte att läsa; börja om från sökningens första sida.",
			"The cursor cannot be read; start again from the first page of the search.")
	}
	p.start = time.Unix(seconds, 0).UTC()
	return &p, nil
}

func (q Search) limit() int {
	if q.Limit < 1 {
		return maxHits
	}
	return min(q.Limit, maxHits)
}

func (q Search) check() error {
	if len(q.Capabilities) > maxWanted {
		return problem.CodeInvalid.Say("Sök på högst %d förmågor åt gången.", "Search for at most %d capabilities at a time.", maxWanted)
	}
	if q.Skip < 0 {
		return problem.CodeInvalid.Say("Det går inte att hoppa över färre än noll träffar.", "Fewer than no hits cannot be skipped.")
	}
	return checkWish(q.Wish)
}

func checkWish(w facilities.Wish) error {
	if err := checkWindow(w.Window, w.Minutes); err != nil {
		return err
	}
	const day = 24 * 60
	bad := func(minute int) bool { return minute < 0 || minute > day }
	if bad(w.Clock.From) || bad(w.Clock.To) || (w.Clock != facilities.Range{} && w.Clock.From == w.Clock.To) {
		return problem.CodeInvalid.Say("Ange klockslagen som två olika tider på dygnet, till exempel 08:00 och 16:00.",
			"Give the clock times as two different times of the day, such as 08:00 and 16:00.")
	}
	for _, d := range w.Weekdays {
		if d < time.Sunday || d > time.Saturday {
			return problem.CodeInvalid.Say("Det finns ingen sådan veckodag.", "There is no such weekday.")
		}
	}
	return nil
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

// CountMatches tells how many resources a search is about, whenever they are free:
// for who wants to know which part of it finds nothing. Codes: invalid.
func (s *Service) CountMatches(ctx context.Context, by *access.Principal, q Search) (n int, err error) {
	facts, err := s.Facts(ctx)
	if err != nil {
		return 0, err
	}
	if err := q.check(); err != nil {
		return 0, err
	}
	err = s.db.View(ctx, func(tx *database.Tx) error {
		hits, err := facts.matches(tx, by, q)
		n = len(hits)
		return err
	})
	return n, err
}
