package localpg

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

const probeLimit = 5 * time.Second

// await asks for the server's socket and whether it still runs, again and
// again, until it answers or is gone.
func (c *cluster) await(ctx context.Context, look func() (socket string, alive bool)) (string, error) {
	var last error
	for {
		socket, alive := look()
		if !alive {
			return "", errGone
		}
		if socket != "" {
			var again bool
			if again, last = c.probe(ctx, socket); !again {
				return socket, last
			}
		}
		if err := pause(ctx); err != nil {
			return "", fmt.Errorf("wait for the database in %s: %w (last: %w)", c.data, err, last)
		}
	}
}

// probe connects once, and makes the program's own database if it is missing
// (the making of the cluster may have been interrupted just before). The
// answer says whether to try again.
func (c *cluster) probe(ctx context.Context, socket string) (again bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, probeLimit)
	defer cancel()
	conn, err := pgx.Connect(ctx, connectionURL(socket, databaseName))
	if err == nil {
		return false, conn.Close(ctx)
	}
	err = fmt.Errorf("connect to the database: %w", err)
	var refusal *pgconn.PgError
	if !errors.As(err, &refusal) {
		return true, err
	}
	switch refusal.Code {
	case "57P03": // starting up, shutting down
		return true, err
	case "53300": // too many connections: it is up, and busy
		return false, nil
	case "3D000": // no such database
		err := createDatabase(ctx, socket)
		return err == nil, err
	}
	return false, err
}

func createDatabase(ctx context.Context, socket string) error {
	conn, err := pgx.Connect(ctx, connectionURL(socket, "postgres"))
	if err != nil {
		return fmt.Errorf("make the database: %w", err)
	}
	_, err = conn.Exec(ctx, "CREATE DATABASE "+databaseName)
	return errors.Join(err, conn.Close(ctx))
}

func closed(ch <-chan struct{}) bool {
	select {
	case <-ch:
		return true
	default:
		return false
	}
}
