package git

import (
	"cmp"
	"maps"
	"path"
	"slices"
	"strings"
)

// mapping tells which service a path of the repository belongs to.
type mapping struct {
	service  string   // of the whole repository; may be empty
	prefixes []prefix // the longest first
}

type prefix struct{ folder, service string }

func newMapping(service string, paths map[string]string) mapping {
	m := mapping{service: service}
	for _, folder := range slices.Sorted(maps.Keys(paths)) {
		m.prefixes = append(m.prefixes, prefix{strings.TrimPrefix(path.Clean("/"+folder), "/"), paths[folder]})
	}
	slices.SortStableFunc(m.prefixes, func(a, b prefix) int { return cmp.Compare(len(b.folder), len(a.folder)) })
	return m
}

// of gives the service that a path belongs to by its folder; empty when none claims it.
func (m mapping) of(file string) string {
	for _, p := range m.prefixes {
		if rest, ok := strings.CutPrefix(file, p.folder); ok && (p.folder == "" || rest == "" || rest[0] == '/') {
			return p.service
		}
	}
	return ""
}

// ofTag finds the service of a monorepo's tag by the usual forms, such as pricing/v1.2.0, pricing@1.2.0 and
// pricing-v1.2.0, and the version in it. Without a match the version is the whole tag.
func (m mapping) ofTag(tag string) (service, version string) {
	best := ""
	for _, p := range m.prefixes {
		for _, name := range []string{p.service, p.folder, path.Base("/" + p.folder)} {
			rest, ok := strings.CutPrefix(tag, name)
			if !ok || name == "" || len(name) <= len(best) || len(rest) < 2 || !strings.ContainsRune("/@-_", rune(rest[0])) {
				continue
			}
			if number := strings.TrimPrefix(rest[1:], "v"); number == "" || number[0] < '0' || number[0] > '9' {
				continue
			}
			best, service, version = name, p.service, rest[1:]
		}
	}
	if service == "" {
		return "", tag
	}
	return service, version
}
