package access

import (
	"encoding/binary"
	"fmt"
	"time"

	"rigg/internal/database"
	"rigg/internal/id"
	"rigg/internal/problem"
)

type tokenRow struct {
	Person  personRow `gorm:"embedded"`
	TokenID int64
	Scopes  []string `gorm:"serializer:json"`
	SeenAt  time.Time
}

func findToken(tx *database.Tx, hash []byte) (tokenRow, error) {
	rows, err := database.Select[tokenRow](tx, `select`+personColumns+`, t.id as token_id,
			to_json(t.scopes) as scopes, coalesce(t.last_used_at, 'epoch') as seen_at
		from tokens t join people p on p.id = t.person_id
		where t.hash = $1 and t.expires_at > $2 and t.revoked_at is null`, hash, tx.Now)
	if err != nil {
		return tokenRow{}, fmt.Errorf("read token: %w", err)
	}
	if len(rows) == 0 {
		return tokenRow{}, CodeUnauthenticated.Say(
			"Åtkomstnyckeln gäller inte. Skapa en ny.", "The token is not valid. Make a new one.")
	}
	return rows[0], nil
}

func insertToken(tx *database.Tx, person id.Person, hash []byte, scopes []string, expires time.Time) (id.Token, error) {
	made, err := database.Select[id.Token](tx, `
		insert into tokens (hash, person_id, scopes, created_at, expires_at)
		values ($1, $2, $3::text[], $4, $5) returning id`, hash, int64(person), scopes, tx.Now, expires)
	if err != nil {
		return 0, fmt.Errorf("insert token: %w", err)
	}
	return made[0], nil
}

// touchToken asks the time once more: of many requests at once one writes.
func touchToken(tx *database.Tx, token int64) error {
	_, err := database.Exec(tx, `
		update tokens set last_used_at = $2
		where id = $1 and (last_used_at is null or last_used_at <= $3)`, token, tx.Now, tx.Now.Add(-seenEvery))
	if err != nil {
		return fmt.Errorf("touch token: %w", err)
	}
	return nil
}

type sessionRow struct {
	Person personRow `gorm:"embedded"`
	CSRF   string
	SeenAt time.Time
}

func findSession(tx *database.Tx, hash []byte) (sessionRow, error) {
	rows, err := database.Select[sessionRow](tx, `select`+personColumns+`, s.csrf, s.last_seen_at as seen_at
		from sessions s join people p on p.id = s.person_id
		where s.hash = $1 and s.expires_at > $2 and s.last_seen_at > $3`, hash, tx.Now, tx.Now.Add(-idleLimit))
	if err != nil {
		return sessionRow{}, fmt.Errorf("read session: %w", err)
	}
	if len(rows) == 0 {
		return sessionRow{}, CodeUnauthenticated.Say("Logga in för att fortsätta.", "Sign in to go on.")
	}
	return rows[0], nil
}

// insertSession also clears the person's sessions that are over: nothing else does.
func insertSession(tx *database.Tx, hash []byte, person id.Person, csrf string) error {
	_, err := database.Exec(tx, `delete from sessions where person_id = $1 and (expires_at <= $2 or last_seen_at <= $3)`,
		int64(person), tx.Now, tx.Now.Add(-idleLimit))
	if err != nil {
		return fmt.Errorf("clear old sessions: %w", err)
	}
	_, err = database.Exec(tx, `
		insert into sessions (hash, person_id, csrf, created_at, last_seen_at, expires_at)
		values ($1, $2, $3, $4, $4, $5)`, hash, int64(person), csrf, tx.Now, tx.Now.Add(absoluteLimit))
	if err != nil {
		return fmt.Errorf("insert session: %w", err)
	}
	return nil
}

func touchSession(tx *database.Tx, hash []byte) error {
	_, err := database.Exec(tx, `update sessions set last_seen_at = $2 where hash = $1 and last_seen_at <= $3`,
		hash, tx.Now, tx.Now.Add(-seenEvery))
	if err != nil {
		return fmt.Errorf("touch session: %w", err)
	}
	return nil
}

func deleteSession(tx *database.Tx, hash []byte) error {
	if _, err := database.Exec(tx, `delete from sessions where hash = $1`, hash); err != nil {
		return fmt.Errorf("delete session: %w", err)
	}
	return nil
}

// countLinks counts the links asked for with the address since then, and keeps
// others from asking with it until the transaction ends: else many requests at
// once would all count too few.
func countLinks(tx *database.Tx, address []byte, since time.Time) (int, error) {
	lock := int64(binary.BigEndian.Uint64(address))
	if _, err := database.Exec(tx, `select pg_advisory_xact_lock($1)`, lock); err != nil {
		return 0, fmt.Errorf("lock address: %w", err)
	}
	n, err := database.Select[int](tx, `
		select count(*) from sign_in_links where address_hash = $1 and created_at > $2 and browser_hash is not null`,
		address, since)
	if err != nil {
		return 0, fmt.Errorf("count sign-in links: %w", err)
	}
	return n[0], nil
}

func insertRequest(tx *database.Tx, address, browser []byte) (id.Link, error) {
	made, err := database.Select[id.Link](tx, `
		insert into sign_in_links (address_hash, browser_hash, created_at, expires_at)
		values ($1, $2, $3, $4) returning id`, address, browser, tx.Now, tx.Now.Add(LinkLife))
	if err != nil {
		return 0, fmt.Errorf("insert sign-in link: %w", err)
	}
	return made[0], nil
}

func insertAdminLink(tx *database.Tx, address []byte, person id.Person, hash []byte) error {
	_, err := database.Exec(tx, `
		insert into sign_in_links (address_hash, person_id, hash, created_at, expires_at)
		values ($1, $2, $3, $4, $5)`, address, int64(person), hash, tx.Now, tx.Now.Add(LinkLife))
	if err != nil {
		return fmt.Errorf("insert sign-in link: %w", err)
	}
	return nil
}

// deleteOldLinks takes a few at a time and none that another transaction is
// taking, so that nobody waits.
func deleteOldLinks(tx *database.Tx, before time.Time) error {
	_, err := database.Exec(tx, `
		delete from sign_in_links where id in (
			select id from sign_in_links where created_at < $1 order by created_at limit 100 for update skip locked)`, before)
	if err != nil {
		return fmt.Errorf("delete old sign-in links: %w", err)
	}
	return nil
}

// issueLink looks for the person by the hash of the address, which takes a scan
// of all people, and may: it happens in a job, at most a few times an hour and address.
func issueLink(tx *database.Tx, link id.Link, hash []byte) (id.Person, error) {
	to, err := database.Select[id.Person](tx, `
		update sign_in_links l set hash = $2, person_id = p.id
		from people p where sha256(convert_to(p.email, 'UTF8')) = l.address_hash
			and l.id = $1 and l.used_at is null and l.expires_at > $3
		returning p.id`, int64(link), hash, tx.Now)
	switch {
	case err != nil:
		return 0, fmt.Errorf("issue sign-in link: %w", err)
	case len(to) == 0:
		return 0, problem.Absent()
	}
	return to[0], nil
}

// useLink is one statement, so that of two uses at once one finds it used.
func useLink(tx *database.Tx, hash, browser []byte) (id.Person, error) {
	who, err := database.Select[id.Person](tx, `
		update sign_in_links set used_at = $3
		where hash = $1 and used_at is null and expires_at > $3 and (browser_hash is null or browser_hash = $2)
		returning person_id`, hash, browser, tx.Now)
	switch {
	case err != nil:
		return 0, fmt.Errorf("use sign-in link: %w", err)
	case len(who) == 0:
		return 0, linkNotValid()
	}
	return who[0], nil
}

func insertNamed(tx *database.Tx, email, name string) (id.Person, error) {
	made, err := database.Select[id.Person](tx, `
		insert into people as p (email, name, created_at) values ($1, coalesce(nullif($2, ''), left($1, 200)), $3)
		on conflict (email) do update set name = coalesce(nullif($2, ''), p.name) returning id`, email, name, tx.Now)
	if err != nil {
		return 0, fmt.Errorf("insert person: %w", err)
	}
	return made[0], nil
}
