package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"rigg"
	"rigg/cmd/internal/app"
	"rigg/internal/config"
	"rigg/internal/problem"
	"rigg/internal/text"
)

// What the program ends with.
const (
	exitDone   = 0
	exitFailed = 1 // or rigg check found something
	exitUsage  = 2 // called or configured wrongly: nothing was tried
)

// program is one run of rigg.
type program struct {
	in          io.Reader
	out, errors io.Writer
	env         []string
	configFile  string
	common      map[string]*string // flags that are keys of the configuration
	root        *cobra.Command
}

// usageError marks what is wrong with how the program was called.
type usageError struct{ err error }

func (e usageError) Error() string { return e.err.Error() }
func (e usageError) Unwrap() error { return e.err }

// asUsage marks a refusal of what the program was called with.
func asUsage(err error) error {
	if problem.Has(err, problem.CodeInvalid) {
		return usageError{err}
	}
	return err
}

// errFound ends a command that has said all there is to say.
var errFound = errors.New("something was found")

// newProgram makes a program with its commands.
func newProgram(env []string, in io.Reader, out, errors io.Writer) *program {
	p := &program{in: in, out: out, errors: errors, env: env}
	p.root = p.commands()
	return p
}

// run does what the arguments say and gives the exit code.
func (p *program) run(ctx context.Context, args []string) int {
	p.root.SetArgs(args)
	p.root.SetIn(p.in)
	p.root.SetOut(p.out)
	p.root.SetErr(p.errors)
	err := p.root.ExecuteContext(ctx)
	var usage usageError
	switch {
	case err == nil:
		return exitDone
	case errors.Is(err, errFound):
		return exitFailed
	case errors.As(err, &usage):
		p.tell(usage.err)
		return exitUsage
	}
	p.tell(err)
	return exitFailed
}

func (p *program) commands() *cobra.Command {
	root := group("rigg", "Book time on shared test beds and pilot lines",
		p.serve(), p.migrate(), p.load(), p.admin(), p.token(), p.check(), p.demo(), p.version())
	root.Long = `Rigg books time on shared test beds and pilot lines, decides who may use them
and when, and shares the cost between the parties of a project.

Without a database of yours, every command uses a private one in the data
directory; they can all run at once.`
	root.Example = "  rigg serve\n  rigg load catalogue.yaml projects.yaml"
	root.SilenceErrors, root.SilenceUsage = true, true
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error { return misused(c, err) })
	root.CompletionOptions.HiddenDefaultCmd = true
	flags := root.PersistentFlags()
	flags.StringVar(&p.configFile, "config", "", "configuration file (RIGG_CONFIG)")
	p.common = map[string]*string{
		"listen":       flags.String("listen", "", "address to answer on, host:port; port 0 is any free one (RIGG_LISTEN)"),
		"data_dir":     flags.String("data-dir", "", "where the private database and all files are (RIGG_DATA_DIR)"),
		"database.url": flags.String("database-url", "", "a PostgreSQL to use instead of the private one (RIGG_DATABASE_URL)"),
	}
	return root
}

// group is a command that only has others under it.
func group(use, short string, under ...*cobra.Command) *cobra.Command {
	c := &cobra.Command{
		Use: use, Short: short, Args: cobra.ArbitraryArgs, DisableFlagsInUseLine: true,
		SuggestionsMinimumDistance: 2, // mistyped letters
	}
	c.RunE = func(c *cobra.Command, args []string) error {
		if len(args) == 0 {
			return c.Help()
		}
		err := fmt.Errorf("there is no command %q", args[0])
		if near := c.SuggestionsFor(args[0]); len(near) > 0 {
			err = fmt.Errorf("%w, did you mean %s?", err, strings.Join(near, " or "))
		}
		return misused(c, err)
	}
	c.AddCommand(under...)
	return c
}

// exactly takes n arguments.
func exactly(n int) cobra.PositionalArgs { return judged(cobra.ExactArgs(n)) }

// judged makes a complaint of cobra's one about usage.
func judged(args cobra.PositionalArgs) cobra.PositionalArgs {
	return func(c *cobra.Command, given []string) error {
		if err := args(c, given); err != nil {
			return misused(c, err)
		}
		return nil
	}
}

func misused(c *cobra.Command, err error) error {
	return usageError{fmt.Errorf("%w (see %s --help)", err, c.CommandPath())}
}

// config reads the configuration: file, environment, flags.
func (p *program) config() (*config.Config, error) {
	given := map[string]string{}
	for key, value := range p.common {
		if p.root.PersistentFlags().Changed(strings.NewReplacer("_", "-", ".", "-").Replace(key)) {
			given[key] = *value
		}
	}
	c, err := config.Load(config.Sources{Defaults: rigg.DefaultConfig, File: p.configFile, Env: p.env, Flags: given})
	if err != nil {
		return nil, usageError{err}
	}
	return c, nil
}

// with opens the program for a short command, whose log is only for what goes
// wrong, and closes it after.
func (p *program) with(ctx context.Context, f func(*app.App) error) error {
	return p.opened(ctx, app.Open, f)
}

type opener func(context.Context, app.Options) (*app.App, error)

func (p *program) opened(ctx context.Context, open opener, f func(*app.App) error) (err error) {
	c, err := p.config()
	if err != nil {
		return err
	}
	if c.Log.Level == "info" {
		c.Log.Level = "warn"
	}
	a, err := open(ctx, app.Options{Config: c, LogTo: p.errors})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	return f(a)
}

// say writes a line for people.
func (p *program) say(to io.Writer, line text.Text) error {
	_, err := fmt.Fprintln(to, line.In(p.language()))
	return err
}

// write writes a value for scripts.
func (p *program) write(v any) error {
	e := json.NewEncoder(p.out)
	e.SetIndent("", "  ")
	return e.Encode(v)
}

// tell writes an error: each mistake on a line of its own, then what it means.
func (p *program) tell(err error) {
	var e *problem.Error
	if !errors.As(err, &e) {
		for line := range strings.Lines(err.Error()) {
			_, _ = fmt.Fprintf(p.errors, "rigg: %s\n", strings.TrimSpace(line))
		}
		return
	}
	if len(e.Fields) != 1 || e.Fields[0].Message != e.Text() {
		for _, f := range e.Fields {
			_, _ = fmt.Fprintf(p.errors, "%s: %s\n", f.Path, f.Message.In(p.language()))
		}
	}
	line := e.Text().In(p.language())
	if e.Err != nil { // the reader runs the program and may know
		line += " (" + strings.Join(strings.Fields(e.Err.Error()), " ") + ")"
	}
	_, _ = fmt.Fprintf(p.errors, "rigg: %s\n", line)
}

// language is what the environment asks for (POSIX, 8.2): Swedish or English.
func (p *program) language() text.Lang {
	env := map[string]string{}
	for _, pair := range p.env {
		name, value, _ := strings.Cut(pair, "=")
		env[name] = value
	}
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if env[name] != "" {
			if strings.HasPrefix(env[name], "sv") {
				return text.SV
			}
			return text.EN
		}
	}
	return text.EN
}
