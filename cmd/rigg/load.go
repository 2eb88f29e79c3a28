package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"rigg/cmd/internal/app"
	"rigg/cmd/internal/load"
)

func (p *program) load() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "load FILE...",
		Short: "Load the catalogue, people, projects and rates from YAML",
		Long: `Load puts what the files say into the database, as an administrator: what it
loads is in force. It is all or nothing; every mistake is told, by file and line.
Loading the same again changes nothing.

Anything may be split over files, in any order. A FILE of - is the standard
input. Roles are given and never taken away.`,
		Example: "  rigg load demo/*.yaml\n  rigg load --json - < rates.yaml",
		Args:    judged(cobra.MinimumNArgs(1)),
		RunE: func(c *cobra.Command, names []string) error {
			files, err := p.read(names)
			if err != nil {
				return err
			}
			return p.with(c.Context(), func(a *app.App) error {
				report, err := load.Files(c.Context(), a.DB, files)
				switch {
				case err != nil:
					return err
				case asJSON:
					return p.write(report)
				}
				return p.say(p.out, report.Text())
			})
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "write the report as JSON")
	return c
}

// read reads all files, or tells of all that cannot be read.
func (p *program) read(names []string) (files []load.File, err error) {
	for _, name := range names {
		data, failed := p.readOne(name)
		err = errors.Join(err, failed)
		files = append(files, load.File{Name: name, Data: data})
	}
	return files, err
}

func (p *program) readOne(name string) (_ []byte, err error) {
	from := p.in
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return nil, err
		}
		defer func() { _ = f.Close() }() // only read
		from = f
	}
	// One byte more than a file may have, so that the loader sees that it is too long.
	data, err := io.ReadAll(io.LimitReader(from, load.MaxFile+1))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	return data, nil
}
