package flux_test

import (
	"path/filepath"
	"testing"

	"tidings.dev/tidings/integration"
	"tidings.dev/tidings/integration/integrationtest"
	"tidings.dev/tidings/integration/signature"
	"tidings.dev/tidings/integrations/flux"
)

func config() *flux.Config {
	c := &flux.Config{Mapping: integration.Mapping{
		Services: map[string]string{"apps/payments": "payments"}, Environments: map[string]string{"prod-eu": "production"},
	}}
	integrationtest.Refer(&c.Secret)
	return c
}

func TestConformance(t *testing.T) {
	for name, hmac := range map[string]signature.HMAC{
		"sha224": {Header: "X-Signature", Prefix: "sha224=", Hash: signature.SHA224},
		"sha256": flux.Signature,
		"sha384": {Header: "X-Signature", Prefix: "sha384=", Hash: signature.SHA384},
		"sha512": {Header: "X-Signature", Prefix: "sha512=", Hash: signature.SHA512},
	} {
		t.Run(name, func(t *testing.T) {
			integrationtest.Run(t, integrationtest.Suite{
				Spec: flux.Spec, Config: func() integration.Config { return config() },
				Sign: func(_ *testing.T, secret string, d *integration.Delivery) {
					d.Header.Set("X-Signature", hmac.Sum(secret, d.Body))
				},
			})
		})
	}
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
