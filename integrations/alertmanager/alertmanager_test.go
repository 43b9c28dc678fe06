package alertmanager_test

import (
	"path/filepath"
	"testing"

	"tidings.dev/tidings/integration"
	"tidings.dev/tidings/integration/integrationtest"
	"tidings.dev/tidings/integrations/alertmanager"
)

func config() *alertmanager.Config {
	c := &alertmanager.Config{}
	c.Services = map[string]string{"checkout-api": "checkout"}
	c.Environments = map[string]string{"prd": "production"}
	c.Environment = "staging"
	c.Labels = []string{"zone"}
	integrationtest.Refer(&c.Secret)
	return c
}

func sign(_ *testing.T, secret string, d *integration.Delivery) {
	d.Header.Set("Authorization", "Bearer "+secret)
}

func TestConformance(t *testing.T) {
	integrationtest.Run(t, integrationtest.Suite{
		Spec: alertmanager.Spec, Config: func() integration.Config { return config() }, Sign: sign, Unsigned: true,
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
