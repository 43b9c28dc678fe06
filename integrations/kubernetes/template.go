package kubernetes

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"tidings.dev/tidings/change"
)

// difference is what two templates of a workload differ in.
type difference struct {
	diff      []change.Diff
	images    bool   // a container that both have got another image
	main      bool   // the main container did
	beside    string // the first other container that did
	label     bool   // the version by the labels is another
	restarted bool   // somebody asked for a restart
	other     bool   // anything else
}

func (d *difference) any() bool { return d.images || d.label || d.restarted || d.other }

// compare gives what differs, the image of the main container first. Fields are "image", "env/LOG_LEVEL",
// "resources/limits.memory" and the like for the main container, and have the name of any other before them:
// "proxy/image".
func compare(before, after *Workload) difference {
	var d difference
	a, b := before.Template, after.Template
	mainA, mainB := mainContainer(a.Containers, before.names()...), mainContainer(b.Containers, after.names()...)
	if mainA >= 0 && mainB >= 0 {
		d.container("", a.Containers[mainA], b.Containers[mainB])
		if name := b.Containers[mainB].Name; a.Containers[mainA].Name != name {
			d.put("container", a.Containers[mainA].Name, name)
			d.other = true
		}
	}
	d.main = d.images
	for i, c := range a.Containers {
		if i == mainA && mainB >= 0 {
			continue
		}
		j := slices.IndexFunc(b.Containers, func(other Container) bool { return other.Name == c.Name })
		if j < 0 || j == mainB {
			d.put("container/"+c.Name, c.Image, "")
			d.other = true
			continue
		}
		d.container(c.Name+"/", c, b.Containers[j])
		if c.Image != b.Containers[j].Image {
			d.beside = cmp.Or(d.beside, c.Name)
		}
	}
	for j, c := range b.Containers {
		if j == mainB && mainA >= 0 {
			continue
		}
		if i := slices.IndexFunc(a.Containers, func(other Container) bool { return other.Name == c.Name }); i < 0 || i == mainA && mainB >= 0 {
			d.put("container/"+c.Name, "", c.Image)
			d.other = true
		}
	}
	d.rest(a, b)
	return d
}

func (d *difference) put(field, before, after string) {
	d.diff = append(d.diff, change.Diff{Field: field, Old: before, New: after})
}

func (d *difference) container(prefix string, a, b Container) {
	if a.Image != b.Image {
		d.put(prefix+"image", a.Image, b.Image)
		d.images = true
	}
	n := len(d.diff)
	d.pairs(prefix+"env/", a.Environment, b.Environment)
	d.text(prefix+"command", a.Command, b.Command)
	d.text(prefix+"args", a.Args, b.Args)
	d.pairs(prefix+"resources/", a.Resources, b.Resources)
	d.pairs(prefix+"probes/", a.Probes, b.Probes)
	d.text(prefix+"ports", strings.Join(a.Ports, ", "), strings.Join(b.Ports, ", "))
	d.other = d.other || len(d.diff) > n
}

func (d *difference) rest(a, b Template) {
	labelsA, labelsB := maps.Clone(a.Labels), maps.Clone(b.Labels)
	for _, key := range []string{labelVersion, labelDatadogVersion} {
		if labelsA[key] != labelsB[key] {
			d.label = true
			d.put("labels/"+key, labelsA[key], labelsB[key])
		}
		delete(labelsA, key)
		delete(labelsB, key)
	}
	if a.RestartedAt != b.RestartedAt {
		d.restarted = true
		d.put("restarted_at", a.RestartedAt, b.RestartedAt)
	}
	n := len(d.diff)
	for _, gone := range a.Configs {
		if !slices.Contains(b.Configs, gone) {
			d.put("configs/"+gone, "used", "")
		}
	}
	for _, come := range b.Configs {
		if !slices.Contains(a.Configs, come) {
			d.put("configs/"+come, "", "used")
		}
	}
	d.text("service_account", a.ServiceAccount, b.ServiceAccount)
	d.pairs("labels/", labelsA, labelsB)
	d.pairs("", a.Rest, b.Rest)
	for _, entry := range d.diff[n:] {
		if restarts(entry.Field) {
			d.restarted = true
		} else {
			d.other = true
		}
	}
}

// restarts reports whether a part of a template is there to have pods made anew, and for nothing else: a mark of the time,
// or a sum of a configuration that they read.
func restarts(field string) bool {
	name, found := strings.CutPrefix(strings.ToLower(field), "annotations.")
	return found && (strings.Contains(name, "checksum") || strings.Contains(name, "restartedat") || strings.Contains(name, "restarted-at") ||
		strings.Contains(name, "last-reloaded"))
}

func (d *difference) text(field, a, b string) {
	if a != b {
		d.put(field, a, b)
	}
}

// pairs adds what differs in two sets, by name.
func (d *difference) pairs(prefix string, a, b map[string]string) {
	names := slices.Collect(maps.Keys(a))
	for name := range b {
		if _, both := a[name]; !both {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		before, had := a[name]
		after, has := b[name]
		if before == after && had == has {
			continue
		}
		if had && before == "" {
			before = "empty"
		}
		if has && after == "" {
			after = "empty"
		}
		d.put(prefix+name, before, after)
	}
}

// summary names what changed, as a title does: "LOG_LEVEL", "limits.memory from 256Mi to 512Mi".
func summary(diff []change.Diff) string {
	if len(diff) == 1 {
		d := diff[0]
		name := fieldName(d.Field)
		switch {
		case strings.Contains(d.Field, "env/") || strings.HasPrefix(d.Field, "configs/") || len(d.Old)+len(d.New) > 60 ||
			strings.Contains(d.Old+d.New, "fingerprint"):
		case d.Old != "" && d.New != "" && strings.ContainsAny(d.Field, "/_"):
			return name + " from " + d.Old + " to " + d.New
		}
		return verbOf(d) + name
	}
	var names []string
	for i, d := range diff {
		if i == 3 && len(diff) > 4 {
			return strings.Join(names, ", ") + " and " + count(len(diff)-3, "other")
		}
		names = append(names, verbOf(d)+fieldName(d.Field))
	}
	return strings.Join(names, ", ")
}

func verbOf(d change.Diff) string {
	switch {
	case d.Old == "":
		return "added "
	case d.New == "":
		return "removed "
	}
	return ""
}

// fieldName is a field as people name it: without the group that it is of.
func fieldName(field string) string {
	for _, group := range []string{"env/", "resources/", "labels/", "configs/", "container/", "strategy/"} {
		if before, name, found := strings.Cut(field, group); found {
			switch group {
			case "container/":
				name = "container " + name
			case "strategy/":
				name = "strategy " + name
			}
			return before + name
		}
	}
	if before, name, found := strings.Cut(field, "probes/"); found {
		return before + name + " probe"
	}
	for _, group := range []string{"annotations.", "labels."} {
		if name, found := strings.CutPrefix(field, group); found {
			return strings.TrimSuffix(group, "s.") + " " + name
		}
	}
	return strings.ReplaceAll(field, "_", " ")
}
