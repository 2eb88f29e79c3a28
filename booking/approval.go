package booking

import (
	"slices"
	"time"

	"rigg/access"
	"rigg/internal/id"
	"rigg/internal/money"
	"rigg/internal/period"
	"rigg/internal/problem"
	"rigg/internal/text"
)

// The codes of answers that do not do.
var (
	// CodeNotAwaited refuses an answer that nobody waits for: it is given already, or
	// it is another's to give.
	CodeNotAwaited = problem.Declare(problem.Conflict, "not-awaited",
		"Ditt svar inväntas inte", "Your answer is not awaited")
	// CodeNeedsMore refuses a change that came to need more approvals than it was
	// proposed with: the price or a policy has changed since.
	CodeNeedsMore = problem.Declare(problem.Conflict, "needs-more",
		"Fler måste godkänna ändringen", "More people must approve the change")
)

// Side is who gives an answer that a booking waits for.
type Side string

// The sides.
const (
	ByBooker  Side = "booker"  // or the project's lead, for the project
	ByManager Side = "manager" // the facility's
	ByLead    Side = "lead"    // the project's, above its limit
)

// sideNames are the sides as people read them.
var sideNames = map[Side]text.Text{
	ByBooker:  {SV: "bokaren", EN: "the booker"},
	ByManager: {SV: "anläggningen", EN: "the facility"},
	ByLead:    {SV: "projektledaren", EN: "the project's lead"},
}

// Name is the side as it stands within a sentence.
func (s Side) Name() text.Text { return sideNames[s] }

// Approval is an answer that a booking, or a proposed change of it, needs.
type Approval struct {
	Side     Side
	By       id.Person // 0: awaited
	At       time.Time
	Approved Approved // what was
}

// Given tells whether somebody has given it.
func (a Approval) Given() bool { return a.By != 0 }

// Approved is what an approval was given for.
type Approved struct {
	Resources []id.Resource
	Period    period.Period
	Cost      money.Ore
}

// covers tells whether a plan lies within what was approved: no other resource,
// no other local day, no longer and no dearer. Then it need not be approved again.
func (a Approved) covers(p *plan) bool {
	within := func(r id.Resource) bool { return slices.Contains(a.Resources, r) }
	if slices.ContainsFunc(p.Resources, func(r id.Resource) bool { return !within(r) }) {
		return false
	}
	first, last := localDays(a.Period, p.zone)
	from, to := localDays(p.Period, p.zone)
	return !from.Before(first) && !last.Before(to) &&
		p.Period.Minutes() <= a.Period.Minutes() && p.cost.Total <= a.Cost
}

func localDays(p period.Period, zone *time.Location) (first, last period.Date) {
	return period.DateOf(p.Start, zone), period.DateOf(p.End.Add(-time.Minute), zone)
}

// asks are those whose approval a plan needs. A plan that gets here is by a
// qualified person, so auto_if only looks at the cost (DESIGN.md 5); a booking of
// several resources is confirmed at once if each of them is.
func (p *plan) asks() (out []Side) {
	if p.cost == nil || p.project == nil {
		return nil
	}
	for _, r := range p.resources {
		if !r.ConfirmsAtOnce(p.cost.Total) && len(out) == 0 {
			out = append(out, ByManager)
		}
	}
	if limit := p.project.LeadAbove; limit != nil && p.cost.Total > *limit {
		out = append(out, ByLead)
	}
	return out
}

func (p *plan) approved() Approved {
	return Approved{Resources: p.Resources, Period: p.Period, Cost: p.cost.Total}
}

// approvals are what a new booking needs: a lead's own is given by booking it.
func (p *plan) approvals(now time.Time, by, booker *access.Principal) (out []Approval) {
	for _, side := range p.asks() {
		a := Approval{Side: side}
		for _, person := range []*access.Principal{by, booker} {
			if side == ByLead && !a.Given() && person.Has(access.ProjectLead, string(p.Project)) {
				a = Approval{Side: side, By: person.ID, At: now, Approved: p.approved()}
			}
		}
		out = append(out, a)
	}
	return out
}

// settle gives the approvals that a moved booking needs: those that the answers
// to the change or the mover's own rights give, those that it had and that cover
// the change, and those that are awaited. Who moves a request does not approve it
// by that, unless as the lead who would have been asked.
func (s *step) settle(p *plan, answers []Approval) (out []Approval) {
	if s.old.State == Displaced {
		return s.Approvals // an outage moved it, and everything had been approved
	}
	for _, side := range p.asks() {
		a := Approval{Side: side}
		was, had := approvalOf(s.Approvals, side)
		answer, _ := approvalOf(answers, side)
		switch {
		case answer.Given():
			a = Approval{Side: side, By: answer.By, At: answer.At, Approved: p.approved()}
		case had && was.Given() && was.Approved.covers(p):
			a = was
		case (s.old.State == Confirmed || side == ByLead) && s.gives(side):
			a = Approval{Side: side, By: s.actor(), At: s.tx.Now, Approved: p.approved()}
		}
		out = append(out, a)
	}
	return out
}

func approvalOf(list []Approval, side Side) (Approval, bool) {
	at := slices.IndexFunc(list, func(a Approval) bool { return a.Side == side })
	if at < 0 {
		return Approval{}, false
	}
	return list[at], true
}

// awaited are the sides of those that nobody has given.
func awaited(list []Approval) (out []Side) {
	for _, a := range list {
		if !a.Given() {
			out = append(out, a.Side)
		}
	}
	return out
}

// Awaited are the sides whose answers the booking waits for now: to a proposed
// change of it, to a question, to the request itself.
func (b *Booking) Awaited() (out []Side) {
	var all []Side
	if b.Proposal != nil {
		all = awaited(b.Proposal.Approvals)
	}
	if b.State == Requested {
		all = append(all, awaited(b.Approvals)...)
		if b.Question != "" {
			all = append(all, ByBooker)
		}
	}
	for _, side := range []Side{ByBooker, ByManager, ByLead} {
		if slices.Contains(all, side) {
			out = append(out, side)
		}
	}
	return out
}

// Awaited are the sides that have not answered the proposal.
func (p *Proposal) Awaited() []Side { return awaited(p.Approvals) }

// Answers are those of the awaited answers that the principal may give.
func (f *Facts) Answers(p *access.Principal, b *Booking) (out []Side) {
	o := f.ObjectOf(b)
	for _, side := range b.Awaited() {
		if access.Allowed(p, sideActions[side], o) {
			out = append(out, side)
		}
	}
	return out
}

// sideActions is who may answer for a side.
var sideActions = map[Side]access.Action{
	ByBooker: access.AcceptChange, ByManager: access.DecideBooking, ByLead: access.ApproveForProject,
}

// gives tells whether who acts may answer for a side.
func (s *step) gives(side Side) bool {
	return access.Allowed(s.by, sideActions[side], s.facts.ObjectOf(s.Booking))
}

// mayDecide lets the facility's managers through, and the project's lead where
// the booking or the change of it needs the lead's approval.
func (s *step) mayDecide() error {
	needed := s.Approvals
	if s.Proposal != nil {
		needed = slices.Concat(needed, s.Proposal.Approvals)
	}
	_, asked := approvalOf(needed, ByLead)
	if s.gives(ByManager) || asked && s.gives(ByLead) {
		return nil
	}
	return forbidden()
}

// give gives those of the awaited approvals that who acts may give; not-awaited
// where there are none.
func (s *step) give(list []Approval, what Approved, sides ...Side) (given []Approval, err error) {
	given = slices.Clone(list)
	some := false
	for i, a := range given {
		if slices.Contains(sides, a.Side) && !a.Given() && s.gives(a.Side) {
			given[i] = Approval{Side: a.Side, By: s.actor(), At: s.tx.Now, Approved: what}
			some = true
		}
	}
	if some {
		return given, nil
	}
	return nil, s.notAwaited()
}

func (s *step) notAwaited() error {
	var sv, en string
	for i, side := range s.Awaited() {
		if i > 0 {
			sv, en = sv+" och ", en+" and "
		}
		sv, en = sv+side.Name().SV, en+side.Name().EN
	}
	if sv == "" {
		return CodeNotAwaited.Say("Bokningen väntar inte på något svar.", "The booking waits for no answer.").With("awaits", s.Awaited())
	}
	return CodeNotAwaited.Say("Svaret inväntas från %s. Ditt svar är redan lämnat, eller behövs inte.",
		"The answer is awaited from %s. Yours is given already, or is not needed.", text.Text{SV: sv, EN: en}).
		With("awaits", s.Awaited())
}

func needsMore(side Side) error {
	return CodeNeedsMore.Say("Ändringen behöver nu även godkännas av %s. Avböj förslaget och gör ett nytt.",
		"The change now needs the approval of %s too. Turn the proposal down and make a new one.", side.Name()).With("awaits", side)
}

// asBooked is what an approval of the booking as it stands is for.
func (b *Booking) asBooked() Approved {
	return Approved{Resources: b.Resources, Period: b.Period, Cost: b.Cost.Total}
}
