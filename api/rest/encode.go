package rest

import (
	"strconv"

	"tidings.dev/tidings/catalog"
)

// appendEntity writes the document of an entity: what catalog.Entity's JSON says, with its reference first and times
// with microseconds. extra adds members at the end; it may be nil.
func appendEntity(b []byte, e *catalog.Entity, extra func(*object)) []byte {
	o := object{b: b}
	o.key("ref")
	o.b = appendRef(o.b, e.Ref())
	o.text("kind", string(e.Kind))
	o.text("name", e.Name)
	o.text("title", e.Title)
	o.text("description", e.Description)
	o.text("language", e.Language)
	o.text("language_version", e.LanguageVersion)
	if e.Tier != nil {
		o.key("tier")
		o.b = strconv.AppendInt(o.b, int64(*e.Tier), 10)
	}
	if e.UserFacing != nil {
		o.bool("user_facing", *e.UserFacing)
	}
	o.text("lifecycle", e.Lifecycle)
	o.text("platform", e.Platform)
	o.text("deployed_by", e.DeployedBy)
	o.text("type", e.Type)
	o.text("rpo", e.RPO)
	o.text("rto", e.RTO)
	o.text("email", e.Email)
	o.text("time_zone", e.TimeZone)
	if e.Owner != nil {
		o.key("owner")
		o.b = appendRef(o.b, *e.Owner)
	}
	appendMany(&o, "on_call", e.OnCall, func(b []byte, c *catalog.OnCall) []byte {
		o := object{b: b}
		o.text("role", c.Role)
		o.text("name", c.Name)
		o.time("until", c.Until)
		return o.end()
	})
	appendMany(&o, "contacts", e.Contacts, func(b []byte, c *catalog.Contact) []byte {
		o := object{b: b}
		o.text("type", c.Type)
		o.text("value", c.Value)
		o.text("title", c.Title)
		return o.end()
	})
	appendMany(&o, "links", e.Links, func(b []byte, l *catalog.Link) []byte {
		o := object{b: b}
		o.text("type", l.Type)
		o.text("title", l.Title)
		o.text("url", l.URL)
		return o.end()
	})
	appendMany(&o, "tags", e.Tags, func(b []byte, t *catalog.Tag) []byte {
		o := object{b: b}
		o.text("key", t.Key)
		o.text("value", t.Value)
		return o.end()
	})
	appendMany(&o, "aliases", e.Aliases, func(b []byte, alias *string) []byte { return appendText(b, *alias) })
	appendMany(&o, "relations", e.Relations, func(b []byte, r *catalog.Relation) []byte {
		o := object{b: b}
		o.text("type", r.Type)
		o.key("target")
		o.b = appendRef(o.b, r.Target)
		o.text("evidence", string(r.Evidence))
		o.time("since", r.Since)
		o.time("last_seen", r.LastSeen)
		return o.end()
	})
	o.bool("described", e.Described)
	if e.Retired {
		o.bool("retired", true)
	}
	o.time("updated_at", e.UpdatedAt)
	if extra != nil {
		extra(&o)
	}
	return o.end()
}

// appendRef writes a reference, whose parts need no escape.
func appendRef(b []byte, ref catalog.Ref) []byte {
	b = append(b, '"')
	b = append(b, ref.Kind...)
	b = append(b, ':')
	b = append(b, ref.Name...)
	return append(b, '"')
}

// appendMany writes a list that is not empty.
func appendMany[T any](o *object, name string, items []T, one func([]byte, *T) []byte) {
	if len(items) == 0 {
		return
	}
	o.key(name)
	o.b = append(o.b, '[')
	for i := range items {
		if i > 0 {
			o.b = append(o.b, ',')
		}
		o.b = one(o.b, &items[i])
	}
	o.b = append(o.b, ']')
}
