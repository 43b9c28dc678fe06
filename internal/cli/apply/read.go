package apply

import (
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"tidings.dev/tidings/catalog/descriptor"
	"tidings.dev/tidings/fault"
)

// document is a file to apply.
type document struct {
	name    string // as the catalog knows it, on every machine
	path    string // as it is called here, for messages
	content []byte
}

// read reads all files and directories, each file once.
func (o *options) read() ([]document, error) {
	if len(o.files)+len(o.trees) == 0 {
		return nil, fault.New(fault.Invalid, "say what to apply: -f tidings.yaml, or -r . for a directory")
	}
	var documents []document
	for _, tree := range o.trees {
		found, err := o.tree(tree)
		if err != nil {
			return nil, err
		}
		documents = append(documents, found...)
	}
	for _, file := range o.files {
		found, err := o.file(file)
		if err != nil {
			return nil, err
		}
		documents = append(documents, found...)
	}
	seen := map[string]bool{}
	return slices.DeleteFunc(documents, func(doc document) bool {
		again := seen[doc.name]
		seen[doc.name] = true
		return again
	}), nil
}

func (o *options) file(file string) ([]document, error) {
	if file == "-" {
		return nil, fault.New(fault.Invalid, "the standard input stands alone: apply -f - without other files")
	}
	if info, err := os.Stat(file); err == nil && info.IsDir() {
		return o.tree(file)
	}
	content, err := os.ReadFile(file)
	if err != nil {
		return nil, fault.New(fault.Invalid, "%w", err)
	}
	above, err := o.above(filepath.Dir(file))
	if err != nil {
		return nil, err
	}
	return []document{{name: path.Join(above, filepath.Base(file)), path: file, content: content}}, nil
}

// tree reads what is below a directory; a name without any is a mistake of whoever wrote it.
func (o *options) tree(folder string) ([]document, error) {
	info, err := os.Stat(folder)
	if err != nil {
		return nil, fault.New(fault.Invalid, "%w", err)
	}
	if !info.IsDir() {
		return nil, fault.New(fault.Invalid, "%s is a file: use -f", folder)
	}
	found, err := descriptor.Walk(os.DirFS(folder))
	if err != nil {
		return nil, fault.New(fault.Invalid, "%s: %w", folder, err)
	}
	if len(found) == 0 {
		return nil, fault.New(fault.Invalid, "there is no descriptor below %s: a file is read that is called tidings.yaml, NAME.tidings.yaml, catalog-info.yaml, entity.datadog.yaml, effx.yaml, opslevel.yml, cortex.yaml or CODEOWNERS", folder)
	}
	above, err := o.above(folder)
	if err != nil {
		return nil, err
	}
	documents := make([]document, len(found))
	for i, doc := range found {
		documents[i] = document{name: path.Join(above, doc.Name), path: filepath.Join(folder, filepath.FromSlash(doc.Name)), content: doc.Content}
	}
	return documents, nil
}

// above is what stands before the path of the files of a folder, so that two repositories with a tidings.yaml do not
// speak for each other: the address of the repository and the folder in it, or the folder's own name.
func (o *options) above(folder string) (string, error) {
	if o.name != "" {
		return o.name, nil
	}
	folder, err := filepath.Abs(folder)
	if err != nil {
		return "", err
	}
	root, origin := repository(folder)
	if root == "" {
		return filepath.Base(folder), nil
	}
	if origin == "" {
		origin = filepath.Base(root)
	}
	inside, err := filepath.Rel(root, folder)
	if err != nil {
		return "", err
	}
	return path.Join(origin, filepath.ToSlash(inside)), nil
}

// repository finds the git checkout around a folder, and where it came from: github.com/acme/shop; empty when it is
// not known or is a place of this machine.
func repository(folder string) (root, origin string) {
	for root = folder; ; root = filepath.Dir(root) {
		git := filepath.Join(root, ".git")
		if info, err := os.Stat(git); err == nil {
			if !info.IsDir() {
				git = linked(root, git)
			}
			config, err := os.ReadFile(filepath.Join(git, "config"))
			if err != nil {
				return root, ""
			}
			return root, address(remote(string(config)))
		}
		if root == filepath.Dir(root) {
			return "", ""
		}
	}
}

// linked follows the file that a worktree or a submodule has for a .git directory (git's gitrepository-layout).
func linked(root, file string) string {
	resolve := func(base, name string) string {
		content, err := os.ReadFile(name)
		if err != nil {
			return ""
		}
		target := strings.TrimSpace(strings.TrimPrefix(string(content), "gitdir:"))
		if !filepath.IsAbs(target) {
			target = filepath.Join(base, target)
		}
		return target
	}
	git := resolve(root, file)
	if common := resolve(git, filepath.Join(git, "commondir")); common != "" {
		return common
	}
	return git
}

// remote is the url of origin in a git config.
func remote(config string) string {
	inside := false
	for line := range strings.Lines(config) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "[") {
			inside = line == `[remote "origin"]`
			continue
		}
		key, value, _ := strings.Cut(line, "=")
		if inside && strings.EqualFold(strings.TrimSpace(key), "url") {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

// address is the host and path of a remote, the same for https, ssh and git@host:path, without user and password.
func address(remote string) string {
	scheme, rest, found := strings.Cut(remote, "://")
	switch {
	case found && scheme == "file":
		return ""
	case !found:
		host, path, scp := strings.Cut(remote, ":")
		if !scp || strings.ContainsAny(host, `/\`) || len(host) == 1 { // a path, or a drive of Windows
			return ""
		}
		rest = host + "/" + strings.TrimPrefix(path, "/")
	}
	host, path, _ := strings.Cut(rest, "/")
	host = strings.ToLower(host[strings.LastIndex(host, "@")+1:])
	host, _, _ = strings.Cut(host, ":")
	path = strings.TrimSuffix(strings.Trim(path, "/"), ".git")
	if host == "" || path == "" {
		return ""
	}
	return host + "/" + path
}
