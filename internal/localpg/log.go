package localpg

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"syscall"
	"time"
)

const (
	// longestLog bounds pg.log, and with it pg.log.old, in bytes. A server
	// that is well writes a few lines a start.
	longestLog = 4 << 20

	logCheckEvery = time.Minute
)

// openLog opens the file that the server writes to. It lies beside the cluster
// and is opened by us, so that the server's account needs no right to it. The
// size is where this start's lines begin.
func (c *cluster) openLog() (*os.File, int64, error) {
	if err := c.boundLog(); err != nil {
		return nil, 0, err
	}
	f, err := os.OpenFile(c.path("pg.log"), os.O_WRONLY|os.O_CREATE|os.O_APPEND|syscall.O_NOFOLLOW, 0o600)
	if err != nil {
		return nil, 0, fmt.Errorf("open the database's log: %w", err)
	}
	info, err := f.Stat()
	if err != nil {
		return nil, 0, errors.Join(fmt.Errorf("open the database's log: %w", err), f.Close())
	}
	return f, info.Size(), nil
}

// watchLog keeps the log bounded while the server runs.
func (c *cluster) watchLog(done <-chan struct{}) {
	ticker := time.NewTicker(logCheckEvery)
	defer ticker.Stop()
	for {
		select {
		case <-done:
			return
		case <-ticker.C:
			if err := c.boundLog(); err != nil {
				c.log.Warn("could not shorten the database's log", "error", err)
			}
		}
	}
}

// boundLog copies a log that has grown too long and empties it. It is not
// renamed, because the running server goes on writing to the open file.
func (c *cluster) boundLog() error {
	path := c.path("pg.log")
	info, err := os.Lstat(path)
	if errors.Is(err, os.ErrNotExist) || err == nil && info.Size() <= longestLog {
		return nil
	} else if err != nil {
		return fmt.Errorf("shorten the database's log: %w", err)
	}
	if err := copyEnd(path, path+".old", info.Size()); err != nil {
		return err
	}
	if err := os.Truncate(path, 0); err != nil {
		return fmt.Errorf("shorten the database's log: %w", err)
	}
	return nil
}

// copyEnd keeps the last bytes of a log, at most longestLog.
func copyEnd(from, to string, size int64) error {
	source, err := os.Open(from)
	if err != nil {
		return fmt.Errorf("shorten the database's log: %w", err)
	}
	defer source.Close()
	target, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_TRUNC|syscall.O_NOFOLLOW, 0o600)
	if err != nil {
		return fmt.Errorf("shorten the database's log: %w", err)
	}
	_, err = io.Copy(target, io.NewSectionReader(source, size-longestLog, longestLog))
	if err := errors.Join(err, target.Close()); err != nil {
		return fmt.Errorf("shorten the database's log: %w", err)
	}
	return nil
}

// logSince is what the server has said since a start, for an error message.
func (c *cluster) logSince(start int64) string {
	f, err := os.Open(c.path("pg.log"))
	if err != nil {
		return err.Error()
	}
	defer f.Close()
	text, err := io.ReadAll(io.NewSectionReader(f, start, 4096))
	if err != nil {
		return err.Error()
	}
	return strings.TrimSpace(string(text))
}
