package gitlab_test

import (
	"net/http"
	"path/filepath"
	"strconv"
	"testing"

	"tidings.dev/tidings/integration"
	"tidings.dev/tidings/integration/integrationtest"
	"tidings.dev/tidings/integration/signature"
	"tidings.dev/tidings/integrations/gitlab"
)

func config(signing string) *gitlab.Config {
	c := &gitlab.Config{Signing: signing, Mapping: integration.Mapping{
		Services: map[string]string{
			"acme/shop/payments": "payments", "acme/shop/mono//services/pricing": "pricing", "acme/shop/mono//services/basket": "basket",
		}, Environments: map[string]string{"production": "production", "prod-eu": "production"},
	}}
	integrationtest.Refer(&c.Secret)
	return c
}

var header = http.Header{"Idempotency-Key": {"f5e5f430-f57b-4e6e-9fac-d9128cd7232f"}}

func TestConformance(t *testing.T) {
	integrationtest.Run(t, integrationtest.Suite{
		Lives: [][]string{{"deployment-running", "deployment-success"}, {"deployment-running", "deployment-canceled"}, {"pipeline-running", "pipeline-success"}},
		Spec:  gitlab.Spec, Config: func() integration.Config { return config("") }, Unsigned: true, Header: header,
		Sign: func(_ *testing.T, secret string, d *integration.Delivery) { d.Header.Set("X-Gitlab-Token", secret) },
	})
}

// Signing tokens are another scheme: which of them is meant is configured, whatever headers come.
func TestSigningTokens(t *testing.T) {
	integrationtest.Run(t, integrationtest.Suite{
		Spec: gitlab.Spec, Config: func() integration.Config { return config("standard") }, Header: header,
		Sign: func(_ *testing.T, secret string, d *integration.Delivery) {
			stamp := strconv.FormatInt(integrationtest.Now.Unix(), 10)
			d.Header.Set("Webhook-Id", "f5e5f430-f57b-4e6e-9fac-d9128cd7232f")
			d.Header.Set("Webhook-Timestamp", stamp)
			d.Header.Set("Webhook-Signature", signature.Standard{}.Sum(secret, d.Header.Get("Webhook-Id"), stamp, d.Body))
			d.Header.Set("X-Gitlab-Token", "not what counts")
		},
	})
}

func FuzzDecode(f *testing.F) {
	files, _ := filepath.Glob("testdata/*.txtar")
	for _, name := range files {
		f.Add(integrationtest.Seed(f, name).Body)
	}
	source, err := config("").Open()
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		integrationtest.Fuzz(t, source, integration.Delivery{Header: http.Header{}, Body: body})
	})
}
