package main

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"rigg/cmd/internal/app"
	"rigg/internal/database"
	"rigg/migrations"
)

func (p *program) migrate() *cobra.Command {
	up := &cobra.Command{
		Use: "up", Short: "Bring the schema up to date", Example: "  rigg migrate up", Args: exactly(0),
		RunE: func(c *cobra.Command, _ []string) error {
			return p.opened(c.Context(), app.Connect, func(a *app.App) error {
				return app.Migrate(c.Context(), a.DB, a.Log)
			})
		},
	}
	down := &cobra.Command{
		Use: "down", Short: "Take the last migration back, with all data that it made room for",
		Example: "  rigg migrate down", Args: exactly(0),
		RunE: func(c *cobra.Command, _ []string) error {
			return p.opened(c.Context(), app.Connect, func(a *app.App) error {
				return database.Down(c.Context(), a.DB.SQL(), migrations.Files)
			})
		},
	}
	c := group("migrate", "Change the schema, or see where it is", up, p.migrateStatus(), down)
	c.Long = "Serve and the other commands bring the schema up to date by themselves; migrate does\nit before, or takes a step back."
	c.Example = "  rigg migrate status"
	return c
}

// migration is a step of the schema as a script reads it.
type migration struct {
	Version   int64      `json:"version"`
	Name      string     `json:"name"`
	AppliedAt *time.Time `json:"applied_at"` // null: pending
}

func (p *program) migrateStatus() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use: "status", Short: "List the migrations and when each was applied", Example: "  rigg migrate status --json",
		Args: exactly(0),
		RunE: func(c *cobra.Command, _ []string) error {
			return p.opened(c.Context(), app.Connect, func(a *app.App) error {
				list, err := database.Status(c.Context(), a.DB.SQL(), migrations.Files)
				if err != nil {
					return err
				}
				if asJSON {
					return p.write(stated(list))
				}
				for _, m := range list {
					state := "pending"
					if !m.AppliedAt.IsZero() {
						state = m.AppliedAt.Format(time.RFC3339)
					}
					if _, err := fmt.Fprintf(p.out, "%-20s  %s\n", state, m.Name); err != nil {
						return err
					}
				}
				return nil
			})
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "write JSON")
	return c
}

func stated(list []database.Migration) []migration {
	out := []migration{}
	for _, m := range list {
		one := migration{Version: m.Version, Name: m.Name}
		if !m.AppliedAt.IsZero() {
			one.AppliedAt = &m.AppliedAt
		}
		out = append(out, one)
	}
	return out
}
