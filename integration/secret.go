package integration

import (
	"context"
	"errors"
	"os"
	"strings"
	"sync"
	"time"

	"tidings.dev/tidings/fault"
)

// Secret is a setting that is never written down: in the configuration file it is a reference, env:NAME or file:PATH; on
// the page it is typed apart and kept sealed. It shows itself as a reference wherever it is printed.
type Secret struct {
	reference string
	field     string
	guard     *Guard

	mu     sync.Mutex
	value  string
	absent error // that there is none, as it was said
	readAt time.Time
}

// secretAge is how long a secret is remembered: a rotated one counts after that time.
const secretAge = 10 * time.Second

// UnmarshalYAML reads a reference.
func (s *Secret) UnmarshalYAML(decode func(any) error) error {
	var text string
	if err := decode(&text); err != nil {
		return errors.New("a secret is given by reference: env:NAME or file:PATH")
	}
	kind, rest, _ := strings.Cut(strings.TrimSpace(text), ":")
	if kind != "env" && kind != "file" || rest == "" {
		// What was written is not repeated: it may be the secret itself.
		return errors.New("a secret is given by reference: env:NAME or file:PATH, never as it is")
	}
	s.reference = kind + ":" + rest
	return nil
}

// Typed says that the secret is kept under the name of a field, behind a guard.
func (s *Secret) Typed(field string, guard Guard) { s.field, s.guard = field, &guard }

// Referred reports whether there is a reference: on the page there must be none.
func (s *Secret) Referred() bool { return s.reference != "" }

// IsSet reports whether there may be a secret: a reference stands there, or it can have been typed.
func (s *Secret) IsSet() bool { return s.reference != "" || s.guard != nil }

// String never tells the secret.
func (s *Secret) String() string { return s.reference }

// MarshalText never tells the secret.
func (s *Secret) MarshalText() ([]byte, error) { return []byte(s.reference), nil }

// Get reads the secret, and remembers it for some seconds, or that there is none. NotFound when there is none, Unavailable
// when there is one that cannot be opened.
func (s *Secret) Get(ctx context.Context) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if (s.value != "" || s.absent != nil) && time.Since(s.readAt) < secretAge {
		return s.value, s.absent
	}
	value, err := s.read(ctx)
	if err != nil && !fault.Is(err, fault.NotFound) {
		return "", err
	}
	s.value, s.absent, s.readAt = value, err, time.Now()
	return value, err
}

func (s *Secret) read(ctx context.Context) (string, error) {
	kind, place, _ := strings.Cut(s.reference, ":")
	var value string
	switch {
	case kind == "env":
		value = os.Getenv(place)
		if value == "" {
			return "", fault.New(fault.NotFound, "the variable %s, which the source names for its secret, is not set", place)
		}
	case kind == "file":
		content, err := os.ReadFile(place)
		if err != nil {
			return "", fault.New(fault.NotFound, "the file %s, which the source names for its secret, cannot be read", place)
		}
		value = strings.TrimRight(string(content), "\r\n")
	case s.guard != nil && s.guard.Secret != nil:
		value, err := s.guard.Secret(ctx, s.field)
		if err != nil && !fault.Is(err, fault.NotFound) {
			return "", unopened(err)
		}
		return value, err
	}
	if value == "" {
		return "", fault.New(fault.NotFound, "no secret is set")
	}
	return value, nil
}

// unopened says that a secret is there and cannot be had. Somebody mends that, or it passes: what was sent meanwhile should be
// sent again.
func unopened(err error) error {
	detail := "the log of the server has more"
	if known, ok := errors.AsType[*fault.Error](err); ok && known.Code != fault.Internal {
		detail = known.Detail
	}
	return fault.New(fault.Unavailable, "a secret of the source cannot be opened: %s", detail)
}
