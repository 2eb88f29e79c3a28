// Package booking is the heart of Rigg: it requests, decides, moves and ends
// bookings, each change in one transaction with its allocations, money, history
// and jobs. It must never send anything itself, and never tell anybody who holds
// a time that is taken.
package booking

import (
	"slices"
	"time"

	"rigg/funding"
	"rigg/internal/id"
	"rigg/internal/period"
	"rigg/internal/text"
)

// State is where a booking is in its life (DESIGN.md 5).
type State string

// The states.
const (
	Requested State = "requested"
	Confirmed State = "confirmed"
	Declined  State = "declined"
	Cancelled State = "cancelled"
	Expired   State = "expired"
	InUse     State = "in_use"
	Completed State = "completed"
	NoShow    State = "no_show"
	Displaced State = "displaced"
)

// arrows are all the ways from one state to another. A change that keeps the
// state (a move, a question) is not an arrow.
var arrows = map[State][]State{
	Requested: {Confirmed, Declined, Cancelled, Expired},
	Confirmed: {InUse, Completed, Cancelled, NoShow, Displaced},
	InUse:     {Completed},
	Displaced: {Confirmed, Cancelled},
}

// names are the states as people read them.
var names = map[State]text.Text{
	Requested: {SV: "Förfrågan", EN: "Requested"},
	Confirmed: {SV: "Bekräftad", EN: "Confirmed"},
	Declined:  {SV: "Avböjd", EN: "Declined"},
	Cancelled: {SV: "Avbokad", EN: "Cancelled"},
	Expired:   {SV: "Förfallen", EN: "Expired"},
	InUse:     {SV: "Pågår", EN: "In use"},
	Completed: {SV: "Avslutad", EN: "Completed"},
	NoShow:    {SV: "Utebliven", EN: "No-show"},
	Displaced: {SV: "Undanträngd", EN: "Displaced"},
}

// May tells whether the arrow from s to the other state exists.
func (s State) May(to State) bool { return slices.Contains(arrows[s], to) }

// Name is the state as people read it.
func (s State) Name() text.Text { return names[s] }

// Open tells whether something can still happen to a booking in this state.
func (s State) Open() bool { return len(arrows[s]) > 0 }

// Booking is a use of one or more resources for a period, on a project.
type Booking struct {
	ID        id.Booking
	Ref       id.Ref
	Version   int // rises with every change; the SEQUENCE in calendars
	State     State
	Series    id.Ref // that it is an occurrence of; empty: none
	Project   id.Project
	Agreement id.Agreement
	Person    id.Person     // the booker
	CreatedBy id.Person     // somebody else, where it was booked on their behalf
	Enquiry   id.Ref        // that it came out of; empty: none
	Resources []id.Resource // those chosen first, then what came along
	Along     []id.Resource // the resources that came along
	Buffers   []Buffer      // of each resource, in their order
	Units     []id.Unit
	Period    period.Period // without buffers
	// Provisional are the units that may still be exchanged for others of their
	// pool: until somebody checks in, a manager pins them, or the time begins.
	Provisional []id.Unit
	Purpose     string
	Question    string // a manager's, not yet answered
	Attendees   []Attendee
	CheckedIn   time.Time // zero: not yet
	CheckedOut  time.Time
	Created     time.Time
	Changed     time.Time
	Cost        *funding.Cost
	History     []Event
	Approvals   []Approval // that it needs, given or not; none: it was confirmed at once
	Proposal    *Proposal  // a change of it that awaits an answer; nil: none

	BookedUntil  time.Time // its end before it was ended early while in use; zero: it was not
	ReconfirmAsk time.Time // when its booker is asked whether the time is needed; zero: never
	ReconfirmBy  time.Time // when it is released without an answer
}

// Chosen are the resources that the booker asked for.
func (b *Booking) Chosen() []id.Resource { return b.Resources[:len(b.Resources)-len(b.Along)] }

// Buffer is the set-up and clean-up time around a booking of one resource.
type Buffer struct {
	SetUp, CleanUp time.Duration
}

// SetUp is the longest set-up time of the booking's resources.
func (b *Booking) SetUp() (longest time.Duration) {
	for _, x := range b.Buffers {
		longest = max(longest, x.SetUp)
	}
	return longest
}

// CleanUp is the longest clean-up time of the booking's resources.
func (b *Booking) CleanUp() (longest time.Duration) {
	for _, x := range b.Buffers {
		longest = max(longest, x.CleanUp)
	}
	return longest
}

// Attendee is somebody who comes along; Email may be empty.
type Attendee struct {
	Name  string
	Email string
}

// Event is one row of a booking's history. It holds ids, not names, so that a
// person can be erased while the record stands.
type Event struct {
	Version int
	At      time.Time
	By      id.Person // 0: the program itself
	Action  Action
	From    State // empty: the booking was made
	To      State
	Reason  string
	Details map[string]any
}

// Action is what was done to a booking.
type Action string

// The actions, as history and audit name them.
const (
	ActRequest  Action = "request"
	ActApprove  Action = "approve"
	ActDecline  Action = "decline"
	ActAsk      Action = "ask"
	ActAnswer   Action = "answer"
	ActCancel   Action = "cancel"
	ActMove     Action = "move"
	ActEdit     Action = "edit"
	ActExpire   Action = "expire"
	ActCheckIn  Action = "check-in"
	ActCheckOut Action = "check-out"
	ActNoShow   Action = "no-show"
	ActComplete Action = "complete"
	ActPin      Action = "pin"
	ActDisplace Action = "displace"
	ActRestore  Action = "restore"

	ActPropose     Action = "propose"      // a manager, another time or resource
	ActAskMove     Action = "ask-move"     // who may change it, beyond what was approved
	ActAccept      Action = "accept"       // the booker, what a manager proposed
	ActApproveMove Action = "approve-move" // a manager or the lead, what was asked
	ActReject      Action = "reject"       // either, a proposed change
	ActLapse       Action = "lapse"        // of a proposed change, unanswered
	ActReconfirm   Action = "reconfirm"
	ActRelease     Action = "release" // not reconfirmed
	ActHandOver    Action = "hand-over"
	ActLog         Action = "log"
	ActCorrect     Action = "correct"
)

// actionNames are the actions as the history shows them.
var actionNames = map[Action]text.Text{
	ActRequest:  {SV: "Begärd", EN: "Requested"},
	ActApprove:  {SV: "Godkänd", EN: "Approved"},
	ActDecline:  {SV: "Avböjd", EN: "Declined"},
	ActAsk:      {SV: "Fråga ställd", EN: "Question asked"},
	ActAnswer:   {SV: "Fråga besvarad", EN: "Question answered"},
	ActCancel:   {SV: "Avbokad", EN: "Cancelled"},
	ActMove:     {SV: "Flyttad", EN: "Moved"},
	ActEdit:     {SV: "Ändrad", EN: "Changed"},
	ActExpire:   {SV: "Förfallen utan beslut", EN: "Expired without a decision"},
	ActCheckIn:  {SV: "Incheckad", EN: "Checked in"},
	ActCheckOut: {SV: "Utcheckad", EN: "Checked out"},
	ActNoShow:   {SV: "Markerad som utebliven", EN: "Marked as a no-show"},
	ActComplete: {SV: "Avslutad", EN: "Completed"},
	ActPin:      {SV: "Utrustning bestämd", EN: "Equipment settled"},
	ActDisplace: {SV: "Undanträngd av ett driftstopp", EN: "Displaced by an outage"},
	ActRestore:  {SV: "Tillbaka på sin tid", EN: "Back at its time"},

	ActPropose:     {SV: "Ändring föreslagen", EN: "Change proposed"},
	ActAskMove:     {SV: "Flytt begärd", EN: "Move asked for"},
	ActAccept:      {SV: "Ändring godtagen", EN: "Change accepted"},
	ActApproveMove: {SV: "Flytt godkänd", EN: "Move approved"},
	ActReject:      {SV: "Ändring avböjd", EN: "Change turned down"},
	ActLapse:       {SV: "Ändringsförslag förfallet", EN: "Proposed change expired"},
	ActReconfirm:   {SV: "Bekräftad på nytt", EN: "Reconfirmed"},
	ActRelease:     {SV: "Släppt utan bekräftelse", EN: "Released without confirmation"},
	ActHandOver:    {SV: "Överlåten", EN: "Handed over"},
	ActLog:         {SV: "Körningen beskriven", EN: "Run described"},
	ActCorrect:     {SV: "Rättad", EN: "Corrected"},
}

// Name is the action as the history shows it.
func (a Action) Name() text.Text { return actionNames[a] }

// UsedPeriod is the time between check-in and check-out in whole minutes; the
// booked time where nobody checked in (FUNDING.md, arithmetic 6). Who checks in
// early is setting up, and a buffer is not use.
func (b *Booking) UsedPeriod(end time.Time) period.Period {
	if b.CheckedIn.IsZero() {
		return b.Period
	}
	start, end := b.CheckedIn.Truncate(time.Minute), end.Truncate(time.Minute)
	if start.Before(b.Period.Start) {
		start = b.Period.Start
	}
	if end.Before(start) {
		end = start
	}
	return period.New(start, end)
}

// Blocked is the booked time with its buffers.
func (b *Booking) Blocked() period.Period { return b.Period.Widen(b.SetUp(), b.CleanUp()) }

// UID is the booking's name in calendars, the same in every feed and invitation
// for its whole life. Its right-hand side is fixed: an address of this program
// would give every booking a new UID, and every reader a double, when it moves.
func (b *Booking) UID() string { return string(b.Ref) + "@rigg" }
