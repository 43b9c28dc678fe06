package integration_test

import (
	"testing"

	"tidings.dev/tidings/integration"
)

func TestSubjects(t *testing.T) {
	t.Parallel()
	m := integration.Mapping{Services: map[string]string{"acme/Payments": "payments", "deploy-all": "platform"}}
	for _, test := range []struct{ repository, name, want string }{
		{"https://github.com/acme/payments.git", "ci", "service:payments"},
		{"git@github.com:acme/payments.git", "ci", "service:payments"},
		{"ssh://git@git.acme.example:2222/acme/payments.git", "ci", "service:payments"},
		{"https://user:canary@github.com/Acme/Pricing", "ci", "github:acme/pricing"},
		{"https://gitlab.com/acme/shop/pricing.git", "ci", "gitlab:acme/shop/pricing"},
		{"https://git.acme.example/acme/pricing.git", "ci", "tool:ci"},
		{"https://github.com/acme/pricing.git", "Deploy-All", "service:platform"},
		{"github.com", "ci", "tool:ci"},
		{"", "ci", "tool:ci"},
	} {
		if got := m.SubjectOf("tool", test.repository, test.name).Name; got != test.want {
			t.Errorf("%s, %s: %s, want %s", test.repository, test.name, got, test.want)
		}
	}
}

func TestWhatIsWithinSomething(t *testing.T) {
	t.Parallel()
	m := integration.Mapping{Services: map[string]string{"shop/checkout": "checkout", "tag:money": "payments", "shop": "storefront"}}
	for _, test := range []struct {
		whole string
		names []string
		want  string
	}{
		{"shop", []string{"shop/Checkout", "tag:money"}, "service:checkout"},
		{"shop", []string{"shop/refunds", "tag:money"}, "service:payments"},
		{"shop", []string{"shop/search", ""}, "service:storefront"},
		{"Docs", []string{"docs/search"}, "tool:docs"},
	} {
		if got := m.Within("tool", test.whole, test.names...).Name; got != test.want {
			t.Errorf("%s, %q: %s, want %s", test.whole, test.names, got, test.want)
		}
	}
}

func TestTimesOfTools(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"2026-11-22T02:51:10Z":          "2026-11-22T02:51:10Z",
		"2026-11-22T02:51:10.125+01:00": "2026-11-22T01:51:10.125Z",
		"2026-11-22T02:51:10.571+0000":  "2026-11-22T02:51:10.571Z",
		"2026-11-22 03:51:10 +0100":     "2026-11-22T02:51:10Z",
		"2026-11-22 02:51:10 UTC":       "2026-11-22T02:51:10Z",
		"0001-01-01T00:00:00Z":          "0001-01-01T00:00:00Z",
		"yesterday":                     "0001-01-01T00:00:00Z",
	} {
		if got := integration.ReadTime(text).Format("2006-01-02T15:04:05.999Z07:00"); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
}
