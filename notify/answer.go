package notify

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"rigg/access"
	"rigg/booking"
	"rigg/internal/database"
	"rigg/internal/id"
	"rigg/internal/period"
	"rigg/internal/problem"
	"rigg/internal/text"
)

// Proposed tells the booker of another time or resource, with the managers' reason.
func (s *Service) Proposed(ctx context.Context, j booking.JobProposed) error {
	return s.announce(ctx, j.Happened, Proposed)
}

// MoveAsked tells those whose approval a move waits for.
func (s *Service) MoveAsked(ctx context.Context, j booking.JobMoveAsked) error {
	return s.announce(ctx, j.Happened, MoveAsked)
}

// Accepted tells the managers that the booker took what they proposed, and the
// booker how to get there; the project's leads, if they have to approve it too.
func (s *Service) Accepted(ctx context.Context, j booking.JobAccepted) error {
	return s.announce(ctx, j.Happened, Accepted, Confirmed, LeadRequested)
}

// MoveApproved tells the booker, and the other managers.
func (s *Service) MoveApproved(ctx context.Context, j booking.JobMoveApproved) error {
	return s.announce(ctx, j.Happened, MoveApproved, MovedNotice)
}

// Rejected tells those who did not turn the change down themselves.
func (s *Service) Rejected(ctx context.Context, j booking.JobRejected) error {
	return s.announce(ctx, j.Happened, ChangeRejected, ChangeRejectedNotice)
}

// Lapsed tells both sides that nobody answered a proposed change.
func (s *Service) Lapsed(ctx context.Context, j booking.JobLapsed) error {
	return s.announce(ctx, j.Happened, ChangeLapsed, ChangeLapsedNotice)
}

// HandedOver tells the new booker and the one before.
func (s *Service) HandedOver(ctx context.Context, j booking.JobHandedOver) error {
	return s.announce(ctx, j.Happened, HandedOver, HandedOverFrom)
}

// Reconfirm asks the booker whether the time is needed. It says nothing when the
// question has been answered, was put off by a move, or is too late.
func (s *Service) Reconfirm(ctx context.Context, j booking.JobReconfirm) error {
	n, err := s.news(ctx, j.Booking, 0)
	if err != nil {
		return err
	}
	if !n.ReconfirmBy.Equal(j.By) {
		return nil
	}
	return s.tell(ctx, n, func(Kind) string { return reconfirmKey(j) }, Reconfirm)
}

func reconfirmKey(j booking.JobReconfirm) string {
	return fmt.Sprintf("%s/%d/%d", Reconfirm, j.Booking, j.By.Unix())
}

func escalatedKey(e booking.Escalation) string {
	return fmt.Sprintf("%s/%d/%d", Escalated, e.Booking, e.Waited.Unix())
}

// sweepAnswers asks what a lost job did not, and passes on, once, the requests
// that the facility's managers leave unanswered.
func (s *Service) sweepAnswers(ctx context.Context) error {
	asked, err := s.booking.ListReconfirm(ctx)
	if err != nil {
		return err
	}
	late, err := s.booking.ListEscalations(ctx)
	if err != nil {
		return err
	}
	keys := map[string]id.Booking{}
	for _, j := range asked {
		keys[reconfirmKey(j)] = j.Booking
	}
	for _, e := range late {
		keys[escalatedKey(e)] = e.Booking
	}
	err = s.db.View(ctx, func(tx *database.Tx) error { return dropWritten(tx, keys) })
	if err != nil {
		return err
	}
	var failed []error
	for _, j := range asked {
		if _, untold := keys[reconfirmKey(j)]; untold {
			failed = append(failed, s.Reconfirm(ctx, j))
		}
	}
	for _, e := range late {
		if _, untold := keys[escalatedKey(e)]; untold {
			failed = append(failed, s.escalate(ctx, e))
		}
	}
	return errors.Join(failed...)
}

func (s *Service) escalate(ctx context.Context, e booking.Escalation) error {
	n, err := s.news(ctx, e.Booking, 0)
	if err != nil {
		return err
	}
	return s.tell(ctx, n, func(Kind) string { return escalatedKey(e) }, Escalated)
}

// StandIn tells somebody for whom and when they stand in.
func (s *Service) StandIn(ctx context.Context, j access.Delegated) error {
	err := s.db.Update(ctx, func(tx *database.Tx) error {
		d, err := access.FindDelegation(tx, j.Delegation)
		if err != nil {
			return err
		}
		said, err := s.templates.render(s.standInLetter(d))
		if err != nil {
			return err
		}
		return put(tx, messageRow{
			Key: fmt.Sprintf("%s/%d", StandIn, j.Delegation), Kind: StandIn, PersonID: d.To.ID, Address: d.To.Email,
			Language: d.To.Language, Subject: said.Subject, Body: said.Text, BodyHTML: said.HTML,
		}, 0)
	})
	if problem.Has(err, problem.CodeNotFound) {
		return nil // it was ended before anybody was told
	}
	return err
}

func (s *Service) standInLetter(d access.Delegation) letter {
	l := letter{
		Kind: StandIn, Lang: d.To.Language, Link: s.baseURL + "/absence",
		Words: words{
			Name: oneLine(d.To.Name), By: oneLine(d.From.Name),
			Starts: dayMoment(d.First).In(d.To.Language), Until: dayMoment(d.Last).In(d.To.Language),
		},
	}
	l.add(text.New("Meddelande", "Message"), oneLine(d.Reason))
	return l
}

// answered tells whether a kind of message about an answer would still be of use.
// known is false for the other kinds.
func (n *news) answered(k Kind) (useful, known bool) {
	awaits := n.Awaited()
	switch k {
	case Requested, Escalated:
		return slices.Contains(awaits, booking.ByManager), true
	case LeadRequested:
		return slices.Contains(awaits, booking.ByLead), true
	case Proposed:
		return n.Proposal != nil && slices.Contains(awaits, booking.ByBooker), true
	case MoveAsked:
		return n.Proposal != nil && (slices.Contains(awaits, booking.ByManager) || slices.Contains(awaits, booking.ByLead)), true
	default:
		return true, false
	}
}

// audience gives the people of a group that a kind of message goes to.
func (n *news) audience(tx *database.Tx, to audience) ([]id.Person, error) {
	o := n.facts.ObjectOf(n.Booking)
	admins := access.Grant{Role: access.Admin}
	switch to {
	case managers:
		return n.managers(tx)
	case leads:
		return holders(tx, admins, access.Grant{Role: access.ProjectLead, Scope: string(o.Project)})
	case hosts:
		return holders(tx, admins, access.Grant{Role: access.HostManager, Scope: string(o.Site)})
	case former:
		return []id.Person{n.event.HandedOver()}, nil
	case answerers:
		var out []id.Person
		for side, group := range map[booking.Side]audience{booking.ByManager: managers, booking.ByLead: leads} {
			if slices.Contains(n.Awaited(), side) {
				people, err := n.audience(tx, group)
				if err != nil {
					return nil, err
				}
				out = append(out, people...)
			}
		}
		slices.Sort(out)
		return slices.Compact(out), nil
	default:
		return []id.Person{n.Person}, nil
	}
}

// holders are the people who hold one of the grants now, or stand in for one who
// does; where there are none, those of the last resort, so that nothing waits for
// nobody.
func holders(tx *database.Tx, last access.Grant, grants ...access.Grant) (out []id.Person, err error) {
	for _, g := range append(grants, last) {
		if g == last && len(out) > 0 {
			break
		}
		people, err := access.HoldersNow(tx, g.Role, g.Scope)
		if err != nil {
			return nil, err
		}
		for _, p := range people {
			out = append(out, p.ID)
		}
	}
	slices.Sort(out)
	return slices.Compact(out), nil
}

// change is what a proposed change would make of the booking, from its history.
func (n *news) change(lang text.Lang) string {
	switch n.event.Action {
	case booking.ActPropose, booking.ActAskMove, booking.ActReject, booking.ActLapse:
		return n.told(lang)
	default:
		return ""
	}
}

// until is when an answer that is awaited must be there.
func (n *news) until(lang text.Lang) string {
	zone := n.facts.ZoneOf(n.Booking)
	switch {
	case n.Proposal != nil:
		return moment(n.Proposal.Expires.In(zone)).In(lang)
	case !n.ReconfirmBy.IsZero():
		return moment(n.ReconfirmBy.In(zone)).In(lang)
	}
	return ""
}

// deciders names those whose approval a request waits for.
func (n *news) deciders(lang text.Lang) string {
	and, out := text.New(" och ", " and ").In(lang), ""
	for _, side := range n.Awaited() {
		if side == booking.ByBooker {
			continue
		}
		if out != "" {
			out += and
		}
		out += side.Name().In(lang)
	}
	return out
}

// dayMoment is a day for a reader: "måndag 2 mars 2026".
type dayMoment period.Date

// In writes the day in the language.
func (d dayMoment) In(lang text.Lang) string {
	t := period.Date(d).UTC()
	if lang == text.EN {
		return t.Format("Monday 2 January 2006")
	}
	return fmt.Sprintf("%s %d %s %d", weekdaysSV[t.Weekday()], t.Day(), monthsSV[t.Month()-1], t.Year())
}
