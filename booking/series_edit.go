package booking

import (
	"context"
	"slices"
	"time"

	"rigg/access"
	"rigg/funding"
	"rigg/internal/database"
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

func (st *seriesStep) alteration(e Edit) (*alteration, error) {
	b, zone := st.Occurrences[st.acting].Booking, st.zone()
	if slices.Equal(e.Resources, b.Resources) {
		e.Resources = nil
	}
	p := e.period(b)
	a := &alteration{
		seriesStep: st, edit: e,
		start: period.Wall(p.Start, zone).Sub(period.Wall(b.Period.Start, zone)),
		end:   period.Wall(p.End, zone).Sub(period.Wall(b.Period.End, zone)),
	}
	if period.DateOf(p.Start, zone) != period.DateOf(b.Period.Start, zone) {
		refusal := problem.CodeInvalid.Say("En series klockslag kan ändras, inte dess dagar. Avboka resten av serien och gör en ny.",
			"A series' time of day can change, not its days. Cancel the rest of the series and make a new one.")
		refusal.Fields = []problem.Field{{Path: "start", Message: refusal.Message}}
		return nil, refusal
	}
	if why := st.obstacle(b); why != nil {
		return nil, CodeWrongState.New(why.Message).With("state", b.State).With("version", b.Version)
	}
	return a, nil
}

func (a *alteration) moves() bool { return a.start != 0 || a.end != 0 || a.edit.Resources != nil }

// wished is the occurrence as the series would have it after the change.
func (a *alteration) wished(o SeriesOccurrence) SeriesOccurrence {
	o.Starts, o.Ends = o.Starts.Add(a.start), o.Ends.Add(a.end)
	if a.edit.Resources != nil {
		o.Resources = a.edit.Resources
	}
	o.Occurrence = o.Occurrence.at(a.zone())
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
			if o.Booking.State.Open() {
				a.kept = append(a.kept, target{i, o.Booking.Resources, o.Booking.Period})
			}
		case a.obstacle(o.Booking) != nil || o.Booking.State == Displaced:
			a.keepAsIs(i, o)
		case !a.moves():
			a.renamed = append(a.renamed, o.Booking)
		case i == a.acting:
			a.lead()
		case a.Moved(o):
			own = append(own, target{i, o.Booking.Resources, o.Booking.Period})
		case a.wished(o).Skips():
			a.keep(o, noSuchTime(a.wished(o).Occurrence, a.zone()))
			a.kept = append(a.kept, target{i, o.Booking.Resources, o.Booking.Period})
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

func (a *alteration) keepAsIs(i int, o SeriesOccurrence) {
	why := a.obstacle(o.Booking)
	if why == nil {
		why = CodeOccurrenceOver.Say("Bokningen är i läget ”%s”.", "The booking is in the state “%s”.", o.Booking.State.Name())
	}
	a.keep(o, why)
	if o.Booking.State.Open() && o.Booking.State != Displaced {
		a.kept = append(a.kept, target{i, o.Booking.Resources, o.Booking.Period})
	}
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
	resources := o.Booking.Resources
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
		a.kept = append(a.kept, t)
		a.renamed = append(a.renamed, o.Booking)
		a.planned = append(a.planned, a.wished(o)) // where it would go back to
	}
}

// collide tells whether two bookings want a unit at the same time, buffers included.
func (a *alteration) collide(t, u target) bool {
	for _, x := range t.resources {
		for _, y := range u.resources {
			r, known := a.facts.Catalogue.Resource(x)
			q, also := a.facts.Catalogue.Resource(y)
			if known && also && r.Held(t.period).Overlaps(q.Held(u.period)) &&
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
	named, err := a.rename()
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

// rename gives bookings that stay where they are the new purpose, and the series
// too, when the change is about all of it.
func (a *alteration) rename() (out []*Booking, err error) {
	if a.edit.Purpose == nil {
		return nil, nil
	}
	if a.scope == ScopeAll {
		a.Purpose = *a.edit.Purpose
		if err := renameSeries(a.tx, a.ID, a.Purpose); err != nil {
			return nil, err
		}
	}
	for _, b := range a.renamed {
		if b.Purpose != *a.edit.Purpose {
			b.Purpose = *a.edit.Purpose
			a.record(b, b.State, ActEdit, nil)
			out = append(out, b)
		}
	}
	return out, nil
}

// drafts are the bookings that move, each with its plan.
func (a *alteration) drafts() (out []draft, err error) {
	for _, t := range a.moving {
		b := a.Occurrences[t.at].Booking
		in := Request{Resources: t.resources, Project: b.Project, Period: t.period, Purpose: b.Purpose, Attendees: b.Attendees}
		if a.edit.Purpose != nil {
			in.Purpose = *a.edit.Purpose
		}
		p, err := a.facts.resolve(in)
		if err != nil {
			return nil, err
		}
		if at, ok := a.facts.Catalogue.Resource(b.Resources[0]); ok && p.facility != at.Facility {
			return nil, elsewhere()
		}
		out = append(out, draft{Booking: b, plan: p})
	}
	if len(out) == 0 && a.edit.Purpose != nil && !plainText(*a.edit.Purpose, maxText) {
		return nil, problem.CodeInvalid.Say("Syftet får ha högst %d tecken.", "The purpose has at most %d characters.", maxText)
	}
	return out, nil
}

// rebook gives bookings new times, units and prices. Their own old ones are let go
// of first, so that they do not count.
func (a *alteration) rebook(drafts []draft) error {
	booker, err := access.PrincipalOf(a.tx, drafts[0].Person)
	if err != nil {
		return err
	}
	slices.SortFunc(drafts, func(x, y draft) int { return x.plan.Period.Start.Compare(y.plan.Period.Start) })
	plans, list := make([]*plan, len(drafts)), make([]*Booking, len(drafts))
	for i, d := range drafts {
		plans[i], list[i] = d.plan, d.Booking
	}
	if err := deleteUnitsOf(a.tx, idsOf(list)); err != nil {
		return err
	}
	swap := func(tx *database.Tx, project id.Project, years []int) ([]funding.Purse, error) {
		if err := a.voidMoney(list, years); err != nil {
			return nil, err
		}
		return funding.FindPurses(tx, project, years)
	}
	verdicts, d, err := a.service.verdicts(a.tx, a.by, booker, plans, swap)
	if err != nil {
		return err
	}
	if fitting(verdicts) < len(plans) {
		return refusedSeries(plans[0].resources, plans, verdicts)
	}
	reservations := make([]funding.Reservation, len(drafts))
	for i := range drafts {
		a.apply(&drafts[i], verdicts[i])
		reservations[i] = funding.Reservation{
			Booking: drafts[i].ID, Version: drafts[i].Version, Cost: drafts[i].Cost, UsedOn: drafts[i].plan.firstDay(),
		}
	}
	if err := replaceUnitsOf(a.tx, drafts); err != nil {
		return takenMeanwhile(plans[0], err)
	}
	return funding.ReserveAll(a.tx, reservations, d.purses)
}

func (a *alteration) apply(d *draft, v *verdict) {
	b := d.Booking
	was := map[string]any{"start": b.Period.Start, "end": b.Period.End, "resources": b.Resources}
	next := d.plan.booking(a.tx.Now, a.by, a.by, v.allocations)
	b.Resources, b.Units, b.Period, b.Purpose = next.Resources, next.Units, next.Period, next.Purpose
	b.Buffers, b.Cost, b.Agreement = next.Buffers, next.Cost, next.Agreement
	d.taken = v.allocations
	a.record(b, b.State, ActMove, was)
	if b.State == Confirmed {
		a.service.scheduleReminders(a.tx, b)
	}
}

// voidMoney releases the bookings' reservations, with the purses of their years
// and of others locked first.
func (st *seriesStep) voidMoney(list []*Booking, years []int) error {
	all := slices.Clone(years)
	voidings := make([]funding.Voiding, len(list))
	for i, b := range list {
		all = append(all, b.Cost.Years()...)
		voidings[i] = funding.Voiding{Booking: b.ID, Version: b.Version + 1}
	}
	slices.Sort(all)
	if _, err := funding.LockPurses(st.tx, st.Project, slices.Compact(all)); err != nil {
		return err
	}
	return funding.VoidAll(st.tx, voidings)
}
