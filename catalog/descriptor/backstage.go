package descriptor

import (
	"strings"

	"tidings.dev/tidings/catalog"
)

// backstageKind gives the kind of ours for a kind of Backstage; empty for what is not in the roll.
func backstageKind(kind string) catalog.Kind {
	switch strings.ToLower(kind) {
	case "component":
		return catalog.Service
	case "api":
		return catalog.API
	case "resource":
		return catalog.Resource
	case "system", "domain":
		return catalog.System
	case "group":
		return catalog.Team
	case "user":
		return catalog.Person
	}
	return ""
}

// backstage reads an entity of a Backstage catalog-info.yaml, by backstage/backstage,
// docs/features/software-catalog/{descriptor-format,references,well-known-annotations}.md.
//
// A domain is a system with the tag kind:domain. The default namespace goes without saying; another one is a part of
// the name, as in ghe.payments, for our names are unique without one.
func (f *file) backstage(doc value) {
	kind := doc.get("kind")
	ours := backstageKind(kind.text())
	switch {
	case !kind.present():
		doc.fault("the kind is missing: write kind: Component")
		return
	case ours == "" && strings.EqualFold(kind.peekText(), "location"):
		kind.warn("a Location names other files: it is not read, read those files too")
		return
	case ours == "":
		kind.warn("the kind %s is not read: only Component, API, Resource, System, Domain, Group and User are", clip(kind.peekText()))
		return
	}
	meta, spec := doc.section("metadata"), doc.section("spec")
	name := meta.get("name")
	if !name.present() {
		meta.fault("the name is missing: write metadata.name")
		return
	}
	b := backstage{namespace: namespace(meta.get("namespace").text())}
	if b.entity = f.entity(ours, name, b.qualify(b.namespace, name.text())); b.entity == nil {
		return
	}
	b.text(meta.get("title"), catalog.FieldTitle)
	b.text(meta.get("description"), catalog.FieldDescription)
	if strings.EqualFold(kind.peekText(), "domain") {
		b.tag(kind, "kind", "domain")
	}
	b.metadata(meta)
	b.spec(spec)
	b.annotations(meta.get("annotations"))
}

// peekText is the text of a value without a word about what is not one.
func (v value) peekText() string {
	if !v.present() || v.kind != scalar {
		return ""
	}
	return v.node.text
}

// backstage is an entity with the namespace that its references mean.
type backstage struct {
	*entity
	namespace string
}

func namespace(text string) string {
	if strings.EqualFold(text, "default") {
		return ""
	}
	return text
}

func (b backstage) qualify(namespace, name string) string {
	if namespace == "" {
		return name
	}
	return namespace + "." + name
}

func (b backstage) metadata(meta value) {
	for _, label := range meta.get("labels").entries() {
		b.tag(label.value, label.key, label.text())
	}
	for _, tag := range meta.get("tags").items() {
		b.tagText(tag)
	}
	for _, link := range meta.get("links").items() {
		address, title := link.get("url"), link.get("title").text()
		if !address.present() {
			link.fault("the link has no url: write url: https://…")
			continue
		}
		word := link.get("type").text()
		if word == "" {
			word = link.get("icon").text()
		}
		b.link(address, linkType(word, title, address.text()), title, address.text())
	}
}

func (b backstage) spec(spec value) {
	if word := spec.get("type"); !strings.EqualFold(word.peekText(), "unknown") {
		b.text(word, catalog.FieldType)
	}
	b.lifecycle(spec.get("lifecycle"))
	profile := spec.section("profile")
	b.text(profile.get("displayName"), catalog.FieldTitle)
	b.text(profile.get("email"), catalog.FieldEmail)

	if owner := spec.get("owner"); owner.present() {
		text := owner.peekText()
		if !strings.Contains(text, ":") && strings.Contains(text, "@") || strings.EqualFold(text, "unknown") {
			b.owner(owner, text)
		} else if ref := b.ref(owner, catalog.Team); !ref.IsZero() {
			b.say(owner, catalog.FieldOwner, ref.String())
		}
	}
	for _, whole := range []struct {
		key  string
		kind catalog.Kind
	}{
		{"system", catalog.System},
		{"domain", catalog.System},
		{"subdomainOf", catalog.System},
		{"subcomponentOf", catalog.Service},
		{"parent", catalog.Team},
		{"memberOf", catalog.Team},
	} {
		for _, v := range spec.get(whole.key).several() {
			ref := b.ref(v, whole.kind)
			if whole.key == "domain" && ref == b.entity.ref {
				v.warn("the domain has the name of the system: the two are one here")
				continue
			}
			b.relate(v, catalog.FamilyPartOf, ref)
		}
	}
	for _, v := range spec.get("children").several() {
		b.inverse(v, catalog.FamilyPartOf, b.ref(v, catalog.Team))
	}
	for _, v := range spec.get("members").several() {
		b.inverse(v, catalog.FamilyPartOf, b.ref(v, catalog.Person))
	}
	for _, target := range spec.get("dependsOn").several() {
		b.relate(target, catalog.FamilyDependsOn, b.ref(target, catalog.Service))
	}
	for _, dependent := range spec.get("dependencyOf").several() {
		b.inverse(dependent, catalog.FamilyDependsOn, b.ref(dependent, catalog.Service))
	}
	for _, api := range spec.first("providesApis", "implementsApis").several() {
		b.relate(api, catalog.FamilyProvides, b.ref(api, catalog.API))
	}
	for _, api := range spec.get("consumesApis").several() {
		b.relate(api, catalog.FamilyConsumes, b.ref(api, catalog.API))
	}
}

// inverse says an arrow from another entity to this one.
func (e *entity) inverse(v value, family string, from catalog.Ref) {
	if !from.IsZero() {
		e.f.about(from, from.Name).relate(v, family, e.ref)
	}
}

// ref reads a reference, [kind:][namespace/]name or a mapping of the three. Its namespace is the entity's own when it
// names none. The zero reference is one that was faulted, or whose kind is not in the roll.
func (b backstage) ref(v value, fallback catalog.Kind) catalog.Ref {
	var kind, space, name string
	if v.present() && v.kind == mapping {
		kind, space, name = v.get("kind").text(), v.get("namespace").text(), v.get("name").text()
	} else {
		text := strings.TrimSpace(v.text())
		if text == "" {
			return catalog.Ref{}
		}
		var found bool
		if kind, name, found = strings.Cut(text, ":"); !found {
			kind, name = "", text
		}
		if before, after, found := strings.Cut(name, "/"); found {
			space, name = before, after
		}
	}
	if space == "" {
		space = b.namespace
	}
	ours := fallback
	if kind != "" {
		if ours = backstageKind(kind); ours == "" {
			v.warn("references to the kind %s are not read", clip(kind))
			return catalog.Ref{}
		}
	}
	ref, err := catalog.NewRef(ours, b.qualify(namespace(space), name))
	if err != nil {
		v.fault("%s", detail(err))
		return catalog.Ref{}
	}
	return ref
}

// wellKnown are the annotations that say how another tool calls the entity, from Backstage's well-known annotations
// and, below the blank line, from the documentation of its plugins. An annotation that is not here is not kept: many
// hold settings of a plugin, and some hold secrets.
func wellKnown(annotation string) (scheme, repository string) {
	switch annotation {
	case "github.com/project-slug":
		return "github", "https://github.com/"
	case "github.com/team-slug":
		return "github-team", ""
	case "github.com/user-login":
		return "github-user", ""
	case "jenkins.io/job-full-name", "jenkins.io/github-folder":
		return "jenkins", ""
	case "gocd.org/pipelines":
		return "gocd", ""
	case "sentry.io/project-slug":
		return "sentry", ""
	case "rollbar.com/project-slug":
		return "rollbar", ""
	case "circleci.com/project-slug":
		return "circleci", ""
	case "sonarqube.org/project-key":
		return "sonarqube", ""
	case "periskop.io/service-name":
		return "periskop", ""
	case "graph.microsoft.com/group-id", "graph.microsoft.com/user-id":
		return "microsoft", ""

	case "gitlab.com/project-slug":
		return "gitlab", "https://gitlab.com/"
	case "dev.azure.com/project-repo":
		return "azure-devops", ""
	case "backstage.io/kubernetes-id":
		return "kubernetes-id", ""
	case "pagerduty.com/service-id":
		return "pagerduty", ""
	case "opsgenie.com/team":
		return "opsgenie-team", ""
	case "argocd/app-name":
		return "argocd", ""
	case "jira/project-key":
		return "jira", ""
	}
	return "", ""
}

func (b backstage) annotations(all value) {
	var ours []entry
	for _, a := range all.entries() {
		if strings.HasPrefix(a.key, annotationPrefix) {
			ours = append(ours, a)
			continue
		}
		text := strings.TrimSpace(a.text())
		switch scheme, repository := wellKnown(a.key); {
		case text == "":
		case scheme != "":
			for name := range strings.SplitSeq(text, ",") {
				b.alias(a.value, scheme, name)
			}
			if repository != "" {
				b.link(a.value, "repo", "", repository+text)
			}
		case a.key == "backstage.io/source-location":
			if address, found := strings.CutPrefix(text, "url:"); found {
				b.repository(a.value, address, "")
			}
		case a.key == "backstage.io/techdocs-ref":
			if address, found := strings.CutPrefix(text, "url:"); found {
				b.link(a.value, "docs", "TechDocs", address)
			}
		case a.key == "datadoghq.com/dashboard-url", a.key == "grafana/overview-dashboard":
			// The latter may also be a title.
			if strings.Contains(text, "://") {
				b.link(a.value, "dashboard", "", text)
			}
		case secretKey.MatchString(a.key):
			a.warn("%s is a secret: it is not kept", clip(a.key))
		}
	}
	for _, a := range ours { // last, for what they say is written for us
		b.annotation(strings.TrimPrefix(a.key, annotationPrefix), a.value)
	}
}
