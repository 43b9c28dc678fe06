package access

import (
	"context"
	"slices"
	"time"

	"tidings.dev/tidings/fault"
)

// Provisioned is what a system that provisions people says of one (SCIM 2.0, RFC 7643, section 4.1).
type Provisioned struct {
	Name     string // the login name
	Title    string
	Email    string
	External string // its own id
	Active   bool
}

// ProvisionedPerson is one account by its id, as a system that provisions people sees it.
func (d *Desk) ProvisionedPerson(ctx context.Context, id string) (Account, error) {
	if err := Check(ctx, Provision); err != nil {
		return Account{}, err
	}
	return d.store.Account(ctx, AccountKey{ID: id})
}

// ProvisionedPeople lists accounts by name, from strictly after a folded name. With a key it is that account, or none.
func (d *Desk) ProvisionedPeople(ctx context.Context, key AccountKey, after string, limit int) ([]Account, error) {
	if err := Check(ctx, Provision); err != nil {
		return nil, err
	}
	if key == (AccountKey{}) {
		return d.store.Accounts(ctx, AccountFilter{}, after, min(max(limit, 1), MaxPage))
	}
	account, err := d.store.Account(ctx, key)
	if fault.Is(err, fault.NotFound) {
		return nil, nil
	}
	return []Account{account}, err
}

// CountProvisioned counts all accounts.
func (d *Desk) CountProvisioned(ctx context.Context) (int, error) {
	if err := Check(ctx, Provision); err != nil {
		return 0, err
	}
	return d.store.CountAccounts(ctx, AccountFilter{})
}

// PutPerson makes an account, or with an id replaces what is said of one; whoever is not active can no longer log in. A
// new one takes over a disabled account of its name, and one that somebody uses with its e-mail address. Conflict when
// the name is somebody else's.
func (d *Desk) PutPerson(ctx context.Context, id string, p Provisioned) (Account, error) {
	if err := Check(ctx, Provision); err != nil {
		return Account{}, err
	}
	if err := CheckName(p.Name); err != nil {
		return Account{}, err
	}
	var account Account
	err := again(func() error {
		before, err := d.provisioned(ctx, id, p)
		if err != nil {
			return err
		}
		account = before
		account.Name, account.Title, account.Email, account.External = p.Name, line(p.Title, MaxTitle), address(p.Email), line(p.External, MaxTitle)
		switch {
		case p.Active:
			account.DisabledAt = time.Time{}
		case !account.Disabled():
			account.DisabledAt = d.now()
		}
		if before.Rev == 0 {
			before = Account{}
		}
		d.derive(&account)
		return d.put(ctx, Write{}, "provision", before, &account)
	})
	return account, err
}

// provisioned finds the account that is meant.
func (d *Desk) provisioned(ctx context.Context, id string, p Provisioned) (Account, error) {
	named, err := d.store.Account(ctx, AccountKey{Name: p.Name})
	taken := err == nil
	if err != nil && !fault.Is(err, fault.NotFound) {
		return Account{}, err
	}
	if id != "" {
		if taken && named.ID != id {
			return Account{}, takenName(p.Name)
		}
		return d.store.Account(ctx, AccountKey{ID: id})
	}
	if taken {
		if !named.Disabled() || named.Issuer == Local {
			return Account{}, takenName(p.Name)
		}
		return named, nil
	}
	if email := address(p.Email); email != "" {
		found, err := d.store.Accounts(ctx, AccountFilter{Email: email}, "", 2)
		if err != nil {
			return Account{}, err
		}
		if len(found) == 1 && found[0].External == "" && found[0].Issuer != Local {
			return found[0], nil
		}
	}
	return Account{ID: newID(), Name: p.Name, CreatedAt: d.now()}, nil
}

// takenName is not a Conflict of two writes: it stays.
func takenName(name string) error {
	return &NameTakenError{fault.New(fault.Invalid, "the name %s is somebody else's", name)}
}

// NameTakenError is the fault of a name that somebody or some group has already.
type NameTakenError struct{ fault *fault.Error }

// Error is the sentence of the fault.
func (n *NameTakenError) Error() string { return n.fault.Error() }

// Unwrap gives the fault.
func (n *NameTakenError) Unwrap() error { return n.fault }

// ProvisionedGroup is one group by its id.
func (d *Desk) ProvisionedGroup(ctx context.Context, id string) (Group, error) {
	if err := Check(ctx, Provision); err != nil {
		return Group{}, err
	}
	return d.store.Group(ctx, id)
}

// ProvisionedGroups lists groups by id, from strictly after one; with a name or an external id only those.
func (d *Desk) ProvisionedGroups(ctx context.Context, name, external, after string, limit int) ([]Group, error) {
	if err := Check(ctx, Provision); err != nil {
		return nil, err
	}
	return d.store.Groups(ctx, name, external, after, min(max(limit, 1), MaxPage))
}

// MaxMembers is how many members a group has at most.
const MaxMembers = 10_000

// PutGroup makes a group, or with an id changes one by edit. Its members get what the group gives at once.
func (d *Desk) PutGroup(ctx context.Context, id string, edit func(*Group) error) (Group, error) {
	if err := Check(ctx, Provision); err != nil {
		return Group{}, err
	}
	var group Group
	err := again(func() error {
		before := Group{}
		if id != "" {
			known, err := d.store.Group(ctx, id)
			if err != nil {
				return err
			}
			before = known
		}
		group = before
		group.Members = slices.Clone(before.Members)
		if id == "" {
			group.ID, group.CreatedAt = newID(), d.now()
		}
		if err := edit(&group); err != nil {
			return err
		}
		if group.Name = line(group.Name, MaxTitle); group.Name == "" {
			return fault.New(fault.Invalid, "a group has a name")
		}
		slices.Sort(group.Members)
		group.Members = slices.Compact(group.Members)
		if len(group.Members) > MaxMembers {
			return fault.New(fault.TooLarge, "a group has at most %d members", MaxMembers)
		}
		others, err := d.store.Groups(ctx, group.Name, "", "", 1)
		if err != nil {
			return err
		}
		if len(others) == 1 && others[0].ID != group.ID {
			return takenName(group.Name)
		}
		group.UpdatedAt = d.now()
		return d.writeGroup(ctx, before, group, false)
	})
	group.Rev++
	return group, err
}

// DeleteGroup takes a group away, and from its members what it gave.
func (d *Desk) DeleteGroup(ctx context.Context, id string) error {
	if err := Check(ctx, Provision); err != nil {
		return err
	}
	return again(func() error {
		group, err := d.store.Group(ctx, id)
		if err != nil {
			return err
		}
		return d.writeGroup(ctx, group, group, true)
	})
}

// writeGroup writes a group with the accounts of those that it concerns.
func (d *Desk) writeGroup(ctx context.Context, before, after Group, gone bool) error {
	w := Write{Now: d.now()}
	verb := " was changed"
	switch {
	case gone:
		w.DeleteGroups, verb = []string{after.ID}, " was deleted"
	case before.Rev == 0:
		w.Groups, verb = []Group{after}, " was made"
	default:
		w.Groups = []Group{after}
	}
	var names []string
	for _, id := range slices.Compact(slices.Sorted(slices.Values(slices.Concat(before.Members, after.Members)))) {
		account, err := d.store.Account(ctx, AccountKey{ID: id})
		if fault.Is(err, fault.NotFound) {
			return fault.New(fault.Invalid, "there is no person %q to be a member", id)
		}
		if err != nil {
			return err
		}
		was := account
		account.Provisioned = slices.DeleteFunc(slices.Clone(account.Provisioned), func(name string) bool { return name == before.Name })
		if !gone && slices.Contains(after.Members, id) {
			account.Provisioned = append(account.Provisioned, after.Name)
			slices.Sort(account.Provisioned)
		}
		if slices.Equal(was.Provisioned, account.Provisioned) {
			continue
		}
		d.derive(&account)
		w.Accounts = append(w.Accounts, account)
		names = append(names, account.Name)
		if was.Role() != account.Role() || !slices.Equal(was.Teams, account.Teams) {
			w.RenewSessionsOf = append(w.RenewSessionsOf, account.ID)
		}
	}
	entry := Entry{
		Action: "provision", Title: "The group " + after.Name + verb, About: after.Name, By: From(ctx),
		Diff: said([3]string{"name", before.Name, after.Name}, [3]string{"people concerned", "", joined(names)}),
	}
	return d.write(ctx, w, entry)
}

// joined is a list for the audit, which keeps the beginning of a long one.
func joined(names []string) string {
	var text string
	for i, name := range names {
		if i > 0 {
			text += ", "
		}
		text += name
		if len(text) > 1000 {
			return text + ", …"
		}
	}
	return text
}
