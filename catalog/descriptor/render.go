package descriptor

import (
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"tidings.dev/tidings/catalog"
	"tidings.dev/tidings/fault"
)

// Formats lists the formats that Render writes.
func Formats() []string {
	return []string{"tidings", "kubernetes", "kustomize", "helm", "kubectl", "backstage"}
}

// FormatWords lists them for a sentence.
func FormatWords() string {
	all := Formats()
	return strings.Join(all[:len(all)-1], ", ") + " or " + all[len(all)-1]
}

// Render writes an entity as a descriptor: tidings is a tidings.yaml, backstage an entity of a catalog-info.yaml. The
// others are its Kubernetes annotations: kubernetes to paste into a manifest, kustomize a patch of a kustomization.yaml,
// helm the values of a chart, and kubectl a command for a POSIX shell; the target says of what, and counts for them
// alone. Relations that were only observed are left out. An unknown format, a target that cannot be, or an entity that
// the format cannot carry, is an Invalid fault.
func Render(format string, e catalog.Entity, to Target) ([]byte, error) {
	if _, err := catalog.NewRef(e.Kind, e.Name); err != nil {
		return nil, err
	}
	switch format {
	case "tidings":
		return renderTidings(e), nil
	case "backstage":
		return renderBackstage(e)
	case "kubernetes", "kustomize", "helm", "kubectl":
		return renderKubernetes(format, e, to)
	}
	return nil, fault.New(fault.Invalid, "there is no format %q: write %s", clip(format), FormatWords())
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

// mapping writes texts by their names.
func (w *writer) mapping(key string, texts map[string]string) {
	defer w.key(key)()
	for _, name := range slices.Sorted(maps.Keys(texts)) {
		w.put(name, texts[name])
	}
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
	var quoted strings.Builder
	for _, r := range jsonText(text) {
		switch {
		case unfit(r) && r > 0xFFFF:
			fmt.Fprintf(&quoted, `\U%08X`, r)
		case unfit(r):
			fmt.Fprintf(&quoted, `\u%04X`, r)
		default:
			quoted.WriteRune(r)
		}
	}
	return quoted.String()
}

// unfit reports whether YAML takes a character for the end of a line, or refuses it outside of quotes or altogether: YAML
// 1.2.2, section 5.1. A tab is fit for nothing but trouble.
func unfit(r rune) bool {
	return r < 0x20 && r != '\n' || r >= 0x7F && r < 0xA0 || r == 0x2028 || r == 0x2029 || r == 0xFEFF || r == 0xFFFE || r == 0xFFFF
}

var plainURL = regexp.MustCompile(`^https?://[A-Za-z0-9_./@+-]+(:[0-9]+)?[A-Za-z0-9_./@+?=&%~-]*$`)

// literal reports whether a text can stand as a block: nothing in it that a reader could take otherwise.
func literal(text string) bool {
	for line := range strings.SplitSeq(text, "\n") {
		if line != strings.TrimRight(line, " \t\r") {
			return false
		}
	}
	return text[0] != ' ' && text[0] != '\n' && !strings.HasSuffix(text, "\n") &&
		!strings.ContainsFunc(text, unfit)
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
	for _, o := range slices.Concat(e.OnCall, e.NextOnCall) {
		onCall = append(onCall, []named{{"role", o.Role}, {"name", o.Name}, {"from", instant(o.From)}, {"until", instant(o.Until)}})
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

// maxArgument is how many bytes Linux takes as one argument of a command, with its end.
const maxArgument = 128 << 10

func renderKubernetes(format string, e catalog.Entity, to Target) ([]byte, error) {
	annotations := KubernetesAnnotations(e)
	total, longest := 0, 0
	for name, value := range annotations {
		total += len(name) + len(value)
		longest = max(longest, len(name)+len("=")+len(value)+1)
	}
	if total > maxAnnotation {
		return nil, fault.New(fault.Invalid, "the annotations have %d bytes, and Kubernetes takes %d: describe %s in a tidings.yaml instead", total, maxAnnotation, e.Ref())
	}
	w := &writer{}
	if format == "kubernetes" { // it can be pasted into anything
		defer w.key("metadata")()
		w.mapping("annotations", annotations)
		return []byte(w.String()), nil
	}
	if format == "helm" {
		return renderValues(w, annotations, cmp.Or(to.Key, "annotations"))
	}
	object, err := workloadOf(e, to)
	if err != nil {
		return nil, err
	}
	if format == "kustomize" {
		renderPatch(w, object, annotations)
		return []byte(w.String()), nil
	}
	if longest > maxArgument {
		return nil, fault.New(fault.Invalid, "an annotation has %d bytes, and a shell takes %d: use the format kustomize", longest, maxArgument)
	}
	w.WriteString("kubectl annotate --overwrite")
	if object.namespace != "" {
		w.WriteString(" --namespace " + object.namespace)
	}
	w.WriteString(" " + object.kind.resource() + "/" + object.name)
	for _, name := range slices.Sorted(maps.Keys(annotations)) {
		w.WriteString(" \\\n  " + shell(name+"="+annotations[name]))
	}
	w.WriteString("\n")
	return []byte(w.String()), nil
}

// renderPatch writes a part of a kustomization.yaml. The target is matched by kind and name alone: whether the manifests
// have a namespace of their own, or get one by the kustomization, it is found.
func renderPatch(w *writer, object workload, annotations map[string]string) {
	defer w.key("patches")()
	w.WriteString("  - target:\n")
	w.WriteString("      group: " + quote(group(object.kind.version)) + "\n")
	w.WriteString("      kind: " + object.kind.kind + "\n")
	w.WriteString("      name: " + quote(regexp.QuoteMeta(object.name)) + "\n") // Kustomize takes it for a regular expression
	w.WriteString("    patch: |-\n")
	w.indent = "      "
	w.put("apiVersion", object.kind.version)
	w.put("kind", object.kind.kind)
	done := w.key("metadata")
	w.put("name", object.name)
	w.mapping("annotations", annotations)
	done()
}

func group(version string) string {
	name, _, _ := strings.Cut(version, "/")
	return name
}

func renderValues(w *writer, annotations map[string]string, key string) ([]byte, error) {
	if !valuesKey.MatchString(key) || len(key) > 512 {
		return nil, fault.New(fault.Invalid, "%q is no key of a chart's values: write one such as annotations or pricing.deploymentAnnotations", clip(key))
	}
	keys := strings.Split(key, ".")
	for _, above := range keys[:len(keys)-1] {
		w.key(quote(above))
	}
	w.mapping(quote(keys[len(keys)-1]), annotations)
	return []byte(w.String()), nil
}

// shell writes a text as one word of a POSIX shell.
func shell(text string) string {
	if shellWord.MatchString(text) {
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}

var shellWord = regexp.MustCompile(`^[A-Za-z0-9_./:=@%+,-]+$`)

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
