package main_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
)

// cells are sixteen machines that do not get in each other's way, and two
// projects whose money is enough for seven bookings of two hours: one is short
// of public money, the other of its own.
func cells() string {
	var s strings.Builder
	s.WriteString("resources:\n")
	for n := range 16 {
		fmt.Fprintf(&s, "  - {id: cell-%d, facility: hall, name: {sv: Cell %d, en: Cell %d}, units: {all: [cell-%d]}}\n", n, n, n, n)
	}
	s.WriteString("rates:\n")
	for n := range 16 {
		fmt.Fprintf(&s, "  - {resource: cell-%d, audience: company, from: 2026-01-01, per: hour, amount: 1000.00}\n", n)
	}
	s.WriteString("projects:\n")
	for id, money := range map[string][2]string{"P-7001": {"7500.00", "90000.00"}, "P-7002": {"90000.00", "7500.00"}} {
		fmt.Fprintf(&s, `  - id: %s
    name: Knapp kassa
    lead: gronstal
    stream: collaboration
    programme: green
    aid_basis: decided
    period: {from: 2026-01-01, to: 2028-06-30}
    members: [anna@gronstal.example]
    agreements:
      - from: 2026-01-01
        parties: [{party: vinnova, role: funder, kind: grant, parts: 50}, {party: gronstal, role: participant, kind: cash, parts: 50}]
    awards: [{year: 2026, funder: vinnova, amount: %s}]
    budgets: [{party: gronstal, year: 2026, amount: %s}]
`, id, money[0], money[1])
	}
	return s.String()
}

// atOnce asks n times at the same moment and gives the answers in order.
func atOnce(t *testing.T, n int, ask func(i int) (reply, error)) []reply {
	t.Helper()
	out, start := make([]reply, n), make(chan struct{})
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() {
			<-start
			var err error
			if out[i], err = ask(i); err != nil {
				t.Errorf("request %d: %v", i, err)
			}
		})
	}
	close(start)
	all.Wait()
	if t.Failed() {
		t.FailNow()
	}
	return out
}

// tally counts the answers by status.
func tally(list []reply) map[int]int {
	out := map[int]int{}
	for _, r := range list {
		out[r.status]++
	}
	return out
}

func (c *caller) tryBook(wish map[string]any, headers ...string) (reply, error) {
	return c.try(http.MethodPost, "/api/v1/bookings", encode(wish), append([]string{"Content-Type", "application/json"}, headers...)...)
}

func TestRaces(t *testing.T) {
	t.Parallel()
	w := mustRun(t, "2026-09-01T06:00:00Z", cells())
	anna, kai := w.as(annaEk), w.as(kaiDahl)
	t.Run("fifty for one unit", func(t *testing.T) { fiftyForOneUnit(t, w, anna, kai) })
	t.Run("a line and its stations", func(t *testing.T) { lineAndStations(t, w, anna, kai) })
	t.Run("two managers", func(t *testing.T) { twoManagers(t, w, anna) })
	t.Run("a purse for seven", func(t *testing.T) {
		purseForSeven(t, w, anna, "P-7001", "grant-exceeded")
		purseForSeven(t, w, anna, "P-7002", "budget-exceeded")
	})
	t.Run("one key", func(t *testing.T) { oneKey(t, w, anna, kai) })
}

func fiftyForOneUnit(t *testing.T, w *whole, anna, kai *caller) {
	got := atOnce(t, 50, func(i int) (reply, error) {
		// Each begins a minute later than the one before and is longer than fifty.
		start, end := fmt.Sprintf("2026-09-10T08:%02d", i), fmt.Sprintf("2026-09-10T12:%02d", i)
		if i%2 == 0 {
			return anna.tryBook(wish("mill", "P-1001", start, end))
		}
		return kai.tryBook(wish("mill", "P-2002", start, end))
	})
	if n := tally(got); n[201] != 1 || n[409] != 49 {
		t.Fatalf("answers by status: %v", n)
	}
	for _, r := range got {
		if r.status == 201 {
			continue
		}
		p := r.refuses(409, "slot-taken")
		if len(p.Alternatives) == 0 || !slices.Equal(p.codes(), []string{"slot-taken"}) {
			t.Errorf("a refusal without alternatives: %s", r.body)
		}
		for _, secret := range []string{"Anna", "Kai", "Grönstål", "Kontur", "P-1001", "P-2002"} {
			if strings.Contains(string(r.body), secret) {
				t.Errorf("a refusal names %s: %s", secret, r.body)
			}
		}
	}
	w.quiet()
	for what, query := range map[string]string{
		"allocation":  `select count(*) from allocations`,
		"booking":     `select count(*) from bookings`,
		"reservation": `select count(*) from charges where state = 'reserved'`,
		"transfer":    `select count(*) from transfers where kind = 'reserve'`,
		"message":     `select count(*) from messages where kind = 'confirmed'`,
		"any message": `select count(*) from messages`,
	} {
		if n := w.count(query); n != 1 {
			t.Errorf("%d of %s", n, what)
		}
	}
}

func lineAndStations(t *testing.T, w *whole, anna, kai *caller) {
	kinds := []string{"line", "cutter", "welder"}
	for day := range 4 {
		date := fmt.Sprintf("2026-10-%02dT", day+1)
		got := atOnce(t, 24, func(i int) (reply, error) {
			who, project := anna, "P-1001"
			if i%2 == 0 {
				who, project = kai, "P-2002"
			}
			return who.tryBook(wish(kinds[(i+day)%3], project, date+"08:00", date+"12:00"))
		})
		won := map[string]int{}
		for i, r := range got {
			if r.status == 201 {
				won[kinds[(i+day)%3]]++
			} else {
				r.refuses(409, "slot-taken")
			}
		}
		if won["line"] == 1 && won["cutter"]+won["welder"] == 0 || won["line"] == 0 && won["cutter"] == 1 && won["welder"] == 1 {
			continue
		}
		t.Errorf("%s: %v got the time", date, won)
	}
	if n := w.count(`select count(*) from allocations a join allocations b on a.unit_id = b.unit_id and a.id < b.id
		where a.active and b.active and a.during && b.during`); n != 0 {
		t.Errorf("%d units are taken twice", n)
	}
}

func twoManagers(t *testing.T, w *whole, anna *caller) {
	mia, max := w.as(miaLund), w.as(maxBerg)
	for day := 7; day < 12; day++ {
		date := fmt.Sprintf("2026-09-%02dT", day)
		b := anna.books(wish("printer", "P-1001", date+"08:00", date+"12:00"))
		second, did := "approve", "approved"
		if day%2 == 0 {
			second, did = "decline", "declined" // the answer tells what the other did
		}
		got := atOnce(t, 2, func(i int) (reply, error) {
			who, action := mia, "approve"
			if i == 1 {
				who, action = max, second
			}
			body := encode(map[string]any{"version": 1, "reason": "Ingen operatör"})
			return who.try(http.MethodPost, "/api/v1/bookings/"+b.Ref+"/"+action, body, "Content-Type", "application/json")
		})
		if n := tally(got); n[200] != 1 || n[409] != 1 {
			t.Fatalf("answers by status: %v\n%s\n%s", n, got[0].body, got[1].body)
		}
		winner, loser := "Mia Lund", got[1]
		if got[1].status == 200 {
			winner, loser = "Max Berg", got[0]
		} else {
			did = "approved"
		}
		p := loser.refuses(409, "stale")
		if !strings.Contains(p.Message.EN, did+" by "+winner+" at 2026-09-01 ") || !strings.Contains(p.Message.SV, winner) || p.Details["version"] != 2.0 {
			t.Errorf("who was too late is told %s", loser.body)
		}
		w.quiet()
		if n := w.messages("confirmed", b.Ref) + w.messages("declined", b.Ref); n != 1 {
			t.Errorf("%d messages of one decision", n)
		}
	}
}

func purseForSeven(t *testing.T, w *whole, anna *caller, project, code string) {
	date := map[string]string{"P-7001": "2026-09-14T", "P-7002": "2026-09-15T"}[project]
	got := atOnce(t, 16, func(i int) (reply, error) {
		return anna.tryBook(wish(fmt.Sprintf("cell-%d", i), project, date+"08:00", date+"10:00"))
	})
	if n := tally(got); n[201] != 7 || n[422] != 9 {
		t.Fatalf("answers by status: %v", n)
	}
	for _, r := range got {
		if r.status == 422 {
			if p := r.refuses(422, "refused"); !slices.Equal(p.codes(), []string{code}) {
				t.Errorf("refused for %v", p.codes())
			}
		}
	}
	if reserved, spent := anna.statement(project, "2026").money(); reserved != 1_400_000 || spent != 0 {
		t.Errorf("%d reserved, %d spent", reserved, spent)
	}
	if n := w.count(`select count(*) from bookings where project_id = $1`, project); n != 7 {
		t.Errorf("%d bookings", n)
	}
}

func oneKey(t *testing.T, w *whole, anna, kai *caller) {
	const key = "Idempotency-Key"
	body := wish("mill", "P-1001", "2026-09-21T08:00", "2026-09-21T12:00")
	got := atOnce(t, 12, func(int) (reply, error) { return anna.tryBook(body, key, "k-1") })
	for _, r := range got {
		if r.status != 201 || string(r.body) != string(got[0].body) {
			t.Fatalf("%d %s, beside %s", r.status, r.body, got[0].body)
		}
	}
	first := anna.read(got[0])
	anna.does(first.Ref, "cancel", 1)
	if again := anna.books(body, key, "k-1"); again.Ref != first.Ref || again.Version != 1 || again.State != "confirmed" {
		t.Errorf("the same answer again: %+v", again)
	}
	other := wish("mill", "P-1001", "2026-09-21T08:00", "2026-09-21T13:00")
	anna.post("/bookings", other, key, "k-1").refuses(422, "idempotency-key-reused")
	anna.post("/quotes", body, key, "k-1").is(200) // it changes nothing, so no key counts
	anna.post("/bookings/"+first.Ref+"/cancel", map[string]any{"version": 2}, key, "k-1").refuses(422, "idempotency-key-reused")

	// The key is hers alone.
	his := kai.books(wish("mill", "P-2002", "2026-09-21T08:00", "2026-09-21T12:00"), key, "k-1")
	if his.Ref == first.Ref {
		t.Error("one person's key gives another's booking")
	}
	// A refusal does not use the key up.
	anna.post("/bookings", body, key, "k-2").refuses(409, "slot-taken")
	kai.does(his.Ref, "cancel", 1)
	if b := anna.books(body, key, "k-2"); b.Ref == first.Ref {
		t.Error("another key gives the old booking")
	}
	if n := w.count(`select count(*) from bookings where starts_at >= '2026-09-21' and starts_at < '2026-09-22'`); n != 3 {
		t.Errorf("%d bookings of three", n)
	}
}
