package suspect

import (
	"math"
	"strings"
)

// deed is what sort of work the words of a change speak of.
type deed int

// The deeds.
const (
	plainly  deed = iota // nothing tells
	gravely              // it takes away, forbids, limits or moves, or is of what others stand on
	harmless             // words, looks and tests
	deeds
)

// What reports of outages name as the change that did it, and what they never name: it takes away or forbids something, moves or
// replaces it, or is of limits, names, routes, rights and rules.
var (
	graveWords = wordSet(`remove removes removed removing removal delete deletes deleted deleting deletion drop drops dropped purge purged prune pruned truncate cleanup
		decommission decommissioned retire retired uninstall install installed enforce enforces enforced enforcing require requires required restrict restricted revoke revoked
		block blocked deny denied reject rejects upgrade upgrades upgraded upgrading migrate migrates migrated migrating migration move moves moved moving switch switches switched
		cutover failover failback swap swapped replace replaces replaced rotate rotates rotated rotation expire expires expired reboot rebooted reset resized shrink shrunk
		drain drained quota quotas limit limits limiter throttle throttling pool concurrency threads retries backoff capacity shard shards sharding rebalance
		firewall acl routing route routes router bgp dns dnssec nameserver network vpc subnet ingress proxy loadbalancer backbone
		certificate certificates tls mtls credential credentials password policy policies permission permissions grants
		kernel firmware hypervisor storage partition replication replica regex regexp rule rules waf`)
	harmlessWords = wordSet(`typo typos docs doc documentation readme changelog comment comments translation translations translate translated wording spelling copy
		tooltip banner colour colours color colors css icon icons button buttons font layout spacing header footer menu placeholder logo avatar emoji badge
		lint linter formatting prettier flaky snapshot storybook tests unittest dashboard dashboards codeowners description descriptions greeting`)
)

// deedOf is what the titles of a change speak of, and the word that says so: the gravest counts.
func deedOf(c *Candidate) (deed, string) {
	found, why := plainly, ""
	for i := range c.Events {
		for word := range strings.FieldsFuncSeq(strings.ToLower(c.Events[i].Title), func(r rune) bool { return !alphanumeric(r) }) {
			switch {
			case graveWords[word]:
				return gravely, word
			case harmlessWords[word]:
				found, why = harmless, word
			}
		}
	}
	return found, why
}

// risks are how much likelier than others a change of each deed does harm.
var risks = [deeds]float64{plainly: 0.8, gravely: 2, harmless: 0.25}

// usualDeeds is how often changes are of each deed before any was seen, which counts for so many as usualChanges.
var usualDeeds = [deeds]float64{plainly: 0.6, gravely: 0.25, harmless: 0.15}

const usualChanges = 5

// spoken is what one change says that it does.
type spoken struct {
	deed deed
	word string // that says so
	odds float64
}

// deedsOf is what each change says that it does, and the log of by how much likelier than another of its kind it does harm then: where
// all of a kind speak of the same, that says nothing.
func deedsOf(all []Candidate) []spoken {
	found, counts := make([]spoken, len(all)), map[string]*[deeds]float64{}
	for i := range all {
		found[i].deed, found[i].word = deedOf(&all[i])
		of := counts[all[i].Kind]
		if of == nil {
			of = &[deeds]float64{}
			counts[all[i].Kind] = of
		}
		of[found[i].deed]++
	}
	means := make(map[string]float64, len(counts))
	for kind, of := range counts {
		n := float64(usualChanges)
		for _, count := range of {
			n += count
		}
		for d, count := range of {
			means[kind] += (count + usualChanges*usualDeeds[d]) / n * risks[d]
		}
	}
	for i := range found {
		found[i].odds = math.Log(risks[found[i].deed] / means[all[i].Kind])
	}
	return found
}

// deed is what sort of work it says that it is, as far as that tells it from others of its kind.
func (k *weighing) deed(s spoken) {
	weight := k.w.Deed * s.odds
	switch s.deed {
	case gravely:
		k.add("deed", weight, "It speaks of what has led to many a trouble: "+s.word)
	case harmless:
		k.add("deed", weight, "It speaks of what seldom does harm: "+s.word)
	default:
		k.add("deed", weight, "It names no such work as has led to many a trouble")
	}
}
