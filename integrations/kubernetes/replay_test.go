package kubernetes_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tidings.dev/tidings/integrations/kubernetes"
	"tidings.dev/tidings/observe"
)

// history makes up what happens to one workload: a few dozen states and acts, some of which change nothing.
func history(r *rand.Rand) []observe.Observation {
	const object = "shop/deployment/cart"
	replicas, uid := int32(3), 1
	w := kubernetes.Workload{
		Meta:     kubernetes.Meta{Kind: "Deployment", Namespace: "shop", Name: "cart", UID: "uid-1", Generation: 1, CreatedAt: monday.Add(-time.Hour)},
		Replicas: &replicas,
		Template: kubernetes.Template{Containers: []kubernetes.Container{{Name: "cart", Image: "shop/cart:1"}}},
		Rollout:  kubernetes.Rollout{Observed: 1, Phase: kubernetes.Complete},
	}
	var all []observe.Observation
	at := monday
	put := func() {
		raw, err := json.Marshal(w)
		if err != nil {
			panic(err)
		}
		all = append(all, observe.Observation{Object: object, Collection: kubernetes.Deployments, State: raw, SeenAt: at})
	}
	wrote := func(manager string, parts ...string) {
		w.Generation++
		w.Writers = []kubernetes.Writer{{Manager: manager, At: at.Truncate(time.Second), Parts: parts}}
	}
	put()
	for n := range 10 + r.IntN(30) {
		at = at.Add(time.Duration(1+r.IntN(60)) * time.Second)
		switch r.IntN(12) {
		case 0, 1:
			wrote("kubectl-set", "template")
			w.Template.Containers = []kubernetes.Container{{Name: "cart", Image: fmt.Sprintf("shop/cart:%d", r.IntN(5)), Environment: map[string]string{"N": fmt.Sprint(n)}}}
			w.Rollout.Phase = kubernetes.Progressing
		case 2:
			wrote("kubectl-edit", "template", "replicas")
			w.Template.RestartedAt = at.String()
			replicas := int32(r.IntN(9))
			w.Replicas = &replicas
		case 3:
			wrote("kube-controller-manager", "replicas")
			w.Writers[0].Subresource, w.Writers[0].At = "scale", time.Time{}
			replicas := int32(r.IntN(4))
			w.Replicas = &replicas
		case 4:
			w.Rollout.Observed, w.Rollout.Phase, w.Rollout.Earlier = w.Generation, kubernetes.Complete, r.IntN(3) == 0
		case 5:
			w.Rollout.Observed, w.Rollout.Phase = w.Generation, []string{kubernetes.Stalled, kubernetes.Progressing, kubernetes.Paused}[r.IntN(3)]
		case 6:
			w.Troubles = nil
			if r.IntN(2) == 0 {
				w.Troubles = []kubernetes.Trouble{{Kind: "crash_loop", Container: "cart", Pods: 1 + r.IntN(3), Since: at}}
			}
		case 7:
			all = append(all, observe.Observation{Object: object, Collection: kubernetes.Deployments, Gone: true, SeenAt: at})
			uid++
			at = at.Add(time.Second)
			w.UID, w.Generation, w.CreatedAt, w.Troubles, w.Writers = fmt.Sprintf("uid-%d", uid), 1, at.Truncate(time.Second), nil, nil
			w.Rollout = kubernetes.Rollout{Observed: 1, Phase: kubernetes.Complete}
		case 8:
			wrote("kubectl-edit", "paused")
			w.Paused = !w.Paused
		case 9:
			w.Autoscaler = &kubernetes.Autoscaler{Name: "cart", UID: "uid-hpa", Min: 1, Max: int32(5 + r.IntN(3))}
		default:
			all = append(all, observe.Observation{
				Object: object, Collection: kubernetes.Deployments, SeenAt: at,
				Act: &observe.Act{ID: fmt.Sprintf("audit-%d", n), At: at.Add(-time.Duration(r.IntN(2000)) * time.Millisecond), Verb: "patch", User: "alice", Agent: "kubectl/v1.33"},
			})
			continue
		}
		put()
	}
	return all
}

// TestReplay plays made-up histories in several ways: whatever an agent sends twice, in whatever batches, after
// whichever restart, the log says the same.
func TestReplay(t *testing.T) {
	t.Parallel()
	for seed := range uint64(30) {
		r := rand.New(rand.NewPCG(seed, 4))
		all := history(r)
		play := func(twice func() bool) *world {
			w := newWorld(t)
			for i, o := range all {
				if i == 1 {
					w.first = false
				}
				w.now, w.heard = o.SeenAt, o.SeenAt.Add(-2*time.Second)
				check(t, w.see(o), w.now)
				for range 2 {
					if twice() && !o.Gone {
						w.heard = w.now
						w.now = w.now.Add(300 * time.Millisecond)
						if again := w.see(o); len(again.Events) > 0 {
							t.Errorf("seed %d: the same once more gives %+v", seed, again.Events)
						}
					}
				}
			}
			return w
		}
		once := play(func() bool { return false })
		again := play(func() bool { return r.IntN(2) == 0 })
		if diff := cmp.Diff(slices.Sorted(slices.Values(once.keys)), slices.Sorted(slices.Values(again.keys))); diff != "" {
			t.Fatalf("seed %d: other keys (-once +again):\n%s", seed, diff)
		}
		for key, e := range once.log {
			if other := again.log[key]; e.Phase != other.Phase || e.Title != other.Title || e.Kind != other.Kind || e.Actor != other.Actor {
				t.Fatalf("seed %d, %s: %s %s %q by %v, and again %s %s %q by %v", seed, key, e.Kind, e.Phase, e.Title, e.Actor, other.Kind, other.Phase, other.Title, other.Actor)
			}
		}
	}
}
