package scim

import (
	"net/http"
	"regexp"
	"slices"
	"strings"

	"tidings.dev/tidings/access"
	"tidings.dev/tidings/fault"
)

func newGroup(g *access.Group, brief bool) object {
	group := object{
		"schemas": []string{schemaGroup}, "id": g.ID, "displayName": g.Name, "meta": meta("Group", g.ID, g.CreatedAt, g.UpdatedAt),
	}
	if g.External != "" {
		group["externalId"] = g.External
	}
	if !brief {
		members := []object{}
		for _, id := range g.Members {
			members = append(members, object{"value": id, "$ref": base + "/Users/" + id})
		}
		group["members"] = members
	}
	return group
}

// members reads a list of members.
func members(v any) []string {
	if one, ok := v.(object); ok {
		v = []any{one}
	}
	all, _ := v.([]any)
	var ids []string
	for _, one := range all {
		if o, ok := one.(object); ok {
			if id := text(member(o, "value")); id != "" {
				ids = append(ids, id)
			}
		}
	}
	return ids
}

// brief reports whether members are not wanted, as Entra ID asks while it looks for a group.
func brief(r *http.Request) bool {
	return slices.Contains(strings.Split(strings.ToLower(r.URL.Query().Get("excludedAttributes")), ","), "members")
}

func (a *API) groups(w http.ResponseWriter, r *http.Request) error {
	attribute, value, err := equals(r)
	if err != nil {
		return err
	}
	start, count := window(r)
	var name, external string
	switch attribute {
	case "":
	case "displayname":
		name = value
	case "externalid":
		external = value
	default:
		return fault.New(fault.Invalid, "groups are found by displayName or externalId, not by %s", attribute)
	}
	var all []access.Group
	for after := ""; ; {
		page, err := a.desk.ProvisionedGroups(r.Context(), name, external, after, access.MaxPage)
		if err != nil {
			return err
		}
		all = append(all, page...)
		if len(page) < access.MaxPage || len(all) > maxStart {
			break
		}
		after = page[len(page)-1].ID
	}
	var shown []object
	for i := min(start-1, len(all)); i < min(start-1+count, len(all)); i++ {
		shown = append(shown, newGroup(&all[i], brief(r)))
	}
	return list(w, len(all), start, shown)
}

func (a *API) group(w http.ResponseWriter, r *http.Request) error {
	group, err := a.desk.ProvisionedGroup(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	return answer(w, http.StatusOK, newGroup(&group, brief(r)))
}

// whole replaces everything that is said of a group.
func whole(o object) func(*access.Group) error {
	return func(g *access.Group) error {
		g.Name, g.External, g.Members = text(member(o, "displayName")), text(member(o, "externalId")), members(member(o, "members"))
		return nil
	}
}

func (a *API) createGroup(w http.ResponseWriter, r *http.Request) error {
	o, err := read(w, r)
	if err != nil {
		return err
	}
	group, err := a.desk.PutGroup(r.Context(), "", whole(o))
	if err != nil {
		return err
	}
	w.Header().Set("Location", base+"/Groups/"+group.ID)
	return answer(w, http.StatusCreated, newGroup(&group, false))
}

func (a *API) replaceGroup(w http.ResponseWriter, r *http.Request) error {
	o, err := read(w, r)
	if err != nil {
		return err
	}
	group, err := a.desk.PutGroup(r.Context(), r.PathValue("id"), whole(o))
	if err != nil {
		return err
	}
	return answer(w, http.StatusOK, newGroup(&group, false))
}

var memberPath = regexp.MustCompile(`(?i)^members\[\s*value\s+eq\s+"([^"]+)"\s*\]$`)

func (a *API) patchGroup(w http.ResponseWriter, r *http.Request) error {
	o, err := read(w, r)
	if err != nil {
		return err
	}
	group, err := a.desk.PutGroup(r.Context(), r.PathValue("id"), func(g *access.Group) error {
		return operations(o, func(op, path string, value any) error { return edit(g, op, path, value) })
	})
	if err != nil {
		return err
	}
	return answer(w, http.StatusOK, newGroup(&group, false))
}

// edit is one operation on a group.
func edit(g *access.Group, op, path string, value any) error {
	found := memberPath.FindStringSubmatch(path)
	switch {
	case path == "":
		o, _ := value.(object)
		for name, value := range o {
			if err := edit(g, op, strings.ToLower(name), value); err != nil {
				return err
			}
		}
	case path == "displayname" && op != "remove":
		g.Name = text(value)
	case path == "externalid":
		g.External = text(value)
	case found != nil && op == "remove":
		g.Members = slices.DeleteFunc(g.Members, func(id string) bool { return id == found[1] })
	case path == "members" && op == "add":
		g.Members = append(g.Members, members(value)...)
	case path == "members" && op == "replace":
		g.Members = members(value)
	case path == "members":
		gone := members(value)
		if value == nil {
			gone = slices.Clone(g.Members)
		}
		g.Members = slices.DeleteFunc(g.Members, func(id string) bool { return slices.Contains(gone, id) })
	case path == "id", path == "schemas":
		// Okta repeats them.
	default:
		return fault.New(fault.Invalid, "a group has displayName, externalId and members")
	}
	return nil
}

func (a *API) deleteGroup(w http.ResponseWriter, r *http.Request) error {
	err := a.desk.DeleteGroup(r.Context(), r.PathValue("id"))
	if err == nil {
		w.WriteHeader(http.StatusNoContent)
	}
	return err
}
