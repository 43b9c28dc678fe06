package incidentio_test

import (
	"path/filepath"
	"strconv"
	"testing"

	"tidings.dev/tidings/integration"
	"tidings.dev/tidings/integration/integrationtest"
	"tidings.dev/tidings/integration/signature"
	"tidings.dev/tidings/integrations/incidentio"
)

func config() *incidentio.Config {
	c := &incidentio.Config{}
	c.Services = map[string]string{"checkout-api": "checkout"}
	c.Environments = map[string]string{"prd": "production"}
	integrationtest.Refer(&c.Secret)
	return c
}

func TestConformance(t *testing.T) {
	integrationtest.Run(t, integrationtest.Suite{
		Spec: incidentio.Spec, Config: func() integration.Config { return config() },
		Sign: func(_ *testing.T, secret string, d *integration.Delivery) {
			stamp := strconv.FormatInt(integrationtest.Now.Unix(), 10)
			d.Header.Set("Webhook-Id", "msg_2KWPBgLlAfxdpx2AI54pPJ85f4W")
			d.Header.Set("Webhook-Timestamp", stamp)
			d.Header.Set("Webhook-Signature", signature.Standard{}.Sum(secret, "msg_2KWPBgLlAfxdpx2AI54pPJ85f4W", stamp, d.Body))
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
