package notify

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"rigg/access"
	"rigg/internal/database"
	"rigg/internal/id"
	"rigg/internal/problem"
	"rigg/internal/text"
)

const (
	// RetentionDays is how long a message is kept: a quarter, so that whoever
	// wonders at the end of one can still see what was sent; the bookings' own
	// history tells the rest.
	RetentionDays = 90
	cleanUpBatch  = 5000
	// A message that has waited for so long is behind its last attempt.
	waitLimit = 7 * 24 * time.Hour
	maxPage   = 200
)

// State is what became of a message.
type State string

// The states of a message.
const (
	Waiting State = "waiting"
	Sent    State = "sent"
	Failed  State = "failed"
	NotSent State = "not_sent" // there is no mail server, or it was no longer true
)

// stateNames are the states as people read them.
var stateNames = map[State]text.Text{
	Waiting: {SV: "Väntar", EN: "Waiting"},
	Sent:    {SV: "Skickat", EN: "Sent"},
	Failed:  {SV: "Misslyckat", EN: "Failed"},
	NotSent: {SV: "Inte skickat", EN: "Not sent"},
}

// Name is the state as people read it.
func (s State) Name() text.Text { return stateNames[s] }

// Note says why a message is in its state: one of the notes, or "refused" or
// "unreachable" with the server's code. It never holds the server's words, which
// may name people.
type Note string

// The notes that have no number.
const (
	NoteNoServer    Note = "no-server"
	NoteOutdated    Note = "outdated"
	NoteUnreachable Note = "unreachable"
	NoteGaveUp      Note = "gave-up"
	// NoteUnaddressable is an address that no mail can have.
	NoteUnaddressable Note = "unaddressable"
)

const refused = "refused "

// noteOf is the note of a server that answered with a code (RFC 5321 4.2).
func noteOf(code int) Note { return Note(refused + strconv.Itoa(code)) }

// Text is the note as people read it.
func (n Note) Text() text.Text {
	switch n {
	case NoteNoServer:
		return text.New("Ingen e-postserver är inställd.", "No mail server is configured.")
	case NoteOutdated:
		return text.New("Det gällde inte längre när det skulle skickas.", "It was no longer true when it was to be sent.")
	case NoteUnreachable:
		return text.New("E-postservern svarade inte.", "The mail server did not answer.")
	case NoteUnaddressable:
		return text.New("Adressen går inte att använda i e-post.", "The address cannot be used in mail.")
	case NoteGaveUp:
		return text.New("Det gick inte att skicka i tid.", "It could not be sent in time.")
	}
	if code, ok := strings.CutPrefix(string(n), refused); ok {
		return text.New("E-postservern tog inte emot det (kod %s).", "The mail server did not take it (code %s).", code)
	}
	return text.Text{SV: string(n), EN: string(n)}
}

// Message is one message of the outbox.
type Message struct {
	ID       id.Message
	Kind     Kind
	To       id.Person
	Name     string
	Address  string
	Language text.Lang
	Ref      id.Ref // of the booking; empty: it is about none
	Subject  string
	Text     string // empty for a sign-in link, which is in the mail alone
	HTML     string
	State    State
	Note     Note
	Attempts int
	Created  time.Time
	Sent     time.Time // zero: not sent
}

// Filter narrows a list; zero fields do not.
type Filter struct {
	Mine  bool // to the principal alone
	State State
	Kind  Kind
	After string // the cursor of the page before
	Limit int    // 1 to 200; 0 is 50
}

// List gives messages, the newest first, and the cursor of the next page, empty
// on the last: one's own, and everybody's for who may see the whole outbox.
// Code: invalid.
func (s *Service) List(ctx context.Context, by *access.Principal, f Filter) (found []Message, next string, err error) {
	where, args := "where true", []any{}
	add := func(condition string, value any) {
		args = append(args, value)
		where += fmt.Sprintf(" and "+condition, len(args))
	}
	if f.Mine || !access.Allowed(by, access.SeeOutbox, access.Object{}) {
		add("m.person_id = $%d", int64(by.ID))
	}
	if f.State != "" {
		add("m.state = $%d", f.State)
	}
	if f.Kind != "" {
		add("m.kind = $%d", f.Kind)
	}
	if f.After != "" {
		last, err := strconv.ParseInt(f.After, 10, 64)
		if err != nil {
			return nil, "", problem.CodeInvalid.Say("Sidmärket går inte att läsa; börja om från listans första sida.",
				"The cursor cannot be read; start again from the first page.")
		}
		add("m.id < $%d", last)
	}
	limit := min(f.Limit, maxPage)
	if limit <= 0 {
		limit = 50
	}
	add("true order by m.id desc limit $%d", limit+1)
	err = s.db.View(ctx, func(tx *database.Tx) error {
		rows, err := listMessages(tx, where, args...)
		if len(rows) > limit {
			rows = rows[:limit]
			next = strconv.FormatInt(int64(rows[limit-1].ID), 10)
		}
		for _, r := range rows {
			found = append(found, r.message())
		}
		return err
	})
	return found, next, err
}

// Find gives one message. Code: not-found, also for another's.
func (s *Service) Find(ctx context.Context, by *access.Principal, m id.Message) (found Message, err error) {
	err = s.db.View(ctx, func(tx *database.Tx) error {
		rows, err := listMessages(tx, "where m.id = $1", int64(m))
		if err != nil {
			return err
		}
		if len(rows) == 0 || !access.Allowed(by, access.SeeOutbox, access.Object{Owner: rows[0].PersonID}) {
			return problem.Absent()
		}
		found = rows[0].message()
		return nil
	})
	return found, err
}

// CleanUp deletes messages older than RetentionDays, and ends the wait of those
// that nothing will send any more.
func (s *Service) CleanUp(ctx context.Context, _ JobCleanUp) error {
	for {
		var n int64
		err := s.db.Update(ctx, func(tx *database.Tx) (err error) {
			if err = giveUp(tx, tx.Now.Add(-waitLimit)); err != nil {
				return err
			}
			n, err = deleteOld(tx, tx.Now.AddDate(0, 0, -RetentionDays), cleanUpBatch)
			return err
		})
		if err != nil || n < cleanUpBatch {
			return err
		}
	}
}
