package main

import (
	"encoding/json"
	"fmt"

	"github.com/spf13/cobra"

	"rigg/cmd/internal/app"
	"rigg/internal/text"
)

func (p *program) check() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "check",
		Short: "Prove over the whole database that what must hold does",
		Long: `Check looks for rows that break an invariant: a unit allocated twice, a purse
overdrawn, a transfer that does not sum to zero, and all the others. It prints
the rows and ends with 1; where there is none it prints nothing, and ends with 0.`,
		Example: "  rigg check\n  rigg check --json",
		Args:    exactly(0),
		RunE: func(c *cobra.Command, _ []string) error {
			return p.with(c.Context(), func(a *app.App) error {
				list := app.Invariants()
				found, err := a.Check(c.Context(), list)
				if err != nil {
					return err
				}
				return p.findings(len(list), found, asJSON)
			})
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "write JSON")
	return c
}

func (p *program) findings(invariants int, found []app.Breach, asJSON bool) error {
	switch {
	case asJSON:
		if found == nil {
			found = []app.Breach{}
		}
		if err := p.write(map[string]any{"invariants": invariants, "broken": found}); err != nil {
			return err
		}
	case len(found) == 0:
		return p.say(p.errors, text.New("alla %d invarianter håller", "all %d invariants hold", invariants))
	default:
		for _, b := range found {
			if err := p.breach(b); err != nil {
				return err
			}
		}
	}
	if len(found) > 0 {
		return errFound
	}
	return nil
}

// breach writes the invariant and, indented, the rows that break it.
func (p *program) breach(b app.Breach) error {
	if _, err := fmt.Fprintf(p.out, "does not hold: %s\n", b.Invariant); err != nil {
		return err
	}
	for _, row := range b.Rows {
		line, err := json.Marshal(row)
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintf(p.out, "  %s\n", line); err != nil {
			return err
		}
	}
	if b.More {
		_, err := fmt.Fprintln(p.out, "  ...")
		return err
	}
	return nil
}
