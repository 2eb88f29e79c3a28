package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/pprof"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/spf13/cobra"

	"rigg/booking"
	"rigg/facilities"
	"rigg/internal/period"
)

// look is what one run of the availability benchmark does.
type look struct {
	plan
	days    int
	profile string // a file for pprof; empty: none
}

// The bookings of a resource lie in slots, one each, and leave some of it free.
const (
	slotHours  = 8
	wishedMins = 240
)

func availabilityCommand() *cobra.Command {
	l := look{plan: plan{connections: 4, projects: 1, throwaway: true, settings: map[string]string{
		"shared_buffers": "512MB", "max_wal_size": "4GB", "checkpoint_timeout": "1h",
	}}}
	c := &cobra.Command{
		Use:   "availability",
		Short: "Free times of many resources, beside the bare SQL query that reads what is taken",
		Long: "Fills a throw-away cluster with bookings, a part of which lies in the days looked at. Then, in turns, asks\n" +
			"the service which resources are free (a search: the first fitting times of all, in order, and an\n" +
			"availability: all their free stretches) and reads the same allocations by one bare SQL query.",
		Example: "  riggbench availability\n  riggbench availability --bookings 100000 --resources 100 --rounds 9",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return benchAvailability(c.Context(), c.OutOrStdout(), l)
		},
	}
	c.Flags().IntVar(&l.bookings, "bookings", 1_000_000, "in the table")
	c.Flags().IntVar(&l.resources, "resources", 1000, "all of which are looked at")
	c.Flags().IntVar(&l.days, "days", 90, "to look ahead")
	c.Flags().IntVar(&l.rounds, "rounds", 5, "rounds; each does all kinds")
	c.Flags().StringVar(&l.profile, "profile", "", "write a CPU profile of the rounds to this file")
	return c
}

func benchAvailability(ctx context.Context, out io.Writer, l look) (err error) {
	if l.bookings < 1 || l.rounds < 1 || l.resources < 1 || l.days < 1 || l.days > 366 {
		return errors.New("every number must be at least 1, and the days at most 366")
	}
	w, err := startWorld(ctx, l.plan)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.close()) }()
	a, err := w.open(ctx, w.server.URL())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	began := time.Now()
	if err := w.fill(ctx, l); err != nil {
		return err
	}
	_, _ = fmt.Fprintf(out, "%d bookings of %d resources in the table after %.0f s\n", l.bookings, l.resources, time.Since(began).Seconds())

	wish := facilities.Wish{Window: period.New(w.first, w.first.AddDate(0, 0, l.days)), Minutes: wishedMins}
	kinds := []kind{
		{"bare SQL", func(ctx context.Context) (string, error) { return w.readBare(ctx, wish.Window) }},
		{"search", func(ctx context.Context) (string, error) {
			found, err := a.Booking.Search(ctx, nil, booking.Search{Wish: wish})
			if err != nil {
				return "", err
			}
			return fmt.Sprintf("%d of %d resources fit, the first %d shown", found.Free, found.Total, len(found.Hits)), nil
		}},
		{"availability", func(ctx context.Context) (string, error) {
			free, err := a.Booking.AvailabilityOfAny(ctx, nil, facilities.Filter{Capabilities: []string{ability}}, wish)
			if err != nil {
				return "", err
			}
			return fmt.Sprintf("the first %d free stretches and %d fits", len(free.Free), len(free.Fits)), nil
		}},
	}
	if err := profiled(l.profile, func() error { return compare(ctx, out, kinds, l.rounds) }); err != nil {
		return err
	}
	return w.explain(ctx, out, wish.Window)
}

// profiled runs f, with a CPU profile where a file for it is named.
func profiled(name string, f func() error) (err error) {
	if name == "" {
		return f()
	}
	file, err := os.Create(name)
	if err != nil {
		return fmt.Errorf("make the profile: %w", err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	if err := pprof.StartCPUProfile(file); err != nil {
		return fmt.Errorf("start the profile: %w", err)
	}
	defer pprof.StopCPUProfile()
	return f()
}

// kind is one way to ask, which says what it got.
type kind struct {
	name string
	ask  func(context.Context) (string, error)
}

// compare asks in every way in each round, beginning with another one each time so
// that none always finds the warmer cache, and prints what each takes of the first.
func compare(ctx context.Context, out io.Writer, kinds []kind, rounds int) error {
	took := make([][]float64, len(kinds))
	for i := range kinds { // once unmeasured: statements are prepared and facts read
		got, err := kinds[i].ask(ctx)
		if err != nil {
			return err
		}
		_, _ = fmt.Fprintf(out, "%s: %s\n", kinds[i].name, got)
	}
	for round := range rounds {
		for n := range kinds {
			i := (round + n) % len(kinds)
			began := time.Now()
			if _, err := kinds[i].ask(ctx); err != nil {
				return err
			}
			took[i] = append(took[i], time.Since(began).Seconds())
		}
		_, _ = fmt.Fprintf(out, "round %d:", round+1)
		for i := range kinds {
			_, _ = fmt.Fprintf(out, " %s %.0f ms", kinds[i].name, 1000*took[i][round])
		}
		_, _ = fmt.Fprintln(out)
	}
	for i := 1; i < len(kinds); i++ {
		ratios := make([]float64, rounds)
		for round := range ratios {
			ratios[round] = took[i][round] / took[0][round]
		}
		slices.Sort(ratios)
		_, _ = fmt.Fprintf(out, "%s takes %.2f times %s (median of %d rounds; min %.2f, max %.2f)\n",
			kinds[i].name, ratios[rounds/2], kinds[0].name, rounds, ratios[0], ratios[rounds-1])
	}
	return nil
}

// bareTaken reads what is taken of all units in a period, unit by unit, as the
// index has it.
const bareTaken = `
	select a.unit_id, a.starts_at, a.ends_at from units u
	cross join lateral (
		select unit_id, starts_at, ends_at from allocations
		where active and unit_id = u.id and during && tstzrange($1, $2, '[)') offset 0) a`

func (w *world) readBare(ctx context.Context, in period.Period) (string, error) {
	rows, err := w.pool.Query(ctx, bareTaken, in.Start, in.End)
	if err != nil {
		return "", fmt.Errorf("read by bare SQL: %w", err)
	}
	var unit int64
	var start, end time.Time
	n := 0
	_, err = pgx.ForEachRow(rows, []any{&unit, &start, &end}, func() error { n++; return nil })
	if err != nil {
		return "", fmt.Errorf("read by bare SQL: %w", err)
	}
	return fmt.Sprintf("%d allocations in the period", n), nil
}

func (w *world) explain(ctx context.Context, out io.Writer, in period.Period) error {
	rows, err := w.pool.Query(ctx, `explain (analyze, buffers off, timing off) `+bareTaken, in.Start, in.End)
	if err != nil {
		return fmt.Errorf("explain: %w", err)
	}
	var line string
	_, _ = fmt.Fprintln(out, "the bare query's plan:")
	_, err = pgx.ForEachRow(rows, []any{&line}, func() error {
		_, err := fmt.Fprintln(out, "  "+line)
		return err
	})
	if err != nil {
		return fmt.Errorf("explain: %w", err)
	}
	return nil
}

// The bookings of each resource, past and coming, lie one in each slot, of 1 to 7
// hours, and the last of them ends the days that are looked at.
const (
	fillBookings = `
		insert into bookings (ref, version, state, project_id, person_id, created_by, agreement_id,
			starts_at, ends_at, purpose, created_at, changed_at)
		select lpad(n::text, 13, 'x'), 1, 'confirmed', 'p0', $1, $1, $2, at, at + (1 + n * 7919 % 7) * interval '1 hour', '', now(), now()
		from generate_series(0, $3::bigint - 1) n
		cross join lateral (select $4::timestamptz - (1 + n / $5) * make_interval(hours => $6) as at) s`
	fillResources = `
		insert into booking_resources (booking_id, position, resource_id, set_up_min, clean_up_min)
		select id, 1, 'r' || ltrim(ref, 'x')::bigint % $1, 0, 0 from bookings`
	fillAllocations = `
		insert into allocations (unit_id, booking_id, resource_id, starts_at, ends_at)
		select u.unit_id, b.id, r.resource_id, b.starts_at, b.ends_at from bookings b
		join booking_resources r on r.booking_id = b.id join resource_units u on u.resource_id = r.resource_id`
)

// fill writes the bookings without asking, and makes the constraint anew when all
// are there: with it in place every row would be looked for among the others.
func (w *world) fill(ctx context.Context, l look) error {
	end := w.first.AddDate(0, 0, l.days)
	return pgx.BeginFunc(ctx, w.pool, func(tx pgx.Tx) error {
		for _, step := range []struct {
			sql  string
			args []any
		}{
			{sql: `set local session_replication_role = replica`}, // rows of ours need no look at what they refer to
			{sql: `set local work_mem = '256MB'`},
			{sql: `set local maintenance_work_mem = '512MB'`},
			{sql: `alter table allocations drop constraint allocations_no_overlap`},
			{sql: fillBookings, args: []any{w.rows.person, w.rows.agreements["p0"], l.bookings, end, l.resources, slotHours}},
			{sql: fillResources, args: []any{l.resources}},
			{sql: fillAllocations},
			{sql: `alter table allocations add constraint allocations_no_overlap
				exclude using gist (unit_id with =, during with &&) where (active)`},
			{sql: `analyze`},
		} {
			if _, err := tx.Exec(ctx, step.sql, step.args...); err != nil {
				return fmt.Errorf("fill the tables: %w", err)
			}
		}
		return nil
	})
}
