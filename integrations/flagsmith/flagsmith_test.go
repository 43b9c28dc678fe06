package flagsmith_test

import (
	"path/filepath"
	"testing"

	"tidings.dev/tidings/integration"
	"tidings.dev/tidings/integration/integrationtest"
	"tidings.dev/tidings/integrations/flagsmith"
)

func config() *flagsmith.Config {
	c := &flagsmith.Config{
		Mapping: integration.Mapping{
			Services: map[string]string{"Shop/checkout_v2": "checkout"}, Environments: map[string]string{"Prod": "production"},
		},
		Project: "Shop", EnvironmentName: "Prod",
	}
	integrationtest.Refer(&c.Secret)
	return c
}

func TestConformance(t *testing.T) {
	integrationtest.Run(t, integrationtest.Suite{
		Spec: flagsmith.Spec, Config: func() integration.Config { return config() },
		Sign: func(_ *testing.T, secret string, d *integration.Delivery) {
			d.Header.Set("X-Flagsmith-Signature", flagsmith.Signature.Sum(secret, d.Body))
		},
	})
}

func FuzzDecode(f *testing.F) {
	files, _ := filepath.Glob("testdata/*.txtar")
	for _, name := range files {
		f.Add(integrationtest.Seed(f, name).Body)
	}
	source, err := config().Open()
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		integrationtest.Fuzz(t, source, integration.Delivery{Body: body})
	})
}
