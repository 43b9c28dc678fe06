package graph

import (
	"encoding/json"
	"io"
	"strconv"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/google/uuid"

	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/secret"
)

const timeFormat = `"2006-01-02T15:04:05.000000Z"`

// MarshalTime writes RFC 3339 in UTC with microseconds; null for the zero time.
func MarshalTime(t time.Time) graphql.Marshaler {
	if t.IsZero() {
		return graphql.Null
	}
	return graphql.WriterFunc(func(w io.Writer) {
		_, _ = w.Write(t.UTC().AppendFormat(make([]byte, 0, len(timeFormat)), timeFormat))
	})
}

// UnmarshalTime reads RFC 3339.
func UnmarshalTime(v any) (time.Time, error) {
	text, ok := v.(string)
	if !ok {
		return time.Time{}, fault.New(fault.Invalid, "a time is a string such as 2026-01-02T15:04:05Z")
	}
	t, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return time.Time{}, fault.New(fault.Invalid, "%q is not a time such as 2026-01-02T15:04:05Z", clip(text))
	}
	// Years that microseconds since 1970 can count.
	if t.Year() < 1900 || t.Year() > 2200 {
		return time.Time{}, fault.New(fault.Invalid, "the year of %s is not from 1900 to 2200", clip(text))
	}
	return t.UTC(), nil
}

// MarshalJSON writes a value that is JSON already.
func MarshalJSON(raw json.RawMessage) graphql.Marshaler {
	if len(raw) == 0 {
		return graphql.Null
	}
	return graphql.WriterFunc(func(w io.Writer) { _, _ = w.Write(raw) })
}

// UnmarshalJSON takes any value.
func UnmarshalJSON(v any) (json.RawMessage, error) {
	return json.Marshal(v)
}

// MarshalUUID writes an id; null for the zero one.
func MarshalUUID(id uuid.UUID) graphql.Marshaler {
	if id == uuid.Nil {
		return graphql.Null
	}
	return graphql.WriterFunc(func(w io.Writer) { _, _ = io.WriteString(w, strconv.Quote(id.String())) })
}

// UnmarshalUUID reads an id.
func UnmarshalUUID(v any) (uuid.UUID, error) {
	text, _ := v.(string)
	id, err := uuid.Parse(text)
	if err != nil {
		return uuid.Nil, fault.New(fault.Invalid, "%q is not an id: ids are UUIDs", clip(text))
	}
	return id, nil
}

// clip bounds what an error message repeats of somebody's input.
func clip(text string) string {
	text, _ = secret.Hide(text) // it may be one in the wrong field
	const most = 80
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return text
}
