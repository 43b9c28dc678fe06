package descriptor

import (
	"fmt"
	"io/fs"
	"path"
	"strings"
)

// Walk reads every descriptor below a folder, in lexical order, and leaves alone what lies in hidden folders other than
// those that tools read, in dependencies and behind symbolic links. Names are slash-separated paths below the folder.
func Walk(folder fs.FS) ([]Document, error) {
	var documents []Document
	err := fs.WalkDir(folder, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if name != "." && skipped(path.Base(name)) {
				return fs.SkipDir
			}
			return nil
		}
		if !entry.Type().IsRegular() || !Known(name) {
			return nil
		}
		content, err := fs.ReadFile(folder, name)
		if err != nil {
			return fmt.Errorf("read %s: %w", name, err)
		}
		documents = append(documents, Document{Name: name, Content: content})
		return nil
	})
	return documents, err
}

func skipped(folder string) bool {
	switch folder {
	case ".github", ".gitlab", ".cortex":
		return false
	case "node_modules", "vendor":
		return true
	}
	return strings.HasPrefix(folder, ".")
}
