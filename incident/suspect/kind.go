package suspect

import (
	"regexp"
	"slices"
	"strings"

	"tidings.dev/tidings/change"
)

// mayCause reports whether events of a kind can be suspects: changes, and notes by which people and scripts tell of changes
// without saying what they are.
func mayCause(kind string) bool {
	known, _ := change.KindNamed(kind)
	return known.Class == change.ClassChange || loose(kind)
}

// loose reports whether a kind leaves open what was done.
func loose(kind string) bool {
	switch kind {
	case "note", "release", "build":
		return true
	}
	return false
}

// meanings are words by which people say what they did, the most telling first.
var meanings = [...]struct {
	kind  string
	words map[string]bool
}{
	{"rollback", wordSet("rollback revert reverted reverting reverts")},
	{"drill", wordSet("drill gameday chaos")},
	{"restart", wordSet("restart restarted restarting reboot rebooted")},
	{"schema", wordSet("schema migration migrate migrated migrations index indexes indices column columns backfill vacuum alter")},
	{"secret", wordSet("certificate certificates cert certs secret secrets credential credentials password passwords rotate rotated rotation")},
	{"flag", wordSet("flag flags toggle toggled experiment experiments")},
	{"scaling", wordSet("scale scaled scaling autoscaler autoscaling replica replicas instances pods")},
	{"deploy", wordSet("deploy deployed deploying deploys deployment rollout release released ship shipped canary")},
	{"traffic", wordSet("traffic failover drain drained reroute rerouted weight weights")},
	{"infrastructure", wordSet(`terraform network firewall dns dnssec vpc subnet cluster node nodes kernel kubernetes router switch bgp
		disk volume infrastructure hypervisor`)},
	{"config", wordSet("config configuration configure configured setting settings limit limits timeout timeouts parameter threshold quota")},
	{"maintenance", wordSet("maintenance")},
	{"merge", wordSet("merge merged built pr")},
	{"deploy", wordSet("version build bump bumped upgrade upgraded")},
}

// kindOf is the kind of a change: as it was told, or what the words of a note speak of.
func kindOf(e *change.Event) string {
	switch {
	case !loose(e.Kind):
		return e.Kind
	case e.Version != "" && e.Kind != "build":
		return "deploy"
	}
	return meaningOf(e)
}

// meaningOf is the kind that the words of a title speak of; that which was told, where they speak of none.
func meaningOf(e *change.Event) string {
	spoken := strings.FieldsFunc(strings.ToLower(e.Title), func(r rune) bool { return !alphanumeric(r) })
	for _, meaning := range meanings {
		if slices.ContainsFunc(spoken, func(word string) bool { return meaning.words[word] }) {
			return meaning.kind
		}
	}
	if numbered.MatchString(e.Title) {
		return "deploy"
	}
	return e.Kind
}

// numbered are titles that name a version.
var numbered = regexp.MustCompile(`\bv?\d{1,4}\.\d{1,4}(\.\d{1,5})?\b`)

// notes is which share of changes leave open what they are.
func notes(changes []Candidate) float64 {
	n := 0
	for i := range changes {
		if loose(changes[i].Head.Kind) {
			n++
		}
	}
	return float64(n) / float64(max(len(changes), 1))
}

// A kind that so many changes have, and no other, is that of a tool which knows but one.
const onlyKind = 4

// understand sets of each change what it is taken for. Where all are of one kind, that says nothing of any, and its words do.
func understand(all []Candidate) {
	kinds := map[string]bool{}
	for i := range all {
		kinds[all[i].Head.Kind] = true
	}
	for i := range all {
		c := &all[i]
		if c.Kind = kindOf(&c.Head); len(kinds) == 1 && len(all) >= onlyKind {
			c.Kind = meaningOf(&c.Head)
		}
	}
}
