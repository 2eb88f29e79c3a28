package calendar

import (
	"fmt"
	"time"

	"rigg/access"
	"rigg/internal/database"
	"rigg/internal/id"
	"rigg/internal/problem"
	"rigg/internal/text"
)

type feedRow struct {
	ID         id.Feed
	PersonID   id.Person
	Kind       Kind
	Target     string
	Language   text.Lang
	CreatedAt  time.Time
	RevokedAt  *time.Time
	LastUsedAt *time.Time
	Etag       string
	ChangedAt  *time.Time
}

func (r feedRow) subscription() Subscription {
	f := Subscription{ID: r.ID, Kind: r.Kind, Target: r.Target, Created: r.CreatedAt.UTC()}
	if r.LastUsedAt != nil {
		f.LastUsed = r.LastUsedAt.UTC()
	}
	return f
}

// countFeeds counts the person's feeds in use and keeps others from making one
// meanwhile: else many requests at once would all count too few.
func countFeeds(tx *database.Tx, person id.Person) (int, error) {
	if _, err := database.Exec(tx, `select from people where id = $1 for no key update`, int64(person)); err != nil {
		return 0, fmt.Errorf("lock person: %w", err)
	}
	n, err := database.Select[int](tx, `select count(*) from feeds where person_id = $1 and revoked_at is null`, int64(person))
	if err != nil {
		return 0, fmt.Errorf("count feeds: %w", err)
	}
	return n[0], nil
}

func insertFeed(tx *database.Tx, by *access.Principal, kind Kind, target string, hash []byte) (Subscription, error) {
	rows, err := database.Select[feedRow](tx, `
		insert into feeds (secret_hash, person_id, kind, target, language, created_at)
		values ($1, $2, $3, $4, $5, $6) returning *`, hash, int64(by.ID), kind, target, by.Language, tx.Now)
	if err != nil {
		return Subscription{}, fmt.Errorf("insert feed: %w", err)
	}
	return rows[0].subscription(), nil
}

// replaceSecret leaves a revoked feed its last secret, which is to go on answering
// that it is revoked.
func replaceSecret(tx *database.Tx, feed id.Feed, hash []byte) error {
	n, err := database.Exec(tx, `update feeds set secret_hash = $2 where id = $1 and revoked_at is null`, int64(feed), hash)
	if err != nil {
		return fmt.Errorf("replace a feed's secret: %w", err)
	}
	if n == 0 {
		return revoked()
	}
	return nil
}

func listFeeds(tx *database.Tx, person id.Person) ([]Subscription, error) {
	rows, err := database.Select[feedRow](tx, `
		select * from feeds where person_id = $1 and revoked_at is null order by id desc limit $2`, int64(person), maxFeeds)
	if err != nil {
		return nil, fmt.Errorf("list feeds: %w", err)
	}
	out := make([]Subscription, len(rows))
	for i, r := range rows {
		out[i] = r.subscription()
	}
	return out, nil
}

// revokeFeed tells whether it was in use; another's is not found.
func revokeFeed(tx *database.Tx, person id.Person, feed id.Feed) (changed bool, err error) {
	was, err := database.Select[bool](tx, `
		select revoked_at is null from feeds where id = $1 and person_id = $2 for update`, int64(feed), int64(person))
	if err != nil {
		return false, fmt.Errorf("lock feed: %w", err)
	}
	if len(was) == 0 {
		return false, problem.Absent()
	}
	if !was[0] {
		return false, nil
	}
	if _, err := database.Exec(tx, `update feeds set revoked_at = $2 where id = $1`, int64(feed), tx.Now); err != nil {
		return false, fmt.Errorf("revoke feed: %w", err)
	}
	return true, nil
}

func findFeed(tx *database.Tx, hash []byte) (feedRow, error) {
	rows, err := database.Select[feedRow](tx, `select * from feeds where secret_hash = $1`, hash)
	if err != nil {
		return feedRow{}, fmt.Errorf("find feed: %w", err)
	}
	if len(rows) == 0 {
		return feedRow{}, problem.Absent()
	}
	if rows[0].RevokedAt != nil {
		return feedRow{}, revoked()
	}
	return rows[0], nil
}

func revoked() error {
	return CodeFeedRevoked.Say("Ta bort kalendern ur ditt kalenderprogram, och skapa en ny adress i Rigg om du behöver den.",
		"Remove the calendar from your calendar program, and make a new address in Rigg if you need one.")
}

// touchFeed waits for nobody: of two readers at once one writes.
func touchFeed(tx *database.Tx, feed id.Feed, etag string, changed time.Time) error {
	_, err := database.Exec(tx, `
		update feeds set last_used_at = $2, etag = $3, changed_at = $4
		where id in (select id from feeds where id = $1 for update skip locked)`, int64(feed), tx.Now, etag, changed)
	if err != nil {
		return fmt.Errorf("touch feed: %w", err)
	}
	return nil
}
