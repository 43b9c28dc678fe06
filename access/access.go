// Package access decides who may do what. Every entrance (GraphQL, REST, streams, hooks, chat, agents) puts the principal
// into the context of a request and asks here before it acts; nobody else decides. The table of operations is in
// operation.go.
//
// The Desk is where people and machines show who they are: it keeps accounts, sessions and tokens, turns a cookie or a
// bearer token into a principal, and writes each of its acts into the log, in the transaction of the act itself.
// Imports: fault, and change for the audit.
package access

import (
	"context"
	"slices"
)

// Type is what sort of principal asks.
type Type string

// The types of principal.
const (
	Person    Type = "person"    // somebody in a browser or with a token of their own
	Token     Type = "token"     // a service account
	Source    Type = "source"    // a configured source
	System    Type = "system"    // Tidings itself
	Anonymous Type = "anonymous" // anybody, where the configuration lets them read
)

// Principal is who asks, and what they are allowed. The zero value is nobody.
type Principal struct {
	Type Type
	Name string
	Role Role
	// Teams are the names of the teams that a person belongs to, folded: what these own, a member may edit.
	Teams []string
	// Scopes narrow a token to some operations; none means all that the role allows.
	Scopes []Scope
	// Source narrows a token to the deliveries of one source; empty means any.
	Source string
	// Address is where the request came from, for the audit; empty for what Tidings does by itself.
	Address string
	// Credential is the public id of the session or token that was shown; empty when login is off.
	Credential string
	// Account is the id of a person's account; empty for everything else, and when login is off.
	Account string
}

// String is the form that the log keeps: "person:priya".
func (p Principal) String() string {
	if p.Type == "" {
		return "unknown:"
	}
	return string(p.Type) + ":" + p.Name
}

// Known reports whether anybody can be asked about what the principal did.
func (p Principal) Known() bool { return p.Name != "" && p.Type != Anonymous }

// In reports whether the principal belongs to one of the teams.
func (p Principal) In(teams ...string) bool {
	return slices.ContainsFunc(teams, func(team string) bool { return slices.Contains(p.Teams, team) })
}

// Administrator is everyone while login is off.
var Administrator = Principal{Type: Person, Name: "administrator", Role: RoleAdministrator}

// Tidings is the program itself.
var Tidings = Principal{Type: System, Name: "tidings", Role: RoleAdministrator}

type key struct{}

// With puts the principal into a context.
func With(ctx context.Context, p Principal) context.Context { return context.WithValue(ctx, key{}, p) }

// From finds the principal of a context; it is nobody when none was put there.
func From(ctx context.Context) Principal {
	p, _ := ctx.Value(key{}).(Principal)
	return p
}
