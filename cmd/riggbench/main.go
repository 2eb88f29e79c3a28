// Command riggbench measures Rigg beside a reference in the same run, and prints
// ratios: the machines that it runs on are shared and noisy, so an absolute
// figure means little. It never judges.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"

	"github.com/spf13/cobra"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	root := &cobra.Command{
		Use:           "riggbench",
		Short:         "Measures Rigg beside bare SQL, in one run",
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.AddCommand(bookingCommand(), availabilityCommand())
	if err := root.ExecuteContext(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "riggbench:", err)
		stop()
		os.Exit(1)
	}
}
