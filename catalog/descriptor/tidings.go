package descriptor

import (
	_ "embed" // for the schema
	"slices"
	"strconv"
	"strings"

	"tidings.dev/tidings/catalog"
)

//go:embed tidings.schema.json
var schema []byte

// Schema is the JSON Schema of tidings.yaml (draft 2020-12).
func Schema() []byte { return slices.Clone(schema) }

// tidingsKeys are the keys of a tidings.yaml; a test keeps the schema in step.
func tidingsKeys() []string {
	return []string{
		"$schema", "version", "kind", "name", "title", "description", "type", "language", "tier", "user_facing", "lifecycle",
		"platform", "deployed_by", "rpo", "rto", "email", "time_zone", "owner", "on_call", "contacts", "links", "tags",
		"aliases", "depends_on", "provides", "consumes", "part_of", "system", "members",
	}
}

// tidings reads tidings.yaml, our own format. It is strict, for a key that nobody reads is a fact that nobody sees:
// docs/descriptors.md is its reference.
func (f *file) tidings(doc value) {
	kind := catalog.Service
	if v := doc.get("kind"); v.present() {
		kind = catalog.Kind(strings.ToLower(v.text()))
		if !kind.Valid() {
			if v.kind == scalar {
				v.fault("%q is not a kind: write service, team, person, system, resource or api", clip(string(kind)))
			}
			return
		}
	}
	v := doc.get("name")
	if !v.present() {
		doc.fault("the name is missing: write name: payments")
		return
	}
	if e := f.entity(kind, v, v.text()); e != nil {
		e.tidings(doc)
	}
}

// tidings says all but kind and name.
func (e *entity) tidings(doc value) {
	for _, v := range doc.entries() {
		e.key(v.key, v.value)
	}
}

// key says what stands under one key. Annotations come here too: they have the same keys.
func (e *entity) key(key string, v value) {
	switch key {
	case "$schema", "version", "kind", "name":
	case "title":
		e.text(v, catalog.FieldTitle)
	case "description":
		e.text(v, catalog.FieldDescription)
	case "type":
		e.text(v, catalog.FieldType)
	case "language":
		e.language(v)
	case "tier":
		e.number(v, catalog.FieldTier)
	case "user_facing":
		e.boolean(v, catalog.FieldUserFacing)
	case "lifecycle":
		e.text(v, catalog.FieldLifecycle)
	case "platform":
		e.text(v, catalog.FieldPlatform)
	case "deployed_by":
		e.text(v, catalog.FieldDeployedBy)
	case "rpo":
		e.text(v, catalog.FieldRPO)
	case "rto":
		e.text(v, catalog.FieldRTO)
	case "email":
		e.text(v, catalog.FieldEmail)
	case "time_zone":
		e.text(v, catalog.FieldTimeZone)
	case "owner":
		e.text(v, catalog.FieldOwner)
	case "on_call":
		e.onCall(v)
	case "contacts":
		e.contacts(v)
	case "links":
		e.links(v)
	case "tags":
		e.tagged(v)
	case "aliases":
		for _, alias := range v.several() {
			if text := alias.text(); text != "" {
				e.say(alias, catalog.Key(catalog.FamilyAlias, text), true)
			}
		}
	case "depends_on":
		e.refs(v, catalog.FamilyDependsOn, catalog.Service)
	case "provides":
		e.refs(v, catalog.FamilyProvides, catalog.API)
	case "consumes":
		e.refs(v, catalog.FamilyConsumes, catalog.API)
	case "part_of", "system":
		e.refs(v, catalog.FamilyPartOf, e.whole())
	case "members":
		e.members(v)
	default:
		v.fault("there is no key %q%s", clip(key), e.f.hint(key))
	}
}

// whole is the kind of what an entity is part of, when a reference does not say.
func (e *entity) whole() catalog.Kind {
	if e.ref.Kind == catalog.Team || e.ref.Kind == catalog.Person {
		return catalog.Team
	}
	return catalog.System
}

func (e *entity) language(v value) {
	if v.kind != mapping {
		e.text(v, catalog.FieldLanguage)
		return
	}
	for _, part := range v.entries() {
		switch part.key {
		case "name":
			e.text(part.value, catalog.FieldLanguage)
		case "version":
			e.text(part.value, catalog.FieldLanguageVersion)
		default:
			part.fault("there is no key %q here: write name and version", clip(part.key))
		}
	}
}

func (e *entity) number(v value, field catalog.Field) {
	text := v.text()
	if text == "" {
		return
	}
	number, err := strconv.ParseFloat(text, 64)
	if err != nil {
		e.say(v, field, text) // it is none, and the fault says what to write
		return
	}
	e.say(v, field, number)
}

func (e *entity) boolean(v value, field catalog.Field) {
	switch text := v.text(); strings.ToLower(text) {
	case "":
	case "true", "yes", "on": // YAML 1.1 has the latter two
		e.say(v, field, true)
	case "false", "no", "off":
		e.say(v, field, false)
	default:
		e.say(v, field, text)
	}
}

func (e *entity) refs(v value, family string, fallback catalog.Kind) {
	for _, item := range v.several() {
		text := item.text()
		if text == "" {
			continue
		}
		ref, err := catalog.ParseRef(text, fallback)
		if err != nil {
			item.fault("%s", detail(err))
			continue
		}
		e.relate(item, family, ref)
	}
}

// members are persons, and it is of them that being part of the team is said.
func (e *entity) members(v value) {
	if e.ref.Kind != catalog.Team {
		v.fault("only a team has members: write kind: team, or take them out")
		return
	}
	for _, item := range v.several() {
		text := item.text()
		if text == "" {
			continue
		}
		ref, err := catalog.ParseRef(text, catalog.Person)
		if err != nil {
			item.fault("%s", detail(err))
			continue
		}
		if ref.Kind != catalog.Person && ref.Kind != catalog.Team {
			item.fault("a member is a person or a team, not %s", ref)
			continue
		}
		_, written, found := strings.Cut(text, ":")
		if !found {
			written = text
		}
		e.f.about(ref, strings.TrimSpace(written)).relate(item, catalog.FamilyPartOf, e.ref)
	}
}

// parts reads a mapping with these keys and faults any other.
func parts(v value, known ...string) map[string]value {
	found := map[string]value{}
	for _, part := range v.entries() {
		if !slices.Contains(known, part.key) {
			part.fault("there is no key %q here: write %s", clip(part.key), strings.Join(known, ", "))
			continue
		}
		found[part.key] = part.value
	}
	return found
}

// part is the single value under a key; empty when it is absent.
func part(of map[string]value, key string) string {
	v, ok := of[key]
	if !ok {
		return ""
	}
	return v.text()
}

func (e *entity) onCall(v value) {
	say := func(v value, role, name, from, until string) {
		if role == "" || name == "" {
			v.fault("an on-call entry needs a role and a name: write {role: primary, name: priya.raman}")
			return
		}
		shift := catalog.Shift(role, name, from, until)
		e.say(v, shift.Field, until)
	}
	switch {
	case !v.present():
	case v.kind == scalar:
		say(v, "primary", v.text(), "", "")
	case v.kind == mapping:
		for _, role := range v.entries() {
			for _, name := range role.several() {
				say(name, role.key, name.text(), "", "")
			}
		}
	default:
		for _, item := range v.items() {
			if item.kind == scalar {
				say(item, "primary", item.text(), "", "")
				continue
			}
			entry := parts(item, "role", "name", "from", "until")
			say(item, part(entry, "role"), part(entry, "name"), part(entry, "from"), part(entry, "until"))
		}
	}
}

func (e *entity) contacts(v value) {
	e.typed(v, "value", "a contact needs a type and a value: write {type: slack, value: \"#payments\"}", catalog.FamilyContact)
}

func (e *entity) links(v value) {
	e.typed(v, "url", "a link needs a url: write {type: runbook, url: https://…}", catalog.FamilyLink)
}

// typed reads links and contacts: a list of mappings, or a mapping of the type to one or several of them.
func (e *entity) typed(v value, key, missing, family string) {
	say := func(v value, kind, what, title string) {
		if kind == "" && family == catalog.FamilyLink {
			kind = "other"
		}
		if kind == "" || what == "" {
			v.fault("%s", missing)
			return
		}
		e.say(v, catalog.Key(family, kind, what), title)
	}
	one := func(v value, kind string) {
		if v.node == nil || v.kind != mapping {
			say(v, kind, v.text(), "")
			return
		}
		known := []string{"type", key, "title"}
		entry := parts(v, known...)
		if kind == "" {
			kind = part(entry, "type")
		}
		say(v, kind, part(entry, key), part(entry, "title"))
	}
	switch {
	case !v.present():
	case v.kind == mapping:
		for _, kind := range v.entries() {
			for _, item := range kind.several() {
				one(item, kind.key)
			}
		}
	default:
		for _, item := range v.items() {
			one(item, "")
		}
	}
}

// tagged reads tags: a mapping, or a list of key:value, key, or a mapping of one.
func (e *entity) tagged(v value) {
	say := func(v value, key, val string) {
		if secretKey.MatchString(key) && val != "" {
			v.fault("the tag %s looks like a secret: take it out", clip(key))
			return
		}
		e.say(v, catalog.Key(catalog.FamilyTag, key), val)
	}
	if v.kind == mapping {
		for _, tag := range v.entries() {
			say(tag.value, tag.key, tag.text())
		}
		return
	}
	for _, item := range v.several() {
		if item.kind == mapping {
			e.tagged(item)
			continue
		}
		if text := strings.TrimSpace(item.text()); text != "" {
			key, val, _ := strings.Cut(text, ":")
			say(item, strings.TrimSpace(key), val)
		}
	}
}

// hint is nearest, as long as somebody will see it.
func (f *file) hint(key string) string {
	if len(f.faults) >= maxProblems {
		return ""
	}
	return nearest(key)
}

// nearest says which key was meant, if that can be told.
func nearest(key string) string {
	switch fold(key) {
	case "team", "maintainer", "maintainers", "owners", "ownedby":
		return ": write owner"
	case "dependencies", "requires", "uses":
		return ": write depends_on"
	case "runbook", "dashboard", "repo", "repository", "docs", "logs", "url":
		return ": write it below links"
	case "slack", "chat", "phone":
		return ": write it below contacts"
	case "labels", "annotations", "metadata":
		return ": write tags"
	case "languageversion":
		return ": write language: {name: go, version: \"1.26\"}"
	case "domain", "application", "product":
		return ": write system"
	case "criticality", "severity", "priority":
		return ": write tier"
	case "displayname":
		return ": write title"
	}
	best, least := "", 3
	for _, known := range tidingsKeys() {
		if d := distance(fold(key), fold(known)); d < least || d == 0 {
			best, least = known, d
		}
	}
	if best == "" {
		return ": see docs/descriptors.md for those there are"
	}
	return ": write " + best
}

// fold compares keys without case and separators, so that dependsOn is near to depends_on.
func fold(key string) string {
	return strings.NewReplacer("_", "", "-", "", ".", "").Replace(strings.ToLower(key))
}

// distance is how many letters to change, add or take out between two keys; words of very different length are far.
func distance(a, b string) int {
	if len(a) > len(b)+3 || len(b) > len(a)+3 {
		return 9
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		corner := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := corner
			if a[i] != b[j] {
				cost = 1 + min(corner, row[j], row[j+1])
			}
			corner, row[j+1] = row[j+1], cost
		}
	}
	return row[len(b)]
}
