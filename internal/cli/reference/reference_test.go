package reference_test

import (
	"testing"

	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/internal/cli/reference"
)

func TestSelection(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"service": "service :", "services": "service :", "People": "person :", "persons": "person :", "apis": "api :",
		"service/pricing": "service service:pricing", "services/Pricing": "service service:pricing",
		"service:pricing": "service service:pricing", "team/acme.payments": "team team:acme.payments",
	} {
		kind, ref, err := reference.Selection(text)
		if got := string(kind) + " " + ref.String(); err != nil || got != want {
			t.Errorf("Selection(%q) = %q, %v; want %q", text, got, err, want)
		}
	}
	for _, text := range []string{"", "pricing", "servicee/pricing", "service/", "service/a b", "github:acme/x", "service/../x"} {
		if kind, ref, err := reference.Selection(text); !fault.Is(err, fault.Invalid) {
			t.Errorf("Selection(%q) = %q, %s, %v; want an invalid fault", text, kind, ref, err)
		}
	}
	if ref, err := reference.Parse("service"); !fault.Is(err, fault.Invalid) {
		t.Errorf("Parse(service) = %s, %v; want an invalid fault", ref, err)
	}
}
