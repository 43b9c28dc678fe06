package integration

import (
	"maps"
	"slices"
	"strings"

	"tidings.dev/tidings/catalog"
	"tidings.dev/tidings/change"
	"tidings.dev/tidings/fault"
)

// Mapping is how the configuration of a source turns a tool's names into ours. It is embedded inline, beside Hook.
type Mapping struct {
	// Services says which service one of the tool's names is: "acme/payments: payments". Others carry an outside name,
	// which an alias of the roll can claim.
	Services map[string]string `yaml:"services"`
	// SameNames says that the tool names services as the roll does, so that none needs to be listed.
	SameNames bool `yaml:"same_names"`
	// Environments gives the tool's names of environments ours: "prod-eu: production".
	Environments map[string]string `yaml:"environments"`

	roll *catalog.Index // nil where nobody can be asked
}

// Know gives it the roll, which knows what names are claimed: it is what Knowing asks for.
func (m *Mapping) Know(roll *catalog.Index) { m.roll = roll }

// Claimed reports whether exactly one entity answers to a name: a reference, or an outside name.
func (m *Mapping) Claimed(name string) (*catalog.Entity, bool) {
	if m.roll == nil {
		return nil, false
	}
	return m.roll.Named(name)
}

// Folders are those of a repository that services are known to have: by the configuration, which says "acme/shop//services/pricing:
// pricing", and by the roll, where that is an alias under the tool's scheme. None for a repository that is of one service.
func (m *Mapping) Folders(scheme, repository string) Folders {
	all := map[string]string{}
	if m.roll != nil {
		maps.Copy(all, m.roll.Folders(scheme+":"+repository))
	}
	for name, service := range m.Services {
		if of, folder, ok := strings.Cut(strings.ToLower(name), catalog.FolderMark); ok && of == strings.ToLower(repository) {
			all[folder] = service
		}
	}
	return NewFolders(all)
}

// Repositories are those that services are given by the configuration, each once.
func (m *Mapping) Repositories() []string {
	named := make([]string, 0, len(m.Services))
	for name := range m.Services {
		repository, _, _ := strings.Cut(name, catalog.FolderMark)
		named = append(named, repository)
	}
	slices.Sort(named)
	return slices.Compact(named)
}

// Changed gives what a change of files of a repository is about: the services of the folders that hold them. It is about the
// repository as a whole where no folder holds any of them; and as well where a file is of no folder, and somebody is known
// whose the rest is. The folders are those of Folders, and names are compared without case.
func (m *Mapping) Changed(scheme, repository string, folders Folders, files []string) []change.Subject {
	whole := m.Subject(scheme, repository)
	var subjects []change.Subject
	services := map[string]bool{}
	elsewhere := false
	for _, file := range files {
		folder, held := folders.Of(strings.ToLower(strings.TrimPrefix(file, "/")))
		if !held {
			elsewhere = true
			continue
		}
		subject := m.Folder(scheme, repository, folder)
		if !slices.Contains(subjects, subject) && len(subjects) < change.MaxSubjects-1 {
			subjects = append(subjects, subject)
			services["service:"+folder.Service] = true
		}
	}
	slices.SortFunc(subjects, func(a, b change.Subject) int { return strings.Compare(a.Name, b.Name) })
	if len(subjects) == 0 {
		return []change.Subject{whole}
	}
	if owner, known := m.owner(whole); elsewhere && known && !services[owner] {
		subjects = append(subjects, whole)
	}
	return subjects
}

// Folder is what a change in a folder of a repository is about.
func (m *Mapping) Folder(scheme, repository string, folder Folder) change.Subject {
	return m.Subject(scheme, repository+catalog.FolderMark+folder.Written)
}

// owner is the reference of the one who answers to a subject.
func (m *Mapping) owner(subject change.Subject) (ref string, known bool) {
	if strings.HasPrefix(subject.Name, "service:") {
		return subject.Name, true
	}
	entity, known := m.Claimed(subject.Name)
	if !known {
		return "", false
	}
	return entity.Ref().String(), true
}

// Faults names every service that cannot be one.
func (m *Mapping) Faults() []fault.Fault {
	var faults []fault.Fault
	for _, name := range slices.Sorted(maps.Keys(m.Services)) {
		if err := catalog.CheckName(m.Services[name]); err != nil {
			faults = append(faults, fault.Fault{Pointer: "/services/" + name, Detail: err.Error()})
		}
	}
	return faults
}

// Subject is the service that one of the names is mapped to, without case, or that has the last of them where the tool and
// the roll have the same names; the first of them under the tool's scheme otherwise, such as github:acme/payments.
func (m *Mapping) Subject(scheme string, names ...string) change.Subject {
	for _, name := range names {
		if service, ok := find(m.Services, name); ok {
			return change.Subject{Name: "service:" + service}
		}
	}
	if last := strings.ToLower(names[len(names)-1]); m.SameNames && catalog.CheckName(last) == nil {
		return change.Subject{Name: "service:" + last}
	}
	return change.Subject{Name: Line(scheme + ":" + strings.ToLower(names[0]))}
}

// SubjectOf is what a run of a tool is about: the service that one of its names or its repository is mapped to, the outside
// name of the repository where its host is one whose names are known, and the run's own under the tool's scheme otherwise.
func (m *Mapping) SubjectOf(scheme, repository string, names ...string) change.Subject {
	host, path := Repository(repository)
	for _, name := range append(slices.Clone(names), path) {
		if service, ok := find(m.Services, name); ok && name != "" {
			return change.Subject{Name: "service:" + service}
		}
	}
	if host != "" {
		return change.Subject{Name: host + ":" + strings.ToLower(path)}
	}
	return m.Subject(scheme, names...)
}

// Within is what something is about that is in something larger, as a flag is in a project: the service that one of its own
// names is mapped to, the most exact first; that of the whole otherwise. Its outside name is that of the whole, because
// nobody claims each flag for itself.
func (m *Mapping) Within(scheme, whole string, names ...string) change.Subject {
	for _, name := range names {
		if service, ok := find(m.Services, name); ok && name != "" {
			return change.Subject{Name: "service:" + service}
		}
	}
	return m.Subject(scheme, whole)
}

// hosts are those of which repositories have outside names.
var hosts = map[string]string{"github.com": "github", "gitlab.com": "gitlab", "bitbucket.org": "bitbucket"}

// Repository takes a repository's address apart: https://github.com/acme/payments.git and git@github.com:acme/payments.git are
// github and acme/payments. The scheme is empty for a host that is not known.
func Repository(address string) (scheme, path string) {
	if _, rest, ok := strings.Cut(address, "://"); ok {
		address = rest
	} else {
		address = strings.Replace(address, ":", "/", 1)
	}
	if before, after, ok := strings.Cut(address, "@"); ok && !strings.Contains(before, "/") {
		address = after
	}
	host, path, _ := strings.Cut(address, "/")
	host, _, _ = strings.Cut(host, ":")
	path = strings.TrimSuffix(strings.Trim(path, "/"), ".git")
	if path == "" {
		return "", ""
	}
	return hosts[strings.ToLower(host)], path
}

// Environment is our name of a tool's environment; the tool's own where it is not mapped.
func (m *Mapping) Environment(name string) string {
	if ours, ok := find(m.Environments, name); ok {
		return ours
	}
	return Line(name)
}

// EnvironmentAt is the environment that one of a tool's places is mapped to: a cluster, a namespace, a workspace. None
// where none is: a place is no environment by itself.
func (m *Mapping) EnvironmentAt(places ...string) string {
	for _, place := range places {
		if ours, ok := find(m.Environments, place); ok && place != "" {
			return ours
		}
	}
	return ""
}

// Deploys says which runs of a tool deploy: to most of them a deploy is a build like any other. It is embedded inline.
type Deploys struct {
	// Deploys gives the pipelines, jobs or stages that deploy the environment that they deploy to: "deploy-eu: production".
	// All others build.
	Deploys map[string]string `yaml:"deploys"`
}

// Deploy is the environment that something with one of the names deploys to; false when none of them deploys.
func (d *Deploys) Deploy(names ...string) (environment string, deploys bool) {
	for _, name := range names {
		if environment, ok := find(d.Deploys, name); ok && name != "" {
			return environment, true
		}
	}
	return "", false
}

func find(mapped map[string]string, name string) (string, bool) {
	if ours, ok := mapped[name]; ok {
		return ours, true
	}
	found := ""
	for theirs := range mapped {
		if strings.EqualFold(theirs, name) && (found == "" || theirs < found) {
			found = theirs
		}
	}
	return mapped[found], found != ""
}
