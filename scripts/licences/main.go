// Licences writes the licences of everything that stands in the binary: the Go modules that it is linked from, the packages
// of the page, and the fonts. Texts that are the same to the letter stand once. The page serves the file as /licences.txt.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

func main() {
	if err := run(os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "licences:", err)
		os.Exit(1)
	}
}

func run(out io.Writer) error {
	found := map[string][]string{} // who, by text
	if err := modules(found); err != nil {
		return err
	}
	if err := packages(found); err != nil {
		return err
	}
	texts := slices.SortedFunc(maps.Keys(found), func(a, b string) int { return strings.Compare(found[a][0], found[b][0]) })
	w := bufio.NewWriter(out)
	fmt.Fprintln(w, "Tidings is built with the work of others, under these licences.")
	for _, text := range texts {
		fmt.Fprintf(w, "\n%s\n\n%s\n\n%s\n", strings.Repeat("-", 100), strings.Join(found[text], "\n"), text)
	}
	return w.Flush()
}

// modules adds what cmd/tidings is linked from, and Go itself.
func modules(found map[string][]string) error {
	list := exec.Command("go", "list", "-deps", "-f", `{{with .Module}}{{if not .Main}}{{.Path}} {{.Version}}|{{.Dir}}{{end}}{{end}}`, "./cmd/tidings") //nolint:noctx // a program of a build, which ends with it
	list.Stderr = os.Stderr
	lines, err := list.Output()
	if err != nil {
		return fmt.Errorf("list the modules: %w", err)
	}
	seen := map[string]bool{}
	for line := range strings.Lines(string(lines)) {
		name, dir, ok := strings.Cut(strings.TrimSpace(line), "|")
		if !ok || seen[name] {
			continue
		}
		seen[name] = true
		if err := add(found, name, dir); err != nil {
			return err
		}
	}
	root, err := exec.Command("go", "env", "GOROOT").Output() //nolint:noctx // as above
	if err != nil {
		return fmt.Errorf("find Go: %w", err)
	}
	return add(found, "Go", strings.TrimSpace(string(root)))
}

// packages adds what the page depends on, and what that depends on.
func packages(found map[string][]string) error {
	const folder = "web/node_modules"
	waiting := []string{""}
	seen := map[string]bool{}
	for len(waiting) > 0 {
		name := waiting[0]
		waiting = waiting[1:]
		if seen[name] {
			continue
		}
		seen[name] = true
		dir := filepath.Join(folder, name)
		if name == "" {
			dir = "web"
		}
		text, err := os.ReadFile(filepath.Join(dir, "package.json"))
		if os.IsNotExist(err) {
			continue // one that is optional, for another system
		}
		if err != nil {
			return err
		}
		var about struct {
			Version      string
			Dependencies map[string]string
		}
		if err := json.Unmarshal(text, &about); err != nil {
			return fmt.Errorf("%s: %w", dir, err)
		}
		waiting = append(waiting, slices.Sorted(maps.Keys(about.Dependencies))...)
		if name == "" {
			continue
		}
		if err := add(found, name+" "+about.Version, dir); err != nil {
			return err
		}
	}
	return nil
}

// add finds the licence in a folder, or in one above it: some modules keep theirs with what they are a part of.
func add(found map[string][]string, name, dir string) error {
	for range 3 {
		files, err := os.ReadDir(dir)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		for _, file := range files {
			upper := strings.ToUpper(file.Name())
			if file.IsDir() || !strings.HasPrefix(upper, "LICENSE") && !strings.HasPrefix(upper, "LICENCE") && !strings.HasPrefix(upper, "COPYING") {
				continue
			}
			text, err := os.ReadFile(filepath.Join(dir, file.Name()))
			if err != nil {
				return err
			}
			key := strings.TrimSpace(strings.ReplaceAll(string(text), "\r\n", "\n"))
			found[key] = append(found[key], name)
			return nil
		}
		dir = filepath.Dir(dir)
	}
	return fmt.Errorf("%s has no licence in its folder: look into it before it is shipped", name)
}
