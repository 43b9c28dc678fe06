package eventbridge_test

import (
	"path/filepath"
	"testing"

	"tidings.dev/tidings/integration"
	"tidings.dev/tidings/integration/integrationtest"
	"tidings.dev/tidings/integrations/eventbridge"
)

func config() *eventbridge.Config {
	c := &eventbridge.Config{
		Mapping: integration.Mapping{
			Services:     map[string]string{"ecs/prod/payments-api": "payments", "resize": "images"},
			Environments: map[string]string{"prod": "production", "111122223333": "staging", "live": "production"},
		},
	}
	integrationtest.Refer(&c.Secret)
	return c
}

func TestConformance(t *testing.T) {
	integrationtest.Run(t, integrationtest.Suite{
		Spec: eventbridge.Spec, Config: func() integration.Config { return config() }, Unsigned: true,
		Sign: func(_ *testing.T, secret string, d *integration.Delivery) {
			d.Header.Set("X-Tidings-Token", secret)
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
