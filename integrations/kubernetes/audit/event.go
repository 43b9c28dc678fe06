package audit

import (
	"encoding/json"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/integrations/kubernetes"
	"tidings.dev/tidings/observe"
)

// eventList holds the fields of audit.k8s.io/v1 that are used. Objects of requests and responses, which an API server
// sends at higher levels than Metadata, are passed over.
type eventList struct {
	Kind       string  `json:"kind"`
	APIVersion string  `json:"apiVersion"`
	Items      []event `json:"items"`
}

type event struct {
	AuditID          string     `json:"auditID"`
	Stage            string     `json:"stage"`
	RequestURI       string     `json:"requestURI"`
	Verb             string     `json:"verb"`
	User             user       `json:"user"`
	ImpersonatedUser *user      `json:"impersonatedUser"`
	UserAgent        string     `json:"userAgent"`
	ObjectRef        *objectRef `json:"objectRef"`
	ResponseStatus   *struct {
		Code int `json:"code"`
	} `json:"responseStatus"`
	StageTimestamp time.Time `json:"stageTimestamp"`
}

type user struct {
	Username string `json:"username"`
}

type objectRef struct {
	Resource    string `json:"resource"`
	Namespace   string `json:"namespace"`
	Name        string `json:"name"`
	UID         string `json:"uid"`
	APIGroup    string `json:"apiGroup"`
	Subresource string `json:"subresource"`
}

func decode(body []byte) ([]event, error) {
	var list eventList
	if err := json.Unmarshal(body, &list); err != nil {
		return nil, fault.New(fault.Invalid, "the body is not a list of audit events: %s", err)
	}
	if list.Kind != "EventList" || list.APIVersion != "audit.k8s.io/v1" {
		return nil, fault.New(fault.Invalid, "the body is %s of %s, and not EventList of audit.k8s.io/v1: give this address to the API server's --audit-webhook-config-file", quote(list.Kind), quote(list.APIVersion))
	}
	return list.Items, nil
}

func quote(text string) string {
	if text == "" {
		return "nothing"
	}
	return "“" + clip(text, 60) + "”"
}

// kinds are the resources whose writers are of interest. Pods are not: people change what makes them.
var kinds = []struct{ group, resource, kind, collection string }{
	{"apps", "deployments", "deployment", kubernetes.Deployments},
	{"apps", "statefulsets", "statefulset", kubernetes.StatefulSets},
	{"apps", "daemonsets", "daemonset", kubernetes.DaemonSets},
	{"batch", "cronjobs", "cronjob", kubernetes.CronJobs},
	{"batch", "jobs", "job", kubernetes.Jobs},
	{"argoproj.io", "rollouts", "rollout", kubernetes.Rollouts},
	{"", "configmaps", "configmap", kubernetes.ConfigMaps},
	{"", "secrets", "secret", kubernetes.Secrets},
	{"", "services", "service", kubernetes.Services},
	{"networking.k8s.io", "ingresses", "ingress", kubernetes.Ingresses},
	{"gateway.networking.k8s.io", "httproutes", "httproute", kubernetes.HTTPRoutes},
	{"gateway.networking.k8s.io", "grpcroutes", "grpcroute", kubernetes.GRPCRoutes},
	{"", "namespaces", "namespace", kubernetes.Namespaces},
	{"", "nodes", "node", kubernetes.Nodes},
}

// standing are the resources that stand for another object, by group.
var standing = map[string]string{"autoscaling": "horizontalpodautoscalers", "discovery.k8s.io": "endpointslices", "": "endpoints"}

// helmSecret is the Secret of one revision of a Helm release.
var helmSecret = regexp.MustCompile(`^sh\.helm\.release\.v1\.(.+)\.v([0-9]+)$`)

// act is what an event says that somebody did; false where it says nothing of interest.
//
// A deletecollection names no object, and what was deleted by it is gone when its event comes: it is left out. The API
// server's own clean-up of a namespace uses it; kubectl delete --all deletes one by one.
func (f Filter) act(e *event, seenAt time.Time) (observe.Observation, bool) {
	none := observe.Observation{}
	if e.Stage != "ResponseComplete" || e.ResponseStatus == nil || e.ResponseStatus.Code < 200 || e.ResponseStatus.Code > 299 || dryRun(e.RequestURI) {
		return none, false
	}
	ref := e.ObjectRef
	if ref == nil || ref.Name == "" || !slices.Contains([]string{"create", "update", "patch", "delete"}, e.Verb) ||
		!slices.Contains([]string{"", "scale", "rollback"}, ref.Subresource) {
		return none, false
	}
	o := observe.Observation{SeenAt: seenAt, Act: &observe.Act{
		ID: clip(e.AuditID, 200), At: e.StageTimestamp, Verb: e.Verb, Part: ref.Subresource, User: clip(e.User.Username, 200),
		Agent: clip(e.UserAgent, 200), ObjectID: clip(ref.UID, 200), Manager: manager(e.RequestURI, e.UserAgent),
	}}
	if other := e.ImpersonatedUser; other != nil && other.Username != "" {
		o.Act.Impersonator, o.Act.User = o.Act.User, clip(other.Username, 200)
	}
	o.Act.Automation = f.automation(o.Act.User)
	if standing[ref.APIGroup] == ref.Resource && ref.Subresource == "" && f.Stands != nil {
		if ref.Resource == "endpoints" && strings.HasPrefix(e.User.Username, "system:") {
			return none, false // by which programs elect who leads them, every few seconds
		}
		var found bool
		o.Object, o.Collection, o.Act.ObjectID, found = f.Stands(ref.Resource, ref.Namespace, ref.Name)
		// Whatever was done to the autoscaler, the workload has another one now.
		o.Act.Verb = "update"
		return o, found && f.complete(o, ref.Namespace)
	}
	for _, k := range kinds {
		if k.group != ref.APIGroup || k.resource != ref.Resource {
			continue
		}
		o.Collection, o.Object = k.collection, k.kind+"/"+ref.Name
		switch k.collection {
		case kubernetes.Namespaces, kubernetes.Nodes:
		default:
			o.Object = ref.Namespace + "/" + o.Object
		}
		if match := helmSecret.FindStringSubmatch(ref.Name); k.collection == kubernetes.Secrets && match != nil {
			o.Collection, o.Object = kubernetes.HelmReleases, ref.Namespace+"/helmrelease/"+match[1]
			o.Act.ObjectID = "" // of the revision, and not of the release
			if e.Verb == "create" && match[2] != "1" {
				o.Act.Verb = "update"
			}
		}
		return o, f.complete(o, ref.Namespace)
	}
	return none, false
}

// complete reports whether an act is upon something that is looked at, and says what it has to.
func (f Filter) complete(o observe.Observation, namespace string) bool {
	return f.looks(o.Collection, namespace) && o.Act.ID != "" && o.Act.User != "" && !o.Act.At.IsZero() && len(o.Object) <= observe.MaxName
}

// dryRun reports whether a request asked to change nothing. A deletion can say so in its body alone, which an audit of
// metadata does not hold.
func dryRun(uri string) bool { return len(asked(uri)["dryRun"]) > 0 }

// asked are the parameters of a request.
func asked(uri string) url.Values {
	_, query, _ := strings.Cut(uri, "?")
	values, _ := url.ParseQuery(query) // what cannot be read asks for nothing
	return values
}

// manager is the name under which the API server notes a writer among the managed fields: what the request calls itself,
// else the first part of its user agent, at most 128 bytes (managerOrUserAgent in k8s.io/apiserver/pkg/endpoints/handlers).
func manager(uri, agent string) string {
	if name := asked(uri).Get("fieldManager"); name != "" {
		return clip(name, maxManager)
	}
	agent, _, _ = strings.Cut(agent, "/")
	var made strings.Builder
	for _, r := range agent {
		if !unicode.IsPrint(r) {
			continue
		}
		if made.Len()+utf8.RuneLen(r) > maxManager {
			break
		}
		made.WriteRune(r)
	}
	return clip(made.String(), maxManager)
}

const maxManager = 128

// Filter says whose acts upon what are kept.
type Filter struct {
	// Collections are those that the agent looks at; empty for all.
	Collections []string
	// Looks reports whether the agent looks at a namespace, which is empty for what lies in none; nil for all.
	Looks func(namespace string) bool
	// Stands tells which other object an autoscaler, an EndpointSlice or Endpoints stand for, in which collection that is, and by
	// which id such an act is known there: who changes an autoscaler changes the workload. Nil leaves such acts out.
	Stands func(resource, namespace, name string) (object, collection, id string, found bool)
	// Automation are patterns of users that are machines, besides those of Kubernetes: "ci-*", "*@bots.example.com".
	Automation []string
}

// Validate names the first pattern that is none.
func (f Filter) Validate() error {
	for _, pattern := range f.Automation {
		if _, err := path.Match(pattern, ""); err != nil || pattern == "" {
			return fault.New(fault.Invalid, "%s is not a pattern of users: write one such as ci-* or *@bots.example.com", quote(pattern))
		}
	}
	return nil
}

func (f Filter) looks(collection, namespace string) bool {
	if len(f.Collections) > 0 && !slices.Contains(f.Collections, collection) {
		return false
	}
	return f.Looks == nil || f.Looks(namespace)
}

// automation reports whether a user is a machine. The names that begin with "system:" are kept for those of Kubernetes.
func (f Filter) automation(name string) bool {
	if strings.HasPrefix(name, "system:") {
		return true
	}
	for _, pattern := range f.Automation {
		if match, err := path.Match(pattern, name); err == nil && match {
			return true
		}
	}
	return false
}

// clip bounds a text in bytes.
func clip(text string, most int) string {
	if len(text) <= most {
		return strings.ToValidUTF8(text, "�")
	}
	text = text[:most]
	for text != "" && !utf8.ValidString(text) {
		text = text[:len(text)-1]
	}
	return text
}
