// Package line lays out events for people, one line each.
//
// It may be imported by the commands. Imports: change and its wire form, and the standard library.
package line

import (
	"bytes"
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"unicode"

	"tidings.dev/tidings/change"
	"tidings.dev/tidings/change/wire"
	"tidings.dev/tidings/internal/cli/console"
	"tidings.dev/tidings/internal/cli/when"
)

// Item is what one line tells: an event, or the newest of several.
type Item struct {
	Event wire.Event
	Count int // of the events that it stands for
}

// Writer lays out events in columns, which grow with what comes so that a live feed stays aligned.
type Writer struct {
	console  console.Console
	paint    console.Paint
	terminal bool
	utc      bool
	indent   string
	widths   [len(cells{})]int
}

// cells are the columns: time, kind, subject, what, actor, age.
type cells [6]string

// Bounds of the columns: a longer text pushes the rest of its line to the right, or is cut on a terminal.
const (
	maxSubject = 32
	maxWhat    = 64
	maxActor   = 28
)

var maxWidths = [len(cells{})]int{40, 14, maxSubject, maxWhat, maxActor, 0}

// NewWriter writes to the console's Out, with times in UTC only or in the reader's zone with UTC beside it.
func NewWriter(c console.Console, utc bool) *Writer {
	return &Writer{console: c, paint: c.Paint(), terminal: console.Terminal(c.Out), utc: utc}
}

// Indent is written before every line.
func (l *Writer) Indent(indent string) *Writer {
	l.indent = indent
	return l
}

// Write writes events in the order given.
func (l *Writer) Write(items []Item) error {
	rows := make([]cells, len(items))
	for i := range items {
		rows[i] = l.cells(&items[i])
		for column, text := range rows[i] {
			if width := console.Width(text); width <= maxWidths[column] {
				l.widths[column] = max(l.widths[column], width)
			}
		}
	}
	var out bytes.Buffer
	for i, row := range rows {
		out.WriteString(l.indent + l.line(&items[i].Event, row) + "\n")
	}
	_, err := l.console.Out.Write(out.Bytes())
	return err
}

func (l *Writer) cells(one *Item) cells {
	e, now := &one.Event, l.console.Now()
	what := sentence(e)
	if one.Count > 1 {
		what += fmt.Sprintf(" (%s events)", console.Number(one.Count))
	}
	row := cells{when.Show(e.StartedAt.Time, now, l.utc), e.Kind, subject(e.Subjects), what, actor(e), when.Age(e.StartedAt.Time, now)}
	for i := range row {
		row[i] = console.Clean(row[i])
		if l.terminal && i >= 2 && maxWidths[i] > 0 {
			row[i] = console.Clip(row[i], maxWidths[i])
		}
	}
	return row
}

func (l *Writer) line(e *wire.Event, row cells) string {
	last := len(row) - 1
	for i := range last {
		row[i] = console.Pad(row[i], l.widths[i]) + "  "
	}
	row[0], row[last] = l.paint.Quiet(row[0]), l.paint.Quiet(row[last])
	row[2] = l.paint.Name(row[2])
	switch {
	case e.Phase == change.Failed:
		row[3] = l.paint.Bad(row[3])
	case e.Class == change.ClassSignal || e.Kind == "rollback":
		row[1], row[3] = l.paint.Warn(row[1]), l.paint.Warn(row[3])
	}
	return strings.Join(row[:], "")
}

// subject is the first of what the event is about, services by their bare names, and how many there are besides.
func subject(subjects []string) string {
	if len(subjects) == 0 {
		return ""
	}
	name := strings.TrimPrefix(subjects[0], "service:")
	if more := len(subjects) - 1; more > 0 {
		return fmt.Sprintf("%s +%d", name, more)
	}
	return name
}

func actor(e *wire.Event) string {
	name := cmp.Or(e.Actor.Name, e.Actor.Via)
	if name == "" && e.Source != "api" {
		name = e.Source
	}
	if via := e.Actor.Via; via != "" && via != name {
		return strings.TrimSpace(name + " via " + via)
	}
	return name
}

// verbs are the words for phases of what is delivered.
var verbs = map[string]map[change.Phase]string{
	"deploy": {
		change.Planned: "deploy planned", change.Started: "rolling out", change.Succeeded: "deployed",
		change.Failed: "deploy failed", change.Cancelled: "deploy cancelled",
	},
	"rollback": {
		change.Planned: "rollback planned", change.Started: "rolling back", change.Succeeded: "rolled back",
		change.Failed: "rollback failed", change.Cancelled: "rollback cancelled",
	},
}

// sentence says what happened in a few words, with from and to where the event has them, and in its own words where it
// has not. No word of it depends on colour.
func sentence(e *wire.Event) string {
	kind, _ := change.KindNamed(e.Kind)
	text, phased := "", false
	switch e.Kind {
	case "deploy", "rollback":
		if e.Version != "" {
			text, phased = verbs[e.Kind][e.Phase]+" "+move(e.Previous, e.Version), true
		}
	case "build", "release", "restart", "schema":
		if e.Version != "" {
			text = kind.Verb + " " + move(e.Previous, e.Version)
		}
	case "flag", "experiment", "scaling", "config":
		if len(e.Diff) > 0 {
			first := e.Diff[0]
			text = kind.Verb + " " + first.Field + " " + move(first.Old, cmp.Or(first.New, "removed"))
		}
	case "secret":
		if len(e.Diff) > 0 { // its values are fingerprints, which say nothing to people
			text = kind.Verb + " " + e.Diff[0].Field
		}
	}
	if more := len(e.Diff) - 1; text != "" && e.Version == "" && more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	if text == "" {
		text = ownTitle(e)
	} else if !redundant(e) {
		text += ": " + ownTitle(e)
	}
	if e.Exposure != nil && *e.Exposure < 100 {
		text += " at " + strconv.FormatFloat(*e.Exposure, 'f', -1, 64) + " %"
	}
	if times := e.Labels["times"]; times != "" && !strings.Contains(text, times+" times") { // a source folded what happens again and again
		text += ", " + times + " times"
	}
	if e.Environment != "" {
		text += " in " + e.Environment
	}
	if state := state(e); state != "" && !phased && !strings.Contains(strings.ToLower(text), state) {
		text += " (" + state + ")"
	}
	if e.Dark {
		text += " (dark: nobody told of it)"
	}
	return text
}

// redundant reports whether the title says no more than the version or the first difference, which stand in the
// sentence already.
func redundant(e *wire.Event) bool {
	title := strings.ToLower(e.Title)
	mentions := func(what string) bool {
		return what != "" && strings.Contains(title, strings.ToLower(strings.TrimPrefix(what, "v")))
	}
	if len(e.Diff) > 0 && (mentions(e.Diff[0].Field) || mentions(e.Diff[0].Old) && mentions(e.Diff[0].New)) {
		return true
	}
	return mentions(e.Version)
}

func move(from, to string) string {
	if from == "" {
		return to
	}
	return from + " → " + to
}

// state is the word for a phase that is not simply done.
func state(e *wire.Event) string {
	signal := e.Class == change.ClassSignal
	switch {
	case signal && e.Phase == change.Started:
		return "open"
	case signal && e.Phase == change.Succeeded && e.EndedAt.After(e.StartedAt.Time):
		return "resolved"
	case e.Phase == change.Succeeded:
		return ""
	}
	return string(e.Phase)
}

// ownTitle is the title without the name of the subject in front, which has a column of its own.
func ownTitle(e *wire.Event) string {
	if len(e.Subjects) == 0 {
		return e.Title
	}
	for _, name := range []string{e.Subjects[0], strings.TrimPrefix(e.Subjects[0], "service:")} {
		if len(e.Title) <= len(name) || !strings.EqualFold(e.Title[:len(name)], name) {
			continue
		}
		rest := e.Title[len(name):]
		trimmed := strings.TrimLeftFunc(rest, func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune(":,–—", r) })
		if trimmed != "" && trimmed != rest {
			return trimmed
		}
	}
	return e.Title
}
