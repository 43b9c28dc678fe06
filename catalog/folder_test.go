package catalog

import (
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
)

func TestFolders(t *testing.T) {
	t.Parallel()
	x := NewIndex()
	service := func(id int64, name string, aliases ...string) *Entity {
		return &Entity{ID: id, Kind: Service, Name: name, Aliases: aliases}
	}
	gone := service(4, "gone", "github:acme/shop//services/gone")
	gone.Retired = true
	x.Put(
		service(1, "pricing", "github:acme/shop", "github:Acme/shop//services/Pricing", "github:acme/shop//libs/money"),
		service(2, "basket", "github:acme/shop//services/basket", "github:acme/shop//libs/shared"),
		service(3, "orders", "github:acme/shop//libs/shared", "github:acme/shops//services/orders", "gitlab:acme/shop//services/orders", "url://x"),
		gone,
	)
	want := map[string]string{"services/pricing": "pricing", "libs/money": "pricing", "services/basket": "basket", "libs/shared": ""}
	if diff := gocmp.Diff(want, x.Folders("github:acme/Shop")); diff != "" {
		t.Error(diff)
	}
	x.Put(service(2, "basket", "github:acme/shop"), service(3, "orders"))
	want = map[string]string{"services/pricing": "pricing", "libs/money": "pricing"}
	if diff := gocmp.Diff(want, x.Folders("github:acme/shop")); diff != "" {
		t.Errorf("after two of them claim no folder any more: %s", diff)
	}
	if folders := x.Folders("github:acme/other"); len(folders) != 0 {
		t.Errorf("got %v", folders)
	}
}

func TestNamed(t *testing.T) {
	t.Parallel()
	x := NewIndex()
	retired := &Entity{ID: 3, Kind: Service, Name: "old", Aliases: []string{"tool:old"}, Retired: true}
	x.Put(&Entity{ID: 1, Kind: Service, Name: "pricing", Aliases: []string{"tool:p", "tool:both"}}, &Entity{ID: 2, Kind: Team, Name: "core", Aliases: []string{"tool:both"}}, retired)
	for name, want := range map[string]string{
		"service:Pricing": "service:pricing", "tool:P": "service:pricing", "team:core": "team:core",
		"tool:both": "", "service:old": "", "tool:old": "", "core": "", "": "",
	} {
		got := ""
		if e, ok := x.Named(name); ok {
			got = e.Ref().String()
		}
		if got != want {
			t.Errorf("%q names %q, want %q", name, got, want)
		}
	}
}
