package suspect_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tidings.dev/tidings/catalog"
	"tidings.dev/tidings/change"
	"tidings.dev/tidings/incident/suspect"
)

// A command is exact or not there, and holds nothing that somebody wrote freely.
func TestUndo(t *testing.T) {
	t.Parallel()
	seen := func(object string, more ...string) func(*change.Event) {
		return func(e *change.Event) {
			e.Labels = map[string]string{"object": object}
			for i := 0; i+1 < len(more); i += 2 {
				e.Labels[more[i]] = more[i+1]
			}
		}
	}
	from := func(e change.Event, source string) change.Event {
		e.Source = source
		return e
	}
	replicas := func(e *change.Event) { e.Diff = []change.Diff{{Field: "replicas", Old: "10", New: "3"}} }
	scaled := changed("scaling", pricing, time.Minute, replicas)
	one := []catalog.Entity{{Kind: catalog.Service, Name: "pricing", Aliases: []string{"kubernetes:prod/shop/deployment/pricing", "argocd:argocd/pricing"}}}
	two := []catalog.Entity{{Kind: catalog.Service, Name: "pricing", Aliases: []string{"kubernetes:prod/shop/deployment/pricing", "kubernetes:prod/shop/deployment/worker"}}}
	for name, c := range map[string]struct {
		event change.Event
		own   []catalog.Entity
		want  suspect.Undo
	}{
		"a rollout that was seen": {
			event: changed("deploy", pricing, time.Minute, seen("shop/deployment/pricing", "revision", "12")),
			want:  suspect.Undo{Tool: "kubectl", Text: "kubectl rollout undo deployment/pricing --namespace shop --to-revision=11"},
		},
		"a rollout of Argo Rollouts": {
			event: changed("deploy", pricing, time.Minute, seen("shop/rollout/pricing")),
			want:  suspect.Undo{Tool: "kubectl", Text: "kubectl argo rollouts undo pricing --namespace shop"},
		},
		"a name that is none": {event: changed("deploy", pricing, time.Minute, seen("shop/deployment/--kubeconfig=x"), seen("shop/deployment/$(reboot)"))},
		"a scale that was seen": {
			event: changed("scaling", pricing, time.Minute, replicas, seen("shop/statefulset/pricing")),
			want:  suspect.Undo{Tool: "kubectl", Text: "kubectl scale statefulset/pricing --namespace shop --replicas=10"},
		},
		"a scale of the one workload": {event: scaled, own: one, want: suspect.Undo{Tool: "kubectl", Text: "kubectl scale deployment/pricing --namespace shop --replicas=10"}},
		"a scale of one of two":       {event: scaled, own: two, want: suspect.Undo{Tool: "ci"}},
		"a scale by a job that has a page": {
			event: changed("scaling", pricing, time.Minute, replicas, func(e *change.Event) { e.Links = []change.Link{{Type: "job", URL: "https://jobs.example/7"}} }), own: one,
			want: suspect.Undo{Tool: "ci", URL: "https://jobs.example/7", Text: "kubectl scale deployment/pricing --namespace shop --replicas=10"},
		},
		"Argo CD": {
			event: from(changed("deploy", pricing, time.Minute), "argo-cd"), own: one,
			want: suspect.Undo{Tool: "argocd", Text: "argocd app rollback pricing"},
		},
		"Argo CD, by the event's own name": {
			event: from(changed("deploy", pricing, time.Minute, func(e *change.Event) { e.Subjects[0].Outside = "argocd:apps/pricing-eu" }), "argocd"),
			want:  suspect.Undo{Tool: "argocd", Text: "argocd app rollback pricing-eu --app-namespace apps"},
		},
		"Helm": {
			event: changed("deploy", pricing, time.Minute, seen("shop/helmrelease/pricing", "revision", "8"), func(e *change.Event) {
				e.Diff = []change.Diff{{Field: "revision", Old: "7", New: "8"}}
			}),
			want: suspect.Undo{Tool: "helm", Text: "helm rollback pricing 7 --namespace shop"},
		},
		"a flag": {
			event: from(changed("flag", pricing, time.Minute, func(e *change.Event) {
				e.Links = []change.Link{{Type: "docs", URL: "https://docs.example"}, {Type: "flag", URL: "https://flags.example/f"}}
			}), "launchdarkly"),
			want: suspect.Undo{Tool: "launchdarkly", URL: "https://flags.example/f"},
		},
		"what is in git": {
			event: from(changed("config", pricing, time.Minute, func(e *change.Event) { e.Commit = "ABCDEF0123" }), "github"),
			want:  suspect.Undo{Tool: "github", Text: "git revert --no-edit abcdef0123"},
		},
		"a commit that is none": {event: changed("config", pricing, time.Minute, func(e *change.Event) { e.Commit = "main; rm -rf /" }), want: suspect.Undo{Tool: "ci"}},
		"a migration":           {event: changed("schema", pricing, time.Minute, func(e *change.Event) { e.Commit = "abcdef0123" }), want: suspect.Undo{Tool: "ci"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := suspect.UndoOf(&suspect.Candidate{Events: []change.Event{c.event}, Head: c.event}, c.own)
			if name == "a name that is none" {
				if strings.Contains(got.Text, "kubeconfig") || strings.Contains(got.Text, "reboot") {
					t.Errorf("got %q", got.Text)
				}
				return
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}
