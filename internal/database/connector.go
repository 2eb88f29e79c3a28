package database

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
)

// connector hands out the pool's connections with a BEGIN that sets the limits
// of its transaction. SET LOCAL in the same round trip as BEGIN is the one way
// that holds behind every kind of PgBouncer: start-up parameters are refused
// there, and a plain SET would stay with a server connection that others use.
type connector struct {
	driver.Connector
	limits string
}

func openLimited(pool *pgxpool.Pool, statement time.Duration) *sql.DB {
	db := sql.OpenDB(connector{
		Connector: stdlib.GetPoolConnector(pool),
		limits: fmt.Sprintf("set local statement_timeout = %d; set local lock_timeout = %d; "+
			"set local idle_in_transaction_session_timeout = %d; "+
			// To compile a statement takes longer than any of ours does.
			"set local jit = off",
			statement.Milliseconds(), lockTimeout.Milliseconds(), idleInTransaction.Milliseconds()),
	})
	db.SetMaxIdleConns(0) // idle connections belong in the pool
	return db
}

// Connect takes a connection from the pool, and waits for one only so long.
func (c connector) Connect(ctx context.Context) (driver.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, acquireTimeout)
	defer cancel()
	conn, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, fmt.Errorf("take a connection from the pool: %w", err)
	}
	pgxConn, ok := conn.(*stdlib.Conn)
	if !ok {
		return nil, fmt.Errorf("the pool gave a %T", conn)
	}
	return session{Conn: pgxConn, limits: c.limits}, nil
}

type session struct {
	*stdlib.Conn
	limits string
}

// BeginTx begins with the isolation asked for and the limits, in one round trip.
func (s session) BeginTx(ctx context.Context, opts driver.TxOptions) (driver.Tx, error) {
	if s.Conn.Conn().IsClosed() {
		return nil, driver.ErrBadConn // database/sql takes another one
	}
	begin := "begin isolation level " + strings.ToLower(sql.IsolationLevel(opts.Isolation).String())
	if opts.ReadOnly {
		begin += " read only"
	}
	tx, err := s.Conn.Conn().BeginTx(ctx, pgx.TxOptions{BeginQuery: begin + "; " + s.limits})
	if err != nil {
		return nil, fmt.Errorf("begin: %w", err)
	}
	return transaction{ctx: ctx, tx: tx}, nil
}

type transaction struct {
	ctx context.Context // database/sql's Commit takes none
	tx  pgx.Tx
}

// Commit commits while the caller still waits.
func (t transaction) Commit() error { return t.tx.Commit(t.ctx) }

// Rollback undoes also when the caller has gone: otherwise the connection would
// have to be thrown away.
func (t transaction) Rollback() error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.ctx), rollbackTimeout)
	defer cancel()
	return t.tx.Rollback(ctx)
}
