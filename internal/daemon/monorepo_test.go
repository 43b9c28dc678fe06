package daemon_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"tidings.dev/tidings/internal/daemon"
)

// A repository of several services: their descriptors say in which folders they lie, and what was pushed is in the feed of
// each whose files were changed. What changed nobody's files, or those of a folder that two claim, waits to be claimed.
func TestAMonorepo(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, config daemon.Config) {
		secret := hooked(t, &config)
		url := server(t, config)
		for name, descriptor := range map[string]string{
			"pricing/tidings.yaml": "name: pricing\naliases: [github:northwind/shop//services/pricing]\n",
			"basket/tidings.yaml":  "name: basket\naliases: [github:northwind/shop//services/basket, github:northwind/shop//libs/money]\n",
			"orders/catalog-info.yaml": "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata:\n  name: orders\n  annotations:\n" +
				"    backstage.io/source-location: url:https://github.com/Northwind/shop/tree/main/services/orders\nspec: {type: service, lifecycle: production, owner: core}\n",
			"totals/tidings.yaml": "name: totals\naliases: [github:northwind/shop//libs/money]\n",
		} {
			call(t, http.MethodPost, url+"/api/v1/descriptors?name="+name, "application/yaml", descriptor, http.StatusOK)
		}
		push := func(hash, title string, files ...string) {
			t.Helper()
			body := fmt.Appendf(nil, `{"ref": "refs/heads/main", "repository": {"full_name": "Northwind/shop", "default_branch": "main"}, "sender": {"login": %q, "type": "User"},
				"commits": [{"id": %q, "added": [], "removed": [], "modified": ["%s"]}], "head_commit": {"id": %q, "message": %q, "timestamp": "2026-11-22T02:20:00Z"}}`,
				title, hash, strings.Join(files, `", "`), hash, title)
			if code, got := deliver(t, url, "push", secret, body); code != http.StatusOK || got["outcome"] != "taken" {
				t.Fatalf("got %d %v", code, got)
			}
		}
		push("1f1c2e4ab07d5a3be6f8c1d2034a5b6c7d8e9f01", "Both", "services/pricing/a.go", "services/Orders/b.go")
		push("2f1c2e4ab07d5a3be6f8c1d2034a5b6c7d8e9f02", "One", "services/pricing/a.go", "go.sum")
		push("3f1c2e4ab07d5a3be6f8c1d2034a5b6c7d8e9f03", "Claimed twice", "libs/money/m.go")
		push("4f1c2e4ab07d5a3be6f8c1d2034a5b6c7d8e9f04", "Of the rest", "README.md")
		release := []byte(`{"action": "published", "release": {"id": 4811, "tag_name": "pricing-v1.4.0", "published_at": "2026-11-22T02:40:00Z"},
			"repository": {"full_name": "Northwind/shop", "default_branch": "main"}}`)
		if code, got := deliver(t, url, "release", secret, release); code != http.StatusOK || got["outcome"] != "taken" {
			t.Fatalf("got %d %v", code, got)
		}
		for service, want := range map[string][]string{
			"pricing": {"Pushed Both", "Pushed One", "Released pricing-v1.4.0"}, "basket": nil, "totals": nil,
			"orders": {"Pushed Both", "Pushed Of the rest", "Pushed One"}, // it alone has the repository
		} {
			found := call(t, http.MethodPost, url+"/graphql", "application/json", `{"query":"{ feed(filter: {services: [\"`+service+`\"], sources: [\"github\"]}) { rows { event { title } } } }"}`, http.StatusOK)
			var titles []string
			for _, row := range found["data"].(object)["feed"].(object)["rows"].([]any) {
				titles = append(titles, fmt.Sprint(row.(object)["event"].(object)["title"]))
			}
			if slices.Sort(titles); !slices.Equal(titles, want) {
				t.Errorf("the feed of %s has %q, want %q", service, titles, want)
			}
		}
		unclaimed := get(t, url+"/api/v1/unclaimed")["unclaimed"].([]any)
		if len(unclaimed) != 1 || unclaimed[0].(object)["alias"] != "github:northwind/shop//libs/money" {
			t.Fatalf("unclaimed is %v", unclaimed)
		}
		if suggested := fmt.Sprint(unclaimed[0].(object)["suggestions"]); !strings.Contains(suggested, "basket") || !strings.Contains(suggested, "totals") {
			t.Errorf("suggested are %s", suggested)
		}
	})
}
