package localpg

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// cluster is one data directory and the account that owns what is in it.
type cluster struct {
	dir     string // the data directory, without links
	data    string // dir/pg, PostgreSQL's own
	account account
	options Options
	log     *slog.Logger
}

// tunables are written into a new cluster's postgresql.conf, where they are
// the operator's to change. What the program relies on is given at each start
// instead (see launch).
const tunables = `
# Rigg's defaults, for a small machine that runs other things too.
max_connections = 200
shared_buffers = 256MB
work_mem = 8MB
max_wal_size = 1GB
random_page_cost = 1.1
jit = off
timezone = 'UTC'
log_timezone = 'UTC'
log_line_prefix = '%m [%p] '
# Starts, stops and crashes, but not failed statements: the program reports
# those, and their text may name people.
log_min_messages = log
log_min_error_statement = panic
log_checkpoints = off
`

func (c *cluster) path(name string) string { return filepath.Join(c.dir, name) }

// openCluster finds or makes the data directory and refuses one that the
// server's account can't or should not use. It touches nothing in it.
func openCluster(ctx context.Context, options Options) (*cluster, error) {
	if options.Dir == "" {
		return nil, errors.New("no data directory given for the database")
	}
	account, err := serverAccount()
	if err != nil {
		return nil, err
	}
	dir, err := filepath.Abs(options.Dir)
	if err != nil {
		return nil, fmt.Errorf("data directory: %w", err)
	}
	if err := account.makeDirs(dir); err != nil {
		return nil, err
	}
	// One cluster must have one name, or two processes could take two sockets.
	if dir, err = filepath.EvalSymlinks(dir); err != nil {
		return nil, fmt.Errorf("data directory: %w", err)
	}
	c := &cluster{dir: dir, data: filepath.Join(dir, "pg"), account: account, options: options, log: options.Log}
	if c.log == nil {
		c.log = slog.New(slog.DiscardHandler)
	}
	if err := c.checkOwners(); err != nil {
		return nil, err
	}
	return c, account.enter(ctx, dir)
}

// checkOwners keeps two users from working on one cluster, which would end in
// files that neither can use. Root must also not write into a directory whose
// owner could exchange what is in it.
func (c *cluster) checkOwners() error {
	info, err := os.Stat(c.dir)
	if err != nil {
		return fmt.Errorf("data directory: %w", err)
	}
	root := account{uid: 0}
	if c.account.switched && !root.owns(info) && !c.account.owns(info) {
		return fmt.Errorf("the data directory %s belongs to another user: run Rigg as that user, or choose another directory with --data-dir", c.dir)
	}
	info, err = os.Stat(c.data)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	} else if err != nil {
		return fmt.Errorf("data directory: %w", err)
	}
	if !c.account.owns(info) {
		return fmt.Errorf("the database in %s was made by another user: run Rigg as that user (as root if it is postgres), or choose another directory with --data-dir", c.data)
	}
	return nil
}

// version is the major version of PostgreSQL that made the cluster, 0 when
// there is none yet.
func (c *cluster) version() (int, error) {
	text, err := os.ReadFile(filepath.Join(c.data, "PG_VERSION"))
	if err == nil {
		return number(string(text)), nil
	}
	entries, dirErr := os.ReadDir(c.data)
	if errors.Is(dirErr, os.ErrNotExist) || dirErr == nil && len(entries) == 0 {
		return 0, nil
	}
	return 0, fmt.Errorf("%s is not empty, but holds no PostgreSQL cluster that can be read; nothing has been changed: %w", c.data, err)
}

// create makes the cluster under another name and then renames it, so that one
// whose making was interrupted is never mistaken for a whole one. Names are
// not reused: an initdb that outlived a killed program may still be writing.
func (c *cluster) create(ctx context.Context, p programs) error {
	c.removeUnfinished()
	temp, err := os.MkdirTemp(c.dir, "pg.new-")
	if err != nil {
		return fmt.Errorf("make the database: %w", err)
	}
	defer os.RemoveAll(temp) // after the rename there is nothing there
	if err := c.account.give(temp); err != nil {
		return err
	}
	args := []string{
		"--pgdata=" + temp, "--username=" + superuser, "--encoding=UTF8", "--data-checksums",
		// Trust is enough: only the owner can reach the socket (see launch).
		"--auth-local=trust", "--auth-host=reject",
		// Sorted by code point, so that a new C library never makes an index
		// wrong; letters beyond ASCII still have upper and lower case.
		"--lc-collate=C", "--lc-ctype=" + utf8Locale, "--lc-messages=C",
	}
	if c.options.Throwaway {
		args = append(args, "--no-sync")
	}
	cmd := c.account.command(ctx, "/", filepath.Join(p.dir, "initdb"), args...)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("make the database in %s: %w: %s", c.data, err, strings.TrimSpace(string(out)))
	}
	if err := appendTo(filepath.Join(temp, "postgresql.conf"), tunables); err != nil {
		return err
	}
	if err := os.Rename(temp, c.data); err != nil {
		return fmt.Errorf("make the database: %w", err)
	}
	c.log.Info("made a private database", "directory", c.data, "version", p.major)
	return syncDir(c.dir)
}

// removeUnfinished deletes what interrupted makings left. Failing to is only a
// waste of space, so it is reported and no more.
func (c *cluster) removeUnfinished() {
	entries, err := os.ReadDir(c.dir)
	if err != nil {
		c.log.Warn("could not look for unfinished databases", "error", err)
	}
	for _, entry := range entries {
		if !strings.HasPrefix(entry.Name(), "pg.new-") {
			continue
		}
		if err := os.RemoveAll(c.path(entry.Name())); err != nil {
			c.log.Warn("could not remove an unfinished database", "error", err)
		}
	}
}

func appendTo(path, text string) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND|syscall.O_NOFOLLOW, 0)
	if err != nil {
		return fmt.Errorf("write settings: %w", err)
	}
	_, err = f.WriteString(text)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("write settings: %w", err)
	}
	return nil
}

// syncDir makes a rename in dir survive a power cut.
func syncDir(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("sync %s: %w", dir, err)
	}
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("sync %s: %w", dir, err)
	}
	return nil
}
