package localpg

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
	"time"
)

// account is the operating-system user that owns the cluster and runs the
// server: ourselves, or postgres when we are root, as PostgreSQL refuses to
// run as root.
type account struct {
	name     string
	uid, gid uint32
	switched bool // not ourselves
}

func serverAccount() (account, error) {
	if uid := os.Geteuid(); uid != 0 {
		return account{name: strconv.Itoa(uid), uid: uint32(uid), gid: uint32(os.Getegid())}, nil
	}
	const name = "postgres"
	u, err := user.Lookup(name)
	if err != nil {
		return account{}, fmt.Errorf("run as root, Rigg needs the user %q for its database (installing the package postgresql creates it): %w", name, err)
	}
	uid, err := strconv.ParseUint(u.Uid, 10, 32)
	if err != nil {
		return account{}, fmt.Errorf("user id of %q: %w", name, err)
	}
	gid, err := strconv.ParseUint(u.Gid, 10, 32)
	if err != nil {
		return account{}, fmt.Errorf("group id of %q: %w", name, err)
	}
	return account{name: name, uid: uint32(uid), gid: uint32(gid), switched: true}, nil
}

// command prepares a program to run as this account, in a session of its own
// so that a Ctrl-C at the terminal does not reach it. The environment is bare:
// PGDATA, PGOPTIONS and the like would change what is run. When ctx ends the
// program and its children are killed.
func (a account) command(ctx context.Context, dir, program string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Dir = dir
	cmd.Env = []string{"PATH=/usr/local/bin:/usr/bin:/bin", "LC_ALL=C", "TZ=UTC"}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if a.switched {
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: a.uid, Gid: a.gid}
	}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = 5 * time.Second
	return cmd
}

// owns says whether the account owns a file.
func (a account) owns(info os.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	return ok && stat.Uid == a.uid
}

// give hands a directory that we made to the account.
func (a account) give(path string) error {
	if !a.switched {
		return nil
	}
	// Not Chown: it would follow a link that somebody put there meanwhile.
	if err := os.Lchown(path, int(a.uid), int(a.gid)); err != nil {
		return fmt.Errorf("give %s to the user %s: %w", path, a.name, err)
	}
	return nil
}

// enter proves that the account can reach dir, and names the directory that
// is in the way if it can't. It asks the kernel by starting a program there:
// mode bits alone say nothing about ACLs and mount options.
func (a account) enter(ctx context.Context, dir string) error {
	if !a.switched || a.reaches(ctx, dir) {
		return nil
	}
	blocking := dir
	for up := filepath.Dir(dir); !a.reaches(ctx, up); up = filepath.Dir(up) {
		blocking = up
		if up == filepath.Dir(up) {
			break
		}
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("look whether the user %s can enter %s: %w", a.name, dir, err)
	}
	return fmt.Errorf("the user %q, which runs the database when Rigg is started by root, can't enter %s: choose a data directory elsewhere with --data-dir, or let other users pass through it (chmod o+x %s)", a.name, blocking, blocking)
}

func (a account) reaches(ctx context.Context, dir string) bool {
	return a.command(ctx, dir, "/bin/sh", "-c", ":").Run() == nil
}

// makeDirs makes the data directory and its missing parents. Root's must be
// passable for the server's account whatever the umask says; nobody else needs
// to look into an ordinary user's.
func (a account) makeDirs(dir string) error {
	if _, err := os.Stat(dir); err == nil {
		return nil
	}
	if up := filepath.Dir(dir); up != dir {
		if err := a.makeDirs(up); err != nil {
			return err
		}
	}
	mode := os.FileMode(0o700)
	if a.switched {
		mode = 0o711
	}
	if err := os.Mkdir(dir, mode); os.IsExist(err) {
		return nil // another process was first
	} else if err != nil {
		return fmt.Errorf("make data directory: %w", err)
	}
	if err := os.Chmod(dir, mode); err != nil {
		return fmt.Errorf("make data directory: %w", err)
	}
	return nil
}
