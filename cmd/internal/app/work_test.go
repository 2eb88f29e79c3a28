package app_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"rigg/cmd/internal/app"
)

// Every kind of job that any package declares has a worker: a job without one
// could not even be enqueued.
func TestEveryKindOfJobHasAWorker(t *testing.T) {
	t.Parallel()
	worked := app.WorkedKinds()
	declared := map[string]string{}
	for _, room := range []string{"access", "facilities", "funding", "booking", "calendar", "notify", "web"} {
		for kind, where := range kindsIn(t, filepath.Join("..", "..", "..", room)) {
			declared[kind] = where
		}
	}
	for kind, where := range declared {
		if !slices.Contains(worked, kind) {
			t.Errorf("%s: job %q has no worker in work.go", where, kind)
		}
	}
	for _, kind := range worked {
		if _, ok := declared[kind]; !ok {
			t.Errorf("work.go works %q, which no package declares", kind)
		}
	}
	if len(declared) < 15 { // or the walk has gone blind
		t.Errorf("only %d kinds found: %v", len(declared), declared)
	}
}

// kindsIn finds the methods Kind() string that return a literal: the jobs.
func kindsIn(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		files := token.NewFileSet()
		parsed, err := parser.ParseFile(files, path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		for _, d := range parsed.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok || f.Recv == nil || f.Name.Name != "Kind" || len(f.Body.List) != 1 {
				continue
			}
			if back, ok := f.Body.List[0].(*ast.ReturnStmt); ok && len(back.Results) == 1 {
				if literal, ok := back.Results[0].(*ast.BasicLit); ok {
					kind, err := strconv.Unquote(literal.Value)
					if err != nil {
						return err
					}
					out[kind] = files.Position(f.Pos()).String()
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}
