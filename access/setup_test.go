package access_test

import (
	"context"
	"database/sql"
	"log/slog"
	"sync"
	"testing"
	"time"

	"rigg/access"
	"rigg/internal/database"
	"rigg/internal/dbtest"
	"rigg/internal/id"
	"rigg/internal/problem"
	"rigg/internal/text"
)

// bench is a database with a clock that the test sets, and the jobs enqueued.
type bench struct {
	db      *database.DB
	service *access.Service

	mu   sync.Mutex
	now  time.Time
	jobs []database.Job
}

func setup(t *testing.T) *bench {
	t.Helper()
	b := &bench{now: time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)}
	db, err := database.Open(t.Context(), database.Config{
		URL: dbtest.URL(t), Now: b.clock, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	db.OnEnqueue(func(_ context.Context, _ *sql.Tx, jobs []database.Enqueued) error {
		b.mu.Lock()
		defer b.mu.Unlock()
		for _, j := range jobs {
			b.jobs = append(b.jobs, j.Job)
		}
		return nil
	})
	b.db, b.service = db, access.New(db)
	return b
}

func (b *bench) clock() time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.now
}

func (b *bench) wait(d time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.now = b.now.Add(d)
}

// links gives the sign-in links asked for since the last call.
func (b *bench) links(t *testing.T) []id.Link {
	t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	var out []id.Link
	for _, j := range b.jobs {
		asked, ok := j.(access.SignInRequested)
		if !ok {
			t.Fatalf("job %T", j)
		}
		out = append(out, asked.Link)
	}
	b.jobs = nil
	return out
}

// update gives what f makes in a transaction that commits.
func update[T any](t *testing.T, b *bench, f func(*database.Tx) (T, error)) T {
	t.Helper()
	out, err := try(t, b, f)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func try[T any](t *testing.T, b *bench, f func(*database.Tx) (T, error)) (out T, err error) {
	t.Helper()
	err = b.db.Update(t.Context(), func(tx *database.Tx) error {
		out, err = f(tx)
		return err
	})
	return out, err
}

func (b *bench) exec(t *testing.T, sql string, args ...any) {
	t.Helper()
	if _, err := b.db.Pool().Exec(t.Context(), sql, args...); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

func count(t *testing.T, b *bench, query string, args ...any) (n int) {
	t.Helper()
	if err := b.db.Pool().QueryRow(t.Context(), query, args...).Scan(&n); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return n
}

func wantCode(t *testing.T, err error, code problem.Code) {
	t.Helper()
	if !problem.Has(err, code) {
		t.Errorf("%v; want %s", err, code.Slug)
	}
}

var (
	acme = access.Organisation{ID: "acme", Name: "Acme Gjuteri AB", OrgNo: "559000-0013", Kind: "company",
		Sizes: []access.DatedSize{{Size: "small"}}}
	institute = access.Organisation{ID: "institute", Name: "Institutet", Kind: "institute", Undertaking: "state"}
	anna      = access.Person{Email: "Anna@Acme.example", Name: "Anna Ek", Organisations: []id.Organisation{"acme"}}
	mia       = access.Person{Email: "mia@institute.example", Name: "Mia Lund", Language: text.EN,
		Organisations: []id.Organisation{"institute"}}
)

// people puts Anna and Mia with their organisations and gives their ids.
func people(t *testing.T, b *bench) (annaID, miaID id.Person) {
	t.Helper()
	return put(t, b, anna), put(t, b, mia)
}

func put(t *testing.T, b *bench, p access.Person) id.Person {
	t.Helper()
	return update(t, b, func(tx *database.Tx) (id.Person, error) {
		for _, o := range []access.Organisation{acme, institute} {
			if _, err := access.PutOrganisation(tx, o); err != nil {
				return 0, err
			}
		}
		if _, err := access.PutPerson(tx, p); err != nil {
			return 0, err
		}
		found, err := access.FindPerson(tx, p.Email)
		return found.ID, err
	})
}
