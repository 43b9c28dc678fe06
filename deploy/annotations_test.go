package deploy_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"k8s.io/client-go/tools/clientcmd"

	"tidings.dev/tidings/catalog"
	"tidings.dev/tidings/catalog/descriptor"
	"tidings.dev/tidings/integrations/kubernetes/watch"
	"tidings.dev/tidings/internal/kubernetestest"
	"tidings.dev/tidings/observe"
)

// described are entities that people could have: a plain one, one with everything, and such as break quoting.
func described(t *testing.T) map[string]catalog.Entity {
	t.Helper()
	all := map[string]catalog.Entity{}
	for name, facts := range map[string]map[catalog.Field]any{
		"bare": {},
		"plain": {
			catalog.FieldOwner: "team:merchandising", catalog.FieldTier: 0, catalog.FieldUserFacing: true,
			catalog.FieldLifecycle: "production", catalog.FieldPlatform: "kubernetes", catalog.FieldRPO: "15m",
			catalog.Key(catalog.FamilyLink, "runbook", "https://wiki.acme.example/pricing?a=1&b=%20#x"): "",
			catalog.Key(catalog.FamilyDependsOn, "service:rates"):                                       "declared",
		},
		"nasty": {
			catalog.FieldTitle:       `It's "pricing" \ $(rm -rf ~) ` + "`id` !!" + ` %PATH% {{ .Values }} ${x} *`,
			catalog.FieldDescription: "A first line: with # and 'quotes'\n\n  an indented one\n- a list\n---\n\ttab\r\nthe end \U0001F680 \u2028 \uFEFF ü 日本語",
			catalog.FieldType:        "true", catalog.FieldLanguage: "1.20", catalog.FieldLanguageVersion: "0x1F", catalog.FieldDeployedBy: "=-",
			catalog.Key(catalog.FamilyTag, "empty"): "", catalog.Key(catalog.FamilyTag, "comma"): "a,b,\"c\"", catalog.Key(catalog.FamilyTag, "lines"): "a\nb",
			catalog.Key(catalog.FamilyAlias, "x:it's"): true, catalog.Key(catalog.FamilyAlias, "x:a,b"): true,
			catalog.Key(catalog.FamilyOnCall, "primary", "O'Brien, \"Pat\""): "", catalog.Key(catalog.FamilyContact, "slack", "#it's"): "a=b",
			catalog.Key(catalog.FamilyLink, "dashboard", "https://acme.example/'x'?q={y}&z=[1]"): "The \"board\"",
		},
		"long": long(),
	} {
		s := catalog.Statement{Name: "pricing", Ref: catalog.Ref{Kind: catalog.Service, Name: "pricing"}}
		for field, value := range facts {
			claim, err := catalog.Say(field, value).Normalize()
			if err != nil {
				t.Fatalf("%s: %v", field, err)
			}
			s.Claims = append(s.Claims, claim)
		}
		all[name] = merge(s)
	}
	return all
}

func long() map[catalog.Field]any {
	facts := map[catalog.Field]any{catalog.FieldDescription: strings.Repeat("it's long, and \"quoted\"\n", 300)}
	for i := range 400 {
		facts[catalog.Key(catalog.FamilyDependsOn, fmt.Sprintf("service:dependency-%d", i))] = "declared"
		facts[catalog.Key(catalog.FamilyTag, fmt.Sprintf("tag-%d", i))] = fmt.Sprintf("value, %d", i)
	}
	return facts
}

func merge(s catalog.Statement) catalog.Entity {
	standing := make([]catalog.Standing, len(s.Claims))
	for i, claim := range s.Claims {
		standing[i] = catalog.Standing{Claim: claim, Source: catalog.Source{Name: "test", Rank: catalog.Descriptor}}
	}
	e := catalog.Merge(s.Ref, catalog.Facts(standing))
	e.Name, e.Retired = s.Name, false
	return e
}

// The workload that is annotated: it wears an annotation of its own, which must stay.
const pricing = `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: pricing
  annotations:
    acme.example/keep: "yes"
    tidings.dev/owner: "%s"
spec:
  replicas: 0
  selector: {matchLabels: {app: pricing}}
  template:
    metadata: {labels: {app: pricing}}
    spec:
      containers: [{name: pricing, image: pricing:1}]
`

// TestAnnotations puts the annotations of services onto a workload, in each form by the tool that it is for, and reads
// back from the cluster what they say of the service: the same, and nothing is lost.
func TestAnnotations(t *testing.T) {
	t.Parallel()
	c := kubernetestest.Open(t)
	for name, e := range described(t) {
		for form, apply := range map[string]func(*testing.T, kubernetestest.Cluster, string, string){
			"kubernetes": paste, "kustomize": kustomize, "helm": values, "helm of pods": podValues, "kubectl": command,
		} {
			t.Run(name+"/"+form, func(t *testing.T) {
				t.Parallel()
				namespace := c.Namespace(t)
				format, _, _ := strings.Cut(form, " ")
				text, err := descriptor.Render(format, e, descriptor.Target{Workload: "deployment/pricing", Namespace: namespace})
				if err != nil {
					t.Fatal(err)
				}
				apply(t, c, namespace, string(text))
				got := seen(t, c, namespace)
				if keep := kubectl(t, c, "", "get", "deployment", "pricing", "--namespace", namespace, "--output", `jsonpath={.metadata.annotations.acme\.example/keep}`); keep != "yes" {
					t.Errorf("the workload's own annotation is gone: %q", keep)
				}
				if e.Owner == nil {
					delete(got, "tidings.dev/owner") // it stood there before
				}
				statement, problems := descriptor.FromKubernetesAnnotations(catalog.Ref{}, got)
				if len(problems) > 0 {
					t.Errorf("what the cluster says cannot be read: %v", problems)
				}
				if diff := cmp.Diff(e, merge(statement)); diff != "" {
					t.Errorf("the cluster says otherwise (-want +got):\n%s", diff)
				}
			})
		}
	}
}

// paste puts the annotations into the manifest by hand.
func paste(t *testing.T, c kubernetestest.Cluster, namespace, text string) {
	t.Helper()
	before, after, _ := strings.Cut(fmt.Sprintf(pricing, ""), "    tidings.dev/owner: \"\"\n")
	_, below, _ := strings.Cut(text, "annotations:\n")
	kubectl(t, c, before+below+after, "apply", "--namespace", namespace, "--filename", "-")
}

// kustomize adds the patch to a kustomization.
func kustomize(t *testing.T, c kubernetestest.Cluster, namespace, text string) {
	t.Helper()
	directory := t.TempDir()
	for file, content := range map[string]string{
		"pricing.yaml": fmt.Sprintf(pricing, "before"),
		// Another workload stays as it is, though its name is alike.
		"other.yaml":         strings.ReplaceAll(fmt.Sprintf(pricing, "other"), "pricing", "pricing-2"),
		"kustomization.yaml": "resources: [pricing.yaml, other.yaml]\nnamespace: " + namespace + "\n" + text,
	} {
		if err := os.WriteFile(filepath.Join(directory, file), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	kubectl(t, c, "", "apply", "--kustomize", directory)
	if owner := kubectl(t, c, "", "get", "deployment", "pricing-2", "--namespace", namespace, "--output", `jsonpath={.metadata.annotations.tidings\.dev/owner}`); owner != "other" {
		t.Errorf("another workload was patched: its owner is %q", owner)
	}
}

// values gives the annotations to a chart as one of its values.
func values(t *testing.T, c kubernetestest.Cluster, namespace, text string) {
	t.Helper()
	release(t, c, namespace, text, strings.ReplaceAll(fmt.Sprintf(pricing, ""), "    tidings.dev/owner: \"\"\n", "    {{- toYaml .Values.annotations | nindent 4 }}\n"))
}

// podValues gives them to a chart that takes annotations of pods only.
func podValues(t *testing.T, c kubernetestest.Cluster, namespace, text string) {
	t.Helper()
	manifest := strings.ReplaceAll(fmt.Sprintf(pricing, ""), "    tidings.dev/owner: \"\"\n", "")
	release(t, c, namespace, text, strings.ReplaceAll(manifest, "metadata: {labels: {app: pricing}}", "metadata: {labels: {app: pricing}, annotations: {{ toJson .Values.annotations }}}"))
}

// release renders a chart of one manifest with values, and applies it.
func release(t *testing.T, c kubernetestest.Cluster, namespace, text, manifest string) {
	t.Helper()
	chart := t.TempDir()
	if err := os.Mkdir(filepath.Join(chart, "templates"), 0o700); err != nil {
		t.Fatal(err)
	}
	for file, content := range map[string]string{
		"Chart.yaml": "apiVersion: v2\nname: pricing\nversion: 1.0.0\n", "templates/pricing.yaml": manifest, "mine.yaml": text,
	} {
		if err := os.WriteFile(filepath.Join(chart, file), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	rendered, err := template(t, "pricing", chart, "--values", filepath.Join(chart, "mine.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	kubectl(t, c, rendered, "apply", "--namespace", namespace, "--filename", "-")
}

// command runs the command in a shell, twice: a value that is there already is no obstacle.
func command(t *testing.T, c kubernetestest.Cluster, namespace, text string) {
	t.Helper()
	kubectl(t, c, fmt.Sprintf(pricing, "before"), "apply", "--namespace", namespace, "--filename", "-")
	for range 2 {
		shell := exec.CommandContext(t.Context(), "sh")
		shell.Stdin = strings.NewReader(text)
		shell.Env = append(os.Environ(), "PATH="+filepath.Dir(c.Program("kubectl"))+":"+os.Getenv("PATH"), "KUBECONFIG="+c.Kubeconfig(kubernetestest.Admin))
		if out, err := shell.CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
	}
}

// seen are the annotations of the workload as the agent sends them, with no more rights than it has.
func seen(t *testing.T, c kubernetestest.Cluster, namespace string) map[string]string {
	t.Helper()
	config, err := clientcmd.BuildConfigFromFlags("", c.Kubeconfig(kubernetestest.Agent))
	if err != nil {
		t.Fatal(err)
	}
	looker, err := watch.New(config, watch.Options{Namespaces: []string{namespace}, Kinds: []string{"deployments"}})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	s := &sink{done: cancel, states: map[string]json.RawMessage{}}
	if err := looker.Watch(ctx, func(string) string { return "" }, s); err != nil && !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	var state struct {
		Annotations map[string]string `json:"annotations"`
	}
	if err := json.Unmarshal(s.states[namespace+"/deployment/pricing"], &state); err != nil {
		t.Fatalf("the agent saw %v: %v", slices.Sorted(maps.Keys(s.states)), err)
	}
	return state.Annotations
}

// sink keeps states until all deployments were seen.
type sink struct {
	done   func()
	states map[string]json.RawMessage
}

func (s *sink) Put(o observe.Observation) { s.states[o.Object] = o.State }
func (s *sink) Trouble(_, _ string)       {}
func (s *sink) Complete(collection string) {
	if collection == "deployments" {
		s.done()
	}
}
