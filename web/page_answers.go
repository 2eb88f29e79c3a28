package web

import (
	"slices"
	"time"

	"rigg/access"
	"rigg/booking"
	"rigg/internal/id"
)

// proposalView is a change of a booking that awaits an answer.
type proposalView struct {
	By, Reason string
	Resource   string // empty: the same
	Start, End time.Time
	Minutes    int
	Expires    time.Time
	Awaits     string // whose answer comes
	Lead       string // key proposal.LEAD: what the reader can do about it
	Actions    bookingActions
}

// approvalView is an answer that a booking needs.
type approvalView struct {
	Side string // key side.SIDE
	By   string // empty: awaited
	At   time.Time
}

// awaits names the sides whose answers a booking waits for first: "anläggningen
// och projektledaren". Empty: none.
func (v *visit) awaits(b *booking.Booking) (out string) {
	sides := b.Awaited()
	if b.Proposal != nil {
		sides = b.Proposal.Awaited()
	}
	for i, side := range sides {
		if i > 0 {
			out += v.say("awaits.and")
		}
		out += side.Name().In(v.lang)
	}
	return out
}

func (v *visit) approvals(b *booking.Booking, names map[id.Person]access.Person) (out []approvalView) {
	zone := v.facts.ZoneOf(b)
	for _, a := range b.Approvals {
		line := approvalView{Side: string(a.Side)}
		if a.Given() {
			line.By, line.At = names[a.By].Name, a.At.In(zone)
		}
		out = append(out, line)
	}
	return out
}

func (v *visit) proposal(b *booking.Booking, names map[id.Person]access.Person) *proposalView {
	p := b.Proposal
	if p == nil {
		return nil
	}
	zone := v.facts.ZoneOf(b)
	out := &proposalView{
		By: names[p.By].Name, Reason: p.Reason, Start: p.Period.Start.In(zone), End: p.Period.End.In(zone),
		Minutes: int(p.Period.Minutes()), Expires: p.Expires.In(zone), Awaits: v.awaits(b), Lead: "waits",
		Actions: bookingActions{Ref: string(b.Ref), Version: b.Version},
	}
	if !slices.Equal(p.Resources, b.Resources) {
		out.Resource = v.resourceNames(&booking.Booking{Resources: p.Resources})
	}
	path := "/bookings/" + string(b.Ref) + "/"
	answers := v.facts.Answers(v.who, b)
	if slices.Contains(answers, booking.ByBooker) {
		out.Lead = "answer"
		out.Actions.Actions = append(out.Actions.Actions, action{Name: "accept", Path: path + "accept", Kind: "primary", Icon: "check"})
	}
	declines := b.State == booking.Confirmed && v.decides(b) // with a reason, as a request
	if v.allowed(access.ChangeBooking, v.facts.ObjectOf(b)) && !declines {
		out.Actions.Actions = append(out.Actions.Actions, action{Name: "reject", Path: path + "reject", Icon: "x", Reason: "optional"})
	}
	return out
}

// decides tells whether the visitor's approval is what a booking, or the move that
// is asked of it, waits for.
func (v *visit) decides(b *booking.Booking) bool {
	answers := v.facts.Answers(v.who, b)
	return slices.Contains(answers, booking.ByManager) || slices.Contains(answers, booking.ByLead)
}

// mayDecline tells whether the visitor may turn the request down, or the move.
func (v *visit) mayDecline(b *booking.Booking) bool {
	return v.decides(b) || b.State == booking.Requested && v.allowed(access.DecideBooking, v.facts.ObjectOf(b))
}

// moreActions are what leads to a form of its own.
type moreActions struct {
	Ref      string
	Version  int
	Links    []link
	HandOver bool
}

func (v *visit) moreActions(b *booking.Booking) *moreActions {
	o := v.facts.ObjectOf(b)
	out := &moreActions{Ref: string(b.Ref), Version: b.Version}
	begun, ended := !v.now.Before(b.Period.Start), !v.now.Before(b.Period.End)
	open := b.State == booking.Requested || b.State == booking.Confirmed
	path := "/bookings/" + out.Ref + "/"
	switch {
	case !v.allowed(access.ChangeBooking, o):
	case open && !begun:
		out.Links = append(out.Links, link{Text: v.say("change.move.link"), Path: path + wayMove})
	case (b.State == booking.InUse || b.State == booking.Confirmed) && !ended:
		out.Links = append(out.Links, link{Text: v.say("change.early.link"), Path: path + wayMove})
	}
	if open && !begun && b.Person != v.who.ID && v.allowed(access.DecideBooking, o) {
		out.Links = append(out.Links, link{Text: v.say("change.propose.link"), Path: path + wayPropose})
	}
	out.HandOver = v.allowed(access.ChangeBooking, o) && (open || b.State == booking.Displaced) && !ended
	if len(out.Links) == 0 && !out.HandOver {
		return nil
	}
	return out
}
