package kubernetes

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"tidings.dev/tidings/change"
	"tidings.dev/tidings/observe"
)

// tool is a program by what its name begins with, as field managers, client programs and labels write it.
type tool struct{ prefix, name string }

var tools = []tool{
	{"argocd", "Argo CD"},
	{"argo-rollouts", "Argo Rollouts"},
	{"rollouts-controller", "Argo Rollouts"},
	{"kustomize-controller", "Flux"},
	{"helm-controller", "Flux"},
	{"image-automation-controller", "Flux"},
	{"flux", "Flux"},
	{"helm", "Helm"},
	{"terraform", "Terraform"},
	{"hashicorp", "Terraform"},
	{"opentofu", "OpenTofu"},
	{"pulumi", "Pulumi"},
	{"cert-manager", "cert-manager"},
	{"external-secrets", "External Secrets"},
	{"sealed-secrets", "Sealed Secrets"},
	{"keda", "KEDA"},
	{"flagger", "Flagger"},
	{"spinnaker", "Spinnaker"},
	{"skaffold", "Skaffold"},
	{"tilt", "Tilt"},
	{"reloader", "Reloader"},
}

// known is the name by which people know a tool; empty for a program that is none of them.
func known(program string) string {
	lower := strings.ToLower(program)
	for _, t := range tools {
		if strings.HasPrefix(lower, t.prefix) {
			return t.name
		}
	}
	if strings.Contains(lower, "terraform") {
		return "Terraform"
	}
	return ""
}

// toolNamed gives a tool the name that people know it by; one that is not known keeps its own.
func toolNamed(program string) string { return cmp.Or(known(program), line(program)) }

// program is the client program of a user agent or a field manager, without version and subcommand.
func program(agent string) string {
	name, _, _ := strings.Cut(strings.TrimSpace(agent), "/")
	name, _, _ = strings.Cut(name, " ")
	switch {
	case strings.HasPrefix(name, "kubectl"):
		return "kubectl"
	case name == "Mozilla":
		return "browser"
	}
	if known(agent) != "" {
		return known(agent)
	}
	return line(name)
}

// machine reports whether a program acts without a person.
func machine(program string) bool {
	if known(program) != "" {
		return true
	}
	lower := strings.ToLower(program)
	for _, end := range []string{"controller", "operator", "manager", "-agent", "autoscaler", "-bot", "webhook"} {
		if strings.HasSuffix(lower, end) {
			return true
		}
	}
	return false
}

// origin is how the cluster itself tells where a change came from.
type origin struct {
	UID string `json:"uid"`
	// Beside says that the object with this id is another one than that which acts are told of: only an act that names
	// the id was done to it.
	Beside bool   `json:"beside,omitempty"`
	Verb   string `json:"verb"` // create, update or delete
	// Writer is who wrote the part that changed; nil where the cluster does not tell.
	Writer *Writer `json:"writer,omitempty"`
	// Others are managers that can have been the writer as well.
	Others []string `json:"others,omitempty"`
	// Stale says that the writer's entry is older than the change, so that its time says nothing.
	Stale bool `json:"stale,omitempty"`
	// Scale says that the change can have come by the scale subresource.
	Scale bool `json:"scale,omitempty"`
	// From and To bound the instant of the change.
	From time.Time `json:"from,omitzero"`
	To   time.Time `json:"to"`
	// Group is common to what was written at once.
	Group string `json:"group"`
}

// The service accounts of Kubernetes' own controllers, in kube-system.
var controllers = []string{
	"attachdetach-controller", "certificate-controller", "clusterrole-aggregation-controller", "cronjob-controller",
	"daemon-set-controller", "deployment-controller", "disruption-controller", "endpoint-controller", "endpointslice-controller",
	"endpointslicemirroring-controller", "ephemeral-volume-controller", "expand-controller", "generic-garbage-collector",
	"horizontal-pod-autoscaler", "job-controller", "namespace-controller", "node-controller", "persistent-volume-binder",
	"pod-garbage-collector", "pv-protection-controller", "pvc-protection-controller", "replicaset-controller",
	"replication-controller", "resourcequota-controller", "root-ca-cert-publisher", "service-account-controller",
	"service-controller", "statefulset-controller", "ttl-after-finished-controller", "ttl-controller",
}

const serviceAccount = "system:serviceaccount:"

// internal reports whether a user is the cluster itself. What it writes follows from what somebody else wanted: it is
// never the one who changed something, but for what it deletes.
func internal(user string) bool {
	if name, found := strings.CutPrefix(user, serviceAccount+"kube-system:"); found {
		return slices.Contains(controllers, name)
	}
	return user == "system:kube-controller-manager" || user == "system:kube-scheduler" || user == "system:apiserver" ||
		strings.HasPrefix(user, "system:node:")
}

// matters reports whether an act can be what made a change of an object.
func matters(a observe.Act) bool {
	if a.Part != "" && a.Part != "scale" {
		return false
	}
	if internal(a.User) {
		return verb(a) == "delete"
	}
	return verb(a) != ""
}

// verb is what the verb of an act makes of an object; empty for one that changes nothing.
func verb(a observe.Act) string {
	switch a.Verb {
	case "create":
		return "create"
	case "update", "patch", "apply":
		return "update"
	case "delete", "deletecollection":
		return "delete"
	}
	return ""
}

// fits reports whether an act can be what made a change, and how far they lie apart.
func (o *origin) fits(a observe.Act) (apart time.Duration, fits bool) {
	done := verb(a)
	switch {
	case o.UID != "" && o.UID != a.ObjectID && (a.ObjectID != "" || o.Beside):
		return 0, false
	case o.Verb == "delete" && done != "delete", o.Verb == "update" && done != "update":
		return 0, false
	case o.Verb == "create" && done == "delete": // a server-side apply creates by a patch
		return 0, false
	case a.Part == "scale" && !o.Scale:
		return 0, false
	}
	if w := o.Writer; w != nil {
		if !o.Stale && ((w.Subresource == "scale") != (a.Part == "scale") || !o.wrote(a)) {
			return 0, false
		}
		if o.timed() {
			// The cluster writes down the second in which it began, and the audit when it had ended, by the same clock.
			apart = a.At.Sub(w.At.Truncate(time.Second))
			fits = apart >= 0 && apart <= 6*time.Second
			return o.distance(a, apart.Truncate(time.Second)), fits
		}
	}
	early, late := time.Second, 2*time.Second
	if o.Verb == "delete" { // what has finalizers goes later than it was told to
		early = patience
	}
	if !o.From.IsZero() && a.At.Before(o.From.Add(-early)) || a.At.After(o.To.Add(late)) || a.At.Before(o.To.Add(-patience)) {
		return 0, false
	}
	return o.distance(a, o.To.Sub(a.At).Abs()), true
}

// distance is how far a change and an act that fits lie apart: what is evident comes before all that is not.
func (o *origin) distance(a observe.Act, apart time.Duration) time.Duration {
	if o.evident(a) {
		return o.To.Sub(a.At).Abs()
	}
	return time.Second + apart
}

// evident reports whether an act ended just when its change was seen. A write that changes nothing, such as applying the
// same again, leaves an act as well: it must not be taken for the one that changed something in the same seconds.
func (o *origin) evident(a observe.Act) bool {
	return o.To.Sub(a.At).Abs() <= 250*time.Millisecond
}

// timed reports whether the cluster tells when the change was written.
func (o *origin) timed() bool {
	return o.Writer != nil && !o.Stale && !o.Writer.At.IsZero() && (o.From.IsZero() || !o.Writer.At.Before(o.From.Add(-time.Second)))
}

// wrote reports whether an act can be the writer's. The audit tells the field manager, so that of two people who write one
// object within a second each is known by what they wrote with.
func (o *origin) wrote(a observe.Act) bool {
	if o.Writer.Manager != "" && a.Manager != "" {
		return o.Writer.Manager == a.Manager || slices.Contains(o.Others, a.Manager)
	}
	return same(o.Writer.Manager, a.Agent)
}

// same reports whether a field manager can be of a client program. Whoever gives a manager a name of their own can be
// anybody.
func same(manager, agent string) bool {
	if manager == "" || agent == "" {
		return true
	}
	m, p := program(manager), program(agent)
	return m == p || strings.HasPrefix(manager, p) || m != "kubectl" && !machine(manager)
}

// match finds the act that made a change, and takes it: an act makes one change, or several that were written at once.
func (m *memory) match(o *origin) (observe.Act, bool) {
	best, closest := -1, time.Duration(0)
	for i, a := range m.Acts {
		apart, fits := o.fits(a)
		if fits && (best < 0 || apart < closest) {
			best, closest = i, apart
		}
	}
	if best < 0 {
		return observe.Act{}, false
	}
	act := m.Acts[best]
	m.Acts = slices.Delete(m.Acts, best, best+1)
	m.Used = append(m.Used, act.ID)
	return act, true
}

// actorOf is who an act was done by.
func actorOf(a observe.Act) change.Actor {
	actor := change.Actor{Type: change.ByPerson, Name: line(a.User), Via: program(a.Agent)}
	if account, found := strings.CutPrefix(a.User, serviceAccount); found {
		space, name, _ := strings.Cut(account, ":")
		actor.Name = cmp.Or(known(name), line(space+"/"+name))
		if internal(a.User) {
			actor.Name = "Kubernetes"
			actor.Via = line(name)
		}
		actor.Type = change.ByAutomation
	}
	if a.Automation || internal(a.User) {
		actor.Type = change.ByAutomation
	}
	if actor.Via == actor.Name {
		actor.Via = ""
	}
	return actor
}

// autoscaler is who scales by metrics.
func autoscaler() change.Actor {
	return change.Actor{Type: change.ByAutomation, Name: "autoscaler", Via: "HorizontalPodAutoscaler"}
}

// actor is who made a change by the cluster's own word: a program, and never a person's name. A person's program does
// not tell a person, since scripts use it as well.
func (o *origin) actor(m *Meta) change.Actor {
	if o.Writer == nil {
		if len(m.Writers) > 0 {
			return change.Actor{Type: change.ByUnknown}
		}
		switch {
		case m.Annotations[annotTracking] != "":
			return change.Actor{Type: change.ByAutomation, Name: "Argo CD"}
		case m.Labels[labelFlux] != "" || m.Labels[labelFluxHelm] != "":
			return change.Actor{Type: change.ByAutomation, Name: "Flux"}
		case m.Annotations[annotHelm] != "":
			return change.Actor{Type: change.ByAutomation, Name: "Helm"}
		}
		return change.Actor{Type: change.ByUnknown}
	}
	manager := o.Writer.Manager
	switch {
	case manager == "kube-controller-manager" && o.Writer.Subresource == "scale":
		return autoscaler()
	case manager == "kube-controller-manager":
		return change.Actor{Type: change.ByAutomation, Name: "Kubernetes"}
	case machine(manager):
		return change.Actor{Type: change.ByAutomation, Name: toolNamed(manager)}
	}
	return change.Actor{Type: change.ByUnknown, Via: program(manager)}
}

// writer is who last wrote one of the parts; nil where the cluster does not tell. Others can have been it as well where
// several wrote within the same second, for the cluster counts no less.
func (t *turn) writer(writers []Writer, parts ...string) (last *Writer, others []string) {
	var newest []*Writer
	for i := range writers {
		w := &writers[i]
		if w.Subresource == "status" || !slices.ContainsFunc(w.Parts, func(part string) bool { return slices.Contains(parts, part) }) {
			continue
		}
		if w.Subresource == "scale" {
			// It is written down without its time. Whoever changes the number takes it from all others: that it is still
			// there says that it was last.
			newest = []*Writer{w}
			break
		}
		if len(newest) > 0 && w.At.After(newest[0].At) {
			newest = nil
		}
		if len(newest) == 0 || w.At.Equal(newest[0].At) {
			newest = append(newest, w)
		}
	}
	if fresh := slices.DeleteFunc(slices.Clone(newest), func(w *Writer) bool { return t.stood(w) }); len(fresh) > 0 {
		newest = fresh
	}
	for i, w := range newest {
		if i == 0 {
			last = &Writer{Manager: line(w.Manager), Subresource: line(w.Subresource), At: w.At}
			continue
		}
		others = append(others, line(w.Manager))
	}
	return last, others
}

// stood reports whether the entry of a writer was there before, just as it is.
func (t *turn) stood(w *Writer) bool {
	return slices.ContainsFunc(t.writers, func(old Writer) bool {
		return old.Manager == w.Manager && old.Subresource == w.Subresource && old.At.Equal(w.At)
	})
}
