package jenkins_test

import (
	"path/filepath"
	"testing"

	"tidings.dev/tidings/integration"
	"tidings.dev/tidings/integration/integrationtest"
	"tidings.dev/tidings/integrations/jenkins"
)

func config() *jenkins.Config {
	c := &jenkins.Config{
		Mapping:              integration.Mapping{Services: map[string]string{"shop/payments": "payments"}, Environments: map[string]string{"prod": "production"}},
		Deploys:              integration.Deploys{Deploys: map[string]string{"shop/deploy": "", "shop/payments-eu": "production"}},
		EnvironmentParameter: "ENV", VersionParameter: "VERSION",
	}
	integrationtest.Refer(&c.Secret)
	return c
}

func TestConformance(t *testing.T) {
	integrationtest.Run(t, integrationtest.Suite{
		Lives: [][]string{{"started", "finalized-success"}},
		Spec:  jenkins.Spec, Config: func() integration.Config { return config() }, Unsigned: true,
		// The plugin makes basic authentication of the name and password of an address.
		Sign: func(_ *testing.T, secret string, d *integration.Delivery) {
			integrationtest.Basic(d, "tidings", secret)
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
