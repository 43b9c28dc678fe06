package grafana_test

import (
	"path/filepath"
	"strconv"
	"testing"

	"tidings.dev/tidings/integration"
	"tidings.dev/tidings/integration/integrationtest"
	"tidings.dev/tidings/integration/signature"
	"tidings.dev/tidings/integrations/grafana"
)

const timeHeader = "X-Grafana-Alerting-Timestamp"

func config(signing, timestampHeader string) *grafana.Config {
	c := &grafana.Config{Signing: signing, TimestampHeader: timestampHeader}
	c.Services = map[string]string{"checkout-api": "checkout"}
	integrationtest.Refer(&c.Secret)
	return c
}

func TestConformance(t *testing.T) {
	for name, suite := range map[string]integrationtest.Suite{
		"token": {
			Config: func() integration.Config { return config("", "") }, Unsigned: true,
			Sign: func(_ *testing.T, secret string, d *integration.Delivery) {
				d.Header.Set("Authorization", "Bearer "+secret)
			},
		},
		"hmac": {
			Config: func() integration.Config { return config("hmac", "") },
			Sign: func(_ *testing.T, secret string, d *integration.Delivery) {
				d.Header.Set("X-Grafana-Alerting-Signature", signature.HMAC{}.Sum(secret, d.Body))
			},
		},
		"hmac with a time": {
			Config: func() integration.Config { return config("hmac", timeHeader) },
			Sign: func(_ *testing.T, secret string, d *integration.Delivery) {
				stamp := strconv.FormatInt(integrationtest.Now.Unix(), 10)
				d.Header.Set(timeHeader, stamp)
				d.Header.Set("X-Grafana-Alerting-Signature", signature.Timed{}.Sum(secret, stamp, d.Body))
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			suite.Spec = grafana.Spec
			integrationtest.Run(t, suite)
		})
	}
}

func FuzzDecode(f *testing.F) {
	files, _ := filepath.Glob("testdata/*.txtar")
	for _, name := range files {
		f.Add(integrationtest.Seed(f, name).Body)
	}
	source, err := config("", "").Open()
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		integrationtest.Fuzz(t, source, integration.Delivery{Body: body})
	})
}
