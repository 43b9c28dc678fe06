package daemon_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"tidings.dev/tidings/access"
	"tidings.dev/tidings/internal/daemon"
)

// People and groups come and go as Entra ID and Okta say; what groups give is there at once.
func TestPeopleAreProvisioned(t *testing.T) {
	t.Parallel()
	withLogin(t, func(c *daemon.Config) {
		c.Login.Groups = []access.Grant{{Group: "Op*", Role: access.RoleOperator}, {Group: "team-*", Teams: []string{"*"}}}
	}, func(t *testing.T, d *daemon.Daemon) {
		admin := first(t, d)
		token := func(scope string) []string {
			made := readReply(t, ask(t, admin, "POST", d.URL()+"/api/v1/tokens", `{"name":"directory-`+scope+`","kind":"service","scopes":["`+scope+`"],"role":"administrator"}`), 201)
			return []string{"Authorization", "Bearer " + made["token"].(string), "Content-Type", "application/scim+json"}
		}
		with, other := token("people"), token("read")
		scim := func(method, path, body string, want int) object {
			t.Helper()
			got := ask(t, http.DefaultClient, method, d.URL()+"/scim/v2"+path, body, with...)
			if want == 204 && got.status == 204 {
				return nil
			}
			if got.header.Get("Content-Type") != "application/scim+json" {
				t.Errorf("%s %s: got %s", method, path, got.header.Get("Content-Type"))
			}
			return readReply(t, got, want)
		}
		if got := ask(t, http.DefaultClient, "GET", d.URL()+"/scim/v2/Users", "", other...); got.status != 403 {
			t.Errorf("a token to read provisions: %d", got.status)
		}
		for _, path := range []string{"/ServiceProviderConfig", "/ResourceTypes", "/Schemas"} {
			scim("GET", path, "", 200)
		}
		// Entra ID looks for a person before it makes one.
		if got := scim("GET", "/Users?filter="+url.QueryEscape(`userName eq "priya@example.com"`), "", 200); got["totalResults"] != 0.0 {
			t.Errorf("got %v", got)
		}
		priya := scim("POST", "/Users", `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"externalId":"0a21","userName":"priya@example.com","active":true,
			"emails":[{"primary":true,"type":"work","value":"priya@example.com"}],"name":{"formatted":"Priya Patel","familyName":"Patel","givenName":"Priya"}}`, 201)
		id := priya["id"].(string)
		if priya["name"].(object)["familyName"] != "Patel" || priya["active"] != true {
			t.Errorf("got %v", priya)
		}
		if got := scim("POST", "/Users", `{"userName":"Priya@example.com"}`, 409); got["scimType"] != "uniqueness" {
			t.Errorf("got %v", got)
		}
		for _, filter := range []string{`userName eq "PRIYA@example.com"`, `externalId eq "0a21"`, `id eq "` + id + `"`} {
			if got := scim("GET", "/Users?filter="+url.QueryEscape(filter), "", 200); got["totalResults"] != 1.0 {
				t.Errorf("%s: got %v", filter, got)
			}
		}
		scim("GET", "/Users?filter="+url.QueryEscape(`userName sw "p"`), "", 400)
		if got := scim("GET", "/Users?startIndex=2&count=1", "", 200); got["totalResults"] != 2.0 || got["itemsPerPage"] != 1.0 {
			t.Errorf("got %v", got)
		}

		ops := scim("POST", "/Groups", `{"displayName":"Operations","externalId":"g1","members":[]}`, 201)["id"].(string)
		person := func() object {
			return readReply(t, ask(t, admin, "GET", d.URL()+"/api/v1/people/"+id, ""), 200)
		}
		// Entra ID adds a member, and takes one away by a list.
		scim("PATCH", "/Groups/"+ops, `{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"Add","path":"members","value":[{"value":"`+id+`"}]}]}`, 200)
		if got := person(); got["role"] != "operator" || !slices.Contains(got["groups"].([]any), any("Operations")) {
			t.Errorf("got %v", got)
		}
		scim("PATCH", "/Groups/"+ops, `{"Operations":[{"op":"Remove","path":"members","value":[{"value":"`+id+`"}]}]}`, 200)
		if got := person(); got["role"] != "viewer" {
			t.Errorf("got %v", got)
		}
		// Okta replaces without a path, repeats the id, and takes a member away by a filter.
		scim("PATCH", "/Groups/"+ops, `{"Operations":[{"op":"add","path":"members","value":[{"value":"`+id+`","display":"priya"}]},{"op":"replace","value":{"id":"`+ops+`","displayName":"Ops and more"}}]}`, 200)
		if got := person(); got["role"] != "operator" || !slices.Contains(got["groups"].([]any), any("Ops and more")) {
			t.Errorf("after a change of the name: %v", got)
		}
		scim("PATCH", "/Groups/"+ops, `{"Operations":[{"op":"remove","path":"members[value eq \"`+id+`\"]"}]}`, 200)
		team := scim("POST", "/Groups", `{"displayName":"team-Payments","members":[{"value":"`+id+`"}]}`, 201)["id"].(string)
		if got := person(); got["role"] != "viewer" || !slices.Equal(got["teams"].([]any), []any{"payments"}) {
			t.Errorf("got %v", got)
		}
		scim("POST", "/Groups", `{"displayName":"nobody","members":[{"value":"made-up"}]}`, 400)
		scim("POST", "/Groups", `{"displayName":"Team-payments"}`, 409)
		if got := scim("GET", "/Groups?excludedAttributes=members&filter="+url.QueryEscape(`displayName eq "team-payments"`), "", 200); got["totalResults"] != 1.0 || got["Resources"].([]any)[0].(object)["members"] != nil {
			t.Errorf("got %v", got)
		}
		scim("DELETE", "/Groups/"+team, "", 204)
		scim("GET", "/Groups/"+team, "", 404)
		if got := person(); len(got["teams"].([]any)) != 0 {
			t.Errorf("got %v", got)
		}

		// Entra ID writes booleans as texts, and paths with filters.
		scim("PATCH", "/Users/"+id, `{"Operations":[{"op":"Replace","path":"active","value":"False"},{"op":"Replace","path":"emails[type eq \"work\"].value","value":"p@example.com"},{"op":"Add","path":"name.familyName","value":"Shah"}]}`, 200)
		if got := person(); got["disabled"] != true || got["email"] != "p@example.com" || got["title"] != "Priya Shah" {
			t.Errorf("got %v", got)
		}
		scim("PATCH", "/Users/"+id, `{"Operations":[{"op":"replace","value":{"active":true}}]}`, 200)
		if got := scim("PUT", "/Users/"+id, `{"userName":"priya.shah","displayName":"Priya Shah","active":true}`, 200); got["userName"] != "priya.shah" || got["externalId"] != nil {
			t.Errorf("got %v", got)
		}
		scim("DELETE", "/Users/"+id, "", 204)
		if got := person(); got["disabled"] != true {
			t.Errorf("got %v", got)
		}
		if back := scim("POST", "/Users", `{"userName":"priya.shah"}`, 201); back["id"] != id {
			t.Errorf("somebody who comes back is another: %v", back)
		}
		audit := ask(t, admin, "GET", d.URL()+"/api/v1/audit", "")
		for _, want := range []string{"The account priya@example.com was made", "The group Ops and more was changed", "The group team-Payments was deleted"} {
			if !strings.Contains(audit.text, want) {
				t.Errorf("the audit lacks %q", want)
			}
		}
	})
}
