package notify

import (
	"context"
	"fmt"
	"slices"
	"time"

	"rigg/access"
	"rigg/booking"
	"rigg/facilities"
	"rigg/internal/database"
	"rigg/internal/id"
	"rigg/internal/period"
	"rigg/internal/problem"
	"rigg/internal/text"
)

// Displaced tells the booker that an outage has taken the time, and what is held
// for them instead.
func (s *Service) Displaced(ctx context.Context, j booking.JobDisplaced) error {
	n, err := s.news(ctx, j.Booking, j.Version)
	if err != nil {
		return err
	}
	hold := id.Hold(0)
	if h, ok, err := s.booking.AlternativeOf(ctx, j.Booking); err != nil {
		return err
	} else if ok {
		n.held, hold = &h, h.ID
	}
	return s.tell(ctx, n, func(k Kind) string { return fmt.Sprintf("%s/%d/%d/%d", k, j.Booking, j.Version, hold) }, Displaced)
}

// Restored tells the booker that the time is theirs again.
func (s *Service) Restored(ctx context.Context, j booking.JobRestored) error {
	return s.announce(ctx, j.Happened, Restored)
}

// AlternativeExpired tells the booker that nothing is held any more, and the
// managers that a booking of theirs still has no time.
func (s *Service) AlternativeExpired(ctx context.Context, j booking.JobAlternativeExpired) error {
	n, err := s.news(ctx, j.Booking, 0)
	if err != nil {
		return err
	}
	return s.tell(ctx, n, func(k Kind) string { return fmt.Sprintf("%s/%d/%d", k, j.Booking, j.Hold) }, AlternativeExpired, DisplacedReminder)
}

// displaced adds to a letter what an outage has done to the booking.
func (n *news) displaced(l *letter, zone *time.Location) {
	if n.State != booking.Displaced {
		return
	}
	for _, e := range slices.Backward(n.History) {
		if e.Action != booking.ActDisplace {
			continue
		}
		if name, ok := e.Details["outage"].(map[string]any); ok {
			l.Words.Outage, _ = name[string(l.Lang)].(string)
			l.Words.Outage = oneLine(l.Words.Outage)
		}
		l.add(text.New("Skäl", "Reason"), l.Words.Outage)
		written, _ := e.Details["back"].(string)
		if back, err := time.Parse(time.RFC3339, written); err == nil {
			l.add(text.New("Beräknas åter", "Expected back"), moment(back.In(zone)).In(l.Lang))
		}
		break
	}
	if n.held != nil {
		l.Words.Held = n.what(n.held.Resources, l.Lang) + ", " + stretch{n.held.Period, zone}.In(l.Lang)
		l.Words.Until = moment(n.held.Expires.In(zone)).In(l.Lang)
		l.add(text.New("Hålls åt dig", "Held for you"), l.Words.Held)
	}
}

// Offered tells who waits that a time is held for them.
func (s *Service) Offered(ctx context.Context, j booking.JobOffered) error {
	w, err := s.booking.WaitByID(ctx, j.Wait)
	if err != nil || w.Offer == nil || w.Offer.ID != j.Hold {
		return err // answered already, or taken back
	}
	return s.tellWaiting(ctx, w, Offer, fmt.Sprintf("%s/%d", Offer, j.Hold))
}

// OfferExpired tells who waited that the time is no longer held.
func (s *Service) OfferExpired(ctx context.Context, j booking.JobOfferExpired) error {
	return s.waitOver(ctx, j.Wait, OfferExpired)
}

// WaitExpired tells who waited that no time came up.
func (s *Service) WaitExpired(ctx context.Context, j booking.JobWaitExpired) error {
	return s.waitOver(ctx, j.Wait, WaitExpired)
}

func (s *Service) waitOver(ctx context.Context, wait id.Wait, k Kind) error {
	w, err := s.booking.WaitByID(ctx, wait)
	if err != nil || w.State != booking.WaitExpired {
		return err
	}
	return s.tellWaiting(ctx, w, k, fmt.Sprintf("%s/%d", k, wait))
}

// tellWaiting writes one message to who waits, once.
func (s *Service) tellWaiting(ctx context.Context, w *booking.Wait, k Kind, key string) error {
	facts, err := s.booking.Facts(ctx)
	if err != nil {
		return err
	}
	return s.db.Update(ctx, func(tx *database.Tx) error {
		to, err := access.PrincipalOf(tx, w.Person)
		if problem.Has(err, problem.CodeNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		said, err := s.templates.render(waitLetter(facts, w, k, to, s.baseURL))
		if err != nil {
			return err
		}
		return put(tx, messageRow{
			Key: key, Kind: k, PersonID: to.ID, Address: to.Email, Language: to.Language,
			Subject: said.Subject, Body: said.Text, BodyHTML: said.HTML,
		}, 0)
	})
}

// waitLetter says something of a wait to whom it belongs: nobody else is named.
func waitLetter(facts *booking.Facts, w *booking.Wait, k Kind, to *access.Principal, baseURL string) letter {
	n, zone, lang := &news{facts: facts}, time.UTC, to.Language
	if at, ok := facts.Catalogue.Facility(w.Facility); ok {
		n.at, zone = at, zoneOf(at, w.Period.Start)
	}
	about := w.Period
	if w.Offer != nil {
		about = w.Offer.Period
	}
	l := letter{
		Kind: k, Lang: lang, Link: baseURL + "/waits/" + string(w.Ref),
		Words: words{
			Name: oneLine(to.Name), What: n.what(w.Resources, lang),
			Short: brief(about.Start.In(zone)).In(lang), Starts: moment(about.Start.In(zone)).In(lang),
		},
	}
	l.add(text.New("Resurs", "Resource"), l.Words.What)
	l.add(text.New("Tid", "Time"), stretch{about, zone}.In(lang))
	if !w.Exact() && w.Offer == nil {
		l.add(text.New("Önskad längd", "Wished length"), period.Span{Minutes: w.Minutes}.In(lang))
	}
	project := string(w.Project)
	if p, ok := facts.Terms.Project(w.Project); ok {
		project += ", " + p.Name
	}
	l.add(text.New("Projekt", "Project"), oneLine(project))
	if w.Offer != nil {
		l.Words.Held = l.Words.What + ", " + stretch{about, zone}.In(lang)
		l.Words.Until = moment(w.Offer.Expires.In(zone)).In(lang)
		l.add(text.New("Svara senast", "Answer by"), l.Words.Until)
	}
	return l
}

func zoneOf(at *facilities.Facility, when time.Time) *time.Location { return at.SiteAt(when).Zone }
