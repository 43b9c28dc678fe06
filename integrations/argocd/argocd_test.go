package argocd_test

import (
	"path/filepath"
	"testing"

	"tidings.dev/tidings/integration"
	"tidings.dev/tidings/integration/integrationtest"
	"tidings.dev/tidings/integrations/argocd"
)

func config() *argocd.Config {
	c := &argocd.Config{Mapping: integration.Mapping{
		Services: map[string]string{"argocd/payments-prod": "payments"}, Environments: map[string]string{"prod-eu/payments": "production"},
	}}
	integrationtest.Refer(&c.Secret)
	return c
}

func sign(_ *testing.T, secret string, d *integration.Delivery) {
	d.Header.Set("Authorization", "Bearer "+secret)
}

func TestConformance(t *testing.T) {
	integrationtest.Run(t, integrationtest.Suite{
		Lives: [][]string{{"sync-running", "sync-succeeded", "sync-healthy"}, {"sync-running", "sync-terminating", "sync-terminated"}, {"sync-running", "sync-failed"}},
		Spec:  argocd.Spec, Config: func() integration.Config { return config() }, Sign: sign, Unsigned: true,
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
