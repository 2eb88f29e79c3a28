package notify

import (
	"fmt"

	"rigg/internal/database"
	"rigg/internal/id"
)

// dropWritten takes out the keys under which somebody has been told already; each
// comes with the booking that it is about, and is the beginning of the messages'.
func dropWritten(tx *database.Tx, keys map[string]id.Booking) error {
	var bookings []int64
	var prefixes []string
	for key, b := range keys {
		bookings, prefixes = append(bookings, int64(b)), append(prefixes, key)
	}
	written, err := database.Select[string](tx, `
		select x.key from unnest($1::bigint[], $2::text[]) x (booking, key)
		where exists (select from messages m where m.booking_id = x.booking and starts_with(m.key, x.key || '/'))`, bookings, prefixes)
	if err != nil {
		return fmt.Errorf("look for messages: %w", err)
	}
	for _, key := range written {
		delete(keys, key)
	}
	return nil
}
