package set

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestReadOne(t *testing.T) {
	t.Parallel()
	for arg, want := range map[string]edit{
		"owner=payments":        {"owner", "payments"},
		"description=a = b-":    {"description", "a = b-"},
		"description-":          {"description", nil},
		"Language_Version=1.26": {"language-version", "1.26"},
		"tier=0":                {"tier", 0},
		"user_facing=Yes":       {"user-facing", true},
		"tag/pci=":              {"tag/pci", ""},
		"tag/Cost-Centre=a=b":   {"tag/Cost-Centre", "a=b"},
		"tag/pci-":              {"tag/pci", nil},
		"link/runbook=https://x.example/?a=b&c=d Run it": {"link/runbook/https://x.example/?a=b&c=d", "Run it"},
		"link/runbook/https://x.example/?a=b-":           {"link/runbook/https://x.example/?a=b", nil},
		"contact/slack=#pay":                             {"contact/slack/#pay", ""},
		"alias=GitHub:Acme/Pay":                          {"alias/github:acme/pay", true},
		"alias/github:acme/pay-":                         {"alias/github:acme/pay", nil},
		"depends_on=Resource/Orders":                     {"depends-on/resource:orders", "declared"},
		"depends-on/service:a-":                          {"depends-on/service:a", nil},
	} {
		got, err := readOne(arg)
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(edit{})); err != nil || diff != "" {
			t.Errorf("readOne(%q): %v (-want +got):\n%s", arg, err, diff)
		}
	}
	for _, arg := range []string{"", "=x", "owner", "tier=high", "user-facing=maybe", "tag=pci", "link=https://x", "link/runbook/https://x=y", "depends-on=ledger", "alias/x:y=z"} {
		if got, err := readOne(arg); err == nil {
			t.Errorf("readOne(%q) = %v, want an error", arg, got)
		}
	}
}
