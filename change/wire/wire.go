// Package wire reads the bodies that POST /api/v1/events accepts into events, and writes the public JSON of an event.
//
// It is pure: bytes in, events out. REST, the stream, the command line and the fuzzers share it. It translates names
// and shapes only; what an event must look like is said by change.Event.Normalize. Imports: change, catalog (for what
// a name may look like), fault, a UUID type and the standard library.
package wire

import (
	"bytes"
	"fmt"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"tidings.dev/tidings/change"
	"tidings.dev/tidings/fault"
)

// Bounds of one request. The size of its body is bounded by the caller, before it is read.
const (
	// MaxEvents is how many events {"events": […]} can hold.
	MaxEvents = 1_000
	// MaxStream is how many a list, a CloudEvents batch or NDJSON can hold: these are read one event at a time.
	MaxStream = 10_000
	// MaxFaults is how many faults, and how many warnings, are listed.
	MaxFaults = 1_000
)

// Batch is what one request says.
type Batch struct {
	// Events are normalized and in the order of the request.
	Events []change.Event
	// Pointers says where in the body each event stands: "" for the only one, "/3", "/events/3".
	Pointers []string
	// Warnings name what was read but not understood, such as members that are no field of an event.
	Warnings []fault.Fault
}

// Read decodes a request body by its headers: native JSON (one event, a list, {"events": […]}, or one a line as
// application/x-ndjson), CloudEvents 1.0 (structured, batch, binary) and CDEvents, inside a CloudEvent or bare.
// Absent times become now.
//
// It is all or nothing: one fault.Invalid error names every fault of every event by a JSON pointer into the body
// ("/events/3/kind", "/3/title", "/title"; for NDJSON the first part counts the events; an HTTP header is named as it
// is), and fault.TooLarge tells of too many events.
func Read(header http.Header, body []byte, now time.Time) (Batch, error) {
	r := &reader{now: now}
	if err := r.request(header, body); err != nil {
		return Batch{}, err
	}
	if len(r.faults) > 0 {
		return Batch{}, fault.InvalidInput(r.what(), r.faults)
	}
	return r.batch, nil
}

type reader struct {
	now    time.Time
	parser parser
	batch  Batch
	faults []fault.Fault
}

func (r *reader) what() string {
	if len(r.batch.Events) > 1 {
		return "events"
	}
	return "event"
}

func (r *reader) fault(pointer, format string, args ...any) {
	r.faults = note(r.faults, pointer, format, args...)
}

func (r *reader) warn(pointer, detail string) {
	r.batch.Warnings = note(r.batch.Warnings, pointer, "%s", detail)
}

func note(to []fault.Fault, pointer, format string, args ...any) []fault.Fault {
	switch {
	case len(to) < MaxFaults:
		return append(to, fault.Fault{Pointer: pointer, Detail: fmt.Sprintf(format, args...)})
	case len(to) == MaxFaults:
		return append(to, fault.Fault{Detail: fmt.Sprintf("there are more than %d faults; the others are not listed", MaxFaults)})
	default:
		return to
	}
}

func (r *reader) request(header http.Header, body []byte) error {
	media := mediaType(header.Get("Content-Type"))
	if isBinary(header, media) {
		return r.binary(header, media, body)
	}
	body, err := clean(body)
	if err != nil {
		return err
	}
	r.parser.body = body
	switch media {
	case "application/x-ndjson", "application/ndjson", "application/jsonl", "application/x-jsonlines":
		return r.lines(body)
	case "application/cloudevents", "application/cloudevents+json":
		return r.document(r.cloudEvent)
	case "application/cloudevents-batch", "application/cloudevents-batch+json":
		r.parser.space()
		if c := r.parser.peek(); c != '[' && c != 0 {
			return invalid("", "a CloudEvents batch is a list")
		}
		return r.document(r.cloudEvent)
	}
	if format, ok := strings.CutPrefix(media, "application/cloudevents"); ok {
		return invalid("", "CloudEvents in the format %q are not read: send application/cloudevents+json", clip(format))
	}
	// Any other type is taken for JSON: curl -d calls it a form.
	return r.document(r.event)
}

func mediaType(contentType string) string {
	if contentType == "" || contentType == "application/json" {
		return contentType
	}
	media, _, err := mime.ParseMediaType(contentType)
	if err != nil {
		media, _, _ = strings.Cut(contentType, ";")
		media = strings.ToLower(strings.TrimSpace(media))
	}
	return media
}

func invalid(pointer, format string, args ...any) error {
	return fault.InvalidInput("body", note(nil, pointer, format, args...))
}

// clean takes off a byte order mark and refuses what is not UTF-8.
func clean(body []byte) ([]byte, error) {
	body = bytes.TrimPrefix(body, []byte("\xef\xbb\xbf"))
	switch {
	case len(bytes.TrimSpace(body)) == 0:
		return nil, invalid("", `is empty: send an event such as {"title": "pricing 1.42.0 to production", "service": "pricing"}`)
	case len(body) > 1 && (body[0] == 0 || body[1] == 0 || body[0] == 0xff && body[1] == 0xfe || body[0] == 0xfe && body[1] == 0xff):
		return nil, invalid("", "is UTF-16 or UTF-32: send JSON as UTF-8")
	case len(body) > 1 && body[0] == 0x1f && body[1] == 0x8b:
		return nil, invalid("", "is compressed: send it as it is, or name the compression in Content-Encoding")
	}
	if !utf8.Valid(body) {
		p := parser{body: body}
		for p.at < len(body) {
			r, size := utf8.DecodeRune(body[p.at:])
			if r == utf8.RuneError && size == 1 {
				break
			}
			p.at += size
		}
		return nil, p.fault("", p.wrong("the byte 0x%02X is not UTF-8", body[p.at]))
	}
	return body, nil
}

// fault makes a syntax error one that a caller understands.
func (p *parser) fault(pointer string, err error) error { return invalid(pointer, "%v", err) }

// document reads one JSON text: an event, a list of events, or an object that holds such a list.
func (r *reader) document(read func(*value, string)) error {
	p := &r.parser
	p.space()
	if p.peek() == '[' {
		return r.list(read)
	}
	v, err := p.value(0)
	if err == nil {
		err = p.end()
	}
	if err != nil {
		return p.fault("", err)
	}
	r.contradictions(p, &v, "")
	events := v.get("events")
	if events.kind == null || v.get("specversion").kind != null {
		read(&v, "")
		return nil
	}
	for i := range v.items {
		if m := &v.items[i]; m.name != "events" && m.kind != null {
			r.warn("/"+escape(m.name), "stands beside the list of events and is not read: put it into each event")
		}
	}
	switch {
	case events.kind != list:
		return invalid("/events", "is %s: a list of events is wanted", events.kind)
	case len(events.items) == 0:
		return invalid("/events", "holds no event")
	case len(events.items) > MaxEvents:
		return tooMany(MaxEvents, "or send a plain list or NDJSON, which may hold 10,000")
	}
	r.batch.Events = make([]change.Event, 0, len(events.items))
	for i := range events.items {
		read(&events.items[i], "/events/"+strconv.Itoa(i))
	}
	return nil
}

func tooMany(bound int, hint string) error {
	return fault.New(fault.TooLarge, "more than %d events in one request: split it, %s", bound, hint)
}

// list reads a list event by event, so that a long one needs no more room than its longest event.
func (r *reader) list(read func(*value, string)) error {
	p := &r.parser
	p.at++
	for i := 0; ; i++ {
		p.space()
		if p.peek() == ']' && i == 0 {
			p.at++
			if err := p.end(); err != nil {
				return p.fault("", err)
			}
			return invalid("", "holds no event")
		}
		if i == MaxStream {
			return tooMany(MaxStream, "such as 1,000 at a time")
		}
		p.reset()
		v, err := p.value(1)
		if err != nil {
			return p.fault("/"+strconv.Itoa(i), err)
		}
		pointer := "/" + strconv.Itoa(i)
		r.contradictions(p, &v, pointer)
		read(&v, pointer)
		p.space()
		switch p.peek() {
		case ',':
			p.at++
			p.space()
			if p.peek() == ']' {
				return p.fault("", p.wrong("there is a comma too many before ']'"))
			}
		case ']':
			p.at++
			if err := p.end(); err != nil {
				return p.fault("", err)
			}
			return nil
		default:
			return p.fault("", p.unexpected("',' or ']'"))
		}
	}
}

// lines reads NDJSON: one event a line; a line that is not JSON does not hide the faults of the others.
func (r *reader) lines(body []byte) error {
	p := &r.parser
	base, count := 0, 0
	for number := 0; base < len(body); number++ {
		line, _, _ := bytes.Cut(body[base:], []byte("\n"))
		if len(bytes.TrimSpace(line)) > 0 {
			if count == MaxStream {
				return tooMany(MaxStream, "such as 1,000 at a time")
			}
			p.reset()
			p.stack = p.stack[:0]
			p.body, p.at, p.line, p.base = line, 0, number, base
			pointer := "/" + strconv.Itoa(count)
			count++
			v, err := p.value(0)
			if err == nil {
				err = p.end()
			}
			if err != nil {
				r.fault(pointer, "%v", err)
			} else {
				r.contradictions(p, &v, pointer)
				r.event(&v, pointer)
			}
		}
		base += len(line) + 1
	}
	return nil
}

// contradictions names the members that an object has twice with different values.
func (r *reader) contradictions(p *parser, v *value, pointer string) {
	if !p.twice {
		return
	}
	seen := make(map[string]bool, len(v.items))
	for i := range v.items {
		m := &v.items[i]
		at := pointer + "/" + strconv.Itoa(i)
		if v.kind == object {
			at = pointer + "/" + escape(m.name)
			if seen[m.name] {
				r.fault(at, "comes twice, with different values")
			}
			seen[m.name] = true
		}
		r.contradictions(p, m, at)
	}
}

// event reads one item of a body that does not say what it is.
func (r *reader) event(v *value, pointer string) {
	switch {
	case v.kind != object:
		r.fault(pointer, "is %s: an event is wanted, such as {\"title\": \"pricing 1.42.0 to production\", \"service\": \"pricing\"}", v.kind)
	case v.get("specversion").kind == text && v.get("source").kind == text:
		r.cloudEvent(v, pointer)
	case strings.HasPrefix(v.at("context", "type").text, cdeventsPrefix):
		r.cdEvent(v, pointer)
	default:
		r.native(v, pointer)
	}
}
