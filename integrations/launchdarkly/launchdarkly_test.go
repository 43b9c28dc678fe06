package launchdarkly_test

import (
	"path/filepath"
	"testing"

	"tidings.dev/tidings/integration"
	"tidings.dev/tidings/integration/integrationtest"
	"tidings.dev/tidings/integrations/launchdarkly"
)

func config() *launchdarkly.Config {
	c := &launchdarkly.Config{
		Mapping: integration.Mapping{
			Services:     map[string]string{"shop/checkout-v2": "checkout", "tag:payments": "payments"},
			Environments: map[string]string{"prd": "production"},
		},
		Property:     "service",
		Descriptions: true,
	}
	integrationtest.Refer(&c.Secret)
	return c
}

func TestConformance(t *testing.T) {
	integrationtest.Run(t, integrationtest.Suite{
		Spec: launchdarkly.Spec, Config: func() integration.Config { return config() },
		Sign: func(_ *testing.T, secret string, d *integration.Delivery) {
			d.Header.Set("X-LD-Signature", launchdarkly.Signature.Sum(secret, d.Body))
		},
	})
}

func TestConfigNamesItsFaults(t *testing.T) {
	t.Parallel()
	c := config()
	for address, want := range map[string]bool{"": true, "https://app.eu.launchdarkly.com": true, "app.eu.launchdarkly.com": false, "http://ld.example.com": false, "https://a:b@ld.example.com": false} {
		c.Address = address
		if err := c.Validate(); (err == nil) != want {
			t.Errorf("the address %q: %v", address, err)
		}
	}
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
