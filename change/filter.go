package change

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"time"

	"tidings.dev/tidings/fault"
)

// Filter says which events a reader wants. Empty lists let everything through; within a list any match will do, and
// every list must match.
type Filter struct {
	// Entities are the subjects wanted, by the id of the store. Nil lets all through, an empty list nothing.
	Entities     []int64
	Kinds        []string
	Classes      []Class
	Phases       []Phase
	Environments []string
	Actors       []string
	ActorTypes   []ActorType
	Sources      []string
	// Text holds words that must all stand in title, detail, version, commit, actor or a subject's name.
	Text string
	// Dark lets through only what was seen by looking, and told by nobody.
	Dark  bool
	Since time.Time // inclusive
	Until time.Time // exclusive
}

// MaxFilterValues is how many values one list of a filter can have.
const MaxFilterValues = 200

// Normalize folds other words for the same thing and names every fault.
func (f *Filter) Normalize() error {
	var faults []fault.Fault
	for _, list := range []struct {
		name   string
		values int
	}{
		{"kind", len(f.Kinds)},
		{"class", len(f.Classes)},
		{"phase", len(f.Phases)},
		{"environment", len(f.Environments)},
		{"actor", len(f.Actors)},
		{"actor_type", len(f.ActorTypes)},
		{"source", len(f.Sources)},
	} {
		if list.values > MaxFilterValues {
			faults = append(faults, fault.Fault{Pointer: list.name, Detail: fmt.Sprintf("has %d values: at most %d", list.values, MaxFilterValues)})
		}
	}
	if faults != nil {
		return fault.InvalidInput("filter", faults)
	}
	for i, name := range f.Kinds {
		kind, ok := KindNamed(name)
		if !ok {
			faults = append(faults, fault.Fault{Pointer: "kind", Detail: fmt.Sprintf("%q is not a kind: use one of %s", clip(name), kindNames())})
			continue
		}
		f.Kinds[i] = kind.Name
	}
	for i, class := range f.Classes {
		f.Classes[i] = Class(strings.ToLower(string(class)))
		if !slices.Contains([]Class{ClassChange, ClassSignal, ClassNote}, f.Classes[i]) {
			faults = append(faults, fault.Fault{Pointer: "class", Detail: fmt.Sprintf("%q is not a class: use change, signal or note", clip(string(class)))})
		}
	}
	for i, phase := range f.Phases {
		f.Phases[i] = Phase(strings.ToLower(string(phase)))
		if f.Phases[i].Code() == 0 {
			faults = append(faults, fault.Fault{Pointer: "phase", Detail: fmt.Sprintf("%q is not a phase: use planned, started, succeeded, failed or cancelled", clip(string(phase)))})
		}
	}
	for _, kind := range f.ActorTypes {
		if !slices.Contains([]ActorType{ByPerson, ByAutomation, ByUnknown}, kind) {
			faults = append(faults, fault.Fault{Pointer: "actor_type", Detail: fmt.Sprintf("%q is not a type of actor: use person, automation or unknown", clip(string(kind)))})
		}
	}
	for i := range f.Environments {
		f.Environments[i] = strings.ToLower(f.Environments[i])
	}
	if len(f.Text) > MaxText {
		faults = append(faults, fault.Fault{Pointer: "q", Detail: fmt.Sprintf("has %d bytes: at most %d", len(f.Text), MaxText)})
	}
	if !f.Until.IsZero() && !f.Since.Before(f.Until) {
		faults = append(faults, fault.Fault{Pointer: "until", Detail: "is not after since"})
	}
	return fault.InvalidInput("filter", faults)
}

// KindCodes lists the codes of the kinds that pass, or nil when all do.
func (f *Filter) KindCodes() []int {
	if len(f.Kinds) == 0 && len(f.Classes) == 0 {
		return nil
	}
	codes := []int{}
	for _, kind := range kinds {
		if (len(f.Kinds) == 0 || slices.Contains(f.Kinds, kind.Name)) && (len(f.Classes) == 0 || slices.Contains(f.Classes, kind.Class)) {
			codes = append(codes, kind.Code)
		}
	}
	return codes
}

// Words are the folded words of Text.
func (f *Filter) Words() []string { return strings.Fields(strings.ToLower(f.Text)) }

// MatchText reports whether every word stands somewhere in the event.
func (e *Event) MatchText(words []string) bool {
	if len(words) == 0 {
		return true
	}
	parts := []string{e.Title, e.Detail, e.Version, e.Commit, e.Actor.Name, e.Key}
	for _, subject := range e.Subjects {
		parts = append(parts, subject.Name)
	}
	for key, value := range e.Labels {
		parts = append(parts, key+":"+value)
	}
	text := strings.ToLower(strings.Join(parts, "\n"))
	for _, word := range words {
		if !strings.Contains(text, word) {
			return false
		}
	}
	return true
}

// Match reports whether an event passes. The store answers the same question with indexes.
func (f *Filter) Match(e *Event) bool {
	if codes := f.KindCodes(); codes != nil {
		kind, _ := KindNamed(e.Kind)
		if !slices.Contains(codes, kind.Code) {
			return false
		}
	}
	if f.Entities != nil && !slices.ContainsFunc(e.Subjects, func(s Subject) bool { return s.Entity != 0 && slices.Contains(f.Entities, s.Entity) }) {
		return false
	}
	return among(f.Phases, e.Phase) && among(f.Environments, e.Environment) && among(f.Actors, e.Actor.Name) &&
		among(f.ActorTypes, e.Actor.Type) && among(f.Sources, e.Source) && (!f.Dark || e.Dark) &&
		(f.Since.IsZero() || !e.At().Before(f.Since)) && (f.Until.IsZero() || e.At().Before(f.Until)) &&
		e.MatchText(f.Words())
}

func among[T comparable](wanted []T, got T) bool {
	return len(wanted) == 0 || slices.Contains(wanted, got)
}

// Cursor is a place in the feed: strictly older events follow it. The zero Cursor stands before the newest.
type Cursor struct {
	At  int64 // microseconds since 1970
	Seq int64
}

// CursorOf is the place just after an event.
func CursorOf(e *Event) Cursor { return Cursor{At: e.At().UnixMicro(), Seq: e.Seq} }

// String is the cursor's opaque form; empty for the zero Cursor.
func (c Cursor) String() string {
	if c == (Cursor{}) {
		return ""
	}
	raw := binary.BigEndian.AppendUint64([]byte{1}, uint64(c.At))
	raw = binary.BigEndian.AppendUint64(raw, uint64(c.Seq))
	return base64.RawURLEncoding.EncodeToString(raw)
}

// ParseCursor reads what String wrote.
func ParseCursor(text string) (Cursor, error) {
	if text == "" {
		return Cursor{}, nil
	}
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || len(raw) != 17 || raw[0] != 1 {
		return Cursor{}, fault.New(fault.Invalid, "cursor %q was not made by this server: start again without it", clip(text))
	}
	return Cursor{At: int64(binary.BigEndian.Uint64(raw[1:])), Seq: int64(binary.BigEndian.Uint64(raw[9:]))}, nil
}
