package kubernetes

import "time"

// What the agent sends, field by field: docs/kubernetes.md is generated from these comments. A state holds no secret:
// values of environment variables, ConfigMaps and Secrets are keyed fingerprints from the moment that they are read.
// Nothing in a state changes by itself: no resource version, no heartbeat, no age.

// The collections: what the agent looks for, by the name that Kubernetes gives it.
const (
	Deployments  = "deployments"
	StatefulSets = "statefulsets"
	DaemonSets   = "daemonsets"
	CronJobs     = "cronjobs"
	Jobs         = "jobs" // without those of a CronJob, which are summed up in it
	Rollouts     = "rollouts"
	ConfigMaps   = "configmaps"
	Secrets      = "secrets"
	Services     = "services" // that are reachable from outside, or have no selector
	Ingresses    = "ingresses"
	HTTPRoutes   = "httproutes"
	GRPCRoutes   = "grpcroutes"
	HelmReleases = "helmreleases"
	Namespaces   = "namespaces"
	Nodes        = "nodes"
)

// Meta is what every object has.
type Meta struct {
	Kind      string    `json:"kind"` // Deployment, ConfigMap, …
	Namespace string    `json:"namespace,omitempty"`
	Name      string    `json:"name"`
	UID       string    `json:"uid"`
	CreatedAt time.Time `json:"created_at"`
	// Environment is what the object's namespace says: its label or annotation tidings.dev/environment. Empty says nothing.
	Environment string `json:"environment,omitempty"`
	// Generation counts the changes of the object's specification; zero for kinds without one.
	Generation int64 `json:"generation,omitempty"`
	// Labels are the ones that tell what an object belongs to; all others stay in the cluster. See docs/kubernetes.md.
	Labels map[string]string `json:"labels,omitempty"`
	// Annotations are those under tidings.dev/, of a workload also those of its pods where it says nothing itself, and the few
	// by which Helm, Argo CD, Flux and kubectl mark their work.
	Annotations map[string]string `json:"annotations,omitempty"`
	// Owners are the objects that made this one: "certificate/shop-tls".
	Owners []string `json:"owners,omitempty"`
	// Writers are the field managers, the latest first: which program last wrote what.
	Writers []Writer `json:"writers,omitempty"`
}

// Writer is one field manager of an object.
type Writer struct {
	Manager     string    `json:"manager"`             // the client program, such as kubectl-scale
	Operation   string    `json:"operation,omitempty"` // Apply or Update
	Subresource string    `json:"subresource,omitempty"`
	At          time.Time `json:"at"`              // of its last write, by the API server's clock, in whole seconds; zero for the scale subresource, of which it notes none
	Parts       []string  `json:"parts,omitempty"` // what it owns: annotations, autoscaling, data, endpoints, exposure, labels, paused, replicas, spec, strategy, suspend, template
}

// Workload is a Deployment, StatefulSet, DaemonSet, CronJob, Job or Argo Rollout, with what belongs to it: the sum of its
// pods, its autoscaler, and where it is exposed.
type Workload struct {
	Meta
	// Replicas is how many pods are asked for; nil for kinds that are not scaled.
	Replicas  *int32 `json:"replicas,omitempty"`
	Paused    bool   `json:"paused,omitempty"`
	Suspended bool   `json:"suspended,omitempty"`
	Schedule  string `json:"schedule,omitempty"`  // of a CronJob, with its time zone
	TimeZone  string `json:"time_zone,omitempty"` // of the schedule
	// Strategy is how a new template replaces the old one, flat: {"type": "RollingUpdate", "max_surge": "25%"}.
	Strategy map[string]string `json:"strategy,omitempty"`
	Template Template          `json:"template"`
	Rollout  Rollout           `json:"rollout"`
	// Autoscaler is the HorizontalPodAutoscaler that scales the workload.
	Autoscaler *Autoscaler `json:"autoscaler,omitempty"`
	// Troubles are what its pods suffer from just now, or suffered from within the last ten minutes.
	Troubles []Trouble `json:"troubles,omitempty"`
	// Release is the Helm release that the workload belongs to, with its newest revision where that is known: "shop/cart@7".
	Release string `json:"release,omitempty"`
	// Hosts are the names under which Ingresses and Gateway routes expose it: "shop.example.com/cart".
	Hosts []string `json:"hosts,omitempty"`
	// Runs are the jobs of a CronJob that ended last, at most three, the newest first.
	Runs []Run `json:"runs,omitempty"`
}

// Template is what a pod of the workload is made from.
type Template struct {
	// Labels are the chosen ones of the pods themselves.
	Labels     map[string]string `json:"labels,omitempty"`
	Containers []Container       `json:"containers,omitempty"` // init containers first, in their order
	// Configs are the ConfigMaps and Secrets that the template mounts or reads: "configmap/settings", "secret/database".
	Configs        []string `json:"configs,omitempty"`
	ServiceAccount string   `json:"service_account,omitempty"`
	// RestartedAt is the annotation of kubectl rollout restart, as it is written.
	RestartedAt string `json:"restarted_at,omitempty"`
	// Rest are fingerprints of every other part of the pod's specification by the part's name, so that a change in it is
	// seen, and named, but not read.
	Rest map[string]string `json:"rest,omitempty"`
}

// Container is one container of a template.
type Container struct {
	Name  string `json:"name"`
	Init  bool   `json:"init,omitempty"`
	Image string `json:"image"` // as it is written
	// Command and Args are joined by spaces, with what looks like a secret hidden.
	Command string `json:"command,omitempty"`
	Args    string `json:"args,omitempty"`
	// Environment gives for each variable a fingerprint of its value, or where it comes from: "configmap/settings:LOG_LEVEL".
	Environment map[string]string `json:"environment,omitempty"`
	Resources   map[string]string `json:"resources,omitempty"` // {"requests.cpu": "100m", "limits.memory": "256Mi"}
	Probes      map[string]string `json:"probes,omitempty"`    // {"liveness": "GET :8080/healthz every 10s, 3 failures"}
	Ports       []string          `json:"ports,omitempty"`     // "http 8080/TCP"
}

// Rollout is how the newest template comes along.
type Rollout struct {
	// ID is a fingerprint of the whole template: the same when somebody rolls back to it.
	ID       string `json:"id,omitempty"`
	Revision string `json:"revision,omitempty"`
	// Earlier says that pods were made from just this template before: somebody rolled back. EarlierRevision is the
	// revision that it had then.
	Earlier         bool   `json:"earlier,omitempty"`
	EarlierRevision string `json:"earlier_revision,omitempty"`
	// MadeAt is when the cluster first counted a revision with this template, to the second.
	MadeAt time.Time `json:"made_at,omitzero"`
	// Observed is the generation that the cluster has begun to work on.
	Observed  int64 `json:"observed,omitempty"`
	Pods      int32 `json:"pods"`    // that exist
	Updated   int32 `json:"updated"` // of the newest template
	Ready     int32 `json:"ready"`
	Available int32 `json:"available"`
	// Phase is progressing, complete, stalled, failed, paused or aborted.
	Phase     string    `json:"phase"`
	Reason    string    `json:"reason,omitempty"`    // the cluster's word: ProgressDeadlineExceeded
	Message   string    `json:"message,omitempty"`   // and sentence
	ChangedAt time.Time `json:"changed_at,omitzero"` // when the phase began, by the cluster's clock
	// Step, Steps and Weight are of a canary: the step that it is at, of how many, and the per cent of traffic it gets.
	Step   *int32 `json:"step,omitempty"`
	Steps  *int32 `json:"steps,omitempty"`
	Weight *int32 `json:"weight,omitempty"`
}

// The phases of a rollout.
const (
	Progressing = "progressing"
	Complete    = "complete"
	Stalled     = "stalled"
	Failing     = "failed"
	Paused      = "paused"
	Aborted     = "aborted"
)

// Autoscaler is a HorizontalPodAutoscaler.
type Autoscaler struct {
	Name    string   `json:"name"`
	UID     string   `json:"uid"`
	Min     int32    `json:"min"`
	Max     int32    `json:"max"`
	Targets []string `json:"targets,omitempty"` // "cpu 70%"
	// Desired and Because are the last decision, and the metric that led to it: "cpu resource utilization above target".
	Desired  int32     `json:"desired"`
	Because  string    `json:"because,omitempty"`
	ScaledAt time.Time `json:"scaled_at,omitzero"`
	Writers  []Writer  `json:"writers,omitempty"`
}

// Trouble is what pods of a workload suffer from, folded.
type Trouble struct {
	// Kind is crash_loop, out_of_memory, image_pull, probe, eviction, quota, schedule or job_failed.
	Kind      string    `json:"kind"`
	Container string    `json:"container,omitempty"`
	Pods      int       `json:"pods"`              // that suffer
	Count     int       `json:"count"`             // of times, as far as the cluster remembers
	Message   string    `json:"message,omitempty"` // the cluster's sentence, of the latest
	Since     time.Time `json:"since"`             // when it was first seen, by the cluster's clock
	// Node is the node that the pods were on, where that is the reason: an eviction, a node that is lost.
	Node string `json:"node,omitempty"`
}

// Run is one job of a CronJob that ended.
type Run struct {
	Name    string    `json:"name"`
	UID     string    `json:"uid"`
	Failed  bool      `json:"failed,omitempty"`
	Message string    `json:"message,omitempty"`
	EndedAt time.Time `json:"ended_at"`
}

// Config is a ConfigMap or a Secret.
type Config struct {
	Meta
	Type      string `json:"type,omitempty"` // of a Secret, such as kubernetes.io/tls
	Immutable bool   `json:"immutable,omitempty"`
	// Keys gives a fingerprint of each value.
	Keys map[string]string `json:"keys"`
	// UsedBy are the workloads that mount or read it, as their objects are named: "shop/deployment/cart".
	UsedBy []string `json:"used_by,omitempty"`
}

// Route is an Ingress, a Gateway route, or a Service that is reachable from outside the cluster or has no selector.
type Route struct {
	Meta
	Type     string   `json:"type,omitempty"`  // of a Service: LoadBalancer, NodePort, ExternalName
	Class    string   `json:"class,omitempty"` // the ingress class, or the gateways: "gateway/public"
	Hosts    []string `json:"hosts,omitempty"` // host and path
	TLS      bool     `json:"tls,omitempty"`
	Backends []string `json:"backends,omitempty"` // "cart:80", with the weight where there are several: "cart:80 90%"
	// Workloads are those behind it, as their objects are named. A Service that leads out of the cluster stands for itself.
	Workloads []string `json:"workloads,omitempty"`
	// Endpoints are those of a Service without a selector, which somebody else than Kubernetes writes.
	Endpoints *Endpoints `json:"endpoints,omitempty"`
}

// Endpoints is where a Service without a selector leads to.
type Endpoints struct {
	Ready int `json:"ready"` // how many take traffic, inside and outside of the cluster
	// Outside are the addresses that are no pods, whether they are ready or not: "203.0.113.5:5432".
	Outside []string `json:"outside,omitempty"`
}

// HelmRelease is the newest revision of a Helm release.
type HelmRelease struct {
	Meta
	Release      string    `json:"release"`
	Revision     int       `json:"revision"`
	Status       string    `json:"status"` // deployed, failed, pending-upgrade, uninstalling, …
	Chart        string    `json:"chart"`
	ChartVersion string    `json:"chart_version"`
	AppVersion   string    `json:"app_version,omitempty"`
	Description  string    `json:"description,omitempty"`
	DeployedAt   time.Time `json:"deployed_at"`
	Workloads    []string  `json:"workloads,omitempty"`
}

// Node is a machine of the cluster.
type Node struct {
	Meta
	Ready         bool     `json:"ready"`
	Unschedulable bool     `json:"unschedulable,omitempty"`
	Pressures     []string `json:"pressures,omitempty"` // MemoryPressure, DiskPressure, PIDPressure, NetworkUnavailable
	Reason        string   `json:"reason,omitempty"`    // of not being ready
	Message       string   `json:"message,omitempty"`
	Version       string   `json:"version,omitempty"` // of the kubelet
	Zone          string   `json:"zone,omitempty"`
	// Workloads had pods on it when it was last well, as their objects are named; at most a hundred, and none while it is well.
	Workloads []string `json:"workloads,omitempty"`
}

// Namespace is a namespace.
type Namespace struct {
	Meta
	Terminating bool `json:"terminating,omitempty"`
}
