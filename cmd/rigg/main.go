// Command rigg books time on shared test beds and pilot lines. Every command has
// a small file of its own here; what several of them need is in program.go. It
// must hold no rule of the domains: a command asks the packages below.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // machines without zone files are to know their sites' clocks
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // so that a second Ctrl-C ends the program at once
	p := newProgram(os.Environ(), os.Stdin, os.Stdout, os.Stderr)
	os.Exit(p.run(ctx, os.Args[1:]))
}
