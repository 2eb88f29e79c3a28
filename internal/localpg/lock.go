package localpg

import (
	"context"
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"
)

const (
	shared    = syscall.LOCK_SH
	exclusive = syscall.LOCK_EX

	pollEvery = 10 * time.Millisecond
)

var errLocked = errors.New("locked by another process")

// lock is a held flock. The kernel drops it when the process dies, however it
// dies. Three files are used: pg.lock is held exclusively while somebody starts
// or stops the server, pg.users is held shared by everyone who uses it, and
// pg.server is held by the server's own processes, which inherit it. Because
// the latter two are only looked at under the first, a last one who stops and a
// first one who starts can't meet in between.
type lock struct{ file *os.File }

// acquire waits for the lock until ctx ends. It polls, because a blocked
// flock can't be cancelled.
func acquire(ctx context.Context, path string, mode int) (*lock, error) {
	for {
		l, err := acquireNow(path, mode)
		if !errors.Is(err, errLocked) {
			return l, err
		}
		if err := pause(ctx); err != nil {
			return nil, fmt.Errorf("wait for another program that starts or stops the database (%s): %w", path, err)
		}
	}
}

func acquireNow(path string, mode int) (*lock, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|syscall.O_NOFOLLOW, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open lock: %w", err)
	}
	for {
		err = syscall.Flock(int(f.Fd()), mode|syscall.LOCK_NB)
		if !errors.Is(err, syscall.EINTR) {
			break
		}
	}
	if err == nil {
		return &lock{file: f}, nil
	}
	_ = f.Close() // opened only to lock it; nothing can be lost
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return nil, errLocked
	}
	return nil, fmt.Errorf("lock %s: %w", path, err)
}

// release unlocks first: a child that is being started at this moment still
// has a copy of the descriptor, and closing ours would leave the lock to it.
func (l *lock) release() {
	_ = syscall.Flock(int(l.file.Fd()), syscall.LOCK_UN) // can't fail on an open file
	_ = l.file.Close()                                   // nothing was written
}

// pause waits a moment between two looks at something that another process
// changes.
func pause(ctx context.Context) error {
	timer := time.NewTimer(pollEvery)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-timer.C:
		return nil
	}
}
