package change

import (
	"slices"
	"strings"
)

// moving are names of versions that mean another one tomorrow, or none at all: of tags that are moved, of branches and
// environments, and of what templates write for nothing.
var moving = []string{
	"latest", "newest", "current", "stable", "edge", "nightly", "rolling", "snapshot", "release", "unreleased", "live",
	"head", "main", "master", "trunk", "default", "develop", "development", "dev",
	"prod", "production", "staging", "stage", "test", "testing", "qa", "local",
	"unknown", "undefined", "unset", "none", "null", "nil", "n/a", "-",
}

// Moving reports whether a version names none: two that say the same may be two versions, and two that differ one.
func Moving(version string) bool {
	name := strings.ToLower(strings.TrimSpace(version))
	if slices.Contains(moving, name) {
		return true
	}
	// A tag behind its image, a branch behind its remote.
	return slices.Contains(moving, name[strings.LastIndexAny(name, ":/")+1:])
}
