package access_test

import (
	"context"
	"testing"

	"tidings.dev/tidings/access"
	"tidings.dev/tidings/fault"
)

func TestCheck(t *testing.T) {
	t.Parallel()
	person := func(role access.Role, teams ...string) access.Principal {
		return access.Principal{Type: access.Person, Name: "priya", Role: role, Teams: teams}
	}
	token := func(role access.Role, scopes ...access.Scope) access.Principal {
		return access.Principal{Type: access.Token, Name: "ci", Role: role, Scopes: scopes}
	}
	for _, test := range []struct {
		name string
		who  access.Principal
		op   access.Operation
		want fault.Code
	}{
		{"nobody reads", access.Principal{}, access.ReadRoll, fault.Unauthenticated},
		{"nobody asks for health", access.Principal{}, access.Public, ""},
		{"anybody reads where they are let", access.Principal{Type: access.Anonymous, Role: access.RoleViewer}, access.ReadLog, ""},
		{"anybody writes", access.Principal{Type: access.Anonymous, Role: access.RoleViewer}, access.RecordEvents, fault.Unauthenticated},
		{"a person without a role", person(access.RoleNone), access.ReadRoll, fault.Forbidden},
		{"a viewer reads", person(access.RoleViewer), access.ReadRoll, ""},
		{"a viewer records", person(access.RoleViewer), access.RecordEvents, fault.Forbidden},
		{"a member records", person(access.RoleMember), access.RecordEvents, ""},
		{"a member claims an alias", person(access.RoleMember), access.ClaimAlias, fault.Forbidden},
		{"an operator claims an alias", person(access.RoleOperator), access.ClaimAlias, ""},
		{"an operator reads the audit", person(access.RoleOperator), access.ReadAudit, fault.Forbidden},
		{"an administrator reads the audit", person(access.RoleAdministrator), access.ReadAudit, ""},
		{"a token to read reads", token(access.RoleViewer, access.ScopeRead), access.ReadLog, ""},
		{"a token to read records", token(access.RoleOperator, access.ScopeRead), access.RecordEvents, fault.Forbidden},
		{"a token to deliver records", token(access.RoleMember, access.ScopeDeliver), access.RecordEvents, ""},
		{"a token to deliver reads", token(access.RoleMember, access.ScopeDeliver), access.ReadLog, fault.Forbidden},
		{"a narrowed token of an administrator makes tokens", token(access.RoleAdministrator, access.Scopes()...), access.WriteTokens, fault.Forbidden},
		{"what is not in the table", person(access.RoleAdministrator), "made.up", fault.Internal},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := codeOf(test.who.Check(test.op)); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestCheckOwned(t *testing.T) {
	t.Parallel()
	member := access.Principal{Type: access.Person, Name: "priya", Role: access.RoleMember, Teams: []string{"payments"}}
	operator := access.Principal{Type: access.Person, Name: "omar", Role: access.RoleOperator}
	for _, test := range []struct {
		name   string
		who    access.Principal
		owners []string
		want   fault.Code
	}{
		{"of one's team", member, []string{"payments"}, ""},
		{"of two teams", member, []string{"search", "payments"}, ""},
		{"of another team", member, []string{"search"}, fault.Forbidden},
		{"of nobody", member, nil, fault.Forbidden},
		{"of another team, by an operator", operator, []string{"search"}, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			err := access.CheckOwned(access.With(context.Background(), test.who), access.EditEntity, "service:x", test.owners...)
			if got := codeOf(err); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestCheckSource(t *testing.T) {
	t.Parallel()
	narrow := access.Principal{Type: access.Token, Name: "jenkins", Role: access.RoleMember, Scopes: []access.Scope{access.ScopeDeliver}, Source: "jenkins"}
	for _, test := range []struct {
		name   string
		who    access.Principal
		source string
		want   fault.Code
	}{
		{"its own", narrow, "jenkins", ""},
		{"another", narrow, "github", fault.Forbidden},
		{"any", access.Administrator, "github", ""},
		{"the name of Tidings", access.Administrator, "tidings", fault.Forbidden},
		{"Tidings by its name", access.Tidings, "tidings", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := codeOf(access.CheckSource(access.With(context.Background(), test.who), test.source)); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func codeOf(err error) fault.Code {
	if err == nil {
		return ""
	}
	return fault.CodeOf(err)
}
