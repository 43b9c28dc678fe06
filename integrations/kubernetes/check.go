package kubernetes

import (
	"encoding/json"
	"strings"

	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/observe"
)

// object is any of the kinds of state.
type object interface{ meta() *Meta }

func (m *Meta) meta() *Meta { return m }

// read reads the state of an object of a collection; nil for a collection that is not known.
func read(collection string, state json.RawMessage) (object, error) {
	var made object
	switch collection {
	case Deployments, StatefulSets, DaemonSets, CronJobs, Jobs, Rollouts:
		made = &Workload{}
	case ConfigMaps, Secrets:
		made = &Config{}
	case Services, Ingresses, HTTPRoutes, GRPCRoutes:
		made = &Route{}
	case HelmReleases:
		made = &HelmRelease{}
	case Nodes:
		made = &Node{}
	case Namespaces:
		made = &Namespace{}
	default:
		return nil, fault.New(fault.Invalid, "there is no collection %q", short(collection))
	}
	// Fields of a newer agent are left out; those that an older one does not send are empty.
	if err := json.Unmarshal(state, made); err != nil {
		return nil, fault.New(fault.Invalid, "the state is not what an object of %s looks like", collection)
	}
	return made, nil
}

// EndpointsOf is the id of a Service's endpoints, which are objects of their own, in an act upon them: of "shop/billing-db".
func EndpointsOf(service string) string { return "endpoints/" + service }

// Check reports whether an observation can be read.
func (Interpreter) Check(o observe.Observation) error {
	if act := o.Act; act != nil {
		if act.At.IsZero() || act.Verb == "" || act.User == "" {
			return fault.New(fault.Invalid, "%s: an act says when it was done, the verb and the user", short(o.Object))
		}
	}
	if o.Gone || len(o.State) == 0 {
		_, err := read(o.Collection, json.RawMessage("{}"))
		return err
	}
	made, err := read(o.Collection, o.State)
	if err != nil {
		return err
	}
	m := made.meta()
	if m.Kind == "" || m.Name == "" || m.UID == "" {
		return fault.New(fault.Invalid, "%s: a state says kind, name and uid", short(o.Object))
	}
	if name := m.object(); name != o.Object {
		return fault.New(fault.Invalid, "%s: the state is that of %s", short(o.Object), short(name))
	}
	return nil
}

// object is the name under which an agent sends an object: "shop/deployment/cart", "node/worker-1".
func (m *Meta) object() string {
	name := strings.ToLower(m.Kind) + "/" + m.Name
	if m.Namespace != "" {
		name = m.Namespace + "/" + name
	}
	return name
}

// short bounds what a message repeats of what was sent.
func short(text string) string {
	if len(text) > 80 {
		return strings.ToValidUTF8(text[:80], "") + "…"
	}
	return text
}
