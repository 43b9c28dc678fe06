package watch

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/intstr"

	"tidings.dev/tidings/integrations/kubernetes"
)

// workload is what is left of one that makes pods.
type workload struct {
	*core
	status status
}

// core is what somebody writes; a change of it is sent at once.
type core struct {
	meta      kubernetes.Meta
	replicas  *int32
	paused    bool
	suspended bool
	schedule  string
	timeZone  string
	strategy  map[string]string
	template  json.RawMessage   // as it is sent: thousands of them take a fifth of the room so
	configs   []string          // that the template mounts or reads
	identity  string            // a fingerprint of the whole template
	labels    map[string]string // all of the pods' own, for the selectors of services
	borrowed  string            // the Deployment that an Argo Rollout takes its template from
	release   string            // the Helm release that it says it belongs to: "shop/cart"
	owner     types.UID         // the controller that made it, such as the CronJob of a Job
	part      bool              // it is a Job of a CronJob, and no workload of its own
	steps     int32             // of a canary
}

// status is what the cluster says about it.
type status struct {
	observed                        int64
	pods, updated, ready, available int32
	hash                            string // of the newest template that an Argo Rollout has seen
	revision                        string // as the controller counts, where it writes it on the workload itself
	current, next                   string // revisions of a StatefulSet
	partition                       int32
	desired                         int32 // of a DaemonSet
	phase, reason, message          string
	since                           time.Time
	deadline                        bool // the controller watches over progress itself
	done                            bool // it said that the newest template is rolled out
	settled                         bool // by counts alone
	step                            *int32
	weight                          *int32
	refused                         string    // why no pod can be made
	refusedAt                       time.Time // since when
	ended                           time.Time // of a Job
	failed                          bool      // of a Job
}

// helmRelease names the release by the annotations that Helm leaves on what it makes.
func helmReleaseOf(o metav1.Object) string {
	release := o.GetAnnotations()["meta.helm.sh/release-name"]
	if release == "" {
		return ""
	}
	namespace := o.GetAnnotations()["meta.helm.sh/release-namespace"]
	if namespace == "" {
		namespace = o.GetNamespace()
	}
	return namespace + "/" + release
}

func (r reader) core(kind string, o metav1.Object, t *corev1.PodTemplateSpec) *core {
	template := r.template(t)
	made := &core{
		meta: r.meta(kind, o), configs: template.Configs, identity: r.identity(t), labels: maps.Clone(t.Labels), release: helmReleaseOf(o),
	}
	if raw, err := encode(template); err == nil {
		made.template = raw
	}
	made.meta.Annotations = alsoOf(made.meta.Annotations, t.Annotations)
	if owner := metav1.GetControllerOf(o); owner != nil {
		made.owner = owner.UID
	}
	return made
}

func percent(v *intstr.IntOrString) string {
	if v == nil {
		return ""
	}
	return v.String()
}

// flat leaves out what is not said.
func flat(pairs ...string) map[string]string {
	made := map[string]string{}
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" && pairs[i+1] != "0" {
			made[pairs[i]] = pairs[i+1]
		}
	}
	return made
}

func count[T int32 | int64](v *T) string {
	if v == nil {
		return ""
	}
	return strconv.FormatInt(int64(*v), 10)
}

func (r reader) deployment(d *appsv1.Deployment) any {
	c := r.core("Deployment", d, &d.Spec.Template)
	c.replicas, c.paused = d.Spec.Replicas, d.Spec.Paused
	c.strategy = flat("type", string(d.Spec.Strategy.Type), "min_ready_seconds", strconv.Itoa(int(d.Spec.MinReadySeconds)), "progress_deadline_seconds", count(d.Spec.ProgressDeadlineSeconds))
	if u := d.Spec.Strategy.RollingUpdate; u != nil {
		c.strategy["max_surge"], c.strategy["max_unavailable"] = percent(u.MaxSurge), percent(u.MaxUnavailable)
	}
	s := status{
		observed: d.Status.ObservedGeneration, pods: d.Status.Replicas, updated: d.Status.UpdatedReplicas,
		ready: d.Status.ReadyReplicas, available: d.Status.AvailableReplicas,
		revision: d.Annotations["deployment.kubernetes.io/revision"],
	}
	asked := int32(1)
	if d.Spec.Replicas != nil {
		asked = *d.Spec.Replicas
	}
	s.settled = s.updated >= asked && s.pods == s.updated && s.available == s.updated
	for _, condition := range d.Status.Conditions {
		switch condition.Type {
		case appsv1.DeploymentProgressing:
			s.deadline = condition.Reason != "DeploymentPaused" && condition.Reason != "DeploymentResumed"
			s.done = condition.Reason == "NewReplicaSetAvailable"
			if condition.Reason == "ProgressDeadlineExceeded" {
				s.phase, s.reason, s.message = kubernetes.Stalled, condition.Reason, said(condition.Message)
			}
			if s.done || s.phase != "" {
				s.since = condition.LastUpdateTime.UTC()
			}
		case appsv1.DeploymentReplicaFailure:
			if condition.Status == corev1.ConditionTrue {
				s.refused, s.refusedAt = said(condition.Message), condition.LastTransitionTime.UTC()
			}
		}
	}
	return &workload{core: c, status: s}
}

func (r reader) statefulSet(s *appsv1.StatefulSet) any {
	c := r.core("StatefulSet", s, &s.Spec.Template)
	c.replicas = s.Spec.Replicas
	c.strategy = flat("type", string(s.Spec.UpdateStrategy.Type), "min_ready_seconds", strconv.Itoa(int(s.Spec.MinReadySeconds)))
	if s.Spec.PodManagementPolicy == appsv1.ParallelPodManagement {
		c.strategy["pod_management"] = string(s.Spec.PodManagementPolicy)
	}
	st := status{
		observed: s.Status.ObservedGeneration, pods: s.Status.Replicas, updated: s.Status.UpdatedReplicas, ready: s.Status.ReadyReplicas,
		available: s.Status.AvailableReplicas, current: s.Status.CurrentRevision, next: s.Status.UpdateRevision,
	}
	if u := s.Spec.UpdateStrategy.RollingUpdate; u != nil {
		if u.Partition != nil {
			st.partition = *u.Partition
		}
		maps.Copy(c.strategy, flat("partition", count(u.Partition), "max_unavailable", percent(u.MaxUnavailable)))
	}
	asked := int32(1)
	if s.Spec.Replicas != nil {
		asked = *s.Spec.Replicas
	}
	switch {
	case st.partition > 0:
		st.settled = st.updated >= asked-st.partition && st.ready >= asked
	default:
		st.settled = st.current == st.next && st.ready >= asked
	}
	return &workload{core: c, status: st}
}

func (r reader) daemonSet(d *appsv1.DaemonSet) any {
	c := r.core("DaemonSet", d, &d.Spec.Template)
	c.strategy = flat("type", string(d.Spec.UpdateStrategy.Type), "min_ready_seconds", strconv.Itoa(int(d.Spec.MinReadySeconds)))
	if u := d.Spec.UpdateStrategy.RollingUpdate; u != nil {
		maps.Copy(c.strategy, flat("max_surge", percent(u.MaxSurge), "max_unavailable", percent(u.MaxUnavailable)))
	}
	s := status{
		observed: d.Status.ObservedGeneration, pods: d.Status.CurrentNumberScheduled, updated: d.Status.UpdatedNumberScheduled,
		ready: d.Status.NumberReady, available: d.Status.NumberAvailable, desired: d.Status.DesiredNumberScheduled,
	}
	s.settled = s.updated >= s.desired && s.available >= s.desired
	return &workload{core: c, status: s}
}

func (r reader) cronJob(j *batchv1.CronJob) any {
	c := r.core("CronJob", j, &j.Spec.JobTemplate.Spec.Template)
	c.schedule = j.Spec.Schedule
	if j.Spec.TimeZone != nil {
		c.timeZone = *j.Spec.TimeZone
	}
	c.suspended = j.Spec.Suspend != nil && *j.Spec.Suspend
	c.strategy = flat("type", string(j.Spec.ConcurrencyPolicy), "starting_deadline_seconds", count(j.Spec.StartingDeadlineSeconds),
		"backoff_limit", count(j.Spec.JobTemplate.Spec.BackoffLimit), "active_deadline_seconds", count(j.Spec.JobTemplate.Spec.ActiveDeadlineSeconds))
	return &workload{core: c, status: status{phase: kubernetes.Complete}}
}

func (r reader) job(j *batchv1.Job) any {
	var c *core
	if owner := metav1.GetControllerOf(j); owner != nil && owner.Kind == "CronJob" {
		// Its template is the CronJob's.
		c = &core{part: true, meta: kubernetes.Meta{Kind: "Job", Namespace: j.Namespace, Name: j.Name, UID: string(j.UID)}, owner: owner.UID}
	} else {
		c = r.core("Job", j, &j.Spec.Template)
		c.suspended = j.Spec.Suspend != nil && *j.Spec.Suspend
		c.strategy = flat("completions", count(j.Spec.Completions), "parallelism", count(j.Spec.Parallelism), "backoff_limit", count(j.Spec.BackoffLimit))
	}
	s := status{phase: kubernetes.Progressing, updated: j.Status.Active, pods: j.Status.Active}
	if j.Status.Ready != nil {
		s.ready = *j.Status.Ready
	}
	for _, condition := range j.Status.Conditions {
		if condition.Status != corev1.ConditionTrue {
			continue
		}
		switch condition.Type {
		case batchv1.JobComplete:
			s.phase, s.ended = kubernetes.Complete, condition.LastTransitionTime.UTC()
		case batchv1.JobFailed:
			s.phase, s.failed, s.ended = kubernetes.Failing, true, condition.LastTransitionTime.UTC()
			s.reason, s.message = condition.Reason, said(condition.Message)
		case batchv1.JobSuspended:
			s.phase = kubernetes.Paused
		default:
			continue
		}
		s.since = condition.LastTransitionTime.UTC()
	}
	return &workload{core: c, status: s}
}

// revision is what is left of a ReplicaSet or a ControllerRevision: a template that pods were made from.
type revision struct {
	name      string // of a ReplicaSet
	owner     types.UID
	identity  string // of its template
	hash      string // by which an Argo Rollout names it
	number    int64
	earlier   string // the number that it had before it was rolled back to
	again     bool   // of a ControllerRevision: it was written again, and so got another number than its first
	createdAt time.Time
}

func (r reader) replicaSet(s *appsv1.ReplicaSet) any {
	owner := metav1.GetControllerOf(s)
	if owner == nil {
		return nil
	}
	made := &revision{name: s.Name, owner: owner.UID, identity: r.identity(&s.Spec.Template), hash: s.Labels["rollouts-pod-template-hash"], createdAt: s.CreationTimestamp.UTC()}
	for _, prefix := range [...]string{"deployment.kubernetes.io/", "rollout.argoproj.io/"} {
		if number, err := strconv.ParseInt(s.Annotations[prefix+"revision"], 10, 64); err == nil {
			made.number = number
			history := s.Annotations[prefix+"revision-history"]
			made.earlier = history[strings.LastIndexByte(history, ',')+1:]
		}
	}
	return made
}

func (r reader) controllerRevision(c *appsv1.ControllerRevision) any {
	owner := metav1.GetControllerOf(c)
	if owner == nil || owner.Kind != "StatefulSet" && owner.Kind != "DaemonSet" {
		return nil
	}
	var data struct {
		Spec struct {
			Template corev1.PodTemplateSpec `json:"template"`
		} `json:"spec"`
	}
	made := &revision{owner: owner.UID, number: c.Revision, createdAt: c.CreationTimestamp.UTC()}
	if json.Unmarshal(c.Data.Raw, &data) == nil {
		made.identity = r.identity(&data.Spec.Template)
	}
	// Its controller writes it again for nothing else.
	made.again = slices.ContainsFunc(c.ManagedFields, func(entry metav1.ManagedFieldsEntry) bool {
		_, counted := top(entry.FieldsV1)["f:revision"]
		return counted && entry.Time != nil && entry.Time.After(c.CreationTimestamp.Time)
	})
	return made
}

// course is what is remembered of the rollout of a template.
type course struct {
	identity string
	seen     bool // the controller has seen the template
	finished bool // it was complete once
	watched  bool // it came while the workload was watched
	// fresh is the revision that the controller gave the template when it was new. That the same template goes and comes again
	// can be known of its revision before it is known of the workload: then it is not this rollout that brings it back.
	fresh string
	// How far it had come when it last came further, and when that was.
	updated, ready int32
	moved          time.Time
}

// stuckAfter is how long a rollout that has no deadline of its own may come no further: that of a Deployment where nobody
// says anything.
const stuckAfter = 10 * time.Minute

// asked is how many pods there should be.
func (w *workload) asked() int32 {
	if w.replicas != nil {
		return *w.replicas
	}
	return w.status.desired
}

// stuck reports whether the rollout of a StatefulSet or DaemonSet, over whose progress no controller watches, has come no
// further for too long; else when to look again, which is zero where no rollout goes on.
func (w *workload) stuck(so *course, phase string, now time.Time) (stuck bool, again time.Time) {
	s := &w.status
	if phase != kubernetes.Progressing || w.meta.Kind != "StatefulSet" && w.meta.Kind != "DaemonSet" || w.strategy["type"] == "OnDelete" {
		so.moved = time.Time{}
		return false, time.Time{}
	}
	if !so.watched && s.current == s.next && s.updated >= s.pods {
		return false, time.Time{} // all pods have the template: it was rolled out before anybody looked
	}
	if so.moved.IsZero() || s.updated != so.updated || s.ready > so.ready {
		so.updated, so.ready, so.moved = s.updated, s.ready, now
	}
	if again = so.moved.Add(stuckAfter); again.After(now) {
		return false, again
	}
	return true, time.Time{}
}

// rollout tells how the newest template comes along.
func (w *workload) rollout(revisions map[types.UID]*revision, so course) kubernetes.Rollout {
	s := &w.status
	made := kubernetes.Rollout{
		ID: w.identity, Observed: s.observed, Pods: s.pods, Updated: s.updated, Ready: s.ready, Available: s.available,
		Phase: s.phase, Reason: s.reason, Message: s.message, ChangedAt: s.since, Step: s.step, Weight: s.weight,
	}
	if w.steps > 0 {
		steps := w.steps
		made.Steps = &steps
	}
	// Revisions and the workload come by watches of their own: either can be ahead of the other for a moment.
	seen := s.observed >= w.meta.Generation
	match, newest := w.revisionOf(revisions, seen)
	if match != nil {
		made.MadeAt = match.createdAt
		number := strconv.FormatInt(match.number, 10)
		switch {
		case so.fresh != "":
			number = so.fresh
		case match.earlier != "":
			made.Earlier, made.EarlierRevision = true, match.earlier
		case match.number < newest && s.revision != number && (!seen || s.revision != ""):
			made.Earlier, made.EarlierRevision = true, number // the controller will count it anew
			number = ""
		case match.number == newest && w.meta.Kind != "Deployment" && w.meta.Kind != "Rollout":
			// A ControllerRevision that is rolled back to gets a new number, and keeps its age.
			made.Earlier = match.again
			for _, other := range revisions {
				made.Earlier = made.Earlier || other.createdAt.After(match.createdAt)
			}
		}
		made.Revision = number
	}
	switch w.meta.Kind {
	case "Deployment":
		// What the conditions say is about the last template until the controller has seen the new one. A change of
		// something else does not make a rollout of it.
		known := seen || so.seen
		switch {
		case known && s.done:
			made.Phase = kubernetes.Complete
		case known && s.phase == kubernetes.Stalled:
		case seen && !s.deadline && s.settled:
			made.Phase = kubernetes.Complete
		default:
			made.Phase, made.Reason, made.Message, made.ChangedAt = kubernetes.Progressing, "", "", time.Time{}
			if w.paused {
				made.Phase = kubernetes.Paused
			}
		}
		if s.refused != "" && made.Phase == kubernetes.Progressing {
			made.Reason, made.Message = "FailedCreate", s.refused
		}
	case "StatefulSet", "DaemonSet":
		// Pods that are not ready later on are no rollout: what was complete stays so.
		made.Phase = kubernetes.Progressing
		if so.finished || seen && s.settled {
			made.Phase = kubernetes.Complete
		}
	}
	if made.Phase == kubernetes.Progressing && made.ChangedAt.IsZero() && match != nil && !made.Earlier {
		made.ChangedAt = match.createdAt
	}
	return made
}

// revisionOf is the revision of the newest template, and the number of the newest of all. The template of an Argo Rollout is
// as somebody wrote it, and that of its ReplicaSet has what the API server fills in: they are told to be one by the hash that
// the controller gives them, once it has seen the template.
func (w *workload) revisionOf(revisions map[types.UID]*revision, seen bool) (match *revision, newest int64) {
	for _, r := range revisions {
		newest = max(newest, r.number)
		same := r.identity == w.identity
		if w.meta.Kind == "Rollout" {
			same = seen && r.hash != "" && r.hash == w.status.hash
		}
		if same && (match == nil || r.number > match.number) {
			match = r
		}
	}
	return match, newest
}

// state is the workload as it is sent, as far as it can be told from itself.
func (w *workload) state() kubernetes.Workload {
	return kubernetes.Workload{
		Meta: w.meta, Replicas: w.replicas, Paused: w.paused, Suspended: w.suspended, Schedule: w.schedule, TimeZone: w.timeZone,
		Strategy: w.strategy, Release: w.release,
	}
}

func run(j *workload) kubernetes.Run {
	return kubernetes.Run{Name: j.meta.Name, UID: j.meta.UID, Failed: j.status.failed, Message: j.status.message, EndedAt: j.status.ended}
}

// why is a sentence for a container that ended.
func why(t *corev1.ContainerStateTerminated) string {
	switch {
	case t.Reason != "" && t.Reason != "Error" && t.Reason != "Completed":
		return fmt.Sprintf("ends with code %d: %s", t.ExitCode, t.Reason)
	case t.Signal != 0:
		return fmt.Sprintf("ends by signal %d", t.Signal)
	}
	return fmt.Sprintf("ends with code %d", t.ExitCode)
}
