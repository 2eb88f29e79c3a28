package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"rigg/cmd/internal/app"
	"rigg/internal/text"
)

func (p *program) admin() *cobra.Command {
	var name string
	create := &cobra.Command{
		Use:   "create EMAIL",
		Short: "Make somebody an administrator and print a link to sign in with",
		Long: `Create makes the person with the address an administrator, and a person where
there is none, and prints a link to sign in with, good for 15 minutes and once.
The link begins with base_url, or the address to listen on, of the configuration.`,
		Example: "  rigg admin create anna@company.example --name \"Anna Ek\"",
		Args:    exactly(1),
		RunE: func(c *cobra.Command, args []string) error {
			return p.with(c.Context(), func(a *app.App) error {
				secret, err := a.Access.CreateAdmin(c.Context(), args[0], name)
				if err != nil {
					return asUsage(err)
				}
				if _, err := fmt.Fprintf(p.out, "%s/sign-in/%s\n", a.Config.BaseURL, secret); err != nil {
					return err
				}
				return p.say(p.errors, text.New("Öppna länken i en webbläsare inom 15 minuter. Den fungerar en gång.",
					"Open the link in a browser within 15 minutes. It works once."))
			})
		},
	}
	create.Flags().StringVar(&name, "name", "", "of a new person; otherwise the address")
	c := group("admin", "Make administrators", create)
	c.Example = "  rigg admin create anna@company.example"
	return c
}
