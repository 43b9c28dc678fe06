package simulator

import (
	"fmt"
	"slices"
	"strconv"
	"time"
)

// act is one change as it was made, told or not.
type act struct {
	kind    string
	targets []int // what it touches, where its effect begins
	start   time.Time
	bites   []bite
	topic   string
	// harm is how likely it is to do harm, as compared with other acts.
	harm float64
	// during is whether harm is done while it runs, not after.
	during bool
	end    time.Time
	told   []Event
}

// bite is an instant from which a change has an effect, in a region or everywhere, and on what share of the traffic.
type bite struct {
	at     time.Time
	region string
	dose   float64 // by how much the share rose, of 1
}

// A habit is how often a kind of change is made by people, of all that they change, and how likely one does harm as
// compared with a deploy. The shares are those of post-mortems that were published: deploys and configuration first.
type habit struct {
	kind        string
	share, harm float64
}

var (
	habits = []habit{
		{"deploy", 0.34, 1},
		{"flag", 0.13, 0.8},
		{"config", 0.16, 0.9},
		{"experiment", 0.03, 0.5},
		{"schema", 0.05, 1.5},
		{"secret", 0.03, 0.8},
		{"traffic", 0.03, 1.5},
		{"scaling", 0.03, 1},
		{"rollback", 0.02, 0.3},
		{"maintenance", 0.01, 1.5},
		{"drill", 0.006, 2},
		{"merge", 0.1, 0.01},
		{"restart", 0.03, 0.3},
	}
	machineHabits = []habit{
		{"scaling", 0.72, 0.01},
		{"restart", 0.2, 0.02},
		{"config", 0.08, 0.03},
	}
	usualSources = map[string][]string{
		"deploy": {"argocd", "ci", "spinnaker", "gitlab"}, "flag": {"launchdarkly", "unleash", "flags"}, "config": {"git", "consul", "configd"},
		"experiment": {"growthbook", "lab"}, "schema": {"flyway", "migrations"}, "secret": {"vault", "rotator"}, "traffic": {"mesh", "lb"},
		"scaling": {"kubernetes", "asg"}, "rollback": {"argocd", "ci"}, "maintenance": {"calendar"}, "drill": {"chaos"}, "merge": {"github", "gitlab"},
		"restart": {"kubernetes", "ops"}, "infrastructure": {"terraform", "atlantis"}, "build": {"ci", "jenkins"}, "alert": {"alertmanager", "monitor"},
		"incident": {"pagerduty", "opsgenie"},
	}
	otherWords = map[string]string{
		"deploy": "deployment", "flag": "toggle", "config": "configuration", "schema": "migration", "infrastructure": "terraform", "scaling": "autoscaling",
		"merge": "pull_request", "incident": "page", "alert": "alarm",
	}
)

// acquireHabits settles which tool tells which kind, and what it tells.
func (b *builder) acquireHabits() {
	b.tools = map[string]tool{}
	d := func() bool { return b.chance(b.shape.Detailed) }
	for _, kind := range []string{
		"deploy", "flag", "config", "experiment", "schema", "secret", "traffic", "scaling", "rollback", "maintenance", "drill", "merge", "restart", "infrastructure",
		"build", "alert", "incident",
	} {
		t := tool{
			source: pick(b, usualSources[kind]), kind: kind, environment: d(), phases: d(), version: d(), diff: d(), who: d(),
			region: b.chance(b.shape.Detailed * b.shape.Detailed), commit: b.chance(b.shape.Detailed * b.shape.Detailed),
			atEnd: b.chance(0.3),
		}
		if other, ok := otherWords[kind]; ok && b.chance(0.25) {
			t.kind = other
		}
		if t.phases {
			t.atEnd = false
		}
		switch kind {
		case "deploy", "scaling", "restart", "rollback":
			t.cluster = d() && t.source != "ci"
		}
		b.tools[kind] = t
	}
	if b.chance(b.shape.Untold) {
		b.untold = pick(b, []string{"flag", "config", "infrastructure", "schema", "secret", "traffic", "scaling"})
	}
}

// live makes the days pass.
func (b *builder) live() {
	s := b.shape
	mix := make([]float64, len(habits))
	for i, h := range habits {
		mix[i] = h.share
		if m, ok := s.Mix[h.kind]; ok {
			mix[i] *= m
		}
	}
	machines := make([]float64, len(machineHabits))
	for i, h := range machineHabits {
		machines[i] = h.share
	}
	for day := range s.Days {
		for i := range b.nodes {
			n := &b.nodes[i]
			switch n.kind {
			case "service":
				for range b.poisson(s.Changes * n.busy * weekday(day)) {
					b.change(habits[b.weighted(mix)], i, b.working(day))
				}
				for range b.poisson(s.Machines * n.busy) {
					b.machine(machineHabits[b.weighted(machines)], i, b.anytime(day), false)
				}
				for range b.poisson(s.Noise * n.busy) {
					b.alarm(i, b.anytime(day), false, "", "")
				}
			case "resource":
				for range b.poisson(0.25 * s.Changes * n.busy * weekday(day)) {
					kind := pick(b, []habit{{"infrastructure", 0, 1.3}, {"schema", 0, 1.3}, {"config", 0, 0.9}, {"maintenance", 0, 1.3}})
					b.change(kind, i, b.working(day))
				}
			case "cluster":
				for range b.poisson(s.Beneath * (0.3 + 0.7*weekday(day))) {
					b.change(habit{"infrastructure", 0, 1}, i, b.working(day))
				}
			}
		}
	}
	slices.SortStableFunc(b.acts, func(x, y *act) int { return x.start.Compare(y.start) })
}

// weekday is how much is changed on a day, of a working day.
func weekday(day int) float64 {
	if day%7 >= 5 {
		return 0.12
	}
	return 1
}

// working is an instant of a day, mostly one at which people work.
func (b *builder) working(day int) time.Time {
	at := start.AddDate(0, 0, day)
	if b.chance(0.12) {
		return at.Add(b.between(0, 24*time.Hour))
	}
	hour := 13.0 + 2.6*b.rand.NormFloat64()
	return at.Add(time.Duration(min(max(hour, 0), 23.99) * float64(time.Hour)))
}

func (b *builder) anytime(day int) time.Time {
	return start.AddDate(0, 0, day).Add(b.between(0, 24*time.Hour))
}

// report makes a report of a tool, leaving out what the tool does not tell.
func (b *builder) report(kind, key string, targets []int, at time.Time) Event {
	t := b.tools[kind]
	e := Event{Source: t.source, Key: key, Kind: t.kind, StartedAt: at.UTC().Truncate(time.Second)}
	for _, n := range targets {
		e.Subjects = append(e.Subjects, b.nodes[n].ref)
	}
	if t.environment {
		e.Environment = b.words.production
	}
	e.Told = at.Add(b.between(time.Second, 20*time.Second))
	return e
}

func (b *builder) by(e *Event, kind string, machine bool) {
	switch t := b.tools[kind]; {
	case !t.who:
	case machine:
		e.Actor = &Actor{Type: "automation", Name: pick(b, b.words.robots), Via: t.via}
	default:
		e.Actor = &Actor{Type: "person", Name: pick(b, b.people), Via: t.via}
	}
}

// tell adds a report to what is told of an act, sometimes late.
func (b *builder) tell(a *act, e Event) {
	if b.chance(0.03) {
		e.Told = e.Told.Add(b.spread(15*time.Minute, 1))
	}
	a.told = append(a.told, e)
}

// place says where an act is: a region, a cluster, both or neither, as its tool knows it.
func (b *builder) place(e *Event, kind, region string, node int) {
	t := b.tools[kind]
	if t.cluster {
		e.Cluster = b.clusterOf(node, region)
	}
	if !t.region {
		return
	}
	e.Region = region
	if b.nodes[node].kind == "cluster" {
		e.Cluster = b.nodes[node].name
	}
}

// change makes one change by a person, or by a pipeline on somebody's behalf.
func (b *builder) change(h habit, node int, at time.Time) {
	n := &b.nodes[node]
	a := &act{kind: h.kind, targets: []int{node}, start: at, end: at, harm: h.harm, topic: pick(b, append(slices.Clone(n.topics), n.name))}
	switch h.kind {
	case "deploy":
		b.deploy(a, n)
	case "flag", "experiment":
		b.ramp(a, n)
	case "config":
		b.configure(a, n)
	case "schema", "maintenance", "drill":
		b.work(a, n)
	case "merge":
		e := b.report("merge", b.key("pr"), a.targets, at)
		e.Environment = ""
		e.Title = "Merged: " + b.reason(a.topic)
		b.by(&e, a.kind, false)
		a.bites = []bite{{at: at, dose: 1}}
		b.tell(a, e)
	default:
		b.act(a, n)
	}
	b.acts = append(b.acts, a)
}

func (b *builder) reason(topic string) string {
	reason := pick(b, b.words.reasons)
	if containsVerb(reason) {
		return fmt.Sprintf(reason, topic)
	}
	return reason
}

func containsVerb(text string) bool {
	for i := range len(text) - 1 {
		if text[i] == '%' && text[i+1] == 's' {
			return true
		}
	}
	return false
}

// deploy goes to staging, and then to production: everywhere at once, from region to region, or by steps.
func (b *builder) deploy(a *act, n *node) {
	t := b.tools["deploy"]
	previous := version(n.release)
	if b.chance(0.15) {
		n.release = [2]int{n.release[0] + 1, 0}
	} else {
		n.release[1]++
	}
	now, commit, reason := version(n.release), b.sha(), b.reason(a.topic)
	if n.release[1] == 0 {
		a.harm *= 1.8
	}
	if hour := a.start.Hour(); hour < 7 || hour > 19 {
		a.harm *= 1.3
	}
	fill := func(e *Event) {
		e.Title = fmt.Sprintf(b.words.deploy, n.name, now, e.Environment)
		if t.version {
			e.Version, e.Previous = now, previous
		}
		if t.commit {
			e.Commit = commit
		}
		if t.diff || b.chance(0.4) {
			e.Title += ": " + reason
		}
	}
	if b.chance(b.shape.Stories) {
		merge := b.report("merge", b.key("pr"), a.targets, a.start.Add(-b.between(15*time.Minute, 3*time.Hour)))
		merge.Environment, merge.Title, merge.Commit = "", "Merged: "+reason, commit
		if lines := b.spread(60, 1.3); b.tools["merge"].diff {
			if lines > 300 {
				a.harm *= 1.7
			}
			merge.Labels = map[string]string{"changed_lines": strconv.Itoa(int(lines)), "changed_files": strconv.Itoa(1 + int(lines)/30)}
		}
		b.by(&merge, "merge", false)
		b.tell(a, merge)
		build := b.report("build", b.key("run"), a.targets, a.start.Add(-b.between(3*time.Minute, 9*time.Minute)))
		build.Environment, build.Title, build.Commit, build.Version = "", "Built "+n.name+" "+now, commit, now
		b.tell(a, build)
	}
	if b.chance(0.5) {
		staged := b.report("deploy", b.key("deploy"), a.targets, a.start.Add(-b.between(4*time.Minute, 50*time.Minute)))
		if staged.Environment != "" {
			staged.Environment = b.words.staging
			fill(&staged)
			b.by(&staged, "deploy", false)
			b.tell(a, staged)
		}
	}
	regions := []string{""}
	if len(b.shape.Regions) > 1 && b.chance(b.shape.Trains) {
		regions = slices.Clone(b.shape.Regions)
	}
	at := a.start
	for _, region := range regions {
		key := b.key("deploy")
		took := b.spread(4*time.Minute, 0.6)
		canary := b.chance(b.shape.Canaries)
		failed := b.chance(0.03)
		if failed {
			a.harm *= 3
		}
		steps := []float64{1}
		if canary {
			steps = []float64{0.05, 0.25, 0.5, 1}
			took = b.spread(35*time.Minute, 0.5)
		}
		for i, share := range steps {
			step := at.Add(took * time.Duration(i) / time.Duration(len(steps)))
			dose := share
			if i > 0 {
				dose -= steps[i-1]
			}
			a.bites = append(a.bites, bite{at: step, region: region, dose: dose})
			if !t.phases && i > 0 {
				continue
			}
			e := b.report("deploy", key, a.targets, at)
			e.Told = step.Add(b.between(time.Second, 20*time.Second))
			fill(&e)
			b.place(&e, "deploy", region, a.targets[0])
			b.by(&e, "deploy", b.chance(0.5))
			if t.phases {
				e.Phase = "started"
				if canary {
					percent := 100 * share
					e.Exposure = &percent
				}
			}
			if t.atEnd {
				e.Told = at.Add(took).UTC().Truncate(time.Second)
				if canary {
					e.EndedAt = e.Told
				} else {
					e.StartedAt = e.Told
				}
			}
			b.tell(a, e)
		}
		a.end = at.Add(took)
		if t.phases {
			e := b.report("deploy", key, a.targets, at)
			fill(&e)
			b.place(&e, "deploy", region, a.targets[0])
			e.Phase, e.EndedAt, e.Told = "succeeded", a.end.UTC().Truncate(time.Second), a.end.Add(b.between(time.Second, 10*time.Second))
			if failed {
				e.Phase = "failed"
			}
			b.tell(a, e)
		}
		at = a.end.Add(b.between(10*time.Minute, 35*time.Minute))
	}
}

func version(release [2]int) string { return fmt.Sprintf("%d.%d.0", release[0], release[1]) }

// ramp turns a flag or an experiment, at once or over hours.
func (b *builder) ramp(a *act, n *node) {
	name := fmt.Sprintf("%s-%s", pick(b, []string{"new", "fast", "show", "use", "async", "v2"}), lower(pick(b, n.topics)))
	a.topic = name
	shares := []float64{0, 100}
	switch {
	case a.kind == "experiment":
		shares = []float64{0, 10, 50}
	case b.chance(0.45):
		shares = []float64{0, 1, 10, 50, 100}
	case b.chance(0.3):
		shares = []float64{100, 0}
		a.harm *= 0.6
	}
	at := a.start
	for i, share := range shares[1:] {
		before := shares[i]
		e := b.report(a.kind, b.key(a.kind), a.targets, at)
		e.Title = fmt.Sprintf(b.words.flag, name, percent(before), percent(share))
		if b.tools[a.kind].diff {
			e.Diff = []Diff{{Field: name, Old: percent(before), New: percent(share)}}
		}
		if b.tools[a.kind].phases {
			e.Exposure = &share
		}
		b.by(&e, a.kind, false)
		b.tell(a, e)
		a.bites = append(a.bites, bite{at: at, dose: max(share-before, before-share) / 100})
		a.end = at
		at = at.Add(b.spread(3*time.Hour, 0.8))
	}
}

func percent(share float64) string { return strconv.FormatFloat(share, 'f', -1, 64) + "%" }

func lower(topic string) string {
	var text []byte
	for i := range len(topic) {
		switch c := topic[i]; {
		case c >= 'A' && c <= 'Z':
			text = append(text, c+'a'-'A')
		case c >= 'a' && c <= 'z' || c >= '0' && c <= '9':
			text = append(text, c)
		case len(text) > 0 && text[len(text)-1] != '-':
			text = append(text, '-')
		}
	}
	return string(text)
}

// configure changes a setting, now and then of many services at once.
func (b *builder) configure(a *act, n *node) {
	if n.kind == "service" && b.chance(0.1) {
		for range 1 + b.rand.IntN(12) {
			if other := b.rand.IntN(b.services); !slices.Contains(a.targets, other) {
				a.targets = append(a.targets, other)
			}
		}
		a.harm *= 2
	}
	setting := pick(b, settings)
	before, after := strconv.Itoa(10+b.rand.IntN(90)), strconv.Itoa(10+b.rand.IntN(900))
	regions := []string{""}
	if len(b.shape.Regions) > 1 && b.chance(b.shape.Trains/2) {
		regions = b.shape.Regions
	}
	at := a.start
	for _, region := range regions {
		e := b.report("config", b.key("config"), a.targets, at)
		e.Title = fmt.Sprintf(b.words.config, setting, before, after)
		if len(a.targets) == 1 {
			e.Title = n.name + ": " + e.Title
		}
		if b.chance(0.4) {
			e.Title += " for " + a.topic
		}
		if b.tools["config"].diff {
			e.Diff = []Diff{{Field: setting, Old: before, New: after}}
		}
		b.place(&e, "config", region, a.targets[0])
		b.by(&e, "config", b.chance(0.2))
		b.tell(a, e)
		a.bites = append(a.bites, bite{at: at, region: region, dose: 1})
		a.end = at
		at = at.Add(b.between(15*time.Minute, time.Hour))
	}
}

// work is what takes a while, and does harm while it runs: migrations, maintenance, drills.
func (b *builder) work(a *act, n *node) {
	took := b.spread(8*time.Minute, 1)
	switch a.kind {
	case "schema":
		took = b.spread(12*time.Minute, 1.4)
		if n.kind == "service" {
			for _, e := range n.needs {
				if b.nodes[e.to].kind == "resource" && b.chance(0.5) {
					a.targets = append(a.targets, e.to)
					a.topic = b.nodes[e.to].topics[0]
					break
				}
			}
		}
	case "maintenance":
		took = b.spread(time.Hour, 0.7)
	}
	a.during, a.end = b.chance(0.75), a.start.Add(took)
	title := map[string]string{"maintenance": "Maintenance of " + n.name, "drill": "Game day: " + pick(b, []string{"kill instances of ", "add latency to ", "cut the network of "}) + n.name}[a.kind]
	if a.kind == "schema" {
		title = fmt.Sprintf(pick(b, schemas), a.topic)
	}
	key := b.key(a.kind)
	t := b.tools[a.kind]
	e := b.report(a.kind, key, a.targets, a.start)
	e.Title = title
	b.by(&e, a.kind, false)
	if t.phases {
		e.Phase = "started"
	}
	if t.atEnd { // it knows how long it took
		e.EndedAt = a.end.UTC().Truncate(time.Second)
		e.Told = latest(e.StartedAt, e.EndedAt).Add(time.Second)
	}
	b.tell(a, e)
	if t.phases {
		e.Phase, e.EndedAt, e.Told = "succeeded", a.end.UTC().Truncate(time.Second), a.end.Add(5*time.Second)
		if b.chance(0.03) {
			e.Phase = "failed"
			a.harm *= 3
		}
		b.tell(a, e)
	}
	a.bites = []bite{{at: a.start, dose: 1}}
}

// act is every other kind: one event, with an effect at once.
func (b *builder) act(a *act, n *node) {
	e := b.report(a.kind, b.key(a.kind), a.targets, a.start)
	region := ""
	switch a.kind {
	case "infrastructure":
		e.Title = pick(b, beneath)
		if n.kind == "resource" {
			e.Title = pick(b, []string{"instance class changed", "parameter group changed", "minor version upgraded", "storage resized", "terraform apply"}) + ": " + n.name
		} else {
			e.Title += " in " + n.name
			region = b.regionOf(a.targets[0])
		}
	case "secret":
		e.Title = pick(b, secrets) + " of " + n.name + " rotated"
	case "traffic":
		e.Title = pick(b, []string{"Weights of %s shifted", "Route of %s changed", "Rate limit of %s edited"})
		e.Title = fmt.Sprintf(e.Title, n.name)
		if len(b.shape.Regions) > 1 && b.chance(0.5) {
			region = pick(b, b.shape.Regions)
		}
	case "scaling":
		from := 4 + b.rand.IntN(20)
		to := max(from/2, 1)
		e.Title = fmt.Sprintf("%s scaled by hand %d to %d", n.name, from, to)
		if b.tools["scaling"].diff {
			e.Diff = []Diff{{Field: "replicas", Old: strconv.Itoa(from), New: strconv.Itoa(to)}}
		}
	case "rollback":
		e.Title = n.name + " rolled back"
	case "restart":
		e.Title = n.name + " restarted"
	}
	b.place(&e, a.kind, region, a.targets[0])
	b.by(&e, a.kind, a.kind == "infrastructure" && b.chance(0.4))
	if a.kind == "infrastructure" && b.tools[a.kind].phases {
		took := b.spread(6*time.Minute, 1)
		a.end = a.start.Add(took)
		e.Phase = "started"
		b.tell(a, e)
		e.Phase, e.EndedAt, e.Told = "succeeded", a.end.UTC().Truncate(time.Second), a.end.Add(3*time.Second)
		if b.chance(0.04) {
			e.Phase = "failed"
			a.harm *= 3
		}
	}
	b.tell(a, e)
	a.bites = []bite{{at: a.start, region: region, dose: 1}}
}

func (b *builder) regionOf(cluster int) string {
	if len(b.shape.Regions) == 0 {
		return ""
	}
	return b.shape.Regions[slices.Index(b.clusters, cluster)/b.shape.Clusters]
}

// clusterOf is the cluster that a service runs in, in a region; empty where it runs in several.
func (b *builder) clusterOf(node int, region string) string {
	found := ""
	for at, cluster := range b.clusters {
		if in := b.nodes[node].cluster; len(in) > 0 && !slices.Contains(in, at) || region != "" && b.regionOf(cluster) != region {
			continue
		}
		if found != "" {
			return ""
		}
		found = b.nodes[cluster].name
	}
	return found
}

// machine makes a change that nobody decided on: one, or a storm of them. An autoscaler that answers to trouble grows.
func (b *builder) machine(h habit, node int, at time.Time, grow bool) {
	n := &b.nodes[node]
	count := 1
	if h.kind == "scaling" && b.chance(0.1) {
		count = 3 + b.rand.IntN(8)
	}
	for range count {
		a := &act{kind: h.kind, targets: []int{node}, start: at, end: at, harm: h.harm, bites: []bite{{at: at, dose: 1}}}
		e := b.report(h.kind, b.key(h.kind), a.targets, at)
		switch h.kind {
		case "scaling":
			from := 3 + b.rand.IntN(12)
			to := max(1, from+b.rand.IntN(7)-3)
			if grow {
				to = from + 1 + b.rand.IntN(from)
			}
			if 3*to > 2*from {
				a.harm = 0 // only what is left with much less can break
			} else {
				a.harm *= 3
			}
			e.Title = fmt.Sprintf("%s %d to %d instances", n.name, from, to)
			if b.tools["scaling"].diff {
				e.Diff = []Diff{{Field: "replicas", Old: strconv.Itoa(from), New: strconv.Itoa(to)}}
			}
		case "restart":
			e.Title = n.name + " restarted: " + pick(b, []string{"liveness", "node drained", "out of memory", "evicted"})
		default:
			e.Title = n.name + ": configuration synchronised"
		}
		region := ""
		if len(b.shape.Regions) > 0 {
			region = pick(b, b.shape.Regions)
		}
		b.place(&e, h.kind, region, node)
		b.by(&e, h.kind, true)
		b.tell(a, e)
		b.acts = append(b.acts, a)
		at = at.Add(b.between(20*time.Second, 3*time.Minute))
	}
}

// alarm makes a service alert, about a topic when there is one, and gives what it names.
func (b *builder) alarm(node int, at time.Time, paging bool, topic, region string) string {
	n := &b.nodes[node]
	about, named := n.name, topic
	if named == "" && b.chance(unmeant) && len(n.topics) > 0 {
		named = pick(b, n.topics)
	}
	if named != "" {
		about = named + " of " + n.name
	}
	e := b.report("alert", b.key("alert"), []int{node}, at)
	e.Title = fmt.Sprintf(pick(b, b.words.alert), about)
	e.Labels = map[string]string{"severity": "warning"}
	if paging {
		e.Labels["severity"] = "critical"
	}
	if b.tools["alert"].region {
		e.Region = region
	}
	if !b.tools["alert"].phases {
		b.events = append(b.events, e)
		return named
	}
	// What means something fires for as long as the trouble lasts; what means nothing flaps, or fires for days.
	lasts := b.spread(40*time.Minute, 0.6)
	if topic == "" && !paging && b.chance(0.3) {
		lasts = b.spread(20*time.Hour, 1)
	}
	e.Phase = "started"
	b.events = append(b.events, e)
	e.Phase, e.EndedAt = "succeeded", e.StartedAt.Add(lasts).Truncate(time.Second)
	e.Told = e.EndedAt.Add(b.between(time.Second, 20*time.Second))
	b.events = append(b.events, e)
	return named
}

// unmeant is how likely an alert names something that has nothing to do with its cause.
const unmeant = 0.3
