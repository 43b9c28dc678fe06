// Package access knows who asks. Every write carries a principal from the first commit on; roles and logins join it
// here, so that one place decides for every entrance.
package access

import "context"

// Type is what sort of principal asks.
type Type string

// The types of principal.
const (
	Person Type = "person" // somebody in a browser or with their own token
	Token  Type = "token"  // a service account
	Source Type = "source" // a configured source
	System Type = "system" // Tidings itself
)

// Principal is who asks.
type Principal struct {
	Type Type   `json:"type"`
	Name string `json:"name"`
}

// String is the form that the log keeps: "person:priya".
func (p Principal) String() string { return string(p.Type) + ":" + p.Name }

// Administrator is everyone while login is off.
var Administrator = Principal{Type: Person, Name: "administrator"}

// Tidings is the program itself.
var Tidings = Principal{Type: System, Name: "tidings"}

type key struct{}

// With puts the principal into a context.
func With(ctx context.Context, p Principal) context.Context { return context.WithValue(ctx, key{}, p) }

// From finds the principal of a context; it is nobody, "unknown:", when none was put there.
func From(ctx context.Context) Principal {
	p, ok := ctx.Value(key{}).(Principal)
	if !ok {
		return Principal{Type: "unknown"}
	}
	return p
}
