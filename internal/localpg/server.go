// Package localpg runs the PostgreSQL server that comes along with Rigg when
// no other database is configured: a real server on a private cluster in the
// data directory, reached over a Unix socket that only its owner can open.
//
// Any number of processes may use one data directory at a time (serve beside
// load and check). The first one starts the server and the last one stops it.
// A server that a killed program left behind is adopted by the next one.
// Start never deletes or overwrites an existing data directory; only Remove,
// which a person has to ask for, does.
//
// What happens in a crash. When one backend dies, PostgreSQL restarts itself:
// every connection breaks, committed work stays, and the pool connects again.
// When the server as a whole is killed (kill -9 on its first process), all
// connections fail until some process calls Start again, because a running
// Rigg does not watch over it: it reports itself not ready, and whatever
// supervises the program should restart it. Start then recovers from the log.
//
// Files in the data directory: pg (the cluster), pg.log and pg.log.old (what
// the server says, bounded in size), pg.lock, pg.users and pg.server (locks; they
// must never be deleted while a program runs), pg.new-* (a cluster being made).
package localpg

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

const (
	// startLimit includes the recovery after a crash, which replays up to a
	// gigabyte of log on a slow disk.
	startLimit = 5 * time.Minute
	// stopLimit is for getting the lock; the server then has its own limits.
	stopLimit = time.Minute

	databaseName = "rigg"
	superuser    = "rigg"
	port         = "5432" // only a part of the socket's name
)

// ErrInUse is what Remove answers while a process uses the cluster.
var ErrInUse = errors.New("the database is in use by a running program")

// Options say which cluster to run and how.
type Options struct {
	// Dir is the data directory; the cluster is made in Dir/pg. It is created
	// when missing.
	Dir string
	// Throwaway gives up durability for speed: a power cut may destroy the
	// cluster. For tests only.
	Throwaway bool
	// Settings are PostgreSQL settings for this start of the server, stronger
	// than those in pg/postgresql.conf. A server already running keeps its own.
	Settings map[string]string
	// Log is told what is started, adopted and stopped; nil discards it.
	Log *slog.Logger
}

// Server is this process's share in a running cluster.
type Server struct {
	cluster *cluster
	users   *lock
	socket  string
	done    chan struct{} // closed by Stop, ends the watch over the log's size
	stop    sync.Once
	stopErr error
}

// DefaultDir is the data directory when none is configured: /var/lib/rigg for
// root, otherwise rigg under the XDG data home.
func DefaultDir() (string, error) {
	if os.Geteuid() == 0 {
		return "/var/lib/rigg", nil
	}
	// The XDG specification tells programs to ignore a relative path here.
	if base := os.Getenv("XDG_DATA_HOME"); filepath.IsAbs(base) {
		return filepath.Join(base, "rigg"), nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", fmt.Errorf("no home directory to keep data in, set --data-dir: %w", err)
	}
	return filepath.Join(home, ".local", "share", "rigg"), nil
}

// Start makes the cluster if there is none, starts or adopts its server, and
// returns when it answers. It gives up when ctx ends, and after five minutes.
// The error is ErrNoServer when no suitable PostgreSQL is installed.
func Start(ctx context.Context, options Options) (*Server, error) {
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	c, err := openCluster(ctx, options)
	if err != nil {
		return nil, err
	}
	gate, err := acquire(ctx, c.path("pg.lock"), exclusive)
	if err != nil {
		return nil, err
	}
	defer gate.release()
	users, err := acquire(ctx, c.path("pg.users"), shared)
	if err != nil {
		return nil, err
	}
	socket, err := c.run(ctx)
	if err != nil {
		// A server that we left half started would belong to nobody.
		return nil, errors.Join(err, c.leave(users))
	}
	s := &Server{cluster: c, users: users, socket: socket, done: make(chan struct{})}
	go c.watchLog(s.done)
	return s, nil
}

// URL is the connection string for pgx and libpq: database rigg over the
// private socket.
func (s *Server) URL() string { return connectionURL(s.socket, databaseName) }

// Stop ends this process's use. If no other process uses the cluster, the
// server is stopped too; its remaining connections are closed. A second call
// does nothing and returns the first one's error.
func (s *Server) Stop() error {
	s.stop.Do(func() {
		close(s.done)
		s.stopErr = s.leaveLocked()
	})
	return s.stopErr
}

func (s *Server) leaveLocked() error {
	ctx, cancel := context.WithTimeout(context.Background(), stopLimit)
	defer cancel()
	gate, err := acquire(ctx, s.cluster.path("pg.lock"), exclusive)
	if err != nil {
		s.users.release()
		return err
	}
	defer gate.release()
	return s.cluster.leave(s.users)
}

// Remove deletes the cluster in dir and everything stored in it, after
// stopping a server that a killed program left behind. It refuses with
// ErrInUse while any process uses the cluster. The lock files stay: deleting
// one would let two processes each hold "the" lock.
func Remove(ctx context.Context, dir string) error {
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	c, err := openCluster(ctx, Options{Dir: dir})
	if err != nil {
		return err
	}
	gate, err := acquire(ctx, c.path("pg.lock"), exclusive)
	if err != nil {
		return err
	}
	defer gate.release()
	alone, err := acquireNow(c.path("pg.users"), exclusive)
	if errors.Is(err, errLocked) {
		return fmt.Errorf("remove %s: %w", c.data, ErrInUse)
	} else if err != nil {
		return err
	}
	defer alone.release()
	if err := c.halt(); err != nil {
		return err
	}
	c.removeUnfinished()
	for _, name := range []string{"pg", "pg.log", "pg.log.old"} {
		if err := os.RemoveAll(c.path(name)); err != nil {
			return fmt.Errorf("remove the cluster: %w", err)
		}
	}
	return nil
}

// connectionURL spells out what the environment (PGPORT, PGSSLMODE) could
// otherwise change.
func connectionURL(socket, database string) string {
	query := url.Values{"host": {socket}, "port": {port}, "sslmode": {"disable"}}
	// Go writes a space as +, which libpq and pgx take for a plus.
	raw := strings.ReplaceAll(query.Encode(), "+", "%20")
	u := url.URL{Scheme: "postgres", User: url.User(superuser), Path: "/" + database, RawQuery: raw}
	return u.String()
}
