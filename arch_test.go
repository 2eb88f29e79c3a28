package rigg_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// layers names every room of the house from the ground up. A room imports rooms
// of earlier lines only, never one of its own line: arrows run one way, and
// neighbours do not know each other. Tests may import everything.
var layers = [][]string{
	{"migrations", "internal/id", "internal/text"},
	{"internal/problem"},
	{"internal/money", "internal/period"},
	{"internal/config", "internal/database", "internal/jobs"},
	{"access"},
	{"facilities", "funding"},
	{"booking"},
	{"calendar"},
	{"notify"},
	{"web"},
	{".", "demo", "internal/localpg"}, // only cmd knows what is embedded and how a server comes along
	{"cmd"},
	{"internal/dbtest"}, // above all: only tests import it
}

// guests are libraries that live in few rooms, so that each can be replaced
// there and the rules elsewhere read without it.
var guests = []struct {
	prefix, why  string
	rooms, files []string
}{
	{"gorm.io/", "SQL stays in stores, so that rules are free of it", []string{"internal/database"}, []string{"store*.go"}},
	{"github.com/gofiber/", "only web speaks HTTP to visitors", []string{"web"}, nil},
	{"github.com/danielgtaylor/huma/", "only web speaks HTTP to visitors", []string{"web"}, nil},
	{"github.com/riverqueue/", "a domain enqueues through database.Tx and knows no queue", []string{"internal/jobs", "cmd"}, nil},
}

var vagueNames = []string{"util", "utils", "common", "helper", "helpers", "models", "types", "misc"}

const (
	maxFunctionLines = 70
	maxFileLines     = 400
)

func TestTheHouseIsInOrder(t *testing.T) {
	t.Parallel()
	for _, f := range inspect(t, os.DirFS(".")) {
		t.Error(f)
	}
}

// TestDisorderIsFound plants one breach of each rule and its lawful neighbour.
func TestDisorderIsFound(t *testing.T) {
	t.Parallel()
	const doc = "// Package x is documented.\npackage x\n"
	long := "func f() {" + strings.Repeat("\n", maxFunctionLines) + "}\n"
	cases := []struct{ name, file, source, want string }{
		{"downwards", "web/a.go", doc + `import _ "rigg/booking"`, ""},
		{"within a room", "cmd/rigg/a.go", doc + `import _ "rigg/cmd/internal/app"`, ""},
		{"upwards", "booking/a.go", doc + `import _ "rigg/calendar"`, "may not import rigg/calendar"},
		{"sideways", "funding/a.go", doc + `import _ "rigg/facilities"`, "may not import rigg/facilities"},
		{"test support", "cmd/rigg/a.go", doc + `import _ "rigg/internal/dbtest"`, "may not import rigg/internal/dbtest"},
		{"a test knows all", "access/a_test.go", `package x_test; import _ "rigg/internal/dbtest"`, ""},
		{"no such room", "attic/a.go", doc, "attic has no room"},
		{"GORM in a store", "booking/store_units.go", doc + `import _ "gorm.io/gorm"`, ""},
		{"GORM in rules", "booking/rules.go", doc + `import _ "gorm.io/gorm"`, "may not import gorm.io/gorm"},
		{"Fiber outside web", "cmd/rigg/a.go", doc + `import _ "github.com/gofiber/fiber/v2"`, "may not import github.com/gofiber"},
		{"Huma outside web", "notify/a.go", doc + `import _ "github.com/danielgtaylor/huma/v2"`, "may not import github.com/danielgtaylor"},
		{"River in a domain", "notify/a.go", doc + `import _ "github.com/riverqueue/river"`, "may not import github.com/riverqueue"},
		{"vague name", "web/util/a.go", doc, "a name that says nothing"},
		{"70 lines", "web/a.go", doc + strings.Replace(long, "\n", "", 1), ""},
		{"71 lines", "web/a_test.go", "package x_test\n" + long, "function of 71 lines"},
		{"400 lines", "web/a_test.go", "package x_test" + strings.Repeat("\n", maxFileLines), ""},
		{"401 lines", "web/a_test.go", "package x_test" + strings.Repeat("\n", maxFileLines+1), "has 401 lines"},
		{"no package comment", "web/a.go", "package x", "no package comment"},
		{"function without comment", "web/a.go", doc + "func F() {}", "F has no doc comment"},
		{"method without comment", "web/a.go", doc + "// T is.\ntype T int\nfunc (t *T) M() {}", "M has no doc comment"},
		{"method of an unexported type", "web/a.go", doc + "type t int\nfunc (t) M() {}", ""},
		{"constant without comment", "web/a.go", doc + "const C = 1", "C has no doc comment"},
		{"group with one comment", "web/a.go", doc + "// All of them.\nconst (\n\tC = 1\n\tD = 2\n)", ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			found := inspect(t, fstest.MapFS{c.file: {Data: []byte(c.source)}})
			if c.want == "" && len(found) > 0 {
				t.Errorf("lawful, but found %q", found)
			}
			if c.want != "" && (len(found) != 1 || !strings.Contains(found[0], c.want)) {
				t.Errorf("found %q, want one that says %q", found, c.want)
			}
		})
	}
}

// inspect returns every breach in the Go files of a tree, each with its reason.
func inspect(t *testing.T, tree fs.FS) (found []string) {
	t.Helper()
	documented := map[string]bool{} // directory -> has a package comment
	err := fs.WalkDir(tree, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if name != "." && (strings.HasPrefix(entry.Name(), ".") || slices.Contains([]string{"testdata", "node_modules", "bin"}, entry.Name())) {
				return fs.SkipDir
			}
			return nil
		}
		if path.Ext(name) != ".go" {
			return nil
		}
		source, err := fs.ReadFile(tree, name)
		if err != nil {
			return err
		}
		files := token.NewFileSet()
		file, err := parser.ParseFile(files, name, source, parser.ParseComments)
		if err != nil {
			return err
		}
		found = append(found, checkSizes(files, file, name)...)
		if !strings.HasSuffix(name, "_test.go") {
			dir := path.Dir(name)
			documented[dir] = documented[dir] || file.Doc != nil
			found = append(found, checkImports(file, name)...)
			found = append(found, checkComments(file, name)...)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for dir, ok := range documented {
		if !ok {
			found = append(found, dir+" has no package comment: say what it is for and what it must never do")
		}
		if slices.Contains(vagueNames, path.Base(dir)) {
			found = append(found, dir+" is a name that says nothing: name what the package is about")
		}
	}
	return found
}

// roomOf returns the room that a directory lies in and its layer, or -1.
func roomOf(dir string) (room string, layer int) {
	for i, rooms := range layers {
		for _, room := range rooms {
			if dir == room || room != "." && strings.HasPrefix(dir, room+"/") {
				return room, i
			}
		}
	}
	return "", -1
}

func checkImports(file *ast.File, name string) (found []string) {
	room, layer := roomOf(path.Dir(name))
	if layer < 0 {
		return []string{name + ": " + path.Dir(name) + " has no room: give it one in layers"}
	}
	for _, spec := range file.Imports {
		imported := strings.Trim(spec.Path.Value, `"`)
		dir, ours := strings.CutPrefix(imported+"/", "rigg/")
		if other, below := roomOf(path.Clean(dir)); ours && other != room && below >= layer {
			found = append(found, fmt.Sprintf("%s: %s may not import %s: arrows run one way, down the layers", name, room, imported))
		}
		for _, g := range guests {
			atHome := slices.Contains(g.rooms, room) || slices.ContainsFunc(g.files, func(pattern string) bool {
				ok, _ := path.Match(pattern, path.Base(name))
				return ok
			})
			if strings.HasPrefix(imported+"/", g.prefix) && !atHome {
				found = append(found, fmt.Sprintf("%s may not import %s: %s", name, imported, g.why))
			}
		}
	}
	return found
}

func checkSizes(files *token.FileSet, file *ast.File, name string) (found []string) {
	if n := files.File(file.FileStart).LineCount(); n > maxFileLines {
		found = append(found, fmt.Sprintf("%s has %d lines; the limit is %d: a file is about one noun", name, n, maxFileLines))
	}
	for _, decl := range file.Decls {
		ast.Inspect(decl, func(node ast.Node) bool {
			switch node.(type) {
			case *ast.FuncDecl, *ast.FuncLit:
				start, end := files.Position(node.Pos()), files.Position(node.End())
				if n := end.Line - start.Line + 1; n > maxFunctionLines {
					found = append(found, fmt.Sprintf("%s: function of %d lines; the limit is %d: one can be seen whole", start, n, maxFunctionLines))
				}
				return false
			}
			return true
		})
	}
	return found
}

// checkComments wants a comment on every exported name; one on a group of
// constants or variables serves them all.
func checkComments(file *ast.File, name string) (found []string) {
	want := func(ident *ast.Ident, comments ...*ast.CommentGroup) {
		if ident.IsExported() && !slices.ContainsFunc(comments, func(c *ast.CommentGroup) bool { return c != nil }) {
			found = append(found, fmt.Sprintf("%s: %s has no doc comment: say what it promises, with units, errors and the source of a rule", name, ident.Name))
		}
	}
	for _, decl := range file.Decls {
		switch d := decl.(type) {
		case *ast.FuncDecl:
			if receiverIsExported(d) {
				want(d.Name, d.Doc)
			}
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				switch s := spec.(type) {
				case *ast.TypeSpec:
					want(s.Name, d.Doc, s.Doc, s.Comment)
				case *ast.ValueSpec:
					for _, ident := range s.Names {
						want(ident, d.Doc, s.Doc, s.Comment)
					}
				}
			}
		}
	}
	return found
}

func receiverIsExported(f *ast.FuncDecl) bool {
	if f.Recv == nil {
		return true
	}
	receiver := f.Recv.List[0].Type
	if star, ok := receiver.(*ast.StarExpr); ok {
		receiver = star.X
	}
	if generic, ok := receiver.(*ast.IndexExpr); ok {
		receiver = generic.X
	}
	ident, ok := receiver.(*ast.Ident)
	return !ok || ident.IsExported()
}
