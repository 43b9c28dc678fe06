package access

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"

	"tidings.dev/tidings/fault"
)

// newID makes a UUIDv7, so that ids are in the order of time.
func newID() string {
	id, err := uuid.NewV7()
	if err != nil {
		return uuid.NewString() // the clock is out of its range
	}
	return id.String()
}

// MaxPage is the most that one list gives.
const MaxPage = 200

// Me is the account of the context's principal; NotFound for one that has none, such as a service account.
func (d *Desk) Me(ctx context.Context) (Account, error) {
	if err := Check(ctx, ReadOneself); err != nil {
		return Account{}, err
	}
	who := From(ctx)
	if who.Account == "" {
		return Account{}, fault.New(fault.NotFound, "%s has no account", who)
	}
	return d.store.Account(ctx, AccountKey{ID: who.Account})
}

// Accounts lists accounts by name, from strictly after a folded name; at most limit, and no more than MaxPage.
func (d *Desk) Accounts(ctx context.Context, filter AccountFilter, after string, limit int) ([]Account, error) {
	if err := Check(ctx, ReadPeople); err != nil {
		return nil, err
	}
	return d.store.Accounts(ctx, filter, after, min(max(limit, 1), MaxPage))
}

// CountAccounts counts the accounts that pass.
func (d *Desk) CountAccounts(ctx context.Context, filter AccountFilter) (int, error) {
	if err := Check(ctx, ReadPeople); err != nil {
		return 0, err
	}
	return d.store.CountAccounts(ctx, filter)
}

// Account is one account by its id; NotFound when there is none.
func (d *Desk) Account(ctx context.Context, id string) (Account, error) {
	if err := Check(ctx, ReadPeople); err != nil {
		return Account{}, err
	}
	return d.store.Account(ctx, AccountKey{ID: id})
}

// SetRole gives an account a role of its own, which stands above what its groups give; RoleNone takes it back.
func (d *Desk) SetRole(ctx context.Context, id string, role Role) (Account, error) {
	return d.change(ctx, id, "role", func(a *Account) error {
		a.GivenRole = role
		return nil
	})
}

// Disable ends an account: its sessions and tokens end at once, and it can no longer log in. It can be enabled again,
// without them.
func (d *Desk) Disable(ctx context.Context, id string, disabled bool) (Account, error) {
	return d.change(ctx, id, "state", func(a *Account) error {
		switch {
		case !disabled:
			a.DisabledAt = time.Time{}
		case a.ID == From(ctx).Account:
			return fault.New(fault.Conflict, "you cannot disable yourself: ask another administrator")
		case !a.Disabled():
			a.DisabledAt = d.now()
		}
		return nil
	})
}

// change edits an account, as an administrator does.
func (d *Desk) change(ctx context.Context, id, action string, edit func(*Account) error) (Account, error) {
	if err := Check(ctx, WritePeople); err != nil {
		return Account{}, err
	}
	var account Account
	err := again(func() error {
		before, err := d.store.Account(ctx, AccountKey{ID: id})
		if err != nil {
			return err
		}
		account = before
		if err := edit(&account); err != nil {
			return err
		}
		if err := d.keepAnAdministrator(ctx, before, account); err != nil {
			return err
		}
		return d.put(ctx, Write{}, action, before, &account)
	})
	return account, err
}

// keepAnAdministrator refuses to take the last one's rights.
func (d *Desk) keepAnAdministrator(ctx context.Context, before, after Account) error {
	is := func(a Account) bool { return a.Role() == RoleAdministrator && !a.Disabled() }
	if !is(before) || is(after) {
		return nil
	}
	enabled := false
	n, err := d.store.CountAccounts(ctx, AccountFilter{Role: RoleAdministrator, Disabled: &enabled})
	if err == nil && n <= 1 {
		err = fault.New(fault.Invalid, "%s is the last administrator: make another one first", before.Name)
	}
	return err
}

// put writes an account that was changed, with what follows from it; one that was not is left alone.
func (d *Desk) put(ctx context.Context, w Write, action string, before Account, after *Account) error {
	diff := differs(before, *after)
	if before.Rev > 0 && len(diff) == 0 && before.External == after.External && len(w.Groups) == 0 {
		return nil
	}
	w.Accounts = append(w.Accounts, *after)
	switch {
	case after.Disabled():
		w.EndSessionsOf, w.RevokeTokensOf = []string{after.ID}, []string{after.ID}
	case before.Role() != after.Role() || !slices.Equal(before.Teams, after.Teams):
		w.RenewSessionsOf = []string{after.ID}
	}
	verb := " was changed"
	if before.Rev == 0 {
		verb = " was made"
	}
	if err := d.write(ctx, w, Entry{Action: action, Title: "The account " + after.Name + verb, About: after.Name, Diff: diff, By: From(ctx)}); err != nil {
		return err
	}
	after.Rev++
	return nil
}

// mine reports, by a fault, whether an account is one's own, or one may manage others'.
func mine(ctx context.Context, account string, own, others Operation) error {
	if who := From(ctx); account != "" && who.Account == account {
		return Check(ctx, own)
	}
	return Check(ctx, others)
}

// Sessions lists the sessions of an account, the newest first. Everyone may see their own.
func (d *Desk) Sessions(ctx context.Context, account string) ([]Session, error) {
	if err := mine(ctx, account, ReadOneself, ReadPeople); err != nil {
		return nil, err
	}
	all, err := d.store.Sessions(ctx, account)
	now := d.now()
	return slices.DeleteFunc(all, func(s Session) bool {
		return !d.lasts(HeldSession{Session: s}, now)
	}), err
}

// EndSession ends a session of an account; NotFound when it has none of that id. With the id "" all of them end but the
// one that asks.
func (d *Desk) EndSession(ctx context.Context, account, id string) error {
	if err := mine(ctx, account, WriteOneself, WritePeople); err != nil {
		return err
	}
	known, err := d.store.Account(ctx, AccountKey{ID: account})
	if err != nil {
		return err
	}
	all, err := d.store.Sessions(ctx, account)
	if err != nil {
		return err
	}
	who := From(ctx)
	var end []string
	for _, session := range all {
		if session.ID == id || id == "" && session.ID != who.Credential {
			end = append(end, session.ID)
		}
	}
	if len(end) == 0 && id != "" {
		return fault.New(fault.NotFound, "%s has no session %s", known.Name, id)
	}
	if len(end) == 0 {
		return nil
	}
	title := "A session of " + known.Name + " was ended"
	if id == "" {
		title = "All other sessions of " + known.Name + " were ended"
	}
	return d.write(ctx, Write{EndSessions: end}, Entry{Action: "session", Title: title, About: known.Name, By: who})
}

// Tokens lists tokens, the newest first, from strictly before an id: those of an account, or with "" all. Everyone may
// see their own.
func (d *Desk) Tokens(ctx context.Context, account, before string, limit int) ([]TokenInfo, error) {
	if err := mine(ctx, account, ReadOneself, ReadTokens); err != nil {
		return nil, err
	}
	return d.store.Tokens(ctx, account, before, min(max(limit, 1), MaxPage))
}

// CreateToken makes a token and gives its secret, which is never shown again. Everyone may make personal tokens with at
// most their own role; those of service accounts are an administrator's to make.
func (d *Desk) CreateToken(ctx context.Context, ask NewToken) (TokenInfo, string, error) {
	who := From(ctx)
	op := WriteTokens
	if ask.Kind == PersonalToken {
		op = WriteOneself
	}
	if err := Check(ctx, op); err != nil {
		return TokenInfo{}, "", err
	}
	if err := ask.check(); err != nil {
		return TokenInfo{}, "", err
	}
	if ask.Kind == PersonalToken && who.Account == "" {
		return TokenInfo{}, "", fault.New(fault.Invalid, "%s has no account: make a token of a service account", who)
	}
	if ask.Role == RoleNone {
		ask.Role = who.Role
		if len(ask.Scopes) > 0 {
			ask.Role = min(leastRole(ask.Scopes), who.Role)
		}
	}
	if ask.Role > who.Role {
		return TokenInfo{}, "", fault.New(fault.Forbidden, "a token has at most your own role, which is %s", who.Role)
	}
	secret, err := newTokenSecret(ask.Kind)
	if err != nil {
		return TokenInfo{}, "", err
	}
	token := TokenInfo{
		ID: newID(), Name: ask.Name, Kind: ask.Kind, Role: ask.Role, Scopes: ask.Scopes, Source: line(ask.Source, MaxName),
		CreatedBy: who.String(), CreatedAt: d.now(), Hint: hint(secret),
	}
	if ask.Kind == PersonalToken {
		token.Account = who.Account
	}
	if ask.For > 0 {
		token.ExpiresAt = token.CreatedAt.Add(ask.For)
	}
	entry := Entry{Action: "access-token", Title: "The token " + token.Name + " was made", About: token.Name, By: who, Diff: token.diff()}
	return token, secret, d.write(ctx, Write{Token: &token, Secret: digestOf(secret)}, entry)
}

// RevokeToken ends a token at once; NotFound when there is none. Everyone may end their own.
func (d *Desk) RevokeToken(ctx context.Context, id string) (TokenInfo, error) {
	if err := Check(ctx, WriteOneself); err != nil {
		return TokenInfo{}, err
	}
	token, err := d.store.Token(ctx, id)
	if err != nil {
		return TokenInfo{}, err
	}
	if err := mine(ctx, token.Account, WriteOneself, WriteTokens); err != nil {
		return TokenInfo{}, err
	}
	if !token.RevokedAt.IsZero() {
		return token, nil
	}
	token.RevokedAt = d.now()
	return token, d.write(ctx, Write{RevokeTokens: []string{id}, Now: token.RevokedAt},
		Entry{Action: "access-token", Title: "The token " + token.Name + " was revoked", About: token.Name, By: From(ctx)})
}
