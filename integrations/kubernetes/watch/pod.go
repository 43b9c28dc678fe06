package watch

import (
	"strings"
	"time"
	"unique"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"tidings.dev/tidings/secret"
)

// The kinds of trouble.
const (
	crashLoop   = "crash_loop"
	outOfMemory = "out_of_memory"
	imagePull   = "image_pull"
	probe       = "probe"
	eviction    = "eviction"
	quota       = "quota"
	schedule    = "schedule"
	jobFailed   = "job_failed"
)

// pod is what is left of a pod: whose it is, where it is, and what it suffers from, which mostly is nothing.
type pod struct {
	owner   types.UID
	node    string
	unready time.Time // since when; zero for one that is ready or going
	ails    []ailment
}

// ailment is one thing that a pod suffers from.
type ailment struct {
	kind, container string
	message         string
	vague           bool // the message is one of those that say the least
	count           int
	since           time.Time
	until           time.Time // when it is over by itself; zero while it lasts
	from            time.Time // when it is worth telling; zero at once
	node            string
}

// How long something is a trouble after it happened, and how long something may last before it is one.
const (
	lasting = 10 * time.Minute
	patient = 10 * time.Second
	// Most programs are not ready for a moment when they start, and their readiness probe says so.
	starting = 15 * time.Second
)

// crashes is how often a container must have ended badly before it is a loop, where the kubelet does not say so itself.
const crashes = 3

func intern(text string) string { return unique.Make(text).Value() }

// maxSentence bounds a sentence of the cluster.
const maxSentence = 300

// said is a sentence of the cluster, without the secrets that could be in it.
func said(text string) string {
	text, _ = secret.Hide(strings.Join(strings.Fields(text), " "))
	return cut(text, maxSentence)
}

func (reader) pod(p *corev1.Pod) any {
	owner := metav1.GetControllerOf(p)
	if owner == nil {
		return nil // nobody's: neither a workload, nor of one
	}
	made := &pod{owner: types.UID(intern(string(owner.UID))), node: intern(p.Spec.NodeName)}
	notReady := p.CreationTimestamp.UTC()
	for _, condition := range p.Status.Conditions {
		at := condition.LastTransitionTime.UTC()
		switch {
		case condition.Type == corev1.PodReady && condition.Status == corev1.ConditionFalse:
			notReady, made.unready = at, at
		case condition.Type == corev1.PodScheduled && condition.Status == corev1.ConditionFalse && condition.Reason == corev1.PodReasonUnschedulable:
			made.ails = append(made.ails, ailment{kind: schedule, message: said(condition.Message), count: 1, since: at, from: at.Add(patient)})
		case condition.Type == corev1.DisruptionTarget && condition.Status == corev1.ConditionTrue && condition.Reason != "EvictionByEvictionAPI":
			// One that is drained off a node goes in peace: the node tells of it.
			made.ails = append(made.ails, ailment{kind: eviction, message: said(condition.Message), count: 1, since: at, until: at.Add(lasting), node: made.node})
		}
	}
	if p.Status.Reason == "Evicted" {
		made.ails = append(made.ails, ailment{kind: eviction, message: said(p.Status.Message), count: 1, since: notReady, until: notReady.Add(lasting), node: made.node})
	}
	if p.DeletionTimestamp != nil || p.Status.Phase == corev1.PodSucceeded {
		made.unready = time.Time{}
		return made
	}
	for _, list := range [][]corev1.ContainerStatus{p.Status.InitContainerStatuses, p.Status.ContainerStatuses} {
		for _, c := range list {
			made.ails = append(made.ails, containerAilments(c, notReady)...)
		}
	}
	return made
}

func containerAilments(c corev1.ContainerStatus, notReady time.Time) []ailment {
	var made []ailment
	last := c.State.Terminated
	if last == nil {
		last = c.LastTerminationState.Terminated
	}
	restarts := int(c.RestartCount)
	if w := c.State.Waiting; w != nil {
		switch w.Reason {
		case "ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull", "RegistryUnavailable", "ImageInspectError":
			made = append(made, ailment{
				kind: imagePull, container: c.Name, message: said(w.Message), vague: w.Reason == "ImagePullBackOff", count: 1, since: notReady,
			})
		case "CrashLoopBackOff":
			a := ailment{kind: crashLoop, container: c.Name, message: "restarts again and again", vague: true, count: restarts, since: notReady}
			if last != nil {
				a.message, a.vague = why(last), false
			}
			made = append(made, a)
		case "CreateContainerConfigError", "CreateContainerError", "RunContainerError":
			made = append(made, ailment{kind: crashLoop, container: c.Name, message: said(w.Message), count: max(1, restarts), since: notReady})
		}
	}
	if last == nil {
		return made
	}
	at := last.FinishedAt.UTC()
	switch {
	case last.Reason == "OOMKilled":
		made = append(made, ailment{kind: outOfMemory, container: c.Name, message: why(last), count: max(1, restarts), since: at, until: at.Add(lasting)})
	case len(made) == 0 && restarts >= crashes && last.ExitCode != 0:
		// Between two crashes it runs for a moment, and the kubelet says nothing.
		made = append(made, ailment{kind: crashLoop, container: c.Name, message: why(last), count: restarts, since: notReady, until: at.Add(lasting)})
	}
	return made
}

// warning is what is left of an Event: a trouble that only events tell of, or the decision of an autoscaler.
type warning struct {
	kind, object string // of whom: "Pod", "cart-7d9f8-x2x4z"
	uid          types.UID
	rescaled     string // the reason of an autoscaler's decision
	unready      bool   // it is over when the pod is ready
	last         time.Time
	ailment
}

func (reader) event(e *corev1.Event) any {
	first, last, count := e.FirstTimestamp.UTC(), e.LastTimestamp.UTC(), int(e.Count)
	if e.Series != nil {
		count, last = int(e.Series.Count), e.Series.LastObservedTime.UTC()
	}
	if first.IsZero() {
		first = e.EventTime.UTC()
	}
	if first.IsZero() {
		first = e.CreationTimestamp.UTC()
	}
	if last.IsZero() {
		last = first
	}
	made := &warning{kind: e.InvolvedObject.Kind, object: e.InvolvedObject.Name, uid: e.InvolvedObject.UID, last: last}
	made.ailment = ailment{count: max(1, count), since: first, until: last.Add(lasting), message: said(e.Message)}
	switch e.Reason {
	case "SuccessfulRescale":
		_, because, found := strings.Cut(e.Message, "reason: ")
		if !found {
			return nil
		}
		made.rescaled, made.message = said(because), ""
	case "Unhealthy":
		made.ailment.kind, made.container = probe, inside(e.InvolvedObject.FieldPath)
		made.message = failedProbe(e.Message)
		if !strings.HasPrefix(e.Message, "Liveness") {
			made.unready, made.from, made.until = true, first.Add(starting), time.Time{}
		}
	case "FailedCreate":
		made.ailment.kind = quota
	case "Evicted", "Preempted", "TaintManagerEviction":
		made.ailment.kind = eviction
	default:
		return nil // scheduling, crashes and images are told by the pods themselves, and for as long as they last
	}
	return made
}

// inside is the container of "spec.containers{app}".
func inside(path string) string {
	_, rest, _ := strings.Cut(path, "{")
	name, _, _ := strings.Cut(rest, "}")
	return name
}

// failedProbe leaves out what the program answered: nobody knows what is in it.
func failedProbe(message string) string {
	which, rest, _ := strings.Cut(message, ":")
	for _, known := range [...]string{"HTTP probe failed with statuscode", "connection refused", "context deadline exceeded", "i/o timeout", "no such host", "service unhealthy"} {
		if strings.Contains(rest, known) {
			if _, code, found := strings.Cut(rest, known+": "); found && len(code) >= 3 && digits(code[:3]) {
				known += ": " + code[:3]
			}
			return cut(which, 100) + ": " + known
		}
	}
	return cut(which, 100)
}

func digits(text string) bool { return strings.Trim(text, "0123456789") == "" }
