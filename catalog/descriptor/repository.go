package descriptor

import (
	"slices"
	"strings"

	"tidings.dev/tidings/catalog"
)

// repository says where the source is: a link, and the name by which the host calls it; that of the folder as well, where
// the address leads to one.
func (e *entity) repository(v value, address, title string) {
	e.link(v, "repo", title, address)
	scheme, project, folder := project(address)
	if project == "" {
		return
	}
	e.alias(v, scheme, project)
	e.folder(v, address, folder)
}

// folder says that the code lies in one folder of the repository, of a host whose events are told by folder.
func (e *entity) folder(v value, address, folder string) {
	scheme, project, _ := project(address)
	folder = strings.Trim(folder, "/")
	if (scheme == "github" || scheme == "gitlab") && folder != "" && !strings.ContainsAny(folder, "*?[{") {
		e.alias(v, scheme, project+catalog.FolderMark+folder)
	}
}

// host is the name of the machine in an address, in lower case.
func host(address string) string {
	_, rest, _ := strings.Cut(address, "://")
	rest, _, _ = strings.Cut(rest, "/")
	return strings.ToLower(rest)
}

// project is the alias of a repository by its address, for the hosts that everybody uses, and the folder in it that the
// address leads to: https://github.com/acme/shop/tree/main/services/pricing. The name of the branch is taken for one word,
// since nothing tells where one with a slash ends.
func project(address string) (scheme, name, folder string) {
	_, rest, found := strings.Cut(address, "://")
	if !found {
		return "", "", ""
	}
	domain, where, _ := strings.Cut(rest, "/")
	where, _, _ = strings.Cut(where, "?")
	where, _, _ = strings.Cut(where, "#")
	parts := strings.Split(strings.Trim(where, "/"), "/")
	switch strings.ToLower(domain) {
	case "github.com", "www.github.com":
		scheme = "github"
	case "bitbucket.org":
		scheme = "bitbucket"
	case "gitlab.com":
		// A project lies in groups of any depth; "/-/" ends its name.
		var within []string
		if i := slices.Index(parts, "-"); i >= 0 {
			parts, within = parts[:i], parts[i+1:]
		}
		if len(parts) >= 2 {
			return "gitlab", strings.TrimSuffix(strings.Join(parts, "/"), ".git"), folderAt(within)
		}
	}
	if scheme == "" || len(parts) < 2 {
		return "", "", ""
	}
	return scheme, parts[0] + "/" + strings.TrimSuffix(parts[1], ".git"), folderAt(parts[2:])
}

// folderAt is the folder that the end of an address leads to: tree/BRANCH/FOLDER, or that of blob/BRANCH/FOLDER/FILE.
func folderAt(parts []string) string {
	switch {
	case len(parts) > 2 && parts[0] == "tree":
		return strings.Join(parts[2:], "/")
	case len(parts) > 3 && parts[0] == "blob":
		return strings.Join(parts[2:len(parts)-1], "/")
	}
	return ""
}
