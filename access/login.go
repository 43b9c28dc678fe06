package access

import (
	"context"
	"fmt"
	"slices"
	"time"

	"tidings.dev/tidings/fault"
)

// Identity is somebody as an identity provider vouches for them.
type Identity struct {
	Issuer, Subject string
	// Provider is the name of the configured provider, for the audit.
	Provider string
	Name     string // what it calls a user name; it need not be unique, and only names a new account
	Title    string
	Email    string
	// EmailVerified says that the address is the person's: only then does it find an account that was provisioned.
	EmailVerified bool
	Groups        []string
}

// LoggedIn is a session that has begun.
type LoggedIn struct {
	Account   Account
	Session   Session
	Secret    string // for the cookie
	ExpiresAt time.Time
}

// May reports, by a RateLimited fault, that an address failed to log in too often to try again now.
func (d *Desk) May(shown Shown) error { return d.failures.Has("login/" + network(shown.Address)) }

// Fail counts and notes a login that failed before it was known whose it would have been.
func (d *Desk) Fail(ctx context.Context, shown Shown, why string) {
	d.refuse(ctx, shown, "", why)
}

// refuse counts a failed login, and writes it into the audit unless there were too many.
func (d *Desk) refuse(ctx context.Context, shown Shown, about, why string) {
	counted := d.failures.Take("login/"+network(shown.Address), 1)
	if about != "" && counted == nil {
		counted = d.failures.Take("account/"+about, 1)
	}
	if counted != nil || d.failures.Take("audit", 1) != nil {
		return
	}
	title := "Somebody failed to log in: " + why
	if about != "" {
		title = about + " failed to log in: " + why
	}
	// The refusal itself stands, whether it could be noted or not.
	_ = d.Audit(context.WithoutCancel(ctx), Entry{
		Action: "login", Title: title, About: about, Failed: true, By: Principal{Type: Person, Name: about, Address: shown.Address},
	})
}

// Login begins a session for somebody that an identity provider vouches for. The account is made at the first login,
// and what it says is brought up to date. Forbidden when the account is disabled, or nothing gives it a role.
func (d *Desk) Login(ctx context.Context, who Identity, shown Shown) (LoggedIn, error) {
	var done LoggedIn
	err := again(func() error {
		account, err := d.find(ctx, who)
		if err != nil {
			return err
		}
		before := account
		account.Issuer, account.Subject = who.Issuer, who.Subject
		account.Title, account.Email = line(who.Title, MaxTitle), address(who.Email)
		account.Groups = groupsOf(who.Groups)
		d.derive(&account)
		if account.Disabled() {
			d.refuse(ctx, shown, account.Name, "the account is disabled")
			return fault.New(fault.Forbidden, "this account is disabled: ask an administrator")
		}
		if account.Role() == RoleNone {
			d.refuse(ctx, shown, account.Name, "no group gives a role")
			return fault.New(fault.Forbidden, "you are known as %s, but none of your groups may use Tidings: ask an administrator", account.Name)
		}
		done, err = d.begin(ctx, Write{}, before, account, shown, "by "+who.Provider)
		return err
	})
	return done, err
}

func groupsOf(groups []string) []string {
	var kept []string
	for _, group := range groups {
		if group = line(group, MaxTitle); group != "" {
			kept = append(kept, group)
		}
	}
	slices.Sort(kept)
	kept = slices.Compact(kept)
	return kept[:min(len(kept), MaxGroups)]
}

// derive fills what follows from the rest of an account.
func (d *Desk) derive(a *Account) {
	a.GroupRole, a.Teams = d.options.Grants.Rights(a.AllGroups())
	a.Person = d.options.Person(*a)
}

// find gives the account of an identity: the one that it used before, one that was provisioned for it, or a new one.
func (d *Desk) find(ctx context.Context, who Identity) (Account, error) {
	if who.Issuer == "" || who.Subject == "" {
		return Account{}, fault.New(fault.Internal, "an identity without issuer or subject")
	}
	account, err := d.store.Account(ctx, AccountKey{Issuer: who.Issuer, Subject: who.Subject})
	if !fault.Is(err, fault.NotFound) {
		return account, err
	}
	// Only an account that nobody used yet can be taken over, by the id or the address that it was provisioned with.
	account, err = d.store.Account(ctx, AccountKey{External: who.Subject})
	if err == nil && account.Issuer == "" {
		return account, nil
	}
	if err != nil && !fault.Is(err, fault.NotFound) {
		return Account{}, err
	}
	if email := address(who.Email); email != "" && who.EmailVerified {
		found, err := d.store.Accounts(ctx, AccountFilter{Email: email}, "", 2)
		if err != nil {
			return Account{}, err
		}
		if len(found) == 1 && found[0].Issuer == "" {
			return found[0], nil
		}
	}
	return d.unused(ctx, nameOf(who.Name, who.Email, who.Title))
}

// unused makes a new account with a name that nobody has.
func (d *Desk) unused(ctx context.Context, name string) (Account, error) {
	account := Account{ID: newID(), Name: name, CreatedAt: d.now()}
	for n := 2; ; n++ {
		_, err := d.store.Account(ctx, AccountKey{Name: account.Name})
		if fault.Is(err, fault.NotFound) {
			return account, nil
		}
		if err != nil || n > 99 {
			return account, err
		}
		account.Name = fmt.Sprintf("%s-%d", name, n)
	}
}

// begin starts a session of an account, and writes both.
func (d *Desk) begin(ctx context.Context, w Write, before, account Account, shown Shown, how string) (LoggedIn, error) {
	now := d.now()
	account.SeenAt = now
	session := Session{
		ID: newID(), Account: account.ID, CreatedAt: now, SeenAt: now, RenewedAt: now, ExpiresAt: now.Add(d.options.Longest),
		Address: shown.Address, UserAgent: line(shown.UserAgent, MaxTitle),
	}
	done := LoggedIn{Account: account, Session: session, Secret: newSecret(), ExpiresAt: session.ExpiresAt}
	w.Accounts, w.Session, w.Secret, w.Now = append(w.Accounts, account), &session, digestOf(done.Secret), now
	if before.Rev > 0 {
		sessions, err := d.store.Sessions(ctx, account.ID)
		if err != nil {
			return LoggedIn{}, err
		}
		for i := maxSessions - 1; i < len(sessions); i++ {
			w.EndSessions = append(w.EndSessions, sessions[i].ID)
		}
		if before.Role() != account.Role() || !slices.Equal(before.Teams, account.Teams) {
			w.RenewSessionsOf = []string{account.ID}
		}
	}
	by := account.principal(shown.Address, session.ID)
	entry := Entry{
		Action: "login", Title: account.Name + " logged in " + how, About: account.Name, By: by,
		Diff: differs(before, account), Labels: map[string]string{"browser": session.UserAgent},
	}
	if session.UserAgent == "" {
		entry.Labels = nil
	}
	return done, d.write(ctx, w, entry)
}

// Logout ends the session of the context's principal; for one that has none it does nothing.
func (d *Desk) Logout(ctx context.Context) error {
	who := From(ctx)
	if who.Account == "" || who.Credential == "" {
		return nil
	}
	return d.write(ctx, Write{EndSessions: []string{who.Credential}}, Entry{Action: "logout", Title: who.Name + " logged out", About: who.Name, By: who})
}

// FirstLink makes the one-time link of a first start, good for an hour: an empty secret when somebody has an account.
func (d *Desk) FirstLink(ctx context.Context) (string, error) {
	n, err := d.store.CountAccounts(ctx, AccountFilter{})
	if err != nil || n > 0 {
		return "", err
	}
	return d.newLink(ctx, Link{Role: RoleAdministrator, First: true}, "A link for the first administrator was made", "")
}

// AdministratorLink makes a one-time link for an administrator, good for an hour, whoever has an account: it is for
// somebody who has the database in their hands.
func (d *Desk) AdministratorLink(ctx context.Context) (string, error) {
	return d.newLink(ctx, Link{Role: RoleAdministrator}, "A link for an administrator was made at the console", "")
}

// Invite makes a one-time link, good for an hour, by which somebody without an identity provider gets an account of a
// role, or, with the id of a local account, logs in to that one again.
func (d *Desk) Invite(ctx context.Context, role Role, account string) (string, error) {
	if err := Check(ctx, WritePeople); err != nil {
		return "", err
	}
	if account == "" {
		if role == RoleNone {
			return "", fault.New(fault.Invalid, "the role of the new account is required: viewer, member, operator or administrator")
		}
		return d.newLink(ctx, Link{Role: role}, "A link for a new "+role.String()+" was made", "")
	}
	known, err := d.store.Account(ctx, AccountKey{ID: account})
	if err != nil {
		return "", err
	}
	if known.Issuer != Local {
		return "", fault.New(fault.Conflict, "%s logs in by the identity provider: a link is for local accounts", known.Name)
	}
	return d.newLink(ctx, Link{Account: known.ID, Role: known.Role()}, "A link for "+known.Name+" was made", known.Name)
}

func (d *Desk) newLink(ctx context.Context, link Link, title, about string) (string, error) {
	by, secret := From(ctx), newSecret()
	if by.Type == "" {
		by = Tidings
	}
	link.ID, link.CreatedBy, link.CreatedAt = newID(), by.String(), d.now()
	link.ExpiresAt = link.CreatedAt.Add(linkFor)
	entry := Entry{Action: "link", Title: title, About: about, By: by, Labels: map[string]string{"role": link.Role.String()}}
	return secret, d.write(ctx, Write{Link: &link, Secret: digestOf(secret)}, entry)
}

// Redeem begins a session by a one-time link. The name is for the account that the link makes; a link of an account that
// there is does without. Unauthenticated when the link is unknown, used or over.
func (d *Desk) Redeem(ctx context.Context, secret, name, title string, shown Shown) (LoggedIn, error) {
	if err := d.May(shown); err != nil {
		return LoggedIn{}, err
	}
	link, err := d.link(ctx, secret)
	if err != nil {
		if fault.Is(err, fault.Unauthenticated) {
			d.refuse(ctx, shown, "", "a link that is unknown, used or over")
		}
		return LoggedIn{}, err
	}
	var done LoggedIn
	err = again(func() error {
		var account Account
		if link.Account != "" {
			if account, err = d.store.Account(ctx, AccountKey{ID: link.Account}); err != nil {
				return err
			}
		} else {
			if err := CheckName(name); err != nil {
				return err
			}
			switch _, err := d.store.Account(ctx, AccountKey{Name: name}); {
			case err == nil:
				return fault.New(fault.Invalid, "the name %s is taken: choose another", name)
			case !fault.Is(err, fault.NotFound):
				return err
			}
			account = Account{ID: newID(), Name: name, Title: line(title, MaxTitle), GivenRole: link.Role, Issuer: Local, CreatedAt: d.now()}
			account.Subject = account.ID
		}
		before := account
		if account.Rev == 0 {
			before = Account{}
		}
		if account.Disabled() {
			d.refuse(ctx, shown, account.Name, "the account is disabled")
			return fault.New(fault.Forbidden, "this account is disabled: ask an administrator")
		}
		d.derive(&account)
		done, err = d.begin(ctx, Write{UseLink: link.ID, EndFirstLinks: true}, before, account, shown, "by a one-time link")
		return err
	})
	if fault.Is(err, fault.Conflict) {
		return LoggedIn{}, errLink // somebody was faster
	}
	return done, err
}

var errLink = fault.New(fault.Unauthenticated, "this link is unknown, was used or is over: ask for a new one, or make one with tidings admin link")

func (d *Desk) link(ctx context.Context, secret string) (Link, error) {
	if len(secret) != secretLength {
		return Link{}, errLink
	}
	link, err := d.store.Link(ctx, digestOf(secret))
	if fault.Is(err, fault.NotFound) {
		return Link{}, errLink
	}
	if err != nil {
		return Link{}, err
	}
	if !link.UsedAt.IsZero() || !d.now().Before(link.ExpiresAt) {
		return Link{}, errLink
	}
	if link.First {
		n, err := d.store.CountAccounts(ctx, AccountFilter{})
		if err != nil || n > 0 {
			return Link{}, cause(err, errLink)
		}
	}
	return link, nil
}

func cause(err error, otherwise error) error {
	if err != nil {
		return err
	}
	return otherwise
}
