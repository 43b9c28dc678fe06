package org

import (
	"iter"
	"math/rand/v2"
	"strconv"
	"time"

	"tidings.dev/tidings/change"
)

// act is a sort of event that the stream makes.
type act uint8

// The acts. Those that begin something are in the table of beginnings; the others follow from them.
const (
	merge act = iota
	build
	canary
	deploy
	rollback
	scaling
	storm // one scaling of many by one automation
	flag
	config
	alert
	restart
	infrastructure
	secret
	experiment
	schema
	release
	traffic
	note
	slo
	incident
	oncall
	cost
	maintenance
	drill
)

// beginnings are what begins by itself, with a weight. A merge brings five or six more events, a storm about thirty.
var beginnings = []struct {
	act    act
	weight int
}{
	{merge, 230},
	{scaling, 180},
	{alert, 120},
	{config, 90},
	{flag, 90},
	{restart, 70},
	{infrastructure, 50},
	{experiment, 35},
	{secret, 35},
	{slo, 25},
	{release, 25},
	{note, 20},
	{schema, 15},
	{storm, 12},
	{traffic, 12},
	{cost, 6},
	{oncall, 6},
	{incident, 4},
	{maintenance, 4},
}

// rarely is about how many events there are to one of the rarest kind, drill.
const rarely = 100_000

// environments have the shares of 80, 15 and 5 per cent.
var environments = []string{"production", "staging", "load-test"}

// step is one event that is due. It holds numbers only: the texts are made when it is told.
type step struct {
	due, start        int64 // microseconds since 1970
	id                uint64
	act               act
	phase             uint8 // of change.Phases, by index
	env, share        uint8
	service, who      int32 // who is a person, or ^automation
	version, previous [3]uint16
	from, to          uint16 // pods, per cent, settings
}

// The phases by their index in change.Phases.
const (
	started   = 1
	succeeded = 2
	failed    = 3
)

// stream is one run through the time.
type stream struct {
	*Org
	*rand.Rand
	zipf     *rand.Zipf
	pending  []step // a heap, the earliest due first
	versions [][3]uint16
	ids      uint64
	weights  int
	phases   []change.Phase
	shares   [101]float64
	text     []byte
	cuts     [12]int
}

// Events makes n events that are told between two instants, in the order in which they are told; n of 0 asks for
// Size.Events of them. A report of an end carries the time of its start, and its EndedAt is when it is told. The labels
// of events are shared: nobody may write to them.
//
// Neither ID nor Thread is set, and events are not normalised: both are work of whoever takes them in.
func (o *Org) Events(n int, from, to time.Time) iter.Seq[change.Event] {
	if n == 0 {
		n = o.Size.Events
	}
	return func(yield func(change.Event) bool) {
		s := o.stream()
		rhythm := newRhythm(from, to, n)
		nextDrill := s.IntN(rarely)
		for k := range n {
			now := rhythm.at(k, s.Float64())
			var due step
			switch {
			case len(s.pending) > 0 && s.pending[0].due <= now:
				due = s.pop()
			case k >= nextDrill:
				nextDrill = k + rarely/2 + s.IntN(rarely)
				due = s.begin(drill, now)
			default:
				due = s.begin(s.beginning(), now)
			}
			if !yield(s.event(&due)) {
				return
			}
		}
	}
}

func (o *Org) stream() *stream {
	s := &stream{Org: o, Rand: o.random(3), versions: make([][3]uint16, len(o.services)), phases: change.Phases()}
	s.zipf = rand.NewZipf(s.Rand, 1.15, 8, uint64(len(o.services)-1)) //nolint:gosec // at least one
	for i := range s.versions {
		s.versions[i] = [3]uint16{uint16(1 + s.IntN(9)), uint16(s.IntN(40)), uint16(s.IntN(10))} //nolint:gosec // small
	}
	for _, b := range beginnings {
		s.weights += b.weight
	}
	for i := range s.shares {
		s.shares[i] = float64(i)
	}
	return s
}

func (s *stream) beginning() act {
	n := s.IntN(s.weights)
	for _, b := range beginnings {
		if n -= b.weight; n < 0 {
			return b.act
		}
	}
	return note
}

const (
	second = int64(time.Second / time.Microsecond)
	minute = 60 * second
)

// begin makes the first event of something, and puts what follows from it on the heap.
func (s *stream) begin(what act, now int64) step {
	s.ids++
	d := step{due: now, start: now, id: s.ids<<16 | s.Uint64()&0xffff, act: what, phase: succeeded, service: s.busy[s.zipf.Uint64()]}
	switch n := s.IntN(100); {
	case n < 80:
	case n < 95:
		d.env = 1
	default:
		d.env = 2
	}
	d.who = s.somebody(d.service)
	switch what {
	case merge:
		s.delivery(&d)
	case scaling:
		d.who = robot(3)
		d.from = uint16(2 + s.IntN(12))     //nolint:gosec // small
		d.to = d.from + uint16(1+s.IntN(4)) //nolint:gosec // small
	case storm:
		d.act, d.who = scaling, robot(7)
		s.scaleMany(&d)
	case alert, slo:
		d.who, d.phase = robot(5), started
		s.ends(d, succeeded, minute, 40*minute)
	case incident:
		d.who, d.phase = robot(5), started
		s.ends(d, succeeded, 10*minute, 180*minute)
	case infrastructure:
		if s.IntN(2) == 0 {
			d.phase = started
			s.ends(d, succeeded, 30*second, 20*minute)
		}
	case secret:
		d.who = robot(6)
	case restart:
		d.who = robot(4)
	case cost:
		d.who = robot(19)
	case drill, maintenance, schema:
		d.phase = started
		s.ends(d, succeeded, minute, 60*minute)
	default:
	}
	switch what {
	case flag, experiment, traffic:
		d.from = uint16(5 * s.IntN(10))          //nolint:gosec // small
		d.to = d.from + uint16(5*(1+s.IntN(10))) //nolint:gosec // small
	case config:
		d.from = uint16(10 + s.IntN(1000))     //nolint:gosec // small
		d.to = d.from + uint16(1+s.IntN(1000)) //nolint:gosec // small
	case release, schema:
		d.previous = s.versions[d.service]
		d.version = d.previous
		d.version[2]++
	default:
	}
	return d
}

// robot is an automation as a step names it.
func robot(i int32) int32 { return ^i }

// somebody is one of the team most of the time, else anybody.
func (s *stream) somebody(at int32) int32 {
	if s.IntN(10) < 8 {
		return int32((s.services[at].crew + s.IntN(crewSize)) % len(s.people)) //nolint:gosec // far fewer
	}
	return int32(s.IntN(len(s.people))) //nolint:gosec // far fewer
}

// ends puts the later report of the same event on the heap.
func (s *stream) ends(d step, phase uint8, least, most int64) step {
	d.phase, d.due = phase, d.due+least+s.Int64N(most-least)
	s.push(d)
	return d
}

// delivery is a story: merge, build, canary and deploy, told twice where they take time; some fail, some go back.
func (s *stream) delivery(d *step) {
	if s.IntN(12) == 0 {
		d.who = robot(2)
	}
	v := &s.versions[d.service]
	d.previous = *v
	if v[2]++; v[2] > 9 {
		v[1], v[2] = v[1]+1, 0
	}
	d.version = *v

	b := *d
	b.act, b.phase, b.who = build, started, robot(1)
	b.due += minute + s.Int64N(5*minute)
	b.start = b.due
	s.push(b)
	outcome := uint8(succeeded)
	if s.IntN(15) == 0 {
		outcome = failed
	}
	built := s.ends(b, outcome, 2*minute, 20*minute)
	if outcome == failed {
		return
	}
	next := *d
	next.due = built.due + minute + s.Int64N(40*minute)
	if s.IntN(2) == 0 {
		next.act, next.start, next.share = canary, next.due, 10
		s.push(next)
		next.due += 5*minute + s.Int64N(15*minute)
	}
	next.act, next.start, next.share, next.phase = deploy, next.due, 100, started
	s.push(next)
	if s.IntN(25) == 0 {
		outcome = failed
	}
	live := s.ends(next, outcome, 30*second, 10*minute)
	if outcome == failed || s.IntN(30) == 0 {
		live.act, live.phase = rollback, succeeded
		live.due += minute + s.Int64N(40*minute)
		live.start = live.due
		live.version, live.previous = live.previous, live.version
		s.push(live)
	}
}

// scaleMany is a storm: up to a dozen services, within minutes.
func (s *stream) scaleMany(d *step) {
	d.from, d.to = uint16(8+s.IntN(8)), uint16(2+s.IntN(5)) //nolint:gosec // small
	next := *d
	for range 10 + s.IntN(50) {
		if s.IntN(4) == 0 {
			next.service = s.busy[s.zipf.Uint64()]
		}
		s.ids++
		next.id = s.ids << 16
		next.due += second + s.Int64N(20*second)
		next.start = next.due
		s.push(next)
	}
}

// push and pop keep the heap; equal times are told in the order in which they were made.
func (s *stream) push(d step) {
	s.pending = append(s.pending, d)
	h := s.pending
	for i := len(h) - 1; i > 0; {
		up := (i - 1) / 2
		if !before(&h[i], &h[up]) {
			return
		}
		h[i], h[up] = h[up], h[i]
		i = up
	}
}

func (s *stream) pop() step {
	h := s.pending
	first, last := h[0], len(h)-1
	h[0], h = h[last], h[:last]
	s.pending = h
	for i := 0; ; {
		least := 2*i + 1
		if least >= len(h) {
			return first
		}
		if right := least + 1; right < len(h) && before(&h[right], &h[least]) {
			least = right
		}
		if !before(&h[least], &h[i]) {
			return first
		}
		h[i], h[least] = h[least], h[i]
		i = least
	}
}

func before(a, b *step) bool {
	if a.due != b.due {
		return a.due < b.due
	}
	if a.id != b.id {
		return a.id < b.id
	}
	return a.act < b.act || (a.act == b.act && a.phase < b.phase)
}

// rhythm tells when things begin: the weight of each hour of the week, from a quiet Sunday night to a busy Tuesday.
type rhythm struct {
	from   int64
	length int64 // of an hour, or less where the whole span is short
	sums   []float64
	total  float64
	n      int
	hour   int
}

// byHour are the weights of the hours of a working day in UTC, for an organisation mostly in Europe.
var byHour = [24]float64{
	3, 4, 3, 2, 2, 3, 6, 14, 22, 25, 25, 22, 18, 24, 25, 22, 17, 12, 8, 6, 5, 4, 4, 3,
}

func newRhythm(from, to time.Time, n int) *rhythm {
	r := &rhythm{from: from.UnixMicro(), n: n}
	span := max(to.UnixMicro()-r.from, 1)
	slots := max(span/(60*minute), 1)
	r.length = span / slots
	r.sums = make([]float64, slots+1)
	for i := range slots {
		at := time.UnixMicro(r.from + i*r.length).UTC()
		weight := byHour[at.Hour()]
		if day := at.Weekday(); day == time.Saturday || day == time.Sunday {
			weight = 1 + weight/6
		}
		r.sums[i+1] = r.sums[i] + weight
	}
	r.total = r.sums[slots]
	return r
}

// at is the time of the kth of n: the inverse of the sum of the weights, with a fraction of its own. It never goes back.
func (r *rhythm) at(k int, fraction float64) int64 {
	x := (float64(k) + fraction) / float64(r.n) * r.total
	for r.hour < len(r.sums)-2 && r.sums[r.hour+1] <= x {
		r.hour++
	}
	within := (x - r.sums[r.hour]) / (r.sums[r.hour+1] - r.sums[r.hour])
	return r.from + int64(r.hour)*r.length + int64(within*float64(r.length))
}

// writing texts: all of an event are written into one buffer, made a string once, and cut.
func (s *stream) word(parts ...string) {
	for _, part := range parts {
		s.text = append(s.text, part...)
	}
}

func (s *stream) number(n uint64) { s.text = strconv.AppendUint(s.text, n, 10) }

func (s *stream) semver(v [3]uint16) {
	s.text = append(s.text, 'v')
	for i, part := range v {
		if i > 0 {
			s.text = append(s.text, '.')
		}
		s.number(uint64(part))
	}
}

// sha writes a commit's name, the same for the same step of a story.
func (s *stream) sha(id uint64) {
	const digits = "0123456789abcdef"
	x := id*0x9e3779b97f4a7c15 ^ s.seed
	for range 40 {
		x ^= x << 13
		x ^= x >> 7
		x ^= x << 17
		s.text = append(s.text, digits[x>>60])
	}
}
