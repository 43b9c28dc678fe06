package sentry_test

import (
	"net/http"
	"path/filepath"
	"testing"

	"tidings.dev/tidings/integration"
	"tidings.dev/tidings/integration/integrationtest"
	"tidings.dev/tidings/integrations/sentry"
)

func config() *sentry.Config {
	c := &sentry.Config{}
	c.Services = map[string]string{"checkout-web": "storefront"}
	c.Environments = map[string]string{"prd": "production"}
	integrationtest.Refer(&c.Secret)
	return c
}

func sign(_ *testing.T, secret string, d *integration.Delivery) {
	d.Header.Set("Sentry-Hook-Signature", sentry.Signature.Sum(secret, d.Body))
}

func TestConformance(t *testing.T) {
	integrationtest.Run(t, integrationtest.Suite{
		Spec: sentry.Spec, Config: func() integration.Config { return config() }, Sign: sign,
		Header: http.Header{"Request-Id": {"6d2d1a2b9e3c4f5a"}, "Sentry-Hook-Timestamp": {"1795313800"}},
	})
}

func FuzzDecode(f *testing.F) {
	files, _ := filepath.Glob("testdata/*.txtar")
	for _, name := range files {
		fixture := integrationtest.Seed(f, name)
		f.Add(fixture.Header.Get("Sentry-Hook-Resource"), fixture.Body)
	}
	source, err := config().Open()
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, resource string, body []byte) {
		integrationtest.Fuzz(t, source, integration.Delivery{Header: http.Header{"Sentry-Hook-Resource": {resource}}, Body: body})
	})
}
