package access

import (
	"context"
	"fmt"
	"time"

	"rigg/internal/database"
)

const (
	// keysKept is how long an idempotency key gives the same answer again: far
	// longer than any program tries.
	keysKept     = 30 * 24 * time.Hour
	cleanUpBatch = 5000
)

// CleanUp deletes what is of no more use: idempotency keys of 30 days, and
// sessions and sign-in links that are over. Done again, it does nothing.
func (s *Service) CleanUp(ctx context.Context) error {
	for {
		var n int64
		err := s.db.Update(ctx, func(tx *database.Tx) (err error) {
			n, err = deleteOver(tx, cleanUpBatch)
			return err
		})
		if err != nil || n == 0 {
			return err
		}
	}
}

// deleteOver deletes a batch of each, and tells how many rows. Rows that are in
// use now are for the next round.
func deleteOver(tx *database.Tx, limit int) (sum int64, err error) {
	for _, over := range []struct {
		table, key, where string
		before            time.Time
	}{
		{"idempotency_keys", "person_id, key", "created_at < $1", tx.Now.Add(-keysKept)},
		{"sessions", "hash", "expires_at <= $1", tx.Now},
		{"sign_in_links", "id", "created_at < $1", tx.Now.Add(-linksKept)},
	} {
		n, err := database.Exec(tx, fmt.Sprintf(`delete from %s where (%s) in (select %[2]s from %[1]s where %[3]s
			limit $2 for update skip locked)`, over.table, over.key, over.where), over.before, limit)
		if err != nil {
			return 0, fmt.Errorf("clean up %s: %w", over.table, err)
		}
		sum += n
	}
	return sum, nil
}
