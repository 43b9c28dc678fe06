package watch

import (
	"crypto/sha256"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"

	"tidings.dev/tidings/integrations/kubernetes"
	"tidings.dev/tidings/observe"
)

// world is everything that is known of the cluster, stripped, and what was sent of it. One goroutine owns it.
type world struct {
	to    observe.Sink
	now   func() time.Time
	asked map[string]bool // the collections that are sent

	have    map[*scope]have
	state   map[*scope]condition
	waiting int  // scopes that have neither told anything nor failed for good
	synced  bool // everything was put once

	workloads   map[string]*record // by the name under which they are sent, as all others are
	byUID       map[types.UID]*record
	byNamespace map[string]map[string]*record
	revisions   map[types.UID]map[types.UID]*revision // by what they are of
	makers      map[types.UID]types.UID               // who made a ReplicaSet or a Job
	jobs        map[types.UID]map[types.UID]*workload // of a CronJob
	borrowers   map[string]map[string]bool            // of a Deployment's template
	pods        map[types.UID]map[string]*pod         // by owner, and name
	warnings    map[string]map[string]*warning        // by "namespace/Kind/name", and the event's name
	scalers     map[string]map[string]*autoscaler     // by what they scale, and name
	rescaled    map[string]rescale                    // by the name of the autoscaler
	stands      *stands
	configs     map[string]*config
	users       map[string]map[string]bool // of a config
	routes      map[string]*route
	services    map[string]map[string]*route // by namespace and name, all that there are
	leading     map[string]map[string]bool   // the routes that lead to a service
	slices      map[string]map[string]*slice // by the service that they are of, and name
	awaited     map[string]map[string]bool   // what leads to a pod that was not seen yet
	releases    map[string]map[string]*release
	members     map[string]map[string]bool // the workloads of a release
	installed   map[string][]string        // those that it had last
	nodes       map[string]*node
	stranded    map[string][]string // the workloads that were on a node when it was last well
	namespaces  map[string]*namespace

	sent    map[string]sent
	pending map[string]due

	troubled map[*scope]string
}

// condition is how a scope is doing.
type condition int

const (
	unheard condition = iota
	refused
	whole
)

// sent is what was last put of an object: its hash without who wrote it, and also without the counts of pods.
type sent struct {
	collection  string
	whole, kept [16]byte
}

// due says when an object is composed anew.
type due struct{ first, at time.Time }

// How long changes that nobody made are gathered.
const (
	quiet   = time.Second
	longest = 3 * time.Second
	// Outside of a rollout, counts of ready pods are told this far apart, and further while they go on changing.
	shortPause = 30 * time.Second
	longPause  = 15 * time.Minute
)

func newWorld(collections []string, to observe.Sink, now func() time.Time) *world {
	w := &world{
		to: to, now: now, asked: map[string]bool{},
		have: map[*scope]have{}, state: map[*scope]condition{},
		workloads: map[string]*record{}, byUID: map[types.UID]*record{}, byNamespace: map[string]map[string]*record{},
		revisions: map[types.UID]map[types.UID]*revision{}, makers: map[types.UID]types.UID{}, jobs: map[types.UID]map[types.UID]*workload{}, borrowers: map[string]map[string]bool{},
		pods: map[types.UID]map[string]*pod{}, warnings: map[string]map[string]*warning{},
		scalers: map[string]map[string]*autoscaler{}, rescaled: map[string]rescale{}, stands: &stands{},
		configs: map[string]*config{}, users: map[string]map[string]bool{},
		routes: map[string]*route{}, services: map[string]map[string]*route{}, leading: map[string]map[string]bool{},
		slices: map[string]map[string]*slice{}, awaited: map[string]map[string]bool{},
		releases: map[string]map[string]*release{}, members: map[string]map[string]bool{}, installed: map[string][]string{},
		nodes: map[string]*node{}, stranded: map[string][]string{}, namespaces: map[string]*namespace{},
		sent: map[string]sent{}, pending: map[string]due{}, troubled: map[*scope]string{},
	}
	for _, c := range collections {
		w.asked[c] = true
	}
	return w
}

func (w *world) expect(s *scope) {
	w.have[s] = have{}
	w.waiting++
}

// take works in what a reflector told.
func (w *world) take(d delta) {
	s := d.scope
	switch {
	case d.err != nil:
		w.failed(s, d.err)
		return
	case !d.all && len(d.objects) == 0:
		w.trouble(s, "")
		return
	case d.all:
		w.replace(s, d.objects)
		w.trouble(s, "")
		before := w.state[s]
		w.state[s] = whole
		if before == unheard {
			w.waiting--
		}
		if before != whole && w.synced {
			w.complete(s.collection)
		}
	case d.gone:
		for _, o := range d.objects {
			w.remove(s, o.key())
		}
	default:
		for _, o := range d.objects {
			w.set(s, o)
		}
	}
	if !w.synced && w.waiting == 0 {
		w.begin()
	}
}

func (w *world) failed(s *scope, err error) {
	if apierrors.IsForbidden(err) || apierrors.IsNotFound(err) || apierrors.IsMethodNotSupported(err) {
		if w.state[s] == unheard {
			w.state[s] = refused
			w.waiting--
		}
	}
	if !s.optional || !narrowed(s) || !apierrors.IsForbidden(err) {
		w.trouble(s, sentence(s, err))
	}
	if !w.synced && w.waiting == 0 && !w.blind() {
		w.begin()
	}
}

// narrowed reports whether a resource of the whole cluster is looked at beside single namespaces.
func narrowed(s *scope) bool { return s.cluster && len(s.excluded) == 0 }

// trouble says what cannot be seen of a collection, or that it can be seen again: in all of the scopes that it has.
func (w *world) trouble(s *scope, text string) {
	if w.troubled[s] == text {
		return
	}
	what := w.subject(s)
	before := w.sentence(what)
	if text == "" {
		delete(w.troubled, s)
	} else {
		w.troubled[s] = text
	}
	if after := w.sentence(what); after != before {
		w.to.Trouble(what, after)
	}
}

// subject is what a trouble is told of: a collection, or what feeds one.
func (w *world) subject(s *scope) string {
	if w.asked[s.collection] {
		return s.collection
	}
	return s.name
}

func (w *world) sentence(what string) string {
	var made string
	for s, text := range w.troubled {
		if w.subject(s) == what && (made == "" || text < made) {
			made = text
		}
	}
	return made
}

// sentence says what cannot be seen, and what to do about it.
func sentence(s *scope, err error) string {
	where := ""
	if s.namespace != "" {
		where = " in the namespace " + s.namespace
	}
	var status apierrors.APIStatus
	switch {
	case apierrors.IsForbidden(err):
		return s.name + where + ": forbidden: grant list and watch of them, as deploy/kubernetes/role.yaml does, or leave the kind out"
	case apierrors.IsUnauthorized(err):
		return s.name + where + ": the cluster does not know the agent any more: look whether its token or certificate has expired"
	case apierrors.IsNotFound(err):
		return s.name + where + ": the cluster does not serve " + strings.TrimPrefix(s.path, "/apis/") + ": it is older or newer than the agent"
	case errors.As(err, &status):
		return s.name + where + ": the cluster answers: " + said(status.Status().Message)
	}
	return s.name + where + ": the cluster cannot be reached; it is tried again"
}

// blind reports whether everything is refused.
func (w *world) blind() bool {
	if w.waiting > 0 || w.synced {
		return false
	}
	for s, state := range w.state {
		if state == whole && !s.custom {
			return false
		}
	}
	return true
}

func (w *world) excuse() string {
	var names []string
	for s, state := range w.state {
		if state == refused {
			names = append(names, s.name)
		}
	}
	return "refused are " + join(tidy(names))
}

// replace works in all objects of a scope: what is not among them is gone.
func (w *world) replace(s *scope, all []*object) {
	there := make(map[string]bool, len(all))
	for _, o := range all {
		there[o.key()] = true
	}
	for _, key := range w.have[s].sorted() {
		if !there[key] {
			w.remove(s, key)
		}
	}
	for _, o := range all {
		w.set(s, o)
	}
}

func (w *world) set(s *scope, o *object) {
	key := o.key()
	old := w.have[s][key]
	if old != nil && old.uid != o.uid {
		// It was deleted and made again while nobody looked.
		w.remove(s, key)
		old = nil
	}
	w.have[s][key] = o
	var before any
	if old != nil {
		before = old.body
	}
	w.changed(o, before, o.body)
}

func (w *world) remove(s *scope, key string) {
	old := w.have[s][key]
	if old == nil {
		return
	}
	delete(w.have[s], key)
	w.changed(old, old.body, nil)
}

// changed works in one change of one object: before is nil for a new one, and after for one that is gone.
func (w *world) changed(o *object, before, after any) {
	kind := after
	if kind == nil {
		kind = before
	}
	switch kind.(type) {
	case *workload:
		w.workload(o, as[workload](before), as[workload](after))
	case *revision:
		w.revision(o, as[revision](before), as[revision](after))
	case *pod:
		w.pod(o, as[pod](before), as[pod](after))
	case *warning:
		w.warning(o, as[warning](before), as[warning](after))
	case *autoscaler:
		w.autoscaler(o, as[autoscaler](before), as[autoscaler](after))
	case *config:
		w.config(as[config](before), as[config](after))
	case *route:
		w.route(o, as[route](before), as[route](after))
	case *slice:
		w.slice(o, as[slice](before), as[slice](after))
	case *release:
		w.release(o, as[release](before), as[release](after))
	case *node:
		w.node(as[node](before), as[node](after))
	case *namespace:
		w.namespace(as[namespace](before), as[namespace](after))
	}
}

func as[T any](body any) *T {
	made, _ := body.(*T)
	return made
}

// put puts a state, unless it says what was put last. Who wrote an object is told with what they changed: programs that
// write the same again and again change nothing else.
func (w *world) put(name, collection string, meta *kubernetes.Meta, encoded func() ([]byte, error)) {
	if !w.synced || !w.asked[collection] {
		return
	}
	writers := meta.Writers
	meta.Writers = nil
	raw, err := encoded()
	if err != nil {
		return
	}
	hash := digest(raw)
	if old, known := w.sent[name]; known && old.whole == hash {
		return
	}
	meta.Writers = writers
	if raw, err = encoded(); err != nil {
		return
	}
	w.sent[name] = sent{collection: collection, whole: hash}
	w.to.Put(observe.Observation{Object: name, Collection: collection, State: raw, SeenAt: w.now().UTC()})
}

func digest(raw []byte) [16]byte {
	sum := sha256.Sum256(raw)
	return [16]byte(sum[:16])
}

// gone tells that an object does not exist any more.
func (w *world) gone(name string) {
	delete(w.pending, name)
	old, known := w.sent[name]
	if !known {
		return
	}
	delete(w.sent, name)
	w.to.Put(observe.Observation{Object: name, Collection: old.collection, Gone: true, SeenAt: w.now().UTC()})
}

// begin puts everything for the first time.
func (w *world) begin() {
	w.synced = true
	for name, n := range w.nodes {
		if !n.well() {
			w.stranded[name] = w.on(name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(w.namespaces)) {
		w.compose("namespace/" + name)
	}
	for _, name := range slices.Sorted(maps.Keys(w.nodes)) {
		w.compose("node/" + name)
	}
	for _, name := range slices.Sorted(maps.Keys(w.releases)) {
		w.compose(name)
	}
	for _, names := range [][]string{slices.Sorted(maps.Keys(w.workloads)), slices.Sorted(maps.Keys(w.configs)), slices.Sorted(maps.Keys(w.routes))} {
		for _, name := range names {
			w.compose(name)
		}
	}
	for _, c := range Collections() {
		w.complete(c)
	}
}

// complete says that a collection was put whole, where it was.
func (w *world) complete(collection string) {
	if collection == "" || !w.asked[collection] {
		return
	}
	for s := range w.have {
		if s.collection == collection && w.state[s] != whole {
			return
		}
	}
	w.to.Complete(collection)
}

// soon composes an object after a moment, in which more may come.
func (w *world) soon(name string) {
	if !w.synced {
		return
	}
	now := w.now()
	d, waits := w.pending[name]
	if !waits || d.first.After(now) {
		d.first = now
	}
	at := now.Add(quiet)
	if limit := d.first.Add(longest); at.After(limit) {
		at = limit
	}
	d.at = at
	w.pending[name] = d
}

// later composes an object at a time, if nothing comes before.
func (w *world) later(name string, at time.Time) {
	if d, waits := w.pending[name]; !waits || at.Before(d.at) {
		w.pending[name] = due{first: at, at: at}
	}
}

// catchUp composes what is due.
func (w *world) catchUp() {
	now := w.now()
	var names []string
	for name, d := range w.pending {
		if !d.at.After(now) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		delete(w.pending, name)
		w.compose(name)
	}
}

// wait is how long nothing is due.
func (w *world) wait() time.Duration {
	next := time.Hour
	now := w.now()
	for _, d := range w.pending {
		next = min(next, d.at.Sub(now))
	}
	return next
}

// compose puts an object as it is known now.
func (w *world) compose(name string) {
	delete(w.pending, name)
	if r := w.workloads[name]; r != nil {
		w.putWorkload(name, r)
		return
	}
	if c := w.configs[name]; c != nil {
		state := c.Config
		state.Environment = w.environment(state.Namespace)
		state.UsedBy = slices.Sorted(maps.Keys(w.users[name]))
		w.put(name, collectionOf(state.Kind), &state.Meta, func() ([]byte, error) { return encodeConfig(state) })
		return
	}
	if r := w.routes[name]; r != nil {
		if !r.open {
			w.gone(name)
			return
		}
		state := r.Route
		state.Environment = w.environment(state.Namespace)
		state.Workloads = w.behind(r)
		if r.Endpoints != nil {
			var writers []kubernetes.Writer
			state.Endpoints, writers = w.written(r)
			state.Writers = merged(state.Writers, writers)
		}
		w.put(name, collectionOf(state.Kind), &state.Meta, func() ([]byte, error) { return encode(state) })
		return
	}
	kind, rest, _ := strings.Cut(name, "/")
	switch {
	case kind == "node" && w.nodes[rest] != nil:
		state := w.nodes[rest].Node
		state.Workloads = w.stranded[rest]
		if at := w.nodes[rest].lost.Add(lostFor); !state.Ready && at.After(w.now()) {
			state.Ready, state.Reason, state.Message, state.Workloads = true, "", "", nil
			w.later(name, at)
		}
		w.put(name, kubernetes.Nodes, &state.Meta, func() ([]byte, error) { return encode(state) })
	case kind == "namespace" && w.namespaces[rest] != nil:
		state := w.namespaces[rest].Namespace
		state.Environment = w.environment(rest)
		w.put(name, kubernetes.Namespaces, &state.Meta, func() ([]byte, error) { return encode(state) })
	default:
		w.putRelease(name)
	}
}

// link and unlink keep an index of sets.
func link[K comparable, V comparable](index map[K]map[V]bool, from K, to V) {
	if index[from] == nil {
		index[from] = map[V]bool{}
	}
	index[from][to] = true
}

func unlink[K comparable, V comparable](index map[K]map[V]bool, from K, to V) {
	delete(index[from], to)
	if len(index[from]) == 0 {
		delete(index, from)
	}
}

// keep and drop do so for values by two keys.
func keep[K, L comparable, V any](index map[K]map[L]V, from K, to L, value V) {
	if index[from] == nil {
		index[from] = map[L]V{}
	}
	index[from][to] = value
}

func drop[K, L comparable, V any](index map[K]map[L]V, from K, to L) {
	delete(index[from], to)
	if len(index[from]) == 0 {
		delete(index, from)
	}
}

// collectionOf is the collection of a kind.
func collectionOf(kind string) string {
	if kind == "Ingress" {
		return kubernetes.Ingresses
	}
	return strings.ToLower(kind) + "s"
}
