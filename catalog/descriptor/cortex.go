package descriptor

import (
	"strings"

	"tidings.dev/tidings/catalog"
)

// cortex reads a cortex.yaml, an OpenAPI document whose info has x-cortex-* keys, by Cortex's documentation "Defining
// entities with YAML", "Assigning owners to entities" and "Team catalog"; the shapes of its integrations are those of
// cortexapps/terraform-provider-cortex. A domain is a system with the tag kind:domain, and an entity of a type of one's
// own is a resource of that type.
func (f *file) cortex(doc value) {
	info := doc.section("info")
	v := info.get("x-cortex-tag")
	if !v.present() {
		info.fault("the tag is missing: write x-cortex-tag: payments")
		return
	}
	word := info.get("x-cortex-type")
	kind := catalog.Service
	switch strings.ToLower(word.text()) {
	case "", "service":
	case "team":
		kind = catalog.Team
	case "domain":
		kind = catalog.System
	default:
		kind = catalog.Resource
	}
	e := f.entity(kind, v, slug(v.text(), "-"))
	if e == nil {
		return
	}
	if title := info.get("title"); !strings.EqualFold(title.text(), v.text()) {
		e.text(title, catalog.FieldTitle)
	}
	e.text(info.get("description"), catalog.FieldDescription)
	e.alias(v, "cortex", v.text())
	switch kind {
	case catalog.Resource:
		e.text(word, catalog.FieldType)
	case catalog.System:
		e.tag(word, "kind", "domain")
	default:
	}
	e.cortexOwners(info.get("x-cortex-owners"))
	for _, key := range []string{"x-cortex-groups", "x-cortex-service-groups"} {
		for _, group := range info.get(key).several() {
			if strings.HasPrefix(strings.ToLower(group.peekText()), "tier") && !strings.Contains(group.peekText(), ":") {
				e.tier(group)
				continue
			}
			e.tagText(group)
		}
	}
	for _, key := range []string{"x-cortex-link", "x-cortex-links"} {
		for _, link := range info.get(key).items() {
			e.cortexLink(link)
		}
	}
	for _, embed := range info.section("x-cortex-dashboards").get("embeds").items() {
		address := embed.get("url")
		e.link(address, "dashboard", embed.get("type").text(), address.text())
	}
	e.cortexMetadata(info.get("x-cortex-custom-metadata"))
	e.cortexHierarchy(info)
	e.cortexTools(info)
}

func (e *entity) cortexOwners(v value) {
	owned := false
	for _, owner := range v.items() {
		switch strings.ToLower(owner.get("type").text()) {
		case "group":
			name := owner.get("name").text()
			if i := strings.LastIndexByte(name, '/'); i >= 0 { // of a code host: org/team
				name = name[i+1:]
			}
			if name != "" && !owned { // the first owns; the roll has one owner
				e.owner(owner.get("name"), name)
				owned = true
			}
		case "email":
			e.contact(owner, "email", owner.get("email").text(), owner.get("description").text())
		case "slack":
			e.slack(owner, owner.get("channel").text(), owner.get("description").text())
		default:
			owner.fault("the owner has no type that is known: write group, email or slack")
		}
	}
}

// slack says a channel, with the "#" that people write and Cortex leaves out.
func (e *entity) slack(v value, channel, title string) {
	if channel != "" {
		e.contact(v, "slack", "#"+strings.TrimPrefix(channel, "#"), title)
	}
}

func (e *entity) cortexLink(link value) {
	address, title := link.get("url"), link.get("name").text()
	text := address.text()
	switch {
	case !address.present():
		link.fault("the link has no url: write url: https://…")
	case !strings.Contains(text, "://"): // Cortex reads them from the repository
		address.warn("%s lies in the repository: only whole addresses are kept", clip(text))
	default:
		e.link(address, linkType(link.get("type").text(), title, text), title, text)
	}
}

// cortexMetadata keeps what is a single value, or a value with a description.
func (e *entity) cortexMetadata(all value) {
	for _, entry := range all.entries() {
		v := entry.value
		if v.kind == mapping && v.has("value") {
			v = v.get("value")
		}
		if v.kind != scalar {
			continue
		}
		e.effxTag(v, entry.key, v.text())
	}
}

func (e *entity) cortexHierarchy(info value) {
	refs := func(v value) []value {
		if v.present() && v.kind == mapping {
			return []value{v.get("tag")}
		}
		var tags []value
		for _, item := range v.items() {
			if item.kind == mapping {
				item = item.get("tag")
			}
			tags = append(tags, item)
		}
		return tags
	}
	for _, key := range []string{"x-cortex-parents", "x-cortex-domain-parents"} {
		for _, tag := range refs(info.get(key)) {
			e.relateSlug(tag, catalog.FamilyPartOf, e.whole(), "-")
		}
	}
	for _, tag := range refs(info.get("x-cortex-children")) {
		child := catalog.Service
		if e.ref.Kind == catalog.Team {
			child = catalog.Team
		}
		if ref, err := catalog.NewRef(child, slug(tag.text(), "-")); err == nil {
			e.inverse(tag, catalog.FamilyPartOf, ref)
		} else {
			tag.fault("%s", detail(err))
		}
	}
	for _, tag := range refs(info.get("x-cortex-dependency")) {
		e.relateSlug(tag, catalog.FamilyDependsOn, catalog.Service, "-")
	}
	for _, person := range info.section("x-cortex-team").get("members").items() {
		if address := person.get("email").text(); address != "" {
			e.f.members = append(e.f.members, member{at: person, team: e.ref, address: address})
		}
	}
}

func (e *entity) cortexTools(info value) {
	git := info.section("x-cortex-git")
	for _, forge := range []struct{ key, address string }{
		{"github", "https://github.com/"}, {"gitlab", "https://gitlab.com/"}, {"bitbucket", "https://bitbucket.org/"},
	} {
		if repository := git.section(forge.key).get("repository"); repository.text() != "" {
			e.repository(repository, forge.address+repository.text(), "")
			e.folder(git.section(forge.key).get("basepath"), forge.address+repository.text(), git.section(forge.key).get("basepath").text())
		}
	}
	if azure := git.section("azure"); azure.has("repository") {
		e.alias(azure, "azure-devops", azure.get("project").text()+"/"+azure.get("repository").text())
	}
	for _, pager := range info.section("x-cortex-oncall").entries() {
		// A schedule or a policy is not what alerts name.
		if strings.EqualFold(pager.get("type").text(), "service") {
			e.alias(pager.get("id"), strings.ToLower(pager.key), pager.get("id").text())
		}
	}
	for _, channel := range info.section("x-cortex-slack").get("channels").items() {
		e.slack(channel, channel.get("name").text(), channel.get("description").text())
	}
	for _, channel := range info.get("x-cortex-microsoft-teams").items() {
		e.contact(channel, "teams", channel.get("name").text(), channel.get("description").text())
	}
	sentry := info.section("x-cortex-sentry")
	e.alias(sentry.get("project"), "sentry", sentry.get("project").text())
	for _, project := range sentry.get("projects").items() {
		e.alias(project, "sentry", project.get("name").text())
	}
	for _, tool := range []string{"bugsnag", "rollbar"} {
		project := info.section("x-cortex-" + tool).get("project")
		e.alias(project, tool, project.text())
	}
	sonarqube := info.section("x-cortex-static-analysis").section("sonarqube").get("project")
	e.alias(sonarqube, "sonarqube", sonarqube.text())
	// The identifier is namespace/name; without its cluster it is not one object.
	for _, workload := range info.section("x-cortex-k8s").entries() {
		for _, v := range workload.items() {
			space, name, found := strings.Cut(v.get("identifier").text(), "/")
			if cluster := v.get("cluster").text(); cluster != "" && found {
				e.alias(v, "kubernetes", strings.Join([]string{cluster, space, strings.ToLower(workload.key), name}, "/"))
			}
		}
	}
}
