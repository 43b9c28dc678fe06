package descriptor_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"

	"tidings.dev/tidings/catalog"
	"tidings.dev/tidings/catalog/descriptor"
)

// kustomization is what renderPatch writes, as Kustomize reads it.
type kustomization struct {
	Patches []struct {
		Target struct{ Group, Kind, Name string }
		Patch  string
	}
}

type manifest struct {
	APIVersion string
	Kind       string
	Metadata   struct {
		Name        string
		Annotations map[string]string
	}
}

// TestAnnotationForms writes the annotations of entities of many shapes in all four forms and reads them as the tools do:
// YAML by the parser that kubectl, Kustomize and Helm have in common, a command by a shell.
func TestAnnotationForms(t *testing.T) {
	t.Parallel()
	var script strings.Builder
	script.WriteString("kubectl() { for word; do printf '%s\\0' \"$word\"; done; printf '\\0'; }\n")
	var words []string
	for seed := range uint64(500) {
		e := merge(made(rand.New(rand.NewPCG(seed, 3))))
		want := descriptor.KubernetesAnnotations(e)
		to := descriptor.Target{Workload: "deployment/pricing.v2", Namespace: "shop"}
		checkForms(t, e, to)

		script.Write(renderTo(t, "kubectl", e, to))
		words = append(words, "annotate", "--overwrite", "--namespace", "shop", "deployment/pricing.v2")
		for _, name := range slices.Sorted(maps.Keys(want)) {
			words = append(words, name+"="+want[name])
		}
		words = append(words, "")
		if t.Failed() {
			return
		}
	}
	shell := exec.CommandContext(t.Context(), "sh")
	shell.Stdin = strings.NewReader(script.String())
	said, err := shell.Output()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(words, strings.Split(strings.TrimSuffix(string(said), "\x00"), "\x00")); diff != "" {
		t.Errorf("the shell understood otherwise (-want +got):\n%s", diff)
	}
}

// FuzzAnnotationForms does so with any text in the places where people write what they like.
func FuzzAnnotationForms(f *testing.F) {
	for _, text := range []string{"plain", "it's \"quoted\" `x` $(y) \\", "a\nb\n\nc", " # no comment", "\U0001F680\u2028\uFFFE\U0001FFFF", "{{ .Values.x }}", "- a: b", "%YAML", "...\n---\n", "\t", "\r\n", "@x", "=", "x=y,z"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s := catalog.Statement{Name: "pricing", Ref: catalog.Ref{Kind: catalog.Service, Name: "pricing"}}
		for field, value := range map[catalog.Field]any{
			catalog.FieldTitle: text, catalog.FieldDescription: text, catalog.FieldType: text, catalog.Key(catalog.FamilyTag, "a"): text,
			catalog.Key(catalog.FamilyTag, text): "x", catalog.Key(catalog.FamilyLink, "runbook", "https://acme.example/"): text,
			catalog.Key(catalog.FamilyOnCall, "primary", text): "", catalog.Key(catalog.FamilyAlias, "x:"+text): true,
			catalog.Key(catalog.FamilyContact, "slack", text): text,
		} {
			if claim, err := catalog.Say(field, value).Normalize(); err == nil {
				s.Claims = append(s.Claims, claim)
			}
		}
		checkForms(t, merge(s), descriptor.Target{})
	})
}

// checkForms checks that those forms that are YAML are read as what was to be said.
func checkForms(t *testing.T, e catalog.Entity, to descriptor.Target) {
	t.Helper()
	want := descriptor.KubernetesAnnotations(e)
	same := func(format string, text []byte, got map[string]string) {
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s says otherwise (-want +got):\n%s%s", format, diff, text)
		}
	}
	parse := func(text []byte, into any) {
		if err := yaml.UnmarshalStrict(text, into); err != nil {
			t.Fatalf("%v in %q", err, text)
		}
	}
	text := renderTo(t, "kubernetes", e, to)
	var pasted manifest
	parse(text, &pasted)
	same("kubernetes", text, pasted.Metadata.Annotations)

	text = renderTo(t, "helm", e, descriptor.Target{Key: "no.podAnnotations"})
	var values map[string]map[string]map[string]string
	parse(text, &values)
	same("helm", text, values["no"]["podAnnotations"])

	text = renderTo(t, "kustomize", e, to)
	var file kustomization
	parse(text, &file)
	var patch manifest
	parse([]byte(file.Patches[0].Patch), &patch)
	same("kustomize", text, patch.Metadata.Annotations)
	if patch.Kind != "Deployment" || patch.APIVersion != "apps/v1" || file.Patches[0].Target.Kind != "Deployment" || file.Patches[0].Target.Group != "apps" {
		t.Errorf("the patch is of another: %s", text)
	}
}

func renderTo(t *testing.T, format string, e catalog.Entity, to descriptor.Target) []byte {
	t.Helper()
	text, err := descriptor.Render(format, e, to)
	if err != nil {
		t.Fatalf("%s: %v", format, err)
	}
	return text
}

// TestTargets checks onto what annotations are written.
func TestTargets(t *testing.T) {
	t.Parallel()
	known := []string{"github:acme/pricing", "kubernetes:eu/prod/shop/statefulset/prices", "kubernetes:prod/shop/pod/x", "kubernetes:prod/beta/rollout/pricing", "kubernetes:prod/shop"}
	for _, c := range []struct {
		name, aliases string
		to            descriptor.Target
		want          string // the first line of the command, or a part of the fault
	}{
		{name: "pricing", want: "deployment/pricing"},
		{name: "Pricing_Engine", want: "deployment/pricing-engine"},
		{name: "pricing", to: descriptor.Target{Namespace: "shop"}, want: "--namespace shop deployment/pricing"},
		{name: "pricing", to: descriptor.Target{Workload: "sts/prices"}, want: "statefulset/prices"},
		{name: "pricing", to: descriptor.Target{Workload: "Deployment.apps/a.b"}, want: "deployment/a.b"},
		{name: "pricing", to: descriptor.Target{Workload: "rollouts.argoproj.io/x"}, want: "rollout.argoproj.io/x"},
		{name: "pricing", to: descriptor.Target{Workload: "cj/nightly", Namespace: "shop"}, want: "--namespace shop cronjob/nightly"},
		{name: "pricing", aliases: "known", want: "--namespace beta rollout.argoproj.io/pricing"},
		{name: "pricing", aliases: "known", to: descriptor.Target{Namespace: "shop"}, want: "--namespace shop statefulset/prices"},
		{name: "pricing", aliases: "known", to: descriptor.Target{Namespace: "other"}, want: "--namespace other deployment/pricing"},
		{name: "pricing", to: descriptor.Target{Workload: "pod/x"}, want: "is no workload"},
		{name: "pricing", to: descriptor.Target{Workload: "deployment"}, want: "is no workload"},
		{name: "pricing", to: descriptor.Target{Workload: "deployment/x;rm -rf"}, want: "is no workload"},
		{name: "pricing", to: descriptor.Target{Namespace: "Shop"}, want: "is no name of a namespace"},
		{name: "pricing", to: descriptor.Target{Namespace: "--all"}, want: "is no name of a namespace"},
	} {
		e := catalog.Entity{Kind: catalog.Service, Name: c.name}
		if c.aliases != "" {
			e.Aliases = known
		}
		text, err := descriptor.Render("kubectl", e, c.to)
		got, _, _ := strings.Cut(string(text), " \\\n")
		if err != nil {
			got = err.Error()
			if !strings.Contains(got, c.want) {
				t.Errorf("%+v: %s, want %s", c.to, got, c.want)
			}
		} else if got != "kubectl annotate --overwrite "+c.want {
			t.Errorf("%+v: %s, want %s", c.to, got, c.want)
		}
	}
	e := catalog.Entity{Kind: catalog.Service, Name: "pricing", Aliases: known}
	if diff := cmp.Diff([]descriptor.Target{{Namespace: "beta", Workload: "rollout/pricing"}, {Namespace: "shop", Workload: "statefulset/prices"}}, descriptor.Workloads(e)); diff != "" {
		t.Errorf("its workloads differ (-want +got):\n%s", diff)
	}
	for _, key := range []string{"a b", ".", "a..b", "a.", "1", "a: {b: c}", strings.Repeat("a.", 20) + "a"} {
		if text, err := descriptor.Render("helm", e, descriptor.Target{Key: key}); err == nil {
			t.Errorf("the key %q was taken: %s", key, text)
		}
	}
	// What Kubernetes or a shell would refuse is refused with the reason.
	for i := range 5 {
		e.Description = strings.Repeat("'", 70_000)
		e.Tags = append(e.Tags, catalog.Tag{Key: fmt.Sprint("t", i), Value: strings.Repeat("x", 50_000)})
	}
	if _, err := descriptor.Render("kubectl", e, descriptor.Target{}); err == nil || !strings.Contains(err.Error(), "Kubernetes takes 262144") {
		t.Errorf("too long for Kubernetes: %v", err)
	}
	e.Tags = e.Tags[:3]
	if _, err := descriptor.Render("kubectl", e, descriptor.Target{}); err == nil || !strings.Contains(err.Error(), "use the format kustomize") {
		t.Errorf("too long for a shell: %v", err)
	}
	renderTo(t, "kustomize", e, descriptor.Target{})
}
