package notify

import (
	"maps"

	"rigg/booking"
	"rigg/internal/text"
)

// The kinds of message about answers that somebody waits for, and about time that
// is given back or handed over.
const (
	LeadRequested        Kind = "lead_requested"         // to the project's leads: a costly request waits for them too
	Escalated            Kind = "escalated"              // to the host's managers: nobody at the facility has answered
	Proposed             Kind = "proposed"               // to the booker: another time or resource
	Accepted             Kind = "accepted"               // to the managers
	MoveAsked            Kind = "move_asked"             // to whom it waits for
	MoveApproved         Kind = "move_approved"          // to the booker
	ChangeRejected       Kind = "change_rejected"        // to the booker, when somebody else did it
	ChangeRejectedNotice Kind = "change_rejected_notice" // to the managers
	ChangeLapsed         Kind = "change_lapsed"          // to the booker
	ChangeLapsedNotice   Kind = "change_lapsed_notice"   // to the managers
	Reconfirm            Kind = "reconfirm"              // to the booker: is the time needed?
	Released             Kind = "released"               // to the booker: nobody said so
	ReleasedNotice       Kind = "released_notice"        // to the managers
	HandedOver           Kind = "handed_over"            // to the new booker
	HandedOverFrom       Kind = "handed_over_from"       // to the one before
	StandIn              Kind = "stand_in"               // to whoever stands in for somebody
)

const (
	leads     audience = iota + 100 // the project's
	answerers                       // whose answer is awaited
	hosts                           // the site's managers
	former                          // who had the booking before
)

var (
	undecided = []booking.State{booking.Requested, booking.Confirmed}
	alive     = []booking.State{booking.Requested, booking.Confirmed, booking.InUse}
	confirmed = []booking.State{booking.Confirmed}
	cancelled = []booking.State{booking.Cancelled}
)

var answerRules = map[Kind]rule{
	LeadRequested: {name: text.Text{SV: "Förfrågan till projektledaren", EN: "Request to the project's lead"}, to: leads, states: waiting, cost: true},
	Escalated:     {name: text.Text{SV: "Obesvarad förfrågan", EN: "Unanswered request"}, to: hosts, states: waiting},
	Proposed:      {name: text.Text{SV: "Förslag till ändring", EN: "Proposed change"}, states: undecided},
	Accepted:      {name: text.Text{SV: "Ändring godtagen", EN: "Change accepted"}, to: managers, others: true, states: alive},
	MoveAsked:     {name: text.Text{SV: "Flytt att godkänna", EN: "Move to approve"}, to: answerers, others: true, states: confirmed},
	MoveApproved:  {name: text.Text{SV: "Flytt godkänd", EN: "Move approved"}, others: true, states: alive, cost: true, enter: true},
	ChangeRejected: {name: text.Text{SV: "Ändring avböjd", EN: "Change turned down"},
		others: true, states: alive},
	ChangeRejectedNotice: {name: text.Text{SV: "Ändring avböjd", EN: "Change turned down"}, to: managers, others: true, states: alive},
	ChangeLapsed:         {name: text.Text{SV: "Ändringsförslag förfallet", EN: "Proposed change expired"}, states: alive},
	ChangeLapsedNotice:   {name: text.Text{SV: "Ändringsförslag förfallet", EN: "Proposed change expired"}, to: managers, states: alive},
	Reconfirm:            {name: text.Text{SV: "Bekräfta att tiden behövs", EN: "Confirm that the time is needed"}, states: confirmed},
	Released:             {name: text.Text{SV: "Bokning släppt", EN: "Booking released"}, states: cancelled},
	ReleasedNotice:       {name: text.Text{SV: "Bokning släppt", EN: "Booking released"}, to: managers, states: cancelled},
	HandedOver:           {name: text.Text{SV: "Bokning överlåten till dig", EN: "Booking handed over to you"}, states: alive, cost: true, enter: true},
	HandedOverFrom:       {name: text.Text{SV: "Bokning överlåten", EN: "Booking handed over"}, to: former, states: alive},
	StandIn:              {name: text.Text{SV: "Du är ersättare", EN: "You stand in for somebody"}},
}

// with joins tables of kinds.
func with(tables ...map[Kind]rule) map[Kind]rule {
	out := map[Kind]rule{}
	for _, t := range tables {
		maps.Copy(out, t)
	}
	return out
}
