// Package descriptor reads the files in which people describe what they run, each in the format that it already has,
// into statements of the roll, and writes an entity as such a file.
//
// The formats are ours (tidings.yaml), Backstage's, Datadog's, effx's, OpsLevel's, Cortex's and CODEOWNERS; the comment
// of each reader names the upstream document. Whatever is in a file, reading it neither fails as a whole nor panics:
// what cannot be read is a Problem with its line, and the rest is read. Values that may be secrets (integration keys,
// addresses with a password) are never kept.
//
// Imports: catalog, fault, a YAML parser and the standard library.
package descriptor

import (
	"cmp"
	"encoding/json"
	"fmt"
	"path"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"tidings.dev/tidings/catalog"
	"tidings.dev/tidings/fault"
)

// Document is one file or posted body.
type Document struct {
	Name    string // a path or an address, for provenance and messages
	Content []byte
}

// Problem is one mistake in a document.
type Problem struct {
	Line   int    // 1-based in the file
	Field  string // a dotted path such as spec.owner; empty for the document
	Detail string // what to write instead
}

// Result is what one document says, in the order of the document.
type Result struct {
	Name string
	// Format is tidings, backstage, datadog, effx, opslevel, cortex or codeowners; empty when it is none of them.
	Format     string
	Statements []catalog.Statement
	// Lines tells for each statement the first line that says anything of its entity; 0 where that is not known.
	Lines []int
	// Faults are mistakes: what they name is not read. Warnings name what was read otherwise than written, or left out.
	Faults, Warnings []Problem
}

const maxProblems = 100 // of a file, of each sort

// Read reads many documents together, for CODEOWNERS speaks about the entities described beside it. It gives one Result
// a document, in order. A broken document inside of a file does not stop the others of the file, nor does a broken file
// stop the others.
func Read(docs []Document) []Result {
	files := make([]*file, len(docs))
	var next atomic.Int64
	var readers sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(docs)) {
		readers.Go(func() {
			for i := next.Add(1) - 1; i < int64(len(docs)); i = next.Add(1) - 1 {
				files[i] = newFile(docs[i].Name)
				if !isCodeowners(docs[i].Name) { // they speak of what the others describe
					files[i].read(docs[i].Content)
				}
			}
		})
	}
	readers.Wait()
	codeowners(docs, files)
	cycles(files)
	results := make([]Result, len(files))
	for i, f := range files {
		results[i] = f.finish()
	}
	return results
}

// Known reports whether a directory walk should read the file of this name. Case counts, as it does for the tools.
func Known(name string) bool {
	name = strings.ReplaceAll(name, `\`, "/")
	base := path.Base(name)
	if base == "CODEOWNERS" || base == "opslevel.yml" { // OpsLevel takes no .yaml
		return true
	}
	stem, ok := strings.CutSuffix(base, ".yaml")
	if !ok {
		stem, ok = strings.CutSuffix(base, ".yml")
	}
	if !ok {
		return false
	}
	switch stem {
	case "tidings", ".tidings", "catalog-info", "entity.datadog", "service.datadog", "effx", "cortex":
		return true
	}
	return strings.HasSuffix(stem, ".tidings") || strings.HasSuffix(stem, ".effx") || inCortexFolder(name)
}

// inCortexFolder is where Cortex looks for teams and domains ("Using GitOps for Cortex").
func inCortexFolder(name string) bool {
	return strings.Contains("/"+name, "/.cortex/teams/") || strings.Contains("/"+name, "/.cortex/domains/")
}

// file collects what one file says.
type file struct {
	name     string
	format   string
	entities map[catalog.Ref]*entity
	order    []*entity
	faults   []Problem
	warnings []Problem
	prefix   string // of field names: that of the annotations, where they are read
	members  []member
}

func newFile(name string) *file {
	return &file{name: name, entities: map[catalog.Ref]*entity{}}
}

func (f *file) read(content []byte) {
	content, problem := text(content)
	if problem != nil {
		f.faults = append(f.faults, *problem)
		return
	}
	documents := chunks(content)
	if len(documents) == 0 {
		f.warn(1, "", "the file is empty: nothing is described")
	}
	for i, document := range documents {
		if i == maxDocuments {
			f.fault(document.above+1, "", "the file has more than %d documents: the rest is not read, split it", maxDocuments)
			break
		}
		root, problems := parse(document)
		for _, p := range problems {
			f.fault(p.Line, p.Field, "%s", p.Detail)
		}
		switch {
		case root == nil || root.kind == null:
		case root.kind == list: // a JSON array of documents
			for _, item := range (value{node: root, f: f, line: root.line}).items() {
				f.document(item)
			}
		default:
			f.document(value{node: root, f: f, line: root.line})
		}
	}
	f.join()
}

// document reads one document with the reader of its format. What a document says of itself counts before its name.
func (f *file) document(doc value) {
	if doc.kind != mapping {
		doc.fault("the document is %s: write keys and values, such as name: payments", doc.kind)
		return
	}
	doc.path = ""
	format, read := f.reader(doc)
	f.format = cmp.Or(f.format, format)
	if read == nil {
		doc.fault("this is not a descriptor: a tidings.yaml needs a name; the formats read are in docs/descriptors.md")
		return
	}
	read(doc)
}

func (f *file) reader(doc value) (string, func(value)) {
	base := path.Base(strings.ReplaceAll(f.name, `\`, "/"))
	version := doc.peek("apiVersion")
	switch {
	case strings.HasPrefix(version, "backstage.io/"):
		return "backstage", f.backstage
	case strings.HasPrefix(version, "v3"): // v1 and v2 are of Kubernetes
		return "datadog", f.datadogEntity
	case doc.has("schema-version") || doc.has("dd-service"):
		return "datadog", f.datadogService
	case strings.HasPrefix(doc.peek("version"), "effx/"):
		return "effx", f.effx
	case doc.has("info") && doc.get("info").node.anyKey("x-cortex-"):
		return "cortex", f.cortex
	case strings.Contains(base, "tidings.y"):
		return "tidings", f.tidings
	case strings.Contains(base, "effx.y") || doc.get("service").has("team_owner"),
		!doc.has("name") && (doc.has("team") || doc.has("user")):
		return "effx", f.effxLegacy
	case !doc.has("name") && (doc.has("service") || doc.has("component") || doc.has("repository")):
		return "opslevel", f.opslevel
	// Backstage allows kinds of one's own, with versions of one's own.
	case strings.HasPrefix(base, "catalog-info.") || (version != "" && doc.get("metadata").has("name") && backstageKind(doc.peek("kind")) != ""):
		return "backstage", f.backstage
	case strings.HasPrefix(base, "cortex.") || inCortexFolder(f.name):
		return "cortex", f.cortex
	}
	if doc.has("name") {
		return "tidings", f.tidings
	}
	return "", nil
}

// finish gives the result: each entity once, with its claims in field order.
func (f *file) finish() Result {
	result := Result{Name: f.name, Format: f.format, Faults: limit(f.faults), Warnings: limit(f.warnings)}
	for _, e := range f.order {
		statement := catalog.Statement{Ref: e.ref, Name: e.name, Source: f.source(), Claims: make([]catalog.Claim, len(e.claims))}
		for i, c := range e.claims {
			statement.Claims[i] = c.Claim
		}
		slices.SortFunc(statement.Claims, func(a, b catalog.Claim) int { return cmp.Compare(a.Field, b.Field) })
		result.Statements = append(result.Statements, statement)
		result.Lines = append(result.Lines, e.line())
	}
	return result
}

// line is the first that says anything of the entity.
func (e *entity) line() int {
	first := 0
	for _, c := range e.claims {
		if c.line > 0 && (first == 0 || c.line < first) {
			first = c.line
		}
	}
	return first
}

func (f *file) source() catalog.Source {
	return catalog.Source{Name: "descriptor:" + f.name, Rank: catalog.Descriptor}
}

func limit(problems []Problem) []Problem {
	slices.SortStableFunc(problems, func(a, b Problem) int { return cmp.Compare(a.Line, b.Line) })
	if len(problems) > maxProblems {
		rest := len(problems) - maxProblems
		problems = append(problems[:maxProblems:maxProblems], Problem{
			Line: problems[maxProblems].Line, Detail: fmt.Sprintf("and %d more like these", rest),
		})
	}
	return problems
}

func (f *file) fault(line int, field, format string, args ...any) {
	f.faults = append(f.faults, Problem{Line: line, Field: clip(field), Detail: fmt.Sprintf(format, args...)})
}

func (f *file) warn(line int, field, format string, args ...any) {
	f.warnings = append(f.warnings, Problem{Line: line, Field: clip(field), Detail: fmt.Sprintf(format, args...)})
}

// entity collects what one file says of one entity, over all its documents.
type entity struct {
	f      *file
	ref    catalog.Ref
	name   string
	told   bool // it has a document of its own
	claims []said
	index  map[catalog.Field]int
	tags   int
	full   bool
}

type said struct {
	catalog.Claim
	line int
	path string
}

// entity starts, or goes on with, the entity that v names; nil when the name cannot be one.
func (f *file) entity(kind catalog.Kind, v value, name string) *entity {
	if v.present() && v.kind != scalar {
		return nil // taking its text was the fault
	}
	ref, err := catalog.NewRef(kind, name)
	if err != nil {
		v.fault("%s", detail(err))
		return nil
	}
	e := f.about(ref, name)
	if !e.told {
		e.told, e.name = true, name
	}
	return e
}

// about is the entity of a reference; name is as it is written.
func (f *file) about(ref catalog.Ref, name string) *entity {
	e, ok := f.entities[ref]
	if !ok {
		e = &entity{f: f, ref: ref, name: name, index: map[catalog.Field]int{}}
		f.entities[ref] = e
		f.order = append(f.order, e)
	}
	return e
}

// say adds one fact, or a fault at v when the fact is none. Of two facts of one field the last stands.
func (e *entity) say(v value, field catalog.Field, val any) {
	claim := catalog.Say(field, val)
	written, _ := val.(string)
	if hidden := cmp.Or(carried(string(field)), carried(written)); hidden != "" {
		v.fault("%s is not kept: take it out", hidden)
		return
	}
	claim, err := claim.Normalize()
	switch {
	case err != nil && field.Family() == catalog.FamilyLink && strings.Contains(string(field), "@"):
		// What is wrong could be a password, and a message would repeat it.
		v.fault("this is not an address: write https://host/path, or mailto:name@host")
		return
	case err != nil:
		v.fault("%s", detail(err))
		return
	}
	target := claim.Field.Target()
	if claim.Field == catalog.FieldOwner && string(claim.Value) == `"`+e.ref.String()+`"` {
		target = e.ref
	}
	if target == e.ref {
		v.fault("%s refers to itself: name another entity, or leave it out", e.ref)
		return
	}
	entry := said{Claim: claim, line: v.line, path: v.path}
	if i, again := e.index[claim.Field]; again {
		e.claims[i] = entry
		return
	}
	tag := claim.Field.Family() == catalog.FamilyTag
	if tag {
		e.tags++
	}
	// One claim is left for the name, which the roll adds.
	if (tag && e.tags > catalog.MaxTags) || len(e.claims) >= catalog.MaxClaims-1 {
		if !e.full {
			v.fault("%s has more than %d tags or %d facts: the rest is not read", e.ref, catalog.MaxTags, catalog.MaxClaims)
		}
		e.full = true
		return
	}
	e.index[claim.Field] = len(e.claims)
	e.claims = append(e.claims, entry)
}

// text says the text of v, if there is any.
func (e *entity) text(v value, field catalog.Field) {
	if text := v.text(); text != "" {
		e.say(v, field, text)
	}
}

// relate says an arrow to another entity.
func (e *entity) relate(v value, family string, target catalog.Ref) {
	if !target.IsZero() {
		e.say(v, catalog.Key(family, target.String()), "declared")
	}
}

// link says an address. The type is a word of ours where one of them fits.
func (e *entity) link(v value, kind, title, address string) {
	if address != "" {
		e.say(v, catalog.Key(catalog.FamilyLink, kind, address), title)
	}
}

func (e *entity) contact(v value, kind, contact, title string) {
	if contact != "" {
		e.say(v, catalog.Key(catalog.FamilyContact, kind, contact), title)
	}
}

// alias says how a tool calls the entity. A name with spaces is none that could be looked up.
func (e *entity) alias(v value, scheme, name string) {
	if name = strings.TrimSpace(name); name != "" {
		e.say(v, catalog.Key(catalog.FamilyAlias, scheme+":"+name), true)
	}
}

// tag says a tag of another tool, whose keys may have characters that ours have not.
func (e *entity) tag(v value, key, val string) {
	key = tagKey(key)
	if key == "" {
		v.fault("a tag needs letters or digits: write key: value")
		return
	}
	if secretKey.MatchString(key) && val != "" {
		v.warn("%s looks like a secret: it is not kept", clip(key))
		return
	}
	e.say(v, catalog.Key(catalog.FamilyTag, key), val)
}

// tagText says a tag that is written as key:value or key.
func (e *entity) tagText(v value) {
	if text := strings.TrimSpace(v.text()); text != "" {
		key, val, _ := strings.Cut(text, ":")
		e.tag(v, key, strings.TrimSpace(val))
	}
}

// lifecycle says the stage; one that has no counterpart is kept as a tag.
func (e *entity) lifecycle(v value) {
	text := v.text()
	if text == "" || strings.EqualFold(text, "unknown") { // what importers write when they know none
		return
	}
	if stage := stage(text); stage != "" {
		e.say(v, catalog.FieldLifecycle, stage)
		return
	}
	e.tag(v, "lifecycle", text)
}

// tier says the tier; what is not one of ours is kept as a tag as well.
func (e *entity) tier(v value) {
	text := v.text()
	if text == "" {
		return
	}
	tier, exact := tierOf(text)
	if tier >= 0 {
		e.say(v, catalog.FieldTier, tier)
	}
	if !exact {
		e.tag(v, "tier", text)
	}
}

// owner says who owns the entity, by the name of a team in another tool.
func (e *entity) owner(v value, text string) {
	text = strings.TrimSpace(text)
	switch {
	case text == "" || strings.EqualFold(text, "unknown"):
	case strings.Contains(text, "@") && !strings.HasPrefix(text, "@"):
		e.contact(v, "email", text, "")
		v.warn("the owner %s is an address, kept as a contact: name a team", clip(text))
	default:
		e.say(v, catalog.FieldOwner, "team:"+slug(text, "-"))
	}
}

// member is a member of a team that is known by an address only, until the whole file is read.
type member struct {
	at      value
	team    catalog.Ref
	address string
}

// join makes members of a team of the persons that the file describes with their address.
func (f *file) join() {
	if len(f.members) == 0 {
		return
	}
	people := map[string]*entity{}
	for _, e := range f.order {
		if address := e.address(); address != "" {
			people[address] = e
		}
	}
	for _, m := range f.members {
		found := people[strings.ToLower(m.address)]
		if found == nil {
			m.at.warn("%s is described nowhere in this file: describe the person to make it a member", clip(m.address))
			continue
		}
		found.relate(m.at, catalog.FamilyPartOf, m.team)
	}
}

// address is that of a person in lower case; empty for none.
func (e *entity) address() string {
	i, ok := e.index[catalog.FieldEmail]
	if !ok || e.ref.Kind != catalog.Person {
		return ""
	}
	var address string
	_ = json.Unmarshal(e.claims[i].Value, &address) // it is a string, for it is normal
	return strings.ToLower(address)
}

// cycles warns of entities that are part of each other, over all files.
func cycles(files []*file) {
	type arrow struct {
		f    *file
		from catalog.Ref
		to   catalog.Ref
		at   said
	}
	arrows := map[catalog.Ref][]arrow{}
	var roots []catalog.Ref
	for _, f := range files {
		for _, e := range f.order {
			for _, c := range e.claims {
				if c.Field.Family() == catalog.FamilyPartOf {
					if arrows[e.ref] == nil {
						roots = append(roots, e.ref)
					}
					arrows[e.ref] = append(arrows[e.ref], arrow{f: f, from: e.ref, to: c.Field.Target(), at: c})
				}
			}
		}
	}
	const open, done = 1, 2
	state := map[catalog.Ref]int{}
	var visit func(catalog.Ref)
	visit = func(ref catalog.Ref) {
		state[ref] = open
		for _, a := range arrows[ref] {
			switch state[a.to] {
			case open:
				a.f.warn(a.at.line, a.at.path, "%s is part of %s, which is part of it in turn: take one of them out", a.from, a.to)
			case done:
			default:
				visit(a.to)
			}
		}
		state[ref] = done
	}
	for _, ref := range roots {
		if state[ref] == 0 {
			visit(ref)
		}
	}
}

// value is a node of a document with the way to it, for messages. The zero value is absent.
type value struct {
	*node
	f    *file
	path string
	line int
}

func (v value) present() bool { return v.node != nil && v.kind != null }

func (v value) fault(format string, args ...any) { v.f.fault(v.line, v.path, format, args...) }

func (v value) warn(format string, args ...any) { v.f.warn(v.line, v.path, format, args...) }

// at is the way to a key below v.
func (v value) at(key string) string {
	switch {
	case v.path != "":
		return v.path + "." + key
	case v.f.prefix != "":
		return v.f.prefix + strings.ReplaceAll(key, "_", "-")
	}
	return key
}

// get is what stands under a key; absent when v is no mapping.
func (v value) get(key string) value {
	absent := value{f: v.f, path: v.at(key), line: v.line}
	if v.node == nil || v.kind != mapping {
		return absent
	}
	for _, p := range v.pairs {
		if p.key == key {
			return value{node: p.value, f: v.f, path: absent.path, line: p.line}
		}
	}
	return absent
}

// first is the first of the keys that is present.
func (v value) first(keys ...string) value {
	for _, key := range keys {
		if found := v.get(key); found.present() {
			return found
		}
	}
	return v.get(keys[0])
}

func (v value) has(key string) bool { return v.get(key).present() }

// peek is the text under a key, without a word about what is not a text.
func (v value) peek(key string) string {
	if found := v.get(key); found.present() && found.kind == scalar {
		return found.node.text
	}
	return ""
}

// section is the mapping under a key. Anything else there is a fault.
func (v value) section(key string) value {
	found := v.get(key)
	if found.present() && found.kind != mapping {
		found.fault("this is %s: write keys and values below it", found.kind)
		return value{f: v.f, path: found.path, line: found.line}
	}
	return found
}

// text is a single value as it is written; empty when there is none. Anything else is a fault.
func (v value) text() string {
	if !v.present() {
		return ""
	}
	if v.kind != scalar {
		v.fault("this is %s: write a single value", v.kind)
		return ""
	}
	return v.node.text
}

// items are the values of a list. Anything else is a fault.
func (v value) items() []value {
	if !v.present() {
		return nil
	}
	if v.kind != list {
		v.fault("this is %s: write a list, each entry on a line that begins with \"- \"", v.kind)
		return nil
	}
	items := make([]value, len(v.node.items))
	for i, item := range v.node.items {
		items[i] = value{node: item, f: v.f, path: fmt.Sprintf("%s[%d]", v.path, i), line: item.line}
	}
	return items
}

// several are the values of a list, or the one value that stands for a list of one.
func (v value) several() []value {
	if v.present() && v.kind != list {
		return []value{v}
	}
	return v.items()
}

// entry is one key of a mapping with what stands under it.
type entry struct {
	key string
	value
}

// entries are the keys of a mapping. Anything else is a fault.
func (v value) entries() []entry {
	if !v.present() {
		return nil
	}
	if v.kind != mapping {
		v.fault("this is %s: write keys and values", v.kind)
		return nil
	}
	entries := make([]entry, len(v.pairs))
	for i, p := range v.pairs {
		entries[i] = entry{key: p.key, value: value{node: p.value, f: v.f, path: v.at(p.key), line: p.line}}
	}
	return entries
}

func (n *node) anyKey(prefix string) bool {
	return n != nil && slices.ContainsFunc(n.pairs, func(p pair) bool { return strings.HasPrefix(p.key, prefix) })
}

var (
	userinfo  = regexp.MustCompile(`(?i)[a-z][a-z0-9+.-]*://[^\s/?#]*@`)
	webhook   = regexp.MustCompile(`(?i)(hooks\.slack\.com/(services|workflows|triggers)/|\.webhook\.office\.com/|events\.(eu\.)?pagerduty\.com/integration/)`)
	secretKey = regexp.MustCompile(`(?i)(^|[._/-])(token|secret|password|passwd|credentials?|(api|access|private|integration|routing|service)[._-]?key)$`)
	separator = regexp.MustCompile(`[^A-Za-z0-9_.-]+`)
	tagMark   = regexp.MustCompile(`[^A-Za-z0-9_./-]+`)
)

// carried names the secret that an address in a text carries; empty for none.
func carried(text string) string {
	switch {
	// The first of each are cheap, and almost all that comes here ends there.
	case !strings.Contains(text, "/"):
	case strings.Contains(text, "@") && userinfo.MatchString(text):
		return "an address with a user or password"
	case strings.Count(text, ".") > 1 && (strings.Contains(text, "hook") || strings.Contains(text, "/integration")) && webhook.MatchString(text):
		return "the address of a webhook, which is a secret,"
	case strings.Contains(text, "?"):
		_, query, _ := strings.Cut(text, "?")
		for parameter := range strings.FieldsFuncSeq(query, func(r rune) bool { return strings.ContainsRune("&#;? \n", r) }) {
			if key, val, _ := strings.Cut(parameter, "="); val != "" && secretKey.MatchString(key) {
				return "an address with a token or key"
			}
		}
	}
	return ""
}

// slug makes a name of ours out of a name with spaces and the like, by the separator that its tool uses.
func slug(text, mark string) string {
	text = separator.ReplaceAllString(strings.TrimSpace(text), mark)
	labels := strings.FieldsFunc(text, func(r rune) bool { return r == '.' })
	kept := labels[:0]
	for _, label := range labels {
		if label = strings.Trim(label, "-_"); label != "" {
			kept = append(kept, label)
		}
	}
	return strings.Join(kept, ".")
}

// tagKey makes a tag key out of a text: c++ is cpp, c# is csharp.
func tagKey(text string) string {
	text = strings.NewReplacer("+", "p", "#", "sharp").Replace(strings.TrimSpace(text))
	text = strings.TrimLeft(tagMark.ReplaceAllString(text, "-"), "_./-")
	return strings.TrimRight(text[:min(len(text), 128)], "-")
}

// stage gives our word for a stage of life, empty for none.
func stage(text string) string {
	switch strings.NewReplacer("_", "-", " ", "-").Replace(strings.ToLower(strings.TrimSpace(text))) {
	case "experimental", "experiment", "pre-alpha", "alpha", "beta", "public-beta", "private-beta", "preview", "development", "dev",
		"sandbox", "staging", "prototype", "poc", "incubating":
		return "experimental"
	case "production", "prod", "ga", "generally-available", "general-availability", "live", "stable", "active", "mature":
		return "production"
	case "deprecated", "end-of-life", "eol", "sunset", "maintenance":
		return "deprecated"
	case "retired", "decommissioned", "archived", "removed":
		return "retired"
	}
	return ""
}

var tierNumber = regexp.MustCompile(`^(?i:tier|t|p)?[ _-]*([0-9]{1,3})$`)

// tierOf reads a tier of another tool: a number as it stands, the words by their rank. Lower than ours is our lowest,
// and not exact; -1 is none.
func tierOf(text string) (tier int, exact bool) {
	text = strings.ToLower(strings.TrimSpace(text))
	if match := tierNumber.FindStringSubmatch(text); match != nil {
		number := 0
		_, _ = fmt.Sscan(match[1], &number)
		return min(number, 3), number <= 3
	}
	switch strings.NewReplacer("_", "-", " ", "-").Replace(text) {
	case "critical", "mission-critical":
		return 0, true
	case "high", "business-critical":
		return 1, true
	case "medium":
		return 2, true
	case "low":
		return 3, true
	}
	return -1, false
}

// linkType gives our word for the type of a link: by the word that a tool has for it, else by its title or address.
func linkType(word, title, address string) string {
	word = strings.ToLower(strings.TrimSpace(word))
	if slices.Contains(catalog.LinkTypes(), word) {
		return word
	}
	for _, text := range []string{word, strings.ToLower(title), host(address)} {
		for _, known := range [][]string{
			{"runbook", "runbook", "playbook"},
			{"dashboard", "dashboard", "metric", "grafana", "observability"},
			{"logs", "log", "logs", "logging", "kibana", "splunk"},
			{"traces", "trace", "traces", "tracing", "apm", "jaeger"},
			{"repo", "repo", "repository", "code", "source", "github", "gitlab", "bitbucket", "version-control"},
			{"ticket", "ticket", "issue", "issues", "jira", "backlog"},
			{"alert", "alert", "alerts", "on-call", "oncall", "incident", "incidents", "pagerduty", "opsgenie"},
			{"deploy", "deploy", "deployment", "deployments", "argocd", "pipeline", "ci", "continuous-integration", "orchestrator"},
			{"chat", "chat", "slack", "teams"},
			{"docs", "doc", "docs", "documentation", "wiki", "confluence", "notion", "openapi", "async-api", "api-documentation"},
		} {
			if containsWord(text, known[1:]) {
				return known[0]
			}
		}
	}
	if word = strings.TrimLeft(separator.ReplaceAllString(strings.ReplaceAll(word, ".", "-"), "-"), "-_"); word != "" && len(word) <= 64 &&
		word != "url" && word != "link" {
		return word
	}
	return "other"
}

// containsWord finds whole words; those of four letters and more also at the beginning of a word, as in dashboards.
func containsWord(text string, words []string) bool {
	spaced := "-" + strings.Trim(strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return '-'
	}, text), "-") + "-"
	return slices.ContainsFunc(words, func(word string) bool {
		return strings.Contains(spaced, "-"+word+"-") || len(word) > 5 && strings.Contains(spaced, "-"+word)
	})
}

var pagerdutyService = regexp.MustCompile(`\.pagerduty\.com/(?:service-directory|services)/(P[A-Za-z0-9_-]+)/?$`)

// pager says where pages go: the link, and the alias of the service in PagerDuty or Opsgenie.
func (e *entity) pager(v value, address, title string) {
	if address == "" {
		return
	}
	if !strings.Contains(address, "://") { // Datadog's schemas allow it so
		address = "https://" + address
	}
	e.link(v, "alert", title, address)
	if match := pagerdutyService.FindStringSubmatch(address); match != nil {
		e.alias(v, "pagerduty", match[1])
	}
	if _, id, found := strings.Cut(address, ".opsgenie.com/service/"); found {
		e.alias(v, "opsgenie", strings.Trim(id, "/"))
	}
}

// detail is the sentence of a fault, without its code.
func detail(err error) string {
	if f, ok := err.(*fault.Error); ok { //nolint:errorlint // the faults of catalog are never wrapped
		return f.Detail
	}
	return err.Error()
}
