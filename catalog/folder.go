package catalog

import "strings"

// FolderMark stands in an alias between a repository and a folder of it: github:acme/shop//services/pricing. It is that of
// Terraform's module sources, since groups of GitLab lie as deep as they like, and one slash ends no repository's name.
const FolderMark = "//"

// repositoryOf is the repository of an alias that names a folder; false for any other alias.
func repositoryOf(alias string) (repository string, names bool) {
	repository, folder, found := strings.Cut(alias, FolderMark)
	return repository, found && repository != "" && strings.Trim(folder, "/") != ""
}

// Folders lists the folders of a repository, such as github:acme/shop, that entities claim by an alias: by their path, in
// the form in which aliases are compared, the name of the one that does; empty where several do.
func (x *Index) Folders(repository string) map[string]string {
	x.mu.RLock()
	defer x.mu.RUnlock()
	repository = FoldAlias(repository)
	slots := x.folders[repository]
	if len(slots) == 0 {
		return nil
	}
	folders := map[string]string{}
	for _, slot := range slots {
		r := &x.rows[slot]
		if r.retired() {
			continue
		}
		for _, alias := range r.entity.Aliases {
			of, names := repositoryOf(FoldAlias(alias))
			if !names || of != repository {
				continue
			}
			_, folder, _ := strings.Cut(FoldAlias(alias), FolderMark)
			if _, again := folders[folder]; again {
				folders[folder] = ""
			} else {
				folders[folder] = r.ref.Name
			}
		}
	}
	return folders
}

// Named finds the entity that a name means: a reference, or an outside name that it alone claims. The retired are not found.
func (x *Index) Named(name string) (*Entity, bool) {
	if ref, err := ParseRef(strings.ToLower(name), ""); err == nil {
		if e, known := x.Get(ref); known && !e.Retired {
			return e, true
		}
	}
	if found := x.Resolve(name); len(found) == 1 {
		return found[0], true
	}
	return nil, false
}
