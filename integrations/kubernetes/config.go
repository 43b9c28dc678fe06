package kubernetes

import (
	"fmt"
	"slices"
	"strings"

	"tidings.dev/tidings/change"
)

// ignored reports whether a ConfigMap or Secret is the cluster's own bookkeeping.
func (c *Config) ignored() bool {
	switch c.Name {
	case "kube-root-ca.crt", "openshift-service-ca.crt", "istio-ca-root-cert", "istio-ca-crl":
		return true
	}
	_, leads := c.Annotations[annotLeader]
	return leads || strings.HasSuffix(c.Name, "-leader-election") || strings.HasSuffix(c.Name, "-leader") ||
		c.Type == "kubernetes.io/service-account-token" || c.Type == "bootstrap.kubernetes.io/token" || strings.HasPrefix(c.Type, "helm.sh/")
}

// rotators renew what is in Secrets by themselves, and bring copies of what lies elsewhere.
var rotators = []string{"cert-manager", "External Secrets", "Sealed Secrets"}

// rotated reports whether the values of the same keys were renewed by a machine whose work that is.
func (t *turn) rotated(before, after *Config) bool {
	for key := range before.Keys {
		if _, stays := after.Keys[key]; !stays {
			return false
		}
	}
	if len(before.Keys) != len(after.Keys) {
		return false
	}
	if w, _ := t.writer(after.Writers, "data"); w != nil {
		return slices.Contains(rotators, known(w.Manager))
	}
	return slices.ContainsFunc(after.Owners, func(owner string) bool {
		kind, _, _ := strings.Cut(owner, "/")
		return kind == "certificate" || kind == "externalsecret" || kind == "sealedsecret"
	})
}

func (c *Config) kind() (kind, word string) {
	if c.Kind == "Secret" {
		return "secret", "secret"
	}
	return "config", "config"
}

func (t *turn) configCreated(c *Config) {
	if c.ignored() || len(c.UsedBy) == 0 {
		return // what nothing uses yet is told by the workload that will
	}
	var d difference
	d.pairs("", nil, c.Keys)
	kind, word := c.kind()
	t.tell(change.Event{
		Key: "created/" + c.UID, Kind: kind, Phase: change.Succeeded, Title: "Created " + word + " " + c.Name, StartedAt: t.between(c.CreatedAt),
		Diff: d.diff, Subjects: t.aliases(c.UsedBy), Detail: usedBy(c.UsedBy), Labels: map[string]string{"change": "created"},
	}, t.origin("create", &c.Meta, c.Writers, "data"))
}

func (t *turn) configChanged(before, after *Config) {
	var d difference
	d.pairs("", before.Keys, after.Keys)
	users := after.UsedBy
	if len(users) == 0 {
		users = before.UsedBy
	}
	if len(d.diff) == 0 || len(users) == 0 || after.ignored() || t.rotated(before, after) {
		return
	}
	o := t.origin("update", &after.Meta, after.Writers, "data")
	at := t.look.SeenAt
	if o.timed() {
		at = o.Writer.At
	}
	kind, word := after.kind()
	names := make([]change.Diff, len(d.diff))
	for i, entry := range d.diff { // a fingerprint says nothing in a title
		names[i] = change.Diff{Field: entry.Field, Old: either(entry.Old != "", "-", ""), New: either(entry.New != "", "-", "")}
	}
	t.tell(change.Event{
		Key:  fmt.Sprintf("data/%s/%d/%s", after.UID, at.Unix(), sum(fmt.Sprint(d.diff))),
		Kind: kind, Phase: change.Succeeded, Title: "Changed " + word + " " + after.Name + ": " + list(names),
		Diff: d.diff, Subjects: t.aliases(users), Detail: usedBy(users),
	}, o)
}

// list names keys as a title does.
func list(diff []change.Diff) string {
	var names []string
	for i, d := range diff {
		if i == 3 && len(diff) > 4 {
			return strings.Join(names, ", ") + " and " + count(len(diff)-3, "other")
		}
		names = append(names, verbOf(d)+d.Field)
	}
	return strings.Join(names, ", ")
}

func usedBy(objects []string) string {
	if len(objects) > 20 {
		return "Used by " + line(strings.Join(objects[:20], ", ")) + " and others."
	}
	return "Used by " + line(strings.Join(objects, ", ")) + "."
}

func (t *turn) configRemoved(c *Config) {
	if c.ignored() || len(c.UsedBy) == 0 {
		return
	}
	var d difference
	d.pairs("", c.Keys, nil)
	kind, word := c.kind()
	t.tell(change.Event{
		Key: "removed/" + c.UID, Kind: kind, Phase: change.Succeeded, Title: "Removed " + word + " " + c.Name,
		Diff: d.diff, Subjects: t.aliases(c.UsedBy), Detail: usedBy(c.UsedBy), Labels: map[string]string{"change": "removed"},
	}, t.origin("delete", &c.Meta, nil))
}
