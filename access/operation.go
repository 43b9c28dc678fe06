package access

import (
	"context"
	"maps"
	"slices"
	"strings"

	"tidings.dev/tidings/fault"
)

// Scope is what a token is for. A token with scopes may do only what they cover, and no more than its role.
type Scope string

// The scopes.
const (
	ScopeRead     Scope = "read"     // the roll, the log and what is derived from them
	ScopeDeliver  Scope = "deliver"  // record events, of one source where the token names one
	ScopeDescribe Scope = "describe" // apply descriptors and edit the roll
	ScopeAgent    Scope = "agent"    // send observations, of one source where the token names one
	ScopePeople   Scope = "people"   // provision people and groups by SCIM
)

// Scopes lists every scope.
func Scopes() []Scope {
	return []Scope{ScopeRead, ScopeDeliver, ScopeDescribe, ScopeAgent, ScopePeople}
}

// Operation is something that somebody may or may not do. Every route, field and command is one of them.
type Operation string

// The operations.
const (
	Public         Operation = "public"    // health, login, the page's own files: no principal is needed
	ReadRoll       Operation = "roll.read" // entities, relations, descriptors, search
	ReadLog        Operation = "log.read"  // events, stories, counts, streams
	ReadIncidents  Operation = "incidents.read"
	OpenIncident   Operation = "incidents.open"    // say that something is in trouble
	Respond        Operation = "incidents.respond" // acknowledge, resolve, edit, merge, note, judge a change
	ReadUnclaimed  Operation = "unclaimed.read"    // outside names and their suggestions
	ReadSources    Operation = "sources.read"      // how the sources are doing
	ReadOneself    Operation = "self.read"         // who am I, my sessions and tokens
	WriteOneself   Operation = "self.write"        // end my sessions, make and revoke my tokens
	SaveView       Operation = "views.save"        // keep a list as it is, for oneself, and take that away
	ShareView      Operation = "views.share"       // do so for everybody
	RecordEvents   Operation = "events.record"     // tell of what happened
	EditEntity     Operation = "entity.edit"       // claim fields by hand, withdraw such claims
	ApplyDocuments Operation = "documents.apply"   // describe entities by documents
	ClaimAlias     Operation = "alias.claim"       // say that an outside name is an entity
	ReadDeliveries Operation = "deliveries.read"   // what sources sent, as they sent it
	ReplayDelivery Operation = "deliveries.replay"
	WriteSources   Operation = "sources.write"
	Observe        Operation = "observations.send" // what an agent saw
	ReadMetrics    Operation = "metrics.read"
	ReadPeople     Operation = "people.read"
	WritePeople    Operation = "people.write"
	Provision      Operation = "people.provision" // SCIM
	ReadTokens     Operation = "tokens.read"      // those of others and of service accounts
	WriteTokens    Operation = "tokens.write"
	ReadSettings   Operation = "settings.read" // a secret setting only ever as a fingerprint
	WriteSettings  Operation = "settings.write"
	ReadAudit      Operation = "audit.read"
	Erase          Operation = "people.erase" // take a person's name out of the log
)

// Rule is who may perform an operation.
type Rule struct {
	Least Role  // the least role
	Scope Scope // the scope that lets a narrowed token do it; empty means that no narrowed token may
	Known bool  // only for somebody who is known: not for who reads without a login
}

var rules = map[Operation]Rule{
	Public:         {Least: RoleNone, Scope: ScopeRead},
	ReadRoll:       {Least: RoleViewer, Scope: ScopeRead},
	ReadLog:        {Least: RoleViewer, Scope: ScopeRead},
	ReadIncidents:  {Least: RoleViewer, Scope: ScopeRead},
	OpenIncident:   {Least: RoleMember, Scope: ScopeDeliver},
	Respond:        {Least: RoleMember},
	ReadUnclaimed:  {Least: RoleViewer, Scope: ScopeRead},
	ReadSources:    {Least: RoleViewer, Scope: ScopeRead},
	ReadOneself:    {Least: RoleViewer, Scope: ScopeRead},
	WriteOneself:   {Least: RoleViewer},
	SaveView:       {Least: RoleViewer, Known: true},
	ShareView:      {Least: RoleMember, Known: true},
	RecordEvents:   {Least: RoleMember, Scope: ScopeDeliver},
	EditEntity:     {Least: RoleMember, Scope: ScopeDescribe},
	ApplyDocuments: {Least: RoleMember, Scope: ScopeDescribe},
	ClaimAlias:     {Least: RoleOperator, Scope: ScopeDescribe},
	ReadDeliveries: {Least: RoleOperator},
	ReplayDelivery: {Least: RoleOperator},
	WriteSources:   {Least: RoleOperator},
	Observe:        {Least: RoleMember, Scope: ScopeAgent},
	ReadMetrics:    {Least: RoleViewer, Scope: ScopeRead},
	ReadPeople:     {Least: RoleAdministrator},
	WritePeople:    {Least: RoleAdministrator},
	Provision:      {Least: RoleAdministrator, Scope: ScopePeople},
	ReadTokens:     {Least: RoleAdministrator},
	WriteTokens:    {Least: RoleAdministrator},
	ReadSettings:   {Least: RoleAdministrator},
	WriteSettings:  {Least: RoleAdministrator},
	ReadAudit:      {Least: RoleAdministrator},
	Erase:          {Least: RoleAdministrator},
}

// Operations lists every operation, by name.
func Operations() []Operation { return slices.Sorted(maps.Keys(rules)) }

// RuleOf tells who may perform an operation; false for one that is not in the table, which nobody may.
func RuleOf(op Operation) (Rule, bool) {
	rule, ok := rules[op]
	return rule, ok
}

// Check reports whether the principal of the context may perform the operation: nil, Unauthenticated for nobody, or
// Forbidden with what is missing.
func Check(ctx context.Context, op Operation) error {
	return From(ctx).Check(op)
}

// Check is Check for a principal at hand.
func (p Principal) Check(op Operation) error {
	rule, listed := rules[op]
	switch {
	case !listed:
		return fault.New(fault.Internal, "the operation %q is not in the table", op)
	case rule.Least == RoleNone:
		return nil
	case p.Role == RoleNone && !p.Known():
		return fault.New(fault.Unauthenticated, "log in, or send a token as Authorization: Bearer")
	case p.Type == Anonymous && (rule.Known || p.Role < rule.Least):
		return fault.New(fault.Unauthenticated, "log in to do that: without a login one may only read")
	case len(p.Scopes) > 0 && (rule.Scope == "" || !slices.Contains(p.Scopes, rule.Scope)):
		return fault.New(fault.Forbidden, "this token may not do that (%s): it is for %v", op, p.Scopes)
	case p.Role < rule.Least:
		return fault.New(fault.Forbidden, "that takes the role %s (%s): %s has the role %s; ask an administrator", rule.Least, op, p.Name, p.Role)
	}
	return nil
}

// CheckOwned asks whether the principal may edit what the teams own: members edit what a team of theirs owns, operators
// anything. Team names are folded; no teams means that nobody owns it.
func CheckOwned(ctx context.Context, op Operation, what string, owners ...string) error {
	p := From(ctx)
	if err := p.Check(op); err != nil {
		return err
	}
	if p.Role >= RoleOperator || p.In(owners...) {
		return nil
	}
	if len(owners) == 0 {
		return fault.New(fault.Forbidden, "nobody owns %s: name one of your own teams as its owner in the same edit, or ask an operator", what)
	}
	return fault.New(fault.Forbidden, "%s belongs to %v: only they, or an operator, may edit it", what, owners)
}

// CheckSource asks whether the principal may tell of events in the name of a source. The name of Tidings itself is
// its own: what stands in the log under it is the audit.
func CheckSource(ctx context.Context, source string) error {
	p := From(ctx)
	if err := p.Check(RecordEvents); err != nil {
		return err
	}
	if p.Type != System && strings.EqualFold(source, Tidings.Name) {
		return fault.New(fault.Forbidden, "the source %q is Tidings itself: choose another name", source)
	}
	if p.Source != "" && p.Source != source {
		return fault.New(fault.Forbidden, "this token delivers for the source %q alone, not for %q", p.Source, source)
	}
	return nil
}
