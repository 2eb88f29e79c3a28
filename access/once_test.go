package access_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"

	"rigg/access"
	"rigg/internal/database"
)

// audited runs Once with a change that leaves one audit row and gives its number.
func audited(ctx context.Context, b *bench, by *access.Principal, fail error) (int, error) {
	return access.Once(ctx, b.db, by, func(tx *database.Tx) (int, error) {
		if err := access.Audit(tx, by.ID, "test", "thing/1", map[string]any{"n": 1}); err != nil {
			return 0, err
		}
		n, err := database.Select[int](tx, `select max(id)::int from audit`)
		if err != nil || fail != nil {
			return 0, errors.Join(err, fail)
		}
		return n[0], nil
	})
}

func TestOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	annaID, miaID := people(t, b)
	byAnna := &access.Principal{Person: access.Person{ID: annaID}}
	byMia := &access.Principal{Person: access.Person{ID: miaID}}
	request := access.WithKey(t.Context(), "key", "POST", "/bookings", "body")

	broken := errors.New("broken")
	if _, err := audited(request, b, byAnna, broken); !errors.Is(err, broken) {
		t.Errorf("failure: %v", err)
	}
	first, err := audited(request, b, byAnna, nil)
	if err != nil || first == 0 {
		t.Fatalf("after a failure with the same key: %d, %v", first, err)
	}
	if again, err := audited(request, b, byAnna, nil); again != first || err != nil {
		t.Errorf("again: %d instead of %d, %v", again, first, err)
	}
	for _, ctx := range []context.Context{
		access.WithKey(t.Context(), "key", "POST", "/bookings", "another body"),
		access.WithKey(t.Context(), "key", "POST", "/bookings/body", ""),
	} {
		_, err = audited(ctx, b, byAnna, nil)
		wantCode(t, err, access.CodeKeyReused)
	}
	seen := map[int]bool{first: true}
	for name, c := range map[string]struct {
		ctx context.Context
		by  *access.Principal
	}{
		"another principal": {request, byMia},
		"another key":       {access.WithKey(t.Context(), "other", "POST", "/bookings", "body"), byAnna},
		"no key":            {t.Context(), byAnna},
		"empty key":         {access.WithKey(t.Context(), "", "POST", "/bookings", "body"), byAnna},
	} {
		n, err := audited(c.ctx, b, c.by, nil)
		if err != nil || seen[n] {
			t.Errorf("%s: %d, %v", name, n, err)
		}
		seen[n] = true
	}
	if n := count(t, b, `select count(*) from audit where action = 'test'`); n != len(seen) {
		t.Errorf("%d rows for %d changes", n, len(seen))
	}
}

func TestOnceAtOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	annaID, _ := people(t, b)
	request := access.WithKey(t.Context(), "key", "body")
	var wg sync.WaitGroup
	var answer atomic.Int64
	for range 10 {
		wg.Go(func() {
			n, err := audited(request, b, &access.Principal{Person: access.Person{ID: annaID}}, nil)
			if before := answer.Swap(int64(n)); err != nil || n == 0 || before != 0 && before != int64(n) {
				t.Errorf("%d after %d, %v", n, before, err)
			}
		})
	}
	wg.Wait()
	if n := count(t, b, `select count(*) from audit where action = 'test'`); n != 1 {
		t.Errorf("%d rows", n)
	}
}
