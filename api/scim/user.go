package scim

import (
	"cmp"
	"net/http"
	"strings"

	"tidings.dev/tidings/access"
	"tidings.dev/tidings/fault"
)

func newUser(a *access.Account) object {
	user := object{
		"schemas": []string{schemaUser}, "id": a.ID, "userName": a.Name, "displayName": a.Title, "active": !a.Disabled(),
		"meta": meta("User", a.ID, a.CreatedAt, a.DisabledAt),
	}
	given, family := names(a.Title)
	user["name"] = object{"formatted": a.Title, "givenName": given, "familyName": family}
	if a.External != "" {
		user["externalId"] = a.External
	}
	if a.Email != "" {
		user["emails"] = []object{{"value": a.Email, "type": "work", "primary": true}}
	}
	groups := []object{}
	for _, name := range a.Provisioned {
		groups = append(groups, object{"display": name})
	}
	user["groups"] = groups
	return user
}

// names splits a full name, of which no more is kept.
func names(title string) (given, family string) {
	if at := strings.LastIndexByte(title, ' '); at > 0 {
		return title[:at], title[at+1:]
	}
	return title, ""
}

// person reads a user as a whole.
func person(o object) access.Provisioned {
	name, _ := member(o, "name").(object)
	full := strings.TrimSpace(text(member(name, "givenName")) + " " + text(member(name, "familyName")))
	return access.Provisioned{
		Name: text(member(o, "userName")), External: text(member(o, "externalId")), Email: email(member(o, "emails")),
		Title: cmp.Or(text(member(o, "displayName")), text(member(name, "formatted")), full), Active: truth(member(o, "active"), true),
	}
}

// email is the primary address, or the first.
func email(v any) string {
	all, _ := v.([]any)
	first := ""
	for _, one := range all {
		o, _ := one.(object)
		value := text(member(o, "value"))
		if truth(member(o, "primary"), false) {
			return value
		}
		first = cmp.Or(first, value)
	}
	return cmp.Or(first, text(v))
}

func (a *API) users(w http.ResponseWriter, r *http.Request) error {
	attribute, value, err := equals(r)
	if err != nil {
		return err
	}
	start, count := window(r)
	var key access.AccountKey
	switch attribute {
	case "":
	case "username":
		key.Name = value
	case "externalid":
		key.External = value
	case "id":
		key.ID = value
	default:
		return fault.New(fault.Invalid, "users are found by userName, externalId or id, not by %s", attribute)
	}
	if attribute != "" {
		found, err := a.desk.ProvisionedPeople(r.Context(), key, "", 1)
		if err != nil {
			return err
		}
		return list(w, len(found), 1, shownUsers(found))
	}
	total, err := a.desk.CountProvisioned(r.Context())
	if err != nil {
		return err
	}
	var all []access.Account
	for after := ""; len(all) < start-1+count; {
		page, err := a.desk.ProvisionedPeople(r.Context(), key, after, access.MaxPage)
		if err != nil {
			return err
		}
		all = append(all, page...)
		if len(page) < access.MaxPage {
			break
		}
		after = page[len(page)-1].Name
	}
	return list(w, total, start, shownUsers(all[min(start-1, len(all)):min(start-1+count, len(all))]))
}

func shownUsers(accounts []access.Account) []object {
	var shown []object
	for i := range accounts {
		shown = append(shown, newUser(&accounts[i]))
	}
	return shown
}

func (a *API) user(w http.ResponseWriter, r *http.Request) error {
	account, err := a.desk.ProvisionedPerson(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	return answer(w, http.StatusOK, newUser(&account))
}

func (a *API) createUser(w http.ResponseWriter, r *http.Request) error {
	o, err := read(w, r)
	if err != nil {
		return err
	}
	account, err := a.desk.PutPerson(r.Context(), "", person(o))
	if err != nil {
		return err
	}
	w.Header().Set("Location", base+"/Users/"+account.ID)
	return answer(w, http.StatusCreated, newUser(&account))
}

func (a *API) replaceUser(w http.ResponseWriter, r *http.Request) error {
	o, err := read(w, r)
	if err != nil {
		return err
	}
	account, err := a.desk.PutPerson(r.Context(), r.PathValue("id"), person(o))
	if err != nil {
		return err
	}
	return answer(w, http.StatusOK, newUser(&account))
}

// patchUser is RFC 7644, section 3.5.2.
func (a *API) patchUser(w http.ResponseWriter, r *http.Request) error {
	o, err := read(w, r)
	if err != nil {
		return err
	}
	account, err := a.desk.ProvisionedPerson(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	p := access.Provisioned{Name: account.Name, Title: account.Title, Email: account.Email, External: account.External, Active: !account.Disabled()}
	err = operations(o, func(op, path string, value any) error {
		if op == "remove" {
			value = ""
		}
		set(&p, path, value)
		return nil
	})
	if err == nil {
		account, err = a.desk.PutPerson(r.Context(), account.ID, p)
	}
	if err != nil {
		return err
	}
	return answer(w, http.StatusOK, newUser(&account))
}

// set changes one attribute; what Tidings does not keep is passed over, as RFC 7644 lets a server do.
func set(p *access.Provisioned, path string, value any) {
	given, family := names(p.Title)
	path = strings.TrimPrefix(path, strings.ToLower(schemaUser)+":")
	switch {
	case path == "":
		o, _ := value.(object)
		for name, value := range o {
			if inner, ok := value.(object); ok && strings.EqualFold(name, "name") {
				for part, value := range inner {
					set(p, "name."+strings.ToLower(part), value)
				}
				continue
			}
			set(p, strings.ToLower(name), value)
		}
	case path == "active":
		p.Active = truth(value, p.Active)
	case path == "username":
		p.Name = text(value)
	case path == "externalid":
		p.External = text(value)
	case path == "displayname", path == "name.formatted":
		p.Title = text(value)
	case path == "name.givenname":
		p.Title = strings.TrimSpace(text(value) + " " + family)
	case path == "name.familyname":
		p.Title = strings.TrimSpace(given + " " + text(value))
	case path == "name":
		if o, ok := value.(object); ok {
			for part, value := range o {
				set(p, "name."+strings.ToLower(part), value)
			}
		}
	case path == "emails", strings.HasPrefix(path, "emails["):
		p.Email = email(value)
	}
}

// operations gives each operation of a patch to do, its name and path in small letters.
func operations(o object, do func(op, path string, value any) error) error {
	all, ok := member(o, "Operations").([]any)
	if !ok {
		return fault.New(fault.Invalid, "a patch has Operations")
	}
	for _, one := range all {
		operation, _ := one.(object)
		op := strings.ToLower(text(member(operation, "op")))
		if op != "add" && op != "replace" && op != "remove" {
			return fault.New(fault.Invalid, "op is add, replace or remove")
		}
		path := text(member(operation, "path"))
		if !strings.HasPrefix(strings.ToLower(path), "members[") {
			path = strings.ToLower(path)
		}
		if err := do(op, path, member(operation, "value")); err != nil {
			return err
		}
	}
	return nil
}

// deleteUser disables: what somebody did stays theirs.
func (a *API) deleteUser(w http.ResponseWriter, r *http.Request) error {
	account, err := a.desk.ProvisionedPerson(r.Context(), r.PathValue("id"))
	if err == nil {
		_, err = a.desk.PutPerson(r.Context(), account.ID, access.Provisioned{Name: account.Name, Title: account.Title, Email: account.Email, External: account.External})
	}
	if err == nil {
		w.WriteHeader(http.StatusNoContent)
	}
	return err
}
