package main

import (
	"context"
	"io"

	"github.com/spf13/cobra"
)

// Main is the program as the system starts it.
var Main = main

// Run does what the arguments say and gives the exit code.
func Run(ctx context.Context, env []string, in io.Reader, out, errors io.Writer, args ...string) int {
	return newProgram(env, in, out, errors).run(ctx, args)
}

// Commands gives the tree of all commands.
func Commands() *cobra.Command { return new(program).commands() }
