package integration

import (
	"encoding/json"
	"errors"
	"strings"
	"time"

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
