package incident

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"

	"tidings.dev/tidings/catalog"
	"tidings.dev/tidings/change"
	"tidings.dev/tidings/fault"
)

// MaxRole bounds the name of a role, in bytes.
const MaxRole = 60

// Me is whoever acts, as the one who takes a role.
const Me = "me"

// The usual roles of an incident. Any other name is a role as well.
const (
	Commander      = "commander"      // decides
	Communications = "communications" // tells everybody else
	Scribe         = "scribe"         // writes down
)

// RoleNames lists the usual roles in the order in which they are given, whoever has them, and then others that somebody has.
func (i *Incident) RoleNames() []string {
	names := []string{Commander, Communications, Scribe}
	for _, role := range slices.Sorted(maps.Keys(i.Roles)) {
		if !slices.Contains(names, role) {
			names = append(names, role)
		}
	}
	return names
}

// Assign gives a role to a person, by reference or name, or to whoever acts (Me). Whoever had it has it no longer; an empty one
// takes it away.
func (k *Keeper) Assign(ctx context.Context, number int64, role, who string) (Incident, error) {
	return k.act(ctx, number, func(b *batch, d *draft) error {
		role = strings.ToLower(strings.TrimSpace(role))
		if role == "" || len(role) > MaxRole || strings.ContainsFunc(role, func(r rune) bool { return r < ' ' }) {
			return fault.InvalidInput("role", []fault.Fault{{Pointer: "/roles", Detail: "is a short name, such as commander"}})
		}
		person, err := holder(ctx, role, who)
		before := d.Roles[role]
		if err != nil || before == person {
			return err
		}
		fields := map[string]string{FieldName: role, FieldPerson: person}
		if before != "" {
			fields[FieldBefore] = before
		}
		b.entry(d, Entry{Kind: EntryRole, At: b.now, By: actor(ctx), Fields: fields})
		return nil
	})
}

// holder is who has a role from now on, as it is kept.
func holder(ctx context.Context, role, who string) (string, error) {
	switch who {
	case "":
		return "", nil
	case Me:
		me := actor(ctx)
		if me.Type != change.ByPerson {
			return "", fault.InvalidInput("role", []fault.Fault{{Pointer: "/roles/" + role, Detail: "is taken by people: name a person, such as person:ines, where a token asks"}})
		}
		return personOf(me), nil
	}
	ref, err := catalog.ParseRef(who, catalog.Person)
	if err != nil || ref.Kind != catalog.Person {
		return "", fault.InvalidInput("role", []fault.Fault{{Pointer: "/roles/" + role, Detail: "is a person, such as person:ines"}})
	}
	return ref.String(), nil
}

// personOf is an actor as a role names people: what cannot be a name of the roll stays as it is.
func personOf(a change.Actor) string {
	ref, err := catalog.NewRef(catalog.Person, a.Name)
	if err != nil {
		return a.Name
	}
	return ref.String()
}

// RoleWords say, after the name of who did it, what became of a role: "took the role of commander over from ines".
func (e *Entry) RoleWords() string {
	role, by := e.Fields[FieldName], personOf(e.By)
	name := func(person string) string { return strings.TrimPrefix(person, string(catalog.Person)+":") }
	now, before := e.Fields[FieldPerson], e.Fields[FieldBefore]
	switch {
	case now == "" && before == by:
		return "gave the role of " + role + " back"
	case now == "":
		return "took the role of " + role + " away from " + cmp.Or(name(before), "whoever had it")
	case now == by && before == "":
		return "took the role of " + role
	case now == by:
		return "took the role of " + role + " over from " + name(before)
	case before == by:
		return "handed the role of " + role + " over to " + name(now)
	case before == "":
		return "made " + name(now) + " " + role
	}
	return "handed the role of " + role + " over from " + name(before) + " to " + name(now)
}
