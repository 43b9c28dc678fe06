//go:build unix

package main

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"time"
)

// model is what the harness knows of its own doing: what it sent, and what was acknowledged.
type model struct {
	mu      sync.Mutex
	source  string
	began   time.Time
	events  []*event
	byKey   map[string]*event
	stories []*story
	docs    []*document
	names   []*outside
}

// phases, by rank; a key has one last phase, so that its final state does not depend on the order of arrival.
var phases = []string{"planned", "started", "succeeded", "failed", "cancelled"}

func rank(phase int) int { return min(phase, 2) }

// event is one key, with the reports of its phases.
type event struct {
	key, kind, service, environment string
	actor, actorType                string
	story                           *story
	outside                         *outside
	commit, version, storyKey       string
	last                            int // its last phase
	sent, acked                     [5]bool
	starts                          [5]time.Time
	id                              string // as it was acknowledged
}

func (e *event) anyAcked() bool { return slices.Contains(e.acked[:], true) }

func (e *event) title(phase int) string { return e.key + " " + phases[phase] }

// story is a set of events that belong together; chained ones do so only through a middle that shares a key with both.
type story struct {
	name    string
	service string
	chained bool
	members []*event
}

// document is a descriptor file that one writer sends again and again, each time as another generation.
type document struct {
	name, service      string
	busy               bool // one at a time: else the order would be anybody's guess
	sent, acked        int  // generations of the file
	edited, ackedEdits int  // and of what a person wrote over it
}

// outside is a name of another tool, which may be claimed for a service.
type outside struct {
	name, service string
	claiming      bool
	claimed       bool // acknowledged
	events        int  // acknowledged
}

func newModel(source string) *model {
	return &model{source: source, began: time.Now().UTC().Truncate(time.Microsecond), byKey: map[string]*event{}}
}

// services is how many services a model writes about; few, so that writers meet.
const services = 12

func (m *model) service(r *rand.Rand) string {
	return fmt.Sprintf("%s-s%d", m.source, r.IntN(services))
}

// sent is one report that is on its way.
type report struct {
	*event
	phase int
	known bool // it had been acknowledged before this was sent
}

var (
	kinds        = []string{"deploy", "flag", "schema", "build", "merge", "traffic", "note", "rollback"}
	folding      = []string{"scaling", "config", "restart", "alert"}
	environments = []string{"production", "staging", ""}
)

// fresh makes an event with a key of its own.
func (m *model) fresh(r *rand.Rand) *event {
	e := &event{
		key: fmt.Sprintf("k%d", len(m.events)), kind: kinds[r.IntN(len(kinds))], service: m.service(r),
		environment: environments[r.IntN(len(environments))], last: 2 + r.IntN(3),
		actor: fmt.Sprintf("actor-%d", r.IntN(4)), actorType: []string{"person", "automation", "unknown"}[r.IntN(3)],
	}
	// Clocks of sources differ by days, and what is told late is told out of order.
	base := m.began.Add(-time.Duration(r.Int64N(int64(70 * time.Hour))))
	if r.IntN(4) == 0 {
		base = time.Now().UTC()
	}
	for i := range e.starts {
		e.starts[i] = base.Add(time.Duration(r.Int64N(int64(20*time.Minute))) - 10*time.Minute).Truncate(time.Microsecond)
	}
	m.events = append(m.events, e)
	m.byKey[e.key] = e
	return e
}

// pick chooses the next report: of a new key, of an old one in any phase, or one that was sent before.
func (m *model) pick(r *rand.Rand) report {
	var e *event
	switch n := r.IntN(10); {
	case n < 4 || len(m.events) < 5:
		e = m.fresh(r)
	case n < 6:
		e = m.step(r)
	case n < 7:
		e = m.named(r)
	case n < 8:
		e = m.fresh(r)
		// A storm: like events of one actor, close together.
		e.kind, e.actor, e.actorType, e.environment = folding[r.IntN(len(folding))], "scaler", "automation", "production"
		for i := range e.starts {
			e.starts[i] = m.began.Add(time.Duration(r.Int64N(int64(3*time.Hour))) - 3*time.Hour).Truncate(time.Microsecond)
		}
	default: // recent ones are where reports meet
		e = m.events[len(m.events)-1-r.IntN(min(len(m.events), 40))]
	}
	phase := []int{0, 1, e.last, e.last}[r.IntN(4)]
	known := e.anyAcked()
	e.sent[phase] = true
	return report{e, phase, known}
}

// step makes the next event of a story.
func (m *model) step(r *rand.Rand) *event {
	var s *story
	if n := len(m.stories); n > 0 && r.IntN(3) > 0 {
		s = m.stories[n-1-r.IntN(min(n, 5))]
	}
	e := m.fresh(r)
	if s == nil || (s.chained && len(s.members) == 3) {
		s = &story{name: fmt.Sprintf("%s-story%d", m.source, len(m.stories)), service: e.service, chained: r.IntN(2) == 0}
		m.stories = append(m.stories, s)
	}
	e.story, e.service = s, s.service
	if s.chained {
		// The two ends come first, the one that joins them last: two stories turn out to be one.
		n := len(s.members)
		number := len(m.stories) - 1
		for i, other := range m.stories {
			if other == s {
				number = i
			}
		}
		e.kind = []string{"merge", "deploy", "build"}[n]
		if n != 1 {
			e.commit = fmt.Sprintf("%07x%033d", number+1, 7)
		}
		if n != 0 {
			e.version = fmt.Sprintf("%s-%d", m.source, number)
		}
	} else {
		e.storyKey = s.name
	}
	s.members = append(s.members, e)
	return e
}

// named makes an event about a name of another tool.
func (m *model) named(r *rand.Rand) *event {
	var o *outside
	if n := len(m.names); n > 0 && r.IntN(6) > 0 {
		o = m.names[n-1-r.IntN(min(n, 4))]
	} else {
		o = &outside{name: fmt.Sprintf("tool:%s-%d", m.source, len(m.names)), service: m.service(r)}
		m.names = append(m.names, o)
	}
	e := m.fresh(r)
	e.outside = o
	return e
}

// body is a report as a source would send it.
func (m *model) body(rp report) map[string]any {
	b := map[string]any{
		"source": m.source, "key": rp.key, "kind": rp.kind, "phase": phases[rp.phase], "title": rp.title(rp.phase),
		"subjects": []string{"service:" + rp.service}, "started_at": rp.starts[rp.phase].Format(time.RFC3339Nano),
		"actor": map[string]any{"type": rp.actorType, "name": rp.actor}, "environment": rp.environment,
	}
	if rp.outside != nil {
		b["subjects"] = []string{rp.outside.name}
	}
	for name, value := range map[string]string{"commit": rp.commit, "version": rp.version, "story": rp.storyKey} {
		if value != "" {
			b[name] = value
		}
	}
	return b
}

// acknowledge notes receipts, and finds those that cannot be.
func (m *model) acknowledge(reports []report, receipts []receipt) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(receipts) != len(reports) {
		return violation("%d events were sent and %d acknowledged", len(reports), len(receipts))
	}
	for i, rp := range reports {
		got := receipts[i]
		switch {
		case got.Key != rp.key:
			return violation("the receipt of %s is of %s", rp.key, got.Key)
		case rp.id != "" && rp.id != got.ID:
			return violation("%s was acknowledged as %s and as %s", rp.key, rp.id, got.ID)
		case rp.known && got.Status == "recorded":
			return violation("%s was acknowledged before, and is recorded anew as %s", rp.key, got.ID)
		}
		if rp.outside != nil && !rp.anyAcked() {
			rp.outside.events++
		}
		rp.id, rp.acked[rp.phase] = got.ID, true
	}
	return nil
}

// descriptor writes a generation of a document: every field follows from its number, so that a torn one is seen.
func (d *document) descriptor(generation int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "name: %s\ndescription: generation %d\ntier: %d\nlanguage: language-%d\n", d.service, generation, generation%4, generation)
	fmt.Fprintf(&b, "owner: team-%d\ntags:\n  generation: \"%d\"\n  only-%d: \"yes\"\n", generation%3, generation, generation)
	return b.String()
}
