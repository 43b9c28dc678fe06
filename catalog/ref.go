// Package catalog is the roll: the system of record of every service, team, person, system, resource and API,
// and of the relations between them.
//
// An entity is the merge of claims. Each claim is one source's word about one field, with when it held and when it was
// learned, so that every fact can tell its source and age and any past instant can be asked for. The rules of the roll
// live here; storage and protocols only carry them. Imports: fault, the standard library,
// and Unicode's normal forms for search; a YAML reader for the descriptors below.
package catalog

import (
	"regexp"
	"strings"

	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/secret"
)

// Kind is what an entity is.
type Kind string

// The kinds of entity.
const (
	Service  Kind = "service"
	Team     Kind = "team"
	Person   Kind = "person"
	System   Kind = "system"
	Resource Kind = "resource"
	API      Kind = "api"
)

// Kinds lists every kind, in the order in which people read them.
func Kinds() []Kind { return []Kind{Service, Team, Person, System, Resource, API} }

// Valid reports whether k is one of Kinds.
func (k Kind) Valid() bool {
	switch k {
	case Service, Team, Person, System, Resource, API:
		return true
	}
	return false
}

// MaxName is the longest name, in bytes, as for a DNS name.
const MaxName = 253

// Labels as in RFC 1123, with the underscore that real service names carry.
var nameFormat = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9_-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9_-]*[A-Za-z0-9])?)*$`)

// Ref identifies an entity. Its name is folded to lower case, so that two Refs of one entity are equal.
type Ref struct {
	Kind Kind
	Name string
}

// NewRef folds and checks a name. It returns an Invalid fault for a name that no entity can have.
func NewRef(kind Kind, name string) (Ref, error) {
	if !kind.Valid() {
		return Ref{}, fault.New(fault.Invalid, "%q is not a kind of entity: use service, team, person, system, resource or api", clip(string(kind)))
	}
	if err := CheckName(name); err != nil {
		return Ref{}, err
	}
	return Ref{Kind: kind, Name: strings.ToLower(name)}, nil
}

// CheckName tells whether an entity can have this name.
func CheckName(name string) error {
	switch {
	case name == "":
		return fault.New(fault.Invalid, "the name is empty")
	case len(name) > MaxName:
		return fault.New(fault.Invalid, "the name %q has %d characters: at most %d", clip(name), len(name), MaxName)
	case !nameFormat.MatchString(name):
		return fault.New(fault.Invalid, "%q is not a name: use letters, digits, '-', '_' and '.', starting and ending each part with a letter or digit", clip(name))
	}
	return nil
}

// ParseRef reads "kind:name". A bare name is of the fallback kind; with an empty fallback it is an error.
func ParseRef(text string, fallback Kind) (Ref, error) {
	kind, name, found := strings.Cut(strings.TrimSpace(text), ":")
	if !found {
		if fallback == "" {
			return Ref{}, fault.New(fault.Invalid, "%q is not a reference: write kind:name, such as service:pricing", clip(text))
		}
		return NewRef(fallback, kind)
	}
	return NewRef(Kind(strings.ToLower(kind)), name)
}

func (r Ref) String() string { return string(r.Kind) + ":" + r.Name }

// IsZero reports whether r names nothing.
func (r Ref) IsZero() bool { return r == Ref{} }

// MarshalText and UnmarshalText let a Ref stand in JSON and as a map key in its written form.
func (r Ref) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// UnmarshalText reads what MarshalText writes.
func (r *Ref) UnmarshalText(text []byte) error {
	ref, err := ParseRef(string(text), "")
	*r = ref
	return err
}

// clip bounds what an error message repeats of somebody's input.
func clip(text string) string {
	text, _ = secret.Hide(text) // it may be one in the wrong field
	if len(text) > 80 {
		return text[:80] + "…"
	}
	return text
}
