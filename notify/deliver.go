package notify

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	netmail "net/mail"
	"net/textproto"
	"strings"
	"time"

	"github.com/wneessen/go-mail"

	"rigg/access"
	"rigg/internal/database"
	"rigg/internal/problem"
)

// DeliverAttempts is how often a message is tried, the job's limit: with the
// queue's growing pauses, about a day.
const DeliverAttempts = 12

const (
	stepTimeout = 10 * time.Second // to connect, and again for each message
	sendTimeout = 25 * time.Second // altogether, within the job's own limit
)

// Deliver sends one message, unless it is settled or no longer true. Without a
// mail server it is marked as not sent; a refusal for good ends it at once, and
// anything else is tried again. The error never holds an address.
func (s *Service) Deliver(ctx context.Context, j Deliver) error {
	m, send, err := s.take(ctx, j)
	if err != nil || !send {
		return err
	}
	note, permanent := s.send(ctx, m)
	state := Waiting
	switch {
	case note == "":
		state = Sent
	case permanent || m.Attempts+1 >= DeliverAttempts:
		state = Failed
		s.log.WarnContext(ctx, "message failed", "message", m.ID, "kind", m.Kind, "note", note)
	}
	// What was sent is marked even when the job's time is up.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), stepTimeout)
	defer cancel()
	if err := s.db.Update(ctx, func(tx *database.Tx) error { return settle(tx, m.ID, state, note, true) }); err != nil {
		return err
	}
	if state == Waiting {
		return fmt.Errorf("send message %d: %s", m.ID, note)
	}
	return nil
}

// take reads a message that is to be sent now, and settles one that is not.
func (s *Service) take(ctx context.Context, j Deliver) (m messageRow, send bool, err error) {
	err = s.db.View(ctx, func(tx *database.Tx) error {
		rows, err := listMessages(tx, "where m.id = $1", int64(j.Message))
		if len(rows) > 0 {
			m = rows[0]
		}
		return err
	})
	if err != nil || m.State != Waiting {
		return m, false, err
	}
	note, err := s.obstacle(ctx, j, &m)
	if err != nil || note == "" {
		return m, err == nil, err
	}
	return m, false, s.db.Update(ctx, func(tx *database.Tx) error { return settle(tx, m.ID, NotSent, note, false) })
}

// obstacle says why a message is not to be sent. A queue that was held up for
// hours must not remind of what has begun meanwhile, nor tell somebody who has
// left the project or the facility since.
func (s *Service) obstacle(ctx context.Context, j Deliver, m *messageRow) (note Note, err error) {
	if !s.Sends() {
		return NoteNoServer, nil
	}
	if m.Kind == SignIn {
		err := s.issue(ctx, j, m)
		if problem.Has(err, problem.CodeNotFound) {
			return NoteOutdated, nil
		}
		return "", err
	}
	if m.BookingID == nil || isOfSeries(m) { // of an enquiry or a report, which stay true; or what became of its first booking says nothing of the others
		return "", nil
	}
	n, err := s.news(ctx, *m.BookingID, 0)
	if err != nil {
		return "", err
	}
	moved := m.Kind == Reminder && !strings.HasPrefix(m.Key, reminderKey(n.ID, n.Period.Start))
	if moved || !n.holds(m.Kind, s.db.Now()) {
		return NoteOutdated, nil
	}
	err = s.db.View(ctx, func(tx *database.Tx) error {
		_, may, err := n.reader(tx, m.PersonID)
		if !may {
			note = NoteOutdated
		}
		return err
	})
	return note, err
}

// issue makes the secret of a sign-in link and writes it into the message that
// is about to be sent, and nowhere else.
func (s *Service) issue(ctx context.Context, j Deliver, m *messageRow) error {
	return s.db.Update(ctx, func(tx *database.Tx) error {
		to, secret, err := access.IssueLink(tx, j.Link)
		if err != nil {
			return err
		}
		said, err := s.templates.render(signInLetter(to, s.baseURL+"/sign-in/"+secret))
		m.Body, m.BodyHTML = said.Text, said.HTML
		return err
	})
}

// send gives an empty note when the server has taken the message. Its answer is
// kept as a number: its words may name people.
func (s *Service) send(ctx context.Context, m messageRow) (note Note, permanent bool) {
	msg, err := s.compose(m)
	if err != nil {
		return NoteUnaddressable, true
	}
	client, err := s.client()
	if err != nil {
		return NoteUnreachable, false
	}
	ctx, cancel := context.WithTimeout(ctx, sendTimeout)
	defer cancel()
	conn, err := client.DialToSMTPClientWithContext(ctx)
	var answer *textproto.Error
	switch {
	case errors.As(err, &answer): // to our greeting or password, not to this message
		return noteOf(answer.Code), false
	case err != nil: // names the server at most: nobody's address has been sent yet
		s.log.WarnContext(ctx, "mail server not reached", "message", m.ID, "cause", err.Error())
		return NoteUnreachable, false
	}
	// Once the server has taken it, a failure to say goodbye changes nothing.
	defer func() { _ = client.CloseWithSMTPClient(conn) }()
	var failed *mail.SendError
	switch err := client.SendWithSMTPClient(conn, msg); {
	case err == nil || msg.IsDelivered():
		return "", false
	case errors.As(err, &failed) && failed.ErrorCode() > 0:
		return noteOf(failed.ErrorCode()), failed.ErrorCode() >= 500
	}
	return NoteUnreachable, false
}

// compose makes the mail. Its Message-ID follows from the message's key, so that
// one that is sent twice, after a crash between sending and marking, is one to
// the reader's program.
func (s *Service) compose(m messageRow) (*mail.Msg, error) {
	msg := mail.NewMsg()
	to := &netmail.Address{Name: oneLine(m.Name), Address: m.Address}
	if _, err := netmail.ParseAddress(to.String()); err != nil {
		return nil, fmt.Errorf("recipient: %w", err)
	}
	msg.AddToMailAddress(to)
	msg.FromMailAddress(&netmail.Address{Name: s.mail.FromName, Address: s.mail.From})
	_, domain, _ := strings.Cut(s.mail.From, "@")
	key := sha256.Sum256([]byte(m.Key))
	msg.SetMessageIDWithValue(hex.EncodeToString(key[:16]) + "@" + domain)
	msg.SetDateWithValue(m.CreatedAt)
	msg.Subject(m.Subject)
	msg.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834: no replies from absence
	msg.SetGenHeader("Content-Language", string(m.Language))
	msg.SetBodyString(mail.TypeTextPlain, m.Body)
	msg.AddAlternativeString(mail.TypeTextHTML, m.BodyHTML)
	return msg, nil
}

func (s *Service) client() (*mail.Client, error) {
	options := []mail.Option{mail.WithPort(s.mail.Port), mail.WithTimeout(stepTimeout)}
	switch s.mail.TLS {
	case "tls":
		options = append(options, mail.WithSSL())
	case "starttls":
		options = append(options, mail.WithTLSPolicy(mail.TLSMandatory))
	default:
		options = append(options, mail.WithTLSPolicy(mail.NoTLS))
	}
	if s.mail.Username != "" {
		options = append(options, mail.WithSMTPAuth(mail.SMTPAuthAutoDiscover),
			mail.WithUsername(s.mail.Username), mail.WithPassword(s.mail.Password))
	}
	client, err := mail.NewClient(s.mail.Host, options...)
	if err != nil {
		return nil, fmt.Errorf("mail client: %w", err)
	}
	return client, nil
}
