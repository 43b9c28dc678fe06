package wire

import (
	"encoding/base64"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"tidings.dev/tidings/change"
)

// envelope is the context of a CloudEvent, however it came. Sources: cloudevents/spec v1.0.2, spec.md,
// formats/json-format.md and bindings/http-protocol-binding.md.
type envelope struct {
	attributes map[string]string
	// pointer and prefix name an attribute: a member of a JSON event, or an HTTP header.
	pointer string
	data    *value
	within  string // pointer of data
}

func (e *envelope) place(attribute string) string { return e.pointer + attribute }

// isBinary reports whether the body is the data of a CloudEvent, whose attributes are headers.
func isBinary(header http.Header, media string) bool {
	return !strings.HasPrefix(media, "application/cloudevents") &&
		(header.Get("Ce-Specversion") != "" || header.Get("Ce-Id") != "" && header.Get("Ce-Type") != "" && header.Get("Ce-Source") != "")
}

func isJSON(media string) bool {
	return media == "" || strings.HasSuffix(media, "/json") || strings.HasSuffix(media, "+json")
}

func (r *reader) binary(header http.Header, media string, body []byte) error {
	e := envelope{attributes: map[string]string{}, pointer: "ce-", data: &absent}
	for _, name := range slices.Sorted(maps.Keys(header)) {
		attribute, ok := strings.CutPrefix(strings.ToLower(name), "ce-")
		if !ok {
			continue
		}
		text, err := headerText(header.Get(name))
		if err != nil {
			r.fault(e.place(attribute), "%v", err)
		}
		e.attributes[attribute] = text
	}
	if len(body) > 0 {
		if isJSON(media) {
			clean, err := clean(body)
			if err != nil {
				return err
			}
			r.parser.body = clean
			v, err := r.parser.value(0)
			if err == nil {
				err = r.parser.end()
			}
			if err != nil {
				return r.parser.fault("", err)
			}
			r.contradictions(&r.parser, &v, "")
			e.data = &v
		} else if strings.HasPrefix(media, "text/") {
			e.data = &value{kind: text, text: strings.ToValidUTF8(string(body), "�")}
		}
	}
	r.envelope(&e)
	return nil
}

// headerText undoes quotes and one round of percent-encoding, as the HTTP binding asks (3.1.3.2).
func headerText(s string) (string, error) {
	if len(s) > 1 && s[0] == '"' && s[len(s)-1] == '"' {
		inner, out := s[1:len(s)-1], make([]byte, 0, len(s))
		for i := 0; i < len(inner); i++ {
			if inner[i] == '\\' && i+1 < len(inner) {
				i++
			}
			out = append(out, inner[i])
		}
		s = string(out)
	}
	decoded, err := url.PathUnescape(s)
	if err != nil {
		return s, fmt.Errorf("is not percent-encoded as CloudEvents want it: write %%25 for a percent sign")
	}
	if !utf8.ValidString(decoded) {
		return "", fmt.Errorf("is not UTF-8")
	}
	return decoded, nil
}

// cloudEvent reads a CloudEvent in the JSON format.
func (r *reader) cloudEvent(v *value, pointer string) {
	if v.kind != object {
		r.fault(pointer, "is %s: a CloudEvent is wanted", v.kind)
		return
	}
	e := envelope{attributes: map[string]string{}, pointer: pointer + "/", data: &absent, within: pointer + "/data"}
	for i := range v.items {
		m := &v.items[i]
		switch text, scalar := m.scalar(); {
		case m.name == "data":
			e.data = m
		case m.kind == null || m.name == "data_base64":
		case !scalar:
			r.fault(e.place(escape(m.name)), "is %s: attributes of a CloudEvent are text, numbers or booleans", m.kind)
		default:
			e.attributes[m.name] = text
		}
	}
	media := mediaType(e.attributes["datacontenttype"])
	if encoded := v.get("data_base64"); encoded.kind != null {
		r.base64(&e, encoded, media)
	} else if !isJSON(media) && e.data.kind != text {
		e.data = &absent
	}
	r.envelope(&e)
}

func (r *reader) base64(e *envelope, encoded *value, media string) {
	e.within = e.place("data_base64")
	if e.data.kind != null {
		r.fault(e.within, "stands beside data: a CloudEvent has one of them")
		return
	}
	raw, err := base64.StdEncoding.DecodeString(encoded.text)
	if err != nil || encoded.kind != text {
		r.fault(e.within, "is not base64")
		return
	}
	switch {
	case media != "" && isJSON(media) && utf8.Valid(raw):
		p := parser{body: raw}
		v, err := p.value(0)
		if err == nil {
			err = p.end()
		}
		if err != nil {
			r.fault(e.within, "%v", err)
			return
		}
		r.contradictions(&p, &v, e.within)
		e.data = &v
	case strings.HasPrefix(media, "text/"):
		e.data = &value{kind: text, text: strings.ToValidUTF8(string(raw), "�")}
	}
}

// envelope reads what a CloudEvent carries.
func (r *reader) envelope(e *envelope) {
	wrong := len(r.faults)
	if version := e.attributes["specversion"]; version != "1.0" {
		r.fault(e.place("specversion"), "%q is not a version of CloudEvents that is read: send 1.0", clip(version))
	}
	for _, name := range [...]string{"id", "source", "type"} {
		if strings.TrimSpace(e.attributes[name]) == "" {
			r.fault(e.place(name), "is required of a CloudEvent")
		}
	}
	var at time.Time
	if text := e.attributes["time"]; text != "" {
		var err error
		if at, err = parseTime(text, 0); err != nil {
			r.fault(e.place("time"), "%q %v", clip(text), err)
		}
	}
	switch {
	case len(r.faults) > wrong:
	case strings.HasPrefix(e.attributes["type"], cdeventsPrefix) && e.data.get("context").kind == object:
		r.cdEvent(e.data, e.within)
	default:
		r.carried(e, at)
	}
}

// carried reads data that is an object as an event, with the envelope's attributes for what it leaves open. All other
// data is a note. So no CloudEvent is refused for being about something else than Tidings knows.
func (r *reader) carried(e *envelope, at time.Time) {
	d := r.draft(&absent, e.within)
	d.foreign = true
	switch e.data.kind {
	case object:
		d.body = e.data
		d.members()
	case null:
	default:
		if text := e.data.plain(); !secretive(e.data) && len(text) <= change.MaxDetail {
			d.event.Detail = text
		}
	}
	event := d.event
	d.fallback(fieldSource, &event.Source, e, "source")
	d.fallback(fieldKey, &event.Key, e, "id")
	d.fallback(fieldTitle, &event.Title, e, "type")
	if event.StartedAt.IsZero() && event.EndedAt.IsZero() {
		event.StartedAt, d.where[fieldStarted] = at, e.place("time")
	}
	if len(event.Subjects) == 0 && d.seen[fieldSubjects] == nil {
		event.Subjects = []change.Subject{{Name: d.subject(e)}}
		d.where[fieldSubjects] = e.place("subject")
	}
	d.label("cloudevents_type", e.attributes["type"])
	for _, name := range slices.Sorted(maps.Keys(e.attributes)) {
		switch name {
		case "specversion", "id", "source", "type", "subject", "time", "datacontenttype", "dataschema", "traceparent", "tracestate":
			continue
		}
		text := e.attributes[name]
		if len(name)+len(text) > change.MaxText || len(event.Labels) >= change.MaxLabels || secretive(&value{name: name}) {
			d.warn(e.place(escape(name)), "is too much for a label, or looks like a secret: it is not kept")
			continue
		}
		d.label("cloudevents_"+name, text)
	}
	d.finish()
}

func (d *draft) fallback(f field, to *string, e *envelope, attribute string) {
	if strings.TrimSpace(*to) == "" && !d.bad[f] {
		*to, d.where[f] = e.attributes[attribute], e.place(attribute)
	}
}

// subject is what a CloudEvent without subjects in its data is about. Its own subject names a service only if the data
// was written for Tidings, for it is as often a file or a customer; otherwise it is an outside name, which people can
// claim.
func (d *draft) subject(e *envelope) string {
	subject := strings.TrimSpace(e.attributes["subject"])
	written := slices.ContainsFunc(d.body.items, func(m value) bool { return m.field != 0 && m.name == m.field.String() })
	switch {
	case subject == "":
		return "cloudevents:" + e.attributes["source"]
	case written && checkSubject(subject) == "":
		return subject
	default:
		return "cloudevents:" + subject
	}
}
