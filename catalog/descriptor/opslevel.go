package descriptor

import (
	"strings"

	"tidings.dev/tidings/catalog"
)

// opslevel reads an opslevel.yml, by OpsLevel's documentation "Config as Code (opslevel.yml)". A component may be called
// service or component. Its name is a title there; files refer to each other by aliases, which OpsLevel makes of the
// name in lower case with underscores, and so that is the name here: "Order Processor" is order_processor.
//
// A repository is not in the roll, and the custom properties have no types without OpsLevel: both are left out.
func (f *file) opslevel(doc value) {
	for _, top := range doc.entries() {
		switch top.key {
		case "service", "component":
			f.opslevelComponent(top.value)
		case "version":
		case "repository":
			top.warn("a repository is not in the roll: it is not read")
		default:
			top.warn("%s is not read: only service and component are", clip(top.key))
		}
	}
}

func (f *file) opslevelComponent(spec value) {
	v := spec.get("name")
	if !v.present() {
		spec.fault("the name is missing: write name: Order Processor")
		return
	}
	e := f.titled(catalog.Service, v, strings.ToLower(slug(strings.ReplaceAll(v.text(), "-", "_"), "_")))
	if e == nil {
		return
	}
	e.alias(v, "opslevel", e.ref.Name)
	for _, alias := range spec.get("aliases").several() {
		e.alias(alias, "opslevel", alias.text())
	}
	e.text(spec.get("description"), catalog.FieldDescription)
	e.text(spec.get("type"), catalog.FieldType)
	e.text(spec.get("language"), catalog.FieldLanguage)
	e.tier(spec.get("tier"))
	e.lifecycle(spec.get("lifecycle"))
	owner := spec.get("owner")
	e.owner(owner, owner.text())
	for _, key := range []string{"framework", "product"} {
		if kept := spec.get(key); kept.text() != "" {
			e.tag(kept, key, kept.text())
		}
	}
	e.relateSlug(spec.get("system"), catalog.FamilyPartOf, catalog.System, "_")
	for _, tag := range spec.get("tags").items() {
		if key := tag.get("key").text(); key != "" {
			e.tag(tag, key, tag.get("value").text())
		}
	}
	for _, repository := range spec.get("repositories").items() {
		e.opslevelRepository(repository)
	}
	for _, tool := range spec.get("tools").items() {
		e.opslevelTool(tool)
	}
	for _, dependency := range spec.get("dependencies").items() {
		e.relateSlug(dependency.get("alias"), catalog.FamilyDependsOn, catalog.Service, "_")
	}
	for _, source := range spec.get("alert_sources").items() {
		if scheme := source.get("type").text(); scheme != "" {
			e.alias(source, strings.ToLower(scheme), source.get("external_id").text())
		}
	}
}

func (e *entity) opslevelRepository(v value) {
	name, title := v.get("name").text(), v.get("display_name").text()
	switch provider := strings.ToLower(v.get("provider").text()); {
	case name == "":
	case provider == "github":
		e.repository(v, "https://github.com/"+name, title)
	case provider == "gitlab":
		e.repository(v, "https://gitlab.com/"+name, title)
	case provider == "bitbucket":
		e.repository(v, "https://bitbucket.org/"+name, title)
	case provider != "":
		e.alias(v, provider, name)
	}
}

func (e *entity) opslevelTool(v value) {
	address, title := v.get("url"), v.get("name").text()
	if !address.present() {
		v.fault("the tool has no url: write url: https://…")
		return
	}
	if environment := v.get("environment").text(); environment != "" {
		title = strings.TrimSpace(title + " (" + environment + ")")
	}
	switch kind := linkType(v.get("category").text(), title, address.text()); kind {
	case "alert":
		e.pager(address, address.text(), title)
	case "repo":
		e.repository(address, address.text(), title)
	default:
		e.link(address, kind, title, address.text())
	}
}
