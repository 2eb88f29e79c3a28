package database

import (
	"context"
	"database/sql"
	"fmt"
	"io/fs"
	"log/slog"
	"time"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"rigg/internal/problem"
)

// CodeSchemaNewer refuses to run an old program on a newer database: it would
// not know what its columns and constraints mean.
var CodeSchemaNewer = problem.Declare(problem.Unavailable, "schema-newer",
	"Databasen är nyare än programmet", "The database is newer than the program")

// How long to wait for another process that is migrating.
const (
	migrateProbeSeconds = 1
	migrateProbes       = 300
	migrateVersionTable = "goose_db_version"
)

// Migration is one step of the schema. AppliedAt is zero while it is pending.
type Migration struct {
	Version   int64
	Name      string
	AppliedAt time.Time
}

// Migrate brings the schema to the last of files. It holds an advisory lock, so
// that of several processes one does the work and the others find it done
// (behind PgBouncer: give it a direct or session-pooled address). A schema newer
// than files is refused with CodeSchemaNewer.
func Migrate(ctx context.Context, db *sql.DB, files fs.FS, log *slog.Logger) error {
	provider, err := newProvider(db, files)
	if err != nil {
		return err
	}
	if err := refuseNewer(ctx, db, provider); err != nil {
		return err
	}
	done, err := provider.Up(ctx)
	if err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	for _, m := range done {
		log.InfoContext(ctx, "migrated", "version", m.Source.Version, "took_ms", m.Duration.Milliseconds())
	}
	return nil
}

// Status lists every migration of files, oldest first.
func Status(ctx context.Context, db *sql.DB, files fs.FS) ([]Migration, error) {
	provider, err := newProvider(db, files)
	if err != nil {
		return nil, err
	}
	list, err := provider.Status(ctx)
	if err != nil {
		return nil, fmt.Errorf("migration status: %w", err)
	}
	out := make([]Migration, 0, len(list))
	for _, m := range list {
		out = append(out, Migration{Version: m.Source.Version, Name: m.Source.Path, AppliedAt: m.AppliedAt.UTC()})
	}
	return out, nil
}

// Down takes the last applied migration back.
func Down(ctx context.Context, db *sql.DB, files fs.FS) error {
	provider, err := newProvider(db, files)
	if err != nil {
		return err
	}
	if err := refuseNewer(ctx, db, provider); err != nil {
		return err
	}
	if _, err := provider.Down(ctx); err != nil {
		return fmt.Errorf("migrate down: %w", err)
	}
	return nil
}

func newProvider(db *sql.DB, files fs.FS) (*goose.Provider, error) {
	locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(migrateProbeSeconds, migrateProbes))
	if err != nil {
		return nil, fmt.Errorf("migration lock: %w", err)
	}
	provider, err := goose.NewProvider(goose.DialectPostgres, db, files,
		goose.WithSessionLocker(locker), goose.WithTableName(migrateVersionTable),
		goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return nil, fmt.Errorf("read the migrations: %w", err)
	}
	return provider, nil
}

// refuseNewer asks by itself: goose would make its table first, without the lock.
func refuseNewer(ctx context.Context, db *sql.DB, provider *goose.Provider) error {
	var exists bool
	if err := db.QueryRowContext(ctx, "SELECT to_regclass($1) IS NOT NULL", migrateVersionTable).Scan(&exists); err != nil {
		return explain(fmt.Errorf("look for the schema's version: %w", err))
	}
	if !exists {
		return nil
	}
	var have, know int64
	if err := db.QueryRowContext(ctx, "SELECT coalesce(max(version_id), 0) FROM "+migrateVersionTable).Scan(&have); err != nil {
		return explain(fmt.Errorf("read the schema's version: %w", err))
	}
	for _, s := range provider.ListSources() {
		know = max(know, s.Version)
	}
	if have > know {
		return CodeSchemaNewer.Say(
			"Databasens schema har version %d, men det här programmet känner bara till version %d. Uppgradera programmet.",
			"The database has schema version %d, but this program knows only version %d. Upgrade the program.", have, know).
			With("database", have).With("program", know)
	}
	return nil
}
