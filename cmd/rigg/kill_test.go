package main_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"

	"rigg/internal/dbtest"
	"rigg/internal/localpg"
)

const (
	clients = 8
	enough  = 240 // bookings acknowledged before the program is killed
)

// burst is what one client did: each booking on a machine and a day of its own,
// with a key, so that it can ask again.
type burst struct {
	acknowledged []string // refs
	unanswered   int      // the number of the request that got no answer
}

func request(client, n int) (wished map[string]any, key string) {
	hour := fmt.Sprintf("2026-09-%02dT%02d", 10+n/20, n%20)
	return wish(fmt.Sprintf("cell-%d", client), "P-1001", hour+":00", hour+":30"), fmt.Sprintf("burst-%d-%d", client, n)
}

// The program is killed in the middle of a burst of bookings. What it has
// acknowledged is there, nothing is half made, and the queue goes on.
func TestKilledInABurst(t *testing.T) {
	t.Parallel()
	w := &whole{T: t, dir: dbtest.DataDir(t), tokens: map[string]string{}}
	w.beside = &bench{t: t, env: []string{"RIGG_DATA_DIR=" + w.dir, "LANG=C"}}
	w.start("--clock", "2026-09-01T06:00:00Z")
	if loaded := w.beside.fed(cells(), "load", filepath.Join("testdata", "world.yaml"), "-"); loaded.code != 0 {
		t.Fatalf("load: %+v", loaded)
	}
	w.look()
	server := w.postmaster()
	done := burstUntilKilled(w)

	// River takes a job back whose worker has not been heard of for longer than
	// any job may last, in real time: as if that had passed.
	stuck := w.count(`with old as (update river_job set attempted_at = attempted_at - interval '1 hour'
		where state = 'running' returning 1) select count(*) from old`)
	w.start()
	if now := w.postmaster(); now != server {
		t.Errorf("the database's server was %s and is %s: it was not adopted", server, now)
	}
	anna, acknowledged := w.as(annaEk), 0
	for client, b := range done {
		for _, ref := range b.acknowledged {
			acknowledged++
			if got := anna.find(ref); got.State != "confirmed" || len(got.Units) != 1 || got.Cost.Total != 50_000 || len(got.History) != 1 {
				t.Errorf("acknowledged and now %+v", got)
			}
		}
		wished, key := request(client, b.unanswered)
		anna.books(wished, "Idempotency-Key", key) // whether it was made or not, it is made once
	}
	if n := w.count(`select count(*) from bookings`); n != acknowledged+clients {
		t.Errorf("%d bookings of %d acknowledged and %d asked for again", n, acknowledged, clients)
	}
	w.check()
	t.Logf("%d acknowledged, %d jobs at work when it was killed", acknowledged, stuck)
	w.until(acknowledged+clients, `select count(distinct booking_id) from messages where kind = 'confirmed'`)
	w.quiet()
	if n := w.count(`select count(*) from messages`); n != acknowledged+clients {
		t.Errorf("%d messages of %d bookings", n, acknowledged+clients)
	}
	w.stop()
	w.check()
}

// burstUntilKilled lets eight clients book without a pause, kills the program
// when enough is acknowledged and gives what each of them was told.
func burstUntilKilled(w *whole) []burst {
	w.Helper()
	anna, done := w.as(annaEk), make([]burst, clients)
	var acknowledged atomic.Int64
	var all sync.WaitGroup
	midst := make(chan struct{})
	for i := range clients {
		all.Go(func() {
			for n := range 400 {
				wished, key := request(i, n)
				got, err := anna.tryBook(wished, "Idempotency-Key", key)
				if done[i].unanswered = n; err != nil {
					return
				}
				if got.status != 201 {
					w.Errorf("%s: %d %s", got.asked, got.status, got.body)
					return
				}
				done[i].acknowledged = append(done[i].acknowledged, anna.read(got).Ref)
				if acknowledged.Add(1) == enough {
					close(midst)
				}
			}
			w.Error("was never interrupted")
		})
	}
	ended := make(chan struct{})
	go func() { all.Wait(); close(ended) }()
	select {
	case <-midst:
	case <-ended:
		w.Fatal("the burst ended by itself")
	}
	w.served.signal(syscall.SIGKILL)
	<-ended
	state := w.served.ended()
	if status, ok := state.Sys().(syscall.WaitStatus); !ok || status.Signal() != syscall.SIGKILL {
		w.Fatalf("ended with %v", state)
	}
	return done
}

// look opens the database that the program runs on, and has no part in keeping it.
func (w *whole) look() {
	w.Helper()
	s, err := localpg.Start(w.Context(), localpg.Options{Dir: w.dir})
	if err != nil {
		w.Fatal(err)
	}
	w.connect(s.URL())
	if err := s.Stop(); err != nil {
		w.Fatal(err)
	}
}

// postmaster is the process id of the database's server.
func (w *whole) postmaster() string {
	w.Helper()
	raw, err := os.ReadFile(filepath.Join(w.dir, "pg", "postmaster.pid"))
	if err != nil {
		w.Fatal(err)
	}
	first, _, _ := strings.Cut(string(raw), "\n")
	return first
}
