package integration

import (
	"cmp"
	"maps"
	"path"
	"slices"
	"strings"
)

// Folder is one of a repository, with the service whose code it holds.
type Folder struct {
	Path    string // from the root, without slashes at its ends; empty for the root itself
	Written string // as whoever named it wrote it
	Service string // its name; empty where the folder has none, or is claimed by several
}

// Folders are those of one repository, the longest first: a file is of the nearest that holds it.
type Folders []Folder

// NewFolders reads folders and their services, such as "services/pricing/": "pricing".
func NewFolders(services map[string]string) Folders {
	folders := make(Folders, 0, len(services))
	for _, folder := range slices.Sorted(maps.Keys(services)) {
		folders = append(folders, Folder{Path: strings.TrimPrefix(path.Clean("/"+folder), "/"), Written: folder, Service: services[folder]})
	}
	slices.SortStableFunc(folders, func(a, b Folder) int { return cmp.Compare(len(b.Path), len(a.Path)) })
	return folders
}

// Of gives the folder that a file is of; false when none holds it.
func (f Folders) Of(file string) (Folder, bool) {
	for _, folder := range f {
		if rest, ok := strings.CutPrefix(file, folder.Path); ok && (folder.Path == "" || rest == "" || rest[0] == '/') {
			return folder, true
		}
	}
	return Folder{}, false
}

// OfTag gives the folder that a monorepo's tag releases, by the usual forms, such as pricing/v1.2.0, pricing@1.2.0 and
// pricing-v1.2.0, and the version in it. The folder can be named by its service, its path, or the last part of that, in
// upper or lower case.
func (f Folders) OfTag(tag string) (found Folder, version string, ok bool) {
	best := ""
	for _, folder := range f {
		for _, name := range []string{folder.Service, folder.Path, path.Base("/" + folder.Path)} {
			if name == "" || len(name) <= len(best) || len(tag) < len(name)+2 || !strings.EqualFold(tag[:len(name)], name) {
				continue
			}
			rest := tag[len(name):]
			if !strings.ContainsRune("/@-_", rune(rest[0])) {
				continue
			}
			if number := strings.TrimPrefix(rest[1:], "v"); number == "" || number[0] < '0' || number[0] > '9' {
				continue
			}
			best, found, version, ok = name, folder, rest[1:], true
		}
	}
	return found, version, ok
}
