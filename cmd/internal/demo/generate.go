package demo

import (
	"container/heap"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"rigg/access"
	"rigg/booking"
	"rigg/cmd/internal/app"
	"rigg/facilities"
	"rigg/internal/id"
	"rigg/internal/period"
	"rigg/internal/problem"
)

// extent is how much is played: bookings start from back days ago to ahead days
// from now.
type extent struct {
	back, ahead int
	lead        int // days before the first of them, when requests for it begin
	perDay      int // requests
}

// usual is what the demo shows.
var usual = extent{back: 90, ahead: 60, lead: 20, perDay: 14}

// generator plays one event after another in the order of their time.
type generator struct {
	*app.App
	extent
	clock  *stepped
	now    time.Time // where the playing stops
	random *rand.Rand
	people map[id.Person]*access.Principal
	lists  // whom and what to draw from

	events        events
	made, refused int
}

// lists are in a stable order, so that the same day gives the same bookings.
type lists struct {
	bookers   []*access.Principal
	resources []*facilities.Resource
	managers  map[id.Facility]*access.Principal
}

// event is something that happens at a moment of the play.
type event struct {
	at    time.Time
	order int // of those at the same moment
	do    func(context.Context) error
}

type events []event

// Len, Less, Swap, Push and Pop are the heap's.
func (e events) Len() int { return len(e) }

// Less puts the earlier first.
func (e events) Less(i, j int) bool {
	if e[i].at.Equal(e[j].at) {
		return e[i].order < e[j].order
	}
	return e[i].at.Before(e[j].at)
}

// Swap is the heap's.
func (e events) Swap(i, j int) { e[i], e[j] = e[j], e[i] }

// Push is the heap's.
func (e *events) Push(x any) { *e = append(*e, x.(event)) }

// Pop is the heap's.
func (e *events) Pop() any {
	last := (*e)[len(*e)-1]
	*e = (*e)[:len(*e)-1]
	return last
}

func newGenerator(ctx context.Context, a *app.App, e extent, clock *stepped, now time.Time) (*generator, error) {
	g := &generator{
		App: a, extent: e, clock: clock, now: now,
		random: rand.New(rand.NewPCG(1477, 2026)), // the same every time
		people: map[id.Person]*access.Principal{},
		lists:  lists{managers: map[id.Facility]*access.Principal{}},
	}
	facts, err := a.Booking.Facts(ctx)
	if err != nil {
		return nil, err
	}
	people, err := a.Access.ListPeople(ctx)
	if err != nil {
		return nil, err
	}
	for _, p := range people {
		g.people[p.ID] = p
		for _, grant := range p.Grants {
			switch grant.Role {
			case access.ProjectMember, access.ProjectLead:
				g.bookers = append(g.bookers, p)
			case access.FacilityManager:
				g.managers[id.Facility(grant.Scope)] = p
			default:
			}
		}
	}
	g.resources = facts.Catalogue.Resources()
	if len(g.bookers) == 0 || len(g.resources) == 0 {
		return nil, errors.New("the example data has nobody to book, or nothing to be booked")
	}
	return g, nil
}

// play runs the days from the beginning to now.
func (g *generator) play(ctx context.Context) error {
	for day := g.clock.now; day.Before(g.now); day = day.AddDate(0, 0, 1) {
		for range g.perDay {
			at := day.Truncate(24 * time.Hour).Add(time.Duration(7*60+g.random.IntN(9*60)) * time.Minute)
			g.at(at, g.wish)
		}
	}
	for hour := g.clock.now.Truncate(time.Hour); hour.Before(g.now); hour = hour.Add(time.Hour) {
		g.at(hour, g.Booking.Sweep)
	}
	for g.events.Len() > 0 {
		next := heap.Pop(&g.events).(event)
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("stopped in the making: %w", err)
		}
		g.clock.now = next.at
		if err := next.do(ctx); err != nil {
			return fmt.Errorf("at %s: %w", next.at.Format(time.RFC3339), err)
		}
	}
	g.clock.now = g.now
	return g.Booking.Sweep(ctx)
}

// at has something happen, if it is before now.
func (g *generator) at(moment time.Time, do func(context.Context) error) {
	if moment.Before(g.now) && !moment.Before(g.clock.now) {
		heap.Push(&g.events, event{moment, g.made + g.refused + g.events.Len(), do})
	}
}

// tries is how many lines somebody looks at before giving up for the day.
const tries = 5

// wish has somebody look for a time and ask for it.
func (g *generator) wish(ctx context.Context) error {
	who := g.bookers[g.random.IntN(len(g.bookers))]
	project := g.project(who)
	for range tries {
		made, err := g.try(ctx, who, project)
		if made || err != nil {
			return err
		}
	}
	return nil
}

func (g *generator) try(ctx context.Context, who *access.Principal, project id.Project) (made bool, err error) {
	r := g.resources[g.random.IntN(len(g.resources))]
	start := g.clock.now.Add(time.Duration(g.random.IntN(30*24)) * time.Hour)
	if notice := r.Rules.Notice.Duration(); start.Before(g.clock.now.Add(notice)) {
		start = g.clock.now.Add(notice + time.Hour)
	}
	if start.Before(g.now.AddDate(0, 0, -g.back)) || start.After(g.now.AddDate(0, 0, g.ahead)) {
		return false, nil
	}
	window := period.New(start, start.AddDate(0, 0, 10))
	_, fits, err := g.Booking.Availability(ctx, who, []id.Resource{r.ID}, window, g.length(r))
	if err != nil || len(fits) == 0 {
		return false, err
	}
	b, err := g.Booking.Request(ctx, who, booking.Request{
		Resources: []id.Resource{r.ID}, Project: project,
		Period: fits[g.random.IntN(min(len(fits), 12))], Purpose: g.purpose(),
	})
	if refusal(err) {
		g.refused++
		return false, nil
	}
	if err != nil {
		return false, err
	}
	g.made++
	g.follow(b, r)
	return true, nil
}

// refusal tells a rule's no, which is part of the play, from a failure.
func refusal(err error) bool {
	if err == nil {
		return false
	}
	kind := problem.From(err).Code.Kind
	return kind == problem.Refused || kind == problem.Conflict
}

// length is a usual one within the resource's limits, in minutes.
func (g *generator) length(r *facilities.Resource) int64 {
	usual := []int64{60, 120, 180, 240, 480, 24 * 60, 3 * 24 * 60, 5 * 24 * 60, 7 * 24 * 60, 14 * 24 * 60}
	shortest, longest := int64(30), int64(8*60)
	if !r.Rules.Min.Zero() {
		shortest = int64(r.Rules.Min.Duration() / time.Minute)
	}
	if !r.Rules.Max.Zero() {
		longest = int64(r.Rules.Max.Duration() / time.Minute)
	}
	var fitting []int64
	for _, minutes := range usual {
		if minutes >= shortest && minutes <= max(longest, shortest) {
			fitting = append(fitting, minutes)
		}
	}
	if len(fitting) == 0 {
		return shortest
	}
	return fitting[g.random.IntN(min(len(fitting), 4))]
}

func (g *generator) project(who *access.Principal) id.Project {
	var own []id.Project
	for _, grant := range who.Grants {
		if grant.Role == access.ProjectMember || grant.Role == access.ProjectLead {
			own = append(own, id.Project(grant.Scope))
		}
	}
	return own[g.random.IntN(len(own))]
}

// purposes are what people write when they book.
var purposes = []string{
	"Provkörning av ny receptur", "Trial run with recycled feedstock", "Referensmätning före ändring",
	"Verification of the second batch", "Utbildning av ny operatör", "Process window study",
	"Jämförelse av två leverantörer", "Repeat of last month's test", "Förberedelse inför demonstrator", "",
}

func (g *generator) purpose() string { return purposes[g.random.IntN(len(purposes))] }
