// Package change is the log: everything that happened to what the roll knows, as append-only events.
//
// It holds the rules of the log: what an event must look like, how a later report of the same thing advances it, which
// events make one story, and which pass a filter. Storage and protocols only carry them. Imports: fault, secret, a UUID type
// and the standard library.
package change

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"

	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/secret"
)

// Bounds of one event.
const (
	MaxTitle    = 200      // characters; longer titles are cut with an ellipsis
	MaxDetail   = 16 << 10 // bytes of Markdown
	MaxText     = 512      // bytes of any short text: key, version, names
	MaxSubjects = 500
	MaxDiff     = 500
	MaxLinks    = 50
	MaxLabels   = 100
	MaxValue    = 2 << 10 // bytes of one side of a diff entry
)

// Earliest is the first instant that an event can have happened: before it a time is nearly always a mistaken unit.
var Earliest = time.Date(2005, 1, 1, 0, 0, 0, 0, time.UTC)

// MaxAhead is how far ahead of the receiver's clock an event may lie.
const MaxAhead = 24 * time.Hour

// Phase is how far an event has come.
type Phase string

// The phases. They only ever go forward: see Advance.
const (
	Planned   Phase = "planned"
	Started   Phase = "started"
	Succeeded Phase = "succeeded"
	Failed    Phase = "failed"
	Cancelled Phase = "cancelled"
)

// Phases lists every phase, in the order of a life.
func Phases() []Phase { return []Phase{Planned, Started, Succeeded, Failed, Cancelled} }

// Code is the phase's number in the store and its rank: a higher rank never goes back to a lower one.
func (p Phase) Code() int { return slices.Index(Phases(), p) + 1 }

func (p Phase) rank() int { return min(p.Code(), Succeeded.Code()) }

// ActorType is what sort of actor did it.
type ActorType string

// The types of actor.
const (
	ByPerson     ActorType = "person"
	ByAutomation ActorType = "automation"
	ByUnknown    ActorType = "unknown"
)

// Actor is who did it, and the tool that acted for them.
type Actor struct {
	Type ActorType `json:"type"`
	Name string    `json:"name,omitempty"`
	Via  string    `json:"via,omitempty"`
}

// Subject is what an event is about: an entity of the roll by reference ("service:pricing"), or an outside name
// ("github:acme/payments") that none answers to yet, whose Entity is zero.
type Subject struct {
	Name   string `json:"name"`
	Entity int64  `json:"entity,omitempty"`
	// Outside is the outside name by which the entity was found; empty when it was named by reference.
	Outside string `json:"outside,omitempty"`
}

// Diff is one thing that changed. Values of secrets are only ever fingerprints.
type Diff struct {
	Field string `json:"field"`
	Old   string `json:"old,omitempty"`
	New   string `json:"new,omitempty"`
}

// OnCall is the field of a handover's diff that says from whom to whom.
const OnCall = "on_call"

// Handover is the kind of a shift that begins: of whom it is about nothing changed but who is called.
const Handover = "oncall"

// Link leads to more; only http and https.
type Link struct {
	Type  string `json:"type,omitempty"`
	Title string `json:"title,omitempty"`
	URL   string `json:"url"`
}

// PhaseChange is one step of an event's life.
type PhaseChange struct {
	Phase      Phase     `json:"phase"`
	At         time.Time `json:"at"`
	ReceivedAt time.Time `json:"received_at"`
}

// Exposed is how much of the traffic, or how many of the hosts, a change reached at a time.
type Exposed struct {
	Exposure float64   `json:"exposure"` // per cent
	At       time.Time `json:"at"`
}

// Exposures are the steps of an event's ramp by time, or the one that it tells of.
func (e *Event) Exposures() []Exposed {
	if len(e.Ramp) == 0 && e.Exposure != nil {
		return []Exposed{{*e.Exposure, e.StartedAt}}
	}
	return e.Ramp
}

// DefaultSource is that of an event that names none.
const DefaultSource = "api"

// Event is one thing that happened. Times are UTC with microseconds.
type Event struct {
	ID     uuid.UUID `json:"id"`
	Seq    int64     `json:"-"` // order of first commit, of the store
	Source string    `json:"source"`
	Key    string    `json:"key"` // the source's own id for it; unique with Source
	Kind   string    `json:"kind"`
	// Guessed says that no report named the kind yet: one that does is believed, whatever its phase.
	Guessed     bool              `json:"guessed,omitempty"`
	Phase       Phase             `json:"phase"`
	Title       string            `json:"title"`
	Detail      string            `json:"detail,omitempty"` // Markdown, untrusted
	Subjects    []Subject         `json:"subjects"`
	Environment string            `json:"environment,omitempty"`
	Region      string            `json:"region,omitempty"`
	Cluster     string            `json:"cluster,omitempty"`
	Actor       Actor             `json:"actor"`
	StartedAt   time.Time         `json:"started_at"`
	EndedAt     time.Time         `json:"ended_at,omitzero"`
	ReceivedAt  time.Time         `json:"received_at"`
	Version     string            `json:"version,omitempty"`
	Previous    string            `json:"previous,omitempty"`
	Commit      string            `json:"commit,omitempty"`
	Diff        []Diff            `json:"diff,omitempty"`
	Exposure    *float64          `json:"exposure,omitempty"` // per cent of traffic or hosts
	Links       []Link            `json:"links,omitempty"`
	Labels      map[string]string `json:"labels,omitempty"`
	Story       string            `json:"story,omitempty"` // the source's own key of a story
	Dark        bool              `json:"dark,omitempty"`  // seen, and told by nobody
	History     []PhaseChange     `json:"history,omitempty"`
	Ramp        []Exposed         `json:"ramp,omitempty"` // by time; only of an event that was told more than once
	// SaidAt is when the source said so, where it tells that; it is when the event ended, or started, where it does not.
	SaidAt time.Time `json:"said_at,omitzero"`
	// Said and Joins are what Advance knows of the reports that were joined into the event: see there.
	Said       map[string]string `json:"said,omitempty"`
	Joins      []string          `json:"joins,omitempty"`
	RecordedBy string            `json:"recorded_by"` // the principal that wrote it
	// Redacted names the fields that secrets were taken out of: "detail", "labels/dsn".
	Redacted []string `json:"redacted,omitempty"`
	// Thread joins events that the feed shows as one line: a story or a storm. Zero for a lone event.
	Thread uuid.UUID `json:"thread,omitzero"`
}

// At is the instant that orders the feed: when it started, never when it arrived.
func (e *Event) At() time.Time { return e.StartedAt }

// Normalize fills what was left out, folds and cuts what is too long where that is harmless, and names every fault by
// a JSON pointer below the given prefix. It is idempotent.
func (e *Event) Normalize(now time.Time, pointer string) []fault.Fault {
	n := normalizer{pointer: pointer}
	e.hide()
	e.Environment = strings.ToLower(e.Environment) // before it is measured: a few letters grow
	n.text("source", &e.Source, MaxText)
	n.text("key", &e.Key, MaxText)
	n.text("environment", &e.Environment, MaxText)
	n.text("region", &e.Region, MaxText)
	n.text("cluster", &e.Cluster, MaxText)
	n.text("version", &e.Version, MaxText)
	n.text("previous", &e.Previous, MaxText)
	n.text("commit", &e.Commit, MaxText)
	n.text("story", &e.Story, MaxText)
	n.text("actor/name", &e.Actor.Name, MaxText)
	n.text("actor/via", &e.Actor.Via, MaxText)
	n.title(e)
	n.kind(e)
	n.actor(e)
	n.subjects(e)
	n.times(e, now)
	n.lists(e)
	if e.ID == uuid.Nil {
		e.ID = newID()
	}
	e.Source = cmp.Or(e.Source, DefaultSource)
	e.Key = cmp.Or(e.Key, e.ID.String())
	return n.faults
}

// newID makes a UUIDv7, falling back to a random one should the clock be out of its range.
func newID() uuid.UUID {
	id, err := uuid.NewV7()
	if err != nil {
		return uuid.New()
	}
	return id
}

type normalizer struct {
	pointer string
	faults  []fault.Fault
}

func (n *normalizer) fault(place, format string, args ...any) {
	n.faults = append(n.faults, fault.Fault{Pointer: n.pointer + "/" + place, Detail: fmt.Sprintf(format, args...)})
}

// text checks one short text: valid UTF-8 without control characters, within its bound.
func (n *normalizer) text(place string, text *string, limit int) {
	if plain(*text, limit) {
		return
	}
	switch {
	case !utf8.ValidString(*text):
		n.fault(place, "is not UTF-8")
	case strings.ContainsFunc(*text, hidden):
		n.fault(place, "holds control characters")
	case len(*text) > limit:
		n.fault(place, "has %d bytes: at most %d", len(*text), limit)
	}
	*text = strings.TrimSpace(*text)
}

// item is text for one text of a list; most are fine, and cost no pointer.
func (n *normalizer) item(list string, i int, field string, text *string) {
	if !plain(*text, MaxText) {
		n.text(fmt.Sprintf("%s/%d%s", list, i, field), text, MaxText)
	}
}

// plain reports whether a text needs no second look: short printable ASCII without space at its ends.
func plain(text string, limit int) bool {
	for i := range len(text) {
		if text[i] < ' ' || text[i] > '~' {
			return false
		}
	}
	return len(text) <= limit && (text == "" || text[0] != ' ' && text[len(text)-1] != ' ')
}

// hidden reports whether a character is not shown but changes what is: control characters, which some databases refuse,
// and those that turn the text around them, by which "exe.gnp" is read as "png.exe" (Unicode Technical Report 36, 2.5).
func hidden(r rune) bool {
	return unicode.IsControl(r) || r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069'
}

// visible drops hidden characters but for line breaks and tabs.
func visible(r rune) rune {
	if hidden(r) && r != '\n' && r != '\t' {
		return -1
	}
	return r
}

func (n *normalizer) title(e *Event) {
	if !utf8.ValidString(e.Title) || !utf8.ValidString(e.Detail) {
		n.fault("title", "is not UTF-8")
		return
	}
	e.Title = strings.Join(strings.FieldsFunc(e.Title, func(r rune) bool { return unicode.IsSpace(r) || hidden(r) }), " ")
	if e.Title == "" {
		n.fault("title", "is required: one line that says what happened")
	}
	if utf8.RuneCountInString(e.Title) > MaxTitle {
		e.Title = string([]rune(e.Title)[:MaxTitle-1]) + "…"
	}
	if e.Detail = strings.Map(visible, e.Detail); strings.TrimSpace(e.Detail) == "" {
		e.Detail = ""
	}
	if len(e.Detail) > MaxDetail {
		n.fault("detail", "has %d bytes: at most %d", len(e.Detail), MaxDetail)
	}
}

func (n *normalizer) kind(e *Event) {
	if e.Kind == "" {
		e.Guessed = true
		e.guess()
	}
	kind, ok := KindNamed(e.Kind)
	if !ok {
		n.fault("kind", "%q is not a kind: use one of %s; for a kind of your own use note and a label", clip(e.Kind), kindNames())
	} else {
		e.Kind = kind.Name
	}
	e.Phase = Phase(strings.ToLower(string(cmp.Or(e.Phase, Succeeded))))
	if e.Phase == "canceled" {
		e.Phase = Cancelled
	}
	if e.Phase.Code() == 0 {
		n.fault("phase", "%q is not a phase: use planned, started, succeeded, failed or cancelled", clip(string(e.Phase)))
	}
	if x := e.Exposure; x != nil && (*x < 0 || *x > 100 || *x != *x) {
		n.fault("exposure", "is a percentage from 0 to 100")
	}
}

// guess makes a deploy of what has a version, and a note of everything else.
func (e *Event) guess() {
	e.Kind = "note"
	if e.Version != "" {
		e.Kind = "deploy"
	}
}

func (n *normalizer) actor(e *Event) {
	e.Actor.Type = ActorType(strings.ToLower(string(cmp.Or(e.Actor.Type, ByUnknown))))
	switch e.Actor.Type {
	case "human", "user":
		e.Actor.Type = ByPerson
	case "bot", "machine", "system", "service":
		e.Actor.Type = ByAutomation
	case ByPerson, ByAutomation, ByUnknown:
	default:
		n.fault("actor/type", "%q is not a type of actor: use person, automation or unknown", clip(string(e.Actor.Type)))
	}
}

func (n *normalizer) subjects(e *Event) {
	if len(e.Subjects) == 0 {
		n.fault("subjects", "is required: at least one, such as service:pricing or just pricing")
	}
	if len(e.Subjects) > MaxSubjects {
		n.fault("subjects", "has %d: at most %d", len(e.Subjects), MaxSubjects)
		return
	}
	seen := make(map[string]bool, len(e.Subjects))
	kept := e.Subjects[:0]
	for i, subject := range e.Subjects {
		subject.Name = strings.ToLower(strings.TrimSpace(subject.Name))
		if subject.Name == "" {
			n.fault(fmt.Sprintf("subjects/%d", i), "is empty")
		}
		if !strings.Contains(subject.Name, ":") {
			subject.Name = "service:" + subject.Name
		}
		n.item("subjects", i, "", &subject.Name)
		if !seen[subject.Name] {
			seen[subject.Name] = true
			kept = append(kept, subject)
		}
	}
	e.Subjects = kept
}

func (n *normalizer) times(e *Event, now time.Time) {
	if e.ReceivedAt.IsZero() {
		e.ReceivedAt = now
	}
	if e.StartedAt.IsZero() {
		e.StartedAt = cmp.Or(e.EndedAt, e.ReceivedAt)
	}
	for _, t := range []struct {
		place string
		at    *time.Time
	}{{"started_at", &e.StartedAt}, {"ended_at", &e.EndedAt}, {"received_at", &e.ReceivedAt}, {"said_at", &e.SaidAt}} {
		if t.at.IsZero() {
			continue
		}
		*t.at = t.at.UTC().Truncate(time.Microsecond)
		if t.at.Before(Earliest) || t.at.After(now.Add(MaxAhead)) {
			n.fault(t.place, "%s is before 2005 or more than a day ahead: is the unit right?", t.at.Format(time.RFC3339))
		}
	}
	e.shortenSaidAt()
	if !e.EndedAt.IsZero() && e.EndedAt.Before(e.StartedAt) {
		n.fault("ended_at", "lies before started_at")
	}
}

func (n *normalizer) lists(e *Event) {
	if len(e.Diff) > MaxDiff {
		n.fault("diff", "has %d entries: at most %d", len(e.Diff), MaxDiff)
		return
	}
	for i := range e.Diff {
		n.item("diff", i, "/field", &e.Diff[i].Field)
		if !e.sensitive(i) { // what is to be a fingerprint is not cut before: the end counts as well
			e.Diff[i].Old, e.Diff[i].New = cut(e.Diff[i].Old), cut(e.Diff[i].New)
		}
	}
	if len(e.Links) > MaxLinks {
		n.fault("links", "has %d: at most %d", len(e.Links), MaxLinks)
		return
	}
	for i, link := range e.Links {
		n.item("links", i, "/type", &e.Links[i].Type)
		n.item("links", i, "/title", &e.Links[i].Title)
		u, err := url.Parse(link.URL)
		if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || len(link.URL) > MaxValue {
			n.fault(fmt.Sprintf("links/%d/url", i), "%q is not an http or https address", clip(link.URL))
		} else if u.User != nil {
			n.fault(fmt.Sprintf("links/%d/url", i), "carries a user or password: take it out")
		}
	}
	if len(e.Labels) > MaxLabels {
		n.fault("labels", "has %d: at most %d", len(e.Labels), MaxLabels)
		return
	}
	first := len(n.faults)
	for key, value := range e.Labels {
		if name := key; !plain(key, MaxText) {
			n.text("labels/"+escape(clip(key)), &name, MaxText)
		}
		if len(value) > MaxValue || !utf8.ValidString(value) {
			n.fault("labels/"+escape(clip(key)), "has a value over %d bytes, or not UTF-8", MaxValue)
		} else if strings.ContainsFunc(value, hidden) {
			e.Labels[key] = strings.Map(visible, value)
		}
	}
	slices.SortFunc(n.faults[first:], func(a, b fault.Fault) int { return cmp.Compare(a.Pointer, b.Pointer) })
}

// escape writes a name as one part of a JSON pointer, RFC 6901.
func escape(name string) string {
	return strings.ReplaceAll(strings.ReplaceAll(name, "~", "~0"), "/", "~1")
}

// cut bounds one side of a diff at a rune, and drops what databases refuse.
func cut(value string) string {
	value = strings.Map(visible, strings.ToValidUTF8(value, "�"))
	if len(value) <= MaxValue {
		return value
	}
	end := MaxValue
	for end > 0 && !utf8.RuneStart(value[end]) {
		end--
	}
	return value[:end] + "…"
}

// clip bounds what an error message repeats of somebody's input, which may well be a secret in the wrong field.
func clip(text string) string {
	text, _ = secret.Hide(text)
	if len(text) > 80 {
		return strings.ToValidUTF8(text[:80], "") + "…"
	}
	return text
}
