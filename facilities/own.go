package facilities

import (
	"time"

	"rigg/internal/period"
	"rigg/internal/problem"
	"rigg/internal/text"
)

// The refusals that depend on who books, what else they have booked, or how late
// it is. booking finds those facts; the rules are here.
var (
	CodeTooLateToChange = problem.Declare(problem.Refused, "too-late-to-change",
		"För sent att ändra", "Too late to change")
	CodeGapTooShort = problem.Declare(problem.Refused, "gap-too-short",
		"För nära en annan egen bokning", "Too close to another booking of one's own")
	CodeBuddyMissing = problem.Declare(problem.Refused, "buddy-missing",
		"Ensamarbete är inte tillåtet då", "Nobody may work alone then")
	CodeUseNotLogged = problem.Declare(problem.Refused, "use-not-logged",
		"En tidigare bokning är inte utcheckad", "An earlier booking is not checked out")
)

// JudgeChange refuses to move or cancel a booking that starts at the instant
// later than the rule allows. Code: too-late-to-change.
func (r *Resource) JudgeChange(start, now time.Time) *problem.Error {
	zone := r.Zone(start)
	last := r.Rules.LatestChange.Before(start, zone)
	if r.Rules.LatestChange.Zero() || !now.After(last) {
		return nil
	}
	return CodeTooLateToChange.Say(
		"Bokningen kan flyttas eller avbokas fram till %s före start, det vill säga %s. Kontakta anläggningen.",
		"The booking can be moved or cancelled until %s before the start, which was %s. Contact the facility.",
		r.Rules.LatestChange, moment(last.In(zone))).
		With("resource", r.ID).With("latest", shownTime(last, zone))
}

// JudgeGap refuses a booking of p that lies too close to others of the same
// person on the resource. Without tell, it does not say when those are. Code:
// gap-too-short.
func (r *Resource) JudgeGap(p period.Period, others []period.Period, tell bool) *problem.Error {
	if r.Rules.Gap.Zero() {
		return nil
	}
	for _, other := range others {
		first, second := p, other
		if other.Start.Before(p.Start) {
			first, second = other, p
		}
		if !r.Rules.Gap.After(first.End, r.Zone(first.End)).After(second.Start) {
			continue
		}
		if !tell {
			return CodeGapTooShort.Say("%s: det ska gå minst %s mellan en persons bokningar.",
				"%s: there must be at least %s between one person's bookings.", localised(r.Name), r.Rules.Gap).
				With("resource", r.ID)
		}
		from, to := moment(other.Start.In(r.Zone(other.Start))), moment(other.End.In(r.Zone(other.End)))
		return CodeGapTooShort.Say(
			"%s: det ska gå minst %s mellan en persons bokningar, och en annan är från %s till %s.",
			"%s: there must be at least %s between one person's bookings, and another is from %s to %s.",
			localised(r.Name), r.Rules.Gap, from, to).With("resource", r.ID).
			With("other_start", shownTime(other.Start, r.Zone(other.Start))).With("other_end", shownTime(other.End, r.Zone(other.End)))
	}
	return nil
}

// GapReach is the time of which a person's other bookings have to be known
// before the gap around p can be judged: a calendar day may have an hour more
// than 24.
func (r *Resource) GapReach(p period.Period) period.Period {
	around := r.Rules.Gap.Duration() * 31 / 30 // a month may have 31 days
	return p.Widen(around+clockChanges*time.Minute, around+clockChanges*time.Minute)
}

// JudgeBuddy refuses a booking of p by somebody alone, where some of it lies
// outside the hours in which that is allowed. Nobody else is there on a closed
// day either. Code: buddy-missing.
func (r *Resource) JudgeBuddy(p period.Period) *problem.Error {
	if r.Rules.Buddy.unsaid() {
		return nil
	}
	alone := period.Subtract([]period.Period{p}, r.Facility.within(r.Rules.Buddy).Open(p))
	if len(alone) == 0 {
		return nil
	}
	zone := r.Zone(alone[0].Start)
	return CodeBuddyMissing.Say(
		"%s: ingen får arbeta ensam från %s. Ange en deltagare till, med namn och e-postadress.",
		"%s: nobody may work alone from %s. Name one more attendee, with name and e-mail address.",
		localised(r.Name), moment(alone[0].Start.In(zone))).With("resource", r.ID).With("from", shownTime(alone[0].Start, zone))
}

func buddySays(r Rules) text.Text {
	if r.Buddy.unsaid() {
		return text.Text{}
	}
	return text.New("Minst två på plats, utom %s", "At least two there, except %s", localised(r.Buddy.words()))
}
