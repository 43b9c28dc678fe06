package spinnaker_test

import (
	"path/filepath"
	"testing"

	"tidings.dev/tidings/integration"
	"tidings.dev/tidings/integration/integrationtest"
	"tidings.dev/tidings/integrations/spinnaker"
)

func config() *spinnaker.Config {
	c := &spinnaker.Config{
		Mapping: integration.Mapping{Services: map[string]string{"payments": "payments"}, Environments: map[string]string{"prod-eu": "production"}},
		Deck:    "https://spinnaker.acme.example",
	}
	integrationtest.Refer(&c.Secret)
	return c
}

func TestConformance(t *testing.T) {
	integrationtest.Run(t, integrationtest.Suite{
		Lives: [][]string{{"pipeline-starting", "pipeline-complete"}},
		Spec:  spinnaker.Spec, Config: func() integration.Config { return config() }, Unsigned: true,
		Sign: func(_ *testing.T, secret string, d *integration.Delivery) {
			d.Header.Set("Authorization", "Bearer "+secret)
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
