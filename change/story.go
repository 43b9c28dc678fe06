package change

import (
	"crypto/sha256"
	"regexp"
	"slices"
	"strings"
	"time"
)

// What joins events into a story, and storms into one line.
const (
	// StoryReach is how far apart in time two steps of one story can lie.
	StoryReach = 14 * 24 * time.Hour
	// StormGap is the longest pause within a storm.
	StormGap = 2 * time.Minute
	// StormSpan is the longest that one storm lasts; what follows is another.
	StormSpan = 15 * time.Minute
	// StormSize is how many like events make a storm; fewer stand alone.
	StormSize = 3
)

// Digest is a fixed-size key of the store, so that long names cost no more than short ones.
type Digest [16]byte

func digest(parts ...string) Digest {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return Digest(sum[:16])
}

// Identity is the digest of source and key, by which retries and later phases are known.
func (e *Event) Identity() Digest { return digest("event", e.Source, e.Key) }

var commitFormat = regexp.MustCompile(`^[0-9a-fA-F]{7,64}$`)

// StoryKeys are the keys that the event shares with the other steps of its story: the source's own story key, and for
// steps of a delivery pipeline each subject's commit and version. Events that share a key are of one story, and so are
// those joined by a chain of keys. An event without keys is its own story.
func (e *Event) StoryKeys() []Digest {
	var keys []Digest
	if e.Story != "" {
		keys = append(keys, digest("story", e.Story))
	}
	kind, _ := KindNamed(e.Kind)
	if !kind.Threads || len(e.Subjects) > maxStorySubjects {
		return keys
	}
	for _, subject := range e.Subjects {
		if commitFormat.MatchString(e.Commit) {
			// Tools shorten commits to different lengths: seven digits are what all of them have.
			keys = append(keys, digest("commit", subject.Name, strings.ToLower(e.Commit[:7])))
		}
		if e.Version != "" {
			keys = append(keys, digest("version", subject.Name, strings.ToLower(strings.TrimPrefix(e.Version, "v"))))
		}
	}
	return keys
}

// MeetReach is how far apart a deploy can begin for who sees it and for who tells of it, to be taken for one.
const MeetReach = 10 * time.Minute

// Meets reports whether a deploy can meet another of which it shares no key: one was seen and the other told, and of one of
// them the version is not known, or known by a name that the other never uses. Whether it does meet it also depends on
// there being no other that it could: see Store.
func (e *Event) Meets(other *Event) bool {
	seen, told := e, other
	if told.Dark {
		seen, told = told, seen
	}
	apart := seen.At().Sub(told.At())
	return e.Deploys() && other.Deploys() && seen.Dark && !told.Dark && seen.Environment == told.Environment && seen.Environment != "" &&
		apart.Abs() <= MeetReach && (seen.Cluster == told.Cluster || told.Cluster == "") &&
		!sameSort(seen.Version, told.Version) && slices.ContainsFunc(seen.Subjects, func(s Subject) bool {
		return s.Entity != 0 && slices.ContainsFunc(told.Subjects, func(t Subject) bool { return t.Entity == s.Entity })
	})
}

// Deploys reports whether the event brings a version to an environment.
func (e *Event) Deploys() bool {
	return (e.Kind == "deploy" || e.Kind == "rollback") && len(e.Subjects) <= maxStorySubjects
}

var digestFormat = regexp.MustCompile(`^(?:sha256:)?[0-9a-fA-F]{64}$`)

// sameSort reports whether two versions are names of one sort, so that different ones are different versions: a tag
// says nothing of a digest, and nothing of a commit.
func sameSort(a, b string) bool {
	if a == "" || b == "" {
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

// A merge of a shared library touches many services without being one change of them all.
const maxStorySubjects = 5

// StormKey is what like events of one storm share; false when the event never folds. A person is never folded into
// automation, nor one environment into another, nor a failure into successes.
func (e *Event) StormKey() (Digest, bool) {
	kind, _ := KindNamed(e.Kind)
	if !kind.Folds || e.Story != "" {
		return Digest{}, false
	}
	outcome := "ok"
	if e.Phase == Failed {
		outcome = "failed"
	}
	return digest("storm", e.Kind, e.Environment, string(e.Actor.Type), e.Actor.Name, e.Actor.Via, e.Source, outcome), true
}
