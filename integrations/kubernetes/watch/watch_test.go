package watch_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"k8s.io/client-go/rest"
	"sigs.k8s.io/yaml"

	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/integrations/kubernetes"
	"tidings.dev/tidings/integrations/kubernetes/watch"
	"tidings.dev/tidings/internal/kubernetestest"
	"tidings.dev/tidings/observe"
)

// seen keeps everything that a Looker puts.
type seen struct {
	mu       sync.Mutex
	all      []observe.Observation
	complete map[string]bool
	troubles map[string]string
	changed  chan struct{}
}

func newSeen() *seen {
	return &seen{complete: map[string]bool{}, troubles: map[string]string{}, changed: make(chan struct{}, 1)}
}

func (s *seen) note(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f()
	select {
	case s.changed <- struct{}{}:
	default:
	}
}

func (s *seen) Put(o observe.Observation)     { s.note(func() { s.all = append(s.all, o) }) }
func (s *seen) Complete(collection string)    { s.note(func() { s.complete[collection] = true }) }
func (s *seen) Trouble(what, sentence string) { s.note(func() { s.troubles[what] = sentence }) }

// of are the observations of one object, in their order.
func (s *seen) of(object string) []observe.Observation {
	s.mu.Lock()
	defer s.mu.Unlock()
	var made []observe.Observation
	for _, o := range s.all {
		if o.Object == object {
			made = append(made, o)
		}
	}
	return made
}

// wait waits until a condition holds.
func (s *seen) wait(t *testing.T, what string, holds func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for !holds() {
		select {
		case <-s.changed:
		case <-ctx.Done():
			s.mu.Lock()
			defer s.mu.Unlock()
			for _, o := range s.all {
				t.Logf("%s %s gone=%v", o.Object, o.State, o.Gone)
			}
			t.Fatalf("waited in vain until %s; troubles: %v", what, s.troubles)
		}
	}
}

func state[T any](t *testing.T, o observe.Observation) T {
	t.Helper()
	var made T
	if err := json.Unmarshal(o.State, &made); err != nil {
		t.Fatalf("%s: %v: %s", o.Object, err, o.State)
	}
	return made
}

// last is the last state of an object, if there is one.
func last[T any](t *testing.T, s *seen, object string) (T, bool) {
	t.Helper()
	all := s.of(object)
	if len(all) == 0 || all[len(all)-1].Gone {
		var none T
		return none, false
	}
	return state[T](t, all[len(all)-1]), true
}

func mark(value string) string {
	mac := hmac.New(sha256.New, []byte("a key of this test"))
	mac.Write([]byte(value))
	return "hmac:" + hex.EncodeToString(mac.Sum(nil)[:12])
}

// configOf reads the kubeconfig of a user of the test's cluster.
func configOf(t *testing.T, c kubernetestest.Cluster, user string) *rest.Config {
	t.Helper()
	raw, err := c.Kubectl(t.Context(), user, "", "config", "view", "--raw", "--flatten", "--minify")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Clusters []struct {
			Cluster struct {
				Server                   string `json:"server"`
				CertificateAuthorityData []byte `json:"certificate-authority-data"`
				Insecure                 bool   `json:"insecure-skip-tls-verify"`
			} `json:"cluster"`
		} `json:"clusters"`
		Users []struct {
			User struct {
				Token string `json:"token"`
			} `json:"user"`
		} `json:"users"`
	}
	if err := yaml.Unmarshal([]byte(raw), &file); err != nil {
		t.Fatal(err)
	}
	cluster := file.Clusters[0].Cluster
	return &rest.Config{
		Host: cluster.Server, BearerToken: file.Users[0].User.Token,
		TLSClientConfig: rest.TLSClientConfig{CAData: cluster.CertificateAuthorityData, Insecure: cluster.Insecure},
	}
}

// look starts to look, and waits until everything was seen once.
func look(t *testing.T, config *rest.Config, options watch.Options) (*seen, func()) {
	t.Helper()
	looker, err := watch.New(config, options)
	if err != nil {
		t.Fatal(err)
	}
	s := newSeen()
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- looker.Watch(ctx, mark, s) }()
	end := sync.OnceFunc(func() {
		stop()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("Watch ended with %v", err)
		}
	})
	t.Cleanup(end)
	s.wait(t, "everything was seen once", func() bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		for _, c := range looker.Collections() {
			if !s.complete[c] {
				return false
			}
		}
		return true
	})
	return s, end
}

func apply(t *testing.T, c kubernetestest.Cluster, user, namespace, manifest string) {
	t.Helper()
	if _, err := c.Kubectl(t.Context(), user, manifest, "--namespace", namespace, "apply", "-f", "-"); err != nil {
		t.Fatal(err)
	}
}

func kubectl(t *testing.T, c kubernetestest.Cluster, user, namespace string, args ...string) {
	t.Helper()
	if _, err := c.Kubectl(t.Context(), user, "", append([]string{"--namespace", namespace}, args...)...); err != nil {
		t.Fatal(err)
	}
}

// canary is planted wherever a secret could be.
const canary = "c4n4ry-0f-th3-t3st"

const shop = `
apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data: {LOG_LEVEL: debug, GREETING: c4n4ry-0f-th3-t3st}
---
apiVersion: v1
kind: Secret
metadata: {name: database}
stringData: {password: c4n4ry-0f-th3-t3st}
---
apiVersion: v1
kind: Service
metadata: {name: cart}
spec:
  selector: {app: cart}
  ports: [{port: 80}]
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: public}
spec:
  rules:
    - host: shop.example.com
      http:
        paths:
          - {path: /cart, pathType: Prefix, backend: {service: {name: cart, port: {number: 80}}}}
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: cart
  labels: {app.kubernetes.io/name: cart, unrelated: label}
  annotations: {tidings.dev/owner: group:checkout, unrelated: annotation}
spec:
  replicas: 2
  selector: {matchLabels: {app: cart}}
  template:
    metadata: {labels: {app: cart}}
    spec:
      automountServiceAccountToken: false
      containers:
        - name: app
          image: registry.example.com/cart:v1
          args: ["--listen=:8080", "--password", "c4n4ry-0f-th3-t3st"]
          env:
            - {name: TOKEN, value: c4n4ry-0f-th3-t3st}
            - {name: PASSWORD, valueFrom: {secretKeyRef: {name: database, key: password}}}
          envFrom: [{configMapRef: {name: settings}}]
          resources: {requests: {cpu: 100m, memory: 64Mi}}
          readinessProbe: {httpGet: {path: /healthz, port: 8080}, periodSeconds: 5}
`

func TestWatch(t *testing.T) {
	t.Parallel()
	cluster := kubernetestest.Open(t)
	namespace := cluster.Namespace(t)
	apply(t, cluster, kubernetestest.Alice, namespace, shop)
	cart := namespace + "/deployment/cart"

	s, _ := look(t, configOf(t, cluster, kubernetestest.Agent), watch.Options{ExcludeNamespaces: []string{"default"}})
	s.wait(t, "the first rollout is complete", func() bool {
		w, ok := last[kubernetes.Workload](t, s, cart)
		return ok && w.Rollout.Phase == kubernetes.Complete && w.Rollout.Ready == 2
	})
	w, _ := last[kubernetes.Workload](t, s, cart)
	if w.Kind != "Deployment" || w.Annotations["tidings.dev/owner"] != "group:checkout" || len(w.Annotations) != 1 || len(w.Labels) != 1 {
		t.Errorf("the workload is %+v", w.Meta)
	}
	if want := []string{"shop.example.com/cart"}; len(w.Hosts) != 1 || w.Hosts[0] != want[0] {
		t.Errorf("it is exposed at %q, want %q", w.Hosts, want)
	}
	c := w.Template.Containers[0]
	if c.Environment["TOKEN"] != mark(canary) || c.Environment["PASSWORD"] != "secret/database:password" || c.Environment["*"] != "configmap/settings" {
		t.Errorf("the environment is %v", c.Environment)
	}
	if len(w.Writers) == 0 || !strings.HasPrefix(w.Writers[0].Manager, "kubectl") {
		t.Errorf("the writers are %+v", w.Writers)
	}
	if config, _ := last[kubernetes.Config](t, s, namespace+"/configmap/settings"); config.Keys["GREETING"] != mark(canary) || len(config.UsedBy) != 1 || config.UsedBy[0] != cart {
		t.Errorf("the ConfigMap is %+v", config)
	}
	if config, _ := last[kubernetes.Config](t, s, namespace+"/secret/database"); config.Keys["password"] != mark(canary) || config.Type != "Opaque" {
		t.Errorf("the Secret is %+v", config)
	}
	if route, _ := last[kubernetes.Route](t, s, namespace+"/ingress/public"); len(route.Workloads) != 1 || route.Workloads[0] != cart {
		t.Errorf("the Ingress is %+v", route)
	}

	first := w
	kubectl(t, cluster, kubernetestest.Bob, namespace, "set", "image", "deployment/cart", "app=registry.example.com/cart:v2")
	s.wait(t, "the second version is rolled out", func() bool {
		w, ok := last[kubernetes.Workload](t, s, cart)
		return ok && w.Rollout.Phase == kubernetes.Complete && w.Template.Containers[0].Image == "registry.example.com/cart:v2"
	})
	second, _ := last[kubernetes.Workload](t, s, cart)
	if second.Rollout.ID == first.Rollout.ID || second.Rollout.Earlier || second.Rollout.Revision != "2" {
		t.Errorf("after %+v the rollout is %+v", first.Rollout, second.Rollout)
	}
	kubectl(t, cluster, kubernetestest.Bob, namespace, "rollout", "undo", "deployment/cart")
	s.wait(t, "the first version is back", func() bool {
		w, ok := last[kubernetes.Workload](t, s, cart)
		return ok && w.Rollout.Phase == kubernetes.Complete && w.Rollout.ID == first.Rollout.ID
	})
	third, _ := last[kubernetes.Workload](t, s, cart)
	if !third.Rollout.Earlier || third.Rollout.EarlierRevision != "1" || third.Rollout.Revision != "3" {
		t.Errorf("after the rollback the rollout is %+v", third.Rollout)
	}
	for _, o := range s.of(cart) {
		if w := state[kubernetes.Workload](t, o); w.Rollout.ID == second.Rollout.ID && w.Rollout.Earlier {
			t.Errorf("a new version was taken for an earlier one: %+v", w.Rollout)
		}
	}

	kubectl(t, cluster, kubernetestest.Alice, namespace, "delete", "deployment/cart", "--cascade=background")
	s.wait(t, "the workload is gone", func() bool { _, there := last[kubernetes.Workload](t, s, cart); return !there })
	s.wait(t, "nobody uses the ConfigMap any more", func() bool {
		config, ok := last[kubernetes.Config](t, s, namespace+"/configmap/settings")
		return ok && len(config.UsedBy) == 0
	})
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, o := range s.all {
		if strings.Contains(string(o.State), canary) {
			t.Errorf("%s shows a secret: %s", o.Object, o.State)
		}
		if strings.HasPrefix(o.Object, "kube-system/") {
			t.Errorf("%s of the system was put", o.Object)
		}
	}
}

// definitions are the shells of the kinds that not every cluster has.
const definitions = `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: rollouts.argoproj.io}
spec:
  group: argoproj.io
  scope: Namespaced
  names: {kind: Rollout, plural: rollouts, singular: rollout}
  versions:
    - name: v1alpha1
      served: true
      storage: true
      subresources: {status: {}}
      schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: httproutes.gateway.networking.k8s.io
  annotations: {api-approved.kubernetes.io: "https://github.com/kubernetes-sigs/gateway-api/pull/2997"}
spec:
  group: gateway.networking.k8s.io
  scope: Namespaced
  names: {kind: HTTPRoute, plural: httproutes, singular: httproute}
  versions:
    - name: v1
      served: true
      storage: true
      schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
`

const others = `
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: ledger}
spec:
  replicas: 2
  serviceName: ledger
  selector: {matchLabels: {app: ledger}}
  template:
    metadata: {labels: {app: ledger}}
    spec: {automountServiceAccountToken: false, containers: [{name: db, image: "registry.example.com/ledger:v1"}]}
---
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: shipper}
spec:
  selector: {matchLabels: {app: shipper}}
  template:
    metadata: {labels: {app: shipper}}
    spec: {automountServiceAccountToken: false, containers: [{name: ship, image: "registry.example.com/shipper:v1"}]}
---
apiVersion: batch/v1
kind: CronJob
metadata: {name: report}
spec:
  schedule: "0 3 * * *"
  timeZone: Europe/Berlin
  jobTemplate:
    spec:
      template:
        spec: {automountServiceAccountToken: false, restartPolicy: Never, containers: [{name: run, image: "registry.example.com/report:v1"}]}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: ledger}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: StatefulSet, name: ledger}
  minReplicas: 2
  maxReplicas: 5
  metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 70}}}]
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: broken}
spec:
  replicas: 1
  selector: {matchLabels: {app: broken}}
  template:
    metadata: {labels: {app: broken}}
    spec: {automountServiceAccountToken: false, containers: [{name: app, image: "registry.example.com/does-not-exist:v1"}]}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec:
  selector: {app: canary}
  ports: [{port: 80}]
---
apiVersion: argoproj.io/v1alpha1
kind: Rollout
metadata: {name: web}
spec:
  replicas: 4
  selector: {matchLabels: {app: canary}}
  strategy: {canary: {steps: [{setWeight: 20}, {pause: {}}, {setWeight: 60}]}}
  template:
    metadata: {labels: {app: canary}}
    spec: {containers: [{name: web, image: "registry.example.com/web:v1"}]}
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: web}
spec:
  parentRefs: [{name: public}]
  hostnames: [www.example.com]
  rules: [{backendRefs: [{name: web, port: 80, weight: 9}, {name: other, port: 80, weight: 1}]}]
`

func TestWatchOtherKinds(t *testing.T) {
	t.Parallel()
	cluster := kubernetestest.Open(t)
	namespace := cluster.Namespace(t)
	apply(t, cluster, kubernetestest.Admin, "default", definitions)
	kubectl(t, cluster, kubernetestest.Admin, "default", "wait", "--for=condition=Established", "crd/rollouts.argoproj.io", "crd/httproutes.gateway.networking.k8s.io")
	apply(t, cluster, kubernetestest.Admin, namespace, others)
	kubectl(t, cluster, kubernetestest.Admin, namespace, "annotate", "namespace", namespace, "tidings.dev/environment=staging")

	s, _ := look(t, configOf(t, cluster, kubernetestest.Agent), watch.Options{})
	object := func(kind, name string) string { return namespace + "/" + kind + "/" + name }
	workload := func(object string, holds func(kubernetes.Workload) bool) func() bool {
		return func() bool { w, ok := last[kubernetes.Workload](t, s, object); return ok && holds(w) }
	}
	complete := func(w kubernetes.Workload) bool { return w.Rollout.Phase == kubernetes.Complete }

	ledger, shipper := object("statefulset", "ledger"), object("daemonset", "shipper")
	s.wait(t, "the StatefulSet is complete", workload(ledger, complete))
	s.wait(t, "the DaemonSet is complete", workload(shipper, complete))
	first, _ := last[kubernetes.Workload](t, s, ledger)
	if a := first.Autoscaler; a == nil || a.Min != 2 || a.Max != 5 || len(a.Targets) != 1 || a.Targets[0] != "cpu 70%" {
		t.Errorf("the autoscaler is %+v", a)
	}
	if first.Environment != "staging" {
		t.Errorf("the environment is %q", first.Environment)
	}
	for _, of := range []string{"statefulset/ledger", "daemonset/shipper"} {
		object, container := namespace+"/"+of, map[string]string{"statefulset/ledger": "db", "daemonset/shipper": "ship"}[of]
		before, _ := last[kubernetes.Workload](t, s, object)
		kubectl(t, cluster, kubernetestest.Bob, namespace, "set", "image", of, container+"=registry.example.com/new:v2")
		s.wait(t, of+" is of the second version", workload(object, func(w kubernetes.Workload) bool {
			return complete(w) && w.Rollout.ID != before.Rollout.ID
		}))
		if w, _ := last[kubernetes.Workload](t, s, object); w.Rollout.Earlier {
			t.Errorf("a new version of %s was taken for an earlier one: %+v", of, w.Rollout)
		}
		kubectl(t, cluster, kubernetestest.Bob, namespace, "rollout", "undo", of)
		s.wait(t, of+" is rolled back", workload(object, func(w kubernetes.Workload) bool {
			return complete(w) && w.Rollout.ID == before.Rollout.ID
		}))
		if w, _ := last[kubernetes.Workload](t, s, object); !w.Rollout.Earlier {
			t.Errorf("the rollback of %s was not seen as one: %+v", of, w.Rollout)
		}
	}

	s.wait(t, "the image cannot be pulled", workload(object("deployment", "broken"), func(w kubernetes.Workload) bool {
		return len(w.Troubles) == 1 && w.Troubles[0].Kind == "image_pull" && w.Troubles[0].Container == "app"
	}))
	kubectl(t, cluster, kubernetestest.Bob, namespace, "set", "image", "deployment/broken", "app=registry.example.com/mended:v2")
	s.wait(t, "nothing ails it any more", workload(object("deployment", "broken"), func(w kubernetes.Workload) bool {
		return len(w.Troubles) == 0 && complete(w)
	}))
	kubectl(t, cluster, kubernetestest.Admin, namespace, "annotate", "pod", "--selector=app=broken", "rig.tidings.dev/fail=memory")
	s.wait(t, "it runs out of memory, again and again", workload(object("deployment", "broken"), func(w kubernetes.Workload) bool {
		return len(w.Troubles) == 2 && w.Troubles[0].Kind == "crash_loop" && w.Troubles[1].Kind == "out_of_memory" && complete(w)
	}))

	report, _ := last[kubernetes.Workload](t, s, object("cronjob", "report"))
	if report.Schedule != "0 3 * * *" || report.TimeZone != "Europe/Berlin" {
		t.Errorf("the CronJob is %+v", report)
	}
	kubectl(t, cluster, kubernetestest.Bob, namespace, "create", "job", "--from=cronjob/report", "by-hand")
	s.wait(t, "the job of the CronJob has run", workload(object("cronjob", "report"), func(w kubernetes.Workload) bool {
		return len(w.Runs) == 1 && w.Runs[0].Name == "by-hand" && !w.Runs[0].Failed
	}))

	web := object("rollout", "web")
	kubectl(t, cluster, kubernetestest.Admin, namespace, "patch", "rollouts.argoproj.io", "web", "--subresource=status", "--type=merge", "--patch",
		`{"status": {"phase": "Paused", "message": "CanaryPauseStep", "observedGeneration": "1", "currentStepIndex": 1, "replicas": 5, "updatedReplicas": 1}}`)
	s.wait(t, "the canary pauses at its second step", workload(web, func(w kubernetes.Workload) bool {
		r := w.Rollout
		return r.Phase == kubernetes.Paused && r.Step != nil && *r.Step == 1 && r.Steps != nil && *r.Steps == 3 && r.Weight != nil && *r.Weight == 20
	}))
	if w, _ := last[kubernetes.Workload](t, s, web); len(w.Hosts) != 1 || w.Hosts[0] != "www.example.com" {
		t.Errorf("the canary is exposed at %q", w.Hosts)
	}
	if r, _ := last[kubernetes.Route](t, s, object("httproute", "web")); r.Class != "gateway/public" || len(r.Backends) != 2 || r.Backends[1] != "web:80 90%" || len(r.Workloads) != 1 {
		t.Errorf("the route is %+v", r)
	}
}

func TestForbidden(t *testing.T) {
	t.Parallel()
	cluster := kubernetestest.Open(t)
	config := configOf(t, cluster, kubernetestest.Agent)

	t.Run("of nobody", func(t *testing.T) {
		t.Parallel()
		config := rest.CopyConfig(config)
		config.BearerToken = "of nobody"
		looker, err := watch.New(config, watch.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if err := looker.Watch(t.Context(), mark, newSeen()); !fault.Is(err, fault.Unauthenticated) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("without a role", func(t *testing.T) {
		t.Parallel()
		config := rest.CopyConfig(config)
		config.Impersonate.UserName = "nobody@example.com"
		config.BearerToken = configOf(t, cluster, kubernetestest.Carol).BearerToken
		looker, err := watch.New(config, watch.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if err := looker.Watch(t.Context(), mark, newSeen()); !fault.Is(err, fault.Forbidden) || !strings.Contains(err.Error(), "role.yaml") {
			t.Errorf("got %v", err)
		}
	})
	t.Run("one kind", func(t *testing.T) {
		t.Parallel()
		namespace := cluster.Namespace(t)
		apply(t, cluster, kubernetestest.Admin, namespace, `
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: some}
rules: [{apiGroups: ["", apps, autoscaling], resources: [configmaps, deployments, replicasets, pods, events, services, horizontalpodautoscalers], verbs: [get, list, watch]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: some}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: some}
subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: some@example.com}]
`)
		config := rest.CopyConfig(config)
		config.Impersonate.UserName = "some@example.com"
		config.BearerToken = configOf(t, cluster, kubernetestest.Carol).BearerToken
		looker, err := watch.New(config, watch.Options{Namespaces: []string{namespace}, Kinds: []string{"deployments", "configmaps", "secrets"}})
		if err != nil {
			t.Fatal(err)
		}
		s := newSeen()
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() { defer close(ended); _ = looker.Watch(ctx, mark, s) }()
		defer func() { stop(); <-ended }()
		s.wait(t, "all but Secrets were seen", func() bool {
			s.mu.Lock()
			defer s.mu.Unlock()
			return s.complete["deployments"] && s.complete["configmaps"]
		})
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.complete["secrets"] || !strings.Contains(s.troubles["secrets"], "forbidden") || s.troubles["deployments"] != "" {
			t.Errorf("complete: %v; troubles: %v", s.complete, s.troubles)
		}
	})
}
