package watch

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"runtime"
	"slices"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	kruntime "k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"

	"tidings.dev/tidings/integrations/kubernetes"
	"tidings.dev/tidings/observe"
)

// put keeps what a world puts.
type put struct {
	all      []observe.Observation
	complete []string
	troubles map[string]string
	count    int
	bytes    int
	forget   bool
}

func (p *put) Put(o observe.Observation) {
	p.count++
	p.bytes += len(o.State)
	if !p.forget {
		p.all = append(p.all, o)
	}
}
func (p *put) Complete(c string)             { p.complete = append(p.complete, c) }
func (p *put) Trouble(what, sentence string) { p.troubles[what] = sentence }

// stage is a world with a clock that a test moves, fed with typed objects.
type stage struct {
	*world
	put    *put
	clock  time.Time
	scopes map[string]*scope
}

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func newStage(t testing.TB, collections ...string) *stage {
	t.Helper()
	if len(collections) == 0 {
		collections = Collections()
	}
	s := &stage{put: &put{troubles: map[string]string{}}, clock: noon, scopes: map[string]*scope{}}
	s.world = newWorld(collections, s.put, func() time.Time { return s.clock })
	for _, r := range resources(collections) {
		one := &scope{resource: r, reader: reader{mark: marked}}
		s.scopes[r.name+r.selector+r.labelled] = one
		s.expect(one)
	}
	return s
}

func marked(value string) string {
	sum := sha256.Sum256([]byte("of a test" + value))
	return "hmac:" + hex.EncodeToString(sum[:12])
}

// list gives all objects of a resource, as a first list or one after an expired watch does.
func (s *stage) list(resource string, all ...kruntime.Object) {
	one := s.scopes[resource]
	d := delta{scope: one, all: true}
	for _, o := range all {
		if made := one.stripped(o); made.body != nil {
			d.objects = append(d.objects, made)
		}
	}
	s.take(d)
}

// start lists nothing of all that was not listed yet.
func (s *stage) start() {
	for name, one := range s.scopes {
		if s.state[one] == unheard {
			s.list(name)
		}
	}
}

func (s *stage) set(resource string, o kruntime.Object) {
	one := s.scopes[resource]
	made := one.stripped(o)
	s.take(delta{scope: one, objects: []*object{made}, gone: made.body == nil})
}

func (s *stage) remove(resource string, o kruntime.Object) {
	one := s.scopes[resource]
	s.take(delta{scope: one, objects: []*object{one.stripped(o)}, gone: true})
}

// pass lets time pass, a second at a time.
func (s *stage) pass(d time.Duration) {
	for end := s.clock.Add(d); s.clock.Before(end); {
		s.clock = s.clock.Add(time.Second)
		if s.wait() <= 0 {
			s.catchUp()
		}
	}
}

// said takes what was put of an object since the last time.
func (s *stage) said(object string) []observe.Observation {
	var made []observe.Observation
	s.put.all = slices.DeleteFunc(s.put.all, func(o observe.Observation) bool {
		if o.Object == object {
			made = append(made, o)
		}
		return o.Object == object
	})
	return made
}

func read[T any](t testing.TB, o observe.Observation) T {
	t.Helper()
	var made T
	if err := json.Unmarshal(o.State, &made); err != nil {
		t.Fatal(err)
	}
	return made
}

// one takes the one observation that there must be.
func one[T any](t testing.TB, s *stage, object string) T {
	t.Helper()
	all := s.said(object)
	if len(all) != 1 || all[0].Gone {
		t.Fatalf("%d observations of %s, want one state: %+v", len(all), object, all)
	}
	return read[T](t, all[0])
}

func (s *stage) none(t testing.TB, object, why string) {
	t.Helper()
	if all := s.said(object); len(all) > 0 {
		t.Errorf("%s: %d observations of %s: %s", why, len(all), object, all[len(all)-1].State)
	}
}

func ref[T any](v T) *T { return &v }

func deploymentOf(name string, generation int64, image string) *appsv1.Deployment {
	return &appsv1.Deployment{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: "shop", Name: name, UID: types.UID("uid-" + name), Generation: generation, CreationTimestamp: metav1.NewTime(noon),
			Annotations: map[string]string{"deployment.kubernetes.io/revision": fmt.Sprint(generation)},
		},
		Spec: appsv1.DeploymentSpec{Replicas: ref(int32(3)), Template: templateOf(name, image)},
		Status: appsv1.DeploymentStatus{
			ObservedGeneration: generation, Replicas: 3, UpdatedReplicas: 3, ReadyReplicas: 3, AvailableReplicas: 3,
			Conditions: []appsv1.DeploymentCondition{{Type: appsv1.DeploymentProgressing, Status: corev1.ConditionTrue, Reason: "NewReplicaSetAvailable", LastUpdateTime: metav1.NewTime(noon)}},
		},
	}
}

func templateOf(name, image string) corev1.PodTemplateSpec {
	return corev1.PodTemplateSpec{
		ObjectMeta: metav1.ObjectMeta{Labels: map[string]string{"app": name}},
		Spec:       corev1.PodSpec{Containers: []corev1.Container{{Name: "app", Image: image}}},
	}
}

func owned(kind, name string, uid types.UID) []metav1.OwnerReference {
	return []metav1.OwnerReference{{Kind: kind, Name: name, UID: uid, Controller: ref(true)}}
}

func replicaSetOf(name, number, image string, made time.Time, history string) *appsv1.ReplicaSet {
	t := templateOf(name, image)
	t.Labels["pod-template-hash"] = "h" + number
	return &appsv1.ReplicaSet{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: "shop", Name: name + "-" + image, UID: types.UID("uid-" + name + "-" + image), CreationTimestamp: metav1.NewTime(made),
			OwnerReferences: owned("Deployment", name, types.UID("uid-"+name)),
			Annotations:     map[string]string{"deployment.kubernetes.io/revision": number, "deployment.kubernetes.io/revision-history": history},
		},
		Spec: appsv1.ReplicaSetSpec{Template: t},
	}
}

func podOf(name, owner string, status corev1.PodStatus) *corev1.Pod {
	return &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: "shop", Name: name, UID: types.UID("uid-" + name), CreationTimestamp: metav1.NewTime(noon), OwnerReferences: owned("ReplicaSet", owner, types.UID("uid-"+owner)),
		},
		Spec: corev1.PodSpec{NodeName: "worker-1"}, Status: status,
	}
}

const cart = "shop/deployment/cart"

// No controller watches over the progress of a StatefulSet: the agent does.
func TestRolloutOfAStatefulSetThatIsStuck(t *testing.T) {
	t.Parallel()
	const ledger = "shop/statefulset/ledger"
	three := int32(3)
	of := func(generation int64, version string, updated, ready int32) *appsv1.StatefulSet {
		d := deploymentOf("ledger", generation, version)
		set := &appsv1.StatefulSet{ObjectMeta: d.ObjectMeta, Spec: appsv1.StatefulSetSpec{Replicas: &three, Template: d.Spec.Template}}
		set.Status = appsv1.StatefulSetStatus{ObservedGeneration: generation, Replicas: 3, UpdatedReplicas: updated, ReadyReplicas: ready, CurrentRevision: "a", UpdateRevision: version}
		if updated == 3 {
			set.Status.CurrentRevision = version
		}
		return set
	}
	s := newStage(t)
	s.list("statefulsets", of(1, "v1", 3, 3))
	s.start()
	phase := func() string { return one[kubernetes.Workload](t, s, ledger).Rollout.Phase }
	if got := phase(); got != kubernetes.Complete {
		t.Errorf("the first is %s", got)
	}
	s.set("statefulsets", of(2, "v2", 1, 2))
	if got := phase(); got != kubernetes.Progressing {
		t.Errorf("the second begins as %s", got)
	}
	s.pass(9 * time.Minute)
	s.none(t, ledger, "it may take its time")
	s.pass(2 * time.Minute)
	if got := one[kubernetes.Workload](t, s, ledger).Rollout; got.Phase != kubernetes.Stalled || !got.ChangedAt.Equal(noon.Add(10*time.Minute)) || got.Message != "No further pod became ready within 10 minutes; 1 of 3 have the new template." {
		t.Errorf("it is stuck as %+v", got)
	}
	s.pass(time.Hour)
	s.none(t, ledger, "it is stuck still")
	s.set("statefulsets", of(2, "v2", 2, 3))
	s.pass(2 * time.Second)
	if got := phase(); got != kubernetes.Progressing {
		t.Errorf("it goes on as %s", got)
	}
	s.set("statefulsets", of(2, "v2", 3, 3))
	if got := phase(); got != kubernetes.Complete {
		t.Errorf("it ends as %s", got)
	}
	s.set("statefulsets", of(2, "v2", 3, 1))
	s.pass(time.Hour)
	for _, o := range s.said(ledger) {
		if w := read[kubernetes.Workload](t, o); w.Rollout.Phase != kubernetes.Complete {
			t.Errorf("pods that fail later made a rollout: %+v", w.Rollout)
		}
	}
}

// Revisions can be ahead of the workload: what is undone and brought back meanwhile was no rollback when it was new.
func TestRevisionsAheadOfTheirWorkload(t *testing.T) {
	t.Parallel()
	const ledger = "shop/statefulset/ledger"
	of := func(generation int64, version string) *appsv1.StatefulSet {
		d := deploymentOf("ledger", generation, version)
		set := &appsv1.StatefulSet{ObjectMeta: d.ObjectMeta, Spec: appsv1.StatefulSetSpec{Replicas: ref(int32(1)), Template: d.Spec.Template}}
		set.Status = appsv1.StatefulSetStatus{ObservedGeneration: generation, Replicas: 1, UpdatedReplicas: 1, ReadyReplicas: 1, CurrentRevision: version, UpdateRevision: version}
		return set
	}
	revision := func(version string, number int64, made time.Time) *appsv1.ControllerRevision {
		raw, err := json.Marshal(map[string]any{"spec": map[string]any{"template": of(1, version).Spec.Template}})
		if err != nil {
			t.Fatal(err)
		}
		return &appsv1.ControllerRevision{
			ObjectMeta: metav1.ObjectMeta{
				Namespace: "shop", Name: "ledger-" + version, UID: types.UID(version), CreationTimestamp: metav1.NewTime(made),
				OwnerReferences: owned("StatefulSet", "ledger", of(1, version).UID),
			},
			Revision: number, Data: kruntime.RawExtension{Raw: raw},
		}
	}
	s := newStage(t)
	s.list("statefulsets", of(1, "v1"))
	s.list("controllerrevisions", revision("v1", 1, noon))
	s.start()
	s.said(ledger)
	s.set("controllerrevisions", revision("v2", 2, noon.Add(time.Minute)))
	s.set("statefulsets", of(2, "v2"))
	s.pass(time.Minute)
	s.said(ledger)

	s.set("controllerrevisions", revision("v1", 3, noon))
	s.set("controllerrevisions", revision("v2", 4, noon.Add(time.Minute)))
	s.set("statefulsets", of(3, "v1"))
	s.set("statefulsets", of(4, "v2"))
	s.pass(time.Minute)
	var got []string
	for _, o := range s.said(ledger) {
		w := read[kubernetes.Workload](t, o)
		got = append(got, fmt.Sprintf("%d: revision %s, earlier %v", w.Generation, w.Rollout.Revision, w.Rollout.Earlier))
	}
	if want := []string{"3: revision 3, earlier true", "4: revision 4, earlier true"}; !slices.Equal(got, want) {
		t.Errorf("it was told of as %q, want %q", got, want)
	}

	// An agent that looks for the first time sees only what there is: the younger template, which was written again.
	again := revision("v2", 4, noon.Add(time.Minute))
	again.ManagedFields = []metav1.ManagedFieldsEntry{
		{Manager: "kube-controller-manager", Time: ref(metav1.NewTime(noon.Add(time.Hour))), FieldsV1: metav1.NewFieldsV1(`{"f:data":{},"f:revision":{}}`)},
	}
	for _, look := range []struct {
		revision *appsv1.ControllerRevision
		earlier  bool
	}{{again, true}, {revision("v2", 4, noon.Add(time.Minute)), false}} {
		s = newStage(t)
		s.list("statefulsets", of(4, "v2"))
		s.list("controllerrevisions", revision("v1", 3, noon), look.revision)
		s.start()
		if got := one[kubernetes.Workload](t, s, ledger).Rollout; got.Earlier != look.earlier {
			t.Errorf("at the first look the rollout is %+v, want earlier %v", got, look.earlier)
		}
	}
}

func TestRolloutOfADeployment(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.list("deployments", deploymentOf("cart", 1, "v1"))
	s.list("replicasets", replicaSetOf("cart", "1", "v1", noon, ""))
	s.start()
	first := one[kubernetes.Workload](t, s, cart).Rollout
	if first.Phase != kubernetes.Complete || first.Revision != "1" || first.Earlier {
		t.Errorf("the first rollout is %+v", first)
	}

	// The specification is written; the conditions are still about the first template.
	d := deploymentOf("cart", 2, "v2")
	d.Status.ObservedGeneration = 1
	d.Annotations["deployment.kubernetes.io/revision"] = "1"
	s.set("deployments", d)
	second := one[kubernetes.Workload](t, s, cart).Rollout
	if second.Phase != kubernetes.Progressing || second.ID == first.ID || second.Revision != "" || second.Earlier {
		t.Errorf("the second rollout begins as %+v", second)
	}
	s.set("replicasets", replicaSetOf("cart", "2", "v2", noon.Add(time.Minute), ""))
	d = deploymentOf("cart", 2, "v2")
	d.Status.UpdatedReplicas, d.Status.Conditions[0].Reason = 1, "ReplicaSetUpdated"
	for ready := range int32(50) { // as of many pods
		d = d.DeepCopy()
		d.Status.ReadyReplicas = ready
		s.set("deployments", d)
	}
	s.none(t, cart, "pods are gathered")
	s.pass(2 * time.Second)
	if got := one[kubernetes.Workload](t, s, cart).Rollout; got.Phase != kubernetes.Progressing || got.Ready != 49 || got.Revision != "2" {
		t.Errorf("the second rollout goes on as %+v", got)
	}
	d = d.DeepCopy()
	d.Status.Conditions[0] = appsv1.DeploymentCondition{
		Type: appsv1.DeploymentProgressing, Status: corev1.ConditionFalse, Reason: "ProgressDeadlineExceeded", Message: "timed out", LastUpdateTime: metav1.NewTime(noon.Add(time.Hour)),
	}
	s.set("deployments", d)
	if got := one[kubernetes.Workload](t, s, cart).Rollout; got.Phase != kubernetes.Stalled || got.Reason != "ProgressDeadlineExceeded" || !got.ChangedAt.Equal(noon.Add(time.Hour)) {
		t.Errorf("the second rollout is stuck as %+v", got)
	}

	// Back to the first template, before and after the controller has counted it anew.
	d = deploymentOf("cart", 3, "v1")
	d.Status.ObservedGeneration, d.Annotations["deployment.kubernetes.io/revision"] = 2, "2"
	s.set("deployments", d)
	if got := one[kubernetes.Workload](t, s, cart).Rollout; !got.Earlier || got.EarlierRevision != "1" || got.ID != first.ID || got.Phase != kubernetes.Progressing {
		t.Errorf("the rollback begins as %+v", got)
	}
	s.set("replicasets", replicaSetOf("cart", "3", "v1", noon, "1"))
	s.set("deployments", deploymentOf("cart", 3, "v1"))
	if got := one[kubernetes.Workload](t, s, cart).Rollout; !got.Earlier || got.EarlierRevision != "1" || got.Revision != "3" || got.Phase != kubernetes.Complete {
		t.Errorf("the rollback ends as %+v", got)
	}

	// A new ReplicaSet that is seen before its Deployment makes nothing of the old template.
	s.set("replicasets", replicaSetOf("cart", "4", "v3", noon.Add(2*time.Hour), ""))
	s.pass(5 * time.Second)
	s.none(t, cart, "nothing has changed yet")
}

// Where a Service without a selector leads to is what somebody wrote: pods of a workload, and addresses outside.
func TestEndpointsByHand(t *testing.T) {
	t.Parallel()
	service := func(name string, selector map[string]string) *corev1.Service {
		return &corev1.Service{
			ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: name, UID: types.UID(name)},
			Spec:       corev1.ServiceSpec{Type: corev1.ServiceTypeClusterIP, Selector: selector, Ports: []corev1.ServicePort{{Port: 5432}}},
		}
	}
	sliceOf := func(name, service, by string, endpoints ...discoveryv1.Endpoint) *discoveryv1.EndpointSlice {
		return &discoveryv1.EndpointSlice{
			ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: name, UID: types.UID(name), Labels: map[string]string{
				discoveryv1.LabelServiceName: service, discoveryv1.LabelManagedBy: by,
			}},
			AddressType: discoveryv1.AddressTypeIPv4, Endpoints: endpoints, Ports: []discoveryv1.EndpointPort{{Port: ref(int32(5432))}},
		}
	}
	outside := func(address string, ready *bool) discoveryv1.Endpoint {
		return discoveryv1.Endpoint{Addresses: []string{address}, Conditions: discoveryv1.EndpointConditions{Ready: ready}}
	}
	pod := func(name string) discoveryv1.Endpoint {
		return discoveryv1.Endpoint{Addresses: []string{"10.0.0.1"}, TargetRef: &corev1.ObjectReference{Kind: "Pod", Name: name}}
	}
	s := newStage(t)
	s.list("deployments", deploymentOf("cart", 1, "v1"))
	s.list("replicasets", replicaSetOf("cart", "1", "v1", noon, ""))
	own := service("kubernetes", nil)
	own.Namespace = "default"
	s.list("services", service("db", nil), service("leader", nil), service("plain", map[string]string{"app": "nothing"}), own)
	write := func(all ...*discoveryv1.EndpointSlice) {
		for _, one := range all {
			s.set(slicesName+discoveryv1.LabelManagedBy+"!="+sliceController, one)
		}
		s.pass(5 * time.Second)
	}
	s.start()
	if db := one[kubernetes.Route](t, s, "shop/service/db"); db.Endpoints == nil || db.Endpoints.Ready != 0 || len(db.Workloads) > 0 {
		t.Errorf("without a slice the Service is %+v", db)
	}
	s.said("shop/service/leader")
	s.none(t, "shop/service/plain", "it has a selector")
	s.none(t, "default/service/kubernetes", "it is of Kubernetes itself")

	write(
		sliceOf("db-1", "db", "staff", outside("203.0.113.5", nil), outside("203.0.113.6", ref(false))),
		sliceOf("db-2", "db", mirrorController, outside("203.0.113.7", ref(true))),
		sliceOf("plain-1", "plain", "another-controller", outside("203.0.113.8", nil)),
		sliceOf("leader-1", "leader", "", pod("cart-v1-a")),
	)
	db := one[kubernetes.Route](t, s, "shop/service/db")
	if want := []string{"203.0.113.5:5432", "203.0.113.6:5432", "203.0.113.7:5432"}; db.Endpoints.Ready != 2 || !slices.Equal(db.Endpoints.Outside, want) || !slices.Equal(db.Workloads, []string{"shop/service/db"}) {
		t.Errorf("the Service leads to %+v, %q", db.Endpoints, db.Workloads)
	}
	s.none(t, "shop/service/plain", "its selector says where it leads to")
	if leader := one[kubernetes.Route](t, s, "shop/service/leader"); leader.Endpoints.Ready != 1 || len(leader.Workloads) > 0 {
		t.Errorf("before its pod is seen the Service leads to %+v, %q", leader.Endpoints, leader.Workloads)
	}
	s.set("pods", podOf("cart-v1-a", "cart-v1", corev1.PodStatus{}))
	s.pass(5 * time.Second)
	if leader := one[kubernetes.Route](t, s, "shop/service/leader"); !slices.Equal(leader.Workloads, []string{cart}) {
		t.Errorf("the Service leads to %q, want %q", leader.Workloads, cart)
	}

	write(sliceOf("db-1", "db", "staff", outside("203.0.113.5", nil), outside("203.0.113.6", ref(false))))
	s.none(t, "shop/service/db", "the same was written again")
	s.remove(slicesName+discoveryv1.LabelManagedBy+"!="+sliceController, sliceOf("db-1", "db", "staff"))
	s.remove(slicesName+discoveryv1.LabelManagedBy+"!="+sliceController, sliceOf("db-2", "db", "staff"))
	s.pass(5 * time.Second)
	if db := one[kubernetes.Route](t, s, "shop/service/db"); db.Endpoints.Ready != 0 || len(db.Endpoints.Outside)+len(db.Workloads) > 0 {
		t.Errorf("without its slices the Service leads to %+v, %q", db.Endpoints, db.Workloads)
	}
}

func TestQuiet(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.list("deployments", deploymentOf("cart", 1, "v1"))
	s.list("replicasets", replicaSetOf("cart", "1", "v1", noon, ""))
	s.start()
	s.said(cart)
	for i := range 360 {
		d := deploymentOf("cart", 1, "v1")
		d.Status.ReadyReplicas = int32(2 + i%2)
		d.ResourceVersion = fmt.Sprint(i)
		d.ManagedFields = []metav1.ManagedFieldsEntry{
			{Manager: "kube-controller-manager", Subresource: "status", Time: ref(metav1.NewTime(s.clock)), FieldsV1: metav1.NewFieldsV1(`{"f:spec":{"f:replicas":{}}}`)},
			{Manager: "an-operator", Time: ref(metav1.NewTime(s.clock)), FieldsV1: metav1.NewFieldsV1(`{"f:metadata":{"f:annotations":{"f:touched":{}}}}`)},
		}
		s.set("deployments", d)
		s.pass(10 * time.Second)
	}
	if all := s.said(cart); len(all) > 10 {
		t.Errorf("an hour of a pod that comes and goes made %d observations", len(all))
	}
	s.list("deployments", deploymentOf("cart", 1, "v1"))
	s.pass(2 * longPause)
	s.said(cart)
	before := s.put.count
	s.list("deployments", deploymentOf("cart", 1, "v1"))
	s.list("replicasets", replicaSetOf("cart", "1", "v1", noon, ""))
	s.pass(2 * longPause)
	if s.put.count != before {
		t.Errorf("a list of the same again made %d observations", s.put.count-before)
	}
}

// A node that is not ready for a moment is not lost: nothing is moved off it.
func TestLostNode(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	ready := func(status corev1.ConditionStatus) *corev1.Node {
		return &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: "worker-1", UID: "node-1", CreationTimestamp: metav1.NewTime(noon)}, Status: corev1.NodeStatus{
			Conditions: []corev1.NodeCondition{{Type: corev1.NodeReady, Status: status, Reason: "NodeStatusUnknown", LastTransitionTime: metav1.NewTime(s.clock)}},
		}}
	}
	s.list("nodes", ready(corev1.ConditionTrue))
	s.start()
	s.said("node/worker-1")
	s.set("nodes", ready(corev1.ConditionUnknown))
	s.pass(lostFor / 2)
	s.set("nodes", ready(corev1.ConditionTrue))
	s.pass(2 * lostFor)
	s.none(t, "node/worker-1", "it was back before long")
	s.set("nodes", ready(corev1.ConditionUnknown))
	s.pass(lostFor + 5*time.Second)
	if got := one[kubernetes.Node](t, s, "node/worker-1"); got.Ready || got.Reason != "NodeStatusUnknown" {
		t.Errorf("lost for long: %+v", got)
	}
}

func TestAutoscaler(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	scaler := func(most, desired int32, at time.Time, metric string) *autoscalingv2.HorizontalPodAutoscaler {
		a := &autoscalingv2.HorizontalPodAutoscaler{
			ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "cart", UID: "uid-scaler"},
			Spec: autoscalingv2.HorizontalPodAutoscalerSpec{
				ScaleTargetRef: autoscalingv2.CrossVersionObjectReference{Kind: "Deployment", Name: "cart"}, MaxReplicas: most,
				Metrics: []autoscalingv2.MetricSpec{{Resource: &autoscalingv2.ResourceMetricSource{Name: "cpu", Target: autoscalingv2.MetricTarget{AverageUtilization: ref(int32(70))}}}},
			},
			Status: autoscalingv2.HorizontalPodAutoscalerStatus{DesiredReplicas: desired, Conditions: []autoscalingv2.HorizontalPodAutoscalerCondition{{
				Type: autoscalingv2.ScalingActive, Message: "the HPA was able to successfully calculate a replica count from " + metric,
			}}},
		}
		if !at.IsZero() {
			a.Status.LastScaleTime = ref(metav1.NewTime(at))
		}
		return a
	}
	s.list("deployments", deploymentOf("cart", 1, "v1"))
	s.list("horizontalpodautoscalers", scaler(5, 3, time.Time{}, "cpu"))
	s.start()
	if got := one[kubernetes.Workload](t, s, cart).Autoscaler; got == nil || got.Min != 1 || got.Max != 5 || got.Because != "" || !slices.Equal(got.Targets, []string{"cpu 70%"}) {
		t.Errorf("the autoscaler is %+v", got)
	}
	s.set("horizontalpodautoscalers", scaler(5, 3, time.Time{}, "memory")) // which it looks at changes all day
	s.pass(5 * time.Second)
	s.none(t, cart, "it has decided nothing")
	s.set("horizontalpodautoscalers", scaler(5, 4, noon.Add(time.Minute), "cpu"))
	s.pass(5 * time.Second)
	if got := one[kubernetes.Workload](t, s, cart).Autoscaler; got.Desired != 4 || got.Because != "cpu" {
		t.Errorf("it decided %+v", got)
	}
	s.set("horizontalpodautoscalers", scaler(5, 4, noon.Add(time.Minute), "memory"))
	s.pass(5 * time.Second)
	s.none(t, cart, "it has decided nothing more")
	s.set("eventsreason=SuccessfulRescale", &corev1.Event{
		ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "an-event"}, Reason: "SuccessfulRescale", Message: "New size: 5; reason: memory above target",
		InvolvedObject: corev1.ObjectReference{Kind: "HorizontalPodAutoscaler", Name: "cart"}, FirstTimestamp: metav1.NewTime(noon.Add(2 * time.Minute)),
	})
	s.set("horizontalpodautoscalers", scaler(5, 5, noon.Add(2*time.Minute), "cpu"))
	s.pass(5 * time.Second)
	if got := one[kubernetes.Workload](t, s, cart).Autoscaler; got.Desired != 5 || got.Because != "memory above target" {
		t.Errorf("it decided %+v", got)
	}
	s.set("horizontalpodautoscalers", scaler(9, 5, noon.Add(2*time.Minute), "cpu"))
	if got := one[kubernetes.Workload](t, s, cart).Autoscaler; got.Max != 9 {
		t.Errorf("somebody changed it, and it is %+v", got)
	}
	s.remove("horizontalpodautoscalers", scaler(9, 5, noon, "cpu"))
	s.pass(5 * time.Second)
	if got := one[kubernetes.Workload](t, s, cart).Autoscaler; got != nil {
		t.Errorf("it is gone, and is %+v", got)
	}
}

func TestGone(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.list("deployments", deploymentOf("cart", 1, "v1"), deploymentOf("web", 1, "v1"))
	s.start()
	s.said(cart)
	s.said("shop/deployment/web")
	// The watch had expired: web was deleted while nobody looked, and cart was deleted and made again.
	again := deploymentOf("cart", 1, "v1")
	again.UID = "uid-of-another"
	s.list("deployments", again)
	if all := s.said(cart); len(all) != 2 || !all[0].Gone || read[kubernetes.Workload](t, all[1]).UID != "uid-of-another" {
		t.Errorf("got %+v", all)
	}
	if all := s.said("shop/deployment/web"); len(all) != 1 || !all[0].Gone || all[0].Collection != kubernetes.Deployments {
		t.Errorf("got %+v", all)
	}
	s.remove("deployments", again)
	if all := s.said(cart); len(all) != 1 || !all[0].Gone {
		t.Errorf("got %+v", all)
	}
	if want := Collections(); !slices.Equal(s.put.complete, want) {
		t.Errorf("complete are %q, want each of %q once", s.put.complete, want)
	}
}

func waiting(reason, message string, restarts int32) corev1.PodStatus {
	return corev1.PodStatus{ContainerStatuses: []corev1.ContainerStatus{{
		Name: "app", RestartCount: restarts, State: corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: reason, Message: message}},
	}}}
}

func crashed(reason string, restarts int32, at time.Time) corev1.PodStatus {
	return corev1.PodStatus{ContainerStatuses: []corev1.ContainerStatus{{
		Name: "app", RestartCount: restarts, State: corev1.ContainerState{Running: &corev1.ContainerStateRunning{}},
		LastTerminationState: corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{ExitCode: 137, Reason: reason, FinishedAt: metav1.NewTime(at)}},
	}}}
}

// A probe that failed, was well again, and left its warning says nothing of a pod that is not ready later for another reason.
func TestAProbeOfBeforeIsOver(t *testing.T) {
	t.Parallel()
	since := func(at time.Time, status corev1.PodStatus) corev1.PodStatus {
		status.Conditions = []corev1.PodCondition{{Type: corev1.PodReady, Status: corev1.ConditionFalse, LastTransitionTime: metav1.NewTime(at)}}
		return status
	}
	s := newStage(t)
	s.list("deployments", deploymentOf("cart", 1, "v1"))
	s.list("replicasets", replicaSetOf("cart", "1", "v1", noon, ""))
	s.list("pods", podOf("cart-1", "cart-v1", corev1.PodStatus{}))
	s.start()
	s.said(cart)
	s.set("eventstype=Warning", &corev1.Event{
		ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "an-event"}, Reason: "Unhealthy", Message: "Readiness probe failed: HTTP probe failed with statuscode: 503", Count: 3,
		InvolvedObject: corev1.ObjectReference{Kind: "Pod", Name: "cart-1", UID: "uid-cart-1"},
		FirstTimestamp: metav1.NewTime(noon.Add(-20 * time.Second)), LastTimestamp: metav1.NewTime(noon),
	})
	s.set("pods", podOf("cart-1", "cart-v1", since(noon, corev1.PodStatus{})))
	s.pass(4 * time.Second)
	if got := one[kubernetes.Workload](t, s, cart).Troubles; len(got) != 1 || got[0].Kind != probe {
		t.Fatalf("a probe that fails: got %+v", got)
	}
	s.set("pods", podOf("cart-1", "cart-v1", corev1.PodStatus{}))
	s.pass(40 * time.Second)
	if got := one[kubernetes.Workload](t, s, cart).Troubles; len(got) != 0 {
		t.Fatalf("one that is well again: got %+v", got)
	}
	s.set("pods", podOf("cart-1", "cart-v1", since(noon.Add(40*time.Second), crashed("OOMKilled", 1, noon.Add(40*time.Second)))))
	s.pass(4 * time.Second)
	if got := one[kubernetes.Workload](t, s, cart).Troubles; len(got) != 1 || got[0].Kind != outOfMemory {
		t.Errorf("a kill for memory later: got %+v", got)
	}
}

func TestTroubles(t *testing.T) {
	t.Parallel()
	unready := corev1.PodStatus{Conditions: []corev1.PodCondition{{Type: corev1.PodReady, Status: corev1.ConditionFalse, LastTransitionTime: metav1.NewTime(noon)}}}
	event := func(reason, message, kind, object string) *corev1.Event {
		return &corev1.Event{
			ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "an-event"}, Reason: reason, Message: message, Count: 4,
			InvolvedObject: corev1.ObjectReference{Kind: kind, Name: object, UID: types.UID("uid-" + object), FieldPath: "spec.containers{app}"},
			FirstTimestamp: metav1.NewTime(noon), LastTimestamp: metav1.NewTime(noon),
		}
	}
	for _, test := range []struct {
		name  string
		pod   corev1.PodStatus
		event *corev1.Event
		after time.Duration // until it is told
		want  kubernetes.Trouble
		until time.Duration // until it is over by itself; zero for one that lasts
	}{
		{
			name: "an image that is not there", pod: waiting("ErrImagePull", "registry: not found", 0), after: time.Second,
			want: kubernetes.Trouble{Kind: imagePull, Container: "app", Pods: 1, Count: 1, Message: "registry: not found"},
		},
		{
			name: "a crash loop", pod: waiting("CrashLoopBackOff", "back-off 5m0s", 17), after: time.Second,
			want: kubernetes.Trouble{Kind: crashLoop, Container: "app", Pods: 1, Count: 10, Message: "restarts again and again"},
		},
		{
			name: "a crash loop between two crashes", pod: crashed("Error", 4, noon), after: time.Second,
			want:  kubernetes.Trouble{Kind: crashLoop, Container: "app", Pods: 1, Count: 3, Message: "ends with code 137"},
			until: lasting,
		},
		{
			name: "one kill for memory", pod: crashed("OOMKilled", 1, noon), after: time.Second,
			want:  kubernetes.Trouble{Kind: outOfMemory, Container: "app", Pods: 1, Count: 1, Message: "ends with code 137: OOMKilled"},
			until: lasting,
		},
		{
			name: "no node", pod: corev1.PodStatus{Conditions: []corev1.PodCondition{{
				Type: corev1.PodScheduled, Status: corev1.ConditionFalse, Reason: "Unschedulable", Message: "0/3 nodes", LastTransitionTime: metav1.NewTime(noon),
			}}}, after: patient + time.Second,
			want: kubernetes.Trouble{Kind: schedule, Pods: 1, Count: 1, Message: "0/3 nodes"},
		},
		{
			name: "a readiness probe", pod: unready, event: event("Unhealthy", "Readiness probe failed: HTTP probe failed with statuscode: 503 and a body", "Pod", "cart-1"), after: starting + time.Second,
			want: kubernetes.Trouble{Kind: probe, Container: "app", Pods: 1, Count: 3, Message: "Readiness probe failed: HTTP probe failed with statuscode: 503"},
		},
		{
			name: "a liveness probe", event: event("Unhealthy", "Liveness probe failed: my secret is hunter2", "Pod", "cart-1"), after: time.Second,
			want: kubernetes.Trouble{Kind: probe, Container: "app", Pods: 1, Count: 3, Message: "Liveness probe failed"}, until: lasting,
		},
		{
			name: "a quota", event: event("FailedCreate", "exceeded quota: small", "ReplicaSet", "cart-v1"), after: time.Second,
			want: kubernetes.Trouble{Kind: quota, Pods: 1, Count: 3, Message: "exceeded quota: small"}, until: lasting,
		},
		{
			name: "an eviction", pod: corev1.PodStatus{Phase: corev1.PodFailed, Reason: "Evicted", Message: "low on memory"}, after: time.Second,
			want: kubernetes.Trouble{Kind: eviction, Pods: 1, Count: 1, Message: "low on memory", Node: "worker-1"}, until: lasting,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t)
			s.list("deployments", deploymentOf("cart", 1, "v1"))
			s.list("replicasets", replicaSetOf("cart", "1", "v1", noon, ""))
			s.list("pods", podOf("cart-1", "cart-v1", corev1.PodStatus{}))
			s.start()
			s.said(cart)
			s.set("pods", podOf("cart-1", "cart-v1", test.pod))
			if test.event != nil {
				s.set("eventstype=Warning", test.event)
			}
			if test.after > time.Second {
				s.pass(test.after - 2*time.Second)
				s.none(t, cart, "it is too early to tell")
			}
			s.pass(4 * time.Second)
			got := one[kubernetes.Workload](t, s, cart)
			test.want.Since = noon
			if test.event != nil && test.event.Reason == "FailedCreate" {
				test.want.Container, got.Troubles[0].Container = "", ""
			}
			if len(got.Troubles) != 1 || got.Troubles[0] != test.want {
				t.Fatalf("got %+v, want %+v", got.Troubles, test.want)
			}
			if got.Rollout.Phase != kubernetes.Complete {
				t.Errorf("a trouble made a rollout: %+v", got.Rollout)
			}
			if test.until > 0 {
				s.pass(test.until + 5*time.Second)
			} else {
				s.pass(time.Hour)
				s.none(t, cart, "it lasts")
				s.set("pods", podOf("cart-1", "cart-v1", corev1.PodStatus{}))
				s.pass(2 * time.Second)
			}
			if got := one[kubernetes.Workload](t, s, cart); len(got.Troubles) != 0 {
				t.Errorf("it does not end: %+v", got.Troubles)
			}
		})
	}
}

// BenchmarkWorld takes in a large cluster, and reports what stays in memory of it.
func BenchmarkWorld(b *testing.B) {
	const workloads, podsEach = 5000, 4
	for range b.N {
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		s := newStage(b)
		s.put.forget = true
		feed := func(resource string, n int, made func(i int) kruntime.Object) {
			one := s.scopes[resource]
			d := delta{scope: one, all: true}
			for i := range n {
				d.objects = append(d.objects, one.stripped(made(i)))
			}
			s.take(d)
		}
		name := func(i int) string { return fmt.Sprintf("workload-with-a-name-%04d", i) }
		feed("deployments", workloads, func(i int) kruntime.Object {
			d := deploymentOf(name(i), 1, "registry.example.com/team/program:v1.2.3")
			c := &d.Spec.Template.Spec.Containers[0]
			for j := range 20 {
				c.Env = append(c.Env, corev1.EnvVar{Name: fmt.Sprintf("A_VARIABLE_OF_%d", j), Value: fmt.Sprintf("value %d of %d", j, i)})
			}
			d.Spec.Template.Spec.Volumes = []corev1.Volume{{Name: "settings", VolumeSource: corev1.VolumeSource{ConfigMap: &corev1.ConfigMapVolumeSource{LocalObjectReference: corev1.LocalObjectReference{Name: name(i)}}}}}
			return d
		})
		feed("replicasets", 3*workloads, func(i int) kruntime.Object {
			return replicaSetOf(name(i/3), fmt.Sprint(i%3+1), fmt.Sprintf("v%d", i%3), noon, "")
		})
		feed("pods", podsEach*workloads, func(i int) kruntime.Object {
			owner := name(i/podsEach) + "-v2"
			p := podOf(fmt.Sprintf("%s-%05d", owner, i), owner, corev1.PodStatus{})
			p.Spec.NodeName = fmt.Sprintf("worker-%d", i%200)
			return p
		})
		feed("configmaps", workloads, func(i int) kruntime.Object {
			return &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: name(i), UID: types.UID(name(i))}, Data: map[string]string{"a": "1", "b": "2", "c": "3"}}
		})
		feed("services", workloads, func(i int) kruntime.Object {
			return &corev1.Service{ObjectMeta: metav1.ObjectMeta{Namespace: fmt.Sprintf("shop-%d", i%50), Name: name(i), UID: types.UID(name(i))}, Spec: corev1.ServiceSpec{Selector: map[string]string{"app": name(i)}}}
		})
		s.start()
		runtime.GC()
		runtime.ReadMemStats(&after)
		b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/(1<<20), "MB-kept")
		b.ReportMetric(float64(s.put.bytes)/(1<<20), "MB-put")
		if s.put.count != 2*workloads {
			b.Fatalf("%d were put", s.put.count)
		}
		runtime.KeepAlive(s)
	}
}
