package facilities

import (
	"time"

	"rigg/internal/period"
	"rigg/internal/problem"
	"rigg/internal/text"
)

// The refusals of time (DESIGN.md 5). slot-taken alone is a conflict: the same
// request can succeed when others cancel.
var (
	CodeSlotTaken = problem.Declare(problem.Conflict, "slot-taken",
		"Tiden är upptagen", "The time is taken")
	CodeClosed = problem.Declare(problem.Refused, "closed",
		"Det är stängt", "It is closed then")
	CodeResourceDown = problem.Declare(problem.Refused, "resource-down",
		"Ur drift", "Out of service")
	CodeTooShort = problem.Declare(problem.Refused, "too-short",
		"Bokningen är för kort", "The booking is too short")
	CodeTooLong = problem.Declare(problem.Refused, "too-long",
		"Bokningen är för lång", "The booking is too long")
	CodeNotOnGrid = problem.Declare(problem.Refused, "not-on-grid",
		"Tiden ligger mellan bokningsstegen", "The time lies between the booking steps")
	CodeTooSoon = problem.Declare(problem.Refused, "too-soon",
		"För kort varsel", "Too short notice")
	CodeTooFarAhead = problem.Declare(problem.Refused, "too-far-ahead",
		"För långt fram i tiden", "Too far ahead")
	CodeInThePast = problem.Declare(problem.Refused, "in-the-past",
		"Tiden har passerat", "The time has passed")
)

// longest is what a booking may be where no rule says: a limit for everything.
var longest = period.Span{Months: 24}

// Judge applies every rule of time to a booking of p that is made now, and
// gives all refusals at once: in-the-past, too-short, too-long, not-on-grid,
// too-soon, too-far-ahead, closed. It does not look at other bookings.
func (r *Resource) Judge(p period.Period, now time.Time) []*problem.Error {
	out := r.judge(p, now)
	if a := r.audience; a != nil {
		for i, e := range out {
			if e.Code == CodeTooFarAhead && !a.Horizon.Zero() || e.Code == CodeClosed && !a.Hours.unsaid() && e.Details["what"] == "hours" {
				out[i] = e.With(detailRule, "audiences")
			}
		}
	}
	return NameRule(out)
}

func (r *Resource) judge(p period.Period, now time.Time) []*problem.Error {
	if p.Empty() {
		return []*problem.Error{CodeTooShort.Say(
			"Sluttiden måste ligga efter starttiden.", "The end must be after the start.").
			With("minutes", p.Minutes())}
	}
	out := r.judgeLength(p)
	out = append(out, r.judgeGrid(p)...)
	out = append(out, r.judgeStart(p.Start, now)...)
	if withinReason(p) != p { // people can ask for a century; its days say nothing
		return out
	}
	return append(out, r.judgeClosed(p)...)
}

// ends gives the shortest and longest end of a booking that starts at the
// instant.
func (r *Resource) ends(start time.Time) (shortest, furthest time.Time) {
	most := r.Rules.Max
	if most.Zero() {
		most = longest
	}
	zone := r.Zone(start)
	return r.Rules.Min.After(start, zone), most.After(start, zone)
}

func (r *Resource) judgeLength(p period.Period) []*problem.Error {
	shortest, furthest := r.ends(p.Start)
	least, most := r.Rules.Min, r.Rules.Max
	switch n := p.Minutes(); {
	case p.End.Before(shortest):
		return []*problem.Error{CodeTooShort.Say(
			"Kortaste bokning är %s; du valde %s.", "The shortest booking is %s; you chose %s.",
			least, chosen{int(n), least}).
			With("min_minutes", period.New(p.Start, shortest).Minutes()).With("minutes", n)}
	case p.End.After(furthest):
		if most.Zero() {
			most = longest
		}
		return []*problem.Error{CodeTooLong.Say(
			"Längsta bokning är %s; du valde %s.", "The longest booking is %s; you chose %s.",
			most, chosen{int(n), most}).
			With("max_minutes", period.New(p.Start, furthest).Minutes()).With("minutes", n)}
	}
	return nil
}

func (r *Resource) judgeGrid(p period.Period) []*problem.Error {
	for _, t := range []time.Time{p.Start, p.End} {
		g := r.gridAt(t)
		if g.has(t) {
			continue
		}
		before, after := g.floor(t).In(g.zone), g.ceil(t.Add(time.Nanosecond)).In(g.zone)
		return []*problem.Error{CodeNotOnGrid.Say(
			"Tider bokas i steg om %s räknat från midnatt, så %s går inte. Närmast är %s och %s.",
			"Times are booked in steps of %s from midnight, so %s is not possible. The nearest are %s and %s.",
			period.Span{Minutes: g.step}, t.In(g.zone).Format("15:04"), before.Format("15:04"), after.Format("15:04")).
			With("step_minutes", g.step).With("time", shownTime(t, g.zone)).
			With("before", before.Format(time.RFC3339)).With("after", after.Format(time.RFC3339))}
	}
	return nil
}

// earliest and latest give the instants between which a booking made now may
// start; latest is zero without a horizon.
func (r *Resource) earliest(now time.Time) time.Time {
	return r.Rules.Notice.After(now, r.Zone(now))
}

func (r *Resource) latest(now time.Time) time.Time {
	if r.Rules.Horizon.Zero() {
		return time.Time{}
	}
	return r.Rules.Horizon.After(now, r.Zone(now))
}

func (r *Resource) judgeStart(start, now time.Time) (out []*problem.Error) {
	zone := r.Zone(start)
	if start.Before(now) {
		out = append(out, CodeInThePast.Say(
			"Starttiden, %s, har redan passerat.", "The start, %s, has already passed.", moment(start.In(zone))).
			With("start", shownTime(start, zone)))
	}
	if earliest := r.earliest(now); start.Before(earliest) && !r.Rules.Notice.Zero() {
		at := r.gridAt(earliest).ceil(earliest)
		out = append(out, CodeTooSoon.Say(
			"Boka minst %s i förväg: tidigast möjliga start är nu %s.",
			"Book at least %s ahead: the earliest possible start is now %s.", r.Rules.Notice, moment(at.In(zone))).
			With("notice_minutes", period.New(now, earliest).Minutes()).With("earliest_start", shownTime(at, zone)))
	}
	if latest := r.latest(now); !latest.IsZero() && start.After(latest) {
		at := r.gridAt(latest).floor(latest)
		out = append(out, CodeTooFarAhead.Say(
			"Det går att boka högst %s framåt: senast möjliga start är nu %s.",
			"Bookings can be made at most %s ahead: the latest possible start is now %s.",
			r.Rules.Horizon, moment(at.In(zone))).
			With("horizon_minutes", period.New(now, latest).Minutes()).With("latest_start", shownTime(at, zone)))
	}
	return out
}

func (r *Resource) judgeClosed(p period.Period) (out []*problem.Error) {
	if r.Rules.Closed == Span {
		if !r.openAtStart(p.Start) {
			out = append(out, r.closedDay(p.Start).refuse(
				"Bokningen måste börja när det är öppet. ", "The booking must start in opening hours. "))
		}
		if !r.openAtEnd(p.End) {
			out = append(out, r.closedDay(p.End.Add(-time.Minute)).refuse(
				"Bokningen måste sluta när det är öppet. ", "The booking must end in opening hours. "))
		}
		return out
	}
	var said [2]bool // one closure and one day of hours are enough to tell
	for _, gap := range period.Subtract([]period.Period{p}, r.Open(p)) {
		for _, t := range append([]time.Time{gap.Start}, gap.Midnights(r.Zone(gap.Start))...) {
			c, kind := r.closedDay(t), 0
			if !c.closure.Empty() {
				kind = 1
			}
			if !said[kind] {
				out = append(out, c.refuse("", ""))
			}
			said[kind] = true
		}
	}
	return out
}

// refuse makes the refusal for closed time on the day; the introduction says
// what would have to be open, where that is not the whole booking.
func (c closedDay) refuse(introSV, introEN string) *problem.Error {
	if !c.closure.Empty() {
		say := text.New("Stängt %s: %s.", "Closed on %s: %s.", day(c.day), localised(c.closure))
		return CodeClosed.New(text.Text{SV: introSV + say.SV, EN: introEN + say.EN}).
			With("what", "closure").With("day", c.day.String()).With("name", c.closure)
	}
	say, open := text.New("Stängt %s.", "Closed on %s.", day(c.day)), []string{}
	for _, r := range c.hours {
		open = append(open, r.String())
	}
	switch {
	case c.resource != nil && len(open) > 0:
		say = text.New("%s finns att tillgå %s: %s.", "%s is available on %s: %s.",
			localised(c.resource.Name), day(c.day), localised(shown(c.hours)))
	case c.resource != nil:
		say = text.New("%s finns inte att tillgå %s.", "%s is not available on %s.", localised(c.resource.Name), day(c.day))
	case len(open) > 0:
		say = text.New("Öppet %s: %s.", "Open on %s: %s.", day(c.day), localised(shown(c.hours)))
		if introSV == "" {
			introSV, introEN = "Utanför öppettiderna. ", "Outside opening hours. "
		}
	}
	e := CodeClosed.New(text.Text{SV: introSV + say.SV, EN: introEN + say.EN}).
		With("what", "hours").With("day", c.day.String()).With("open", open)
	if c.resource != nil {
		e = e.With("resource", c.resource.ID)
	}
	return e
}

func shownTime(t time.Time, zone *time.Location) string { return t.In(zone).Format(time.RFC3339) }
