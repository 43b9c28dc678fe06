// Package simulator makes up organisations with their changes and their incidents, of which the true cause is known, so
// that the ranking of suspects can be measured. A seed and a shape always give the same world.
//
// The stream of changes comes first: deploys, flags, configuration and the rest, by people and by machines, as each
// organisation is used to. Then some of these ordinary changes do harm. What is hurt follows the dependencies; when it
// hurts follows the kind of change; who notices is a matter of luck. Everything that a ranking could see of it is told as
// an event in the public form; the truth is kept apart. Only tests and the evaluation import it; it imports nothing
// of the project, so that neither can know the habits of the other.
package simulator

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"time"
)

// Event is one report in the form of POST /api/v1/events. Several reports of one source and key are steps of one event.
type Event struct {
	Source      string            `json:"source,omitempty"`
	Key         string            `json:"key,omitempty"`
	Kind        string            `json:"kind,omitempty"`
	Phase       string            `json:"phase,omitempty"`
	Title       string            `json:"title"`
	Subjects    []string          `json:"subjects"`
	Environment string            `json:"environment,omitempty"`
	Region      string            `json:"region,omitempty"`
	Cluster     string            `json:"cluster,omitempty"`
	Actor       *Actor            `json:"actor,omitempty"`
	StartedAt   time.Time         `json:"started_at"`
	EndedAt     time.Time         `json:"ended_at,omitzero"`
	Version     string            `json:"version,omitempty"`
	Previous    string            `json:"previous,omitempty"`
	Commit      string            `json:"commit,omitempty"`
	Diff        []Diff            `json:"diff,omitempty"`
	Exposure    *float64          `json:"exposure,omitempty"`
	Labels      map[string]string `json:"labels,omitempty"`
	// Told is when the report arrives, which is never before it happened.
	Told time.Time `json:"-"`
}

// Actor is who did it.
type Actor struct {
	Type string `json:"type"`
	Name string `json:"name"`
	Via  string `json:"via,omitempty"`
}

// Diff is one thing that changed.
type Diff struct {
	Field string `json:"field"`
	Old   string `json:"old"`
	New   string `json:"new"`
}

// Ref names an event.
type Ref struct{ Source, Key string }

// Rival is a change that a person would have to look at: its events, and when it last could have begun to have an
// effect before the onset.
type Rival struct {
	Refs []Ref
	At   time.Time
	// Here is whether it is a change of a service that was asked about.
	Here bool
	act  *act
}

// Incident is a trouble, and the truth about it.
type Incident struct {
	// Services, Environment and Region are what is asked about. The latter two are empty where nobody said.
	Services            []string
	Environment, Region string
	// Onset is when it is thought to have begun; Asked when the question is put. Began is the truth.
	Onset, Asked, Began time.Time
	// Cause is the events of the change that did it; empty when no change that anybody told of did.
	Cause []Ref
	// Kind is that of the change, or what it was when it was none: surge, vendor, hardware, or untold for a change that
	// no tool tells of.
	Kind string
	// Distance is how many dependencies lie between the cause and the nearest service asked about.
	Distance int
	// Direction is that of the cause as seen from there: self, down (what it depends on), up (who calls it), shared (a
	// change beside it, through a resource), beneath (the platform) or none.
	Direction string
	// Lag is how long the change took from its last step to the trouble.
	Lag time.Duration
	// Undeclared is whether a dependency that the harm took is in no descriptor: nobody could know of it.
	Undeclared bool
	// Late is whether the cause was told of after the page.
	Late bool
	// Rivals are the changes within the neighbourhood in the time before, the cause among them, the latest first.
	Rivals []Rival
	// Ideal is where the cause stands for an oracle: see Judged. Zero where it was not asked.
	Ideal int
}

// Decoys is how many rivals were not the cause.
func (i *Incident) Decoys() int {
	if len(i.Cause) == 0 {
		return len(i.Rivals)
	}
	return len(i.Rivals) - 1
}

// World is a made-up organisation with its past.
type World struct {
	Shape Shape
	Seed  uint64
	// Descriptors are documents for POST /api/v1/descriptors.
	Descriptors string
	// Events are in the order in which they are told.
	Events []Event
	// Incidents are in the order in which they are asked about.
	Incidents []Incident
}

// start is a Monday. All worlds begin on it, so that a seed always gives the same times.
var start = time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)

// New makes the world of a shape and a seed.
func New(shape Shape, seed uint64) *World { return build(shape, seed, nil) }

// Judged makes the same world, and asks an oracle about its troubles: see Incident.Ideal.
func Judged(shape Shape, seed uint64) *World { return build(shape, seed, newOracle(seed)) }

func build(shape Shape, seed uint64, judge *oracle) *World {
	b := &builder{shape: shape, oracle: judge, rand: rand.New(rand.NewPCG(seed, hash(shape.Name)))} //nolint:gosec // the same numbers every time are the point
	b.organise()
	b.acquireHabits()
	b.live()
	b.suffer()
	slices.SortStableFunc(b.events, func(x, y Event) int { return x.Told.Compare(y.Told) })
	slices.SortStableFunc(b.incidents, func(x, y Incident) int { return x.Asked.Compare(y.Asked) })
	return &World{Shape: shape, Seed: seed, Descriptors: b.describe(), Events: b.events, Incidents: b.incidents}
}

func hash(text string) uint64 {
	h := uint64(14695981039346656037)
	for i := range len(text) {
		h = (h ^ uint64(text[i])) * 1099511628211
	}
	return h
}

// builder is a world in the making.
type builder struct {
	shape  Shape
	rand   *rand.Rand
	oracle *oracle // nil where none is asked
	words  vocabulary

	nodes    []node // services first, then resources, then clusters
	services int
	teams    []string
	people   []string
	clusters []int // nodes

	tools  map[string]tool // by kind
	untold string          // a kind that no tool tells of

	acts      []*act
	events    []Event
	incidents []Incident
	serial    int
}

// node is a service, a resource or a cluster.
type node struct {
	ref      string // service:x, resource:y
	name     string
	kind     string
	team     int
	tier     int
	facing   bool // end users feel its loss
	busy     float64
	cluster  []int // where it runs, of clusters; all of them when empty
	topics   []string
	needs    []edge
	neededBy []edge
	release  [2]int
}

// edge is a dependency. Hard is how likely harm crosses it.
type edge struct {
	to       int
	hard     float64
	declared bool
}

// tool is how changes of one kind are told.
type tool struct {
	source, via                                             string
	kind                                                    string // the word that it uses
	environment, region, phases, version, commit, diff, who bool
	cluster                                                 bool
	atEnd                                                   bool // it tells when it is over, and knows no start
}

func (b *builder) chance(p float64) bool { return b.rand.Float64() < p }

// spread draws from a log-normal distribution around a median.
func (b *builder) spread(median time.Duration, sigma float64) time.Duration {
	return time.Duration(float64(median) * math.Exp(sigma*b.rand.NormFloat64()))
}

// between draws evenly.
func (b *builder) between(low, high time.Duration) time.Duration {
	if high <= low {
		return low
	}
	return low + time.Duration(b.rand.Int64N(int64(high-low)))
}

func (b *builder) poisson(mean float64) int {
	limit, n, p := math.Exp(-mean), 0, b.rand.Float64()
	for p > limit && n < 10_000 {
		n++
		p *= b.rand.Float64()
	}
	return n
}

func pick[T any](b *builder, list []T) T { return list[b.rand.IntN(len(list))] }

// weighted draws a place by weights.
func (b *builder) weighted(weights []float64) int {
	total := 0.0
	for _, w := range weights {
		total += w
	}
	at := b.rand.Float64() * total
	for i, w := range weights {
		if at -= w; at < 0 {
			return i
		}
	}
	return len(weights) - 1
}

func (b *builder) key(prefix string) string {
	b.serial++
	return fmt.Sprintf("%s-%d", prefix, 1000+b.serial)
}

func (b *builder) sha() string {
	return fmt.Sprintf("%016x%016x", b.rand.Uint64(), b.rand.Uint64())[:20]
}

func latest(times ...time.Time) time.Time {
	return slices.MaxFunc(times, func(x, y time.Time) int { return cmp.Compare(x.UnixNano(), y.UnixNano()) })
}
