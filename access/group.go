package access

import (
	"context"
	"slices"
	"strings"
	"time"

	"tidings.dev/tidings/fault"
)

// Grant is what members of a group are given.
type Grant struct {
	// Group is the name or id of a group as the identity provider writes it, in any case; one * stands for any letters.
	Group string `yaml:"group"`
	// Role is the role that its members have; the highest of their groups counts.
	Role Role `yaml:"role"`
	// Teams are the teams that its members belong to; a * is what the one in Group stands for.
	Teams []string `yaml:"teams"`
}

// match reports whether a group is meant, and what the * stands for.
func (g *Grant) match(group string) (string, bool) {
	pattern, group := strings.ToLower(g.Group), strings.ToLower(group)
	head, tail, wild := strings.Cut(pattern, "*")
	if !wild {
		return "", pattern == group
	}
	if len(group) < len(head)+len(tail) || !strings.HasPrefix(group, head) || !strings.HasSuffix(group, tail) {
		return "", false
	}
	return group[len(head) : len(group)-len(tail)], true
}

// Grants say what groups give.
type Grants struct {
	List []Grant
	// Default is the role of whoever is let in at all and is in no group that gives one; RoleNone lets nobody else in.
	Default Role
}

// Rights is what groups give: the highest role of any, and the teams of all, folded and sorted.
func (g *Grants) Rights(groups []string) (Role, []string) {
	role := g.Default
	var teams []string
	for i := range g.List {
		grant := &g.List[i]
		for _, group := range groups {
			part, ok := grant.match(group)
			if !ok {
				continue
			}
			role = max(role, grant.Role)
			for _, team := range grant.Teams {
				teams = append(teams, strings.ToLower(strings.ReplaceAll(team, "*", part)))
			}
		}
	}
	slices.Sort(teams)
	return role, slices.Compact(teams)
}

// Check names what is wrong with the grants; the pointer of each fault begins with place.
func (g *Grants) Check(place string) []fault.Fault {
	var faults []fault.Fault
	for i := range g.List {
		grant := &g.List[i]
		switch {
		case grant.Group == "" || strings.Count(grant.Group, "*") > 1:
			faults = append(faults, fault.Fault{Pointer: place, Detail: "each has a group, with at most one *"})
		case grant.Role == RoleNone && len(grant.Teams) == 0:
			faults = append(faults, fault.Fault{Pointer: place, Detail: "the group " + grant.Group + " gives neither a role nor a team"})
		}
	}
	return faults
}

// Group is a group of people that a system provisions. Times are UTC with microseconds.
type Group struct {
	ID        string
	Name      string
	External  string
	Members   []string // ids of accounts, sorted
	CreatedAt time.Time
	UpdatedAt time.Time
	Rev       int64 // as for an Account
}

// GroupStore keeps provisioned groups.
type GroupStore interface {
	// Group is one group; NotFound when there is none.
	Group(ctx context.Context, id string) (Group, error)
	// Groups lists groups by id, from strictly after one, at most limit; with a name or an external id only those.
	Groups(ctx context.Context, name, external, after string, limit int) ([]Group, error)
	// GroupsOf lists the names of the groups that an account is a member of, sorted.
	GroupsOf(ctx context.Context, account string) ([]string, error)
}
