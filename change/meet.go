package change

import (
	"iter"
	"regexp"
	"slices"
	"strings"
	"time"
)

// MeetReach is how far apart a deploy can begin for who sees it and for who tells of it, to be taken for one.
const MeetReach = 10 * time.Minute

// MeetWithin is how old a deploy may be when it is recorded, to meet another: of the past a pipeline's history is brought
// in by the thousand.
const MeetWithin = 24 * time.Hour

// Meets reports whether a deploy can meet another of which it shares no key: one was seen and the other told, and of one of
// them the version is not known, or known by a name that the other never uses. Whether it does also depends on there being
// no other that it could: see Meeting.
func (e *Event) Meets(other *Event) bool {
	seen, told := e, other
	if told.Dark {
		seen, told = told, seen
	}
	if !seen.Dark || told.Dark {
		return false
	}
	apart := seen.At().Sub(told.At())
	return e.Deploys() && other.Deploys() && seen.Environment == told.Environment && seen.Environment != "" &&
		apart.Abs() <= MeetReach && (seen.Cluster == told.Cluster || told.Cluster == "") &&
		!sameSort(seen.Version, told.Version) && slices.ContainsFunc(seen.Subjects, func(s Subject) bool {
		return s.Entity != 0 && slices.ContainsFunc(told.Subjects, func(t Subject) bool { return t.Entity == s.Entity })
	})
}

// Meeting gives those of some deploys that one meets, in their order: the one that was told where it was seen, and those
// seen where it was told. There is none where it could be one of two, for two that were told of may be two changes. joined
// reports whether two are of one story by now; it may change between two that are given.
func (e *Event) Meeting(deploys []*Event, joined func(a, b *Event) bool) iter.Seq[*Event] {
	rivals := func(seen, told *Event) bool { return seen.Meets(told) || !told.Dark && joined(seen, told) }
	return func(yield func(*Event) bool) {
		for _, other := range deploys {
			if !e.Meets(other) {
				continue
			}
			seen, told := e, other
			if told.Dark {
				seen, told = told, seen
			}
			rival := func(d *Event) bool { return d != told && rivals(seen, d) }
			if !rival(e) && !slices.ContainsFunc(deploys, rival) && !yield(other) {
				return
			}
		}
	}
}

// Meetable reports whether the event is looked for in what else there is when it is recorded.
func (e *Event) Meetable() bool {
	return e.Deploys() && e.Environment != "" && e.ReceivedAt.Sub(e.At()) <= MeetWithin
}

// Deploys reports whether the event brings a version to an environment.
func (e *Event) Deploys() bool {
	return (e.Kind == "deploy" || e.Kind == "rollback") && len(e.Subjects) <= maxStorySubjects
}

var digestFormat = regexp.MustCompile(`^(?:sha256:)?[0-9a-fA-F]{64}$`)

// sameSort reports whether two versions are names of one sort, so that different ones are different versions: a tag
// says nothing of a digest, and nothing of a commit.
func sameSort(a, b string) bool {
	if a == "" || b == "" || Moving(a) || Moving(b) {
		return false
	}
	return versionSort(a) == versionSort(b)
}

func versionSort(version string) int {
	switch {
	case digestFormat.MatchString(version):
		return 1
	case commitFormat.MatchString(version) && strings.ContainsAny(version, "abcdefABCDEF"):
		return 2
	}
	return 0
}
