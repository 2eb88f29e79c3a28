package booking

import (
	"context"
	"slices"
	"time"

	"rigg/access"
	"rigg/facilities"
	"rigg/internal/id"
	"rigg/internal/period"
	"rigg/internal/problem"
)

// EditSeries shifts the time of day, changes the length, the resources or the
// purpose of what a scope has of a series, in one transaction. The change is said
// as Edit says it of the booking acted on, and applied to the others by the clock.
// Every rule is applied anew to each; one refusal refuses all. What has begun or
// ended stays, and what was moved by itself too, unless it would collide. Codes as
// Edit.
func (s *Service) EditSeries(ctx context.Context, by *access.Principal, c Change, scope Scope, e Edit) (*SeriesChange, error) {
	changed, err := s.changeSeries(ctx, by, c, scope, e.Resources, func(st *seriesStep) error {
		a, err := st.alteration(e)
		if err != nil {
			return err
		}
		if err := a.sort(); err != nil {
			return err
		}
		return a.carryOut()
	})
	return changed, wholeRefused(err)
}

// alteration is an edit as it applies to each occurrence: by how much the clock
// times of start and end move.
type alteration struct {
	*seriesStep
	edit       Edit
	start, end time.Duration

	person *access.Principal // the booker, once somebody asks

	planned []SeriesOccurrence // that the series has otherwise from now on
	moving  []target
	kept    []target // that stay where they are, and could be collided with
	renamed []*Booking
}

// target is where a booking is, or is to be.
type target struct {
	at        int // among the occurrences
	resources []id.Resource
	period    period.Period
}

func (s *seriesStep) alteration(e Edit) (*alteration, error) {
	b, zone := s.Occurrences[s.acting].Booking, s.zone()
	if slices.Equal(e.Resources, b.Chosen()) {
		e.Resources = nil
	}
	p := e.period(b)
	a := &alteration{
		seriesStep: s, edit: e,
		start: period.Wall(p.Start, zone).Sub(period.Wall(b.Period.Start, zone)),
		end:   period.Wall(p.End, zone).Sub(period.Wall(b.Period.End, zone)),
	}
	if period.DateOf(p.Start, zone) != period.DateOf(b.Period.Start, zone) {
		refusal := problem.CodeInvalid.Say("En series klockslag kan ändras, inte dess dagar. Avboka resten av serien och gör en ny.",
			"A series' time of day can change, not its days. Cancel the rest of the series and make a new one.")
		refusal.Fields = []problem.Field{{Path: "start", Message: refusal.Message}}
		return nil, refusal
	}
	if why := s.obstacle(b, a.action()); why != nil && why.Code == facilities.CodeTooLateToChange {
		return nil, refusedFor(why)
	} else if why != nil {
		return nil, CodeWrongState.New(why.Message).With("state", b.State).With("version", b.Version)
	}
	return a, nil
}

func (a *alteration) moves() bool { return a.start != 0 || a.end != 0 || a.edit.Resources != nil }

// action is what the change does to the bookings that it is about.
func (a *alteration) action() Action {
	if a.moves() {
		return ActMove
	}
	return ActEdit
}

// wished is the occurrence as the series would have it after the change.
func (a *alteration) wished(o SeriesOccurrence) SeriesOccurrence {
	o.Starts, o.Ends = o.Starts.Add(a.start), o.Ends.Add(a.end)
	if a.edit.Resources != nil {
		o.Resources = a.edit.Resources
	}
	o.Occurrence = o.at(a.zone())
	return o
}

// sort decides of each occurrence what becomes of it. Code: series-overlaps-itself.
func (a *alteration) sort() error {
	var own []target // moved by themselves
	for i, o := range a.Occurrences {
		switch {
		case o.Booking == nil:
			a.sortSkipped(o)
		case !a.within(o):
			a.stays(i, o)
		case a.obstacle(o.Booking, a.action()) != nil || i != a.acting && a.lost(o.Booking):
			a.keepAsIs(i, o)
		case !a.moves():
			a.renamed = append(a.renamed, o.Booking)
		case i == a.acting:
			a.lead()
		case a.Moved(o):
			own = append(own, target{i, o.Booking.Chosen(), o.Booking.Period})
		case a.wished(o).Skips():
			a.keep(o, noSuchTime(a.wished(o).Occurrence, a.zone()))
			a.stays(i, o)
		default:
			a.follow(i)
		}
	}
	a.leaveOwn(own)
	return a.overlapsItself()
}

// sortSkipped changes what is still wished for of a skipped occurrence.
func (a *alteration) sortSkipped(o SeriesOccurrence) {
	if !a.within(o) || !a.moves() {
		return
	}
	next := a.wished(o)
	switch {
	case next.Skips():
		next.Reasons = reasonsOf([]*problem.Error{noSuchTime(next.Occurrence, a.zone())})
	case o.Skips():
		next.Reasons = reasonsOf([]*problem.Error{CodeOccurrenceAddable.Say(
			"Serien har fått ett annat klockslag, som finns den dagen. Lägg till tillfället om tiden är ledig.",
			"The series has got another time of day, which there is on that day. Add the occurrence if the time is free.")})
	}
	a.planned = append(a.planned, next)
}

// lost holds for a displaced booking the time of which has passed: to move it like
// the others would be to move it into the past.
func (a *alteration) lost(b *Booking) bool {
	return b.State == Displaced && !a.tx.Now.Before(b.Period.Start)
}

// stays has the others keep clear of a booking that stays where it is. One that is
// displaced has no time.
func (a *alteration) stays(i int, o SeriesOccurrence) {
	if b := o.Booking; b.State.Open() && b.State != Displaced {
		a.kept = append(a.kept, target{i, b.Chosen(), b.Period})
	}
}

func (a *alteration) keepAsIs(i int, o SeriesOccurrence) {
	why := a.obstacle(o.Booking, a.action())
	if why == nil {
		why = CodeOccurrenceOver.Say("Bokningen är i läget ”%s”.", "The booking is in the state “%s”.", o.Booking.State.Name())
	}
	a.keep(o, why)
	a.stays(i, o)
}

// follow has a booking moved to where the series would have it.
func (a *alteration) follow(i int) {
	next := a.wished(a.Occurrences[i])
	a.planned = append(a.planned, next)
	a.moving = append(a.moving, target{i, next.Resources, next.Period})
}

// lead has the booking that is acted on moved exactly as asked: it may be one that
// was moved by itself, or lie in an hour that the clocks show twice.
func (a *alteration) lead() {
	o := a.Occurrences[a.acting]
	a.planned = append(a.planned, a.wished(o))
	resources := o.Booking.Chosen()
	if a.edit.Resources != nil {
		resources = a.edit.Resources
	}
	a.moving = append(a.moving, target{a.acting, resources, a.edit.period(o.Booking)})
}

// leaveOwn leaves what was moved by itself. One that the others would collide with
// goes back to the series, and that may make another one collide.
func (a *alteration) leaveOwn(own []target) {
	for again := true; again; {
		again = false
		left := own[:0:0]
		for _, t := range own {
			next := a.wished(a.Occurrences[t.at])
			hit := slices.ContainsFunc(a.moving, func(m target) bool { return a.collide(t, m) })
			if hit && !next.Skips() {
				a.follow(t.at)
				again = true
			} else {
				left = append(left, t)
			}
		}
		own = left
	}
	for _, t := range own {
		o := a.Occurrences[t.at]
		a.keep(o, CodeOccurrenceMoved.Say("Tillfället är ändrat för sig och behåller sin tid.",
			"The occurrence was changed by itself and keeps its time."))
		a.stays(t.at, o)
		a.renamed = append(a.renamed, o.Booking)
		a.planned = append(a.planned, a.wished(o)) // where it would go back to
	}
}

// collide tells whether two bookings want a unit at the same time, buffers included.
func (a *alteration) collide(t, u target) bool {
	others := facilities.Together(a.facts.resourcesOf(u.resources))
	for _, r := range facilities.Together(a.facts.resourcesOf(t.resources)) {
		for _, q := range others {
			if r.Held(t.period).Overlaps(q.Held(u.period)) &&
				slices.ContainsFunc(r.Units, func(unit id.Unit) bool { return slices.Contains(q.Units, unit) }) {
				return true
			}
		}
	}
	return false
}

func (a *alteration) overlapsItself() error {
	for i, t := range a.moving {
		if t.period.Empty() {
			continue // told as any other malformed time
		}
		for _, u := range slices.Concat(a.moving[:i], a.kept) {
			if a.collide(t, u) {
				first, second := t.period, u.period
				if second.Start.Before(first.Start) {
					first, second = second, first
				}
				return overlap(first, second, a.zone())
			}
		}
	}
	return nil
}

// carryOut judges and writes.
func (a *alteration) carryOut() error {
	drafts, err := a.drafts()
	if err != nil {
		return err
	}
	if len(drafts) > 0 {
		if err := a.rebook(drafts); err != nil {
			return err
		}
	}
	var saved []*Booking
	for _, d := range drafts {
		saved = append(saved, d.Booking)
	}
	named, err := a.describe()
	if err != nil {
		return err
	}
	if err := saveChanges(a.tx, append(saved, named...)); err != nil {
		return err
	}
	if err := saveOccurrences(a.tx, a.ID, a.planned); err != nil {
		return err
	}
	for _, next := range a.planned {
		i := slices.IndexFunc(a.Occurrences, func(o SeriesOccurrence) bool { return o.Day == next.Day })
		a.Occurrences[i] = next
	}
	if len(drafts) > 0 {
		tellAtOnce(a.tx, a.Ref, ActMove, "", a.by.ID, a.reason)
	}
	return nil
}
