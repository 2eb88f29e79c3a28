package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"rigg/cmd/internal/app"
)

func (p *program) serve() *cobra.Command {
	var clock string
	c := &cobra.Command{
		Use:   "serve",
		Short: "Answer requests and work the queue",
		Long: `Serve answers requests and works the queue, until it is interrupted: then it
finishes what is under way and ends. A second interrupt ends it at once.`,
		Example: "  rigg serve\n  rigg serve --listen 127.0.0.1:0 --clock 2026-12-31T20:55:00Z",
		Args:    exactly(0),
		RunE: func(c *cobra.Command, _ []string) error {
			if err := app.CheckClock(clock); err != nil {
				return usageError{err}
			}
			return p.answer(c.Context(), clock)
		},
	}
	c.Flags().StringVar(&clock, "clock", "", `start the program's clock at an instant, such as 2026-12-31T20:55:00Z, or "real"; private database only`)
	return c
}

func (p *program) answer(ctx context.Context, clock string) (err error) {
	cfg, err := p.config()
	if err != nil {
		return err
	}
	listener, err := app.Listen(ctx, cfg)
	if err != nil {
		return err
	}
	a, err := app.Open(ctx, app.Options{Config: cfg, LogTo: p.errors, Clock: clock, Workers: true})
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	if offset := a.Clock.Offset(); offset != 0 {
		_, _ = fmt.Fprintf(p.errors, "!!! THE CLOCK IS SET: for this program it is %s (%s from real time).\n"+
			"!!! Bookings, money and messages follow it. \"rigg serve --clock real\" puts it right.\n",
			a.Clock.Now().UTC().Format(time.RFC3339), offset.Round(time.Second))
	}
	return a.Serve(ctx, app.Serving{Listener: listener, Out: p.out})
}
