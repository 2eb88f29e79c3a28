package access

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"

	"rigg/internal/database"
	"rigg/internal/problem"
)

// CodeKeyReused refuses an idempotency key that came with another request.
var CodeKeyReused = problem.Declare(problem.Refused, "idempotency-key-reused",
	"Nyckeln är redan använd för en annan begäran", "The key was used for another request")

// MaxKey is the longest idempotency key.
const MaxKey = 255

type onceKey struct{}

type once struct {
	key     string
	request [sha256.Size]byte
}

// WithKey gives the context the request's idempotency key: a service's change
// made in it is done once. request is all that says what is asked: method, path
// and body. An empty key changes nothing.
func WithKey(ctx context.Context, key string, request ...string) context.Context {
	if key == "" {
		return ctx
	}
	h := sha256.New()
	for _, part := range request {
		fmt.Fprintf(h, "%d:%s", len(part), part)
	}
	o := once{key: key}
	copy(o.request[:], h.Sum(nil))
	return context.WithValue(ctx, onceKey{}, o)
}

// WithoutKey gives the context without its idempotency key, for a call that makes
// several changes: each would else be taken for the first.
func WithoutKey(ctx context.Context) context.Context { return context.WithValue(ctx, onceKey{}, nil) }

// Once runs f in one transaction. With an idempotency key in the context it
// gives what the first success with that key gave, without running f again; two
// at once wait for each other. The key is stored in f's own transaction, per
// principal, so a failure leaves no trace of it. T must survive JSON. Code:
// idempotency-key-reused.
func Once[T any](ctx context.Context, db *database.DB, by *Principal, f func(*database.Tx) (T, error)) (out T, err error) {
	err = db.Update(ctx, func(tx *database.Tx) error {
		o, keyed := ctx.Value(onceKey{}).(once)
		if !keyed || by == nil {
			out, err = f(tx)
			return err
		}
		stored, replay, err := claim(tx, by, o)
		if err != nil {
			return err
		}
		if replay {
			return json.Unmarshal(stored, &out)
		}
		if out, err = f(tx); err != nil {
			return err
		}
		return remember(tx, by, o, out)
	})
	return out, err
}

// claim takes the key, or gives what is stored under it.
func claim(tx *database.Tx, by *Principal, o once) (stored []byte, replay bool, err error) {
	n, err := database.Exec(tx, `insert into idempotency_keys (person_id, key, request, created_at)
		values ($1, $2, $3, $4) on conflict do nothing`, by.ID, o.key, o.request[:], tx.Now)
	if err != nil {
		return nil, false, fmt.Errorf("claim idempotency key: %w", err)
	}
	if n == 1 {
		return nil, false, nil
	}
	// The other transaction has ended, or the insert would still wait for it.
	type row struct{ Request, Response []byte }
	rows, err := database.Select[row](tx,
		`select request, response from idempotency_keys where person_id = $1 and key = $2`, by.ID, o.key)
	if err != nil {
		return nil, false, fmt.Errorf("read idempotency key: %w", err)
	}
	if len(rows) != 1 || string(rows[0].Request) != string(o.request[:]) {
		return nil, false, CodeKeyReused.Say(
			"Idempotency-Key är redan använd för en annan begäran. Skapa en ny nyckel.",
			"The Idempotency-Key was used for another request. Make a new key.")
	}
	return rows[0].Response, true, nil
}

func remember(tx *database.Tx, by *Principal, o once, out any) error {
	response, err := json.Marshal(out)
	if err != nil {
		return fmt.Errorf("remember response: %w", err)
	}
	_, err = database.Exec(tx, `update idempotency_keys set response = $3
		where person_id = $1 and key = $2`, by.ID, o.key, response)
	if err != nil {
		return fmt.Errorf("remember response: %w", err)
	}
	return nil
}
