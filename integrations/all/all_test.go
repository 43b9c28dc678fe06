package all

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"tidings.dev/tidings/integration"
)

func TestEveryFolderIsListedAndComplete(t *testing.T) {
	t.Parallel()
	specs := map[string]integration.Spec{}
	var names []string
	for _, spec := range Specs() {
		specs[spec.Name] = spec
		names = append(names, spec.Name)
	}
	if !slices.IsSorted(names) || len(specs) != len(names) {
		t.Errorf("the list is not in order, or holds one twice: %q", names)
	}
	listed := read(t, "..", "..", "docs", "integrations.md")
	entries, err := os.ReadDir("..")
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		name := entry.Name()
		if !entry.IsDir() || name == "all" {
			continue
		}
		if _, ok := specs[name]; !ok {
			t.Errorf("integrations/%s is not in Specs of integrations/all, or its Spec has another name", name)
		}
		delete(specs, name)
		for what, there := range map[string]bool{
			"README.md that says how to set it up":   len(read(t, "..", name, "README.md")) > 200,
			"doc.go that says what it maps":          len(read(t, "..", name, "doc.go")) > 100,
			"fixture in testdata":                    fixtures(t, name) > 0,
			"fuzz target for what it reads (FuzzX…)": bytes.Contains(tests(t, name), []byte("\nfunc Fuzz")),
			"row in docs/integrations.md":            bytes.Contains(listed, []byte("(../integrations/"+name+"/README.md)")),
		} {
			if !there {
				t.Errorf("integrations/%s lacks a %s", name, what)
			}
		}
	}
	for name := range specs {
		t.Errorf("%s is in Specs without a folder of its own", name)
	}
}

func TestEverySpecIsWhole(t *testing.T) {
	t.Parallel()
	for _, spec := range Specs() {
		if spec.Title == "" || !strings.HasSuffix(spec.Summary, ".") || strings.Contains(spec.Summary, "\n") {
			t.Errorf("%s: a title, and a summary of one sentence, are for the page of sources", spec.Name)
		}
		if !slices.Contains(integration.Classes(), spec.Class) {
			t.Errorf("%s: the class %q is none", spec.Name, spec.Class)
		}
		if spec.Config == nil {
			if spec.Interpreter == nil {
				t.Errorf("%s: nobody configures it, and no agent can say what it sees", spec.Name)
			}
			continue
		}
		first, second := spec.Config(), spec.Config()
		if first == nil || first == second {
			t.Errorf("%s: Config must make a new configuration each time", spec.Name)
			continue
		}
		if err := first.Validate(); err == nil {
			t.Errorf("%s: an empty configuration says nothing of what to look at, and must not pass", spec.Name)
		}
	}
}

// read gives a file's content; nothing if it is not there.
func read(t *testing.T, parts ...string) []byte {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(parts...))
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	return raw
}

func tests(t *testing.T, name string) []byte {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", name, "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	var all []byte
	for _, file := range files {
		all = append(all, read(t, file)...)
	}
	return all
}

func fixtures(t *testing.T, name string) int {
	t.Helper()
	n := 0
	root := filepath.Join("..", name, "testdata")
	err := filepath.WalkDir(root, func(_ string, entry os.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			n++
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}
