package deploy_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tidings.dev/tidings/integrations/kubernetes/watch"
	"tidings.dev/tidings/internal/kubernetestest"
)

// plain are the manifests of deploy/kubernetes, as kubectl apply -k builds them, with the changes of a kustomization.
func plain(t *testing.T, c kubernetestest.Cluster, more string) string {
	t.Helper()
	directory := t.TempDir()
	here, err := filepath.Abs("kubernetes")
	if err != nil {
		t.Fatal(err)
	}
	base, err := filepath.Rel(directory, here)
	if err != nil {
		t.Fatal(err)
	}
	content := "resources: [" + base + "]\n" + strings.ReplaceAll(more, "BASE", base)
	if err := os.WriteFile(filepath.Join(directory, "kustomization.yaml"), []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return kubectl(t, c, "", "kustomize", directory)
}

// chart renders deploy/helm/tidings-agent with settings.
func chart(t *testing.T, settings ...string) string {
	t.Helper()
	args := []string{"tidings-agent", filepath.Join("helm", "tidings-agent"), "--namespace", "tidings"}
	for _, setting := range append([]string{"server=https://tidings.example.com", "cluster=my-cluster"}, settings...) {
		args = append(args, "--set", setting)
	}
	out, err := template(t, args...)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// accepted has the API server look at manifests, in a namespace that takes restricted pods only.
func accepted(t *testing.T, c kubernetestest.Cluster, manifests string) {
	t.Helper()
	kubectl(t, c, manifests, "apply", "--server-side", "--force-conflicts", "--dry-run=server", "--filename", "-", "--warnings-as-errors")
}

// TestManifests has a real API server take the manifests, and the chart in many shapes.
func TestManifests(t *testing.T) {
	t.Parallel()
	c := kubernetestest.Open(t)
	kubectl(t, c, "{apiVersion: v1, kind: Namespace, metadata: {name: tidings, labels: {pod-security.kubernetes.io/enforce: restricted}}}", "apply", "--server-side", "--force-conflicts", "--filename", "-")
	for name, manifests := range map[string]string{
		"plain":            plain(t, c, ""),
		"plain with audit": plain(t, c, "components: [BASE/audit]\n"),
		"chart":            chart(t),
		"chart with all": chart(t, "audit.enabled=true", "audit.clusterIP=", "audit.automationUsers={ci-*,*@bots.example.com}", "region=eu", "source=k", "ca.configMap=ca",
			"replicas=3", "excludeNamespaces={a,b}", "kinds={deployments}", "podAnnotations.a=b", "podLabels.a=b", "imagePullSecrets[0].name=x", "nodeSelector.a=b",
			"tolerations[0].key=x", "tolerations[0].operator=Exists", "environment=production"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			accepted(t, c, manifests)
			for id, o := range parse(t, manifests) {
				if o["kind"] == "ConfigMap" && strings.Contains(strings.ToUpper(fmt.Sprint(o["data"])), "TOKEN") {
					t.Errorf("%s holds a token: %v", id, o["data"])
				}
				if o["kind"] == "Secret" {
					t.Errorf("%s is made by a file: tokens are put into the cluster by hand", id)
				}
			}
		})
	}
}

// TestChartIsAsPlain holds the chart against the plain manifests: the same objects, but for labels of Helm.
func TestChartIsAsPlain(t *testing.T) {
	t.Parallel()
	c := kubernetestest.Open(t)
	for name, pair := range map[string][2]string{
		"as it is":    {plain(t, c, ""), chart(t)},
		"with audit":  {plain(t, c, "components: [BASE/audit]\n"), chart(t, "audit.enabled=true")},
		"no secrets":  {plain(t, c, "patches:\n"+without("ClusterRole")+without("ClusterRoleBinding")+setting("TIDINGS_NO_SECRETS", "true")), chart(t, "secrets=false")},
		"environment": {plain(t, c, "patches:\n"+setting("TIDINGS_ENVIRONMENT", "production")), chart(t, "environment=production")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want, got := parse(t, pair[0]), parse(t, pair[1])
			delete(want, "Namespace/tidings") // helm makes it by --create-namespace
			for _, o := range got {
				withoutHelm(map[string]any(o))
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("the chart differs (-plain +chart):\n%s", diff)
			}
		})
	}
}

// without is a patch that takes the right to read Secrets away.
func without(kind string) string {
	return fmt.Sprintf("  - patch: '{apiVersion: rbac.authorization.k8s.io/v1, kind: %s, metadata: {name: tidings-agent-secrets}, $patch: delete}'\n", kind)
}

// setting is a patch that sets a value of the ConfigMap.
func setting(name, value string) string {
	return fmt.Sprintf("  - patch: '{apiVersion: v1, kind: ConfigMap, metadata: {name: tidings-agent, namespace: tidings}, data: {%s: \"%s\"}}'\n", name, value)
}

// withoutHelm takes away, at any depth, the labels and annotations that a chart has for Helm.
func withoutHelm(members map[string]any) {
	for key, value := range members {
		below, ok := value.(map[string]any)
		if ok && (key == "labels" || key == "matchLabels" || key == "selector" || key == "annotations") {
			for _, name := range []string{"app.kubernetes.io/instance", "app.kubernetes.io/version", "app.kubernetes.io/managed-by", "checksum/configuration"} {
				delete(below, name)
			}
			if key == "annotations" && len(below) == 0 {
				delete(members, key)
			}
		}
		if ok {
			withoutHelm(below)
		}
	}
}

// TestNarrowed has the chart give roles in namespaces only, and say what is missing.
func TestNarrowed(t *testing.T) {
	t.Parallel()
	got := slices.Sorted(maps.Keys(parse(t, chart(t, "namespaces={shop,payments}"))))
	want := []string{
		"ConfigMap/tidings-agent", "Deployment/tidings-agent", "ServiceAccount/tidings-agent",
		"payments/Role/tidings-agent", "payments/Role/tidings-agent-secrets", "payments/RoleBinding/tidings-agent", "payments/RoleBinding/tidings-agent-secrets",
		"shop/Role/tidings-agent", "shop/Role/tidings-agent-secrets", "shop/RoleBinding/tidings-agent", "shop/RoleBinding/tidings-agent-secrets",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("objects differ (-want +got):\n%s", diff)
	}
	for _, missing := range []string{"server", "cluster"} {
		_, err := template(t, "x", filepath.Join("helm", "tidings-agent"), "--set", "server=https://t.example,cluster=c,"+missing+"=")
		if err == nil || !strings.Contains(err.Error(), missing+" is required") {
			t.Errorf("without the %s: %v", missing, err)
		}
	}
}

// TestRoles asks the API server for everything that the agent may do: to list and watch what it looks at, and nothing else.
// Without the second role it may not look at Secrets, and does not.
func TestRoles(t *testing.T) {
	t.Parallel()
	c := kubernetestest.Open(t)
	rules := func(files ...string) map[string][]string {
		all := map[string][]string{}
		for _, file := range files {
			content, err := os.ReadFile(filepath.Join("kubernetes", file))
			if err != nil {
				t.Fatal(err)
			}
			for _, o := range parse(t, string(content)) {
				listed, _ := o["rules"].([]any) // a binding has none
				for _, rule := range listed {
					for name, verbs := range named(rule.(map[string]any)) {
						all[name] = append(all[name], verbs...)
					}
				}
			}
		}
		return all
	}
	need := func(o watch.Options) map[string][]string {
		all := map[string][]string{}
		for group, resources := range o.Rights() {
			for _, resource := range resources {
				all[group+"/"+resource] = []string{"list", "watch"}
			}
		}
		return all
	}
	want := need(watch.Options{})
	if diff := cmp.Diff(want, rules("role.yaml", "role-secrets.yaml")); diff != "" {
		t.Errorf("the roles grant something else than what is looked at (-looked at +granted):\n%s", diff)
	}
	if diff := cmp.Diff(need(watch.Options{WithoutSecrets: true}), rules("role.yaml")); diff != "" {
		t.Errorf("the role without Secrets grants something else than what is looked at (-looked at +granted):\n%s", diff)
	}
	review, err := c.Kubectl(t.Context(), kubernetestest.Agent, `{"apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectRulesReview", "spec": {"namespace": "default"}}`,
		"create", "--raw", "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews", "--filename", "-")
	if err != nil {
		t.Fatal(err)
	}
	var answer struct {
		Status struct {
			Incomplete    bool
			ResourceRules []struct{ Verbs, APIGroups, Resources []string }
		}
	}
	if err := json.Unmarshal([]byte(review), &answer); err != nil || answer.Status.Incomplete {
		t.Fatalf("%v: %s", err, review)
	}
	got := map[string][]string{}
	for _, rule := range answer.Status.ResourceRules {
		for _, group := range rule.APIGroups {
			if slices.Contains([]string{"authentication.k8s.io", "authorization.k8s.io"}, group) {
				continue // everybody may ask what they may do
			}
			for _, resource := range rule.Resources {
				got[group+"/"+resource] = append(got[group+"/"+resource], rule.Verbs...)
			}
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the agent may do something else (-want +got):\n%s", diff)
	}
}

// named are the verbs of a rule by resource and group.
func named(rule map[string]any) map[string][]string {
	var verbs []string
	for _, verb := range rule["verbs"].([]any) {
		verbs = append(verbs, fmt.Sprint(verb))
	}
	all := map[string][]string{}
	for _, group := range rule["apiGroups"].([]any) {
		for _, resource := range rule["resources"].([]any) {
			all[fmt.Sprint(group, "/", resource)] = verbs
		}
	}
	return all
}

// TestWebhook has kubectl, which reads the file as an API server does, read the configuration of the webhook.
func TestWebhook(t *testing.T) {
	t.Parallel()
	c := kubernetestest.Open(t)
	out, err := run(t.Context(), c.Program("kubectl"), "config", "view", "--kubeconfig", filepath.Join("kubernetes", "audit-webhook.yaml"), "--minify", "--output", "jsonpath={.clusters[0].cluster.server}")
	if err != nil || !strings.HasSuffix(out, ":8443/audit") {
		t.Errorf("%v: the server is %q", err, out)
	}
}

// TestFlags checks that the command has every flag and variable that the manifests and the chart give it.
func TestFlags(t *testing.T) {
	t.Parallel()
	c := kubernetestest.Open(t)
	help, err := run(t.Context(), built(t), "agent", "kubernetes", "--help")
	if err != nil {
		t.Fatal(err)
	}
	manifests := plain(t, c, "components: [BASE/audit]\n") + "---\n" + strings.ReplaceAll(chart(t, "audit.enabled=true", "audit.automationUsers={ci-*}", "region=eu",
		"source=k", "ca.configMap=ca", "replicas=2", "excludeNamespaces={a}", "namespaces={b}", "kinds={deployments}", "secrets=false"), "tidings-agent", "tidings-chart")
	for id, o := range parse(t, manifests) {
		var flags []string
		if data, ok := o["data"].(map[string]any); ok {
			for name := range data {
				flags = append(flags, "--"+strings.ToLower(strings.ReplaceAll(strings.TrimPrefix(name, "TIDINGS_"), "_", "-")))
			}
		}
		if containers, ok := o.at("spec", "template", "spec", "containers").([]any); ok {
			for _, arg := range containers[0].(map[string]any)["args"].([]any) {
				if flag, _, _ := strings.Cut(fmt.Sprint(arg), "="); strings.HasPrefix(flag, "--") {
					flags = append(flags, flag)
				}
			}
		}
		for _, flag := range flags {
			if !strings.Contains(help, flag+" ") {
				t.Errorf("%s gives %s, which the command does not have", id, flag)
			}
		}
	}
}
