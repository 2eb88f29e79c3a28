package notify

import (
	"context"
	"fmt"
	"slices"

	"rigg/access"
	"rigg/booking"
	"rigg/internal/database"
	"rigg/internal/id"
	"rigg/internal/problem"
)

// Requested tells the booker that the request is in, and the managers and the
// project's leads that it waits for them.
func (s *Service) Requested(ctx context.Context, j booking.JobRequested) error {
	return s.announce(ctx, j.Happened, Received, Requested, LeadRequested)
}

// Confirmed tells the booker, with how to get there.
func (s *Service) Confirmed(ctx context.Context, j booking.JobConfirmed) error {
	return s.announce(ctx, j.Happened, Confirmed)
}

// Declined tells the booker why.
func (s *Service) Declined(ctx context.Context, j booking.JobDeclined) error {
	return s.announce(ctx, j.Happened, Declined)
}

// Asked gives the booker the managers' question.
func (s *Service) Asked(ctx context.Context, j booking.JobAsked) error {
	return s.announce(ctx, j.Happened, Asked)
}

// Answered gives the managers the booker's answer.
func (s *Service) Answered(ctx context.Context, j booking.JobAnswered) error {
	return s.announce(ctx, j.Happened, Answered)
}

// Cancelled tells the booker, if somebody else did it, and the managers, if they
// had confirmed it. What was released for want of an answer is told to both.
func (s *Service) Cancelled(ctx context.Context, j booking.JobCancelled) error {
	return s.announce(ctx, j.Happened, Cancelled, CancelledNotice, Released, ReleasedNotice)
}

// Moved tells the booker, if somebody else did it, the managers, and the project's
// leads if a request now waits for them.
func (s *Service) Moved(ctx context.Context, j booking.JobMoved) error {
	return s.announce(ctx, j.Happened, Moved, MovedNotice, LeadRequested)
}

// Expired tells the booker that nobody answered.
func (s *Service) Expired(ctx context.Context, j booking.JobExpired) error {
	return s.announce(ctx, j.Happened, Expired)
}

// NoShow tells the booker that the time was given away.
func (s *Service) NoShow(ctx context.Context, j booking.JobNoShow) error {
	return s.announce(ctx, j.Happened, NoShow)
}

// Completed tells the booker what it cost and who pays.
func (s *Service) Completed(ctx context.Context, j booking.JobCompleted) error {
	return s.announce(ctx, j.Happened, Completed)
}

// LogDue asks the booker to describe a run that ended by itself.
func (s *Service) LogDue(ctx context.Context, j booking.JobLogDue) error {
	return s.announce(ctx, j.Happened, LogDue)
}

// Corrected tells the booker what a manager has put right.
func (s *Service) Corrected(ctx context.Context, j booking.JobCorrected) error {
	return s.announce(ctx, j.Happened, Corrected)
}

// announce writes the messages of the kinds for one version of a booking. Done
// again, it writes none.
func (s *Service) announce(ctx context.Context, h booking.Happened, list ...Kind) error {
	n, err := s.news(ctx, h.Booking, h.Version)
	if err != nil {
		return err
	}
	if n.event.From != booking.Confirmed {
		list = slices.DeleteFunc(list, func(k Kind) bool { return k == CancelledNotice })
	}
	released := n.event.Action == booking.ActRelease
	list = slices.DeleteFunc(list, func(k Kind) bool {
		return released && (k == Cancelled || k == CancelledNotice) || !released && (k == Released || k == ReleasedNotice)
	})
	return s.tell(ctx, n, func(k Kind) string { return fmt.Sprintf("%s/%d/%d", k, h.Booking, h.Version) }, list...)
}

// tell writes those of the kinds that still hold, one message to each reader. The
// key says what the message is about; what is on file under it already is left.
func (s *Service) tell(ctx context.Context, n *news, key func(Kind) string, list ...Kind) error {
	return s.db.Update(ctx, func(tx *database.Tx) error {
		var err error
		if n.names, err = access.Names(tx, []id.Person{n.Person, n.event.By}); err != nil {
			return err
		}
		for _, k := range list {
			if !n.holds(k, tx.Now) {
				continue
			}
			to, err := n.readers(tx, k)
			if err != nil {
				return err
			}
			for _, p := range to {
				if err := s.write(tx, n, k, fmt.Sprintf("%s/%d", key(k), p.ID), p); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

func (s *Service) write(tx *database.Tx, n *news, k Kind, key string, to *access.Principal) error {
	said, err := s.templates.render(n.letter(k, to, s.baseURL))
	if err != nil {
		return err
	}
	return put(tx, messageRow{
		Key: key, Kind: k, PersonID: to.ID, BookingID: &n.ID, Address: to.Email, Language: to.Language,
		Subject: said.Subject, Body: said.Text, BodyHTML: said.HTML,
	}, 0)
}

// put adds a message to the outbox and has it delivered, unless one of its key is
// there.
func put(tx *database.Tx, m messageRow, link id.Link) error {
	made, err := insertMessage(tx, m)
	if err == nil && made != 0 {
		tx.Enqueue(Deliver{Message: made, Link: link})
	}
	return err
}

// SignIn writes the message with a sign-in link, but not the link: its secret is
// made when it is sent and is nowhere but in the mail.
func (s *Service) SignIn(ctx context.Context, j access.SignInRequested) error {
	err := s.db.Update(ctx, func(tx *database.Tx) error {
		key := fmt.Sprintf("%s/%d", SignIn, j.Link)
		if there, err := hasMessage(tx, key); err != nil || there {
			return err // a new secret would make the one in the mail worthless
		}
		to, _, err := access.IssueLink(tx, j.Link)
		if err != nil {
			return err
		}
		said, err := s.templates.render(signInLetter(to, ""))
		if err != nil {
			return err
		}
		return put(tx, messageRow{
			Key: key, Kind: SignIn, PersonID: to.ID, Address: to.Email, Language: to.Language, Subject: said.Subject,
		}, j.Link)
	})
	if problem.Has(err, problem.CodeNotFound) {
		return nil // nobody has the address, or the link is too old
	}
	return err
}

func signInLetter(to access.Person, link string) letter {
	return letter{
		Kind: SignIn, Lang: to.Language, Link: link,
		Words: words{Name: oneLine(to.Name), Minutes: int(access.LinkLife.Minutes())},
	}
}
