//go:build unix

package main

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"time"

	"tidings.dev/tidings/internal/kubernetestest"
)

// user is somebody who operates, and how the feed should name them.
type user struct {
	kubeconfig string
	flags      []string
	actor      actor
}

var users = []user{
	{kubernetestest.Alice, nil, actor{"person", "alice@example.com", "kubectl"}},
	{kubernetestest.Bob, nil, actor{"person", "bob@example.com", "kubectl"}},
	{kubernetestest.Carol, nil, actor{"person", "carol@example.com", "kubectl"}},
	{kubernetestest.CI, nil, actor{"automation", "ci/deployer", "kubectl"}},
	{kubernetestest.Carol, []string{"--as", "bob@example.com", "--as-group", "developers"}, actor{"person", "bob@example.com", "kubectl"}},
}

// autoscaler is who scales by itself.
var autoscaler = actor{"automation", "autoscaler", "HorizontalPodAutoscaler"}

// performer performs operations, and writes down what they should lead to.
type performer struct {
	cluster kubernetestest.Cluster
	random  *rand.Rand
	world   *world
	tell    func(format string, args ...any)

	number    int
	what      string
	who       user
	at        time.Time
	steps     []*step
	sufferers []*suffering
	counts    map[string]int
	away      bool // the agent sees nothing just now

	apart time.Duration // between two operations
	ended time.Time     // the last one
}

// operation is something that people do to a cluster.
type operation struct {
	name   string
	weight int
	// fits reports whether it can be done to a workload; nil for one that is done to none.
	fits func(*workload) bool
	do   func(context.Context, *performer, *workload) error
}

func rolls(w *workload) bool { return !w.paused && !w.broken }

func deployment(w *workload) bool { return w.kind == "deployment" && rolls(w) }

var operations = []operation{
	{"set image", 14, rolls, setImage},
	{"apply", 8, func(w *workload) bool { return rolls(w) && w.scaler == nil }, apply},
	{"apply the same", 3, rolls, applySame},
	{"scale", 10, func(w *workload) bool {
		return (w.kind == "deployment" || w.kind == "statefulset") && rolls(w) && w.scaler == nil
	}, scale},
	{"autoscale", 4, func(w *workload) bool { return deployment(w) && w.scaler == nil }, autoscale},
	{"raise the floor", 5, func(w *workload) bool { return deployment(w) && w.scaler != nil && w.scaler.min < w.scaler.max }, raiseFloor},
	{"end autoscaling", 2, func(w *workload) bool { return w.scaler != nil }, endAutoscaling},
	{"edit a config map", 8, nil, editConfig},
	{"edit a secret", 6, nil, editSecret},
	{"roll back", 7, func(w *workload) bool {
		return w.kind != "cronjob" && rolls(w) && w.hasEarlier()
	}, rollBack},
	{"restart", 3, func(w *workload) bool { return w.kind != "cronjob" && rolls(w) }, restart},
	{"pause", 4, deployment, pause},
	{"resume", 9, func(w *workload) bool { return w.paused }, resume},
	{"delete", 3, func(w *workload) bool { return rolls(w) && w.scaler == nil && w.kind != "daemonset" }, remove},
	{"recreate", 9, nil, recreate},
	{"rename", 2, func(w *workload) bool { return deployment(w) && w.scaler == nil && w.host == "" && len(w.configs) == 0 }, rename},
	{"bad image", 4, deployment, badImage},
	{"mend the image", 9, func(w *workload) bool { return w.broken }, mend},
	{"crash", 4, deployment, crash},
	{"annotate", 4, func(*workload) bool { return true }, annotate},
	{"set env", 8, rolls, setEnvironment},
	{"set memory", 5, rolls, setMemory},
	{"expose", 4, func(w *workload) bool { return deployment(w) && w.host == "" }, expose},
	{"move the host", 2, func(w *workload) bool { return w.host != "" }, moveHost},
	{"hide", 3, func(w *workload) bool { return w.host != "" }, hide},
	{"suspend", 5, func(w *workload) bool { return w.kind == "cronjob" }, suspend},
	{"reschedule", 3, func(w *workload) bool { return w.kind == "cronjob" }, reschedule},
	{"noise", 8, func(w *workload) bool { return w.kind != "cronjob" && rolls(w) }, noise},
}

// next performs one operation.
func (p *performer) next(ctx context.Context) error {
	if err := p.wait(ctx); err != nil {
		return err
	}
	defer func() { p.ended = time.Now() }()
	p.number++
	p.who = users[p.random.IntN(len(users))]
	for {
		op := p.draw()
		var w *workload
		if op.fits != nil {
			var fit []*workload
			for _, w := range p.world.workloads {
				if w.there && w.name != "beacon" && op.fits(w) {
					fit = append(fit, w)
				}
			}
			if len(fit) == 0 {
				continue
			}
			w = fit[p.random.IntN(len(fit))]
		}
		p.what = op.name
		before := len(p.steps) + len(p.sufferers)
		if err := op.do(ctx, p, w); errors.Is(err, errNothing) {
			continue
		} else if err != nil {
			return fmt.Errorf("operation %d, %s: %w", p.number, op.name, err)
		}
		p.counts[op.name]++
		object := ""
		if w != nil {
			object = w.object()
		}
		p.tell("%s %4d %-18s by %-17s leads to %d  %s", clock(time.Now()), p.number, op.name, p.who.actor.Name, len(p.steps)+len(p.sufferers)-before, object)
		return nil
	}
}

// wait lets time pass since the operation before.
func (p *performer) wait(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(time.Until(p.ended.Add(p.apart))):
		return nil
	}
}

var errNothing = errors.New("there is nothing to do it to")

func (p *performer) draw() operation {
	sum := 0
	for _, op := range operations {
		sum += op.weight
	}
	n := p.random.IntN(sum)
	for _, op := range operations {
		if n -= op.weight; n < 0 {
			return op
		}
	}
	return operations[0]
}

// kubectl does something as the user of the operation; input is for -f -.
func (p *performer) kubectl(ctx context.Context, input string, args ...string) error {
	p.at = time.Now()
	_, err := p.cluster.Kubectl(ctx, p.who.kubeconfig, input, append(slices.Clone(p.who.flags), args...)...)
	return err
}

// on does something to a workload.
func (p *performer) on(ctx context.Context, w *workload, verb []string, args ...string) error {
	return p.kubectl(ctx, "", slices.Concat([]string{"--namespace", w.namespace}, verb, []string{w.kind + "/" + w.name}, args)...)
}

// arrange does something that nobody does: it is of the harness.
func (p *performer) arrange(ctx context.Context, input string, args ...string) (string, error) {
	return p.cluster.Kubectl(ctx, kubernetestest.Admin, input, args...)
}

func (p *performer) step(s step) *step {
	s.number, s.what, s.at, s.done = p.number, p.what, p.at, time.Now()
	if s.actors == nil {
		s.actors = []actor{p.who.actor}
	}
	if s.phases == nil {
		s.phases = []string{"succeeded"}
	}
	p.steps = append(p.steps, &s)
	return &s
}

func (p *performer) changed(w *workload, aspect string, before, after fields, kinds ...string) *step {
	return p.step(step{object: w.object(), incarnation: w.incarnation, aspect: aspect, services: []string{w.service}, before: before, after: after, kinds: kinds})
}

// roll brings a template, which the caller has given to the cluster, and waits until it has reached all pods.
func (p *performer) roll(ctx context.Context, w *workload, t template, kinds ...string) error {
	before := w.template()
	w.put(t)
	s := p.changed(w, aspectTemplate, before.fields(), t.fields(), kinds...)
	if w.kind == "cronjob" {
		return nil
	}
	if err := p.rolled(ctx, w); err != nil {
		return err
	}
	s.done = time.Now()
	return nil
}

func (p *performer) rolled(ctx context.Context, w *workload) error {
	if w.kind == "cronjob" {
		return nil
	}
	_, err := p.arrange(ctx, "", "--namespace", w.namespace, "rollout", "status", w.kind+"/"+w.name, "--timeout=90s")
	return err
}

func setImage(ctx context.Context, p *performer, w *workload) error {
	t := w.template().with(func(t *template) { t.image = p.world.image(w.name) })
	if err := p.on(ctx, w, []string{"set", "image"}, "main="+t.image); err != nil {
		return err
	}
	return p.roll(ctx, w, t, "deploy")
}

func apply(ctx context.Context, p *performer, w *workload) error {
	before, replicas := w.template(), w.replicas
	t := before.with(func(t *template) { t.image = p.world.image(w.name) })
	if p.random.IntN(3) == 0 {
		t = t.with(func(t *template) { t.env["APPLIED"] = p.world.secret() })
	}
	old := w.revisions
	w.put(t)
	scaled := (w.kind == "deployment" || w.kind == "statefulset") && p.random.IntN(3) == 0
	if scaled {
		w.replicas = p.other(w.replicas)
	}
	if err := p.kubectl(ctx, w.manifest(), "apply", "-f", "-"); err != nil {
		return err
	}
	if scaled {
		p.changed(w, aspectReplicas, count(replicas), count(w.replicas), "scaling")
	}
	w.revisions = old
	return p.roll(ctx, w, t, "deploy")
}

func applySame(ctx context.Context, p *performer, w *workload) error {
	if w.scaler != nil {
		return errNothing // the manifest says nothing of replicas then, and kubectl would take them away
	}
	return p.kubectl(ctx, w.manifest(), "apply", "-f", "-")
}

func count(replicas int) fields { return fields{"replicas": strconv.Itoa(replicas)} }

// other is a number of replicas that is not the same.
func (p *performer) other(replicas int) int {
	n := 1 + p.random.IntN(4)
	if n >= replicas {
		n++
	}
	return n
}

func scale(ctx context.Context, p *performer, w *workload) error {
	before := w.replicas
	n := p.other(before)
	if err := p.on(ctx, w, []string{"scale"}, "--replicas", strconv.Itoa(n)); err != nil {
		return err
	}
	w.replicas = n
	p.changed(w, aspectReplicas, count(before), count(n), "scaling")
	return p.rolled(ctx, w)
}

func (s *scaler) fields() fields {
	if s == nil {
		return fields{}
	}
	return fields{"autoscaling/min": strconv.Itoa(s.min), "autoscaling/max": strconv.Itoa(s.max), "autoscaling/targets": "cpu 80%"}
}

// autoscale begins with bounds that hold already. The pods ask for no processor, so that the controller cannot tell how much of it
// they use where there are metrics, and scales by its bounds alone.
func autoscale(ctx context.Context, p *performer, w *workload) error {
	s := &scaler{min: 1, max: w.replicas + 2}
	if err := p.on(ctx, w, []string{"autoscale"}, "--min", "1", "--max", strconv.Itoa(s.max), "--cpu-percent", "80"); err != nil {
		return err
	}
	p.changed(w, aspectAutoscaling, w.scaler.fields(), s.fields(), "config")
	w.scaler = s
	return nil
}

// raiseFloor lets the real controller scale: more are asked for at least than there are.
func raiseFloor(ctx context.Context, p *performer, w *workload) error {
	s := &scaler{min: min(w.replicas+1, w.scaler.max), max: w.scaler.max}
	if s.min == w.scaler.min {
		return errNothing
	}
	if err := p.kubectl(ctx, "", "--namespace", w.namespace, "patch", "hpa", w.name, "--type=merge", "--patch", fmt.Sprintf(`{"spec":{"minReplicas":%d}}`, s.min)); err != nil {
		return err
	}
	p.changed(w, aspectAutoscaling, w.scaler.fields(), s.fields(), "config")
	w.scaler = s
	if s.min <= w.replicas {
		return nil
	}
	before := w.replicas
	w.replicas = s.min
	if _, err := p.arrange(ctx, "", "--namespace", w.namespace, "wait", w.kind+"/"+w.name, "--for=jsonpath={.spec.replicas}="+strconv.Itoa(s.min), "--timeout=60s"); err != nil {
		return err
	}
	p.changed(w, aspectReplicas, count(before), count(w.replicas), "scaling").actors = []actor{autoscaler}
	return p.rolled(ctx, w)
}

func endAutoscaling(ctx context.Context, p *performer, w *workload) error {
	if err := p.kubectl(ctx, "", "--namespace", w.namespace, "delete", "hpa", w.name); err != nil {
		return err
	}
	p.changed(w, aspectAutoscaling, w.scaler.fields(), fields{}, "config")
	w.scaler = nil
	return nil
}

func editConfig(ctx context.Context, p *performer, _ *workload) error {
	return edit(ctx, p, "configmap")
}

func editSecret(ctx context.Context, p *performer, _ *workload) error { return edit(ctx, p, "secret") }

// edit changes, adds or takes away a key.
func edit(ctx context.Context, p *performer, kind string) error {
	var fit []*data
	for _, d := range p.world.data {
		if d.kind == kind && len(p.world.users(d)) > 0 {
			fit = append(fit, d)
		}
	}
	if len(fit) == 0 {
		return errNothing
	}
	d := fit[p.random.IntN(len(fit))]
	before := d.keys
	keys := maps.Clone(before)
	patch := ""
	switch n := p.random.IntN(4); {
	case n == 0 && len(keys) > 2:
		gone := slices.Sorted(maps.Keys(keys))[len(keys)-1]
		delete(keys, gone)
		patch = fmt.Sprintf(`{"data":{%q:null}}`, gone)
	default:
		key := slices.Sorted(maps.Keys(keys))[p.random.IntN(len(keys))]
		if n == 1 {
			key = fmt.Sprintf("z%d", p.number)
		}
		keys[key] = p.world.secret()
		value := keys[key]
		if kind == "secret" {
			value = base64.StdEncoding.EncodeToString([]byte(value))
		}
		patch = fmt.Sprintf(`{"data":{%q:%q}}`, key, value)
	}
	if err := p.kubectl(ctx, "", "--namespace", d.namespace, "patch", d.kind, d.name, "--type=merge", "--patch", patch); err != nil {
		return err
	}
	d.keys = keys
	p.step(step{object: d.object(), incarnation: 1, aspect: aspectData, services: p.world.users(d), before: before, after: keys, kinds: []string{either(kind == "secret", "secret", "config")}})
	return nil
}

func rollBack(ctx context.Context, p *performer, w *workload) error {
	t := w.revisions[len(w.revisions)-2]
	if err := p.on(ctx, w, []string{"rollout", "undo"}); err != nil {
		return err
	}
	return p.roll(ctx, w, t, "rollback")
}

// restart is no operation to go back behind: the annotation that it leaves makes a revision of its own.
func restart(ctx context.Context, p *performer, w *workload) error {
	if err := p.on(ctx, w, []string{"rollout", "restart"}); err != nil {
		return err
	}
	before := w.template().fields()
	after := maps.Clone(before)
	after["restarted_at"] = "now"
	before["restarted_at"] = "before"
	s := p.changed(w, aspectTemplate, before, after, "restart")
	w.revisions = w.revisions[len(w.revisions)-1:]
	if err := p.rolled(ctx, w); err != nil {
		return err
	}
	s.done = time.Now()
	return nil
}

func pause(ctx context.Context, p *performer, w *workload) error {
	if err := p.on(ctx, w, []string{"rollout", "pause"}); err != nil {
		return err
	}
	w.paused = true
	p.changed(w, aspectSettings, fields{"paused": "false"}, fields{"paused": "true"}, "config")
	return nil
}

func resume(ctx context.Context, p *performer, w *workload) error {
	if err := p.on(ctx, w, []string{"rollout", "resume"}); err != nil {
		return err
	}
	w.paused = false
	p.changed(w, aspectSettings, fields{"paused": "true"}, fields{"paused": "false"}, "config")
	return p.rolled(ctx, w)
}

func incarnation(n int) fields { return fields{"uid": strconv.Itoa(n)} }

func remove(ctx context.Context, p *performer, w *workload) error {
	if err := p.on(ctx, w, []string{"delete"}); err != nil {
		return err
	}
	p.changed(w, aspectExistence, incarnation(w.incarnation), fields{}, "infrastructure")
	w.there = false
	return nil
}

func recreate(ctx context.Context, p *performer, _ *workload) error {
	var gone []*workload
	for _, w := range p.world.workloads {
		if !w.there {
			gone = append(gone, w)
		}
	}
	if len(gone) == 0 {
		return errNothing
	}
	return create(ctx, p, gone[p.random.IntN(len(gone))])
}

func create(ctx context.Context, p *performer, w *workload) error {
	w.there, w.incarnation, w.paused = true, w.incarnation+1, false
	w.revisions = []template{w.template().with(func(t *template) { t.image = p.world.image(w.name) })}
	if err := p.kubectl(ctx, w.manifest(), "apply", "-f", "-"); err != nil {
		return err
	}
	s := p.changed(w, aspectExistence, fields{}, incarnation(w.incarnation), "deploy")
	if err := p.rolled(ctx, w); err != nil {
		return err
	}
	s.done = time.Now()
	return nil
}

// rename is how one renames in Kubernetes: under another name, and the old one is deleted.
func rename(ctx context.Context, p *performer, w *workload) error {
	renamed := &workload{}
	*renamed = *w
	renamed.name, renamed.incarnation = fmt.Sprintf("%s-n%d", strings.SplitN(w.name, "-n", 2)[0], p.number), 0
	renamed.service = strings.TrimSuffix(w.service, w.name) + renamed.name
	if _, err := p.arrange(ctx, renamed.front(), "apply", "-f", "-"); err != nil {
		return err
	}
	if err := create(ctx, p, renamed); err != nil {
		return err
	}
	p.world.workloads = append(p.world.workloads, renamed)
	if err := remove(ctx, p, w); err != nil {
		return err
	}
	p.world.workloads = slices.DeleteFunc(p.world.workloads, func(other *workload) bool { return other == w })
	return nil
}

func (p *performer) suffers(w *workload, required string, allowed ...string) *suffering {
	s := &suffering{number: p.number, object: w.object(), service: w.service, required: []string{required}, allowed: allowed, at: p.at, unseen: p.away}
	p.sufferers = append(p.sufferers, s)
	return s
}

// unseen says that nobody has to tell of a trouble: what the agent had not sent yet goes with it, and may be over when it looks
// again.
func (p *performer) unseen(number int) {
	for _, s := range p.sufferers {
		if s.number == number {
			s.unseen = true
		}
	}
}

// badImage brings an image that cannot be pulled: the rollout never comes to its end.
func badImage(ctx context.Context, p *performer, w *workload) error {
	t := w.template().with(func(t *template) { t.image = p.world.image(w.name) + "-does-not-exist" })
	if err := p.on(ctx, w, []string{"set", "image"}, "main="+t.image); err != nil {
		return err
	}
	before := w.template()
	w.put(t)
	w.broken = true
	p.changed(w, aspectTemplate, before.fields(), t.fields(), "deploy").phases = []string{"started", "failed", "cancelled"}
	p.suffers(w, "image_pull")
	return waitBriefly(ctx, 5*time.Second) // the back-off begins two seconds after the first try
}

func waitBriefly(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

func mend(ctx context.Context, p *performer, w *workload) error {
	w.broken = false
	if w.hasEarlier() && p.random.IntN(2) == 0 {
		return rollBack(ctx, p, w)
	}
	return setImage(ctx, p, w)
}

// crash lets all pods of a workload fail in one of the ways that pods do, and heals them. Nobody does that: it is trouble,
// and no change.
func crash(ctx context.Context, p *performer, w *workload) error {
	way := []string{"crash", "memory", "probe", "evict"}[p.random.IntN(4)]
	pods := []string{"--namespace", w.namespace, "annotate", "pods", "--selector", "app=" + w.name, "--field-selector", "status.phase=Running", "--overwrite"}
	p.at = time.Now()
	if _, err := p.arrange(ctx, "", append(pods, "rig.tidings.dev/fail="+way)...); err != nil {
		return err
	}
	switch way {
	case "crash":
		p.suffers(w, "crash_loop")
	case "memory":
		p.suffers(w, "out_of_memory", "crash_loop")
	case "probe":
		p.suffers(w, "probe")
	case "evict":
		p.suffers(w, "eviction")
		if err := waitBriefly(ctx, time.Second); err != nil {
			return err
		}
		return p.rolled(ctx, w)
	}
	// One that failed once is no trouble, and neither is one that is not ready for a moment.
	if err := waitBriefly(ctx, either(way == "probe", 18*time.Second, 2*time.Second)); err != nil {
		return err
	}
	if _, err := p.arrange(ctx, "", "--namespace", w.namespace, "annotate", "pods", "--selector", "app="+w.name, "rig.tidings.dev/fail-"); err != nil {
		return err
	}
	_, err := p.arrange(ctx, "", "--namespace", w.namespace, "wait", "pods", "--selector", "app="+w.name, "--field-selector", "status.phase=Running", "--for=condition=Ready", "--timeout=60s")
	return err
}

// annotate says something of the roll, which is no change of what runs.
func annotate(ctx context.Context, p *performer, w *workload) error {
	owner, tier := fmt.Sprintf("team-%d", p.random.IntN(100)), strconv.Itoa(p.random.IntN(4))
	return p.on(ctx, w, []string{"annotate", "--overwrite"}, "tidings.dev/owner="+owner, "tidings.dev/tier="+tier)
}

func setEnvironment(ctx context.Context, p *performer, w *workload) error {
	name := []string{"LEVEL", "FEATURE", "REGION"}[p.random.IntN(3)]
	t := w.template().with(func(t *template) { t.env[name] = p.world.secret() })
	if err := p.on(ctx, w, []string{"set", "env"}, name+"="+t.env[name]); err != nil {
		return err
	}
	return p.roll(ctx, w, t, "config")
}

func setMemory(ctx context.Context, p *performer, w *workload) error {
	p.world.numbers++
	t := w.template().with(func(t *template) { t.memory = strconv.Itoa(128+p.world.numbers) + "Mi" })
	if err := p.on(ctx, w, []string{"set", "resources"}, "--limits=memory="+t.memory); err != nil {
		return err
	}
	return p.roll(ctx, w, t, "config")
}

func (p *performer) route(w *workload, aspect string, before, after fields) *step {
	return p.step(step{object: w.namespace + "/ingress/" + w.name, incarnation: w.hostings, aspect: aspect, services: []string{w.service}, before: before, after: after, kinds: []string{"traffic"}})
}

func expose(ctx context.Context, p *performer, w *workload) error {
	w.host = fmt.Sprintf("h%d.example.com", p.number)
	if err := p.kubectl(ctx, w.ingress(), "apply", "-f", "-"); err != nil {
		return err
	}
	w.hostings++
	p.route(w, aspectExistence, fields{}, incarnation(w.hostings))
	return nil
}

func moveHost(ctx context.Context, p *performer, w *workload) error {
	before := w.host
	w.host = fmt.Sprintf("h%d.example.com", p.number)
	if err := p.kubectl(ctx, w.ingress(), "apply", "-f", "-"); err != nil {
		return err
	}
	p.route(w, aspectTraffic, fields{"hosts": before}, fields{"hosts": w.host})
	return nil
}

func hide(ctx context.Context, p *performer, w *workload) error {
	if err := p.kubectl(ctx, "", "--namespace", w.namespace, "delete", "ingress", w.name); err != nil {
		return err
	}
	w.host = ""
	p.route(w, aspectExistence, incarnation(w.hostings), fields{})
	return nil
}

func suspend(ctx context.Context, p *performer, w *workload) error {
	before := w.suspended
	if err := p.on(ctx, w, []string{"patch", "--type=merge", "--patch", fmt.Sprintf(`{"spec":{"suspend":%v}}`, !before)}); err != nil {
		return err
	}
	w.suspended = !before
	p.changed(w, aspectSettings, fields{"suspended": strconv.FormatBool(before)}, fields{"suspended": strconv.FormatBool(w.suspended)}, "config")
	return nil
}

func reschedule(ctx context.Context, p *performer, w *workload) error {
	before := w.schedule
	p.world.numbers++
	w.schedule = fmt.Sprintf("%d %d 1 1 *", p.world.numbers%60, p.world.numbers/60%24)
	if err := p.on(ctx, w, []string{"patch", "--type=merge", "--patch", fmt.Sprintf(`{"spec":{"schedule":%q}}`, w.schedule)}); err != nil {
		return err
	}
	p.changed(w, aspectSettings, fields{"schedule": before}, fields{"schedule": w.schedule}, "config")
	return nil
}

// noise is what goes on in every cluster, and nobody wants to read of.
func noise(ctx context.Context, p *performer, w *workload) error {
	space := []string{"--namespace", w.namespace}
	p.world.numbers++
	n := p.world.numbers
	switch p.random.IntN(7) {
	case 0: // a note that means nothing to us
		return p.on(ctx, w, []string{"annotate", "--overwrite"}, fmt.Sprintf("example.com/note=%d", n))
	case 1: // a pod is replaced
		if w.kind == "daemonset" {
			return errNothing
		}
		if err := p.kubectl(ctx, "", append(space, "delete", "pods", "--selector", "app="+w.name, "--wait=false")...); err != nil {
			return err
		}
		if err := waitBriefly(ctx, time.Second); err != nil {
			return err
		}
		return p.rolled(ctx, w)
	case 2: // somebody leads
		return p.kubectl(ctx, fmt.Sprintf("apiVersion: coordination.k8s.io/v1\nkind: Lease\nmetadata: {name: leader, namespace: %s}\nspec: {holderIdentity: pod-%d}\n", w.namespace, n), "apply", "-f", "-")
	case 3: // somebody leads in the old way
		return p.kubectl(ctx, fmt.Sprintf("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: operator-leader, namespace: %s, annotations: {control-plane.alpha.kubernetes.io/leader: 'pod-%d'}}\ndata: {holder: 'pod-%d'}\n", w.namespace, n, n), "apply", "-f", "-")
	case 4: // nothing uses it
		return p.kubectl(ctx, fmt.Sprintf("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: unused, namespace: %s}\ndata: {value: %q}\n", w.namespace, p.world.secret()), "apply", "-f", "-")
	case 5: // a status alone
		_, err := p.arrange(ctx, "", append(space, "patch", w.kind, w.name, "--subresource=status", "--type=merge", "--patch", `{"status":{"observedGeneration":0}}`)...)
		return err
	default: // a label that means nothing to us
		return p.on(ctx, w, []string{"label", "--overwrite"}, fmt.Sprintf("example.com/batch=%d", n))
	}
}
