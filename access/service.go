package access

import (
	"context"
	"crypto/sha256"
	"fmt"
	"slices"
	"time"

	"rigg/internal/database"
	"rigg/internal/id"
	"rigg/internal/problem"
)

// CodeUnauthenticated is the one answer to every secret that opens nothing:
// unknown, expired and revoked look alike.
var CodeUnauthenticated = problem.Declare(problem.Unauthenticated, "unauthenticated",
	"Du behöver logga in", "You need to sign in")

const (
	idleLimit     = 8 * time.Hour      // a session ends when it has not been used for so long
	absoluteLimit = 7 * 24 * time.Hour // and at the latest after this
	seenEvery     = time.Minute        // how often the use of a session or token is written down
	maxTokenLife  = 366 * 24 * time.Hour
)

// Service is sign-in, sessions and tokens.
type Service struct{ db *database.DB }

// New makes the service.
func New(db *database.DB) *Service { return &Service{db: db} }

// hashed is what the database keeps of a secret. A plain hash is right for 192
// random bits, which nobody can guess however fast they hash.
func hashed(secret string) []byte {
	h := sha256.Sum256([]byte(secret))
	return h[:]
}

// ByToken gives who shows the token. Code: unauthenticated.
func (s *Service) ByToken(ctx context.Context, secret string) (*Principal, error) {
	var p *Principal
	err := s.db.Update(ctx, func(tx *database.Tx) error {
		t, err := findToken(tx, hashed(secret))
		if err != nil {
			return err
		}
		p = t.Person.principal(t.Scopes, tx.Now)
		if tx.Now.Sub(t.SeenAt) < seenEvery {
			return nil
		}
		return touchToken(tx, t.TokenID)
	})
	if err != nil {
		return nil, err
	}
	return p, nil
}

// BySession gives who is signed in, with the secret that the session's forms
// must bring along (CSRF). A session ends after 8 hours without use and after 7
// days. Code: unauthenticated.
func (s *Service) BySession(ctx context.Context, secret string) (p *Principal, csrf string, err error) {
	hash := hashed(secret)
	err = s.db.Update(ctx, func(tx *database.Tx) error {
		found, err := findSession(tx, hash)
		if err != nil {
			return err
		}
		p, csrf = found.Person.principal([]string{ScopeAll}, tx.Now), found.CSRF
		if tx.Now.Sub(found.SeenAt) < seenEvery {
			return nil
		}
		return touchSession(tx, hash)
	})
	if err != nil {
		return nil, "", err
	}
	return p, csrf, nil
}

// CreateToken makes a token for the person with the address and gives its
// secret, this once. It lives at most 366 days. Codes: invalid, not-found.
func (s *Service) CreateToken(ctx context.Context, email string, scopes []string, ttl time.Duration) (secret string, err error) {
	if len(scopes) == 0 {
		return "", invalid("scopes", "Ange minst en behörighet (scope).", "Give at least one scope.")
	}
	for _, scope := range scopes {
		if _, ok := reach[scope]; !ok {
			return "", invalid("scopes", "Behörigheten %q finns inte.", "There is no scope %q.", scope)
		}
	}
	if ttl <= 0 || ttl > maxTokenLife {
		return "", invalid("ttl", "En åtkomstnyckel gäller i högst 366 dagar.", "A token lives at most 366 days.")
	}
	scopes = slices.Compact(slices.Sorted(slices.Values(scopes)))
	err = s.db.Update(ctx, func(tx *database.Tx) error {
		person, err := FindPerson(tx, email)
		if err != nil {
			return err
		}
		secret = id.NewSecret()
		token, err := insertToken(tx, person.ID, hashed(secret), scopes, tx.Now.Add(ttl))
		if err != nil {
			return err
		}
		return Audit(tx, 0, "create_token", fmt.Sprintf("token/%d", token),
			map[string]any{"person": person.ID, "scopes": scopes})
	})
	if err != nil {
		return "", err
	}
	return secret, nil
}

// StartSession signs somebody in without asking, and gives the session's secret.
// It is for the demonstration alone; others come through UseLink. Code: not-found.
func (s *Service) StartSession(ctx context.Context, person id.Person) (session string, err error) {
	err = s.db.Update(ctx, func(tx *database.Tx) error {
		if _, err := PrincipalOf(tx, person); err != nil {
			return err
		}
		session, err = startSession(tx, person)
		return err
	})
	if err != nil {
		return "", err
	}
	return session, nil
}

// startSession makes a new session, never an old one anew: a secret that was
// planted in the browser before signing in is worth nothing after it.
func startSession(tx *database.Tx, person id.Person) (string, error) {
	session := id.NewSecret()
	if err := insertSession(tx, hashed(session), person, id.NewSecret()); err != nil {
		return "", err
	}
	return session, Audit(tx, person, "sign_in", fmt.Sprintf("person/%d", person), nil)
}

// SignOut ends the session. One that has ended already is no error.
func (s *Service) SignOut(ctx context.Context, session string) error {
	return s.db.Update(ctx, func(tx *database.Tx) error { return deleteSession(tx, hashed(session)) })
}
