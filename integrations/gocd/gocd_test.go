package gocd_test

import (
	"path/filepath"
	"testing"

	"tidings.dev/tidings/integration"
	"tidings.dev/tidings/integration/integrationtest"
	"tidings.dev/tidings/integrations/gocd"
)

func config() *gocd.Config {
	c := &gocd.Config{
		Mapping: integration.Mapping{Services: map[string]string{"acme/payments": "payments"}},
		Deploys: integration.Deploys{Deploys: map[string]string{"payments/deploy-eu": "production"}}, Address: "https://gocd.acme.example/",
	}
	integrationtest.Refer(&c.Secret)
	return c
}

func TestConformance(t *testing.T) {
	integrationtest.Run(t, integrationtest.Suite{
		Lives: [][]string{{"stage-building", "stage-passed"}},
		Spec:  gocd.Spec, Config: func() integration.Config { return config() }, Unsigned: true,
		Sign: func(_ *testing.T, secret string, d *integration.Delivery) { d.Header.Set("X-Tidings-Token", secret) },
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
