package access

import (
	"context"
	"fmt"
	"time"

	"rigg/internal/database"
	"rigg/internal/id"
	"rigg/internal/problem"
)

// Refusals of sign-in.
var (
	CodeTooManySignIns = problem.Declare(problem.TooMany, "too-many-sign-ins",
		"För många inloggningslänkar", "Too many sign-in links")
	CodeLinkNotValid = problem.Declare(problem.Unauthenticated, "link-not-valid",
		"Inloggningslänken gäller inte", "The sign-in link is not valid")
)

// LinkLife is how long a sign-in link is good.
const LinkLife = 15 * time.Minute

const (
	linksPerHour = 5
	linksKept    = 24 * time.Hour
)

// SignInRequested asks for the mail with a sign-in link. It names the row and no
// secret: stored jobs let nobody in. Its worker calls IssueLink.
type SignInRequested struct {
	Link id.Link `json:"link"`
}

// Kind names the job.
func (SignInRequested) Kind() string { return "sign_in_requested" }

// RequestSignIn has a link mailed to the address, good for 15 minutes, once, in
// the browser that asked, which keeps the secret browser in a cookie. It does
// the same work and gives the same answer whether anybody has the address or
// not: only the worker looks. Codes: invalid; too-many-sign-ins after five
// requests for one address within an hour.
func (s *Service) RequestSignIn(ctx context.Context, email, browser string) error {
	email, err := ParseEmail(email)
	if err != nil {
		return err
	}
	if browser == "" {
		return invalid("browser", "Tillåt kakor för den här webbplatsen och försök igen.",
			"Allow cookies for this site and try again.")
	}
	return s.db.Update(ctx, func(tx *database.Tx) error {
		asked, err := countLinks(tx, hashed(email), tx.Now.Add(-time.Hour))
		if err != nil {
			return err
		}
		if asked >= linksPerHour {
			return CodeTooManySignIns.Say(
				"Högst %d inloggningslänkar i timmen skickas till en adress. Använd den senaste, eller vänta en stund och försök igen.",
				"At most %d sign-in links an hour are sent to one address. Use the latest, or wait a while and try again.",
				linksPerHour).With("per_hour", linksPerHour)
		}
		link, err := insertRequest(tx, hashed(email), hashed(browser))
		if err != nil {
			return err
		}
		tx.Enqueue(SignInRequested{Link: link})
		return deleteOldLinks(tx, tx.Now.Add(-linksKept))
	})
}

// IssueLink makes the secret of a link that was asked for and gives it with the
// person to mail it to. Only its hash is stored, so the mail must be the one
// place that has it; a call to send the mail again makes a new secret and the
// earlier one worthless. Code: not-found when nobody has the address, or the
// link was used or is too old: then there is nothing to send.
func IssueLink(tx *database.Tx, link id.Link) (to Person, secret string, err error) {
	secret = id.NewSecret()
	person, err := issueLink(tx, link, hashed(secret))
	if err != nil {
		return Person{}, "", err
	}
	row, err := findPerson(tx, `where p.id = $1`, int64(person))
	if err != nil {
		return Person{}, "", err
	}
	return row.person(), secret, nil
}

// UseLink signs in with a link's secret, once, and gives the secret of a new
// session; the caller ends the one that the browser had before. A link opened in
// another browser is refused and stays good: mail filters open links too. One
// made at the command line opens in any. Code: link-not-valid.
func (s *Service) UseLink(ctx context.Context, secret, browser string) (session string, err error) {
	err = s.db.Update(ctx, func(tx *database.Tx) error {
		person, err := useLink(tx, hashed(secret), hashed(browser))
		if err != nil {
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

// CreateAdmin makes the person with the address an administrator, creating them
// where needed (an empty name is then the address), and gives the secret of a
// sign-in link for any browser, good for 15 minutes. Code: invalid.
func (s *Service) CreateAdmin(ctx context.Context, email, name string) (link string, err error) {
	email, err = ParseEmail(email)
	if err != nil {
		return "", err
	}
	if name != "" && !named(name) {
		return "", badName()
	}
	err = s.db.Update(ctx, func(tx *database.Tx) error {
		person, err := insertNamed(tx, email, name)
		if err != nil {
			return err
		}
		if _, err := PutGrant(tx, person, Grant{Role: Admin}); err != nil {
			return err
		}
		link = id.NewSecret()
		if err := insertAdminLink(tx, hashed(email), person, hashed(link)); err != nil {
			return err
		}
		return Audit(tx, 0, "create_admin", fmt.Sprintf("person/%d", person), nil)
	})
	if err != nil {
		return "", err
	}
	return link, nil
}

func linkNotValid() error {
	return CodeLinkNotValid.Say(
		"Länken är redan använd, äldre än 15 minuter eller öppnad i en annan webbläsare än den du begärde den i. Öppna den där, eller begär en ny.",
		"The link has been used, is older than 15 minutes, or was opened in another browser than the one you asked in. Open it there, or ask for a new one.")
}
