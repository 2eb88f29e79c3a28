package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"rigg/cmd/internal/app"
	"rigg/internal/period"
	"rigg/internal/problem"
)

func (p *program) token() *cobra.Command {
	var person string
	var scopes []string
	var ttl string
	create := &cobra.Command{
		Use:   "create --person EMAIL --scope SCOPE",
		Short: "Make a token for the API and print it",
		Long: `Create makes a token with which a program acts as a person, and prints it, this
once: only its hash is kept. A scope narrows what the person may do: all, read,
book, approve, calendar, admin.`,
		Example: "  rigg token create --person anna@company.example --scope all\n" +
			"  rigg token create --person anna@company.example --scope read,calendar --ttl 30d",
		Args: exactly(0),
		RunE: func(c *cobra.Command, _ []string) error {
			life, err := period.ParseSpan(ttl)
			if err != nil {
				return usageError{err}
			}
			return p.with(c.Context(), func(a *app.App) error {
				secret, err := a.Access.CreateToken(c.Context(), person, scopes, life.Duration())
				if problem.Has(err, problem.CodeNotFound) {
					return problem.CodeNotFound.Say("Ingen har adressen %s: läs in personen med rigg load, eller skapa en administratör.",
						"Nobody has the address %s: load the person with rigg load, or make an administrator.", person)
				}
				if err != nil {
					return asUsage(err)
				}
				_, err = fmt.Fprintln(p.out, secret)
				return err
			})
		},
	}
	flags := create.Flags()
	flags.StringVar(&person, "person", "", "the address of who acts (needed)")
	flags.StringSliceVar(&scopes, "scope", nil, "what it is for; several with commas (needed)")
	flags.StringVar(&ttl, "ttl", "90d", "how long it is good, at most 366d")
	create.PreRunE = func(c *cobra.Command, _ []string) error {
		if person == "" || len(scopes) == 0 {
			return misused(c, fmt.Errorf("--person and --scope are needed"))
		}
		return nil
	}
	c := group("token", "Make tokens for the API", create)
	c.Example = "  rigg token create --person anna@company.example --scope all"
	return c
}
