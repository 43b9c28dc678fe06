package apply

import (
	"path"
	"strings"
)

// bounds is the most that goes into one request.
type bounds struct {
	documents, bytes int
}

var batchBounds = bounds{documents: 2000, bytes: 32 << 20}

// maxRequest is what the server takes at most (docs/api.md), with room for the form around it.
const maxRequest = 60 << 20

// overhead is what the form needs for one document beside its name and content.
const overhead = 256

// split makes batches within bounds, in the order of the documents. A CODEOWNERS goes with every descriptor that it
// gives an owner to, over the bounds if need be: in its one document it speaks about all of them, and what it does not
// mention any more it takes back. (The teams that GitLab writes like users are known to it only within its batch.)
func split(documents []document, limit bounds) [][]document {
	roots := map[string]bool{}
	for _, doc := range documents {
		if path.Base(doc.name) == "CODEOWNERS" {
			roots[ownersRoot(doc.name)] = true
		}
	}
	var units [][]document
	place := map[string]int{}
	for _, doc := range documents {
		root, owned := governed(doc.name, roots)
		i, begun := place[root]
		if !owned || !begun {
			i = len(units)
			units = append(units, nil)
			if owned {
				place[root] = i
			}
		}
		units[i] = append(units[i], doc)
	}
	var batches [][]document
	var batch []document
	size := 0
	for _, unit := range units {
		unitSize := 0
		for _, doc := range unit {
			unitSize += len(doc.name) + len(doc.content) + overhead
		}
		if len(batch) > 0 && (len(batch)+len(unit) > limit.documents || size+unitSize > limit.bytes) {
			batches = append(batches, batch)
			batch, size = nil, 0
		}
		batch = append(batch, unit...)
		size += unitSize
	}
	return append(batches, batch)
}

// ownersRoot is the folder that a CODEOWNERS speaks about: the one that it lies in, or the one above where GitHub and
// GitLab look for it.
func ownersRoot(name string) string {
	folder := path.Dir(name)
	switch path.Base(folder) {
	case ".github", ".gitlab", "docs":
		folder = path.Dir(folder)
	}
	return folder
}

// governed is the innermost root around a document, if there is one.
func governed(name string, roots map[string]bool) (string, bool) {
	if path.Base(name) == "CODEOWNERS" {
		return ownersRoot(name), true
	}
	for folder := path.Dir(name); ; folder = path.Dir(folder) {
		if roots[folder] {
			return folder, true
		}
		if folder == "." || strings.HasSuffix(folder, "/") {
			return "", false
		}
	}
}
