package main_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"
)

// shop is ten units that many want: two pools that overlap, a line and its
// stations, a kiln that an operator comes along to, a bench with a quota, and the
// world's printer, whose requests wait for a manager.
const shop = `people:
  - {email: bo@gronstal.example, name: Bo Sten, organisation: gronstal, language: sv}
  - {email: eli@kontur.example, name: Eli Moe, organisation: kontur, language: en}
roles:
  - {person: max@rise.example, role: facility_manager, scope: hall}
resources:
  - {id: robots, facility: hall, name: {sv: Robotar, en: Robots}, units: {any: 1, of: [r1, r2]}, rules: {clean_up: 15m}}
  - {id: pairs, facility: hall, name: {sv: Robotpar, en: Robot pairs}, units: {any: 2, of: [r1, r2, r3]}}
  - {id: operator, facility: hall, name: {sv: Operatör, en: Operator}, units: {any: 1, of: [op-1, op-2]}, hours: {mon-sun: "06:00-22:00"}}
  - {id: kiln, facility: hall, name: {sv: Brännugn, en: Kiln}, units: {all: [kiln-1]}, along: [operator], rules: {set_up: 15m}}
  - id: bench
    facility: hall
    name: {sv: Provbänk, en: Test bench}
    units: {all: [bench-1]}
    rules: {check_in: true, early: 20m, no_show_after: 15m, quotas: [{per: person, count: 4, in: day}]}
rates:
  - {resource: robots, audience: company, from: 2026-01-01, per: hour, amount: 100.00}
  - {resource: pairs, audience: company, from: 2026-01-01, per: hour, amount: 150.00}
  - {resource: operator, audience: company, from: 2026-01-01, per: hour, amount: 90.00}
  - {resource: kiln, audience: company, from: 2026-01-01, per: hour, amount: 200.00}
  - {resource: bench, audience: company, from: 2026-01-01, per: hour, amount: 80.00}
projects:
  - id: P-8001
    name: Robotsvets
    lead: gronstal
    stream: collaboration
    programme: green
    aid_basis: decided
    period: {from: 2026-01-01, to: 2028-06-30}
    members: [anna@gronstal.example, bo@gronstal.example]
    agreements:
      - from: 2026-01-01
        parties: [{party: vinnova, role: funder, kind: grant, parts: 50}, {party: gronstal, role: participant, kind: cash, parts: 50}]
    awards: [{year: 2026, funder: vinnova, amount: 400000.00}]
    budgets: [{party: gronstal, year: 2026, amount: 400000.00}]
  - id: P-8002
    name: Tunna rör
    lead: kontur
    stream: collaboration
    programme: green
    aid_basis: decided
    period: {from: 2026-01-01, to: 2028-06-30}
    members: [kai@kontur.example, eli@kontur.example]
    agreements:
      - from: 2026-01-01
        parties: [{party: vinnova, role: funder, kind: grant, parts: 50}, {party: kontur, role: participant, kind: cash, parts: 50}]
    awards: [{year: 2026, funder: vinnova, amount: 400000.00}]
    budgets: [{party: kontur, year: 2026, amount: 400000.00}]
`

// soak is what 200 clients do to the shop, and what they were answered.
type soak struct {
	*whole
	end time.Time

	lock    sync.Mutex
	refs    []string
	outages []int64
	answers map[string]map[string]int // by doing: how often which status and code
}

// TestSoak has 200 clients at once do whatever people do, for half a minute. All of
// them are answered, nobody with a server's error or that it is busy, and when the
// queue has drained rigg check has nothing to say (mustRun looks).
func TestSoak(t *testing.T) {
	t.Parallel()
	w := mustRun(t, "2026-09-01T05:50:00Z", shop)
	lasts := 30 * time.Second
	if testing.Short() {
		lasts = 5 * time.Second
	}
	for _, who := range []string{annaEk, kaiDahl, miaLund, maxBerg, "bo@gronstal.example", "eli@kontur.example"} {
		w.as(who) // tokens are made one after the other
	}
	s := &soak{whole: w, end: time.Now().Add(lasts), answers: map[string]map[string]int{}}
	var all sync.WaitGroup
	for n := range 200 {
		client := newSoakClient(s, n)
		all.Go(func() {
			for !s.over() {
				client.step()
			}
		})
	}
	all.Wait()
	if w.quiet(); !testing.Short() {
		w.swept()
	}
	for _, name := range slices.Sorted(maps.Keys(s.answers)) {
		t.Logf("%-10s %v", name, s.answers[name])
	}
	if left := s.undone(); len(left) > 0 {
		t.Errorf("nobody ever managed to %v", left)
	}
}

// undone are the doings, of those that all the others live on, that nobody has
// managed yet.
func (s *soak) undone() []string {
	s.lock.Lock()
	defer s.lock.Unlock()
	all := []string{"search", "free", "quote", "request", "series", "cancel", "move", "join", "take down"}
	return slices.DeleteFunc(all, func(name string) bool { return s.answers[name]["200"]+s.answers[name]["201"] > 0 })
}

// over is whether the time is up. On a slow machine it goes on until everything
// has been done once.
func (s *soak) over() bool {
	now := time.Now()
	return s.Failed() || now.After(s.end) && (len(s.undone()) == 0 || now.After(s.end.Add(patience)))
}

// soakClient is one of them: a booker, a rival or a manager.
type soakClient struct {
	*soak
	caller  *caller
	random  *rand.Rand
	project string
	other   string // the colleague
	doings  []doing
}

type doing struct {
	name string
	do   func(*soakClient) reply
}

// The doings of everybody, of bookers and of managers; what is named twice is done
// twice as often. Managers also move, cancel and check in what others booked.
var (
	everybodys = []doing{
		{"search", (*soakClient).search}, {"free", (*soakClient).free}, {"quote", (*soakClient).quote}, {"move", (*soakClient).move},
		{"move", (*soakClient).move}, {"cancel", acting("cancel")}, {"check-in", acting("check-in")},
		{"check-out", acting("check-out")},
	}
	bookers = []doing{
		{"request", (*soakClient).request}, {"request", (*soakClient).request}, {"request", (*soakClient).request}, {"series", (*soakClient).series},
		{"accept", acting("accept")}, {"alternative", acting("accept-alternative")},
		{"hand-over", (*soakClient).handOver}, {"join", (*soakClient).join}, {"wait", (*soakClient).answerOffer},
	}
	managers = []doing{
		{"approve", acting("approve")}, {"approve all", (*soakClient).approveAll}, {"decline", acting("decline")},
		{"propose", (*soakClient).propose}, {"pin", acting("pin")}, {"preview", (*soakClient).preview},
		{"take down", (*soakClient).takeDown}, {"lift", (*soakClient).lift}, {"lift", (*soakClient).lift},
	}
)

func newSoakClient(s *soak, n int) *soakClient {
	who := []struct{ email, project, other string }{
		{annaEk, "P-8001", "bo@gronstal.example"}, {kaiDahl, "P-8002", "eli@kontur.example"},
		{"bo@gronstal.example", "P-8001", annaEk}, {"eli@kontur.example", "P-8002", kaiDahl},
		{miaLund, "P-8001", ""}, {maxBerg, "P-8002", ""},
	}[n%6]
	c := &soakClient{soak: s, caller: s.as(who.email), project: who.project, other: who.other}
	c.random = rand.New(rand.NewPCG(26, uint64(n)))
	c.doings = slices.Concat(everybodys, bookers)
	if c.other == "" {
		c.doings = slices.Concat(everybodys, managers)
	}
	return c
}

// step does one thing and holds the answer to what all answers are.
func (c *soakClient) step() {
	doing := pick(c.random, c.doings)
	got := doing.do(c)
	if got.status == 0 {
		return // there was nothing to do it to
	}
	told, name := fmt.Sprint(got.status), ""
	if got.status >= 400 {
		name = got.problem().Code
		told += " " + name
	}
	// What is malformed is the test's own mistake, but for units of pools that two
	// resources share.
	if got.status >= 500 || got.status == http.StatusUnauthorized || got.status == http.StatusTooManyRequests || name == "invalid" {
		c.Errorf("%s: %s: %d %.1000s", doing.name, got.asked, got.status, got.body)
	}
	c.lock.Lock()
	defer c.lock.Unlock()
	if c.answers[doing.name] == nil {
		c.answers[doing.name] = map[string]int{}
	}
	c.answers[doing.name][told]++
}

func pick[T any](r *rand.Rand, list []T) T { return list[r.IntN(len(list))] }

// ask asks and waits for the answer, whatever it is.
func (c *soakClient) ask(method, path string, body any) reply {
	var raw []byte
	var headers []string
	if body != nil {
		raw, headers = encode(body), []string{"Content-Type", "application/json"}
	}
	got, err := c.caller.try(method, "/api/v1"+path, raw, headers...)
	if err != nil {
		c.Errorf("%s %s: %v", method, path, err)
	}
	return got
}
