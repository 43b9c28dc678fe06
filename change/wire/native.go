package wire

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"tidings.dev/tidings/catalog"
	"tidings.dev/tidings/change"
	"tidings.dev/tidings/fault"
)

// draft is an event that is being read.
type draft struct {
	*reader
	event   *change.Event
	body    *value // the object that is read
	pointer string // of body
	// foreign marks data of other tools, whose kind, type or state need not be meant in our sense.
	foreign bool
	// where says which part of the body a field was taken from, if it is not a member of body by one of its names.
	where [fieldCount]string
	seen  [fieldCount]*value
	bad   [fieldCount]bool
	id    *value // the member "id", which names the event only when nothing else does
	links []place
	words string // of the phase, as sent
}

// place is where a link was: an index of a list, or -1 for the member itself.
type place struct {
	member *value
	index  int
}

// native reads an object whose members are the fields of an event.
func (r *reader) native(v *value, pointer string) {
	d := r.draft(v, pointer)
	d.members()
	d.finish()
}

func (r *reader) draft(v *value, pointer string) *draft {
	r.batch.Events = append(r.batch.Events, change.Event{})
	r.batch.Pointers = append(r.batch.Pointers, pointer)
	return &draft{reader: r, event: &r.batch.Events[len(r.batch.Events)-1], body: v, pointer: pointer}
}

func (d *draft) members() {
	unknown := 0
	for i := range d.body.items {
		m := &d.body.items[i]
		switch {
		case m.kind == null:
		case m.field == 0 || d.strange(m):
			unknown++
		default:
			d.member(m)
		}
	}
	d.ownID()
	if unknown > 0 {
		d.unknown()
	}
}

// strange reports whether a member of another tool's data has the name of a field but not its meaning.
func (d *draft) strange(m *value) bool {
	switch {
	case !d.foreign:
		return false
	case m.field == fieldKind && m.name != "kind":
		_, ok := change.KindNamed(m.text)
		return !ok
	case m.field == fieldPhase && m.name != "phase":
		return phaseOf(m.text, true) == ""
	default:
		return m.field == fieldKey && m.name == "id"
	}
}

func (d *draft) member(m *value) {
	e := d.event
	switch m.field {
	case fieldTitle:
		d.text(m, &e.Title)
	case fieldDetail:
		d.text(m, &e.Detail)
	case fieldVersion:
		d.text(m, &e.Version)
	case fieldPrevious:
		d.text(m, &e.Previous)
	case fieldCommit:
		d.text(m, &e.Commit)
	case fieldEnvironment:
		d.text(m, &e.Environment)
	case fieldRegion:
		d.text(m, &e.Region)
	case fieldCluster:
		d.text(m, &e.Cluster)
	case fieldSource:
		d.text(m, &e.Source)
	case fieldStory:
		d.text(m, &e.Story)
	case fieldKey:
		if m.name == "id" {
			d.id = m
			return
		}
		d.text(m, &e.Key)
	case fieldKind:
		d.kind(m)
	case fieldPhase:
		d.phase(m)
	case fieldSubjects:
		d.subjects(m)
	case fieldActor:
		d.actor(m)
	case fieldStarted:
		d.time(m, &e.StartedAt)
	case fieldEnded:
		d.time(m, &e.EndedAt)
	case fieldExposure:
		d.exposure(m)
	case fieldDiff:
		d.diff(m)
	case fieldLinks:
		d.link(m, m, -1)
	case fieldLabels:
		d.labels(m)
	}
}

// ownID takes "id" for the key. The public JSON of an event has both: there the id is ours, a UUID.
func (d *draft) ownID() {
	if d.id == nil {
		return
	}
	if _, err := uuid.Parse(d.id.text); err == nil && d.seen[fieldKey] != nil {
		return
	}
	d.text(d.id, &d.event.Key)
}

// wrong notes a fault of a member.
func (d *draft) wrong(m *value, format string, args ...any) {
	d.bad[m.field] = true
	d.fault(d.pointer+"/"+escape(m.name), format, args...)
}

// first reports whether a member is the first to give its field; a second one must say the same.
func (d *draft) first(m *value, same bool) bool {
	before := d.seen[m.field]
	if before == nil {
		d.seen[m.field] = m
		return true
	}
	// The same name twice is reported for all objects alike.
	if !same && before.name != m.name {
		d.wrong(m, "%s and %s are two names of %s, with different values: send one of them", before.name, m.name, m.field)
	}
	return false
}

func (d *draft) text(m *value, to *string) {
	if m.kind != text && m.kind != number {
		d.wrong(m, "is %s: text is wanted", m.kind)
		return
	}
	if s := strings.TrimSpace(m.text); s != "" && d.first(m, s == strings.TrimSpace(*to)) {
		*to = m.text
	}
}

func (d *draft) kind(m *value) {
	before := d.event.Kind
	if m.kind == text {
		a, known := change.KindNamed(before)
		b, _ := change.KindNamed(m.text)
		if known && a.Name == b.Name {
			return
		}
	}
	d.text(m, &d.event.Kind)
}

func (d *draft) phase(m *value) {
	word, ok := m.scalar()
	if !ok {
		d.wrong(m, "is %s: text is wanted", m.kind)
		return
	}
	if word = strings.TrimSpace(word); word != "" && d.first(m, phaseOf(word, true) == phaseOf(d.words, true)) {
		d.words = word
	}
}

// phaseOf translates another tool's word; empty for an unknown one.
func phaseOf(word string, signal bool) change.Phase {
	word = strings.ToLower(word)
	if phase, ok := phaseWords[word]; ok {
		return change.Phase(phase)
	}
	if signal {
		return change.Phase(signalWords[word])
	}
	return ""
}

func (d *draft) subjects(m *value) {
	var found []change.Subject
	entries := m.items
	if m.kind != list {
		entries = []value{*m}
	}
	found = make([]change.Subject, 0, len(entries))
	for i := range entries {
		name, ok := subjectName(&entries[i])
		if !ok {
			pointer := d.pointer + "/" + m.name
			if m.kind == list {
				pointer += "/" + strconv.Itoa(i)
			}
			d.fault(pointer, "is %s: a name is wanted, such as service:pricing or just pricing", entries[i].kind)
			name = "unreadable:" // keeps the others at their places, so that their faults are told too
		}
		if m.kind == list || strings.TrimSpace(name) != "" {
			found = append(found, change.Subject{Name: name})
		}
	}
	if len(found) > 0 && d.first(m, sameSubjects(found, d.event.Subjects)) {
		d.event.Subjects = found
	}
}

// subjectName reads "kind:name", a bare name, or {name, kind}.
func subjectName(v *value) (string, bool) {
	if v.kind != object {
		return v.text, v.kind == text || v.kind == number
	}
	name := v.get("name").text
	if kind := cmp.Or(v.get("kind").text, v.get("type").text); kind != "" && name != "" && !strings.Contains(name, ":") {
		name = kind + ":" + name
	}
	return name, name != ""
}

func sameSubjects(a, b []change.Subject) bool {
	set := func(subjects []change.Subject) map[string]bool {
		names := make(map[string]bool, len(subjects))
		for _, subject := range subjects {
			names[strings.TrimPrefix(strings.ToLower(strings.TrimSpace(subject.Name)), "service:")] = true
		}
		return names
	}
	return len(b) > 0 && maps.Equal(set(a), set(b))
}

func (d *draft) actor(m *value) {
	who, ok := readActor(m)
	if !ok {
		d.wrong(m, "is %s: a name is wanted, or {\"type\", \"name\", \"via\"}", m.kind)
		return
	}
	if who != (change.Actor{}) && d.first(m, who == d.event.Actor) {
		d.event.Actor = who
	}
}

// readActor reads a bare name or an object. Who is not said to be a person is never taken for one.
func readActor(m *value) (change.Actor, bool) {
	var who change.Actor
	switch m.kind {
	case text, number:
		who.Name = m.text
	case object:
		for i := range m.items {
			member := &m.items[i]
			if member.kind != text && member.kind != number {
				continue
			}
			switch member.name {
			case "name":
				who.Name = member.text
			case "login", "email", "username", "display_name", "displayName", "id":
				who.Name = cmp.Or(who.Name, member.text)
			case "type":
				who.Type = change.ActorType(member.text)
			case "via":
				who.Via = member.text
			}
		}
		if strings.EqualFold(string(who.Type), "api") {
			who.Type = change.ByAutomation // Datadog's word
		}
	default:
		return who, false
	}
	name := strings.ToLower(strings.TrimSpace(who.Name))
	if who.Type == "" && (strings.HasSuffix(name, "[bot]") || strings.HasPrefix(name, "svc-")) {
		who.Type = change.ByAutomation
	}
	return who, true
}

func (d *draft) time(m *value, to *time.Time) {
	if m.kind != text && m.kind != number {
		d.wrong(m, "is %s: a time is wanted", m.kind)
		return
	}
	if strings.TrimSpace(m.text) == "" {
		return
	}
	unit := time.Duration(0)
	if m.name == "timestamp_milliseconds" {
		unit = time.Millisecond
	}
	at, err := parseTime(m.text, unit)
	if err != nil {
		d.wrong(m, "%q %v", clip(m.text), err)
		return
	}
	if at.IsZero() {
		return // Grafana and Alertmanager write year 1 for "not yet"
	}
	if d.first(m, at.Truncate(time.Microsecond).Equal(to.Truncate(time.Microsecond))) {
		*to = at
	}
}

func (d *draft) exposure(m *value) {
	if m.kind != text && m.kind != number {
		d.wrong(m, "is %s: a number from 0 to 100 is wanted", m.kind)
		return
	}
	percent, err := strconv.ParseFloat(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(m.text), "%")), 64)
	if err != nil {
		d.wrong(m, "%q is not a number from 0 to 100", clip(m.text))
		return
	}
	if d.first(m, d.event.Exposure != nil && *d.event.Exposure == percent) {
		d.event.Exposure = &percent
	}
}

func (d *draft) diff(m *value) {
	if m.kind != list {
		d.wrong(m, "is %s: a list of {\"field\", \"old\", \"new\"} is wanted", m.kind)
		return
	}
	if !d.first(m, true) {
		return
	}
	d.event.Diff = make([]change.Diff, 0, len(m.items))
	for i := range m.items {
		entry := &m.items[i]
		if entry.kind != object {
			d.fault(fmt.Sprintf("%s/diff/%d", d.pointer, i), "is %s: {\"field\", \"old\", \"new\"} is wanted", entry.kind)
		}
		var line change.Diff
		for j := range entry.items {
			switch side := &entry.items[j]; side.name {
			case "field", "path", "name":
				line.Field = side.plain()
			case "old", "from", "before":
				line.Old = side.plain()
			case "new", "to", "after":
				line.New = side.plain()
			}
		}
		d.event.Diff = append(d.event.Diff, line)
	}
}

// link reads an address, {title, url}, or a list of them.
func (d *draft) link(m, v *value, index int) {
	var link change.Link
	switch v.kind {
	case list:
		if index < 0 {
			d.event.Links = slices.Grow(d.event.Links, len(v.items))
			for i := range v.items {
				d.link(m, &v.items[i], i)
			}
			return
		}
		fallthrough
	default:
		pointer := d.pointer + "/" + m.name
		if index >= 0 {
			pointer += "/" + strconv.Itoa(index)
		}
		d.fault(pointer, "is %s: an address is wanted, or {\"type\", \"title\", \"url\"}", v.kind)
		return
	case text:
		link.URL = v.text
		if strings.TrimSpace(v.text) == "" {
			return
		}
	case object:
		link.URL = cmp.Or(v.get("url").text, v.get("href").text)
		link.Title = cmp.Or(v.get("title").text, v.get("text").text, v.get("name").text)
		link.Type = cmp.Or(v.get("type").text, v.get("level").text)
	}
	if before := d.seen[fieldLinks]; before != nil && before != m && len(d.event.Links) <= change.MaxLinks &&
		slices.ContainsFunc(d.event.Links, func(l change.Link) bool { return l.URL == link.URL }) {
		return
	}
	d.seen[fieldLinks] = m
	d.event.Links = append(d.event.Links, link)
	d.links = append(d.links, place{m, index})
}

func (d *draft) labels(m *value) {
	d.seen[fieldLabels] = m
	switch m.kind {
	case object:
		for i := range m.items {
			if entry := &m.items[i]; entry.kind != null && !d.label(entry.name, entry.plain()) {
				d.fault(d.pointer+"/"+m.name+"/"+escape(entry.name), "differs from the same label elsewhere in the event")
			}
		}
	case list:
		for i := range m.items {
			entry := &m.items[i]
			key, value, _ := strings.Cut(entry.text, ":")
			if entry.kind == object {
				key, value = cmp.Or(entry.get("key").text, entry.get("name").text), entry.get("value").plain()
			}
			if strings.TrimSpace(key) == "" {
				d.fault(fmt.Sprintf("%s/%s/%d", d.pointer, m.name, i), "is not a label: \"key:value\" is wanted, or {\"key\", \"value\"}")
				continue
			}
			// Datadog's lists may give a key several values.
			if key, value = strings.TrimSpace(key), strings.TrimSpace(value); !d.label(key, value) {
				d.event.Labels[key] += "," + value
			}
		}
	default:
		d.wrong(m, "is %s: {\"key\": \"value\"} is wanted, or [\"key:value\"]", m.kind)
	}
}

// label sets a label unless it has another value.
func (d *draft) label(key, value string) bool {
	if before, ok := d.event.Labels[key]; ok {
		return before == value
	}
	if d.event.Labels == nil {
		d.event.Labels = map[string]string{}
	}
	d.event.Labels[key] = value
	return true
}

// unknown keeps members that are no field as labels, where they fit, and warns of them, so that a typo is seen.
func (d *draft) unknown() {
	exported := d.body.get("received_at").kind != null && d.seen[fieldKey] != nil && d.id != nil
	for i := range d.body.items {
		m := &d.body.items[i]
		if m.kind == null || (m.field != 0 && !d.strange(m)) || (exported && answered[m.name]) {
			continue
		}
		if d.foreign && m.name == "id" {
			continue // the envelope's id stands for it
		}
		pointer := d.pointer + "/" + escape(m.name)
		key, value := strings.TrimSpace(m.name), m.plain()
		switch {
		case secretive(m):
			d.warn(pointer, "is not a field of an event and looks like a secret: it is not kept")
		case key == "" || len(key) > change.MaxText || strings.ContainsFunc(key, control) || len(value) > change.MaxValue || len(d.event.Labels) >= change.MaxLabels:
			d.warn(pointer, "is not a field of an event and too much for a label: it is not kept")
		case !d.label(key, value):
			d.warn(pointer, "is not a field of an event and a label of this name is there already: it is not kept")
		case !d.foreign:
			d.warn(pointer, "is not a field of an event: it is kept as a label")
		}
	}
}

func control(r rune) bool { return r < ' ' || (r >= 0x7f && r < 0xa0) }

// secretive reports whether a member, or one within it, is named like a secret.
func secretive(v *value) bool {
	name := strings.ToLower(separators.Replace(v.name))
	for _, word := range [...]string{"password", "passwd", "secret", "token", "apikey", "privatekey", "credential", "authorization", "cookie", "accesskey"} {
		if strings.Contains(name, word) {
			return true
		}
	}
	return slices.ContainsFunc(v.items, func(m value) bool { return secretive(&m) })
}

var separators = strings.NewReplacer("-", "", "_", "", " ", "")

// finish applies the rules of the log and points every fault into what was sent.
func (d *draft) finish() {
	e := d.event
	kind, _ := change.KindNamed(e.Kind)
	if d.words != "" {
		e.Phase = cmp.Or(phaseOf(d.words, kind.Class == change.ClassSignal), change.Phase(d.words))
	}
	names := d.names()
	for _, f := range append(e.Normalize(d.now, ""), names...) {
		if field, pointer := d.locate(f.Pointer); !d.bad[field] {
			d.fault(pointer, "%s", f.Detail)
		}
	}
}

// names finds subjects that name an entity as none can be named.
func (d *draft) names() []fault.Fault {
	var faults []fault.Fault
	for i, subject := range d.event.Subjects {
		if detail := checkSubject(subject.Name); detail != "" {
			faults = append(faults, fault.Fault{Pointer: "/subjects/" + strconv.Itoa(i), Detail: detail})
		}
	}
	return faults
}

// checkSubject tells why the roll can have no entity of this name; outside names may be anything.
func checkSubject(name string) string {
	name = strings.TrimSpace(name)
	kind, rest, found := strings.Cut(name, ":")
	switch {
	case name == "" || len(name) > change.MaxText || strings.ContainsFunc(name, control):
		return "" // the rules of the log tell
	case !found:
		rest = name
	case !catalog.Kind(strings.ToLower(kind)).Valid():
		return ""
	}
	if err, ok := errors.AsType[*fault.Error](catalog.CheckName(rest)); ok {
		return err.Detail
	}
	return ""
}

// locate turns a pointer by our own names into one by the names that were sent.
func (d *draft) locate(pointer string) (field, string) {
	head, tail, deeper := strings.Cut(pointer[1:], "/")
	f := names[head].field
	m := d.seen[f]
	switch {
	case d.where[f] != "":
		return f, d.where[f]
	case f == fieldLabels && deeper:
		return f, d.pointer + d.locateLabel(tail)
	case f == fieldLinks && deeper:
		index, rest, _ := strings.Cut(tail, "/")
		if i, err := strconv.Atoi(index); err == nil && i < len(d.links) {
			return f, d.pointer + d.links[i].pointer(rest)
		}
	case f == fieldStarted && m == nil && d.seen[fieldEnded] != nil:
		return f, d.pointer + "/" + d.seen[fieldEnded].name // it was taken from there
	case m == nil:
		return f, d.pointer + pointer
	case (f == fieldSubjects && m.kind == list) || (f == fieldActor && m.kind == object) || f == fieldDiff:
		return f, d.pointer + "/" + m.name + strings.TrimPrefix(pointer, "/"+head)
	}
	if m == nil {
		return f, d.pointer + pointer
	}
	return f, d.pointer + "/" + m.name
}

func (p place) pointer(rest string) string {
	pointer := "/" + p.member.name
	v := p.member
	if p.index >= 0 {
		pointer += "/" + strconv.Itoa(p.index)
		v = &p.member.items[p.index]
	}
	if v.kind == object && rest != "" {
		if rest == "url" && v.get("url").kind == null && v.get("href").kind != null {
			rest = "href"
		}
		pointer += "/" + rest
	}
	return pointer
}

// locateLabel finds the member or list entry that a label came from.
func (d *draft) locateLabel(key string) string {
	for i := range d.body.items {
		m := &d.body.items[i]
		if m.field == 0 && escape(m.name) == key {
			return "/" + key
		}
		if m.field != fieldLabels {
			continue
		}
		for j := range m.items {
			entry := &m.items[j]
			tag, _, _ := strings.Cut(entry.text, ":")
			switch {
			case m.kind == object && escape(entry.name) == key:
				return "/" + m.name + "/" + key
			case m.kind == list && escape(cmp.Or(entry.get("key").text, entry.get("name").text, strings.TrimSpace(tag))) == key:
				return "/" + m.name + "/" + strconv.Itoa(j)
			}
		}
	}
	return "/labels/" + key
}

// escape writes a name as a part of a JSON pointer, RFC 6901.
func escape(name string) string {
	if !strings.ContainsAny(name, "~/") {
		return name
	}
	return strings.NewReplacer("~", "~0", "/", "~1").Replace(name)
}
