// Package database is the one way to PostgreSQL: a pgx pool that GORM and
// database/sql share, transactions that carry one clock reading and collect the
// jobs to enqueue, and the migrations. It must never know a table of the domain,
// and must never let a driver's failure reach a person as it is.
package database

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"gorm.io/driver/postgres"
	"gorm.io/gorm"

	"rigg/internal/problem"
)

// The limits of every connection and transaction. A request that meets one is
// answered "busy, try again", so each is well below a browser's patience.
const (
	defaultMaxConns    = 10
	connectTimeout     = 5 * time.Second  // to reach the server
	acquireTimeout     = 5 * time.Second  // to get a connection out of a busy pool
	lockTimeout        = 10 * time.Second // to wait for one lock
	idleInTransaction  = 30 * time.Second // to think between two statements
	defaultStatement   = 30 * time.Second // to run one statement
	rollbackTimeout    = 5 * time.Second  // to undo after the caller has gone
	slowStatement      = 500 * time.Millisecond
	maxConnLifetime    = time.Hour // so that a failed-over pool rebalances
	maxLifetimeSpread  = 10 * time.Minute
	healthCheckPeriod  = 30 * time.Second
	maxConnIdleTimeout = 10 * time.Minute
)

// Config says where the database is and what time it is.
type Config struct {
	URL              string           // postgres://..., or key=value pairs
	MaxConns         int32            // of the pool; 0 is 10
	StatementTimeout time.Duration    // of one statement in Update and View; 0 is 30 s
	Now              func() time.Time // the program's clock; nil is the real one
	Log              *slog.Logger     // nil is slog.Default
}

// EnqueueFunc inserts jobs through the transaction that collected them.
type EnqueueFunc func(ctx context.Context, tx *sql.Tx, jobs []Enqueued) error

// DB is the open database.
type DB struct {
	pool    *pgxpool.Pool
	plain   *sql.DB // for goose and River: no limits of ours on their statements
	limited *sql.DB // for Update and View: every BEGIN sets the limits
	gorm    *gorm.DB
	now     func() time.Time
	log     *slog.Logger
	enqueue EnqueueFunc
}

// Open connects and makes sure that the server answers.
func Open(ctx context.Context, c Config) (*DB, error) {
	c = withDefaults(c)
	pool, err := newPool(ctx, c)
	if err != nil {
		return nil, err
	}
	d := &DB{pool: pool, now: c.Now, log: c.Log, plain: stdlib.OpenDBFromPool(pool)}
	d.limited = openLimited(pool, c.StatementTimeout)
	d.gorm, err = gorm.Open(postgres.New(postgres.Config{Conn: d.limited}), &gorm.Config{
		SkipDefaultTransaction: true, // Update and View are the only transactions
		DisableAutomaticPing:   true,
		Logger:                 statementLog{log: c.Log},
	})
	if err != nil {
		d.Close()
		return nil, fmt.Errorf("open gorm: %w", err)
	}
	if err := pool.Ping(ctx); err != nil {
		d.Close()
		return nil, problem.CodeUnavailable.Wrap(fmt.Errorf("reach the database: %w", err))
	}
	return d, nil
}

func withDefaults(c Config) Config {
	if c.MaxConns == 0 {
		c.MaxConns = defaultMaxConns
	}
	if c.StatementTimeout == 0 {
		c.StatementTimeout = defaultStatement
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Log == nil {
		c.Log = slog.Default()
	}
	return c
}

func newPool(ctx context.Context, c Config) (*pgxpool.Pool, error) {
	pc, err := pgxpool.ParseConfig(c.URL)
	if err != nil {
		return nil, fmt.Errorf("database url: %w", err)
	}
	pc.MaxConns = c.MaxConns
	pc.MaxConnLifetime, pc.MaxConnLifetimeJitter = maxConnLifetime, maxLifetimeSpread
	pc.MaxConnIdleTime, pc.HealthCheckPeriod = maxConnIdleTimeout, healthCheckPeriod
	pc.ConnConfig.ConnectTimeout = connectTimeout
	// Only parameters that PgBouncer passes on: it refuses a connection that
	// brings others, such as statement_timeout.
	pc.ConnConfig.RuntimeParams["timezone"] = "UTC"
	if pc.ConnConfig.RuntimeParams["application_name"] == "" {
		pc.ConnConfig.RuntimeParams["application_name"] = "rigg"
	}
	pc.AfterConnect = readTimesAsUTC
	pool, err := pgxpool.NewWithConfig(ctx, pc)
	if err != nil {
		return nil, fmt.Errorf("make the pool: %w", err)
	}
	return pool, nil
}

// readTimesAsUTC makes every timestamptz come back in UTC: in the machine's zone
// two equal instants would not be equal values.
func readTimesAsUTC(_ context.Context, conn *pgx.Conn) error {
	conn.TypeMap().RegisterType(&pgtype.Type{
		Name: "timestamptz", OID: pgtype.TimestamptzOID,
		Codec: &pgtype.TimestamptzCodec{ScanLocation: time.UTC},
	})
	return nil
}

// Close gives all connections back; it waits for those in use.
func (d *DB) Close() {
	_ = d.limited.Close() // both are views of the pool and hold no connection
	_ = d.plain.Close()
	d.pool.Close()
}

// Pool is the pgx pool, for River's workers.
func (d *DB) Pool() *pgxpool.Pool { return d.pool }

// SQL is database/sql over the same pool, for goose and River: its transactions
// carry none of Update's limits.
func (d *DB) SQL() *sql.DB { return d.plain }

// Now is the program's clock in UTC, to the microsecond that PostgreSQL keeps.
func (d *DB) Now() time.Time { return d.now().UTC().Truncate(time.Microsecond) }

// OnEnqueue sets the function that inserts a transaction's jobs. Set it once,
// before the first Update; without it a transaction that enqueues fails.
func (d *DB) OnEnqueue(f EnqueueFunc) { d.enqueue = f }
