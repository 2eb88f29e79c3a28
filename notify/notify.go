// Package notify tells people what happened: each message is a row in the outbox
// first, written once however often its job runs, and is then sent by mail where
// a server is configured. It must never tell anybody what access would not show
// them on a page, and must never log an address or a secret.
package notify

import (
	"fmt"
	"log/slog"

	"rigg/booking"
	"rigg/internal/config"
	"rigg/internal/database"
	"rigg/internal/id"
	"rigg/internal/text"
)

// Service writes and sends messages. Its methods are safe for concurrent use, in
// any number of instances on one database.
type Service struct {
	db        *database.DB
	booking   *booking.Service
	mail      config.Mail
	baseURL   string
	log       *slog.Logger
	templates *templates
}

// New makes the service; every template is read now, not when it is needed.
// baseURL is how people reach the program, without a slash at the end.
func New(db *database.DB, bookings *booking.Service, mail config.Mail, baseURL string, log *slog.Logger) (*Service, error) {
	t, err := loadTemplates()
	if err != nil {
		return nil, fmt.Errorf("message templates: %w", err)
	}
	return &Service{db: db, booking: bookings, mail: mail, baseURL: baseURL, log: log, templates: t}, nil
}

// Sends tells whether a mail server is configured; without one every message
// stays in the outbox.
func (s *Service) Sends() bool { return s.mail.Host != "" }

// Kind is what a message is about, and to whom: each has a template in either
// language.
type Kind string

// The kinds of message.
const (
	Received         Kind = "received"          // to the booker: the request waits for a decision
	Requested        Kind = "requested"         // to the managers: a request waits for them
	ApprovalReminder Kind = "approval_reminder" // to the managers: it still does
	Confirmed        Kind = "confirmed"         // to the booker
	Declined         Kind = "declined"          // to the booker
	Asked            Kind = "asked"             // to the booker
	Answered         Kind = "answered"          // to the managers
	Moved            Kind = "moved"             // to the booker, when somebody else moved it
	MovedNotice      Kind = "moved_notice"      // to the managers
	Cancelled        Kind = "cancelled"         // to the booker, when somebody else cancelled it
	CancelledNotice  Kind = "cancelled_notice"  // to the managers, when it was confirmed
	Expired          Kind = "expired"           // to the booker

	Displaced          Kind = "displaced"           // to the booker: an outage has taken the time
	DisplacedReminder  Kind = "displaced_reminder"  // to the managers: it has not been moved yet
	Restored           Kind = "restored"            // to the booker: the time is theirs again
	AlternativeExpired Kind = "alternative_expired" // to the booker: nothing is held any more
	Offer              Kind = "offer"               // to who waits: a time is held for them
	OfferExpired       Kind = "offer_expired"       // to who waited: it no longer is
	WaitExpired        Kind = "wait_expired"        // to who waited: the time has passed

	NoShow    Kind = "no_show"   // to the booker
	Completed Kind = "completed" // to the booker, with what it cost
	Reminder  Kind = "reminder"  // to the booker
	SignIn    Kind = "sign_in"   // to whoever asked for a link
)

// audience is a group that a kind of message goes to.
type audience int

const (
	bookers audience = iota
	managers
)

// rule is what holds for a kind of message about a booking.
type rule struct {
	name   text.Text
	to     audience
	states []booking.State // in which it is still true
	others bool            // only for what somebody else did
	cost   bool            // tells the total
	shares bool            // tells each party's part
	enter  bool            // tells how to get there
}

var waiting = []booking.State{booking.Requested}

// rules has every kind.
var rules = map[Kind]rule{
	Received:         {name: text.Text{SV: "Förfrågan mottagen", EN: "Request received"}, states: waiting, cost: true},
	Requested:        {name: text.Text{SV: "Ny bokningsförfrågan", EN: "New booking request"}, to: managers, states: waiting},
	ApprovalReminder: {name: text.Text{SV: "Påminnelse om förfrågan", EN: "Reminder of a request"}, to: managers, states: waiting},
	Confirmed: {name: text.Text{SV: "Bokning bekräftad", EN: "Booking confirmed"},
		states: []booking.State{booking.Confirmed, booking.InUse}, cost: true, enter: true},
	Declined: {name: text.Text{SV: "Förfrågan avböjd", EN: "Request declined"}, states: []booking.State{booking.Declined}},
	Asked:    {name: text.Text{SV: "Fråga om förfrågan", EN: "Question about a request"}, states: waiting},
	Answered: {name: text.Text{SV: "Svar från bokaren", EN: "Answer from the booker"}, to: managers, others: true, states: waiting},
	Moved: {name: text.Text{SV: "Bokning flyttad", EN: "Booking moved"}, others: true,
		states: []booking.State{booking.Requested, booking.Confirmed, booking.InUse}, cost: true, enter: true},
	MovedNotice: {name: text.Text{SV: "Bokning flyttad", EN: "Booking moved"}, to: managers, others: true,
		states: []booking.State{booking.Requested, booking.Confirmed, booking.InUse}},
	Cancelled: {name: text.Text{SV: "Avbokning", EN: "Cancellation"}, others: true,
		states: []booking.State{booking.Cancelled}},
	CancelledNotice: {name: text.Text{SV: "Avbokning", EN: "Cancellation"}, to: managers, others: true,
		states: []booking.State{booking.Cancelled}},
	Expired: {name: text.Text{SV: "Förfrågan förfallen", EN: "Request expired"}, states: []booking.State{booking.Expired}},
	Displaced: {name: text.Text{SV: "Bokning undanträngd", EN: "Booking displaced"},
		states: []booking.State{booking.Displaced}},
	DisplacedReminder: {name: text.Text{SV: "Undanträngd bokning utan ny tid", EN: "Displaced booking without a new time"}, to: managers,
		states: []booking.State{booking.Displaced}},
	Restored: {name: text.Text{SV: "Bokning tillbaka på sin tid", EN: "Booking back at its time"},
		states: []booking.State{booking.Confirmed}, enter: true},
	AlternativeExpired: {name: text.Text{SV: "Alternativ tid släppt", EN: "Alternative time let go"},
		states: []booking.State{booking.Displaced}},
	Offer:        {name: text.Text{SV: "Erbjudande från väntelistan", EN: "Offer from the waiting list"}},
	OfferExpired: {name: text.Text{SV: "Erbjudande förfallet", EN: "Offer expired"}},
	WaitExpired:  {name: text.Text{SV: "Köplats förfallen", EN: "Place in line expired"}},
	NoShow:       {name: text.Text{SV: "Utebliven", EN: "No-show"}, states: []booking.State{booking.NoShow}},
	Completed: {name: text.Text{SV: "Bokning avslutad", EN: "Booking completed"},
		states: []booking.State{booking.Completed}, cost: true, shares: true},
	Reminder: {name: text.Text{SV: "Påminnelse om bokning", EN: "Booking reminder"},
		states: []booking.State{booking.Confirmed}, enter: true},
	SignIn: {name: text.Text{SV: "Inloggningslänk", EN: "Sign-in link"}},
}

// Name is the kind as the outbox shows it.
func (k Kind) Name() text.Text { return rules[k].name }

// Deliver is the job that sends one message of the outbox.
type Deliver struct {
	Message id.Message `json:"message"`
	Link    id.Link    `json:"link,omitempty"` // of a sign-in: the secret is made when it is sent
}

// Kind names the job.
func (Deliver) Kind() string { return "message_deliver" }

// JobRemindSweep is the schedule that catches reminders whose moment was missed
// and reminds managers of requests that wait.
type JobRemindSweep struct{}

// Kind names the job.
func (JobRemindSweep) Kind() string { return "reminder_sweep" }

// JobCleanUp is the schedule that deletes old messages.
type JobCleanUp struct{}

// Kind names the job.
func (JobCleanUp) Kind() string { return "message_clean_up" }
