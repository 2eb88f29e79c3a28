package localpg

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

const (
	fastLimit   = 30 * time.Second // to end the connections and write a checkpoint
	brutalLimit = 10 * time.Second
)

var (
	errGone  = errors.New("the database server has ended")
	errTaken = errors.New("another database server was started meanwhile")
)

// run returns the directory of the socket of a server that answers: the one
// that runs already, or a new one. Call it under pg.lock.
func (c *cluster) run(ctx context.Context) (string, error) {
	for {
		socket, err := c.adopt(ctx)
		if errors.Is(err, errGone) {
			socket, err = c.launch(ctx)
		}
		if !errors.Is(err, errTaken) {
			return socket, err
		}
		if stop := pause(ctx); stop != nil {
			return "", fmt.Errorf("start the database: %w: %w", err, stop)
		}
	}
}

// adopt waits for a server that runs already: another program's, or one that
// a killed program left, even half started or half stopped.
func (c *cluster) adopt(ctx context.Context) (string, error) {
	socket, err := c.await(ctx, c.running)
	if err == nil {
		c.log.Debug("using the database server that runs already", "directory", c.data)
	}
	return socket, err
}

// launch starts a server, making the cluster first if there is none.
func (c *cluster) launch(ctx context.Context) (string, error) {
	version, err := c.version()
	if err != nil {
		return "", err
	}
	p, err := pickPrograms(ctx, c.account, version)
	if err != nil {
		return "", err
	}
	if version == 0 {
		if err := c.create(ctx, p); err != nil {
			return "", err
		}
	}
	if err := c.forgetStale(); err != nil {
		return "", err
	}
	socket, err := c.socketDir()
	if err != nil {
		return "", err
	}
	log, start, err := c.openLog()
	if err != nil {
		return "", err
	}
	defer log.Close()
	server, err := acquireNow(c.path("pg.server"), exclusive)
	if err != nil {
		return "", err
	}
	// Not ctx: the server outlives this call, and perhaps this process.
	cmd := c.account.command(context.Background(), "/", filepath.Join(p.dir, "postgres"), c.arguments(socket)...)
	cmd.Stdout, cmd.Stderr = log, log
	cmd.ExtraFiles = []*os.File{server.file}
	err = cmd.Start()
	_ = server.file.Close() // not released: from here the lock is the server's
	if err != nil {
		return "", fmt.Errorf("start the database: %w", err)
	}
	ended := make(chan struct{})
	go func() {
		_ = cmd.Wait() // how it ended is in its log
		close(ended)
	}()
	_, err = c.await(ctx, func() (string, bool) { return socket, !closed(ended) })
	if errors.Is(err, errGone) {
		return "", c.whyEnded(c.logSince(start))
	} else if err != nil {
		return "", err
	}
	c.log.Info("started the private database", "directory", c.data, "version", p.major)
	return socket, nil
}

// arguments are the settings that the program relies on. They win over the
// configuration file.
func (c *cluster) arguments(socket string) []string {
	settings := map[string]string{
		"listen_addresses": "", // nobody over the network, where trust would be wrong
		"port":             port,
		// Quoted, as the setting is a list of directories.
		"unix_socket_directories": `"` + strings.ReplaceAll(socket, `"`, `""`) + `"`,
		"unix_socket_permissions": "0700",
		"logging_collector":       "off", // the log goes to our file, which is bounded
	}
	if c.options.Throwaway {
		maps.Copy(settings, map[string]string{"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"})
	}
	maps.Copy(settings, c.options.Settings)
	args := []string{"-D", c.data}
	for _, name := range slices.Sorted(maps.Keys(settings)) {
		args = append(args, "-c", name+"="+settings[name])
	}
	return args
}

// whyEnded tells a server that found another one in its place, which can be
// adopted, from one that can't start.
func (c *cluster) whyEnded(said string) error {
	if _, there := c.running(); there {
		return errTaken
	}
	return fmt.Errorf("start the database in %s: the server ended at once and said: %s", c.data, said)
}

// running says whether a server is at work on the cluster, and where its socket
// is, which is empty while it starts. A server of ours holds pg.server from
// before it does anything until its last process has ended, whichever program
// started it and even when it can't be seen from this container; one that a
// person started by hand is known by PostgreSQL's own record.
func (c *cluster) running() (socket string, alive bool) {
	pid, socket := c.postmaster()
	return socket, c.serves(pid) || c.held()
}

func (c *cluster) held() bool {
	l, err := acquireNow(c.path("pg.server"), exclusive)
	if err != nil {
		return errors.Is(err, errLocked)
	}
	l.release()
	return false
}

// forgetStale removes PostgreSQL's record of a server that is gone when its
// number is another process's by now: PostgreSQL would take that for a living
// server and refuse to start. Call it under pg.lock, when nothing is running.
func (c *cluster) forgetStale() error {
	pid, _ := c.postmaster()
	if !exists(pid) {
		return nil // PostgreSQL sees by itself that it is gone
	}
	if err := os.Remove(filepath.Join(c.data, "postmaster.pid")); err != nil {
		return fmt.Errorf("forget a server that is gone: %w", err)
	}
	return nil
}

func (c *cluster) postmaster() (pid int, socket string) {
	text, err := os.ReadFile(filepath.Join(c.data, "postmaster.pid"))
	if err != nil {
		return 0, ""
	}
	// Process, data directory, start time, port, socket directory.
	lines := strings.Split(string(text), "\n")
	pid, err = strconv.Atoi(strings.TrimSpace(lines[0]))
	if err != nil || len(lines) < 5 {
		return 0, ""
	}
	return pid, lines[4]
}

// serves says whether process pid is a server of this cluster. After a crash
// of the machine, or of a container, the number may be another process's by
// now, so where the system tells (Linux) the process must also work in the
// data directory, as PostgreSQL does.
func (c *cluster) serves(pid int) bool {
	if !exists(pid) {
		return false
	}
	if _, err := os.Stat("/proc/self/cwd/."); err != nil {
		return true // no such information here
	}
	works, err := os.Stat(fmt.Sprintf("/proc/%d/cwd/.", pid))
	if err != nil {
		return false // a zombie, or gone by now
	}
	data, err := os.Stat(c.data)
	return err == nil && os.SameFile(works, data)
}

// exists says whether pid is a process that we may signal.
func exists(pid int) bool { return pid > 0 && syscall.Kill(pid, 0) == nil }

// leave gives up the use of the cluster and stops the server if nobody else
// uses it. Call it under pg.lock, so that nobody can come in between.
func (c *cluster) leave(users *lock) error {
	users.release()
	alone, err := acquireNow(c.path("pg.users"), exclusive)
	if errors.Is(err, errLocked) {
		return nil
	} else if err != nil {
		return err
	}
	defer alone.release()
	return c.halt()
}

// halt stops the server, if there is one: first with a checkpoint, and if that
// takes too long without, which only makes the next start slower.
func (c *cluster) halt() error {
	socket, alive := c.running()
	if !alive {
		return nil
	}
	err := c.signal(syscall.SIGINT, fastLimit)
	if errors.Is(err, context.DeadlineExceeded) {
		err = c.signal(syscall.SIGQUIT, brutalLimit)
	}
	if err != nil {
		return fmt.Errorf("stop the database in %s: %w", c.data, err)
	}
	if socket != "" && socket != c.data {
		_ = os.Remove(socket) // ours and empty by now; an old one is used again
	}
	c.log.Info("stopped the private database", "directory", c.data)
	return nil
}

// signal sends the server a signal, as soon as it has said who it is, and waits
// until all its processes have ended.
func (c *cluster) signal(signal syscall.Signal, limit time.Duration) error {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	told := 0
	for {
		if _, alive := c.running(); !alive {
			return nil
		}
		if pid, _ := c.postmaster(); pid != told && c.serves(pid) {
			if err := syscall.Kill(pid, signal); err != nil && !errors.Is(err, syscall.ESRCH) {
				return fmt.Errorf("signal process %d: %w", pid, err)
			}
			told = pid
		}
		if err := pause(ctx); err != nil {
			return err
		}
	}
}
