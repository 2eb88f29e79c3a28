package access_test

import (
	"testing"
	"time"

	"rigg/access"
	"rigg/internal/id"
)

// TestCleanUp keeps what may be asked for again and deletes the rest, twice.
func TestCleanUp(t *testing.T) {
	t.Parallel()
	b := setup(t)
	annaID, miaID := people(t, b)
	by := &access.Principal{Person: access.Person{ID: annaID}}
	old := access.WithKey(t.Context(), "old", "body")
	first, err := audited(old, b, by, nil)
	if err != nil {
		t.Fatal(err)
	}
	b.session(t, miaID)
	if err := b.service.RequestSignIn(t.Context(), "nobody@sme.example", "browser"); err != nil {
		t.Fatal(err)
	}
	b.wait(29 * 24 * time.Hour)
	recent := access.WithKey(t.Context(), "recent", "body")
	kept, err := audited(recent, b, by, nil)
	if err != nil {
		t.Fatal(err)
	}
	secret := b.session(t, annaID)
	b.tidy(t)
	if again, err := audited(old, b, by, nil); again != first || err != nil {
		t.Errorf("a key of 29 days gives %d instead of %d, %v", again, first, err)
	}
	b.wait(24 * time.Hour)
	if _, _, err := b.service.BySession(t.Context(), secret); err == nil {
		t.Error("a session lives for a day without use")
	}
	b.wait(time.Hour)
	b.tidy(t)
	if again, err := audited(recent, b, by, nil); again != kept || err != nil {
		t.Errorf("a recent key gives %d instead of %d, %v", again, kept, err)
	}
	if again, err := audited(old, b, by, nil); again == first || err != nil {
		t.Errorf("a key of 30 days still gives %d, %v", again, err)
	}
	for query, want := range map[string]int{
		`select count(*) from idempotency_keys`: 2, `select count(*) from sessions`: 1, `select count(*) from sign_in_links`: 0,
	} {
		if n := count(t, b, query); n != want {
			t.Errorf("%s: %d, not %d", query, n, want)
		}
	}
}

func (b *bench) session(t *testing.T, person id.Person) string {
	t.Helper()
	secret, err := b.service.StartSession(t.Context(), person)
	if err != nil {
		t.Fatal(err)
	}
	return secret
}

func (b *bench) tidy(t *testing.T) {
	t.Helper()
	for range 2 {
		if err := b.service.CleanUp(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}
