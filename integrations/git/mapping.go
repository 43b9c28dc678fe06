package git

import "tidings.dev/tidings/integration"

// mapping tells which service a path of the repository belongs to.
type mapping struct {
	service string // of the whole repository; may be empty
	folders integration.Folders
}

func newMapping(service string, paths map[string]string) mapping {
	return mapping{service: service, folders: integration.NewFolders(paths)}
}

// of gives the service that a path belongs to by its folder; empty when none claims it.
func (m mapping) of(file string) string {
	folder, _ := m.folders.Of(file)
	return folder.Service
}

// ofTag finds the service of a monorepo's tag, and the version in it. Without a match the version is the whole tag.
func (m mapping) ofTag(tag string) (service, version string) {
	folder, version, ok := m.folders.OfTag(tag)
	if !ok {
		return "", tag
	}
	return folder.Service, version
}
