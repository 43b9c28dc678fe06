// Package fault is the vocabulary of what can go wrong, made where the meaning is known and mapped once per protocol.
//
// It imports the standard library only, and every other package may import it.
package fault

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// Code is a class of failure that a caller can act upon.
type Code string

// The codes. A protocol maps each to its own status exactly once.
const (
	Invalid         Code = "invalid"         // the input is wrong; sending it again will not help
	TooLarge        Code = "too_large"       // the input is over a documented bound
	NotFound        Code = "not_found"       // there is no such thing
	Conflict        Code = "conflict"        // it contradicts what is there
	Unauthenticated Code = "unauthenticated" // it is not known who asks
	Forbidden       Code = "forbidden"       // it is known who asks, and they may not
	RateLimited     Code = "rate_limited"    // too often; see RetryAfter
	Unavailable     Code = "unavailable"     // not now; the same request may succeed later
	Internal        Code = "internal"        // our mistake; its text never reaches a client
)

// Error is a failure with a code and a sentence that tells a person what to do.
type Error struct {
	Code   Code
	Detail string
	// Faults names every single mistake of an input, in the order of the input.
	Faults []Fault
	// RetryAfter is how long to wait, where that is known (RateLimited, Unavailable).
	RetryAfter time.Duration
	cause      error
}

// Fault is one mistake at one place of an input.
type Fault struct {
	// Pointer is a JSON pointer (RFC 6901) into the input, or "file:line:column" for a document.
	Pointer string `json:"pointer"`
	Detail  string `json:"detail"`
}

// New makes an error of a code; the detail is a format for fmt.Sprintf. A %w verb keeps its cause.
func New(code Code, format string, args ...any) *Error {
	err := fmt.Errorf(format, args...)
	return &Error{Code: code, Detail: err.Error(), cause: errors.Unwrap(err)}
}

// InvalidInput makes an Invalid error out of the faults of one input; it returns nil when there are none.
func InvalidInput(what string, faults []Fault) error {
	if len(faults) == 0 {
		return nil
	}
	detail := fmt.Sprintf("%s: %s", what, faults[0].Detail)
	if faults[0].Pointer != "" {
		detail = fmt.Sprintf("%s: %s: %s", what, faults[0].Pointer, faults[0].Detail)
	}
	if n := len(faults); n > 1 {
		detail += fmt.Sprintf(" (and %d more)", n-1)
	}
	return &Error{Code: Invalid, Detail: detail, Faults: faults}
}

func (e *Error) Error() string {
	return strings.ReplaceAll(string(e.Code), "_", " ") + ": " + e.Detail
}

func (e *Error) Unwrap() error { return e.cause }

// CodeOf tells the code of an error: Internal for one that was never classified.
func CodeOf(err error) Code {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Code
	}
	return Internal
}

// Is reports whether err carries the code.
func Is(err error, code Code) bool { return err != nil && CodeOf(err) == code }

// RetryAfter is how long an error says to wait; zero when it does not say.
func RetryAfter(err error) time.Duration {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.RetryAfter
	}
	return 0
}
