package calendar

import (
	"context"
	"crypto/sha256"
	"fmt"
	"strings"
	"time"

	"rigg/access"
	"rigg/booking"
	"rigg/internal/database"
	"rigg/internal/id"
	"rigg/internal/problem"
	"rigg/internal/text"
)

// What stands against making or reading a feed.
var (
	CodeFeedRevoked = problem.Declare(problem.Gone, "feed-revoked",
		"Kalenderadressen är indragen", "The calendar address has been revoked")
	CodeTooManyFeeds = problem.Declare(problem.Refused, "too-many-feeds",
		"För många kalenderadresser", "Too many calendar addresses")
)

const (
	maxFeeds  = 50           // in use, of one person
	maxListed = 200          // with the revoked
	usedEvery = time.Hour    // how often the reading of a feed is written down
	maxSecret = 64           // characters; a longer one is none of ours
	path      = "/calendar/" // of every feed, with the secret and .ics
)

// Kind is what a feed shows.
type Kind string

// The kinds of feed.
const (
	Mine       Kind = "mine"     // its owner's bookings
	OfResource Kind = "resource" // what takes a resource's time
)

// Subscription is a calendar address that somebody has made. Its secret is in
// the address alone; the database has the hash.
type Subscription struct {
	ID       id.Feed   `json:"id"`
	Kind     Kind      `json:"kind"`
	Target   string    `json:"target"` // the resource's id, empty for Mine
	Created  time.Time `json:"created"`
	LastUsed time.Time `json:"last_used"` // to the hour; zero: never
}

// Service makes calendar addresses and the files that are read at them.
type Service struct {
	db      *database.DB
	booking *booking.Service
	baseURL string
}

// New makes the service. baseURL is how people reach the program, without a
// slash at the end.
func New(db *database.DB, bookings *booking.Service, baseURL string) *Service {
	return &Service{db: db, booking: bookings, baseURL: baseURL}
}

// Create makes a feed and gives its address, this once. With an idempotency key
// that was used before, it gives the feed made then a new secret: the first is
// not kept, and whoever asks again has not received it. Codes: invalid,
// too-many-feeds, feed-revoked for a key whose feed is no more.
func (s *Service) Create(ctx context.Context, by *access.Principal, kind Kind, target string) (Subscription, string, error) {
	if err := s.check(ctx, kind, target); err != nil {
		return Subscription{}, "", err
	}
	secret := id.NewSecret()
	f, err := access.Once(ctx, s.db, by, func(tx *database.Tx) (Subscription, error) {
		if n, err := countFeeds(tx, by.ID); err != nil || n >= maxFeeds {
			return Subscription{}, tooMany(err)
		}
		f, err := insertFeed(tx, by, kind, target, hashed(secret))
		if err != nil {
			return Subscription{}, err
		}
		return f, access.Audit(tx, by.ID, "create_feed", object(f.ID), map[string]any{"kind": kind, "target": target})
	})
	if err == nil { // a no-op but for a repeated request
		err = s.db.Update(ctx, func(tx *database.Tx) error { return replaceSecret(tx, f.ID, hashed(secret)) })
	}
	if err != nil {
		return Subscription{}, "", err
	}
	return f, s.baseURL + path + secret + ".ics", nil
}

func tooMany(err error) error {
	if err != nil {
		return err
	}
	return CodeTooManyFeeds.Say("Du har redan %d kalenderadresser. Dra in någon som du inte använder.",
		"You already have %d calendar addresses. Revoke one that you do not use.", maxFeeds)
}

func (s *Service) check(ctx context.Context, kind Kind, target string) error {
	switch kind {
	case Mine:
		if target != "" {
			return invalid("id", "Kalendern med dina egna bokningar har inget id.", "The calendar of your own bookings takes no id.")
		}
		return nil
	case OfResource:
		facts, err := s.booking.Facts(ctx)
		if err != nil {
			return err
		}
		if _, ok := facts.Catalogue.Resource(id.Resource(target)); !ok {
			return invalid("id", "Det finns ingen sådan resurs.", "There is no such resource.")
		}
		return nil
	}
	return invalid("kind", "Välj mine eller resource.", "Choose mine or resource.")
}

func invalid(field, sv, en string) error {
	e := problem.CodeInvalid.Say(sv, en)
	e.Fields = []problem.Field{{Path: field, Message: text.Text{SV: sv, EN: en}}}
	return e
}

// List gives the person's feeds in use, the newest first.
func (s *Service) List(ctx context.Context, by *access.Principal) (found []Subscription, err error) {
	err = s.db.View(ctx, func(tx *database.Tx) error {
		found, err = listFeeds(tx, by.ID)
		return err
	})
	return found, err
}

// Revoke withdraws one of the person's own feeds for good. To withdraw it twice
// is no error. Code: not-found.
func (s *Service) Revoke(ctx context.Context, by *access.Principal, feed id.Feed) error {
	return s.db.Update(ctx, func(tx *database.Tx) error {
		changed, err := revokeFeed(tx, by.ID, feed)
		if err != nil || !changed {
			return err
		}
		return access.Audit(tx, by.ID, "revoke_feed", object(feed), nil)
	})
}

func object(feed id.Feed) string { return fmt.Sprintf("feed/%d", feed) }

// Rendered is a feed as it is served.
type Rendered struct {
	Body         []byte
	ETag         string    // strong, in its quotes
	LastModified time.Time // when the body was first read as it is
}

// Render gives the feed at a secret. Its body follows from the data and the
// local day alone. Codes: not-found for an unknown secret, feed-revoked.
func (s *Service) Render(ctx context.Context, secret string) (Rendered, error) {
	if len(secret) > maxSecret || strings.ContainsRune(secret, 0) {
		return Rendered{}, problem.Absent()
	}
	var f feedRow
	var owner *access.Principal
	err := s.db.View(ctx, func(tx *database.Tx) (err error) {
		if f, err = findFeed(tx, hashed(secret)); err != nil {
			return err
		}
		owner, err = access.PrincipalOf(tx, f.PersonID)
		return err
	})
	if err != nil {
		return Rendered{}, err
	}
	doc, err := s.document(ctx, f, owner)
	if err != nil {
		return Rendered{}, err
	}
	out := Rendered{Body: Append(nil, doc)}
	out.ETag = ETag(out.Body)
	out.LastModified = s.read(ctx, f, out.ETag)
	return out, nil
}

// read writes down that the feed was read and gives when its body became what it
// is. Changes of any kind show in the body, and only there do they all meet: a
// booking moved to another resource, a name, a role taken away. A reader is never
// kept waiting or turned away for it.
func (s *Service) read(ctx context.Context, f feedRow, etag string) time.Time {
	now := s.db.Now()
	if f.Etag == etag && f.ChangedAt != nil {
		if f.LastUsedAt != nil && now.Sub(*f.LastUsedAt) < usedEvery {
			return f.ChangedAt.UTC()
		}
		now = f.ChangedAt.UTC()
	}
	// A failure is the database's to log; the next reader writes it down.
	_ = s.db.Update(ctx, func(tx *database.Tx) error { return touchFeed(tx, f.ID, etag, now) })
	return now
}

// hashed is what is kept of a secret: a plain hash is right for 192 random bits.
func hashed(secret string) []byte {
	h := sha256.Sum256([]byte(secret))
	return h[:]
}
