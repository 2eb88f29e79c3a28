package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"rigg"
	"rigg/booking"
	"rigg/cmd/internal/app"
	"rigg/cmd/internal/load"
	"rigg/internal/config"
	"rigg/internal/database"
	"rigg/internal/id"
	"rigg/internal/localpg"
	"rigg/internal/period"

	"rigg/access"
)

// booker is who books everything, and ability what every resource can do.
const (
	booker  = "bench@bench.example"
	ability = "bench"
)

// world is the running program over a throw-away cluster, and a pool beside it.
type world struct {
	plan
	dir    string
	server *localpg.Server
	stop   context.CancelFunc
	done   chan error
	base   string
	token  string
	client *http.Client
	pool   *pgxpool.Pool
	rows   reference
	first  time.Time    // no booking starts before it
	slots  atomic.Int64 // taken so far
}

// startWorld makes the cluster, loads resources and projects and starts serving.
func startWorld(ctx context.Context, p plan) (_ *world, err error) {
	w := &world{plan: p, done: make(chan error, 1), first: time.Now().UTC().Truncate(24*time.Hour).AddDate(0, 0, 2)}
	defer func() {
		if err != nil {
			err = errors.Join(err, w.close())
		}
	}()
	if w.dir, err = os.MkdirTemp("", "riggbench-"); err != nil {
		return nil, fmt.Errorf("make a directory: %w", err)
	}
	// The server's own account must be able to enter it.
	if err := os.Chmod(w.dir, 0o755); err != nil { //nolint:gosec // holds no secret, and the server runs as another user
		return nil, fmt.Errorf("open the directory: %w", err)
	}
	if w.server, err = localpg.Start(ctx, localpg.Options{Dir: w.dir, Throwaway: p.throwaway, Settings: p.settings}); err != nil {
		return nil, err
	}
	if err := w.load(ctx); err != nil {
		return nil, err
	}
	if err := w.serve(ctx); err != nil {
		return nil, err
	}
	if w.pool, err = pgxpool.New(ctx, fmt.Sprintf("%s&pool_max_conns=%d&jit=off", w.server.URL(), p.connections)); err != nil {
		return nil, fmt.Errorf("open the reference's pool: %w", err)
	}
	w.rows, err = findReference(ctx, w.pool)
	return w, err
}

func (w *world) config(url string) (*config.Config, error) {
	c, err := config.Load(config.Sources{Defaults: rigg.DefaultConfig, Flags: map[string]string{
		"listen": "127.0.0.1:0", "data_dir": w.dir, "database.url": url,
		"database.max_conns": fmt.Sprint(w.connections + 8), "log.level": "error",
	}})
	if err != nil {
		return nil, fmt.Errorf("configure: %w", err)
	}
	return c, nil
}

func (w *world) load(ctx context.Context) error {
	a, err := w.open(ctx, w.server.URL())
	if err != nil {
		return err
	}
	defer func() { _ = a.Close() }()
	if _, err := load.Files(ctx, a.DB, []load.File{{Name: "bench.yaml", Data: w.catalogue()}}); err != nil {
		return fmt.Errorf("load the catalogue: %w", err)
	}
	w.token, err = a.Access.CreateToken(ctx, booker, []string{"all"}, 24*time.Hour)
	return err
}

// open is the program without a server and without workers.
func (w *world) open(ctx context.Context, url string) (*app.App, error) {
	c, err := w.config(url)
	if err != nil {
		return nil, err
	}
	return app.Open(ctx, app.Options{Config: c, LogTo: os.Stderr})
}

// catalogue is the resources and projects as YAML.
func (w *world) catalogue() []byte {
	var b bytes.Buffer
	year := w.first.Year()
	add := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	add("organisations:\n  - {id: funder, name: Funder, kind: public_body, size: large}\n  - {id: lab, name: Lab, kind: institute, size: large}")
	add("people:\n  - {email: %s, name: Bench, organisation: lab, language: en}", booker)
	add("sites:\n  - {id: site, name: Site, city: Stockholm, county: \"01\", time_zone: Europe/Stockholm, host: lab}")
	add("facilities:\n  - {id: hall, site: site, name: Hall, kind: lab, approval: auto, managers: [%s], hours: {mon-sun: \"00:00-24:00\"}}", booker)
	add("programmes:\n  - {id: prog, name: Programme, max_public_share: 50%%, appropriations: [{year: %d, platform: 1000000000.00}, {year: %d, platform: 1000000000.00}]}", year, year+1)
	add("resources:")
	for i := range w.resources {
		add("  - {id: r%d, facility: hall, name: {sv: Resurs %d, en: Resource %d}, capabilities: [%s], units: {all: [u%d]}, rules: {closed: span}}", i, i, i, ability, i)
	}
	add("rates:")
	for i := range w.resources {
		add("  - {resource: r%d, audience: institute, from: %d-01-01, per: hour, amount: 100.00}", i, year-1)
	}
	add("projects:")
	for i := range w.projects {
		add("  - {id: p%d, name: Project %d, lead: lab, stream: platform, programme: prog, aid_basis: decided, period: {from: %d-01-01, to: %d-12-31}, members: [%s],",
			i, i, year, year+1, booker)
		add("     agreements: [{from: %d-01-01, parties: [{party: funder, role: funder, kind: grant, parts: 50}, {party: lab, role: participant, kind: cash, parts: 50}]}],", year)
		add("     awards: [{year: %d, funder: funder, amount: 5000000.00}, {year: %d, funder: funder, amount: 5000000.00}],", year, year+1)
		add("     budgets: [{party: lab, year: %d, amount: 5000000.00}, {party: lab, year: %d, amount: 5000000.00}]}", year, year+1)
	}
	return b.Bytes()
}

func (w *world) serve(ctx context.Context) error {
	c, err := w.config(w.server.URL())
	if err != nil {
		return err
	}
	listener, err := app.Listen(ctx, c)
	if err != nil {
		return err
	}
	a, err := app.Open(ctx, app.Options{Config: c, LogTo: os.Stderr, Workers: true})
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	serving, stop := context.WithCancel(ctx)
	w.stop, w.base = stop, c.BaseURL
	go func() {
		// The listener takes connections from now on; they wait until it serves.
		err := a.Serve(serving, app.Serving{Listener: listener, Out: io.Discard})
		w.done <- errors.Join(err, a.Close())
	}()
	w.client = &http.Client{Timeout: time.Minute, Transport: &http.Transport{
		MaxIdleConns: w.connections, MaxIdleConnsPerHost: w.connections, MaxConnsPerHost: w.connections,
	}}
	return nil
}

// next gives a resource, a project and a period that no other call gets.
func (w *world) next() (resource, project int, p period.Period) {
	n := int(w.slots.Add(1)) - 1
	start := w.first.Add(time.Duration(n/w.resources) * time.Hour)
	return n % w.resources, n % w.projects, period.New(start, start.Add(time.Hour))
}

func (w *world) throughHTTP(ctx context.Context) error {
	resource, project, p := w.next()
	body, err := json.Marshal(map[string]any{
		"resources": []string{fmt.Sprintf("r%d", resource)}, "project": fmt.Sprintf("p%d", project),
		"start": p.Start.Format(time.RFC3339), "end": p.End.Format(time.RFC3339),
	})
	if err != nil {
		return fmt.Errorf("write the request: %w", err)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, w.base+"/api/v1/bookings", bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("make the request: %w", err)
	}
	request.Header.Set("Authorization", "Bearer "+w.token)
	request.Header.Set("Content-Type", "application/json")
	response, err := w.client.Do(request)
	if err != nil {
		return fmt.Errorf("book: %w", err)
	}
	defer func() { _ = response.Body.Close() }()
	answer, err := io.ReadAll(io.LimitReader(response.Body, 1<<20))
	if err != nil || response.StatusCode != http.StatusCreated {
		return fmt.Errorf("book: %s: %s (%w)", response.Status, answer, err)
	}
	return nil
}

// countRoundTrips books once through a proxy that counts. The program behind it
// works no jobs, so nothing else is counted.
func (w *world) countRoundTrips(ctx context.Context) (int64, error) {
	socket, viaProxy, err := proxied(w.server.URL(), w.dir)
	if err != nil {
		return 0, err
	}
	p, err := startProxy(ctx, w.dir, socket)
	if err != nil {
		return 0, err
	}
	defer func() { _ = p.listener.Close() }()
	a, err := w.open(ctx, viaProxy)
	if err != nil {
		return 0, err
	}
	defer func() { _ = a.Close() }()
	var who *access.Principal
	err = a.DB.View(ctx, func(tx *database.Tx) error {
		person, err := access.FindPerson(tx, booker)
		if err == nil {
			who, err = access.PrincipalOf(tx, person.ID)
		}
		return err
	})
	if err != nil {
		return 0, err
	}
	// Twice: the first prepares statements on its connection and reads the facts.
	var before int64
	for range 4 {
		resource, project, at := w.next()
		before = p.trips.Load()
		_, err := a.Booking.Request(ctx, who, booking.Request{
			Resources: []id.Resource{id.Resource(fmt.Sprintf("r%d", resource))},
			Project:   id.Project(fmt.Sprintf("p%d", project)), Period: at,
		})
		if err != nil {
			return 0, err
		}
	}
	return p.trips.Load() - before, nil
}

func (w *world) close() (err error) {
	if w.pool != nil {
		w.pool.Close()
	}
	if w.stop != nil {
		w.stop()
		err = <-w.done
	}
	if w.server != nil {
		err = errors.Join(err, w.server.Stop())
	}
	if w.dir != "" {
		err = errors.Join(err, os.RemoveAll(w.dir))
	}
	if err != nil {
		slog.Debug("close", "cause", err)
	}
	return err
}
