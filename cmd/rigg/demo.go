package main

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"rigg/cmd/internal/app"
	"rigg/cmd/internal/demo"
	"rigg/internal/localpg"
)

func (p *program) demo() *cobra.Command {
	var reset bool
	c := &cobra.Command{
		Use:   "demo",
		Short: "Show a full example: real test beds, invented companies",
		Long: `Demo makes an example the first time (real Swedish test beds, invented companies
and people, 150 days of bookings) and serves it. Anybody who can reach it can be any
of its people. What you do in it is kept until --reset.`,
		Example: "  rigg demo\n  rigg demo --reset\n  rigg demo --listen 127.0.0.1:9000",
		Args:    exactly(0),
		RunE: func(c *cobra.Command, _ []string) error {
			return p.show(c.Context(), reset)
		},
	}
	c.Flags().BoolVar(&reset, "reset", false, "throw the example away and make it anew")
	return c
}

func (p *program) show(ctx context.Context, reset bool) (err error) {
	cfg, err := p.config()
	if err != nil {
		return err
	}
	if cfg.DataDir == "" {
		if cfg.DataDir, err = localpg.DefaultDir(); err != nil {
			return err
		}
		cfg.DataDir += "-demo" // never beside anything real
	}
	if cfg.Log.Level == "info" {
		cfg.Log.Level = "warn"
	}
	listener, err := app.Listen(ctx, cfg)
	if err != nil {
		return err
	}
	if err := demo.Prepare(ctx, cfg, reset, p.errors); err != nil {
		return errors.Join(err, listener.Close())
	}
	a, err := app.Open(ctx, app.Options{Config: cfg, LogTo: p.errors, Workers: true})
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	if err := demo.Addresses(ctx, a, cfg.BaseURL, p.errors); err != nil {
		return errors.Join(err, listener.Close())
	}
	return a.Serve(ctx, app.Serving{Listener: listener, Out: p.out, Demo: true})
}
