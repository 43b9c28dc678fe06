package descriptor

import (
	"cmp"
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"tidings.dev/tidings/catalog"
)

const (
	annotationPrefix = "tidings.dev/"
	maxAnnotation    = 256 << 10 // bytes, what Kubernetes allows all annotations of an object together
)

// Names of annotations, after the prefix: Kubernetes documentation, "Annotations: syntax and character set".
var annotationName = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$`)

// KubernetesAnnotations gives the annotations that say of a Kubernetes object what the roll says of the entity.
// FromKubernetesAnnotations reads them back: nothing is lost but relations that were only observed, which nobody
// declares.
func KubernetesAnnotations(e catalog.Entity) map[string]string {
	all := map[string]string{annotationPrefix + "entity": string(e.Kind) + ":" + e.Name}
	put := func(name, value string) {
		if value != "" {
			all[annotationPrefix+name] = value
		}
	}
	for _, fact := range plain(e) {
		put(strings.ReplaceAll(fact.key, "_", "-"), fact.value)
	}
	put("language", e.Language)
	put("language-version", e.LanguageVersion)
	put("on-call", onCallText(slices.Concat(e.OnCall, e.NextOnCall)))
	put("tags", tagsText(e.Tags))
	put("aliases", listText(e.Aliases))
	for _, relation := range relations(e) {
		put(strings.ReplaceAll(relation.key, "_", "-"), listText(relation.targets))
	}

	// A type that occurs once, and without a title, has an annotation of its own: that is what people write.
	links := make([]map[string]string, 0, len(e.Links))
	for _, link := range e.Links {
		links = append(links, pairs("type", link.Type, "title", link.Title, "url", link.URL))
	}
	contacts := make([]map[string]string, 0, len(e.Contacts))
	for _, contact := range e.Contacts {
		contacts = append(contacts, pairs("type", contact.Type, "title", contact.Title, "value", contact.Value))
	}
	for _, set := range []struct {
		single, all, key string
		members          []map[string]string
	}{{"link.", "links", "url", links}, {"contact.", "contacts", "value", contacts}} {
		count := map[string]int{}
		for _, member := range set.members {
			count[member["type"]]++
		}
		var rest []map[string]string
		for _, member := range set.members {
			name := set.single + member["type"]
			if count[member["type"]] == 1 && member["title"] == "" && annotationName.MatchString(name) {
				put(name, member[set.key])
				continue
			}
			rest = append(rest, member)
		}
		if len(rest) > 0 {
			put(set.all, jsonText(rest))
		}
	}
	return all
}

// FromKubernetesAnnotations reads the annotations tidings.dev/* of an object as a statement about an entity; others are
// ignored. With the zero Ref the annotation tidings.dev/entity names the entity. The statement has no Source: the
// caller knows where the object runs. What cannot be read is a Problem whose Field is the annotation; the rest is read.
func FromKubernetesAnnotations(ref catalog.Ref, annotations map[string]string) (catalog.Statement, []Problem) {
	f := newFile("")
	names := slices.Sorted(maps.Keys(annotations))
	written := ref.Name
	if text := annotations[annotationPrefix+"entity"]; text != "" {
		v := value{f: f, path: annotationPrefix + "entity"}
		named, err := catalog.ParseRef(text, catalog.Service)
		switch {
		case err != nil:
			v.fault("%s", detail(err))
		case ref.IsZero() || ref == named:
			ref, written = named, strings.TrimSpace(text[strings.Index(text, ":")+1:])
		default:
			v.fault("the annotations are read as those of %s: write that, or leave it out", ref)
		}
	}
	if ref.IsZero() {
		if len(f.faults) == 0 {
			f.fault(0, annotationPrefix+"entity", "the annotation is missing: write kind:name, such as service:payments")
		}
		return catalog.Statement{}, f.faults
	}
	e := f.about(ref, written)
	for _, name := range names {
		if key, ours := strings.CutPrefix(name, annotationPrefix); ours {
			e.annotation(key, value{node: &node{kind: scalar, text: annotations[name]}, f: f, path: name})
		}
	}
	result := f.finish()
	statement := result.Statements[0]
	statement.Source = catalog.Source{}
	return statement, append(result.Faults, result.Warnings...)
}

// annotation says what one annotation says; its key is without the prefix. The keys are those of tidings.yaml with "-"
// for "_". Sets are written with commas, or as JSON or YAML in the shape that tidings.yaml has.
func (e *entity) annotation(key string, v value) {
	text := v.text()
	if len(text) > maxAnnotation {
		v.fault("the annotation has %d bytes: at most %d", len(text), maxAnnotation)
		return
	}
	if kind, link := strings.CutPrefix(key, "link."); link {
		e.link(v, kind, "", text)
		return
	}
	if kind, contact := strings.CutPrefix(key, "contact."); contact {
		e.contact(v, kind, text, "")
		return
	}
	ours := strings.ReplaceAll(key, "-", "_")
	switch key {
	case "entity":
	case "language-version":
		e.text(v, catalog.FieldLanguageVersion)
	case "tags", "aliases", "depends-on", "provides", "consumes", "part-of", "system":
		e.key(ours, e.structured(v, true))
	case "links", "contacts", "on-call":
		e.key(ours, e.structured(v, false))
	case "$schema", "version", "kind", "name", "members":
		v.fault("there is no annotation for this: see docs/descriptors.md for those there are")
	default:
		if strings.Contains(key, "_") || !slices.Contains(tidingsKeys(), ours) {
			v.fault("there is no such annotation%s", strings.ReplaceAll(e.f.hint(key), "_", "-"))
			return
		}
		e.key(ours, v)
	}
}

// structured reads the text of an annotation as JSON, as YAML, or as a list with commas.
func (e *entity) structured(v value, commas bool) value {
	text := strings.TrimSpace(v.text())
	if strings.HasPrefix(text, "[") || strings.HasPrefix(text, "{") {
		var content any
		if json.Unmarshal([]byte(text), &content) == nil {
			v.node = fromJSON(content, v.line)
			return v
		}
		root, problems := parse(chunk{text: text})
		for _, p := range problems {
			v.fault("%s", p.Detail)
		}
		if root == nil { // it cannot be read, as was said
			root = &node{line: v.line}
		}
		v.node = root
		return v
	}
	if commas {
		made := &node{kind: list, line: v.line}
		for item := range strings.FieldsFuncSeq(text, func(r rune) bool { return r == ',' || r == '\n' }) {
			if item = strings.TrimSpace(item); item != "" {
				made.items = append(made.items, &node{kind: scalar, text: item, line: v.line})
			}
		}
		v.node = made
	}
	return v
}

func fromJSON(content any, line int) *node {
	made := &node{line: line}
	switch content := content.(type) {
	case string:
		made.kind, made.text = scalar, content
	case bool:
		made.kind, made.text = scalar, strconv.FormatBool(content)
	case float64:
		made.kind, made.text = scalar, strconv.FormatFloat(content, 'f', -1, 64)
	case []any:
		made.kind = list
		for _, item := range content {
			made.items = append(made.items, fromJSON(item, line))
		}
	case map[string]any:
		made.kind = mapping
		for _, key := range slices.Sorted(maps.Keys(content)) {
			made.pairs = append(made.pairs, pair{key: key, line: line, value: fromJSON(content[key], line)})
		}
	}
	return made
}

// pairs is a mapping of the values that are not empty.
func pairs(of ...string) map[string]string {
	made := map[string]string{}
	for i := 0; i < len(of); i += 2 {
		if of[i+1] != "" {
			made[of[i]] = of[i+1]
		}
	}
	return made
}

func onCallText(all []catalog.OnCall) string {
	if len(all) == 1 && all[0].Role == "primary" && all[0].From.IsZero() && all[0].Until.IsZero() && strings.TrimLeft(all[0].Name, "[{ \t\n") == all[0].Name {
		return all[0].Name
	}
	entries := make([]map[string]string, len(all))
	for i, o := range all {
		entries[i] = pairs("role", o.Role, "name", o.Name, "from", instant(o.From), "until", instant(o.Until))
	}
	if len(entries) == 0 {
		return ""
	}
	return jsonText(entries)
}

// instant is the beginning or the end of a shift as it is written; empty where there is none.
func instant(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.RFC3339Nano)
}

// tagsText writes key:value with commas where that can be read back, else JSON.
func tagsText(tags []catalog.Tag) string {
	mapped, listed := map[string]string{}, make([]string, 0, len(tags))
	simple := true
	for _, tag := range tags {
		mapped[tag.Key] = tag.Value
		listed = append(listed, tag.String())
		simple = simple && !strings.ContainsAny(tag.Value, ",\n")
	}
	switch {
	case len(tags) == 0:
		return ""
	case simple:
		return strings.Join(listed, ", ")
	}
	return jsonText(mapped)
}

// listText writes a list with commas where that can be read back, else JSON.
func listText(list []string) string {
	joined := strings.Join(list, ", ")
	if strings.Count(joined, ",") == max(len(list)-1, 0) {
		return joined
	}
	return jsonText(list)
}

func jsonText(content any) string {
	var text strings.Builder
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(content) // strings, lists and mappings of them: nothing that JSON cannot carry
	return strings.TrimSpace(text.String())
}

// named is one plain fact under its key in tidings.yaml.
type named struct{ key, value string }

// plain are the facts with one value each that every format of ours writes alike.
func plain(e catalog.Entity) []named {
	var tier, userFacing, owner string
	if e.Tier != nil {
		tier = strconv.Itoa(*e.Tier)
	}
	if e.UserFacing != nil {
		userFacing = strconv.FormatBool(*e.UserFacing)
	}
	if e.Owner != nil {
		owner = short(*e.Owner, catalog.Team)
	}
	return []named{
		{"title", e.Title},
		{"description", e.Description},
		{"type", e.Type},
		{"owner", owner},
		{"tier", tier},
		{"user_facing", userFacing},
		{"lifecycle", e.Lifecycle},
		{"platform", e.Platform},
		{"deployed_by", e.DeployedBy},
		{"rpo", e.RPO},
		{"rto", e.RTO},
		{"email", e.Email},
		{"time_zone", e.TimeZone},
	}
}

// related are the declared targets of one type of relation, as references under their key in tidings.yaml.
type related struct {
	key     string
	targets []string
}

func relations(e catalog.Entity) []related {
	whole := (&entity{ref: e.Ref()}).whole()
	all := []related{{key: "depends_on"}, {key: "provides"}, {key: "consumes"}, {key: "part_of"}}
	for i, fallback := range []catalog.Kind{catalog.Service, catalog.API, catalog.API, whole} {
		for _, relation := range e.Related(strings.ReplaceAll(all[i].key, "_", "-")) {
			if cmp.Or(relation.Evidence, catalog.Declared) != catalog.Observed {
				all[i].targets = append(all[i].targets, short(relation.Target, fallback))
			}
		}
	}
	return all
}

// short is a reference without its kind where that goes without saying.
func short(ref catalog.Ref, fallback catalog.Kind) string {
	if ref.Kind == fallback {
		return ref.Name
	}
	return ref.String()
}
