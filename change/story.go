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
	// StormSpan is the longest that one storm lasts: a longer one is cut in pieces of that length, from its first event on.
	// A storm ends with the day as well, in UTC, so that an event that comes late never moves more than the cuts of one day.
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
	kind, _ := KindNamed(e.Kind)
	subjects := e.Subjects
	if !kind.Threads || len(subjects) > maxStorySubjects {
		subjects = nil
	}
	return storyKeys(append(e.ownJoins(), e.Joins...), subjects)
}

func storyKeys(joins []string, subjects []Subject) []Digest {
	var keys []Digest
	for _, join := range joins {
		sort, value, _ := strings.Cut(join, " ")
		if sort == joinStory {
			keys = append(keys, digest(joinStory, value))
			continue
		}
		for _, subject := range subjects {
			keys = append(keys, digest(sort, subject.Name, value))
		}
	}
	return keys
}

// StoryKeysWith are all keys that the event can have once it knows some further reports of itself, whichever of them count.
func (e *Event) StoryKeysWith(reports []*Event) []Digest {
	joins, subjects := append(e.ownJoins(), e.Joins...), slices.Clone(e.Subjects)
	for _, report := range reports {
		joins = append(append(joins, report.ownJoins()...), report.Joins...)
		subjects = append(subjects, report.Subjects...)
	}
	slices.Sort(joins)
	slices.SortFunc(subjects, func(a, b Subject) int { return strings.Compare(a.Name, b.Name) })
	subjects = slices.CompactFunc(subjects, func(a, b Subject) bool { return a.Name == b.Name })
	if len(subjects) > maxStorySubjects {
		subjects = nil
	}
	return storyKeys(slices.Compact(joins), subjects)
}

// What joins events into a story.
const (
	joinStory   = "story"
	joinCommit  = "commit"
	joinVersion = "version"
)

// ownJoins are what the event shares with the other steps of its story as it stands; Joins are what further reports named.
func (e *Event) ownJoins() []string {
	var joins []string
	if e.Story != "" {
		joins = append(joins, joinStory+" "+e.Story)
	}
	if commitFormat.MatchString(e.Commit) {
		// Tools shorten commits to different lengths: seven digits are what all of them have.
		joins = append(joins, joinCommit+" "+strings.ToLower(e.Commit[:7]))
	}
	if e.Version != "" && !Moving(e.Version) {
		joins = append(joins, joinVersion+" "+strings.ToLower(strings.TrimPrefix(e.Version, "v")))
	}
	return joins
}

// storied reports whether the event names a story of its own.
func (e *Event) storied() bool {
	return e.Story != "" || slices.ContainsFunc(e.Joins, func(join string) bool { return strings.HasPrefix(join, joinStory+" ") })
}

// A merge of a shared library touches many services without being one change of them all.
const maxStorySubjects = 5

// Folds reports whether the event can be of a storm.
func (e *Event) Folds() bool {
	kind, _ := KindNamed(e.Kind)
	return kind.Folds && !e.storied()
}

// StormKey is what like events of one storm share; false when the event never folds. A person is never folded into
// automation, nor one environment into another, nor a failure into successes.
func (e *Event) StormKey() (Digest, bool) {
	if !e.Folds() {
		return Digest{}, false
	}
	outcome := "ok"
	if e.Phase == Failed {
		outcome = "failed"
	}
	return digest("storm", e.Kind, e.Environment, string(e.Actor.Type), e.Actor.Name, e.Actor.Via, e.Source, outcome), true
}
