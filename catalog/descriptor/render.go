package descriptor

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"tidings.dev/tidings/catalog"
	"tidings.dev/tidings/fault"
)

// Formats lists the formats that Render writes.
func Formats() []string { return []string{"tidings", "kubernetes", "backstage"} }

// Render writes an entity as a descriptor: tidings is a tidings.yaml, kubernetes the annotations to paste into a
// manifest, backstage an entity of a catalog-info.yaml. Relations that were only observed are left out. An unknown
// format, or an entity that the format cannot carry, is an Invalid fault.
func Render(format string, e catalog.Entity) ([]byte, error) {
	if _, err := catalog.NewRef(e.Kind, e.Name); err != nil {
		return nil, err
	}
	switch format {
	case "tidings":
		return renderTidings(e), nil
	case "kubernetes":
		return renderKubernetes(e), nil
	case "backstage":
		return renderBackstage(e)
	}
	return nil, fault.New(fault.Invalid, "there is no format %q: write tidings, kubernetes or backstage", clip(format))
}

// writer writes YAML: keys in a given order, and texts quoted only where they must be.
type writer struct {
	strings.Builder
	indent string
}

func (w *writer) put(key, text string) {
	if text == "" {
		return
	}
	w.WriteString(w.indent + quote(key) + ":")
	if strings.Contains(strings.TrimRight(text, "\n"), "\n") && literal(text) {
		w.WriteString(" |-\n")
		for line := range strings.SplitSeq(text, "\n") {
			if line != "" {
				line = w.indent + "  " + line
			}
			w.WriteString(line + "\n")
		}
		return
	}
	w.WriteString(" " + quote(text) + "\n")
}

// key starts a block below a key; done ends it.
func (w *writer) key(key string) (done func()) {
	before := w.indent
	w.WriteString(before + key + ":\n")
	w.indent += "  "
	return func() { w.indent = before }
}

func (w *writer) list(key string, items []string) {
	if len(items) == 0 {
		return
	}
	defer w.key(key)()
	for _, item := range items {
		w.WriteString(w.indent + "- " + quote(item) + "\n")
	}
}

// entries writes a list of mappings. Each has its keys in the order of the pairs.
func (w *writer) entries(key string, all [][]named) {
	if len(all) == 0 {
		return
	}
	defer w.key(key)()
	for _, entry := range all {
		lead := "- "
		for _, pair := range entry {
			if pair.value != "" {
				w.WriteString(w.indent + lead + pair.key + ": " + quote(pair.value) + "\n")
				lead = "  "
			}
		}
	}
}

var (
	plainText = regexp.MustCompile(`^[A-Za-z/][A-Za-z0-9_./@+ -]*(:[A-Za-z0-9_./@+-]+)*$`)
	plainWord = regexp.MustCompile(`^(?i:true|false|null|yes|no|on|off|y|n)$`)
)

// quote writes a text as YAML reads it back: plain where nothing else could be meant, else as a JSON string.
func quote(text string) string {
	if (plainText.MatchString(text) && !plainWord.MatchString(text) && !strings.HasSuffix(text, " ") && !strings.Contains(text, " -")) ||
		plainURL.MatchString(text) {
		return text
	}
	raw := jsonText(text)
	// JSON leaves these as they are, and YAML takes them for line ends or refuses them.
	return strings.NewReplacer("\u0085", `\u0085`, "\u2028", `\u2028`, "\u2029", `\u2029`, "\uFEFF", `\uFEFF`, "\u007F", `\u007F`).Replace(raw)
}

var plainURL = regexp.MustCompile(`^https?://[A-Za-z0-9_./@+-]+(:[0-9]+)?[A-Za-z0-9_./@+?=&%~-]*$`)

// literal reports whether a text can stand as a block: nothing in it that a reader could take otherwise.
func literal(text string) bool {
	for line := range strings.SplitSeq(text, "\n") {
		if line != strings.TrimRight(line, " \t\r") {
			return false
		}
	}
	return text[0] != ' ' && text[0] != '\n' && !strings.HasSuffix(text, "\n") && !strings.ContainsAny(text, "\t\r\u0085\u2028\u2029\uFEFF\u007F")
}

func renderTidings(e catalog.Entity) []byte {
	w := &writer{}
	w.put("kind", string(e.Kind))
	w.put("name", e.Name)
	for _, fact := range plain(e) {
		if fact.key == "tier" || fact.key == "user_facing" {
			if fact.value != "" {
				w.WriteString(fact.key + ": " + fact.value + "\n")
			}
			continue
		}
		w.put(fact.key, fact.value)
	}
	if e.LanguageVersion == "" {
		w.put("language", e.Language)
	} else {
		done := w.key("language")
		w.put("name", e.Language)
		w.put("version", e.LanguageVersion)
		done()
	}
	var onCall, contacts, links [][]named
	for _, o := range e.OnCall {
		onCall = append(onCall, []named{{"role", o.Role}, {"name", o.Name}, {"until", until(o.Until)}})
	}
	for _, c := range e.Contacts {
		contacts = append(contacts, []named{{"type", c.Type}, {"value", c.Value}, {"title", c.Title}})
	}
	for _, l := range e.Links {
		links = append(links, []named{{"type", l.Type}, {"title", l.Title}, {"url", l.URL}})
	}
	w.entries("on_call", onCall)
	w.entries("contacts", contacts)
	w.entries("links", links)
	if len(e.Tags) > 0 {
		done := w.key("tags")
		for _, tag := range e.Tags {
			if tag.Value == "" {
				w.WriteString(w.indent + quote(tag.Key) + ": \"\"\n")
				continue
			}
			w.put(tag.Key, tag.Value)
		}
		done()
	}
	w.list("aliases", e.Aliases)
	for _, relation := range relations(e) {
		w.list(relation.key, relation.targets)
	}
	return []byte(w.String())
}

func renderKubernetes(e catalog.Entity) []byte {
	w := &writer{}
	w.WriteString("metadata:\n  annotations:\n")
	w.indent = "    "
	annotations := KubernetesAnnotations(e)
	for _, name := range slices.Sorted(maps.Keys(annotations)) {
		w.put(name, annotations[name])
	}
	return []byte(w.String())
}

var (
	backstageName  = regexp.MustCompile(`^[A-Za-z0-9]+([-_.][A-Za-z0-9]+)*$`)
	backstageTag   = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	backstageLabel = regexp.MustCompile(`^([a-z0-9]+([.-][a-z0-9]+)*/)?[A-Za-z0-9]+([-_.][A-Za-z0-9]+)*$`)
)

// renderBackstage writes what Backstage has a place for there, and the rest as annotations of ours, which Backstage
// keeps and we read. What Backstage requires and the roll does not know is "unknown".
func renderBackstage(e catalog.Entity) ([]byte, error) {
	if len(e.Name) > 63 || !backstageName.MatchString(e.Name) {
		return nil, fault.New(fault.Invalid, "%q is no name for Backstage: at most 63 letters and digits, with single '-', '_' or '.' between them", clip(e.Name))
	}
	rest := KubernetesAnnotations(e)
	delete(rest, annotationPrefix+"entity")
	w := &writer{}
	w.WriteString("apiVersion: backstage.io/v1alpha1\nkind: " + backstageKindOf(e.Kind) + "\n")
	spec := backstageSpec(e, rest)

	done := w.key("metadata")
	w.put("name", e.Name)
	for _, fact := range []named{{"title", e.Title}, {"description", e.Description}} {
		w.put(fact.key, fact.value)
		delete(rest, annotationPrefix+fact.key)
	}
	tags, labels := backstageTags(e.Tags)
	if len(tags)+len(labels) == len(e.Tags) {
		delete(rest, annotationPrefix+"tags")
	}
	links := make([][]named, 0, len(e.Links))
	for _, link := range e.Links {
		links = append(links, []named{{"url", link.URL}, {"title", link.Title}, {"type", link.Type}})
		delete(rest, annotationPrefix+"link."+link.Type)
		delete(rest, annotationPrefix+"links")
	}
	if len(rest) > 0 {
		below := w.key("annotations")
		for _, name := range slices.Sorted(maps.Keys(rest)) {
			w.put(name, rest[name])
		}
		below()
	}
	if len(labels) > 0 {
		below := w.key("labels")
		for _, label := range labels {
			w.put(label.Key, label.Value)
		}
		below()
	}
	w.list("tags", tags)
	w.entries("links", links)
	done()

	w.WriteString("spec:\n")
	w.WriteString(spec)
	return []byte(w.String()), nil
}

func backstageKindOf(kind catalog.Kind) string {
	switch kind {
	case catalog.API:
		return "API"
	case catalog.Resource:
		return "Resource"
	case catalog.System:
		return "System"
	case catalog.Team:
		return "Group"
	case catalog.Person:
		return "User"
	case catalog.Service:
	}
	return "Component"
}

// backstageTags parts the tags in those that Backstage takes as tags, and as labels.
func backstageTags(all []catalog.Tag) (tags []string, labels []catalog.Tag) {
	for _, tag := range all {
		switch {
		case tag.Value == "" && len(tag.Key) <= 63 && backstageTag.MatchString(tag.Key):
			tags = append(tags, tag.Key)
		case len(tag.Key) <= 63 && len(tag.Value) <= 63 && backstageLabel.MatchString(tag.Key) && backstageName.MatchString(tag.Value):
			labels = append(labels, tag)
		}
	}
	return tags, labels
}

// backstageSpec writes the spec of the kind, and takes out of rest what it says.
func backstageSpec(e catalog.Entity, rest map[string]string) string {
	w := &writer{indent: "  "}
	said := func(name string) { delete(rest, annotationPrefix+name) }
	orElse := func(key, text, missing string) {
		if text == "" {
			text = missing
		} else {
			said(key)
		}
		w.put(key, text)
	}
	owner := ""
	if e.Owner != nil {
		owner = backstageRef(*e.Owner)
	}
	switch e.Kind {
	case catalog.Team:
		orElse("type", e.Type, "team")
	case catalog.API, catalog.Resource, catalog.Service, catalog.System:
		if e.Kind != catalog.System || e.Type != "" {
			orElse("type", e.Type, map[catalog.Kind]string{catalog.API: "unknown", catalog.Resource: "unknown", catalog.Service: "service"}[e.Kind])
		}
		if e.Kind == catalog.API || e.Kind == catalog.Service {
			orElse("lifecycle", e.Lifecycle, "unknown")
		}
		orElse("owner", owner, "unknown")
	case catalog.Person:
	}
	if e.Kind == catalog.API {
		w.put("definition", "unknown")
	}
	if e.Kind == catalog.Team || e.Kind == catalog.Person {
		if e.Title != "" || e.Email != "" {
			done := w.key("profile")
			w.put("displayName", e.Title)
			w.put("email", e.Email)
			done()
			said("email")
		}
		backstageTeams(w, e, said)
		return w.String()
	}
	backstageRelations(w, e, said)
	return w.String()
}

// backstageTeams writes of what team a team or person is a part. Both lists are required.
func backstageTeams(w *writer, e catalog.Entity, said func(string)) {
	var teams []string
	all := declared(e, catalog.FamilyPartOf)
	for _, target := range all {
		if target.Kind == catalog.Team {
			teams = append(teams, target.Name)
		}
	}
	if e.Kind == catalog.Team {
		if len(teams) == 1 && len(all) == 1 {
			w.put("parent", teams[0])
			said("part-of")
		}
		w.WriteString("  children: []\n")
		return
	}
	if len(teams) == 0 {
		w.WriteString("  memberOf: []\n")
		return
	}
	w.list("memberOf", teams)
	if len(teams) == len(all) {
		said("part-of")
	}
}

// backstageRelations writes the arrows that the kind has a key for. A family of which one arrow has none stays among
// the annotations as a whole, as well.
func backstageRelations(w *writer, e catalog.Entity, said func(string)) {
	parts := declared(e, catalog.FamilyPartOf)
	written := 0
	if e.Kind != catalog.System {
		for _, kind := range []struct {
			kind catalog.Kind
			key  string
		}{{catalog.System, "system"}, {catalog.Service, "subcomponentOf"}} {
			if kind.kind == catalog.Service && e.Kind != catalog.Service {
				continue
			}
			for _, target := range parts {
				if target.Kind == kind.kind {
					w.put(kind.key, target.Name)
					written++
					break // each takes one
				}
			}
		}
	}
	if written == len(parts) {
		said("part-of")
	}
	list := func(family, key string, kinds ...catalog.Kind) {
		var names []string
		all := declared(e, family)
		for _, target := range all {
			if slices.Contains(kinds, target.Kind) {
				names = append(names, backstageRef(target))
			}
		}
		w.list(key, names)
		if len(names) == len(all) {
			said(family)
		}
	}
	if e.Kind == catalog.Service || e.Kind == catalog.Resource {
		list(catalog.FamilyDependsOn, "dependsOn", catalog.Service, catalog.Resource)
	}
	if e.Kind == catalog.Service {
		list(catalog.FamilyProvides, "providesApis", catalog.API)
		list(catalog.FamilyConsumes, "consumesApis", catalog.API)
	}
}

// declared are the targets of a relation that somebody declares.
func declared(e catalog.Entity, family string) []catalog.Ref {
	var targets []catalog.Ref
	for _, relation := range e.Related(family) {
		if relation.Evidence != catalog.Observed {
			targets = append(targets, relation.Target)
		}
	}
	return targets
}

func backstageRef(ref catalog.Ref) string {
	return strings.ToLower(backstageKindOf(ref.Kind)) + ":" + ref.Name
}
