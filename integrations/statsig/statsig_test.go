package statsig_test

import (
	"path/filepath"
	"strconv"
	"testing"

	"tidings.dev/tidings/integration"
	"tidings.dev/tidings/integration/integrationtest"
	"tidings.dev/tidings/integrations/statsig"
)

func config() *statsig.Config {
	c := &statsig.Config{
		Mapping: integration.Mapping{Services: map[string]string{"layout_v2": "storefront"}},
		Project: "shop", Descriptions: true,
	}
	integrationtest.Refer(&c.Secret)
	return c
}

func TestConformance(t *testing.T) {
	integrationtest.Run(t, integrationtest.Suite{
		Spec: statsig.Spec, Config: func() integration.Config { return config() },
		Sign: func(_ *testing.T, secret string, d *integration.Delivery) {
			stamp := strconv.FormatInt(d.ReceivedAt.UnixMilli(), 10)
			d.Header.Set("X-Statsig-Request-Timestamp", stamp)
			d.Header.Set("X-Statsig-Signature", statsig.Signature.Sum(secret, stamp, d.Body))
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
