package descriptor

import (
	"strings"

	"tidings.dev/tidings/catalog"
)

// datadogService reads a Datadog service definition of version 1, 2, 2.1 or 2.2, by DataDog/schema,
// service-catalog/{v1,v2,v2.1,v2.2}/schema.json.
func (f *file) datadogService(doc value) {
	v := doc.get("dd-service")
	if !v.present() {
		v = doc.section("info").get("dd-service")
	}
	if !v.present() {
		doc.fault("the name is missing: write dd-service: payments")
		return
	}
	e := f.datadogNamed(catalog.Service, v, v.text())
	if e == nil {
		return
	}
	info, org := doc.section("info"), doc.section("org") // version 1
	e.text(info.get("display-name"), catalog.FieldTitle)
	e.text(or(doc.get("description"), info.get("description")), catalog.FieldDescription)
	e.tier(or(doc.get("tier"), info.get("service-tier")))
	e.lifecycle(doc.get("lifecycle"))
	e.text(doc.get("type"), catalog.FieldType)
	e.languages(doc.get("languages"))
	team := or(doc.first("team", "dd-team"), org.get("team"))
	e.owner(team, team.text())
	if application := or(doc.get("application"), org.get("application")); application.present() {
		e.datadogRelate(application, catalog.FamilyPartOf, "system:"+slug(application.text(), "-"), catalog.System)
	}
	e.datadogContacts(doc.get("contacts"))
	for _, contact := range doc.section("contact").entries() {
		e.contact(contact.value, contact.key, contact.text(), "")
	}
	e.datadogLinks(doc.get("links"), "")
	e.datadogLinks(doc.get("external-resources"), "")
	e.datadogLinks(doc.get("repos"), "repo")
	e.datadogLinks(doc.get("docs"), "docs")
	for _, tag := range doc.get("tags").items() {
		e.tagText(tag)
	}
	e.datadogIntegrations(doc.section("integrations"))
}

// datadogEntity reads a Datadog entity of version 3, by DataDog/schema, service-catalog/v3/*.schema.json. Kinds of
// one's own are not read, for the roll has no place for them.
func (f *file) datadogEntity(doc value) {
	word := doc.get("kind")
	kind := datadogKind(word.text())
	if kind == "" {
		word.warn("the kind %s is not read: only service, frontend, datastore, queue, api and system are", clip(word.peekText()))
		return
	}
	meta, spec := doc.section("metadata"), doc.section("spec")
	name := meta.get("name")
	if !name.present() {
		doc.fault("the name is missing: write metadata.name")
		return
	}
	full := name.text()
	if space := meta.get("namespace").text(); space != "" && space != "default" {
		full = space + "." + full
	}
	e := f.datadogNamed(kind, name, full)
	if e == nil {
		return
	}
	e.text(meta.get("displayName"), catalog.FieldTitle)
	e.text(meta.get("description"), catalog.FieldDescription)
	owner := meta.get("owner")
	e.owner(owner, owner.text())
	for _, tag := range meta.get("tags").items() {
		e.tagText(tag)
	}
	e.datadogContacts(meta.get("contacts"))
	e.datadogLinks(meta.get("links"), "")

	if spec.has("type") {
		e.text(spec.get("type"), catalog.FieldType)
	} else if w := strings.ToLower(word.text()); w != string(kind) {
		e.say(word, catalog.FieldType, w) // a datastore and a queue are resources of their type
	}
	e.lifecycle(spec.get("lifecycle"))
	e.tier(spec.get("tier"))
	e.languages(spec.get("languages"))
	for _, v := range spec.get("dependsOn").several() {
		e.datadogRelate(v, catalog.FamilyDependsOn, v.text(), catalog.Service)
	}
	for _, v := range spec.get("componentOf").several() {
		e.datadogRelate(v, catalog.FamilyPartOf, v.text(), catalog.System)
	}
	for _, arrow := range []struct{ key, family string }{
		{"dependencyOf", catalog.FamilyDependsOn},
		{"implementedBy", catalog.FamilyProvides},
		{"components", catalog.FamilyPartOf},
	} {
		for _, v := range spec.get(arrow.key).several() {
			e.inverse(v, arrow.family, datadogRef(v, v.text(), catalog.Service))
		}
	}
	e.datadogIntegrations(doc.section("integrations"))
	for _, location := range doc.section("datadog").get("codeLocations").items() {
		address := location.get("repositoryURL")
		e.repository(address, address.text(), "")
		for _, pattern := range location.get("paths").items() {
			e.folder(pattern, address.text(), strings.TrimSuffix(pattern.text(), "/**"))
		}
	}
}

// datadogKind gives the kind of ours; empty for what is not in the roll.
func datadogKind(kind string) catalog.Kind {
	switch strings.ToLower(kind) {
	case "service", "frontend", "ui":
		return catalog.Service
	case "datastore", "queue":
		return catalog.Resource
	case "api":
		return catalog.API
	case "system", "application":
		return catalog.System
	}
	return ""
}

func (f *file) datadogNamed(kind catalog.Kind, v value, text string) *entity {
	made := slug(text, "-")
	if made == "" && text != "" {
		v.fault("%q holds no letter or digit to make a name of", clip(text))
		return nil
	}
	e := f.entity(kind, v, made)
	if e == nil {
		return nil
	}
	if made != text {
		e.say(v, catalog.FieldTitle, text)
	}
	if kind == catalog.Service && !strings.ContainsAny(text, " \t\n") {
		e.alias(v, "datadog", "service:"+text)
	}
	return e
}

// datadogRef reads [kind:][namespace/]name.
func datadogRef(v value, text string, fallback catalog.Kind) catalog.Ref {
	text = strings.TrimSpace(text)
	if text == "" {
		return catalog.Ref{}
	}
	kind, name, found := strings.Cut(text, ":")
	if !found {
		name = text
	} else if fallback = datadogKind(kind); fallback == "" {
		v.warn("references to the kind %s are not read", clip(kind))
		return catalog.Ref{}
	}
	if space, rest, found := strings.Cut(name, "/"); found {
		if name = rest; space != "default" {
			name = space + "." + rest
		}
	}
	ref, err := catalog.NewRef(fallback, slug(name, "-"))
	if err != nil {
		v.fault("%s", detail(err))
	}
	return ref
}

func (e *entity) datadogRelate(v value, family, text string, fallback catalog.Kind) {
	e.relate(v, family, datadogRef(v, text, fallback))
}

func (e *entity) datadogContacts(v value) {
	for _, contact := range v.items() {
		e.contact(contact, strings.ToLower(contact.get("type").text()), contact.get("contact").text(), contact.get("name").text())
	}
}

// datadogLinks reads links, and the lists of repositories and documents of version 2, which have their own.
func (e *entity) datadogLinks(v value, kind string) {
	for _, link := range v.items() {
		address, title := link.get("url"), link.get("name").text()
		if !address.present() {
			link.fault("the link has no url: write url: https://…")
			continue
		}
		word := kind
		if word == "" {
			word = linkType(link.get("type").text(), title, address.text())
		}
		if word == "repo" {
			e.repository(address, address.text(), title)
			continue
		}
		e.link(address, word, title, address.text())
	}
}

func (e *entity) datadogIntegrations(all value) {
	pager := func(v value, title string) {
		if v.present() && v.kind == mapping {
			v = v.first("service-url", "serviceURL", "teamURL")
		}
		e.pager(v, v.text(), title)
	}
	pager(all.get("pagerduty"), "PagerDuty")
	pager(all.get("opsgenie"), "Opsgenie")
	pager(all.get("jiraServiceManagementOps"), "Jira Service Management")
	for _, project := range all.section("sentry").get("projectSlugs").items() {
		e.alias(project, "sentry", project.text())
	}
	github := all.get("github") // version 1
	e.repository(github, github.text(), "")
}

// languages says the first of several languages, and keeps all of them as a tag.
func (e *entity) languages(v value) {
	var all []string
	for _, language := range v.several() {
		if text := strings.TrimSpace(language.text()); text != "" {
			all = append(all, text)
		}
	}
	if len(all) > 0 {
		e.say(v, catalog.FieldLanguage, all[0])
	}
	if len(all) > 1 {
		e.tag(v, "languages", strings.Join(all, ","))
	}
}

// or is the first of two values that is present.
func or(a, b value) value {
	if a.present() {
		return a
	}
	return b
}
