package outbound_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// elsewhere may connect by itself, and says why.
var elsewhere = map[string]string{
	"internal/outbound/":         "the one way out",
	"internal/agent/connect.go":  "an agent runs beside its tool, and reaches the server that it was given",
	"internal/cli/client/":       "the commands of a person reach the server that they were given",
	"internal/cli/doctor/":       "it asks the server on this machine",
	"internal/daemon/doctor.go":  "it asks the server on this machine",
	"internal/bench/":            "measures a server of its own",
	"internal/ranking/server.go": "measures a server of its own",
	"internal/scenario/":         "tries a server of its own",
	"internal/soak/":             "tries a server of its own",
}

// ways are what connects to anywhere, by package. Of a type, a pointer to a value that was made elsewhere is fine.
var ways = map[string][]string{
	"net/http": {"Client", "Transport", "DefaultClient", "DefaultTransport", "Get", "Head", "Post", "PostForm"},
	"net":      {"Dialer", "Dial", "DialTimeout", "DialTCP"},
	"net/smtp": {"Dial", "SendMail"},

	"crypto/tls": {"Dialer", "Dial", "DialWithDialer"},
}

// connects lists what a file uses of the ways.
func connects(t *testing.T, files *token.FileSet, path string, source any) []string {
	t.Helper()
	file, err := parser.ParseFile(files, path, source, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	named := map[string][]string{}
	for _, one := range file.Imports {
		from := strings.Trim(one.Path.Value, `"`)
		name := from[strings.LastIndex(from, "/")+1:]
		if one.Name != nil {
			name = one.Name.Name
		}
		if names, ok := ways[from]; ok {
			named[name] = names
		}
	}
	var found []string
	pointed := map[ast.Node]bool{}
	ast.Inspect(file, func(node ast.Node) bool {
		switch node := node.(type) {
		case *ast.StarExpr:
			pointed[node.X] = true
		case *ast.SelectorExpr:
			if from, ok := node.X.(*ast.Ident); ok && !pointed[node] && slices.Contains(named[from.Name], node.Sel.Name) {
				found = append(found, files.Position(node.Pos()).String()+": "+from.Name+"."+node.Sel.Name)
			}
		}
		return true
	})
	return found
}

// Nothing in the server connects to anywhere but through this package.
func TestNothingGoesAround(t *testing.T) {
	t.Parallel()
	files, used := token.NewFileSet(), map[string]bool{}
	root := os.DirFS("../..")
	err := fs.WalkDir(root, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && path != "." && (strings.HasPrefix(entry.Name(), ".") || slices.Contains([]string{"node_modules", "testdata", "tools", "scripts"}, entry.Name())) {
			return fs.SkipDir
		}
		if entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		found := connects(t, files, filepath.Join("../..", path), nil)
		for place := range elsewhere {
			if strings.HasPrefix(path, place) && len(found) > 0 {
				used[place] = true
				return nil
			}
		}
		for _, one := range found {
			t.Errorf("%s goes around internal/outbound: ask by the client, or connect by the rule, that it is given", one)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for place, why := range elsewhere {
		if !used[place] {
			t.Errorf("%s (%s) connects nowhere any more: take it off the list", place, why)
		}
	}
}

func TestWhatGoesAroundIsFound(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{
		`import "net/http"; var c = &http.Client{}`:                                 1,
		`import "net/http"; type t struct{ c http.Client }`:                         1,
		`import "net/http"; func f() { http.DefaultClient.CloseIdleConnections() }`: 1,
		`import web "net/http"; func f() { web.Get("https://example.com") }`:        1,
		`import "net"; func f() { (&net.Dialer{}).Dial("tcp", "a:1") }`:             1,
		`import "crypto/tls"; func f() { tls.Dial("tcp", "a:1", nil) }`:             1,
		`import "net/http"; func f(c *http.Client) { c.Get("https://a") }`:          0,
		`import "example.com/http"; var c = http.Client{}`:                          0,
	} {
		if got := connects(t, token.NewFileSet(), "x.go", "package x; "+text); len(got) != want {
			t.Errorf("%s: got %v, want %d", text, got, want)
		}
	}
}
