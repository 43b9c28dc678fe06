package change

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"tidings.dev/tidings/internal/jsontext"
)

// AppendDocument writes an event as the store keeps it: the JSON that Event's tags say, without what is empty, and
// without its thread, which changes by itself. It is written and read by hand because a page of the feed reads fifty.
func (e *Event) AppendDocument(b []byte) []byte {
	o := jsontext.Object{B: b}
	o.Key("id")
	o.B = appendID(o.B, e.ID)
	o.Text("source", e.Source)
	o.Text("key", e.Key)
	o.Text("kind", e.Kind)
	if e.Guessed {
		o.Bool("guessed", true)
	}
	o.Text("phase", string(e.Phase))
	o.Text("title", e.Title)
	o.Text("detail", e.Detail)
	jsontext.Many(&o, "subjects", e.Subjects, func(b []byte, s *Subject) []byte {
		o := jsontext.Object{B: b}
		o.Text("name", s.Name)
		if s.Entity != 0 {
			o.Key("entity")
			o.B = strconv.AppendInt(o.B, s.Entity, 10)
		}
		o.Text("outside", s.Outside)
		return o.End()
	})
	o.Text("environment", e.Environment)
	o.Text("region", e.Region)
	o.Text("cluster", e.Cluster)
	o.Key("actor")
	o.B = e.Actor.append(o.B)
	o.Time("started_at", e.StartedAt)
	o.Time("ended_at", e.EndedAt)
	o.Time("received_at", e.ReceivedAt)
	e.appendContent(&o)
	o.Text("story", e.Story)
	if e.Dark {
		o.Bool("dark", true)
	}
	e.appendHistory(&o)
	o.Time("said_at", e.SaidAt)
	o.Map("said", e.Said)
	if len(e.Joins) > 0 {
		o.Key("joins")
		o.B = jsontext.List(o.B, e.Joins, func(b []byte, join *string) []byte { return jsontext.AppendText(b, *join) })
	}
	e.appendRedacted(&o)
	o.Text("recorded_by", e.RecordedBy)
	return o.End()
}

// AppendPublic writes what of an event is everyone's to see: its document, but for what only the store needs, with the
// class of its kind and the id of its story.
func (e *Event) AppendPublic(b []byte) []byte {
	kind, _ := KindNamed(e.Kind)
	o := jsontext.Object{B: b}
	o.Key("id")
	o.B = appendID(o.B, e.ID)
	for _, text := range [...]struct{ name, value string }{{"source", e.Source}, {"key", e.Key}, {"kind", e.Kind}} {
		o.Key(text.name)
		o.B = jsontext.AppendText(o.B, text.value)
	}
	o.Text("class", string(kind.Class))
	o.Key("phase")
	o.B = jsontext.AppendText(o.B, string(e.Phase))
	o.Key("title")
	o.B = jsontext.AppendText(o.B, e.Title)
	o.Text("detail", e.Detail)
	o.Key("subjects")
	o.B = jsontext.List(o.B, e.Subjects, func(b []byte, s *Subject) []byte { return jsontext.AppendText(b, s.Name) })
	o.Text("environment", e.Environment)
	o.Text("region", e.Region)
	o.Text("cluster", e.Cluster)
	o.Key("actor")
	o.B = e.Actor.append(o.B)
	o.Key("started_at")
	o.B = jsontext.AppendTime(o.B, e.StartedAt)
	o.Time("ended_at", e.EndedAt)
	o.Key("received_at")
	o.B = jsontext.AppendTime(o.B, e.ReceivedAt)
	e.appendContent(&o)
	o.Text("story", e.Story)
	if e.Thread != uuid.Nil {
		o.Key("story_id")
		o.B = appendID(o.B, e.Thread)
	}
	if e.Dark {
		o.Bool("dark", true)
	}
	e.appendHistory(&o)
	o.Text("recorded_by", e.RecordedBy)
	e.appendRedacted(&o)
	return o.End()
}

func (e *Event) appendRedacted(o *jsontext.Object) {
	if len(e.Redacted) > 0 {
		o.Key("redacted")
		o.B = jsontext.List(o.B, e.Redacted, func(b []byte, field *string) []byte { return jsontext.AppendText(b, *field) })
	}
}

func appendID(b []byte, id uuid.UUID) []byte {
	var text [36]byte
	copied, _ := id.MarshalText() // it never fails
	copy(text[:], copied)
	return append(append(append(b, '"'), text[:]...), '"')
}

func (a *Actor) append(b []byte) []byte {
	o := jsontext.Object{B: b}
	o.Key("type")
	o.B = jsontext.AppendText(o.B, string(a.Type))
	o.Text("name", a.Name)
	o.Text("via", a.Via)
	return o.End()
}

// appendContent writes the members from the version to the labels, which the document and the public form share.
func (e *Event) appendContent(o *jsontext.Object) {
	o.Text("version", e.Version)
	o.Text("previous", e.Previous)
	o.Text("commit", e.Commit)
	jsontext.Many(o, "diff", e.Diff, func(b []byte, d *Diff) []byte {
		o := jsontext.Object{B: b}
		o.Key("field")
		o.B = jsontext.AppendText(o.B, d.Field)
		o.Text("old", d.Old)
		o.Text("new", d.New)
		return o.End()
	})
	if e.Exposure != nil {
		o.Key("exposure")
		o.B = strconv.AppendFloat(o.B, *e.Exposure, 'g', -1, 64)
	}
	jsontext.Many(o, "links", e.Links, func(b []byte, l *Link) []byte {
		o := jsontext.Object{B: b}
		o.Text("type", l.Type)
		o.Text("title", l.Title)
		o.Key("url")
		o.B = jsontext.AppendText(o.B, l.URL)
		return o.End()
	})
	o.Map("labels", e.Labels)
}

func (e *Event) appendHistory(o *jsontext.Object) {
	jsontext.Many(o, "history", e.History, func(b []byte, h *PhaseChange) []byte {
		o := jsontext.Object{B: b}
		o.Text("phase", string(h.Phase))
		o.Key("at")
		o.B = jsontext.AppendTime(o.B, h.At)
		o.Key("received_at")
		o.B = jsontext.AppendTime(o.B, h.ReceivedAt)
		return o.End()
	})
	jsontext.Many(o, "ramp", e.Ramp, func(b []byte, x *Exposed) []byte {
		o := jsontext.Object{B: b}
		o.Key("exposure")
		o.B = strconv.AppendFloat(o.B, x.Exposure, 'g', -1, 64)
		o.Key("at")
		o.B = jsontext.AppendTime(o.B, x.At)
		return o.End()
	})
}

// ReadDocument reads what AppendDocument wrote. The event's texts share the document's memory. Other JSON of an event, with
// spaces or members in another form, is read as well, though slower.
func (e *Event) ReadDocument(document string) error {
	r := documentReader{text: document}
	*e = Event{}
	if readObject(&r, e, (*documentReader).event) && r.at == len(document) {
		return nil
	}
	*e = Event{}
	if err := json.Unmarshal([]byte(document), e); err != nil {
		return fmt.Errorf("read an event's document: %w", err)
	}
	return nil
}

// EntitiesIn are the ids of the entities that the event of a document is about. It reads no further than it has to: of the log
// most is passed by.
func EntitiesIn(document string) ([]int64, error) {
	r := documentReader{text: document}
	var e Event
	read := false
	whole := readObject(&r, &e, func(r *documentReader, e *Event, name string) bool {
		known := r.event(e, name)
		read = known && name == "subjects"
		return known && !read
	})
	if !whole && !read {
		if err := e.ReadDocument(document); err != nil {
			return nil, err
		}
	}
	var ids []int64
	for _, subject := range e.Subjects {
		if subject.Entity != 0 {
			ids = append(ids, subject.Entity)
		}
	}
	return ids, nil
}

// documentReader reads compact JSON of known members. Each method reports false for what it does not expect.
type documentReader struct {
	text string
	at   int
}

func (r *documentReader) event(e *Event, name string) bool {
	switch name {
	case "id":
		return r.id(&e.ID)
	case "source":
		return r.string(&e.Source)
	case "key":
		return r.string(&e.Key)
	case "kind":
		return r.string(&e.Kind)
	case "guessed":
		return r.yes(&e.Guessed)
	case "phase":
		return r.string((*string)(&e.Phase))
	case "title":
		return r.string(&e.Title)
	case "detail":
		return r.string(&e.Detail)
	case "subjects":
		return readList(r, &e.Subjects, (*documentReader).subject)
	case "environment":
		return r.string(&e.Environment)
	case "region":
		return r.string(&e.Region)
	case "cluster":
		return r.string(&e.Cluster)
	case "actor":
		return readObject(r, &e.Actor, (*documentReader).actor)
	case "started_at":
		return r.time(&e.StartedAt)
	case "ended_at":
		return r.time(&e.EndedAt)
	case "received_at":
		return r.time(&e.ReceivedAt)
	}
	return r.content(e, name)
}

func (r *documentReader) content(e *Event, name string) bool {
	switch name {
	case "version":
		return r.string(&e.Version)
	case "previous":
		return r.string(&e.Previous)
	case "commit":
		return r.string(&e.Commit)
	case "diff":
		return readList(r, &e.Diff, (*documentReader).diff)
	case "exposure":
		return r.number(&e.Exposure)
	case "links":
		return readList(r, &e.Links, (*documentReader).link)
	case "labels":
		e.Labels = make(map[string]string, 4)
		return readObject(r, &e.Labels, (*documentReader).label)
	case "story":
		return r.string(&e.Story)
	case "dark":
		return r.yes(&e.Dark)
	case "history":
		return readList(r, &e.History, (*documentReader).phaseChange)
	case "ramp":
		return readList(r, &e.Ramp, (*documentReader).exposed)
	case "said_at":
		return r.time(&e.SaidAt)
	case "said":
		e.Said = make(map[string]string, 4)
		return readObject(r, &e.Said, (*documentReader).label)
	case "joins":
		return r.texts(&e.Joins)
	case "redacted":
		return r.texts(&e.Redacted)
	case "recorded_by":
		return r.string(&e.RecordedBy)
	}
	return false
}

func (r *documentReader) texts(list *[]string) bool {
	if !r.eat('[') {
		return false
	}
	for !r.eat(']') {
		if len(*list) > 0 && !r.eat(',') {
			return false
		}
		var text string
		if !r.string(&text) {
			return false
		}
		*list = append(*list, text)
	}
	return true
}

func (r *documentReader) subject(s *Subject, name string) bool {
	switch name {
	case "name":
		return r.string(&s.Name)
	case "entity":
		return r.int(&s.Entity)
	case "outside":
		return r.string(&s.Outside)
	}
	return false
}

func (r *documentReader) actor(a *Actor, name string) bool {
	switch name {
	case "type":
		return r.string((*string)(&a.Type))
	case "name":
		return r.string(&a.Name)
	case "via":
		return r.string(&a.Via)
	}
	return false
}

func (r *documentReader) label(labels *map[string]string, name string) bool {
	var value string
	ok := r.string(&value)
	(*labels)[name] = value
	return ok
}

func (r *documentReader) diff(d *Diff, name string) bool {
	switch name {
	case "field":
		return r.string(&d.Field)
	case "old":
		return r.string(&d.Old)
	case "new":
		return r.string(&d.New)
	}
	return false
}

func (r *documentReader) link(l *Link, name string) bool {
	switch name {
	case "type":
		return r.string(&l.Type)
	case "title":
		return r.string(&l.Title)
	case "url":
		return r.string(&l.URL)
	}
	return false
}

func (r *documentReader) phaseChange(h *PhaseChange, name string) bool {
	switch name {
	case "phase":
		return r.string((*string)(&h.Phase))
	case "at":
		return r.time(&h.At)
	case "received_at":
		return r.time(&h.ReceivedAt)
	}
	return false
}

func (r *documentReader) exposed(x *Exposed, name string) bool {
	switch name {
	case "exposure":
		var percent *float64
		ok := r.number(&percent)
		if ok {
			x.Exposure = *percent
		}
		return ok
	case "at":
		return r.time(&x.At)
	}
	return false
}

func (r *documentReader) eat(c byte) bool {
	if r.at < len(r.text) && r.text[r.at] == c {
		r.at++
		return true
	}
	return false
}

// readObject gives each member of an object to a function, which is a method, so that nothing is allocated for it.
func readObject[T any](r *documentReader, into *T, member func(*documentReader, *T, string) bool) bool {
	if !r.eat('{') {
		return false
	}
	for first := true; !r.eat('}'); first = false {
		if !first && !r.eat(',') {
			return false
		}
		var name string
		if !r.string(&name) || !r.eat(':') || !member(r, into, name) {
			return false
		}
	}
	return true
}

func readList[T any](r *documentReader, list *[]T, member func(*documentReader, *T, string) bool) bool {
	if !r.eat('[') {
		return false
	}
	items := make([]T, 0, 1)
	for !r.eat(']') {
		if len(items) > 0 && !r.eat(',') {
			return false
		}
		var one T
		if !readObject(r, &one, member) {
			return false
		}
		items = append(items, one)
	}
	*list = items
	return true
}

// string reads a text; one without escapes is a part of the document.
func (r *documentReader) string(s *string) bool {
	if !r.eat('"') {
		return false
	}
	end := strings.IndexByte(r.text[r.at:], '"')
	if end < 0 {
		return false
	}
	text := r.text[r.at : r.at+end]
	if strings.IndexByte(text, '\\') < 0 {
		*s = text
		r.at += end + 1
		return true
	}
	return r.escaped(s)
}

// escaped reads a text with escapes; the rare ones by number are left to encoding/json.
func (r *documentReader) escaped(s *string) bool {
	start := r.at
	var text strings.Builder
	for from := r.at; ; {
		n := strings.IndexAny(r.text[r.at:], `"\\`)
		if n < 0 || r.at+n+1 >= len(r.text) {
			return false
		}
		r.at += n + 1
		text.WriteString(r.text[from : r.at-1])
		if r.text[r.at-1] == '"' {
			*s = text.String()
			return true
		}
		switch c := r.text[r.at]; c {
		case '"', '\\', '/':
			text.WriteByte(c)
		case 'n':
			text.WriteByte('\n')
		case 'r':
			text.WriteByte('\r')
		case 't':
			text.WriteByte('\t')
		default:
			r.at = start
			return r.numbered(s)
		}
		r.at++
		from = r.at
	}
}

func (r *documentReader) numbered(s *string) bool {
	for from := r.at - 1; r.at < len(r.text); r.at++ {
		switch r.text[r.at] {
		case '\\':
			r.at++
		case '"':
			r.at++
			var text string
			err := json.Unmarshal([]byte(r.text[from:r.at]), &text)
			*s = text // the place itself stays off the heap
			return err == nil
		}
	}
	return false
}

func (r *documentReader) id(id *uuid.UUID) bool {
	var text string
	if !r.string(&text) {
		return false
	}
	parsed, err := uuid.Parse(text)
	*id = parsed
	return err == nil
}

func (r *documentReader) yes(b *bool) bool {
	*b = strings.HasPrefix(r.text[r.at:], "true")
	r.at += len("true")
	return *b
}

// digits is the number that comes next.
func (r *documentReader) digits() string {
	from := r.at
	for r.at < len(r.text) && strings.IndexByte("+-.0123456789Ee", r.text[r.at]) >= 0 {
		r.at++
	}
	return r.text[from:r.at]
}

func (r *documentReader) int(n *int64) bool {
	var err error
	*n, err = strconv.ParseInt(r.digits(), 10, 64)
	return err == nil
}

func (r *documentReader) number(n **float64) bool {
	x, err := strconv.ParseFloat(r.digits(), 64)
	*n = &x
	return err == nil
}

// time reads RFC 3339 in UTC; time.Parse would look for every other form first.
func (r *documentReader) time(at *time.Time) bool {
	var text string
	if !r.string(&text) || len(text) < len("2006-01-02T15:04:05Z") || text[len(text)-1] != 'Z' ||
		text[4] != '-' || text[7] != '-' || text[10] != 'T' || text[13] != ':' || text[16] != ':' {
		return false
	}
	var n [6]int
	for i, part := range [...]string{text[:4], text[5:7], text[8:10], text[11:13], text[14:16], text[17:19]} {
		for j := range len(part) {
			if part[j] < '0' || part[j] > '9' {
				return false
			}
			n[i] = n[i]*10 + int(part[j]-'0')
		}
	}
	nanos := 0
	if fraction := text[19 : len(text)-1]; fraction != "" {
		if fraction[0] != '.' || len(fraction) < 2 || len(fraction) > 10 {
			return false
		}
		for i := range 9 {
			nanos *= 10
			if i+1 < len(fraction) {
				if fraction[i+1] < '0' || fraction[i+1] > '9' {
					return false
				}
				nanos += int(fraction[i+1] - '0')
			}
		}
	}
	if n[1] < 1 || n[1] > 12 || n[2] < 1 || n[2] > 28 && n[2] > daysIn(n[0], n[1]) || n[3] > 23 || n[4] > 59 || n[5] > 59 {
		return false
	}
	*at = time.Date(n[0], time.Month(n[1]), n[2], n[3], n[4], n[5], nanos, time.UTC)
	return true
}

func daysIn(year, month int) int {
	return time.Date(year, time.Month(month)+1, 0, 0, 0, 0, 0, time.UTC).Day()
}
