package descriptor

import (
	"strings"

	"tidings.dev/tidings/catalog"
)

// effx reads an effx.yaml of version effx/v1, by effxhq/effx-api-v2-go, client/api/openapi.yaml (ServiceConfiguration,
// TeamConfiguration) and effxhq/effx-cli, examples/. Names have spaces there: "jwt service" is jwt-service here, which
// is effx's own slug, with the name as the title.
func (f *file) effx(doc value) {
	word, spec := doc.get("kind"), doc.section("spec")
	switch strings.ToLower(word.text()) {
	case "service":
		if e := f.effxNamed(catalog.Service, spec); e != nil {
			e.effx(spec)
		}
	case "team":
		if e := f.effxNamed(catalog.Team, spec); e != nil {
			e.effx(spec)
		}
	case "":
		doc.fault("the kind is missing: write kind: Service or kind: team")
	default:
		word.fault("%q is not a kind of effx: write Service or team", clip(word.text()))
	}
}

func (f *file) effxNamed(kind catalog.Kind, spec value) *entity {
	v := spec.get("name")
	if !v.present() {
		spec.fault("the name is missing: write name")
		return nil
	}
	return f.titled(kind, v, strings.ToLower(slug(v.text(), "-")))
}

// titled is the entity of a name that was made out of another one, which is kept as the title.
func (f *file) titled(kind catalog.Kind, v value, made string) *entity {
	text := strings.TrimSpace(v.text())
	if made == "" && text != "" {
		v.fault("%q holds no letter or digit to make a name of", clip(text))
		return nil
	}
	e := f.entity(kind, v, made)
	if e != nil && text != made {
		e.say(v, catalog.FieldTitle, text)
	}
	return e
}

func (e *entity) effx(spec value) {
	e.text(spec.get("description"), catalog.FieldDescription)
	notes := spec.get("annotations")
	owner := notes.get("effx.io/owned-by")
	e.owner(owner, strings.ToLower(owner.text()))
	if above := notes.get("effx.io/reports-to"); above.present() && e.ref.Kind == catalog.Team {
		e.relateSlug(above, catalog.FamilyPartOf, catalog.Team, "-")
	}
	tags := spec.get("tags")
	for _, tag := range tags.entries() {
		e.effxTag(tag.value, tag.key, tag.text())
	}
	// effx-cli writes the version under the language's own name.
	if language := strings.ToLower(tags.peek("language")); language != "" {
		e.text(tags.get(language), catalog.FieldLanguageVersion)
	}
	contact := spec.section("contact")
	e.email(contact.get("email"))
	e.effxLinks(contact.get("chat"), "chat")
	e.effxLinks(contact.get("onCall"), "alert")
	e.effxLinks(contact.get("issueTracker"), "ticket")
	for _, group := range spec.get("linkGroups").items() {
		label := group.get("label").text()
		for _, link := range group.get("links").items() {
			e.effxLinks(link, linkType(label, link.peek("label"), link.peek("url")))
		}
	}
	for _, dependency := range spec.section("dependencies").get("manual").items() {
		e.relateSlug(dependency.get("name"), catalog.FamilyDependsOn, catalog.Service, "-")
	}
}

// effxLegacy reads the effx.yaml of before version 1, with a service, team or user at its top (effxhq/effx-cli,
// examples/, up to 2020).
func (f *file) effxLegacy(doc value) {
	for _, top := range doc.entries() {
		spec := top.value
		var e *entity
		switch top.key {
		case "service":
			e = f.effxNamed(catalog.Service, spec)
		case "team":
			e = f.effxNamed(catalog.Team, spec)
		case "user":
			e = f.effxNamed(catalog.Person, spec)
		case "version":
			continue
		default:
			top.warn("%s is not read: only service, team and user are", clip(top.key))
			continue
		}
		if e == nil {
			continue
		}
		e.text(spec.get("description"), catalog.FieldDescription)
		owner := spec.get("team_owner")
		if owner.present() && owner.kind == mapping {
			owner = owner.get("name")
		}
		e.owner(owner, strings.ToLower(owner.text()))
		for _, tag := range spec.get("tags").items() {
			e.effxTag(tag, tag.get("key").text(), tag.get("value").text())
		}
		email := spec.get("email")
		if email.present() && email.kind == mapping {
			email = email.get("url")
		}
		e.email(email)
		for _, link := range []struct{ key, kind string }{
			{"dashboards", "dashboard"},
			{"on_call", "alert"},
			{"runbook", "runbook"},
			{"version_control", "repo"},
			{"documentation", "docs"},
			{"chat", "chat"},
		} {
			for _, v := range spec.get(link.key).several() {
				e.effxLinks(v, link.kind)
			}
		}
		for _, user := range spec.get("users").items() {
			if address := user.get("email").text(); address != "" {
				f.members = append(f.members, member{at: user, team: e.ref, address: address})
			}
		}
	}
}

// effxTag reads the tags that effx gives a meaning to; the others are tags.
func (e *entity) effxTag(v value, key, val string) {
	switch strings.ToLower(key) {
	case "tier":
		if tier, exact := tierOf(val); exact {
			e.say(v, catalog.FieldTier, tier)
			return
		}
	case "language": // "go", or "ruby 2.5.7"
		language, version, _ := strings.Cut(strings.TrimSpace(val), " ")
		if language != "" {
			e.say(v, catalog.FieldLanguage, language)
		}
		if version != "" {
			e.say(v, catalog.FieldLanguageVersion, version)
		}
		return
	}
	e.tag(v, key, val)
}

// effxLinks reads a link with a label or name.
func (e *entity) effxLinks(v value, kind string) {
	if !v.present() {
		return
	}
	address := v.get("url")
	if v.kind != mapping || !address.present() {
		v.fault("the link has no url: write label and url")
		return
	}
	title := v.first("label", "name").text()
	switch kind {
	case "repo":
		e.repository(address, address.text(), title)
	case "alert":
		e.pager(address, address.text(), title)
	default:
		e.link(address, kind, title, address.text())
		if kind == "chat" && strings.HasPrefix(title, "#") && strings.Contains(host(address.text()), "slack.com") {
			e.contact(v, "slack", title, "")
		}
	}
}

// email is the address of a team or person, and else a contact.
func (e *entity) email(v value) {
	if e.ref.Kind == catalog.Team || e.ref.Kind == catalog.Person {
		e.text(v, catalog.FieldEmail)
		return
	}
	e.contact(v, "email", v.text(), "")
}

// relateSlug says an arrow to an entity by a name with spaces and the like.
func (e *entity) relateSlug(v value, family string, kind catalog.Kind, mark string) {
	text := v.text()
	if text == "" {
		return
	}
	ref, err := catalog.NewRef(kind, slug(text, mark))
	if err != nil {
		v.fault("%s", detail(err))
		return
	}
	e.relate(v, family, ref)
}
