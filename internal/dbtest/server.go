package dbtest

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"

	"github.com/jackc/pgx/v5/pgxpool"

	"rigg/internal/database"
	"rigg/internal/jobs"
	"rigg/migrations"
)

const (
	templateName = "rigg_template"
	// templateLock keeps two test programs from making the template at once;
	// any number that nobody else uses on this cluster.
	templateLock = 7_446_744
)

// testServer is the shared cluster as this test program sees it.
type testServer struct {
	url   *url.URL
	admin *pgxpool.Pool
	// keeper's input: the keeper holds the server until this is closed, which
	// the kernel does when this process ends, however it ends.
	input io.WriteCloser
}

// shared starts the keeper at the first call; every later one has its answer.
var shared = sync.OnceValues(func() (*testServer, error) {
	s, err := keep()
	if err != nil {
		return nil, fmt.Errorf("start the test database: %w", err)
	}
	return s, nil
})

// keep starts this program once more as the keeper of the server and waits for
// the server's address.
func keep() (*testServer, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(context.Background(), self)
	cmd.Env = append(os.Environ(), keeperVariable+"=1")
	// A Ctrl-C would end it before it has stopped the server.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	input, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	output, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	line, err := bufio.NewReader(output).ReadString('\n')
	if err != nil {
		return nil, fmt.Errorf("the keeper ended: %w", errors.Join(err, cmd.Wait()))
	}
	word, rest, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
	if word != "ready" {
		return nil, errors.New(rest)
	}
	address, err := url.Parse(rest)
	if err != nil {
		return nil, err
	}
	admin, err := pgxpool.New(context.Background(), rest)
	if err != nil {
		return nil, err
	}
	return &testServer{url: address, admin: admin, input: input}, nil
}

// address is that of another database on the same server.
func (s *testServer) address(name string) string {
	u := *s.url
	u.Path = "/" + name
	return u.String()
}

// migrated makes the template if this cluster has none yet.
var migrated = sync.OnceValues(func() (struct{}, error) {
	ctx, cancel := context.WithTimeout(context.Background(), opening)
	defer cancel()
	s, err := shared()
	if err == nil {
		err = s.makeTemplate(ctx)
	}
	return struct{}{}, err
})

// makeTemplate migrates a database under another name and renames it, so that
// a template is always a whole one.
func (s *testServer) makeTemplate(ctx context.Context) error {
	conn, err := s.admin.Acquire(ctx)
	if err != nil {
		return fmt.Errorf("make the template: %w", err)
	}
	// Closing the connection is what gives the lock back.
	defer func() { _ = conn.Hijack().Close(ctx) }()
	var exists bool
	if _, err := conn.Exec(ctx, "SELECT pg_advisory_lock($1)", templateLock); err != nil {
		return fmt.Errorf("lock the template: %w", err)
	}
	err = conn.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)", templateName).Scan(&exists)
	if err != nil || exists {
		return err
	}
	const unfinished = templateName + "_new"
	for _, statement := range []string{"DROP DATABASE IF EXISTS " + unfinished + " WITH (FORCE)", "CREATE DATABASE " + unfinished} {
		if _, err := conn.Exec(ctx, statement); err != nil {
			return fmt.Errorf("make the template: %w", err)
		}
	}
	if err := migrate(ctx, s.address(unfinished)); err != nil {
		return fmt.Errorf("migrate the template: %w", err)
	}
	if _, err := conn.Exec(ctx, "ALTER DATABASE "+unfinished+" RENAME TO "+templateName); err != nil {
		return fmt.Errorf("name the template: %w", err)
	}
	return nil
}

func migrate(ctx context.Context, address string) error {
	log := slog.New(slog.DiscardHandler)
	db, err := database.Open(ctx, database.Config{URL: address, Log: log})
	if err != nil {
		return err
	}
	defer db.Close()
	if err := database.Migrate(ctx, db.SQL(), migrations.Files, log); err != nil {
		return err
	}
	return jobs.Migrate(ctx, db.Pool())
}
