// Package integrations carries what stands beside the code of the tools and is for people: how each is set up, and
// examples of what it sends. The page shows both. Imports: the standard library.
package integrations

import (
	"embed"
	"io/fs"
	"path"
	"strings"
)

//go:embed */README.md */testdata/*.txtar */testdata/*/*.txtar
var files embed.FS

// Readme is what stands in a tool's folder for people; empty for a tool without one.
func Readme(tool string) string {
	text, err := fs.ReadFile(files, path.Join(tool, "README.md"))
	if err != nil {
		return ""
	}
	return string(text)
}

// Examples are fixtures of what a tool sends, in the form of package txtar, by name; one in a folder is called FOLDER/NAME.
func Examples(tool string) map[string][]byte {
	all := map[string][]byte{}
	for _, pattern := range []string{"*.txtar", "*/*.txtar"} {
		names, err := fs.Glob(files, path.Join(tool, "testdata", pattern))
		if err != nil {
			return nil
		}
		for _, name := range names {
			if text, err := fs.ReadFile(files, name); err == nil {
				all[strings.TrimSuffix(strings.TrimPrefix(name, tool+"/testdata/"), ".txtar")] = text
			}
		}
	}
	return all
}
