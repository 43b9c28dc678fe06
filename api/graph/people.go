package graph

import (
	"context"
	"strings"
	"time"

	"tidings.dev/tidings/access"
	"tidings.dev/tidings/fault"
)

// Account is a person who can log in.
type Account struct{ access.Account }

// Role is what the account may do.
func (a *Account) Role() *access.Role { return given(a.Account.Role()) }

// GivenRole is what an administrator gave.
func (a *Account) GivenRole() *access.Role { return given(a.Account.GivenRole) }

// Groups are those of the identity provider and those that were provisioned.
func (a *Account) Groups() []string { return a.AllGroups() }

func given(role access.Role) *access.Role {
	if role == access.RoleNone {
		return nil
	}
	return &role
}

// Session is one login of one browser.
type Session struct {
	access.Session
	Current bool
}

// desk is where accounts are kept.
func (a *API) desk() (*access.Desk, error) {
	if a.deps.NoLogin || a.deps.Desk == nil {
		return nil, fault.New(fault.Conflict, "login is off: there are no accounts, sessions or tokens")
	}
	return a.deps.Desk, nil
}

// Me is the account that asks.
func (q queries) Me(ctx context.Context) (*Account, error) {
	if q.deps.NoLogin || q.deps.Desk == nil || access.From(ctx).Account == "" {
		return nil, nil //nolint:nilnil // a service account has none, and that is not a failure
	}
	account, err := q.deps.Desk.Me(ctx)
	if err != nil {
		return nil, err
	}
	return &Account{account}, nil
}

// People lists the people who can log in.
func (q queries) People(ctx context.Context, search *string, role *access.Role, after *string, first *int) (*PeoplePage, error) {
	desk, err := q.desk()
	if err != nil {
		return nil, err
	}
	filter := access.AccountFilter{Query: valueOf(search), Role: valueOf(role)}
	most, err := bounded(first, 50, access.MaxPage-1)
	if err != nil {
		return nil, err
	}
	found, err := desk.Accounts(ctx, filter, valueOf(after), most+1)
	if err != nil {
		return nil, err
	}
	total, err := desk.CountAccounts(ctx, filter)
	if err != nil {
		return nil, err
	}
	page := &PeoplePage{Total: total}
	for i := range found[:min(len(found), most)] {
		page.Nodes = append(page.Nodes, Account{found[i]})
	}
	if len(found) > most {
		next := strings.ToLower(found[most-1].Name)
		page.Next = &next
	}
	return page, nil
}

// Sessions lists the sessions of an account.
func (q queries) Sessions(ctx context.Context, account *string) ([]Session, error) {
	desk, err := q.desk()
	if err != nil {
		return nil, err
	}
	of := whose(ctx, account)
	if of == "" {
		return nil, nil // a token of a service account has none
	}
	found, err := desk.Sessions(ctx, of)
	if err != nil {
		return nil, err
	}
	sessions := make([]Session, len(found))
	for i, session := range found {
		sessions[i] = Session{session, session.ID == access.From(ctx).Credential}
	}
	return sessions, nil
}

// Tokens lists tokens.
func (q queries) Tokens(ctx context.Context, all *bool, after *string, first *int) (*TokenPage, error) {
	desk, err := q.desk()
	if err != nil {
		return nil, err
	}
	account := access.From(ctx).Account
	if valueOf(all) {
		account = ""
	} else if account == "" {
		return &TokenPage{}, nil
	}
	most, err := bounded(first, 50, access.MaxPage-1)
	if err != nil {
		return nil, err
	}
	found, err := desk.Tokens(ctx, account, valueOf(after), most+1)
	if err != nil {
		return nil, err
	}
	page := &TokenPage{Nodes: found[:min(len(found), most)]}
	if len(found) > most {
		page.Next = &found[most-1].ID
	}
	return page, nil
}

// EndSession ends sessions.
func (m mutations) EndSession(ctx context.Context, id, account *string) (bool, error) {
	desk, err := m.desk()
	if err != nil {
		return false, err
	}
	of := whose(ctx, account)
	if of == "" {
		return false, fault.New(fault.NotFound, "%s has no sessions", access.From(ctx))
	}
	return true, desk.EndSession(ctx, of, valueOf(id))
}

// CreateToken makes a token.
func (m mutations) CreateToken(ctx context.Context, input TokenInput) (*CreatedToken, error) {
	desk, err := m.desk()
	if err != nil {
		return nil, err
	}
	token, secret, err := desk.CreateToken(ctx, access.NewToken{
		Name: input.Name, Kind: input.Kind, Role: valueOf(input.Role), Scopes: input.Scopes, Source: valueOf(input.Source),
		For: time.Duration(valueOf(input.Days)) * 24 * time.Hour,
	})
	if err != nil {
		return nil, err
	}
	return &CreatedToken{Token: &token, Secret: secret}, nil
}

// RevokeToken ends a token.
func (m mutations) RevokeToken(ctx context.Context, id string) (*access.TokenInfo, error) {
	desk, err := m.desk()
	if err != nil {
		return nil, err
	}
	token, err := desk.RevokeToken(ctx, id)
	return &token, err
}

// SetRole gives a role, or takes one back.
func (m mutations) SetRole(ctx context.Context, account string, role *access.Role) (*Account, error) {
	desk, err := m.desk()
	if err != nil {
		return nil, err
	}
	changed, err := desk.SetRole(ctx, account, valueOf(role))
	return &Account{changed}, err
}

// SetDisabled ends an account, or lets it in again.
func (m mutations) SetDisabled(ctx context.Context, account string, disabled bool) (*Account, error) {
	desk, err := m.desk()
	if err != nil {
		return nil, err
	}
	changed, err := desk.Disable(ctx, account, disabled)
	return &Account{changed}, err
}

// Invite makes the secret of a one-time link.
func (m mutations) Invite(ctx context.Context, role *access.Role, account *string) (string, error) {
	desk, err := m.desk()
	if err != nil {
		return "", err
	}
	return desk.Invite(ctx, valueOf(role), valueOf(account))
}

// valueOf is what an optional argument says, or the zero value.
func valueOf[T any](argument *T) T {
	if argument == nil {
		var zero T
		return zero
	}
	return *argument
}

// whose is the account that is named, or the one that asks.
func whose(ctx context.Context, account *string) string {
	if account != nil {
		return *account
	}
	return access.From(ctx).Account
}
