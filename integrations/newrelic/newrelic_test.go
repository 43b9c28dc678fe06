package newrelic_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"tidings.dev/tidings/integration"
	"tidings.dev/tidings/integration/integrationtest"
	"tidings.dev/tidings/integrations/newrelic"
)

func config() *newrelic.Config {
	c := &newrelic.Config{}
	c.Services = map[string]string{"checkout-api": "checkout"}
	c.Environments = map[string]string{"prd": "production"}
	integrationtest.Refer(&c.Secret)
	return c
}

func TestConformance(t *testing.T) {
	integrationtest.Run(t, integrationtest.Suite{
		Spec: newrelic.Spec, Config: func() integration.Config { return config() }, Unsigned: true,
		Sign: func(_ *testing.T, secret string, d *integration.Delivery) {
			d.Header.Set("Authorization", "Bearer "+secret)
		},
	})
}

// What the page says to paste is what is read.
func TestReadmeShowsTheTemplate(t *testing.T) {
	template, err := os.ReadFile("template.json")
	if err != nil {
		t.Fatal(err)
	}
	if readme, err := os.ReadFile("README.md"); err != nil || !bytes.Contains(readme, template) {
		t.Errorf("README.md does not hold template.json as it is: %v", err)
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
