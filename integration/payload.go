package integration

import (
	"encoding/json"
	"errors"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"tidings.dev/tidings/change"
	"tidings.dev/tidings/fault"
)

// ReadJSON reads a body into the fields that a decoder wants; all others are passed over. What cannot be read is Invalid,
// with the field.
func ReadJSON(body []byte, into any) error {
	err := json.Unmarshal(body, into)
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return fault.New(fault.Invalid, "the field %s is a %s: that is not what the tool documents", wrong.Field, wrong.Value)
	}
	if err != nil {
		return fault.New(fault.Invalid, "the body is not JSON: %s", err)
	}
	return nil
}

// OneOf gives the value that a word stands for in a tool's vocabulary; what is not in it is no fault, but unknown.
func OneOf[T any](vocabulary map[string]T, word string) (T, bool) {
	value, known := vocabulary[strings.ToLower(word)]
	return value, known
}

// At is the first of the times that is there and can be true; zero when none is. Tools send zero times for what is not yet.
func At(times ...time.Time) time.Time {
	for _, t := range times {
		if t.Year() > 2004 {
			return t.UTC()
		}
	}
	return time.Time{}
}

// FirstLine is a message's title.
func FirstLine(text string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
	return strings.TrimSpace(line)
}

// Sentence begins a tool's words with a capital.
func Sentence(text string) string {
	first, size := utf8.DecodeRuneInString(text)
	if size == 0 {
		return ""
	}
	return string(unicode.ToUpper(first)) + text[size:]
}

// OnOff is what a flag is.
func OnOff(on bool) string {
	if on {
		return "on"
	}
	return "off"
}

// ReadTime reads the forms in which tools write a time, beside RFC 3339: "2021-04-28 21:50:00 +0200", "… UTC",
// "2023-07-19T13:16:56.571+0000". What is none of them, or empty, is the zero time. Without a zone it is UTC.
func ReadTime(text string) time.Time {
	for _, form := range []string{
		time.RFC3339Nano, "2006-01-02T15:04:05.999999999Z0700", "2006-01-02 15:04:05 -0700", "2006-01-02 15:04:05 MST", "2006-01-02 15:04:05",
	} {
		if t, err := time.Parse(form, text); err == nil {
			return At(t)
		}
	}
	return time.Time{}
}

// Millis is the time that a tool gives in milliseconds; zero where it gives none.
func Millis(ms int64) time.Time {
	if ms <= 0 {
		return time.Time{}
	}
	return At(time.UnixMilli(ms))
}

// Link adds a link to an event, when it is one: tools send empty ones, ones without a host, and ones that hold a whole query.
func Link(e *change.Event, kind, title, address string) {
	u, err := url.Parse(address)
	if err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" && u.User == nil && len(address) <= change.MaxValue {
		e.Links = append(e.Links, change.Link{Type: kind, Title: title, URL: address})
	}
}

// Label adds a label to an event, when there is a value.
func Label(e *change.Event, name, value string) {
	if value == "" {
		return
	}
	if e.Labels == nil {
		e.Labels = map[string]string{}
	}
	e.Labels[name] = clipped(value, 200)
}

var versionFormat = regexp.MustCompile(`^[vV]?[0-9]+\.[0-9]+([.+_-].*)?$`)

// Version is the version that a tag or branch names; none where it names something else.
func Version(ref string) string {
	if ref = strings.TrimPrefix(ref, "refs/tags/"); versionFormat.MatchString(ref) && len(ref) < 100 {
		return ref
	}
	return ""
}

var commitFormat = regexp.MustCompile(`^[0-9a-fA-F]{7,64}$`)

// IsCommit reports whether a text can be a commit's hash, whole or shortened.
func IsCommit(text string) bool { return commitFormat.MatchString(text) }

// ShortCommit is a commit as people write it.
func ShortCommit(hash string) string { return hash[:min(len(hash), 7)] }

// Clip bounds what a reason or a title repeats of what a tool sent.
func Clip(text string) string { return clipped(text, 60) }

// Line makes a tool's text fit for a short field of an event, such as a name: one line of characters that are seen, within
// the bound. One name that is too long must not cost a delivery of many events.
func Line(text string) string {
	return clipped(strings.Join(strings.FieldsFunc(text, func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r)
	}), " "), maxLine)
}

// maxLine bounds, in bytes, what is kept of a name: less than an event allows, since it grows where secrets are taken out.
const maxLine = 256

// Labels are those that are there, each of them within the bounds of an event.
func Labels(labels map[string]string) map[string]string {
	kept := make(map[string]string, len(labels))
	for _, name := range slices.Sorted(maps.Keys(labels)) {
		if value := Line(labels[name]); value != "" && len(kept) < change.MaxLabels {
			kept[Line(name)] = value
		}
	}
	delete(kept, "")
	if len(kept) == 0 {
		return nil
	}
	return kept
}

// Paragraphs are the texts that are there, as the detail of an event.
func Paragraphs(texts ...string) string {
	var there []string
	for _, text := range texts {
		if text = strings.TrimSpace(text); text != "" {
			there = append(there, text)
		}
	}
	return ClipDetail(strings.Join(there, "\n\n"))
}

// ClipDetail bounds what is kept of a description: the rest is a click away.
func ClipDetail(text string) string { return clipped(text, 4<<10) }

func clipped(text string, most int) string {
	if len(text) > most {
		return strings.ToValidUTF8(text[:most], "") + "…"
	}
	return text
}
