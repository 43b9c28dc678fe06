package rest

import (
	"strconv"

	"tidings.dev/tidings/catalog"
	"tidings.dev/tidings/internal/jsontext"
)

// appendEntity writes the document of an entity: what catalog.Entity's JSON says, with its reference first and times
// with microseconds. extra adds members at the end; it may be nil.
func appendEntity(b []byte, e *catalog.Entity, extra func(*jsontext.Object)) []byte {
	o := jsontext.Object{B: b}
	o.Key("ref")
	o.B = appendRef(o.B, e.Ref())
	o.Text("kind", string(e.Kind))
	o.Text("name", e.Name)
	o.Text("title", e.Title)
	o.Text("description", e.Description)
	o.Text("language", e.Language)
	o.Text("language_version", e.LanguageVersion)
	if e.Tier != nil {
		o.Key("tier")
		o.B = strconv.AppendInt(o.B, int64(*e.Tier), 10)
	}
	if e.UserFacing != nil {
		o.Bool("user_facing", *e.UserFacing)
	}
	o.Text("lifecycle", e.Lifecycle)
	o.Text("platform", e.Platform)
	o.Text("deployed_by", e.DeployedBy)
	o.Text("type", e.Type)
	o.Text("rpo", e.RPO)
	o.Text("rto", e.RTO)
	o.Text("email", e.Email)
	o.Text("time_zone", e.TimeZone)
	if e.Owner != nil {
		o.Key("owner")
		o.B = appendRef(o.B, *e.Owner)
	}
	jsontext.Many(&o, "on_call", e.OnCall, appendShift)
	jsontext.Many(&o, "on_call_next", e.NextOnCall, appendShift)
	jsontext.Many(&o, "contacts", e.Contacts, func(b []byte, c *catalog.Contact) []byte {
		o := jsontext.Object{B: b}
		o.Text("type", c.Type)
		o.Text("value", c.Value)
		o.Text("title", c.Title)
		return o.End()
	})
	jsontext.Many(&o, "links", e.Links, func(b []byte, l *catalog.Link) []byte {
		o := jsontext.Object{B: b}
		o.Text("type", l.Type)
		o.Text("title", l.Title)
		o.Text("url", l.URL)
		return o.End()
	})
	jsontext.Many(&o, "tags", e.Tags, func(b []byte, t *catalog.Tag) []byte {
		o := jsontext.Object{B: b}
		o.Text("key", t.Key)
		o.Text("value", t.Value)
		return o.End()
	})
	jsontext.Many(&o, "aliases", e.Aliases, func(b []byte, alias *string) []byte { return jsontext.AppendText(b, *alias) })
	jsontext.Many(&o, "relations", e.Relations, func(b []byte, r *catalog.Relation) []byte {
		o := jsontext.Object{B: b}
		o.Text("type", r.Type)
		o.Key("target")
		o.B = appendRef(o.B, r.Target)
		o.Text("evidence", string(r.Evidence))
		o.Time("since", r.Since)
		o.Time("last_seen", r.LastSeen)
		return o.End()
	})
	o.Bool("described", e.Described)
	if e.Retired {
		o.Bool("retired", true)
	}
	o.Time("updated_at", e.UpdatedAt)
	if extra != nil {
		extra(&o)
	}
	return o.End()
}

func appendShift(b []byte, c *catalog.OnCall) []byte {
	o := jsontext.Object{B: b}
	o.Text("role", c.Role)
	o.Text("name", c.Name)
	o.Time("from", c.From)
	o.Time("until", c.Until)
	return o.End()
}

// appendRef writes a reference, whose parts need no escape.
func appendRef(b []byte, ref catalog.Ref) []byte {
	b = append(b, '"')
	b = append(b, ref.Kind...)
	b = append(b, ':')
	b = append(b, ref.Name...)
	return append(b, '"')
}
