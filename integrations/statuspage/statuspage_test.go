package statuspage_test

import (
	"path/filepath"
	"testing"

	"tidings.dev/tidings/integration"
	"tidings.dev/tidings/integration/integrationtest"
	"tidings.dev/tidings/integrations/statuspage"
)

func config() *statuspage.Config {
	c := &statuspage.Config{}
	c.Services = map[string]string{"checkout-api": "checkout"}
	c.Environments = map[string]string{"prd": "production"}
	integrationtest.Refer(&c.Secret)
	return c
}

func TestConformance(t *testing.T) {
	integrationtest.Run(t, integrationtest.Suite{
		Spec: statuspage.Spec, Config: func() integration.Config { return config() }, Unsigned: true,
		Sign: func(_ *testing.T, secret string, d *integration.Delivery) { d.Query = "token=" + secret },
		Bare: func(d *integration.Delivery) { d.Query = "" },
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
