package localpg

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// socketName is what PostgreSQL calls its socket.
const socketName = ".s.PGSQL." + port

// longestSocket is the most bytes that a socket's path may have: 107 on Linux,
// 103 on macOS.
const longestSocket = 103

// socketDir is where the server listens: its own data directory, which nobody
// else can enter. When that path is too long for a socket, or has a comma,
// which connection strings take to separate hosts, it is a short directory
// outside whose name follows from the data directory.
func (c *cluster) socketDir() (string, error) {
	if len(c.data)+len("/"+socketName) <= longestSocket && !strings.Contains(c.data, ",") {
		return c.data, nil
	}
	base := "/tmp" // not os.TempDir: TMPDIR may be long, and differ next time
	if info, err := os.Stat("/run"); c.account.switched && err == nil && info.IsDir() {
		base = "/run"
	}
	if info, err := os.Stat(base); err != nil {
		return "", fmt.Errorf("socket directory: %w", err)
	} else if info.Mode()&0o002 != 0 && info.Mode()&os.ModeSticky == 0 {
		return "", fmt.Errorf("socket directory: anybody may replace what is in %s (chmod +t %s)", base, base)
	}
	// In /tmp somebody else may have taken the name. What is not ours is not
	// used, but it shall not keep us from starting either.
	var problems []error
	for attempt := range 8 {
		sum := sha256.Sum256(fmt.Appendf(nil, "%d %d %s", attempt, c.account.uid, c.data))
		dir := filepath.Join(base, fmt.Sprintf("rigg-%x", sum[:8]))
		err := c.claim(dir)
		if err == nil {
			return dir, nil
		}
		problems = append(problems, err)
	}
	return "", errors.Join(problems...)
}

// claim makes a socket directory, or accepts an old one of ours.
func (c *cluster) claim(dir string) error {
	err := os.Mkdir(dir, 0o700)
	if err == nil {
		return c.account.give(dir)
	}
	if !errors.Is(err, os.ErrExist) {
		return fmt.Errorf("socket directory: %w", err)
	}
	info, err := os.Lstat(dir)
	if err != nil {
		return fmt.Errorf("socket directory: %w", err)
	}
	if !info.IsDir() || !c.account.owns(info) || info.Mode().Perm() != 0o700 {
		return fmt.Errorf("socket directory: %s is not a directory of user %s with mode 0700", dir, c.account.name)
	}
	return nil
}
