package dbtest

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"

	"rigg/internal/jobs"
	"rigg/internal/localpg"
	"rigg/migrations"
)

// keeperVariable in the environment makes a test program a keeper.
const keeperVariable = "RIGG_DBTEST_KEEPER"

// unusedFor is how long a cluster of other migrations is kept, in memory or on
// disk: somebody may be going to and fro between two branches.
const unusedFor = 15 * time.Minute

// A test program has no last act in which it could stop the server: os.Exit, a
// panic and a timeout run nothing. So it starts itself once more, and this
// second process uses the server for it until its input ends.
func init() {
	if os.Getenv(keeperVariable) == "" {
		return
	}
	if err := keeper(); err != nil {
		// One line, as the other side reads one.
		fmt.Println("error", strings.ReplaceAll(err.Error(), "\n", "; "))
		os.Exit(1)
	}
	os.Exit(0)
}

func keeper() error {
	base, err := baseDir()
	if err != nil {
		return err
	}
	key, err := schemaKey()
	if err != nil {
		return err
	}
	s, err := startCluster(base, key)
	if err != nil {
		return err
	}
	err = sweep(s.URL())
	if err == nil {
		fmt.Println("ready", s.URL())
		// Read until the test program ends. An error means that it has, too.
		_, _ = io.Copy(io.Discard, os.Stdin)
		err = sweep(s.URL())
	}
	return errors.Join(err, s.Stop())
}

// startCluster starts the cluster for these migrations and deletes those that
// nobody has used for long. One keeper at a time, so that none is deleted while
// it is being started.
func startCluster(base, key string) (*localpg.Server, error) {
	gate, err := os.OpenFile(filepath.Join(base, "lock"), os.O_RDWR|os.O_CREATE|syscall.O_NOFOLLOW, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock the test clusters: %w", err)
	}
	defer gate.Close() // unlocks
	if err := syscall.Flock(int(gate.Fd()), syscall.LOCK_EX); err != nil {
		return nil, fmt.Errorf("lock the test clusters: %w", err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), opening)
	defer cancel()
	dir := filepath.Join(base, key)
	s, err := start(ctx, dir)
	if err != nil && !errors.Is(err, localpg.ErrNoServer) {
		// Without fsync a power cut may have ruined it, and a new PostgreSQL
		// may not read it. It holds nothing but the template.
		if gone := remove(ctx, dir); gone != nil {
			return nil, errors.Join(err, gone)
		}
		s, err = start(ctx, dir)
	}
	if err != nil {
		return nil, err
	}
	now := time.Now()
	return s, errors.Join(os.Chtimes(dir, now, now), removeOld(ctx, base, now))
}

func start(ctx context.Context, dir string) (*localpg.Server, error) {
	return localpg.Start(ctx, localpg.Options{Dir: dir, Throwaway: true, Settings: map[string]string{
		"max_connections": "500",
		"shared_buffers":  "128MB",
		// Databases that live for seconds need no vacuum, and its workers would
		// be in the way of cloning and dropping.
		"autovacuum":       "off",
		"wal_level":        "minimal",
		"max_wal_senders":  "0",
		"min_wal_size":     "32MB", // it may lie in memory
		"bgwriter_delay":   "10s",
		"wal_writer_delay": "10s",
	}})
}

func removeOld(ctx context.Context, base string, now time.Time) error {
	entries, err := os.ReadDir(base)
	if err != nil {
		return fmt.Errorf("look for old test clusters: %w", err)
	}
	for _, entry := range entries {
		info, err := entry.Info()
		if err != nil || !entry.IsDir() || now.Sub(info.ModTime()) < unusedFor {
			continue
		}
		err = remove(ctx, filepath.Join(base, entry.Name()))
		if err != nil && !errors.Is(err, localpg.ErrInUse) {
			return err
		}
	}
	return nil
}

func remove(ctx context.Context, dir string) error {
	if err := localpg.Remove(ctx, dir); err != nil {
		return err
	}
	if err := os.RemoveAll(dir); err != nil {
		return fmt.Errorf("remove a test cluster: %w", err)
	}
	return nil
}

// sweep drops the databases of test programs that have ended without doing so:
// the keeper's own, and those whose keeper was killed too.
func sweep(address string) error {
	ctx, cancel := context.WithTimeout(context.Background(), closing)
	defer cancel()
	conn, err := pgx.Connect(ctx, address)
	if err != nil {
		return fmt.Errorf("look for left databases: %w", err)
	}
	defer func() { _ = conn.Close(ctx) }()
	rows, err := conn.Query(ctx, "SELECT datname FROM pg_database WHERE datname LIKE 'test\\_%'")
	if err != nil {
		return fmt.Errorf("look for left databases: %w", err)
	}
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return fmt.Errorf("look for left databases: %w", err)
	}
	for _, name := range names {
		pid, err := strconv.Atoi(strings.Split(name, "_")[1])
		// Its parent is the test program, whose end it may have seen before
		// the kernel has cleared it away.
		if err == nil && pid != os.Getppid() && !errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) {
			continue
		}
		if _, err := conn.Exec(ctx, "DROP DATABASE IF EXISTS "+pgx.Identifier{name}.Sanitize()+" WITH (FORCE)"); err != nil {
			return fmt.Errorf("drop a left database: %w", err)
		}
	}
	return nil
}

// baseDir is where this user's test clusters are. Another user may have made a
// directory of that name, to which no test shall be lured.
func baseDir() (string, error) {
	uid := os.Getuid()
	dir := filepath.Join(tempDir(), fmt.Sprintf("rigg-test-%d", uid))
	mode := os.FileMode(0o700)
	if uid == 0 {
		mode = 0o711 // the server's account passes through
	}
	if err := os.Mkdir(dir, mode); err == nil {
		err = os.Chmod(dir, mode) // whatever the umask
		if err != nil {
			return "", fmt.Errorf("directory for test clusters: %w", err)
		}
	} else if !errors.Is(err, os.ErrExist) {
		return "", fmt.Errorf("directory for test clusters: %w", err)
	}
	info, err := os.Lstat(dir)
	if err != nil {
		return "", fmt.Errorf("directory for test clusters: %w", err)
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !info.IsDir() || !ok || int(stat.Uid) != uid || info.Mode().Perm()&0o022 != 0 {
		return "", fmt.Errorf("%s is not a directory of this user's alone: remove it", dir)
	}
	return dir, nil
}

// tempDir prefers a file system in memory: a clone is 560 small files, which a
// disk's file system takes several times longer to make and delete. Containers
// often have a very small one, hence the look at its size.
func tempDir() string {
	const memory, needed = "/dev/shm", 1 << 30 // bytes
	var room syscall.Statfs_t
	err := syscall.Statfs(memory, &room)
	if os.Getenv("TMPDIR") == "" && err == nil && room.Bavail*uint64(room.Bsize) >= needed {
		return memory
	}
	return os.TempDir()
}

// schemaKey changes with every change of the migrations.
func schemaKey() (string, error) {
	hash := sha256.New()
	err := fs.WalkDir(migrations.Files, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := fs.ReadFile(migrations.Files, name)
		fmt.Fprintln(hash, name, len(text))
		hash.Write(text)
		return err
	})
	if err != nil {
		return "", fmt.Errorf("read the migrations: %w", err)
	}
	queue, err := jobs.TablesVersion()
	if err != nil {
		return "", err
	}
	fmt.Fprintln(hash, "queue", queue)
	return fmt.Sprintf("%x", hash.Sum(nil)[:8]), nil
}
