package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/spf13/cobra"
)

// plan is what one run does.
type plan struct {
	bookings    int // of each kind, in each round
	rounds      int
	connections int
	resources   int
	projects    int

	// Where no writing is measured: a cluster without durability, and settings that
	// fill it faster.
	throwaway bool
	settings  map[string]string
}

func bookingCommand() *cobra.Command {
	p := plan{}
	c := &cobra.Command{
		Use:   "booking",
		Short: "Accepted bookings a second through HTTP, beside the same rows by bare SQL",
		Long: "Starts the whole program on a throw-away cluster (with full durability), books non-overlapping times\n" +
			"through HTTP, and writes the same rows by one SQL statement a booking on the same cluster, in turns.",
		Example: "  riggbench booking\n  riggbench booking --bookings 10000 --rounds 5",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return benchBooking(c.Context(), c.OutOrStdout(), p)
		},
	}
	c.Flags().IntVar(&p.bookings, "bookings", 2000, "bookings of each kind in each round")
	c.Flags().IntVar(&p.rounds, "rounds", 3, "rounds; each does both kinds")
	c.Flags().IntVar(&p.connections, "connections", 16, "at one time")
	c.Flags().IntVar(&p.resources, "resources", 1000, "to spread the bookings over")
	c.Flags().IntVar(&p.projects, "projects", 100, "to spread the charges over; bookings of one project wait for its purses")
	return c
}

func benchBooking(ctx context.Context, out io.Writer, p plan) (err error) {
	if p.bookings < 1 || p.rounds < 1 || p.connections < 1 || p.resources < 1 || p.projects < 1 {
		return errors.New("every number must be at least 1")
	}
	w, err := startWorld(ctx, p)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.close()) }()
	trips, err := w.countRoundTrips(ctx)
	if err != nil {
		return err
	}
	_, _ = fmt.Fprintf(out, "round trips of one booking, BEGIN, COMMIT and the job's insert included: %d\n", trips)
	var ratios []float64
	for round := range p.rounds {
		// The order changes, so that neither kind always finds the warmer cache.
		first, second := w.throughHTTP, w.bareSQL
		if round%2 == 1 {
			first, second = second, first
		}
		a, err := timed(ctx, p, first)
		if err != nil {
			return err
		}
		b, err := timed(ctx, p, second)
		if err != nil {
			return err
		}
		if round%2 == 1 {
			a, b = b, a
		}
		ratios = append(ratios, a/b)
		_, _ = fmt.Fprintf(out, "round %d: HTTP %.0f bookings/s, bare SQL %.0f bookings/s, ratio %.3f\n", round+1, a, b, a/b)
	}
	slices.Sort(ratios)
	_, _ = fmt.Fprintf(out, "median ratio %.3f (min %.3f, max %.3f) over %d rounds of %d, %d connections, %d resources\n",
		ratios[len(ratios)/2], ratios[0], ratios[len(ratios)-1], p.rounds, p.bookings, p.connections, p.resources)
	return nil
}

// timed runs one kind for all bookings of a round and gives bookings a second.
func timed(ctx context.Context, p plan, book func(context.Context) error) (float64, error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Minute)
	defer cancel()
	var next atomic.Int64
	var group sync.WaitGroup
	failed := make(chan error, p.connections)
	began := time.Now()
	for range p.connections {
		group.Go(func() {
			for next.Add(1) <= int64(p.bookings) {
				if err := book(ctx); err != nil {
					failed <- err
					return
				}
			}
		})
	}
	group.Wait()
	took := time.Since(began)
	select {
	case err := <-failed:
		return 0, err
	default:
	}
	return float64(p.bookings) / took.Seconds(), nil
}
