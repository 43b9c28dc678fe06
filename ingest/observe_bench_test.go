package ingest_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"tidings.dev/tidings/access"
	"tidings.dev/tidings/catalog"
	"tidings.dev/tidings/ingest"
	"tidings.dev/tidings/integrations/kubernetes"
	"tidings.dev/tidings/observe"
	"tidings.dev/tidings/store"
	"tidings.dev/tidings/store/storetest"
)

// A large cluster: so many workloads, and five objects each.
const benchWorkloads = 5_000

func cluster(t testing.TB, now time.Time) []observe.Observation {
	t.Helper()
	var all []observe.Observation
	add := func(collection, kind, namespace, name string, state any) {
		text, err := json.Marshal(state)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, observe.Observation{Object: namespace + "/" + kind + "/" + name, Collection: collection, State: text, SeenAt: now})
	}
	two := int32(2)
	mark := "hmac:0123456789abcdef01234567"
	for i := range benchWorkloads {
		namespace, name := fmt.Sprintf("team-%d", i%100), fmt.Sprintf("service-%d", i)
		meta := func(kind string) kubernetes.Meta {
			return kubernetes.Meta{
				Kind: kind, Namespace: namespace, Name: name, UID: fmt.Sprintf("00000000-0000-4000-8000-%012d", i), CreatedAt: now.Add(-time.Hour), Generation: 1,
				Labels:  map[string]string{"app.kubernetes.io/name": name, "app.kubernetes.io/part-of": fmt.Sprintf("system-%d", i%50), "app.kubernetes.io/version": "1.0.0"},
				Writers: []kubernetes.Writer{{Manager: "kubectl-client-side-apply", Operation: "Update", At: now, Parts: []string{"labels", "replicas", "template"}}},
			}
		}
		environment := map[string]string{}
		for n := range 20 {
			environment[fmt.Sprintf("VARIABLE_%d", n)] = mark
		}
		add(kubernetes.Deployments, "deployment", namespace, name, kubernetes.Workload{
			Meta: meta("Deployment"), Replicas: &two, Template: kubernetes.Template{
				Containers: []kubernetes.Container{{Name: "main", Image: "registry.example.com/team/" + name + ":1.0.0", Environment: environment, Resources: map[string]string{"requests.cpu": "100m"}}},
				Configs:    []string{"configmap/" + name, "secret/" + name},
			},
			Rollout: kubernetes.Rollout{ID: "5d4f8c7b9", Revision: "1", Pods: 2, Updated: 2, Ready: 2, Available: 2, Phase: kubernetes.Complete},
		})
		for kind, collection := range map[string]string{"configmap": kubernetes.ConfigMaps, "secret": kubernetes.Secrets, "service": kubernetes.Services, "ingress": kubernetes.Ingresses} {
			add(collection, kind, namespace, name, map[string]any{"kind": kind, "namespace": namespace, "name": name, "uid": fmt.Sprintf("%s-%d", kind, i), "created_at": now, "data": environment})
		}
	}
	return all
}

func observeAll(tb testing.TB, ctx context.Context, door *ingest.Door, all []observe.Observation) time.Duration {
	tb.Helper()
	began := time.Now()
	collections := []string{kubernetes.Deployments, kubernetes.ConfigMaps, kubernetes.Secrets, kubernetes.Services, kubernetes.Ingresses}
	opened, err := door.Open(ctx, observe.Opening{Source: "prod", Type: "kubernetes", Collections: collections, Scope: observe.Scope{Cluster: "prod", Environment: "production"}})
	if err != nil {
		tb.Fatal(err)
	}
	number := int64(0)
	for chunk := range slices.Chunk(all, observe.MaxBatch) {
		number++
		if _, _, err := door.Observe(ctx, "prod", observe.Batch{Session: opened.Session, Number: number, Observations: chunk}); err != nil {
			tb.Fatal(err)
		}
	}
	if _, _, err := door.Observe(ctx, "prod", observe.Batch{Session: opened.Session, Number: number + 1, Complete: collections}); err != nil {
		tb.Fatal(err)
	}
	return time.Since(began)
}

// BenchmarkObserve looks at a large cluster for the first time, and again when nothing has changed.
func BenchmarkObserve(b *testing.B) {
	for name, open := range map[string]func(testing.TB) *store.Store{"sqlite": storetest.SQLite, "postgres": storetest.Postgres} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				s := open(b)
				door := ingest.NewDoor(catalog.NewRoll(s), s, func() {})
				door.Seen, door.Interpreters = s, map[string]observe.Interpreter{"kubernetes": kubernetes.Interpreter{}}
				ctx := access.With(b.Context(), access.Administrator)
				all := cluster(b, time.Now())
				b.ReportMetric(observeAll(b, ctx, door, all).Seconds(), "s/first")
				b.ReportMetric(observeAll(b, ctx, door, all).Seconds(), "s/again")
			}
		})
	}
}
