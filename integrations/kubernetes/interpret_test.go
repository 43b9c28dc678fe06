package kubernetes_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"tidings.dev/tidings/change"
	"tidings.dev/tidings/integrations/kubernetes"
	"tidings.dev/tidings/observe"
)

var update = flag.Bool("update", false, "write what is found into the fixtures")

var monday = time.Date(2026, 6, 8, 9, 0, 0, 0, time.UTC)

// world is what a server knows of one cluster while it works observations in.
type world struct {
	t       testing.TB
	scope   observe.Scope
	now     time.Time
	heard   time.Time
	known   map[string]observe.Known
	first   bool
	away    bool
	keys    []string // of events, in the order in which they first came
	log     map[string]change.Event
	written strings.Builder
}

func newWorld(t testing.TB) *world {
	return &world{
		t: t, scope: observe.Scope{Cluster: "prod", Environment: "production", Region: "eu-central-1"},
		now: monday, known: map[string]observe.Known{}, log: map[string]change.Event{}, first: true,
	}
}

// see works one observation in, as the door does.
func (w *world) see(o observe.Observation) observe.Finding {
	w.t.Helper()
	k := kubernetes.Interpreter{}
	if err := k.Check(o); err != nil {
		w.t.Fatalf("%s: %v", o.Object, err)
	}
	o.SeenAt = w.now
	known := w.known[o.Object]
	look := observe.Look{
		Source: "cluster", Scope: w.scope, Known: known, Observation: o, First: w.first && len(known.State) == 0, After: w.heard, Before: w.now,
	}
	if w.first {
		look.After = time.Time{}
	}
	finding := k.Interpret(look)
	if finding.Subject == "" && strings.Contains(o.Object, "/deployment/") && len(known.State) > 0 {
		w.t.Errorf("%s belongs to nothing any more", o.Object)
	}
	for _, e := range finding.Events {
		w.commit(e)
	}
	if finding.Forget {
		delete(w.known, o.Object)
		return finding
	}
	known.Object, known.Collection, known.Memory = o.Object, o.Collection, finding.Memory
	if o.Act == nil {
		known.State = o.State
		if o.Gone {
			known.State = nil
		}
	}
	w.known[o.Object] = known
	return finding
}

func (w *world) commit(e change.Event) {
	w.t.Helper()
	e.Source = "cluster"
	if faults := e.Normalize(w.now, ""); faults != nil {
		w.t.Errorf("%s: %v", e.Title, faults)
	}
	old, known := w.log[e.Key]
	if !known {
		w.keys = append(w.keys, e.Key)
		w.log[e.Key] = e
		return
	}
	old.Advance(e)
	w.log[e.Key] = old
}

// TestInterpret plays what a cluster shows, step by step, and compares what is found. A step is a file of the archive:
//
//	-- 10s deployments shop/deployment/cart --   the state, as a merge patch (RFC 7396) of the one before, ten seconds later
//	-- 1s deployments shop/deployment/cart gone --
//	-- 1s deployments shop/deployment/cart act --   an act, as JSON
//	-- 30m watching --   time goes by while the agent watches; away while it does not
//
// The objects before the first "watching" or "away" are what is looked at for the first time.
func TestInterpret(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/interpret/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("there are no fixtures", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			t.Parallel()
			archive, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			w := newWorld(t)
			steps := slices.DeleteFunc(slices.Clone(archive.Files), func(f txtar.File) bool { return f.Name == "want" })
			for i, step := range steps {
				w.step(i+1, step)
			}
			got := w.written.String()
			if *update {
				archive.Files = append(steps, txtar.File{Name: "want", Data: []byte(got)})
				if err := os.WriteFile(file, txtar.Format(archive), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			var want string
			for _, f := range archive.Files {
				if f.Name == "want" {
					want = string(f.Data)
				}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("found otherwise (-want +got), go test -update writes it:\n%s", diff)
			}
		})
	}
}

func (w *world) step(i int, step txtar.File) {
	w.t.Helper()
	words := strings.Fields(step.Name)
	pause, err := time.ParseDuration(words[0])
	if err != nil || len(words) < 2 {
		w.t.Fatalf("%q is not a step", step.Name)
	}
	w.now = w.now.Add(pause)
	switch words[1] {
	case "watching":
		w.first, w.heard = false, w.now
		return
	case "away":
		w.first, w.away = false, true
		return
	}
	if !w.away && !w.first {
		w.heard = w.now.Add(-2 * time.Second)
	}
	w.away = false
	o := observe.Observation{Collection: words[1], Object: words[2]}
	kind := ""
	if len(words) > 3 {
		kind = words[3]
	}
	switch kind {
	case "gone":
		o.Gone = true
	case "act":
		o.Act = &observe.Act{ID: fmt.Sprintf("audit-%d", i), At: w.now}
		if err := json.Unmarshal(step.Data, o.Act); err != nil {
			w.t.Fatalf("%s: %v", step.Name, err)
		}
	default:
		o.State = w.patched(o, step.Data)
	}
	w.write(i, w.see(o))
	if o.Act == nil && !o.Gone { // the same once more is nothing
		w.now = w.now.Add(time.Second)
		if again := w.see(o); len(again.Events)+len(again.Statements) > 0 {
			w.t.Errorf("step %d: the same state once more gives %d events and %d statements: %+v", i, len(again.Events), len(again.Statements), again.Events)
		}
		w.now = w.now.Add(-time.Second)
	}
}

// patched is the state that follows from the last one by a merge patch.
func (w *world) patched(o observe.Observation, patch []byte) json.RawMessage {
	w.t.Helper()
	var state, change map[string]any
	if known := w.known[o.Object].State; len(known) > 0 {
		if err := json.Unmarshal(known, &state); err != nil {
			w.t.Fatal(err)
		}
	}
	if err := json.Unmarshal(patch, &change); err != nil {
		w.t.Fatalf("%s: %v", o.Object, err)
	}
	parts := strings.Split(o.Object, "/")
	if state == nil {
		state = map[string]any{
			"kind": kinds[o.Collection], "name": parts[len(parts)-1], "uid": "uid-" + parts[len(parts)-1], "created_at": w.now.Add(-time.Second),
		}
		if len(parts) == 3 {
			state["namespace"] = parts[0]
		}
	}
	raw, err := json.Marshal(merge(state, change))
	if err != nil {
		w.t.Fatal(err)
	}
	return raw
}

var kinds = map[string]string{
	"deployments": "Deployment", "statefulsets": "StatefulSet", "daemonsets": "DaemonSet", "cronjobs": "CronJob", "jobs": "Job",
	"rollouts": "Rollout", "configmaps": "ConfigMap", "secrets": "Secret", "services": "Service", "ingresses": "Ingress",
	"httproutes": "HTTPRoute", "grpcroutes": "GRPCRoute", "helmreleases": "HelmRelease", "namespaces": "Namespace", "nodes": "Node",
}

func merge(into, patch map[string]any) map[string]any {
	into = maps.Clone(into)
	for key, value := range patch {
		inner, nested := value.(map[string]any)
		old, had := into[key].(map[string]any)
		switch {
		case value == nil:
			delete(into, key)
		case nested && had:
			into[key] = merge(old, inner)
		default:
			into[key] = value
		}
	}
	return into
}

// write notes what a step found, as people can read it.
func (w *world) write(i int, f observe.Finding) {
	b := &w.written
	for _, e := range f.Events {
		fmt.Fprintf(b, "%d: %s %s: %s\n", i, e.Kind, e.Phase, e.Title)
		line := func(name, value string) {
			if value != "" {
				fmt.Fprintf(b, "     %s: %s\n", name, value)
			}
		}
		line("key", e.Key)
		var subjects []string
		for _, s := range e.Subjects {
			subjects = append(subjects, s.Name)
		}
		line("about", strings.Join(subjects, " "))
		by := string(e.Actor.Type)
		if e.Actor.Name != "" {
			by += " " + e.Actor.Name
		}
		if e.Actor.Via != "" {
			by += " via " + e.Actor.Via
		}
		line("by", by)
		at := e.StartedAt.Format("15:04:05.000")
		if !e.EndedAt.IsZero() {
			at += " to " + e.EndedAt.Format("15:04:05.000")
		}
		line("at", at)
		line("environment", e.Environment)
		version := e.Version
		if e.Previous != "" {
			version += " after " + e.Previous
		}
		if e.Commit != "" {
			version += " commit " + e.Commit
		}
		line("version", version)
		for _, d := range e.Diff {
			line("diff "+d.Field, fmt.Sprintf("%q → %q", d.Old, d.New))
		}
		if e.Exposure != nil {
			line("exposure", fmt.Sprint(*e.Exposure))
		}
		if !e.SaidAt.IsZero() {
			line("said at", e.SaidAt.Format("15:04:05.000"))
		}
		for _, key := range slices.Sorted(maps.Keys(e.Labels)) {
			if key != "object" {
				line("label "+key, e.Labels[key])
			}
		}
		line("story", e.Story)
		line("detail", e.Detail)
		if !e.Dark {
			line("dark", "no")
		}
	}
	for _, s := range f.Statements {
		if s.Withdraw {
			fmt.Fprintf(b, "%d: %s withdraws %s\n", i, s.Source.Name, s.Ref)
			continue
		}
		fmt.Fprintf(b, "%d: %s (rank %d) says of %s\n", i, s.Source.Name, s.Source.Rank, s.Ref)
		for _, c := range s.Claims {
			fmt.Fprintf(b, "     %s: %s\n", c.Field, c.Value)
		}
	}
	for _, p := range f.Problems {
		fmt.Fprintf(b, "%d: problem: %s\n", i, p)
	}
}
