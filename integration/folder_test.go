package integration_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tidings.dev/tidings/catalog"
	"tidings.dev/tidings/integration"
)

func TestFoldersOfFilesAndTags(t *testing.T) {
	t.Parallel()
	folders := integration.NewFolders(map[string]string{"services/pay": "payments", "/services/payouts/": "payouts", "services": "other"})
	for file, want := range map[string]string{
		"services/pay/main.go": "payments", "services/pay": "payments", "services/payouts/x.go": "payouts", "services/payroll/x.go": "other", "docs/index.md": "",
	} {
		if got, _ := folders.Of(file); got.Service != want {
			t.Errorf("%s is of %q, want %q", file, got.Service, want)
		}
	}
	for tag, want := range map[string]string{
		"pay/v1.2.0": "payments v1.2.0", "Payouts@1.0.0-RC1": "payouts 1.0.0-RC1", "services/pay-v2.0": "payments v2.0", "payments-3": "payments 3",
		"pay-later": " ", "v1.2.0": " ", "payroll-v1": " ", "pay": " ",
	} {
		folder, version, _ := folders.OfTag(tag)
		if got := folder.Service + " " + version; got != want {
			t.Errorf("%s releases %q, want %q", tag, got, want)
		}
	}
}

// What a change of files is about: each service of which a folder holds one; the whole where none does, or where somebody
// is known whose the rest is.
func TestChangedFiles(t *testing.T) {
	t.Parallel()
	roll := catalog.NewIndex()
	service := func(id int64, name string, aliases ...string) {
		roll.Put(&catalog.Entity{ID: id, Kind: catalog.Service, Name: name, Aliases: aliases})
	}
	service(1, "pricing", "github:acme/shop//services/pricing", "github:acme/shop")
	service(2, "basket", "github:acme/shop//services/basket", "github:acme/shop")
	service(3, "storefront", "github:acme/web//app", "github:acme/web")
	service(4, "platform", "github:acme/base")
	service(5, "auth", "github:acme/base//auth")
	mapping := integration.Mapping{Services: map[string]string{"acme/shop//libs/money": "money", "acme/mapped//a": "one", "acme/mapped": "rest"}}
	mapping.Know(roll)
	for name, test := range map[string]struct {
		repository string
		files      []string
		want       []string
	}{
		"one":                            {"acme/shop", []string{"services/pricing/a.go", "services/pricing/b.go"}, []string{"github:acme/shop//services/pricing"}},
		"several, without case":          {"Acme/Shop", []string{"services/Basket/a.go", "services/pricing/b.go"}, []string{"github:acme/shop//services/basket", "github:acme/shop//services/pricing"}},
		"by the configuration":           {"acme/shop", []string{"libs/money/m.go", "services/basket/a.go"}, []string{"github:acme/shop//services/basket", "service:money"}},
		"the rest is nobody's alone":     {"acme/shop", []string{"services/pricing/a.go", "go.sum"}, []string{"github:acme/shop//services/pricing"}},
		"none":                           {"acme/shop", []string{"go.sum"}, []string{"github:acme/shop"}},
		"unknown files":                  {"acme/shop", nil, []string{"github:acme/shop"}},
		"the rest is of the same":        {"acme/web", []string{"app/a.ts", "package.json"}, []string{"github:acme/web//app"}},
		"the rest is another's":          {"acme/base", []string{"auth/a.go", "Makefile"}, []string{"github:acme/base//auth", "github:acme/base"}},
		"the rest by the configuration":  {"acme/mapped", []string{"a/a.go", "Makefile"}, []string{"service:one", "service:rest"}},
		"nothing of the rest is changed": {"acme/base", []string{"auth/a.go"}, []string{"github:acme/base//auth"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, subject := range mapping.Changed("github", test.repository, mapping.Folders("github", test.repository), test.files) {
				got = append(got, subject.Name)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
	if folders := mapping.Folders("github", "acme/payments"); slices.ContainsFunc(folders, func(integration.Folder) bool { return true }) {
		t.Errorf("a repository of one service has folders: %v", folders)
	}
}
