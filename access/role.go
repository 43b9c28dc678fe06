package access

import "fmt"

// Role is how much a principal may do; each role may do what the ones before it may.
type Role int8

// The roles. The zero value may do nothing.
const (
	RoleNone          Role = iota
	RoleViewer             // reads
	RoleMember             // edits what their teams own, and records events
	RoleOperator           // edits anything; sources, aliases, replays
	RoleAdministrator      // people, tokens, settings, audit
)

var roleNames = [...]string{"none", "viewer", "member", "operator", "administrator"}

// Roles lists every role that can be given, the least first.
func Roles() []Role { return []Role{RoleViewer, RoleMember, RoleOperator, RoleAdministrator} }

func (r Role) String() string {
	if r < 0 || int(r) >= len(roleNames) {
		return fmt.Sprintf("role %d", int8(r))
	}
	return roleNames[r]
}

// RoleNamed finds a role by its name; "none" is one.
func RoleNamed(name string) (Role, bool) {
	for i, known := range roleNames {
		if known == name {
			return Role(i), true
		}
	}
	return RoleNone, false
}

// MarshalText writes the role's name.
func (r Role) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// UnmarshalText reads a role's name.
func (r *Role) UnmarshalText(text []byte) error {
	role, ok := RoleNamed(string(text))
	if !ok {
		return fmt.Errorf("there is no role %q: use viewer, member, operator or administrator", text)
	}
	*r = role
	return nil
}
