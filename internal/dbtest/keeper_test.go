package dbtest_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"rigg/internal/dbtest"
)

const victimVariable = "RIGG_DBTEST_VICTIM"

// TestVictim is a test program that is killed while it has a database; without
// the variable it is the control: a database exists until its test ends.
func TestVictim(t *testing.T) {
	t.Parallel()
	address := dbtest.URL(t)
	if got := count(t, connect(t, address), "SELECT 1"); got != 1 {
		t.Fatal(got)
	}
	if os.Getenv(victimVariable) != "" {
		fmt.Println(address)
		<-t.Context().Done() // never: it is killed before
	}
}

// What a killed test program leaves is cleared away, though it could do nothing.
func TestKilledTestProgramLeavesNothing(t *testing.T) {
	t.Parallel()
	dbtest.URL(t) // holds the server, so that it can be asked afterwards
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	victim := exec.CommandContext(t.Context(), self, "-test.run=^TestVictim$")
	victim.Env = append(os.Environ(), victimVariable+"=1")
	output, err := victim.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := victim.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(output)
	if !lines.Scan() {
		t.Fatalf("the victim ended by itself: %v", lines.Err())
	}
	address := lines.Text()
	if got := count(t, connect(t, address), "SELECT 1"); got != 1 {
		t.Fatal(got)
	}
	if err := victim.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = victim.Wait() // "signal: killed" is what was asked for
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	ticker := time.NewTicker(10 * time.Millisecond)
	defer ticker.Stop()
	for {
		conn, err := pgx.Connect(ctx, address)
		if ctx.Err() != nil {
			t.Fatalf("the database is still there: %v", err)
		}
		if err != nil {
			return
		}
		if err := conn.Close(ctx); err != nil {
			t.Logf("dropped while connected: %v", err)
		}
		<-ticker.C
	}
}
